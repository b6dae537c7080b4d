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

use std::collections::BTreeMap;

use strata_lake::arrow::array::RecordBatch;
use strata_lake::{Engine, Write};

use crate::drift::{self, DRIFT};
use crate::error::{Context, Result};
use crate::goal::{self, GOAL_PROGRESS};
use crate::overlap::{self, OVERLAP};
use crate::query::View;
use crate::run::{Run, Summary};

/// Runs the stage, after those that `summaries` are of.
///
/// # Errors
/// When a table cannot be read or written.
pub async fn run(run: &Run, engine: &Engine, summaries: &BTreeMap<String, Summary>) -> Result<Summary> {
    let view = View::of_run(run, engine, summaries);
    let mut summary = Summary::default();
    let measured = vec![
        (OVERLAP, overlap::batch(&view).await?),
        (GOAL_PROGRESS, goal::batch(&run.project, &view).await?),
        (DRIFT, drift::batch(&view).await?),
    ];
    for (table, batch) in measured {
        summary.facts.insert(format!("n_{table}"), batch.num_rows().into());
        let version = write(run, engine, table, batch).await?;
        summary.written.insert(table.to_owned(), version);
    }
    Ok(summary)
}

async fn write(run: &Run, engine: &Engine, table: &str, batch: RecordBatch) -> Result<u64> {
    let stream = strata_lake::batches(batch.schema(), [Ok(batch)]);
    let write = Write::replace(stream, run.run_id.clone(), run.as_of.timestamp_millis());
    let written = engine.lake().write(table, write).await.context(format!("cannot write table `{table}`"))?;
    Ok(written.version)
}
