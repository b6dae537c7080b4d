//! Lengths of time and calendar periods as words: `30 days`, `1 year 2 months`, `last quarter`.

use std::fmt;

use super::{CalendarUnit, Interval, Window};
use crate::error::{SpecError, nearest};

impl Interval {
    /// Reads whole numbers with their units, in any order: `60 days`, `1 year 2 months`, `-3 hours`.
    pub fn parse(text: &str) -> Result<Interval, SpecError> {
        let mut words = text.split_whitespace();
        let mut sum = Interval::default();
        let mut parts = 0;
        while let Some(number) = words.next() {
            // `30days` is `30 days`.
            let digits = number.trim_start_matches(['+', '-']);
            let split =
                number.len() - digits.len() + digits.find(char::is_alphabetic).unwrap_or(digits.len());
            let (number, glued) = number.split_at(split);
            let count: i64 = number.parse().map_err(|_| {
                SpecError::new(format!("`{number}` in the length of time '{text}' is not a whole number"))
                    .with_hint("write numbers with their units, as '30 days' or '1 year 2 months'; half a day is '12 hours'")
            })?;
            let unit = if glued.is_empty() { words.next() } else { Some(glued) };
            let unit = unit.ok_or_else(|| {
                SpecError::new(format!("the length of time '{text}' lacks a unit"))
                    .with_hint(format!("write '{count} days', or another of {}", list(&UNITS)))
            })?;
            sum = add(sum, count, unit)?.ok_or_else(|| {
                SpecError::new(format!("the length of time '{text}' is too long"))
                    .with_hint("leave the window out to mean all of time")
            })?;
            parts += 1;
        }
        if parts == 0 {
            return Err(SpecError::new("the length of time is empty").with_hint("write it as '30 days'"));
        }
        Ok(sum)
    }

    /// Whether no part is negative and one is positive: a length that time can take.
    pub fn is_positive(self) -> bool {
        self.months >= 0 && self.days >= 0 && self.seconds >= 0 && self != Interval::default()
    }

    /// Whether it is longer than what is known of anybody's customers, and than the calendar bears.
    pub(super) fn is_absurd(self) -> bool {
        let years =
            f64::from(self.months) / 12.0 + f64::from(self.days) / 365.0 + self.seconds as f64 / 31_536_000.0;
        years.abs() > MOST_YEARS
    }

    /// Whether this one is surely not longer than the other, however long the months are.
    pub(super) fn surely_not_longer_than(self, other: Interval) -> bool {
        let seconds = |interval: Interval, days_of_month: i64| {
            (i64::from(interval.months) * days_of_month + i64::from(interval.days)) as i128 * 86_400
                + i128::from(interval.seconds)
        };
        self == other || seconds(self, 31) <= seconds(other, 28)
    }
}

/// The longest window, in years.
const MOST_YEARS: f64 = 1_000.0;

const UNITS: [&str; 8] = ["seconds", "minutes", "hours", "days", "weeks", "months", "quarters", "years"];

fn list(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// Adds `count` units; none where the sum does not fit.
fn add(sum: Interval, count: i64, unit: &str) -> Result<Option<Interval>, SpecError> {
    let plural = match unit.to_lowercase() {
        word if word.ends_with('s') => word,
        word => format!("{word}s"),
    };
    let whole = |months: i64, days: i64, seconds: i64| {
        let scaled = |per_unit: i64| count.checked_mul(per_unit);
        Some(Interval {
            months: sum.months.checked_add(i32::try_from(scaled(months)?).ok()?)?,
            days: sum.days.checked_add(i32::try_from(scaled(days)?).ok()?)?,
            seconds: sum.seconds.checked_add(scaled(seconds)?)?,
        })
    };
    Ok(match plural.as_str() {
        "seconds" => whole(0, 0, 1),
        "minutes" => whole(0, 0, 60),
        "hours" => whole(0, 0, 3_600),
        "days" => whole(0, 1, 0),
        "weeks" => whole(0, 7, 0),
        "months" => whole(1, 0, 0),
        "quarters" => whole(3, 0, 0),
        "years" => whole(12, 0, 0),
        _ => {
            let error = SpecError::new(format!("unknown unit of time `{unit}`"));
            return Err(match nearest(&plural, UNITS) {
                Some(near) => error.with_hint(format!("did you mean `{near}`?")),
                None => error.with_hint(format!("the units are {}", list(&UNITS))),
            });
        }
    })
}

impl fmt::Display for Interval {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            (i64::from(self.months / 12), "year"),
            (i64::from(self.months % 12), "month"),
            (i64::from(self.days), "day"),
            (self.seconds / 3_600, "hour"),
            (self.seconds / 60 % 60, "minute"),
            (self.seconds % 60, "second"),
        ];
        let mut first = true;
        for (count, unit) in parts.into_iter().filter(|(count, _)| *count != 0) {
            let space = if first { "" } else { " " };
            let plural = if count.abs() == 1 { "" } else { "s" };
            write!(out, "{space}{count} {unit}{plural}")?;
            first = false;
        }
        if first { out.write_str("0 days") } else { Ok(()) }
    }
}

impl CalendarUnit {
    /// Every unit, from short to long, those of the fiscal year last.
    pub const ALL: [CalendarUnit; 7] = [
        CalendarUnit::Day,
        CalendarUnit::Week,
        CalendarUnit::Month,
        CalendarUnit::Quarter,
        CalendarUnit::Year,
        CalendarUnit::FiscalQuarter,
        CalendarUnit::FiscalYear,
    ];

