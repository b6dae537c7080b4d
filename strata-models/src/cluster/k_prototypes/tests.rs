//! k-prototypes by hand, of made-up kinds, and what is refused.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use super::*;
use crate::cluster::points::Points;
use crate::clv::draw::normal;

fn rows(numbers: &[f64], categories: &[(&[u16], usize)]) -> MixedRows {
    MixedRows::new(Points::new(numbers.to_vec(), 1).unwrap(), categories).unwrap()
}

#[test]
fn six_rows_by_hand() {
    let rows = rows(&[0.0, 1.0, 2.0, 10.0, 11.0, 15.0], &[(&[0, 0, 1, 2, 2, 2], 3)]);
    let settings = Settings { gamma: Gamma::Given(0.5), ..Settings::of(2) };
    let (found, labels) = Prototypes::fit(&rows, &settings, 3).unwrap();
    assert_eq!((labels[0], labels[1], labels[2]), (labels[2], labels[0], labels[1]));
    assert_eq!(found.means[labels[0]], [1.0]);
    assert_eq!(found.means[labels[5]], [12.0]);
    assert_eq!((found.modes[labels[0]][0], found.modes[labels[5]][0]), (0, 2));
    // 1 + 1 and a category, 4 + 1 + 9.
    assert!((found.cost - 16.5).abs() < 1e-12);
    assert!(found.converged);
    assert_eq!(found.predict(&rows).unwrap(), labels);
}

#[test]
fn a_category_weighs_by_the_spread_of_numbers() {
    let rows = rows(&[0.0, 0.0, 2.0, 2.0], &[(&[0, 1, 0, 1], 2)]);
    let gamma = |gamma| Prototypes::fit(&rows, &Settings { gamma, ..Settings::of(2) }, 1).unwrap().0.gamma;
    assert_eq!(gamma(Gamma::Balanced), 2.0);
    assert_eq!(gamma(Gamma::HalfDeviation), 0.5);
    assert_eq!(gamma(Gamma::Given(0.25)), 0.25);
}

/// Four heaps, apart by a number or by a category.
fn heaps(n_rows: usize) -> (MixedRows, Vec<usize>) {
    let mut generator = ChaCha8Rng::seed_from_u64(5);
    let heaps: Vec<usize> = (0..n_rows).map(|_| (generator.next_u32() % 4) as usize).collect();
    let numbers: Vec<f64> =
        heaps.iter().map(|heap| 8.0 * (heap % 2) as f64 + normal(&mut generator)).collect();
    let mut codes = |of: fn(usize) -> u16| -> Vec<u16> {
        let noise = |heap: &usize| if generator.next_u32() % 20 == 0 { 2 } else { of(*heap) };
        heaps.iter().map(noise).collect()
    };
    let (one, other) = (codes(|heap| heap as u16 / 2), codes(|heap| 1 - heap as u16 / 2));
    (rows(&numbers, &[(&one, 3), (&other, 3)]), heaps)
}

#[test]
fn heaps_are_found_with_any_number_of_threads() {
    let (rows, heaps) = heaps(20_000);
    let fit = |n_threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        pool.install(|| Prototypes::fit(&rows, &Settings::of(4), 2).unwrap())
    };
    let (found, labels) = fit(1);
    assert_eq!(fit(2), (found.clone(), labels.clone()));
    let mut pairs = [[0; 4]; 4];
    heaps.iter().zip(&labels).for_each(|(heap, label)| pairs[*heap][*label] += 1);
    let agree: usize = pairs.iter().map(|row| row.iter().max().unwrap()).sum();
    assert!(agree as f64 > 0.99 * 20_000.0, "{pairs:?}");
    assert!(found.sizes.is_sorted_by(|one, other| one >= other));
    assert_eq!(found.sizes.iter().sum::<usize>(), 20_000);
}

#[test]
fn as_many_clusters_as_different_rows_cost_nothing() {
    let rows = rows(&[1.0, 1.0, 2.0, 2.0, 2.0], &[(&[0, 1, 0, 0, 0], 2)]);
    let (found, _) = Prototypes::fit(&rows, &Settings::of(3), 1).unwrap();
    assert_eq!((found.cost, found.sizes), (0.0, vec![3, 1, 1]));
    let error = Prototypes::fit(&rows, &Settings::of(4), 1).unwrap_err();
    assert_eq!(error, ClusterError::TooFewRows { n_distinct: 3, n_clusters: 4 });
    let settings = Settings { gamma: Gamma::Given(0.0), ..Settings::of(3) };
    assert!(Prototypes::fit(&rows, &settings, 1).unwrap_err().to_string().contains("2 different rows"));
}

#[test]
fn what_cannot_be_clustered_is_refused() {
    let numbers = || Points::new(vec![1.0, 2.0], 1).unwrap();
    let refused = |categories: &[(&[u16], usize)], text: &str| {
        let error = MixedRows::new(numbers(), categories).unwrap_err().to_string();
        assert!(error.contains(text), "{error}");
    };
    refused(&[], "no columns");
    refused(&[(&[0], 2)], "column `0` has 1 values where there are 2 rows");
    refused(&[(&[0, 1], 2), (&[0, 0], 1)], "column `1` has one value");
    refused(&[(&[0, 1], 10_000)], "10000 categories of at most 1000");
    refused(&[(&[0, 2], 2)], "row 1, column `0`: category 2 of 2");
    let good = rows(&[1.0, 2.0], &[(&[0, 1], 2)]);
    let refused = |rows: &MixedRows, settings: Settings, text: &str| {
        let error = Prototypes::fit(rows, &settings, 1).unwrap_err().to_string();
        assert!(error.contains(text), "{error}");
    };
    refused(&good, Settings::of(0), "`n_clusters` is 0");
    refused(&good, Settings { n_starts: 0, ..Settings::of(2) }, "`n_starts` is 0");
    refused(&good, Settings { gamma: Gamma::Given(f64::NAN), ..Settings::of(2) }, "`gamma` is NaN");
    refused(&good, Settings { gamma: Gamma::Given(-1.0), ..Settings::of(2) }, "`gamma` is -1");
    refused(&rows(&[1.0, 2.0], &[(&[0, 0], 2)]), Settings::of(2), "column `0` has one value");
    refused(&rows(&[1e300, -1e300], &[(&[0, 1], 2)]), Settings::of(1), "`gamma` is inf");
    let (found, _) = Prototypes::fit(&good, &Settings::of(2), 1).unwrap();
    let other = rows(&[1.0, 2.0], &[(&[0, 1], 2), (&[0, 1], 2)]);
    assert!(found.predict(&other).unwrap_err().to_string().contains("1 of numbers and 2 of categories"));
}
