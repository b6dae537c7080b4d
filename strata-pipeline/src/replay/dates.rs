//! The dates of a replay.

use chrono::{DateTime, Utc};
use strata_spec::condition::Interval;
use strata_spec::error::ErrorCode;

use crate::error::{Error, Result};
use crate::function::shift;
use crate::project::Project;

/// How many dates a replay may have.
pub const MOST_DATES: usize = 1_000;
/// How many steps back it goes where nobody says from when.
const USUAL_STEPS: i32 = 24;

/// From when to when, and how far apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dates {
    /// The first date; 24 steps before the last unless given.
    pub from: Option<DateTime<Utc>>,
    /// The last date; the last run's unless given.
    pub to: Option<DateTime<Utc>>,
    /// From one date to the next, as `1 month`; that unless given.
    pub every: Option<String>,
}

impl Dates {
    /// The dates, the earliest first: from the first on in steps where it is given, else in steps back from the last. Months are
    /// counted on the clocks of the project's time zone.
    pub(crate) fn list(&self, project: &Project, last_run: DateTime<Utc>) -> Result<Vec<DateTime<Utc>>> {
        let to = self.to.unwrap_or(last_run);
        if to > last_run {
            let message =
                format!("{} lies after the last run's instant, {}", to.to_rfc3339(), last_run.to_rfc3339());
            return Err(Error::new(ErrorCode::InvalidDefinition, message)
                .with_hint("run at that date first: `strata run --as-of DATE`"));
        }
        let every = self.step()?;
        let beyond = || Error::new(ErrorCode::InvalidDefinition, "the dates leave the calendar");
        let step = |from: DateTime<Utc>, n: i32, sign: i32| {
            let length = Interval {
                months: every.months.checked_mul(n)?,
                days: every.days.checked_mul(n)?,
                seconds: every.seconds.checked_mul(i64::from(n))?,
            };
            shift(from, length, sign, project.timezone)
        };
        let Some(from) = self.from else {
            let dates = (0..=USUAL_STEPS).rev().map(|n| step(to, n, -1).ok_or_else(beyond));
            return dates.collect();
        };
        if from > to {
            return Err(Error::new(ErrorCode::InvalidDefinition, "the first date lies after the last")
                .with_hint("as `--from 2026-01-01 --to 2026-04-01`"));
        }
        let mut dates = Vec::new();
        for n in 0.. {
            let at = step(from, n, 1).ok_or_else(beyond)?;
            if at > to {
                break;
            }
            if dates.len() == MOST_DATES {
                let message = format!("these are more than {MOST_DATES} dates");
                return Err(Error::new(ErrorCode::InvalidDefinition, message)
                    .with_hint("begin later, or take longer steps: `--every '1 month'`"));
            }
            dates.push(at);
        }
        Ok(dates)
    }

    fn step(&self) -> Result<Interval> {
        let text = self.every.as_deref().unwrap_or("1 month");
        let length =
            Interval::parse(text).map_err(|fault| Error::of_definitions(vec![fault.in_place("every")]))?;
        let is_forward = length.months >= 0 && length.days >= 0 && length.seconds >= 0;
        if !is_forward || length == Interval::default() {
            return Err(Error::new(
                ErrorCode::InvalidDefinition,
                format!("`{text}` is not a step forward in time"),
            )
            .with_hint("as `--every '1 month'` or `--every '7 days'`"));
        }
        Ok(length)
    }
}
