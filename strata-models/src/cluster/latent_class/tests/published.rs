//! Agreement with poLCA 1.6.0.2 on the data that come with it, and with StepMix 3.0.0.
//!
//! Linzer, D. A. and Lewis, J. B. (2011). poLCA: an R package for polytomous variable latent class analysis.
//! Journal of Statistical Software 42 (10).

use super::data::Table;
use crate::cluster::latent_class::fit::Settings;
use crate::cluster::latent_class::model::LatentClasses;
use crate::cluster::latent_class::patterns::{Covariates, Patterns};
use crate::cluster::latent_class::three_step::Classification;
use crate::cluster::points::Points;

/// The best of 20 starts.
fn fit(patterns: &Patterns, n_classes: usize) -> LatentClasses {
    let model =
        LatentClasses::fit(patterns, &Settings { n_starts: 20, ..Settings::of(n_classes) }, 1).unwrap();
    assert!(model.search.converged);
    model
}

#[track_caller]
fn close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found}, not {expected}");
}

/// What poLCA says of a model.
struct Expected<'a> {
    log_likelihood: f64,
    n_parameters: usize,
    bic: Option<f64>,
    shares: &'a [f64],
    relative_entropy: Option<f64>,
}

#[track_caller]
fn check(model: &LatentClasses, expected: &Expected<'_>) {
    close(model.fit.log_likelihood, expected.log_likelihood, 1e-5);
    assert_eq!(model.fit.n_parameters, expected.n_parameters);
    expected.bic.into_iter().for_each(|bic| close(model.fit.bic, bic, 2e-5));
    expected
        .relative_entropy
        .into_iter()
        .for_each(|entropy| close(model.fit.relative_entropy, entropy, 5e-6));
    model.shares.iter().zip(expected.shares).for_each(|(share, expected)| close(*share, *expected, 5e-5));
}

/// The table of a file of poLCA's.
#[track_caller]
fn agrees(file: &str, n_items: usize, n_classes: usize, expected: &Expected<'_>) {
    let Some(table) = Table::shared(file, &format!("poLCA_{file}.csv")) else { return };
    let patterns = Patterns::new(&table.answers(n_items), None, None).unwrap();
    check(&fit(&patterns, n_classes), expected);
}

#[test]
fn carcinoma_agrees_with_polca() {
    let three: &[f64] = &[0.444728, 0.373564, 0.181708];
    let expected = |log_likelihood, n_parameters, bic, shares, relative_entropy| Expected {
        log_likelihood,
        n_parameters,
        bic: Some(bic),
        shares,
        relative_entropy,
    };
    agrees("carcinoma", 7, 1, &expected(-524.464818, 7, 1082.324428, &[1.0], None));
    agrees("carcinoma", 7, 2, &expected(-317.256837, 15, 706.073944, &[0.5012, 0.4988], Some(0.985508)));
    agrees("carcinoma", 7, 3, &expected(-293.704979, 23, 697.135704, three, Some(0.925665)));
    agrees("carcinoma", 7, 4, &expected(-289.285849, 31, 726.462921, &[], None));
}

#[test]
fn values_agree_with_polca() {
    let (bic, relative_entropy, shares) = (Some(1057.312846), Some(0.719297), &[0.720754, 0.279246]);
    agrees(
        "values",
        4,
        2,
        &Expected { log_likelihood: -504.467670, n_parameters: 9, bic, shares, relative_entropy },
    );
}

#[test]
fn gss82_agrees_with_polca() {
    let (bic, relative_entropy) = (Some(5650.925652), Some(0.666923));
    let shares = &[0.620751, 0.206963, 0.172287];
    agrees(
        "gss82",
        4,
        3,
        &Expected { log_likelihood: -2754.545405, n_parameters: 20, bic, shares, relative_entropy },
    );
}

#[test]
fn cheating_agrees_with_polca() {
    let (bic, relative_entropy, shares) = (Some(931.940945), Some(0.736567), &[0.839435, 0.160565]);
    agrees(
        "cheating",
        4,
        2,
        &Expected { log_likelihood: -440.027112, n_parameters: 9, bic, shares, relative_entropy },
    );
}

