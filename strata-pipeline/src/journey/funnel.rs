//! A funnel: how many customers go through steps in their order within a time, and where they drop off.

use std::collections::BTreeMap;
use std::collections::HashMap;

use serde::Serialize;
use strata_lake::arrow::array::AsArray;
use strata_lake::arrow::datatypes::{DataType, Int64Type, TimestampMicrosecondType};
use strata_lake::datafusion::logical_expr::{cast, lit};
use strata_lake::datafusion::prelude::ident;
use strata_models::journey::funnel::{FunnelEvents, funnel as follow};
use strata_spec::condition::{Condition, Interval, Sequence};
use strata_spec::error::{ErrorCode, nearest};
use strata_spec::name::UNASSIGNED;
use strata_spec::table::{Kind, Subject, Table};

use super::failed;
use super::history::DAY;
use crate::compile::{data_type, instant, steps_of_rows};
use crate::error::{Context, Error, Result};
use crate::preview::{Basis, refused, texts};
use crate::project::Project;
use crate::query::ask::ask;
use crate::query::{View, quoted};

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct FunnelAsk<'a> {
    /// The steps in their order: each the name of an event, a condition on events, a table as `orders`, or a `step(…)` of the language.
    pub steps: &'a [String],
    /// In which time after the first step the others have to come, as `30 days`.
    pub within: &'a str,
    /// The segmentation of customers whose classes are told apart, by where they are now.
    pub by: Option<&'a str>,
}

/// How many go through the steps.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Funnel {
    /// In which time after the first step the others have to come, in days.
    pub within_days: f64,
    /// How many customers there are.
    pub n_customers: u64,
    /// Of all customers.
    pub steps: Vec<FunnelStep>,
    /// Of the customers of each class.
    pub classes: Vec<FunnelClass>,
}

/// The customers of a class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FunnelClass {
    /// The class.
    pub class: String,
    /// How many they are.
    pub n_customers: u64,
    /// How many of them go through the steps.
    pub steps: Vec<FunnelStep>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FunnelStep {
    /// As it was asked.
    pub step: String,
    /// How many reached it.
    pub n: u64,
    /// Their share of those who reached the step before; of the first step, of all customers.
    pub conversion: Option<f64>,
    /// Between these the share lies with 95 % confidence (Wilson).
    pub conversion_interval: Option<(f64, f64)>,
    /// Their share of those who reached the first step.
    pub conversion_from_first: Option<f64>,
    /// Between these that share lies with 95 % confidence (Wilson).
    pub conversion_from_first_interval: Option<(f64, f64)>,
    /// How many of those who reached the step before did not reach this one.
    pub n_dropped: u64,
    /// The median of the days from the step before.
    pub median_days: Option<f64>,
}

/// Follows customers through steps.
///
/// # Errors
/// `NotFound` where there is no such event or segmentation, or a table has no rows; `InvalidDefinition` with the place of a fault of a step.
pub async fn funnel(project: &Project, view: &View, asked: &FunnelAsk<'_>) -> Result<Funnel> {
    if asked.steps.len() < 2 {
        let error = Error::new(ErrorCode::InvalidDefinition, "a funnel has two steps or more");
        return Err(error.with_hint(
            "name them in their order: `strata journey funnel product_viewed add_to_cart orders`",
        ));
    }
    let window = window(asked.within)?;
    let sequence = sequence(project, view, asked.steps).await?;
    let customers = Customers::read(view, asked.by).await?;
    let rows = rows(project, view, &sequence, &customers).await?;
    let told = |only: Option<usize>| -> Result<(u64, Vec<FunnelStep>)> {
        let (mut ends, mut times, mut steps) = (Vec::new(), Vec::new(), Vec::new());
        for (customer, class) in customers.classes.iter().enumerate() {
            if only.is_some_and(|only| *class != only) {
                continue;
            }
            for (_, time, step) in rows_of(&rows, customer as u32) {
                times.push(*time);
                steps.push(*step);
            }
            ends.push(times.len());
        }
        let events = FunnelEvents { ends: &ends, times: &times, steps: &steps };
        let found = follow(&events, asked.steps.len(), window).map_err(failed)?;
        let steps = asked.steps.iter().zip(found.steps).map(|(step, found)| FunnelStep {
            step: step.trim().to_owned(),
            n: found.n_customers,
            conversion: found.conversion,
            conversion_interval: found.conversion_interval,
            conversion_from_first: found.conversion_from_first,
            conversion_from_first_interval: found.conversion_from_first_interval,
            n_dropped: found.n_dropped,
            median_days: found.median_time.map(|time| time / DAY as f64),
        });
        Ok((ends.len() as u64, steps.collect()))
    };
    let (n_customers, steps) = told(None)?;
    let classes = customers.names.iter().enumerate().map(|(place, class)| {
        let (n_customers, steps) = told(Some(place))?;
        Ok(FunnelClass { class: class.clone(), n_customers, steps })
    });
    let classes = if asked.by.is_some() { classes.collect::<Result<Vec<_>>>()? } else { Vec::new() };
    Ok(Funnel { within_days: window as f64 / DAY as f64, n_customers, steps, classes })
}

