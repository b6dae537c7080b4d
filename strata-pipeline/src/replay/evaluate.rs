//! Evaluates conditions at many dates: in passes over all tables, or, where subjects are held against each other, date by date.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use strata_lake::arrow::array::{Array, AsArray, Float64Array, RecordBatch};
use strata_lake::arrow::buffer::BooleanBuffer;
use strata_lake::arrow::compute::cast;
use strata_lake::arrow::datatypes::{DataType, Float64Type};
use strata_lake::datafusion::logical_expr::Expr;
use strata_lake::datafusion::prelude::ident;
use strata_spec::condition::{Condition, Term};
use strata_spec::error::ErrorCode;
use strata_spec::table::Subject;

use super::ask::{Measure, Tracked};
use super::count::{Moment, Standing, certain};
use crate::compile::{OverTime, Program, Question, ScoreColumn, Setting, compile_only};
use crate::error::{Context, Error, Result};
use crate::preview::{Basis, texts, truths};
use crate::run;

/// So many dates are evaluated in one pass; more would take more memory for each subject.
pub(super) const DATES_OF_A_PASS: usize = 32;

/// What was found.
pub(crate) struct Outcome {
    /// How many subjects were known at each date.
    pub(crate) n_subjects: Vec<u64>,
    /// By what is tracked, then by date.
    pub(crate) tracks: Vec<Vec<Moment>>,
    /// How often tables were read.
    pub(crate) n_passes: usize,
}

/// Evaluates conditions of a subject at dates, the earliest first.
///
/// # Errors
/// When a condition has a fault, or a table cannot be read.
pub(crate) async fn evaluate(
    basis: &Basis<'_>,
    subject: Subject,
    tracked: &[Tracked],
    dates: &[DateTime<Utc>],
) -> Result<Outcome> {
    if !basis.has(subject) {
        return Err(Error::new(ErrorCode::NotFound, format!("the last run knew no {subject}"))
            .with_hint("`strata check` says what the sources map"));
    }
    let (ranking, alone) = ranking(basis, subject, tracked, dates)?;
    if !ranking.is_empty() && !alone.is_empty() {
        // Those that hold subjects against each other do not make the others wait.
        let of = |places: &[usize]| places.iter().map(|place| tracked[*place].clone()).collect::<Vec<_>>();
        let (ranking_of, alone_of) = (of(&ranking), of(&alone));
        let mut found = Box::pin(evaluate(basis, subject, &alone_of, dates)).await?;
        let ranked = Box::pin(evaluate(basis, subject, &ranking_of, dates)).await?;
        let mut tracks: Vec<(usize, Vec<Moment>)> =
            alone.into_iter().zip(found.tracks).chain(ranking.into_iter().zip(ranked.tracks)).collect();
        tracks.sort_by_key(|(place, _)| *place);
        found.tracks = tracks.into_iter().map(|(_, moments)| moments).collect();
        found.n_passes += ranked.n_passes;
        return Ok(found);
    }
    let asked = Asked::of(tracked);
    let mut found = Outcome {
        n_subjects: vec![0; dates.len()],
        tracks: vec![vec![Moment::default(); dates.len()]; tracked.len()],
        n_passes: 0,
    };
    let mut from = 0;
    while from < dates.len() {
        let until = (from + DATES_OF_A_PASS).min(dates.len());
        // The last date of the pass before is evaluated again, since the first is held against it.
        let first = from.saturating_sub(1);
        let programs = dates[first..until].iter().map(|at| asked.compile(basis, subject, *at));
        let together = OverTime::of(programs.collect::<Result<Vec<_>>>()?);
        let Some(together) = together.context(planning(subject))? else {
            return date_by_date(basis, subject, &asked, dates, found).await;
        };
        let pass = Pass { asked: &asked, first, from, until };
        pass.run(basis, subject, &together, &mut found).await?;
        found.n_passes += 1;
        from = until;
    }
    Ok(found)
}

/// Whether it can be said what was so at an earlier date: traits of a company's customers are known as they are now, and classifiers
/// are trained in runs alone.
///
/// # Errors
/// When a condition has a fault.
pub(crate) fn reaches_back(
    basis: &Basis<'_>,
    subject: Subject,
    tracked: &Tracked,
    date: DateTime<Utc>,
) -> Result<bool> {
    let program = Asked::of(std::slice::from_ref(tracked)).compile(basis, subject, date)?;
    Ok(program.customer_traits().is_empty() && !program.scores.iter().any(ScoreColumn::is_learned))
}

