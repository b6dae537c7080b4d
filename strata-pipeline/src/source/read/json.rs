//! JSON Lines: one object a line, nested objects flattened to dotted names, every value as its text.
//!
//! Numbers keep the digits they have in the file: an order number of 19 digits is not rounded. Strings are
//! unescaped, `null` is null, arrays stay JSON text.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use encoding_rs::Encoding;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use strata_lake::arrow::array::RecordBatch;
use strata_lake::arrow::datatypes::SchemaRef;

use super::batch::{MORE, TextBatch};
use super::csv::NOT_UTF8;
use super::records::{bytes, excerpt};
use super::text::Text;
use super::{Compression, Dialect, ReadError, ReadOptions, stream};

/// Objects nested deeper than this stay JSON text.
const MAX_DEPTH: usize = 16;
/// Keys beyond these many columns go to `_more`: a file whose keys are ids would have a column for each.
const MAX_COLUMNS: usize = 4096;
/// How many lines decide what the columns are.
const SAMPLE_LINES: usize = 1000;

/// Reads the rows of one file.
pub(super) struct JsonReader {
    path: PathBuf,
    compression: Compression,
    progress: Arc<AtomicU64>,
    lines: Lines,
    columns: HashMap<String, usize>,
    batch: TextBatch,
}

/// The flattened keys in a file's first 1,000 lines, in the order of their appearance; an error if no line is an
/// object.
pub(super) fn keys(
    path: &Path,
    encoding: &'static Encoding,
    options: &ReadOptions,
) -> Result<Vec<String>, ReadError> {
    let progress = Arc::new(AtomicU64::new(0));
    let (source, compression) = stream::open(path, progress.clone())?;
    let mut lines = Lines::new(Text::new(source, encoding), options.max_record_bytes);
    let mut keys: Vec<String> = Vec::new();
    let mut known: HashSet<String> = HashSet::new();
    let (mut seen, mut objects) = (0, 0);
    while seen < SAMPLE_LINES {
        let line = lines
            .next()
            .map_err(|error| stream::broken(path, compression, progress.load(Ordering::Relaxed), error))?;
        let Some(line) = line else { break };
        if let Line::Text { text, .. } = line
            && let Some(values) = std::str::from_utf8(text).ok().and_then(|text| flatten(text).ok())
        {
            objects += 1;
            for (key, _) in values {
                if keys.len() < MAX_COLUMNS && known.insert(key.clone()) {
                    keys.push(key);
                }
            }
        }
        seen += 1;
        lines.advance();
    }
    match (seen, objects) {
        (0, _) => Err(ReadError::Empty { path: path.to_owned() }),
        (_, 0) => {
            let found = "no line at its beginning is a JSON object";
            Err(ReadError::NotJsonLines { path: path.to_owned(), found })
        }
        _ => Ok(keys),
    }
}

impl JsonReader {
    pub(super) fn open(
        path: &Path,
        dialect: &Dialect,
        options: &ReadOptions,
        progress: Arc<AtomicU64>,
    ) -> Result<Self, ReadError> {
        let (source, compression) = stream::open(path, progress.clone())?;
        let lines = Lines::new(Text::new(source, dialect.encoding()), options.max_record_bytes);
        let columns = dialect.keys.iter().enumerate().map(|(index, key)| (key.clone(), index)).collect();
        let names = [dialect.columns.as_slice(), &[MORE.to_owned()]].concat();
        let batch = TextBatch::new(&names, options.batch_rows);
        Ok(Self { path: path.to_owned(), compression, progress, lines, columns, batch })
    }

    pub(super) fn schema(&self) -> SchemaRef {
        self.batch.schema()
    }

    pub(super) fn next_batch(&mut self) -> Result<Option<RecordBatch>, ReadError> {
        while !self.batch.is_full() {
            let line = self.lines.next().map_err(|error| {
                stream::broken(&self.path, self.compression, self.progress.load(Ordering::Relaxed), error)
            })?;
            match line {
                None => break,
                Some(Line::Text { line, text }) => {
                    if let Err(problem) = row(text, line, &self.columns, &mut self.batch) {
                        self.batch.bad(line, &problem, &excerpt(text));
                    }
                }
                Some(Line::TooLong { line, text }) => {
                    let problem = format!("the record is longer than {}", bytes(self.lines.limit));
                    self.batch.bad(line, &problem, &text);
                }
            }
            self.lines.advance();
        }
        self.batch.finish(&self.path)
    }
}

