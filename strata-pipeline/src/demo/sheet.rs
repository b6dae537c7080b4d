//! Export files that are written row by row as cells of text, with the dirt that their layout asks for.
//!
//! A row is filled cell by cell as it truly is, then spoilt, written, and perhaps written twice. Whatever is wrong goes to
//! the truth with the line where it stands, and so does every identifier as it was written.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::chance::Chance;
use super::columns::{Columns, Kind};
use super::dirt::Dirt;
use super::truth::{Finding, Truth};
use super::{DemoError, Result};

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// With commas, in UTF-8.
    Csv,
    /// With semicolons, in Windows-1252.
    GermanCsv,
    JsonLines,
    GzippedJsonLines,
    Parquet,
}

/// The shape of a file and what is wrong with it.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) form: Form,
    pub(super) columns: &'static [&'static str],
    /// Columns that are not text, for the forms that know other kinds.
    pub(super) kinds: &'static [(usize, Kind)],
    /// The column by which a row is found.
    pub(super) key: usize,
    /// The columns that identify people, with the kind of identifier.
    pub(super) identifiers: &'static [(usize, &'static str)],
    /// What is wrong in which column, and how often.
    pub(super) dirt: &'static [(usize, Dirt, f64)],
    /// How often a row stands there twice.
    pub(super) duplicates: f64,
}

impl Layout {
    fn kind(&self, column: usize) -> Kind {
        self.kinds.iter().find(|(at, _)| *at == column).map_or(Kind::Text, |(_, kind)| *kind)
    }
}

/// The position of a column in a header, found while compiling: a name that is not there does not compile.
pub(super) const fn column(header: &[&str], name: &str) -> usize {
    let mut at = 0;
    while !same(header[at].as_bytes(), name.as_bytes()) {
        at += 1;
    }
    at
}

const fn same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}

enum Out {
    Plain(BufWriter<File>),
    Gzip(Box<GzEncoder<BufWriter<File>>>),
    Parquet(Box<Columns>),
}

/// A file being written.
pub(super) struct Sheet {
    layout: &'static Layout,
    path: PathBuf,
    /// The file's name, as the truth says it.
    name: String,
    out: Out,
    cells: Vec<String>,
    bytes: Vec<u8>,
    /// The line written last, counted from 1; in Parquet the row.
    line: u64,
    rows: u64,
}

impl Sheet {
    /// Creates the file `name` in a folder.
    pub(super) fn create(folder: &Path, name: &str, layout: &'static Layout) -> Result<Self> {
        let path = folder.join(name);
        let file = || File::create(&path).map_err(|cause| DemoError::new("cannot create", &path, cause));
        let out = match layout.form {
            Form::Csv | Form::GermanCsv | Form::JsonLines => Out::Plain(BufWriter::new(file()?)),
            Form::GzippedJsonLines => {
                Out::Gzip(Box::new(GzEncoder::new(BufWriter::new(file()?), Compression::fast())))
            }
            Form::Parquet => {
                let columns: Vec<(&str, Kind)> =
                    layout.columns.iter().enumerate().map(|(at, name)| (*name, layout.kind(at))).collect();
                Out::Parquet(Box::new(Columns::new(&path, &columns, None)))
            }
        };
        let cells = vec![String::new(); layout.columns.len()];
        let (bytes, name) = (Vec::new(), name.to_owned());
        let mut sheet = Self { layout, path, name, out, cells, bytes, line: 0, rows: 0 };
        if matches!(layout.form, Form::Csv | Form::GermanCsv) {
            for (cell, column) in sheet.cells.iter_mut().zip(layout.columns) {
                cell.push_str(column);
            }
            sheet.write()?;
            sheet.cells.iter_mut().for_each(String::clear);
            sheet.rows = 0;
        }
        Ok(sheet)
    }

    /// Fills a cell of the row.
    pub(super) fn set(&mut self, column: usize, value: &str) -> &mut Self {
        self.cells[column].push_str(value);
        self
    }

    /// Fills a cell with an amount in cents.
    pub(super) fn cents(&mut self, column: usize, cents: i64) -> &mut Self {
        let mark = if self.layout.form == Form::GermanCsv { ',' } else { '.' };
        push_cents(&mut self.cells[column], cents, mark);
        self
    }

    /// Spoils and writes the row of a person (none for those who are nobody), and empties it. The answer is its line.
    pub(super) fn end(&mut self, truth: &mut Truth, chance: &mut Chance, person: Option<u64>) -> Result<u64> {
        let line = self.line + 1;
        let mut spoilt: Vec<(usize, Dirt)> = Vec::new();
        for &(column, dirt, probability) in self.layout.dirt {
            let clean = !self.cells[column].is_empty() && !spoilt.iter().any(|(at, _)| *at == column);
            if !chance.yes(probability) || !clean {
                continue;
            }
            if let Some(written) = dirt.spoil(chance, &self.cells[column]) {
                let was = std::mem::replace(&mut self.cells[column], written);
                truth.dirt(&Finding {
                    dirt,
                    file: &self.name,
                    line,
                    key: &self.cells[self.layout.key],
                    column: self.layout.columns[column],
                    written: &self.cells[column],
                    truth: &was,
                    person,
                })?;
                spoilt.push((column, dirt));
            }
        }
        for &(column, kind) in self.layout.identifiers {
            let value = &self.cells[column];
            if !value.is_empty() {
                let note = spoilt.iter().find(|(at, _)| *at == column).map_or("", |(_, dirt)| dirt.name());
                truth.identifier(&self.name, kind, value, person, note)?;
            }
        }
        self.write()?;
        if chance.yes(self.layout.duplicates) {
            self.write()?;
            truth.dirt(&Finding {
                dirt: Dirt::DuplicateRow,
                file: &self.name,
                line: self.line,
                key: &self.cells[self.layout.key],
                column: "",
                written: "",
                truth: &line.to_string(),
                person,
            })?;
        }
        self.cells.iter_mut().for_each(String::clear);
        Ok(line)
    }

