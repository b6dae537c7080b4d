//! How far the distributions of traits have shifted from one profile to another.
//!
//! Each profile is scanned once. Of more than [`MOST_SUBJECTS`] subjects a sample is read, by hashes of their ids: the first of the parts
//! in which large tables lie, and within them those below a threshold. The same ids are taken of both profiles, on every machine.

use std::collections::{BTreeMap, BTreeSet};

use futures::TryStreamExt;
use strata_lake::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch};
use strata_lake::arrow::compute::{and, cast, filter_record_batch};
use strata_lake::arrow::datatypes::{DataType, Float64Type};
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::error::Result as EngineResult;
use strata_lake::datafusion::prelude::ident;
use strata_spec::table::Subject;

use super::bins::{Bins, Found};
use super::psi::{MODERATE, SIGNIFICANT, chance, psi};
use super::{Kind, Level, Row, n_subjects};
use crate::compile::MEANING;
use crate::error::{Context, Result};
use crate::function::bucket_of;
use crate::layout::{N_PARTS_TO_TAKE, is_in_first_parts, where_first_parts_lie};
use crate::query::View;
use crate::run::{Complete, stream};

/// Of more subjects a sample is read.
pub const MOST_SUBJECTS: u64 = 100_000;

/// The stability of every trait that both runs have and mean the same by, by name. Traits that are times are not among them: they
/// only move with the calendar.
pub(super) async fn shifted(
    view: &View,
    subject: Subject,
    earlier: &Complete,
    now: &Complete,
) -> Result<Vec<Row>> {
    let (Some(before), Some(after)) =
        (Profile::open(view, subject, earlier).await?, Profile::open(view, subject, now).await?)
    else {
        return Ok(Vec::new());
    };
    let n_most = n_subjects(view, earlier, subject).await?.max(n_subjects(view, now, subject).await?);
    let sample = Sample::of(n_most);
    let (meant_then, meant_now) = (meanings(earlier), meanings(now));
    let lasts = |name: &&String| meant_then.get(*name) == meant_now.get(*name);
    let kinds = before.columns.iter().filter(|(name, kind)| after.columns.get(*name) == Some(kind));
    let traits: Vec<(&String, Values)> =
        kinds.filter(|(name, _)| lasts(name)).map(|(name, kind)| (name, *kind)).collect();
    let mut then = before.read(view, &sample, &traits).await?;
    let present = after.read(view, &sample, &traits).await?;
    let rows = traits.iter().zip(then.iter_mut().zip(&present)).filter_map(|((name, _), (then, present))| {
        let bins = Bins::of(then);
        let (then, present) = (bins.count(then), bins.count(present));
        Some(row(subject, name, psi(&then, &present)?, &then, &present))
    });
    Ok(rows.collect())
}

fn row(subject: Subject, name: &str, value: f64, then: &[u64], present: &[u64]) -> Row {
    let n_cells = then.iter().zip(present).filter(|(then, present)| **then + **present > 0).count();
    let by_chance = chance(n_cells, then.iter().sum(), present.iter().sum());
    let (low, high) = (MODERATE.max(by_chance), SIGNIFICANT.max(by_chance));
    let level = match value {
        value if value >= high => Level::Alert,
        value if value >= low => Level::Watch,
        _ => Level::None,
    };
    Row {
        subject,
        kind: Kind::Psi,
        name: name.to_owned(),
        value,
        before: None,
        low: Some(low),
        high: Some(high),
        level,
        n_earlier: 1,
    }
}

/// The version of each trait's definition, as a run noted it.
fn meanings(complete: &Complete) -> BTreeMap<String, String> {
    let fact = complete.summaries.get("profile").and_then(|summary| summary.facts.get(MEANING));
    let traits = fact.and_then(|fact| fact.get("traits")).cloned();
    traits.and_then(|traits| serde_json::from_value(traits).ok()).unwrap_or_default()
}

/// What a trait's values are held against each other as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Values {
    Numbers,
    Texts,
}

impl Values {
    fn of(kind: &DataType) -> Option<Values> {
        match kind {
            DataType::Boolean | DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
                Some(Values::Texts)
            }
            kind if kind.is_numeric() => Some(Values::Numbers),
            _ => None,
        }
    }
}

/// A run's profile of a subject.
struct Profile {
    subject: Subject,
    version: u64,
    columns: BTreeMap<String, Values>,
}

impl Profile {
    async fn open(view: &View, subject: Subject, complete: &Complete) -> Result<Option<Profile>> {
        let table = subject.profile_table();
        let Some(version) = complete.tables.get(table).copied() else { return Ok(None) };
        let frame = view.engine().table(table, version).await;
        let frame = frame.context(format!("cannot open table `{table}`"))?;
        let ids: BTreeSet<&str> =
            Subject::ALL.iter().map(|subject| subject.id_column()).chain(["run_id"]).collect();
        let fields = frame.schema().fields().iter();
        let columns = fields
            .filter(|field| !field.name().starts_with('_') && !ids.contains(field.name().as_str()))
            .filter_map(|field| Some((field.name().clone(), Values::of(field.data_type())?)))
            .collect();
        Ok(Some(Profile { subject, version, columns }))
    }

