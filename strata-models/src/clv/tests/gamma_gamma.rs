//! Gamma-Gamma against what was published of CDNOW, independent optima, and cases in exact arithmetic.

use super::close;
use super::data::{columns, committed};
use crate::clv::draw;
use crate::clv::error::{FitError, InputError};
use crate::clv::fit::{Fit, FitOptions};
use crate::clv::gamma_gamma::{GammaGamma, SpendData};
use crate::clv::posterior::SamplingPlan;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Repeat purchases and mean spend of the 2,357 customers of the CDNOW sample.
pub(super) fn cdnow() -> (Vec<f64>, Vec<f64>) {
    let columns = columns(&committed("cdnow_customers_summary_with_transactions.csv"));
    (columns[1].clone(), columns[4].clone())
}

fn repeaters() -> SpendData {
    let (x, m) = cdnow();
    let (x, m): (Vec<f64>, Vec<f64>) = x.into_iter().zip(m).filter(|(x, _)| *x > 0.0).unzip();
    SpendData::new(&x, &m, None).unwrap()
}

fn fitted(data: &SpendData) -> Fit<GammaGamma> {
    GammaGamma::fit(data, &FitOptions::default()).unwrap()
}

/// The parameters of the published example, to which the golden files were computed.
fn published() -> GammaGamma {
    GammaGamma::new(6.25, 3.74, 15.44).unwrap()
}

#[test]
fn cdnow_fit_is_that_of_fader_and_hardie_2013() {
    let fit = fitted(&repeaters());
    for (found, expected) in fit.model.parameters().into_iter().zip([6.25, 3.74, 15.44]) {
        close(found, expected, 2e-3);
    }
}

#[test]
fn cdnow_fit_is_that_of_an_independent_multi_start_newton() {
    let data = repeaters();
    let fit = fitted(&data);
    assert_eq!(data.n_customers(), 946.0);
    for (found, expected) in fit.optimum.parameters.iter().zip([6.248_802_5, 3.744_588_5, 15.447_748_0]) {
        close(*found, expected, 1e-6);
    }
    close(fit.optimum.log_likelihood, -4_055.923_244, 1e-9);
    assert!(fit.optimum.is_regular(), "{:?}", fit.optimum);
    assert_eq!(fit.names, ["p", "q", "v"]);
}

#[test]
fn cdnow_standard_errors_are_those_of_a_numeric_hessian() {
    let optimum = fitted(&repeaters()).optimum;
    for (found, expected) in optimum.standard_errors.iter().zip([1.189_324, 0.290_109, 4.158_689]) {
        close(found.unwrap(), expected, 1e-3);
    }
    let covariance = optimum.covariance.unwrap();
    close(covariance.at(2, 2).sqrt(), optimum.standard_errors[2].unwrap(), 1e-12);
}

/// Moments of the posterior with the same prior, from 60,000 weighted points of a t distribution around the mode.
#[test]
fn the_posterior_at_cdnow_is_that_of_importance_sampling_in_numpy() {
    let draws =
        GammaGamma::sample(&repeaters(), &SamplingPlan { seed: 3, ..SamplingPlan::default() }).unwrap();
    assert_eq!((draws.points().count(), draws.n_divergences), (2000, 0));
    let expected = [(6.389_134, 1.291_933), (3.757_902, 0.292_441), (15.971_280, 4.251_981)];
    for (summary, (mean, deviation)) in draws.summary().iter().zip(expected) {
        assert!(summary.r_hat.unwrap() < 1.01 && summary.bulk_ess.unwrap() > 400.0, "{summary:?}");
        assert!((summary.mean - mean).abs() < 0.15 * deviation, "{summary:?}");
        assert!((summary.standard_deviation / deviation - 1.0).abs() < 0.15, "{summary:?}");
    }
    let means = draws.points().map(|p| GammaGamma::new(p[0], p[1], p[2]).unwrap().population_mean().unwrap());
    assert!((means.sum::<f64>() / 2000.0 - 35.245_257).abs() < 0.15 * 0.934_142);
}

#[test]
fn first_ten_customers_spend_what_lifetimes_says() {
    let (x, m) = cdnow();
    let fit = fitted(&repeaters());
    let expected = [24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17];
    let found = fit.model.expected_spends(&x[..10], &m[..10]).unwrap();
    for (found, expected) in found.into_iter().zip(expected) {
        assert!((found.unwrap() - expected).abs() < 0.01, "{found:?} {expected}");
    }
}

