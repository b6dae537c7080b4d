//! Parquet files that can go into a table as they are, and what a table has beside their columns.
//!
//! Decoding a file and encoding it again costs far more than copying it. A file is taken as it is only where that comes
//! to exactly the same, told by its footer alone; every other file has its rows read and written.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Int64Array};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::error::DataFusionError;
use datafusion::parquet::arrow::parquet_to_arrow_schema;
use datafusion::parquet::file::metadata::{
    ColumnChunkMetaData, ParquetMetaData, ParquetMetaDataReader, RowGroupMetaData,
};
use datafusion::scalar::ScalarValue;

use crate::schema::storable;

/// Many small row groups make a slow scan. A file whose row groups, without the last, have fewer rows on the whole is
/// written anew.
const LEAST_ROWS_PER_ROW_GROUP: i64 = 16_384;
/// A scan holds a row group's bytes in memory. A file with a larger one is written anew.
const MOST_BYTES_PER_ROW_GROUP: i64 = 256 << 20;
/// What the format allows.
const MOST_ROW_GROUPS: usize = i16::MAX as usize;
/// Where the first column chunk can begin: after the magic bytes.
const FIRST_OFFSET: i64 = 4;

/// A Parquet file whose columns go into a table as they are, and the columns that the table has behind them.
#[derive(Debug)]
pub struct ParquetFile {
    pub(crate) file: File,
    pub(crate) metadata: ParquetMetaData,
    columns: SchemaRef,
    pub(crate) beside: Vec<Beside>,
}

/// A column that the table has and the file has not.
#[derive(Debug)]
pub(crate) struct Beside {
    name: String,
    value: Value,
}

#[derive(Debug)]
enum Value {
    /// The row's number in the file, from 1.
    RowNumber,
    /// The same in every row.
    Constant(ScalarValue),
}

impl ParquetFile {
    /// The file, where its column chunks are what a table would store of rows with these columns; else none. What
    /// cannot be opened or is no Parquet file is none, too: whoever reads its rows will say what is wrong.
    pub fn open(path: &Path, columns: &Schema) -> Option<Self> {
        let file = File::open(path).ok()?;
        let length = i64::try_from(file.metadata().ok()?.len()).ok()?;
        let metadata = ParquetMetaDataReader::new().parse_and_finish(&file).ok()?;
        // The table's name stands in errors alone, and they are told by the way that the file then goes.
        let columns = storable("", columns).ok()?;
        let taken = has_columns(&metadata, &columns) && is_in_order(&metadata, length);
        taken.then_some(Self { file, metadata, columns, beside: Vec::new() })
    }

    /// Adds a column with the number of each row, from 1.
    #[must_use]
    pub fn with_row_number(self, name: &str) -> Self {
        self.with(name, Value::RowNumber)
    }

    /// Adds a column that has the same value in each row.
    #[must_use]
    pub fn with_constant(self, name: &str, value: ScalarValue) -> Self {
        self.with(name, Value::Constant(value))
    }

    fn with(mut self, name: &str, value: Value) -> Self {
        self.beside.push(Beside { name: name.to_owned(), value });
        self
    }

    /// The columns of the file, then those beside them.
    pub(crate) fn schema(&self) -> SchemaRef {
        let beside = self.beside.iter().map(|column| Arc::new(column.field()));
        Arc::new(Schema::new(self.columns.fields().iter().cloned().chain(beside).collect::<Vec<_>>()))
    }
}

impl Beside {
    pub(crate) fn field(&self) -> Field {
        let data_type = match &self.value {
            Value::RowNumber => DataType::Int64,
            Value::Constant(value) => value.data_type(),
        };
        Field::new(&self.name, data_type, true)
    }

    pub(crate) fn is_constant(&self) -> bool {
        matches!(self.value, Value::Constant(_))
    }

    /// The values of as many rows from row `first` on.
    pub(crate) fn values(&self, first: i64, rows: usize) -> Result<ArrayRef, DataFusionError> {
        match &self.value {
            Value::RowNumber => Ok(Arc::new(Int64Array::from_iter_values((first..).take(rows)))),
            Value::Constant(value) => value.to_array_of_size(rows),
        }
    }
}

/// Whether the file has these columns, as Parquet itself has them. An Arrow schema in the footer may see more in a column
/// (a dictionary, say, or longer offsets), and that is not stored.
fn has_columns(metadata: &ParquetMetaData, columns: &Schema) -> bool {
    let Ok(found) = parquet_to_arrow_schema(metadata.file_metadata().schema_descr(), None) else {
        return false;
    };
    let alike = |(found, column): (&Arc<Field>, &Arc<Field>)| {
        // Names within lists and structs are the writer's own; whole rows of them are rare enough to be written anew.
        found.name() == column.name()
            && found.data_type() == column.data_type()
            && !found.data_type().is_nested()
    };
    !columns.fields().is_empty()
        && found.fields().len() == columns.fields().len()
        && found.fields().iter().zip(columns.fields()).all(alike)
}

/// Whether the row groups are of a sane size and lie where the file has them.
fn is_in_order(metadata: &ParquetMetaData, length: i64) -> bool {
    let groups = metadata.row_groups();
    let Ok(n_groups) = i64::try_from(groups.len()) else { return false };
    let rows = groups.iter().try_fold(0_i64, |rows, group| rows.checked_add(group.num_rows()));
    let fits = |group: &RowGroupMetaData| {
        let sizes = group.columns().iter().map(ColumnChunkMetaData::compressed_size);
        let bytes = sizes.fold(0_i64, i64::saturating_add);
        bytes <= MOST_BYTES_PER_ROW_GROUP
            && group.num_rows() > 0
            && group.columns().iter().all(|chunk| is_within(chunk, group.num_rows(), length))
    };
    rows == Some(metadata.file_metadata().num_rows())
        && rows.is_some_and(|rows| rows / LEAST_ROWS_PER_ROW_GROUP >= n_groups - 1)
        && (1..=MOST_ROW_GROUPS).contains(&groups.len())
        && groups.iter().all(fits)
}

fn is_within(chunk: &ColumnChunkMetaData, rows: i64, length: i64) -> bool {
    let begin = chunk.dictionary_page_offset().unwrap_or_else(|| chunk.data_page_offset());
    let size = chunk.compressed_size();
    chunk.file_path().is_none()
        && chunk.num_values() == rows
        && size > 0
        && (FIRST_OFFSET..=chunk.data_page_offset()).contains(&begin)
        && begin.checked_add(size).is_some_and(|end| end <= length)
}
