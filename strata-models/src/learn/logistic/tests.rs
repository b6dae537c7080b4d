//! Logistic regression against scikit-learn and statsmodels, and at its limits.

use super::design::log_one_plus_exp;
use super::*;
use crate::learn::chance::Places;
use crate::learn::explain::sigmoid;
use crate::learn::matrix::{RawMatrix, Suspects};
use crate::learn::sample::{customers, matrix, table};

const NAN: f64 = f64::NAN;

fn near(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance * expected.abs().max(1.0), "{found} is not {expected}");
}

fn fitted(raw: RawMatrix, ridge: f64) -> Logistic {
    let matrix = raw.check(Suspects::Refuse).unwrap();
    fit(&matrix, &LogisticSettings { ridge, ..Default::default() }).unwrap()
}

/// scikit-learn 1.9.1: `LogisticRegression(C=1, solver="newton-cholesky", tol=1e-14)` on columns of `StandardScaler`, divided by the
/// scale; 2,000 rows of `sample` with seed 1.
#[test]
fn coefficients_with_a_ridge_are_those_of_scikit_learn() {
    let model = fit(&matrix(1, 2000), &LogisticSettings::default()).unwrap();
    assert!(model.fit.converged && model.fit.n_iterations < 10, "{:?}", model.fit);
    near(model.base, -0.5781867, 1e-7);
    let expected = [2.1266122668738, -3.1309916050471, 2.1489283589499, 2.0688862509389, -0.0939963982536];
    model
        .slopes
        .iter()
        .zip(expected)
        .for_each(|(slope, expected)| near(slope.per_unit.value, expected, 1e-8));
}

/// statsmodels 0.15.0: `Logit(y, add_constant(X)).fit(method="newton", tol=1e-14)`, and `GLM` with `freq_weights` of `1 + ⌊3 u⌋` for u
/// the number of place 8 i + 6; the same rows.
#[test]
fn coefficients_and_standard_errors_without_a_ridge_are_those_of_statsmodels() {
    let check = |model: Logistic, expected: [(f64, f64); 6]| {
        let found = std::iter::once(model.intercept).chain(model.slopes.iter().map(|slope| slope.per_unit));
        for (found, (value, standard_error)) in found.zip(expected) {
            near(found.value, value, 1e-8);
            near(found.standard_error, standard_error, 1e-6);
        }
    };
    let (mut raw, _) = customers(1, 2000);
    let plain = fitted(raw.clone(), 0.0);
    near(plain.fit.objective, 1_050.900_224_546, 1e-9);
    check(
        plain,
        [
            (-2.0734265472169, 0.2166298634803),
            (2.1368226061610, 0.1919855006942),
            (-3.1460828663127, 0.2086859552749),
            (2.1596430034806, 0.1919884018063),
            (2.0794191787113, 0.1934168062302),
            (-0.0942690746064, 0.1818541974012),
        ],
    );
    let places = Places::from_seed(1);
    raw.weights = Some((0..2000).map(|row| 1.0 + (3.0 * places.share(8 * row + 6)).floor()).collect());
    check(
        fitted(raw, 0.0),
        [
            (-2.1212199693984, 0.1541684633007),
            (2.0864592852399, 0.1357012769157),
            (-3.1145928106864, 0.1479306386517),
            (2.1314021314822, 0.1368339049920),
            (2.1033491566201, 0.1380226416637),
            (-0.0671249602267, 0.1287555295160),
        ],
    );
}

#[test]
fn true_coefficients_are_recovered_the_nearer_the_more_rows() {
    let beta = [1.5, -2.0, 0.0];
    for n in [1_000_u64, 10_000, 100_000] {
        let places = Places::from_seed(7);
        let columns: Vec<Vec<f64>> =
            (0..3).map(|column| (0..n).map(|row| places.share(8 * row + column)).collect()).collect();
        let eta = |row: usize| -0.5 + (0..3).map(|column| beta[column] * columns[column][row]).sum::<f64>();
        let labels =
            (0..n).map(|row| u8::from(places.share(8 * row + 7) < sigmoid(eta(row as usize)))).collect();
        let names = ["a", "b", "c"].map(str::to_owned).to_vec();
        let model = fitted(RawMatrix { names, columns, labels, weights: None }, 1.0);
        for (slope, beta) in model.slopes.iter().zip(beta) {
            let Estimate { value, standard_error } = slope.per_unit;
            assert!(
                (value - beta).abs() < 3.0 * standard_error,
                "{n}: {value} ± {standard_error}, not {beta}"
            );
            // The deviation of a uniform column is √(1/12), and p (1 − p) is at most a quarter.
            let expected = (12.0 / (0.22 * n as f64)).sqrt();
            assert!((standard_error / expected - 1.0).abs() < 0.15, "{n}: {standard_error} {expected}");
        }
    }
}

