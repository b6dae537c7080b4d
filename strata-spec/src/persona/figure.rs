//! Figures in sentences: how each is printed, and how they are found again. One function prints for those who write and for those who
//! check, so that what is proved is what is read.

use super::evidence::{Evidence, Value};

/// A space that does not break, between a figure and its unit.
const SPACE: char = '\u{a0}';

/// Every number in a text, with its sign, as printed: `42`, `1,240`, `3.2`, `−0.4`.
pub fn figures(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let digit = |at: usize| characters.get(at).is_some_and(char::is_ascii_digit);
    let (mut found, mut at) = (Vec::new(), 0);
    while at < characters.len() {
        if !digit(at) {
            at += 1;
            continue;
        }
        let sign =
            at.checked_sub(1).map(|before| characters[before]).filter(|sign| matches!(sign, '+' | '−' | '-'));
        // A hyphen inside a word, or between two numbers, is no sign.
        let before_sign = at.checked_sub(2).map(|before| characters[before]);
        let sign = sign.filter(|_| before_sign.is_none_or(|before| !before.is_alphanumeric()));
        let start = at;
        while digit(at) || (matches!(characters.get(at), Some('.' | ',')) && digit(at + 1)) {
            at += 1;
        }
        found.push(sign.into_iter().chain(characters[start..at].iter().copied()).collect());
    }
    found
}

/// What is printed of a piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Printed {
    /// The words of the variable, the level filled in.
    pub(super) label: String,
    /// The segment's figure with its unit, or the range.
    pub(super) segment: String,
    /// The rest's; none where there is none.
    pub(super) rest: Option<String>,
    /// The greatest score.
    pub(super) of: Option<String>,
    /// The accuracy of a guess.
    pub(super) accuracy: Option<String>,
}

impl Printed {
    pub(super) fn of(evidence: &Evidence) -> Printed {
        let mut label = evidence.label.clone();
        let mut greatest = None;
        let (segment, rest) = match &evidence.value {
            Value::Share { segment, rest, .. } => percents(*segment, *rest),
            Value::Level { level, segment, rest, .. } => {
                label = match label.contains("{level}") {
                    true => label.replace("{level}", level),
                    false => format!("have {label} {level}"),
                };
                percents(*segment, *rest)
            }
            Value::Mean { segment, rest, unit } => {
                let (segment, rest) = pair(*segment, *rest, usual_decimals(unit, [*segment, *rest]));
                (with_unit(&segment, unit), Some(with_unit(&rest, unit)))
            }
            Value::Score { segment, rest, of: Some(most) } => {
                greatest = Some(plain(*most));
                let (segment, rest) = pair(*segment, *rest, 1);
                (segment, Some(rest))
            }
            Value::Score { segment, rest, of: None } => {
                let (segment, rest) = pair(*segment, *rest, 2);
                (signed(segment), Some(signed(rest)))
            }
            Value::Range { low, high, unit } => (range(*low, *high, unit), None),
        };
        Printed {
            label,
            segment,
            rest,
            of: greatest,
            accuracy: evidence.accuracy.map(|share| percent(share, 0)),
        }
    }

    /// Every figure that a sentence about this evidence may have.
    pub(super) fn figures(&self) -> impl Iterator<Item = String> + '_ {
        let texts = [
            Some(&self.label),
            Some(&self.segment),
            self.rest.as_ref(),
            self.of.as_ref(),
            self.accuracy.as_ref(),
        ];
        texts.into_iter().flatten().flat_map(|text| figures(text))
    }
}

/// A count of people.
pub(crate) fn count(n: u64) -> String {
    grouped(&n.to_string())
}

/// A share of all customers.
pub(crate) fn share(share: f64) -> String {
    percent(share, usual_percent_decimals([share]))
}

/// The middle half, as `35 to 49 years` or `EUR 40 to 60`.
pub(super) fn range(low: f64, high: f64, unit: &str) -> String {
    let (low, high) = (plain(low), plain(high));
    with_unit(&if low == high { low } else { format!("{low} to {high}") }, unit)
}

/// Two shares with equal decimals, as many as tell them apart.
fn percents(one: f64, other: f64) -> (String, Option<String>) {
    let usual = usual_percent_decimals([one, other]);
    let of = |decimals| (percent(one, decimals), percent(other, decimals));
    let (one, other) = apart(usual, of);
    (one, Some(other))
}

/// Whole percents, unless that would make one of them none or all, or little of it.
fn usual_percent_decimals<const N: usize>(shares: [f64; N]) -> usize {
    let has = |is_met: &dyn Fn(f64) -> bool| {
        shares.iter().any(|share| *share > 0.0 && *share < 1.0 && is_met(*share))
    };
    match () {
        () if has(&|share| !(0.0005..=0.9995).contains(&share)) => 3,
        () if has(&|share| !(0.005..=0.995).contains(&share)) => 2,
        () if has(&|share| !(0.0495..=0.9505).contains(&share)) => 1,
        () => 0,
    }
}

fn percent(share: f64, decimals: usize) -> String {
    format!("{}{SPACE}%", decimal(share * 100.0, decimals))
}

/// Two numbers with equal decimals, as many as tell them apart.
fn pair(one: f64, other: f64, usual: usize) -> (String, String) {
    apart(usual, |decimals| (decimal(one, decimals), decimal(other, decimals)))
}

