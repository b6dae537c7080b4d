//! Dividing rows by subject, on disk: each row goes to the file of its part as it arrives, so that what has to be in memory
//! later is one part and not the table. Columns that say the same in every row stay behind.

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::sync::{Arc, Mutex, PoisonError};

use futures::StreamExt;
use strata_lake::arrow::array::{Array, ArrayRef, RecordBatch, StringArray, UInt32Array};
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

use super::constant::Constants;

/// What small pieces are written and read through; the rows of a batch go past it.
const BUFFER_BYTES: usize = 1 << 13;
/// Sets of constant columns for which there are files. Sources differ in theirs; rows with any other travel in all columns.
const MOST_SETS: usize = 4;
/// Fewer rows say the same by chance, and travel in all columns.
const ROWS_TO_JUDGE_BY: usize = 1_024;

/// The rows of one part, on disk, in no order. They go with it.
pub(super) struct Part {
    schema: SchemaRef,
    files: Vec<(Constants, Arc<dyn SpillFile>)>,
}

/// The rows of one part, in memory: columns in which they differ, and what the others say.
pub(super) struct Loaded {
    schema: SchemaRef,
    constants: Constants,
    pub(super) batches: Vec<RecordBatch>,
}

/// Divides the rows of a plan into as many parts as said, those of one value of `by` into one. Loaded parts have that column, whatever
/// it says.
pub(super) async fn divide(rows: DataFrame, by: &str, n_parts: usize) -> Result<Vec<Part>> {
    let context = Arc::new(rows.task_ctx());
    // The plan's own schema: a cluster that has no rows to send sends no schema either.
    let schema = Arc::clone(rows.schema().inner());
    let by = schema.index_of(by)?;
    let plan = rows.create_physical_plan().await?;
    let disk = Arc::clone(&context.runtime_env().disk_manager);
    let files = Arc::new(Files { disk, schema, by, n_parts, all: Mutex::default() });
    // Dropped with this future, the set stops what it has begun.
    let mut tasks = JoinSet::new();
    for partition in 0..plan.output_partitioning().partition_count() {
        let rows = plan.execute(partition, Arc::clone(&context))?;
        tasks.spawn(scatter(rows, Arc::clone(&files)));
    }
    while let Some(task) = tasks.join_next().await {
        task.map_err(|error| DataFusionError::External(Box::new(error)))??;
    }
    Arc::into_inner(files).ok_or_else(|| exec_datafusion_err!("a part is still being written"))?.finish()
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

async fn scatter(mut rows: SendableRecordBatchStream, files: Arc<Files>) -> Result<()> {
    let mut like_before: Option<Arc<FilesLike>> = None;
    while let Some(batch) = rows.next().await {
        let batch = batch?;
        if batch.num_rows() == 0 {
            continue;
        }
        let judged = batch.num_rows() >= ROWS_TO_JUDGE_BY;
        let like = match &like_before {
            Some(like) if like.constants.hold_in(&batch) => Arc::clone(like),
            Some(like) if judged => files.like(like.constants.and(&Constants::of(&batch, files.by)?)),
            None if judged => files.like(Constants::of(&batch, files.by)?),
            _ => files.like(files.no_constants()),
        };
        like.write(&files.disk, &batch, files.by)?;
        if judged {
            like_before = Some(like);
        }
    }
    Ok(())
}

/// All parts in the making.
struct Files {
    disk: Arc<DiskManager>,
    schema: SchemaRef,
    /// The column that always travels.
    by: usize,
    n_parts: usize,
    all: Mutex<Vec<Arc<FilesLike>>>,
}

/// Files of the parts, for rows that say the same in some columns.
struct FilesLike {
    constants: Constants,
    varying: Vec<usize>,
    schema: Schema,
    /// A part has a file once it has rows.
    writers: Vec<Mutex<Option<Writer>>>,
}

impl Files {
    fn no_constants(&self) -> Constants {
        Constants::none(self.schema.fields().len())
    }

    /// The files for rows that say this.
    fn like(&self, constants: Constants) -> Arc<FilesLike> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let known = |constants: &Constants| all.iter().find(|like| like.constants == *constants).cloned();
        if let Some(like) = known(&constants) {
            return like;
        }
        let is_full = all.len() >= MOST_SETS;
        let constants = if is_full { self.no_constants() } else { constants };
        if let Some(like) = known(&constants) {
            return like;
        }
        let varying = constants.varying();
        let fields: Vec<_> = varying.iter().map(|at| Arc::clone(&self.schema.fields()[*at])).collect();
        let writers = (0..self.n_parts).map(|_| Mutex::default()).collect();
        let like = Arc::new(FilesLike { constants, varying, schema: Schema::new(fields), writers });
        all.push(Arc::clone(&like));
        like
    }

    fn finish(self) -> Result<Vec<Part>> {
        let part = |_| Part { schema: Arc::clone(&self.schema), files: Vec::new() };
        let mut parts: Vec<Part> = (0..self.n_parts).map(part).collect();
        for like in self.all.into_inner().unwrap_or_else(PoisonError::into_inner) {
            let like = Arc::into_inner(like);
            let like = like.ok_or_else(|| exec_datafusion_err!("a part is still being written"))?;
            for (part, writer) in parts.iter_mut().zip(like.writers) {
                if let Some(writer) = writer.into_inner().unwrap_or_else(PoisonError::into_inner) {
                    part.files.push((like.constants.clone(), writer.finish()?));
                }
            }
        }
        Ok(parts)
    }
}

