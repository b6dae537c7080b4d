//! Parquet: typed columns, in the plain types that every other part of the pipeline expects.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use strata_lake::arrow::array::{ArrayRef, Int64Array, RecordBatch, new_null_array};
use strata_lake::arrow::compute::{CastOptions, can_cast_types, cast_with_options};
use strata_lake::arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, SchemaRef, TimeUnit};
use strata_lake::datafusion::parquet::arrow::arrow_reader::{
    ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};

use super::batch::{distinct, provenance};
use super::stream::unreadable;
use super::{ReadError, ReadOptions, stream};

/// What every Parquet file begins with.
const MAGIC: &[u8; 4] = b"PAR1";

/// Reads the rows of one file.
pub(super) struct ParquetReader {
    path: PathBuf,
    rows: ParquetRecordBatchReader,
    schema: SchemaRef,
    rows_read: i64,
    rows_total: i64,
    bytes_total: u64,
    progress: Arc<AtomicU64>,
}

/// The data columns of a file.
pub(super) fn columns(path: &Path) -> Result<Vec<String>, ReadError> {
    let builder = builder(path, stream::open_file(path)?)?;
    Ok(data_fields(builder.schema(), &[]).iter().map(|field| field.name().clone()).collect())
}

/// The columns that several Parquet files hold in different types, which text can stand for. Other files are passed over.
pub(super) fn of_several_types(paths: &[PathBuf]) -> Result<Vec<String>, ReadError> {
    let mut types: BTreeMap<String, DataType> = BTreeMap::new();
    let mut several: Vec<String> = Vec::new();
    for path in paths.iter().filter(|_| paths.len() > 1) {
        let mut file = stream::open_file(path)?;
        let mut start = [0; MAGIC.len()];
        if file.read_exact(&mut start).is_err() || start != *MAGIC {
            continue;
        }
        for field in data_fields(builder(path, file)?.schema(), &[]) {
            let as_text = can_cast_types(field.data_type(), &DataType::Utf8);
            let known = types.entry(field.name().clone()).or_insert_with(|| field.data_type().clone());
            let differs = known != field.data_type();
            if differs && as_text && can_cast_types(known, &DataType::Utf8) && !several.contains(field.name())
            {
                several.push(field.name().clone());
            }
        }
    }
    several.sort();
    Ok(several)
}

impl ParquetReader {
    pub(super) fn open(
        path: &Path,
        options: &ReadOptions,
        progress: Arc<AtomicU64>,
    ) -> Result<Self, ReadError> {
        let file = stream::open_file(path)?;
        let bytes_total = file.metadata().map_err(|source| unreadable("read", path, source))?.len();
        let builder = builder(path, file)?.with_batch_size(options.batch_rows.max(1));
        let rows_total = builder.metadata().file_metadata().num_rows();
        let fields = data_fields(builder.schema(), &options.as_text)
            .into_iter()
            .chain(provenance())
            .collect::<Vec<_>>();
        let rows =
            builder.build().map_err(|source| damaged(path, "at its first row group", source.into()))?;
        let schema = Arc::new(Schema::new(fields));
        Ok(Self { path: path.to_owned(), rows, schema, rows_read: 0, rows_total, bytes_total, progress })
    }

    pub(super) fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    pub(super) fn next_batch(&mut self) -> Result<Option<RecordBatch>, ReadError> {
        let Some(batch) = self.rows.next() else { return Ok(None) };
        let batch = batch.map_err(|source| {
            damaged(&self.path, &format!("from row {} on", self.rows_read + 1), source.into())
        })?;
        let n = batch.num_rows();
        let failed = |source| ReadError::Batch { path: self.path.clone(), source };
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(self.schema.fields().len());
        for (array, field) in batch.columns().iter().zip(self.schema.fields()) {
            // Not `safe`: a value that does not fit is an error, not silently null.
            let options = CastOptions { safe: false, ..Default::default() };
            arrays.push(cast_with_options(array, field.data_type(), &options).map_err(failed)?);
        }
        let first = self.rows_read + 1;
        self.rows_read += n as i64;
        arrays.push(Arc::new(Int64Array::from_iter_values(first..=self.rows_read)));
        arrays.push(new_null_array(&DataType::Utf8, n));
        arrays.push(new_null_array(&DataType::Utf8, n));
        let share = self.rows_read as f64 / self.rows_total.max(1) as f64;
        self.progress.store((self.bytes_total as f64 * share) as u64, Ordering::Relaxed);
        RecordBatch::try_new(self.schema.clone(), arrays).map(Some).map_err(failed)
    }
}

fn builder(path: &Path, file: File) -> Result<ParquetRecordBatchReaderBuilder<File>, ReadError> {
    ParquetRecordBatchReaderBuilder::try_new(file)
        .map_err(|source| damaged(path, "from its footer, at the end of the file", source.into()))
}

fn damaged(path: &Path, position: &str, source: Box<dyn std::error::Error + Send + Sync>) -> ReadError {
    ReadError::Damaged { path: path.to_owned(), format: "Parquet", position: position.to_owned(), source }
}

fn data_fields(schema: &Schema, as_text: &[String]) -> Vec<FieldRef> {
    let names: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
    let plain = |(name, field): (String, &FieldRef)| {
        let data_type = if as_text.contains(&name) { DataType::Utf8 } else { plain_type(field.data_type()) };
        Arc::new(Field::new(name, data_type, field.is_nullable()))
    };
    distinct(&names).into_iter().zip(schema.fields()).map(plain).collect()
}

/// The type that a column is read as: no views, no dictionaries, no large offsets, instants in microseconds.
fn plain_type(data_type: &DataType) -> DataType {
    match data_type {
        // A column without any value is of no type; text can be anything.
        DataType::Utf8View | DataType::LargeUtf8 | DataType::Null => DataType::Utf8,
        DataType::BinaryView | DataType::LargeBinary => DataType::Binary,
        DataType::Dictionary(_, value) => plain_type(value),
        DataType::RunEndEncoded(_, value) => plain_type(value.data_type()),
        DataType::Timestamp(_, Some(_)) => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        DataType::Timestamp(_, None) => DataType::Timestamp(TimeUnit::Microsecond, None),
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::ListView(item)
        | DataType::LargeListView(item) => DataType::List(plain_field(item)),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(plain_field).collect::<Fields>()),
        DataType::Map(entries, sorted) => DataType::Map(plain_field(entries), *sorted),
        other => other.clone(),
    }
}

fn plain_field(field: &FieldRef) -> FieldRef {
    Arc::new(Field::new(field.name(), plain_type(field.data_type()), field.is_nullable()))
}
