//! Who was in which stage since when: as runs have noted it, or as the definition as it stands would have said.

use chrono::DateTime;
use strata_lake::arrow::array::{Array, AsArray, TimestampMicrosecondArray};
use strata_lake::arrow::datatypes::TimestampMicrosecondType;
use strata_lake::arrow::record_batch::RecordBatch;
use strata_models::journey::episodes::{EpisodeRules, Episodes, Memberships, episodes};
use strata_spec::error::ErrorCode;

use super::Ask;
use super::target::Target;
use crate::error::{Error, Result};
use crate::preview::texts;
use crate::project::Project;
use crate::query::ask::ask;
use crate::query::{View, quoted};
use crate::replay::{Dates, traces};
use crate::run::runs_before;

/// Times are in microseconds, and lengths of time in days.
pub(super) const DAY: i64 = 86_400_000_000;
/// So many runs are looked back on.
const MOST_RUNS: usize = 10_000;

/// The memberships in stages, subject by subject, under the definition as it stands.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct History {
    /// Whose.
    pub(super) ids: Vec<String>,
    /// Where the rows of each end.
    pub(super) ends: Vec<usize>,
    /// The stage's code.
    pub(super) stages: Vec<u16>,
    /// When a run first saw the subject in it.
    pub(super) entered: Vec<i64>,
    /// When a run saw the subject in it no more.
    pub(super) left: Vec<Option<i64>>,
    /// When it was looked who is where, the earliest first; the last is the last run's instant.
    pub(super) dates: Vec<i64>,
    /// Whether earlier memberships were of another version of the definition, and are left out.
    pub(super) is_cut: bool,
}

impl History {
    /// The first date: who was in a stage then has been there for nobody knows how long.
    pub(super) fn since(&self) -> i64 {
        self.dates.first().copied().unwrap_or_default()
    }

    /// The last date.
    pub(super) fn as_of(&self) -> i64 {
        self.dates.last().copied().unwrap_or_default()
    }

    /// The typical time from one date to the next, in days; none of one date.
    pub(super) fn days_between(&self) -> Option<f64> {
        let mut gaps: Vec<i64> = self.dates.windows(2).map(|pair| pair[1] - pair[0]).collect();
        gaps.sort_unstable();
        gaps.get(gaps.len() / 2).map(|gap| *gap as f64 / DAY as f64)
    }

    /// Runs in one stage.
    pub(super) fn episodes(&self, n_stages: usize) -> Result<Episodes> {
        let memberships = Memberships {
            ends: &self.ends,
            stages: &self.stages,
            entered: &self.entered,
            left: &self.left,
            last_event: None,
        };
        let rules = EpisodeRules { n_stages, as_of: self.as_of(), unit: DAY, lost_after: None, losable: &[] };
        episodes(&memberships, &rules).map_err(|error| {
            Error::new(ErrorCode::Storage, "the memberships of the journey contradict each other")
                .with_hint("run again: memberships are made anew from the runs before")
                .caused_by(error)
        })
    }
}

/// The history that is asked for.
pub(super) async fn find(
    project: &Project,
    view: &View,
    target: &Target,
    asked: &Ask<'_>,
) -> Result<History> {
    match &asked.replay {
        Some(dates) => replayed(project, view, target, dates).await,
        None => noted(view, target).await,
    }
}

/// What the definition as it stands says of dates, over what is known now.
async fn replayed(project: &Project, view: &View, target: &Target, dates: &Dates) -> Result<History> {
    let traces = traces(project, view, &target.name, dates).await?;
    let codes: Vec<Option<u16>> = traces.classes.iter().map(|class| target.code(class)).collect();
    let mut history = History {
        dates: traces.dates.iter().map(DateTime::timestamp_micros).collect(),
        ..History::default()
    };
    let mut order: Vec<usize> = (0..traces.ids.len()).collect();
    order.sort_by(|one, other| traces.ids[*one].cmp(&traces.ids[*other]));
    for subject in order {
        let begin = history.stages.len();
        let mut before = None;
        for (place, at) in traces.places[subject].iter().zip(&history.dates) {
            let stage = place.and_then(|place| codes[usize::from(place)]);
            if stage == before {
                continue;
            }
            if before.is_some()
                && let Some(left) = history.left.last_mut()
            {
                *left = Some(*at);
            }
            if let Some(stage) = stage {
                history.stages.push(stage);
                history.entered.push(*at);
                history.left.push(None);
            }
            before = stage;
        }
        if history.stages.len() > begin {
            history.ids.push(traces.ids[subject].clone());
            history.ends.push(history.stages.len());
        }
    }
    Ok(history)
}

/// Reads what runs noted. What another version of the definition said is not comparable, and is left out.
async fn noted(view: &View, target: &Target) -> Result<History> {
    let of = format!("m.subject = '{}' and m.segmentation = {}", target.subject, quoted(&target.name));
    let version = quoted(&target.version);
    let query = format!(
        "select cast(max(m.left_at) filter (where m.version <> {version}) as bigint), \
         cast(min(m.entered_at) filter (where m.version = {version}) as bigint) from membership m where {of}"
    );
    let rows = ask(view, "find where the history of the journey begins", &query).await?;
    let micros = |place: usize| rows.first()?.maybe(place)?.parse::<i64>().ok();
    let (cut, first) = (micros(0), micros(1));
    let as_of = view.complete.as_of.timestamp_micros();
    let since = cut.max(first).unwrap_or(as_of);
    let mut history =
        History { dates: dates(view, since, as_of).await?, is_cut: cut.is_some(), ..History::default() };
    let query = format!(
        "select m.subject_id, m.segment, m.entered_at, m.left_at from membership m \
         where {of} and m.version = {version} order by 1, 3"
    );
    let (_, batches) = view.sql(&query).await?.batches().await?;
    for batch in &batches {
        add(&mut history, batch, target, since)?;
    }
    Ok(history)
}

/// The instants of the runs since then.
async fn dates(view: &View, since: i64, as_of: i64) -> Result<Vec<i64>> {
    let before = runs_before(view.engine(), &view.complete, MOST_RUNS).await?;
    let before = before.iter().map(|run| run.as_of.timestamp_micros());
    let mut dates: Vec<i64> = before.filter(|at| *at >= since && *at < as_of).chain([as_of]).collect();
    dates.sort_unstable();
    Ok(dates)
}

fn add(history: &mut History, batch: &RecordBatch, target: &Target, since: i64) -> Result<()> {
    let (ids, stages) = (texts(batch, 0)?, texts(batch, 1)?);
    let (entered, left) = (instants(batch, 2)?, instants(batch, 3)?);
    for row in 0..batch.num_rows() {
        // Who is in no stage has no row.
        let Some(stage) = target.code(stages.value(row)) else { continue };
        if entered.value(row) < since {
            continue;
        }
        if history.ids.last().is_none_or(|last| last != ids.value(row)) {
            history.ids.push(ids.value(row).to_owned());
            history.ends.push(history.stages.len());
        }
        history.stages.push(stage);
        history.entered.push(entered.value(row));
        history.left.push(left.is_valid(row).then(|| left.value(row)));
        if let Some(end) = history.ends.last_mut() {
            *end = history.stages.len();
        }
    }
    Ok(())
}

fn instants(batch: &RecordBatch, at: usize) -> Result<&TimestampMicrosecondArray> {
    batch.column(at).as_primitive_opt::<TimestampMicrosecondType>().ok_or_else(|| {
        let found = batch.column(at).data_type();
        Error::new(
            ErrorCode::Internal,
            format!("memberships have times of another type than microseconds: {found}"),
        )
    })
}
