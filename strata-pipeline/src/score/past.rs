//! What was known of customers at an earlier instant, and what they have done since: the program of the present, run at that instant
//! and at this one over a sample of them.

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
use strata_spec::definition::{PURCHASES, SPEND};
use strata_spec::error::ErrorCode;
use strata_spec::table::{Subject, Table};

use crate::compile::{self, Earlier, Mapped, OverTime, Question, Setting, Tables};
use crate::error::{Context, Error, Result};
use crate::function::bucket_of;
use crate::layout::{N_PARTS_TO_TAKE, is_in_first_parts, where_first_parts_lie};
use crate::preview::{texts, truths};
use crate::run::{self, Run};

/// So many customers are looked at, if there are so many.
pub(super) const SAMPLE: usize = 50_000;
/// What decides who is, with the id.
const SALT: &str = "holdout";
/// Of the time that is known, this part is held out, …
const PART_HELD_OUT: f64 = 1.0 / 3.0;
/// … but a year at most, and no less than a month.
const DAYS_HELD_OUT: std::ops::RangeInclusive<i64> = 30..=365;
/// At so many instants the course of purchases is looked at.
const N_STEPS: i32 = 24;

/// What was known of customers at an earlier instant, and what they have done since. A value each, not a number where there is none.
pub(super) struct Past {
    /// The instant.
    pub(super) at: DateTime<Utc>,
    /// How long ago it was, in days.
    pub(super) days: f64,
    /// Whether these are all customers.
    pub(super) is_everybody: bool,
    /// By then: [`PURCHASES`] and [`SPEND`].
    pub(super) frequency: Vec<f64>,
    pub(super) recency: Vec<f64>,
    pub(super) tenure: Vec<f64>,
    pub(super) monetary_value: Vec<f64>,
    /// What they had paid by then, and in a time as long as what is held out before it.
    pub(super) revenue: Vec<f64>,
    pub(super) revenue_lately: Vec<f64>,
    /// What the formula of lifetime value makes of the time that is held out.
    pub(super) formula: Vec<f64>,
    /// Purchase days since, and what was paid.
    pub(super) purchases_since: Vec<f64>,
    pub(super) revenue_since: Vec<f64>,
    /// Of each condition that was asked, whether it held by then.
    pub(super) among: Vec<Vec<bool>>,
    /// Instants in days from the first customer's first purchase, and each one's repeat purchase days by then.
    pub(super) steps: Vec<(f64, Vec<f64>)>,
}

/// Looks back as far as the customers' history allows; in words why it does not where it does not.
///
/// # Errors
/// When a table cannot be read.
pub(super) async fn look_back(
    run: &Run,
    engine: &Engine,
    conditions: &[Condition],
) -> Result<std::result::Result<Past, String>> {
    let subject = Subject::Customers;
    let profile = run::read(run, engine, subject.profile_table()).await?;
    let span = longest_tenure(profile).await.context("cannot read how long customers have been known")?;
    let days = ((span * PART_HELD_OUT) as i64).min(*DAYS_HELD_OUT.end());
    if !DAYS_HELD_OUT.contains(&days) {
        let least = (*DAYS_HELD_OUT.start() as f64 / PART_HELD_OUT).ceil();
        return Ok(Err(format!(
            "customers have been known for {span:.0} days, and it takes {least:.0} to hold a part of them out"
        )));
    }
    let mapped = Mapped::of(&run.project.manifest);
    let setting = |as_of| Setting {
        subject,
        as_of,
        timezone: run.project.timezone,
        fiscal_year_start: run.project.manifest.fiscal_year_start,
        definitions: &run.project.manifest.definitions,
        properties: &run.project.manifest.properties,
        mapped: &mapped,
    };
    let compile = |as_of: DateTime<Utc>, conditions: &[Condition], terms: &[Term]| {
        let question = Question { conditions, terms, ..Question::default() };
        compile::compile_only(&setting(as_of), &question).map_err(|faults| run.project.refused(faults))
    };
    let terms = |texts: &[String]| -> Result<Vec<Term>> {
        let parsed = texts.iter().map(|text| Term::parse(text, subject)).collect::<Result<Vec<_>, _>>();
        parsed.map_err(|fault| run.project.refused(vec![fault]))
    };
    let at = run.as_of - TimeDelta::days(days);
    let of_the_past = terms(&words_of_the_past(days))?;
    let two = [at, run.as_of].map(|as_of| compile(as_of, conditions, &of_the_past));
    let two = two.into_iter().collect::<Result<Vec<_>>>()?;
    let frequency = terms(&[PURCHASES[0].to_owned()])?;
    let step = |n: i32| run.as_of - TimeDelta::days(span as i64) + TimeDelta::days(span as i64) * n / N_STEPS;
    let instants: Vec<DateTime<Utc>> = (1..=N_STEPS).map(step).collect();
    let course = instants.iter().map(|as_of| compile(*as_of, &[], &frequency)).collect::<Result<Vec<_>>>()?;
    let planning = "cannot plan what was known of customers";
    let (Some(two), Some(course)) =
        (OverTime::of(two).context(planning)?, OverTime::of(course).context(planning)?)
    else {
        return Ok(Err("the traits that it takes hold customers against each other".to_owned()));
    };

    let draw = Draw::of(count(run, engine, subject).await?);
    let answered = draw.answer(run, engine, &two).await?;
    let n_conditions = conditions.len();
    let (first, n_terms) = (2 * (1 + n_conditions), of_the_past.len());
    let column = |place: usize| answered.numbers(first + place);
    let [frequency, recency, tenure, monetary_value, revenue, revenue_lately, formula] =
        std::array::from_fn(column);
    let since = |place: usize, before: &[f64]| {
        let now = answered.numbers(first + n_terms + place);
        now.iter().zip(before).map(|(now, before)| now - before).collect()
    };
    let (purchases_since, revenue_since) = (since(0, &frequency), since(4, &revenue));
    let among = (0..n_conditions).map(|place| answered.holds(1 + place)).collect();
    let course = draw.answer(run, engine, &course).await?;
    let begin = run.as_of - TimeDelta::days(span as i64);
    let steps = instants.iter().enumerate().map(|(place, instant)| {
        let days = (*instant - begin).as_seconds_f64() / 86_400.0;
        (days, course.numbers(instants.len() + place))
    });
    Ok(Ok(Past {
        at,
        days: days as f64,
        is_everybody: draw.is_everybody(),
        steps: steps.collect(),
        frequency,
        recency,
        tenure,
        monetary_value,
        revenue,
        revenue_lately,
        formula,
        purchases_since,
        revenue_since,
        among,
    }))
}