/// A time that is as long for everybody, in microseconds.
pub(super) fn window(text: &str) -> Result<i64> {
    let length =
        Interval::parse(text).map_err(|fault| Error::of_definitions(vec![fault.in_place("within")]))?;
    let micros = i64::from(length.days).checked_mul(DAY).zip(length.seconds.checked_mul(1_000_000));
    let micros = micros.and_then(|(days, seconds)| days.checked_add(seconds));
    match micros {
        Some(micros) if length.months == 0 && length.is_positive() => Ok(micros),
        _ => {
            let message = format!("`{text}` is not a time that is as long for everybody");
            Err(Error::new(ErrorCode::InvalidDefinition, message)
                .with_hint("give days or hours, as `--within '30 days'`"))
        }
    }
}

/// The steps in the language's words.
async fn sequence(project: &Project, view: &View, steps: &[String]) -> Result<Sequence> {
    let names = match view.complete.tables.contains_key(Table::Events.as_str()) {
        true => {
            ask(view, "list the events", "select distinct name from events where name is not null order by 1")
                .await?
        }
        false => Vec::new(),
    };
    let names: Vec<&str> = names.iter().map(|row| row.text(0)).collect();
    let words = steps.iter().map(|step| in_words(step.trim(), &names)).collect::<Result<Vec<_>>>()?;
    let text = format!("sequence(\n{}\n)", words.join(",\n"));
    let manifest = &project.manifest;
    let condition = manifest.definitions.read_condition(&text, Subject::Customers, &manifest.properties);
    let Condition::Sequence(sequence) = condition.map_err(|faults| refused(project, &text, faults))? else {
        return Err(Error::new(ErrorCode::Internal, "the steps of a funnel are no sequence"));
    };
    if sequence.steps.iter().any(|step| step.absent || step.within.is_some()) {
        let error =
            Error::new(ErrorCode::InvalidDefinition, "a step of a funnel is a row that comes, at any time");
        return Err(error.with_hint(
            "say with --within by when all have to come; segments can say more: docs/language.md, Sequences",
        ));
    }
    Ok(*sequence)
}

/// A step in the language's words.
fn in_words(step: &str, names: &[&str]) -> Result<String> {
    if step.starts_with("step(") {
        return Ok(step.to_owned());
    }
    if let Some(table) = Table::parse(step).filter(|table| *table != Table::Events) {
        return Ok(format!("step({table})"));
    }
    let is_so = names.iter().find(|name| **name == step);
    let is_like = || names.iter().find(|name| name.to_lowercase() == step.to_lowercase());
    if let Some(name) = is_so.or_else(is_like) {
        return Ok(format!("step(events, name = {})", quoted(name)));
    }
    let is_name = step.chars().all(|each| each.is_alphanumeric() || " _-.:/$&".contains(each));
    if !is_name {
        return Ok(format!("step(events, {step})"));
    }
    if names.is_empty() {
        let error = Error::new(ErrorCode::NotFound, "the last run has no events");
        return Err(error.with_hint(
            "map a source's columns to events.name and events.occurred_at: visits, clicks, e-mails",
        ));
    }
    let error = Error::new(ErrorCode::NotFound, format!("no event is called `{step}`"));
    Err(match nearest(step, names.iter().copied()) {
        Some(near) => error.with_hint(format!("did you mean `{near}`?")),
        None => error.with_hint(
            "`strata sql \"select name, count(*) from events group by 1\"` lists them; `orders` is an order",
        ),
    })
}

/// All customers, and the class of each.
struct Customers {
    places: HashMap<String, u32>,
    /// By customer, the place of the class.
    classes: Vec<usize>,
    /// The classes.
    names: Vec<String>,
}

