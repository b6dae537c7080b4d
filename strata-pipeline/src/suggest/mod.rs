//! Suggested segments: conditions of few clauses whose subjects stand out by a goal, in the time after the condition held.
//!
//! What a condition says is what was known at a date, and the goal is what happened in a horizon after it, so that nothing of the future
//! is in what it is told by. Half of the subjects are searched, as they were two horizons before the run; what is found is held against
//! the other half, as they were one horizon before it: it has to hold for others, and later. The statistics are those of
//! [`strata_models::subgroup`].
//!
//! | module | its part |
//! | --- | --- |
//! | `goal` | the goal as a term that is evaluated at the end of the horizon |
//! | `feature` | by what may be told, and what cannot be said of the past |
//! | `observe` | subjects at three instants, searched and held out |
//! | `word` | what was found in the language, with names |
//! | `present` | how many meet it at the last run, and which segments they are in already |
//! | `stated` | what a run looks for of itself: what the goals of segments state |
//! | `table` | what it found, as the rows of a table |
//! | [`traits`] | which traits deserve to define segments |

mod feature;
mod goal;
mod observe;
mod present;
mod show;
mod stated;
mod table;
pub mod traits;
mod word;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use strata_models::subgroup::{Estimate, Goal as Measured, SubgroupOptions, subgroups_between};
use strata_spec::condition::Interval;
use strata_spec::error::ErrorCode;
use strata_spec::table::Subject;
use tokio::task::spawn_blocking;

use crate::error::{Error, Result};
use crate::function::shift;
use crate::preview::{Basis, refused};
use crate::project::Project;
use crate::query::View;

pub use feature::LeftOut;
pub use goal::NAMED;
pub(crate) use stated::look;
pub(crate) use table::batch;
pub use table::{Looked, SUGGESTION, read};

/// What is asked.
#[derive(Debug, Clone)]
pub struct Ask {
    /// One of [`NAMED`], or a condition or term of the language, evaluated at the end of the horizon.
    pub goal: String,
    /// Whom it is about.
    pub subject: Subject,
    /// Of whom the condition holds at the beginning; of everybody where none is given.
    pub among: Option<String>,
    /// How many days the goal looks ahead.
    pub horizon_days: u32,
    /// By which traits subjects may be told; by all of the last run where none is given.
    pub features: Vec<String>,
    /// Traits and columns of the subjects themselves that do not change, so that what the last run knew of them was so before.
    pub unchanging: Vec<String>,
    /// How many are suggested at most. The fewer are checked, the more surely each is told.
    pub most: usize,
}

