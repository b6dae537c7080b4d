//! Writing Parquet files: streaming, in constant memory, all or nothing.
//!
//! Rows arrive on the asynchronous side and are encoded on a blocking thread, a bounded channel between them. Files are
//! written under a partial name and get their final one only when all rows have arrived and are on disk; whatever ends
//! a write before that, be it an error, a full disk or a dropped future, leaves nothing behind.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::errors::ParquetError;
use datafusion::parquet::file::properties::WriterProperties;
use futures::StreamExt;
use tokio::sync::mpsc;

use crate::location::{data_file_name, partial_file_name};
use crate::schema::conform;

/// Rows in a row group: the unit that the engine reads in parallel and skips by statistics.
const ROWS_PER_ROW_GROUP: usize = 262_144;
const BATCHES_IN_FLIGHT: usize = 2;

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

/// Writes all rows of the stream into files, in order.
pub(crate) async fn write_files(
    spec: FileSpec,
    mut stream: SendableRecordBatchStream,
) -> Result<Vec<NewFile>, DataFusionError> {
    let (sender, receiver) = mpsc::channel(BATCHES_IN_FLIGHT);
    let writer = tokio::task::spawn_blocking(move || receive_files(spec, receiver));
    let mut stream_error = None;
    loop {
        let message = match stream.next().await {
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
    let written = writer.await.map_err(|error| DataFusionError::External(Box::new(error)))?;
    match stream_error {
        Some(error) => Err(error),
        None => written,
    }
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
struct PartialFile {
    path: PathBuf,
    name: String,
    rows: u64,
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
struct HashingWriter {
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
    spec: FileSpec,
    mut receiver: mpsc::Receiver<Message>,
) -> Result<Vec<NewFile>, DataFusionError> {
    let mut closed = Vec::new();
    let mut open: Option<OpenFile> = None;
    loop {
        match receiver.blocking_recv() {
            Some(Message::Batch(batch)) => {
                let mut rest = conform(&batch, &spec.schema)?;
                while rest.num_rows() > 0 {
                    let mut file = match open.take() {
                        Some(file) => file,
                        None => open_file(&spec, closed.len())?,
                    };
                    let space = spec.max_rows_per_file.saturating_sub(file.file.rows as usize).max(1);
                    let here = space.min(rest.num_rows());
                    file.writer.write(&rest.slice(0, here))?;
                    file.file.rows += here as u64;
                    rest = rest.slice(here, rest.num_rows() - here);
                    if file.file.rows as usize >= spec.max_rows_per_file {
                        closed.push(close_file(&spec, file)?);
                    } else {
                        open = Some(file);
                    }
                }
            }
            Some(Message::Finish) => break,
            None => return Ok(Vec::new()),
        }
    }
    if open.is_none() && closed.is_empty() && spec.at_least_one {
        open = Some(open_file(&spec, 0)?);
    }
    if let Some(file) = open {
        closed.push(close_file(&spec, file)?);
    }
    Ok(put_in_place(&spec.folder, closed)?)
}

fn open_file(spec: &FileSpec, number: usize) -> Result<OpenFile, DataFusionError> {
    let path = spec.folder.join(partial_file_name(&spec.label, number));
    let sink = File::create(&path)?;
    let file = PartialFile { path, name: String::new(), rows: 0, bytes: 0 };
    let sink = HashingWriter { file: BufWriter::new(sink), hasher: blake3::Hasher::new(), bytes: 0 };
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .set_max_row_group_row_count(Some(ROWS_PER_ROW_GROUP))
        .build();
    let writer = ArrowWriter::try_new(sink, Arc::clone(&spec.schema), Some(properties))?;
    Ok(OpenFile { writer, file, number })
}

fn close_file(spec: &FileSpec, open: OpenFile) -> Result<PartialFile, DataFusionError> {
    let OpenFile { writer, mut file, number } = open;
    let sink = writer.into_inner()?;
    let hash = sink.hasher.finalize().to_hex();
    file.name = data_file_name(&spec.label, number, &hash);
    file.bytes = sink.bytes;
    let sink = sink.file.into_inner().map_err(|error| ParquetError::from(error.into_error()))?;
    sink.sync_all()?;
    Ok(file)
}

/// Gives all files their names, or none.
fn put_in_place(folder: &Path, files: Vec<PartialFile>) -> io::Result<Vec<NewFile>> {
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
