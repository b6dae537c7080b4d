//! One run: what is pinned before it, the stages in order, and the row that makes it count.
//!
//! A stage's tables become the lake's tables only when the whole run is complete: readers take the versions that the last row of
//! the table `run` names. A run that fails, is stopped or loses its disk leaves later versions behind that nothing
//! refers to, and the next run starts from the pinned ones.

mod outcome;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::TryFutureExt;
use serde_json::{Value, json};
use strata_lake::arrow::array::{
    ArrayRef, AsArray, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use strata_lake::arrow::datatypes::Int64Type;
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::execution::SendableRecordBatchStream;
use strata_lake::datafusion::logical_expr::{Expr, lit};
use strata_lake::datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use strata_lake::datafusion::prelude::ident;
use strata_lake::{Engine, EngineOptions, Functions, Lake, LakeError, LakeLock, Mode, Write, batches};
use strata_spec::error::ErrorCode;
use strata_spec::manifest::Source;

use crate::error::{Context, Error, Result};
use crate::layout::{Layout, WORTH_DIVIDING};
use crate::project::Project;

/// The table of membership intervals.
pub const MEMBERSHIP: &str = "membership";

/// The table of complete runs.
pub const RUN_TABLE: &str = "run";
/// The table of what changed about subjects.
pub const PROPERTY_HISTORY: &str = "property_history";

/// The table that holds a source's rows as its files have them.
pub fn raw_table(source: &Source) -> String {
    format!("raw.{}", source.name)
}

/// A run, pinned. After it is made, nobody asks for "now" or "latest".
#[derive(Clone)]
pub struct Run {
    /// The hash of everything that decides the outcome: `as_of`, seed, manifest and definitions, and the files read.
    pub run_id: String,
    /// The instant at which everything is evaluated.
    pub as_of: DateTime<Utc>,
    /// The seed of everything random.
    pub seed: u64,
    /// The version of each table to be read: at first those of the last complete run, then what this run's stages wrote.
    pub inputs: BTreeMap<String, u64>,
    /// From how many rows on tables are divided into parts.
    pub worth_dividing: u64,
    /// The latest complete run that was evaluated at an earlier instant: what this one is compared with.
    pub before: Option<Complete>,
    /// The project.
    pub project: Arc<Project>,
    /// Who is told how far the run is.
    pub progress: Reporter,
}

/// How far a run is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// A stage begins.
    Stage(&'static str),
    /// So many bytes of a file have been read.
    Reading {
        /// The file, as the manifest's pattern matched it.
        file: String,
        /// Bytes read.
        done: u64,
        /// Bytes in all.
        total: u64,
    },
    /// The stage has ended.
    Done(&'static str),
}

/// Who is told how far a run is.
pub type Reporter = Arc<dyn Fn(Progress) + Send + Sync>;

/// What a stage did.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summary {
    /// The versions that it wrote.
    pub written: BTreeMap<String, u64>,
    /// Counts and decisions, by name.
    pub facts: BTreeMap<String, Value>,
    /// What the user should know.
    pub warnings: Vec<String>,
}

/// How to run.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The instant at which everything is evaluated.
    pub as_of: DateTime<Utc>,
    /// Allow an `as_of` before that of the last run, whose later memberships are then forgotten.
    pub rewind: bool,
    /// The session's settings.
    pub session: Session,
}

/// The settings of a session.
#[derive(Debug, Clone, Default)]
pub struct Session {
    /// Where plans run.
    pub mode: Mode,
    /// Memory before plans spill to disk, in bytes.
    pub memory_bytes: Option<usize>,
    /// Partitions of a plan.
    pub partitions: Option<usize>,
    /// From how many rows on tables are divided into parts. What they hold is the same; by default what is fastest.
    pub worth_dividing: Option<u64>,
}

/// A run that is complete.
#[derive(Debug, Clone, PartialEq)]
pub struct Complete {
    /// Its id.
    pub run_id: String,
    /// Its instant.
    pub as_of: DateTime<Utc>,
    /// Its place in the order of runs.
    pub sequence: i64,
    /// The version of each table.
    pub tables: BTreeMap<String, u64>,
    /// What each stage did, by stage.
    pub summaries: BTreeMap<String, Summary>,
}

/// A session over a lake, with all functions that plans need.
///
/// # Errors
/// When the lake cannot be opened.
pub async fn engine(project: &Project, session: &Session) -> Result<Engine> {
    let path = project.lake_path();
    let lake = Lake::open(&path).context(format!("cannot open the lake {}", path.display()))?;
    open_engine(lake, session).await
}

