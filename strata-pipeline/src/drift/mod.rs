//! What has changed from run to run beyond the usual: shares of classes and segments outside their usual range, traits whose
//! distribution has shifted, and what changed in the lives of subjects together with their segments.
//!
//! Shares are held against a control chart of earlier runs ([`FEWEST_RUNS`] or more), traits against the run before by the Population
//! Stability Index ([`MODERATE`], [`SIGNIFICANT`]). A class, segment or trait is only compared with what went by the same version of its
//! definition.

mod bins;
mod life;
mod psi;
mod range;
mod shares;
mod table;
mod traits;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use strata_spec::error::ErrorCode;
use strata_spec::table::Subject;

use crate::error::{Error, Result};
use crate::query::{Answer, View};
use crate::run::{Complete, evaluated_by, runs_before};

pub use life::{Change, LifeChanges, Move, Property, life_changes};
pub use psi::{MODERATE, SIGNIFICANT, chance, psi};
pub use range::FEWEST_RUNS;
pub use table::DRIFT;
pub(crate) use table::batch;
pub use traits::MOST_SUBJECTS;

/// So many earlier runs are looked at, the latest ones.
pub const MOST_RUNS: usize = 24;

/// Which runs are compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ask {
    /// The run whose profile is the earlier one: the last by this instant. The run before the later one unless given.
    pub from: Option<DateTime<Utc>>,
    /// The later run: the last by this instant. The last of all unless given.
    pub to: Option<DateTime<Utc>>,
}

/// What has changed beyond the usual, and what has not.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Drift {
    /// The instant of the run.
    pub as_of: DateTime<Utc>,
    /// The instant of the run whose profile is the earlier one; none where there was none.
    pub before: Option<DateTime<Utc>>,
    /// How many earlier runs were looked at.
    pub n_runs: usize,
    /// Every class and segment, then every trait, with what was found.
    pub rows: Vec<Row>,
}

/// What was found of a class, a segment or a trait.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Of whom.
    pub subject: Subject,
    /// What is measured.
    pub kind: Kind,
    /// The segment, the class as `segmentation/class`, or the trait.
    pub name: String,
    /// The share of all subjects, from 0 to 1, or the index.
    pub value: f64,
    /// The share at the run before; none of an index, and where there was no such run.
    pub before: Option<f64>,
    /// The lower limit of the usual range of a share, or the index from which a shift is moderate. None where runs are too few.
    pub low: Option<f64>,
    /// The upper limit of the usual range of a share, or the index from which a shift is significant.
    pub high: Option<f64>,
    /// Whether there is anything to see to.
    pub level: Level,
    /// How many earlier runs it is held against.
    pub n_earlier: u64,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The share of all subjects who are in a class or segment.
    Share,
    /// The Population Stability Index of a trait.
    Psi,
}

/// Whether there is anything to see to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing.
    None,
    /// A moderate shift.
    Watch,
    /// A share outside its usual range, or a significant shift.
    Alert,
    /// Nobody can say yet.
    TooFewRuns,
}

impl Kind {
    /// The kind as tables have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Share => "share",
            Kind::Psi => "psi",
        }
    }
}

impl Level {
    /// The level as tables have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::None => "none",
            Level::Watch => "watch",
            Level::Alert => "alert",
            Level::TooFewRuns => "too_few_runs",
        }
    }
}

/// Measures what has changed.
///
/// # Errors
/// `NotFound` when there was no run by an instant, `InvalidDefinition` when the runs are not in order.
pub async fn drift(view: &View, ask: &Ask) -> Result<Drift> {
    let now = match ask.to {
        Some(to) => run_by(view, to).await?,
        None => view.complete.clone(),
    };
    let earlier = runs_before(view.engine(), &now, MOST_RUNS).await?;
    let before = match ask.from {
        Some(from) => Some(run_by(view, from).await?),
        None => earlier.first().cloned(),
    };
    if let Some(before) = &before
        && before.as_of >= now.as_of
    {
        let message =
            format!("there was no run between the dates: both mean that of {}", now.as_of.to_rfc3339());
        return Err(Error::new(ErrorCode::InvalidDefinition, message)
            .with_hint("`strata sql \"select as_of from run order by 1\"` lists the runs"));
    }
    let mut rows = shares::beyond(view, &now, &earlier).await?;
    if let Some(before) = &before {
        for subject in Subject::ALL {
            rows.extend(traits::shifted(view, subject, before, &now).await?);
        }
    }
    let before = before.map(|before| before.as_of);
    Ok(Drift { as_of: now.as_of, before, n_runs: earlier.len(), rows })
}

/// The run whose word counts at an instant.
async fn run_by(view: &View, at: DateTime<Utc>) -> Result<Complete> {
    evaluated_by(view.engine(), at).await?.ok_or_else(|| {
        Error::new(ErrorCode::NotFound, format!("there was no run by {}", at.to_rfc3339()))
            .with_hint("`strata sql \"select as_of from run order by 1\"` lists the runs")
    })
}

