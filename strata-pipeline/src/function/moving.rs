//! Times that move with `as_of`, and the instants at which their order to a time that stands still changes.
//!
//! `as_of` moved by months and days of the calendar does not run evenly: clocks change, and a month before 29, 30 and 31 March
//! is 29 February three times over, so that it even steps back at midnight. Between such steps it runs as fast as `as_of`
//! itself. So the stretches between them are gone through one by one, near the only place where it can pass a given time.

use chrono::{DateTime, Days, LocalResult, NaiveDate, Offset, TimeZone, Utc};
use chrono_tz::Tz;
use strata_spec::condition::Interval;

use super::calendar::{midnight, shift};

/// Microseconds of a minute.
pub(crate) const MINUTE: i64 = 60_000_000;
/// Microseconds of a day of 24 hours.
pub(crate) const DAY: i64 = 1_440 * MINUTE;

/// `as_of` moved by a length of time, whose parts are negative where it lies before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moving {
    pub(crate) by: Interval,
    pub(crate) timezone: Tz,
}

impl Moving {
    /// Where it is at an instant, in microseconds; none outside the calendar.
    pub(crate) fn at(self, as_of: i64) -> Option<i64> {
        if self.is_even() {
            return as_of.checked_add(self.by.seconds.checked_mul(1_000_000)?);
        }
        let at = DateTime::from_timestamp_micros(as_of)?;
        shift(at, self.by, 1, self.timezone).map(|at| at.timestamp_micros())
    }

    /// Whether it always runs as `as_of` does.
    fn is_even(self) -> bool {
        self.by.months == 0 && self.by.days == 0
    }

    /// The first instant after `as_of` at which something is seen of it that is not seen now. What is seen changes where it
    /// reaches or passes one of the marks, and nowhere else.
    pub(crate) fn first_change<T: PartialEq>(
        self,
        as_of: i64,
        marks: &[i64],
        seen: impl Fn(i64) -> T,
    ) -> Option<i64> {
        let now = seen(self.at(as_of)?);
        let is_other = |instant: &i64| self.at(*instant).is_some_and(|at| seen(at) != now);
        // Where it reaches a mark, and just after that.
        let near = |ahead: i64| marks.iter().flat_map(move |mark| [mark - ahead, mark - ahead + 1]);
        if self.is_even() {
            let ahead = self.at(0)?;
            return near(ahead).filter(|instant| *instant > as_of).filter(is_other).min();
        }
        let back = Interval { months: -self.by.months, days: -self.by.days, seconds: -self.by.seconds };
        let back = Moving { by: back, ..self };
        let around = marks.iter().filter_map(|mark| back.at(*mark)).collect::<Vec<_>>();
        let (first, last) = (around.iter().min()?, around.iter().max()?);
        let from = (first - self.unevenness()).max(as_of + 1);
        self.stretches(from, last + self.unevenness()).find_map(|stretch| {
            let ahead = self.at(stretch.from)? - stretch.from;
            let inside = near(ahead).filter(|at| (stretch.from..stretch.to).contains(at));
            inside.chain([stretch.from]).filter(is_other).min()
        })
    }

    /// So far from where even time would have it, it can be: the days at the end of a month, and a day that a zone skips.
    fn unevenness(self) -> i64 {
        if self.by.months == 0 { 3 * DAY } else { 7 * DAY }
    }

    /// The stretches from one instant to another in each of which it runs as `as_of` does.
    fn stretches(self, from: i64, to: i64) -> impl Iterator<Item = Even> {
        let mut next = from;
        let mut pending: Vec<Even> = Vec::new();
        std::iter::from_fn(move || {
            if let Some(stretch) = pending.pop() {
                return Some(stretch);
            }
            if next >= to {
                return None;
            }
            let end = next_midnight(next, self.timezone).unwrap_or(to).min(to).max(next + 1);
            let day = Even { from: next, to: end };
            match self.is_steady(day) && !changes_clocks(day, self.timezone) {
                true => pending.push(day),
                false => {
                    // Two steps in one of these would have to undo each other to be missed.
                    let mut quarter = day.from;
                    while quarter < day.to {
                        let end = (quarter.div_euclid(15 * MINUTE) + 1) * 15 * MINUTE;
                        self.split(Even { from: quarter, to: end.min(day.to) }, &mut pending);
                        quarter = end;
                    }
                    pending.reverse();
                }
            }
            next = end;
            pending.pop()
        })
    }

