//! Subjects as they were at several instants: a program at each, over so many of them as tell enough.

use chrono::{DateTime, TimeDelta, Utc};
use futures::TryStreamExt;
use strata_lake::Engine;
use strata_lake::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use strata_lake::arrow::compute::cast;
use strata_lake::arrow::datatypes::{DataType, Float64Type};
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::functions_aggregate::expr_fn::max;
use strata_lake::datafusion::prelude::ident;
use strata_spec::condition::{Condition, Term};
use strata_spec::definition::purchases_of;
use strata_spec::error::ErrorCode;
use strata_spec::table::{Kind, Subject, Table};

use crate::compile::Tables;
use crate::compile::{self, Earlier, Mapped, OverTime, Program, Question, Setting};
use crate::error::{Context, Error, Result};
use crate::function::bucket_of;
use crate::layout::{Draw, where_first_parts_lie};
use crate::preview::{texts, truths};
use crate::run::{self, Run};

/// So many subjects are looked at, if there are so many.
const SAMPLE: usize = 50_000;
/// What decides who is, with the id.
const SALT: &str = "holdout";

/// How many days the subject that has been known longest has been known.
///
/// # Errors
/// When the profile cannot be read.
pub(super) async fn days_known(run: &Run, engine: &Engine, subject: Subject) -> Result<f64> {
    let profile = run::read(run, engine, subject.profile_table()).await?;
    let [.., tenure] = purchases_of(subject);
    let longest = longest(profile, tenure).await;
    longest.context(format!("cannot read how long {subject} have been known"))
}

/// So many days before the run.
pub(super) fn days_before(run: &Run, days: i64) -> DateTime<Utc> {
    run.as_of - TimeDelta::days(days)
}

/// Terms of subjects from their texts.
///
/// # Errors
/// When one has a fault.
pub(super) fn terms(run: &Run, subject: Subject, texts: &[String]) -> Result<Vec<Term>> {
    let parsed = texts.iter().map(|text| Term::parse(text, subject)).collect::<Result<Vec<_>, _>>();
    parsed.map_err(|fault| run.project.refused(vec![fault]))
}

/// The programs that say at some instants whether conditions hold of subjects and what terms are, and of what kind each term is.
///
/// # Errors
/// When one has a fault.
pub(crate) fn programs(
    run: &Run,
    subject: Subject,
    instants: &[DateTime<Utc>],
    conditions: &[Condition],
    terms: &[Term],
) -> Result<(Vec<Program>, Vec<Option<Kind>>)> {
    let mapped = Mapped::of(&run.project.manifest);
    let at = |as_of: &DateTime<Utc>| {
        let setting = Setting::of(&run.project, &mapped, subject, *as_of);
        let question = Question { conditions, terms, ..Question::default() };
        compile::compile_only(&setting, &question).map_err(|faults| run.project.refused(faults))
    };
    let programs = instants.iter().map(at).collect::<Result<Vec<_>>>()?;
    let kinds = programs.first().map(|program| program.asked.kinds.clone()).unwrap_or_default();
    Ok((programs, kinds))
}

async fn longest(profile: DataFrame, tenure: &str) -> strata_lake::datafusion::error::Result<f64> {
    let longest = profile.aggregate(vec![], vec![max(ident(tenure)).alias("longest")])?;
    let batches = longest.collect().await?;
    let Some(batch) = batches.first().filter(|batch| batch.num_rows() > 0) else { return Ok(0.0) };
    let longest = cast(batch.column(0), &DataType::Float64)?;
    let longest = longest.as_primitive::<Float64Type>();
    Ok(if longest.is_null(0) { 0.0 } else { longest.value(0) })
}

async fn count(run: &Run, engine: &Engine, subject: Subject) -> Result<u64> {
    let rows = run::read(run, engine, subject.as_str()).await?;
    Ok(rows.count().await.context(format!("cannot count {subject}"))? as u64)
}

/// Who is looked at.
pub(crate) struct Sample(Draw);

impl Sample {
    /// Those who are looked at of all subjects.
    ///
    /// # Errors
    /// When they cannot be counted.
    pub(crate) async fn of(run: &Run, engine: &Engine, subject: Subject) -> Result<Sample> {
        let n_subjects = count(run, engine, subject).await?;
        Ok(Sample(Draw::of(n_subjects, SAMPLE)))
    }

    /// Whether that is everybody.
    pub(crate) fn is_everybody(&self) -> bool {
        self.0.below >= 1.0
    }

