//! Measures of probabilities against those of scikit-learn, ties included.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::*;
use crate::learn::sample::customers;

fn near(found: Option<f64>, expected: f64) {
    let found = found.unwrap();
    assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
}

/// scikit-learn 1.9.1: `roc_auc_score`, `average_precision_score`, `brier_score_loss` and `log_loss` of the true probabilities cut to
/// twentieths (many ties) and held within 0.01 and 0.99; 2,000 rows of the sample with seed 1.
#[test]
fn measures_with_ties_are_those_of_scikit_learn() {
    let (raw, truth) = customers(1, 2000);
    let coarse: Vec<f64> = truth.iter().map(|p| ((p * 20.0).floor() / 20.0).clamp(0.01, 0.99)).collect();
    near(auc(&coarse, &raw.labels), 0.808_394_391_271_596_6);
    near(average_precision(&coarse, &raw.labels), 0.735_014_175_905_984_6);
    near(brier(&coarse, &raw.labels), 0.171_960_25);
    near(log_loss(&coarse, &raw.labels), 0.520_162_420_906_499_2);
}

#[test]
fn small_cases_are_right_by_hand() {
    near(auc(&[0.1, 0.4, 0.35, 0.8], &[0, 0, 1, 1]), 0.75);
    near(auc(&[0.5, 0.5, 0.5], &[0, 1, 0]), 0.5);
    near(auc(&[-0.0, 0.0], &[0, 1]), 0.5);
    near(average_precision(&[0.1, 0.4, 0.35, 0.8], &[0, 0, 1, 1]), 5.0 / 6.0);
    let scores: Vec<f64> = (0..20).map(f64::from).collect();
    let labels: Vec<u8> = (0..20).map(|row| u8::from(row == 19 || row == 3)).collect();
    near(lift_of_top_tenth(&scores, &labels), 5.0);
    near(lift_of_top_tenth(&[1.0; 20], &labels), 1.0);
    near(log_loss(&[1.0, 0.0], &[0, 0]), -(1e-15_f64).ln() / 2.0);
}

#[test]
fn what_is_not_defined_is_none() {
    for labels in [&[0, 0][..], &[1, 1], &[]] {
        assert_eq!(auc(&[0.5, 0.5], labels), None);
        assert!(measures(&[0.5, 0.5], labels, 10, &mut ChaCha8Rng::seed_from_u64(1)).is_none());
    }
    assert_eq!((log_loss(&[], &[]), brier(&[], &[])), (None, None));
    assert_eq!((average_precision(&[0.5], &[0]), lift_of_top_tenth(&[0.5], &[0])), (None, None));
    assert_eq!((brier_parts(&[]), expected_calibration_error(&[])), (None, None));
    assert!(reliability(&[], &[], 10).is_empty());
}

#[test]
fn the_parts_of_the_brier_score_add_up() {
    let (raw, truth) = customers(2, 5000);
    let bands = reliability(&truth, &raw.labels, 10);
    assert_eq!(bands.len(), 10);
    assert!(
        bands.iter().all(|band| band.n == 500 && band.low <= band.expected && band.expected <= band.high)
    );
    let parts = brier_parts(&bands).unwrap();
    near(Some(parts.miscalibration - parts.resolution + parts.uncertainty + parts.within), parts.brier);
    near(brier(&truth, &raw.labels), parts.brier);
    assert!(parts.miscalibration < 1e-3 && expected_calibration_error(&bands).unwrap() < 0.02);

    // Where each band has one probability, nothing is left within.
    let coarse: Vec<f64> = truth.iter().map(|p| (p * 5.0).round() / 5.0).collect();
    let parts = brier_parts(&reliability(&coarse, &raw.labels, 1000)).unwrap();
    near(Some(parts.within), 0.0);
    let far: Vec<f64> = truth.iter().map(|p| p * p).collect();
    assert!(expected_calibration_error(&reliability(&far, &raw.labels, 10)).unwrap() > 0.1);
}

/// The standard error of the area of Hanley & McNeil (1982), formula 1, with their Q₁ and Q₂ counted instead of assumed.
#[test]
fn the_interval_of_the_area_is_as_wide_as_theory_says() {
    for n in [500_u64, 8000] {
        let (raw, truth) = customers(3, n);
        let found = measures(&truth, &raw.labels, 400, &mut ChaCha8Rng::seed_from_u64(2)).unwrap();
        let area = found.auc.value;
        let (no, yes): (Vec<_>, Vec<_>) = truth.iter().zip(&raw.labels).partition(|(_, label)| **label == 0);
        let above = |score: f64, others: &[(&f64, &u8)]| {
            others.iter().filter(|(other, _)| **other < score).count() as f64 / others.len() as f64
        };
        let variance = |shares: Vec<f64>| {
            shares.iter().map(|share| (share - area).powi(2)).sum::<f64>() / (shares.len() as f64).powi(2)
        };
        let of_yes = variance(yes.iter().map(|(score, _)| above(**score, &no)).collect());
        let of_no = variance(no.iter().map(|(score, _)| 1.0 - above(**score, &yes)).collect());
        let expected = 2.0 * 1.96 * (of_yes + of_no).sqrt();
        let width = found.auc.high - found.auc.low;
        assert!((width / expected - 1.0).abs() < 0.15, "{n}: {width} {expected}");
        assert!(found.log_loss.low < found.log_loss.value && found.log_loss.value < found.log_loss.high);
    }
}

#[test]
fn a_better_forecast_is_told_from_an_equal_one() {
    let (raw, truth) = customers(4, 3000);
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let rate = vec![0.4; 3000];
    let better = difference_of_losses(&rate, &truth, &raw.labels, 200, &mut random).unwrap();
    assert!(better.low > 0.05, "{better:?}");
    let equal = difference_of_losses(&truth, &truth, &raw.labels, 200, &mut random).unwrap();
    assert_eq!(equal, Interval { value: 0.0, low: 0.0, high: 0.0 });
    assert_eq!(difference_of_losses(&[], &[], &[], 10, &mut random), None);
}
