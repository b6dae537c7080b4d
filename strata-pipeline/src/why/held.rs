//! The rows that a program is run over for one subject, in memory: each table's, and what was computed beside all others.

use std::collections::BTreeMap;
use std::sync::Arc;

use strata_lake::arrow::array::{ArrayRef, RecordBatch, StringArray, new_null_array};
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::error::Result as EngineResult;
use strata_lake::datafusion::execution::session_state::SessionStateBuilder;
use strata_lake::datafusion::optimizer::OptimizerRule;
use strata_lake::datafusion::optimizer::decorrelate_predicate_subquery::DecorrelatePredicateSubquery;
use strata_lake::datafusion::optimizer::extract_equijoin_predicate::ExtractEquijoinPredicate;
use strata_lake::datafusion::optimizer::optimize_projections::OptimizeProjections;
use strata_lake::datafusion::optimizer::replace_distinct_aggregate::ReplaceDistinctWithAggregate;
use strata_lake::datafusion::optimizer::rewrite_set_comparison::RewriteSetComparison;
use strata_lake::datafusion::optimizer::scalar_subquery_to_join::ScalarSubqueryToJoin;
use strata_lake::datafusion::optimizer::simplify_expressions::SimplifyExpressions;
use strata_lake::datafusion::prelude::{SessionConfig, SessionContext};
use strata_spec::table::{Subject, Table};

use crate::compile::{Earlier, Program, Tables, left_join};

/// What is known of a subject, as far as it was read.
#[derive(Clone)]
pub(super) struct Held {
    pub(super) context: SessionContext,
    pub(super) subject: Subject,
    pub(super) id: String,
    pub(super) tables: BTreeMap<Table, RecordBatch>,
    /// What its properties were.
    pub(super) history: Option<RecordBatch>,
    pub(super) scores: Option<RecordBatch>,
    pub(super) places: Option<RecordBatch>,
    /// Traits of a company's customers.
    pub(super) customers: Option<RecordBatch>,
}

impl Held {
    pub(super) fn new(subject: Subject, id: &str) -> Held {
        Held {
            context: session(),
            subject,
            id: id.to_owned(),
            tables: BTreeMap::new(),
            history: None,
            scores: None,
            places: None,
            customers: None,
        }
    }

    /// The profile that a program computes of these rows, with scores and places as they were found.
    pub(super) fn profile(&self, program: &Program) -> EngineResult<DataFrame> {
        let mut tables = Tables::new();
        for (table, rows) in &self.tables {
            tables.insert(*table, self.context.read_batch(rows.clone())?);
        }
        if let Some(customers) = &self.customers {
            let customers = self.context.read_batch(customers.clone())?;
            tables = program.with_customer_traits(tables, customers)?;
        }
        let history = match (&self.history, program.asks_for_properties()) {
            (_, false) => Earlier::Unavailable,
            (Some(rows), true) => Earlier::Rows(self.context.read_batch(rows.clone())?),
            (None, true) => Earlier::Nothing,
        };
        let mut profile = program.profile_after(&tables, &history)?;
        let id = self.subject.id_column();
        if !program.scores.is_empty() {
            let scores = self.held_scores(program)?;
            let scores = self.context.read_batch(scores)?;
            profile = left_join(profile, scores, id)?;
        }
        if let Some(places) = &self.places {
            let places = self.context.read_batch(places.clone())?;
            profile = left_join(profile, places, id)?;
        }
        Ok(profile)
    }

    /// The scores that a program speaks of, as the last run found them; null where none has.
    fn held_scores(&self, program: &Program) -> EngineResult<RecordBatch> {
        let ids: ArrayRef = Arc::new(StringArray::from(vec![self.id.as_str()]));
        let mut columns = vec![(self.subject.id_column(), ids)];
        for score in &program.scores {
            let stored = self.scores.as_ref().filter(|scores| scores.num_rows() > 0);
            let stored = stored.and_then(|scores| scores.column_by_name(&score.name));
            let none = || new_null_array(&score.data_type(), 1);
            columns.push((&score.name, stored.map_or_else(none, |column| column.slice(0, 1))));
        }
        let columns = columns.into_iter().map(|(name, column)| (name, column, true));
        Ok(RecordBatch::try_from_iter_with_nullable(columns)?)
    }
}

/// A session for a handful of rows, for which planning takes longer than computing: of the rules that make plans quicker it has the
/// one that leaves out columns, and else those alone without which a plan cannot run.
fn session() -> SessionContext {
    let config = SessionConfig::new()
        .with_target_partitions(1)
        .with_information_schema(false)
        .set_usize("datafusion.optimizer.max_passes", 1)
        .set_bool("datafusion.execution.skip_physical_aggregate_schema_check", true)
        .set_bool("datafusion.execution.parquet.schema_force_view_types", false)
        // What is looked for is on a few pages of a large file.
        .set_bool("datafusion.execution.parquet.pushdown_filters", true);
    let rules: Vec<Arc<dyn OptimizerRule + Send + Sync>> = vec![
        Arc::new(RewriteSetComparison::new()),
        Arc::new(SimplifyExpressions::new()),
        Arc::new(ReplaceDistinctWithAggregate::new()),
        Arc::new(DecorrelatePredicateSubquery::new()),
        Arc::new(ScalarSubqueryToJoin::new()),
        Arc::new(ExtractEquijoinPredicate::new()),
        Arc::new(OptimizeProjections::new()),
    ];
    let state = SessionStateBuilder::new().with_config(config).with_default_features();
    SessionContext::new_with_state(state.with_optimizer_rules(rules).build())
}
