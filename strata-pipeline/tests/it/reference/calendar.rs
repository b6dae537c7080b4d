//! The calendar of a time zone: midnights, instants moved by lengths of time, periods, and what lies in a window.

use chrono::{
    DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc,
};
use chrono_tz::Tz;
use strata_pipeline::spec::condition::{CalendarUnit, Interval, Window};

use super::value::{Truth, Value};
use super::world::World;

/// The instant at which a day begins.
pub(crate) fn midnight(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let mut clock = day.and_time(NaiveTime::MIN);
    loop {
        // Clocks that skip midnight show the first time after the gap when the day begins.
        match zone.from_local_datetime(&clock).earliest() {
            Some(at) => return at.to_utc(),
            None => clock += TimeDelta::minutes(1),
        }
    }
}

/// An instant moved forward (`sign` 1) or back (−1) by months and days of the calendar, and then by seconds.
pub(crate) fn moved(at: DateTime<Utc>, by: Interval, sign: i32, zone: Tz) -> DateTime<Utc> {
    let seconds = TimeDelta::seconds(by.seconds * i64::from(sign));
    if by.months == 0 && by.days == 0 {
        return at + seconds;
    }
    let clock = at.with_timezone(&zone).naive_local();
    let day = moved_day(clock.date(), by.months * sign, by.days * sign);
    on_the_clock(day.and_time(clock.time()), zone) + seconds
}

fn moved_day(day: NaiveDate, months: i32, days: i32) -> NaiveDate {
    let size = Months::new(months.unsigned_abs());
    let day = if months < 0 { day - size } else { day + size };
    let size = Days::new(u64::from(days.unsigned_abs()));
    if days < 0 { day - size } else { day + size }
}

/// The instant at which clocks show a time. Of two, the earlier; where they skip it, as long after the gap's beginning as
/// they would have needed.
fn on_the_clock(clock: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    let mut before = clock;
    loop {
        match zone.from_local_datetime(&before).earliest() {
            Some(at) => return at.to_utc() + (clock - before),
            None => before -= TimeDelta::seconds(1),
        }
    }
}

/// The first day of the period `offset` units away from the one that holds a day.
pub(crate) fn period_start(day: NaiveDate, unit: CalendarUnit, offset: i32, fiscal_start: u32) -> NaiveDate {
    use CalendarUnit::{Day, FiscalQuarter, FiscalYear, Month, Quarter, Week, Year};
    let first_of_month = day.with_day(1).unwrap();
    // How many months of its year, or quarter, have passed.
    let into_year = day.month0() as i32;
    let into_fiscal_year = (day.month() as i32 - fiscal_start as i32).rem_euclid(12);
    match unit {
        Day => moved_day(day, 0, offset),
        Week => moved_day(day, 0, 7 * offset - day.weekday().num_days_from_monday() as i32),
        Month => moved_day(first_of_month, offset, 0),
        Quarter => moved_day(first_of_month, 3 * offset - into_year % 3, 0),
        Year => moved_day(first_of_month, 12 * offset - into_year, 0),
        FiscalQuarter => moved_day(first_of_month, 3 * offset - into_fiscal_year % 3, 0),
        FiscalYear => moved_day(first_of_month, 12 * offset - into_fiscal_year, 0),
    }
}

/// The edges of a window, and whether each belongs to it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Edges {
    pub(crate) from: DateTime<Utc>,
    pub(crate) with_from: bool,
    pub(crate) to: DateTime<Utc>,
    pub(crate) with_to: bool,
}

impl World {
    pub(crate) fn edges(&self, window: Window) -> Edges {
        let now = self.as_of;
        let moved = |by, sign| moved(now, by, sign, self.timezone);
        let start = |unit, offset| self.start(unit, offset);
        let after = |from, to| Edges { from, with_from: false, to, with_to: true };
        let whole = |from, to| Edges { from, with_from: true, to, with_to: false };
        match window {
            Window::Last(length) => after(moved(length, -1), now),
            Window::Next(length) => after(now, moved(length, 1)),
            Window::Ago { from, to } => after(moved(from, -1), moved(to, -1)),
            Window::Period { unit, offset } => whole(start(unit, offset), start(unit, offset + 1)),
            Window::Periods { unit, count } if count < 0 => whole(start(unit, count), start(unit, 0)),
            Window::Periods { unit, count } => whole(start(unit, 1), start(unit, count + 1)),
            Window::ToDate { unit, offset } => {
                let (from, end) = (start(unit, offset), start(unit, offset + 1));
                let alike = moved(of_unit(unit, offset), 1);
                if alike < end {
                    Edges { from, with_from: true, to: alike, with_to: true }
                } else {
                    whole(from, end)
                }
            }
        }
    }

    /// The instant at which the period begins that is `offset` units away from the present one.
    fn start(&self, unit: CalendarUnit, offset: i32) -> DateTime<Utc> {
        let today = self.as_of.with_timezone(&self.timezone).date_naive();
        midnight(period_start(today, unit, offset, self.fiscal_year_start), self.timezone)
    }

    /// Whether a time or a day lies in a window. A day is held against the days of the edges.
    pub(crate) fn lies_in(&self, value: &Value, window: Window) -> Truth {
        let edges = self.edges(window);
        let day = |at: DateTime<Utc>| at.with_timezone(&self.timezone).date_naive();
        match value {
            Value::Time(at) => Some(between(at, &edges.from, &edges.to, edges)),
            Value::Date(date) => Some(between(date, &day(edges.from), &day(edges.to), edges)),
            _ => None,
        }
    }
}

fn between<T: PartialOrd>(value: &T, from: &T, to: &T, edges: Edges) -> bool {
    let after = value > from || (edges.with_from && value == from);
    let before = value < to || (edges.with_to && value == to);
    after && before
}

fn of_unit(unit: CalendarUnit, count: i32) -> Interval {
    use CalendarUnit::{Day, FiscalQuarter, FiscalYear, Month, Quarter, Week, Year};
    let (months, days) = match unit {
        Day => (0, 1),
        Week => (0, 7),
        Month => (1, 0),
        Quarter | FiscalQuarter => (3, 0),
        Year | FiscalYear => (12, 0),
    };
    Interval { months: months * count, days: days * count, seconds: 0 }
}
