//! Takes a Parquet file into a table's folder: its column chunks byte for byte, others behind them, and a footer of our own.
//!
//! What the footer said of the values is left out. Minima, bloom filters, page indexes and orders are claims of whoever wrote
//! the file, which rows that are written anew would not inherit; a wrong one would lose rows.

use std::sync::{Arc, Weak};

use bytes::Bytes;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::Schema;
use datafusion::error::DataFusionError;
use datafusion::parquet::arrow::{ArrowSchemaConverter, ArrowWriter, add_encoded_arrow_schema_to_metadata};
use datafusion::parquet::column::writer::ColumnCloseResult;
use datafusion::parquet::errors::ParquetError;
use datafusion::parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, ParquetMetaDataReader};
use datafusion::parquet::file::properties::{EnabledStatistics, WriterProperties};
use datafusion::parquet::file::reader::ChunkReader;
use datafusion::parquet::file::statistics::Statistics;
use datafusion::parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use datafusion::parquet::schema::types::{ColumnDescPtr, Type, TypePtr};

use crate::data_file::{
    FileSpec, HashingWriter, NewFile, PartialFile, create, external, finish, path, properties, put_in_place,
};
use crate::parquet_file::{Beside, ParquetFile};

/// How many rows of a column beside the file's are made at a time.
const ROWS_AT_ONCE: usize = 65_536;

/// Takes the file in, under the same terms as rows that are written: all of it, or nothing.
pub(crate) async fn take_file(spec: FileSpec, file: ParquetFile) -> Result<Vec<NewFile>, DataFusionError> {
    let folder = spec.folder.clone();
    // Goes when this future is dropped, which the thread that copies then sees.
    let wanted = Arc::new(());
    let asked = Arc::downgrade(&wanted);
    let copying = tokio::task::spawn_blocking(move || copy(&spec, &file, &asked));
    let copied = copying.await.map_err(external)??;
    drop(wanted);
    Ok(put_in_place(&folder, copied)?)
}

fn copy(
    spec: &FileSpec,
    source: &ParquetFile,
    wanted: &Weak<()>,
) -> Result<Vec<PartialFile>, DataFusionError> {
    let (sink, mut partial) = create(spec, 0)?;
    let mut properties = WriterProperties::builder().set_offset_index_disabled(true).build();
    add_encoded_arrow_schema_to_metadata(&source.schema(), &mut properties);
    let mut writer = SerializedFileWriter::new(sink, parquet_schema(source)?, Arc::new(properties))?;
    let columns = writer.schema_descr().columns().to_vec();
    let mut beside: Vec<Encoder> = source.beside.iter().map(Encoder::new).collect();
    let mut rows_before = 0;
    for group in source.metadata.row_groups() {
        let rows = group.num_rows();
        let mut target = writer.next_row_group()?;
        let mut columns = columns.iter();
        for (chunk, column) in group.columns().iter().zip(&mut columns) {
            if wanted.strong_count() == 0 {
                return Ok(Vec::new());
            }
            append(&mut target, column, &source.file, chunk, rows, None)?;
        }
        for (encoder, column) in beside.iter_mut().zip(&mut columns) {
            let encoded = encoder.encoded(rows_before + 1, usize::try_from(rows).unwrap_or_default())?;
            let chunk = encoded.metadata.row_group(0).column(0);
            append(&mut target, column, &encoded.bytes, chunk, rows, encoded.statistics.as_ref())?;
        }
        target.close()?;
        rows_before += rows;
    }
    partial.rows = rows_before.unsigned_abs();
    Ok(vec![finish(spec, 0, writer.into_inner()?, partial)?])
}

/// The file's own columns as it declares them, and those beside them.
fn parquet_schema(source: &ParquetFile) -> Result<TypePtr, ParquetError> {
    let beside = Schema::new(source.beside.iter().map(Beside::field).collect::<Vec<_>>());
    let beside = ArrowSchemaConverter::new().convert(&beside)?;
    let own = source.metadata.file_metadata().schema_descr().root_schema();
    let fields = own.get_fields().iter().chain(beside.root_schema().get_fields()).cloned().collect();
    Ok(Arc::new(Type::group_type_builder("arrow_schema").with_fields(fields).build()?))
}

/// Copies a column chunk from `reader`.
fn append(
    target: &mut SerializedRowGroupWriter<'_, HashingWriter>,
    column: &ColumnDescPtr,
    reader: &impl ChunkReader,
    chunk: &ColumnChunkMetaData,
    rows: i64,
    statistics: Option<&Statistics>,
) -> Result<(), ParquetError> {
    let mut metadata = ColumnChunkMetaData::builder(Arc::clone(column))
        .set_compression_codec(chunk.compression_codec())
        .set_encodings_mask(*chunk.encodings_mask())
        .set_num_values(chunk.num_values())
        .set_total_compressed_size(chunk.compressed_size())
        .set_total_uncompressed_size(chunk.uncompressed_size())
        .set_dictionary_page_offset(chunk.dictionary_page_offset())
        .set_data_page_offset(chunk.data_page_offset());
    if let Some(statistics) = statistics {
        metadata = metadata.set_statistics(statistics.clone());
    }
    let closed = ColumnCloseResult {
        bytes_written: chunk.compressed_size().unsigned_abs(),
        rows_written: rows.unsigned_abs(),
        metadata: metadata.build()?,
        bloom_filter: None,
        column_index: None,
        offset_index: None,
    };
    target.append_column(reader, closed)
}

