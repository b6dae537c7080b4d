//! Stage 5: who is in which class and segment, since when, and who has left?
//!
//! Reads the profiles and scores, runs the divisions of the compiled program as one projection, and merges the
//! outcome with the memberships of the last complete run. Writes `membership` (intervals) and `segment` (every class and
//! segment with its size).

mod interval;
mod size;

use strata_lake::Engine;
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::prelude::ident;
use strata_spec::error::ErrorCode;

use crate::compile::{self, Program, left_join};
use crate::error::{Context, Error, Result};
use crate::run::{self, Run, Summary};

/// The table of membership intervals.
pub const MEMBERSHIP: &str = "membership";
/// The table of classes and segments with their sizes.
pub const SEGMENT: &str = "segment";

/// Runs the stage.
///
/// # Errors
/// When a table cannot be read or written.
pub async fn run(run: &Run, engine: &Engine) -> Result<Summary> {
    let programs = compile::of_project(&run.project, run.as_of)?;
    let mut divided = Vec::with_capacity(programs.len());
    for program in &programs {
        let divisions = divide(run, engine, program).await?;
        divided.push((program, divisions));
    }
    let before = match run.inputs.contains_key(MEMBERSHIP) {
        true => Some(run::read(run, engine, MEMBERSHIP).await?),
        false => None,
    };
    let memberships =
        interval::plan(run, engine, &divided, before).context("cannot plan table `membership`")?;
    let mut summary = Summary::default();
    let (version, rows) = run::replace(run, engine, MEMBERSHIP, memberships).await?;
    summary.written.insert(MEMBERSHIP.into(), version);
    summary.facts.insert("n_intervals".into(), rows.into());

    let memberships = engine.table(MEMBERSHIP, version).await.context("cannot open table `membership`")?;
    let sizes = size::rows(run, &divided, memberships).await?;
    let batch = size::batch(run, &sizes).context("cannot describe the segments")?;
    let stream = strata_lake::batches(batch.schema(), [Ok(batch)]);
    let write = strata_lake::Write::replace(stream, run.run_id.clone(), run.as_of.timestamp_millis());
    let written = engine.lake().write(SEGMENT, write).await.context("cannot write table `segment`")?;
    summary.written.insert(SEGMENT.into(), written.version);
    for (what, count) in size::totals(&sizes) {
        summary.facts.insert(what.into(), count.into());
    }
    Ok(summary)
}

async fn divide(run: &Run, engine: &Engine, program: &Program) -> Result<DataFrame> {
    let profile = run::read(run, engine, program.subject.profile_table()).await?;
    let scores = run::read(run, engine, program.subject.score_table()).await?;
    let id = program.subject.id_column();
    let names = [id.to_owned()].into_iter().chain(program.scores.iter().map(|score| score.name.clone()));
    scores
        .select(names.map(ident).collect::<Vec<_>>())
        .and_then(|scores| left_join(profile, scores, id))
        .and_then(|joined| program.divide(joined))
        .map_err(|error| {
            Error::new(ErrorCode::Internal, format!("cannot plan the segments of {}", program.subject))
                .caused_by(error)
        })
}