    fn split(self, of: Even, found: &mut Vec<Even>) {
        if self.is_steady(of) || of.to - of.from <= 1 {
            found.push(of);
            return;
        }
        let middle = of.from + (of.to - of.from) / 2;
        self.split(Even { to: middle, ..of }, found);
        self.split(Even { from: middle, ..of }, found);
    }

    fn is_steady(self, stretch: Even) -> bool {
        match (self.at(stretch.from), self.at(stretch.to - 1)) {
            (Some(first), Some(last)) => last - first == stretch.to - 1 - stretch.from,
            _ => true,
        }
    }

    /// How far ahead of `as_of` it is now, and until when that stays so.
    pub(crate) fn steady(self, as_of: i64) -> Option<(i64, i64)> {
        let ahead = self.at(as_of)? - as_of;
        if self.is_even() {
            return Some((ahead, i64::MAX));
        }
        let stretch = self.stretches(as_of, as_of + 2 * DAY).next()?;
        Some((ahead, stretch.to))
    }
}

/// A stretch of time, its end excluded, in which a moving time does not step.
#[derive(Debug, Clone, Copy)]
struct Even {
    from: i64,
    to: i64,
}

/// The instants at which a day begins and ends on the clocks, those at which clocks go back over its edges included.
pub(crate) fn marks_of(day: NaiveDate, timezone: Tz) -> Vec<i64> {
    let days = [Some(day), day.succ_opt()];
    let mut marks = Vec::new();
    for day in days.into_iter().flatten() {
        marks.push(midnight(day, timezone).timestamp_micros());
        if let LocalResult::Ambiguous(early, late) =
            timezone.from_local_datetime(&day.and_time(chrono::NaiveTime::MIN))
        {
            let (early, late) = (early.timestamp_micros(), late.timestamp_micros());
            marks.extend(change_of_clocks(early, late, timezone));
            marks.push(late);
        }
    }
    marks
}

/// The next midnight of a time zone after an instant.
pub(crate) fn next_midnight(after: i64, timezone: Tz) -> Option<i64> {
    let today = day_at(after, timezone)?;
    let midnights = (1..=2).filter_map(|days| today.checked_add_days(Days::new(days)));
    let midnights = midnights.map(|day| midnight(day, timezone).timestamp_micros());
    midnights.chain(day_again(after, timezone)).filter(|at| *at > after).min()
}

/// Where clocks go back over a midnight, a day begins, is over, and begins again: the next such instant near to this one.
pub(crate) fn day_again(after: i64, timezone: Tz) -> Option<i64> {
    let change = change_of_clocks(after - DAY, after + 2 * DAY, timezone)?;
    let (before, then) = (day_at(change - 1, timezone)?, day_at(change, timezone)?);
    if before <= then {
        return None;
    }
    let local = DateTime::from_timestamp_micros(change)?.with_timezone(&timezone).naive_local();
    let left = before.and_time(chrono::NaiveTime::MIN) - local;
    [change, change + left.num_microseconds()?].into_iter().filter(|at| *at > after).min()
}

/// The day in which an instant lies.
pub(crate) fn day_at(instant: i64, timezone: Tz) -> Option<NaiveDate> {
    Some(DateTime::from_timestamp_micros(instant)?.with_timezone(&timezone).date_naive())
}

/// The first instant at which clocks show another time than they would have, from one instant to another.
pub(crate) fn change_of_clocks(from: i64, to: i64, timezone: Tz) -> Option<i64> {
    let (mut before, mut after) = (from, to);
    let first = offset(before, timezone)?;
    if offset(after, timezone)? == first {
        return None;
    }
    while after - before > 1 {
        let middle = before + (after - before) / 2;
        if offset(middle, timezone)? == first { before = middle } else { after = middle }
    }
    Some(after)
}