#[test]
fn the_gradient_is_the_slope_of_the_objective() {
    let (mut raw, _) = customers(3, 300);
    raw.columns[1].iter_mut().step_by(5).for_each(|value| *value = NAN);
    raw.weights = Some((0..300).map(|row| f64::from(row % 4)).collect());
    let matrix = raw.check(Suspects::Refuse).unwrap();
    let design = Design::of(&matrix);
    let theta = [0.3, -0.2, 0.5, 0.1, 0.9, -0.4, 0.2];
    let at = design.sums(&matrix, &theta, 2.5);
    let n = design.n_terms();
    assert_eq!(n, 7);
    for term in 0..n {
        let moved = |by: f64| {
            let mut theta = theta;
            theta[term] += by;
            design.sums(&matrix, &theta, 2.5)
        };
        let (above, below) = (moved(1e-4), moved(-1e-4));
        near((above.objective - below.objective) / 2e-4, at.gradient[term], 1e-6);
        for other in 0..=term {
            near(
                (above.gradient[other] - below.gradient[other]) / 2e-4,
                at.curvature[term * n + other],
                1e-6,
            );
        }
    }
    near(log_one_plus_exp(800.0), 800.0, 1e-15);
    assert_eq!(log_one_plus_exp(-800.0), 0.0);
}

#[test]
fn reasons_add_up_and_missing_values_have_theirs() {
    let (mut raw, _) = customers(4, 3000);
    for row in (0..3000).filter(|row| row % 3 == 0 || raw.labels[*row] == 1 && row % 2 == 0) {
        raw.columns[0][row] = NAN;
        raw.columns[2][row] = NAN;
    }
    let matrix = raw.check(Suspects::Refuse).unwrap();
    let model = fit(&matrix, &LogisticSettings::default()).unwrap();
    assert_eq!(model.missing.len(), 1);
    assert_eq!(model.missing[0].columns, [0, 2]);
    assert!(model.missing[0].when_missing.value > 0.5, "{:?}", model.missing);
    let columns: Vec<&[f64]> = matrix.select(&model.names).unwrap();
    let margins = model.margins(&columns);
    for row in 0..100 {
        let values: Vec<f64> = columns.iter().map(|column| column[row]).collect();
        let explanation = model.explain(&values);
        let sum: f64 = explanation.reasons.iter().map(|reason| reason.log_odds).sum();
        near(explanation.base + sum, margins[row], 1e-12);
        near(explanation.margin, margins[row], 1e-12);
        assert!(explanation.reasons.windows(2).all(|pair| pair[0].log_odds.abs() >= pair[1].log_odds.abs()));
    }
    let mean = margins.iter().sum::<f64>() / 3000.0;
    near(mean, model.base, 1e-10);
}

#[test]
fn separable_labels_leave_coefficients_finite_or_are_told() {
    let rows: Vec<f64> = (0..60).map(|row| f64::from(row) + 0.5).collect();
    let labels: Vec<u8> = (0..60).map(|row| u8::from(row >= 30)).collect();
    let with_ridge = fitted(table(&[&rows], &labels), 1.0);
    assert!(with_ridge.fit.converged && with_ridge.slopes[0].per_unit.value > 0.0);
    let raw = table(&[&rows], &labels).check(Suspects::Keep).unwrap();
    match fit(&raw, &LogisticSettings { ridge: 0.0, max_iterations: 8 }) {
        Ok(model) => assert!(!model.fit.converged && model.margin(&[1.0]).is_finite()),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn extremes_end_in_a_model_or_an_error_and_never_in_nan() {
    let one_each = fitted(table(&[&[1.0, 2.0]], &[0, 1]), 1.0);
    assert!(one_each.fit.converged && one_each.slopes[0].per_unit.value > 0.0);
    let only_gaps = fitted(table(&[&[3.0, NAN, NAN, 3.0, NAN]], &[0, 1, 1, 0, 0]), 1.0);
    assert!(only_gaps.slopes.is_empty() && only_gaps.missing[0].when_missing.value > 0.0);
    let huge = fitted(table(&[&[1e100, -1e100, 5.0, 1e99]], &[0, 1, 1, 0]), 1.0);
    for row in [&[f64::INFINITY][..], &[f64::MAX], &[f64::MIN], &[NAN], &[], &[1.0, 2.0, 3.0]] {
        for model in [&one_each, &only_gaps, &huge] {
            let explanation = model.explain(row);
            assert!(model.margin(row).is_finite() && explanation.margin.is_finite(), "{row:?}");
            assert!(explanation.reasons.iter().all(|reason| reason.probability.is_finite()));
        }
    }
    let column = [1.0, 2.0, 5.0, 3.0, 2.5];
    let twice = table(&[&column, &column], &[0, 1, 0, 1, 0]).check(Suspects::Refuse).unwrap();
    let singular = fit(&twice, &LogisticSettings { ridge: 0.0, ..Default::default() }).unwrap_err();
    assert_eq!(singular, LogisticError::Singular { term: "b".to_owned() });
    let shared = fit(&twice, &LogisticSettings::default()).unwrap();
    near(shared.slopes[0].per_unit.value, shared.slopes[1].per_unit.value, 1e-9);
    assert!(matches!(
        fit(&twice, &LogisticSettings { ridge: NAN, ..Default::default() }),
        Err(LogisticError::Ridge { .. })
    ));
}

#[test]
fn the_fit_does_not_depend_on_the_number_of_threads() {
    let matrix = matrix(5, 20_000);
    let on = |n_threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        pool.install(|| fit(&matrix, &LogisticSettings::default()).unwrap())
    };
    assert_eq!(on(1), on(3));
}
