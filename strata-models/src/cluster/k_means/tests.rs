//! Centres beside those of scikit-learn at equal starts, and what is refused.

use super::*;
use crate::cluster::tests::{groups, iris, scaled_iris, waves};

fn settings(n_clusters: usize) -> KMeansSettings {
    KMeansSettings { n_clusters, ..KMeansSettings::default() }
}

fn points(rows: &[[f64; 2]]) -> Points {
    Points::new(rows.concat(), 2).unwrap()
}

fn rows(points: &Points, places: &[usize]) -> Vec<Vec<f64>> {
    places.iter().map(|place| points.row(*place).to_vec()).collect()
}

#[track_caller]
fn refused(result: Result<KMeansFit, ClusterError>, text: &str) {
    let error = result.unwrap_err().to_string();
    assert!(error.contains(text), "{error}");
}

/// The inertia of labels and centres by its definition.
fn inertia(points: &Points, fit: &KMeansFit) -> f64 {
    let of_row = |(row, label): (&[f64], &u32)| {
        let centre = &fit.model.centres[*label as usize];
        row.iter().zip(centre).map(|(x, c)| (x - c).powi(2)).sum::<f64>()
    };
    points.rows().zip(&fit.labels).map(of_row).sum()
}

#[test]
fn what_cannot_be_clustered_is_refused() {
    let four = points(&[[0.0, 0.0], [0.0, 1.0], [0.0, 0.0], [-0.0, 1.0]]);
    refused(KMeans::fit(&four, &settings(3)), "2 different rows cannot make 3 clusters");
    refused(KMeans::fit(&four, &settings(0)), "`n_clusters` is 0");
    refused(KMeans::fit(&four, &KMeansSettings { n_starts: 0, ..settings(2) }), "`n_starts` is 0");
    refused(
        KMeans::fit(&four, &KMeansSettings { max_iterations: 0, ..settings(2) }),
        "`max_iterations` is 0",
    );
    for tolerance in [-1.0, f64::NAN, f64::INFINITY] {
        refused(KMeans::fit(&four, &KMeansSettings { tolerance, ..settings(2) }), "`tolerance` is");
    }
    let equal = points(&[[3.0, 1.0]; 5]);
    refused(KMeans::fit(&equal, &settings(1)), "all rows are equal");
    refused(KMeans::fit(&equal, &settings(2)), "1 different rows cannot make 2 clusters");
    let large = points(&[[0.0, 0.0], [0.0, 1e200]]);
    refused(KMeans::fit(&large, &settings(2)), "row 1, column `1`");
    let close = points(&[[0.0, 0.0], [0.0, 1e-200]]);
    refused(KMeans::fit(&close, &settings(2)), "differ by less than can be squared");
    refused(KMeans::fit_from(&four, &[], &settings(2)), "no rows");
    refused(KMeans::fit_from(&four, &[vec![1.0]], &settings(2)), "rows of 2 columns where the model has 1");
    refused(KMeans::fit_from(&four, &[vec![1.0, f64::NAN]], &settings(2)), "NaN is not a finite number");
    let model = KMeans { centres: vec![vec![1.0, 2.0, 3.0]] };
    assert!(
        model.predict(&four).unwrap_err().to_string().contains("rows of 2 columns where the model has 3")
    );
    assert!(KMeans { centres: vec![] }.predict(&four).is_err());
    assert!(model.distances(&four).is_err());
}

#[test]
fn two_pairs_by_hand() {
    let four = points(&[[0.0, 0.0], [0.0, 2.0], [10.0, 0.0], [10.0, 2.0]]);
    let fit = KMeans::fit_from(&four, &rows(&four, &[0, 2]), &settings(2)).unwrap();
    assert_eq!(fit.model.centres, [[0.0, 1.0], [10.0, 1.0]]);
    assert_eq!((fit.labels.as_slice(), fit.sizes.as_slice()), (&[0, 0, 1, 1][..], &[2, 2][..]));
    assert_eq!((fit.inertia, fit.n_iterations, fit.converged), (4.0, 2, true));
    let distances = fit.model.distances(&points(&[[0.0, 1.0], [3.0, 5.0]])).unwrap();
    assert_eq!(distances, [0.0, 10.0, 5.0, 65.0_f64.sqrt()]);
    assert_eq!(fit.model.predict(&points(&[[5.0, 9.0], [5.1, 9.0]])).unwrap(), [0, 1]);
}