pub(crate) async fn open_engine(lake: Lake, session: &Session) -> Result<Engine> {
    let mut scalar = crate::function::scalars();
    scalar.extend(crate::canonical::functions());
    let options = EngineOptions {
        mode: session.mode.clone(),
        memory_limit_bytes: session.memory_bytes,
        target_partitions: session.partitions,
        functions: Functions { scalar, aggregate: crate::function::aggregates() },
        ..EngineOptions::default()
    };
    Engine::new(lake, options).await.context("cannot start the engine")
}

/// Runs all stages and makes the outcome count.
///
/// # Errors
/// `Conflict` when another run holds the lake or `as_of` lies before that of the last run; else whatever stopped a stage.
/// The lake then still shows the last complete run.
pub async fn run(project: Project, options: Options, progress: Reporter) -> Result<Complete> {
    let engine = engine(&project, &options.session).await?;
    let _lock = lock(&engine)?;
    let last = last_complete(&engine).await?;
    let (run, summaries) = stages(&engine, last.as_ref(), project, options, progress).await?;
    complete(&run, &engine, last, summaries).await
}

/// Runs all stages and leaves the lake as it was: what they write is there, and no run names it. Returns the versions.
///
/// # Errors
/// As those of [`run`].
pub async fn rehearse(
    project: Project,
    options: Options,
    progress: Reporter,
) -> Result<(Engine, BTreeMap<String, u64>)> {
    let engine = engine(&project, &options.session).await?;
    let lock = lock(&engine)?;
    let last = last_complete(&engine).await?;
    let (run, _) = stages(&engine, last.as_ref(), project, options, progress).await?;
    drop(lock);
    Ok((engine, run.inputs))
}

fn lock(engine: &Engine) -> Result<LakeLock> {
    engine.lake().lock().map_err(|error| match error {
        LakeError::Locked { .. } => {
            Error::new(ErrorCode::Conflict, "another run is under way in this project")
                .with_hint("wait for it to end; two runs at once would overwrite each other")
                .caused_by(error)
        }
        other => Error::new(ErrorCode::Storage, "cannot lock the lake").caused_by(other),
    })
}

async fn stages(
    engine: &Engine,
    last: Option<&Complete>,
    project: Project,
    options: Options,
    progress: Reporter,
) -> Result<(Run, BTreeMap<String, Summary>)> {
    if let Some(last) = last
        && options.as_of < last.as_of
        && !options.rewind
    {
        return Err(Error::new(
            ErrorCode::Conflict,
            format!(
                "--as-of {} lies before the last run's, {}",
                options.as_of.to_rfc3339(),
                last.as_of.to_rfc3339()
            ),
        )
        .with_hint(
            "memberships only move forward in time; --rewind forgets those after the earlier instant",
        ));
    }
    crate::goal::check(&project)?;
    let seed = project.manifest.seed;
    let mut inputs = last.map(|last| last.tables.clone()).unwrap_or_default();
    crate::market::forget(&mut inputs, &project.manifest);
    let mut run = Run {
        run_id: String::new(),
        as_of: options.as_of,
        seed,
        inputs,
        worth_dividing: options.session.worth_dividing.unwrap_or(WORTH_DIVIDING),
        before: match last {
            Some(_) => latest(engine, before_instant(options.as_of)).await?,
            None => None,
        },
        project: Arc::new(project),
        progress,
    };
    let ingest = crate::source::plan(&run, engine).await?;
    run.run_id = run_id(&run, &ingest);

    let mut summaries = BTreeMap::new();
    macro_rules! stage {
        ($name:literal, $stage:expr) => {
            (run.progress)(Progress::Stage($name));
            let summary = $stage.await?;
            run.inputs.extend(summary.written.clone());
            summaries.insert($name.to_owned(), summary);
            (run.progress)(Progress::Done($name));
        };
    }
    stage!("source", crate::source::run(&run, engine, &ingest));
    let canonical = crate::canonical::run(&run, engine);
    stage!("canonical", canonical.map_err(|error| crate::source::at_fault(&ingest, error)));
    stage!("profile", crate::profile::run(&run, engine));
    stage!("score", crate::score::run(&run, engine));
    stage!("segment", crate::segment::run(&run, engine));
    stage!("measure", crate::measure::run(&run, engine, &summaries));
    Ok((run, summaries))
}

/// The last complete run of a lake.
///
/// # Errors
/// When the table of runs cannot be read.
pub async fn last_complete(engine: &Engine) -> Result<Option<Complete>> {
    latest(engine, lit(true)).await
}

/// The complete run before another.
///
/// # Errors
/// When the table of runs cannot be read.
pub(crate) async fn complete_before(engine: &Engine, complete: &Complete) -> Result<Option<Complete>> {
    latest(engine, ident("sequence").lt(lit(complete.sequence))).await
}

