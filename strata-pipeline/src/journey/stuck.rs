//! Who has been in a stage for longer than three of four were, and has shown no sign of life for long.
//!
//! By what one is late, stays tell whose beginning was seen. One that was there on the first date has lasted at least since then, and is
//! held against the same thresholds by that.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;
use strata_lake::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use strata_lake::arrow::datatypes::Float64Type;
use strata_models::journey::episodes::End;
use strata_models::journey::stuck::{StageVerdict, StuckInput, StuckRules, stuck as judged_by};
use strata_spec::error::ErrorCode;
use strata_spec::table::Subject;

use super::history::{self, History};
use super::stay::Stays;
use super::target::{self, Role, Target};
use super::{Ask, Told, failed, instant, too_few};
use crate::error::{Error, Result};
use crate::preview::texts;
use crate::project::Project;
use crate::query::ask::columns_of;
use crate::query::{Answer, View};

/// The trait of each subject that says how long ago it last showed a sign of life.
const fn sign_of_life(subject: Subject) -> &'static str {
    match subject {
        Subject::Customers => "days_since_last_activity",
        Subject::Companies => "company_days_since_last_order",
    }
}

/// When one is stuck in a stage, and how many are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Judged {
    /// Three of four had left by so many days.
    pub late_after: f64,
    /// So many days without a sign of life are long.
    pub quiet_after: f64,
    /// Of how many stays that is known.
    pub n: u64,
    /// How many are late and quiet.
    pub n_stuck: u64,
}

/// Who is stuck.
#[derive(Debug, Clone, PartialEq)]
pub struct StuckList {
    /// The segmentation.
    pub segmentation: String,
    /// Whom it divides.
    pub subject: Subject,
    /// By stage, in the order of the classes: how many are, or why nobody can be said to be.
    pub stages: Vec<(String, Told<Judged>)>,
    /// Those who are: who is late by most first, stage by stage.
    pub members: Vec<Stuck>,
}

/// One who is stuck.
#[derive(Debug, Clone, PartialEq)]
pub struct Stuck {
    /// The subject's id.
    pub id: String,
    /// The stage.
    pub stage: String,
    /// Since when, as a run noted; since before the first date where `is_at_least`.
    pub since: DateTime<Utc>,
    /// For how many days.
    pub days: f64,
    /// Whether it is longer than that, and nobody knows by how much.
    pub is_at_least: bool,
    /// How many days ago there was a sign of life; none where there has never been one.
    pub quiet_days: Option<f64>,
}

/// Lists who is stuck: in all stages that are no end of the journey, or in one.
///
/// # Errors
/// As those of [`super::journey`].
pub async fn stuck(
    project: &Project,
    view: &View,
    asked: &Ask<'_>,
    stage: Option<&str>,
) -> Result<StuckList> {
    let target = target::find(project, view, asked).await?;
    let only = stage.map(|name| target.named(name)).transpose()?;
    let history = history::find(project, view, &target, asked).await?;
    let episodes = history.episodes(target.stages.len())?;
    let stays = Stays::of(&history, &episodes);
    let judgement = judge(view, &target, &history, &stays, only).await?;
    let mut members: Vec<Stuck> = judgement
        .late
        .iter()
        .map(|late| Stuck {
            id: history.ids[episodes.customers[late.row] as usize].clone(),
            stage: target.stages[usize::from(episodes.stages[late.row])].name.clone(),
            since: instant(episodes.entered[late.row]),
            days: episodes.elapsed[late.row],
            is_at_least: !stays.is_begun(late.row),
            quiet_days: late.quiet,
        })
        .collect();
    let place = |stuck: &Stuck| target.code(&stuck.stage);
    members.sort_by(|one, other| {
        let longer = other.days.total_cmp(&one.days);
        place(one).cmp(&place(other)).then(longer).then_with(|| one.id.cmp(&other.id))
    });
    let stages = target.stages.iter().zip(judgement.stages).zip(0_u16..);
    let stages = stages
        .filter(|((stage, _), code)| only.map_or(stage.role == Role::Way, |only| only == *code))
        .map(|((stage, judged), _)| (stage.name.clone(), judged));
    Ok(StuckList {
        segmentation: target.name.clone(),
        subject: target.subject,
        stages: stages.collect(),
        members,
    })
}

impl StuckList {
    /// As rows: the subject's id, the stage, since when, for how many days at least, whether the beginning was seen, and how many days
    /// ago there was a sign of life.
    ///
    /// # Errors
    /// When the rows cannot be described.
    pub fn rows(&self, view: &View) -> Result<Answer> {
        let text = |of: fn(&Stuck) -> &str| {
            Arc::new(self.members.iter().map(|each| Some(of(each))).collect::<StringArray>()) as ArrayRef
        };
        let since = self.members.iter().map(|each| Some(each.since.timestamp_micros()));
        let since = since.collect::<TimestampMicrosecondArray>().with_timezone("UTC");
        let days = self.members.iter().map(|each| Some(each.days)).collect::<Float64Array>();
        let seen = self.members.iter().map(|each| Some(!each.is_at_least)).collect::<BooleanArray>();
        let quiet = self.members.iter().map(|each| each.quiet_days).collect::<Float64Array>();
        let batch = RecordBatch::try_from_iter([
            (self.subject.id_column(), text(|each| &each.id)),
            ("stage", text(|each| &each.stage)),
            ("since", Arc::new(since) as ArrayRef),
            ("days", Arc::new(days) as ArrayRef),
            ("entry_seen", Arc::new(seen) as ArrayRef),
            ("quiet_days", Arc::new(quiet) as ArrayRef),
        ]);
        view.answer(batch.map_err(|error| {
            Error::new(ErrorCode::Internal, "cannot describe who is stuck").caused_by(error)
        })?)
    }
}

