//! Computing what is said of subjects part by part, where the tables lie in parts.
//!
//! A stage plans over whole tables. What it says of a subject comes from that subject's rows, and those lie in parts of one
//! number; so the plan can run over each part by itself, a few parts at a time, and the rows of a part go to that part's file.

use std::sync::Arc;

use futures::{Stream, StreamExt, TryStreamExt, stream};
use strata_lake::arrow::array::{ArrayRef, BooleanArray, RecordBatch};
use strata_lake::datafusion::catalog::TableProvider;
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::error::Result as EngineResult;
use strata_lake::datafusion::execution::SendableRecordBatchStream;
use strata_lake::datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use strata_lake::{Engine, PartOfPlan};
use strata_spec::table::Subject;
use tokio::sync::Semaphore;

use super::{Layout, N_PARTS, division, external, turns};
use crate::error::{Context, Result};
use crate::run::Run;

impl Layout {
    /// The layout of rows that are said of subjects in as many parts as a table of them lies in, one row for each.
    pub(crate) async fn like(run: &Run, engine: &Engine, table: &str, of: Subject) -> Result<Layout> {
        let id = of.id_column();
        let mut layout = Layout { of, by: id, order: vec![id], n_parts: 1 };
        if let Some(version) = run.inputs.get(table) {
            let divisions = engine.lake().divisions(table, *version).await;
            let divisions = divisions.context(format!("cannot open table `{table}`"))?;
            let rule = layout.division().rule;
            let own = divisions.into_iter().find(|division| division.rule == rule);
            layout.n_parts = own.map_or(1, |division| division.n_parts);
        }
        Ok(layout)
    }

    /// The rows of a plan in parts, each computed from the same part of the tables, but for those that each reads `whole`. The
    /// plan says of a subject what its own rows say, and of nobody anything else. Where its tables do not lie in such parts,
    /// or a cluster divides the work, the plan runs over whole tables and its rows are divided.
    pub(crate) async fn part_by_part(
        &self,
        run: &Run,
        engine: &Engine,
        rows: DataFrame,
        whole: &[&str],
    ) -> EngineResult<Vec<SendableRecordBatchStream>> {
        let sorted = self.sorted(rows.clone())?;
        let plans = engine.part_by_part(&sorted, &run.inputs, &self.division(), whole).await;
        let Some(plans) = plans.map_err(external)? else {
            return self.parts(rows).await;
        };
        let turns = turns();
        Ok(plans.into_iter().map(|plan| in_turn(plan, Arc::clone(&turns))).collect())
    }
}

/// The part of a table in which the rows of one subject lie, or all of it where it does not lie in parts of such subjects.
pub(crate) async fn where_one_lies(
    engine: &Engine,
    table: &str,
    version: u64,
    of: Subject,
    id: &str,
) -> strata_lake::Result<Arc<dyn TableProvider>> {
    let by = of.id_column();
    let like = Layout { of, by, order: Vec::new(), n_parts: N_PARTS }.division();
    if let Some(mut parts) = engine.lake().parts(table, version, &like).await?
        && let Some(part) = division::part_of(id, N_PARTS).filter(|part| *part < parts.len())
    {
        return Ok(parts.swap_remove(part));
    }
    engine.lake().provider(table, version).await
}

/// Of how many parts a sample of subjects is taken, where tables lie in parts.
pub(crate) const N_PARTS_TO_TAKE: usize = N_PARTS;

/// The files of a table in which the rows of the first `n_parts` parts of subjects lie, or all of it where it does not lie in parts of
/// such subjects. Which rows are of them [`is_in_first_parts`] says.
pub(crate) async fn where_first_parts_lie(
    engine: &Engine,
    table: &str,
    version: u64,
    of: Subject,
    n_parts: usize,
) -> strata_lake::Result<Vec<Arc<dyn TableProvider>>> {
    let by = of.id_column();
    let like = Layout { of, by, order: Vec::new(), n_parts: N_PARTS }.division();
    if n_parts < N_PARTS
        && let Some(mut parts) = engine.lake().parts(table, version, &like).await?
    {
        parts.truncate(n_parts);
        return Ok(parts);
    }
    Ok(vec![engine.lake().provider(table, version).await?])
}

/// Every part of a table of subjects by itself, in the order of their numbers, or all of it as one where it does not lie in parts.
pub(crate) async fn all_parts(
    engine: &Engine,
    table: &str,
    version: u64,
    of: Subject,
) -> strata_lake::Result<Vec<Arc<dyn TableProvider>>> {
    let like = Layout { of, by: of.id_column(), order: Vec::new(), n_parts: N_PARTS }.division();
    match engine.lake().parts(table, version, &like).await? {
        Some(parts) => Ok(parts),
        None => Ok(vec![engine.lake().provider(table, version).await?]),
    }
}

/// Which ids are in the first `n_parts` parts of all subjects.
pub(crate) fn is_in_first_parts(ids: &ArrayRef, n_parts: usize) -> EngineResult<BooleanArray> {
    let parts = division::parts_of(ids, N_PARTS)?;
    Ok(parts.into_iter().map(|part| Some(part < n_parts)).collect())
}

/// The rows of a plan that is begun when it has its turn, which lasts until its last row.
fn in_turn(plan: PartOfPlan, turns: Arc<Semaphore>) -> SendableRecordBatchStream {
    let schema = plan.schema();
    let rows = stream::once(begun(plan, turns)).try_flatten();
    Box::pin(RecordBatchStreamAdapter::new(schema, rows))
}

async fn begun(
    plan: PartOfPlan,
    turns: Arc<Semaphore>,
) -> EngineResult<impl Stream<Item = EngineResult<RecordBatch>>> {
    let turn = turns.acquire_owned().await.map_err(external)?;
    let rows = plan.stream().await?;
    Ok(rows.inspect(move |_| {
        let _until_the_end = &turn;
    }))
}