#[test]
fn spend_is_that_of_mpmath_with_sixty_digits() {
    let table = committed("golden_spend.csv");
    for line in table.lines().skip(1) {
        let cells: Vec<f64> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
        close(published().expected_spend(cells[0], cells[1]).unwrap(), cells[2], 1e-9);
        close(published().log_density(cells[0], cells[1]), cells[3], 1e-9);
    }
}

#[test]
fn the_likelihood_is_the_sum_of_densities() {
    let (x, m) = cdnow();
    let model = published();
    let sum: f64 = x.iter().zip(&m).map(|(x, m)| model.log_density(*x, *m)).sum();
    close(repeaters().evaluate(model.parameters()).value, sum, 1e-12);
}

#[test]
fn derivatives_are_those_of_differences() {
    let data = repeaters();
    let at = [5.0, 3.0, 20.0];
    let exact = data.evaluate(at);
    for place in 0..3 {
        let step = 1e-5 * at[place];
        let moved = |sign: f64| {
            let mut point = at;
            point[place] += sign * step;
            data.evaluate(point)
        };
        let (up, down) = (moved(1.0), moved(-1.0));
        close(exact.gradient[place], (up.value - down.value) / (2.0 * step), 1e-6);
        for other in 0..3 {
            let second = (up.gradient[other] - down.gradient[other]) / (2.0 * step);
            close(exact.hessian.at(place, other), second, 1e-6);
        }
    }
}

#[test]
fn weights_are_customers_and_currencies_make_no_difference() {
    let (x, m) = ([1.0, 2.0, 1.0, 2.0, 5.0, 3.0], [10.0, 20.0, 10.0, 20.0, 8.0, 30.0]);
    let all = SpendData::new(&x, &m, None).unwrap();
    let folded = SpendData::new(&x[2..], &m[2..], Some(&[2.0, 2.0, 1.0, 1.0])).unwrap();
    let nobody = SpendData::new(&x, &m, Some(&[0.0, 0.0, 2.0, 2.0, 1.0, 1.0])).unwrap();
    for weighted in [folded, nobody] {
        close(weighted.mean_spend(), all.mean_spend(), 1e-15);
        let (one, other) = (all.evaluate([5.0, 3.0, 12.0]), weighted.evaluate([5.0, 3.0, 12.0]));
        close(one.value, other.value, 1e-14);
        (0..3).for_each(|place| close(one.gradient[place], other.gradient[place], 1e-12));
    }

    let (x, m) = cdnow();
    let yen: (Vec<f64>, Vec<f64>) =
        x.iter().zip(&m).filter(|(x, _)| **x > 0.0).map(|(x, m)| (x, m * 1e6)).unzip();
    for penalty in [0.0, 1.0] {
        let options = FitOptions { penalty };
        let dollars = GammaGamma::fit(&repeaters(), &options).unwrap().optimum;
        let other =
            GammaGamma::fit(&SpendData::new(&yen.0, &yen.1, None).unwrap(), &options).unwrap().optimum;
        close(other.parameters[0], dollars.parameters[0], 1e-6);
        close(other.parameters[2], dollars.parameters[2] * 1e6, 1e-6);
        close(other.standard_errors[2].unwrap(), dollars.standard_errors[2].unwrap() * 1e6, 1e-5);
        close(other.log_likelihood, dollars.log_likelihood - 946.0 * 1e6_f64.ln(), 1e-9);
    }
}

#[test]
fn a_penalty_draws_parameters_to_one() {
    let data = repeaters();
    let distance = |penalty: f64| {
        let [p, q, v] = GammaGamma::fit(&data, &FitOptions { penalty }).unwrap().model.parameters();
        [p, q, v / data.mean_spend()].map(|value| value.ln().powi(2)).iter().sum::<f64>()
    };
    assert!(distance(0.0) > distance(1.0) && distance(1.0) > distance(10.0));
}

#[test]
fn infinite_means_are_none() {
    let heavy = GammaGamma::new(0.5, 0.9, 10.0).unwrap();
    assert_eq!(heavy.population_mean(), None);
    assert_eq!(GammaGamma::new(0.5, 1.0, 10.0).unwrap().population_mean(), None);
    close(heavy.expected_spend(1.0, 20.0).unwrap(), 0.5 * 30.0 / 0.4, 1e-12);
    assert_eq!(GammaGamma::new(0.05, 0.9, 10.0).unwrap().expected_spend(1.0, 20.0), None);
    close(published().population_mean().unwrap(), 6.25 * 15.44 / 2.74, 1e-12);
}

