//! A sample of subjects: their profiles, whether they can be reached, and where they stand in the sets of members.
//!
//! Of a large profile so many parts are read as have enough subjects. A subject's number in the sets is its place among the ids of its
//! part; so all ids of these are read, and of the rest only what was drawn is kept. Who is drawn depends on nothing but the ids, and
//! the sample lies in the order of their hashes, so that equal data gives equal sums to the last digit, however tables lie on disk.

use std::sync::Arc;

use futures::TryStreamExt;
use roaring::RoaringBitmap;
use strata_lake::Engine;
use strata_lake::arrow::array::{Array, AsArray, RecordBatch, StringArray, UInt32Array};
use strata_lake::arrow::compute::{concat, concat_batches, take_record_batch};
use strata_lake::datafusion::common::runtime::SpawnedTask;
use strata_lake::datafusion::execution::SendableRecordBatchStream;
use strata_lake::datafusion::logical_expr::Expr;
use strata_lake::datafusion::prelude::ident;
use strata_spec::condition::{Channel, Condition};
use strata_spec::error::ErrorCode;
use strata_spec::table::{Subject, Table};

use super::variables::{Variables, is_variable};
use crate::compile::{self, Earlier, Mapped, Program, Question, Setting, column_name};
use crate::error::{Context, Error, Result};
use crate::function::bucket_of;
use crate::layout::{Draw, Layout, N_PARTS_TO_TAKE};
use crate::preview::{texts, truths};
use crate::run::{self, Run};

/// So many subjects are looked at, if there are so many.
pub const SAMPLE: usize = 50_000;
/// What decides who is drawn, with the id.
const SALT: &str = "meter";
/// The mark of a subject that was not drawn.
const NOT_DRAWN: u32 = u32::MAX;

/// Who was drawn.
pub(super) struct Sample {
    /// How many subjects there are in all.
    pub(super) n_subjects: u64,
    /// What they are compared by.
    pub(super) variables: Variables,
    /// By row, whether one can be reached with consent by any channel that is mapped; none where no channel is.
    pub(super) reachable: Option<Vec<bool>>,
    /// The channels that are.
    pub(super) channels: Vec<&'static str>,
    /// By part and number, the row of the sample.
    row_of: Vec<Vec<u32>>,
    /// By part, the numbers of those drawn.
    drawn: Vec<RoaringBitmap>,
    n: usize,
}

impl Sample {
    /// How many were drawn.
    pub(super) fn len(&self) -> usize {
        self.n
    }

    /// Whether that is everybody.
    pub(super) fn is_everybody(&self) -> bool {
        self.n as u64 == self.n_subjects
    }

    /// In how many parts subjects lie.
    pub(super) fn n_parts(&self) -> usize {
        self.row_of.len()
    }

    /// The rows of those in a set, ascending.
    pub(super) fn rows(&self, parts: &[RoaringBitmap]) -> Vec<u32> {
        let mut rows = Vec::new();
        for ((set, drawn), row_of) in parts.iter().zip(&self.drawn).zip(&self.row_of) {
            let members = (set & drawn).into_iter();
            rows.extend(members.filter_map(|number| row_of.get(number as usize).copied()));
        }
        rows.sort_unstable();
        rows
    }
}