impl FilesLike {
    /// Each row goes to its part's file. All are put in the order of their parts first, which is less work than to pick those of each.
    fn write(&self, disk: &Arc<DiskManager>, rows: &RecordBatch, by: usize) -> Result<()> {
        let parts = parts_of(rows.column(by), self.writers.len())?;
        let mut ends = vec![0; self.writers.len()];
        parts.iter().for_each(|part| ends[*part] += 1);
        let mut begin = 0;
        for end in &mut ends {
            (*end, begin) = (begin, begin + *end);
        }
        let mut order = vec![0_u32; parts.len()];
        for (row, part) in (0..).zip(parts) {
            order[ends[part]] = row;
            ends[part] += 1;
        }
        let rows = take_record_batch(&rows.project(&self.varying)?, &UInt32Array::from(order))?;
        let mut begin = 0;
        for (writer, end) in self.writers.iter().zip(ends) {
            if end > begin {
                let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
                let writer = match &mut *writer {
                    Some(writer) => writer,
                    none => none.insert(Writer::create(disk, &self.schema)?),
                };
                writer.rows.write(&rows.slice(begin, end - begin))?;
            }
            begin = end;
        }
        Ok(())
    }
}

/// A part's file in the making.
struct Writer {
    file: Arc<dyn SpillFile>,
    rows: StreamWriter<BufWriter<Box<dyn SpillWriter>>>,
}

impl Writer {
    fn create(disk: &Arc<DiskManager>, schema: &Schema) -> Result<Writer> {
        let file = disk.create_tmp_file("dividing rows by subject")?;
        let sink = BufWriter::with_capacity(BUFFER_BYTES, file.open_writer()?);
        Ok(Writer { file, rows: StreamWriter::try_new(sink, schema)? })
    }

    fn finish(self) -> Result<Arc<dyn SpillFile>> {
        let sink = self.rows.into_inner()?;
        let mut sink = sink.into_inner().map_err(|error| DataFusionError::IoError(error.into_error()))?;
        sink.finish()?;
        Ok(self.file)
    }
}

impl Part {
    /// All rows of the part.
    pub(super) fn load(&self) -> Result<Loaded> {
        let all = self.files.iter().map(|(constants, _)| constants.clone());
        let all = all.reduce(|all, each| all.and(&each));
        let constants = all.unwrap_or_else(|| Constants::none(self.schema.fields().len()));
        let varying = constants.varying();
        let schema = Arc::new(self.schema.project(&varying)?);
        let mut batches = Vec::new();
        for (of_file, file) in &self.files {
            for rows in read(file.as_ref())? {
                let columns = of_file.with(rows.columns(), rows.num_rows())?;
                let columns = varying.iter().map(|at| Arc::clone(&columns[*at]));
                batches.push(RecordBatch::try_new(Arc::clone(&schema), columns.collect())?);
            }
        }
        Ok(Loaded { schema: Arc::clone(&self.schema), constants, batches })
    }
}

impl Loaded {
    /// All columns of some of the rows.
    pub(super) fn complete(&self, rows: &RecordBatch) -> Result<RecordBatch> {
        let columns = self.constants.with(rows.columns(), rows.num_rows())?;
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }
}

fn read(file: &dyn SpillFile) -> Result<Vec<RecordBatch>> {
    let path = file.path().ok_or_else(|| exec_datafusion_err!("a part is not on this machine's disk"))?;
    let rows = StreamReader::try_new(BufReader::with_capacity(BUFFER_BYTES, File::open(path)?), None)?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}
