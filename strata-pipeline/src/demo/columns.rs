//! Parquet files that are written row by row: each value is appended to its column, and full batches go to disk.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use strata_lake::arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, RecordBatch, StringBuilder,
    TimestampMicrosecondBuilder,
};
use strata_lake::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use strata_lake::datafusion::parquet::arrow::ArrowWriter;
use strata_lake::datafusion::parquet::basic::Compression;
use strata_lake::datafusion::parquet::file::properties::{EnabledStatistics, WriterProperties};
use strata_lake::datafusion::parquet::schema::types::ColumnPath;

use super::{DemoError, Result};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    /// Text of which nearly every value is another, so that a dictionary of them would cost and not help.
    Id,
    Number,
    Integer,
    /// An instant in UTC, given in seconds.
    Instant,
    /// A day, given in days since 1970.
    Day,
    Truth,
}

enum Builder {
    Text(StringBuilder),
    Number(Float64Builder),
    Integer(Int64Builder),
    Instant(TimestampMicrosecondBuilder),
    Day(Date32Builder),
    Truth(BooleanBuilder),
}

const ROWS_PER_BATCH: usize = 32_768;

/// A table in one Parquet file, or in several of a number of rows.
pub(super) struct Columns {
    path: PathBuf,
    /// Rows per file, where there are several: their names end in a number.
    rows_per_file: Option<u64>,
    files: Vec<(PathBuf, u64)>,
    schema: SchemaRef,
    properties: WriterProperties,
    builders: Vec<Builder>,
    /// The column that the next value belongs to.
    next: usize,
    in_batch: usize,
    writer: Option<ArrowWriter<File>>,
}

impl Columns {
    /// A table that will be written to `path`; to `path` with a number where `rows_per_file` is given.
    pub(super) fn new(path: &Path, columns: &[(&str, Kind)], rows_per_file: Option<u64>) -> Self {
        let fields: Vec<Field> =
            columns.iter().map(|(name, kind)| Field::new(*name, data_type(*kind), true)).collect();
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_statistics_enabled(EnabledStatistics::Chunk);
        for (name, kind) in columns {
            if !matches!(kind, Kind::Text | Kind::Truth) {
                properties =
                    properties.set_column_dictionary_enabled(ColumnPath::from(*name), *kind == Kind::Number);
            }
        }
        Self {
            path: path.to_owned(),
            rows_per_file,
            files: Vec::new(),
            schema: Arc::new(Schema::new(fields)),
            properties: properties.build(),
            builders: columns.iter().map(|(_, kind)| builder(*kind)).collect(),
            next: 0,
            in_batch: 0,
            writer: None,
        }
    }

    /// The next value of the row, where it is text; empty text is no value.
    pub(super) fn text(&mut self, value: &str) -> &mut Self {
        if let Some(Builder::Text(column)) = self.builders.get_mut(self.next) {
            if value.is_empty() { column.append_null() } else { column.append_value(value) }
        }
        self.next += 1;
        self
    }

    /// The next value of the row, where it is a number.
    pub(super) fn number(&mut self, value: Option<f64>) -> &mut Self {
        if let Some(Builder::Number(column)) = self.builders.get_mut(self.next) {
            column.append_option(value);
        }
        self.next += 1;
        self
    }

    /// The next value of the row, where it is an amount in cents.
    pub(super) fn cents(&mut self, value: i64) -> &mut Self {
        self.number(Some(value as f64 / 100.0))
    }

    /// The next value of the row, where it is a whole number, an instant in seconds or a day.
    pub(super) fn integer(&mut self, value: Option<i64>) -> &mut Self {
        match self.builders.get_mut(self.next) {
            Some(Builder::Integer(column)) => column.append_option(value),
            Some(Builder::Instant(column)) => column.append_option(value.map(|seconds| seconds * 1_000_000)),
            Some(Builder::Day(column)) => column.append_option(value.and_then(|day| i32::try_from(day).ok())),
            _ => {}
        }
        self.next += 1;
        self
    }

