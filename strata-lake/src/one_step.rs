//! Grouping in one step what a plan has divided by the same keys.
//!
//! The engine plans every grouping in two steps: group what is at hand, divide the groups, group again. Where the groups are
//! almost as many as the rows, and have many figures, what travels between the steps is far more than the rows. A plan can say
//! that it is so by dividing the rows itself, with `repartition`; the engine would drop that as superfluous. On a cluster
//! these rules are unknown and the plan means the same.

use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::error::Result;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode};
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::{ExecutionPlan, Partitioning};

/// Groups rows once that a plan has divided. It comes before the engine's own rules, which see to it that the rows are divided
/// by the groups' keys.
pub(crate) const ONE_STEP: Rule = Rule { name: "one_step", rewrite: in_one_step };

/// Divides rows before anything is computed from them. The engine divides what is grouped, with all that the figures' filters
/// and arguments share already computed beside it; less travels when that is computed where the rows arrive.
pub(crate) const DIVIDE_EARLY: Rule = Rule { name: "divide_early", rewrite: divided_early };

/// A rule that replaces some nodes of a plan.
#[derive(Debug)]
pub(crate) struct Rule {
    name: &'static str,
    rewrite: Rewrite,
}

/// What takes the place of a node, if anything does.
type Rewrite = fn(&Plan) -> Result<Option<Plan>>;
type Plan = Arc<dyn ExecutionPlan>;

impl PhysicalOptimizerRule for Rule {
    fn optimize(&self, plan: Plan, _options: &ConfigOptions) -> Result<Plan> {
        plan.transform_down(|plan| {
            Ok(match (self.rewrite)(&plan)? {
                Some(rewritten) => Transformed::yes(rewritten),
                None => Transformed::no(plan),
            })
        })
        .data()
    }

    fn name(&self) -> &str {
        self.name
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// A division of computed rows as a computation of divided rows, where the key is not itself computed.
fn divided_early(plan: &Plan) -> Result<Option<Plan>> {
    let Some(late) = plan.downcast_ref::<RepartitionExec>() else { return Ok(None) };
    let Some(computed) = late.input().downcast_ref::<ProjectionExec>() else { return Ok(None) };
    let (Partitioning::Hash(keys, n), false) = (late.partitioning(), late.preserve_order()) else {
        return Ok(None);
    };
    let rows = computed.input();
    let given = keys.iter().map(|key| {
        let given = &computed.expr().get(key.downcast_ref::<Column>()?.index())?.expr;
        given.is::<Column>().then(|| Arc::clone(given))
    });
    let Some(given) = given.collect::<Option<Vec<_>>>() else { return Ok(None) };
    if computed.expr().len() <= rows.schema().fields().len() {
        return Ok(None);
    }
    let early = RepartitionExec::try_new(Arc::clone(rows), Partitioning::Hash(given, *n))?;
    Ok(Some(Arc::new(ProjectionExec::try_new(computed.expr().to_vec(), Arc::new(early))?)))
}

fn in_one_step(plan: &Plan) -> Result<Option<Plan>> {
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
fn is_divided(plan: &Plan) -> bool {
    match plan.downcast_ref::<ProjectionExec>() {
        Some(projection) => is_divided(projection.input()),
        None => plan
            .downcast_ref::<RepartitionExec>()
            .is_some_and(|divided| matches!(divided.partitioning(), Partitioning::Hash(_, _))),
    }
}

#[cfg(test)]
mod tests {
    use datafusion::functions_aggregate::expr_fn::{count, sum};
    use datafusion::logical_expr::{ExprFunctionExt, Partitioning, col, lit};
    use datafusion::physical_plan::displayable;
    use datafusion::prelude::DataFrame;

    use crate::{Engine, EngineOptions, Lake};

    /// How often the rows `id`, `at` are grouped, and what the first grouping is fed by.
    async fn steps(divide: impl Fn(DataFrame) -> DataFrame) -> (usize, String) {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::new(Lake::open(folder.path()).unwrap(), EngineOptions::default()).await.unwrap();
        let values = "select column1 as id, column2 as at from (values (1, 10), (2, 20)) union all
            select column1, column2 from (values (9, 30), (2, 40))";
        let rows = engine.context().sql(values).await.unwrap();
        let late = || col("at").gt(lit(15)).and(col("at").lt(lit(35)));
        let figures = vec![
            count(lit(1)).filter(late()).build().unwrap().alias("n"),
            sum(col("at")).filter(late()).build().unwrap().alias("total"),
        ];
        let grouped = divide(rows).aggregate(vec![col("id")], figures).unwrap();
        let plan = grouped.clone().create_physical_plan().await.unwrap();
        let counts = grouped.sort_by(vec![col("id")]).unwrap().collect().await.unwrap();
        let counts = datafusion::arrow::util::pretty::pretty_format_batches(&counts).unwrap().to_string();
        let rows: Vec<&str> = counts.lines().skip(3).filter(|line| line.starts_with('|')).collect();
        assert_eq!(rows, ["| 1  | 0 |       |", "| 2  | 1 | 20    |", "| 9  | 1 | 30    |"]);
        let shown = displayable(plan.as_ref()).indent(false).to_string();
        let n = shown.matches("AggregateExec").count();
        let below = shown.lines().map(str::trim).skip_while(|line| !line.starts_with("AggregateExec"));
        let below = below.skip(n).map(|line| line.split(':').next().unwrap_or_default().to_owned());
        (n, below.take(2).collect::<Vec<_>>().join(" "))
    }

    #[tokio::test]
    async fn divided_rows_are_grouped_once_and_others_twice() {
        assert_eq!(steps(|rows| rows).await.0, 2);
        let divided = |rows: DataFrame| rows.repartition(Partitioning::Hash(vec![col("id")], 16)).unwrap();
        // What both filters share is computed of the rows that have been divided.
        assert_eq!(steps(divided).await, (1, "ProjectionExec RepartitionExec".to_owned()));
    }
}