fn changes_clocks(stretch: Even, timezone: Tz) -> bool {
    offset(stretch.from, timezone) != offset(stretch.to - 1, timezone)
}

/// Local time minus UTC in seconds at an instant in microseconds; none outside the calendar.
pub(super) fn offset(instant: i64, timezone: Tz) -> Option<i32> {
    let at: DateTime<Utc> = DateTime::from_timestamp_micros(instant)?;
    Some(timezone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<DateTime<Utc>>().unwrap().timestamp_micros()
    }

    #[test]
    fn a_time_is_reached_where_the_calendar_has_it() {
        // The length back, the zone, `as_of`, the time, and when `as_of` less the length first reaches or no longer reaches it.
        let cases = [
            ("30 days", "UTC", "2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z", Some("2024-01-31T00:00:00Z")),
            ("24 hours", "UTC", "2024-01-02T00:00:00Z", "2024-01-01T12:00:00Z", Some("2024-01-02T12:00:00Z")),
            // It lies behind, and stays there.
            ("30 days", "UTC", "2024-03-01T00:00:00Z", "2024-01-01T00:00:00Z", None),
            // A month before 29 March is 29 February; at midnight it steps back to that day's begin, …
            ("1 month", "UTC", "2024-03-01T00:00:00Z", "2024-02-29T12:00:00Z", Some("2024-03-29T12:00:00Z")),
            ("1 month", "UTC", "2024-03-29T12:00:00Z", "2024-02-29T12:00:00Z", Some("2024-03-30T00:00:00Z")),
            // … so that the time is passed for good two days later.
            ("1 month", "UTC", "2024-03-31T00:00:00Z", "2024-02-29T12:00:00Z", Some("2024-03-31T12:00:00Z")),
            ("1 month", "UTC", "2024-03-31T12:00:00Z", "2024-02-29T12:00:00Z", None),
            // A day is 23 hours long when clocks go forward, and 25 when they go back.
            (
                "1 day",
                "Europe/Berlin",
                "2024-03-30T12:00:00Z",
                "2024-03-30T11:30:00Z",
                Some("2024-03-31T10:30:00Z"),
            ),
            (
                "1 day",
                "Europe/Berlin",
                "2024-10-26T12:00:00Z",
                "2024-10-26T11:30:00Z",
                Some("2024-10-27T12:30:00Z"),
            ),
            // Clocks went back at 01:00 UTC: a day before then, an hour is gone through twice.
            (
                "1 day",
                "Europe/Berlin",
                "2024-10-27T00:45:00Z",
                "2024-10-26T00:30:00Z",
                Some("2024-10-27T01:00:00Z"),
            ),
            (
                "1 day",
                "Europe/Berlin",
                "2024-10-27T01:00:00Z",
                "2024-10-26T00:30:00Z",
                Some("2024-10-27T01:30:00Z"),
            ),
        ];
        for (length, zone, as_of, time, expected) in cases {
            let Interval { months, days, seconds } = Interval::parse(length).unwrap();
            let by = Interval { months: -months, days: -days, seconds: -seconds };
            let moving = Moving { by, timezone: zone.parse().unwrap() };
            let time = at(time);
            let found = moving.first_change(at(as_of), &[time], |moving| moving >= time);
            assert_eq!(found, expected.map(at), "{length} before, from {as_of} in {zone}");
        }
    }

    #[test]
    fn midnights_where_a_day_begins_twice() {
        let zone = "America/St_Johns".parse().unwrap();
        // Clocks went back from 00:01 to 23:01 on 7 November 2010.
        let begins =
            ["2010-11-07T02:30:00Z", "2010-11-07T02:31:00Z", "2010-11-07T03:30:00Z", "2010-11-08T03:30:00Z"];
        for pair in begins.windows(2) {
            assert_eq!(next_midnight(at(pair[0]), zone), Some(at(pair[1])), "after {}", pair[0]);
        }
    }
}
