//! Whether the first line of a text names the columns or is a row like the others, by what stands in it and below it.

use super::dialect::{Decided, first_records};

/// Of the cells below, so many must be of a kind for the column to be of that kind.
const MOST: f64 = 0.9;
/// A whole number with fewer digits may be a name: of a year, or of a column that is counted.
const LONG_NUMBER: usize = 5;

/// What a cell looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Looks {
    Empty,
    /// A calendar day, perhaps with a time.
    Date,
    /// A number with decimals.
    Fraction,
    /// A whole number of five digits or more.
    LongNumber,
    ShortNumber,
    Other,
}

/// Whether there is a header. There is none where some cell of the first line is a date, an amount or a long number above more of
/// the kind, and no cell is a word above numbers or dates.
pub(super) fn header(
    sample: &str,
    whole: bool,
    delimiter: u8,
    quote: u8,
    comment: Option<u8>,
) -> Decided<bool> {
    let records = first_records(sample, whole, delimiter, quote, comment);
    let Some((first, rows)) = records.split_first() else { return (true, "the usual case".to_owned()) };
    let below = |at: usize| rows.iter().filter_map(move |row| Some(looks(row.get(at)?)));
    let mut like_the_others = 0;
    for (at, cell) in first.iter().enumerate() {
        let first = looks(cell);
        let share = |is_of_kind: fn(Looks) -> bool| {
            let filled = below(at).filter(|each| *each != Looks::Empty).count();
            let n = below(at).filter(|each| is_of_kind(*each)).count();
            filled > 0 && n as f64 >= MOST * filled as f64
        };
        if first == Looks::Other && share(Looks::is_value) {
            return (true, format!("`{}` stands above values of another kind", excerpt(cell)));
        }
        like_the_others += usize::from(match first {
            Looks::Date => share(|each| each == Looks::Date),
            Looks::Fraction => share(Looks::is_number),
            Looks::LongNumber => share(|each| each == Looks::LongNumber),
            _ => false,
        });
    }
    if first.len() > 1 && like_the_others > 0 {
        return (false, "the first line is a row: its dates and numbers stand above others".to_owned());
    }
    (true, "the usual case".to_owned())
}

/// Whether most cells below the first line are numbers or dates, for each column.
pub(super) fn columns_of_values(records: &[Vec<String>]) -> usize {
    let Some((first, rows)) = records.split_first() else { return 0 };
    let is_value = |at: usize| {
        let n = rows.iter().filter(|row| row.get(at).is_some_and(|cell| looks(cell).is_value())).count();
        !rows.is_empty() && n as f64 >= MOST * rows.len() as f64
    };
    (0..first.len()).filter(|&at| is_value(at)).count()
}

impl Looks {
    fn is_number(self) -> bool {
        matches!(self, Looks::Fraction | Looks::LongNumber | Looks::ShortNumber)
    }

    fn is_value(self) -> bool {
        self == Looks::Date || self.is_number()
    }
}

fn looks(cell: &str) -> Looks {
    let cell = cell.trim();
    if cell.is_empty() {
        Looks::Empty
    } else if is_date(cell) {
        Looks::Date
    } else if cell.bytes().all(|byte| byte.is_ascii_digit()) {
        if cell.len() >= LONG_NUMBER { Looks::LongNumber } else { Looks::ShortNumber }
    } else if is_fraction(cell) {
        Looks::Fraction
    } else if cell.strip_prefix(['-', '+']).is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
    {
        Looks::ShortNumber
    } else {
        Looks::Other
    }
}

/// `11.77`, `-1.234,50`, `$5.00`: digits with one mark before the last ones, and perhaps others between thousands.
fn is_fraction(cell: &str) -> bool {
    let digits = cell.trim_start_matches(['-', '+', '$', '€', '£']).trim_end_matches(['€', '£', '%', ' ']);
    let Some(mark) = digits.rfind(['.', ',']) else { return false };
    let (whole, decimals) = (&digits[..mark], &digits[mark + 1..]);
    let thousands =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b',' || byte == b'.');
    !decimals.is_empty()
        && decimals.bytes().all(|byte| byte.is_ascii_digit())
        && thousands(whole)
        && !whole.contains(&digits[mark..=mark])
}

/// `19970101`, or three numbers that can be year, month and day in some order, and perhaps a time after them.
fn is_date(cell: &str) -> bool {
    let date = cell.split(['T', ' ']).next().unwrap_or_default();
    let number = |text: &str| text.parse::<u32>().ok();
    let possible = |year: u32, one: u32, other: u32| {
        let day_and_month = (1..=31).contains(&one) && (1..=31).contains(&other) && one.min(other) <= 12;
        (1900..2100).contains(&year) && day_and_month
    };
    if date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit()) {
        let parts = (number(&date[..4]), number(&date[4..6]), number(&date[6..]));
        return matches!(parts, (Some(year), Some(month), Some(day)) if month <= 12 && possible(year, month, day));
    }
    let Some(separator) = date.chars().find(|character| "-/.".contains(*character)) else { return false };
    let parts: Vec<Option<u32>> = date.split(separator).map(number).collect();
    let &[Some(first), Some(second), Some(third)] = parts.as_slice() else { return false };
    let short = third < 100 && date.len() <= 8;
    possible(first, second, third) || possible(if short { 2000 + third } else { third }, first, second)
}

fn excerpt(cell: &str) -> String {
    cell.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_line_of_values_is_no_header() {
        for (sample, delimiter, expected) in [
            (" 00004 0001 19970101  2   29.33\n 00004 0001 19970118  2   29.73\n", b' ', false),
            ("customer date cds dollars\n00001 19970101 1 11.77\n", b' ', true),
            ("C1,2024-01-05,19.99\nC2,2024-01-06,5\n", b',', false),
            ("Smith,05.01.2024,7\nJones,06.01.2024,8\n", b',', false),
            ("196\t242\t881250949\n186\t302\t891717742\n", b'\t', false),
            ("1;5,50;x\n2;6,50;y\n", b';', false),
            // Years and numbers may be names, and so may days above figures.
            ("name,2019,2020\nA,5,6\n", b',', true),
            ("2019,2020\n5,6\n", b',', true),
            ("sku,20240101,20240102\nA,5,6\n", b',', true),
            ("id,2024-01-05\n1,2024-01-06\n", b',', true),
            ("q1,q2\n5,6\n", b',', true),
            ("a,b\nx,y\n", b',', true),
            ("19970101\n19970102\n", b',', true),
        ] {
            let (found, why) = header(sample, true, delimiter, b'"', None);
            assert_eq!(found, expected, "{sample:?}: {why}");
        }
    }

    #[test]
    fn cells_look_like_what_they_are() {
        for (cell, expected) in [
            ("", Looks::Empty),
            ("19970101", Looks::Date),
            ("2024-01-05 10:00", Looks::Date),
            ("5.1.24", Looks::Date),
            ("12/31/2024", Looks::Date),
            ("19971301", Looks::LongNumber),
            ("00004", Looks::LongNumber),
            ("1997", Looks::ShortNumber),
            ("-3", Looks::ShortNumber),
            ("1.234,50", Looks::Fraction),
            ("$5.00", Looks::Fraction),
            ("192.168.0.1", Looks::Other),
            ("C1", Looks::Other),
            ("q.1", Looks::Other),
        ] {
            assert_eq!(looks(cell), expected, "{cell}");
        }
    }
}
