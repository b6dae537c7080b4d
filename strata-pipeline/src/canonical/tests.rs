//! The stage's rules over small raw tables: what a source says, and what the canonical tables then hold.
//!
//! A raw table is written as lines of cells between bars, the header first; `@ file modified` begins a file. Results
//! are lines of cells, sorted.

mod evidence_rules;
mod order_rules;
mod row_rules;
mod subject_rules;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use futures::future::BoxFuture;
use strata_lake::arrow::array::{
    Array, ArrayRef, AsArray, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use strata_lake::arrow::compute::cast;
use strata_lake::arrow::datatypes::DataType;
use strata_lake::datafusion::prelude::{DataFrame, SessionConfig, SessionContext};
use strata_spec::manifest::{ColumnSource, Format, Keep as FileKeep, Manifest, Source, TableMapping};
use strata_spec::name::SourceName;
use strata_spec::table::Table;

use super::mapping::raw_column;
use super::plan::written_columns;
use super::rejected::REJECTED;
use super::{Kept, Planned, functions, plan_tables};
use crate::compile::data_type;
use crate::layout::WORTH_DIVIDING;

/// A session as the lake's engine makes it, small.
#[expect(clippy::disallowed_methods, reason = "the plans need no lake, and so no engine")]
pub(super) fn session() -> SessionContext {
    let mut config = SessionConfig::new().with_target_partitions(2);
    config.options_mut().sql_parser.map_string_types_to_utf8view = false;
    let ctx = SessionContext::new_with_config(config);
    for function in functions() {
        ctx.register_udf(function);
    }
    ctx
}

/// A mapping: canonical columns, each from a column or, with `=` before it, from SQL.
pub(super) fn map(table: Table, columns: &[(&str, &str)]) -> TableMapping {
    let columns = columns
        .iter()
        .map(|(name, from)| {
            let from = match from.strip_prefix('=') {
                Some(sql) => ColumnSource::Sql(sql.to_owned()),
                None => ColumnSource::Column((*from).to_owned()),
            };
            ((*name).to_owned(), from)
        })
        .collect();
    TableMapping { table, columns, filter: None, questions: None }
}

pub(super) fn source(name: &str, tables: Vec<TableMapping>) -> Source {
    Source {
        name: SourceName::new(name).unwrap(),
        path: format!("{name}.csv"),
        format: Format::default(),
        namespace: None,
        timezone: None,
        date_order: None,
        decimal: None,
        keep: FileKeep::Latest,
        tables,
    }
}

/// A project of these sources.
pub(super) fn project(sources: Vec<Source>) -> Manifest {
    Manifest {
        title: "Test".to_owned(),
        timezone: "UTC".to_owned(),
        fiscal_year_start: 1,
        currency: None,
        as_of: None,
        seed: 0,
        currencies: BTreeMap::new(),
        sources,
        surveys: Vec::new(),
        markets: Vec::new(),
        identity: strata_spec::manifest::Identity::default(),
        meter: strata_spec::manifest::Meter::default(),
        personas: strata_spec::manifest::Personas::default(),
        text: strata_spec::manifest::Text::default(),
        properties: BTreeMap::new(),
        definitions: strata_spec::definition::Definitions::default(),
    }
}

/// A raw table as stage 1 makes it. Files without a head are one file, written on 2025-01-01.
pub(super) fn raw(ctx: &SessionContext, text: &str) -> DataFrame {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let header = cells(lines[0]);
    let (mut rows, mut meta) = (Vec::new(), Vec::new());
    let (mut file, mut modified, mut number) = ("a.csv", "2025-01-01", 1);
    for line in &lines[1..] {
        if let Some(head) = line.strip_prefix('@') {
            (file, modified) = head.trim().split_once(' ').unwrap();
            number = 1;
            continue;
        }
        number += 1;
        let problem = line.strip_prefix('!');
        rows.push(if problem.is_some() { vec![String::new(); header.len()] } else { cells(line) });
        meta.push((file, modified, number, problem));
    }
    let mut columns: Vec<(String, ArrayRef)> = Vec::new();
    for (at, name) in header.iter().enumerate() {
        let values: StringArray = rows.iter().map(|row| Some(row[at].as_str())).collect();
        columns.push((name.clone(), Arc::new(values)));
    }
    let text = |values: Vec<Option<&str>>| Arc::new(values.into_iter().collect::<StringArray>()) as ArrayRef;
    let micros = |day: &str| {
        let day: NaiveDate = day.parse().unwrap();
        day.and_hms_opt(0, 0, 0).unwrap().and_utc().timestamp_micros()
    };
    let modified: TimestampMicrosecondArray = meta.iter().map(|row| Some(micros(row.1))).collect();
    let numbers: Int64Array = meta.iter().map(|row| Some(row.2)).collect();
    columns.push(("_file".to_owned(), text(meta.iter().map(|row| Some(row.0)).collect())));
    columns.push(("_line".to_owned(), Arc::new(numbers)));
    columns.push(("_problem".to_owned(), text(meta.iter().map(|row| row.3.map(|_| "ragged row")).collect())));
    columns.push(("_text".to_owned(), text(meta.iter().map(|row| row.3).collect())));
    columns.push(("_batch".to_owned(), text(meta.iter().map(|row| Some(row.0)).collect())));
    columns.push(("_modified".to_owned(), Arc::new(modified.with_timezone("UTC"))));
    ctx.read_batch(RecordBatch::try_from_iter(columns).unwrap()).unwrap()
}

/// Plans a project over raw tables given as text, in the order of its sources.
pub(super) async fn planned(manifest: &Manifest, raws: &[&str]) -> super::Result<Planned> {
    let ctx = session();
    let names = manifest.sources.iter().map(|source| source.name.clone());
    let raws = names.zip(raws.iter().map(|text| raw(&ctx, text))).collect();
    let keep = |Kept { frame, .. }: Kept| -> BoxFuture<'_, _> {
        let ctx = ctx.clone();
        Box::pin(async move {
            let schema = Arc::clone(frame.schema().inner());
            ctx.read_batches(frame.collect().await?.into_iter().chain([RecordBatch::new_empty(schema)]))
        })
    };
    plan_tables(&ctx, manifest, &raws, &keep, WORTH_DIVIDING).await
}

