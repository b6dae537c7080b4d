//! Medoids of `flower` as in R, by hand, and what is refused.

use super::*;
use crate::cluster::gower::tests::flowers;

fn pairs(n_rows: usize, between: impl Fn(usize, usize) -> f64) -> Dissimilarities {
    let values = (1..n_rows).flat_map(|row| (0..row).map(move |other| (row, other)));
    Dissimilarities::new(n_rows, values.map(|(row, other)| between(row, other) as f32).collect()).unwrap()
}

#[test]
fn flowers_agree_with_pam_of_the_r_package_cluster() {
    let Some(flowers) = flowers("medoids of flowers") else { return };
    let found = Medoids::fit(&flowers, 4, 100).unwrap();
    let mut rows: Vec<usize> = found.rows.iter().map(|row| row + 1).collect();
    rows.sort_unstable();
    assert_eq!(rows, [6, 8, 13, 17]);
    let silhouette = found.silhouette.unwrap();
    assert!((silhouette - 0.240267).abs() < 1e-6, "{silhouette}");
    assert!(found.converged);
}

/// Numbers on a line, in no order.
fn line(n: usize) -> Vec<f64> {
    (0..n).map(|place| ((place * 7919 + 13) % 104_729) as f64 % 97.0 + 200.0 * (place % 3) as f64).collect()
}

#[test]
fn no_exchange_of_a_medoid_for_another_row_is_better() {
    let numbers = line(40);
    let all = pairs(40, |one, other| (numbers[one] - numbers[other]).abs());
    let found = Medoids::fit(&all, 4, 100).unwrap();
    let cost = |medoids: &[usize]| -> f64 {
        (0..40).map(|row| medoids.iter().map(|m| all.between(row, *m)).fold(f64::INFINITY, f64::min)).sum()
    };
    assert!((found.cost - cost(&found.rows)).abs() < 1e-9);
    for place in 0..4 {
        for row in 0..40 {
            let mut others = found.rows.clone();
            others[place] = row;
            assert!(cost(&others) >= found.cost - 1e-9);
        }
    }
}

#[test]
fn three_heaps_are_found_with_any_number_of_threads() {
    let numbers = line(90);
    let all = pairs(90, |one, other| (numbers[one] - numbers[other]).abs());
    let found: Vec<Medoids> = [1, 2]
        .into_iter()
        .map(|n_threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
            pool.install(|| Medoids::fit(&all, 3, 100).unwrap())
        })
        .collect();
    assert_eq!(found[0], found[1]);
    assert!((0..90).all(|row| found[0].labels[row] == found[0].labels[row % 3]));
    assert!(found[0].silhouette.unwrap() > 0.6);
}

#[test]
fn one_cluster_is_around_the_middle_and_as_many_as_rows_cost_nothing() {
    let all = pairs(5, |one, other| one.abs_diff(other) as f64);
    let one = Medoids::fit(&all, 1, 10).unwrap();
    assert_eq!((one.rows.as_slice(), one.cost, one.silhouette), (&[2][..], 6.0, None));
    let five = Medoids::fit(&all, 5, 10).unwrap();
    assert_eq!((five.cost, five.silhouette), (0.0, Some(0.0)));
}

#[test]
fn too_many_and_no_clusters_are_refused() {
    let all = pairs(4, |one, other| f64::from(u8::from(one % 2 != other % 2)));
    let error = Medoids::fit(&all, 3, 10).unwrap_err();
    assert_eq!(error, ClusterError::TooFewRows { n_distinct: 2, n_clusters: 3 });
    assert!(Medoids::fit(&all, 0, 10).unwrap_err().to_string().contains("`n_clusters` is 0"));
}
