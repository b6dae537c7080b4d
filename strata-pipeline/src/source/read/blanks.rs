//! Cells set apart by runs of blanks and tabs, as statistical programs write them: one record a line, and blanks before the
//! first cell and after the last mean nothing.

/// The delimiter that stands for any run of blanks and tabs.
pub(super) const BLANKS: u8 = b' ';

/// Puts a line's cells one after the other into `cells`, quotes undone, and where the first ones end into `ends`; gives how
/// many there are. `None` where a quote before a cell is never closed.
pub(super) fn split(line: &[u8], quote: u8, cells: &mut Vec<u8>, ends: &mut [usize]) -> Option<usize> {
    cells.clear();
    let mut count = 0;
    let mut at = 0;
    loop {
        while at < line.len() && is_blank(line[at]) {
            at += 1;
        }
        if at == line.len() && count > 0 {
            return Some(count);
        }
        if line.get(at) == Some(&quote) {
            at = quoted(line, at + 1, quote, cells)?;
        }
        // Text after a closing quote belongs to the cell, as in CSV.
        let end = line[at..].iter().position(|byte| is_blank(*byte)).map_or(line.len(), |offset| at + offset);
        cells.extend_from_slice(&line[at..end]);
        at = end;
        if let Some(end) = ends.get_mut(count) {
            *end = cells.len();
        }
        count += 1;
    }
}

/// Copies the text up to the closing quote, doubled ones once; gives where it goes on.
fn quoted(line: &[u8], from: usize, quote: u8, cells: &mut Vec<u8>) -> Option<usize> {
    let mut at = from;
    loop {
        let end = at + line.get(at..)?.iter().position(|byte| *byte == quote)?;
        cells.extend_from_slice(&line[at..end]);
        if line.get(end + 1) != Some(&quote) {
            return Some(end + 1);
        }
        cells.push(quote);
        at = end + 2;
    }
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_at_runs_of_blanks() {
        for (line, expected) in [
            ("a b", Some("a|b|")),
            ("  a \t  b\t ", Some("a|b|")),
            ("\"New York\" \"\" 5\" x", Some("New York||5\"|x|")),
            ("\"a \"\"b\"\"\"c d", Some("a \"b\"c|d|")),
            ("a \"b c", None),
            ("  ", Some("|")),
        ] {
            let (mut cells, mut ends) = (Vec::new(), [0; 4]);
            let count = split(line.as_bytes(), b'"', &mut cells, &mut ends);
            let found = count.map(|count| {
                let mut start = 0;
                let text = ends[..count].iter().map(|&end| {
                    let cell = std::str::from_utf8(&cells[start..end]).unwrap();
                    start = end;
                    format!("{cell}|")
                });
                text.collect::<String>()
            });
            assert_eq!(found.as_deref(), expected, "{line:?}");
        }
    }
}
