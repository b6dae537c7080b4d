//! What the last run has fitted: rank scores, predictions, the models of purchases behind them, with how well they held up, and groups.
//!
//! The stage `score` writes a row for each; here they are read back, typed, and put into words.
//!
//! | module | its part |
//! | --- | --- |
//! | `table` | the rows of the table `model`, read |
//! | `holdout` | what became of predictions |
//! | `meaning` | what each parameter says of these customers |
//! | `why` | why one customer has a score |
//! | `words` | whether a model is to be trusted, in sentences |
//! | `classifier` | classifiers and how well they foretold |
//! | `clusters` | groups that were found, or why there are none |
//! | `figures` | models as rows of a table |

mod classifier;
mod clusters;
mod figures;
mod holdout;
mod meaning;
mod table;
#[cfg(test)]
mod tests;
mod why;
mod words;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use strata_spec::definition::{Bound, Model as Family};
use strata_spec::error::{ErrorCode, nearest};
use strata_spec::table::Subject;

use crate::error::{Error, Result};
use crate::query::View;

pub use classifier::{Accuracy, Band, Classifier, Figure, Importance};
pub use clusters::{
    Cluster, ClusterChoice, ClusterEffect, ClusterMatching, ClusterRule, ClusterVerdict, Clusters, Explained,
    LEAST_FIDELITY, Typical,
};
pub use figures::{answer, list_answer};
pub use holdout::{
    Baseline, Comparison, Contest, Course, CoursePoint, Coverage, FrequencyGroup, Holdout, Measures, Outcome,
    Part, Verdict,
};
pub use meaning::{meaning, spend_meaning};
pub use table::MODEL;
pub use why::{Reason, Why, why};
pub use words::{
    Amount, edges, group_changes, group_explanations, group_sentences, rule, sentences, standing,
    standing_of, told_by_rules, verdict_title, warnings,
};

/// A row of what was fitted.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// Its name: that of the score, or that of the model with whom it was fitted on.
    pub name: String,
    /// Of whom.
    pub subject: Subject,
    /// The version of the score's definition, or of the program that fitted the model.
    pub version: String,
    /// What it is.
    pub is: Kind,
}

/// What was fitted.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// The cuts of a rank score.
    Rank(Rank),
    /// A score that asks a model.
    Prediction(Prediction),
    /// A model of when subjects buy, and of what they spend.
    Purchases(Box<Purchases>),
    /// A classifier that was trained at earlier dates.
    Classifier(Box<Told<Classifier>>),
    /// Groups that a segmentation is made of.
    Clusters(Box<Clusters>),
}

/// A rank score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rank {
    /// The trait that is ranked.
    pub by: String,
    /// Into how many parts.
    pub tiles: u32,
    /// Whether the greatest value gets score 1.
    pub descending: bool,
    /// How many were ranked.
    #[serde(default)]
    pub n_ranked: u64,
    /// How many cuts fall among equal values, which are told apart by their ids.
    #[serde(default)]
    pub n_split_ties: u64,
    /// Where the parts end, in the order of the score.
    pub cuts: Vec<Cut>,
}

/// Where a part of a rank score ends.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Cut {
    /// The last value of the part below.
    pub value: f64,
    /// How many share it.
    pub n_ties: u64,
    /// How many of them are below.
    pub n_ties_below: u64,
}

/// A score that asks a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// The model's name.
    pub model: String,
    /// What it predicts, as definitions write it.
    pub predicts: String,
    /// How far ahead, in days.
    pub horizon_days: u32,
    /// What money loses in value in a year, as a share.
    pub discount_rate: f64,
    /// Which end of an interval it is; none where it is what is expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound: Option<Bound>,
}

/// A model of when subjects buy, and of what they spend.
#[derive(Debug, Clone, PartialEq)]
pub struct Purchases {
    /// Of whom.
    pub subject: Subject,
    /// Which one.
    pub family: Family,
    /// Whom it was fitted on, as the definition says it; none for all that have bought.
    pub among: Option<String>,
    /// When they buy.
    pub timing: Told<Fit>,
    /// What they spend, where a score asks that.
    pub spend: Option<Told<Fit>>,
    /// What became of predictions; none where nobody has looked.
    pub holdout: Option<Told<Holdout>>,
}

