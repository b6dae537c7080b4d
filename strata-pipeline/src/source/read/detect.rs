//! How a file is written, from what is declared and what its first bytes show.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::batch::distinct;
use super::encoding::{self, NotText};
use super::error::EXCEL;
use super::{Compression, Dialect, Format, ReadError, ReadOptions, Reason};
use super::{csv, dialect, expand, header, json, parquet, stream};

/// How many bytes, decompressed, are looked at.
const SAMPLE: u64 = 256 << 10;

/// Finds out how a file is written from its first 256 KiB; for JSON Lines, whose columns are the keys of the first
/// 1,000 lines, from these.
pub fn detect(path: &Path, options: &ReadOptions) -> Result<Dialect, ReadError> {
    check(path, options)?;
    let (sample, compression) = sample(path)?;
    let whole = (sample.len() as u64) < SAMPLE;
    if sample.is_empty() {
        return Err(ReadError::Empty { path: path.to_owned() });
    }
    if let Some(what) = packed(path, &sample) {
        return Err(ReadError::Packed { path: path.to_owned(), what });
    }
    let mut dialect = Dialect {
        format: Format::Csv,
        compression,
        encoding: encoding_rs::UTF_8.name(),
        bom: false,
        delimiter: b',',
        quote: b'"',
        comment: None,
        header: true,
        columns: Vec::new(),
        reasons: Vec::new(),
        keys: Vec::new(),
    };
    if compression != Compression::None {
        dialect.reason("compression", "by its first bytes");
    }
    let by_name = expand::format_by_name(path);
    let is_parquet = sample.starts_with(b"PAR1");
    if options.format.or(by_name) == Some(Format::Parquet) || (options.format.is_none() && is_parquet) {
        if compression != Compression::None {
            return Err(ReadError::Packed { path: path.to_owned(), what: "a compressed Parquet file" });
        }
        let declared = options.format.is_some();
        let why = if declared {
            "declared"
        } else if is_parquet {
            "by its first bytes"
        } else {
            "by the name's ending"
        };
        dialect.format = Format::Parquet;
        dialect.reason("format", why);
        dialect.columns = parquet::columns(path)?;
        return Ok(dialect);
    }
    let text = decode(path, &sample, whole, options, &mut dialect)?;
    let (format, why) = match (options.format, by_name) {
        (Some(format), _) => (format, "declared"),
        (None, Some(format)) => (format, "by the name's ending"),
        (None, None) if begins_as_json(&text) => (Format::JsonLines, "by its first character"),
        (None, None) => (Format::Csv, "neither its name nor its beginning shows another"),
    };
    dialect.format = format;
    dialect.reason("format", why);
    match format {
        Format::JsonLines => json_lines(path, &text, options, &mut dialect)?,
        _ => separated(path, &text, whole, options, &mut dialect)?,
    }
    Ok(dialect)
}

impl Dialect {
    fn reason(&mut self, setting: &'static str, why: impl Into<String>) {
        self.reasons.push(Reason { setting, why: why.into() });
    }
}

/// Refuses options that no file could be read with.
fn check(path: &Path, options: &ReadOptions) -> Result<(), ReadError> {
    let refuse = |reason: &str| Err(ReadError::Option { path: path.to_owned(), reason: reason.to_owned() });
    let usable = |byte: Option<u8>| byte.is_none_or(|byte| byte.is_ascii() && byte != b'\n' && byte != b'\r');
    match (options.delimiter, options.quote) {
        (Some(delimiter), Some(quote)) if delimiter == quote => {
            refuse("its delimiter and its quote are the same")
        }
        (delimiter, _) if !usable(delimiter) => {
            refuse("its delimiter is a line break or not an ASCII character")
        }
        (_, quote) if !usable(quote) => refuse("its quote is a line break or not an ASCII character"),
        _ if !usable(options.comment) => refuse("its comment mark is a line break or not an ASCII character"),
        _ if !(1..=1 << 30).contains(&options.max_record_bytes) => {
            refuse("the limit for records is not between 1 byte and 1 GiB")
        }
        _ => Ok(()),
    }
}

