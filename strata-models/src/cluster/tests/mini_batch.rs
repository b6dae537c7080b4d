//! Batches beside full k-means, and what is refused.

use super::*;
use crate::cluster::tests::{groups, iris};

#[test]
fn settings_out_of_range_are_refused() {
    let (iris, _) = iris();
    let good = MiniBatchSettings::default();
    let cases = [
        (MiniBatchSettings { n_clusters: 0, ..good.clone() }, "`n_clusters` is 0"),
        (MiniBatchSettings { n_clusters: 151, ..good.clone() }, "different rows cannot make 151 clusters"),
        (MiniBatchSettings { n_starts: 0, ..good.clone() }, "`n_starts` is 0"),
        (MiniBatchSettings { batch_size: 0, ..good.clone() }, "`batch_size` is 0"),
        (MiniBatchSettings { patience: 0, ..good.clone() }, "`patience` is 0"),
        (MiniBatchSettings { most_passes: f64::NAN, ..good.clone() }, "`most_passes` is NaN"),
        (MiniBatchSettings { most_passes: 0.0, ..good }, "`most_passes` is 0"),
    ];
    for (settings, text) in cases {
        let error = mini_batch(&iris, &settings).unwrap_err().to_string();
        assert!(error.contains(text), "{error}");
    }
}

#[test]
fn few_rows_are_searched_by_k_means() {
    let (iris, _) = iris();
    let settings = MiniBatchSettings { n_clusters: 3, ..MiniBatchSettings::default() };
    let fit = mini_batch(&iris, &settings).unwrap();
    // scikit-learn 1.9.1: the inertia of `KMeans(3)`.
    assert!((fit.inertia - 78.851441426146).abs() < 1e-9);
}

#[test]
fn batches_come_close_to_all_rows() {
    let (points, _) = groups(60_000, 4, 16, 12);
    for n_clusters in [1, 5, 16] {
        let settings =
            MiniBatchSettings { n_clusters, batch_size: 256, n_starts: 5, ..MiniBatchSettings::default() };
        let fit = mini_batch(&points, &settings).unwrap();
        let full = KMeansSettings { n_clusters, ..KMeansSettings::default() };
        let full = KMeans::fit(&points, &full).unwrap();
        assert!(fit.inertia < full.inertia * 1.01, "{n_clusters}: {} and {}", fit.inertia, full.inertia);
        assert_eq!(fit.labels, fit.model.predict(&points).unwrap());
        assert_eq!(fit.sizes.iter().sum::<usize>(), 60_000);
        assert_eq!(fit, mini_batch(&points, &settings).unwrap());
    }
}

#[test]
fn starved_centres_move_to_the_farthest_row() {
    let (points, _) = groups(5_000, 2, 2, 1);
    let sample = KMeansFit {
        model: KMeans { centres: vec![vec![0.0, 0.0], vec![1e6, 0.0]] },
        labels: vec![],
        sizes: vec![10, 10],
        inertia: 0.0,
        n_iterations: 0,
        converged: true,
    };
    let settings = MiniBatchSettings { n_clusters: 2, most_passes: 50.0, ..MiniBatchSettings::default() };
    let mut batches = Batches::new(&points, &sample, &settings);
    batches.run(&settings, &mut ChaCha8Rng::seed_from_u64(1));
    // The farthest row may be of either group.
    let (one, other) = (batches.centres[0], batches.centres[2]);
    assert!(one.min(other).abs() < 0.5 && (one.max(other) - 12.0).abs() < 0.5, "{one} and {other}");
}

#[test]
fn rows_that_a_sample_misses_are_found_all_the_same() {
    let mut values = vec![1.0; 200_000];
    values[7] = 2.0;
    let points = Points::new(values, 1).unwrap();
    let settings = MiniBatchSettings { n_clusters: 2, ..MiniBatchSettings::default() };
    let fit = mini_batch(&points, &settings).unwrap();
    assert!(fit.inertia == 0.0 && fit.sizes.contains(&1), "{:?}", fit.sizes);
}
