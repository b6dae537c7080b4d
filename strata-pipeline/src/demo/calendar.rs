//! The two years of the shop, and how its clocks run: instants are seconds since 1970 in UTC, days are days since 1970,
//! and the shop lives in Berlin.

use std::fmt::Write;

use chrono::{Datelike, NaiveDate};

/// Seconds of a day.
pub(super) const DAY: i64 = 86_400;
/// The first day of the shop's history, 2024-07-01.
pub(super) const FIRST_DAY: i64 = 19_905;
/// How many days it lasts: to 2026-06-30.
pub(super) const N_DAYS: i64 = 730;
/// Its first instant.
pub(super) const START: i64 = FIRST_DAY * DAY;
/// The first instant after it.
pub(super) const END: i64 = START + N_DAYS * DAY;

/// Year, month and day.
pub(super) fn civil(day: i64) -> (i32, u32, u32) {
    let date = i32::try_from(day).ok().and_then(NaiveDate::from_epoch_days).unwrap_or_default();
    (date.year(), date.month(), date.day())
}

/// The day of a date; the first of the month where the month has no such day.
pub(super) fn day_of(year: i32, month: u32, day: u32) -> i64 {
    let date = NaiveDate::from_ymd_opt(year, month, day).or_else(|| NaiveDate::from_ymd_opt(year, month, 1));
    date.map_or(0, |date| i64::from(date.to_epoch_days()))
}

/// The day of the week: Monday is 0.
pub(super) fn weekday(day: i64) -> usize {
    (day + 3).rem_euclid(7) as usize
}

/// How far Berlin's clocks are ahead of UTC, in seconds: two hours from the last Sunday of March, 01:00 UTC, to the last
/// Sunday of October, 01:00 UTC, otherwise one.
pub(super) fn berlin_offset(at: i64) -> i64 {
    let (year, month, _) = civil(at.div_euclid(DAY));
    let last_sunday = |month: u32| {
        let last = day_of(year, month, 31);
        (last - (weekday(last) as i64 + 1) % 7) * DAY + 3600
    };
    let summer = match month {
        4..=9 => true,
        3 => at >= last_sunday(3),
        10 => at < last_sunday(10),
        _ => false,
    };
    if summer { 7200 } else { 3600 }
}

/// The instant at which Berlin's clocks show a second of a day.
pub(super) fn berlin(day: i64, second: i64) -> i64 {
    let local = day * DAY + second;
    local - berlin_offset(local - 3600)
}

/// Appends `2024-07-01`.
pub(super) fn push_date(text: &mut String, day: i64) {
    let (year, month, day) = civil(day);
    // Writing to a string cannot fail.
    let _ = write!(text, "{year:04}-{month:02}-{day:02}");
}

/// `2024-07-01`.
pub(super) fn date(day: i64) -> String {
    let mut text = String::with_capacity(10);
    push_date(&mut text, day);
    text
}

/// `2024-07-01 12:30:00`, in UTC.
pub(super) fn utc(at: i64) -> String {
    let mut text = String::with_capacity(25);
    push_date(&mut text, at.div_euclid(DAY));
    push_clock(&mut text, at, ' ');
    text
}

/// `2024-07-01T12:30:00Z`.
pub(super) fn iso(at: i64) -> String {
    let mut text = String::with_capacity(20);
    push_date(&mut text, at.div_euclid(DAY));
    push_clock(&mut text, at, 'T');
    text.push('Z');
    text
}

/// `2024-07-01 14:30:00 +0200`, as clocks in Berlin show it.
pub(super) fn local(at: i64) -> String {
    let offset = berlin_offset(at);
    let mut text = utc(at + offset);
    let _ = write!(text, " +{:02}00", offset / 3600);
    text
}

/// `01.07.2024`.
pub(super) fn german_date(day: i64) -> String {
    let (year, month, day) = civil(day);
    format!("{day:02}.{month:02}.{year:04}")
}

fn push_clock(text: &mut String, at: i64, separator: char) {
    let second = at.rem_euclid(DAY);
    let _ = write!(text, "{separator}{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_years() {
        assert_eq!(
            (iso(START).as_str(), iso(END - 1).as_str()),
            ("2024-07-01T00:00:00Z", "2026-06-30T23:59:59Z")
        );
        assert_eq!(weekday(FIRST_DAY), 0, "2024-07-01 was a Monday");
    }

    #[test]
    fn clocks_in_berlin() {
        for (at, expected) in [
            ("2024-07-01T12:00:00Z", "2024-07-01 14:00:00 +0200"),
            ("2024-10-27T00:59:59Z", "2024-10-27 02:59:59 +0200"),
            ("2024-10-27T01:00:00Z", "2024-10-27 02:00:00 +0100"),
            ("2025-03-30T00:59:59Z", "2025-03-30 01:59:59 +0100"),
            ("2025-03-30T01:00:00Z", "2025-03-30 03:00:00 +0200"),
            ("2025-12-31T23:30:00Z", "2026-01-01 00:30:00 +0100"),
        ] {
            let instant = chrono::DateTime::parse_from_rfc3339(at).unwrap().timestamp();
            assert_eq!(local(instant), expected);
        }
        assert_eq!(iso(berlin(day_of(2025, 7, 1), 12 * 3600)), "2025-07-01T10:00:00Z");
        assert_eq!(iso(berlin(day_of(2025, 1, 1), 0)), "2024-12-31T23:00:00Z");
    }

    #[test]
    fn dates() {
        assert_eq!((date(0), german_date(FIRST_DAY)), ("1970-01-01".to_owned(), "01.07.2024".to_owned()));
        assert_eq!(day_of(2023, 2, 29), day_of(2023, 2, 1));
    }
}