    /// The next value of the row, where it is true or false.
    pub(super) fn truth(&mut self, value: bool) -> &mut Self {
        if let Some(Builder::Truth(column)) = self.builders.get_mut(self.next) {
            column.append_value(value);
        }
        self.next += 1;
        self
    }

    /// Ends the row. Columns that a row left out are unequally long, which fails when the batch is written.
    pub(super) fn end(&mut self) -> Result<()> {
        self.next = 0;
        self.in_batch += 1;
        if self.in_batch == ROWS_PER_BATCH { self.write() } else { Ok(()) }
    }

    /// Writes what is left; the answer is the files with their numbers of rows.
    pub(super) fn close(mut self) -> Result<Vec<(PathBuf, u64)>> {
        // A table without rows is a file all the same.
        if self.in_batch > 0 || self.files.is_empty() {
            self.write()?;
        }
        self.end_file()?;
        Ok(self.files)
    }

    fn write(&mut self) -> Result<()> {
        let arrays: Vec<ArrayRef> = self.builders.iter_mut().map(finish).collect();
        let rows = self.in_batch as u64;
        self.in_batch = 0;
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays)
            .map_err(|cause| DemoError::new("cannot make rows of", &self.path, cause))?;
        if self.rows_per_file.is_some_and(|most| self.files.last().is_some_and(|(_, rows)| *rows >= most)) {
            self.end_file()?;
        }
        let writer = match &mut self.writer {
            Some(writer) => writer,
            none => {
                let path = match self.rows_per_file {
                    Some(_) => numbered(&self.path, self.files.len()),
                    None => self.path.clone(),
                };
                let file =
                    File::create(&path).map_err(|cause| DemoError::new("cannot create", &path, cause))?;
                let properties = Some(self.properties.clone());
                let writer = ArrowWriter::try_new(file, Arc::clone(&self.schema), properties)
                    .map_err(|cause| DemoError::new("cannot begin", &path, cause))?;
                self.files.push((path, 0));
                none.insert(writer)
            }
        };
        writer.write(&batch).map_err(|cause| DemoError::new("cannot write", &self.path, cause))?;
        if let Some((_, count)) = self.files.last_mut() {
            *count += rows;
        }
        Ok(())
    }

    fn end_file(&mut self) -> Result<()> {
        if let Some(writer) = self.writer.take() {
            writer.close().map_err(|cause| DemoError::new("cannot finish", &self.path, cause))?;
        }
        Ok(())
    }
}

/// `orders.parquet` as `orders-003.parquet`.
fn numbered(path: &Path, number: usize) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{stem}-{number:03}.parquet"))
}

fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Text | Kind::Id => DataType::Utf8,
        Kind::Number => DataType::Float64,
        Kind::Integer => DataType::Int64,
        Kind::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        Kind::Day => DataType::Date32,
        Kind::Truth => DataType::Boolean,
    }
}

fn builder(kind: Kind) -> Builder {
    match kind {
        Kind::Text | Kind::Id => Builder::Text(StringBuilder::new()),
        Kind::Number => Builder::Number(Float64Builder::new()),
        Kind::Integer => Builder::Integer(Int64Builder::new()),
        Kind::Instant => Builder::Instant(TimestampMicrosecondBuilder::new().with_timezone("UTC")),
        Kind::Day => Builder::Day(Date32Builder::new()),
        Kind::Truth => Builder::Truth(BooleanBuilder::new()),
    }
}

fn finish(builder: &mut Builder) -> ArrayRef {
    match builder {
        Builder::Text(column) => Arc::new(column.finish()),
        Builder::Number(column) => Arc::new(column.finish()),
        Builder::Integer(column) => Arc::new(column.finish()),
        Builder::Instant(column) => Arc::new(column.finish()),
        Builder::Day(column) => Arc::new(column.finish()),
        Builder::Truth(column) => Arc::new(column.finish()),
    }
}
