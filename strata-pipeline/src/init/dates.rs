//! Which of a column's values are dates, in which order of day and month, and what the newest is.
//!
//! This is evidence for a proposal, not the reading of data: it knows the customary ways of writing a day and
//! ignores the time of day.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate};
use strata_spec::manifest::DateOrder;

/// What the values of one column say about dates.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DateFacts {
    /// Values that are a day or an instant.
    pub n_dates: u64,
    /// Values that are whole numbers of the size of seconds, milliseconds or microseconds since 1970.
    pub n_epochs: u64,
    /// Dates that make sense only with the day first.
    pub n_day_first: u64,
    /// Dates that make sense only with the month first.
    pub n_month_first: u64,
    /// Dates that make sense in both orders.
    pub n_ambiguous: u64,
    /// The newest day of each year, by how it was read.
    fixed: Newest,
    day_first: Newest,
    month_first: Newest,
    epochs: Newest,
}

type Newest = BTreeMap<i32, NaiveDate>;

impl DateFacts {
    /// Takes one value into account.
    pub fn observe(&mut self, value: &str) {
        match read(value) {
            Some(Reading::Fixed(date)) => {
                self.n_dates += 1;
                keep(&mut self.fixed, date);
            }
            Some(Reading::Slashed { day_first, month_first }) => {
                self.n_dates += 1;
                match (day_first, month_first) {
                    (Some(_), None) => self.n_day_first += 1,
                    (None, Some(_)) => self.n_month_first += 1,
                    _ => self.n_ambiguous += 1,
                }
                day_first.into_iter().for_each(|date| keep(&mut self.day_first, date));
                month_first.into_iter().for_each(|date| keep(&mut self.month_first, date));
            }
            Some(Reading::Epoch(date)) => {
                self.n_epochs += 1;
                keep(&mut self.epochs, date);
            }
            None => {}
        }
    }

    /// Adds what another part of the same column said.
    pub fn merge(&mut self, other: &DateFacts) {
        self.n_dates += other.n_dates;
        self.n_epochs += other.n_epochs;
        self.n_day_first += other.n_day_first;
        self.n_month_first += other.n_month_first;
        self.n_ambiguous += other.n_ambiguous;
        let parts = [
            (&mut self.fixed, &other.fixed),
            (&mut self.day_first, &other.day_first),
            (&mut self.month_first, &other.month_first),
            (&mut self.epochs, &other.epochs),
        ];
        for (mine, theirs) in parts {
            theirs.values().for_each(|&date| keep(mine, date));
        }
    }

    /// The order that the values prove, if they prove one.
    pub fn order(&self) -> Option<DateOrder> {
        match (self.n_day_first, self.n_month_first) {
            (0, 0) => None,
            (day, month) if day >= month => Some(DateOrder::DayFirst),
            _ => Some(DateOrder::MonthFirst),
        }
    }

    /// The newest day that is not after `today`. Where the order of day and month is open, the later of the two, so
    /// that nothing is taken for the future that may not be.
    pub fn newest(&self, order: Option<DateOrder>, today: NaiveDate) -> Option<NaiveDate> {
        let slashed: &[&Newest] = match order.or(self.order()) {
            Some(DateOrder::DayFirst) => &[&self.day_first],
            Some(DateOrder::MonthFirst) => &[&self.month_first],
            None => &[&self.day_first, &self.month_first],
        };
        let days = if self.n_dates > 0 { &self.fixed } else { &self.epochs };
        let past = |newest: &Newest| newest.values().copied().filter(|&date| date <= today).max();
        slashed.iter().filter_map(|newest| past(newest)).chain(past(days)).max()
    }
}

fn keep(newest: &mut Newest, date: NaiveDate) {
    newest.entry(date.year()).and_modify(|known| *known = date.max(*known)).or_insert(date);
}

#[derive(Debug, PartialEq)]
enum Reading {
    Fixed(NaiveDate),
    Slashed { day_first: Option<NaiveDate>, month_first: Option<NaiveDate> },
    Epoch(NaiveDate),
}

fn read(value: &str) -> Option<Reading> {
    let value = value.trim();
    if value.len() > 48 || !value.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if value.bytes().all(|byte| byte.is_ascii_digit()) {
        return digits(value);
    }
    numeric(value).or_else(|| named(value))
}

/// `20240131`, or a time since 1970.
fn digits(value: &str) -> Option<Reading> {
    let number: i64 = value.parse().ok()?;
    let instant = match value.len() {
        8 => {
            return day(
                i32::try_from(number / 10_000).ok()?,
                (number / 100 % 100) as u32,
                (number % 100) as u32,
            )
            .map(Reading::Fixed);
        }
        10 => DateTime::from_timestamp(number, 0),
        13 => DateTime::from_timestamp_millis(number),
        16 => DateTime::from_timestamp_micros(number),
        _ => None,
    };
    instant
        .map(|instant| instant.date_naive())
        .filter(|date| (1995..2100).contains(&date.year()))
        .map(Reading::Epoch)
}