/// The rows of a plan, these columns of it, sorted.
pub(super) async fn rows(frame: &DataFrame, columns: &str) -> Vec<String> {
    let names: Vec<_> = columns.split_whitespace().map(raw_column).collect();
    let batches = frame.clone().select(names).unwrap().collect().await.unwrap();
    let mut lines = Vec::new();
    for batch in batches {
        let cells: Vec<ArrayRef> =
            batch.columns().iter().map(|column| cast(column, &DataType::Utf8).unwrap()).collect();
        for row in 0..batch.num_rows() {
            let values = cells.iter().map(|column| {
                let text = column.as_string::<i32>();
                if text.is_null(row) { "-".to_owned() } else { short(text.value(row)) }
            });
            lines.push(values.collect::<Vec<_>>().join(" | "));
        }
    }
    lines.sort();
    lines
}

/// Midnights as days, so that expectations are short.
fn short(value: &str) -> String {
    value.strip_suffix("T00:00:00Z").unwrap_or(value).to_owned()
}

/// Every table has the columns and types that its schema says.
pub(super) fn check_schemas(manifest: &Manifest, planned: &Planned) {
    let types = |frame: &DataFrame| -> Vec<(String, DataType)> {
        let fields = frame.schema().fields().iter();
        fields.map(|field| (field.name().clone(), field.data_type().clone())).collect()
    };
    for (table, frame) in &planned.tables {
        let columns = written_columns(*table, &manifest.properties).into_iter();
        let expected: Vec<_> = columns.map(|(name, kind)| (name, data_type(kind))).collect();
        assert_eq!(types(frame), expected, "{table}");
    }
    let expected = REJECTED.map(|(name, kind)| (name.to_owned(), data_type(kind)));
    assert_eq!(types(&planned.rejected), expected, "rejected");
}

/// One table's rows for one source.
pub(super) async fn check(
    manifest: &Manifest,
    raws: &[&str],
    table: Table,
    columns: &str,
    expected: &[&str],
) {
    let planned = planned(manifest, raws).await.unwrap();
    check_schemas(manifest, &planned);
    assert_eq!(rows(&planned.tables[&table], columns).await, expected, "{table}");
}

pub(super) async fn check_rejected(manifest: &Manifest, raws: &[&str], expected: &[&str]) {
    let planned = planned(manifest, raws).await.unwrap();
    check_schemas(manifest, &planned);
    assert_eq!(rows(&planned.rejected, "source table line reason").await, expected);
}

pub(super) async fn refusal(manifest: &Manifest, raws: &[&str]) -> String {
    let error = planned(manifest, raws).await.err().expect("the project was accepted");
    match error {
        super::CanonicalError::Definition(error) => {
            format!("{error} / {}", error.hint.clone().unwrap_or_default())
        }
        other => panic!("{other:?}"),
    }
}
