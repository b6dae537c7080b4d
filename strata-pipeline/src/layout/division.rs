//! Dividing rows by subject, on disk: each row goes to the file of its part as it arrives, so that what has to be in memory
//! later is one part and not the table.

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::sync::{Arc, Mutex, PoisonError};

use futures::StreamExt;
use strata_lake::arrow::array::{ArrayRef, RecordBatch, StringArray, UInt32Array};
use strata_lake::arrow::compute::take_record_batch;
use strata_lake::arrow::datatypes::{Schema, SchemaRef};
use strata_lake::arrow::ipc::reader::StreamReader;
use strata_lake::arrow::ipc::writer::StreamWriter;
use strata_lake::datafusion::common::exec_datafusion_err;
use strata_lake::datafusion::common::hash_utils::{RandomState, create_hashes};
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::error::{DataFusionError, Result};
use strata_lake::datafusion::execution::{DiskManager, SendableRecordBatchStream, SpillFile, SpillWriter};
use strata_lake::datafusion::physical_plan::ExecutionPlanProperties;
use tokio::task::JoinSet;

/// What a part's file is written through at a time.
const BUFFER_BYTES: usize = 1 << 20;

/// The rows of one part, on disk, in no order. They go with it.
pub(super) struct Part {
    file: Arc<dyn SpillFile>,
}

/// Divides the rows of a plan into as many parts as said, those of one value of `by` into one.
pub(super) async fn divide(rows: DataFrame, by: &str, n_parts: usize) -> Result<Vec<Part>> {
    let context = Arc::new(rows.task_ctx());
    // The plan's own schema: a cluster that has no rows to send sends no schema either.
    let schema = Arc::clone(rows.schema().inner());
    let by = schema.index_of(by)?;
    let plan = rows.create_physical_plan().await?;
    let disk = &context.runtime_env().disk_manager;
    let writers = (0..n_parts).map(|_| Writer::create(disk, &schema)).collect::<Result<Vec<_>>>()?;
    let writers = Arc::new(writers);
    // Dropped with this future, the set stops what it has begun.
    let mut tasks = JoinSet::new();
    for partition in 0..plan.output_partitioning().partition_count() {
        let rows = plan.execute(partition, Arc::clone(&context))?;
        tasks.spawn(scatter(rows, by, Arc::clone(&writers)));
    }
    while let Some(task) = tasks.join_next().await {
        task.map_err(|error| DataFusionError::External(Box::new(error)))??;
    }
    let writers =
        Arc::into_inner(writers).ok_or_else(|| exec_datafusion_err!("a part is still being written"))?;
    writers.into_iter().map(Writer::finish).collect()
}

/// The part of each value, by a hash that depends on nothing but the value. Tables say by `RULE` that this divided them.
pub(super) fn parts_of(values: &ArrayRef, n_parts: usize) -> Result<Vec<usize>> {
    let mut hashes = vec![0; values.len()];
    create_hashes([values], &RandomState::with_seed(HASH_SEED), &mut hashes)?;
    Ok(hashes.into_iter().map(|hash| (hash % n_parts as u64) as usize).collect())
}

/// The part of one id.
pub(super) fn part_of(id: &str, n_parts: usize) -> Option<usize> {
    let id: ArrayRef = Arc::new(StringArray::from(vec![id]));
    parts_of(&id, n_parts).ok()?.first().copied()
}

/// Other than that of the engine's own divisions and tables, whose buckets would fill unevenly within a part.
const HASH_SEED: u64 = 0x5747_4154;

async fn scatter(mut rows: SendableRecordBatchStream, by: usize, writers: Arc<Vec<Writer>>) -> Result<()> {
    while let Some(batch) = rows.next().await {
        let batch = batch?;
        let mut rows_of: Vec<Vec<u32>> = vec![Vec::new(); writers.len()];
        for (row, part) in (0..).zip(parts_of(batch.column(by), writers.len())?) {
            rows_of[part].push(row);
        }
        for (writer, rows) in writers.iter().zip(rows_of) {
            if !rows.is_empty() {
                writer.write(&take_record_batch(&batch, &UInt32Array::from(rows))?)?;
            }
        }
    }
    Ok(())
}

/// A part in the making.
struct Writer {
    file: Arc<dyn SpillFile>,
    rows: Mutex<StreamWriter<BufWriter<Box<dyn SpillWriter>>>>,
}

impl Writer {
    fn create(disk: &Arc<DiskManager>, schema: &Schema) -> Result<Writer> {
        let file = disk.create_tmp_file("dividing rows by subject")?;
        let sink = BufWriter::with_capacity(BUFFER_BYTES, file.open_writer()?);
        let rows = Mutex::new(StreamWriter::try_new(sink, schema)?);
        Ok(Writer { file, rows })
    }

    fn write(&self, batch: &RecordBatch) -> Result<()> {
        Ok(self.rows.lock().unwrap_or_else(PoisonError::into_inner).write(batch)?)
    }

    fn finish(self) -> Result<Part> {
        let rows = self.rows.into_inner().unwrap_or_else(PoisonError::into_inner);
        let sink = rows.into_inner()?;
        let mut sink = sink.into_inner().map_err(|error| DataFusionError::IoError(error.into_error()))?;
        sink.finish()?;
        Ok(Part { file: self.file })
    }
}

impl Part {
    /// All rows of the part.
    pub(super) fn load(&self) -> Result<(SchemaRef, Vec<RecordBatch>)> {
        let path =
            self.file.path().ok_or_else(|| exec_datafusion_err!("a part is not on this machine's disk"))?;
        let rows = StreamReader::try_new(BufReader::with_capacity(BUFFER_BYTES, File::open(path)?), None)?;
        let schema = rows.schema();
        Ok((schema, rows.collect::<std::result::Result<_, _>>()?))
    }
}