#[test]
fn one_cluster_is_the_mean() {
    let (iris, _) = iris();
    let fit = KMeans::fit(&iris, &settings(1)).unwrap();
    // R: sum(scale(iris[1:4], scale = FALSE)^2), and its column means.
    assert!((fit.inertia - 681.3706).abs() < 1e-9, "{}", fit.inertia);
    for (value, mean) in fit.model.centres[0].iter().zip([5.843333, 3.057333, 3.758, 1.199333]) {
        assert!((value - mean).abs() < 1e-6);
    }
    assert!(fit.converged && fit.sizes == [150]);
}

#[test]
fn as_many_clusters_as_rows_leave_nothing() {
    let few = points(&[[0.0, 0.0], [1e100, 1.0], [3.0, -2.0], [3.0, 5.0], [0.5, 0.0]]);
    let fit = KMeans::fit(&few, &settings(5)).unwrap();
    assert!(fit.inertia == 0.0 && fit.sizes == [1; 5] && fit.converged, "{fit:?}");
}

/// scikit-learn 1.9.1: `KMeans(k, init=X[start], n_init=1, tol=tol, max_iter=…).fit(X)`: its `inertia_`, `n_iter_` and sorted sizes.
#[test]
fn given_starts_end_where_those_of_scikit_learn_end() {
    let (iris, waves) = (iris().0, waves());
    type Case<'a> = (&'a Points, &'a [usize], f64, usize, f64, usize, &'a [usize]);
    let cases: [Case; 9] = [
        (&iris, &[0, 50, 100], 1e-4, 300, 78.851441426146, 4, &[38, 50, 62]),
        (&iris, &[0, 1, 2], 1e-4, 300, 78.85566582597731, 12, &[39, 50, 61]),
        (&iris, &[10, 60, 149], 0.0, 300, 78.85566582597731, 12, &[39, 50, 61]),
        (&waves, &[0, 1, 2, 3, 4], 0.0, 300, 3147.436690757778, 17, &[108, 108, 116, 120, 148]),
        (&waves, &[0, 1, 2, 3, 4], 1e-4, 300, 3147.436690757778, 17, &[108, 108, 116, 120, 148]),
        (&waves, &[0, 1, 2, 3, 4], 1e-4, 3, 3233.8795149382795, 3, &[]),
        (
            &waves,
            &[0, 100, 200, 300, 400, 500, 599],
            0.0,
            300,
            2506.074476260912,
            30,
            &[66, 77, 85, 85, 89, 92, 106],
        ),
        (
            &waves,
            &[0, 100, 200, 300, 400, 500, 599],
            1e-4,
            300,
            2506.074476260912,
            30,
            &[66, 77, 85, 85, 89, 92, 106],
        ),
        (&waves, &[0, 100, 200, 300, 400, 500, 599], 1e-4, 3, 2858.227798328396, 3, &[]),
    ];
    for (points, start, tolerance, max_iterations, expected, n_iterations, sizes) in cases {
        let settings = KMeansSettings { tolerance, max_iterations, ..KMeansSettings::default() };
        let fit = KMeans::fit_from(points, &rows(points, start), &settings).unwrap();
        assert!((fit.inertia / expected - 1.0).abs() < 1e-12, "{start:?}: {} and {expected}", fit.inertia);
        assert_eq!(fit.n_iterations, n_iterations, "{start:?}");
        assert_eq!(fit.converged, max_iterations == 300);
        let mut found = fit.sizes.clone();
        found.sort_unstable();
        assert!(sizes.is_empty() || found == sizes, "{found:?}");
    }
}

/// Scaled irises: W 138.8884 and sizes 47, 50 and 53, as R's `kmeans` and scikit-learn 1.9.1 find them.
#[test]
fn ten_starts_find_the_clusters_of_irises() {
    for seed in 0..5 {
        let fit = KMeans::fit(&scaled_iris(), &KMeansSettings { seed, ..settings(3) }).unwrap();
        assert!((fit.inertia - 138.88835971735148).abs() < 1e-9, "{}", fit.inertia);
        let mut sizes = fit.sizes.clone();
        sizes.sort_unstable();
        assert_eq!(sizes, [47, 50, 53]);
    }
}

