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
