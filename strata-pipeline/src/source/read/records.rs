//! Cuts CSV text into records, each with the line it starts on, and holds no more than one record in memory.
//!
//! Two kinds of broken text could swallow a file: a line without end, and a quote that is never closed. A record
//! beyond the limit is given up. If it spans lines, only its first line is refused and reading resumes at the
//! second; otherwise all bytes up to the next line break are passed over unread.

use std::io;

use csv_core::ReadRecordResult;

use super::blanks::{self, BLANKS};
use super::quotes::{count_breaks, find_break, inspect, is_break, spans_lines};
use super::text::Text;

/// A record may always be this long, however much has been read in vain (see [`Records::credit`]).
const FLOOR: usize = 4 << 10;
/// How many bytes may be read twice for each byte of the file.
const CREDIT_PER_BYTE: usize = 8;

/// One record, or the reason why there is none.
pub(super) enum Record {
    /// The cells stand in [`Records::cell`].
    Cells {
        /// The line on which it starts.
        line: i64,
        /// How many cells it has.
        count: usize,
    },
    /// A line that is no record.
    Broken {
        /// The line on which it starts.
        line: i64,
        /// Why.
        problem: String,
        /// How it begins.
        text: String,
    },
}

/// The records of a CSV text.
pub(super) struct Records {
    text: Text,
    parser: csv_core::Reader,
    delimiter: u8,
    quote: u8,
    limit: usize,
    /// The line on which the unread text starts.
    line: i64,
    /// The last byte consumed was CR: an LF that follows belongs to it.
    after_return: bool,
    /// Inside a line that was given up.
    passing_over: bool,
    /// How many bytes may still be read in vain. Text made of unclosed quotes would otherwise be read up to the
    /// limit again for each of its lines.
    credit: usize,
    cells: Vec<u8>,
    /// Where the first cells end in `cells`; as many as the file has columns, and one more.
    ends: Vec<usize>,
    /// The length of the last record in the unread text, with its line break.
    length: usize,
}

/// How far the parser got with one record.
enum Parsed {
    Complete {
        count: usize,
        cut_off: bool,
    },
    TooLong,
    /// A line whose cells are set apart by blanks opens a quote that it does not close.
    Unclosed,
}

impl Records {
    pub(super) fn new(text: Text, delimiter: u8, quote: u8, limit: usize) -> Self {
        let parser = csv_core::ReaderBuilder::new().delimiter(delimiter).quote(quote).build();
        let mut records = Self {
            text,
            parser,
            delimiter,
            quote,
            limit,
            line: 1,
            after_return: false,
            passing_over: false,
            credit: 16 * limit,
            cells: vec![0; 4096],
            ends: vec![0; 4096],
            length: 0,
        };
        records.reset();
        records
    }

    /// Sets how many cells a record is expected to have.
    pub(super) fn expect(&mut self, columns: usize) {
        self.ends.resize(columns + 1, 0);
    }

    /// The bytes of a cell of the last record, quotes undone; `None` beyond those kept.
    pub(super) fn cell(&self, index: usize) -> Option<&[u8]> {
        let start = if index == 0 { 0 } else { *self.ends.get(index - 1)? };
        self.cells.get(start..*self.ends.get(index)?)
    }

    /// All cells of the last record, one after the other.
    pub(super) fn cells(&self, count: usize) -> &[u8] {
        let end = count.min(self.ends.len()).checked_sub(1).map_or(0, |last| self.ends[last]);
        &self.cells[..end]
    }

    /// Where the cell at `index` ends in [`Self::cells`].
    pub(super) fn end(&self, index: usize) -> usize {
        self.ends[index]
    }

    /// The last record as it stands in the file, without its line break; valid until [`Self::advance`].
    pub(super) fn raw(&self) -> &[u8] {
        let raw = &self.text.unread()[..self.length];
        match raw {
            [rest @ .., b'\n' | b'\r'] => rest,
            _ => raw,
        }
    }

    /// Consumes the last record.
    pub(super) fn advance(&mut self) {
        self.consume(self.length);
        self.length = 0;
    }

