//! CSV: a header, unless there is none, then a row of text cells for each record.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use strata_lake::arrow::array::RecordBatch;
use strata_lake::arrow::datatypes::SchemaRef;

use super::batch::{TextBatch, distinct};
use super::records::{Record, Records, excerpt};
use super::text::Text;
use super::{Compression, Dialect, ReadError, ReadOptions, stream};

/// More header cells than this are taken for a file that is no table.
const MAX_COLUMNS: usize = 1 << 16;

/// Reads the rows of one file.
pub(super) struct CsvReader {
    path: PathBuf,
    compression: Compression,
    progress: Arc<AtomicU64>,
    records: Records,
    columns: usize,
    has_header: bool,
    batch: TextBatch,
}

impl CsvReader {
    pub(super) fn open(
        path: &Path,
        dialect: &Dialect,
        options: &ReadOptions,
        progress: Arc<AtomicU64>,
    ) -> Result<Self, ReadError> {
        let (source, compression) = stream::open(path, progress.clone())?;
        Self::new(path, source, compression, dialect, options, progress)
    }

    /// Reads from any stream of bytes; `path` names it in errors.
    pub(super) fn new(
        path: &Path,
        source: stream::Bytes,
        compression: Compression,
        dialect: &Dialect,
        options: &ReadOptions,
        progress: Arc<AtomicU64>,
    ) -> Result<Self, ReadError> {
        let text = Text::new(source, dialect.encoding());
        let mut records = Records::new(text, dialect.delimiter, dialect.quote, options.max_record_bytes);
        let failed = |error| stream::broken(path, compression, progress.load(Ordering::Relaxed), error);
        while records.skip_preamble(dialect.comment).map_err(failed)? {}
        records.expect(MAX_COLUMNS);
        let record = records.next().map_err(failed)?;
        let columns = header(&records, record, dialect.header).map_err(|reason| {
            let path = path.to_owned();
            ReadError::NoHeader { path, reason }
        })?;
        if dialect.header {
            records.advance();
        } else {
            records.stay();
        }
        records.expect(columns.len());
        let batch = TextBatch::new(&columns, options.batch_rows);
        Ok(Self {
            path: path.to_owned(),
            compression,
            progress,
            records,
            columns: columns.len(),
            has_header: dialect.header,
            batch,
        })
    }

    pub(super) fn schema(&self) -> SchemaRef {
        self.batch.schema()
    }

    pub(super) fn next_batch(&mut self) -> Result<Option<RecordBatch>, ReadError> {
        while !self.batch.is_full() {
            let record = self.records.next().map_err(|error| {
                stream::broken(&self.path, self.compression, self.progress.load(Ordering::Relaxed), error)
            })?;
            match record {
                None => break,
                Some(Record::Cells { line, count }) => self.row(line, count),
                Some(Record::Broken { line, problem, text }) => self.batch.bad(line, &problem, &text),
            }
            self.records.advance();
        }
        self.batch.finish(&self.path)
    }

    /// How much memory the text buffers hold.
    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.records.capacity()
    }

    fn row(&mut self, line: i64, count: usize) {
        // Some exports end every row with a delimiter, but not the header.
        let trailing =
            count == self.columns + 1 && self.records.cell(self.columns).is_some_and(<[u8]>::is_empty);
        if count != self.columns && !trailing {
            let raw = self.records.raw();
            if count == 1 && raw.iter().all(u8::is_ascii_whitespace) {
                return;
            }
            let fields = if count == 1 { "field" } else { "fields" };
            let first = if self.has_header { "the header" } else { "the first line" };
            let problem = format!("has {count} {fields}, {first} has {}", self.columns);
            self.batch.bad(line, &problem, &excerpt(raw));
            return;
        }
        let text = std::str::from_utf8(self.records.cells(self.columns)).ok();
        // Two halves of a character on either side of a delimiter would be valid together.
        let text = text.filter(|text| (0..self.columns).all(|i| text.is_char_boundary(self.records.end(i))));
        let Some(text) = text else {
            self.batch.bad(line, NOT_UTF8, &excerpt(self.records.raw()));
            return;
        };
        let mut start = 0;
        for column in 0..self.columns {
            let end = self.records.end(column);
            let value = &text[start..end];
            self.batch.cell(column, (!value.is_empty()).then_some(value));
            start = end;
        }
        self.batch.good(line);
    }
}

/// The problem of a row that breaks its encoding.
pub(super) const NOT_UTF8: &str =
    "not valid UTF-8 (if the file is in another encoding, declare it, for example `windows-1252`)";

/// The columns that the first record names, or has where it names none; or why it has none.
fn header(records: &Records, record: Option<Record>, names: bool) -> Result<Vec<String>, String> {
    let count = match record {
        None => return Err("there are only comments and blank lines".to_owned()),
        Some(Record::Broken { line, problem, .. }) => return Err(format!("line {line}: {problem}")),
        Some(Record::Cells { count, .. }) if count > MAX_COLUMNS => {
            return Err(format!("its first line has {count} cells"));
        }
        Some(Record::Cells { count, .. }) => count,
    };
    let name = |index: usize| {
        let cell = String::from_utf8_lossy(records.cell(index).unwrap_or_default()).trim().to_owned();
        if cell.is_empty() || !names { format!("column_{}", index + 1) } else { cell }
    };
    Ok(distinct(&(0..count).map(name).collect::<Vec<_>>()))
}
