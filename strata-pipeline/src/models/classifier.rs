//! A classifier as the last run has trained it: at which dates, how well it foretold the last of them, and what it learned from.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A classifier of churn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Classifier {
    /// The dates that it was trained, calibrated and measured at, in order: the last but one is for the second, the last for the third.
    pub dates: Vec<Date>,
    /// Whether it was trained on all customers.
    pub is_everybody: bool,
    /// `logistic_regression` or `boosted_trees`.
    pub chosen: String,
    /// The regression at the last date.
    pub logistic_regression: Accuracy,
    /// The trees at the last date.
    pub boosted_trees: Accuracy,
    /// Saying the same of everybody, at the last date.
    pub base_rate: Accuracy,
    /// The time since the last order alone, where that is a feature.
    pub recency_alone: Option<Accuracy>,
    /// By tenths of what was expected at the last date, the lowest first.
    pub reliability: Vec<Band>,
    /// What is lost without each feature, the most important first.
    pub importance: Vec<Importance>,
    /// Features that say nothing.
    pub dropped: Vec<String>,
    /// `better` than the rules that cost nothing, `no_better`, or `suspect`: too good to be true.
    pub verdict: String,
    /// Features that may know what happened after the date.
    pub suspected_leak: Vec<Suspicion>,
}

/// A date of training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Date {
    /// The date.
    pub at: DateTime<Utc>,
    /// How many had bought by then.
    pub n_customers: u64,
}

/// How well churn was foretold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Accuracy {
    /// Of how many.
    pub n: u64,
    /// How many of them bought no more.
    pub n_churned: u64,
    /// The chance that who bought no more was given a higher probability than who did.
    pub auc: Figure,
    /// How many times as many of them are in the tenth with the highest probabilities as in a tenth taken blindly.
    pub lift_of_top_tenth: Figure,
    /// The mean of `−ln p` of what happened.
    pub log_loss: Figure,
    /// The mean squared difference of probability and outcome.
    pub brier: Figure,
    /// How far probabilities are from shares, on average over ten bands.
    pub expected_calibration_error: f64,
}

/// A figure with where it lies with 95 % confidence.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// The figure.
    pub value: Option<f64>,
    /// The lower end.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
}

/// Customers of one range of probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Band {
    /// How many.
    pub n: u64,
    /// Their mean probability.
    pub expected: f64,
    /// The share that bought no more.
    pub observed: f64,
}

/// What a classifier owes to a feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Importance {
    /// The feature.
    pub feature: String,
    /// By how much the log loss rises without it.
    pub log_loss: f64,
    /// By how much the area under the curve falls.
    pub auc: f64,
}

/// What speaks against a feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Suspicion {
    /// The feature.
    pub feature: String,
    /// Why, in words.
    pub reason: String,
}

impl Classifier {
    /// The learner that won.
    pub fn accuracy(&self) -> &Accuracy {
        match self.chosen.as_str() {
            "boosted_trees" => &self.boosted_trees,
            _ => &self.logistic_regression,
        }
    }

    /// What it is called where people read.
    pub fn title(&self) -> &'static str {
        match self.chosen.as_str() {
            "boosted_trees" => "boosted trees",
            _ => "logistic regression",
        }
    }

    /// How it stands, in a word or two.
    pub fn standing(&self) -> &'static str {
        match self.verdict.as_str() {
            "better" => "better",
            "suspect" => "suspect",
            _ => "no better",
        }
    }

    /// Whether it is to be trusted, in sentences.
    pub fn sentences(&self) -> Vec<String> {
        let accuracy = self.accuracy();
        let mut said = vec![match self.verdict.as_str() {
            "better" => format!(
                "The classifier ({}) beats what costs nothing: saying the same of everybody, and the time since the last order alone.",
                self.title()
            ),
            "suspect" => {
                "The classifier is too good to be true: a feature may know what happened after the date."
                    .to_owned()
            }
            _ => format!(
                "The classifier ({}) is no better than what costs nothing; use the days since the last order instead.",
                self.title()
            ),
        }];
        said.extend(self.suspected_leak.iter().map(|one| format!("{}: {}.", one.feature, one.reason)));
        if let (Some(auc), Some(lift)) = (accuracy.auc.value, accuracy.lift_of_top_tenth.value) {
            said.push(format!(
                "Of two customers of whom one bought no more it gave that one the higher probability {:.0} times in 100; the tenth with the highest had {lift:.1} times as many who bought no more as any tenth.",
                100.0 * auc
            ));
        }
        said
    }
}
