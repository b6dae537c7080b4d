//! Finds the quotes that went wrong in a record, by the same rules as the parser reads them.
//!
//! The parser always finds *a* reading: a quote that is never closed swallows the rows after it, up to the next
//! quote. This walk over the record says whether that is what happened.

/// Where in a record a quote went wrong, as offsets of the opening quote.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quotes {
    /// The cell is still open when the record ends.
    pub(super) open: Option<usize>,
    /// The cell spans lines, and text follows its closing quote: that "closing" quote opened another cell.
    pub(super) swallowed: Option<usize>,
}

/// Walks over the text of one record.
pub(super) fn inspect(record: &[u8], delimiter: u8, quote: u8) -> Quotes {
    let mut found = Quotes::default();
    let mut at = 0;
    while at < record.len() {
        if record[at] != quote {
            at = after(record, at, delimiter);
            continue;
        }
        let opened = at;
        let Some(closed) = closing(record, opened, quote) else {
            found.open = Some(opened);
            return found;
        };
        let ends = record.get(closed + 1).is_none_or(|next| *next == delimiter || is_break(*next));
        if !ends && found.swallowed.is_none() && spans_lines(&record[opened..closed]) {
            found.swallowed = Some(opened);
        }
        at = after(record, closed + 1, delimiter);
    }
    found
}

/// Whether a byte ends a line.
pub(super) fn is_break(byte: u8) -> bool {
    byte == b'\n' || byte == b'\r'
}

/// Where the first line of a text ends. Asks whether it ends at all first, which is much faster in long lines.
pub(super) fn find_break(text: &[u8]) -> Option<usize> {
    if spans_lines(text) { text.iter().position(|byte| is_break(*byte)) } else { None }
}

/// Whether there is a line break in a text.
pub(super) fn spans_lines(text: &[u8]) -> bool {
    text.contains(&b'\n') || text.contains(&b'\r')
}

/// How many lines end in a text; CR LF counts once, a lone CR too.
pub(super) fn count_breaks(text: &[u8]) -> i64 {
    let feeds = text.iter().filter(|byte| **byte == b'\n').count();
    let returns = text.iter().filter(|byte| **byte == b'\r').count();
    let pairs = if returns == 0 { 0 } else { text.windows(2).filter(|pair| *pair == b"\r\n").count() };
    (feeds + returns - pairs) as i64
}

/// The start of the cell after the next delimiter.
fn after(record: &[u8], from: usize, delimiter: u8) -> usize {
    let next = record[from..].iter().position(|byte| *byte == delimiter || is_break(*byte));
    next.map_or(record.len(), |offset| from + offset + 1)
}

/// The quote that closes the one at `opened`; doubled ones are text.
fn closing(record: &[u8], opened: usize, quote: u8) -> Option<usize> {
    let mut at = opened + 1;
    loop {
        at += record.get(at..)?.iter().position(|byte| *byte == quote)?;
        if record.get(at + 1) != Some(&quote) {
            return Some(at);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_followed_as_the_parser_does() {
        let cases: [(&str, Option<usize>, Option<usize>); 9] = [
            ("a,b", None, None),
            ("\"a\nb\",\"\"\"c\"\"\"", None, None),
            ("a,\"b\nc", Some(2), None),
            ("a,\"b\"\"", Some(2), None),
            ("a\"b,c", None, None),
            ("\"a\"b,c", None, None),
            ("1,\"a\n2,\"b\"", None, Some(2)),
            ("\"a\n\"\nrest", None, None),
            ("\"", Some(0), None),
        ];
        for (record, open, swallowed) in cases {
            assert_eq!(inspect(record.as_bytes(), b',', b'"'), Quotes { open, swallowed }, "{record:?}");
        }
    }

    #[test]
    fn breaks_of_all_kinds_count_once() {
        for (text, expected) in [("", 0), ("a\nb", 1), ("a\r\nb\r\n", 2), ("\r\r", 2), ("\n\r", 2)] {
            assert_eq!(count_breaks(text.as_bytes()), expected, "{text:?}");
        }
    }
}
