//! How a table lies on disk: sorted, so that equal input gives equal files and a subject's rows lie together; and, when it is
//! large, divided by subject into parts, so that sorting and writing go side by side.

mod division;
mod order;

use std::num::NonZeroUsize;
use std::sync::Arc;

use strata_lake::arrow::array::RecordBatch;
use strata_lake::arrow::compute::interleave_record_batch;
use strata_lake::datafusion::common::runtime::SpawnedTask;
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::error::{DataFusionError, Result};
use strata_lake::datafusion::execution::SendableRecordBatchStream;
use strata_lake::datafusion::physical_expr::PhysicalExpr;
use strata_lake::datafusion::physical_expr::expressions::col;
use strata_lake::datafusion::physical_plan::repartition::RepartitionExec;
use strata_lake::datafusion::physical_plan::stream::RecordBatchReceiverStreamBuilder;
use strata_lake::datafusion::physical_plan::{ExecutionPlan, Partitioning};
use strata_lake::datafusion::prelude::ident;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::Sender;

use division::Part;

/// How many rows are worth dividing: fewer are written as fast in one piece, and lie in one file.
const WORTH_DIVIDING: u64 = 250_000;
/// How many parts a large table has. A constant, so that the same rows lie in the same files wherever they are written.
pub(crate) const N_PARTS: usize = 16;
/// Rows of a batch that is given out.
const BATCH_ROWS: usize = 32_768;
/// Batches that are made before the last is taken.
const BATCHES_AHEAD: usize = 2;

/// In what order a table's rows lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The column by which a large table is divided.
    pub by: &'static str,
    /// The columns by which rows are sorted, nulls first.
    pub order: Vec<&'static str>,
    /// About how many rows there are.
    pub n_rows: u64,
}

impl Layout {
    /// The rows of a plan, in parts. When this returns, the plan has run, unless there are few rows.
    pub(crate) async fn parts(&self, rows: DataFrame) -> Result<Vec<SendableRecordBatchStream>> {
        if self.n_rows < WORTH_DIVIDING {
            let order = self.order.iter().map(|name| ident(*name).sort(true, true)).collect();
            return Ok(vec![crate::run::stream(rows.sort(order)?).await?]);
        }
        let schema = Arc::clone(rows.schema().inner());
        // As many parts are in memory at a time as there are cores to sort them.
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let turns = Arc::new(Semaphore::new(cores));
        let parts = division::divide(rows, self.by, N_PARTS).await?.into_iter().map(|part| {
            let mut stream = RecordBatchReceiverStreamBuilder::new(Arc::clone(&schema), BATCHES_AHEAD);
            let (sender, order, turns) = (stream.tx(), self.order.clone(), Arc::clone(&turns));
            stream.spawn(async move {
                let _turn = turns.acquire_owned().await.map_err(external)?;
                let sorting = SpawnedTask::spawn_blocking(move || send_in_order(&part, &order, &sender));
                sorting.join().await.map_err(external)?
            });
            stream.build()
        });
        Ok(parts.collect())
    }
}

/// Sorts the rows of a part and sends them, batch by batch.
fn send_in_order(part: &Part, order: &[&str], sender: &Sender<Result<RecordBatch>>) -> Result<()> {
    let (schema, batches) = part.load()?;
    let places = order::sorted(&schema, &batches, order)?;
    let batches: Vec<&RecordBatch> = batches.iter().collect();
    for places in places.chunks(BATCH_ROWS) {
        let batch = interleave_record_batch(&batches, places)?;
        // The receiver is gone when the run was stopped.
        if sender.blocking_send(Ok(batch)).is_err() {
            break;
        }
    }
    Ok(())
}

fn external(error: impl std::error::Error + Send + Sync + 'static) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

/// The rows of a plan in as many parts as said, those of one key in one part.
pub(crate) async fn divided(
    rows: DataFrame,
    by: &str,
    n_parts: usize,
) -> Result<Vec<SendableRecordBatchStream>> {
    if n_parts < 2 {
        return Ok(vec![crate::run::stream(rows).await?]);
    }
    let context = Arc::new(rows.task_ctx());
    let rows = rows.create_physical_plan().await?;
    let key: Arc<dyn PhysicalExpr> = col(by, &rows.schema())?;
    // Beside the plan and not in it: the engine would drop a division that the result does not need.
    let divided = RepartitionExec::try_new(rows, Partitioning::Hash(vec![key], n_parts))?;
    (0..n_parts).map(|part| divided.execute(part, Arc::clone(&context))).collect()
}

#[cfg(test)]
mod tests {
    use futures::TryStreamExt;
    use strata_lake::arrow::array::{ArrayRef, AsArray, StringArray, TimestampMicrosecondArray};
    use strata_lake::arrow::datatypes::TimestampMicrosecondType;
    use strata_lake::datafusion::prelude::SessionContext;

    use super::*;

    /// Who and when, part by part: 100 subjects with ten rows each, which come last first.
    async fn parts(n_rows: u64) -> Vec<Vec<(String, i64)>> {
        let who = (0..1_000).rev().map(|row| format!("c{}", row % 100));
        let when = TimestampMicrosecondArray::from_iter_values((0..1_000).rev());
        let rows = RecordBatch::try_from_iter([
            ("who", Arc::new(StringArray::from_iter_values(who)) as ArrayRef),
            ("at", Arc::new(when) as ArrayRef),
        ]);
        let rows = SessionContext::new().read_batch(rows.unwrap()).unwrap();
        let layout = Layout { by: "who", order: vec!["who", "at"], n_rows };
        let mut parts = Vec::new();
        for part in layout.parts(rows).await.unwrap() {
            let batches: Vec<RecordBatch> = part.try_collect().await.unwrap();
            let rows = batches.iter().flat_map(|batch| {
                let times = batch.column(1).as_primitive::<TimestampMicrosecondType>().values().iter();
                let names = batch.column(0).as_string::<i32>().iter().flatten().map(str::to_owned);
                names.zip(times.copied()).collect::<Vec<_>>()
            });
            parts.push(rows.collect());
        }
        parts
    }

    #[tokio::test]
    async fn small_tables_are_one_part_and_large_ones_are_divided_by_subject() {
        let small = parts(1_000).await;
        assert_eq!(small.len(), 1);
        let large = parts(WORTH_DIVIDING).await;
        assert_eq!(large.len(), N_PARTS);
        assert!(large.iter().filter(|part| !part.is_empty()).count() > N_PARTS / 2);
        for part in small.iter().chain(&large) {
            assert!(part.is_sorted(), "{part:?}");
        }
        for part in &large {
            for who in part.iter().map(|(who, _)| who) {
                assert_eq!(part.iter().filter(|(other, _)| other == who).count(), 10, "{who}");
            }
        }
        assert_eq!(large.iter().map(Vec::len).sum::<usize>(), 1_000);
        assert_eq!(large, parts(WORTH_DIVIDING).await, "equal rows lie in equal parts");
    }
}