/// Draws a sample from the profile that the run has written.
pub(super) async fn draw(run: &Run, engine: &Engine, program: &Program) -> Result<Sample> {
    let (subject, reading) = (program.subject, || format!("cannot draw a sample of {}", program.subject));
    let profile = run::read(run, engine, subject.profile_table()).await?;
    let n_subjects = profile.clone().count().await.context(reading())? as u64;
    let variables: Vec<String> = profile
        .schema()
        .fields()
        .iter()
        .filter(|field| is_variable(field.name(), field.data_type()))
        .map(|field| field.name().clone())
        .collect();
    let columns = [subject.id_column()].into_iter().chain(variables.iter().map(String::as_str));
    let columns: Vec<Expr> = columns.map(|name| ident(name).alias(name)).collect();
    let (channels, reached) = reach(run, subject)?;
    let rows = match &reached {
        Some(reached) => reached.answer(profile, &Earlier::Unavailable, columns),
        None => profile.select(columns),
    };
    let layout = Layout::like(run, engine, subject.profile_table(), subject).await?;
    let layout = Layout { order: Vec::new(), ..layout };
    let parts = layout.part_by_part(run, engine, rows.context(reading())?, &[]).await.context(reading())?;
    let draw = Draw::of(n_subjects, SAMPLE);
    let (n_parts, n_read) =
        (parts.len(), if parts.len() == N_PARTS_TO_TAKE { draw.n_parts } else { parts.len() });
    let tasks: Vec<_> =
        parts.into_iter().take(n_read).map(|part| SpawnedTask::spawn(read(part, draw))).collect();
    let mut read = Vec::with_capacity(n_parts);
    for task in tasks {
        let part = task.join().await;
        let part = part.map_err(|error| Error::new(ErrorCode::Internal, reading()).caused_by(error))?;
        read.push(part?);
    }
    read.resize_with(n_parts, Part::default);
    let (batch, row_of) = in_order(&read)?;
    let drawn = row_of.iter().map(|rows| {
        let numbers = (0..).zip(rows).filter(|(_, row)| **row != NOT_DRAWN);
        numbers.map(|(number, _)| number).collect()
    });
    let mut sample = Sample {
        n_subjects,
        variables: Variables::default(),
        reachable: None,
        channels: channels.iter().map(|channel| channel.as_str()).collect(),
        drawn: drawn.collect(),
        n: batch.as_ref().map_or(0, RecordBatch::num_rows),
        row_of,
    };
    let Some(batch) = batch else { return Ok(sample) };
    for name in &variables {
        if let Some(column) = batch.column_by_name(name) {
            sample.variables.add(name, column);
        }
    }
    if !channels.is_empty() {
        let mut reachable = vec![false; batch.num_rows()];
        for n in 0..channels.len() {
            let place = batch.schema_ref().index_of(&column_name::asked(n));
            let truths = truths(
                &batch,
                place.map_err(|error| Error::new(ErrorCode::Internal, reading()).caused_by(error))?,
            )?;
            reachable.iter_mut().zip(truths).for_each(|(any, one)| *any |= one == Some(true));
        }
        sample.reachable = Some(reachable);
    }
    Ok(sample)
}

/// The channels by which customers can be reached, as far as sources map both address and consent, and the program that asks
/// who can be.
fn reach(run: &Run, subject: Subject) -> Result<(Vec<Channel>, Option<Program>)> {
    let manifest = &run.project.manifest;
    let mapped = Mapped::of(manifest);
    let setting = Setting::of(&run.project, &mapped, subject, run.as_of);
    let has = |column: &str| mapped.has(Table::Customers, column);
    let is_mapped = |channel: &Channel| {
        let own = channel.consent_property();
        let consent = if setting.kind_of(Table::Customers, own).is_some() { own } else { Channel::CONSENT };
        subject == Subject::Customers && has(channel.address_column()) && has(consent)
    };
    let channels: Vec<Channel> = Channel::ALL.into_iter().filter(is_mapped).collect();
    if channels.is_empty() {
        return Ok((channels, None));
    }
    let condition = |channel: &Channel| {
        let text = format!("reachable('{}')", channel.as_str());
        manifest.definitions.read_condition(&text, subject, &manifest.properties)
    };
    let refused = |faults| run.project.refused(faults);
    let conditions: Vec<Condition> =
        channels.iter().map(condition).collect::<Result<_, _>>().map_err(refused)?;
    let question = Question { conditions: &conditions, ..Question::default() };
    let program = compile::compile_only(&setting, &question).map_err(refused)?;
    Ok((channels, Some(program)))
}

