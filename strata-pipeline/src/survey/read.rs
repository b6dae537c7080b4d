//! The latest answers of each customer to the items of a survey.

use std::collections::HashMap;

use futures::TryStreamExt;
use strata_lake::arrow::array::{Array, AsArray};
use strata_lake::arrow::datatypes::Float64Type;
use strata_spec::manifest::Survey;
use strata_spec::table::{Subject, Table};

use crate::error::{Context, Result};
use crate::preview::texts;
use crate::query::ask::{ask, instant_literal};
use crate::query::{View, quoted};
use crate::run;

/// Answers as points of their scales, a column for each item in the order in which they are asked; NaN where somebody has not answered.
#[derive(Debug, Clone)]
pub(super) struct Answered {
    pub(super) customers: Vec<String>,
    pub(super) items: Vec<String>,
    pub(super) points: Vec<Vec<f64>>,
}

/// Answers to rated items; none of another survey. Whoever has no profile, since they object to profiling, has no answers either.
///
/// # Errors
/// When the table of answers cannot be read.
pub(super) async fn answers(view: &View, survey: &Survey) -> Result<Answered> {
    let items: Vec<String> =
        survey.rating().into_iter().flat_map(|rating| &rating.items).map(|item| item.id.clone()).collect();
    let mut answered = Answered { customers: Vec::new(), points: vec![Vec::new(); items.len()], items };
    let latest = "cast(last_value(points order by answered_at nulls first, points) as double)";
    let Some(query) = latest_of(view, survey, &answered.items, latest) else { return Ok(answered) };
    let reading = || format!("cannot read the answers to `{}`", survey.name);
    let frame = view.engine().sql(&query, &view.complete.tables).await.context(reading())?;
    let places: HashMap<String, usize> =
        answered.items.iter().enumerate().map(|(place, item)| (item.clone(), place)).collect();
    let mut stream = run::stream(frame).await.context(reading())?;
    while let Some(batch) = stream.try_next().await.context(reading())? {
        let (customers, items) = (texts(&batch, 0)?, texts(&batch, 1)?);
        let points = batch.column(2).as_primitive::<Float64Type>();
        for row in 0..batch.num_rows() {
            let Some(place) = places.get(items.value(row)) else { continue };
            if answered.customers.last().is_none_or(|last| last != customers.value(row)) {
                answered.customers.push(customers.value(row).to_owned());
                answered.points.iter_mut().for_each(|column| column.push(f64::NAN));
            }
            if let Some(last) = answered.points[*place].last_mut().filter(|_| points.is_valid(row)) {
                *last = points.value(row);
            }
        }
    }
    Ok(answered)
}

/// What was chosen of sets, a column for each item: the trait of what was; none where somebody has not answered.
#[derive(Debug, Clone, Default)]
pub(super) struct ChosenOf {
    pub(super) customers: Vec<String>,
    /// By item, as they were asked for.
    pub(super) chosen: Vec<Vec<Option<String>>>,
}

/// The latest choices of each customer.
///
/// # Errors
/// When the table of answers cannot be read.
pub(super) async fn choices(view: &View, survey: &Survey, items: &[String]) -> Result<ChosenOf> {
    let mut all = ChosenOf { customers: Vec::new(), chosen: vec![Vec::new(); items.len()] };
    // Of answers at one instant the greatest is the latest, as it is to the traits.
    let latest = "last_value(scale order by answered_at nulls first, scale)";
    let Some(query) = latest_of(view, survey, items, latest) else { return Ok(all) };
    for row in ask(view, &format!("read the answers to `{}`", survey.name), &query).await? {
        let Some(place) = items.iter().position(|item| item == row.text(1)) else { continue };
        if all.customers.last().is_none_or(|last| last != row.text(0)) {
            all.customers.push(row.text(0).to_owned());
            all.chosen.iter_mut().for_each(|column| column.push(None));
        }
        if let Some(last) = all.chosen[place].last_mut() {
            *last = row.maybe(2).map(str::to_owned);
        }
    }
    Ok(all)
}

/// The query for the latest answers to some items, customer by customer; none where there are no answers.
fn latest_of(view: &View, survey: &Survey, items: &[String], latest: &str) -> Option<String> {
    let table = Table::Responses.as_str();
    if !view.complete.tables.contains_key(table) || items.is_empty() {
        return None;
    }
    let listed: Vec<String> = items.iter().map(|item| quoted(item)).collect();
    let as_of = instant_literal(view.complete.as_of);
    Some(format!(
        "select customer_id, item, {latest} as latest from {table} \
         where customer_id in (select customer_id from {}) and points is not null and item in ({}) \
           and (answered_at is null or answered_at <= {as_of}) and {} group by 1, 2 order by 1",
        Subject::Customers.profile_table(),
        listed.join(", "),
        survey.still_counts(&as_of),
    ))
}