    /// Leaves the last record where it is, to be read again.
    pub(super) fn stay(&mut self) {
        self.reset();
        self.length = 0;
    }

    /// Passes over the next line if it stands before the header: a comment, white space, or Excel's `sep=;`.
    pub(super) fn skip_preamble(&mut self, comment: Option<u8>) -> io::Result<bool> {
        if !self.skip_breaks()? {
            return Ok(false);
        }
        if !spans_lines(self.text.unread()) {
            self.text.more()?;
        }
        let unread = self.text.unread();
        let end = find_break(unread).unwrap_or(unread.len());
        let line = &unread[..end];
        let separator = [b"sep=".as_slice(), &[self.delimiter]].concat();
        let skip = comment.is_some_and(|comment| line[0] == comment)
            || line.iter().all(|byte| *byte == b' ' || *byte == b'\t')
            || line.eq_ignore_ascii_case(&separator);
        if skip {
            self.passing_over = true;
        }
        Ok(skip)
    }

    /// The next record that is not a blank line. The caller consumes it by [`Self::advance`].
    pub(super) fn next(&mut self) -> io::Result<Option<Record>> {
        if !self.skip_breaks()? {
            return Ok(None);
        }
        let line = self.line;
        let parsed = if self.delimiter == BLANKS { self.parse_line()? } else { self.parse()? };
        let (count, cut_off) = match parsed {
            Parsed::Complete { count, cut_off } => (count, cut_off),
            Parsed::TooLong => return Ok(Some(self.give_up(line))),
            Parsed::Unclosed => return Ok(Some(self.refuse_line(line, unclosed(line)))),
        };
        let raw = self.raw();
        if cut_off || spans_lines(raw) {
            let quotes = inspect(raw, self.delimiter, self.quote);
            if let Some(opened) = quotes.open.or(quotes.swallowed) {
                let problem = unclosed(line + count_breaks(&raw[..opened]));
                return Ok(Some(self.refuse_line(line, problem)));
            }
        }
        Ok(Some(Record::Cells { line, count }))
    }

