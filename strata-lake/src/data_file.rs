//! Writing Parquet files: streaming, in constant memory, all or nothing.
//!
//! Rows arrive on the asynchronous side and are encoded on a blocking thread, a bounded channel between them; parts of a
//! table side by side. Files are written under a partial name and get their final one only when all rows have arrived and
//! are on disk; whatever ends a write before that, be it an error, a full disk or a dropped future, leaves nothing behind.

use std::fs::File;
use std::hash::Hash;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Float64Type, SchemaRef};
use datafusion::common::HashSet;
use datafusion::common::runtime::SpawnedTask;
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::basic::{Compression, Encoding, ZstdLevel};
use datafusion::parquet::errors::ParquetError;
use datafusion::parquet::file::properties::{EnabledStatistics, WriterProperties};
use datafusion::parquet::schema::types::ColumnPath;
use futures::StreamExt;
use tokio::sync::mpsc;

use crate::location::{data_file_name, number_of, partial_file_name};
use crate::schema::conform;

/// Rows in a row group: the unit that the engine reads in parallel and skips by statistics.
const ROWS_PER_ROW_GROUP: usize = 262_144;
const BATCHES_IN_FLIGHT: usize = 2;
/// How much is handed to the operating system at a time.
const BYTES_AT_ONCE: usize = 1 << 20;
/// How many values of a column decide whether a dictionary, and whether statistics pay.
const VALUES_LOOKED_AT: usize = 4_096;

/// Pages of texts that are in order are this large, lengths not counted: a few thousand ids.
const BYTES_PER_PAGE_IN_ORDER: usize = 32 << 10;
/// Files of a part are numbered from here on, so that parts never claim each other's numbers.
const NUMBERS_OF_A_PART: usize = 1_000;

/// What files to write.
#[derive(Debug)]
pub(crate) struct FileSpec {
    pub(crate) folder: PathBuf,
    pub(crate) label: String,
    /// The stored schema; incoming columns are cast to it, in order.
    pub(crate) schema: SchemaRef,
    pub(crate) max_rows_per_file: usize,
    /// Whether no rows still make a file, so that the table has one.
    pub(crate) at_least_one: bool,
}

/// A file that is complete and in place.
#[derive(Debug)]
pub(crate) struct NewFile {
    pub(crate) name: String,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    /// False where a file of the same name, and so of the same content, was there before.
    created: bool,
}

/// The part that a file belongs to.
pub(crate) fn part_of(file_name: &str) -> Option<usize> {
    number_of(file_name).map(|number| number / NUMBERS_OF_A_PART)
}

/// Writes all rows into files, in order, with files of its own for each part.
pub(crate) async fn write_files(
    spec: FileSpec,
    parts: Vec<SendableRecordBatchStream>,
) -> Result<Vec<NewFile>, DataFusionError> {
    let folder = spec.folder.clone();
    let spec = Arc::new(spec);
    let parts = parts.into_iter().enumerate();
    let written: Vec<_> =
        parts.map(|(part, rows)| SpawnedTask::spawn(write_part(Arc::clone(&spec), part, rows))).collect();
    let mut files = Vec::new();
    for part in written {
        files.extend(part.join_unwind().await.map_err(external)??);
    }
    Ok(put_in_place(&folder, files)?)
}

async fn write_part(
    spec: Arc<FileSpec>,
    part: usize,
    mut rows: SendableRecordBatchStream,
) -> Result<Vec<PartialFile>, DataFusionError> {
    let (sender, receiver) = mpsc::channel(BATCHES_IN_FLIGHT);
    let writer = tokio::task::spawn_blocking(move || receive_files(&spec, part, receiver));
    let mut stream_error = None;
    loop {
        let message = match rows.next().await {
            Some(Ok(batch)) => Message::Batch(batch),
            Some(Err(error)) => {
                stream_error = Some(error);
                break;
            }
            None => Message::Finish,
        };
        let last = matches!(message, Message::Finish);
        // A closed channel means that the writer has failed; it says why below.
        if sender.send(message).await.is_err() || last {
            break;
        }
    }
    drop(sender);
    let written = writer.await.map_err(external)?;
    match stream_error {
        Some(error) => Err(error),
        None => written,
    }
}

pub(crate) fn external(error: tokio::task::JoinError) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

/// Takes back files that no commit came to refer to. Files that were there before stay.
pub(crate) fn discard(folder: &Path, files: &[NewFile]) -> io::Result<()> {
    files
        .iter()
        .filter(|file| file.created)
        .try_for_each(|file| std::fs::remove_file(folder.join(&file.name)))
}

enum Message {
    Batch(RecordBatch),
    /// All rows have been sent. A channel that closes without it was abandoned.
    Finish,
}

