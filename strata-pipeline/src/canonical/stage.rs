//! The stage as the run sees it: raw tables in, canonical tables and `rejected` out, and the report as facts.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures::FutureExt;
use serde_json::json;
use strata_lake::datafusion::dataframe::{DataFrame, DataFrameWriteOptions};
use strata_lake::datafusion::error::{DataFusionError, Result as EngineResult};
use strata_lake::datafusion::prelude::{ParquetReadOptions, ident};
use strata_lake::{Engine, Write};
use strata_spec::error::ErrorCode;
use strata_spec::table::Subject;

use super::error::CanonicalError;
use super::report::ReasonCount;
use super::{Kept, Report, history, market, plan_tables};
use crate::error::{Context, Error, Result};
use crate::layout::Layout;
use crate::run::{self, PROPERTY_HISTORY, Run, Summary, raw_table};

/// Runs the stage.
///
/// # Errors
/// When the manifest and the data do not fit each other, or a table cannot be read or written.
pub async fn run(run: &Run, engine: &Engine) -> Result<Summary> {
    let mut raw = BTreeMap::new();
    for source in &run.project.manifest.sources {
        raw.insert(source.name.clone(), run::read(run, engine, &raw_table(source)).await?);
    }
    let staging = Staging::open(run, engine)?;
    let versions: Arc<Mutex<BTreeMap<String, u64>>> = Arc::default();
    let keep = |Kept { name, frame, layout }: Kept| {
        let (versions, staging) = (Arc::clone(&versions), &staging);
        async move {
            let Some(layout) = layout else { return staging.keep(engine, &name, frame).await };
            let parts = layout.parts(frame).await?;
            let write = Write::replace_by(parts, run.run_id.clone(), run.as_of.timestamp_millis());
            let written = engine.lake().write(&name, layout.noted(write)).await.map_err(external)?;
            versions.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone(), written.version);
            engine.table(&name, written.version).await.map_err(external)
        }
        .boxed()
    };
    let planned = plan_tables(engine.context(), &run.project.manifest, &raw, &keep, run.worth_dividing).await;
    let mut planned = planned.map_err(stopped)?;
    let mut summary = Summary::default();
    planned.rejected = markets(run, engine, planned.rejected, &mut planned.report, &mut summary).await?;
    summary.written.extend(versions.lock().unwrap_or_else(PoisonError::into_inner).clone());
    let order = ["source", "file", "line", "table", "reason"].map(|name| ident(name).sort(true, true));
    let rejected = planned.rejected.sort(order.to_vec()).context("cannot plan table `rejected`")?;
    let (version, n_rejected) = run::replace(run, engine, "rejected", rejected).await?;
    summary.written.insert("rejected".into(), version);
    let layout = Layout {
        of: Subject::Customers,
        by: "customer_id",
        order: vec!["customer_id", "kind", "namespace", "value"],
        n_parts: planned.n_parts,
    };
    let identity = run::replace_in(run, engine, "identity", planned.identity, &layout).await?;
    summary.written.insert("identity".into(), identity.0);
    let refused = run::replace(run, engine, "identity_refused", planned.identity_refused).await?;
    summary.written.insert("identity_refused".into(), refused.0);
    let (version, n_changes) = history::write(run, engine, &summary.written).await?;
    summary.written.insert(PROPERTY_HISTORY.into(), version);
    summary.facts.insert("n_property_changes".into(), n_changes.into());
    summary.facts.insert("n_rejected".into(), n_rejected.into());
    summary.facts.insert("currency".into(), json!(planned.report.currency));
    summary.facts.insert("report".into(), json!(planned.report));
    summary.warnings.extend(warnings(&planned.report));
    Ok(summary)
}

