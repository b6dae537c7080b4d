//! Windows of time as instants: what `in_last('30 days')` or `in_period('last quarter')` mean at one `as_of`.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use strata_spec::condition::{CalendarUnit, Interval, Window};

use crate::function::midnight;

/// A stretch of time. Both edges lie in it or not as stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub from: DateTime<Utc>,
    pub from_included: bool,
    pub to: DateTime<Utc>,
    pub to_included: bool,
}

/// The stretch that a window means; none when it leaves the calendar.
pub(crate) fn stretch(window: Window, as_of: DateTime<Utc>, timezone: Tz) -> Option<Stretch> {
    let half_open = |from, to| Stretch { from, from_included: false, to, to_included: true };
    Some(match window {
        Window::Last(length) => half_open(shift(as_of, length, -1, timezone)?, as_of),
        Window::Next(length) => half_open(as_of, shift(as_of, length, 1, timezone)?),
        Window::Ago { from, to } => {
            half_open(shift(as_of, from, -1, timezone)?, shift(as_of, to, -1, timezone)?)
        }
        Window::Period { unit, offset } => {
            let today = as_of.with_timezone(&timezone).date_naive();
            Stretch {
                from: midnight(period_start(today, unit, offset)?, timezone),
                from_included: true,
                to: midnight(period_start(today, unit, offset + 1)?, timezone),
                to_included: false,
            }
        }
    })
}

/// An instant moved by an interval, forward (`sign` 1) or back (−1): months and days on the calendar of the time
/// zone, keeping the time of day; then the exact part. A local time that a change of clocks skips is moved past the
/// gap; of one that comes twice, the earlier is meant.
pub(crate) fn shift(at: DateTime<Utc>, by: Interval, sign: i32, timezone: Tz) -> Option<DateTime<Utc>> {
    let exact = TimeDelta::try_seconds(by.seconds.checked_mul(i64::from(sign))?)?;
    if by.months == 0 && by.days == 0 {
        return at.checked_add_signed(exact);
    }
    let local = at.with_timezone(&timezone).naive_local();
    let moved = move_days(move_months(local, by.months.checked_mul(sign)?)?, by.days.checked_mul(sign)?)?;
    let resolved = timezone.from_local_datetime(&moved).earliest().map_or_else(
        || Some(midnight(moved.date(), timezone) + (moved - moved.date().and_hms_opt(0, 0, 0)?)),
        |at| Some(at.to_utc()),
    )?;
    resolved.checked_add_signed(exact)
}

fn move_months(at: NaiveDateTime, months: i32) -> Option<NaiveDateTime> {
    let size = Months::new(months.unsigned_abs());
    if months < 0 { at.checked_sub_months(size) } else { at.checked_add_months(size) }
}

fn move_days(at: NaiveDateTime, days: i32) -> Option<NaiveDateTime> {
    let size = Days::new(u64::from(days.unsigned_abs()));
    if days < 0 { at.checked_sub_days(size) } else { at.checked_add_days(size) }
}

fn period_start(today: NaiveDate, unit: CalendarUnit, offset: i32) -> Option<NaiveDate> {
    let month_start = |months_back: u32| {
        today.with_day(1).and_then(|first| first.checked_sub_months(Months::new(months_back)))
    };
    let (start, months, days) = match unit {
        CalendarUnit::Day => (today, 0, 1),
        CalendarUnit::Week => {
            (today.checked_sub_days(Days::new(u64::from(today.weekday().num_days_from_monday())))?, 0, 7)
        }
        CalendarUnit::Month => (month_start(0)?, 1, 0),
        CalendarUnit::Quarter => (month_start(today.month0() % 3)?, 3, 0),
        CalendarUnit::Year => (month_start(today.month0())?, 12, 0),
    };
    let at = start.and_hms_opt(0, 0, 0)?;
    Some(move_days(move_months(at, months * offset)?, days * offset)?.date())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn days(days: i32) -> Interval {
        Interval { days, ..Interval::default() }
    }

    #[test]
    fn windows_at_one_instant() {
        let months = |months| Interval { months, ..Interval::default() };
        let hours = |hours: i64| Interval { seconds: hours * 3600, ..Interval::default() };
        let period = |unit, offset| Window::Period { unit, offset };
        let cases = [
            (
                Window::Last(days(30)),
                "2024-03-31T12:00:00Z",
                "UTC",
                "2024-03-01T12:00:00Z",
                "2024-03-31T12:00:00Z",
            ),
            // A month before 31 March is the last of February.
            (
                Window::Last(months(1)),
                "2024-03-31T12:00:00Z",
                "UTC",
                "2024-02-29T12:00:00Z",
                "2024-03-31T12:00:00Z",
            ),
            // Clocks went forward in between: a day is 23 hours long, 24 hours are 24 hours.
            (
                Window::Last(days(1)),
                "2024-03-31T10:00:00Z",
                "Europe/Berlin",
                "2024-03-30T11:00:00Z",
                "2024-03-31T10:00:00Z",
            ),
            (
                Window::Last(hours(24)),
                "2024-03-31T10:00:00Z",
                "Europe/Berlin",
                "2024-03-30T10:00:00Z",
                "2024-03-31T10:00:00Z",
            ),
            (
                Window::Next(days(7)),
                "2024-01-01T00:00:00Z",
                "UTC",
                "2024-01-01T00:00:00Z",
                "2024-01-08T00:00:00Z",
            ),
            (
                Window::Ago { from: days(90), to: days(30) },
                "2024-04-01T00:00:00Z",
                "UTC",
                "2024-01-02T00:00:00Z",
                "2024-03-02T00:00:00Z",
            ),
            (
                period(CalendarUnit::Quarter, -1),
                "2024-05-17T08:00:00Z",
                "UTC",
                "2024-01-01T00:00:00Z",
                "2024-04-01T00:00:00Z",
            ),
            (
                period(CalendarUnit::Week, 0),
                "2024-05-17T08:00:00Z",
                "UTC",
                "2024-05-13T00:00:00Z",
                "2024-05-20T00:00:00Z",
            ),
            (
                period(CalendarUnit::Month, -1),
                "2024-04-17T08:00:00Z",
                "Europe/Berlin",
                "2024-02-29T23:00:00Z",
                "2024-03-31T22:00:00Z",
            ),
            (
                period(CalendarUnit::Year, 1),
                "2024-04-17T08:00:00Z",
                "UTC",
                "2025-01-01T00:00:00Z",
                "2026-01-01T00:00:00Z",
            ),
        ];
        for (window, as_of, zone, from, to) in cases {
            let found = stretch(window, at(as_of), zone.parse().unwrap()).unwrap();
            assert_eq!((found.from, found.to), (at(from), at(to)), "{window:?} at {as_of} in {zone}");
        }
    }

    #[test]
    fn a_window_that_leaves_the_calendar_is_none() {
        let forever = Interval { months: i32::MAX, days: 0, seconds: 0 };
        assert_eq!(stretch(Window::Last(forever), at("2024-01-01T00:00:00Z"), Tz::UTC), None);
    }
}
