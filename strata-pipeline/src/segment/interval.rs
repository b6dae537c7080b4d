//! Memberships as intervals: what is true now, held against what was true at the last run.
//!
//! An interval `[entered_at, left_at)` is one stay in one class or segment under one version of its definition;
//! `left_at` is null while it lasts. A later run closes the intervals of those who are no longer in and opens one for each who
//! is new. A run at the instant of an earlier one first forgets what that one did, so that running twice is running once.
//!
//! Subjects are divided into parts by their ids, the same for both sides, and each part is one walk: everybody's standing is
//! read, the open intervals of the last run are looked up in it, and what lasts or is new is written class by class.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use futures::TryStreamExt;
use strata_lake::arrow::array::{
    Array, ArrayRef, AsArray, RecordBatch, StringArray, TimestampMicrosecondArray, UInt32Array,
};
use strata_lake::arrow::compute::{
    SortColumn, concat_batches, filter_record_batch, is_not_null, lexsort_to_indices, take, take_record_batch,
};
use strata_lake::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimestampMicrosecondType};
use strata_lake::datafusion::common::{Result, ScalarValue, exec_datafusion_err};
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::execution::SendableRecordBatchStream;
use strata_lake::datafusion::logical_expr::{Expr, cast, lit, when};
use strata_lake::datafusion::physical_plan::stream::RecordBatchReceiverStreamBuilder;
use strata_lake::datafusion::prelude::ident;
use strata_spec::table::{Kind, Subject};

use super::bitmap;
use super::size::{Counts, Sizes};
use super::standing::{Divisions, Places, Standing, text};
use crate::compile::data_type;
use crate::run::Run;

/// The columns of the table, in order.
const COLUMNS: [&str; 8] =
    ["subject", "subject_id", "segmentation", "segment", "version", "entered_at", "left_at", "run_id"];
/// The order of intervals that have ended.
const ORDER_OF_ENDED: [&str; 4] = ["segmentation", "segment", "subject_id", "entered_at"];
const ROWS_OF_A_BATCH: usize = 32_768;
const BATCHES_AHEAD: usize = 2;

/// What the table said of some subjects just before `as_of`.
pub(super) fn just_before(run: &Run, before: DataFrame, subject: &str) -> Result<DataFrame> {
    let as_of = || crate::compile::instant(run.as_of);
    let still_open = ident("left_at").gt_eq(as_of());
    let left_at = when(still_open, lit(ScalarValue::Null)).otherwise(ident("left_at"))?;
    let known = ident("subject").eq(lit(subject)).and(ident("entered_at").lt(as_of()));
    let columns = COLUMNS.iter().map(|name| match *name {
        "left_at" => cast(left_at.clone(), data_type(Kind::Timestamp)).alias("left_at"),
        name => ident(name).alias(name),
    });
    before.filter(known)?.select(columns.collect::<Vec<Expr>>())
}

/// What is noted while intervals are written.
#[derive(Debug, Default)]
pub(super) struct Noted {
    pub(super) sizes: Sizes,
    /// The members as sets, by whom they are about and part: written in that order, whichever part is done first.
    pub(super) bitmaps: BTreeMap<(Subject, usize), RecordBatch>,
}

/// The intervals of one part's subjects: `now` what the program says of them, `before` what the table said.
pub(super) fn intervals(
    run: &Run,
    divisions: &Arc<Divisions>,
    part: usize,
    now: Option<SendableRecordBatchStream>,
    before: Option<SendableRecordBatchStream>,
    noted: &Arc<Mutex<Noted>>,
) -> SendableRecordBatchStream {
    let mut builder = RecordBatchReceiverStreamBuilder::new(schema(), BATCHES_AHEAD);
    let sender = builder.tx();
    let this = (run.as_of.timestamp_micros(), run.run_id.clone());
    let (divisions, noted) = (Arc::clone(divisions), Arc::clone(noted));
    builder.spawn(async move {
        let standing = Standing::read(&divisions, now).await?;
        let bitmaps = bitmap::batch(&divisions, &standing, part, &this.1)?;
        let mut walk = Walk::new(&divisions, standing, this);
        if let Some(before) = before {
            walk.compare(before).await?;
        }
        for place in walk.order() {
            for batch in walk.lasting(place) {
                // The receiver is gone when the write has failed, which says why.
                if sender.send(batch).await.is_err() {
                    return Ok(());
                }
            }
        }
        if let Some(ended) = walk.ended()? {
            let _ = sender.send(Ok(ended)).await;
        }
        let mut noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
        walk.count(&mut noted.sizes);
        noted.bitmaps.insert((divisions.subject, part), bitmaps);
        Ok(())
    });
    builder.build()
}

fn schema() -> SchemaRef {
    let field = |name: &str| match name {
        "entered_at" | "left_at" => Field::new(name, data_type(Kind::Timestamp), true),
        name => Field::new(name, DataType::Utf8, true),
    };
    Arc::new(Schema::new(COLUMNS.map(field).to_vec()))
}