/// Writes a table for each market, and adds to the rows rejected.
async fn markets(
    run: &Run,
    engine: &Engine,
    mut rejected: DataFrame,
    report: &mut Report,
    summary: &mut Summary,
) -> Result<DataFrame> {
    for market in &run.project.manifest.markets {
        let raw = run::read(run, engine, &raw_table(&market.source)).await?;
        let planned = market::plan(engine.context(), &run.project.manifest, market, raw).await;
        let rows = planned.map_err(stopped)?;
        let table = market.source.name.as_str();
        let (version, n_rows) = run::replace(run, engine, table, rows.frame).await?;
        if n_rows == 0 {
            return Err(empty(&market.name, &rows.refused));
        }
        for each in rows.rejected {
            rejected = rejected.union(each).context("cannot plan table `rejected`")?;
        }
        report.decisions.extend(rows.decisions);
        for (counts, what) in [(&rows.refused, "refused"), (&rows.dropped, "kept without a value")] {
            if !counts.is_empty() {
                let n_rows: i64 = counts.iter().map(|count| count.n_rows).sum();
                let reasons = reasons(counts);
                summary
                    .warnings
                    .push(format!("market `{}`: {n_rows} rows were {what}: {reasons}", market.name));
            }
        }
        summary.written.insert(table.to_owned(), version);
        summary.facts.insert(format!("n_{table}_rows"), n_rows.into());
    }
    Ok(rejected)
}

fn empty(market: &str, refused: &[ReasonCount]) -> Error {
    let error = Error::new(ErrorCode::InvalidInput, format!("market `{market}` has no row that can be used"));
    match refused {
        [] => error.with_hint("its file has no rows, or none that its `where` lets through"),
        refused => error.with_hint(format!("refused: {}", reasons(refused))),
    }
}

fn reasons(counts: &[ReasonCount]) -> String {
    let reasons: Vec<String> =
        counts.iter().map(|count| format!("{} ({})", count.reason, count.n_rows)).collect();
    reasons.join(", ")
}

/// What the user should know of how the data was read.
fn warnings(report: &Report) -> Vec<String> {
    let mut warnings = Vec::new();
    let mut say = |n: u64, what: &str| {
        if n > 0 {
            warnings.push(format!("{n} {what}"));
        }
    };
    say(report.n_guest_orders, "orders name no customer; they count as revenue and belong to nobody");
    say(report.n_claimed_twice, "rows were refused because an earlier source holds the same id");
    say(report.n_undated_lines, "order lines were refused because neither they nor any order say when");
    let guesses =
        report.decisions.iter().filter(|decision| matches!(decision.basis, "default" | "contradictory"));
    warnings.extend(guesses.map(|decision| decision.sentence.clone()));
    warnings
}

/// Rows of intermediate results that are written together, and read by one core.
const STAGED_ROWS_AT_ONCE: usize = 65_536;

/// Intermediate results on disk, gone with the stage.
struct Staging(std::path::PathBuf);

impl Staging {
    fn open(run: &Run, engine: &Engine) -> Result<Staging> {
        let folder = engine.lake().root().join(format!(".staging-{}", run.run_id));
        std::fs::create_dir_all(&folder).context(format!("cannot make folder {}", folder.display()))?;
        Ok(Staging(folder))
    }

    async fn keep(&self, engine: &Engine, name: &str, frame: DataFrame) -> EngineResult<DataFrame> {
        let path = self.0.join(format!("{name}.parquet"));
        let path = path.to_string_lossy();
        let schema = frame.schema().as_arrow().clone();
        let options = DataFrameWriteOptions::new().with_single_file_output(true);
        // Read once or twice and gone: fast to write and to read counts for more than small.
        let mut format = engine.context().state().default_table_options().parquet;
        format.global.compression = Some("uncompressed".to_owned());
        format.global.dictionary_enabled = Some(false);
        format.global.statistics_enabled = Some("none".to_owned());
        // Row groups are what readers divide among themselves.
        format.global.max_row_group_size = STAGED_ROWS_AT_ONCE;
        frame.write_parquet(&path, options, Some(format)).await?;
        let options = ParquetReadOptions::default().schema(&schema);
        engine.context().read_parquet(path.as_ref(), options).await
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // Left behind only if the disk refuses: the files are in nobody's way, and the next run replaces them.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn external(error: strata_lake::LakeError) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

fn stopped(error: CanonicalError) -> Error {
    match error {
        CanonicalError::Definition(error) => Error::from(error),
        query => Error::new(ErrorCode::Internal, "cannot make the canonical tables").caused_by(query),
    }
}
