//! What became of predictions: measures of the model beside those of rules of thumb, and where it is off.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What a model that was fitted at an earlier instant predicted, held against what has happened since.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Holdout {
    /// The instant.
    pub at: DateTime<Utc>,
    /// How long ago it was, in days.
    pub days: f64,
    /// How many customers were looked at.
    pub n_customers: u64,
    /// Whether these are all who had bought by then.
    pub is_everybody: bool,
    /// Days with a purchase.
    pub purchases: Contest,
    /// Money; none where the model of spend could not be fitted.
    pub value: Option<Contest>,
    /// By how often they had bought again.
    #[serde(default)]
    pub by_frequency: Vec<FrequencyGroup>,
    /// Repeat purchases of all together, from the first customer's first purchase on.
    pub course: Option<Course>,
}

/// A model against rules of thumb.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contest {
    /// Who won.
    pub verdict: Verdict,
    /// The model's measures.
    pub model: Measures,
    /// Those of the rules.
    pub baselines: Vec<Baseline>,
    /// Whether differences are chance.
    #[serde(default)]
    pub comparisons: Vec<Comparison>,
    /// Parts of equal size by what was predicted, the least first; of money alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_prediction: Vec<Part>,
    /// Whether intervals held; none where no score gives any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Coverage>,
}

/// How often an interval held what came.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Coverage {
    /// With which probability it should.
    pub level: f64,
    /// Of how many customers that was looked at.
    pub n: u64,
    /// Of how many of them it held.
    pub n_inside: u64,
    /// How many brought less than its lower end.
    pub n_below: u64,
}

/// Whether a model can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It beats every rule of thumb where it counts.
    Better,
    /// No rule beats it, nor does it beat them all.
    NoWorse,
    /// A rule beats it.
    Worse,
}

/// How predictions and outcomes compare. Errors and means are in the unit of the outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Measures {
    /// Over all customers.
    pub mean_predicted: Option<f64>,
    /// The same of what happened.
    pub mean_actual: Option<f64>,
    /// How far off, on average.
    pub mean_absolute_error: Option<f64>,
    /// The same with large errors counted more.
    pub root_mean_squared_error: Option<f64>,
    /// Above zero, too much was predicted.
    pub bias: Option<f64>,
    /// The bias as a share of what happened.
    pub relative_bias: Option<f64>,
    /// Spearman's rank correlation.
    pub spearman: Option<f64>,
    /// How well customers are ordered: 1 as well as can be, 0 not at all.
    pub normalised_gini: Option<f64>,
    /// What the tenth that was put first had of all that happened.
    pub top_decile: Option<f64>,
    /// What the best tenth had.
    pub top_decile_best: Option<f64>,
}

/// A rule of thumb.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// Its name: `last_period`, `rate_so_far`, `formula`, `mean_of_all`.
    #[serde(rename = "baseline")]
    pub name: String,
    /// Its measures.
    #[serde(flatten)]
    pub measures: Measures,
}

/// The model and a rule in one measure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The measure, as [`Measures`] calls it.
    pub measure: String,
    /// The rule.
    pub baseline: String,
    /// By how much the model is better, in the measure's unit.
    pub advantage: Option<f64>,
    /// The interval of that.
    pub low: Option<f64>,
    /// Its upper end.
    pub high: Option<f64>,
    /// Who wins by more than chance.
    pub outcome: Outcome,
}

/// Who wins a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The model.
    Model,
    /// The rule.
    Baseline,
    /// The difference may be chance.
    Undecided,
}

/// Customers who had bought again equally often.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct FrequencyGroup {
    /// How often.
    pub frequency: u32,
    /// Whether those with more are among them.
    pub and_more: bool,
    /// How many they are.
    pub n: u64,
    /// Purchase days expected of each.
    pub expected: Option<f64>,
    /// What came of each.
    pub actual: Option<f64>,
    /// The standard error of that.
    pub standard_error: Option<f64>,
}

/// A part of the customers by what was predicted of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// From 1, of whom least was predicted.
    pub part: u32,
    /// How many they are.
    pub n: u64,
    /// What was expected of each.
    pub expected: Option<f64>,
    /// What came of each.
    pub actual: Option<f64>,
}

/// Repeat purchases so far, as expected and as they came.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Course {
    /// From here on the model did not know them, in days.
    pub held_out_from: Option<f64>,
    /// The earliest first.
    pub points: Vec<CoursePoint>,
    /// By how much the expected number is off at the end, as a share.
    pub final_error: Option<f64>,
}

/// A point of that course.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct CoursePoint {
    /// Days since the first customer's first purchase.
    pub days: f64,
    /// Repeat purchases expected by then.
    pub expected: Option<f64>,
    /// Those that came.
    pub actual: Option<f64>,
}

impl Verdict {
    /// `better`, `no_worse` or `worse`.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Better => "better",
            Verdict::NoWorse => "no_worse",
            Verdict::Worse => "worse",
        }
    }
}

impl Holdout {
    /// The contest that decides, and whether it is one of money.
    pub fn deciding(&self) -> (bool, &Contest) {
        match &self.value {
            Some(value) => (true, value),
            None => (false, &self.purchases),
        }
    }
}

impl Contest {
    /// The measures of a rule.
    pub fn of(&self, baseline: &str) -> Option<&Measures> {
        self.baselines.iter().find(|each| each.name == baseline).map(|each| &each.measures)
    }

    /// Where a rule beats the model by more than chance, in what the verdict rests on: how far off, and whom first.
    pub fn lost(&self) -> Vec<&Comparison> {
        let counts = |one: &&Comparison| {
            one.outcome == Outcome::Baseline
                && matches!(one.measure.as_str(), "root_mean_squared_error" | "normalised_gini")
        };
        self.comparisons.iter().filter(counts).collect()
    }
}