/// Something, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Told<T> {
    /// There is none.
    Not {
        /// Why, in words.
        reason: String,
    },
    /// It is there.
    Is(T),
}

/// A fit by maximum likelihood.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Fit {
    /// In the order of the literature.
    pub parameters: Vec<Parameter>,
    /// The logarithm of the likelihood.
    pub log_likelihood: Option<f64>,
    /// Whether the fit ended inside, where every parameter is identified.
    pub is_regular: bool,
    /// Whether the search came to rest: nothing more was to be gained.
    pub converged: bool,
    /// Parameters that ran to the edge of what they may be: the likelihood rises as they go to nothing or without end.
    pub at_boundary: Vec<String>,
    /// Parameters of which the data say nothing: the likelihood hardly changes with them.
    pub not_identified: Vec<String>,
    /// On how many it was fitted.
    pub n_customers: u64,
    /// How many of these bought on a second day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n_repeaters: Option<u64>,
    /// How many repeat customers were left out, since their mean spend is not positive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n_left_out: Option<u64>,
    /// The mean spend over all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub population_mean: Option<f64>,
}

/// A parameter, by its letter in the literature.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Parameter {
    /// The letter.
    pub name: String,
    /// Its value; times in days, money in the project's currency.
    pub value: f64,
    /// None where it is at the edge of what it may be, or not identified.
    pub standard_error: Option<f64>,
}

/// Everything that the last run has fitted: models of purchases, classifiers and groups, then predictions, then ranks, each by name.
///
/// # Errors
/// When the table cannot be read.
pub async fn read(view: &View) -> Result<Vec<Model>> {
    if !view.complete.tables.contains_key(MODEL) {
        return Ok(Vec::new());
    }
    let mut models = table::read(view).await?;
    models.sort_by(|one, other| (one.place(), &one.name).cmp(&(other.place(), &other.name)));
    Ok(models)
}

/// The models and scores of a name; more than one where customers and companies have one each.
///
/// # Errors
/// `NotFound` when nothing that was fitted has the name.
pub fn named<'a>(models: &'a [Model], name: &str) -> Result<Vec<&'a Model>> {
    let found: Vec<&Model> = models.iter().filter(|model| model.name == name).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let error =
        Error::new(ErrorCode::NotFound, format!("nothing that the last run fitted is called `{name}`"));
    Err(match nearest(name, models.iter().map(|model| model.name.as_str())) {
        Some(near) => error.with_hint(format!("did you mean `{near}`?")),
        None => error.with_hint("`strata models list` shows what there is"),
    })
}

/// The scores that ask a model.
pub fn scores_of<'a>(models: &'a [Model], model: &Model) -> Vec<&'a Model> {
    let asks = |score: &&Model| match &score.is {
        Kind::Prediction(prediction) => prediction.model == model.name && score.subject == model.subject,
        _ => false,
    };
    models.iter().filter(asks).collect()
}

/// The model that a score asks, where it was fitted at all.
pub fn asked_by<'a>(models: &'a [Model], score: &Model) -> Option<&'a Model> {
    let Kind::Prediction(prediction) = &score.is else { return None };
    models.iter().find(|model| {
        model.name == prediction.model
            && model.subject == score.subject
            && !matches!(model.is, Kind::Prediction(_))
    })
}

impl Model {
    /// The groups that it is.
    pub fn clusters(&self) -> Option<&Clusters> {
        match &self.is {
            Kind::Clusters(clusters) => Some(clusters),
            _ => None,
        }
    }

    /// The model of purchases that it is.
    pub fn purchases(&self) -> Option<&Purchases> {
        match &self.is {
            Kind::Purchases(purchases) => Some(purchases),
            _ => None,
        }
    }

