//! Trains classifiers: what was known of subjects at earlier dates, and whether they bought in the time after each. The dates lie a
//! horizon apart, so that what is learned from one is known by the next; the last is kept to see how well it was learned.

use chrono::{DateTime, Utc};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde_json::{Value, json};
use strata_lake::Engine;
use strata_lake::arrow::datatypes::DataType;
use strata_lake::datafusion::functions_nested::expr_fn::make_array;
use strata_lake::datafusion::logical_expr::{Case, Expr, cast, lit};
use strata_lake::datafusion::prelude::ident;
use strata_models::learn::churn::{Block, Churn, ChurnSettings, LearnerKind, Sign, learn};
use strata_models::learn::matrix::RawMatrix;
use strata_models::learn::measure::{Interval, Measures};
use strata_models::learn::model::Model;
use strata_spec::condition::Condition;
use strata_spec::definition::{Classifier, purchases_of};
use strata_spec::error::ErrorCode;
use strata_spec::table::{Kind, Subject};
use tokio::task::spawn_blocking;

use super::sample::{self, Answer, Sample};
use crate::compile::OverTime;
use crate::error::{Context, Error, Result};
use crate::function::classified;
use crate::run::Run;

/// To train, to calibrate and to measure.
const FEWEST_DATES: i64 = 3;
const MOST_DATES: i64 = 5;

/// What recency is called: the rule to beat.
fn silence_of(subject: Subject) -> &'static str {
    match subject {
        Subject::Customers => "days_since_last_order",
        Subject::Companies => "company_days_since_last_order",
    }
}

/// A classifier that was trained.
#[derive(Debug, Clone)]
pub struct Learned {
    /// With all that it takes to score by it.
    pub model: Model,
    /// How well it was learned.
    pub report: Value,
}

/// Trains a classifier; in words why it could not be where it could not.
///
/// # Errors
/// When a table cannot be read.
pub(super) async fn train(
    run: &Run,
    engine: &Engine,
    subject: Subject,
    classifier: &Classifier,
    among: Option<&Condition>,
) -> Result<std::result::Result<Learned, String>> {
    let horizon = i64::from(classifier.horizon_days);
    let days_known = sample::days_known(run, engine, subject).await?;
    // Before the first date they have been known for a horizon, too.
    let n_dates = (days_known as i64 / horizon - 1).min(MOST_DATES);
    if n_dates < FEWEST_DATES {
        let needed = (FEWEST_DATES + 1) * horizon;
        return Ok(Err(format!(
            "{subject} have been known for {days_known:.0} days, and it takes {needed} to learn what comes of {horizon}"
        )));
    }
    let instants: Vec<DateTime<Utc>> =
        (0..=n_dates).rev().map(|n| sample::days_before(run, n * horizon)).collect();
    let [frequency, ..] = purchases_of(subject);
    let words: Vec<String> =
        std::iter::once(frequency.to_owned()).chain(classifier.features.iter().cloned()).collect();
    let conditions: Vec<Condition> = among.cloned().into_iter().collect();
    let (programs, kinds) =
        sample::programs(run, subject, &instants, &conditions, &sample::terms(run, subject, &words)?)?;
    for (name, kind) in words.iter().zip(kinds) {
        if !matches!(kind, None | Some(Kind::Number | Kind::Integer | Kind::Boolean)) {
            return Ok(Err(format!(
                "`{name}` is neither a number nor a truth, and nothing else can be learned from"
            )));
        }
    }
    let planning = format!("cannot plan what was known of {subject}");
    let Some(programs) = OverTime::of(programs).context(planning)? else {
        return Ok(Err(format!("its features hold {subject} against each other")));
    };
    let sample = Sample::of(run, engine, subject).await?;
    let answer = sample.answer(run, engine, &programs).await?;
    let asked = Dates { instants, names: classifier.features.clone(), has_condition: among.is_some() };
    let (seed, horizon_days) = (run.seed, horizon as i32);
    let is_everybody = sample.is_everybody();
    let training = spawn_blocking(move || {
        let settings = ChurnSettings {
            horizon_days,
            recency: asked.names.iter().find(|name| *name == silence_of(subject)).cloned(),
            ..ChurnSettings::default()
        };
        let blocks = asked.blocks(&answer);
        let n_rows: Vec<usize> = blocks.iter().map(|block| block.rows.labels.len()).collect();
        let churn = learn(blocks, &settings, &mut ChaCha8Rng::seed_from_u64(seed));
        let churn = churn.map_err(|error| in_words(&error))?;
        let report = asked.report(&churn, &n_rows, is_everybody);
        Ok(Learned { model: churn.model, report })
    });
    let stopped =
        |error| Error::new(ErrorCode::Internal, "the training of a classifier stopped").caused_by(error);
    training.await.map_err(stopped)
}

/// An error with its causes.
fn in_words(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", in_words(source)),
        None => error.to_string(),
    }
}

/// What was asked at which dates; the last instant is the run's own, by which it is known what came of the last date.
struct Dates {
    instants: Vec<DateTime<Utc>>,
    names: Vec<String>,
    has_condition: bool,
}

