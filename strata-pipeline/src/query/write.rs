//! Answers as files: CSV for spreadsheets, JSON Lines for programs, Parquet for both.

use std::io::Write;
use std::sync::Arc;

use futures::StreamExt;
use serde_json::{Map, Value};
use strata_lake::arrow::array::RecordBatch;
use strata_lake::arrow::json::WriterBuilder;
use strata_lake::arrow::json::writer::{LineDelimited, Writer as JsonWriter};
use strata_lake::datafusion::parquet::arrow::ArrowWriter;
use strata_spec::error::ErrorCode;

use super::{Answer, texts};
use crate::error::{Context, Error, Result};

/// The formats of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated, with a header, UTF-8. A text that a spreadsheet would take for a formula is preceded by an apostrophe.
    Csv,
    /// One JSON object a line.
    JsonLines,
    /// Apache Parquet.
    Parquet,
}

/// Writes all rows of an answer; returns how many they are. Memory does not grow with them.
///
/// # Errors
/// When the query fails while it runs, or the output cannot be written.
pub async fn write(answer: Answer, format: Format, out: &mut (dyn Write + Send)) -> Result<u64> {
    let schema = Arc::clone(answer.0.schema().inner());
    let mut stream = answer.0.execute_stream().await.context("cannot run the query")?;
    let mut n_rows = 0;
    let mut writer = match format {
        Format::Csv => {
            let header: Vec<Option<String>> =
                schema.fields().iter().map(|field| Some(field.name().clone())).collect();
            write_line(out, &header, &vec![true; header.len()])?;
            Writer::Csv(out)
        }
        Format::JsonLines =>
        // Every row has every key, so that a missing value is seen to be missing.
        {
            Writer::JsonLines(WriterBuilder::new().with_explicit_nulls(true).build(out))
        }
        Format::Parquet => Writer::Parquet(Box::new(
            ArrowWriter::try_new(out, schema, None)
                .map_err(|error| failed("begin the Parquet file", error))?,
        )),
    };
    while let Some(batch) = stream.next().await {
        let batch = batch.context("cannot run the query")?;
        n_rows += batch.num_rows() as u64;
        writer.write(&batch)?;
    }
    writer.finish()?;
    Ok(n_rows)
}

/// The rows of a batch as JSON objects, each with every key.
pub(crate) fn json_rows(batch: &RecordBatch) -> Result<Vec<Map<String, Value>>> {
    let mut lines = Vec::new();
    let mut writer = WriterBuilder::new().with_explicit_nulls(true).build::<_, LineDelimited>(&mut lines);
    writer.write(batch).map_err(|error| failed("write a JSON line", error))?;
    writer.finish().map_err(|error| failed("finish the JSON lines", error))?;
    drop(writer);
    objects(&lines)
}

/// JSON Lines, read back.
pub(super) fn objects(lines: &[u8]) -> Result<Vec<Map<String, Value>>> {
    let lines = String::from_utf8_lossy(lines);
    let object = |line| {
        serde_json::from_str(line)
            .map_err(|error| Error::new(ErrorCode::Internal, "cannot read a row as JSON").caused_by(error))
    };
    lines.lines().map(object).collect()
}

enum Writer<'a> {
    Csv(&'a mut (dyn Write + Send)),
    JsonLines(JsonWriter<&'a mut (dyn Write + Send), LineDelimited>),
    Parquet(Box<ArrowWriter<&'a mut (dyn Write + Send)>>),
}

impl Writer<'_> {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        match self {
            Writer::Csv(out) => {
                let is_text: Vec<bool> =
                    batch.columns().iter().map(|column| column.data_type().is_string()).collect();
                texts(batch)?.iter().try_for_each(|row| write_line(*out, row, &is_text))
            }
            Writer::JsonLines(writer) => {
                writer.write(batch).map_err(|error| failed("write a JSON line", error))
            }
            Writer::Parquet(writer) => writer.write(batch).map_err(|error| failed("write Parquet", error)),
        }
    }

    fn finish(self) -> Result<()> {
        match self {
            Writer::Csv(out) => out.flush().context("cannot write the output"),
            Writer::JsonLines(mut writer) => {
                writer.finish().map_err(|error| failed("finish the JSON lines", error))?;
                writer.into_inner().flush().context("cannot write the output")
            }
            Writer::Parquet(writer) => {
                writer.close().map(|_| ()).map_err(|error| failed("finish the Parquet file", error))
            }
        }
    }
}

fn write_line(out: &mut (dyn Write + Send), cells: &[Option<String>], is_text: &[bool]) -> Result<()> {
    let mut line = String::new();
    for (index, (cell, is_text)) in cells.iter().zip(is_text).enumerate() {
        if index > 0 {
            line.push(',');
        }
        if let Some(cell) = cell {
            push_cell(&mut line, cell, *is_text);
        }
    }
    line.push_str("\r\n");
    out.write_all(line.as_bytes()).context("cannot write the output")
}

/// Quotes what needs quoting, and disarms formulas: spreadsheets run a cell that begins with one of `= + - @`, a tab
/// or a carriage return. Numbers are not texts, so −5 stays −5.
fn push_cell(line: &mut String, cell: &str, is_text: bool) {
    let armed = is_text && cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    // An empty text is quoted, so that it is not taken for a missing one.
    let quoted = armed || cell.is_empty() || cell.contains(['"', ',', '\n', '\r']) || cell.trim() != cell;
    if !quoted {
        line.push_str(cell);
        return;
    }
    line.push('"');
    if armed {
        line.push('\'');
    }
    line.push_str(&cell.replace('"', "\"\""));
    line.push('"');
}

fn failed(what: &str, error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorCode::Storage, format!("cannot {what}")).caused_by(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_formulas_disarmed() {
        let cases = [
            ("Anna", true, "Anna"),
            ("a,b", true, "\"a,b\""),
            ("say \"hi\"", true, "\"say \"\"hi\"\"\""),
            ("", true, "\"\""),
            ("=HYPERLINK(\"x\")", true, "\"'=HYPERLINK(\"\"x\"\")\""),
            ("+49 30 1", true, "\"'+49 30 1\""),
            ("@sum", true, "\"'@sum\""),
            ("-5", false, "-5"),
            ("two\nlines", true, "\"two\nlines\""),
        ];
        for (cell, is_text, expected) in cases {
            let mut line = String::new();
            push_cell(&mut line, cell, is_text);
            assert_eq!(line, expected, "{cell:?}");
        }
    }
}
