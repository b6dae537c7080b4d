//! Everything that is printed goes through here: results to stdout, the rest to stderr.

use std::error::Error as StdError;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use serde_json::Value;
use strata_pipeline::error::Error;
use strata_pipeline::query::{Answer, Format, write};
use strata_pipeline::spec::error::ErrorCode;

use super::{Shape, table};

/// A result, as one line on stdout.
pub(crate) fn line(text: impl AsRef<str>) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    written(out.write_all(text.as_ref().as_bytes()).and_then(|()| out.write_all(b"\n")))
}

/// What is going on, as one line on stderr. A stderr that cannot be written, as a log on a full disk, has nobody to be told,
/// and is no reason to fail.
pub(crate) fn note(text: impl AsRef<str>) {
    let mut err = io::stderr().lock();
    let _ = err.write_all(text.as_ref().as_bytes()).and_then(|()| err.write_all(b"\n"));
}

/// Prints an error with its causes and its hint; returns the exit code.
pub(crate) fn fail(error: &Error) -> ExitCode {
    note(format!("error: {error}"));
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let text = next.to_string();
        // Some libraries repeat their cause in their own text.
        if !said.contains(&text) {
            note(format!("  caused by: {text}"));
            said = text;
        }
        cause = next.source();
    }
    if let Some(hint) = error.hint() {
        note(format!("hint: {hint}"));
    }
    ExitCode::from(error.code().exit_code())
}

/// Rows in the shape that was asked for: a table that fits the terminal, JSON, or CSV.
pub(crate) async fn rows(answer: Answer, shape: Shape, limit: Option<usize>) -> Result<(), Error> {
    if shape.json {
        let rows = answer.json().await?;
        let rows: Vec<Value> = rows.into_iter().map(Value::Object).collect();
        return line(serde_json::to_string_pretty(&rows).unwrap_or_default());
    }
    if shape.csv {
        let mut out = io::BufWriter::new(io::stdout());
        return match write(answer, Format::Csv, &mut out).await {
            Err(error) if has_read_enough(&error) => Ok(()),
            written => written.map(|_| ()),
        };
    }
    let rows = answer.rows(limit.map_or(usize::MAX, |limit| limit + 1)).await?;
    let shown = limit.unwrap_or(usize::MAX).min(rows.cells.len());
    for text in table::lines(&rows.columns, &rows.numeric, &rows.cells[..shown], width()) {
        line(text)?;
    }
    if shown < rows.cells.len() {
        note(format!("… the first {shown} rows are shown; --csv and --json give all"));
    }
    Ok(())
}

/// The width to lay tables out for; none when the output is not a terminal.
pub(crate) fn width() -> Option<usize> {
    if !io::stdout().is_terminal() {
        return None;
    }
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    columns.or_else(|| console::Term::stdout().size_checked().map(|(_, columns)| usize::from(columns)))
}

/// Whether whoever reads has gone, as `head` does when it has its lines: that is no failure.
pub(crate) fn has_read_enough(error: &Error) -> bool {
    let mut cause = error.source();
    while let Some(next) = cause {
        if next.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe) {
            return true;
        }
        cause = next.source();
    }
    false
}

fn written(result: io::Result<()>) -> Result<(), Error> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Error::new(ErrorCode::Storage, "cannot write to stdout").caused_by(error)),
        Ok(()) => Ok(()),
    }
}
