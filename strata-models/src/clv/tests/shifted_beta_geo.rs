//! The shifted beta-geometric model against the published renewals of two cohorts.

use super::close;
use crate::clv::draw;
use crate::clv::error::InputError;
use crate::clv::fit::{Fit, FitOptions};
use crate::clv::shifted_beta_geo::{ContractData, ShiftedBetaGeo};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// How many of a thousand are left after each of twelve renewals: Fader and Hardie (2007), table 1, of which seven are fitted.
const HIGH_END: [u32; 13] = [1000, 869, 743, 653, 593, 551, 517, 491, 468, 445, 427, 409, 394];
const REGULAR: [u32; 13] = [1000, 631, 468, 382, 326, 289, 262, 241, 223, 207, 194, 183, 173];

/// The cohort as seen after so many renewals.
fn cohort(left: &[u32]) -> ContractData {
    let last = left.len() as u32 - 1;
    let period: Vec<u32> = (1..=last).chain([last]).collect();
    let churned: Vec<bool> = (1..=last).map(|_| true).chain([false]).collect();
    let lost = left.windows(2).map(|pair| f64::from(pair[0] - pair[1]));
    let weights: Vec<f64> = lost.chain([f64::from(left[last as usize])]).collect();
    ContractData::new(&period, &churned, Some(&weights)).unwrap()
}

fn fitted(data: &ContractData) -> Fit<ShiftedBetaGeo> {
    ShiftedBetaGeo::fit(data, &FitOptions::default()).unwrap()
}

#[test]
fn fits_are_those_of_fader_and_hardie_2007() {
    for (left, alpha, beta) in [(HIGH_END, 0.668, 3.806), (REGULAR, 0.704, 1.182)] {
        let model = fitted(&cohort(&left[..8])).model;
        assert!((model.parameters()[0] - alpha).abs() < 5e-4 && (model.parameters()[1] - beta).abs() < 5e-4);
        // The years that were not fitted are foretold to two points of percent.
        for (t, left) in (0..).zip(left) {
            assert!(
                (model.survival(t) - f64::from(left) / 1000.0).abs() < 0.02,
                "{t}: {}",
                model.survival(t)
            );
        }
    }
}

#[test]
fn fits_are_those_of_scipy_1_17_nelder_mead() {
    let expected = [
        (HIGH_END, [0.668_088_37, 3.806_095_38], -1_611.158_147_391_155, [0.103_732, 0.785_511]),
        (REGULAR, [0.704_077_30, 1.182_043_03], -1_680.265_188_463_286, [0.065_598, 0.152_474]),
    ];
    for (left, parameters, log_likelihood, errors) in expected {
        let optimum = fitted(&cohort(&left[..8])).optimum;
        assert!(optimum.is_regular());
        close(optimum.log_likelihood, log_likelihood, 1e-12);
        for place in 0..2 {
            close(optimum.parameters[place], parameters[place], 1e-6);
            close(optimum.standard_errors[place].unwrap(), errors[place], 1e-4);
        }
    }
}

#[test]
fn discounted_lifetimes_are_those_of_mpmath() {
    let (high_end, regular) =
        (ShiftedBetaGeo::new(0.668, 3.806).unwrap(), ShiftedBetaGeo::new(0.704, 1.182).unwrap());
    close(high_end.discounted_lifetime(0.1).unwrap(), 5.922_596_407_612_764, 1e-12);
    close(regular.discounted_lifetime(0.1).unwrap(), 3.695_147_405_574_574, 1e-12);
    close(high_end.discounted_lifetime(1e-4).unwrap(), 125.446_251_494_354_65, 1e-9);
    close(high_end.discounted_residual_lifetime(0, 0.1).unwrap(), 5.414_856_048_374_04, 1e-12);
    close(high_end.discounted_residual_lifetime(4, 0.1).unwrap(), 6.897_057_397_746_091, 1e-12);
    close(regular.discounted_residual_lifetime(4, 0.1).unwrap(), 5.894_422_859_844_16, 1e-12);
}

#[test]
fn lifetimes_are_sums_of_survival() {
    let model = ShiftedBetaGeo::new(6.0, 4.0).unwrap();
    let sum = |from: u32| (from..20_000).map(|t| model.survival(t)).sum::<f64>();
    close(model.expected_lifetime().unwrap(), sum(0), 1e-9);
    close(model.expected_residual_lifetime(3).unwrap(), sum(4) / model.survival(3), 1e-9);
    let rates: f64 = (1..=7).map(|t| model.retention_rate(t)).product();
    close(model.survival(7), rates, 1e-12);
    close(model.conditional_survival(3, 4), model.survival(7) / model.survival(3), 1e-12);
    let discounted: f64 =
        (4..2000).map(|t| model.conditional_survival(3, t - 3) * 1.1_f64.powi(4 - t as i32)).sum();
    close(model.discounted_residual_lifetime(3, 0.1).unwrap(), discounted, 1e-9);
    assert_eq!((model.survival(0), model.retention_rate(0)), (1.0, 1.0));
    let endless = ShiftedBetaGeo::new(1.0, 4.0).unwrap();
    assert_eq!((endless.expected_lifetime(), endless.expected_residual_lifetime(2)), (None, None));
}