impl Dates {
    /// Of each date, those who had bought by then, what was known of them, and whether they bought no more in the time after.
    fn blocks(&self, answer: &Answer) -> Vec<Block> {
        let n_conditions = 1 + usize::from(self.has_condition);
        let n_terms = 1 + self.names.len();
        let term = |date: usize, place: usize| {
            answer.numbers(self.instants.len() * n_conditions + date * n_terms + place)
        };
        let block = |date: usize| {
            let (by_then, by_the_next) = (term(date, 0), term(date + 1, 0));
            let is_asked_about = self.has_condition.then(|| answer.holds(date * n_conditions + 1));
            let rows: Vec<usize> = (0..by_then.len())
                .filter(|row| !by_then[*row].is_nan())
                .filter(|row| is_asked_about.as_ref().is_none_or(|holds| holds[*row]))
                .collect();
            let columns = (0..self.names.len()).map(|place| {
                let column = term(date, 1 + place);
                rows.iter().map(|row| column[*row]).collect()
            });
            let churned = |row: &usize| u8::from(by_the_next[*row] <= by_then[*row]);
            Block {
                date: days_since_1970(self.instants[date]),
                customers: rows.iter().map(|row| *row as u64).collect(),
                rows: RawMatrix {
                    names: self.names.clone(),
                    columns: columns.collect(),
                    labels: rows.iter().map(churned).collect(),
                    weights: None,
                },
            }
        };
        (0..self.instants.len() - 1).map(block).collect()
    }

    fn report(&self, churn: &Churn, n_rows: &[usize], is_everybody: bool) -> Value {
        let dates: Vec<Value> = self
            .instants
            .iter()
            .zip(n_rows)
            .map(|(instant, n)| json!({ "at": instant.to_rfc3339(), "n_customers": n }))
            .collect();
        let suspected: Vec<Value> = churn
            .verdict
            .suspected_leak
            .iter()
            .map(|suspicion| json!({ "feature": suspicion.column, "reason": suspected(&suspicion.sign) }))
            .collect();
        let importance = churn
            .importance
            .iter()
            .map(|one| json!({ "feature": one.column, "log_loss": one.log_loss, "auc": one.auc }));
        let reliability = churn
            .reliability
            .iter()
            .map(|band| json!({ "n": band.n, "expected": band.expected, "observed": band.observed }));
        json!({
            "dates": dates,
            "is_everybody": is_everybody,
            "chosen": match churn.chosen {
                LearnerKind::Logistic => "logistic_regression",
                LearnerKind::Boosting => "boosted_trees",
            },
            "gain_of_boosting": of_interval(&churn.gain_of_boosting),
            "logistic_regression": of_measures(&churn.logistic),
            "boosted_trees": of_measures(&churn.boosting),
            "base_rate": of_measures(&churn.of_base_rate),
            "recency_alone": churn.of_recency.as_ref().map(of_measures),
            "reliability": reliability.collect::<Vec<_>>(),
            "importance": importance.collect::<Vec<_>>(),
            "dropped": churn.dropped.iter().map(|dropped| dropped.column.as_str()).collect::<Vec<_>>(),
            "verdict": word(churn),
            "suspected_leak": suspected,
        })
    }
}

fn days_since_1970(instant: DateTime<Utc>) -> i32 {
    i32::try_from(instant.timestamp().div_euclid(86_400)).unwrap_or(i32::MAX)
}

/// Better than the rules that cost nothing; no better than one of them; or too good to be true.
fn word(churn: &Churn) -> &'static str {
    if !churn.verdict.suspected_leak.is_empty() {
        "suspect"
    } else if churn.verdict.no_better_than_base_rate || churn.verdict.no_better_than_recency {
        "no_better"
    } else {
        "better"
    }
}

fn suspected(sign: &Sign) -> String {
    match sign {
        Sign::EqualsLabel => "it tells what happened after the date".to_owned(),
        Sign::ImplausibleAuc { auc } => format!("alone it tells too much (area under the curve {auc:.3})"),
        Sign::CollapsesWhenLagged { auc, retained } => format!(
            "what it tells (area under the curve {auc:.3}) is gone with its values of the date before: {:.0} % remains",
            100.0 * retained
        ),
    }
}

fn of_measures(measures: &Measures) -> Value {
    json!({
        "n": measures.n,
        "n_churned": measures.n_positive,
        "auc": of_interval(&measures.auc),
        "average_precision": of_interval(&measures.average_precision),
        "lift_of_top_tenth": of_interval(&measures.lift_of_top_tenth),
        "log_loss": of_interval(&measures.log_loss),
        "brier": of_interval(&measures.brier),
        "expected_calibration_error": measures.expected_calibration_error,
    })
}

fn of_interval(interval: &Interval) -> Value {
    json!({ "value": interval.value, "low": interval.low, "high": interval.high })
}

/// What a classifier says of those who have bought, as an expression of the profile.
pub(super) fn expr(learned: &Learned, subject: Subject) -> Option<Expr> {
    let constant = serde_json::to_string(&learned.model).ok()?;
    let names = learned.model.learner.names().iter();
    let features = make_array(names.map(|name| cast(ident(name), DataType::Float64)).collect());
    let risk = classified().call(vec![features, lit(constant)]);
    let [frequency, ..] = purchases_of(subject);
    let has_bought = ident(frequency).is_not_null();
    Some(Expr::Case(Case::new(None, vec![(Box::new(has_bought), Box::new(risk))], None)))
}
