//! Stage 6: what do segments say of themselves, and is there anything to see to?
//!
//! Reads what the other stages of the run wrote, as a face would, and writes what it measures as tables: `overlap` and `meter`. What
//! is measured, and how, is said where it is: in [`crate::overlap`] and [`crate::meter`].

use strata_lake::arrow::array::RecordBatch;
use strata_lake::{Engine, Write};

use crate::error::{Context, Result};
use crate::meter::{self, METER};
use crate::overlap::{self, OVERLAP};
use crate::query::View;
use crate::run::{Run, Summary};

/// Runs the stage.
///
/// # Errors
/// When a table cannot be read or written.
pub async fn run(run: &Run, engine: &Engine) -> Result<Summary> {
    let view = View::of_run(run, engine);
    let mut summary = Summary::default();
    let measured =
        [(OVERLAP, overlap::batch(&view).await?), (METER, meter::batch(run, engine, &view).await?)];
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