    /// How much memory the buffers hold.
    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.text.capacity() + self.cells.capacity()
    }

    fn parse(&mut self) -> io::Result<Parsed> {
        let (mut read, mut written, mut count) = (0, 0, 0);
        let mut overflow = [0; 64];
        let allowance = self.limit.min(FLOOR + self.credit);
        let mut at_end = false;
        loop {
            if read == self.text.unread().len() && !at_end {
                at_end = !self.text.more()?;
            }
            let unread = self.text.unread();
            if read > self.limit || (read > allowance && spans_lines(&unread[..read])) {
                self.length = read;
                return Ok(Parsed::TooLong);
            }
            let until = if read <= allowance { allowance + 1 } else { self.limit + 1 };
            let input = &unread[read..until.min(unread.len())];
            let ends = if count < self.ends.len() { &mut self.ends[count..] } else { &mut overflow[..] };
            let (result, n_read, n_written, n_ends) =
                self.parser.read_record(input, &mut self.cells[written..], ends);
            read += n_read;
            written += n_written;
            count += n_ends;
            match result {
                ReadRecordResult::InputEmpty | ReadRecordResult::OutputEndsFull => {}
                ReadRecordResult::OutputFull => self.cells.resize(2 * self.cells.len(), 0),
                ReadRecordResult::Record if read > self.limit => {
                    self.length = read;
                    return Ok(Parsed::TooLong);
                }
                // At the end of the stream the parser takes an open cell for a complete one.
                ReadRecordResult::Record | ReadRecordResult::End => {
                    self.length = read;
                    return Ok(Parsed::Complete { count, cut_off: at_end && n_read == 0 });
                }
            }
        }
    }

    /// Cuts the next line at its runs of blanks.
    fn parse_line(&mut self) -> io::Result<Parsed> {
        let mut seen = 0;
        let end = loop {
            let unread = self.text.unread();
            if let Some(at) = find_break(&unread[seen..]) {
                break seen + at;
            }
            seen = unread.len();
            if seen > self.limit || !self.text.more()? {
                break seen;
            }
        };
        let unread = self.text.unread();
        self.length = (end + 1).min(unread.len());
        if end > self.limit {
            return Ok(Parsed::TooLong);
        }
        let count = blanks::split(&unread[..end], self.quote, &mut self.cells, &mut self.ends);
        Ok(count.map_or(Parsed::Unclosed, |count| Parsed::Complete { count, cut_off: false }))
    }

    /// A record beyond the limit.
    fn give_up(&mut self, line: i64) -> Record {
        self.reset();
        let raw = &self.text.unread()[..self.length];
        let too_long = format!("the record is longer than {}", bytes(self.limit));
        // The line break that ends the record does not count.
        if spans_lines(&raw[..raw.len() - 1]) {
            let problem = match inspect(raw, self.delimiter, self.quote).open {
                Some(opened) => unclosed(line + count_breaks(&raw[..opened])),
                None => too_long,
            };
            return self.refuse_line(line, problem);
        }
        // The window may hold more of the line than was parsed.
        let unread = self.text.unread();
        let end = find_break(unread).unwrap_or(unread.len());
        let text = excerpt(&unread[..end]);
        self.passing_over = raw.last().is_none_or(|byte| !is_break(*byte));
        Record::Broken { line, problem: too_long, text }
    }

    /// Refuses the first line of the last record; reading resumes at the second.
    fn refuse_line(&mut self, line: i64, problem: String) -> Record {
        self.reset();
        let raw = &self.text.unread()[..self.length];
        let end = find_break(raw).unwrap_or(raw.len());
        let text = excerpt(&raw[..end]);
        let consumed = (end + 1).min(raw.len());
        self.credit = self.credit.saturating_sub(raw.len() - consumed);
        self.length = consumed;
        Record::Broken { line, problem, text }
    }

    /// Passes over line breaks, and over the rest of a line given up. False at the end of the stream.
    fn skip_breaks(&mut self) -> io::Result<bool> {
        loop {
            let unread = self.text.unread();
            let Some(first) = unread.first() else {
                if !self.text.more()? {
                    return Ok(false);
                }
                continue;
            };
            if self.passing_over {
                let end = find_break(unread);
                let n = end.unwrap_or(unread.len());
                self.after_return = false;
                self.text.consume(n);
                self.passing_over = end.is_none();
            } else if is_break(*first) {
                self.consume(1);
            } else {
                return Ok(true);
            }
        }
    }

    fn consume(&mut self, n: usize) {
        let consumed = &self.text.unread()[..n];
        let continues = self.after_return && consumed.first() == Some(&b'\n');
        self.line += count_breaks(consumed) - i64::from(continues);
        if let Some(last) = consumed.last() {
            self.after_return = *last == b'\r';
        }
        self.credit = (self.credit + CREDIT_PER_BYTE * n).min(16 * self.limit);
        self.text.consume(n);
    }

    /// Makes the parser expect a new record. The line break keeps it from taking U+FEFF for a byte order mark.
    fn reset(&mut self) {
        self.parser.reset();
        self.parser.read_record(b"\n", &mut [0; 1], &mut [0; 1]);
    }
}

/// The first 2,000 characters of a record.
pub(super) fn excerpt(record: &[u8]) -> String {
    // No character takes more than four bytes.
    let start = &record[..record.len().min(8000)];
    String::from_utf8_lossy(start).chars().take(2000).collect()
}

/// The problem of a record beyond the limit, in the largest unit that gives a whole number.
pub(super) fn bytes(n: usize) -> String {
    match n {
        n if n >= 1 << 20 && n % (1 << 20) == 0 => format!("{} MiB", n >> 20),
        n if n >= 1 << 10 && n % (1 << 10) == 0 => format!("{} KiB", n >> 10),
        n => format!("{n} bytes"),
    }
}

fn unclosed(line: i64) -> String {
    format!("a quote opened on line {line} is never closed")
}
