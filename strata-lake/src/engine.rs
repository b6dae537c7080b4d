//! A session over a lake: settings, functions and memory in one place, the same embedded and on a cluster.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use datafusion::common::{ScalarValue, TableReference};
use datafusion::datasource::provider_as_source;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::{FairSpillPool, TrackConsumersPool};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::{SessionState, SessionStateBuilder};
use datafusion::logical_expr::{AggregateUDF, LogicalPlanBuilder, ScalarUDF};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;
use datafusion::prelude::{DataFrame, SessionConfig, SessionContext};

use crate::error::{Result, failed, table_failed};
use crate::lake::Lake;
use crate::one_step::{DIVIDE_EARLY, ONE_STEP};
use crate::{memory, sql};

/// How many consumers an out-of-memory error names.
const CONSUMERS_NAMED: NonZeroUsize = NonZeroUsize::MIN.saturating_add(4);

/// Functions that read a clock or an unseeded random generator. A query that used them would not give the same twice,
/// so no session has them: instants are given as literals.
const UNPINNED_FUNCTIONS: [&str; 5] = ["now", "current_date", "current_time", "random", "uuid"];

/// Grouping by customer is bound by memory's latency, since the hash table of a million groups fits no cache. Rows that are
/// first divided by customer meet small tables, and larger batches make the division cheap. docs/performance.md has the figures.
const LEAST_PARTITIONS: usize = 16;
const BATCH_ROWS: usize = 32_768;
/// Grouping before the division pays only where it leaves less than this share of the rows.
const WORTH_GROUPING_FIRST: f64 = 0.05;

/// A side of a join up to this size is held once in memory, so that the rows of the other, often millions, stay where they are.
const HELD_WHOLE_BYTES: u64 = 64 << 20;
const HELD_WHOLE_ROWS: u64 = 2_000_000;

/// Where plans run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mode {
    /// In this process.
    #[default]
    Embedded,
    /// On a scheduler and an executor inside this process: a cluster's rules without a cluster.
    #[cfg(feature = "cluster")]
    Standalone,
    /// On the cluster whose scheduler is at a URL such as `df://host:50050`.
    #[cfg(feature = "cluster")]
    Remote {
        /// The scheduler's address.
        url: String,
    },
}

/// Functions beyond the engine's own. They are given when the session is made, since a cluster's executors get them
/// then or never.
#[derive(Debug, Clone, Default)]
pub struct Functions {
    /// Functions of one row.
    pub scalar: Vec<ScalarUDF>,
    /// Functions of many rows.
    pub aggregate: Vec<AggregateUDF>,
}

/// Settings of a session.
#[derive(Debug, Clone, Default)]
pub struct EngineOptions {
    /// Where plans run.
    pub mode: Mode,
    /// How many partitions a plan has; by default one a core, and at least 16 where it is not divided over a cluster.
    pub target_partitions: Option<usize>,
    /// Memory for sorts, joins and aggregates before they spill; by default six tenths of the machine's.
    pub memory_limit_bytes: Option<usize>,
    /// Where they spill to; by default the system's folder for temporary files.
    pub temp_dir: Option<PathBuf>,
    /// Functions beyond the engine's own.
    pub functions: Functions,
}

/// A session over a lake. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    lake: Lake,
    context: SessionContext,
    is_embedded: bool,
}

impl Engine {
    /// A session with these settings.
    pub async fn new(lake: Lake, options: EngineOptions) -> Result<Self> {
        let state = SessionStateBuilder::new()
            .with_default_features()
            .with_config(config(&options))
            .with_runtime_env(runtime(&options)?)
            .with_physical_optimizer_rules(physical_rules())
            .build();
        let context = SessionContext::new_with_state(state);
        register(&context, &options.functions);
        let context = match &options.mode {
            Mode::Embedded => context,
            #[cfg(feature = "cluster")]
            mode => {
                let context = crate::cluster::context(mode, context.state()).await?;
                // Becoming a cluster's session resets the functions to the engine's own.
                register(&context, &options.functions);
                context
            }
        };
        Ok(Self { lake, context, is_embedded: options.mode == Mode::Embedded })
    }

    /// The lake.
    pub fn lake(&self) -> &Lake {
        &self.lake
    }

