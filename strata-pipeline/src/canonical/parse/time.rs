//! Reads dates and times as people and programs write them.
//!
//! A value is read in one of three ways: an ISO-like form (year first), a form with the month as a word, or a form
//! such as 03/04/2024, whose order of day and month the caller decides (see `evidence`). Where only one order makes a
//! date of it (03/14/2024), that order is taken, whatever was decided: there is no other reading.
//!
//! Times without a zone are local times of the source. A local time that a change of clocks skips is moved forward by the
//! length of the gap; one that occurs twice is its first occurrence.

use chrono::{DateTime, Days, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone};
use chrono_tz::Tz;
use strata_spec::manifest::DateOrder;

use super::words::{month, weekday, zone_offset_minutes};

/// What a text says about the order of day and month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DateEvidence {
    /// Nothing: it is no date, or a date that can be read in one way only.
    None,
    /// Both orders make a date of it, and different ones.
    Ambiguous,
    /// The first part is above 12.
    DayFirst,
    /// The second part is above 12.
    MonthFirst,
}

/// Reads an instant, in microseconds since 1970-01-01 UTC.
pub(crate) fn parse_timestamp(text: &str, order: DateOrder, zone: Tz) -> Option<i64> {
    match parse(text, order)? {
        Moment::Instant(instant) => Some(instant.timestamp_micros()),
        Moment::Written { date, time, zone: Some(Zone::Offset(offset)) } => {
            let local = date.and_time(time);
            Some(local.checked_sub_offset(offset)?.and_utc().timestamp_micros())
        }
        Moment::Written { date, time, zone: Some(Zone::Named(named)) } => {
            localise(date.and_time(time), named)
        }
        Moment::Written { date, time, zone: None } => localise(date.and_time(time), zone),
    }
}

/// Reads a calendar day, in days since 1970-01-01: the day as written, whatever the zone of a time beside it.
pub(crate) fn parse_date(text: &str, order: DateOrder) -> Option<i32> {
    let date = match parse(text, order)? {
        Moment::Instant(instant) => instant.date_naive(),
        Moment::Written { date, .. } => date,
    };
    days_since_epoch(date)
}

/// What `text` says about the order of day and month in its column.
pub(crate) fn date_evidence(text: &str) -> DateEvidence {
    let Some((first, second, _, separator)) = Scanner::new(text).numeric_parts() else {
        return DateEvidence::None;
    };
    match (first, second) {
        // Dates with points are written day first everywhere.
        (1..=12, 1..=12) if first != second && separator != '.' => DateEvidence::Ambiguous,
        (13..=31, 1..=12) => DateEvidence::DayFirst,
        (1..=12, 13..=31) => DateEvidence::MonthFirst,
        _ => DateEvidence::None,
    }
}

/// The instant, in microseconds, at which clocks in `zone` show `local`.
pub(crate) fn localise(local: NaiveDateTime, zone: Tz) -> Option<i64> {
    if zone == Tz::UTC {
        return Some(local.and_utc().timestamp_micros());
    }
    let offset = match zone.offset_from_local_datetime(&local).earliest() {
        Some(offset) => offset.fix(),
        // In a gap the offset from before it holds on; no gap is longer than a day.
        None => (1..=26).find_map(|hours| {
            let before = local.checked_sub_signed(TimeDelta::hours(hours))?;
            zone.offset_from_local_datetime(&before).latest().map(|offset| offset.fix())
        })?,
    };
    Some(local.checked_sub_offset(offset)?.and_utc().timestamp_micros())
}

/// Days since 1970-01-01.
pub(crate) fn days_since_epoch(date: NaiveDate) -> Option<i32> {
    i32::try_from(date.signed_duration_since(NaiveDate::default()).num_days()).ok()
}

/// The instant that a bare number of seconds, milliseconds, microseconds or nanoseconds since 1970 means, by magnitude.
pub(crate) fn epoch(number: i64) -> Option<DateTime<chrono::Utc>> {
    match number.unsigned_abs() {
        0..100_000_000_000 => DateTime::from_timestamp(number, 0),
        100_000_000_000..100_000_000_000_000 => DateTime::from_timestamp_millis(number),
        100_000_000_000_000..100_000_000_000_000_000 => DateTime::from_timestamp_micros(number),
        _ => Some(DateTime::from_timestamp_nanos(number)),
    }
}

