//! Grouping in one step what a plan has divided by the same keys.
//!
//! The engine plans every grouping in two steps: group what is at hand, divide the groups, group again. Where the groups are
//! almost as many as the rows, and have many figures, what travels between the steps is far more than the rows. A plan can say
//! that it is so by dividing the rows itself, with `repartition`; the engine would drop that as superfluous. On a cluster
//! this rule is unknown and the plan means the same.

use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::error::Result;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode};
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::{ExecutionPlan, Partitioning};

/// The rule. It comes before the engine's own, which see to it that the rows are divided by the groups' keys.
#[derive(Debug)]
pub(crate) struct OneStep;

impl PhysicalOptimizerRule for OneStep {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _options: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_down(|plan| {
            Ok(match in_one_step(&plan)? {
                Some(grouped) => Transformed::yes(grouped),
                None => Transformed::no(plan),
            })
        })
        .data()
    }

    fn name(&self) -> &str {
        "one_step"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

fn in_one_step(plan: &Arc<dyn ExecutionPlan>) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let Some(last) = plan.downcast_ref::<AggregateExec>() else { return Ok(None) };
    let Some(first) = last.input().downcast_ref::<AggregateExec>() else { return Ok(None) };
    let two_steps =
        *last.mode() == AggregateMode::FinalPartitioned && *first.mode() == AggregateMode::Partial;
    if !two_steps || !is_divided(first.input()) {
        return Ok(None);
    }
    let grouped = AggregateExec::try_new(
        AggregateMode::SinglePartitioned,
        first.group_expr().clone(),
        first.aggr_expr().to_vec(),
        first.filter_expr().to_vec(),
        Arc::clone(first.input()),
        first.input_schema(),
    )?;
    Ok(Some(Arc::new(grouped)))
}

/// Whether the rows were divided by hash. Between that and the grouping stand projections at most.
fn is_divided(plan: &Arc<dyn ExecutionPlan>) -> bool {
    match plan.downcast_ref::<ProjectionExec>() {
        Some(projection) => is_divided(projection.input()),
        None => plan
            .downcast_ref::<RepartitionExec>()
            .is_some_and(|divided| matches!(divided.partitioning(), Partitioning::Hash(_, _))),
    }
}

#[cfg(test)]
mod tests {
    use datafusion::functions_aggregate::expr_fn::count;
    use datafusion::logical_expr::{Partitioning, col, lit};
    use datafusion::physical_plan::displayable;
    use datafusion::prelude::DataFrame;

    use crate::{Engine, EngineOptions, Lake};

    async fn steps(divide: impl Fn(DataFrame) -> DataFrame) -> usize {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::new(Lake::open(folder.path()).unwrap(), EngineOptions::default()).await.unwrap();
        let rows =
            engine.context().sql("select column1 % 7 as id from (values (1), (2), (9))").await.unwrap();
        let grouped = divide(rows).aggregate(vec![col("id")], vec![count(lit(1)).alias("n")]).unwrap();
        let plan = grouped.clone().create_physical_plan().await.unwrap();
        let mut counts = grouped.sort_by(vec![col("id")]).unwrap().collect().await.unwrap();
        let counts = datafusion::arrow::util::pretty::pretty_format_batches(&[counts.remove(0)]).unwrap();
        let rows: Vec<String> = counts.to_string().lines().skip(3).map(str::to_owned).collect();
        assert_eq!(rows[..2], ["| 1  | 1 |", "| 2  | 2 |"]);
        displayable(plan.as_ref()).indent(false).to_string().matches("AggregateExec").count()
    }

    #[tokio::test]
    async fn divided_rows_are_grouped_once_and_others_twice() {
        assert_eq!(steps(|rows| rows).await, 2);
        let divided = |rows: DataFrame| rows.repartition(Partitioning::Hash(vec![col("id")], 16)).unwrap();
        assert_eq!(steps(divided).await, 1);
    }
}
