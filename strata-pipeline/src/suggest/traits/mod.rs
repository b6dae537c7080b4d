//! Which traits deserve to define segments: each known of most customers, much the same a while later, telling something of the goal, and
//! none twice in other words. The statistics are those of [`strata_models::cluster::key_variables`].
//!
//! Without a goal the values are those of the last run, held against those of a horizon earlier. With one they are those of a horizon before
//! the run, held against those of another horizon earlier, and the goal is what came after: what is known by now could tell it from
//! itself.

mod show;
mod values;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use strata_models::cluster::key_variables::{
    Appraisal, Contender, Decision, KeyVariableOptions, key_variables,
};
use strata_spec::error::ErrorCode;
use strata_spec::table::Subject;
use tokio::task::spawn_blocking;

use super::{Ask, goal, instants};
use crate::error::{Error, Result};
use crate::preview::{Basis, refused};
use crate::project::Project;
use crate::query::View;

/// What is asked of traits.
#[derive(Debug, Clone)]
pub struct TraitAsk {
    /// What segments are for, as [`Ask::goal`] has it; none where that is not known.
    pub goal: Option<String>,
    /// Whom it is about.
    pub subject: Subject,
    /// Of whom the condition holds; of everybody where none is given.
    pub among: Option<String>,
    /// How many days lie between a trait and itself, and how far the goal looks ahead.
    pub horizon_days: u32,
    /// Which traits, or columns of the subjects themselves; all traits of the last run where none is given.
    pub traits: Vec<String>,
    /// How many are taken at most.
    pub most: usize,
}

impl Default for TraitAsk {
    fn default() -> TraitAsk {
        TraitAsk {
            goal: None,
            subject: Subject::default(),
            among: None,
            horizon_days: 90,
            traits: Vec::new(),
            most: KeyVariableOptions::default().most_traits,
        }
    }
}

/// What was found of all traits.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyTraits {
    /// Whom it is about.
    pub subject: Subject,
    /// The goal in words; none where none was asked for.
    pub goal: Option<String>,
    /// Where the goal is a number: above which it counts as reached, half of those who were asked about being so.
    pub goal_above: Option<f64>,
    /// Of whom it was asked, where not of everybody.
    pub among: Option<String>,
    /// As of when the values are, …
    pub at: DateTime<Utc>,
    /// … and as of when those are that they are held against.
    pub again_at: DateTime<Utc>,
    /// The clocks by which their days are told.
    pub timezone: Tz,
    /// How many subjects were looked at.
    pub n_rows: usize,
    /// How many of them were known at the earlier date, too.
    pub n_again: usize,
    /// Whether these are all subjects; otherwise they are a sample.
    pub is_everybody: bool,
    /// The traits: those to take first, the best of them first.
    pub traits: Vec<KeyTrait>,
}

/// A trait, what was decided and why.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyTrait {
    /// Its name.
    pub name: String,
    /// What was decided.
    pub verdict: Verdict,
    /// The share of subjects who have a value; none where it was not looked at.
    pub known: Option<f64>,
    /// Its association with itself a horizon earlier, 0 to 1; none where that is not known.
    pub stability: Option<f64>,
    /// How much of the goal it tells, in parts of the goal's entropy; none without a goal.
    pub relevance: Option<f64>,
    /// The area under the curve by which a number tells the goal, whichever way it points; none without a goal.
    pub auc: Option<f64>,
    /// The trait that says the same, with the strength of their association.
    pub same_as: Option<(String, f64)>,
    /// The reason in a sentence.
    pub sentence: String,
}

/// What becomes of a trait. In the order in which they are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It should define segments.
    Take,
    /// A trait that is taken says the same.
    Redundant,
    /// Those that are taken are better, and enough.
    Spare,
    /// It tells nothing of the goal.
    Irrelevant,
    /// It changes too much by itself.
    Unstable,
    /// Too few have a value.
    Missing,
    /// It is the same for all, an id, a date, or a text of too many values.
    NoTrait,
    /// What it was before the goal cannot be told.
    NotOfPast,
}

impl Verdict {
    /// A word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Take => "take",
            Verdict::Redundant => "redundant",
            Verdict::Spare => "spare",
            Verdict::Irrelevant => "irrelevant",
            Verdict::Unstable => "unstable",
            Verdict::Missing => "missing",
            Verdict::NoTrait => "no trait",
            Verdict::NotOfPast => "not of the past",
        }
    }
}