enum Moment {
    Instant(DateTime<chrono::Utc>),
    Written { date: NaiveDate, time: NaiveTime, zone: Option<Zone> },
}

#[derive(Clone, Copy)]
enum Zone {
    Offset(FixedOffset),
    Named(Tz),
}

fn parse(text: &str, order: DateOrder) -> Option<Moment> {
    let text = text.trim().trim_start_matches('\'');
    // The longest form that anyone writes is under 96 bytes; longer texts are prose.
    if text.len() > 96 {
        return None;
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return parse_digits(text);
    }
    let mut scanner = Scanner::new(text);
    let date = scanner.date(order)?;
    if scanner.text.trim().is_empty() {
        return Some(Moment::Written { date, time: NaiveTime::MIN, zone: None });
    }
    let (time, days) = scanner.time()?;
    let zone = scanner.zone()?;
    Some(Moment::Written { date: date.checked_add_days(Days::new(days))?, time, zone })
}

/// 20240301, 20240301101530 or a number of (milli-, micro-)seconds since 1970.
fn parse_digits(text: &str) -> Option<Moment> {
    let compact = |text: &str| -> Option<NaiveDate> {
        let year: i32 = text.get(0..4)?.parse().ok()?;
        let date =
            NaiveDate::from_ymd_opt(year, text.get(4..6)?.parse().ok()?, text.get(6..8)?.parse().ok()?)?;
        (1800..2200).contains(&year).then_some(date)
    };
    match text.len() {
        8 => Some(Moment::Written { date: compact(text)?, time: NaiveTime::MIN, zone: None }),
        14 if compact(text).is_some() => {
            let part = |range| text.get(range).and_then(|part: &str| part.parse().ok());
            let time = NaiveTime::from_hms_opt(part(8..10)?, part(10..12)?, part(12..14)?)?;
            Some(Moment::Written { date: compact(text)?, time, zone: None })
        }
        // Below nine digits a number is a year, an id or a count, and no time after March 1973.
        9..=19 => epoch(text.parse().ok()?).map(Moment::Instant),
        _ => None,
    }
}

