//! What the values of a column look like: how many are numbers, dates, e-mail addresses, countries, how many differ.

use std::collections::{BTreeSet, HashMap};

use super::dates::DateFacts;
use super::words::Kind;

/// Texts that stand for a missing value.
const MISSING: [&str; 9] = ["null", "na", "n/a", "nan", "none", "nil", "\\n", "-", "--"];

/// What the sampled values of one column look like.
#[derive(Debug, Clone, Default)]
pub(super) struct Evidence {
    /// Values that are there.
    pub(super) n_filled: u64,
    /// Cells that are empty or hold a word for that.
    pub(super) n_missing: u64,
    pub(super) n_distinct: u64,
    /// How often each value occurs.
    pub(super) counts: HashMap<String, u64>,
    /// Texts among the values that stand for a missing one, as written.
    pub(super) missing_words: BTreeSet<String>,
    pub(super) n_numbers: u64,
    pub(super) n_negative: u64,
    pub(super) n_integers: u64,
    pub(super) n_emails: u64,
    pub(super) n_phones: u64,
    pub(super) n_booleans: u64,
    pub(super) n_countries: u64,
    pub(super) n_years: u64,
    pub(super) n_ages: u64,
    /// Whole numbers from 0 to 10.
    pub(super) n_points: u64,
    /// Three capital letters.
    pub(super) n_currency_codes: u64,
    /// Currency signs that stand with numbers.
    pub(super) currency_sign: Option<&'static str>,
    /// Values of several words.
    pub(super) n_phrases: u64,
    pub(super) n_characters: u64,
    pub(super) dates: DateFacts,
}

impl Evidence {
    /// Looks at a column's values.
    pub(super) fn of<'a>(values: impl Iterator<Item = Option<&'a str>>) -> Evidence {
        let mut evidence = Evidence::default();
        for value in values {
            let value = value.map(str::trim).unwrap_or_default();
            let missing_word = MISSING.contains(&value.to_lowercase().as_str());
            if value.is_empty() || missing_word {
                evidence.n_missing += 1;
                evidence.missing_words.extend(missing_word.then(|| value.to_owned()));
            } else {
                evidence.observe(value);
            }
        }
        evidence.n_distinct = evidence.counts.len() as u64;
        evidence
    }

    fn observe(&mut self, value: &str) {
        self.n_filled += 1;
        *self.counts.entry(value.to_owned()).or_default() += 1;
        self.dates.observe(value);
        if let Some(sign) = ["€", "£", "$"].into_iter().find(|sign| value.contains(sign)) {
            self.currency_sign = Some(sign);
        }
        if let Some(number) = number(value) {
            let whole = number.fract() == 0.0;
            self.n_numbers += 1;
            self.n_negative += u64::from(number < 0.0);
            self.n_integers += u64::from(whole);
            self.n_years += u64::from(whole && (1500.0..2200.0).contains(&number));
            self.n_ages += u64::from(whole && (1.0..=115.0).contains(&number));
            self.n_points += u64::from(whole && (0.0..=10.0).contains(&number));
        }
        self.n_emails += u64::from(is_email(value));
        self.n_phones += u64::from(is_phone(value));
        self.n_booleans += u64::from(is_boolean(value));
        self.n_countries += u64::from(strata_spec::country::code(value).is_some());
        self.n_currency_codes +=
            u64::from(value.len() == 3 && value.bytes().all(|byte| byte.is_ascii_alphabetic()));
        self.n_phrases += u64::from(value.split_whitespace().nth(2).is_some());
        self.n_characters += value.chars().count() as u64;
    }

    /// The part of the values that are there of which `n` speaks.
    pub(super) fn share(&self, n: u64) -> f64 {
        if self.n_filled == 0 { 0.0 } else { n as f64 / self.n_filled as f64 }
    }

    /// How many different values there are for each value.
    pub(super) fn distinctness(&self) -> f64 {
        self.share(self.n_distinct)
    }

    pub(super) fn mean_length(&self) -> f64 {
        self.share(self.n_characters)
    }

    /// How well the values suit a role, from 0 (not at all) to 1.
    pub(super) fn suits(&self, kind: Kind) -> f64 {
        let mostly = |share: f64| {
            if share >= 0.9 {
                share
            } else if share >= 0.6 {
                share * 0.7
            } else {
                0.0
            }
        };
        if self.n_filled == 0 {
            return 0.0;
        }
        let dates = self.share(self.dates.n_dates.max(self.dates.n_epochs));
        match kind {
            Kind::Date => mostly(dates),
            Kind::Number => mostly(self.share(self.n_numbers)),
            Kind::Integer => mostly(self.share(self.n_integers)),
            Kind::Email => mostly(self.share(self.n_emails)),
            Kind::Phone => mostly(self.share(self.n_phones)),
            Kind::Year => mostly(self.share(self.n_years)),
            Kind::Age => mostly(self.share(self.n_ages)),
            Kind::Boolean => mostly(self.share(self.n_booleans)),
            Kind::Currency => mostly(self.share(self.n_currency_codes)),
            // A country may be misspelt or written in a language that is not known here.
            Kind::Country => 0.7 + 0.3 * self.share(self.n_countries),
            Kind::Identifier => {
                if dates > 0.9 && self.share(self.n_integers) < 0.9 {
                    0.0
                } else {
                    1.0
                }
            }
            Kind::LongText => {
                let speaks = self.share(self.n_phrases) >= 0.5
                    && self.mean_length() >= 15.0
                    && self.distinctness() >= 0.5;
                if speaks { 1.0 } else { 0.0 }
            }
            Kind::Category => {
                if self.mean_length() > 60.0 || self.share(self.n_emails) > 0.5 {
                    0.0
                } else {
                    1.0
                }
            }
            Kind::Text => {
                if self.share(self.n_emails) > 0.5 {
                    0.0
                } else {
                    1.0
                }
            }
            Kind::Any => 1.0,
        }
    }

    /// The evidence in words: `998 of 1,000 values are dates`.
    pub(super) fn says(&self, kind: Kind) -> String {
        let of =
            |n: u64, what: &str| format!("{} of {} values are {what}", grouped(n), grouped(self.n_filled));
        match kind {
            Kind::Date => of(self.dates.n_dates.max(self.dates.n_epochs), "dates"),
            Kind::Number => of(self.n_numbers, "numbers"),
            Kind::Integer => of(self.n_integers, "whole numbers"),
            Kind::Email => of(self.n_emails, "e-mail addresses"),
            Kind::Phone => of(self.n_phones, "telephone numbers"),
            Kind::Year => of(self.n_years, "years"),
            Kind::Age => of(self.n_ages, "ages"),
            Kind::Boolean => of(self.n_booleans, "yes or no"),
            Kind::Currency => of(self.n_currency_codes, "currency codes"),
            Kind::Country => of(self.n_countries, "known countries"),
            Kind::LongText => format!("{:.0} characters on average", self.mean_length()),
            Kind::Identifier | Kind::Category | Kind::Text | Kind::Any => {
                format!("{} different among {} values", grouped(self.n_distinct), grouped(self.n_filled))
            }
        }
    }
}

