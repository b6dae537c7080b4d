//! Gathers rows of text into record batches.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use strata_lake::arrow::array::{ArrayRef, Int64Builder, RecordBatch, StringBuilder};
use strata_lake::arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use super::super::{BATCH_ID, FILE, MODIFIED};
use super::ReadError;

/// The column with the line on which a row starts.
pub const LINE: &str = "_line";
/// The column that says why a row cannot be used.
pub const PROBLEM: &str = "_problem";
/// The column with the text of such a row.
pub const TEXT: &str = "_text";
/// The column with the keys of a JSON object that are not columns.
pub const MORE: &str = "_more";

/// A batch ends when its text exceeds this, so that long rows do not add up.
const BATCH_BYTES: usize = 16 << 20;

/// What a cell takes beside its text: rows of very many empty cells add up too.
const CELL_BYTES: usize = 5;

/// The rows gathered so far.
pub(super) struct TextBatch {
    schema: SchemaRef,
    columns: Vec<StringBuilder>,
    line: Int64Builder,
    problem: StringBuilder,
    text: StringBuilder,
    rows: usize,
    max_rows: usize,
    bytes: usize,
}

impl TextBatch {
    pub(super) fn new(columns: &[String], max_rows: usize) -> Self {
        let text = |name: &String| Arc::new(Field::new(name, DataType::Utf8, true));
        let fields = columns.iter().map(text).chain(provenance()).collect::<Vec<_>>();
        // Room to begin with, unless there are very many columns.
        let capacity = ((1 << 20) / (columns.len() + 1)).clamp(1, 1024);
        Self {
            schema: Arc::new(Schema::new(fields)),
            columns: columns.iter().map(|_| StringBuilder::with_capacity(capacity, capacity)).collect(),
            line: Int64Builder::new(),
            problem: StringBuilder::new(),
            text: StringBuilder::new(),
            rows: 0,
            max_rows: max_rows.max(1),
            bytes: 0,
        }
    }

    pub(super) fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    /// Sets a cell of the row at hand; every column takes one, in any order, before [`Self::good`].
    pub(super) fn cell(&mut self, column: usize, value: Option<&str>) {
        self.columns[column].append_option(value);
        self.bytes += CELL_BYTES + value.map_or(0, str::len);
    }

    /// Ends a row whose cells have been set.
    pub(super) fn good(&mut self, line: i64) {
        self.problem.append_null();
        self.text.append_null();
        self.end(line);
    }

    /// Adds a row that cannot be used.
    pub(super) fn bad(&mut self, line: i64, problem: &str, text: &str) {
        for column in &mut self.columns {
            column.append_null();
        }
        self.problem.append_value(problem);
        self.text.append_value(text);
        self.bytes += CELL_BYTES * self.columns.len() + problem.len() + text.len();
        self.end(line);
    }

    pub(super) fn is_full(&self) -> bool {
        self.rows >= self.max_rows || self.bytes >= BATCH_BYTES
    }

    /// The rows gathered, and an empty batch again; `None` if there are no rows.
    pub(super) fn finish(&mut self, path: &Path) -> Result<Option<RecordBatch>, ReadError> {
        if self.rows == 0 {
            return Ok(None);
        }
        let mut arrays: Vec<ArrayRef> =
            self.columns.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef).collect();
        arrays.push(Arc::new(self.line.finish()));
        arrays.push(Arc::new(self.problem.finish()));
        arrays.push(Arc::new(self.text.finish()));
        (self.rows, self.bytes) = (0, 0);
        let batch = RecordBatch::try_new(self.schema.clone(), arrays)
            .map_err(|source| ReadError::Batch { path: path.to_owned(), source })?;
        Ok(Some(batch))
    }

    fn end(&mut self, line: i64) {
        self.line.append_value(line);
        self.rows += 1;
    }
}

/// The fields that say where a row came from.
pub(super) fn provenance() -> [Arc<Field>; 3] {
    [
        Arc::new(Field::new(LINE, DataType::Int64, false)),
        Arc::new(Field::new(PROBLEM, DataType::Utf8, true)),
        Arc::new(Field::new(TEXT, DataType::Utf8, true)),
    ]
}

/// Makes names differ from each other and from Strata's own, by the suffixes `_2`, `_3` and so on. A name that the
/// file has itself is never taken for another. Names that differ in case alone count as equal, as they do in Delta.
pub(super) fn distinct(names: &[String]) -> Vec<String> {
    let own = [LINE, PROBLEM, TEXT, MORE, FILE, BATCH_ID, MODIFIED];
    let given: HashSet<String> = names.iter().map(|name| name.to_lowercase()).collect();
    let mut taken: HashSet<String> = own.map(str::to_owned).into();
    let mut suffixes: HashMap<String, usize> = HashMap::new();
    let mut result = Vec::with_capacity(names.len());
    for name in names {
        let lower = name.to_lowercase();
        let mut unique = name.clone();
        if taken.contains(&lower) {
            let suffix = suffixes.entry(lower.clone()).or_insert(1);
            loop {
                *suffix += 1;
                let key = format!("{lower}_{suffix}");
                if !taken.contains(&key) && !given.contains(&key) {
                    break;
                }
            }
            unique = format!("{name}_{suffix}");
        }
        taken.insert(unique.to_lowercase());
        result.push(unique);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_distinct() {
        let cases: [(&[&str], &[&str]); 5] = [
            (&["a", "b"], &["a", "b"]),
            (&["a", "a", "a"], &["a", "a_2", "a_3"]),
            (&["a", "a", "a_2"], &["a", "a_3", "a_2"]),
            (&["Email", "email", "EMAIL"], &["Email", "email_2", "EMAIL_3"]),
            (&["_line", "_more", "_File"], &["_line_2", "_more_2", "_File_2"]),
        ];
        for (names, expected) in cases {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(distinct(&names), expected);
        }
    }
}
