//! Lays rows out as a table that fits the terminal.

/// The lines of a table: a header, a rule, the rows. Numbers are set flush right. In a narrow terminal the widest
/// columns are shortened, texts with an ellipsis; numbers and times are whole or not at all. Where even that is too wide, the
/// last columns are left out, which the last line then says.
pub(crate) fn lines(
    columns: &[String],
    numeric: &[bool],
    rows: &[Vec<Option<String>>],
    width: Option<usize>,
) -> Vec<String> {
    let cell = |row: &[Option<String>], column: usize| -> String {
        let text = row.get(column).and_then(|cell| cell.as_deref()).unwrap_or("");
        match numeric.get(column) {
            Some(true) => readable(text),
            // A text of the data must not move the terminal's cursor.
            _ => text.replace(char::is_control, " "),
        }
    };
    let (mut widths, least): (Vec<usize>, Vec<usize>) = columns
        .iter()
        .enumerate()
        .map(|(column, name)| {
            let values = || rows.iter().map(|row| cell(row, column)).filter(|value| !value.is_empty());
            let widest = values().map(|value| characters(&value)).max().unwrap_or(0);
            let width = widest.max(characters(name)).min(MOST);
            let is_whole = numeric.get(column) == Some(&true) || values().all(|value| is_time(&value));
            (width, width.min(if is_whole { widest.max(LEAST) } else { LEAST }))
        })
        .unzip();
    let mut n_shown = columns.len();
    if let Some(width) = width {
        while n_shown > 1 && total(&least[..n_shown]) > width {
            n_shown -= 1;
        }
        while total(&widths[..n_shown]) > width {
            let shown = widths[..n_shown].iter_mut().zip(&least);
            let Some((widest, _)) = shown.filter(|(each, least)| **each > **least).max() else {
                break;
            };
            *widest -= 1;
        }
    }
    let shown = &widths[..n_shown];
    let lay = |texts: Vec<String>| -> String {
        let cells = texts.into_iter().zip(shown).enumerate().map(|(column, (text, width))| {
            pad(&shorten(&text, *width), *width, numeric.get(column).copied().unwrap_or(false))
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut lines = vec![
        lay(columns.to_vec()),
        shown.iter().map(|width| "─".repeat(*width)).collect::<Vec<_>>().join("  "),
    ];
    lines.extend(rows.iter().map(|row| lay((0..n_shown).map(|column| cell(row, column)).collect())));
    if n_shown < columns.len() {
        lines.push(format!("(not shown: {})", columns[n_shown..].join(", ")));
    }
    lines
}

/// The widest that a column gets, whatever it holds.
const MOST: usize = 60;
/// The narrowest that a column is made.
const LEAST: usize = 8;

/// A number with at most four decimals. What follows them is noise to a reader; files and JSON keep every digit.
fn readable(number: &str) -> String {
    match (number.split_once('.'), number.parse::<f64>()) {
        (Some((_, decimals)), Ok(value)) if decimals.len() > 4 && value.abs() >= 0.001 => {
            let rounded = format!("{value:.4}");
            rounded.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        _ => number.to_owned(),
    }
}

fn total(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + 2 * widths.len().saturating_sub(1)
}

/// Whether a value is a day or a time, as `2026-03-31 14:00:00`.
fn is_time(value: &str) -> bool {
    let day = value.get(..10).unwrap_or_default();
    day.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    }) && day.len() == 10
}

fn characters(text: &str) -> usize {
    text.chars().count()
}

fn shorten(text: &str, width: usize) -> String {
    if characters(text) <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

fn pad(text: &str, width: usize, right: bool) -> String {
    let space = " ".repeat(width.saturating_sub(characters(text)));
    if right { format!("{space}{text}") } else { format!("{text}{space}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(width: Option<usize>, expected: &[&str]) {
        let columns = ["segment".to_owned(), "n_members".to_owned(), "title".to_owned()];
        let row = |segment: &str, n: &str, title: &str| {
            vec![Some(segment.into()), Some(n.into()), Some(title.into())]
        };
        let rows =
            [row("champions", "1204", "Bought recently and often"), vec![Some("x".into()), None, None]];
        assert_eq!(lines(&columns, &[false, true, false], &rows, width), expected);
    }

    #[test]
    fn numbers_are_readable() {
        for (number, expected) in [
            ("22.345000000000006", "22.345"),
            ("75.0", "75.0"),
            ("3.00000001", "3"),
            ("1e-9", "1e-9"),
            ("12", "12"),
        ] {
            assert_eq!(readable(number), expected);
        }
    }

    #[test]
    fn numbers_and_times_are_whole_or_not_there() {
        let columns = ["who", "max(orders.ordered_at)", "revenue_of_all_time", "days"].map(str::to_owned);
        let row = ["an\u{1b}na", "2024-03-31 14:00:00", "1234567.5", "3"].map(|cell| Some(cell.to_owned()));
        let expected = [
            "who    max(orders.ordered…  revenue_o…",
            "─────  ───────────────────  ──────────",
            "an na  2024-03-31 14:00:00   1234567.5",
            "(not shown: days)",
        ];
        assert_eq!(lines(&columns, &[false, true, true, true], &[row.to_vec()], Some(38)), expected);
    }

    #[test]
    fn a_table_fits_its_terminal() {
        check(
            None,
            &[
                "segment    n_members  title",
                "─────────  ─────────  ─────────────────────────",
                "champions       1204  Bought recently and often",
                "x",
            ],
        );
        check(
            Some(36),
            &[
                "segment    n_members  title",
                "─────────  ─────────  ──────────────",
                "champions       1204  Bought recent…",
                "x",
            ],
        );
        check(
            Some(20),
            &[
                "segment    n_members",
                "─────────  ─────────",
                "champions       1204",
                "x",
                "(not shown: title)",
            ],
        );
    }
}
