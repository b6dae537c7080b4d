//! Silhouettes beside those of scikit-learn, and what is refused.

use super::*;
use crate::cluster::k_means::KMeansSettings;
use crate::cluster::tests::{groups, iris, waves};

#[track_caller]
fn refused(labels: &[u32], text: &str) {
    let points = Points::new(vec![0.0, 1.0, 5.0, 6.0], 1).unwrap();
    let error = silhouette(&points, labels).unwrap_err().to_string();
    assert!(error.contains(text), "{error}");
}

/// By the definition, pair after pair.
fn plain(points: &Points, labels: &[u32], n_clusters: usize) -> Vec<f64> {
    let mut sizes = vec![0; n_clusters];
    labels.iter().for_each(|label| sizes[*label as usize] += 1);
    let of = |row: usize| {
        let mut sums = vec![0.0; n_clusters];
        for (other, label) in labels.iter().enumerate() {
            let pairs = points.row(row).iter().zip(points.row(other));
            sums[*label as usize] += pairs.map(|(x, y)| (x - y).powi(2)).sum::<f64>().sqrt();
        }
        of_row(&sums, labels[row] as usize, &sizes)
    };
    (0..labels.len()).map(of).collect()
}

#[test]
fn labels_that_do_not_fit_are_refused() {
    refused(&[0, 1], "column `labels` has 2 values where there are 4 rows");
    refused(&[0, 0, 0, 0], "all rows have one label");
    refused(&[0, 1, 2, u32::MAX], "`labels` is 4294967295");
    let points = Points::new(vec![0.0, 1.0, 5.0, 6.0], 1).unwrap();
    let model = KMeans { centres: vec![vec![0.5], vec![5.5]] };
    assert!(simplified_silhouette(&points, &[0, 0, 1, 2], &model).is_err());
    let large = Points::new(vec![0.0, 1e200], 1).unwrap();
    assert!(silhouette(&large, &[0, 1]).unwrap_err().to_string().contains("too large"));
}

#[test]
fn three_rows_by_hand() {
    let points = Points::new(vec![0.0, 1.0, 5.0], 1).unwrap();
    let found = silhouette(&points, &[0, 0, 2]).unwrap();
    // (5 − 1) / 5, (4 − 1) / 4, and 0 for the only one of its cluster.
    assert_eq!(found.rows, [0.8, 0.75, 0.0]);
    assert_eq!(found.clusters, [Some(0.775), None, Some(0.0)]);
    assert!((found.mean - 1.55 / 3.0).abs() < 1e-15);
    let model = KMeans { centres: vec![vec![0.5], vec![5.0]] };
    let simplified = simplified_silhouette(&points, &[0, 0, 1], &model).unwrap();
    assert_eq!(simplified.rows, [0.9, 0.875, 1.0]);
    let equal = Points::new(vec![2.0; 4], 1).unwrap();
    assert_eq!(silhouette(&equal, &[0, 1, 0, 1]).unwrap().rows, [0.0; 4]);
}

/// scikit-learn 1.9.1: `silhouette_score` and means of `silhouette_samples` by label.
#[test]
fn irises_and_waves_have_the_silhouettes_of_scikit_learn() {
    let (points, species) = iris();
    let found = silhouette(&points, &species).unwrap();
    assert!((found.mean - 0.503477440693296).abs() < 1e-12);
    let clusters = [0.7893812421871645, 0.40908463959698727, 0.3119664402957364];
    for (one, other) in found.clusters.iter().zip(clusters) {
        assert!((one.unwrap() - other).abs() < 1e-12);
    }
    let rows = [(0, 0.8464691670128704), (60, 0.4060536945303421), (149, 0.05397226935952217)];
    assert!(rows.iter().all(|(row, value)| (found.rows[*row] - value).abs() < 1e-12));

    let labels: Vec<u32> = (0..600).map(|row| row % 4).collect();
    let found = silhouette(&waves(), &labels).unwrap();
    assert!((found.mean - -0.010733993776020885).abs() < 1e-12);
    let clusters =
        [-0.013719151147710766, -0.008220706145694819, -0.010334700525631485, -0.010661417285046477];
    assert!(found.clusters.iter().zip(clusters).all(|(one, other)| (one.unwrap() - other).abs() < 1e-12));
}

#[test]
fn every_number_of_columns_and_rows_is_measured_as_defined() {
    for n_columns in 1..=14 {
        // Five clusters of 2 to 290 rows: one and two tiles, last blocks of one to eight rows.
        let n_rows = 600 + n_columns * 3;
        let (points, _) = groups(n_rows, n_columns, 5, n_columns as u64);
        let label = |row: usize| match row % 100 {
            0..48 => 0,
            48..80 => 1,
            80..99 => 2,
            _ if row < 300 => 3,
            _ => 4,
        };
        let labels: Vec<u32> = (0..n_rows).map(label).collect();
        let exact = plain(&points, &labels, 5);
        let found = silhouette(&points, &labels).unwrap();
        for (found, exact) in found.rows.iter().zip(&exact) {
            assert!((found - exact).abs() < 1e-12, "{n_columns} columns: {found} and {exact}");
        }
    }
}

#[test]
fn rows_far_from_the_origin_and_close_to_each_other_keep_their_silhouettes() {
    let (points, _) = groups(1_000, 3, 4, 1);
    // In whole multiples of a power of two, so that moving rounds nothing.
    let near: Vec<f64> = points.values().iter().map(|value| (value * 1024.0).round() / 1024.0).collect();
    let far: Vec<f64> = near.iter().map(|value| value + 1_073_741_824.0).collect();
    let labels: Vec<u32> = (0..1_000).map(|row| row % 4).collect();
    let [near, far] =
        [near, far].map(|values| silhouette(&Points::new(values, 3).unwrap(), &labels).unwrap());
    assert_eq!(near, far);
}

#[test]
fn threads_change_nothing() {
    let (points, labels) = groups(2_500, 3, 6, 8);
    let found = |n_threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        pool.install(|| silhouette(&points, &labels).unwrap())
    };
    assert_eq!(found(1), found(3));
}

#[test]
fn simplified_silhouettes_are_near_the_exact_ones_where_clusters_are_far() {
    let (points, _) = groups(1_600, 3, 8, 2);
    let fit = KMeans::fit(&points, &KMeansSettings::default()).unwrap();
    let exact = silhouette(&points, &fit.labels).unwrap();
    let simplified = simplified_silhouette(&points, &fit.labels, &fit.model).unwrap();
    assert!(exact.mean > 0.7 && simplified.mean > exact.mean && simplified.mean < exact.mean + 0.1);
}
