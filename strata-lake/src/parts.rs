//! One plan for each part of the tables that it reads.
//!
//! A plan over a part is a sixteenth of the plan over the tables: nothing in it is divided again, its hash tables are small, and
//! as the rows of a part come sorted, groups are complete as soon as the next one begins. What the plan means is decided once,
//! over the whole tables; here it is given other files to read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::common::TableReference;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNodeRecursion};
use datafusion::datasource::provider_as_source;
use datafusion::error::Result as EngineResult;
use datafusion::execution::{SendableRecordBatchStream, SessionState};
use datafusion::logical_expr::{LogicalPlan, Repartition};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use datafusion::prelude::DataFrame;

use crate::division::Division;
use crate::engine::Engine;
use crate::error::{Result, failed};

/// A plan over one part of its tables. Nothing of it has been run.
pub struct PartOfPlan {
    state: Arc<SessionState>,
    plan: LogicalPlan,
}

impl PartOfPlan {
    /// The columns of its rows.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(self.plan.schema().inner())
    }

    /// Begins to run it. All of it happens in the task that asks for the rows.
    pub async fn stream(self) -> EngineResult<SendableRecordBatchStream> {
        let rows = execute_stream(self.physical().await?, self.state.task_ctx())?;
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), rows)))
    }

    /// It has been optimised before it was given its part to read.
    async fn physical(&self) -> EngineResult<Arc<dyn ExecutionPlan>> {
        self.state.query_planner().create_physical_plan(&self.plan, self.state.as_ref()).await
    }
}

impl Engine {
    /// A plan over these tables, once for each part of a division: each of its tables is read part by part but for those to be
    /// read `whole`. None where one of them is not divided so; and none on a cluster, which divides plans by itself.
    ///
    /// Together the parts give the rows of the plan where each of these comes from rows of one part, and none from whole tables
    /// alone.
    pub async fn part_by_part(
        &self,
        plan: &DataFrame,
        tables: &BTreeMap<String, u64>,
        like: &Division,
        whole: &[&str],
    ) -> Result<Option<Vec<PartOfPlan>>> {
        let failed = || failed("plan", "tables part by part");
        if like.n_parts < 2 || !self.is_embedded() {
            return Ok(None);
        }
        let plan = plan.logical_plan();
        let mut parts = BTreeMap::new();
        for name in names(plan).map_err(failed())? {
            if whole.contains(&name.as_str()) {
                continue;
            }
            let Some(version) = tables.get(&name) else { return Ok(None) };
            let Some(of_table) = self.lake().parts(&name, *version, like).await? else { return Ok(None) };
            parts.insert(name, of_table);
        }
        if parts.is_empty() {
            return Ok(None);
        }
        let state = Arc::new(self.state_of_a_part());
        let plan = undivided(plan.clone()).and_then(|plan| state.optimize(&plan)).map_err(failed())?;
        let plans = (0..like.n_parts).map(|part| {
            let plan = reading(plan.clone(), part, &parts)?;
            Ok(PartOfPlan { state: Arc::clone(&state), plan })
        });
        plans.collect::<EngineResult<Vec<_>>>().map(Some).map_err(failed())
    }

    /// The session for plans that are side by side already.
    fn state_of_a_part(&self) -> SessionState {
        let mut state = self.context().state();
        state.config_mut().options_mut().execution.target_partitions = 1;
        state
    }
}

/// The tables that a plan reads.
fn names(plan: &LogicalPlan) -> EngineResult<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node {
            names.insert(name(&scan.table_name));
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(names)
}

fn name(reference: &TableReference) -> String {
    match reference.schema() {
        Some(schema) => format!("{schema}.{}", reference.table()),
        None => reference.table().to_owned(),
    }
}

/// A plan that leaves the rows together which one part has together.
fn undivided(plan: LogicalPlan) -> EngineResult<LogicalPlan> {
    let undivided = |node| match node {
        LogicalPlan::Repartition(Repartition { input, .. }) => Transformed::yes(Arc::unwrap_or_clone(input)),
        other => Transformed::no(other),
    };
    plan.transform_up_with_subqueries(|node| Ok(undivided(node))).data()
}

fn reading(
    plan: LogicalPlan,
    part: usize,
    parts: &BTreeMap<String, Vec<Arc<dyn TableProvider>>>,
) -> EngineResult<LogicalPlan> {
    let of_part = |node| match node {
        LogicalPlan::TableScan(mut scan) => {
            match parts.get(&name(&scan.table_name)).and_then(|parts| parts.get(part)) {
                Some(provider) => {
                    scan.source = provider_as_source(Arc::clone(provider));
                    Transformed::yes(LogicalPlan::TableScan(scan))
                }
                None => Transformed::no(LogicalPlan::TableScan(scan)),
            }
        }
        other => Transformed::no(other),
    };
    plan.transform_up_with_subqueries(|node| Ok(of_part(node))).data()
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{ArrayRef, Int64Array, RecordBatch};
    use datafusion::functions_aggregate::expr_fn::count;
    use datafusion::logical_expr::{Partitioning, ident, lit};
    use datafusion::physical_plan::displayable;

    use super::*;
    use crate::{EngineOptions, Lake, Write, batches};

    #[tokio::test]
    async fn rows_of_a_part_are_grouped_as_they_come_and_neither_divided_nor_sorted_again() {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::new(Lake::open(folder.path()).unwrap(), EngineOptions::default()).await.unwrap();
        let part = |ids: &[i64]| {
            let ids: ArrayRef = Arc::new(Int64Array::from(ids.to_vec()));
            let batch = RecordBatch::try_from_iter([("id", ids)]).unwrap();
            batches(batch.schema(), [Ok(batch)])
        };
        let division = Division { rule: "a".to_owned(), n_parts: 2, sorted_by: Some("id".to_owned()) };
        let write = Write::replace_by(vec![part(&[1, 1, 3]), part(&[2])], "run1", 0);
        engine.lake().write("visits", write.divided(division.clone())).await.unwrap();
        let visits = engine.table("visits", 0).await.unwrap();
        let plan = visits
            .repartition(Partitioning::Hash(vec![ident("id")], 4))
            .and_then(|rows| rows.aggregate(vec![ident("id")], vec![count(lit(1))]))
            .and_then(|rows| rows.sort(vec![ident("id").sort(true, true)]))
            .unwrap();
        let tables = BTreeMap::from([("visits".to_owned(), 0)]);
        let parts = engine.part_by_part(&plan, &tables, &division, &[]).await.unwrap().unwrap();
        assert_eq!(parts.len(), 2);
        for part in parts {
            let physical = part.physical().await.unwrap();
            let shown = displayable(physical.as_ref()).indent(false).to_string();
            assert!(shown.contains("ordering_mode=Sorted"), "{shown}");
            assert!(!shown.contains("RepartitionExec") && !shown.contains("SortExec"), "{shown}");
            assert_eq!(shown.matches("AggregateExec").count(), 1, "{shown}");
        }
    }
}