    /// What programs at several instants say of those who are drawn, in the order of their ids.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub(crate) async fn answer(&self, run: &Run, engine: &Engine, programs: &OverTime) -> Result<Answer> {
        let subject = programs.whole.subject;
        let planning = || format!("cannot plan what was known of {subject}");
        let mut tables = Tables::new();
        for table in programs.whole.tables().into_iter().chain([subject.table()]) {
            tables.insert(table, self.rows(run, engine, table, subject).await?);
        }
        let history = match programs.whole.asks_for_properties() {
            true => Earlier::Rows(run::read(run, engine, run::PROPERTY_HISTORY).await?),
            false => Earlier::Unavailable,
        };
        let profile = programs.whole.profile_after(&tables, &history).context(planning())?;
        let id = vec![ident(subject.id_column())];
        let answer = programs.answer(profile, &Earlier::Unavailable, id).context(planning())?;
        let evaluating = || format!("cannot compute what was known of {subject}");
        let mut rows = run::stream(answer).await.context(evaluating())?;
        let mut batches = Vec::new();
        while let Some(batch) = rows.try_next().await.context(evaluating())? {
            batches.push(batch);
        }
        self.in_order(batches)
    }

    async fn rows(&self, run: &Run, engine: &Engine, table: Table, of: Subject) -> Result<DataFrame> {
        let name = table.as_str();
        let reading = || format!("cannot read table `{name}`");
        // What is of no one customer, as companies are, is read whole.
        if !table.columns().iter().any(|column| column.name == of.id_column()) {
            return run::read(run, engine, name).await;
        }
        let version = run.inputs.get(name).copied();
        let version = version
            .ok_or_else(|| Error::new(ErrorCode::NotFound, format!("the lake has no table `{name}`")))?;
        let parts =
            where_first_parts_lie(engine, name, version, of, self.0.n_parts).await.context(reading())?;
        let mut all: Option<DataFrame> = None;
        for part in parts {
            let rows = engine.context().read_table(part).context(reading())?;
            all = Some(match all {
                Some(all) => all.union(rows).context(reading())?,
                None => rows,
            });
        }
        all.ok_or_else(|| Error::new(ErrorCode::Internal, reading()))
    }

    fn in_order(&self, batches: Vec<RecordBatch>) -> Result<Answer> {
        let mut places: Vec<(usize, usize)> = Vec::new();
        for (at, batch) in batches.iter().enumerate() {
            let ids = texts(batch, 0)?;
            let may = self.0.may_be_drawn(ids).context("cannot draw a sample")?;
            let is_drawn = |row: &usize| {
                let is_there = may.as_ref().is_none_or(|may| may.value(*row));
                is_there && bucket_of(ids.value(*row), SALT) < self.0.below
            };
            places.extend((0..batch.num_rows()).filter(is_drawn).map(|row| (at, row)));
        }
        let ids = batches.iter().map(|batch| texts(batch, 0)).collect::<Result<Vec<_>>>()?;
        places.sort_unstable_by(|a, b| ids[a.0].value(a.1).cmp(ids[b.0].value(b.1)));
        drop(ids);
        Ok(Answer { batches, places })
    }
}

/// What programs say, of chosen rows in an order of their own.
pub(crate) struct Answer {
    batches: Vec<RecordBatch>,
    places: Vec<(usize, usize)>,
}

impl Answer {
    /// A column after the id as numbers, not a number where there is none.
    pub(crate) fn numbers(&self, place: usize) -> Vec<f64> {
        let columns = self.batches.iter().map(|batch| cast(batch.column(1 + place), &DataType::Float64).ok());
        let columns: Vec<Option<ArrayRef>> = columns.collect();
        let value = |(batch, row): &(usize, usize)| {
            let column = columns[*batch].as_ref()?.as_primitive_opt::<Float64Type>()?;
            column.is_valid(*row).then(|| column.value(*row))
        };
        self.places.iter().map(|place| value(place).unwrap_or(f64::NAN)).collect()
    }

    /// The ids.
    ///
    /// # Errors
    /// When they are not texts.
    pub(crate) fn ids(&self) -> Result<Vec<&str>> {
        let ids = self.batches.iter().map(|batch| texts(batch, 0)).collect::<Result<Vec<_>>>()?;
        Ok(self.places.iter().map(|(batch, row)| ids[*batch].value(*row)).collect())
    }

    /// A column after the id as texts, none where there is none.
    pub(crate) fn texts(&self, place: usize) -> Vec<Option<&str>> {
        let columns: Vec<_> = self.batches.iter().map(|batch| texts(batch, 1 + place).ok()).collect();
        let value = |(batch, row): &(usize, usize)| {
            columns[*batch].filter(|column| column.is_valid(*row)).map(|column| column.value(*row))
        };
        self.places.iter().map(value).collect()
    }

    /// A column after the id as truths; what is unknown does not hold.
    pub(crate) fn holds(&self, place: usize) -> Vec<bool> {
        let columns: Vec<_> = self.batches.iter().map(|batch| truths(batch, 1 + place).ok()).collect();
        let holds = |(batch, row): &(usize, usize)| {
            columns[*batch].as_ref().is_some_and(|column| column.is_valid(*row) && column.value(*row))
        };
        self.places.iter().map(holds).collect()
    }
}
