//! RFM scores and classes of an order log, timed: `rfm ORDERS.parquet [SEGMENTS]`, one JSON line.
//!
//! The program that `strata run` compiles, over one Parquet file with `customer_id`, `order_id`, `ts` and `amount`, from file to
//! class sizes in memory. With a number of segments, that many conditions are evaluated as well. `benches/rfm.py` runs it
//! beside what a user would write in DuckDB, Polars or pandas.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::time::Instant;

use chrono::{DateTime, Utc};
use strata_lake::arrow::array::AsArray;
use strata_lake::arrow::datatypes::{DataType, Int64Type, TimeUnit, TimestampMicrosecondType};
use strata_lake::datafusion::functions_aggregate::expr_fn::{count, max};
use strata_lake::datafusion::logical_expr::{ExprFunctionExt, cast, col, lit};
use strata_lake::datafusion::prelude::{DataFrame, ParquetReadOptions, ident};
use strata_lake::{Engine, EngineOptions, Functions, Lake};
use strata_pipeline::compile::{Mapped, Setting, Tables, compile};
use strata_pipeline::score::{fit_all, with_scores};
use strata_pipeline::spec::condition::Condition;
use strata_pipeline::spec::definition::{Definitions, Header, Layer, Origin, Segment, Version};
use strata_pipeline::spec::name::SegmentName;
use strata_pipeline::spec::table::{Subject, Table};

#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Conditions over a few shared figures, as marketers write them.
const CONDITIONS: [&str; 20] = [
    "n_orders >= 10",
    "n_orders = 1",
    "revenue > 1000",
    "revenue > 250 and n_orders >= 5",
    "days_since_last_order <= 30",
    "days_since_last_order > 365",
    "count(orders) filter (where in_last('90 days')) >= 3",
    "count(orders) filter (where in_last('90 days')) = 0 and n_orders >= 5",
    "sum(orders.amount) filter (where in_last('365 days')) > 500",
    "sum(orders.amount) filter (where in_last('365 days')) = 0",
    "max(orders.amount) > 200",
    "max(orders.amount) > 2 * revenue / n_orders",
    "in_class('rfm', 'champions') and revenue > 500",
    "in_class('rfm', 'cant_lose')",
    "r_score = 1 and m_score = 5",
    "r_score >= 4 and f_score = 1",
    "count(orders) filter (where amount >= 100) >= 2",
    "count(orders) filter (where in_last('90 days')) between 1 and 2",
    "n_orders between 2 and 4 and days_since_last_order between 60 and 180",
    "m_score = 5 and count(orders) filter (where in_last('90 days')) = 0",
];