impl Customers {
    async fn read(view: &View, by: Option<&str>) -> Result<Customers> {
        let id = Subject::Customers.id_column();
        if !view.complete.tables.contains_key(Subject::Customers.profile_table()) {
            let error = Error::new(ErrorCode::NotFound, "the last run knew no customers");
            return Err(error.with_hint("`strata check` says what the sources map"));
        }
        let (names, query) = match by {
            None => (vec![String::new()], format!("select {id}, '' from profile order by 1")),
            Some(name) => {
                let query = format!(
                    "select p.{id}, coalesce(m.segment, '{UNASSIGNED}') from profile p left join (select subject_id, segment \
                     from membership where subject = 'customers' and segmentation = {} and left_at is null) m \
                     on m.subject_id = p.{id} order by 1",
                    quoted(name)
                );
                (classes(view, name).await?, query)
            }
        };
        let mut found = Customers { places: HashMap::new(), classes: Vec::new(), names };
        let places: BTreeMap<String, usize> =
            found.names.iter().enumerate().map(|(place, name)| (name.clone(), place)).collect();
        let (_, batches) = view.sql(&query).await?.batches().await?;
        for batch in &batches {
            let (ids, classes) = (texts(batch, 0)?, texts(batch, 1)?);
            for row in 0..batch.num_rows() {
                found.places.insert(ids.value(row).to_owned(), found.classes.len() as u32);
                found.classes.push(places.get(classes.value(row)).copied().unwrap_or_default());
            }
        }
        Ok(found)
    }
}

/// The classes of a segmentation of customers in their order.
async fn classes(view: &View, name: &str) -> Result<Vec<String>> {
    let query = "select segmentation, segment from segment where subject = 'customers' and segmentation is not null \
                 order by segmentation, position, segment";
    let rows = ask(view, "list the classes of segmentations", query).await?;
    let classes: Vec<String> =
        rows.iter().filter(|row| row.text(0) == name).map(|row| row.text(1).to_owned()).collect();
    if !classes.is_empty() {
        return Ok(classes);
    }
    let error = Error::new(ErrorCode::NotFound, format!("there is no segmentation `{name}` of customers"));
    Err(match nearest(name, rows.iter().map(|row| row.text(0))) {
        Some(near) => error.with_hint(format!("did you mean `{near}`?")),
        None => error.with_hint("`strata segments list` lists them"),
    })
}

/// A customer's place, when, and which step.
type StepRow = (u32, i64, u8);

/// The rows that are a step, by customer, time and step.
async fn rows(
    project: &Project,
    view: &View,
    sequence: &Sequence,
    customers: &Customers,
) -> Result<Vec<StepRow>> {
    let basis = Basis::open(project, view, None).await?;
    let setting = basis.setting(Subject::Customers);
    let steps = steps_of_rows(&setting, sequence).map_err(|fault| Error::of_definitions(vec![fault]))?;
    let id = Subject::Customers.id_column();
    let mut found = Vec::new();
    for (table, steps) in steps {
        let reading = || format!("cannot look for the steps among {table}");
        let Some(version) = view.complete.tables.get(table.as_str()) else {
            let error = Error::new(ErrorCode::NotFound, format!("the last run has no {table}"));
            return Err(error.with_hint("`strata check` says what the sources map"));
        };
        let frame = view.engine().table(table.as_str(), *version).await.context(reading())?;
        let time = || cast(ident(table.time_column()), data_type(Kind::Timestamp));
        let frame = frame
            .filter(ident(id).is_not_null().and(time().lt_eq(instant(view.complete.as_of))))
            .and_then(|frame| {
                frame.select(vec![ident(id), time().alias("at"), cast(steps, DataType::Int64).alias("steps")])
            })
            .and_then(|frame| frame.filter(ident("steps").gt(lit(0_i64))))
            .context(reading())?;
        for batch in frame.collect().await.context(reading())? {
            let ids = texts(&batch, 0)?;
            let of_another_type = || Error::new(ErrorCode::Internal, reading());
            let times =
                batch.column(1).as_primitive_opt::<TimestampMicrosecondType>().ok_or_else(of_another_type)?;
            let steps = batch.column(2).as_primitive_opt::<Int64Type>().ok_or_else(of_another_type)?;
            for row in 0..batch.num_rows() {
                let Some(customer) = customers.places.get(ids.value(row)) else { continue };
                let bits = steps.value(row);
                let is_step = |step: &usize| bits & (1_i64 << step) != 0;
                let steps = (0..sequence.steps.len()).filter(is_step);
                found.extend(steps.map(|step| (*customer, times.value(row), step as u8)));
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}

fn rows_of(rows: &[StepRow], customer: u32) -> &[StepRow] {
    let begin = rows.partition_point(|row| row.0 < customer);
    let end = rows.partition_point(|row| row.0 <= customer);
    &rows[begin..end]
}