/// The places of those that hold subjects against each other, and of the others.
fn ranking(
    basis: &Basis<'_>,
    subject: Subject,
    tracked: &[Tracked],
    dates: &[DateTime<Utc>],
) -> Result<(Vec<usize>, Vec<usize>)> {
    let (mut ranking, mut alone) = (Vec::new(), Vec::new());
    let Some(first) = dates.first() else { return Ok((ranking, (0..tracked.len()).collect())) };
    for (place, each) in tracked.iter().enumerate() {
        let program = Asked::of(std::slice::from_ref(each)).compile(basis, subject, *first)?;
        let of = if OverTime::is_alone(&program) { &mut alone } else { &mut ranking };
        of.push(place);
    }
    Ok((ranking, alone))
}

pub(super) fn planning(subject: Subject) -> String {
    format!("cannot plan what is asked of {subject}")
}

/// What is asked at each date.
pub(super) struct Asked<'a> {
    tracked: &'a [Tracked],
    conditions: Vec<Condition>,
    terms: Vec<Term>,
    /// Of each that is tracked: where its condition stands, where the one that may be unknown, and where its values do.
    places: Vec<Place>,
}

#[derive(Clone, Copy)]
struct Place {
    is_in: usize,
    decided_by: usize,
    values: Option<ValuesOf>,
}

#[derive(Clone, Copy)]
enum ValuesOf {
    Term(usize),
    Condition(usize),
}

impl<'a> Asked<'a> {
    pub(super) fn of(tracked: &'a [Tracked]) -> Asked<'a> {
        let mut asked = Asked { tracked, conditions: Vec::new(), terms: Vec::new(), places: Vec::new() };
        for each in tracked {
            let is_in = place_of(&mut asked.conditions, &each.is_in);
            let decided_by = each.decided_by.as_ref();
            let decided_by = decided_by.map_or(is_in, |by| place_of(&mut asked.conditions, by));
            let values = each.measure.as_ref().map(|measure| match measure {
                Measure::Value(term) => ValuesOf::Term(place_of(&mut asked.terms, term)),
                Measure::Holds(condition) => ValuesOf::Condition(place_of(&mut asked.conditions, condition)),
            });
            asked.places.push(Place { is_in, decided_by, values });
        }
        asked
    }

    pub(super) fn compile(
        &self,
        basis: &Basis<'_>,
        subject: Subject,
        as_of: DateTime<Utc>,
    ) -> Result<Program> {
        let question = Question { conditions: &self.conditions, terms: &self.terms, ..Question::default() };
        let setting = Setting { as_of, ..basis.setting(subject) };
        compile_only(&setting, &question).map_err(|faults| basis.project.refused(faults))
    }

    /// How many conditions there are.
    pub(super) fn n_conditions(&self) -> usize {
        self.conditions.len()
    }

    /// Who of a batch is in, of those who were known: `conditions` is where those of the date begin.
    pub(super) fn members(
        &self,
        batch: &RecordBatch,
        track: usize,
        known: &BooleanBuffer,
        conditions: usize,
    ) -> Result<BooleanBuffer> {
        Ok(&certain(truths(batch, conditions + self.places[track].is_in)?) & known)
    }

    /// Who stands where, of a batch: `conditions` and `terms` are where those of the date begin.
    fn standing(
        &self,
        batch: &RecordBatch,
        track: usize,
        known: &BooleanBuffer,
        (conditions, terms): (usize, usize),
    ) -> Result<(Standing, Option<Float64Array>)> {
        let place = self.places[track];
        let is_in = truths(batch, conditions + place.is_in)?;
        let standing = Standing::of(known, is_in, truths(batch, conditions + place.decided_by)?);
        let values = match place.values {
            None => None,
            Some(ValuesOf::Condition(at)) => Some(numbers(batch, conditions + at)?),
            Some(ValuesOf::Term(at)) => Some(numbers(batch, terms + at)?),
        };
        Ok((standing, values))
    }
}

fn place_of<T: PartialEq + Clone>(all: &mut Vec<T>, one: &T) -> usize {
    all.iter().position(|each| each == one).unwrap_or_else(|| {
        all.push(one.clone());
        all.len() - 1
    })
}

/// A column of values, or of truths as 1 and 0.
fn numbers(batch: &RecordBatch, at: usize) -> Result<Float64Array> {
    let column = batch.column(at);
    let numbers = cast(column, &DataType::Float64);
    let numbers = numbers.ok().and_then(|numbers| numbers.as_primitive_opt::<Float64Type>().cloned());
    numbers.ok_or_else(|| {
        let message = format!("what is measured has to be a number, and is of type {}", column.data_type());
        Error::new(ErrorCode::InvalidDefinition, message)
    })
}

/// Dates that are evaluated together.
struct Pass<'a> {
    asked: &'a Asked<'a>,
    /// The first date that is evaluated, …
    first: usize,
    /// … and those that are counted.
    from: usize,
    until: usize,
}