#[tokio::main]
#[expect(clippy::print_stdout, reason = "the figures are what the program is for")]
#[expect(clippy::disallowed_methods, reason = "it measures")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().ok_or("usage: rfm ORDERS.parquet [SEGMENTS]")?;
    let n_segments: usize = arguments.next().map(|n| n.parse()).transpose()?.unwrap_or(0);
    let folder = std::env::temp_dir().join(format!("strata-rfm-{}", std::process::id()));
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
    let log = orders(&engine, &file).await?;
    let as_of = day_after_last(&log).await?;
    let orders = canonical(log)?;
    let definitions = definitions(n_segments)?;
    let properties = BTreeMap::new();
    let columns = ["order_id", "customer_id", "ordered_at", "amount"].map(|column| (Table::Orders, column));
    let mapped = Mapped::columns(columns);
    let setting = Setting {
        subject: Subject::Customers,
        as_of,
        timezone: chrono_tz::Tz::UTC,
        fiscal_year_start: 1,
        definitions: &definitions,
        properties: &properties,
        mapped: &mapped,
    };
    let program = compile(&setting).map_err(|errors| format!("{errors:?}"))?;
    let profile = program.profile(&Tables::from([(Table::Orders, orders)]))?.cache().await?;
    let fitted = fit_all(&program, &profile).await?;
    let divided = program.divide(with_scores(&program, &fitted, profile)?)?.cache().await?;
    let class = ident("_class_rfm");
    let sizes = divided
        .clone()
        .aggregate(vec![class.clone()], vec![count(lit(1_i64)).alias("n")])?
        .sort(vec![class.sort(true, false)])?
        .collect()
        .await?;
    let mut classes = BTreeMap::new();
    for batch in &sizes {
        let counts = batch.column(1).as_primitive::<Int64Type>();
        for row in 0..batch.num_rows() {
            classes.insert(batch.column(0).as_string::<i32>().value(row).to_owned(), counts.value(row));
        }
    }
    let mut members = BTreeMap::new();
    if n_segments > 0 {
        let inside = |number| count(lit(1_i64)).filter(ident(format!("_in_segment_{number}"))).build();
        let counts = (0..n_segments).map(inside).collect::<Result<Vec<_>, _>>()?;
        let counted = divided.aggregate(vec![], counts)?.collect().await?;
        for (number, counts) in counted[0].columns().iter().enumerate() {
            members.insert(format!("segment_{number}"), counts.as_primitive::<Int64Type>().value(0));
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    std::fs::remove_dir_all(&folder)?;
    let n: i64 = classes.values().sum();
    println!(
        "{}",
        serde_json::json!({
            "bench": "rfm", "engine": "strata", "customers": n, "total": seconds, "segments": classes,
            "members": members, "peak_rss_mb": peak_megabytes(),
        })
    );
    Ok(())
}

async fn orders(engine: &Engine, file: &str) -> Result<DataFrame, Box<dyn Error>> {
    let file = Path::new(file).canonicalize()?;
    let options = ParquetReadOptions::default();
    Ok(engine.context().read_parquet(file.to_string_lossy().as_ref(), options).await?)
}

/// The columns as the canonical table has them. Instants without a zone are UTC, and become so without being looked at.
fn canonical(log: DataFrame) -> Result<DataFrame, Box<dyn Error>> {
    let instant = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let ordered_at = cast(cast(col("ts"), DataType::Int64), instant).alias("ordered_at");
    Ok(log.select(vec![col("customer_id"), col("order_id"), ordered_at, col("amount")])?)
}

async fn day_after_last(log: &DataFrame) -> Result<DateTime<Utc>, Box<dyn Error>> {
    let last = log.clone().aggregate(vec![], vec![max(col("ts")).alias("last")])?.collect().await?;
    let last = last[0].column(0).as_primitive::<TimestampMicrosecondType>().value(0);
    Ok(DateTime::from_timestamp_micros(last + 86_400_000_000).ok_or("the last order is out of range")?)
}

/// The shipped RFM segmentation with what it needs, and as many segments as were asked for.
fn definitions(n_segments: usize) -> Result<Definitions, Box<dyn Error>> {
    let shipped = Definitions::shipped().map_err(|errors| format!("{errors:?}"))?;
    let mut chosen = Definitions::default();
    let traits = ["n_orders", "days_since_last_order", "revenue"];
    chosen.traits.extend(shipped.traits.iter().filter(|(name, _)| traits.contains(&name.as_str())).map(copy));
    let scores = ["r_score", "f_score", "m_score"];
    chosen.scores.extend(shipped.scores.iter().filter(|(name, _)| scores.contains(&name.as_str())).map(copy));
    chosen
        .segmentations
        .extend(shipped.segmentations.iter().filter(|(name, _)| name.as_str() == "rfm").map(copy));
    for (number, condition) in CONDITIONS.iter().take(n_segments).enumerate() {
        let name = SegmentName::new(format!("segment_{number}"))?;
        let header = Header {
            title: name.to_string(),
            about: None,
            layer: Layer::Composite,
            subject: Subject::Customers,
            origin: Origin::Project,
            needs_any: Vec::new(),
            version: Version(String::new()),
        };
        let segment = Segment {
            name: name.clone(),
            header,
            goal: None,
            condition: Condition::parse(condition, Subject::Customers)?,
            include: Vec::new(),
            exclude: Vec::new(),
            examples: Vec::new(),
        };
        chosen.segments.insert(name, segment);
    }
    Ok(chosen)
}

fn copy<K: Clone, V: Clone>((key, value): (&K, &V)) -> (K, V) {
    (key.clone(), value.clone())
}

/// The process's greatest resident memory so far, as Linux tells it.
fn peak_megabytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    line.split_whitespace().nth(1)?.parse::<f64>().ok().map(|kilobytes| kilobytes / 1024.0)
}