/// When an interval began, and in which run.
type Start = (i64, String);

/// Since when a subject is where it stands: from this run on, …
const SINCE_NOW: u32 = 0;
/// … from this run on, though it stood there before under another version of the definition, …
const SINCE_NOW_AGAIN: u32 = 1;
/// … or since one of the starts, counted from here.
const FIRST_START: u32 = 2;

struct Walk<'a> {
    divisions: &'a Divisions,
    standing: Standing,
    this: Start,
    starts: Vec<Start>,
    /// By division and subject; empty until some interval turns out to last.
    since: Vec<Vec<u32>>,
    ended: Vec<RecordBatch>,
    n_left: BTreeMap<(Option<String>, String), i64>,
}

/// Where an interval of the last run is to be looked up.
#[derive(Clone, Copy)]
struct Target {
    division: usize,
    number: u32,
    is_same_version: bool,
}

impl<'a> Walk<'a> {
    fn new(divisions: &'a Divisions, standing: Standing, this: Start) -> Walk<'a> {
        let since = divisions.all.iter().map(|_| Vec::new()).collect();
        let (starts, ended, n_left) = (Vec::new(), Vec::new(), BTreeMap::new());
        Walk { divisions, standing, this, starts, since, ended, n_left }
    }

    /// Finds out which open intervals last; closes the others.
    async fn compare(&mut self, mut before: SendableRecordBatchStream) -> Result<()> {
        let ids = self.standing.ids.clone();
        let row_of: HashMap<&str, u32> = ids.iter().flatten().zip(0..).collect();
        let mut numbers_of_starts: HashMap<Start, u32> = HashMap::new();
        while let Some(batch) = before.try_next().await? {
            let closed = is_not_null(batch.column_by_name("left_at").ok_or_else(damaged)?)?;
            if closed.true_count() > 0 {
                self.ended.push(filter_record_batch(&batch, &closed)?);
            }
            let [subjects, segmentations, segments, versions, run_ids] =
                ["subject_id", "segmentation", "segment", "version", "run_id"].map(|name| text(&batch, name));
            let (subjects, segmentations, segments) = (subjects?, segmentations?, segments?);
            let (versions, run_ids) = (versions?, run_ids?);
            let entered = batch.column_by_name("entered_at").ok_or_else(damaged)?;
            let entered = entered.as_primitive_opt::<TimestampMicrosecondType>().ok_or_else(damaged)?;
            let mut leaving = Vec::new();
            let mut known: Option<(usize, Option<Target>)> = None;
            for row in (0..batch.num_rows()).filter(|row| !closed.value(*row)) {
                let segmentation = segmentations.is_valid(row).then(|| segmentations.value(row));
                let segment = segments.value(row);
                // Rows lie class by class: what the row before was looked up for, this one mostly need not be.
                let target = match known {
                    Some((like, target))
                        if segments.value(like) == segment
                            && versions.value(like) == versions.value(row)
                            && (segmentations.is_valid(like).then(|| segmentations.value(like))
                                == segmentation) =>
                    {
                        target
                    }
                    _ => self.target(segmentation, segment, versions.value(row)),
                };
                known = Some((row, target));
                let subject = row_of.get(subjects.value(row)).copied();
                let stands = match (target, subject) {
                    (Some(target), Some(subject)) => {
                        (self.standing.places[target.division].of[subject as usize] == target.number)
                            .then_some((target, subject))
                    }
                    _ => None,
                };
                if let Some((target, subject)) = stands {
                    let since = match target.is_same_version {
                        false => SINCE_NOW_AGAIN,
                        true => {
                            let start = (entered.value(row), run_ids.value(row).to_owned());
                            *numbers_of_starts.entry(start).or_insert_with_key(|start| {
                                self.starts.push(start.clone());
                                self.starts.len() as u32 - 1 + FIRST_START
                            })
                        }
                    };
                    let all = &mut self.since[target.division];
                    all.resize(ids.len(), SINCE_NOW);
                    all[subject as usize] = since;
                    if target.is_same_version {
                        continue;
                    }
                } else {
                    let key = (segmentation.map(str::to_owned), segment.to_owned());
                    *self.n_left.entry(key).or_default() += 1;
                }
                leaving.push(row as u32);
            }
            if !leaving.is_empty() {
                self.ended.push(self.closed(&batch, leaving)?);
            }
        }
        Ok(())
    }

    fn target(&self, segmentation: Option<&str>, segment: &str, version: &str) -> Option<Target> {
        let name = segmentation.unwrap_or(segment);
        let mut divisions = self.divisions.all.iter();
        let division = divisions.position(|each| each.segmentation() == segmentation && each.name == name)?;
        let number = self.standing.places[division].number(segment)?;
        let is_same_version = self.divisions.all[division].version.0 == version;
        Some(Target { division, number, is_same_version })
    }

    fn closed(&self, batch: &RecordBatch, rows: Vec<u32>) -> Result<RecordBatch> {
        let n = rows.len();
        let rows = take_record_batch(batch, &UInt32Array::from(rows))?;
        let columns = COLUMNS.iter().zip(rows.columns()).map(|(name, column)| match *name {
            "left_at" => instants(vec![self.this.0; n]),
            _ => Arc::clone(column),
        });
        Ok(RecordBatch::try_new(schema(), columns.collect())?)
    }

    /// The classes that somebody is in, by division and number, in the order in which they are written.
    fn order(&self) -> Vec<(usize, u32)> {
        let divisions = self.standing.places.iter().enumerate();
        divisions
            .flat_map(|(at, places)| places.classes().into_iter().map(move |(_, number)| (at, number)))
            .collect()
    }

    /// The open intervals of one class, in the order of the subjects.
    fn lasting(&self, (at, number): (usize, u32)) -> impl Iterator<Item = Result<RecordBatch>> {
        let places = &self.standing.places[at];
        let members: Vec<u32> =
            (0..).zip(&places.of).filter(|(_, place)| **place == number).map(|(row, _)| row).collect();
        let chunks: Vec<Vec<u32>> = members.chunks(ROWS_OF_A_BATCH).map(<[u32]>::to_vec).collect();
        let class = self.class(at, number);
        chunks.into_iter().map(move |rows| self.open(at, class, rows))
    }

    fn class(&self, at: usize, number: u32) -> &str {
        let classes = self.standing.places[at].classes();
        classes.into_iter().find(|(_, each)| *each == number).map_or("", |(class, _)| class)
    }

    fn open(&self, at: usize, class: &str, rows: Vec<u32>) -> Result<RecordBatch> {
        let division = &self.divisions.all[at];
        let n = rows.len();
        let constant = |text: &str| Arc::new(StringArray::new_repeated(text, n)) as ArrayRef;
        let since = &self.since[at];
        let start = |row: &u32| match since.get(*row as usize).copied() {
            None | Some(SINCE_NOW | SINCE_NOW_AGAIN) => &self.this,
            Some(since) => &self.starts[(since - FIRST_START) as usize],
        };
        let run_ids = match since.is_empty() {
            true => constant(&self.this.1),
            false => {
                Arc::new(StringArray::from_iter_values(rows.iter().map(|row| &start(row).1))) as ArrayRef
            }
        };
        let entered = instants(rows.iter().map(|row| start(row).0).collect());
        let segmentation = match division.segmentation() {
            Some(segmentation) => constant(segmentation),
            None => Arc::new(StringArray::new_null(n)),
        };
        let columns = vec![
            constant(self.divisions.subject.as_str()),
            take(&self.standing.ids, &UInt32Array::from(rows), None)?,
            segmentation,
            constant(class),
            constant(&division.version.0),
            entered,
            Arc::new(TimestampMicrosecondArray::new_null(n).with_timezone("UTC")),
            run_ids,
        ];
        Ok(RecordBatch::try_new(schema(), columns)?)
    }

    /// The intervals that have ended, now or before.
    fn ended(&self) -> Result<Option<RecordBatch>> {
        if self.ended.is_empty() {
            return Ok(None);
        }
        let all = concat_batches(&schema(), &self.ended)?;
        let by = ORDER_OF_ENDED.iter().filter_map(|name| all.column_by_name(name));
        let by: Vec<SortColumn> =
            by.map(|values| SortColumn { values: Arc::clone(values), options: None }).collect();
        Ok(Some(take_record_batch(&all, &lexsort_to_indices(&by, None)?)?))
    }

    fn count(&self, sizes: &mut Sizes) {
        let subject = self.divisions.subject.to_string();
        for (at, (division, places)) in self.divisions.all.iter().zip(&self.standing.places).enumerate() {
            if division.is_segment() {
                sizes.undecided(&division.name, places.n_undecided);
            }
            let counts = counts(places, &self.since[at]);
            for (class, number) in places.classes() {
                let key = (subject.clone(), division.segmentation().map(str::to_owned), class.to_owned());
                sizes.add(key, counts[number as usize]);
            }
        }
        for ((segmentation, segment), n_left) in &self.n_left {
            let key = (subject.clone(), segmentation.clone(), segment.clone());
            sizes.add(key, Counts { n_left: *n_left, ..Counts::default() });
        }
    }
}

/// Members and who of them is new, by number of the class.
fn counts(places: &Places, since: &[u32]) -> Vec<Counts> {
    let mut counts = vec![Counts::default(); places.classes().len() + 1];
    for (row, number) in places.of.iter().enumerate() {
        let counts = &mut counts[*number as usize];
        counts.n_members += 1;
        counts.n_entered += i64::from(since.get(row).is_none_or(|since| *since == SINCE_NOW));
    }
    counts
}

fn instants(micros: Vec<i64>) -> ArrayRef {
    Arc::new(TimestampMicrosecondArray::from(micros).with_timezone("UTC"))
}

fn damaged() -> strata_lake::datafusion::error::DataFusionError {
    exec_datafusion_err!("the table of memberships lacks a column")
}
