//! Over which channels customers come to order: association, not incrementality.
//!
//! A touch is an event that a customer did, with a channel; what only happened to the customer, as a mail that arrived, is none. Touches
//! between which no more than a given time lies, and the order that follows within it, are a path.

use serde::Serialize;
use strata_lake::arrow::array::{Array, AsArray, RecordBatch, StringArray};
use strata_lake::arrow::datatypes::Int64Type;
use strata_models::journey::attribution::{CAVEAT, attribute};
use strata_models::journey::paths::{Outcome, Paths};
use strata_spec::error::{ErrorCode, nearest};
use strata_spec::table::{Kind, Subject, Table};

use super::funnel::window;
use super::history::DAY;
use super::{failed, instant};
use crate::error::{Error, Result};
use crate::preview::{Basis, texts};
use crate::project::Project;
use crate::query::ask::ask;
use crate::query::{View, instant as in_sql};

/// Events that happen to a customer, by their names in lower case, as the shipped traits know them.
const HAPPENED: &str = "received|delivered|bounce|dropped|spam|unsubscrib|cancel|refund|fulfilled|shipped|email.?sent|sent.?email";
/// The channel where none is named: of mail, the one that its event's name tells.
const CHANNEL: &str = "coalesce(e.channel, case when lower(e.name) like '%mail%' then 'email' end)";
/// Touches of one channel with less time between them, or of one session, are one.
const ONE_VISIT: i64 = DAY / 48;

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct AttributionAsk<'a> {
    /// The column of events by which touches are told apart; the channel unless given.
    pub by: Option<&'a str>,
    /// So much time may lie between a touch and what follows it, as `30 days`.
    pub within: &'a str,
}

/// What orders are ascribed to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Attribution {
    /// What all of this is: association, not incrementality.
    pub caveat: &'static str,
    /// By what touches are told apart.
    pub by: String,
    /// How much time may lie between a touch and what follows it, in days.
    pub within_days: f64,
    /// The first touch; earlier orders are left out.
    pub since: chrono::DateTime<chrono::Utc>,
    /// How many touches there are.
    pub n_touches: u64,
    /// How many orders of known customers there have been since.
    pub n_orders: u64,
    /// How many of them followed a touch in time, and are ascribed.
    pub n_converted: u64,
    /// How many paths led to no order.
    pub n_lost: u64,
    /// How many paths an order can still follow.
    pub n_open: u64,
    /// The share of paths that led to an order.
    pub conversion: f64,
    /// By channel, the one with most first.
    pub channels: Vec<Credit>,
}

/// What is ascribed to one channel.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Credit {
    /// The channel.
    pub channel: String,
    /// By which share the probability of an order would fall if all who come to the channel were lost there.
    pub removal_effect: f64,
    /// That effect over the sum of all.
    pub share: f64,
    /// That share of the orders.
    pub orders: f64,
    /// Orders whose path began with it.
    pub first_touch: f64,
    /// Orders whose path ended with it.
    pub last_touch: f64,
    /// Orders divided evenly over the touches of their path.
    pub linear: f64,
}