#[test]
fn derivatives_are_those_of_differences() {
    let data = cohort(&HIGH_END);
    let at = [0.9, 2.0];
    let exact = data.evaluate(at);
    for place in 0..2 {
        let step = 1e-5 * at[place];
        let moved = |sign: f64| {
            let mut point = at;
            point[place] += sign * step;
            data.evaluate(point)
        };
        let (up, down) = (moved(1.0), moved(-1.0));
        close(exact.gradient[place], (up.value - down.value) / (2.0 * step), 1e-6);
        for other in 0..2 {
            close(
                exact.hessian.at(place, other),
                (up.gradient[other] - down.gradient[other]) / (2.0 * step),
                1e-6,
            );
        }
    }
}

#[test]
fn rows_are_refused_by_place() {
    let early = ContractData::new(&[1, 0], &[true, true], None).unwrap_err();
    assert!(
        early.to_string().starts_with("row 1, column `period`: 0 is before the first renewal"),
        "{early}"
    );
    let weights = ContractData::new(&[1, 2], &[true, true], Some(&[1.0, f64::NAN])).unwrap_err();
    assert!(matches!(weights, InputError::Value { row: 1, column: "weights", .. }));
    assert!(matches!(ContractData::new(&[1], &[], None), Err(InputError::Lengths { column: "churned", .. })));
    assert!(matches!(ContractData::new(&[0, 0], &[false, false], None), Err(InputError::TooFew { .. })));
    assert!(ShiftedBetaGeo::new(1.0, f64::INFINITY).unwrap_err().to_string().contains("`beta`"));
    let refusal = ShiftedBetaGeo::new(1.0, 1.0).unwrap().discounted_lifetime(0.0);
    assert_eq!(refusal.unwrap_err().parameter, "discount rate");
}

#[test]
fn cohorts_without_spread_or_churn_yield_flagged_fits() {
    let stayed = fitted(&ContractData::new(&[5], &[false], Some(&[100.0])).unwrap());
    let left = fitted(&ContractData::new(&[1], &[true], Some(&[100.0])).unwrap());
    for fit in [&stayed, &left] {
        assert!(!fit.optimum.is_regular() && fit.optimum.log_likelihood.is_finite(), "{fit:?}");
    }
    assert!(stayed.model.survival(5) > 0.999 && left.model.survival(1) < 0.001);
    // The same rate at every age is a limit in which both parameters grow together.
    let alike: Vec<u32> = (0..8).map(|t| 1_000_000 / 2_u32.pow(t)).collect();
    let fit = fitted(&cohort(&alike));
    assert!(
        (fit.model.retention_rate(1) - 0.5).abs() < 0.01 && (fit.model.retention_rate(7) - 0.5).abs() < 0.01
    );
    let model = ShiftedBetaGeo::new(1e-6, 1e6).unwrap();
    assert!(model.survival(u32::MAX).is_finite() && model.discounted_lifetime(1e-6).unwrap().is_finite());
}

#[test]
fn simulated_parameters_are_recovered_the_better_the_more_customers() {
    let truth = [0.8, 3.0];
    for n in [2_000_u32, 50_000] {
        let mut generator = ChaCha8Rng::seed_from_u64(4);
        let (mut period, mut churned) = (Vec::new(), Vec::new());
        for row in 0..n {
            let seen = 4 + row % 9;
            let (one, other) = (draw::gamma(&mut generator, truth[0]), draw::gamma(&mut generator, truth[1]));
            let theta = one / (one + other);
            let stayed = (draw::uniform(&mut generator).ln() / (1.0 - theta).ln()).floor();
            churned.push(stayed < f64::from(seen));
            period.push(if stayed < f64::from(seen) { stayed as u32 + 1 } else { seen });
        }
        let optimum = fitted(&ContractData::new(&period, &churned, None).unwrap()).optimum;
        for (place, expected) in truth.into_iter().enumerate() {
            close(optimum.parameters[place], expected, 12.0 / f64::from(n).sqrt());
            let distance = (optimum.parameters[place] - expected) / optimum.standard_errors[place].unwrap();
            assert!(distance.abs() < 4.0, "{n} customers: {optimum:?}");
        }
    }
}