    /// The unit's name: `day`, `week`, `month`, `quarter`, `year`, `fiscal quarter`, `fiscal year`.
    pub fn as_str(self) -> &'static str {
        match self {
            CalendarUnit::Day => "day",
            CalendarUnit::Week => "week",
            CalendarUnit::Month => "month",
            CalendarUnit::Quarter => "quarter",
            CalendarUnit::Year => "year",
            CalendarUnit::FiscalQuarter => "fiscal quarter",
            CalendarUnit::FiscalYear => "fiscal year",
        }
    }

    /// Reads a unit, singular or plural.
    pub fn parse(word: &str) -> Result<CalendarUnit, SpecError> {
        let singular = word.strip_suffix('s').unwrap_or(word);
        CalendarUnit::ALL.into_iter().find(|unit| unit.as_str() == singular).ok_or_else(|| {
            let names = CalendarUnit::ALL.map(CalendarUnit::as_str);
            let error = SpecError::new(format!("unknown calendar unit `{word}`"));
            match nearest(singular, names) {
                Some(near) => error.with_hint(format!("did you mean `{near}`?")),
                None => error.with_hint(format!("the units are {}", list(&names))),
            }
        })
    }

    /// About how many years, for what need not be exact.
    fn years(self) -> f64 {
        match self {
            CalendarUnit::Day => 1.0 / 365.0,
            CalendarUnit::Week => 7.0 / 365.0,
            CalendarUnit::Month => 1.0 / 12.0,
            CalendarUnit::Quarter | CalendarUnit::FiscalQuarter => 0.25,
            CalendarUnit::Year | CalendarUnit::FiscalYear => 1.0,
        }
    }
}

/// Reads a calendar period: `this month`, `last quarter`, `next week`, `today`, `yesterday`, `2 years ago`, `in 3 days`,
/// `last 3 months`, `this fiscal year`, `last year to date`.
pub(super) fn parse_period(text: &str) -> Result<Window, SpecError> {
    let lower = text.to_lowercase();
    // `fiscal year` is one word.
    let mut words: Vec<String> = Vec::new();
    for word in lower.split_whitespace() {
        match words.last_mut() {
            Some(last) if last == "fiscal" => *last = format!("fiscal {word}"),
            _ => words.push(word.to_owned()),
        }
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if let [period @ .., "to", "date"] = words.as_slice() {
        if let Some((unit, offset)) = one_period(period).transpose()? {
            return Ok(Window::ToDate { unit, offset });
        }
    } else if let Some((unit, offset)) = one_period(&words).transpose()? {
        return Ok(Window::Period { unit, offset });
    } else if let [direction @ ("last" | "next"), count, unit] = words.as_slice()
        && let Ok(count @ 1..) = count.parse::<u16>()
    {
        let unit = CalendarUnit::parse(unit)?;
        let count = if *direction == "last" { -i32::from(count) } else { i32::from(count) };
        // One period is said as such.
        return Ok(match count {
            -1 | 1 => Window::Period { unit, offset: count },
            _ => Window::Periods { unit, count },
        });
    }
    Err(SpecError::new(format!("'{text}' is not a calendar period")).with_hint(
        "write `today`, `yesterday`, `this month`, `last quarter`, `next year`, `2 weeks ago`, `in 2 weeks`, `last 3 months`, `this fiscal year` or `last year to date`",
    ))
}

fn one_period(words: &[&str]) -> Option<Result<(CalendarUnit, i32), SpecError>> {
    let (unit, offset) = match words {
        ["today"] => ("day", 0),
        ["yesterday"] => ("day", -1),
        ["tomorrow"] => ("day", 1),
        ["this", unit] => (*unit, 0),
        ["last", unit] => (*unit, -1),
        ["next", unit] => (*unit, 1),
        [count, unit, "ago"] => (*unit, -i32::from(count.parse::<u16>().ok()?)),
        ["in", count, unit] => (*unit, i32::from(count.parse::<u16>().ok()?)),
        _ => return None,
    };
    Some(CalendarUnit::parse(unit).map(|unit| (unit, offset)))
}

impl Window {
    /// A window of calendar periods in the words that [`parse_period`] reads; none for a window of another kind.
    pub(super) fn period_words(self) -> Option<String> {
        match self {
            Window::Last(_) | Window::Next(_) | Window::Ago { .. } => None,
            Window::Period { unit, offset } => Some(period_words(unit, offset)),
            Window::Periods { unit, count } => {
                let direction = if count < 0 { "last" } else { "next" };
                Some(format!("{direction} {} {}s", count.unsigned_abs(), unit.as_str()))
            }
            Window::ToDate { unit, offset } => Some(format!("{} to date", period_words(unit, offset))),
        }
    }

    /// Whether it reaches further than the calendar bears.
    pub(super) fn is_absurd(self) -> bool {
        match self {
            Window::Last(length) | Window::Next(length) => length.is_absurd(),
            Window::Ago { from, to } => from.is_absurd() || to.is_absurd(),
            Window::Period { unit, offset: count }
            | Window::Periods { unit, count }
            | Window::ToDate { unit, offset: count } => {
                unit.years() * f64::from(count.unsigned_abs()) > MOST_YEARS
            }
        }
    }
}

fn period_words(unit: CalendarUnit, offset: i32) -> String {
    let name = unit.as_str();
    match (unit, offset) {
        (CalendarUnit::Day, 0) => "today".to_owned(),
        (CalendarUnit::Day, -1) => "yesterday".to_owned(),
        (CalendarUnit::Day, 1) => "tomorrow".to_owned(),
        (_, 0) => format!("this {name}"),
        (_, -1) => format!("last {name}"),
        (_, 1) => format!("next {name}"),
        (_, ahead) if ahead > 0 => format!("in {ahead} {name}s"),
        (_, ago) => format!("{} {name}s ago", ago.unsigned_abs()),
    }
}