    /// The file's name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Ends the file; the answer is its name and how many rows it has.
    pub(super) fn close(self) -> Result<(String, u64)> {
        let failed = |cause: std::io::Error| DemoError::new("cannot finish", &self.path, cause);
        match self.out {
            Out::Plain(mut out) => out.flush().map_err(failed)?,
            Out::Gzip(out) => out.finish().and_then(|mut inner| inner.flush()).map_err(failed)?,
            Out::Parquet(columns) => drop(columns.close()?),
        }
        Ok((self.name, self.rows))
    }

    fn write(&mut self) -> Result<()> {
        self.line += 1;
        self.rows += 1;
        self.bytes.clear();
        match self.layout.form {
            Form::Csv => push_row(&mut self.bytes, &self.cells, b','),
            Form::GermanCsv => {
                let mut row = Vec::new();
                push_row(&mut row, &self.cells, b';');
                let text = String::from_utf8_lossy(&row);
                self.bytes.extend(text.chars().map(windows_1252));
            }
            Form::JsonLines | Form::GzippedJsonLines => self.push_object()?,
            Form::Parquet => {}
        }
        let failed = |cause: std::io::Error| DemoError::new("cannot write", &self.path, cause);
        match &mut self.out {
            Out::Plain(out) => out.write_all(&self.bytes).map_err(failed),
            Out::Gzip(out) => out.write_all(&self.bytes).map_err(failed),
            Out::Parquet(columns) => {
                for (at, cell) in self.cells.iter().enumerate() {
                    match self.layout.kind(at) {
                        Kind::Number => columns.number(cell.parse().ok()),
                        Kind::Integer | Kind::Instant | Kind::Day => columns.integer(cell.parse().ok()),
                        Kind::Text | Kind::Id | Kind::Truth => columns.text(cell),
                    };
                }
                columns.end()
            }
        }
    }

    /// One object; what is empty is left out.
    fn push_object(&mut self) -> Result<()> {
        self.bytes.push(b'{');
        for (at, cell) in self.cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            if self.bytes.len() > 1 {
                self.bytes.push(b',');
            }
            self.bytes.extend([b"\"", self.layout.columns[at].as_bytes(), b"\":"].concat());
            if self.layout.kind(at) == Kind::Number && cell.parse::<f64>().is_ok() {
                self.bytes.extend_from_slice(cell.as_bytes());
            } else {
                serde_json::to_writer(&mut self.bytes, cell)
                    .map_err(|cause| DemoError::new("cannot make a row of", &self.path, cause))?;
            }
        }
        self.bytes.extend_from_slice(b"}\n");
        Ok(())
    }
}

/// Appends `1234.50`.
pub(super) fn push_cents(text: &mut String, cents: i64, mark: char) {
    use std::fmt::Write as _;
    let sign = if cents < 0 { "-" } else { "" };
    // Writing to a string cannot fail.
    let _ = write!(text, "{sign}{}{mark}{:02}", cents.abs() / 100, cents.abs() % 100);
}

/// Appends a row of a CSV file with its line's end.
pub(super) fn push_row<T: AsRef<str>>(bytes: &mut Vec<u8>, cells: &[T], delimiter: u8) {
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            bytes.push(delimiter);
        }
        let cell = cell.as_ref().as_bytes();
        let quoted = cell.iter().any(|&byte| byte == delimiter || matches!(byte, b'"' | b'\n' | b'\r'));
        if !quoted {
            bytes.extend_from_slice(cell);
            continue;
        }
        bytes.push(b'"');
        for &byte in cell {
            if byte == b'"' {
                bytes.push(b'"');
            }
            bytes.push(byte);
        }
        bytes.push(b'"');
    }
    bytes.push(b'\n');
}

/// The byte of a letter; letters that Windows-1252 lacks lose what makes them special.
fn windows_1252(letter: char) -> u8 {
    match letter {
        '€' => 0x80,
        'ş' => b's',
        'ı' => b'i',
        _ => u8::try_from(u32::from(letter)).unwrap_or(b'?'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_csv() {
        for (cells, expected) in [
            (&["a", "b"] as &[&str], "a,b\n"),
            (&["a,b", "", "say \"x\""], "\"a,b\",,\"say \"\"x\"\"\"\n"),
            (&["a;b"], "a;b\n"),
        ] {
            let mut bytes = Vec::new();
            push_row(&mut bytes, cells, b',');
            assert_eq!(String::from_utf8(bytes).unwrap(), expected);
        }
    }

    #[test]
    fn amounts() {
        for (cents, expected) in [(4990, "49.90"), (5, "0.05"), (-105, "-1.05"), (123_456_700, "1234567.00")]
        {
            let mut text = String::new();
            push_cents(&mut text, cents, '.');
            assert_eq!(text, expected);
        }
    }

    #[test]
    fn letters_of_windows_1252() {
        assert_eq!(['ü', '€', 'ı', 'Δ', 'a'].map(windows_1252), [0xfc, 0x80, b'i', b'?', b'a']);
    }
}
