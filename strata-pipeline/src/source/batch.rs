//! Batches: which content of which file the raw tables hold.

use std::sync::Arc;
use std::time::UNIX_EPOCH;

use strata_lake::arrow::array::{
    ArrayRef, AsArray, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use strata_lake::arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use strata_spec::manifest::Source;

use super::read::{Fingerprint, ReadOptions};

/// One reading of one file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Batch {
    /// The raw table.
    pub table: String,
    /// The file, as the project's folder sees it.
    pub file: String,
    /// The hash of the file's place, its content, and how it was read.
    pub batch_id: String,
    /// The hash of its content.
    pub blake3: String,
    /// Its size.
    pub bytes: u64,
    /// When it was last written, in microseconds since 1970.
    pub modified_us: i64,
    /// How many rows it gave.
    pub n_rows: u64,
}

impl Batch {
    pub(super) fn new(source: &Source, options: &ReadOptions, file: String, found: Fingerprint) -> Batch {
        let mut hasher = blake3::Hasher::new();
        for part in [source.name.as_str(), &file, &found.blake3, &format!("{options:?}")] {
            hasher.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
        }
        let modified = found.modified.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros());
        Batch {
            table: crate::run::raw_table(source),
            file,
            batch_id: hasher.finalize().to_hex()[..16].to_owned(),
            blake3: found.blake3,
            bytes: found.bytes,
            modified_us: i64::try_from(modified).unwrap_or(i64::MAX),
            n_rows: 0,
        }
    }
}

/// The rows of the table `batch`.
pub(super) fn write(batches: &[Batch]) -> strata_lake::datafusion::error::Result<RecordBatch> {
    let text = |read: fn(&Batch) -> &str| {
        Arc::new(batches.iter().map(|batch| Some(read(batch))).collect::<StringArray>()) as ArrayRef
    };
    let count = |read: fn(&Batch) -> u64| {
        let counts = batches.iter().map(|batch| i64::try_from(read(batch)).ok());
        Arc::new(counts.collect::<Int64Array>()) as ArrayRef
    };
    let modified: TimestampMicrosecondArray = batches.iter().map(|batch| Some(batch.modified_us)).collect();
    Ok(RecordBatch::try_from_iter_with_nullable([
        ("table", text(|batch| &batch.table), true),
        ("file", text(|batch| &batch.file), true),
        ("batch_id", text(|batch| &batch.batch_id), true),
        ("blake3", text(|batch| &batch.blake3), true),
        ("bytes", count(|batch| batch.bytes), true),
        ("modified_at", Arc::new(modified.with_timezone("UTC")) as ArrayRef, true),
        ("n_rows", count(|batch| batch.n_rows), true),
    ])?)
}

/// The batches of the rows of that table.
pub(super) fn read(rows: &[RecordBatch]) -> Vec<Batch> {
    let mut batches = Vec::new();
    for rows in rows {
        let text = |column: usize, row: usize| rows.column(column).as_string::<i32>().value(row).to_owned();
        let count = |column: usize, row: usize| {
            rows.column(column).as_primitive::<Int64Type>().value(row).unsigned_abs()
        };
        batches.extend((0..rows.num_rows()).map(|row| Batch {
            table: text(0, row),
            file: text(1, row),
            batch_id: text(2, row),
            blake3: text(3, row),
            bytes: count(4, row),
            modified_us: rows.column(5).as_primitive::<TimestampMicrosecondType>().value(row),
            n_rows: count(6, row),
        }));
    }
    batches
}
