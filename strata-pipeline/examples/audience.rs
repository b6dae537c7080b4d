//! Traits and segments of an event log, timed: `audience PROJECT EVENTS.parquet AS_OF`, one JSON line.
//!
//! The program that `strata run` compiles of a project's own definitions, over one Parquet file with `customer_id`, `type`, `ts` and
//! `value`, from file to traits, memberships and segment sizes in memory. `benches/audience.py` writes the project and runs
//! it beside what a user would write in DuckDB or Polars.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::time::Instant;

use strata_lake::arrow::array::{AsArray, RecordBatch};
use strata_lake::arrow::datatypes::{DataType, Float64Type, TimeUnit};
use strata_lake::datafusion::functions_aggregate::expr_fn::sum;
use strata_lake::datafusion::logical_expr::{cast, col};
use strata_lake::datafusion::prelude::{DataFrame, ParquetReadOptions, ident};
use strata_lake::{Engine, EngineOptions, Functions, Lake};
use strata_pipeline::compile::{Mapped, Program, Setting, Tables, compile};
use strata_pipeline::project::Project;
use strata_pipeline::spec::definition::{Definitions, Origin};
use strata_pipeline::spec::table::{Subject, Table};

#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[tokio::main]
#[expect(clippy::print_stdout, reason = "the figures are what the program is for")]
#[expect(clippy::disallowed_methods, reason = "it measures")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [project, file, as_of] = &arguments[..] else {
        return Err("usage: audience PROJECT EVENTS.parquet AS_OF".into());
    };
    let folder = std::env::temp_dir().join(format!("strata-audience-{}", std::process::id()));
    let engine = Engine::new(
        Lake::open(&folder)?,
        EngineOptions {
            functions: Functions {
                scalar: strata_pipeline::function::scalars(),
                aggregate: strata_pipeline::function::aggregates(),
            },
            ..EngineOptions::default()
        },
    )
    .await?;

    let began = Instant::now();
    let program = program(&Project::open(Path::new(project))?, as_of)?;
    let profile = program.profile(&Tables::from([(Table::Events, events(&engine, file).await?)]))?;
    let profile = profile.cache().await?;
    let profiled = began.elapsed().as_secs_f64();
    let divided = program.divide(profile.clone())?.collect().await?;
    let divided_at = began.elapsed().as_secs_f64();
    let names: Vec<&str> = program.levels.iter().flatten().map(|segment| segment.name.as_str()).collect();
    let size = |name: &str| -> Option<usize> {
        let inside = format!("_in_{name}");
        divided.iter().map(|batch| Some(batch.column_by_name(&inside)?.as_boolean().true_count())).sum()
    };
    let sizes: BTreeMap<&str, Option<usize>> = names.iter().map(|name| (*name, size(name))).collect();
    let customers: usize = divided.iter().map(RecordBatch::num_rows).sum();
    let spent = profile.aggregate(vec![], vec![sum(ident("s_purchase"))])?.collect().await?;
    let spent = spent[0].column(0).as_primitive::<Float64Type>().value(0);
    let seconds = began.elapsed().as_secs_f64();
    std::fs::remove_dir_all(&folder)?;
    println!(
        "{}",
        serde_json::json!({
            "bench": "audience", "engine": "strata", "customers": customers, "total": seconds,
            "profiled": profiled, "divided": divided_at, "sizes": sizes,
            "spent": spent, "peak_rss_mb": peak_megabytes(),
        })
    );
    Ok(())
}

/// What the project itself defines, compiled.
fn program(project: &Project, as_of: &str) -> Result<Program, Box<dyn Error>> {
    let manifest = &project.manifest;
    let all = &manifest.definitions;
    let mut definitions = Definitions::default();
    let own = |origin: Origin| origin == Origin::Project;
    definitions.traits.extend(all.traits.iter().filter(|(_, each)| own(each.header.origin)).map(copy));
    definitions.segments.extend(all.segments.iter().filter(|(_, each)| own(each.header.origin)).map(copy));
    let mapped = Mapped::of(manifest);
    let setting = Setting {
        subject: Subject::Customers,
        as_of: project.instant(as_of)?,
        timezone: project.timezone,
        fiscal_year_start: manifest.fiscal_year_start,
        definitions: &definitions,
        properties: &manifest.properties,
        mapped: &mapped,
    };
    Ok(compile(&setting).map_err(|errors| format!("{errors:?}"))?)
}

fn copy<K: Clone, V: Clone>((key, value): (&K, &V)) -> (K, V) {
    (key.clone(), value.clone())
}

/// The log as the canonical table has it. Instants without a zone are UTC, and become so without being looked at.
async fn events(engine: &Engine, file: &str) -> Result<DataFrame, Box<dyn Error>> {
    let file = Path::new(file).canonicalize()?;
    let options = ParquetReadOptions::default();
    let log = engine.context().read_parquet(file.to_string_lossy().as_ref(), options).await?;
    let instant = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let occurred_at = cast(cast(col("ts"), DataType::Int64), instant).alias("occurred_at");
    Ok(log.select(vec![col("customer_id"), occurred_at, col("type").alias("name"), col("value")])?)
}

/// The process's greatest resident memory so far, as Linux tells it.
fn peak_megabytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    line.split_whitespace().nth(1)?.parse::<f64>().ok().map(|kilobytes| kilobytes / 1024.0)
}