/// The latest complete run evaluated at an earlier instant than another.
///
/// # Errors
/// When the table of runs cannot be read.
pub(crate) async fn evaluated_before(engine: &Engine, complete: &Complete) -> Result<Option<Complete>> {
    latest(engine, before_instant(complete.as_of)).await
}

/// The latest complete run evaluated by an instant.
///
/// # Errors
/// When the table of runs cannot be read.
pub(crate) async fn evaluated_by(engine: &Engine, at: DateTime<Utc>) -> Result<Option<Complete>> {
    latest(engine, ident("as_of").lt_eq(crate::compile::instant(at))).await
}

/// The latest complete runs before another, each evaluated at an earlier instant than the next, the latest first. Runs that a
/// rewind made forgotten are not among them.
///
/// # Errors
/// When the table of runs cannot be read.
pub(crate) async fn runs_before(engine: &Engine, complete: &Complete, most: usize) -> Result<Vec<Complete>> {
    let Some(version) = engine.lake().version(RUN_TABLE).await.context("cannot look for earlier runs")?
    else {
        return Ok(Vec::new());
    };
    let reading = "cannot read the table of runs";
    let runs = engine.table(RUN_TABLE, version).await.context(reading)?;
    let earlier = before_instant(complete.as_of).and(ident("sequence").lt(lit(complete.sequence)));
    let runs = runs
        .filter(earlier)
        .and_then(|runs| runs.sort(vec![ident("sequence").sort(false, false)]))
        .context(reading)?;
    let mut chain: Vec<Complete> = Vec::new();
    for batch in runs.collect().await.context(reading)? {
        for row in 0..batch.num_rows() {
            if chain.len() == most {
                return Ok(chain);
            }
            let Some(run) = read_complete(&batch.slice(row, 1)) else { continue };
            if chain.last().is_none_or(|next| run.as_of < next.as_of) {
                chain.push(run);
            }
        }
    }
    Ok(chain)
}

fn before_instant(as_of: DateTime<Utc>) -> Expr {
    ident("as_of").lt(crate::compile::instant(as_of))
}

async fn latest(engine: &Engine, which: Expr) -> Result<Option<Complete>> {
    let Some(version) = engine.lake().version(RUN_TABLE).await.context("cannot look for earlier runs")?
    else {
        return Ok(None);
    };
    let runs = engine.table(RUN_TABLE, version).await.context("cannot read the table of runs")?;
    let last = runs
        .filter(which)
        .and_then(|runs| runs.sort(vec![ident("sequence").sort(false, false)]))
        .and_then(|runs| runs.limit(0, Some(1)))
        .context("cannot read the table of runs")?;
    let batches = last.collect().await.context("cannot read the table of runs")?;
    let Some(batch) = batches.iter().find(|batch| batch.num_rows() > 0) else { return Ok(None) };
    read_complete(batch).map(Some).ok_or_else(|| {
        Error::new(ErrorCode::Storage, "the table of runs is damaged")
            .with_hint("delete the project's lake folder and run again: it is rebuilt from the sources")
    })
}

/// A table of the lake as this run sees it.
pub(crate) async fn read(run: &Run, engine: &Engine, table: &str) -> Result<DataFrame> {
    let version = run
        .inputs
        .get(table)
        .ok_or_else(|| Error::new(ErrorCode::NotFound, format!("the lake has no table `{table}`")))?;
    engine.table(table, *version).await.context(format!("cannot open table `{table}`"))
}

/// Replaces a table by the rows of a plan; returns the version that holds them and how many they are.
pub(crate) async fn replace(run: &Run, engine: &Engine, table: &str, rows: DataFrame) -> Result<(u64, u64)> {
    let stream = stream(rows).await.context(format!("cannot compute table `{table}`"))?;
    let write = Write::replace(stream, run.run_id.clone(), run.as_of.timestamp_millis());
    let written = engine.lake().write(table, write).await.context(format!("cannot write table `{table}`"))?;
    Ok((written.version, written.rows))
}

/// Replaces a table by the rows of a plan, laid out; returns the version that holds them and how many they are.
pub(crate) async fn replace_in(
    run: &Run,
    engine: &Engine,
    table: &str,
    rows: DataFrame,
    layout: &Layout,
) -> Result<(u64, u64)> {
    let parts = layout.parts(rows).await.context(format!("cannot compute table `{table}`"))?;
    replace_by(run, engine, table, parts, layout).await
}

/// The same, computed part by part: what each row says comes from the rows of one subject, and from tables read `whole`.
pub(crate) async fn replace_part_by_part(
    run: &Run,
    engine: &Engine,
    table: &str,
    rows: DataFrame,
    layout: &Layout,
    whole: &[&str],
) -> Result<(u64, u64)> {
    let parts = layout.part_by_part(run, engine, rows, whole).await;
    replace_by(run, engine, table, parts.context(format!("cannot compute table `{table}`"))?, layout).await
}