/// What is kept of a part.
#[derive(Default)]
struct Part {
    n: usize,
    /// Of each who was drawn: the hash of the id, and the number in the part.
    drawn: Vec<(f64, u32)>,
    /// Their rows.
    batch: Option<RecordBatch>,
}

/// Reads a part and keeps those who are drawn.
async fn read(mut rows: SendableRecordBatchStream, draw: Draw) -> Result<Part> {
    let reading = || "cannot draw a sample of a part";
    let (mut ids, mut kept, mut drawn) = (Vec::new(), Vec::new(), Vec::new());
    let mut n: u32 = 0;
    while let Some(batch) = rows.try_next().await.context(reading())? {
        let own = texts(&batch, 0)?.clone();
        let mut places = Vec::new();
        let may_be_drawn = draw.may_be_drawn(&own).context(reading())?;
        for (place, id) in (0_u32..).zip(own.iter()) {
            let hash = bucket_of(id.unwrap_or_default(), SALT);
            if hash < draw.below && may_be_drawn.as_ref().is_none_or(|may| may.value(place as usize)) {
                places.push(place);
                drawn.push((hash, n + place));
            }
        }
        n += u32::try_from(batch.num_rows()).unwrap_or(0);
        let taken = take_record_batch(&batch, &UInt32Array::from(places));
        kept.push(taken.map_err(damaged)?);
        ids.push(own);
    }
    let ids: Vec<&dyn Array> = ids.iter().map(|ids| ids as &dyn Array).collect();
    let Some(first) = kept.first() else { return Ok(Part { n: 0, drawn, batch: None }) };
    let schema = Arc::clone(first.schema_ref());
    let numbers = numbers(concat(&ids).map_err(damaged)?.as_string::<i32>());
    for (_, place) in &mut drawn {
        *place = numbers.get(*place as usize).copied().unwrap_or_default();
    }
    let batch = concat_batches(&schema, &kept).map_err(damaged)?;
    Ok(Part { n: numbers.len(), drawn, batch: Some(batch) })
}

/// The place of each id among all in ascending order.
fn numbers(ids: &StringArray) -> Vec<u32> {
    let mut order: Vec<u32> = (0..).take(ids.len()).collect();
    order.sort_unstable_by_key(|place| ids.value(*place as usize));
    let mut numbers = vec![0; order.len()];
    for (number, place) in (0..).zip(order) {
        numbers[place as usize] = number;
    }
    numbers
}

/// Those of all parts in the order of their hashes, and by part and number the row of each.
fn in_order(parts: &[Part]) -> Result<(Option<RecordBatch>, Vec<Vec<u32>>)> {
    let mut row_of: Vec<Vec<u32>> = parts.iter().map(|part| vec![NOT_DRAWN; part.n]).collect();
    let batches: Vec<&RecordBatch> = parts.iter().filter_map(|part| part.batch.as_ref()).collect();
    let Some(first) = batches.first() else { return Ok((None, row_of)) };
    let all = concat_batches(first.schema_ref(), batches.iter().copied()).map_err(damaged)?;
    let ids = texts(&all, 0)?;
    let who = parts
        .iter()
        .enumerate()
        .flat_map(|(part, read)| read.drawn.iter().map(move |(hash, number)| (*hash, part, *number)));
    let mut order: Vec<(f64, u32, usize, u32)> =
        (0_u32..).zip(who).map(|(place, (hash, part, number))| (hash, place, part, number)).collect();
    let id = |place: u32| ids.value(place as usize);
    order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then_with(|| id(a.1).cmp(id(b.1))));
    order.truncate(SAMPLE);
    for (row, (_, _, part, number)) in (0_u32..).zip(&order) {
        row_of[*part][*number as usize] = row;
    }
    let places = UInt32Array::from_iter_values(order.iter().map(|(_, place, ..)| *place));
    Ok((Some(take_record_batch(&all, &places).map_err(damaged)?), row_of))
}

fn damaged(error: strata_lake::arrow::error::ArrowError) -> Error {
    Error::new(ErrorCode::Internal, "cannot draw a sample").caused_by(error)
}