fn sample(path: &Path) -> Result<(Vec<u8>, Compression), ReadError> {
    let progress = Arc::new(AtomicU64::new(0));
    let (source, compression) = stream::open(path, progress.clone())?;
    let mut sample = Vec::new();
    source
        .take(SAMPLE)
        .read_to_end(&mut sample)
        .map_err(|error| stream::broken(path, compression, progress.load(Ordering::Relaxed), error))?;
    Ok((sample, compression))
}

/// What a file is that must be unpacked or exported first.
fn packed(path: &Path, sample: &[u8]) -> Option<&'static str> {
    match sample {
        [b'P', b'K', 3 | 5, 4 | 6, ..] => {
            // The entry that every Office document begins with.
            let named = matches!(expand::ending(path).as_deref(), Some("xlsx" | "xlsm"));
            let office =
                named || sample.windows(19).take(2000).any(|window| window == b"[Content_Types].xml");
            Some(if office { EXCEL } else { "a zip archive" })
        }
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Some(EXCEL),
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, ..] => Some("compressed with bzip2"),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some("compressed with xz"),
        [b'7', b'z', 0xbc, 0xaf, ..] => Some("a 7z archive"),
        _ => None,
    }
}

fn decode(
    path: &Path,
    sample: &[u8],
    whole: bool,
    options: &ReadOptions,
    dialect: &mut Dialect,
) -> Result<String, ReadError> {
    let decided =
        encoding::decide(sample, whole, options.encoding.as_deref()).map_err(|error| match error {
            NotText::Binary(at) => ReadError::Binary { path: path.to_owned(), position: at + 1 },
            NotText::UnknownLabel => {
                let label = options.encoding.clone().unwrap_or_default();
                ReadError::Encoding { path: path.to_owned(), label }
            }
        })?;
    dialect.encoding = decided.encoding.name();
    dialect.bom = decided.bom;
    dialect.reason("encoding", decided.why);
    let (text, _) = decided.encoding.decode_with_bom_removal(sample);
    if text.is_empty() {
        return Err(ReadError::Empty { path: path.to_owned() });
    }
    Ok(text.into_owned())
}

/// An object, or an array of objects; a CSV header may well begin with a bracket.
fn begins_as_json(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with('{') || text.strip_prefix('[').is_some_and(|rest| rest.trim_start().starts_with('{'))
}

fn json_lines(
    path: &Path,
    text: &str,
    options: &ReadOptions,
    dialect: &mut Dialect,
) -> Result<(), ReadError> {
    if text.trim_start().starts_with('[') {
        return Err(ReadError::NotJsonLines { path: path.to_owned(), found: "it begins with an array" });
    }
    dialect.keys = json::keys(path, dialect.encoding(), options)?;
    dialect.columns = distinct(&dialect.keys);
    dialect.reason("columns", "the keys in the first 1,000 lines");
    Ok(())
}

fn separated(
    path: &Path,
    text: &str,
    whole: bool,
    options: &ReadOptions,
    dialect: &mut Dialect,
) -> Result<(), ReadError> {
    let declared = || "declared".to_owned();
    let (comment, why) = match options.comment {
        Some(comment) => (Some(comment), declared()),
        None => dialect::comment(text),
    };
    dialect.comment = comment;
    dialect.reason("comment", why);
    let (quote, why) = match options.quote {
        Some(quote) => (quote, declared()),
        None => dialect::quote(text),
    };
    dialect.quote = quote;
    dialect.reason("quote", why);
    let tsv = matches!(expand::ending(path).as_deref(), Some("tsv" | "tab"));
    let (delimiter, why) = match options.delimiter {
        Some(delimiter) => (delimiter, declared()),
        None => dialect::delimiter(text, whole, quote, comment, tsv),
    };
    dialect.delimiter = delimiter;
    dialect.reason("delimiter", why);
    let (header, why) = match options.header {
        Some(header) => (header, declared()),
        None => header::header(text, whole, delimiter, quote, comment),
    };
    dialect.header = header;
    dialect.reason("header", why);
    let rows = csv::CsvReader::open(path, dialect, options, Arc::new(AtomicU64::new(0)))?;
    let fields = rows.schema();
    // The last three are Strata's own.
    let data = fields.fields().len().saturating_sub(3);
    dialect.columns = fields.fields().iter().take(data).map(|field| field.name().clone()).collect();
    Ok(())
}