async fn replace_by(
    run: &Run,
    engine: &Engine,
    table: &str,
    parts: Vec<SendableRecordBatchStream>,
    layout: &Layout,
) -> Result<(u64, u64)> {
    let write = layout.noted(Write::replace_by(parts, run.run_id.clone(), run.as_of.timestamp_millis()));
    let written = engine.lake().write(table, write).await.context(format!("cannot write table `{table}`"))?;
    Ok((written.version, written.rows))
}

/// The rows of a plan, under the plan's own schema: a cluster that has no rows to send sends no schema either.
pub(crate) async fn stream(
    rows: DataFrame,
) -> strata_lake::datafusion::error::Result<SendableRecordBatchStream> {
    let schema = Arc::clone(rows.schema().inner());
    let rows = rows.execute_stream().await?;
    Ok(Box::pin(RecordBatchStreamAdapter::new(schema, rows)))
}

fn run_id(run: &Run, ingest: &crate::source::Ingest) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut add = |part: &str| {
        hasher.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
    };
    add(env!("CARGO_PKG_VERSION"));
    add(&run.as_of.to_rfc3339());
    add(&run.seed.to_string());
    add(&format!("{:?}", run.project.manifest));
    ingest.batch_ids().for_each(&mut add);
    hasher.finalize().to_hex()[..16].to_owned()
}

async fn complete(
    run: &Run,
    engine: &Engine,
    last: Option<Complete>,
    summaries: BTreeMap<String, Summary>,
) -> Result<Complete> {
    let mut tables = run.inputs.clone();
    tables.remove(RUN_TABLE);
    let sequence = match &last {
        Some(last) if last.run_id == run.run_id => last.sequence,
        Some(last) => last.sequence + 1,
        None => 1,
    };
    let complete = Complete { run_id: run.run_id.clone(), as_of: run.as_of, sequence, tables, summaries };
    let batch = write_complete(&complete).context("cannot describe the run")?;
    let base = engine.lake().version(RUN_TABLE).await.context("cannot look for earlier runs")?;
    let label = format!("{}-{sequence}", complete.run_id);
    let mut write = Write::append(
        base,
        batches(batch.schema(), [Ok(batch)]),
        label.clone(),
        run.as_of.timestamp_millis(),
    );
    write.mode = strata_lake::WriteMode::ReplaceLabels([label].into());
    engine.lake().write(RUN_TABLE, write).await.context("cannot record the run")?;
    Ok(complete)
}

fn write_complete(complete: &Complete) -> strata_lake::datafusion::error::Result<RecordBatch> {
    let summaries: BTreeMap<&str, Value> = complete
        .summaries
        .iter()
        .map(|(stage, summary)| {
            (stage.as_str(), json!({ "facts": summary.facts, "warnings": summary.warnings }))
        })
        .collect();
    let text = |text: String| Arc::new(StringArray::from(vec![text])) as ArrayRef;
    let as_of = TimestampMicrosecondArray::from(vec![complete.as_of.timestamp_micros()]).with_timezone("UTC");
    Ok(RecordBatch::try_from_iter([
        ("run_id", text(complete.run_id.clone())),
        ("sequence", Arc::new(Int64Array::from(vec![complete.sequence])) as ArrayRef),
        ("as_of", Arc::new(as_of) as ArrayRef),
        ("tables", text(json!(complete.tables).to_string())),
        ("summaries", text(json!(summaries).to_string())),
    ])?)
}

fn read_complete(batch: &RecordBatch) -> Option<Complete> {
    use strata_lake::arrow::datatypes::TimestampMicrosecondType;
    let text = |name: &str| Some(batch.column_by_name(name)?.as_string_opt::<i32>()?.value(0).to_owned());
    let as_of = batch.column_by_name("as_of")?.as_primitive_opt::<TimestampMicrosecondType>()?.value(0);
    let summaries: BTreeMap<String, Value> = serde_json::from_str(&text("summaries")?).ok()?;
    Some(Complete {
        run_id: text("run_id")?,
        as_of: DateTime::from_timestamp_micros(as_of)?,
        sequence: batch.column_by_name("sequence")?.as_primitive_opt::<Int64Type>()?.value(0),
        tables: serde_json::from_str(&text("tables")?).ok()?,
        summaries: summaries
            .into_iter()
            .map(|(stage, value)| {
                let facts = value.get("facts").cloned().and_then(|facts| serde_json::from_value(facts).ok());
                let warnings =
                    value.get("warnings").cloned().and_then(|all| serde_json::from_value(all).ok());
                let summary = Summary {
                    written: BTreeMap::new(),
                    facts: facts.unwrap_or_default(),
                    warnings: warnings.unwrap_or_default(),
                };
                (stage, summary)
            })
            .collect(),
    })
}