/// A file under its partial name, removed when dropped.
pub(crate) struct PartialFile {
    path: PathBuf,
    name: String,
    pub(crate) rows: u64,
    bytes: u64,
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        // After the rename there is nothing here; after a failure the next holder of the lock tries again.
        let _ = std::fs::remove_file(&self.path);
    }
}

struct OpenFile {
    writer: ArrowWriter<HashingWriter>,
    file: PartialFile,
    number: usize,
}

/// Passes bytes on to a file and digests them on the way.
pub(crate) struct HashingWriter {
    file: BufWriter<File>,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl Write for HashingWriter {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.file.write(buffer)?;
        self.hasher.update(&buffer[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn receive_files(
    spec: &FileSpec,
    part: usize,
    mut receiver: mpsc::Receiver<Message>,
) -> Result<Vec<PartialFile>, DataFusionError> {
    let first = part * NUMBERS_OF_A_PART;
    let mut closed = Vec::new();
    let mut open: Option<OpenFile> = None;
    loop {
        match receiver.blocking_recv() {
            Some(Message::Batch(batch)) => {
                let mut rest = conform(&batch, &spec.schema)?;
                while rest.num_rows() > 0 {
                    let mut file = match open.take() {
                        Some(file) => file,
                        None => open_file(spec, first + closed.len(), &rest)?,
                    };
                    let space = spec.max_rows_per_file.saturating_sub(file.file.rows as usize).max(1);
                    let here = space.min(rest.num_rows());
                    file.writer.write(&rest.slice(0, here))?;
                    file.file.rows += here as u64;
                    rest = rest.slice(here, rest.num_rows() - here);
                    if file.file.rows as usize >= spec.max_rows_per_file {
                        closed.push(close_file(spec, file)?);
                    } else {
                        open = Some(file);
                    }
                }
            }
            Some(Message::Finish) => break,
            None => return Ok(Vec::new()),
        }
    }
    if open.is_none() && closed.is_empty() && part == 0 && spec.at_least_one {
        open = Some(open_file(spec, first, &RecordBatch::new_empty(Arc::clone(&spec.schema)))?);
    }
    if let Some(file) = open {
        closed.push(close_file(spec, file)?);
    }
    Ok(closed)
}

fn open_file(spec: &FileSpec, number: usize, begin: &RecordBatch) -> Result<OpenFile, DataFusionError> {
    let (sink, file) = create(spec, number)?;
    let writer = ArrowWriter::try_new(sink, Arc::clone(&spec.schema), Some(properties(begin)?))?;
    Ok(OpenFile { writer, file, number })
}

/// Begins a file under its partial name.
pub(crate) fn create(spec: &FileSpec, number: usize) -> io::Result<(HashingWriter, PartialFile)> {
    let path = spec.folder.join(partial_file_name(&spec.label, number));
    let sink = File::create(&path)?;
    let file = PartialFile { path, name: String::new(), rows: 0, bytes: 0 };
    let sink = BufWriter::with_capacity(BYTES_AT_ONCE, sink);
    Ok((HashingWriter { file: sink, hasher: blake3::Hasher::new(), bytes: 0 }, file))
}

/// How a file that begins with these rows is best written.
pub(crate) fn properties(begin: &RecordBatch) -> Result<WriterProperties, DataFusionError> {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_max_row_group_row_count(Some(ROWS_PER_ROW_GROUP));
    for (field, values) in begin.schema().fields().iter().zip(begin.columns()) {
        // What is mostly different costs more to look up in a dictionary than the dictionary saves.
        let encoding = match field.data_type() {
            DataType::Int64 | DataType::Timestamp(..) => {
                // Packed as closely as they are, compression finds next to nothing in times that differ by the second.
                properties = properties.set_column_compression(path(field), Compression::UNCOMPRESSED);
                Encoding::DELTA_BINARY_PACKED
            }
            DataType::Float64
                if are_mostly_different(values.as_primitive::<Float64Type>().iter().map(bits)) =>
            {
                Encoding::PLAIN
            }
            DataType::Utf8 if are_mostly_different(values.as_string::<i32>().iter()) => {
                // Lengths, mostly the same, go first and take no room: texts alone are left to be compressed.
                Encoding::DELTA_LENGTH_BYTE_ARRAY
            }
            _ => continue,
        };
        properties = properties
            .set_column_dictionary_enabled(path(field), false)
            .set_column_encoding(path(field), encoding);
    }
    for (field, values) in begin.schema().fields().iter().zip(begin.columns()) {
        if field.data_type() == &DataType::Utf8 {
            properties = match is_in_order(values.as_string()) {
                false => properties.set_column_statistics_enabled(path(field), EnabledStatistics::None),
                // Whoever looks for one text reads the pages that it can be on.
                true => properties
                    .set_column_statistics_enabled(path(field), EnabledStatistics::Page)
                    .set_column_data_page_size_limit(path(field), BYTES_PER_PAGE_IN_ORDER),
            };
        }
    }
    Ok(properties.build())
}

pub(crate) fn path(field: &Field) -> ColumnPath {
    ColumnPath::from(vec![field.name().clone()])
}

/// Whether the first texts ascend, or are missing. Of texts that come in no order, the least and the greatest of a row group are
/// those of any other, and finding them costs a comparison or two a row.
fn is_in_order(texts: &StringArray) -> bool {
    texts.slice(0, texts.len().min(VALUES_LOOKED_AT)).iter().is_sorted()
}

/// Whether most of the first values occur once.
fn are_mostly_different<T: Eq + Hash>(values: impl ExactSizeIterator<Item = Option<T>>) -> bool {
    let n_values = values.len().min(VALUES_LOOKED_AT);
    let different: HashSet<T> = values.take(n_values).flatten().collect();
    n_values == VALUES_LOOKED_AT && 2 * different.len() > n_values
}

fn bits(number: Option<f64>) -> Option<u64> {
    number.map(f64::to_bits)
}

fn close_file(spec: &FileSpec, open: OpenFile) -> Result<PartialFile, DataFusionError> {
    let OpenFile { writer, file, number } = open;
    finish(spec, number, writer.into_inner()?, file)
}

/// Waits until a file is on disk, and finds its final name.
pub(crate) fn finish(
    spec: &FileSpec,
    number: usize,
    sink: HashingWriter,
    mut file: PartialFile,
) -> Result<PartialFile, DataFusionError> {
    let hash = sink.hasher.finalize().to_hex();
    file.name = data_file_name(&spec.label, number, &hash);
    file.bytes = sink.bytes;
    let sink = sink.file.into_inner().map_err(|error| ParquetError::from(error.into_error()))?;
    sink.sync_all()?;
    Ok(file)
}

/// Gives all files their names, or none.
pub(crate) fn put_in_place(folder: &Path, files: Vec<PartialFile>) -> io::Result<Vec<NewFile>> {
    let mut placed = Vec::with_capacity(files.len());
    for file in files {
        let path = folder.join(&file.name);
        let created = !path.exists();
        if created && let Err(error) = std::fs::rename(&file.path, &path) {
            discard(folder, &placed)?;
            return Err(error);
        }
        placed.push(NewFile { name: file.name.clone(), rows: file.rows, bytes: file.bytes, created });
    }
    File::open(folder)?.sync_all()?;
    Ok(placed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::arrow::array::ArrayRef;
    use datafusion::parquet::file::metadata::{PageIndexPolicy, ParquetMetaDataReader};

    #[test]
    fn texts_in_order_are_told_apart_by_their_pages() {
        let n_rows: usize = 50_000;
        let column = |text: &dyn Fn(usize) -> String| -> ArrayRef {
            Arc::new((0..n_rows).map(|row| Some(text(row))).collect::<StringArray>())
        };
        let columns = [
            ("in_order", column(&|row| format!("C{row:08}"))),
            ("in_none", column(&|row| format!("C{:08}", row * 7919 % n_rows))),
        ];
        let columns = columns.into_iter().map(|(name, values)| (name, values, true));
        let rows = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let spec = FileSpec {
            folder: folder.path().to_owned(),
            label: "b1".to_owned(),
            schema: rows.schema(),
            max_rows_per_file: usize::MAX,
            at_least_one: true,
        };
        let mut open = open_file(&spec, 0, &rows).unwrap();
        open.writer.write(&rows).unwrap();
        let closed = close_file(&spec, open).unwrap();
        let file = File::open(&closed.path).unwrap();
        let mut reader = ParquetMetaDataReader::new().with_page_index_policy(PageIndexPolicy::Optional);
        reader.try_parse(&file).unwrap();
        let metadata = reader.finish().unwrap();
        let pages = &metadata.offset_index().unwrap()[0][0].page_locations;
        let most = pages.windows(2).map(|pair| pair[1].first_row_index - pair[0].first_row_index).max();
        assert!(pages.len() > 5 && most.unwrap() < 6_000, "{pages:?}");
        for column in metadata.row_group(0).columns() {
            assert!(column.encodings().any(|encoding| encoding == Encoding::DELTA_LENGTH_BYTE_ARRAY));
        }
        let indexes = &metadata.column_index().unwrap()[0];
        assert!(indexes[0].is_sorted(), "the least and the greatest of each page");
        assert!(metadata.row_group(0).column(1).statistics().is_none(), "of texts in no order");
    }
}
