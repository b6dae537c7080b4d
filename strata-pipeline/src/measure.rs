//! Stage 6: what do segments say of themselves, and is there anything to see to?
//!
//! Reads what the other stages of the run wrote, as a face would, and writes what it measures as tables. What is measured, and
//! how, is said where it is.
//!
//! | table | module |
//! | --- | --- |
//! | `overlap` | [`crate::overlap`] |
//! | `goal_progress` | [`crate::goal`] |
//! | `drift` | [`crate::drift`] |
//! | `meter` | [`crate::meter`] |
//! | `suggestion` | [`crate::suggest`] |
//! | `scale`, `respondent`, `standard_score`, `psychometric_use`, where a survey is declared | [`crate::survey`] |
//! | `kano`, where a survey asks about features | [`crate::survey::kano`] |
//! | `typing`, `psychometric_state`, where surveys decide a segmentation | [`crate::survey::states`] |
//! | `market_index`, where a market is declared | [`crate::market`] |

use std::collections::BTreeMap;

use strata_lake::arrow::array::RecordBatch;
use strata_lake::{Engine, Write};

use crate::compile;
use crate::drift::{self, DRIFT};
use crate::error::{Context, Result};
use crate::goal::{self, GOAL_PROGRESS};
use crate::market::{self, Compared, MARKET_INDEX};
use crate::meter::{self, METER};
use crate::overlap::{self, OVERLAP};
use crate::query::View;
use crate::run::{Run, Summary};
use crate::suggest::{self, SUGGESTION};
use crate::survey::kano::{self, KANO};
use crate::survey::states::{self, PSYCHOMETRIC_STATE, TYPING};
use crate::survey::{self, PSYCHOMETRIC_USE, RESPONDENT, SCALE, STANDARD_SCORE};

/// Runs the stage, after those that `summaries` are of.
///
/// # Errors
/// When a table cannot be read or written.
pub async fn run(run: &Run, engine: &Engine, summaries: &BTreeMap<String, Summary>) -> Result<Summary> {
    let view = View::of_run(run, engine, summaries);
    let mut summary = Summary::default();
    let suggestion = async { suggest::batch(&suggest::look(&run.project, &view).await?, &view) };
    let surveys = async {
        let (surveys, respondents) = survey::quality(&run.project, &view).await?;
        let states = states::all(&run.project, &view, &respondents).await?;
        let wanted = kano::wanted(&run.project, &view, None).await?;
        Ok((surveys, respondents, states, wanted))
    };
    // Each has stretches in which it waits or keeps one core.
    let (overlap, goal_progress, drift, meter, suggestion, (surveys, respondents, states, wanted)) = tokio::try_join!(
        overlap::batch(&view),
        goal::batch(&run.project, &view),
        drift::batch(&view),
        meter::batch(run, engine, &view),
        suggestion,
        surveys,
    )?;
    let mut measured = vec![
        (OVERLAP, overlap),
        (GOAL_PROGRESS, goal_progress),
        (DRIFT, drift),
        (METER, meter),
        (SUGGESTION, suggestion),
    ];
    if !surveys.is_empty() {
        let [scales, respondents, standard] = survey::batches(&surveys, &respondents, &view)?;
        measured.extend([(SCALE, scales), (RESPONDENT, respondents), (STANDARD_SCORE, standard)]);
        summary.warnings.extend(surveys.iter().filter_map(survey::SurveyQuality::warning));
    }
    if !run.project.manifest.surveys.is_empty() {
        measured.push((PSYCHOMETRIC_USE, survey::uses(&run.project, &run.run_id)?));
    }
    if !wanted.is_empty() {
        measured.push((KANO, kano::batch(&wanted, &run.run_id)?));
    }
    if !states.is_empty() {
        let [typing, states] = states::batches(&states, &view)?;
        measured.extend([(TYPING, typing), (PSYCHOMETRIC_STATE, states)]);
    }
    if let Some(index) = markets(run, engine, &mut summary).await? {
        measured.push((MARKET_INDEX, index));
    }
    for (table, batch) in measured {
        summary.facts.insert(format!("n_{table}"), batch.num_rows().into());
        let version = write(run, engine, table, batch).await?;
        summary.written.insert(table.to_owned(), version);
    }
    Ok(summary)
}

/// Customers and companies held against the markets that the project declares; none where it declares none.
async fn markets(run: &Run, engine: &Engine, summary: &mut Summary) -> Result<Option<RecordBatch>> {
    let declared = &run.project.manifest.markets;
    if declared.is_empty() {
        return Ok(None);
    }
    let programs = compile::of_project(&run.project, run.as_of)?;
    let mut markets = Vec::with_capacity(declared.len());
    for market in declared {
        let Compared { index, warnings } = market::compare(run, engine, &programs, market).await?;
        summary.warnings.extend(warnings);
        markets.push(index);
    }
    let (batch, (name, fact)) = market::batch(&markets, &run.run_id)?;
    summary.facts.insert(name.to_owned(), fact);
    Ok(Some(batch))
}

async fn write(run: &Run, engine: &Engine, table: &str, batch: RecordBatch) -> Result<u64> {
    let stream = strata_lake::batches(batch.schema(), [Ok(batch)]);
    let write = Write::replace(stream, run.run_id.clone(), run.as_of.timestamp_millis());
    let written = engine.lake().write(table, write).await.context(format!("cannot write table `{table}`"))?;
    Ok(written.version)
}