/// Adds the object in `text` to the batch, or says why it cannot be.
fn row(
    text: &[u8],
    line: i64,
    columns: &HashMap<String, usize>,
    batch: &mut TextBatch,
) -> Result<(), String> {
    let text = std::str::from_utf8(text).map_err(|_| NOT_UTF8.to_owned())?;
    let mut cells: Vec<Option<Option<Cow<'_, str>>>> = vec![None; columns.len()];
    let mut more = String::new();
    for (key, value) in flatten(text)? {
        match columns.get(&key).map(|index| &mut cells[*index]) {
            Some(cell) if cell.is_none() => *cell = Some(cell_text(value)?),
            // A key that no column has, or the second time that this object has it.
            _ => {
                more.push(if more.is_empty() { '{' } else { ',' });
                more.push_str(&serde_json::Value::String(key).to_string());
                more.push(':');
                more.push_str(value.get());
            }
        }
    }
    if !more.is_empty() {
        more.push('}');
    }
    for (index, cell) in cells.iter().enumerate() {
        batch.cell(index, cell.as_ref().and_then(Option::as_deref));
    }
    batch.cell(columns.len(), (!more.is_empty()).then_some(&more));
    batch.good(line);
    Ok(())
}

/// The text of a value that is not an object.
fn cell_text(value: &RawValue) -> Result<Option<Cow<'_, str>>, String> {
    match value.get() {
        "null" => Ok(None),
        text if text.starts_with('"') => serde_json::from_str(text)
            .map(|text| Some(Cow::Owned(text)))
            .map_err(|error| not_an_object(&error)),
        text => Ok(Some(Cow::Borrowed(text))),
    }
}

/// The values of an object and of the objects in it, with dotted names.
fn flatten(text: &str) -> Result<Vec<(String, &RawValue)>, String> {
    let mut values = Vec::new();
    let object: Object<'_> = serde_json::from_str(text).map_err(|error| not_an_object(&error))?;
    flatten_into("", object, 1, &mut values)?;
    Ok(values)
}

fn flatten_into<'a>(
    prefix: &str,
    object: Object<'a>,
    depth: usize,
    values: &mut Vec<(String, &'a RawValue)>,
) -> Result<(), String> {
    for (key, value) in object.0 {
        let name = if prefix.is_empty() { key } else { format!("{prefix}.{key}") };
        if depth < MAX_DEPTH && value.get().starts_with('{') {
            let inner: Object<'a> =
                serde_json::from_str(value.get()).map_err(|error| not_an_object(&error))?;
            // An empty object says something too: it stays as it is.
            if !inner.0.is_empty() {
                flatten_into(&name, inner, depth + 1, values)?;
                continue;
            }
        }
        values.push((name, value));
    }
    Ok(())
}

fn not_an_object(error: &serde_json::Error) -> String {
    let text = error.to_string();
    // The parser saw one line, and calls it the first.
    match text.rsplit_once(" at line ") {
        Some((what, _)) => format!("not a JSON object: {what} at column {}", error.column()),
        None => format!("not a JSON object: {text}"),
    }
}

/// The keys of an object with the text of their values, in the order of the file, repeated ones too.
struct Object<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;

        impl<'de> Visitor<'de> for Entries {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(entries)
            }
        }

        deserializer.deserialize_map(Entries).map(Object)
    }
}

/// Cuts text into lines, and holds no more than one in memory.
struct Lines {
    text: Text,
    limit: usize,
    line: i64,
    /// The length of the last line in the unread text, with its line break.
    length: usize,
    passing_over: bool,
}

enum Line<'a> {
    Text { line: i64, text: &'a [u8] },
    TooLong { line: i64, text: String },
}

impl Lines {
    fn new(text: Text, limit: usize) -> Self {
        Self { text, limit, line: 1, length: 0, passing_over: false }
    }

    /// The next line that is not blank. The caller consumes it by [`Self::advance`].
    fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        loop {
            let complete = self.find_end()?;
            if self.length == 0 && !self.passing_over {
                return Ok(None);
            }
            let unread = &self.text.unread()[..self.length];
            if self.passing_over {
                if unread.is_empty() && !complete {
                    return Ok(None);
                }
                self.passing_over = !complete;
            } else if unread.len() > self.limit {
                let text = excerpt(unread.trim_ascii_end());
                self.passing_over = !complete;
                return Ok(Some(Line::TooLong { line: self.line, text }));
            } else if !unread.trim_ascii().is_empty() {
                break;
            }
            self.advance();
        }
        let unread = &self.text.unread()[..self.length];
        let text = unread.trim_ascii_end();
        Ok(Some(Line::Text { line: self.line, text }))
    }

    fn advance(&mut self) {
        let consumed = &self.text.unread()[..self.length];
        self.line += i64::from(consumed.last() == Some(&b'\n'));
        self.text.consume(self.length);
        self.length = 0;
    }

    /// Sets `length` to the end of the line, or as far as it is in the window when it is beyond the limit. False if
    /// the line's end was not found.
    fn find_end(&mut self) -> io::Result<bool> {
        let mut searched = 0;
        loop {
            let unread = self.text.unread();
            let rest = &unread[searched..];
            // `contains` is much faster than `position` in long lines.
            let offset =
                if rest.contains(&b'\n') { rest.iter().position(|byte| *byte == b'\n') } else { None };
            if let Some(offset) = offset {
                self.length = searched + offset + 1;
                return Ok(true);
            }
            searched = unread.len();
            if searched > self.limit || (self.passing_over && searched > 0) || !self.text.more()? {
                self.length = searched;
                return Ok(false);
            }
        }
    }
}
