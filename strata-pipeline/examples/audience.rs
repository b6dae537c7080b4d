//! Traits and segments of an event log, timed: `audience PROJECT EVENTS.parquet AS_OF`, one JSON line.
//!
//! The program that `strata run` compiles of a project's own definitions, over one Parquet file with `customer_id`, `type`, `ts` and
//! `value`, from file to traits, memberships and segment sizes in memory. `benches/audience.py` writes the project and runs
//! it beside what a user would write in DuckDB or Polars.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::time::Instant;

use strata_lake::arrow::array::AsArray;
use strata_lake::arrow::datatypes::{DataType, Float64Type, Int64Type, TimeUnit};
use strata_lake::datafusion::functions_aggregate::expr_fn::{count, sum};
use strata_lake::datafusion::logical_expr::{ExprFunctionExt, cast, col, lit};
use strata_lake::datafusion::prelude::{DataFrame, ParquetReadOptions, ident};
use strata_lake::{Engine, EngineOptions, Functions, Lake};
use strata_pipeline::compile::{Mapped, Program, Setting, Tables, compile};
use strata_pipeline::project::Project;
use strata_pipeline::spec::definition::{Definitions, Origin};
use strata_pipeline::spec::table::{Subject, Table};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
    let compiled = began.elapsed().as_secs_f64();
    let profile = program.profile(&Tables::from([(Table::Events, events(&engine, file).await?)]))?;
    if std::env::var_os("EXPLAIN").is_some() {
        profile.clone().explain(false, true)?.show().await?;
    }
    let profile = profile.cache().await?;
    let profiled = began.elapsed().as_secs_f64();
    let divided = program.divide(profile.clone())?.cache().await?;
    let divided_at = began.elapsed().as_secs_f64();
    let names: Vec<&str> = program.levels.iter().flatten().map(|segment| segment.name.as_str()).collect();
    let inside = |name: &&str| count(lit(1_i64)).filter(ident(format!("_in_{name}"))).build();
    let sizes = names.iter().map(inside).chain([Ok(count(lit(1_i64)))]).collect::<Result<Vec<_>, _>>()?;
    let counted = divided.aggregate(vec![], sizes)?.collect().await?;
    let of = |at: usize| counted[0].column(at).as_primitive::<Int64Type>().value(0);
    let sizes: BTreeMap<&str, i64> = names.iter().enumerate().map(|(at, name)| (*name, of(at))).collect();
    let spent = profile.aggregate(vec![], vec![sum(ident("s_purchase"))])?.collect().await?;
    let spent = spent[0].column(0).as_primitive::<Float64Type>().value(0);
    let seconds = began.elapsed().as_secs_f64();
    std::fs::remove_dir_all(&folder)?;
    println!(
        "{}",
        serde_json::json!({
            "bench": "audience", "engine": "strata", "customers": of(names.len()), "total": seconds,
            "compiled": compiled, "profiled": profiled, "divided": divided_at, "sizes": sizes,
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
