//! Models that can be worked by hand, and what is left of classes at the edges.

use super::words;
use crate::cluster::latent_class::answers::{Answers, Item};
use crate::cluster::latent_class::em::{Parameters, Problem};
use crate::cluster::latent_class::fit::Settings;
use crate::cluster::latent_class::model::{ItemProfile, LatentClasses, Search};
use crate::cluster::latent_class::patterns::{Covariates, Patterns};
use crate::cluster::points::Points;

#[track_caller]
fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{found}, not {expected}");
}

/// Two classes of the same size; the first answers yes to both items with .8 and .6, the second with .2 and .3.
fn step(answers: &Answers) -> (f64, Parameters<2>) {
    let patterns = Patterns::new(answers, None, None).unwrap();
    let problem = Problem { patterns: &patterns, n_classes: 2, item_weights: &[1.0, 1.0], smoothing: 0.0 };
    let lines = vec![[0.2, 0.8], [0.8, 0.2], [1.0, 1.0], [0.4, 0.7], [0.6, 0.3], [1.0, 1.0]];
    let step = problem.step(&Parameters { lines, coefficients: vec![[0.5_f64.ln(); 2]] });
    (step.log_likelihood, step.parameters)
}

#[test]
fn one_step_with_two_items_and_two_classes() {
    // Likelihoods: yes yes .48 and .06, no no .08 and .56, yes no .32 and .14; memberships 8/9, 1/8, 16/23 in
    // the first class.
    let (log_likelihood, found) = step(&words(&["11", "11", "00", "10"]));
    close(log_likelihood, 2.0 * 0.27_f64.ln() + 0.32_f64.ln() + 0.23_f64.ln());
    let (both, none, one) = (8.0 / 9.0, 1.0 / 8.0, 16.0 / 23.0);
    let size = 2.0 * both + none + one;
    close(found.coefficients[0][0].exp(), size / 4.0);
    close(found.lines[1][0], (2.0 * both + one) / size);
    close(found.lines[4][0], 2.0 * both / size);
    close(found.lines[4][1], 2.0 * (1.0 - both) / (4.0 - size));
}

#[test]
fn what_is_missing_has_no_part_in_the_likelihood() {
    // The second answer of the last row is not known: likelihoods .8 and .2, which leaves the membership .8.
    let (log_likelihood, found) = step(&words(&["11", "00", "1-"]));
    close(log_likelihood, 0.27_f64.ln() + 0.32_f64.ln() + 0.5_f64.ln());
    let (both, none) = (8.0 / 9.0, 1.0 / 8.0);
    close(found.coefficients[0][0].exp(), (both + none + 0.8) / 3.0);
    close(found.lines[4][0], both / (both + none));
}

#[test]
fn one_class_has_the_shares_of_the_answers() {
    let answers = words(&["02", "11", "1-", "-2"]);
    let model =
        LatentClasses::fit(&Patterns::new(&answers, None, None).unwrap(), &Settings::of(1), 1).unwrap();
    let thirds = |n: f64| n / 3.0;
    close(model.items[0].probabilities[0][1], thirds(2.0));
    close(model.items[1].probabilities[0][2], thirds(2.0));
    close(model.fit.log_likelihood, 4.0 * thirds(2.0).ln() + 2.0 * thirds(1.0).ln());
    assert_eq!((model.fit.n_parameters, model.search.n_best_found, model.fit.relative_entropy), (3, 1, 1.0));
    close(model.fit.aic, 6.0 - 2.0 * model.fit.log_likelihood);
    close(model.fit.icl, model.fit.bic);
}

#[test]
fn two_kinds_of_rows_are_two_classes_without_doubt() {
    let answers = words(&["000", "000", "000", "111"]);
    let patterns = Patterns::new(&answers, None, None).unwrap();
    assert_eq!((patterns.n_patterns(), patterns.weight()), (2, 4.0));
    let model = LatentClasses::fit(&patterns, &Settings::of(2), 1).unwrap();
    close(model.fit.log_likelihood, 3.0 * 0.75_f64.ln() + 0.25_f64.ln());
    assert!((model.shares[0] - 0.75).abs() < 1e-9 && model.fit.relative_entropy > 1.0 - 1e-6);
    assert_eq!(model.predict(&answers, None).unwrap(), [0, 0, 0, 1]);
    // Nothing is known, or an answer contradicts both classes: the shares, and where the other two answers point.
    let others = model.probabilities(&words(&["---", "011"]), None).unwrap();
    assert!((others.values()[0] - 0.75).abs() < 1e-9);
    assert_eq!(others.likeliest(), [0, 1]);
}

#[test]
fn weights_of_rows_count_rows() {
    let rows = ["000", "010", "111", "110", "001", "101"];
    let weights = [3.0, 1.0, 2.0, 0.0, 1.0, 2.0];
    let often: Vec<&str> = rows
        .iter()
        .zip(&weights)
        .flat_map(|(row, weight)| std::iter::repeat_n(*row, *weight as usize))
        .collect();
    let weighted = Patterns::new(&words(&rows), Some(&weights), None).unwrap();
    let counted = Patterns::new(&words(&often), None, None).unwrap();
    let fit = |patterns: &Patterns| LatentClasses::fit(patterns, &Settings::of(2), 7).unwrap();
    assert_eq!(fit(&weighted), fit(&counted));
}

