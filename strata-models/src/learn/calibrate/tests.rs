//! Calibrations against those of scikit-learn, and what they may never do.

use super::*;
use crate::learn::chance::Places;
use crate::learn::measure::{expected_calibration_error, reliability};
use crate::learn::sample::customers;

fn near(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() < tolerance, "{found} is not {expected}");
}

/// scikit-learn 1.9.1: `IsotonicRegression(out_of_bounds="clip")` of the labels on the true probabilities cut to twentieths, held within
/// 0.01 and 0.99; 2,000 rows of the sample with seed 1; predicted at six places.
#[test]
fn steps_are_those_of_scikit_learn() {
    let (raw, truth) = customers(1, 2000);
    let coarse: Vec<f64> = truth.iter().map(|p| ((p * 20.0).floor() / 20.0).clamp(0.01, 0.99)).collect();
    let isotonic = Isotonic::fit(&coarse, &raw.labels);
    for (margin, expected) in [
        (0.1, 0.094_339_622_641_509),
        (0.25, 0.263_157_894_736_842),
        (0.33, 0.328_244_274_809_160),
        (0.5, 0.556_701_030_927_835),
        (0.62, 0.679_518_072_289_157),
        (0.8, 0.887_096_774_193_548),
    ] {
        near(isotonic.probability(margin), expected, 1e-12);
    }
}

/// scikit-learn 1.9.1: `_SigmoidCalibration` on `0.5 log(p / (1 − p)) + 0.3` for the true p, the same rows. It stops a little earlier.
#[test]
fn the_line_is_that_of_scikit_learn() {
    let (raw, truth) = customers(1, 2000);
    let margins: Vec<f64> = truth.iter().map(|p| 0.5 * (p / (1.0 - p)).ln() + 0.3).collect();
    let platt = Platt::fit(&margins, &raw.labels);
    near(platt.slope, 2.178_745_951, 1e-4);
    near(platt.intercept, -0.582_215_25, 1e-4);
}

#[test]
fn a_bent_scale_is_made_straight_the_better_the_more_rows() {
    for (n, most) in [(2_000, 0.06), (20_000, 0.02), (200_000, 0.006)] {
        let (raw, truth) = customers(2, n);
        let margins: Vec<f64> = truth.iter().map(|p| 3.0 * (p / (1.0 - p)).ln() - 2.0).collect();
        let platt = Platt::fit(&margins, &raw.labels);
        near(platt.slope, 1.0 / 3.0, most);
        near(platt.intercept, 2.0 / 3.0, 2.0 * most);
        let bent: Vec<f64> = truth.iter().map(|p| p * p * p).collect();
        let isotonic = Isotonic::fit(&bent, &raw.labels);
        let far = bent.iter().zip(&truth).map(|(margin, p)| (isotonic.probability(*margin) - p).abs());
        let far = far.sum::<f64>() / n as f64;
        assert!(far < most, "{n}: {far}");
        let straight: Vec<f64> = bent.iter().map(|margin| isotonic.probability(*margin)).collect();
        assert!(expected_calibration_error(&reliability(&straight, &raw.labels, 10)).unwrap() < most);
    }
}

#[test]
fn steps_never_fall_and_keep_the_mean() {
    let places = Places::from_seed(3);
    let margins: Vec<f64> = (0..500).map(|row| (places.share(row) * 40.0).floor()).collect();
    let labels: Vec<u8> = (0..500).map(|row| u8::from(places.share(1000 + row) < 0.3)).collect();
    let isotonic = Isotonic::fit(&margins, &labels);
    assert!(
        isotonic.steps.windows(2).all(|pair| pair[0].share < pair[1].share && pair[0].high < pair[1].low)
    );
    let sum: f64 = margins
        .iter()
        .filter_map(|margin| isotonic.steps.iter().find(|step| *margin <= step.high))
        .map(|step| step.share)
        .sum();
    near(sum, labels.iter().map(|label| f64::from(*label)).sum(), 1e-9);
}

#[test]
fn extremes_stay_probabilities() {
    let cases: [(&[f64], &[u8]); 6] = [
        (&[], &[]),
        (&[1.0], &[1]),
        (&[1.0, 1.0, 1.0], &[0, 1, 1]),
        (&[-1e300, 1e300], &[0, 1]),
        (&[-3.0, -2.0, 2.0, 3.0], &[0, 0, 1, 1]),
        (&[-3.0, -2.0, 2.0, 3.0], &[1, 1, 0, 0]),
    ];
    for (margins, labels) in cases {
        let (platt, isotonic) = (Platt::fit(margins, labels), Isotonic::fit(margins, labels));
        for calibration in [Calibration::Platt(platt), Calibration::Isotonic(isotonic)] {
            let mut last = 0.0;
            for margin in [-1e300, -3.0, -1.0, 0.0, 2.5, 1e300] {
                let p = calibration.probability(margin);
                assert!((last..=1.0).contains(&p), "{margins:?} {labels:?} {calibration:?} {margin} {p}");
                last = p;
            }
        }
    }
    let reversed = Platt::fit(&[-3.0, -2.0, 2.0, 3.0], &[1, 1, 0, 0]);
    assert_eq!((reversed.slope, reversed.intercept), (0.0, 0.0));
    let separable = Platt::fit(&[-3.0, -2.0, 2.0, 3.0], &[0, 0, 1, 1]);
    near(separable.probability(2.5), 0.75, 0.02);
}
