//! What was fitted, and the expression of each score that follows from it.

use std::collections::BTreeMap;

use serde_json::Value;
use strata_lake::datafusion::common::ScalarValue;
use strata_lake::datafusion::error::Result as EngineResult;
use strata_lake::datafusion::logical_expr::{Expr, lit};
use strata_models::clv::fit::Fit;
use strata_models::clv::gamma_gamma::GammaGamma;
use strata_models::clv::timing::TimingModel;
use strata_spec::definition::{Model, Scoring};
use strata_spec::table::Subject;

use super::clusters::{self, Found};
use super::learning::{self, Learned};
use super::rank::{FittedRank, score_expr};
use crate::compile::ScoreColumn;

/// Everything that the scores of a program need.
#[derive(Debug, Clone)]
pub struct Fitted {
    /// Ranks, by the name of the score.
    pub ranks: BTreeMap<String, FittedRank>,
    /// Models, each of which may serve several scores.
    pub models: BTreeMap<ModelKey, FittedModel>,
    /// Classifiers, by the name of the score; in words why there is none where there is none.
    pub classifiers: BTreeMap<String, Result<Learned, String>>,
    /// What came of looking for clusters, by the name of the score.
    pub clusters: BTreeMap<String, Found>,
}

/// What makes two scores share a fit: the same model of the same subjects.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ModelKey {
    /// The model.
    pub model: Model,
    /// The subjects that it is fitted on, as the plan says it; none for all that have bought.
    pub among: Option<String>,
}

/// What is asked of a model.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    /// Whom it is fitted on.
    pub(super) among: Option<Expr>,
    /// Whether some score needs a model of spend too.
    pub(super) spend: bool,
}

/// A model that was fitted, or why it could not be.
#[derive(Debug, Clone)]
pub struct FittedModel {
    /// What it is a model of.
    pub key: ModelKey,
    /// When customers buy; in words why there is no model where there is none.
    pub timing: Result<FittedTiming, String>,
    /// What they spend, where a score needs it.
    pub spend: Option<Result<FittedSpend, String>>,
    /// How its predictions held up; in words why nothing can be said where nothing can. None where nobody has looked.
    pub validation: Option<Result<Value, String>>,
}

/// A model of when customers buy.
#[derive(Debug, Clone)]
pub struct FittedTiming {
    /// With its parameters in days.
    pub fit: Fit<TimingModel>,
    /// On how many it was fitted.
    pub n_customers: u64,
    /// How many of them bought on a second day.
    pub n_repeaters: u64,
    /// How many different histories these are.
    pub n_distinct: u64,
}

/// A model of what customers spend.
#[derive(Debug, Clone)]
pub struct FittedSpend {
    /// With its parameters in the project's currency.
    pub fit: Fit<GammaGamma>,
    /// On how many repeat customers it was fitted.
    pub n_customers: u64,
    /// How many repeat customers were left out, since their mean spend is not positive.
    pub n_left_out: u64,
}

impl ModelKey {
    /// What its row is called.
    pub fn name(&self) -> String {
        match &self.among {
            None => self.model.to_string(),
            Some(among) => format!("{} of {among}", self.model),
        }
    }

    /// What a score's model is fitted on; none of one that ranks.
    pub fn of(score: &ScoreColumn) -> Option<ModelKey> {
        match &score.how {
            Scoring::Rank { .. } | Scoring::Classifier(_) | Scoring::Clusters(_) => None,
            Scoring::Prediction(prediction) => Some(ModelKey {
                model: prediction.model,
                among: score.among.as_ref().map(ToString::to_string),
            }),
        }
    }
}

/// The models that some scores need, each once.
pub(super) fn wanted(scores: &[ScoreColumn]) -> BTreeMap<ModelKey, Wanted> {
    let mut models: BTreeMap<ModelKey, Wanted> = BTreeMap::new();
    for score in scores {
        let (Some(key), Scoring::Prediction(prediction)) = (ModelKey::of(score), &score.how) else {
            continue;
        };
        let wanted = models.entry(key).or_insert_with(|| Wanted { among: score.among.clone(), spend: false });
        wanted.spend |= prediction.predicts.needs_spend();
    }
    models
}

impl Fitted {
    /// A score as an expression of the subjects' profile; null for those of whom it says nothing.
    ///
    /// # Errors
    /// None that a fitted score can cause; the engine's builders return results.
    pub fn expr(&self, score: &ScoreColumn, subject: Subject) -> EngineResult<Expr> {
        let nothing = || lit(ScalarValue::try_from(&score.data_type()).unwrap_or(ScalarValue::Null));
        match &score.how {
            Scoring::Rank { .. } => match self.ranks.get(&score.name) {
                Some(fitted) => score_expr(score, fitted, subject.id_column()),
                None => Ok(nothing()),
            },
            Scoring::Prediction(prediction) => {
                let model = ModelKey::of(score).and_then(|key| self.models.get(&key));
                match model.and_then(|model| super::prediction::expr(model, *prediction, subject)) {
                    Some(expr) => super::prediction::among(score, expr),
                    None => Ok(nothing()),
                }
            }
            Scoring::Classifier(_) => {
                let learned = self.classifiers.get(&score.name).and_then(|learned| learned.as_ref().ok());
                match learned.and_then(|learned| learning::expr(learned, subject)) {
                    Some(expr) => super::prediction::among(score, expr),
                    None => Ok(nothing()),
                }
            }
            Scoring::Clusters(_) => match self.clusters.get(&score.name).and_then(clusters::expr) {
                Some(expr) => super::prediction::among(score, expr),
                None => Ok(nothing()),
            },
        }
    }

    /// What could not be fitted, a sentence each.
    pub(super) fn warnings(&self, subject: Subject) -> Vec<String> {
        let mut warnings = Vec::new();
        for model in self.models.values() {
            let name = model.key.model;
            if let Err(reason) = &model.timing {
                warnings.push(format!("no {name} model of {subject} could be fitted: {reason}"));
            } else if let Some(Err(reason)) = &model.spend {
                warnings.push(format!("no model of what {subject} spend could be fitted: {reason}"));
            }
        }
        for found in self.clusters.values().filter(|found| found.named.is_none()) {
            let said = |key: &str| found.report[key].as_str();
            let (name, why) = (said("segmentation"), said("reason").or_else(|| said("sentence")));
            let (name, why) = (name.unwrap_or_default(), why.unwrap_or("there are none"));
            warnings.push(format!("the segmentation `{name}` has no clusters: {why}"));
        }
        for (name, learned) in &self.classifiers {
            match learned {
                Err(reason) => {
                    warnings.push(format!("the classifier `{name}` could not be trained: {reason}"))
                }
                Ok(learned) => {
                    let suspected = learned.report["suspected_leak"].as_array().into_iter().flatten();
                    warnings.extend(suspected.map(|one| {
                        format!(
                            "the classifier `{name}` is too good to be true: {}: {}",
                            one["feature"], one["reason"]
                        )
                    }));
                }
            }
        }
        warnings
    }
}