#[test]
fn an_item_without_weight_has_no_part_in_the_classes() {
    let rows = ["0000", "0001", "1110", "1111", "0101", "1100", "0110", "1010"];
    let without: Vec<&str> = rows.iter().map(|row| &row[..3]).collect();
    let item_weights = Some(vec![1.0, 1.0, 1.0, 0.0]);
    let fit = |rows: &[&str], item_weights| {
        let patterns = Patterns::new(&words(rows), None, None).unwrap();
        LatentClasses::fit(&patterns, &Settings { item_weights, ..Settings::of(2) }, 1).unwrap()
    };
    let (with, without) = (fit(&rows, item_weights), fit(&without, None));
    assert!((with.fit.log_likelihood - without.fit.log_likelihood).abs() < 1e-7);
    // An item that is there twice at half the weight is there once.
    let twice: Vec<String> = rows.iter().map(|row| format!("{}{}", &row[..3], &row[..1])).collect();
    let twice: Vec<&str> = twice.iter().map(String::as_str).collect();
    let halved = fit(&twice, Some(vec![0.5, 1.0, 1.0, 0.5]));
    assert!((halved.fit.log_likelihood - without.fit.log_likelihood).abs() < 1e-7);
}

#[test]
fn smoothing_leaves_no_answer_impossible() {
    let patterns = Patterns::new(&words(&["000", "000", "000", "111"]), None, None).unwrap();
    let settings = Settings { smoothing: 0.5, ..Settings::of(2) };
    let model = LatentClasses::fit(&patterns, &settings, 1).unwrap();
    let least = model.items.iter().flat_map(|item| item.probabilities.iter().flatten());
    // The larger class has three rows and twice half an answer more.
    assert!(least.copied().fold(1.0, f64::min) > 0.1 && model.search.converged);
}

#[test]
fn three_hundred_items_do_not_vanish() {
    let rows: Vec<String> =
        (0..40).map(|row| [["0", "1"], ["1", "0"]][row % 2].concat().repeat(200)).collect();
    let mut rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let noisy = format!("00{}", &rows[0][2..]);
    rows.push(&noisy);
    let answers = words(&rows);
    let model =
        LatentClasses::fit(&Patterns::new(&answers, None, None).unwrap(), &Settings::of(2), 1).unwrap();
    assert!(model.fit.log_likelihood.is_finite() && model.search.n_best_found > 1);
    assert!((model.shares[0] - 21.0 / 41.0).abs() < 1e-9);
}

#[test]
fn the_order_of_rows_and_the_number_of_threads_do_not_matter() {
    let rows: Vec<String> = (0..6000_u64)
        .map(|row| format!("{:04}", (row * row * 7919 + row) % 10_000).replace('9', "-"))
        .collect();
    let mut rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let fit = |rows: &[&str], n_threads| {
        let patterns = Patterns::new(&words(rows), None, None).unwrap();
        let settings = Settings { n_starts: 2, most_steps: 20, ..Settings::of(3) };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        pool.install(|| LatentClasses::fit(&patterns, &settings, 1).unwrap())
    };
    let one = fit(&rows, 1);
    rows.reverse();
    assert_eq!(one, fit(&rows, 2));
    assert!(!one.search.converged);
}

#[test]
fn names_and_numbers_of_categories_are_those_of_the_fit() {
    let answers = words(&["00", "11", "10"]);
    let model =
        LatentClasses::fit(&Patterns::new(&answers, None, None).unwrap(), &Settings::of(2), 1).unwrap();
    let item = Item { name: "other", n_categories: 2, answers: &[Some(0)] };
    let error = model.predict(&Answers::new(&[item]).unwrap(), None).unwrap_err().to_string();
    assert!(error.contains("other items") && error.contains("other of 2 categories"), "{error}");
}

#[test]
fn where_answers_tell_the_class_covariates_explain_it_as_a_logistic_regression_does() {
    let item = |name: &str| ItemProfile {
        name: name.to_owned(),
        weight: 1.0,
        probabilities: vec![vec![1.0, 0.0], vec![0.0, 1.0]],
    };
    let search = Search { n_starts: 1, n_best_found: 1, converged: true, n_iterations: 1 };
    let items = vec![item("q0"), item("q1")];
    let classes = LatentClasses::report(items, vec![0.64, 0.36], None, search, (0.0, 5, 125.0, 0.0));
    // Of the first class 60 and 20 rows without and with the covariate, of the second 15 and 30.
    let answers = words(&["00", "00", "11", "11"]);
    let weights = [60.0, 20.0, 15.0, 30.0];
    let points = Points::new(vec![0.0, 1.0, 0.0, 1.0], 1).unwrap();
    let covariates = Covariates::new(vec!["z".to_owned()], points).unwrap();
    let patterns = Patterns::new(&answers, Some(&weights), Some(&covariates)).unwrap();
    let found = classes.explained_by(&patterns).unwrap();
    let near =
        |found: f64, expected: f64| assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");
    near(found.coefficients[0][0], (15.0_f64 / 60.0).ln());
    // The odds ratio is 30 · 60 / (15 · 20), and the variance of its logarithm the sum of the inverse counts.
    near(found.coefficients[0][1], 6.0_f64.ln());
    let errors = found.standard_errors.unwrap();
    near(errors[0][0], (1.0_f64 / 60.0 + 1.0 / 15.0).sqrt());
    near(errors[0][1], (1.0_f64 / 60.0 + 1.0 / 20.0 + 1.0 / 15.0 + 1.0 / 30.0).sqrt());
}