/// How many subjects a run knew.
async fn n_subjects(view: &View, complete: &Complete, subject: Subject) -> Result<u64> {
    let noted =
        complete.summaries.get("profile").and_then(|summary| summary.facts.get(&format!("n_{subject}")));
    if let Some(n) = noted.and_then(Value::as_u64) {
        return Ok(n);
    }
    let table = subject.profile_table();
    if !complete.tables.contains_key(table) {
        return Ok(0);
    }
    let query = format!("select count(*) from {table}");
    let counted = crate::query::ask::ask_at(view, "count the subjects", &query, &complete.tables).await?;
    Ok(counted.first().map_or(0, |row| row.count(0)))
}

impl Drift {
    /// What there is to see to: the rows of a kind that passed a limit, alerts and the farthest out first.
    pub fn notable(&self, kind: Kind) -> Vec<&Row> {
        let is_notable = |row: &&Row| row.kind == kind && matches!(row.level, Level::Watch | Level::Alert);
        let mut rows: Vec<&Row> = self.rows.iter().filter(is_notable).collect();
        rows.sort_by(|one, other| {
            let order = other.level.cmp(&one.level).then(other.distance().total_cmp(&one.distance()));
            order.then_with(|| (one.subject, &one.name).cmp(&(other.subject, &other.name)))
        });
        rows
    }

    /// Everything as one JSON object.
    pub fn json(&self) -> Value {
        let row = |row: &Row| {
            json!({
                "subject": row.subject.as_str(),
                "kind": row.kind.as_str(),
                "name": row.name,
                "value": row.value,
                "before": row.before,
                "low": row.low,
                "high": row.high,
                "alert": row.level.as_str(),
                "n_earlier_runs": row.n_earlier,
            })
        };
        json!({
            "as_of": self.as_of.to_rfc3339(),
            "before": self.before.map(|before| before.to_rfc3339()),
            "n_earlier_runs": self.n_runs,
            "rows": self.rows.iter().map(row).collect::<Vec<_>>(),
        })
    }

    /// Everything as rows, which are those of the table `drift`.
    ///
    /// # Errors
    /// `Internal` when the rows cannot be described.
    pub fn answer(&self, view: &View) -> Result<Answer> {
        table::answer(view, &self.rows)
    }

    /// What cannot be said for want of earlier runs, in a sentence.
    pub fn too_few(&self) -> Option<String> {
        if self.before.is_none() {
            return Some(
                "There was no earlier run, so nothing can be said yet of what has shifted.".to_owned(),
            );
        }
        let waiting = self.rows.iter().filter(|row| row.level == Level::TooFewRuns).count();
        if waiting == 0 {
            return None;
        }
        let of = if waiting == 1 {
            "1 class or segment has".to_owned()
        } else {
            format!("{waiting} classes and segments have")
        };
        let most =
            self.rows.iter().filter(|row| row.level == Level::TooFewRuns).map(|row| row.n_earlier).max();
        Some(format!(
            "Too few runs: {of} no usual range yet, which takes {FEWEST_RUNS} earlier runs with the same definition; there {}.",
            match most.unwrap_or(0) {
                0 => "was none".to_owned(),
                1 => "was 1".to_owned(),
                n => format!("were {n} at most"),
            }
        ))
    }
}

impl Row {
    /// What has changed, in a sentence. Nothing of what has not.
    pub fn sentence(&self) -> Option<String> {
        let (name, subject) = (&self.name, self.subject);
        match (self.kind, self.level, self.low.zip(self.high)) {
            (Kind::Share, Level::Alert, Some((low, high))) => {
                let now = percent(self.value);
                let side = if self.value > high { "above" } else { "below" };
                let usual = format!("{} to {}", percent(low.max(0.0)), percent(high));
                Some(format!("{name} has {now} of {subject}, {side} its usual {usual}"))
            }
            (Kind::Psi, Level::Alert, Some((_, high))) => Some(format!(
                "{name} of {subject} has shifted significantly: stability index {:.2}, from {high:.2} on significant",
                self.value
            )),
            (Kind::Psi, Level::Watch, Some((low, high))) => Some(format!(
                "{name} of {subject} has shifted moderately: stability index {:.2}, between {low:.2} and {high:.2}",
                self.value
            )),
            _ => None,
        }
    }

    /// How far out it is: an index, or by how many widths of its usual range a share is outside.
    fn distance(&self) -> f64 {
        match (self.kind, self.low.zip(self.high)) {
            (Kind::Psi, _) => self.value,
            (Kind::Share, None) => 0.0,
            (Kind::Share, Some((low, high))) => {
                (self.value - high).max(low - self.value) / (high - low).max(f64::MIN_POSITIVE)
            }
        }
    }
}

/// A share with enough digits that it differs from a limit just beside it.
fn percent(share: f64) -> String {
    match share * 100.0 {
        percent if percent != 0.0 && percent.abs() < 1.0 => format!("{percent:.2} %"),
        percent => format!("{percent:.1} %"),
    }
}