/// Digits are added until the two differ, or until more would say nothing.
fn apart(usual: usize, of: impl Fn(usize) -> (String, String)) -> (String, String) {
    let tries = (usual..=usual + 6).map(of);
    let mut last = (String::new(), String::new());
    for both in tries {
        if both.0 != both.1 {
            return both;
        }
        last = both;
    }
    last
}

/// Two digits or more of the smaller number, none behind the point from ten on; cents of small amounts.
fn usual_decimals(unit: &str, numbers: [f64; 2]) -> usize {
    let size = numbers.into_iter().map(f64::abs).filter(|size| *size > 0.0).fold(f64::INFINITY, f64::min);
    match size {
        _ if size >= 10.0 => 0,
        _ if currency(unit).is_some() => 2,
        _ if size >= 1.0 => 1,
        _ if size >= 0.1 => 2,
        _ if size >= 0.01 => 3,
        _ => 4,
    }
}

/// A number as short as it is: `40`, `0.25`.
fn plain(value: f64) -> String {
    let decimals = (0..=6).find(|decimals| {
        let scale = 10_f64.powi(*decimals);
        ((value * scale).round() / scale - value).abs() <= 1e-9 * value.abs()
    });
    decimal(value, decimals.map_or(6, |decimals| decimals as usize))
}

fn signed(number: String) -> String {
    if number.starts_with('−') { number } else { format!("+{number}") }
}

/// Halves away from zero, as people round; thousands set apart; no sign before nothing.
fn decimal(value: f64, decimals: usize) -> String {
    let scale = 10_f64.powi(i32::try_from(decimals).unwrap_or(0));
    let scaled = value.abs() * scale;
    let size = if scaled < 1e15 { scaled.round() / scale } else { value.abs() };
    let text = format!("{size:.decimals$}");
    let (whole, fraction) =
        text.split_once('.').map_or((text.as_str(), ""), |(whole, fraction)| (whole, fraction));
    let is_zero = text.chars().all(|each| matches!(each, '0' | '.'));
    let sign = if value < 0.0 && !is_zero { "−" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{fraction}", grouped(whole))
}

fn grouped(digits: &str) -> String {
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

fn with_unit(number: &str, unit: &str) -> String {
    match currency(unit) {
        Some((code, "")) => format!("{code}{SPACE}{number}"),
        Some((code, rest)) => format!("{code}{SPACE}{number} {rest}"),
        None if unit.is_empty() => number.to_owned(),
        None => format!("{number}{SPACE}{unit}"),
    }
}

/// The code of ISO 4217 that a unit begins with, and what stands behind it, as in `EUR a year`.
pub(super) fn currency(unit: &str) -> Option<(&str, &str)> {
    let (code, rest) = unit.split_once(' ').unwrap_or((unit, ""));
    (code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase())).then_some((code, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_a_text_is_found() {
        let nothing: [&str; 0] = [];
        for (text, expected) in [
            ("42 % buy on Sundays; 29 % of others", &["42", "29"][..]),
            ("EUR\u{a0}1,240.50, then 3.2 orders.", &["1,240.50", "3.2"]),
            ("from −0.4 to +12", &["−0.4", "+12"]),
            ("aged 35-49, size A-4, 1.", &["35", "49", "4", "1"]),
            ("x2y 5,a 6.", &["2", "5", "6"]),
            ("none at all", &nothing),
        ] {
            assert_eq!(figures(text), expected, "{text}");
        }
    }

    #[test]
    fn figures_are_printed_as_people_read_them() {
        let space = |text: &str| text.replace(SPACE, " ");
        for (one, other, expected) in [
            (0.42, 0.29, "42 % 29 %"),
            (0.0412, 0.12, "4.1 % 12.0 %"),
            (0.08, 0.19, "8 % 19 %"),
            (0.421, 0.424, "42.1 % 42.4 %"),
            (0.002, 0.5, "0.20 % 50.00 %"),
            (1.0, 0.625, "100 % 63 %"),
            (0.999, 0.5, "99.90 % 50.00 %"),
        ] {
            let (one, other) = percents(one, other);
            assert_eq!(space(&format!("{one} {}", other.unwrap())), expected);
        }
        for (one, other, unit, expected) in [
            (42.0, 31.4, "EUR", "EUR 42, EUR 31"),
            (4.5, 12.0, "EUR", "EUR 4.50, EUR 12.00"),
            (1284.0, 312.4, "EUR a year", "EUR 1,284 a year, EUR 312 a year"),
            (3.24, 2.1, "orders a year", "3.2 orders a year, 2.1 orders a year"),
            (12_345.6, 9_000.0, "", "12,346, 9,000"),
            (0.031, -0.5, "", "0.031, −0.500"),
            (20.2, 20.4, "days", "20.2 days, 20.4 days"),
        ] {
            let (a, b) = pair(one, other, usual_decimals(unit, [one, other]));
            assert_eq!(space(&format!("{}, {}", with_unit(&a, unit), with_unit(&b, unit))), expected);
        }
        assert_eq!(space(&range(35.0, 49.0, "years")), "35 to 49 years");
        assert_eq!(space(&range(1500.0, 1500.0, "EUR")), "EUR 1,500");
        assert_eq!(space(&range(0.25, 2.0, "")), "0.25 to 2");
    }
}