    /// The session, in which no tables are registered: they are opened at a version, by [`Engine::table`].
    pub fn context(&self) -> &SessionContext {
        &self.context
    }

    /// A table at a version. Its columns are qualified by its name.
    pub async fn table(&self, name: &str, version: u64) -> Result<DataFrame> {
        let provider = self.lake.provider(name, version).await?;
        // Not `TableReference::from`, which reads SQL and would lower the case of letters.
        let reference = match name.split_once('.') {
            Some((schema, table)) => TableReference::partial(schema, table),
            None => TableReference::bare(name),
        };
        let plan = LogicalPlanBuilder::scan(reference, provider_as_source(provider), None)
            .and_then(LogicalPlanBuilder::build)
            .map_err(table_failed("scan", name))?;
        Ok(DataFrame::new(self.state(), plan))
    }

    /// A query over these tables at these versions. What is not a query is refused.
    pub async fn sql(&self, query: &str, tables: &BTreeMap<String, u64>) -> Result<DataFrame> {
        sql::query(&self.lake, self.state(), query, tables).await
    }

    /// Whether plans run in this process.
    pub(crate) fn is_embedded(&self) -> bool {
        self.is_embedded
    }

    fn state(&self) -> SessionState {
        self.context.state()
    }
}

fn config(options: &EngineOptions) -> SessionConfig {
    let config = SessionConfig::new();
    #[cfg(feature = "cluster")]
    let config = crate::cluster::prepare(&options.mode, config);
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let usual = match options.mode {
        Mode::Embedded => cores.max(LEAST_PARTITIONS),
        #[cfg(feature = "cluster")]
        Mode::Standalone | Mode::Remote { .. } => cores,
    };
    let partitions = options.target_partitions.unwrap_or(usual);
    let config = config
        .with_batch_size(BATCH_ROWS)
        .set(
            "datafusion.execution.skip_partial_aggregation_probe_ratio_threshold",
            &ScalarValue::Float64(Some(WORTH_GROUPING_FIRST)),
        )
        .set_u64("datafusion.optimizer.hash_join_single_partition_threshold", HELD_WHOLE_BYTES)
        .set_u64("datafusion.optimizer.hash_join_single_partition_threshold_rows", HELD_WHOLE_ROWS)
        .with_target_partitions(partitions)
        .with_information_schema(false)
        .set_str("datafusion.execution.time_zone", "UTC")
        // Whether a `case` can be null is found in two ways, for a plan and for what runs, which do not always agree. Nothing
        // depends on it but a check that they do.
        .set_bool("datafusion.execution.skip_physical_aggregate_schema_check", true)
        // A cluster knows no string views; with them embedded, types would differ from mode to mode.
        .set_bool("datafusion.execution.parquet.schema_force_view_types", false)
        .set_bool("datafusion.sql_parser.map_string_types_to_utf8view", false);
    #[cfg(feature = "cluster")]
    let config = crate::cluster::set_parallelism(&options.mode, config, partitions);
    config
}

fn physical_rules() -> Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>> {
    let mut rules = PhysicalOptimizer::new().rules;
    rules.insert(0, Arc::new(ONE_STEP));
    rules.push(Arc::new(DIVIDE_EARLY));
    rules
}

fn runtime(options: &EngineOptions) -> Result<Arc<RuntimeEnv>> {
    let limit = options.memory_limit_bytes.unwrap_or_else(memory::default_limit);
    let mut disk = DiskManagerBuilder::default();
    if let Some(folder) = &options.temp_dir {
        disk = disk.with_mode(DiskManagerMode::Directories(vec![folder.clone()]));
    }
    RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(TrackConsumersPool::new(FairSpillPool::new(limit), CONSUMERS_NAMED)))
        .with_disk_manager_builder(disk)
        .build_arc()
        .map_err(failed("set up", "the engine's memory and temporary files"))
}

/// The one place where functions are registered.
#[expect(clippy::disallowed_methods, reason = "everyone else registers through here")]
fn register(context: &SessionContext, functions: &Functions) {
    for name in UNPINNED_FUNCTIONS {
        context.deregister_udf(name);
    }
    for function in &functions.scalar {
        context.register_udf(function.clone());
    }
    for function in &functions.aggregate {
        context.register_udaf(function.clone());
    }
}