/// Appraises traits.
///
/// # Errors
/// `InvalidDefinition` when the goal or the condition has a fault or cannot be said of the past, when too few subjects were known so early,
/// or when the goal is the same for all; `NotFound` when the run has no such subjects or traits.
pub async fn key_traits(project: &Project, view: &View, ask: &TraitAsk) -> Result<KeyTraits> {
    let basis = Basis::open(project, view, None).await?;
    let subject = ask.subject;
    if !basis.has(subject) {
        return Err(Error::new(ErrorCode::NotFound, format!("the last run knew no {subject}"))
            .with_hint("`strata check` says what the sources map"));
    }
    if ask.most == 0 {
        return Err(Error::new(ErrorCode::InvalidDefinition, "no trait at all is asked for")
            .with_hint("--most 1 or more; up to 12 are usual"));
    }
    let [earliest, before, last] = instants(project, view.complete.as_of, ask.horizon_days)?;
    let (instants, at) = match ask.goal {
        Some(_) => (vec![earliest, before, last], basis.at(before)),
        None => (vec![before, last], basis.clone()),
    };
    let of_goal = ask.goal.as_ref().map(|text| {
        let wanted = Ask { goal: text.clone(), subject, horizon_days: ask.horizon_days, ..Ask::default() };
        goal::read(&at, &wanted)
    });
    let of_goal = of_goal.transpose()?;
    let among = ask.among.as_deref().map(|text| {
        let among = project.manifest.definitions.read_condition(text, subject, &project.manifest.properties);
        among.map_err(|faults| refused(project, text, faults))
    });
    let among = among.transpose()?;
    if let Some(among) = &among {
        super::feature::check_among(&at, subject, among)?;
    }
    let (again_at, value_at) = (instants[0], instants[1]);
    let question = values::Question { subject, instants, goal: of_goal.as_ref(), among: among.as_ref() };
    let found = question.ask(project, view, &at, &ask.traits).await?;
    let (n_rows, n_again, is_everybody) = (found.n_rows, found.n_again, found.is_everybody);
    let mut traits = found.refused.clone();
    let goal_above = found.goal_above;
    if !found.columns.is_empty() {
        let options = KeyVariableOptions { most_traits: ask.most, ..KeyVariableOptions::default() };
        let seed = view.as_run(project).seed;
        let appraising = spawn_blocking(move || {
            let contenders: Vec<Contender<'_>> = found
                .columns
                .iter()
                .map(|(column, again)| Contender { column, again: again.as_ref() })
                .collect();
            key_variables(&contenders, found.goal.as_deref(), &options, seed)
        });
        let stopped =
            |error| Error::new(ErrorCode::Internal, "the appraisal of traits stopped").caused_by(error);
        let appraised = appraising.await.map_err(stopped)?.map_err(|error| {
            Error::new(ErrorCode::InvalidDefinition, "cannot appraise the traits").caused_by(error)
        })?;
        traits.extend(appraised.into_iter().map(|appraisal| worded(appraisal, subject)));
    }
    traits.sort_by_key(|one| one.verdict);
    Ok(KeyTraits {
        subject,
        goal: of_goal.map(|goal| goal.title),
        goal_above,
        among: among.map(|among| among.text(subject)),
        at: value_at,
        again_at,
        timezone: project.timezone,
        n_rows,
        n_again,
        is_everybody,
        traits,
    })
}

fn worded(appraisal: Appraisal, subject: Subject) -> KeyTrait {
    let sentence = match &appraisal.decision {
        // What to do about it is said of columns of a model.
        Decision::NoTrait { reason } => {
            let reason = reason.split("; hint: ").next().unwrap_or(reason);
            format!("{} is left out: {reason}.", appraisal.name)
        }
        _ => appraisal.to_string().replace(" of customers ", &format!(" of {subject} ")),
    };
    let is_trait = !matches!(appraisal.decision, Decision::NoTrait { .. });
    let verdict = match &appraisal.decision {
        Decision::Chosen => Verdict::Take,
        Decision::NoTrait { .. } => Verdict::NoTrait,
        Decision::Missing => Verdict::Missing,
        Decision::Unstable => Verdict::Unstable,
        Decision::Irrelevant => Verdict::Irrelevant,
        Decision::Redundant { .. } => Verdict::Redundant,
        Decision::Enough => Verdict::Spare,
    };
    let same_as = match appraisal.decision {
        Decision::Redundant { with, association } => Some((with, association.strength().unwrap_or(0.0))),
        _ => None,
    };
    KeyTrait {
        verdict,
        known: Some(1.0 - appraisal.missing),
        stability: appraisal.stability.filter(|_| is_trait),
        relevance: appraisal.relevance.filter(|_| is_trait),
        auc: appraisal.auc.filter(|_| is_trait),
        same_as,
        sentence,
        name: appraisal.name,
    }
}
