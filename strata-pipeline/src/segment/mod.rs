//! Stage 5: who is in which class and segment, since when, and who has left?
//!
//! Reads the profiles and scores, runs the divisions of the compiled program as one projection, and merges the
//! outcome with the memberships of the last complete run. Writes `membership` (intervals), `segment` (every class and segment
//! with its size) and `bitmap` (the members of each as a set of numbers).

pub(crate) mod bitmap;
mod interval;
mod size;
pub(crate) mod standing;
mod title;

use std::sync::{Arc, Mutex, PoisonError};

use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::execution::SendableRecordBatchStream;
use strata_lake::datafusion::prelude::ident;
use strata_lake::{Engine, Write};
use strata_spec::error::ErrorCode;
use strata_spec::table::Subject;

use crate::compile::{self, Earlier, Program, left_join};
use crate::error::{Context, Error, Result};
use crate::layout::Layout;
pub use crate::run::MEMBERSHIP;
use crate::run::{self, Run, Summary};
use bitmap::BITMAP;
use interval::Noted;
pub(crate) use size::class_title;
use standing::Divisions;
use title::Titles;

/// The table of classes and segments with their sizes.
pub const SEGMENT: &str = "segment";

/// Runs the stage.
///
/// # Errors
/// When a table cannot be read or written.
pub async fn run(run: &Run, engine: &Engine) -> Result<Summary> {
    let programs = compile::of_project(&run.project, run.as_of)?;
    let before = match run.inputs.contains_key(MEMBERSHIP) {
        true => Some(run::read(run, engine, MEMBERSHIP).await?),
        false => None,
    };
    let noted: Arc<Mutex<Noted>> = Arc::default();
    let (mut parts, mut divisions) = (Vec::new(), Vec::new());
    for subject in Subject::ALL {
        let program = programs.iter().find(|program| program.subject == subject);
        let layout = layout_of(run, engine, subject).await?;
        parts.extend(of_subject(run, engine, &layout, program, before.clone(), &noted).await?);
        divisions.push(layout.division());
    }
    let mut summary = Summary::default();
    let mut write = Write::replace_by(parts, run.run_id.clone(), run.as_of.timestamp_millis());
    if divisions.iter().any(|division| division.n_parts > 1) {
        write = divisions.into_iter().fold(write, Write::divided);
    }
    let written = engine.lake().write(MEMBERSHIP, write).await;
    let written = written.context("cannot write table `membership`")?;
    summary.written.insert(MEMBERSHIP.into(), written.version);
    summary.facts.insert("n_intervals".into(), written.rows.into());

    let Noted { sizes, bitmaps } = std::mem::take(&mut *noted.lock().unwrap_or_else(PoisonError::into_inner));
    let sets = strata_lake::batches(bitmap::schema(), bitmaps.into_values().map(Ok));
    let write = Write::replace(sets, run.run_id.clone(), run.as_of.timestamp_millis());
    let written = engine.lake().write(BITMAP, write).await.context("cannot write table `bitmap`")?;
    summary.written.insert(BITMAP.into(), written.version);
    let sizes = size::rows(run, &programs, sizes, &Titles::read(run, engine).await?);
    let batch = size::batch(run, &sizes).context("cannot describe the segments")?;
    let stream = strata_lake::batches(batch.schema(), [Ok(batch)]);
    let write = Write::replace(stream, run.run_id.clone(), run.as_of.timestamp_millis());
    let written = engine.lake().write(SEGMENT, write).await.context("cannot write table `segment`")?;
    summary.written.insert(SEGMENT.into(), written.version);
    for (what, count) in size::totals(&sizes) {
        summary.facts.insert(what.into(), count.into());
    }
    Ok(summary)
}

/// The parts that memberships lie in: those of the profiles, and the order is another.
async fn layout_of(run: &Run, engine: &Engine, subject: Subject) -> Result<Layout> {
    let layout = Layout::like(run, engine, subject.profile_table(), subject).await?;
    Ok(Layout { by: "subject_id", order: Vec::new(), ..layout })
}

/// The memberships of all customers or companies, in parts. Those of the last run may lie in others, or in none.
async fn of_subject(
    run: &Run,
    engine: &Engine,
    layout: &Layout,
    program: Option<&Program>,
    before: Option<DataFrame>,
    noted: &Arc<Mutex<Noted>>,
) -> Result<Vec<SendableRecordBatchStream>> {
    let subject = layout.of;
    let planning = || format!("cannot plan the memberships of {subject}");
    let divisions = Arc::new(Divisions::of(subject, program));
    let mut now = None;
    if let Some(program) = program {
        let profile = run::read(run, engine, subject.profile_table()).await?;
        let earlier = before.clone().map_or(Earlier::Nothing, Earlier::Rows);
        let divided = divide(run, engine, program, profile, &earlier).await?;
        let layout = Layout { by: subject.id_column(), ..layout.clone() };
        // A place among all subjects is not found in one part of them.
        let now_parts = match program.ranks_subjects() {
            true => layout.parts(divided).await,
            false => layout.part_by_part(run, engine, divided, &[]).await,
        };
        now = Some(now_parts.context(planning())?);
    }
    let before = match before {
        Some(before) => {
            let before = interval::just_before(run, before, subject.as_str()).context(planning())?;
            Some(layout.part_by_part(run, engine, before, &[]).await.context(planning())?)
        }
        None => None,
    };
    let (mut now, mut before) = (now.into_iter().flatten(), before.into_iter().flatten());
    let parts = 0..layout.n_parts;
    Ok(parts
        .map(|part| interval::intervals(run, &divisions, part, now.next(), before.next(), noted))
        .collect())
}

async fn divide(
    run: &Run,
    engine: &Engine,
    program: &Program,
    profile: DataFrame,
    memberships: &Earlier,
) -> Result<DataFrame> {
    let scores = run::read(run, engine, program.subject.score_table()).await?;
    let id = program.subject.id_column();
    let names = [id.to_owned()].into_iter().chain(program.scores.iter().map(|score| score.name.clone()));
    scores
        .select(names.map(ident).collect::<Vec<_>>())
        .and_then(|scores| left_join(profile, scores, id))
        .and_then(|joined| program.divide_after(joined, memberships))
        .map_err(|error| {
            Error::new(ErrorCode::Internal, format!("cannot plan the segments of {}", program.subject))
                .caused_by(error)
        })
}
