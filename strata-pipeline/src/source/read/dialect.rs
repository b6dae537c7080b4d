//! Which delimiter, quote and comment mark a CSV text uses, by what its first records would be with each.

use super::blanks::BLANKS;
use super::header::columns_of_values;
use super::quotes::is_break;
use super::records::{Record, Records};
use super::text::Text;

/// The delimiters tried, most usual first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// How many records are looked at.
const RECORDS: usize = 50;
/// Of the records so many must have as many words as the first for these to be cells.
const MOST: f64 = 0.8;

/// A value and how it was decided.
pub(super) type Decided<T> = (T, String);

/// The mark of comment lines before the header. Never taken from a header that merely begins with `#`.
pub(super) fn comment(sample: &str) -> Decided<Option<u8>> {
    let mut lines = sample.split(['\n', '\r']).filter(|line| !line.trim().is_empty());
    let Some(first) = lines.next().filter(|line| line.starts_with('#')) else {
        return (None, "the first line does not begin with `#`".to_owned());
    };
    let has_delimiter = |line: &str| line.bytes().any(|byte| DELIMITERS.contains(&byte));
    let ruled = first.len() > 1 && first[1..].trim().bytes().all(|byte| byte == b'-');
    let header = lines.find(|line| !line.starts_with('#'));
    if ruled || (!has_delimiter(first) && header.is_some_and(has_delimiter)) {
        return (Some(b'#'), "the lines before the header begin with `#`".to_owned());
    }
    (None, "the line that begins with `#` is the header".to_owned())
}

/// The quote: `"`, unless cells are enclosed in `'` throughout.
pub(super) fn quote(sample: &str) -> Decided<u8> {
    let (mut enclosed, mut opened) = (0, 0);
    for cell in sample.split(['\n', '\r', ',', ';', '\t', '|']).map(|cell| cell.trim_matches(' ')) {
        if cell.starts_with('"') {
            return (b'"', "cells begin with it".to_owned());
        }
        if let Some(rest) = cell.strip_prefix('\'') {
            if rest.ends_with('\'') { enclosed += 1 } else { opened += 1 }
        }
    }
    // An apostrophe alone marks text in spreadsheets: `'1042`.
    if enclosed >= 4 && enclosed > 2 * opened {
        return (b'\'', format!("{enclosed} cells at its beginning are enclosed in it"));
    }
    (b'"', "the usual one".to_owned())
}

/// The delimiter with which most records have as many cells as the header, two at least.
pub(super) fn delimiter(sample: &str, whole: bool, quote: u8, comment: Option<u8>, tsv: bool) -> Decided<u8> {
    if let Some(delimiter) = declared_in_file(sample) {
        return (delimiter, "declared in the file by a `sep=` line".to_owned());
    }
    let mut best: Option<(f64, u8, usize)> = None;
    for candidate in if tsv { [b'\t', b',', b';', b'|'] } else { DELIMITERS } {
        let Some((cells, agreement)) = agreement(sample, whole, candidate, quote, comment) else { continue };
        let better = match best {
            None => true,
            Some((most, _, width)) => agreement > most || (agreement == most && cells > width && !tsv),
        };
        if better {
            best = Some((agreement, candidate, cells));
        }
    }
    match best {
        Some((agreement, delimiter, cells)) => {
            let percent = (100.0 * agreement).floor();
            (delimiter, format!("with it {percent}% of the first records have the header's {cells} cells"))
        }
        None if !tsv && stands_in_columns(sample, whole, quote, comment) => (
            BLANKS,
            "runs of blanks divide the first records alike, and numbers stand below each other".to_owned(),
        ),
        None if tsv => (b'\t', "by the name's ending, and no other divides the header".to_owned()),
        None => (b',', "the usual one: none divides the header".to_owned()),
    }
}

/// Whether runs of blanks divide a text that nothing else divides. Words alone do not say so: they may be of one cell.
fn stands_in_columns(sample: &str, whole: bool, quote: u8, comment: Option<u8>) -> bool {
    let agreed = agreement(sample, whole, BLANKS, quote, comment);
    agreed.is_some_and(|(cells, agreement)| cells > 2 && agreement >= MOST)
        && columns_of_values(&first_records(sample, whole, BLANKS, quote, comment)) >= 2
}

/// The cells of the first records that are sound.
pub(super) fn first_records(
    sample: &str,
    whole: bool,
    delimiter: u8,
    quote: u8,
    comment: Option<u8>,
) -> Vec<Vec<String>> {
    let Some(mut records) = after_preamble(sample, delimiter, quote, comment) else { return Vec::new() };
    let mut found = Vec::new();
    while found.len() <= RECORDS
        && let Ok(Some(record)) = records.next()
    {
        if let Record::Cells { count, .. } = record {
            let cells = (0..count).map_while(|at| records.cell(at));
            found.push(cells.map(|cell| String::from_utf8_lossy(cell).into_owned()).collect());
        }
        records.advance();
    }
    // The sample may end within a record.
    if !whole && found.len() <= RECORDS && found.len() > 1 {
        found.pop();
    }
    found
}