#[test]
fn rows_are_refused_by_place() {
    let refused = |x: &[f64], m: &[f64]| SpendData::new(x, m, None).unwrap_err().to_string();
    let found = refused(&[1.0, 0.0], &[5.0, 5.0]);
    assert!(
        found.starts_with("row 1, column `frequency`: 0 ") && found.contains("without repeat purchases"),
        "{found}"
    );
    for (x, m, place) in [
        ([1.0, f64::NAN], [5.0, 5.0], "row 1, column `frequency`"),
        ([1.0, f64::INFINITY], [5.0, 5.0], "row 1, column `frequency`"),
        ([1.0, 1.0], [0.0, 5.0], "row 0, column `monetary_value`"),
        ([1.0, 1.0], [5.0, -5.0], "row 1, column `monetary_value`"),
        ([1.0, 1.0], [5.0, f64::NAN], "row 1, column `monetary_value`"),
    ] {
        let found = refused(&x, &m);
        assert!(found.starts_with(place), "{found}");
    }
    assert!(matches!(
        SpendData::new(&[1.0], &[], None),
        Err(InputError::Lengths { column: "monetary_value", .. })
    ));
    let weights = SpendData::new(&[1.0, 2.0], &[5.0, 6.0], Some(&[1.0, -1.0])).unwrap_err();
    assert!(matches!(weights, InputError::Value { row: 1, column: "weights", .. }));
    let alike = SpendData::new(&[2.0, 2.0], &[5.0, 5.0], None).unwrap_err();
    assert!(matches!(alike, InputError::TooFew { found: 1, needed: 2, .. }));
    assert!(GammaGamma::new(1.0, 0.0, 1.0).unwrap_err().to_string().contains("`q`"));
    assert!(GammaGamma::new(f64::NAN, 1.0, 1.0).is_err());
    let option = GammaGamma::fit(&repeaters(), &FitOptions { penalty: -1.0 });
    assert!(matches!(option, Err(FitError::Option { option: "penalty", .. })));
    let rows = published().expected_spends(&[0.0, 2.0, 3.0], &[0.0, 5.0, f64::NAN]);
    assert!(matches!(rows, Err(InputError::Value { row: 2, column: "monetary_value", .. })));
}

#[test]
fn extremes_yield_finite_fits() {
    for (x, m) in [
        (vec![1.0, 1e6, 3.0], vec![1e-6, 1e9, 5.0]),
        (vec![1.0, 1.0, 1.0], vec![5.0, 5.0 + 1e-9, 5.0]),
        (vec![1e15, 1.0], vec![1e15, 1e-15]),
        (vec![4.0; 50], (1..=50).map(|k| 20.0 + 1e-4 * f64::from(k)).collect()),
    ] {
        let fit = fitted(&SpendData::new(&x, &m, None).unwrap());
        assert!(fit.optimum.parameters.iter().all(|value| value.is_finite() && *value > 0.0), "{fit:?}");
        assert!(fit.optimum.log_likelihood.is_finite(), "{fit:?}");
        let spends = fit.model.expected_spends(&x, &m).unwrap();
        assert!(spends.iter().flatten().all(|value| value.is_finite()), "{spends:?}");
    }
}

#[test]
fn simulated_parameters_are_recovered_the_better_the_more_customers() {
    let truth = [3.0, 4.0, 30.0];
    for n in [2_000_u32, 32_000] {
        let mut generator = ChaCha8Rng::seed_from_u64(5);
        let (mut x, mut m) = (Vec::new(), Vec::new());
        for _ in 0..n {
            let rate = draw::gamma(&mut generator, truth[1]) / truth[2];
            let count = (1.0 - 2.0 * draw::uniform(&mut generator).ln()).floor();
            x.push(count);
            m.push(draw::gamma(&mut generator, truth[0] * count) / rate / count);
        }
        let optimum = fitted(&SpendData::new(&x, &m, None).unwrap()).optimum;
        let tolerance = 20.0 / f64::from(n).sqrt();
        for (place, expected) in truth.into_iter().enumerate() {
            close(optimum.parameters[place], expected, tolerance);
            let distance = (optimum.parameters[place] - expected) / optimum.standard_errors[place].unwrap();
            assert!(distance.abs() < 4.0, "{n} customers: {optimum:?}");
        }
    }
}