/// What can be said of each stage, and who is late and quiet in it.
pub(super) struct Judgement {
    pub(super) stages: Vec<Told<Judged>>,
    pub(super) late: Vec<Late>,
}

/// A stay that is late and quiet.
pub(super) struct Late {
    pub(super) row: usize,
    /// Days since the last sign of life.
    pub(super) quiet: Option<f64>,
}

/// Judges the stages that are no end of the journey, or one.
pub(super) async fn judge(
    view: &View,
    target: &Target,
    history: &History,
    stays: &Stays<'_>,
    only: Option<u16>,
) -> Result<Judgement> {
    let is_judged =
        |code: u16| only.map_or(target.stages[usize::from(code)].role == Role::Way, |only| only == code);
    let codes = || (0..target.stages.len() as u16).collect::<Vec<u16>>();
    let nobody = |why: &str| Judgement {
        stages: codes()
            .into_iter()
            .map(|code| Told::unknown(if is_judged(code) { why } else { AT_END }))
            .collect(),
        late: Vec::new(),
    };
    let Some(quiet) = signs_of_life(view, target.subject).await? else {
        let of = sign_of_life(target.subject);
        return Ok(nobody(&format!(
            "it is not known when there was a sign of life: the last run has no `{of}`"
        )));
    };
    let episodes = stays.episodes();
    let quiet_of = |row: usize| quiet.get(&history.ids[episodes.customers[row] as usize]).copied().flatten();
    let begun: Vec<usize> = (0..episodes.stages.len()).filter(|row| stays.is_begun(*row)).collect();
    let ended: Vec<bool> = begun.iter().map(|row| episodes.ends[*row].is_seen()).collect();
    let input = StuckInput {
        stages: &begun.iter().map(|row| episodes.stages[*row]).collect::<Vec<_>>(),
        elapsed: &begun.iter().map(|row| episodes.elapsed[*row]).collect::<Vec<_>>(),
        ended: &ended,
        quiet: &begun.iter().map(|row| quiet_of(*row)).collect::<Vec<_>>(),
    };
    let rules = StuckRules::default();
    let found = judged_by(&input, target.stages.len(), &rules).map_err(failed)?;
    let mut late: Vec<usize> = found.episodes.iter().map(|place| begun[*place]).collect();
    // Of one who is gone nothing is known, being stuck included.
    late.retain(|row| is_judged(episodes.stages[*row]) && episodes.ends[*row] == End::Open);
    let mut stages = Vec::with_capacity(target.stages.len());
    for (code, verdict) in codes().into_iter().zip(&found.stages) {
        stages.push(match *verdict {
            _ if !is_judged(code) => Told::unknown(AT_END),
            StageVerdict::TooFew { n_episodes } => Told::unknown(too_few(n_episodes, rules.fewest_episodes)),
            StageVerdict::NotReached { n_episodes, n_open } => Told::unknown(format!(
                "fewer than three of four have left it: {n_open} of the {n_episodes} who were seen to enter it are there still"
            )),
            StageVerdict::Judged { n_episodes, late_after, quiet_after, .. } => {
                // Longer than that since the first date is longer than that since before.
                late.extend((0..episodes.stages.len()).filter(|row| {
                    !stays.is_begun(*row)
                        && (episodes.stages[*row], episodes.ends[*row]) == (code, End::Open)
                        && episodes.elapsed[*row] > late_after
                        && quiet_of(*row).is_none_or(|quiet| quiet > quiet_after)
                }));
                let n_stuck = late.iter().filter(|row| episodes.stages[**row] == code).count() as u64;
                Told::Known(Judged { late_after, quiet_after, n: n_episodes as u64, n_stuck })
            }
        });
    }
    let late = late.into_iter().map(|row| Late { row, quiet: quiet_of(row) }).collect();
    Ok(Judgement { stages, late })
}

/// Why nobody is stuck at an end.
const AT_END: &str = "it is an end of the journey";

/// Days since the last sign of life of each subject; none where nobody's is known.
async fn signs_of_life(view: &View, subject: Subject) -> Result<Option<HashMap<String, Option<f64>>>> {
    let (table, column, id) = (subject.profile_table(), sign_of_life(subject), subject.id_column());
    let Some(days) = columns_of(view, table).await?.as_number(column, "p.") else { return Ok(None) };
    let (_, batches) = view.sql(&format!("select p.{id}, {days} from {table} p")).await?.batches().await?;
    let mut found = HashMap::new();
    for batch in &batches {
        let ids = texts(batch, 0)?;
        let days = batch.column(1).as_primitive_opt::<Float64Type>().ok_or_else(|| {
            Error::new(ErrorCode::Internal, format!("`{column}` came as another type than numbers"))
        })?;
        found.extend((0..batch.num_rows()).map(|row| {
            let quiet = days.is_valid(row).then(|| days.value(row).max(0.0));
            (ids.value(row).to_owned(), quiet)
        }));
    }
    Ok(Some(found))
}