impl Pass<'_> {
    async fn run(
        &self,
        basis: &Basis<'_>,
        subject: Subject,
        together: &OverTime,
        found: &mut Outcome,
    ) -> Result<()> {
        let (whole, rows) = basis.evaluate(together.whole.clone(), &BTreeSet::new()).await?;
        let memberships = basis.memberships_if(together.asks_for_memberships()).await?;
        let answer = together.of_whole(whole).answer(rows, &memberships, Vec::new());
        let mut answers = run::stream(answer.context(planning(subject))?).await.context(evaluating())?;
        while let Some(batch) = answers.try_next().await.context(evaluating())? {
            self.add(&batch, found)?;
        }
        Ok(())
    }

    fn add(&self, batch: &RecordBatch, found: &mut Outcome) -> Result<()> {
        let (n_conditions, n_terms) = (self.asked.conditions.len(), self.asked.terms.len());
        let n_dates = self.until - self.first;
        let mut before: Vec<Option<BooleanBuffer>> = vec![None; self.asked.tracked.len()];
        for date in self.first..self.until {
            let place = date - self.first;
            let conditions = place * (1 + n_conditions);
            let terms = n_dates * (1 + n_conditions) + place * n_terms;
            let known = certain(truths(batch, conditions)?);
            if date >= self.from {
                found.n_subjects[date] += known.count_set_bits() as u64;
            }
            for (track, before) in before.iter_mut().enumerate() {
                let (standing, values) =
                    self.asked.standing(batch, track, &known, (conditions + 1, terms))?;
                let moment = &mut found.tracks[track][date];
                if date >= self.from {
                    moment.add(&standing);
                    if let Some(before) = before.as_ref() {
                        moment.compare(before, &standing.members);
                    }
                    let of_former = self.asked.tracked[track].is_of_former;
                    let of = if of_former { before.as_ref() } else { Some(&standing.members) };
                    if let Some((of, values)) = of.zip(values.as_ref()) {
                        moment.measure(of, values);
                    }
                }
                *before = Some(standing.members);
            }
        }
        Ok(())
    }
}

pub(super) fn evaluating() -> &'static str {
    "cannot evaluate the conditions"
}

/// Evaluates date after date, and holds members against those of the date before by their ids.
async fn date_by_date(
    basis: &Basis<'_>,
    subject: Subject,
    asked: &Asked<'_>,
    dates: &[DateTime<Utc>],
    mut found: Outcome,
) -> Result<Outcome> {
    let mut before: Vec<Option<HashSet<Box<str>>>> = vec![None; asked.tracked.len()];
    for (date, as_of) in dates.iter().enumerate() {
        let basis = basis.at(*as_of);
        let program = asked.compile(&basis, subject, *as_of)?;
        let (program, rows) = basis.evaluate(program, &BTreeSet::new()).await?;
        let memberships = basis.memberships(&program).await?;
        let id: Vec<Expr> = vec![ident(subject.id_column())];
        let answer = program.answer(rows, &memberships, id).context(planning(subject))?;
        let mut members: Vec<HashSet<Box<str>>> = vec![HashSet::new(); asked.tracked.len()];
        let mut answers = run::stream(answer).await.context(evaluating())?;
        while let Some(batch) = answers.try_next().await.context(evaluating())? {
            found.n_subjects[date] += batch.num_rows() as u64;
            let (ids, known) = (texts(&batch, 0)?, BooleanBuffer::new_set(batch.num_rows()));
            for (track, members) in members.iter_mut().enumerate() {
                let places = (1, 1 + asked.conditions.len());
                let (standing, values) = asked.standing(&batch, track, &known, places)?;
                let moment = &mut found.tracks[track][date];
                moment.add(&standing);
                let former = before[track].as_ref().map(|before| {
                    BooleanBuffer::collect_bool(ids.len(), |row| before.contains(ids.value(row)))
                });
                let of_former = asked.tracked[track].is_of_former;
                let of = if of_former { former.as_ref() } else { Some(&standing.members) };
                if let Some((of, values)) = of.zip(values.as_ref()) {
                    moment.measure(of, values);
                }
                members.extend(standing.members.set_indices().map(|row| Box::from(ids.value(row))));
            }
        }
        for ((track, before), members) in found.tracks.iter_mut().zip(&mut before).zip(members) {
            if let Some(before) = before {
                let n_both = members.iter().filter(|id| before.contains(*id)).count();
                track[date].changed(members.len() - n_both, before.len() - n_both);
            }
            *before = Some(members);
        }
        found.n_passes += 1;
    }
    Ok(found)
}
