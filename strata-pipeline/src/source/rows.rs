//! What a file brings into its raw table: its rows, each with where it came from.
//!
//! A Parquet file is taken in as it is where that comes to the same as reading its rows and writing them again.

use std::sync::Arc;

use strata_lake::arrow::array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray};
use strata_lake::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use strata_lake::datafusion::error::{DataFusionError, Result as EngineResult};
use strata_lake::datafusion::execution::SendableRecordBatchStream;
use strata_lake::datafusion::physical_plan::stream::RecordBatchReceiverStreamBuilder;
use strata_lake::datafusion::scalar::ScalarValue;
use strata_lake::{ParquetFile, Rows};

use super::batch::Batch;
use super::read::{self, Format, LINE, PROBLEM, ReadError, Reader, TEXT};
use super::{BATCH_ID, FILE, MODIFIED, SourceFile};
use crate::run::{Progress, Reporter};

/// The rows of a file with where they came from.
pub(super) fn rows(file: &SourceFile, progress: Reporter) -> Result<Rows, ReadError> {
    let mut reader = read::read(&file.path, &file.options)?;
    let Some(whole) = as_it_is(file, &reader) else { return Ok(stream(file, reader, progress).into()) };
    // No other page is decoded before a later stage needs it: what ails the whole file shows in the first ones.
    reader.next().transpose()?;
    progress(Progress::Reading { file: file.batch.file.clone(), done: 0, total: file.batch.bytes });
    Ok(whole.into())
}

/// Reads a Parquet file to its end, and forgets what it read. Of other files nothing is read: their rows have been, since
/// they were written to the lake.
pub(super) fn decode(file: &SourceFile) -> Result<(), ReadError> {
    let mut reader = read::read(&file.path, &file.options)?;
    if reader.dialect().format == Format::Parquet {
        reader.try_for_each(|rows| rows.map(drop))
    } else {
        Ok(())
    }
}

/// The file, if what its rows are read as is what it holds.
fn as_it_is(file: &SourceFile, reader: &Reader) -> Option<ParquetFile> {
    if reader.dialect().format != Format::Parquet {
        return None;
    }
    let of_the_file = reader.dialect().columns.len();
    let columns: Vec<Arc<Field>> = reader.schema().fields().iter().take(of_the_file).cloned().collect();
    let batch = &file.batch;
    let text = |value: &str| ScalarValue::Utf8(Some(value.to_owned()));
    let modified = ScalarValue::TimestampMicrosecond(Some(batch.modified_us), Some("UTC".into()));
    // In the order of the columns that rows are read and written with.
    ParquetFile::open(&file.path, &Schema::new(columns)).map(|whole| {
        whole
            .with_row_number(LINE)
            .with_constant(PROBLEM, ScalarValue::Utf8(None))
            .with_constant(TEXT, ScalarValue::Utf8(None))
            .with_constant(FILE, text(&batch.file))
            .with_constant(BATCH_ID, text(&batch.batch_id))
            .with_constant(MODIFIED, modified)
    })
}

/// A file's batches with where they came from. Reading and writing run side by side.
fn stream(file: &SourceFile, reader: Reader, progress: Reporter) -> SendableRecordBatchStream {
    let schema = with_origin(&reader.schema());
    let mut builder = RecordBatchReceiverStreamBuilder::new(schema.clone(), BATCHES_AHEAD);
    let sender = builder.tx();
    let batch = file.batch.clone();
    builder.spawn_blocking(move || {
        forward(reader, &schema, &batch, &progress, |next| sender.blocking_send(next).is_ok());
        Ok(())
    });
    builder.build()
}

/// How many batches are read ahead of the writer.
const BATCHES_AHEAD: usize = 4;

fn forward(
    mut reader: Reader,
    schema: &SchemaRef,
    batch: &Batch,
    progress: &Reporter,
    mut send: impl FnMut(EngineResult<RecordBatch>) -> bool,
) {
    while let Some(next) = reader.next() {
        let next = next
            .map_err(|error| DataFusionError::External(Box::new(error)))
            .and_then(|rows| add_origin(rows, schema, batch));
        progress(Progress::Reading {
            file: batch.file.clone(),
            done: reader.bytes_read(),
            total: batch.bytes,
        });
        // The receiver is gone when the run was stopped.
        if !send(next) {
            return;
        }
    }
}

fn with_origin(schema: &SchemaRef) -> SchemaRef {
    let timestamp = crate::compile::data_type(strata_spec::table::Kind::Timestamp);
    let mut fields: Vec<Arc<Field>> = schema.fields().iter().cloned().collect();
    fields.push(Arc::new(Field::new(FILE, DataType::Utf8, true)));
    fields.push(Arc::new(Field::new(BATCH_ID, DataType::Utf8, true)));
    fields.push(Arc::new(Field::new(MODIFIED, timestamp, true)));
    Arc::new(Schema::new(fields))
}

fn add_origin(rows: RecordBatch, schema: &SchemaRef, batch: &Batch) -> EngineResult<RecordBatch> {
    let n = rows.num_rows();
    let text = |value: &str| Arc::new(StringArray::from(vec![value; n])) as ArrayRef;
    let modified = TimestampMicrosecondArray::from(vec![batch.modified_us; n]).with_timezone("UTC");
    let mut columns = rows.columns().to_vec();
    columns.extend([text(&batch.file), text(&batch.batch_id), Arc::new(modified) as ArrayRef]);
    Ok(RecordBatch::try_new(schema.clone(), columns)?)
}
