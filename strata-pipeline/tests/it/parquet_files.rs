//! Parquet files that are taken in as they are: every table is what reading their rows and writing them again gives.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use serde_json::{Map, Value};
use strata_lake::arrow::array::{
    ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use strata_lake::datafusion::parquet::arrow::ArrowWriter;
use strata_lake::datafusion::parquet::file::metadata::ParquetMetaDataReader;
use strata_lake::datafusion::parquet::file::properties::WriterProperties;
use strata_pipeline::error::Error;
use strata_pipeline::run::{Options, Session, run};
use strata_spec::error::ErrorCode;

use crate::support::{Trial, number, text};

/// Row groups of this many rows are taken as they are; of a quarter as many they are written anew.
const ROWS_PER_GROUP: usize = 20_000;
const ROWS: i64 = 50_000;
const DAY_US: i64 = 86_400_000_000;
/// 2024-12-31, before some of the orders.
const MODIFIED_S: u64 = 1_735_603_200;

fn shop(keep: &str) -> Trial {
    Trial::new(&format!(
        r#"
[project]
title = "Shop"
currency = "EUR"
[sources.orders]
path = "orders-*.parquet"
keep = "{keep}"
[sources.orders.orders.columns]
order_id = "id"
customer_id = "customer"
ordered_at = "at"
amount = "amount"
"#
    ))
}

/// Orders of 2024; each thousandth is of next year, each 1,001st has no customer and each 1,003rd no date.
fn orders(path: &Path, from: i64, rows: i64, rows_per_group: usize) {
    let range = || from..from + rows;
    let days = range().map(|n| {
        let day = if n % 1_000 == 999 { 20_200 } else { 19_723 + n % 365 };
        (n % 1_003 > 0).then_some(day * DAY_US)
    });
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(Int64Array::from_iter_values(range()))),
        (
            "customer",
            Arc::new(
                range().map(|n| (n % 1_001 > 0).then(|| format!("c{}", n % 700))).collect::<StringArray>(),
            ),
        ),
        ("at", Arc::new(days.collect::<TimestampMicrosecondArray>().with_timezone("UTC"))),
        ("amount", Arc::new(Float64Array::from_iter_values(range().map(|n| (n % 400) as f64 / 4.0)))),
        (
            "note",
            Arc::new(range().map(|n| (n % 3 == 0).then(|| format!("note {n}"))).collect::<StringArray>()),
        ),
    ];
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, values)| (name, values, name != "id")),
    );
    let batch = batch.unwrap();
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(rows_per_group));
    let file = File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties.build())).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    File::options()
        .append(true)
        .open(path)
        .unwrap()
        .set_modified(UNIX_EPOCH + Duration::from_secs(MODIFIED_S))
        .unwrap();
}

/// The rows of a table without what depends on the bytes of the files.
async fn rows(trial: &Trial, table: &str) -> Vec<Map<String, Value>> {
    let mut rows = trial.ask(&format!("select * from {table}")).await;
    for row in &mut rows {
        row.retain(|name, _| !matches!(name.as_str(), "_batch" | "run_id"));
    }
    rows.sort_by_cached_key(|row| Value::from(row.clone()).to_string());
    rows
}

/// How many row groups each file of the raw table has.
fn row_groups(trial: &Trial) -> Vec<usize> {
    let folder = trial.project().lake_path().join("raw/orders");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut counts: Vec<usize> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "parquet"))
        .map(|path| {
            ParquetMetaDataReader::new()
                .parse_and_finish(&File::open(path).unwrap())
                .unwrap()
                .num_row_groups()
        })
        .collect();
    counts.sort_unstable();
    counts
}

const TABLES: [&str; 6] = ["raw.orders", "orders", "customers", "rejected", "profile", "membership"];

#[tokio::test(flavor = "multi_thread")]
async fn as_they_are_or_written_anew_gives_the_same() {
    let (whole, anew, mixed) = (shop("latest"), shop("latest"), shop("latest"));
    let small = ROWS_PER_GROUP / 4;
    for (trial, sizes) in [
        (&whole, [ROWS_PER_GROUP, ROWS_PER_GROUP]),
        (&anew, [small, small]),
        (&mixed, [ROWS_PER_GROUP, small]),
    ] {
        for (n, rows_per_group) in sizes.into_iter().enumerate() {
            let path = trial.folder().join(format!("orders-{n}.parquet"));
            orders(&path, n as i64 * ROWS, ROWS, rows_per_group);
        }
        trial.run("2025-06-01", &Session::default()).await;
    }
    assert_eq!(
        (row_groups(&whole), row_groups(&anew), row_groups(&mixed)),
        (vec![3, 3], vec![1, 1], vec![1, 3])
    );
    for table in TABLES {
        let expected = rows(&anew, table).await;
        assert!(!expected.is_empty(), "{table}");
        for trial in [&whole, &mixed] {
            let found = rows(trial, table).await;
            assert_eq!(found.len(), expected.len(), "{table}");
            for (found, expected) in found.iter().zip(&expected) {
                assert_eq!(found, expected, "{table}");
            }
        }
    }
    let place = "select file, line from rejected where reason like 'dated%' order by 1, 2 limit 1 offset 60";
    let row = whole.ask_one(place).await;
    assert_eq!((text(&row, "file"), number(&row, "line")), ("orders-1.parquet", 11_000.0));
}

