//! By hand, and at the extremes.

use super::omega::{hierarchical_omega, omega};
use super::polychoric::{bivariate, correlations, normal_below};
use super::*;
use crate::clv::draw::normal;
use crate::psychometrics::error::Warning;
use crate::psychometrics::factors::Extraction;
use crate::psychometrics::moments::Missing;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

fn names(n: usize) -> Vec<String> {
    (0..n).map(|item| format!("i{item}")).collect()
}

fn answers(rows: &[&[f64]]) -> Answers<'static> {
    Answers::from_rows(names(rows[0].len()), &rows.concat()).unwrap()
}

fn matrix(order: usize, at: impl Fn(usize, usize) -> f64) -> Symmetric {
    let mut matrix = Symmetric::zeros(order);
    for row in 0..order {
        (0..=row)
            .for_each(|column| matrix.set(row, column, if row == column { 1.0 } else { at(row, column) }));
    }
    matrix
}

fn published(order: usize, at: impl Fn(usize, usize) -> f64) -> Moments {
    Moments::of_correlations(names(order), matrix(order, at), 500).unwrap()
}

#[track_caller]
fn refused<T: std::fmt::Debug>(found: Result<T, PsychometricsError>, text: &str) {
    let error = found.unwrap_err().to_string();
    assert!(error.contains(text) && error.contains("hint"), "{error}");
}

#[test]
fn alpha_of_equal_correlations_is_stepped_up() {
    let found = alpha(&published(4, |_, _| 0.5)).unwrap();
    assert!((found.alpha - 0.8).abs() < 1e-12 && (found.standardised - 0.8).abs() < 1e-12);
    // .5 with a sum of three: 1.5 / √(3 + 6 · .5).
    assert!((found.items[0].item_rest - 1.5 / 6.0_f64.sqrt()).abs() < 1e-12);
    assert!((found.items[0].alpha_if_deleted.unwrap() - 0.75).abs() < 1e-12);
    assert_eq!(found.spearman_brown, None);
}

#[test]
fn two_items_have_a_spearman_brown_coefficient() {
    let found = alpha(&published(2, |_, _| 0.5)).unwrap();
    assert!((found.spearman_brown.unwrap() - 2.0 / 3.0).abs() < 1e-12);
    assert_eq!(found.items[0].alpha_if_deleted, None);
    assert!((found.items[0].item_rest - 0.5).abs() < 1e-12);
}

#[test]
fn covariances_by_hand() {
    let table = answers(&[&[1.0, 2.0], &[2.0, 4.0], &[3.0, f64::NAN], &[4.0, 3.0]]);
    let pairwise = Moments::of(&table, Missing::Pairwise).unwrap();
    let listwise = Moments::of(&table, Missing::Listwise).unwrap();
    assert_eq!((pairwise.n, listwise.n), (4, 3));
    assert!((pairwise.covariances.at(0, 0) - 5.0 / 3.0).abs() < 1e-12);
    assert!((listwise.covariances.at(0, 0) - 7.0 / 3.0).abs() < 1e-12);
    for moments in [&pairwise, &listwise] {
        assert!((moments.covariances.at(1, 0) - 0.5).abs() < 1e-12);
        assert!((moments.correlations.at(1, 0) - 0.5 / (7.0_f64 / 3.0).sqrt()).abs() < 1e-12);
    }
}

#[test]
fn what_has_no_reliability_is_refused() {
    let constant = answers(&[&[1.0, 2.0], &[2.0, 2.0], &[3.0, 2.0]]);
    refused(Moments::of(&constant, Missing::Pairwise), "item `i1` has one answer");
    let few = answers(&[&[1.0, 2.0], &[2.0, 3.0], &[3.0, f64::NAN]]);
    refused(Moments::of(&few, Missing::Listwise), "at least 3 respondents with answers and there are 2");
    refused(Moments::of(&few, Missing::Pairwise), "at least 3 respondents");
    let opposite = answers(&[&[1.0, 3.0], &[2.0, 2.0], &[3.0, 1.0]]);
    refused(alpha(&Moments::of(&opposite, Missing::Listwise).unwrap()), "the sum of the items does not vary");
    refused(alpha(&published(1, |_, _| 0.0)), "at least 2 items and there are 1");
    refused(omega(&published(2, |_, _| 0.5), Extraction::MaximumLikelihood), "at least 3 items");
    refused(hierarchical_omega(&published(8, |_, _| 0.5)), "at least 9 items");
    refused(Moments::of_correlations(names(2), matrix(2, |_, _| 1.5), 9), "1.5 in row 1, column 0");
}

#[test]
fn impossible_correlations_are_smoothed_and_said_so() {
    let wrong = |row: usize, column: usize| if (row, column) == (2, 0) { -0.9 } else { 0.9 };
    let found = published(3, wrong);
    assert!(matches!(found.warnings[0], Warning::Smoothed { least_eigenvalue } if least_eigenvalue < -0.5));
    assert!(found.warnings[0].to_string().contains("not positive definite"));
    let least = found.correlations.eigen().iter().map(|(value, _)| *value).fold(f64::INFINITY, f64::min);
    assert!(least > 1e-7 && (found.correlations.at(1, 1) - 1.0).abs() < 1e-15);
}