    /// The values of traits, one by one, of those whom the sample has.
    async fn read(&self, view: &View, sample: &Sample, traits: &[(&String, Values)]) -> Result<Vec<Found>> {
        let table = self.subject.profile_table();
        let reading = || format!("cannot read table `{table}`");
        let engine = view.engine();
        let files = where_first_parts_lie(engine, table, self.version, self.subject, sample.n_parts).await;
        let mut found: Vec<Found> = traits
            .iter()
            .map(|(_, kind)| match kind {
                Values::Numbers => Found::numbers(),
                Values::Texts => Found::texts(),
            })
            .collect();
        for provider in files.context(reading())? {
            let frame = engine.context().read_table(provider).context(reading())?;
            self.read_into(frame, sample, traits, &mut found).await.context(reading())?;
        }
        Ok(found)
    }

    async fn read_into(
        &self,
        frame: DataFrame,
        sample: &Sample,
        traits: &[(&String, Values)],
        found: &mut [Found],
    ) -> EngineResult<()> {
        let names =
            [self.subject.id_column()].into_iter().chain(traits.iter().map(|(name, _)| name.as_str()));
        let columns = names.map(ident).collect::<Vec<_>>();
        let mut rows = stream(frame.select(columns)?).await?;
        while let Some(batch) = rows.try_next().await? {
            let batch = sample.taken(batch)?;
            for (column, found) in batch.columns().iter().skip(1).zip(found.iter_mut()) {
                add(column, found)?;
            }
        }
        Ok(())
    }
}

fn add(column: &ArrayRef, found: &mut Found) -> EngineResult<()> {
    match found {
        Found::Numbers { known, n_missing } => {
            let column = cast(column, &DataType::Float64)?;
            let numbers = column.as_primitive::<Float64Type>();
            let n_before = known.len();
            known.extend(numbers.iter().flatten().filter(|number| number.is_finite()));
            *n_missing += (numbers.len() - (known.len() - n_before)) as u64;
        }
        Found::Texts { known, n_missing } => {
            let column = cast(column, &DataType::Utf8)?;
            let texts = column.as_string::<i32>();
            *n_missing += texts.null_count() as u64;
            for text in texts.iter().flatten() {
                match known.get_mut(text) {
                    Some(n) => *n += 1,
                    None => {
                        known.insert(text.to_owned(), 1);
                    }
                }
            }
        }
    }
    Ok(())
}

/// Which subjects are read.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Sample {
    /// Those in so many of the parts that large tables lie in.
    n_parts: usize,
    /// And of them those whose number between 0 and 1 lies below.
    below: f64,
}

impl Sample {
    fn of(n_subjects: u64) -> Sample {
        if n_subjects <= MOST_SUBJECTS {
            return Sample { n_parts: N_PARTS_TO_TAKE, below: 1.0 };
        }
        let parts = MOST_SUBJECTS as f64 / n_subjects as f64 * N_PARTS_TO_TAKE as f64;
        let n_parts = parts.floor().max(1.0);
        Sample { n_parts: n_parts as usize, below: (parts / n_parts).min(1.0) }
    }

    /// The rows of those whom the sample has; their ids come first.
    fn taken(self, batch: RecordBatch) -> EngineResult<RecordBatch> {
        let ids = batch.column(0);
        let mut keep: Option<BooleanArray> = None;
        if self.n_parts < N_PARTS_TO_TAKE {
            keep = Some(is_in_first_parts(ids, self.n_parts)?);
        }
        if self.below < 1.0 {
            let ids = cast(ids, &DataType::Utf8)?;
            let drawn = ids.as_string::<i32>().iter();
            let drawn =
                drawn.map(|id| Some(id.is_some_and(|id| bucket_of(id, "drift") < self.below))).collect();
            keep = Some(match keep {
                Some(keep) => and(&keep, &drawn)?,
                None => drawn,
            });
        }
        match keep {
            Some(keep) => Ok(filter_record_batch(&batch, &keep)?),
            None => Ok(batch),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use strata_lake::arrow::array::StringArray;

    use super::*;

    #[test]
    fn a_sample_is_about_as_large_as_it_may_be_and_takes_whole_parts_where_it_can() {
        for (n_subjects, expected) in
            [(0, (16, 1.0)), (100_000, (16, 1.0)), (1_000_000, (1, 1.0)), (400_000, (4, 1.0))]
        {
            let sample = Sample::of(n_subjects);
            assert_eq!((sample.n_parts, sample.below), expected, "{n_subjects}");
        }
        let ids = StringArray::from_iter_values((0..200_000).map(|id| format!("c{id}")));
        let batch = RecordBatch::try_from_iter([("id", Arc::new(ids) as ArrayRef)]).unwrap();
        let n = |n_subjects| Sample::of(n_subjects).taken(batch.clone()).unwrap().num_rows();
        // As if these were every tenth of so many.
        for (n_subjects, expected) in [(200_000, 100_000), (2_000_000, 10_000), (20_000_000, 1_000)] {
            let found = n(n_subjects);
            assert!(found.abs_diff(expected) * 20 < expected, "{found} of {n_subjects}");
        }
        assert_eq!(n(100_000), 200_000);
    }
}
