//! What is read from files of every kind, sound and broken; each test is a table of files and what they hold.

mod csv;
mod files;
mod json;
mod parquet;

use std::path::{Path, PathBuf};

use strata_lake::arrow::array::{Array, AsArray, RecordBatch};
use strata_lake::arrow::datatypes::Int64Type;
use tempfile::TempDir;

use super::{LINE, PROBLEM, ReadError, ReadOptions, TEXT, read};

/// A file in a folder of its own, which lives as long as this.
struct Sample {
    folder: TempDir,
    path: PathBuf,
}

fn sample(name: &str, content: impl AsRef<[u8]>) -> Sample {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    Sample { folder, path }
}

/// What was read from a file: good rows as `line: cell|cell`, with `~` for null; others as `line! problem <text>`.
fn rows(path: &Path, options: &ReadOptions) -> Result<Vec<String>, ReadError> {
    let reader = read(path, options)?;
    let schema = reader.schema();
    let mut rows = Vec::new();
    for batch in reader {
        let batch = batch?;
        assert_eq!(batch.schema(), schema);
        assert!(batch.num_rows() > 0 && batch.num_rows() <= options.batch_rows);
        rows.extend((0..batch.num_rows()).map(|row| render(&batch, row)));
    }
    Ok(rows)
}

fn render(batch: &RecordBatch, row: usize) -> String {
    let text = |name: &str| {
        let column = batch.column_by_name(name).unwrap().as_string::<i32>();
        (!column.is_null(row)).then(|| column.value(row))
    };
    let line = batch.column_by_name(LINE).unwrap().as_primitive::<Int64Type>().value(row);
    let data = batch.num_columns() - 3;
    if let Some(problem) = text(PROBLEM) {
        assert!(batch.columns()[..data].iter().all(|column| column.is_null(row)));
        return format!("{line}! {problem} <{}>", text(TEXT).unwrap());
    }
    assert_eq!(text(TEXT), None);
    let cells: Vec<&str> = batch.columns()[..data]
        .iter()
        .map(|column| column.as_string::<i32>())
        .map(|column| if column.is_null(row) { "~" } else { column.value(row) })
        .collect();
    format!("{line}: {}", cells.join("|"))
}

fn columns(path: &Path) -> Vec<String> {
    read(path, &ReadOptions::default()).unwrap().dialect().columns.clone()
}

#[track_caller]
fn check(name: &str, content: impl AsRef<[u8]>, expected: &[&str]) {
    let file = sample(name, content.as_ref());
    let found = rows(&file.path, &ReadOptions::default()).unwrap();
    assert_eq!(found, expected, "{:?}", String::from_utf8_lossy(content.as_ref()));
}