    /// `rank`, `prediction`, or the model's kind.
    pub fn kind(&self) -> &str {
        match &self.is {
            Kind::Rank(_) => "rank",
            Kind::Prediction(_) => "prediction",
            Kind::Purchases(purchases) => purchases.family.as_str(),
            Kind::Classifier(_) => "classifier",
            Kind::Clusters(_) => "clusters",
        }
    }

    /// On how many it was fitted, of a classifier each counted at each date; none of what asks another, and of what could not be fitted.
    pub fn n_customers(&self) -> Option<u64> {
        match &self.is {
            Kind::Rank(rank) => Some(rank.n_ranked),
            Kind::Purchases(purchases) => Some(purchases.timing.get()?.n_customers),
            Kind::Classifier(told) => {
                let classifier = told.get()?;
                let n_training = classifier.dates.len().saturating_sub(2);
                Some(classifier.dates.iter().take(n_training).map(|date| date.n_customers).sum())
            }
            Kind::Clusters(clusters) => Some(clusters.n_rows).filter(|n| *n > 0),
            Kind::Prediction(_) => None,
        }
    }

    /// What became of its predictions in a word for programs: `better`, `no_worse` or `worse`, of a classifier `better`, `no_better` or
    /// `suspect`; of groups whether there are any: `natural_groups`, `useful_cuts`, `do_not_segment` or `as_told`.
    pub fn verdict(&self) -> Option<&str> {
        match &self.is {
            Kind::Purchases(purchases) => purchases.verdict().map(Verdict::as_str),
            Kind::Classifier(told) => told.get().map(|classifier| classifier.verdict.as_str()),
            Kind::Clusters(clusters) => clusters.verdict.map(ClusterVerdict::as_str),
            Kind::Rank(_) | Kind::Prediction(_) => None,
        }
    }

    /// Everything as one JSON object.
    pub fn json(&self) -> Value {
        let mut json = match &self.is {
            Kind::Rank(rank) => json!({ "rank": rank }),
            Kind::Prediction(prediction) => json!({ "prediction": prediction }),
            Kind::Purchases(purchases) => json!({
                "among": purchases.among,
                "timing": purchases.timing,
                "spend": purchases.spend,
                "holdout": purchases.holdout,
                "verdict": purchases.verdict().map(Verdict::as_str),
                "warnings": warnings(self),
            }),
            Kind::Classifier(told) => json!({ "classifier": told, "warnings": warnings(self) }),
            Kind::Clusters(clusters) => json!({ "clusters": clusters, "warnings": warnings(self) }),
        };
        json["model"] = json!(self.name);
        json["kind"] = json!(self.kind());
        json["subject"] = json!(self.subject.as_str());
        json["version"] = json!(self.version);
        json
    }

    fn place(&self) -> u8 {
        match &self.is {
            Kind::Purchases(_) | Kind::Classifier(_) | Kind::Clusters(_) => 0,
            Kind::Prediction(_) => 1,
            Kind::Rank(_) => 2,
        }
    }
}

impl Purchases {
    /// What became of its predictions, where that is known.
    pub fn held_out(&self) -> Option<&Holdout> {
        self.holdout.as_ref().and_then(Told::get)
    }

    /// Whether it can be trusted: by money where it predicts money, else by purchases.
    pub fn verdict(&self) -> Option<Verdict> {
        self.held_out().map(|holdout| holdout.deciding().1.verdict)
    }

    /// What the models are called where people read.
    pub fn title(&self) -> &'static str {
        match self.family.as_str() {
            "bg_nbd" => "BG/NBD",
            "mbg_nbd" => "MBG/NBD",
            "pareto_nbd" => "Pareto/NBD",
            other => other,
        }
    }
}

impl<T> Told<T> {
    /// What is there.
    pub fn get(&self) -> Option<&T> {
        match self {
            Told::Is(it) => Some(it),
            Told::Not { .. } => None,
        }
    }

    /// Why there is nothing.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Told::Is(_) => None,
            Told::Not { reason } => Some(reason),
        }
    }
}

impl Fit {
    /// A parameter by its letter.
    pub fn value(&self, name: &str) -> Option<f64> {
        self.parameters.iter().find(|parameter| parameter.name == name).map(|parameter| parameter.value)
    }
}