/// Ascribes orders to the channels that customers came over.
///
/// # Errors
/// `NotFound` where there are no touches, orders or columns to tell by, or no order followed a touch.
pub async fn attribution(project: &Project, view: &View, asked: &AttributionAsk<'_>) -> Result<Attribution> {
    let window = window(asked.within)?;
    for (table, hint) in [
        (
            Table::Events,
            "map a source's columns to events.name and events.occurred_at: visits, clicks, e-mails",
        ),
        (Table::Orders, "map a source's columns to orders"),
    ] {
        if !has_rows(view, table).await? {
            return Err(
                Error::new(ErrorCode::NotFound, format!("the last run has no {table}")).with_hint(hint)
            );
        }
    }
    let (by, channel) = channel(project, view, asked.by).await?;
    let touches = touches(view, &channel).await?;
    let Some(since) = touches.iter().map(|touch| touch.at).min() else {
        let message = format!("no customer has done anything whose {by} is known");
        return Err(Error::new(ErrorCode::NotFound, message)
            .with_hint("map a source's columns to events.customer_id and events.channel, or name another column with --by"));
    };
    let orders = orders(view, since).await?;
    let mut names: Vec<&str> = touches.iter().map(|touch| touch.channel.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let walked = walk(&touches, &orders, &names, window, view.complete.as_of.timestamp_micros());
    let paths =
        Paths::new(names.len(), walked.ends, walked.steps, walked.outcomes.clone(), None).map_err(failed)?;
    let n_of = |outcome: Outcome| walked.outcomes.iter().filter(|each| **each == outcome).count() as u64;
    if n_of(Outcome::Converted) == 0 {
        let error = Error::new(ErrorCode::NotFound, "no order followed a touch in time");
        return Err(error.with_hint("allow for more time with --within, as `--within '90 days'`"));
    }
    let found = attribute(&paths).map_err(failed)?;
    let mut channels: Vec<Credit> = names
        .iter()
        .zip(found.channels)
        .map(|(name, credit)| Credit {
            channel: (*name).to_owned(),
            removal_effect: credit.removal_effect,
            share: credit.share,
            orders: credit.conversions,
            first_touch: credit.first_touch,
            last_touch: credit.last_touch,
            linear: credit.linear,
        })
        .collect();
    channels.sort_by(|one, other| {
        other.orders.total_cmp(&one.orders).then_with(|| one.channel.cmp(&other.channel))
    });
    Ok(Attribution {
        caveat: CAVEAT,
        by,
        within_days: window as f64 / DAY as f64,
        since: instant(since),
        n_touches: touches.len() as u64,
        n_orders: orders.len() as u64,
        n_converted: n_of(Outcome::Converted),
        n_lost: n_of(Outcome::Lost),
        n_open: n_of(Outcome::Open),
        conversion: found.conversion,
        channels,
    })
}

async fn has_rows(view: &View, table: Table) -> Result<bool> {
    if !view.complete.tables.contains_key(table.as_str()) {
        return Ok(false);
    }
    let rows = ask(view, "look for rows", &format!("select 1 from {table} limit 1")).await?;
    Ok(!rows.is_empty())
}

/// What touches are told apart by, and that in SQL.
async fn channel(project: &Project, view: &View, by: Option<&str>) -> Result<(String, String)> {
    let Some(name) = by else { return Ok(("channel".to_owned(), CHANNEL.to_owned())) };
    let basis = Basis::open(project, view, None).await?;
    let setting = basis.setting(Subject::Customers);
    let known = setting.columns_of(Table::Events);
    let texts: Vec<&str> = known
        .into_iter()
        .filter(|column| setting.kind_of(Table::Events, column) == Some(Kind::Text))
        .collect();
    if !texts.contains(&name) {
        let error = Error::new(ErrorCode::NotFound, format!("`{name}` is no text column of events"));
        return Err(match nearest(name, texts.iter().copied()) {
            Some(near) => error.with_hint(format!("did you mean `{near}`?")),
            None => {
                error.with_hint("name a column as campaign, device or channel: docs/tables.md lists them")
            }
        });
    }
    Ok((name.to_owned(), format!("e.\"{}\"", name.replace('"', "\"\""))))
}

/// One who came over a channel.
struct Touch {
    customer: String,
    at: i64,
    channel: String,
    session: Option<String>,
}

/// Touches by customer and time, those of one visit as one.
async fn touches(view: &View, channel: &str) -> Result<Vec<Touch>> {
    let query = format!(
        "select e.customer_id, cast(e.occurred_at as bigint), {channel}, e.session_id from events e \
         where e.customer_id is not null and e.occurred_at <= {} and {channel} is not null \
         and not regexp_like(lower(e.name), '{HAPPENED}') order by 1, 2, 3",
        in_sql(view.complete.as_of)
    );
    let (_, batches) = view.sql(&query).await?.batches().await?;
    let mut found: Vec<Touch> = Vec::new();
    // When the visit that the last touch stands for was last seen.
    let mut last_at = i64::MIN;
    for batch in &batches {
        let (customers, channels, sessions) = (texts(batch, 0)?, texts(batch, 2)?, texts(batch, 3)?);
        let times = whole(batch, 1)?;
        for row in 0..batch.num_rows() {
            let at = times.value(row);
            let session = sessions.is_valid(row).then(|| sessions.value(row));
            let is_same = found.last().is_some_and(|last| {
                last.customer == customers.value(row)
                    && last.channel == channels.value(row)
                    && (session.is_some() && last.session.as_deref() == session || at - last_at < ONE_VISIT)
            });
            last_at = at;
            if !is_same {
                let text = |column: &StringArray| column.value(row).to_owned();
                found.push(Touch {
                    customer: text(customers),
                    at,
                    channel: text(channels),
                    session: session.map(str::to_owned),
                });
            }
        }
    }
    Ok(found)
}

/// Who ordered when, since the first touch.
async fn orders(view: &View, since: i64) -> Result<Vec<(String, i64)>> {
    let query = format!(
        "select o.customer_id, cast(o.ordered_at as bigint) from orders o where o.customer_id is not null \
         and o.ordered_at >= {} and o.ordered_at <= {} order by 1, 2",
        in_sql(instant(since)),
        in_sql(view.complete.as_of)
    );
    let (_, batches) = view.sql(&query).await?.batches().await?;
    let mut found = Vec::new();
    for batch in &batches {
        let (customers, times) = (texts(batch, 0)?, whole(batch, 1)?);
        found.extend((0..batch.num_rows()).map(|row| (customers.value(row).to_owned(), times.value(row))));
    }
    Ok(found)
}

fn whole(batch: &RecordBatch, at: usize) -> Result<&strata_lake::arrow::array::PrimitiveArray<Int64Type>> {
    batch
        .column(at)
        .as_primitive_opt::<Int64Type>()
        .ok_or_else(|| Error::new(ErrorCode::Internal, "times came as another type than whole numbers"))
}

/// Paths, as the models take them.
#[derive(Default)]
struct Walked {
    ends: Vec<usize>,
    steps: Vec<u16>,
    outcomes: Vec<Outcome>,
}

impl Walked {
    fn end(&mut self, outcome: Outcome) {
        if self.ends.last().copied().unwrap_or_default() < self.steps.len() {
            self.ends.push(self.steps.len());
            self.outcomes.push(outcome);
        }
    }
}

/// Goes along the touches and orders of each customer. An order at the time of a touch follows it.
fn walk(touches: &[Touch], orders: &[(String, i64)], names: &[&str], window: i64, as_of: i64) -> Walked {
    let mut walked = Walked::default();
    let mut order = 0;
    for own in touches.chunk_by(|one, other| one.customer == other.customer) {
        let customer = own[0].customer.as_str();
        while orders.get(order).is_some_and(|(other, _)| other.as_str() < customer) {
            order += 1;
        }
        let mut last: Option<i64> = None;
        for touch in own {
            while let Some((_, at)) =
                orders.get(order).filter(|(other, at)| other == customer && *at < touch.at)
            {
                close(&mut walked, &mut last, *at, window);
                order += 1;
            }
            if last.is_some_and(|last| touch.at - last > window) {
                walked.end(Outcome::Lost);
            }
            if let Ok(code) = names.binary_search(&touch.channel.as_str()) {
                walked.steps.push(code as u16);
            }
            last = Some(touch.at);
        }
        while let Some((_, at)) = orders.get(order).filter(|(other, _)| other == customer) {
            close(&mut walked, &mut last, *at, window);
            order += 1;
        }
        let is_open = last.is_some_and(|last| as_of - last <= window);
        walked.end(if is_open { Outcome::Open } else { Outcome::Lost });
    }
    walked
}

/// An order closes the path that it follows in time; a path that it does not is lost, and the order came of itself.
fn close(walked: &mut Walked, last: &mut Option<i64>, at: i64, window: i64) {
    if let Some(last) = last.take() {
        walked.end(if at - last <= window { Outcome::Converted } else { Outcome::Lost });
    }
}
