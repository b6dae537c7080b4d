//! Numbers as people read them: thousands set apart, no more digits than say something, currencies by code.

use chrono::{NaiveDate, NaiveDateTime, Timelike};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `1234567` as `1,234,567`.
pub(in super::super) fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number with so many decimals; what is not finite is a dash.
pub(in super::super) fn decimal(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    // Halves are rounded up, as people do, not to the even neighbour.
    let scale = 10_f64.powi(i32::try_from(decimals).unwrap_or(0));
    let scaled = value.abs() * scale;
    let size = if scaled < 1e15 { scaled.round() / scale } else { value.abs() };
    let text = format!("{size:.decimals$}");
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text.as_str(), None),
    };
    let Ok(number) = whole.parse::<u64>() else { return format!("{value:.3e}") };
    let is_zero = text.chars().all(|each| matches!(each, '0' | '.'));
    let sign = if value < 0.0 && !is_zero { "−" } else { "" };
    match fraction {
        Some(fraction) => format!("{sign}{}.{fraction}", count(number)),
        None => format!("{sign}{}", count(number)),
    }
}

/// The decimals of a column of amounts, so that all its numbers have the same.
pub(in super::super) fn decimals_of(amounts: impl Iterator<Item = f64>) -> usize {
    let largest =
        amounts.filter(|amount| amount.is_finite()).fold(0.0_f64, |most, amount| most.max(amount.abs()));
    if largest < 1000.0 { 2 } else { 0 }
}

/// An amount with its currency, shortened from ten million on.
pub(in super::super) fn money(value: f64, currency: Option<&str>) -> String {
    let amount = match value.abs() {
        size if size >= 1e10 => format!("{} billion", decimal(value / 1e9, 2)),
        size if size >= 1e7 => format!("{} million", decimal(value / 1e6, 2)),
        size if size >= 1e3 => decimal(value, 0),
        _ => decimal(value, 2),
    };
    match currency {
        Some(currency) => format!("{currency}\u{a0}{amount}"),
        None => amount,
    }
}

/// A share as a percentage for columns: one decimal, and what would round to nothing says that it is something.
pub(in super::super) fn percent(share: f64) -> String {
    rounded_percent(share, 1)
}

/// A share as a percentage for sentences: whole from ten percent on.
pub(in super::super) fn percent_in_words(share: f64) -> String {
    rounded_percent(share, if share != 0.0 && share.abs() < 0.0995 { 1 } else { 0 })
}

fn rounded_percent(share: f64, decimals: usize) -> String {
    let smallest = 0.5 * 10_f64.powi(-(i32::try_from(decimals).unwrap_or(0)));
    let percent = share * 100.0;
    if !percent.is_finite() {
        return "–".to_owned();
    }
    if percent > 0.0 && percent < smallest {
        return format!("under {}%", decimal(2.0 * smallest, decimals));
    }
    if percent < 100.0 && percent > 100.0 - smallest {
        return format!("over {}%", decimal(100.0 - 2.0 * smallest, decimals));
    }
    format!("{}%", decimal(percent, decimals))
}

/// `1 customer`, `2 customers`.
pub(in super::super) fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// A size in bytes, as a person would say it.
pub(in super::super) fn bytes(size: u64) -> String {
    let size = size as f64;
    match size {
        size if size >= 1e9 => format!("{} GB", decimal(size / 1e9, 1)),
        size if size >= 1e6 => format!("{} MB", decimal(size / 1e6, 1)),
        size if size >= 1e3 => format!("{} kB", decimal(size / 1e3, 1)),
        size => format!("{} B", decimal(size, 0)),
    }
}

/// `30 September 1997`.
pub(in super::super) fn day(day: NaiveDate) -> String {
    use chrono::Datelike;
    format!("{} {} {}", day.day(), month_name(day.month()), day.year())
}

/// A day, with the time of day unless it is the day's first or last moment.
pub(in super::super) fn instant(instant: NaiveDateTime) -> String {
    let date = day(instant.date());
    match (instant.hour(), instant.minute(), instant.second()) {
        (0, 0, 0) | (23, 59, 59) => date,
        (hour, minute, _) => format!("{date}, {hour:02}:{minute:02}"),
    }
}

/// `September`; an impossible month is nameless.
pub(in super::super) fn month_name(month: u32) -> &'static str {
    usize::try_from(month).ok().and_then(|month| MONTHS.get(month.checked_sub(1)?)).copied().unwrap_or("")
}

/// `Sep`.
pub(in super::super) fn short_month(month: u32) -> &'static str {
    month_name(month).get(..3).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_thousands_set_apart() {
        for (value, expected) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(count(value), expected);
        }
    }

    #[test]
    fn amounts_have_the_digits_that_say_something() {
        for (value, expected) in [
            (0.0, "EUR\u{a0}0.00"),
            (35.081, "EUR\u{a0}35.08"),
            (-0.001, "EUR\u{a0}0.00"),
            (-1234.4, "EUR\u{a0}−1,234"),
            (83_142.4, "EUR\u{a0}83,142"),
            (12_345_678.0, "EUR\u{a0}12.35 million"),
            (f64::NAN, "EUR\u{a0}–"),
        ] {
            assert_eq!(money(value, Some("EUR")), expected);
        }
        assert_eq!(money(12.0, None), "12.00");
    }

    #[test]
    fn percentages_never_round_something_to_nothing_or_almost_all_to_all() {
        for (share, column, words) in [
            (0.0, "0.0%", "0%"),
            (0.0001, "under 0.1%", "under 0.1%"),
            (0.0412, "4.1%", "4.1%"),
            (0.0996, "10.0%", "10%"),
            (0.4567, "45.7%", "46%"),
            (0.9999, "over 99.9%", "over 99%"),
            (0.625, "62.5%", "63%"),
            (1.0, "100.0%", "100%"),
            (f64::INFINITY, "–", "–"),
        ] {
            assert_eq!((percent(share).as_str(), percent_in_words(share).as_str()), (column, words));
        }
    }

    #[test]
    fn instants_leave_out_the_ends_of_days() {
        let at = |hour, minute, second| {
            NaiveDate::from_ymd_opt(1997, 9, 30)
                .and_then(|day| day.and_hms_opt(hour, minute, second))
                .map(instant)
        };
        assert_eq!(at(0, 0, 0).as_deref(), Some("30 September 1997"));
        assert_eq!(at(23, 59, 59).as_deref(), Some("30 September 1997"));
        assert_eq!(at(14, 5, 0).as_deref(), Some("30 September 1997, 14:05"));
    }
}
