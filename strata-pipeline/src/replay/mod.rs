//! What a definition would have said at earlier dates: how many were in, who entered and who left, date after date.
//!
//! A definition, saved or not, is evaluated as it stands over everything that is known today, at each date as if it were that
//! day: later rows do not exist. What was believed then, by the definitions and the data of then, is what runs have noted
//! ([`crate::query::View::members`]).
//!
//! All dates are evaluated in one pass over each table. Only what holds subjects against each other, as scores and places do,
//! is evaluated date after date.

mod ask;
mod changes;
mod count;
mod dates;
mod evaluate;
mod recall;
mod show;
mod trace;

use chrono::{DateTime, Utc};
use strata_spec::table::Subject;

use crate::error::Result;
use crate::preview::Basis;
use crate::project::Project;
use crate::query::View;

pub(crate) use ask::{Measure, Tracked};
pub use changes::changes;
pub use count::{Moment, Values};
pub use dates::{Dates, MOST_DATES};
pub(crate) use evaluate::{Outcome, evaluate, reaches_back};
pub use recall::{Knowledge, Recall, members_as_known_now, recall};
pub(crate) use trace::traces;

/// What is asked.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    /// A segment, a class written `segmentation/class`, a segmentation for all its classes, or a condition that is not saved.
    pub what: &'a str,
    /// Whom a condition is about.
    pub subject: Subject,
    /// The dates.
    pub dates: Dates,
}

/// What a definition would have said.
#[derive(Debug, Clone, PartialEq)]
pub struct Replay {
    /// Whom it is about.
    pub subject: Subject,
    /// The segment or segmentation; none of a condition that is not saved.
    pub name: Option<String>,
    /// The condition in plain English; the title of a segmentation.
    pub sentence: String,
    /// The dates, the earliest first.
    pub dates: Vec<DateTime<Utc>>,
    /// How many subjects were known at each date.
    pub n_subjects: Vec<u64>,
    /// The segment alone, or the classes in their order.
    pub tracks: Vec<Track>,
    /// How often the tables were read.
    pub n_passes: usize,
    /// What is to be known besides.
    pub notes: Vec<String>,
}

/// A segment or class over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Track {
    /// The segment's name, or `segmentation/class`; the condition where it is not saved.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Who was in, at each date.
    pub moments: Vec<Moment>,
}

/// Replays a definition.
///
/// # Errors
/// `NotFound` when there is no such segment or class; `InvalidDefinition` when a condition has a fault (with its place), or
/// the dates are not in order, too many, or later than the last run's.
pub async fn replay(project: &Project, view: &View, ask: &Ask<'_>) -> Result<Replay> {
    let dates = ask.dates.list(project, view.complete.as_of)?;
    let basis = Basis::open(project, view, None).await?;
    let asked = ask::read(project, view, ask).await?;
    let Outcome { n_subjects, tracks, n_passes } =
        evaluate(&basis, asked.subject, &asked.tracked, &dates).await?;
    let tracks = asked.tracked.iter().zip(tracks).map(|(tracked, moments)| Track {
        name: tracked.name.clone(),
        title: tracked.title.clone(),
        moments,
    });
    Ok(Replay {
        subject: asked.subject,
        name: asked.name,
        sentence: asked.sentence,
        n_subjects,
        tracks: tracks.collect(),
        notes: notes(&basis, asked.subject, n_passes > dates.len().div_ceil(evaluate::DATES_OF_A_PASS)),
        n_passes,
        dates,
    })
}

fn notes(basis: &Basis<'_>, subject: Subject, is_date_by_date: bool) -> Vec<String> {
    let mut notes = Vec::new();
    let has_properties = !basis.setting(subject).columns_of(subject.table()).is_empty();
    if has_properties {
        notes.push(format!(
            "what is known of the {subject} themselves, as their city, is what the last run knew"
        ));
    }
    if is_date_by_date {
        notes.push(format!("it holds {subject} against each other, so each date was evaluated by itself"));
    }
    notes
}
