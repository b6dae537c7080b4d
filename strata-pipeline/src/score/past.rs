//! What was known of subjects at an earlier instant, and what they have done since: the program of the present, run at that instant
//! and at this one over a sample of them.

use chrono::{DateTime, TimeDelta, Utc};
use strata_lake::Engine;
use strata_spec::condition::Condition;
use strata_spec::definition::{purchases_of, spend_of};
use strata_spec::table::Subject;

use super::sample::{self, Sample};
use crate::compile::OverTime;
use crate::error::{Context, Result};
use crate::run::Run;

/// Of the time that is known, this part is held out, …
const PART_HELD_OUT: f64 = 1.0 / 3.0;
/// … but a year at most, and no less than a month.
const DAYS_HELD_OUT: std::ops::RangeInclusive<i64> = 30..=365;
/// At so many instants the course of purchases is looked at.
const N_STEPS: i32 = 24;

/// What was known of subjects at an earlier instant, and what they have done since. A value each, not a number where there is none.
pub(super) struct Past {
    /// The instant.
    pub(super) at: DateTime<Utc>,
    /// How long ago it was, in days.
    pub(super) days: f64,
    /// Whether these are all subjects.
    pub(super) is_everybody: bool,
    /// By then: the traits of [`purchases_of`] and [`spend_of`] them.
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
    /// Instants in days from the first purchase of all, and each one's repeat purchase days by then.
    pub(super) steps: Vec<(f64, Vec<f64>)>,
}

/// Looks back as far as the subjects' history allows; in words why it does not where it does not.
///
/// # Errors
/// When a table cannot be read.
pub(super) async fn look_back(
    run: &Run,
    engine: &Engine,
    subject: Subject,
    conditions: &[Condition],
) -> Result<std::result::Result<Past, String>> {
    let span = sample::days_known(run, engine, subject).await?;
    let days = ((span * PART_HELD_OUT) as i64).min(*DAYS_HELD_OUT.end());
    if !DAYS_HELD_OUT.contains(&days) {
        let least = (*DAYS_HELD_OUT.start() as f64 / PART_HELD_OUT).ceil();
        return Ok(Err(format!(
            "{subject} have been known for {span:.0} days, and it takes {least:.0} to hold a part of them out"
        )));
    }
    let at = sample::days_before(run, days);
    let of_the_past = sample::terms(run, subject, &words_of_the_past(subject, days))?;
    let (two, _) = sample::programs(run, subject, &[at, run.as_of], conditions, &of_the_past)?;
    let [frequency, ..] = purchases_of(subject);
    let frequency = sample::terms(run, subject, &[frequency.to_owned()])?;
    let begin = sample::days_before(run, span as i64);
    let instants: Vec<DateTime<Utc>> =
        (1..=N_STEPS).map(|n| begin + TimeDelta::days(span as i64) * n / N_STEPS).collect();
    let (course, _) = sample::programs(run, subject, &instants, &[], &frequency)?;
    let planning = || format!("cannot plan what was known of {subject}");
    let (Some(two), Some(course)) =
        (OverTime::of(two).context(planning())?, OverTime::of(course).context(planning())?)
    else {
        return Ok(Err(format!("the traits that it takes hold {subject} against each other")));
    };
    let sample = Sample::of(run, engine, subject).await?;
    let answered = sample.answer(run, engine, &two).await?;
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
    let course = sample.answer(run, engine, &course).await?;
    let steps = instants.iter().enumerate().map(|(place, instant)| {
        let days = (*instant - begin).as_seconds_f64() / 86_400.0;
        (days, course.numbers(instants.len() + place))
    });
    Ok(Ok(Past {
        at,
        days: days as f64,
        is_everybody: sample.is_everybody(),
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

/// What is asked of each subject at both instants.
fn words_of_the_past(subject: Subject, days: i64) -> [String; 7] {
    let [frequency, recency, tenure] = purchases_of(subject).map(str::to_owned);
    let (revenue, silence, lapse, yearly, orders) = match subject {
        Subject::Customers => (
            "revenue",
            "days_since_last_order",
            "lapse_days",
            "mean_order_value * orders_per_year",
            "n_orders",
        ),
        Subject::Companies => (
            "company_revenue",
            "company_days_since_last_order",
            "3 * company_expected_gap_days",
            "company_revenue_per_year",
            "company_n_orders",
        ),
    };
    [
        frequency,
        recency,
        tenure,
        spend_of(subject).to_owned(),
        revenue.to_owned(),
        format!("sum(orders.amount) filter (where in_last('{days} days'))"),
        format!(
            "case when {silence} <= {lapse} then {yearly} * {days} / 365.25 when {orders} >= 1 then 0 end"
        ),
    ]
}
