//! The quality of every column as rows, for tables, CSV and JSON.

use std::sync::Arc;

use strata_lake::arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};

use super::found::{ColumnQuality, Quality};
use crate::error::{Context, Result};
use crate::query::{Answer, View};

/// The columns of the rows that are counts.
type Count = (&'static str, fn(&ColumnQuality) -> u64);

const COUNTS: [Count; 7] = [
    ("n_rows", |column| column.n_rows),
    ("n_missing", |column| column.n_missing),
    ("n_invalid", |column| column.n_invalid),
    ("n_duplicated", |column| column.n_duplicated),
    ("n_stale", |column| column.n_stale),
    ("n_outlying", |column| column.n_outlying),
    ("n_inconsistent", |column| column.n_inconsistent),
];

impl ColumnQuality {
    /// Whether anything is wrong with it.
    pub fn is_faulty(&self) -> bool {
        COUNTS.iter().skip(1).any(|(_, read)| read(self) > 0)
    }

    /// The share of rows that have a value which is neither missing nor invalid.
    pub fn usable(&self) -> f64 {
        let n_bad = (self.n_missing + self.n_invalid).min(self.n_rows);
        if self.n_rows == 0 { 1.0 } else { (self.n_rows - n_bad) as f64 / self.n_rows as f64 }
    }
}

impl Quality {
    /// The columns that something is wrong with, the least usable first.
    pub fn faulty(&self) -> Vec<ColumnQuality> {
        let mut faulty: Vec<_> = self.columns.iter().filter(|column| column.is_faulty()).cloned().collect();
        faulty.sort_by(|a, b| {
            let name = |column: &ColumnQuality| (column.column.clone(), column.source.clone());
            a.usable().total_cmp(&b.usable()).then_with(|| name(a).cmp(&name(b)))
        });
        faulty
    }
}

/// A row for each column: `source`, `table`, `column`, the counts, and `usable`, the share of rows with a value that was read.
///
/// # Errors
/// When the rows cannot be described.
pub fn rows(view: &View, columns: &[ColumnQuality]) -> Result<Answer> {
    let text = |read: fn(&ColumnQuality) -> &str| {
        Arc::new(columns.iter().map(|column| Some(read(column))).collect::<StringArray>()) as ArrayRef
    };
    let counts = COUNTS.iter().map(|(name, read)| {
        let counts = columns.iter().map(|column| i64::try_from(read(column)).ok());
        (*name, Arc::new(counts.collect::<Int64Array>()) as ArrayRef)
    });
    let usable = columns.iter().map(|column| Some(column.usable())).collect::<Float64Array>();
    let cells = [
        ("source", text(|column| &column.source)),
        ("table", text(|column| column.column.split_once('.').map_or("", |(table, _)| table))),
        ("column", text(|column| column.column.split_once('.').map_or("", |(_, name)| name))),
    ];
    let operation = "cannot describe the quality of columns";
    let batch = RecordBatch::try_from_iter(
        cells.into_iter().chain(counts).chain([("usable", Arc::new(usable) as ArrayRef)]),
    )
    .map_err(strata_lake::datafusion::error::DataFusionError::from)
    .context(operation)?;
    view.answer(batch)
}
