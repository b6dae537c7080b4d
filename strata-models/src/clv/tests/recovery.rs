//! Parameters from which customers were drawn are found again, the more exactly the more customers there are.

use super::simulate::{Chance, Leaving};
use crate::clv::beta_geo::{BetaGeo, ModifiedBetaGeo};
use crate::clv::covariates::{Covariates, ParetoCovariates};
use crate::clv::fit::FitOptions;
use crate::clv::optimise::Optimum;
use crate::clv::pareto::Pareto;
use crate::clv::purchases::{Horizon, RepeatPurchases};
use crate::clv::timing::TimingModel;

const TRUTH: [f64; 4] = [0.6, 8.0, 0.9, 2.5];

fn customers(n: usize, leaving: &Leaving) -> RepeatPurchases {
    let mut chance = Chance::new(n as u64);
    let rows: Vec<(f64, f64, f64)> = (0..n)
        .map(|_| {
            let tenure = 20.0 + 30.0 * chance.uniform();
            chance.customer(TRUTH[0], TRUTH[1], leaving, tenure)
        })
        .collect();
    let column = |pick: fn(&(f64, f64, f64)) -> f64| rows.iter().map(pick).collect::<Vec<f64>>();
    RepeatPurchases::new(&column(|row| row.0), &column(|row| row.1), &column(|row| row.2)).unwrap()
}

/// Within 3.5 standard errors of the truth, and these shrink with the square root of n.
#[track_caller]
fn recovers(fit: impl Fn(&RepeatPurchases) -> Optimum, leaving: &Leaving, truth: &[f64]) {
    let errors = [3_000, 48_000].map(|n| {
        let found = fit(&customers(n, leaving));
        assert!(found.is_regular(), "{found:?}");
        for ((value, error), truth) in found.parameters.iter().zip(&found.standard_errors).zip(truth) {
            let off = (value - truth).abs() / error.unwrap();
            assert!(off < 3.5, "{off} standard errors from {truth}: {found:?}");
        }
        found.standard_errors
    });
    for (few, many) in errors[0].iter().zip(&errors[1]) {
        let ratio = few.unwrap() / many.unwrap();
        assert!((2.0..8.0).contains(&ratio), "{errors:?}");
    }
}

#[test]
fn bg_nbd_is_recovered() {
    let leaving = Leaving::WithPurchase { a: TRUTH[2], b: TRUTH[3], also_first: false };
    recovers(|customers| BetaGeo::fit(customers, &FitOptions::default()).unwrap().optimum, &leaving, &TRUTH);
}

#[test]
fn mbg_nbd_is_recovered() {
    let leaving = Leaving::WithPurchase { a: TRUTH[2], b: TRUTH[3], also_first: true };
    recovers(
        |customers| ModifiedBetaGeo::fit(customers, &FitOptions::default()).unwrap().optimum,
        &leaving,
        &TRUTH,
    );
}

#[test]
fn pareto_nbd_is_recovered() {
    let leaving = Leaving::ByTime { s: 0.9, beta: 12.0 };
    let truth = [TRUTH[0], TRUTH[1], 0.9, 12.0];
    recovers(|customers| Pareto::fit(customers, &FitOptions::default()).unwrap().optimum, &leaving, &truth);
}