/// One column as a covariate.
fn covariate(table: &Table, name: &str) -> Covariates {
    Covariates::new(vec![name.to_owned()], Points::new(table.numbers(name), 1).unwrap()).unwrap()
}

#[test]
fn cheating_by_grade_agrees_with_polca() {
    let Some(table) = Table::shared("cheating by grade", "poLCA_cheating.csv") else { return };
    let table = table.complete(&["GPA"]);
    let (answers, grade) = (table.answers(4), covariate(&table, "GPA"));
    let patterns = Patterns::new(&answers, None, Some(&grade)).unwrap();
    let model = fit(&patterns, 2);
    let (bic, log_likelihood) = (Some(916.802495), -429.638384);
    check(&model, &Expected { log_likelihood, n_parameters: 10, bic, shares: &[], relative_entropy: None });
    // The reference is the larger class, those who do not cheat.
    let membership = model.membership.unwrap();
    close(membership.coefficients[0][1], -0.842485, 1e-5);
    close(membership.standard_errors.unwrap()[0][1], 0.281315, 2e-6);
}

#[test]
fn election_agrees_with_polca() {
    let Some(table) = Table::shared("election", "poLCA_election.csv") else { return };
    let all = Patterns::new(&table.answers(12), None, None).unwrap();
    let shares = &[0.4313, 0.2908, 0.2779];
    let (log_likelihood, relative_entropy) = (-21311.535671, Some(0.824009));
    let model = fit(&all, 3);
    check(&model, &Expected { log_likelihood, n_parameters: 110, bic: None, shares, relative_entropy });

    let items =
        ["MORALG", "CARESG", "KNOWG", "LEADG", "DISHONG", "INTELG", "MORALB", "CARESB", "KNOWB", "LEADB"];
    let table = table.complete(&items).complete(&["DISHONB", "INTELB"]);
    let complete = Patterns::new(&table.answers(12), None, None).unwrap();
    let (bic, log_likelihood, relative_entropy) = (Some(34218.958289), -16714.659143, Some(0.833617));
    let shares = &[0.419375, 0.319839, 0.260786];
    check(&fit(&complete, 3), &Expected { log_likelihood, n_parameters: 110, bic, shares, relative_entropy });

    let table = table.complete(&["PARTY"]);
    let party = Patterns::new(&table.answers(12), None, Some(&covariate(&table, "PARTY"))).unwrap();
    let (bic, log_likelihood, relative_entropy) = (Some(33247.700086), -16222.323348, Some(0.852629));
    check(
        &fit(&party, 3),
        &Expected { log_likelihood, n_parameters: 112, bic, shares: &[], relative_entropy },
    );
}

#[test]
fn grades_by_class_agree_with_stepmix() {
    let Some(table) = Table::shared("grades by class", "poLCA_cheating.csv") else { return };
    let table = table.complete(&["GPA"]);
    let (answers, grades) = (table.answers(4), table.numbers("GPA"));
    let model = fit(&Patterns::new(&answers, None, None).unwrap(), 2);
    let classes = Classification::new(&model.probabilities(&answers, None).unwrap(), None).unwrap();
    for (class, (plain, corrected)) in [(2.43295, 2.46255), (1.81481, 1.62579)].into_iter().enumerate() {
        let own: Vec<f64> =
            (0..grades.len()).filter(|row| classes.assigned[*row] == class).map(|row| grades[row]).collect();
        close(own.iter().sum::<f64>() / own.len() as f64, plain, 1e-5);
        // At the maximum, by plain steps until none gains anything, the second is 1.625759: StepMix's is 3.1e-5 off.
        let weights = || (0..grades.len()).map(|row| classes.weights_of(row)[class]);
        let sum: f64 = weights().zip(&grades).map(|(weight, grade)| weight * grade).sum();
        close(sum / weights().sum::<f64>(), corrected, 5e-5);
    }
}
