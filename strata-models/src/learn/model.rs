//! A learner with its calibration: what is kept of a training, and what scores by it.

use super::boosting::{Ensemble, EnsembleError, Explainer, Scorer};
use super::calibrate::Calibration;
use super::explain::Explanation;
use super::logistic::Logistic;
use serde::{Deserialize, Serialize};

/// A trained model. All fields are plain, so that it can be kept anywhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// What gives log-odds.
    pub learner: Learner,
    /// What makes them probabilities.
    pub calibration: Calibration,
}

/// Either of the learners.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Learner {
    /// A logistic regression.
    Logistic(Logistic),
    /// Boosted trees.
    Boosting(Ensemble),
}

/// A model made ready for rows, whose values are given in the order of [`Learner::names`].
#[derive(Debug, Clone)]
pub struct Ready<'a> {
    learner: ReadyLearner<'a>,
    calibration: &'a Calibration,
}

#[derive(Debug, Clone)]
enum ReadyLearner<'a> {
    Logistic(&'a Logistic),
    Boosting(Box<(Scorer, Explainer)>),
}

impl Learner {
    /// The columns, in the order in which rows are given.
    pub fn names(&self) -> &[String] {
        match self {
            Learner::Logistic(logistic) => &logistic.names,
            Learner::Boosting(ensemble) => &ensemble.names,
        }
    }
}

impl Model {
    /// Checks the model.
    pub fn ready(&self) -> Result<Ready<'_>, EnsembleError> {
        Ready::new(&self.learner, &self.calibration)
    }
}

impl<'a> Ready<'a> {
    /// Checks a learner, to be used with a calibration.
    pub fn new(learner: &'a Learner, calibration: &'a Calibration) -> Result<Ready<'a>, EnsembleError> {
        let learner = match learner {
            Learner::Logistic(logistic) => ReadyLearner::Logistic(logistic),
            Learner::Boosting(ensemble) => {
                ReadyLearner::Boosting(Box::new((Scorer::new(ensemble)?, Explainer::new(ensemble)?)))
            }
        };
        Ok(Ready { learner, calibration })
    }

    /// The learner's log-odds of many rows, by columns.
    pub fn margins(&self, columns: &[&[f64]]) -> Vec<f64> {
        match &self.learner {
            ReadyLearner::Logistic(logistic) => logistic.margins(columns),
            ReadyLearner::Boosting(boosting) => boosting.0.margins(columns),
        }
    }

    /// The calibrated probabilities of many rows, by columns.
    pub fn probabilities(&self, columns: &[&[f64]]) -> Vec<f64> {
        self.margins(columns).into_iter().map(|margin| self.calibration.probability(margin)).collect()
    }

    /// The calibrated probability of a row.
    pub fn probability(&self, row: &[f64]) -> f64 {
        let margin = match &self.learner {
            ReadyLearner::Logistic(logistic) => logistic.margin(row),
            ReadyLearner::Boosting(boosting) => boosting.0.margin(row),
        };
        self.calibration.probability(margin)
    }

    /// Why a row has its probability. With Platt's calibration the reasons add up to the calibrated log-odds. Steps do not carry over to
    /// parts, so with isotonic calibration the reasons are those of the learner's own log-odds.
    pub fn explain(&self, row: &[f64]) -> Explanation {
        let explanation = match &self.learner {
            ReadyLearner::Logistic(logistic) => logistic.explain(row),
            ReadyLearner::Boosting(boosting) => boosting.1.explain(row),
        };
        match self.calibration {
            Calibration::Platt(platt) => explanation.on_line(platt.slope, platt.intercept),
            Calibration::Isotonic(_) => explanation,
        }
    }
}
