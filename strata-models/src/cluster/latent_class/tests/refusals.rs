//! What is refused, with the place and the reason.

use super::words;
use crate::cluster::error::ClusterError;
use crate::cluster::latent_class::answers::{Answers, Item};
use crate::cluster::latent_class::fit::Settings;
use crate::cluster::latent_class::model::LatentClasses;
use crate::cluster::latent_class::patterns::{Covariates, Patterns};
use crate::cluster::latent_class::three_step::Classification;
use crate::cluster::points::Points;

#[track_caller]
fn says<T: std::fmt::Debug>(result: Result<T, ClusterError>, text: &str) {
    let error = result.unwrap_err().to_string();
    assert!(error.contains(text), "{error}");
}

#[test]
fn answers() {
    let item = |n_categories, answers| Item { name: "q", n_categories, answers };
    says(Answers::new(&[]), "no columns");
    says(Answers::new(&[item(2, &[])]), "no rows");
    says(Answers::new(&[item(1, &[Some(0)])]), "column `q` has one value");
    says(Answers::new(&[item(10_000, &[Some(0)])]), "column `q` has 10000 categories of at most 1000");
    says(Answers::new(&[item(3, &[Some(0), Some(3)])]), "row 1, column `q`: category 3 of 3");
    says(Answers::new(&[item(2, &[None]), item(2, &[None, None])]), "has 2 values where there are 1 rows");
}

#[test]
fn patterns() {
    let patterns = |rows: &[&str], weights: Option<&[f64]>| Patterns::new(&words(rows), weights, None);
    says(patterns(&["01", "00"], None), "column `q0` has one value");
    says(patterns(&["0-", "1-"], None), "column `q1` has one value");
    says(patterns(&["01", "10"], Some(&[1.0, 0.0])), "column `q0` has one value");
    says(patterns(&["01", "10"], Some(&[1.0])), "`weights` has 1 values");
    says(patterns(&["01", "10"], Some(&[1.0, -1.0])), "`weight of a row` is -1");
    says(patterns(&["01", "10"], Some(&[1.0, f64::NAN])), "`weight of a row` is NaN");
    says(patterns(&["01", "10"], Some(&[0.0, 0.0])), "`weight of a row` is 0");
}

#[test]
fn covariates() {
    let covariates = |values: &[f64], names: &[&str]| {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        Covariates::new(names.clone(), Points::new(values.to_vec(), values.len() / 3).unwrap())
    };
    let with = |values: &[f64], names: &[&str]| {
        Patterns::new(&words(&["01", "10", "11"]), None, Some(&covariates(values, names).unwrap()))
    };
    says(covariates(&[1.0, 2.0, 3.0], &["a", "b"]), "`names of covariates` is 2");
    says(with(&[2.0, 2.0, 2.0], &["age"]), "column `age` has one value");
    says(with(&[1.0, 3.0, 2.0, 5.0, 4.0, 9.0], &["a", "b"]), "column `b` is a sum");
    says(with(&[1e200, -1e200, 0.0], &["a"]), "`variance of a covariate` is inf");
    let short = Covariates::new(vec!["a".to_owned()], Points::new(vec![1.0, 2.0], 1).unwrap()).unwrap();
    says(
        Patterns::new(&words(&["01", "10", "11"]), None, Some(&short)),
        "`a` has 2 values where there are 3",
    );
    let model = LatentClasses::fit(&with(&[1.0, 2.0, 4.0], &["a"]).unwrap(), &Settings::of(2), 1).unwrap();
    says(model.predict(&words(&["01"]), None), "other covariates than the model's: , not a");
    says(model.predict(&words(&["01"]), Some(&short)), "`a` has 2 values where there are 1 rows");
}

#[test]
fn settings() {
    let patterns = Patterns::new(&words(&["01", "10", "11"]), None, None).unwrap();
    let fit = |settings: Settings| LatentClasses::fit(&patterns, &settings, 1);
    says(fit(Settings::of(0)), "`n_classes` is 0");
    says(fit(Settings::of(33)), "`n_classes` is 33");
    says(fit(Settings::of(4)), "3 different rows cannot make 4 clusters");
    says(fit(Settings { n_starts: 0, ..Settings::of(2) }), "`n_starts` is 0");
    says(fit(Settings { tolerance: f64::NAN, ..Settings::of(2) }), "`tolerance` is NaN");
    says(fit(Settings { most_steps: 1, ..Settings::of(2) }), "`most_steps` is 1");
    says(fit(Settings { smoothing: -0.5, ..Settings::of(2) }), "`smoothing` is -0.5");
    let weighed = |weights: &[f64]| Settings { item_weights: Some(weights.to_vec()), ..Settings::of(2) };
    says(fit(weighed(&[1.0])), "`number of item weights` is 1");
    says(fit(weighed(&[1.0, f64::INFINITY])), "`weight of an item` is inf");
    says(fit(weighed(&[0.0, 0.0])), "`weight of all items` is 0");
}

#[test]
fn classifications_that_cannot_be_undone() {
    let answers = words(&["00", "11", "01", "10"]);
    let model =
        LatentClasses::fit(&Patterns::new(&answers, None, None).unwrap(), &Settings::of(2), 1).unwrap();
    let nothing_known = model.probabilities(&words(&["--", "--"]), None).unwrap();
    says(Classification::new(&nothing_known, None), "three-step correction found no clusters");
    says(Classification::new(&nothing_known, Some(&[1.0])), "`weights` has 1 values");
}

#[test]
fn explanations() {
    let answers = words(&["01", "10", "11", "00"]);
    let without = Patterns::new(&answers, None, None).unwrap();
    let of = |n| LatentClasses::fit(&without, &Settings::of(n), 1).unwrap();
    let z = Covariates::new(vec!["z".to_owned()], Points::new(vec![1.0, 2.0, 4.0, 3.0], 1).unwrap()).unwrap();
    let with = Patterns::new(&answers, None, Some(&z)).unwrap();
    says(of(1).explained_by(&with), "there is one class for all");
    says(of(2).explained_by(&without), "there are no covariates");
    let hanging = LatentClasses::fit(&with, &Settings::of(2), 1).unwrap();
    says(hanging.explained_by(&with), "hang on covariates themselves");
    let others = words(&["012", "101", "110", "002"]);
    says(of(2).explained_by(&Patterns::new(&others, None, Some(&z)).unwrap()), "q2 of 3 categories");
}
