//! How a table lies on disk: sorted, so that equal input gives equal files and a subject's rows lie together; and, when it is
//! large, divided by subject into parts, so that sorting and writing go side by side.

use std::sync::Arc;

use strata_lake::arrow::compute::SortOptions;
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::error::Result;
use strata_lake::datafusion::execution::{SendableRecordBatchStream, TaskContext};
use strata_lake::datafusion::physical_expr::expressions::col;
use strata_lake::datafusion::physical_expr::{LexOrdering, PhysicalExpr, PhysicalSortExpr};
use strata_lake::datafusion::physical_plan::repartition::RepartitionExec;
use strata_lake::datafusion::physical_plan::sorts::sort::SortExec;
use strata_lake::datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties, Partitioning};
use strata_lake::datafusion::prelude::ident;

/// How many rows are worth dividing: fewer are written as fast in one piece, and lie in one file.
const WORTH_DIVIDING: u64 = 250_000;
/// How many parts a large table has. A constant, so that the same rows lie in the same files wherever they are written.
pub(crate) const N_PARTS: usize = 16;

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
    /// The rows of a plan, in parts.
    pub(crate) async fn parts(&self, rows: DataFrame) -> Result<Vec<SendableRecordBatchStream>> {
        if self.n_rows < WORTH_DIVIDING {
            let order = self.order.iter().map(|name| ident(*name).sort(true, true)).collect();
            return Ok(vec![crate::run::stream(rows.sort(order)?).await?]);
        }
        let context = Arc::new(rows.task_ctx());
        let divided = by_hash(rows, self.by, N_PARTS).await?;
        let schema = divided.schema();
        let ascending = SortOptions { descending: false, nulls_first: true };
        let order = self.order.iter().map(|name| Ok(PhysicalSortExpr::new(col(name, &schema)?, ascending)));
        match LexOrdering::new(order.collect::<Result<Vec<_>>>()?) {
            Some(order) => {
                streams(Arc::new(SortExec::new(order, divided).with_preserve_partitioning(true)), &context)
            }
            None => streams(divided, &context),
        }
    }
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
    streams(by_hash(rows, by, n_parts).await?, &context)
}

/// Beside the plan and not in it: the engine would drop a division that the result does not need.
async fn by_hash(rows: DataFrame, by: &str, n_parts: usize) -> Result<Arc<dyn ExecutionPlan>> {
    let rows = rows.create_physical_plan().await?;
    let key: Arc<dyn PhysicalExpr> = col(by, &rows.schema())?;
    Ok(Arc::new(RepartitionExec::try_new(rows, Partitioning::Hash(vec![key], n_parts))?))
}

fn streams(
    plan: Arc<dyn ExecutionPlan>,
    context: &Arc<TaskContext>,
) -> Result<Vec<SendableRecordBatchStream>> {
    let parts = 0..plan.output_partitioning().partition_count();
    parts.map(|part| plan.execute(part, Arc::clone(context))).collect()
}

#[cfg(test)]
mod tests {
    use futures::TryStreamExt;
    use strata_lake::arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch, StringArray};
    use strata_lake::arrow::datatypes::Int64Type;
    use strata_lake::datafusion::prelude::SessionContext;

    use super::*;

    /// Who and when, part by part: 100 subjects with ten rows each, which come last first.
    async fn parts(n_rows: u64) -> Vec<Vec<(String, i64)>> {
        let who = (0..1_000).rev().map(|row| format!("c{}", row % 100));
        let when = (0..1_000_i64).rev().collect::<Int64Array>();
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
                let times = batch.column(1).as_primitive::<Int64Type>().values().iter();
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
