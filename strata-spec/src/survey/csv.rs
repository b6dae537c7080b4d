//! Comma-separated text: records of what a user pasted, and cells that no spreadsheet takes for a formula.

use crate::error::SpecError;

/// A record with the line on which it begins, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) line: usize,
    pub(super) cells: Vec<String>,
}

/// The records of a text; blank lines are none.
pub(super) fn records(file: &str, text: &str) -> Result<Vec<Record>, SpecError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut records = Vec::new();
    let (mut cells, mut cell) = (Vec::new(), String::new());
    let (mut line, mut began) = (1, 1);
    let (mut opened, mut was_quoted) = (None, false);
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        line += usize::from(character == '\n');
        match character {
            '"' if opened.is_some() => {
                if characters.next_if(|(_, next)| *next == '"').is_some() {
                    cell.push('"');
                } else {
                    opened = None;
                }
            }
            _ if opened.is_some() => cell.push(character),
            '"' if cell.is_empty() => (opened, was_quoted) = (Some(at), true),
            ',' => {
                cells.push(std::mem::take(&mut cell));
                was_quoted = false;
            }
            '\r' if characters.peek().is_some_and(|(_, next)| *next == '\n') => {}
            '\n' | '\r' => {
                if was_quoted || !cell.is_empty() || !cells.is_empty() {
                    cells.push(std::mem::take(&mut cell));
                    records.push(Record { line: began, cells: std::mem::take(&mut cells) });
                }
                (began, was_quoted) = (line, false);
            }
            _ => cell.push(character),
        }
    }
    if let Some(at) = opened {
        return Err(SpecError::new("a quoted cell does not end")
            .with_hint("close it with `\"`; a quote inside a cell is written twice")
            .at(text, at)
            .in_place(file));
    }
    if was_quoted || !cell.is_empty() || !cells.is_empty() {
        cells.push(cell);
        records.push(Record { line: began, cells });
    }
    Ok(records)
}

/// A line of cells.
pub(super) fn line(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| written(cell)).collect();
    format!("{}\r\n", cells.join(","))
}

/// A cell as it is written: quoted where it must be, and with an apostrophe before what a spreadsheet would calculate.
fn written(cell: &str) -> String {
    // Some spreadsheets take away the spaces before they look.
    let is_formula = cell.trim_start_matches(' ').starts_with(['=', '+', '-', '@', '\t', '\r']);
    let cell = match is_formula {
        true => format!("'{cell}"),
        false => cell.to_owned(),
    };
    match cell.contains(['"', ',', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_read_as_they_were_written() {
        let cells = ["a", "", "say \"x\", y", "two\nlines", "end\r"];
        let text = format!("\u{feff}{}\r\n{}", line(&cells), line(&["b"]).trim_end());
        let records = records("f.csv", &text).unwrap();
        assert_eq!(records[0].cells, cells);
        assert_eq!((records[1].line, records[1].cells.as_slice()), (4, &["b".to_owned()][..]));
        assert_eq!(records.len(), 2);
    }

    #[test]
    fn formulas_are_texts() {
        let cells = ["=1+1", "+1", "-1", "@A1", "\t=1", " =1", "1-1"];
        assert_eq!(line(&cells), "'=1+1,'+1,'-1,'@A1,'\t=1,' =1,1-1\r\n");
    }

    #[test]
    fn a_cell_without_its_end_is_refused_at_its_place() {
        let error = records("f.csv", "a,b\nc,\"d").unwrap_err();
        assert_eq!(error.to_string(), "f.csv:2:3: a quoted cell does not end\n  | c,\"d\n  |   ^");
    }
}