#[cfg(feature = "cluster")]
#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_gives_the_same() {
    let (embedded, cluster) = (shop("latest"), shop("latest"));
    let standalone = Session { mode: strata_pipeline::Mode::Standalone, ..Session::default() };
    for (trial, session) in [(&embedded, &Session::default()), (&cluster, &standalone)] {
        orders(&trial.folder().join("orders-0.parquet"), 0, ROWS, ROWS_PER_GROUP);
        trial.run("2025-06-01", session).await;
    }
    assert_eq!(row_groups(&cluster), [3]);
    for table in ["raw.orders", "orders", "rejected", "membership"] {
        assert_eq!(rows(&cluster, table).await, rows(&embedded, table).await, "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_come_and_go_and_are_known_again() {
    for (keep, after) in [("latest", 300.0), ("all", 600.0)] {
        let trial = shop(keep);
        let path = |n: usize| trial.folder().join(format!("orders-{n}.parquet"));
        orders(&path(0), 0, 200, ROWS_PER_GROUP);
        orders(&path(1), 200, 100, ROWS_PER_GROUP);
        let first = trial.run("2025-06-01", &Session::default()).await;
        let again = trial.run("2025-06-01", &Session::default()).await;
        assert_eq!((&first.run_id, &first.tables), (&again.run_id, &again.tables), "{keep}");
        assert_eq!(again.summaries["source"].facts["n_files_read"], 0, "{keep}");
        // One file changes, one goes, one is new.
        orders(&path(0), 1_000, 150, ROWS_PER_GROUP);
        fs::remove_file(path(1)).unwrap();
        orders(&path(2), 2_000, 150, ROWS_PER_GROUP);
        let later = trial.run("2025-06-02", &Session::default()).await;
        assert_eq!(later.summaries["source"].facts["n_files_read"], 2, "{keep}");
        let row =
            trial.ask_one("select count(*) as n, max(_line) as line, min(id) as id from raw.orders").await;
        assert_eq!(number(&row, "n"), after, "{keep}");
        assert_eq!(number(&row, "id"), if keep == "all" { 0.0 } else { 1_000.0 }, "{keep}");
        assert_eq!(number(&row, "line"), if keep == "all" { 200.0 } else { 150.0 }, "{keep}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_damaged_is_told_with_its_file() {
    let trial = shop("latest");
    let path = trial.folder().join("orders-0.parquet");
    orders(&path, 0, 300, ROWS_PER_GROUP);
    orders(&trial.folder().join("orders-1.parquet"), 300, ROWS, ROWS_PER_GROUP);
    trial.run("2025-06-01", &Session::default()).await;
    orders(&path, 0, ROWS, ROWS_PER_GROUP);
    let sound = fs::read(&path).unwrap();
    let metadata = ParquetMetaDataReader::new().parse_and_finish(&File::open(&path).unwrap()).unwrap();
    for (group, column, row) in [(0, 1, 1), (2, 1, 40_001), (2, 3, 40_001)] {
        let (begin, _) = metadata.row_group(group).column(column).byte_range();
        let mut spoilt = sound.clone();
        spoilt[begin as usize..begin as usize + 64].fill(0xff);
        fs::write(&path, spoilt).unwrap();
        let project = trial.project();
        let options = Options { as_of: project.instant("2025-06-02").unwrap(), ..Options::default() };
        let error: Error = run(project, options, Arc::new(|_| ())).await.unwrap_err();
        let told = format!("{error}: {error:?}");
        assert_eq!(error.code(), ErrorCode::InvalidInput, "{told}");
        assert!(told.contains("cannot read orders-0.parquet") && told.contains("Damaged"), "{told}");
        // Batches of 8,192 rows: the one in which the damaged page begins.
        let from = (row - 1) / 8_192 * 8_192 + 1;
        assert!(told.contains(&format!("from row {from} on")), "{told}");
        assert!(error.hint().is_some_and(|hint| hint.contains("export it again")), "{told}");
        // The last complete run stands.
        assert_eq!(number(&trial.ask_one("select count(*) as n from raw.orders").await, "n"), 50_300.0);
    }
    fs::write(&path, sound).unwrap();
    trial.run("2025-06-02", &Session::default()).await;
    assert_eq!(number(&trial.ask_one("select count(*) as n from raw.orders").await, "n"), 100_000.0);
}