/// Three numbers with one separator, and perhaps a time after them.
fn numeric(value: &str) -> Option<Reading> {
    let end = value.find(|character: char| !(character.is_ascii_digit() || "-/.".contains(character)));
    let (date, rest) = value.split_at(end.unwrap_or(value.len()));
    if !rest.is_empty() && !rest.starts_with(['T', ' ', ',', 't']) {
        return None;
    }
    let separator = date.chars().find(|character| !character.is_ascii_digit())?;
    let parts: Vec<&str> = date.trim_end_matches(separator).split(separator).collect();
    let &[first, second, third] = parts.as_slice() else { return None };
    let (a, b, c): (u32, u32, u32) = (first.parse().ok()?, second.parse().ok()?, third.parse().ok()?);
    if first.len() == 4 {
        return day(a as i32, b, c).map(Reading::Fixed);
    }
    if first.len() > 2 || second.len() > 2 || !(third.len() == 4 || third.len() == 2) {
        return None;
    }
    let year = full_year(c, third.len());
    match (day(year, b, a), day(year, a, b)) {
        (None, None) => None,
        (day_first, month_first) => Some(Reading::Slashed { day_first, month_first }),
    }
}

/// A month by its name: `5 Jan 2024`, `January 5, 2024`, `05-Jan-24`, `5. März 2024`.
fn named(value: &str) -> Option<Reading> {
    let words: Vec<&str> =
        value.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let at = words.iter().take(3).position(|word| month(word).is_some())?;
    let month = month(words[at])?;
    let number = |index: usize| words.get(index).and_then(|word| word.parse::<u32>().ok());
    // "Mon, 5 Jan 2024" has a weekday first; "5 de enero de 2024" a word in between.
    let year_at = if words.get(at + 1) == Some(&"de") { at + 2 } else { at + 1 };
    let before =
        at.checked_sub(1).map(|index| if words[index] == "de" { index.saturating_sub(1) } else { index });
    let (days, years, year_word) = match before.and_then(number) {
        Some(days) => (days, number(year_at)?, words.get(year_at)?),
        None => (number(at + 1)?, number(at + 2)?, words.get(at + 2)?),
    };
    day(full_year(years, year_word.len()), month, days).map(Reading::Fixed)
}

fn full_year(year: u32, digits: usize) -> i32 {
    let year = year as i32;
    match digits {
        2 if year < 70 => 2000 + year,
        2 => 1900 + year,
        _ => year,
    }
}

fn day(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, day).filter(|_| (1880..2200).contains(&year) || year == 9999)
}

/// The month that a word begins to name, in English, German, French or Spanish.
fn month(word: &str) -> Option<u32> {
    const MONTHS: [&[&str]; 12] = [
        &["jan", "jän", "ene"],
        &["feb", "fév", "fev"],
        &["mar", "mär", "maer", "mrz"],
        &["apr", "avr", "abr"],
        &["may", "mai"],
        &["jun", "juin"],
        &["jul", "juil"],
        &["aug", "aoû", "aou", "ago"],
        &["sep", "set"],
        &["oct", "okt"],
        &["nov"],
        &["dec", "dez", "déc", "dic"],
    ];
    let word = word.to_lowercase();
    let named = |names: &&[&str]| names.iter().any(|name| word.starts_with(name));
    (3..=10)
        .contains(&word.chars().count())
        .then(|| MONTHS.iter().position(named))?
        .map(|index| index as u32 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Option<NaiveDate> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn days_are_read_in_the_customary_ways() {
        for (value, expected) in [
            ("2024-01-31", "2024-01-31"),
            ("2025-10-02 17:09:34 -0300", "2025-10-02"),
            ("2024-01-31T10:00:00Z", "2024-01-31"),
            ("2024/1/5", "2024-01-05"),
            ("20240131", "2024-01-31"),
            ("5 Jan 2024", "2024-01-05"),
            ("Mon, 5 Jan 2024 10:00", "2024-01-05"),
            ("January 5, 2024 3:04 pm", "2024-01-05"),
            ("05-Jan-24", "2024-01-05"),
            ("5. März 2024", "2024-03-05"),
            ("5 de enero de 2024", "2024-01-05"),
            ("12 août 1999", "1999-08-12"),
        ] {
            assert_eq!(read(value), date(expected).map(Reading::Fixed), "{value}");
        }
        for value in
            ["", "Marta", "12", "1.5", "2024-13-01", "10.000.000", "192.168.0.1", "536365", "3 marbles 5"]
        {
            assert_eq!(read(value), None, "{value}");
        }
        assert_eq!(read("1706695200"), date("2024-01-31").map(Reading::Epoch));
        assert_eq!(read("1706695200000000"), date("2024-01-31").map(Reading::Epoch));
    }

    #[test]
    fn the_order_of_day_and_month_follows_from_what_is_possible() {
        for (values, order, newest) in [
            (&["1/2/2024", "13/2/2024"][..], Some(DateOrder::DayFirst), "2024-02-13"),
            (&["1/2/2024", "2/13/2024"], Some(DateOrder::MonthFirst), "2024-02-13"),
            (&["1/2/2024"], None, "2024-02-01"),
            (&["31.12.9999", "30.11.2023"], Some(DateOrder::DayFirst), "2023-11-30"),
        ] {
            let mut facts = DateFacts::default();
            values.iter().for_each(|value| facts.observe(value));
            assert_eq!(facts.order(), order, "{values:?}");
            assert_eq!(facts.newest(None, date("2025-01-01").unwrap()), date(newest), "{values:?}");
        }
    }

    #[test]
    fn parts_of_a_column_add_up() {
        let [mut one, mut other, mut both] = [(); 3].map(|()| DateFacts::default());
        for value in ["1/2/2024", "1706695200"] {
            one.observe(value);
            both.observe(value);
        }
        for value in ["13/2/2024", "2024-05-05", "x"] {
            other.observe(value);
            both.observe(value);
        }
        one.merge(&other);
        assert_eq!(one, both);
    }
}