#[test]
fn single_precision_ends_where_double_does() {
    // Of many columns and rows, so that single precision is used, far from the origin.
    let (near, truth) = groups(40_000, 4, 8, 5);
    let far: Vec<f64> = near.values().iter().map(|value| value * 1e-3 + 1e5).collect();
    let far = Points::new(far, 4).unwrap();
    let start = rows(&far, &[0, 1, 2, 3, 4, 5, 6, 15]);
    let spread = Spread::of(&far).unwrap();
    assert!(Single::of(&far, &spread, 8).is_some());
    let fit = KMeans::fit_from(&far, &start, &KMeansSettings::default()).unwrap();
    let double = search(&far, start.concat(), stop(&KMeansSettings::default(), &spread));
    assert!(fit.inertia <= double.inertia * (1.0 + 1e-12), "{} and {}", fit.inertia, double.inertia);
    assert!((fit.inertia - inertia(&far, &fit)).abs() < 1e-9 * fit.inertia);
    let agreeing = fit.labels.iter().zip(&truth).filter(|(label, truth)| label == truth).count();
    assert_eq!(agreeing, 40_000);
    assert_eq!(fit.labels, fit.model.predict(&far).unwrap());
}

#[test]
fn bounds_change_no_label() {
    let (points, _) = groups(20_000, 3, 8, 9);
    let centres: Vec<f64> = (0..24).map(|i| f64::from(i * 7 % 24) / 2.0).collect();
    let found = search(&points, centres.clone(), Stop { max_iterations: 12, tolerance: 0.0 });
    // The same without bounds, row by row.
    let mut plain = centres;
    let mut labels = vec![];
    for _ in 0..found.n_iterations {
        (labels, _) = assign(&points, &Packs::<f64>::new(&plain, 3));
        for (centre, values) in plain.chunks_exact_mut(3).enumerate() {
            let own: Vec<&[f64]> = points
                .rows()
                .zip(&labels)
                .filter(|(_, label)| **label as usize == centre)
                .map(|(row, _)| row)
                .collect();
            for (column, value) in values.iter_mut().enumerate() {
                *value = own.iter().map(|row| row[column]).sum::<f64>() / own.len() as f64;
            }
        }
    }
    assert!(labels.iter().all(|label| *label < 8));
    for (one, other) in found.centres.iter().zip(&plain) {
        assert!((one - other).abs() < 1e-9, "{one} and {other}");
    }
}

#[test]
fn centres_without_rows_go_to_the_farthest() {
    let row = points(&[[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [50.0, 0.0], [90.0, 0.0]]);
    let start = vec![vec![1.0, 0.0], vec![1.0, 0.0], vec![1e6, 0.0]];
    let fit = KMeans::fit_from(&row, &start, &KMeansSettings::default()).unwrap();
    assert_eq!(fit.inertia, 2.0);
    assert_eq!(fit.sizes, [3, 1, 1]);
    assert_eq!(fit.labels, [0, 0, 0, 2, 1]);
}

#[test]
fn threads_change_nothing() {
    let (points, _) = groups(60_000, 5, 6, 3);
    let fit = |n_threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        pool.install(|| KMeans::fit(&points, &KMeansSettings { n_starts: 3, ..settings(9) }).unwrap())
    };
    assert_eq!(fit(1), fit(3));
}

#[test]
fn true_centres_are_found_the_better_the_more_rows() {
    let mut last = f64::INFINITY;
    for n in [800, 12_800, 204_800] {
        let (points, truth) = groups(n, 3, 8, 21);
        let fit = KMeans::fit(&points, &settings(8)).unwrap();
        let mut farthest: f64 = 0.0;
        for cluster in 0..8_u32 {
            let centre = &fit.model.centres[fit.labels[cluster as usize] as usize];
            assert_eq!(truth[cluster as usize], cluster);
            let error = (0..3).map(|c| (centre[c] - f64::from(cluster >> c & 1) * 12.0).powi(2)).sum::<f64>();
            farthest = farthest.max(error.sqrt());
        }
        // Four standard errors of a mean in three dimensions, each 1 / √(n / 8).
        assert!(farthest < 4.0 * (3.0 * 8.0 / n as f64).sqrt() && farthest < last, "{farthest}");
        last = farthest;
    }
}