#[test]
fn covariates_are_recovered() {
    let (gamma, delta) = (0.7, -0.5);
    let mut chance = Chance::new(3);
    let n = 20_000;
    let (mut rows, mut z) = (vec![], vec![]);
    for row in 0..n {
        let answered = f64::from(row % 3 == 0);
        z.push(answered);
        let leaving = Leaving::ByTime { s: 0.9, beta: 12.0 * f64::exp(-delta * answered) };
        rows.push(chance.customer(0.6, 8.0 * f64::exp(-gamma * answered), &leaving, 40.0));
    }
    let column = |pick: fn(&(f64, f64, f64)) -> f64| rows.iter().map(pick).collect::<Vec<f64>>();
    let purchases =
        RepeatPurchases::new(&column(|row| row.0), &column(|row| row.1), &column(|row| row.2)).unwrap();
    let covariates = Covariates::new(vec![("answered".to_owned(), z.clone())]).unwrap();
    let fit = ParetoCovariates::fit(&purchases, &covariates, &covariates, &FitOptions::default()).unwrap();
    assert!(fit.optimum.is_regular(), "{fit:?}");
    assert_eq!(fit.names[4..], ["buying.answered", "leaving.answered"]);
    let truth = [0.6, 8.0, 0.9, 12.0, gamma, delta];
    for ((value, error), truth) in fit.optimum.parameters.iter().zip(&fit.optimum.standard_errors).zip(truth)
    {
        assert!((value - truth).abs() < 3.5 * error.unwrap(), "{fit:?}");
    }
    let plain = Pareto::fit(&purchases, &FitOptions::default()).unwrap().optimum;
    assert!(fit.optimum.log_likelihood > plain.log_likelihood + 50.0);

    // A row's forecast is that of its own model.
    let horizon = Horizon::new(10.0).unwrap();
    let all = fit.model.expected_purchases_all(&purchases, &covariates, &covariates, horizon).unwrap();
    for row in [0, 1, 5_000] {
        let own = TimingModel::from(fit.model.of_customer(&[z[row]], &[z[row]]));
        assert_eq!(all[row], own.expected_purchases(purchases.row(row), horizon));
    }
}

#[test]
fn covariates_that_do_nothing_leave_the_plain_model() {
    let purchases = customers(3_000, &Leaving::ByTime { s: 0.9, beta: 12.0 });
    let none = Covariates::default();
    let plain = Pareto::fit(&purchases, &FitOptions::default()).unwrap().optimum;
    let nested = ParetoCovariates::fit(&purchases, &none, &none, &FitOptions::default()).unwrap();
    assert!((nested.optimum.log_likelihood - plain.log_likelihood).abs() < 1e-7);
    for (nested, plain) in nested.optimum.parameters.iter().zip(&plain.parameters) {
        assert!((nested / plain - 1.0).abs() < 1e-5);
    }
    for (nested, plain) in nested.optimum.standard_errors.iter().zip(&plain.standard_errors) {
        assert!((nested.unwrap() / plain.unwrap() - 1.0).abs() < 1e-4);
    }
    // With coefficients of 0 every customer's model is the base.
    let model = ParetoCovariates { base: nested.model.base, buying: vec![0.0], leaving: vec![0.0] };
    assert_eq!(model.of_customer(&[3.0], &[-2.0]), nested.model.base);
}

#[test]
fn covariates_that_cannot_be_used_are_refused_or_flagged() {
    let purchases = customers(500, &Leaving::ByTime { s: 0.9, beta: 12.0 });
    let of = |values: Vec<f64>| Covariates::new(vec![("channel".to_owned(), values)]);
    let text = of(vec![1.0, f64::NAN]).unwrap_err().to_string();
    assert!(text.starts_with("covariate `channel`: row 1 is NaN"), "{text}");
    let fit = |covariates: &Covariates| {
        ParetoCovariates::fit(&purchases, covariates, &Covariates::default(), &FitOptions::default())
    };
    let text = fit(&of(vec![1.0; 500]).unwrap()).unwrap_err().to_string();
    assert!(text.contains("one value for everybody"), "{text}");
    let text = fit(&of(vec![1.0; 3]).unwrap()).unwrap_err().to_string();
    assert!(text.contains("3 rows where there are 500 customers"), "{text}");
    let z: Vec<f64> = (0..500).map(|row| f64::from(row % 2)).collect();
    let twice = Covariates::new(vec![("one".to_owned(), z.clone()), ("other".to_owned(), z)]).unwrap();
    assert_eq!(fit(&twice).unwrap().optimum.not_identified, [4, 5]);
}
