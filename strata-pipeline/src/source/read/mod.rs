//! Turns a file into a stream of Arrow record batches, whatever is in it, in constant memory.
//!
//! CSV and JSON Lines give text columns, since what a cell means is decided later, on evidence from the whole
//! column; Parquet gives the types it declares. To the data columns every batch adds where each row came from:
//!
//! | column | type | meaning |
//! | --- | --- | --- |
//! | `_more` | text | JSON Lines only: an object of the keys that are not columns, so that none is lost |
//! | `_line` | int64 | the line, from 1, at which the record starts (Parquet: the row's number) |
//! | `_problem` | text | why the row cannot be used; null for a good row |
//! | `_text` | text | the record as it stands in the file, at most 2,000 characters; only beside a problem |
//!
//! A malformed row is never dropped and never an error: its data columns are null and `_problem` says why. An
//! error is about the file as a whole, and ends the stream. Empty CSV cells are null, quoted or not.
//!
//! Text that is not valid in its encoding: in a UTF-8 file the row is a problem, since a wrong name or e-mail
//! address must not pass for a right one; in other encodings the byte becomes U+FFFD and the row stands.

mod batch;
mod blanks;
mod csv;
mod detect;
mod dialect;
mod encoding;
mod error;
mod expand;
mod fingerprint;
mod header;
mod json;
mod parquet;
mod quotes;
mod records;
mod stream;
#[cfg(test)]
mod tests;
mod text;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use strata_lake::arrow::array::RecordBatch;
use strata_lake::arrow::datatypes::SchemaRef;

pub use self::batch::{LINE, MORE, PROBLEM, TEXT};
pub use self::detect::detect;
pub use self::error::ReadError;
pub use self::expand::expand;
pub use self::fingerprint::{Fingerprint, fingerprint};

/// How the rows of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Cells between delimiters, mostly with a header: CSV, TSV and their relatives.
    Csv,
    /// One JSON object a line.
    JsonLines,
    /// Apache Parquet.
    Parquet,
}

/// How the bytes of a file are packed; told by its first bytes, never by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip, of one member or several.
    Gzip,
    /// Zstandard, of one frame or several.
    Zstd,
}

/// What the project declares about a file. What is `None` is detected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadOptions {
    /// The format.
    pub format: Option<Format>,
    /// The byte between CSV cells; a blank stands for any run of blanks and tabs.
    pub delimiter: Option<u8>,
    /// The byte around CSV cells that contain delimiters or line breaks.
    pub quote: Option<u8>,
    /// The encoding, by any label of the WHATWG encoding standard. A byte order mark in the file prevails.
    pub encoding: Option<String>,
    /// Lines that begin with this byte *before the header* are skipped, as are blank ones (GA4's `#` preamble).
    pub comment: Option<u8>,
    /// Whether the first line names the columns (CSV). Where it does not, they are `column_1`, `column_2` and so on.
    pub header: Option<bool>,
    /// Columns that are read as text since the files of their source hold them in several types (Parquet).
    pub as_text: Vec<String>,
    /// Rows in a batch, at most. A batch also ends at 16 MiB of text.
    pub batch_rows: usize,
    /// A record longer than this is a problem row. At most 1 GiB.
    pub max_record_bytes: usize,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            format: None,
            delimiter: None,
            quote: None,
            encoding: None,
            comment: None,
            header: None,
            as_text: Vec::new(),
            batch_rows: 8192,
            max_record_bytes: 4 << 20,
        }
    }
}

/// How a file is written: what was declared, and what was detected in its first 256 KiB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialect {
    /// The format.
    pub format: Format,
    /// The compression.
    pub compression: Compression,
    /// The encoding's name in the WHATWG encoding standard.
    pub encoding: &'static str,
    /// Whether the file begins with a byte order mark.
    pub bom: bool,
    /// The byte between cells (CSV); a blank stands for any run of blanks and tabs.
    pub delimiter: u8,
    /// The byte around cells (CSV).
    pub quote: u8,
    /// The byte that begins the comment lines before the header (CSV).
    pub comment: Option<u8>,
    /// Whether the first line names the columns (CSV).
    pub header: bool,
    /// The data columns, in order. Header cells are trimmed; an empty one becomes `column_N`; a name that
    /// stands twice (in whatever case), or is one of Strata's own such as `_line`, gets a suffix: `_2`, `_3`.
    pub columns: Vec<String>,
    /// How each of the above was decided.
    pub reasons: Vec<Reason>,
    /// JSON Lines: the flattened key that fills each column.
    keys: Vec<String>,
}

/// Why a dialect has the value it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The field of [`Dialect`].
    pub setting: &'static str,
    /// What decided it, as the end of a sentence: "declared", "by the name's ending `.tsv`".
    pub why: String,
}

impl Dialect {
    fn encoding(&self) -> &'static encoding_rs::Encoding {
        // The name came from the encoding, and every encoding is found by its name.
        encoding_rs::Encoding::for_label(self.encoding.as_bytes()).unwrap_or(encoding_rs::UTF_8)
    }
}

/// The columns that the Parquet files among `paths` hold in different types: what is an id in one export and a number in
/// the next can only be read as text.
///
/// # Errors
/// When a file cannot be opened, or is damaged.
pub fn of_several_types(paths: &[PathBuf]) -> Result<Vec<String>, ReadError> {
    parquet::of_several_types(paths)
}

/// Opens a file, detects what is not declared, and returns its batches.
pub fn read(path: &Path, options: &ReadOptions) -> Result<Reader, ReadError> {
    let dialect = detect(path, options)?;
    let progress = Arc::new(AtomicU64::new(0));
    let rows = match dialect.format {
        Format::Csv => Rows::Csv(Box::new(csv::CsvReader::open(path, &dialect, options, progress.clone())?)),
        Format::JsonLines => {
            Rows::JsonLines(Box::new(json::JsonReader::open(path, &dialect, options, progress.clone())?))
        }
        Format::Parquet => {
            Rows::Parquet(Box::new(parquet::ParquetReader::open(path, options, progress.clone())?))
        }
    };
    Ok(Reader { rows, dialect, progress, ended: false })
}

/// The batches of one file; made by [`read`]. After an error there are no more.
pub struct Reader {
    rows: Rows,
    dialect: Dialect,
    progress: Arc<AtomicU64>,
    ended: bool,
}

enum Rows {
    Csv(Box<csv::CsvReader>),
    JsonLines(Box<json::JsonReader>),
    Parquet(Box<parquet::ParquetReader>),
}

impl Reader {
    /// The schema of every batch: the data columns, then Strata's own.
    pub fn schema(&self) -> SchemaRef {
        match &self.rows {
            Rows::Csv(rows) => rows.schema(),
            Rows::JsonLines(rows) => rows.schema(),
            Rows::Parquet(rows) => rows.schema(),
        }
    }

    /// How the file is written.
    pub fn dialect(&self) -> &Dialect {
        &self.dialect
    }

    /// How many bytes of the file on disk have been read, for a progress bar. For Parquet, the share of rows
    /// read times the file's size.
    pub fn bytes_read(&self) -> u64 {
        self.progress.load(Ordering::Relaxed)
    }
}

impl Iterator for Reader {
    type Item = Result<RecordBatch, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let batch = match &mut self.rows {
            Rows::Csv(rows) => rows.next_batch(),
            Rows::JsonLines(rows) => rows.next_batch(),
            Rows::Parquet(rows) => rows.next_batch(),
        };
        self.ended = !matches!(batch, Ok(Some(_)));
        batch.transpose()
    }
}
