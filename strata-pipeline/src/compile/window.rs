//! Windows of time as instants: what `in_last('30 days')` or `in_period('last quarter')` mean at one `as_of`.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use strata_spec::condition::{CalendarUnit, Interval, Window};

use crate::function::{length_of, midnight, period_start, shift};

/// A stretch of time. Both edges lie in it or not as stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub from: DateTime<Utc>,
    pub from_included: bool,
    pub to: DateTime<Utc>,
    pub to_included: bool,
}

impl Stretch {
    /// The first and the last microsecond. Where the last comes first, there is none.
    pub(crate) fn microseconds(&self) -> (i64, i64) {
        let from = self.from.timestamp_micros() + i64::from(!self.from_included);
        let to = self.to.timestamp_micros() - i64::from(!self.to_included);
        (from, to)
    }
}

/// The calendar of a project.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Calendar {
    pub timezone: Tz,
    /// The month in which the fiscal year begins.
    pub fiscal_year_start: u32,
}

/// The stretch that a window means; none when it leaves the calendar.
pub(crate) fn stretch(window: Window, as_of: DateTime<Utc>, calendar: Calendar) -> Option<Stretch> {
    let timezone = calendar.timezone;
    let half_open = |from, to| Stretch { from, from_included: false, to, to_included: true };
    let shifted = |length: Interval, sign| shift(as_of, length, sign, timezone);
    let today = as_of.with_timezone(&timezone).date_naive();
    let start = |unit: CalendarUnit, offset: i32| {
        let first = period_start(today, unit, offset, calendar.fiscal_year_start)?;
        Some(midnight(first, timezone))
    };
    let periods = |from, to| Stretch { from, from_included: true, to, to_included: false };
    Some(match window {
        Window::Last(length) => half_open(shifted(length, -1)?, as_of),
        Window::Next(length) => half_open(as_of, shifted(length, 1)?),
        Window::Ago { from, to } => half_open(shifted(from, -1)?, shifted(to, -1)?),
        Window::Period { unit, offset } => periods(start(unit, offset)?, start(unit, offset + 1)?),
        Window::Periods { unit, count } if count < 0 => periods(start(unit, count)?, start(unit, 0)?),
        Window::Periods { unit, count } => periods(start(unit, 1)?, start(unit, count + 1)?),
        Window::ToDate { unit, offset } => {
            let end = start(unit, offset + 1)?;
            let corresponding = shifted(length_of(unit, offset)?, 1)?;
            let to_included = corresponding < end;
            Stretch { to: corresponding.min(end), to_included, ..periods(start(unit, offset)?, end) }
        }
    })
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

    fn calendar(zone: &str, fiscal_year_start: u32) -> Calendar {
        Calendar { timezone: zone.parse().unwrap(), fiscal_year_start }
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
            let found = stretch(window, at(as_of), calendar(zone, 1)).unwrap();
            assert_eq!((found.from, found.to), (at(from), at(to)), "{window:?} at {as_of} in {zone}");
        }
    }

    #[test]
    fn periods_and_their_parts() {
        use CalendarUnit::{FiscalQuarter, FiscalYear, Month, Week, Year};
        let periods = |unit, count| Window::Periods { unit, count };
        let to_date = |unit, offset| Window::ToDate { unit, offset };
        let fiscal = |unit, offset| Window::Period { unit, offset };
        // Window, as_of, begin, end, and whether the end is in it.
        let cases = [
            (
                periods(Month, -3),
                "2024-05-17T08:00:00Z",
                "2024-02-01T00:00:00Z",
                "2024-05-01T00:00:00Z",
                false,
            ),
            (periods(Week, 2), "2024-05-17T08:00:00Z", "2024-05-20T00:00:00Z", "2024-06-03T00:00:00Z", false),
            (to_date(Year, 0), "2024-05-17T08:00:00Z", "2024-01-01T00:00:00Z", "2024-05-17T08:00:00Z", true),
            (to_date(Year, -1), "2024-02-29T08:00:00Z", "2023-01-01T00:00:00Z", "2023-02-28T08:00:00Z", true),
            (
                to_date(Month, -1),
                "2024-03-31T12:00:00Z",
                "2024-02-01T00:00:00Z",
                "2024-02-29T12:00:00Z",
                true,
            ),
            (
                to_date(FiscalYear, -1),
                "2024-05-17T08:00:00Z",
                "2023-04-01T00:00:00Z",
                "2023-05-17T08:00:00Z",
                true,
            ),
            (
                fiscal(FiscalYear, 0),
                "2024-03-31T23:59:59Z",
                "2023-04-01T00:00:00Z",
                "2024-04-01T00:00:00Z",
                false,
            ),
            (
                fiscal(FiscalQuarter, -1),
                "2024-04-01T00:00:00Z",
                "2024-01-01T00:00:00Z",
                "2024-04-01T00:00:00Z",
                false,
            ),
        ];
        for (window, as_of, from, to, to_included) in cases {
            let found = stretch(window, at(as_of), calendar("UTC", 4)).unwrap();
            let expected = Stretch { from: at(from), from_included: true, to: at(to), to_included };
            assert_eq!(found, expected, "{window:?} at {as_of}");
        }
    }

    #[test]
    fn the_edges_of_a_stretch_in_microseconds() {
        let (from, to) = (at("2024-01-01T00:00:00Z"), at("2024-01-02T00:00:00Z"));
        let half_open = Stretch { from, from_included: false, to, to_included: true };
        assert_eq!(half_open.microseconds(), (from.timestamp_micros() + 1, to.timestamp_micros()));
        let period = Stretch { from_included: true, to_included: false, ..half_open };
        assert_eq!(period.microseconds(), (from.timestamp_micros(), to.timestamp_micros() - 1));
    }

    #[test]
    fn a_window_that_leaves_the_calendar_is_none() {
        let forever = Interval { months: i32::MAX, days: 0, seconds: 0 };
        assert_eq!(stretch(Window::Last(forever), at("2024-01-01T00:00:00Z"), calendar("UTC", 1)), None);
    }
}
