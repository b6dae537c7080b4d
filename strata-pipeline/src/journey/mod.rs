//! The way of customers through stages: who goes where, how long it takes, what becomes of them, and who has stayed behind.
//!
//! `target` finds the segmentation whose classes are the stages, `history` reads who was in which since when, as runs noted it or as a replay says; `flow` counts moves and says
//! where they end, `stay` how long a stage lasts and by which exits it is left, `stuck` who is late and quiet. What
//! was so before the first date is not known, and is not made up. [`funnel()`] and [`attribution()`] are asked of events, not of stages.

mod attribution;
mod flow;
mod funnel;
mod history;
mod stay;
mod stuck;
mod target;

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};
use strata_models::journey::error::JourneyError;
use strata_spec::error::ErrorCode;
use strata_spec::table::Subject;

use crate::error::{Error, Result};
use crate::project::Project;
use crate::query::View;
use crate::replay::Dates;

pub use attribution::{Attribution, AttributionAsk, Credit, attribution};
pub use flow::{Absorbed, AbsorbedFrom, Context, Flow, Move};
pub use funnel::{Funnel, FunnelAsk, FunnelClass, FunnelStep, funnel};
pub use stay::{Days, Exit, HORIZONS, Share};
pub use stuck::{Judged, Stuck, StuckList, stuck};
pub use target::Role;

/// Which journey.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ask<'a> {
    /// The segmentation whose classes are the stages; the project's own of the layer `journey`, or else the shipped one, unless given.
    pub segmentation: Option<&'a str>,
    /// The classes with which the journey has led where it should; those after a first order unless any are given.
    pub converted: Vec<String>,
    /// The classes with which it leads nowhere any more; those who show no sign unless any are given.
    pub lost: Vec<String>,
    /// The dates at which the definition as it stands is evaluated over what is known now; without them it is read what runs noted.
    pub replay: Option<Dates>,
}

/// The way of customers through stages.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Journey {
    /// The segmentation.
    pub segmentation: String,
    /// Its title.
    pub title: String,
    /// Whom it divides.
    #[serde(serialize_with = "subject")]
    pub subject: Subject,
    /// How many of them were in any stage at any time.
    pub n_subjects: u64,
    /// The first date of which it is known who was where.
    pub since: DateTime<Utc>,
    /// The last one.
    pub as_of: DateTime<Utc>,
    /// How many dates there are.
    pub n_dates: u64,
    /// The typical time between two of them, by which lengths of time are as fine; none of one date.
    pub days_between: Option<f64>,
    /// Whether runs before that were of another version of the definition, and are left out.
    pub is_cut: bool,
    /// Whether this is what the definition as it stands says of earlier dates, and not what runs noted then.
    pub is_replayed: bool,
    /// The stages, in the order of the classes.
    pub stages: Vec<Stage>,
    /// Who went where.
    pub flow: Told<Flow>,
    /// Where they end.
    pub outcome: Told<Absorbed>,
}

/// A stage.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stage {
    /// The class.
    pub name: String,
    /// Its title.
    pub title: String,
    /// What it is to the journey.
    pub role: Role,
    /// How many are in it.
    pub n_now: u64,
    /// How many stays in it began before the first date, nobody knows when.
    pub n_before: u64,
    /// How many stays were seen to begin.
    pub n_begun: u64,
    /// How many of these have not ended.
    pub n_open: u64,
    /// How long they last.
    pub days: Told<Days>,
    /// By which exits they end, and how many by when.
    pub exits: Told<Vec<Exit>>,
    /// Who has stayed behind.
    pub stuck: Told<Judged>,
}

/// What is told, or why it is not.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Told<T> {
    /// It is.
    Known(T),
    /// It is not.
    Unknown {
        /// Why not.
        why: String,
    },
}

impl<T> Told<T> {
    /// What is told.
    pub fn known(&self) -> Option<&T> {
        match self {
            Told::Known(known) => Some(known),
            Told::Unknown { .. } => None,
        }
    }

    /// Why it is not.
    pub fn why(&self) -> Option<&str> {
        match self {
            Told::Known(_) => None,
            Told::Unknown { why } => Some(why),
        }
    }

    fn unknown(why: impl Into<String>) -> Told<T> {
        Told::Unknown { why: why.into() }
    }
}

/// Follows customers, or companies, through the stages of their journey.
///
/// # Errors
/// `NotFound` where there is no such segmentation or class, and `InvalidDefinition` where it cannot be a journey.
pub async fn journey(project: &Project, view: &View, asked: &Ask<'_>) -> Result<Journey> {
    let target = target::find(project, view, asked).await?;
    let history = history::find(project, view, &target, asked).await?;
    let episodes = history.episodes(target.stages.len())?;
    let stays = stay::Stays::of(&history, &episodes);
    let judged = stuck::judge(view, &target, &history, &stays, None).await?;
    let stages = target.stages.iter().zip(judged.stages).zip(0_u16..).map(|((stage, stuck), code)| {
        let own = stays.of_stage(code);
        Ok(Stage {
            name: stage.name.clone(),
            title: stage.title.clone(),
            role: stage.role,
            n_now: stage.n_now,
            n_before: own.n_before,
            n_begun: own.elapsed.len() as u64,
            n_open: own.ends.iter().filter(|end| !end.is_seen()).count() as u64,
            days: own.days()?,
            exits: own.exits(&target)?,
            stuck,
        })
    });
    Ok(Journey {
        segmentation: target.name.clone(),
        title: target.title.clone(),
        subject: target.subject,
        n_subjects: history.ids.len() as u64,
        since: instant(history.since()),
        as_of: view.complete.as_of,
        n_dates: history.dates.len() as u64,
        days_between: history.days_between(),
        is_cut: history.is_cut,
        is_replayed: asked.replay.is_some(),
        stages: stages.collect::<Result<Vec<_>>>()?,
        flow: flow::flow(&target, &history, &episodes)?,
        outcome: flow::absorbed(&target, &history, &episodes)?,
    })
}

/// The same of the project's own journey, or of the shipped one; none where the last run has neither.
pub(crate) async fn of_project(project: &Project, view: &View) -> Result<Option<Journey>> {
    let Some(name) = target::own(project, view).await? else { return Ok(None) };
    journey(project, view, &Ask { segmentation: Some(&name), ..Ask::default() }).await.map(Some)
}

/// Why nothing is told where there is one date.
fn one_date(history: &history::History) -> String {
    let first = instant(history.since()).format("%Y-%m-%d");
    format!(
        "it was looked once, on {first}, so nobody was seen to move: `strata run` again, at a later date, or ask with --replay"
    )
}

/// Why nothing is told of a stage that so few entered.
fn too_few(n: usize, needed: usize) -> String {
    let were = if n == 1 { "was" } else { "were" };
    format!("{n} {were} seen to enter it, and {needed} are needed")
}

fn instant(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}

/// An error of the models, which is one of what was handed to them.
fn failed(error: JourneyError) -> Error {
    Error::new(ErrorCode::Internal, "cannot follow the journey").caused_by(error)
}

fn subject<S: Serializer>(subject: &Subject, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_str(subject.as_str())
}