/// Reads a text from left to right; each method takes what it recognises and leaves the rest.
struct Scanner<'a> {
    text: &'a str,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str) -> Scanner<'a> {
        let mut scanner = Scanner { text: text.trim().trim_start_matches('\'') };
        let start = scanner.text;
        match scanner.word() {
            Some(word) if weekday(word) => scanner.skip(&[' ', ',', '.']),
            _ => scanner.text = start,
        }
        scanner
    }

    fn skip(&mut self, characters: &[char]) {
        self.text = self.text.trim_start_matches(characters);
    }

    fn take(&mut self, is_part: impl Fn(char) -> bool) -> Option<&'a str> {
        let end = self.text.find(|each| !is_part(each)).unwrap_or(self.text.len());
        let (part, rest) = self.text.split_at(end);
        if part.is_empty() {
            return None;
        }
        self.text = rest;
        Some(part)
    }

    fn word(&mut self) -> Option<&'a str> {
        self.take(char::is_alphabetic)
    }

    fn digits(&mut self, lengths: std::ops::RangeInclusive<usize>) -> Option<(u32, usize)> {
        let digits = self.take(|each| each.is_ascii_digit())?;
        if !lengths.contains(&digits.len()) {
            return None;
        }
        Some((digits.parse().ok()?, digits.len()))
    }

    fn separator(&mut self) -> Option<char> {
        let separator = self.text.chars().next().filter(|each| matches!(each, '/' | '-' | '.'))?;
        self.text = &self.text[1..];
        self.skip(&[' ']);
        Some(separator)
    }

    /// The parts of a date whose order has to be decided: first, second, year, separator.
    fn numeric_parts(&mut self) -> Option<(u32, u32, i32, char)> {
        let (first, _) = self.digits(1..=2)?;
        let separator = self.separator()?;
        let (second, _) = self.digits(1..=2)?;
        if self.separator()? != separator {
            return None;
        }
        let year = self.year()?;
        Some((first, second, year, separator))
    }

    /// A year of four digits, or of two: 69 to 99 are 19xx, 00 to 68 are 20xx, as POSIX has it.
    fn year(&mut self) -> Option<i32> {
        self.skip(&['\'', '’']);
        let (year, length) = self.digits(2..=4)?;
        let year = i32::try_from(year).ok()?;
        match (length, year) {
            (4, 1000..) => Some(year),
            (2, 69..) => Some(1900 + year),
            (2, _) => Some(2000 + year),
            _ => None,
        }
    }

    fn date(&mut self, order: DateOrder) -> Option<NaiveDate> {
        let start = self.text;
        if start.starts_with(char::is_alphabetic) {
            return self.month_word_first();
        }
        let leading = start.bytes().take_while(u8::is_ascii_digit).count();
        match leading {
            4 => self.year_first(),
            8 => {
                let digits = self.take(|each| each.is_ascii_digit())?;
                match parse_digits(digits)? {
                    Moment::Written { date, .. } => Some(date),
                    Moment::Instant(_) => None,
                }
            }
            1 | 2 => {
                if let Some((first, second, year, separator)) = self.numeric_parts() {
                    return decide(first, second, year, separator, order);
                }
                self.text = start;
                self.day_then_month_word()
            }
            _ => None,
        }
    }

    /// 2024-03-01, 2024/3/1, 2024.03.01
    fn year_first(&mut self) -> Option<NaiveDate> {
        let (year, _) = self.digits(4..=4)?;
        let separator = self.separator()?;
        let year = i32::try_from(year).ok()?;
        if self.text.starts_with(char::is_alphabetic) {
            let month = month(self.word()?)?;
            self.separator()?;
            return NaiveDate::from_ymd_opt(year, month, self.digits(1..=2)?.0);
        }
        let (month, _) = self.digits(1..=2)?;
        if self.separator()? != separator {
            return None;
        }
        NaiveDate::from_ymd_opt(year, month, self.digits(1..=2)?.0)
    }

    /// Mar 3, 2024
    fn month_word_first(&mut self) -> Option<NaiveDate> {
        let month = month(self.word()?)?;
        self.skip(&['.', ' ', '-', '/']);
        let (day, _) = self.digits(1..=2)?;
        self.ordinal();
        self.skip(&['.', ',', ' ', '-', '/']);
        NaiveDate::from_ymd_opt(self.year()?, month, day)
    }

    /// 3 March 2024, 3-Mar-24, 3rd of March 2024
    fn day_then_month_word(&mut self) -> Option<NaiveDate> {
        let (day, _) = self.digits(1..=2)?;
        self.ordinal();
        self.skip(&['.', ' ', '-', '/']);
        if let Some(rest) = self.text.strip_prefix("of ") {
            self.text = rest;
        }
        let month = month(self.word()?)?;
        self.skip(&['.', ',', ' ', '-', '/']);
        NaiveDate::from_ymd_opt(self.year()?, month, day)
    }

    fn ordinal(&mut self) {
        for suffix in ["st", "nd", "rd", "th"] {
            if let Some(rest) = self.text.strip_prefix(suffix) {
                self.text = rest;
                return;
            }
        }
    }

    /// A time of day and how many days to add for it (24:00 is the next day's midnight).
    fn time(&mut self) -> Option<(NaiveTime, u64)> {
        let joined = self.text.strip_prefix(['T', 't', '_']);
        self.text = joined.unwrap_or(self.text);
        self.skip(&[' ', ',']);
        if let Some(rest) = self.text.strip_prefix("at ").or_else(|| self.text.strip_prefix("- ")) {
            self.text = rest;
        }
        let digits = self.take(|each| each.is_ascii_digit())?;
        let (hour, minute, second): (u32, u32, u32) = match digits.len() {
            6 => (digits[0..2].parse().ok()?, digits[2..4].parse().ok()?, digits[4..6].parse().ok()?),
            4 if joined.is_some() => (digits[0..2].parse().ok()?, digits[2..4].parse().ok()?, 0),
            1 | 2 => {
                let hour = digits.parse().ok()?;
                let minute = self.after_colon();
                let second = if minute.is_some() { self.after_colon() } else { None };
                // A bare hour is a time only with AM or PM behind it.
                if minute.is_none() && self.meridiem_ahead().is_none() {
                    return None;
                }
                (hour, minute.unwrap_or(0), second.unwrap_or(0))
            }
            _ => return None,
        };
        let nanoseconds = self.fraction();
        let hour = match self.meridiem_ahead() {
            Some((_, _)) if !(1..=12).contains(&hour) && hour != 0 => {
                // 13:05 PM is written by programs that print both.
                self.text = self.meridiem_ahead()?.1;
                hour
            }
            Some((afternoon, rest)) => {
                self.text = rest;
                hour % 12 + if afternoon { 12 } else { 0 }
            }
            None => hour,
        };
        if (hour, minute, second, nanoseconds) == (24, 0, 0, 0) {
            return Some((NaiveTime::MIN, 1));
        }
        // A leap second is counted as the second before it: the engine's instants have none.
        NaiveTime::from_hms_nano_opt(
            hour,
            minute,
            second.min(if second == 60 { 59 } else { second }),
            nanoseconds,
        )
        .map(|time| (time, 0))
    }

    fn after_colon(&mut self) -> Option<u32> {
        let rest = self.text.strip_prefix(':')?;
        let start = self.text;
        self.text = rest;
        let digits = self.digits(2..=2).map(|(digits, _)| digits);
        if digits.is_none() {
            self.text = start;
        }
        digits
    }

    /// Nanoseconds after a point or comma; digits beyond the ninth are cut.
    fn fraction(&mut self) -> u32 {
        let Some(rest) = self.text.strip_prefix(['.', ',']) else { return 0 };
        let digits: &str = &rest[..rest.bytes().take_while(u8::is_ascii_digit).count()];
        if digits.is_empty() {
            return 0;
        }
        self.text = &rest[digits.len()..];
        let padded: String = digits.chars().chain("000000000".chars()).take(9).collect();
        padded.parse().unwrap_or(0)
    }

    /// Whether `AM` or `PM` (or `a.m.`, `p.m.`) stands next, and what follows it.
    fn meridiem_ahead(&self) -> Option<(bool, &'a str)> {
        let rest = self.text.trim_start_matches([' ', '\u{a0}', '\u{202f}']);
        for (marker, afternoon) in [("a.m.", false), ("p.m.", true), ("am", false), ("pm", true)] {
            if let Some(head) = rest.get(..marker.len())
                && head.eq_ignore_ascii_case(marker)
                && !rest[marker.len()..].starts_with(char::is_alphabetic)
            {
                return Some((afternoon, &rest[marker.len()..]));
            }
        }
        None
    }

    /// The zone at the end of the text: `Some(None)` where there is none, `None` where there is something else.
    fn zone(&mut self) -> Option<Option<Zone>> {
        self.skip(&[' ']);
        let text = self.text.trim_end();
        // JavaScript repeats the zone in words: GMT+0100 (Central European Standard Time).
        let text = text.split_once(" (").map_or(text, |(zone, _)| zone);
        // Java appends the zone's name: 2024-03-01T10:00+01:00[Europe/Berlin].
        let text = text.split_once('[').map_or(text, |(zone, _)| zone);
        if text.is_empty() {
            return Some(None);
        }
        let text = match text.get(..3) {
            Some("GMT" | "UTC") if text.len() > 3 => &text[3..],
            _ => text,
        };
        if let Some(minutes) = zone_offset_minutes(text).or_else(|| offset_minutes(text)) {
            return Some(Some(Zone::Offset(FixedOffset::east_opt(minutes * 60)?)));
        }
        text.parse().ok().map(|named| Some(Zone::Named(named)))
    }
}

/// +02, +0200, -03:30
fn offset_minutes(text: &str) -> Option<i32> {
    let sign = match text.chars().next()? {
        '+' => 1,
        '-' | '−' => -1,
        _ => return None,
    };
    let digits: String = text.chars().skip(1).filter(|each| *each != ':').collect();
    if !matches!(digits.len(), 1 | 2 | 4) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes) = digits.split_at(digits.len().min(2));
    let hours: i32 = hours.parse().ok()?;
    let minutes: i32 = if minutes.is_empty() { 0 } else { minutes.parse().ok()? };
    (hours <= 15 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

/// The date of two parts whose order is decided, or can only be one.
fn decide(first: u32, second: u32, year: i32, separator: char, order: DateOrder) -> Option<NaiveDate> {
    let day_first = separator == '.' || order == DateOrder::DayFirst;
    let (day, month) = if day_first { (first, second) } else { (second, first) };
    NaiveDate::from_ymd_opt(year, month, day).or_else(|| {
        // The other way only where the parts themselves exclude this one: 31/02 is no date in any order.
        (month > 12).then(|| NaiveDate::from_ymd_opt(year, day, month)).flatten()
    })
}
