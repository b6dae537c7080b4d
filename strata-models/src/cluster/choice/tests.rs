//! Verdicts on irises, groups, continua and noise.

use super::*;
use crate::cluster::resample::permuted;
use crate::cluster::tests::{blobs, k_means, noise, scaled, scaled_iris};
use crate::clv::draw::normal;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

fn candidates(ks: std::ops::RangeInclusive<usize>) -> Vec<Candidate> {
    ks.map(|n_clusters| Candidate { n_clusters, criterion: None, silhouette: None }).collect()
}

fn quick() -> ChoiceOptions {
    let stability =
        StabilityOptions { n_resamples: 40, n_null_resamples: 15, most_rows: 600, ..Default::default() };
    ChoiceOptions { stability, n_splits: 5, ..ChoiceOptions::default() }
}

#[track_caller]
fn check(points: &Points, most: usize, seed: u64, expected: Verdict) -> Choice {
    let choice = choose(points, &candidates(2..=most), &k_means, &quick(), seed).unwrap();
    assert_eq!(choice.verdict, expected, "{choice}\n{:#?}", choice.evidence);
    choice
}

/// Log-normal traits with that correlation of their logarithms, as `ln(1 + x)` prepares them or as they are.
fn continuum(n_rows: usize, n_columns: usize, correlation: f64, as_they_are: bool, seed: u64) -> Points {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let mut values = Vec::new();
    for _ in 0..n_rows {
        let common = normal(&mut generator);
        for _ in 0..n_columns {
            let own = normal(&mut generator);
            let x = correlation.sqrt() * common + (1.0 - correlation).sqrt() * own;
            values.push(if as_they_are { (0.8 * x).exp() } else { x });
        }
    }
    scaled(&Points::new(values, n_columns).unwrap())
}

#[test]
fn iris_has_two_natural_groups() {
    let choice = check(&scaled_iris(), 5, 1, Verdict::NaturalGroups { k: 2 });
    assert!(choice.to_string().contains("2 natural groups"), "{choice}");
    assert!(choice.decisive().unwrap().prediction_strength > 0.9);
}

#[test]
fn shuffled_iris_is_not_segmented() {
    for seed in 0..2 {
        let choice = check(&permuted(&scaled_iris(), seed), 5, seed, Verdict::DoNotSegment);
        assert!(choice.to_string().contains("hardly hang together"), "{choice}");
        assert_eq!(choice.n_clusters(), None);
    }
}

#[test]
fn noise_is_not_segmented() {
    for seed in 0..2 {
        check(&noise(300, 2, seed), 5, seed, Verdict::DoNotSegment);
        check(&scaled(&noise(300, 5, seed)), 4, seed, Verdict::DoNotSegment);
        check(&continuum(300, 4, 0.0, false, seed), 4, seed, Verdict::DoNotSegment);
    }
}

#[test]
fn groups_are_found_at_their_number() {
    let two: [&[f64]; 2] = [&[0.0, 0.0, 0.0, 0.0], &[5.0, 5.0, 5.0, 5.0]];
    check(&blobs(&two, 100, 1), 4, 1, Verdict::NaturalGroups { k: 2 });
    let four: [&[f64]; 4] = [&[0.0, 0.0, 9.0], &[9.0, 1.0, 0.0], &[0.0, 9.0, 4.0], &[9.0, 12.0, 9.0]];
    check(&blobs(&four, 60, 2), 6, 2, Verdict::NaturalGroups { k: 4 });
    let corners: [&[f64]; 4] = [&[0.0, 0.0], &[9.0, 0.0], &[0.0, 9.0], &[9.0, 9.0]];
    check(&blobs(&corners, 60, 3), 6, 3, Verdict::NaturalGroups { k: 4 });
}

#[test]
fn a_continuum_may_be_cut_to_use() {
    for seed in 0..2 {
        for (n_columns, as_they_are) in [(2, false), (6, false), (6, true)] {
            let points = continuum(500, n_columns, 0.6, as_they_are, seed);
            let choice = choose(&points, &candidates(2..=5), &k_means, &quick(), seed).unwrap();
            assert!(matches!(choice.verdict, Verdict::UsefulCuts { .. }), "{choice}\n{:#?}", choice.evidence);
            assert!(choice.to_string().contains("useful cuts of a continuum"), "{choice}");
        }
    }
}

#[test]
fn a_criterion_decides_between_natural_numbers() {
    let centres: [&[f64]; 4] = [&[0.0, 0.0, 0.0], &[7.0, 1.0, 2.0], &[60.0, 50.0, 4.0], &[53.0, 57.0, 0.0]];
    let points = blobs(&centres, 60, 4);
    let with = |criteria: [f64; 3]| {
        let all = [1, 2, 4].into_iter().zip(criteria);
        let candidates: Vec<Candidate> = all
            .map(|(n_clusters, c)| Candidate { n_clusters, criterion: Some(c), silhouette: None })
            .collect();
        choose(&points, &candidates, &k_means, &quick(), 1).unwrap()
    };
    assert_eq!(with([500.0, 105.0, 100.0]).verdict, Verdict::NaturalGroups { k: 2 });
    assert_eq!(with([500.0, 115.0, 100.0]).verdict, Verdict::NaturalGroups { k: 4 });
    let none = with([50.0, 115.0, 100.0]);
    assert!(matches!(none.verdict, Verdict::UsefulCuts { .. }), "{none}");
    assert!(none.to_string().contains("fits better without clusters"), "{none}");
}

#[test]
fn unsuitable_candidates_and_settings_are_refused() {
    let points = noise(40, 2, 1);
    let refused = |ks: std::ops::RangeInclusive<usize>, options: ChoiceOptions| {
        let found = choose(&points, &candidates(ks), &k_means, &options, 1);
        assert!(matches!(found, Err(ClusterError::Option { .. })), "{found:?}");
    };
    refused(0..=3, quick());
    refused(1..=1, quick());
    refused(2..=3, ChoiceOptions { least_share: 1.5, ..quick() });
    refused(2..=3, ChoiceOptions { least_difference: f64::NAN, ..quick() });
    refused(2..=3, ChoiceOptions { n_splits: 0, ..quick() });
}
