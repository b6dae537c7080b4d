//! How a table lies on disk: sorted, so that equal input gives equal files and a subject's rows lie together; and, when the run
//! is large, divided by subject into parts, so that sorting, writing and all that is computed of subjects go side by side.

mod constant;
mod division;
mod draw;
mod order;
mod part_by_part;

use std::num::NonZeroUsize;
use std::sync::Arc;

use strata_lake::arrow::array::RecordBatch;
use strata_lake::arrow::compute::interleave_record_batch;
use strata_lake::datafusion::common::runtime::SpawnedTask;
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::error::{DataFusionError, Result};
use strata_lake::datafusion::execution::SendableRecordBatchStream;
use strata_lake::datafusion::physical_plan::stream::RecordBatchReceiverStreamBuilder;
use strata_lake::datafusion::prelude::ident;
use strata_lake::{Division, Write};
use strata_spec::table::Subject;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::Sender;

use division::Part;
pub(crate) use draw::Draw;
pub(crate) use part_by_part::{
    N_PARTS_TO_TAKE, all_parts, is_in_first_parts, where_first_parts_lie, where_one_lies,
};

/// How many rows are worth dividing: fewer are written as fast in one piece, and lie in one file.
pub const WORTH_DIVIDING: u64 = 250_000;
/// How many parts a large table has. A constant, so that the same rows lie in the same files wherever they are written.
const N_PARTS: usize = 16;
/// The name of what decides to which part a row goes. Tables that were divided otherwise are not read part by part together.
const RULE: &str = "hash 1";
/// Rows of a batch that is given out.
const BATCH_ROWS: usize = 32_768;
/// Batches that are made before the last is taken.
const BATCHES_AHEAD: usize = 2;

/// In what order a table's rows lie, and in how many parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Whose rows they are. Tables of one subject in equally many parts have its rows in parts of one number.
    pub of: Subject,
    /// The column by which the table is divided: the subject's id.
    pub by: &'static str,
    /// The columns by which rows are sorted, nulls first.
    pub order: Vec<&'static str>,
    /// In how many parts they lie.
    pub n_parts: usize,
}

/// In how many parts tables lie that have so many rows between them. It is decided once for all that is of customers: a small
/// table has to be divided where those are that it is read with.
pub(crate) fn n_parts(n_rows: u64, worth_dividing: u64) -> usize {
    if n_rows < worth_dividing { 1 } else { N_PARTS }
}

impl Layout {
    /// The rows of a plan, in parts. When this returns, the plan has run, unless there are few rows.
    pub(crate) async fn parts(&self, rows: DataFrame) -> Result<Vec<SendableRecordBatchStream>> {
        if self.n_parts < 2 {
            return Ok(vec![crate::run::stream(self.sorted(rows)?).await?]);
        }
        let schema = Arc::clone(rows.schema().inner());
        let turns = turns();
        let parts = division::divide(rows, self.by, self.n_parts).await?.into_iter().map(|part| {
            let mut stream = RecordBatchReceiverStreamBuilder::new(Arc::clone(&schema), BATCHES_AHEAD);
            let (sender, order, turns) = (stream.tx(), self.order.clone(), Arc::clone(&turns));
            stream.spawn(async move {
                let _turn = turns.acquire_owned().await.map_err(external)?;
                let sorting = SpawnedTask::spawn_blocking(move || send_in_order(&part, &order, &sender));
                sorting.join().await.map_err(external)?
            });
            stream.build()
        });
        Ok(parts.collect())
    }

    /// A write of such parts, which says what they are.
    pub(crate) fn noted(&self, write: Write) -> Write {
        if self.n_parts < 2 { write } else { write.divided(self.division()) }
    }

    /// The division that such parts are.
    pub(crate) fn division(&self) -> Division {
        let sorted_by = self.order.first().filter(|first| **first == self.by);
        Division {
            rule: format!("{RULE} of {}", self.of),
            n_parts: self.n_parts,
            sorted_by: sorted_by.map(|column| (*column).to_owned()),
        }
    }

    fn sorted(&self, rows: DataFrame) -> Result<DataFrame> {
        if self.order.is_empty() {
            return Ok(rows);
        }
        rows.sort(self.order.iter().map(|name| ident(*name).sort(true, true)).collect())
    }
}

