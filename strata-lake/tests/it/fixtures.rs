//! A lake in a temporary folder, and small tables as text.

use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use datafusion::arrow::util::pretty::pretty_format_batches;
use datafusion::execution::SendableRecordBatchStream;
use strata_lake::datafusion::prelude::DataFrame;
use strata_lake::{Engine, EngineOptions, Lake, Write, WriteMode, Written, batches, datafusion};
use tempfile::TempDir;

pub(crate) struct Fixture {
    pub(crate) engine: Engine,
    _folder: TempDir,
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        Self::with(EngineOptions { target_partitions: Some(2), ..EngineOptions::default() }).await
    }

    pub(crate) async fn with(options: EngineOptions) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // A name with a space and a letter beyond ASCII, as people have them.
        let lake = Lake::open(&folder.path().join("my läke")).unwrap();
        let engine = Engine::new(lake, options).await.unwrap();
        Self { engine, _folder: folder }
    }

    pub(crate) fn lake(&self) -> &Lake {
        self.engine.lake()
    }

    /// Writes column `id`, and `name` where names are given.
    pub(crate) async fn write(
        &self,
        base: Option<u64>,
        mode: WriteMode,
        label: &str,
        batch: RecordBatch,
    ) -> Written {
        let write = Write { base, mode, ..Write::replace(stream(vec![batch]), label, 0) };
        self.lake().write("raw.shop", write).await.unwrap()
    }

    /// The rows of `raw.shop` at a version, by id, one a line.
    pub(crate) async fn rows(&self, version: u64) -> Vec<String> {
        lines(self.engine.table("raw.shop", version).await.unwrap()).await
    }

    /// The names of all files in the folder of `raw.shop`, those with a dot included, sorted.
    pub(crate) fn files(&self) -> Vec<String> {
        let folder = self.lake().root().join("raw/shop");
        let entries = std::fs::read_dir(folder).into_iter().flatten();
        let entries = entries.map(|entry| entry.unwrap());
        let mut names: Vec<_> = entries
            .filter(|entry| entry.file_type().unwrap().is_file())
            .map(|entry| entry.file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

pub(crate) fn ids(ids: impl IntoIterator<Item = i64>) -> RecordBatch {
    let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(ids));
    RecordBatch::try_from_iter([("id", ids)]).unwrap()
}

pub(crate) fn named(rows: &[(i64, &str)]) -> RecordBatch {
    let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.0)));
    let names: ArrayRef = Arc::new(StringArray::from_iter_values(rows.iter().map(|row| row.1)));
    RecordBatch::try_from_iter([("id", ids), ("name", names)]).unwrap()
}

pub(crate) fn stream(given: Vec<RecordBatch>) -> SendableRecordBatchStream {
    let schema = given.first().unwrap().schema();
    batches(schema, given.into_iter().map(Ok))
}

/// The rows of a frame sorted by its first column, cells joined by `|`.
pub(crate) async fn lines(frame: DataFrame) -> Vec<String> {
    let text = pretty_format_batches(&frame.collect().await.unwrap()).unwrap().to_string();
    let cells = |line: &str| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>().join("|");
    let mut rows: Vec<_> = text.lines().filter(|line| line.starts_with('|')).skip(1).map(cells).collect();
    rows.sort();
    rows
}

pub(crate) fn has_partial_file(folder: &Path) -> bool {
    std::fs::read_dir(folder)
        .unwrap()
        .any(|entry| entry.unwrap().file_name().to_string_lossy().starts_with('.'))
}