fn after_preamble(sample: &str, delimiter: u8, quote: u8, comment: Option<u8>) -> Option<Records> {
    let source = std::io::Cursor::new(sample.as_bytes().to_vec());
    let text = Text::new(Box::new(source), encoding_rs::UTF_8);
    let mut records = Records::new(text, delimiter, quote, sample.len().max(1));
    while records.skip_preamble(comment).ok()? {}
    Some(records)
}

/// Excel's first line `sep=;`.
fn declared_in_file(sample: &str) -> Option<u8> {
    match sample.trim_start().as_bytes() {
        [s, e, p, b'=', delimiter, next, ..]
            if [*s, *e, *p].eq_ignore_ascii_case(b"sep")
                && is_break(*next)
                && delimiter.is_ascii_punctuation()
                || *s == b's' && *e == b'e' && *p == b'p' && *delimiter == b'\t' && is_break(*next) =>
        {
            Some(*delimiter)
        }
        _ => None,
    }
}

/// How many cells the header has with this delimiter, and the share of records that have as many; `None` if it
/// does not divide the header.
fn agreement(
    sample: &str,
    whole: bool,
    delimiter: u8,
    quote: u8,
    comment: Option<u8>,
) -> Option<(usize, f64)> {
    let mut records = after_preamble(sample, delimiter, quote, comment)?;
    let mut counts = Vec::new();
    while counts.len() <= RECORDS
        && let Some(record) = records.next().ok()?
    {
        counts.push(match record {
            // A delimiter at the end of the row is not one cell more.
            Record::Cells { count, .. } if records.cell(count - 1).is_some_and(<[u8]>::is_empty) => {
                (count, count - 1)
            }
            Record::Cells { count, .. } => (count, count),
            Record::Broken { .. } => (0, 0),
        });
        records.advance();
    }
    // The sample may end within a record.
    if !whole && counts.len() <= RECORDS && counts.len() > 1 {
        counts.pop();
    }
    let (&(header, _), rows) = counts.split_first()?;
    if header < 2 {
        return None;
    }
    let agreeing =
        rows.iter().filter(|(count, without_last)| *count == header || *without_last == header).count();
    Some((header, if rows.is_empty() { 1.0 } else { agreeing as f64 / rows.len() as f64 }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_the_one_that_divides_all_records_alike() {
        let cases = [
            ("a,b\n1,2\n", false, b','),
            ("a;b\n1,5;2,5\n2;3,25\n", false, b';'),
            ("a\tb\n1,0\t2\n", false, b'\t'),
            ("a|b|c\n1|2|3\n", false, b'|'),
            ("name,note\nA,\"x;y;z\"\nB,\"p;q\"\n", false, b','),
            ("\"a;b\",c\n\"1;2\",3\n", false, b','),
            ("a;b\n1;2;\n3;4;\n", false, b';'),
            ("a,b\n1,2\n1,2,3\n1,2\n", false, b','),
            ("alone\n1\n", false, b','),
            ("alone\n1\n", true, b'\t'),
            ("a,x\tb,y\n1\t2\n", true, b'\t'),
            ("a,b\n1,2\n", true, b','),
            ("sep=|\na,b|c,d\n1,2|3,4\n", false, b'|'),
            ("a;b;c,d\n1;2;3,4\n", false, b';'),
            (" 00004 0001 19970101  2   29.33\r\n 00004 0001 19970118 12  129.73\r\n", false, b' '),
            (" id  date  amount\n 1  20240101\t5\n", false, b' '),
            ("Full Name\nJohn Smith\nMary Jones\n", false, b','),
            ("First Middle Last\nJohn T 4\nMary L 5\n", false, b','),
            ("a b,c\n1 2,3\n", false, b','),
        ];
        for (sample, tsv, expected) in cases {
            let (found, why) = delimiter(sample, true, b'"', None, tsv);
            assert_eq!(char::from(found), char::from(expected), "{sample:?}: {why}");
        }
    }

    #[test]
    fn the_comment_mark_is_not_taken_from_a_header() {
        let cases = [
            ("# ------\n# Sessions\n\nDate,Users\n", Some(b'#')),
            ("# exported today\nDate,Users\n", Some(b'#')),
            ("#,Name,Submit Date (UTC)\nx,y,z\n", None),
            ("Date\n#1\n", None),
            ("#\n1\n", None),
        ];
        for (sample, expected) in cases {
            assert_eq!(comment(sample).0, expected, "{sample:?}");
        }
    }

    #[test]
    fn apostrophes_are_quotes_only_around_cells() {
        let cases = [
            ("'a','b'\n'1','2'\n", b'\''),
            ("id,name\n'1042,x\n'1043,y\n'1044,z\n'1045,w\n", b'"'),
            ("'a',\"b\"\n'1','2'\n'1','2'\n", b'"'),
            ("a,b\n1,2\n", b'"'),
        ];
        for (sample, expected) in cases {
            assert_eq!(char::from(quote(sample).0), char::from(expected), "{sample:?}");
        }
    }
}