/// Turns for parts, of which as many are in memory at a time as there are cores to work on them.
fn turns() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(std::thread::available_parallelism().map_or(1, NonZeroUsize::get)))
}

/// Sorts the rows of a part and sends them, batch by batch.
fn send_in_order(part: &Part, order: &[&str], sender: &Sender<Result<RecordBatch>>) -> Result<()> {
    let rows = part.load()?;
    let Some(first) = rows.batches.first() else { return Ok(()) };
    let schema = first.schema();
    debug_assert!(order.first().is_none_or(|first| schema.index_of(first).is_ok()));
    // By what is the same in every row there is nothing to sort.
    let order: Vec<&str> = order.iter().copied().filter(|name| schema.index_of(name).is_ok()).collect();
    let places = order::sorted(&schema, &rows.batches, &order)?;
    let batches: Vec<&RecordBatch> = rows.batches.iter().collect();
    for places in places.chunks(BATCH_ROWS) {
        let batch = rows.complete(&interleave_record_batch(&batches, places)?)?;
        // The receiver is gone when the run was stopped.
        if sender.blocking_send(Ok(batch)).is_err() {
            break;
        }
    }
    Ok(())
}

fn external(error: impl std::error::Error + Send + Sync + 'static) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

#[cfg(test)]
mod tests {
    use futures::TryStreamExt;
    use strata_lake::arrow::array::{Array, ArrayRef, AsArray, StringArray, TimestampMicrosecondArray};
    use strata_lake::arrow::datatypes::TimestampMicrosecondType;
    use strata_lake::datafusion::prelude::SessionContext;

    use super::*;

    /// Who and when, part by part: 100 subjects with ten rows each, which come last first.
    async fn parts(n_parts: usize) -> Vec<Vec<(String, i64)>> {
        let who = (0..1_000).rev().map(|row| format!("c{}", row % 100));
        let when = TimestampMicrosecondArray::from_iter_values((0..1_000).rev());
        let rows = RecordBatch::try_from_iter([
            ("who", Arc::new(StringArray::from_iter_values(who)) as ArrayRef),
            ("at", Arc::new(when) as ArrayRef),
        ]);
        let rows = SessionContext::new().read_batch(rows.unwrap()).unwrap();
        let layout = Layout { of: Subject::Customers, by: "who", order: vec!["who", "at"], n_parts };
        let mut parts = Vec::new();
        for part in layout.parts(rows).await.unwrap() {
            let batches: Vec<RecordBatch> = part.try_collect().await.unwrap();
            let rows = batches.iter().flat_map(|batch| {
                let times = batch.column(1).as_primitive::<TimestampMicrosecondType>().values().iter();
                let names = batch.column(0).as_string::<i32>().iter().flatten().map(str::to_owned);
                names.zip(times.copied()).collect::<Vec<_>>()
            });
            parts.push(rows.collect());
        }
        parts
    }

    #[tokio::test]
    async fn small_tables_are_one_part_and_large_ones_are_divided_by_subject() {
        let small = parts(n_parts(WORTH_DIVIDING - 1, WORTH_DIVIDING)).await;
        assert_eq!(small.len(), 1);
        let large = parts(n_parts(WORTH_DIVIDING, WORTH_DIVIDING)).await;
        assert_eq!(large.len(), N_PARTS);
        assert!(large.iter().filter(|part| !part.is_empty()).count() > N_PARTS / 2);
        for part in small.iter().chain(&large) {
            assert!(part.is_sorted(), "{part:?}");
        }
        for (at, part) in large.iter().enumerate() {
            assert!(part.iter().all(|(who, _)| division::part_of(who, N_PARTS) == Some(at)));
            for who in part.iter().map(|(who, _)| who) {
                assert_eq!(part.iter().filter(|(other, _)| other == who).count(), 10, "{who}");
            }
        }
        assert_eq!(large.iter().map(Vec::len).sum::<usize>(), 1_000);
        assert_eq!(
            large,
            parts(n_parts(WORTH_DIVIDING, WORTH_DIVIDING)).await,
            "equal rows lie in equal parts"
        );
    }

    #[tokio::test]
    async fn rows_come_back_whatever_says_the_same_in_some_of_them() {
        let mut batches = Vec::new();
        for source in 0..12_i64 {
            // Few rows are not judged by.
            let n_rows = if source % 2 == 0 { 2_000 } else { 100 };
            let who = (0..n_rows).map(|row| format!("c{row}"));
            let when =
                TimestampMicrosecondArray::from_iter_values((0..n_rows).map(|row| 2_000 * source + row));
            // Each source leaves something out, or says the same all the time, or does not.
            let place = (0..n_rows).map(|row| match source % 3 {
                0 => None,
                1 => Some(format!("here {source}")),
                _ => Some(format!("there {row}")),
            });
            let columns: [(&str, ArrayRef); 4] = [
                ("who", Arc::new(StringArray::from_iter_values(who))),
                ("at", Arc::new(when)),
                ("place", Arc::new(place.collect::<StringArray>())),
                ("source", Arc::new(StringArray::from(vec![format!("source {source}"); n_rows as usize]))),
            ];
            let columns = columns.into_iter().map(|(name, column)| (name, column, true));
            batches.push(RecordBatch::try_from_iter_with_nullable(columns).unwrap());
        }
        // One after the other, what one leaves out the next may not; side by side, there are more sets of columns than files.
        let context = SessionContext::new();
        let side_by_side = batches.iter().map(|batch| context.read_batch(batch.clone()).unwrap());
        let side_by_side = side_by_side.reduce(|all, batch| all.union(batch).unwrap()).unwrap();
        for rows in [context.read_batches(batches).unwrap(), side_by_side] {
            assert_eq!(n_rows_as_made(rows).await, 6 * 2_100);
        }
    }

    async fn n_rows_as_made(rows: DataFrame) -> usize {
        let order = vec!["who", "at", "place"];
        let layout = Layout { of: Subject::Customers, by: "who", order, n_parts: N_PARTS };
        let mut n_rows = 0;
        for part in layout.parts(rows).await.unwrap() {
            let batches: Vec<RecordBatch> = part.try_collect().await.unwrap();
            for batch in &batches {
                let [who, place, source] = [0, 2, 3].map(|at| batch.column(at).as_string::<i32>());
                let times = batch.column(1).as_primitive::<TimestampMicrosecondType>();
                for (row, at) in times.values().iter().enumerate() {
                    let (from, nth) = (at / 2_000, at % 2_000);
                    let expected = match from % 3 {
                        0 => None,
                        1 => Some(format!("here {from}")),
                        _ => Some(format!("there {nth}")),
                    };
                    assert_eq!(who.value(row), format!("c{nth}"));
                    assert_eq!(place.iter().nth(row).flatten(), expected.as_deref(), "{at}");
                    assert_eq!(source.value(row), format!("source {from}"));
                }
                n_rows += batch.num_rows();
            }
        }
        n_rows
    }

    #[tokio::test]
    async fn nobodys_rows_and_no_rows_lie_somewhere_too() {
        let layout = Layout { of: Subject::Customers, by: "who", order: vec!["who", "at"], n_parts: N_PARTS };
        for n_rows in [0_usize, 1, 3_000] {
            let who: StringArray = (0..n_rows).map(|row| (row % 3 == 1).then(|| format!("c{row}"))).collect();
            let at = TimestampMicrosecondArray::from_iter_values((0..n_rows as i64).rev());
            let columns: [(&str, ArrayRef, bool); 2] =
                [("who", Arc::new(who), true), ("at", Arc::new(at), true)];
            let rows = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
            let rows = SessionContext::new().read_batch(rows).unwrap();
            let (mut nobodys, mut n_found) = (Vec::new(), 0);
            for (at, part) in layout.parts(rows).await.unwrap().into_iter().enumerate() {
                let batches: Vec<RecordBatch> = part.try_collect().await.unwrap();
                for batch in &batches {
                    let times = batch.column(1).as_primitive::<TimestampMicrosecondType>();
                    let who = batch.column(0).as_string::<i32>();
                    nobodys.extend(
                        (0..who.len()).filter(|row| who.is_null(*row)).map(|row| (at, times.value(row))),
                    );
                    n_found += batch.num_rows();
                }
            }
            assert_eq!(n_found, n_rows);
            assert_eq!(nobodys.len(), n_rows - (n_rows + 1) / 3);
            assert!(nobodys.is_sorted(), "in one part, by time");
            assert!(nobodys.array_windows().all(|[(one, _), (other, _)]| one == other), "{nobodys:?}");
        }
    }
}