/// A whole number with commas between thousands.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The number that a text is, whatever its decimal mark; where the mark is open, a reading of the right size.
fn number(value: &str) -> Option<f64> {
    let plain: String = value
        .chars()
        .filter(|character| !character.is_whitespace() && !"€£$%'’".contains(*character))
        .collect();
    let (negative, digits) = match plain.strip_prefix('-').or_else(|| plain.strip_prefix('(')) {
        Some(rest) => (true, rest.trim_end_matches(')')),
        None => (false, plain.strip_prefix('+').unwrap_or(&plain)),
    };
    let well_formed = digits
        .starts_with(|first: char| first.is_ascii_digit() || first == '.' || first == ',')
        && digits.bytes().any(|byte| byte.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b',');
    if !well_formed {
        return digits.parse::<f64>().ok().filter(|number| number.is_finite() && digits.contains(['e', 'E']));
    }
    let number = match (digits.rfind('.'), digits.rfind(',')) {
        (Some(point), Some(comma)) if comma > point => digits.replace('.', "").replace(',', "."),
        (Some(_), Some(_)) => digits.replace(',', ""),
        (None, Some(_)) if digits.matches(',').count() == 1 => digits.replace(',', "."),
        (None, Some(_)) => digits.replace(',', ""),
        (Some(_), None) if digits.matches('.').count() > 1 => digits.replace('.', ""),
        _ => digits.to_owned(),
    };
    number.parse::<f64>().ok().map(|number| if negative { -number } else { number })
}

fn is_email(value: &str) -> bool {
    value.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !domain.contains('@')
            && domain.contains('.')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && !value.contains(char::is_whitespace)
    })
}

/// Whether a text has as many digits as a telephone number and nothing but what is written between them.
fn is_phone(value: &str) -> bool {
    let value = value.trim_start_matches('\'');
    let n_digits = value.bytes().filter(u8::is_ascii_digit).count();
    (6..=15).contains(&n_digits)
        && value.chars().all(|sign| sign.is_ascii_digit() || sign.is_whitespace() || "+-/.()".contains(sign))
        && (n_digits > 8 || !value.contains(['.', '-']))
}

fn is_boolean(value: &str) -> bool {
    const WORDS: [&str; 16] =
        ["true", "false", "yes", "no", "y", "n", "1", "0", "ja", "nein", "oui", "non", "si", "sí", "t", "f"];
    WORDS.contains(&value.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_with_either_mark() {
        for (text, expected) in [
            ("1,234.56", Some(1234.56)),
            ("1.234,56 €", Some(1234.56)),
            ("-0.5", Some(-0.5)),
            ("(12)", Some(-12.0)),
            ("1 234", Some(1234.0)),
            ("1e3", Some(1000.0)),
            ("85123A", None),
            ("", None),
            ("nan", None),
            (".", None),
        ] {
            assert_eq!(number(text), expected, "{text}");
        }
    }

    #[test]
    fn telephone_numbers_are_told_from_dates_and_amounts() {
        for (text, expected) in [
            ("+49 30 123456", true),
            ("(0151) 600-128-30", true),
            ("030/123456", true),
            ("2024-01-31", false),
            ("1234.56", false),
            ("12345", false),
            ("mobile", false),
        ] {
            assert_eq!(is_phone(text), expected, "{text}");
        }
    }

    #[test]
    fn missing_words_are_no_values() {
        let values = [Some("NULL"), Some("12"), None, Some(" "), Some("13")];
        let evidence = Evidence::of(values.into_iter());
        assert_eq!((evidence.n_filled, evidence.n_integers), (2, 2));
        assert!(evidence.missing_words.contains("NULL"));
        assert_eq!(evidence.says(Kind::Integer), "2 of 2 values are whole numbers");
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