#[test]
fn omega_of_one_factor_is_known() {
    // Loadings .8, .7, .6, .5: (2.6)² / (2.6² + 4 − 1.74).
    let loadings = [0.8, 0.7, 0.6, 0.5];
    let moments = published(4, |row, column| loadings[row] * loadings[column]);
    for extraction in [Extraction::MaximumLikelihood, Extraction::MinimumResidual] {
        let found = omega(&moments, extraction).unwrap();
        assert!((found.total.unwrap() - 6.76 / 9.02).abs() < 1e-9, "{found:?}");
        found.loadings.iter().zip(loadings).for_each(|(found, known)| assert!((found - known).abs() < 1e-8));
    }
}

#[test]
fn a_heywood_case_has_no_omega() {
    // The first loading would be √(.8 · .7 / .3), above 1.
    let moments = published(3, |row, column| match (row, column) {
        (1, 0) => 0.8,
        (2, 0) => 0.7,
        _ => 0.3,
    });
    for extraction in [Extraction::MaximumLikelihood, Extraction::MinimumResidual] {
        let found = omega(&moments, extraction).unwrap();
        assert_eq!((found.total, found.standardised), (None, None));
        assert!(matches!(&found.warnings[0], Warning::Heywood { item, .. } if item == "i0"), "{found:?}");
    }
}

#[test]
fn hierarchical_omega_of_a_known_structure() {
    // Nine items: .6 on the general factor, .5 on one of three groups.
    let moments = published(9, |row, column| 0.36 + if row / 3 == column / 3 { 0.25 } else { 0.0 });
    let all = sum(&moments.correlations);
    let found = hierarchical_omega(&moments).unwrap();
    assert!((found.hierarchical.unwrap() - (9.0_f64 * 0.6).powi(2) / all).abs() < 1e-6, "{found:?}");
    assert!((found.total.unwrap() - (1.0 - 9.0 * 0.39 / all)).abs() < 1e-6);
    found.general.iter().for_each(|g| assert!((g - 0.6).abs() < 1e-5));
}

#[test]
fn bivariate_normal_probabilities_are_known() {
    // Sheppard: P(X ≤ 0, Y ≤ 0) = 1/4 + asin ρ / 2π.
    for rho in [-0.9999, -0.95, -0.5, 0.0, 0.3, 0.9, 0.9999_f64] {
        let expected = 0.25 + rho.asin() / (2.0 * std::f64::consts::PI);
        assert!((bivariate(0.0, 0.0, rho) - expected).abs() < 1e-14);
    }
    assert!((bivariate(1.0, -0.5, 0.0) - normal_below(1.0) * normal_below(-0.5)).abs() < 1e-15);
    assert_eq!(bivariate(f64::INFINITY, 0.7, 0.4), normal_below(0.7));
    assert_eq!(bivariate(f64::NEG_INFINITY, 0.7, 0.4), 0.0);
    // As ρ goes to 1 both are below where the lower is.
    let error = bivariate(0.4, 1.1, 0.9999) - normal_below(0.4);
    assert!(error.abs() < 1e-9, "{error}");
}

#[test]
fn polychoric_correlations_are_recovered() {
    let mut generator = ChaCha8Rng::seed_from_u64(5);
    let cut = |z: f64, cuts: &[f64]| cuts.iter().filter(|c| z > **c).count() as f64;
    for rho in [-0.6, 0.0, 0.3, 0.8_f64] {
        let n = 20_000;
        let mut values = vec![];
        for _ in 0..n {
            let (x, z) = (normal(&mut generator), normal(&mut generator));
            let y = rho * x + (1.0 - rho * rho).sqrt() * z;
            values.extend([cut(x, &[-0.3, 0.9, 1.6]), cut(y, &[0.8, 1.2])]);
        }
        let table = Answers::from_rows(names(2), &values).unwrap();
        let found = correlations(&table).unwrap().correlations.at(1, 0);
        // Pearson's is drawn to 0 by the categories.
        let pearson = Moments::of(&table, Missing::Listwise).unwrap().correlations.at(1, 0);
        assert!((found - rho).abs() < 0.03, "{found}, not {rho}");
        assert!(rho == 0.0 || pearson.abs() < found.abs() - 0.05);
        assert!(is_ordinal_due(&table));
    }
}

#[test]
fn categories_without_end_are_refused() {
    let values: Vec<f64> = (0..60).map(|i| f64::from(i % 30)).collect();
    refused(
        correlations(&Answers::from_rows(names(1), &values).unwrap()),
        "30 different answers of at most 20",
    );
    refused(correlations(&Answers::from_rows(names(1), &[1.0, 1.0]).unwrap()), "one answer");
    let apart = answers(&[&[1.0, f64::NAN], &[2.0, f64::NAN], &[f64::NAN, 1.0], &[f64::NAN, 2.0]]);
    refused(correlations(&apart), "at least 3 respondents");
    let even: Vec<f64> = (0..50).map(|i| f64::from(i % 5)).collect();
    assert!(!is_ordinal_due(&Answers::from_rows(names(1), &even).unwrap()));
}

#[test]
fn a_pair_that_too_few_answered_says_how_many_did() {
    let none = f64::NAN;
    let answers = answers(&[&[1.0, 1.0], &[2.0, 2.0], &[1.0, none], &[none, 2.0]]);
    assert_eq!(
        correlations(&answers),
        Err(PsychometricsError::TooFewRespondents { what: "a polychoric correlation", needed: 3, found: 2 })
    );
}