impl Default for Ask {
    fn default() -> Ask {
        Ask {
            goal: String::new(),
            subject: Subject::default(),
            among: None,
            horizon_days: 90,
            features: Vec::new(),
            unchanging: Vec::new(),
            most: 10,
        }
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestions {
    /// Whom it is about.
    pub subject: Subject,
    /// The goal as it was asked for.
    pub goal: String,
    /// The goal in words.
    pub goal_title: String,
    /// The term that was evaluated.
    pub goal_text: String,
    /// Whether the goal is something that happens or not; otherwise it is a number.
    pub is_share: bool,
    /// Of whom it was asked, where not of everybody.
    pub among: Option<String>,
    /// How many days the goal looked ahead.
    pub horizon_days: u32,
    /// As of when it was searched, …
    pub searched_at: DateTime<Utc>,
    /// … as of when it was checked on others, …
    pub checked_at: DateTime<Utc>,
    /// … and the last run's instant, by which it is known what came of them.
    pub as_of: DateTime<Utc>,
    /// The clocks by which their days are told.
    pub timezone: Tz,
    /// How many subjects were searched.
    pub n_searched: usize,
    /// On how many others it was checked.
    pub n_checked: usize,
    /// The mean of the goal over those: a share where it is one.
    pub mean_of_all: f64,
    /// Whether these are all subjects; otherwise they are a sample.
    pub is_everybody: bool,
    /// How many subjects the last run had.
    pub n_subjects: u64,
    /// By what subjects were told.
    pub features: Vec<String>,
    /// By what they were not, and why.
    pub left_out: Vec<LeftOut>,
    /// What is to be known besides.
    pub notes: Vec<String>,
    /// The segments, the surest first.
    pub suggestions: Vec<Suggestion>,
}

/// A segment that is suggested. All figures but the sizes and the likeness are of subjects that were not searched, at the later date.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// A name that no segment has.
    pub name: String,
    /// Its condition.
    pub condition: String,
    /// The condition in plain English.
    pub sentence: String,
    /// How many meet it at the last run.
    pub n_members: u64,
    /// How many met it of those on whom it was checked.
    pub n_rows: usize,
    /// The mean of the goal over them.
    pub mean: f64,
    /// The same with its interval of 95 % confidence.
    pub inside: Estimate,
    /// The mean of the goal over those on whom it was checked and who did not meet it, likewise.
    pub outside: Estimate,
    /// By how much that differs from the mean over all, with 95 % confidence.
    pub difference: Estimate,
    /// How many times the mean over all it is, with 95 % confidence; none where values of both signs have no ratio.
    pub lift: Option<Estimate>,
    /// The chance of a mean so high in as many subjects drawn blindly.
    pub chance: f64,
    /// The same, adjusted for the number of groups that were checked (Benjamini and Yekutieli).
    pub adjusted_chance: f64,
    /// The segment or class of the last run that is most like it; none where it shares nobody with any.
    pub most_like: Option<Likeness>,
}

/// How far a segment of the last run has the same members.
#[derive(Debug, Clone, PartialEq)]
pub struct Likeness {
    /// The segment, or `segmentation/class`.
    pub name: String,
    /// How many are in both.
    pub n_both: u64,
    /// Those, of all who are in either.
    pub jaccard: f64,
}

/// Suggests segments.
///
/// # Errors
/// `InvalidDefinition` when the goal, a condition or a feature has a fault or cannot be said of the past, when too few subjects were
/// known so early, or when the goal is the same for all of them; `NotFound` when the run has no such subjects, features or events.
pub async fn suggest(project: &Project, view: &View, ask: &Ask) -> Result<Suggestions> {
    let basis = Basis::open(project, view, None).await?;
    let subject = ask.subject;
    if !basis.has(subject) {
        return Err(Error::new(ErrorCode::NotFound, format!("the last run knew no {subject}"))
            .with_hint("`strata check` says what the sources map"));
    }
    if ask.most == 0 {
        return Err(Error::new(ErrorCode::InvalidDefinition, "no segment at all is asked for")
            .with_hint("--most 1 or more; 10 are usual"));
    }
    let instants = instants(project, view.complete.as_of, ask.horizon_days)?;
    let past = basis.at(instants[1]);
    let goal = goal::read(&past, ask)?;
    let manifest = &project.manifest;
    let among = ask.among.as_deref().map(|text| {
        let among = manifest.definitions.read_condition(text, subject, &manifest.properties);
        among.map_err(|faults| refused(project, text, faults))
    });
    let among = among.transpose()?;
    let mut notes = Vec::new();
    if let Some(among) = &among {
        notes.extend(feature::check_among(&past, subject, among)?);
    }
    let chosen = feature::choose(&past, ask).await?;
    let observing = observe::Question {
        subject,
        instants,
        timezone: project.timezone,
        goal: &goal,
        among: among.as_ref(),
    };
    let observed = observing.ask(project, view, chosen).await?;
    observed.check(&observing, ask)?;

    let options = SubgroupOptions { n_checked: ask.most, ..SubgroupOptions::default() };
    let seed = view.as_run(project).seed;
    let searching = spawn_blocking(move || {
        let parts = [observed.searched.as_slice(), observed.held_out.as_slice()];
        let goal = Measured::Numeric(&observed.goal);
        let found = subgroups_between(&observed.columns, goal, parts, &options, seed);
        (found, observed)
    });
    let stopped = |error| Error::new(ErrorCode::Internal, "the search for segments stopped").caused_by(error);
    let (found, observed) = searching.await.map_err(stopped)?;
    let found = found.map_err(|error| {
        Error::new(ErrorCode::InvalidDefinition, "cannot search for segments").caused_by(error)
    })?;

    let worded = word::all(&found, &observed.features, &goal, ask, project)?;
    let present = present::look_up(&basis, subject, &worded).await?;
    let suggestions = found.into_iter().zip(worded).zip(present.of_each).map(|((found, worded), now)| {
        let condition = if now.is_population_idle { &worded.short } else { &worded.full };
        Suggestion {
            name: worded.name,
            condition: condition.text(subject),
            sentence: condition.sentence(),
            n_members: now.n_members,
            n_rows: found.n_rows,
            mean: found.mean,
            inside: found.inside,
            outside: found.outside,
            difference: found.difference,
            lift: found.lift,
            chance: found.chance,
            adjusted_chance: found.adjusted_chance,
            most_like: now.most_like,
        }
    });
    if !observed.is_everybody {
        notes.push(format!("the {subject} that were looked at are a sample; sizes and likeness are of all"));
    }
    Ok(Suggestions {
        subject,
        goal: ask.goal.clone(),
        goal_title: goal.title.clone(),
        goal_text: goal.term.text(subject),
        is_share: goal.is_share,
        among: among.as_ref().map(|among| among.text(subject)),
        horizon_days: ask.horizon_days,
        searched_at: instants[0],
        checked_at: instants[1],
        as_of: instants[2],
        timezone: project.timezone,
        n_searched: observed.searched.len(),
        n_checked: observed.held_out.len(),
        mean_of_all: observed.mean_of_held_out(),
        is_everybody: observed.is_everybody,
        n_subjects: present.n_subjects,
        features: observed.features.iter().map(|feature| feature.name.clone()).collect(),
        left_out: observed.left_out.clone(),
        notes,
        suggestions: suggestions.collect(),
    })
}

/// Two horizons before the run, one, and the run: on the project's clocks, as windows of the language are.
fn instants(project: &Project, as_of: DateTime<Utc>, horizon_days: u32) -> Result<[DateTime<Utc>; 3]> {
    let wrong = || {
        let message = format!("{horizon_days} days are no horizon");
        Error::new(ErrorCode::InvalidDefinition, message).with_hint("--horizon-days 1 to 3650; 90 are usual")
    };
    if !(1..=3650).contains(&horizon_days) {
        return Err(wrong());
    }
    let days = i32::try_from(horizon_days).map_err(|_| wrong())?;
    let before = |at| shift(at, Interval { days, ..Interval::default() }, -1, project.timezone);
    let checked = before(as_of).ok_or_else(wrong)?;
    Ok([before(checked).ok_or_else(wrong)?, checked, as_of])
}