/// Encodes a column beside the file's, row group by row group.
struct Encoder<'a> {
    column: &'a Beside,
    /// The row group encoded last, with its rows.
    last: Option<(usize, Encoded)>,
}

/// A column chunk, as the only one of a Parquet file in memory.
struct Encoded {
    bytes: Bytes,
    metadata: ParquetMetaData,
    statistics: Option<Statistics>,
}

impl<'a> Encoder<'a> {
    fn new(column: &'a Beside) -> Self {
        Self { column, last: None }
    }

    /// The column chunk of a row group that begins at row `first`.
    fn encoded(&mut self, first: i64, rows: usize) -> Result<&Encoded, DataFusionError> {
        // Row groups mostly have as many rows as the one before, and a constant is then encoded once.
        let same = self.last.take().filter(|(known, _)| self.column.is_constant() && *known == rows);
        let last = match same {
            Some(same) => same,
            None if self.column.is_constant() => (rows, encode_constant(self.column, rows)?),
            None => (rows, encode(self.column, first, rows, EnabledStatistics::Chunk)?),
        };
        Ok(&self.last.insert(last).1)
    }
}

/// What is the least and the greatest of many rows that say the same is told by one of them; how many say nothing is not.
fn encode_constant(column: &Beside, rows: usize) -> Result<Encoded, DataFusionError> {
    let one = encode(column, 1, 1, EnabledStatistics::Chunk)?;
    if one.statistics.as_ref().and_then(Statistics::null_count_opt) != Some(0) {
        return encode(column, 1, rows, EnabledStatistics::Chunk);
    }
    Ok(Encoded { statistics: one.statistics, ..encode(column, 1, rows, EnabledStatistics::None)? })
}

fn encode(
    column: &Beside,
    first: i64,
    rows: usize,
    statistics: EnabledStatistics,
) -> Result<Encoded, DataFusionError> {
    let schema = Arc::new(Schema::new(vec![column.field()]));
    let batch = |from: usize| -> Result<RecordBatch, DataFusionError> {
        let here = (rows - from).min(ROWS_AT_ONCE);
        let from = i64::try_from(from).unwrap_or(i64::MAX);
        Ok(RecordBatch::try_new(Arc::clone(&schema), vec![column.values(first + from, here)?])?)
    };
    let properties = properties(&batch(0)?)?
        .into_builder()
        .set_max_row_group_row_count(None)
        .set_column_statistics_enabled(path(&column.field()), statistics)
        .set_offset_index_disabled(true)
        .build();
    let mut writer = ArrowWriter::try_new(Vec::new(), Arc::clone(&schema), Some(properties))?;
    for from in (0..rows).step_by(ROWS_AT_ONCE) {
        writer.write(&batch(from)?)?;
    }
    let bytes = Bytes::from(writer.into_inner()?);
    let metadata = ParquetMetaDataReader::new().parse_and_finish(&bytes)?;
    let statistics = metadata.row_group(0).column(0).statistics().cloned();
    Ok(Encoded { bytes, metadata, statistics })
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::arrow::array::{ArrayRef, Int64Array};

    #[test]
    fn a_file_that_nobody_waits_for_is_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("n.parquet");
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3]));
        let rows = RecordBatch::try_from_iter([("n", numbers)]).unwrap();
        let file = std::fs::File::create(&path).unwrap();
        let mut writer = ArrowWriter::try_new(file, rows.schema(), None).unwrap();
        writer.write(&rows).unwrap();
        writer.close().unwrap();
        let source = ParquetFile::open(&path, &rows.schema()).unwrap();
        let lake = tempfile::tempdir().unwrap();
        let spec = FileSpec {
            folder: lake.path().to_owned(),
            label: "b1".to_owned(),
            schema: source.schema(),
            max_rows_per_file: 1,
            at_least_one: true,
        };
        let files = || std::fs::read_dir(lake.path()).unwrap().count();
        assert!(copy(&spec, &source, &Weak::new()).unwrap().is_empty());
        assert_eq!(files(), 0);
        let wanted = Arc::new(());
        let copied = copy(&spec, &source, &Arc::downgrade(&wanted)).unwrap();
        assert_eq!((copied.len(), files()), (1, 1));
        drop(copied);
        assert_eq!(files(), 0, "what is not put in place goes");
    }
}