/// What is asked of each customer at both instants.
fn words_of_the_past(days: i64) -> [String; 7] {
    let [frequency, recency, tenure] = PURCHASES.map(str::to_owned);
    [
        frequency,
        recency,
        tenure,
        SPEND.to_owned(),
        "revenue".to_owned(),
        format!("sum(orders.amount) filter (where in_last('{days} days'))"),
        format!(
            "case when days_since_last_order <= lapse_days then mean_order_value * orders_per_year * {days} / 365.25 \
             when n_orders >= 1 then 0 end"
        ),
    ]
}

async fn longest_tenure(profile: DataFrame) -> strata_lake::datafusion::error::Result<f64> {
    let longest = profile.aggregate(vec![], vec![max(ident(PURCHASES[2])).alias("longest")])?;
    let batches = longest.collect().await?;
    let Some(batch) = batches.first().filter(|batch| batch.num_rows() > 0) else { return Ok(0.0) };
    let longest = cast(batch.column(0), &DataType::Float64)?;
    let longest = longest.as_primitive::<Float64Type>();
    Ok(if longest.is_null(0) { 0.0 } else { longest.value(0) })
}

async fn count(run: &Run, engine: &Engine, subject: Subject) -> Result<u64> {
    let rows = run::read(run, engine, subject.as_str()).await?;
    Ok(rows.count().await.context("cannot count customers")? as u64)
}

/// Who is looked at: those in so many of the parts that large tables lie in, and of them those whose hash lies below.
struct Draw {
    n_parts: usize,
    below: f64,
}

impl Draw {
    fn of(n_subjects: u64) -> Draw {
        let parts = SAMPLE as f64 / n_subjects.max(1) as f64 * N_PARTS_TO_TAKE as f64;
        let n_parts = parts.ceil().clamp(1.0, N_PARTS_TO_TAKE as f64);
        Draw { n_parts: n_parts as usize, below: parts / n_parts }
    }

    fn is_everybody(&self) -> bool {
        self.below >= 1.0
    }

    /// What programs at several instants say of those who are drawn, in the order of their ids.
    async fn answer(&self, run: &Run, engine: &Engine, programs: &OverTime) -> Result<Answer> {
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
        let parts = where_first_parts_lie(engine, name, version, of, self.n_parts).await.context(reading())?;
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
            let is_read: ArrayRef = std::sync::Arc::new(ids.clone());
            let may = is_in_first_parts(&is_read, self.n_parts).context("cannot draw a sample")?;
            let is_drawn = |row: &usize| {
                let is_there = self.n_parts == N_PARTS_TO_TAKE || may.value(*row);
                is_there && bucket_of(ids.value(*row), SALT) < self.below
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
struct Answer {
    batches: Vec<RecordBatch>,
    places: Vec<(usize, usize)>,
}

impl Answer {
    /// A column after the id as numbers, not a number where there is none.
    fn numbers(&self, place: usize) -> Vec<f64> {
        let columns = self.batches.iter().map(|batch| cast(batch.column(1 + place), &DataType::Float64).ok());
        let columns: Vec<Option<ArrayRef>> = columns.collect();
        let value = |(batch, row): &(usize, usize)| {
            let column = columns[*batch].as_ref()?.as_primitive_opt::<Float64Type>()?;
            column.is_valid(*row).then(|| column.value(*row))
        };
        self.places.iter().map(|place| value(place).unwrap_or(f64::NAN)).collect()
    }

    /// A column after the id as truths; what is unknown does not hold.
    fn holds(&self, place: usize) -> Vec<bool> {
        let columns: Vec<_> = self.batches.iter().map(|batch| truths(batch, 1 + place).ok()).collect();
        let holds = |(batch, row): &(usize, usize)| {
            columns[*batch].as_ref().is_some_and(|column| column.is_valid(*row) && column.value(*row))
        };
        self.places.iter().map(holds).collect()
    }
}
