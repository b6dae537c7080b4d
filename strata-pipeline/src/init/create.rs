//! Writes a project's first manifest: looks at the files, proposes, and puts `strata.toml` into the folder.

use std::io::{BufRead, BufReader, Read};
use std::path::{Component, Path, PathBuf};

use chrono::NaiveDate;
use strata_lake::arrow::array::{Array, ArrayRef, RecordBatch};
use strata_lake::arrow::util::display::{ArrayFormatter, FormatOptions};
use strata_spec::error::ErrorCode;
use strata_spec::manifest::FormatKind;

use super::{
    DateFacts, Dialect, FileSample, Options, Proposal, ValueSample, propose, starters, write_manifest,
};
use crate::error::{Context, Error, Result};
use crate::project::MANIFEST;
use crate::source::read::{self, Format, ReadError, ReadOptions};

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// The manifest.
    pub manifest: PathBuf,
    /// A file of segments to start with, if one was written.
    pub starters: Option<PathBuf>,
    /// What each source was taken for, one line each.
    pub summary: Vec<String>,
}

/// Rows of a file that are looked at for what its columns mean.
const ROWS_SAMPLED: usize = 1_000;
/// Files up to this size are read to the end, so that their newest date and all their ids are known.
const BYTES_READ_WHOLE: u64 = 2 << 30;
/// Of the lines before the header so much is looked at.
const PREAMBLE_BYTES: u64 = 64 << 10;

/// Looks at files and writes `strata.toml` into a folder, which is made if it is not there.
///
/// # Errors
/// `Conflict` when there is a manifest already, unless forced; `InvalidInput` when a file cannot be read or nothing can be
/// made of any of them.
pub fn create(patterns: &[PathBuf], folder: &Path, today: NaiveDate, force: bool) -> Result<Created> {
    let manifest = folder.join(MANIFEST);
    if manifest.exists() && !force {
        return Err(Error::new(ErrorCode::Conflict, format!("{} exists already", manifest.display()))
            .with_hint("--force replaces it; or edit it: its comments say how"));
    }
    if folder.is_file() {
        return Err(Error::new(ErrorCode::InvalidDefinition, format!("{} is a file", folder.display()))
            .with_hint("the last argument is the folder of the new project: `strata init FILES… DIR`"));
    }
    std::fs::create_dir_all(folder).context(format!("cannot make folder {}", folder.display()))?;
    let folder = folder.canonicalize().context(format!("cannot open folder {}", folder.display()))?;
    let mut files = Vec::new();
    for pattern in patterns {
        let paths = read::expand(&pattern.to_string_lossy(), Path::new("")).map_err(unreadable)?;
        for path in paths {
            let path = path.canonicalize().context(format!("cannot open {}", path.display()))?;
            files.push(sample(&path, relative(&path, &folder))?);
        }
    }
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let proposal = propose(&files, &Options { folder: name, today });
    let summary: Vec<String> = proposal
        .sources
        .iter()
        .map(|source| match &source.left_out {
            Some(reason) => format!("{}: left out: {reason}", source.path),
            None => {
                let tables: Vec<String> = source.tables.iter().map(|table| table.table.to_string()).collect();
                format!("{}: {}, as {}", source.path, source.title, tables.join(" and "))
            }
        })
        .collect();
    if proposal.mapped().next().is_none() {
        return Err(Error::new(
            ErrorCode::InvalidInput,
            format!("nothing can be made of these files:\n{}", summary.join("\n")),
        )
        .with_hint(
            "a file needs at least a customer, an order with its date, or an event with its date and name",
        ));
    }
    std::fs::write(&manifest, write_manifest(&proposal))
        .context(format!("cannot write {}", manifest.display()))?;
    let starters = write_starters(&proposal, &folder, today)?;
    Ok(Created { manifest, starters, summary })
}

/// Writes segments to start with where the files support them and nobody has written any.
fn write_starters(proposal: &Proposal, folder: &Path, today: NaiveDate) -> Result<Option<PathBuf>> {
    let own = folder.join("segments");
    let Some(text) = starters(proposal, today).filter(|_| !own.exists()) else { return Ok(None) };
    let path = own.join("starters.toml");
    std::fs::create_dir_all(&own)
        .and_then(|()| std::fs::write(&path, text))
        .context(format!("cannot write {}", path.display()))?;
    Ok(Some(path))
}

fn sample(path: &Path, shown: String) -> Result<FileSample> {
    let preamble = preamble(path)?;
    let options = ReadOptions { comment: (!preamble.is_empty()).then_some(b'#'), ..ReadOptions::default() };
    let reader = read::read(path, &options).map_err(unreadable)?;
    let bytes = path.metadata().context(format!("cannot open {}", path.display()))?.len();
    let dialect = reader.dialect().clone();
    let n_columns = dialect.columns.len();
    let read_whole = bytes <= BYTES_READ_WHOLE;
    let mut rows = Vec::new();
    let n_known = if read_whole { n_columns } else { 0 };
    let mut dates = vec![DateFacts::default(); n_known];
    let mut values = vec![ValueSample::default(); n_known];
    let mut looked_at = false;
    for batch in reader {
        let batch = batch.map_err(unreadable)?;
        let columns = batch.columns().iter().take(n_columns);
        let mut texts = columns.map(|column| text_of(column, &batch)).collect::<Result<Vec<_>>>()?;
        let facts = dates.iter_mut().zip(&mut values).zip(&texts);
        for ((dates, values), texts) in facts {
            // A column without a date in the first rows has none to tell: reading dates is what takes time.
            let may_hold_dates = !looked_at || dates.n_dates + dates.n_epochs > 0 || !values.has_any();
            for text in texts.iter().flatten() {
                if may_hold_dates {
                    dates.observe(text);
                }
                values.observe(text);
            }
        }
        looked_at = true;
        for row in 0..batch.num_rows().min(ROWS_SAMPLED - rows.len()) {
            rows.push(texts.iter_mut().map(|texts| texts[row].take()).collect());
        }
        if !read_whole && rows.len() >= ROWS_SAMPLED {
            break;
        }
    }
    Ok(FileSample {
        path: shown,
        columns: dialect.columns,
        rows,
        dates,
        values,
        dialect: Dialect {
            kind: match dialect.format {
                Format::Csv => FormatKind::Csv,
                Format::JsonLines => FormatKind::JsonLines,
                Format::Parquet => FormatKind::Parquet,
            },
            delimiter: char::from(dialect.delimiter),
            header: dialect.header,
            encoding: dialect.encoding.to_lowercase(),
            preamble,
        },
    })
}

fn text_of(column: &ArrayRef, batch: &RecordBatch) -> Result<Vec<Option<String>>> {
    let options = FormatOptions::default();
    let formatter = ArrayFormatter::try_new(column.as_ref(), &options).map_err(|error| {
        Error::new(ErrorCode::InvalidInput, "cannot show a column as text").caused_by(error)
    })?;
    Ok((0..batch.num_rows())
        .map(|row| column.is_valid(row).then(|| formatter.value(row).to_string()))
        .collect())
}

/// The lines that begin with `#` before anything else, as in reports of web analytics.
fn preamble(path: &Path) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    let mut head = BufReader::new(unpacked(path)?.take(PREAMBLE_BYTES));
    let mut line = Vec::new();
    while head.read_until(b'\n', &mut line).context(format!("cannot read {}", path.display()))? > 0 {
        let text = String::from_utf8_lossy(&line).trim().to_owned();
        if !is_remark(&text) && (lines.is_empty() || !text.is_empty()) {
            break;
        }
        lines.push(text);
        line.clear();
    }
    Ok(lines)
}

/// The bytes of a file, unpacked where its first bytes say that it is packed.
fn unpacked(path: &Path) -> Result<Box<dyn Read>> {
    let opening = || format!("cannot open {}", path.display());
    let mut file = BufReader::new(std::fs::File::open(path).context(opening())?);
    let head = file.fill_buf().context(opening())?;
    let (gzip, zstd) = (head.starts_with(&[0x1f, 0x8b]), head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]));
    Ok(match (gzip, zstd) {
        (true, _) => Box::new(flate2::bufread::MultiGzDecoder::new(file)),
        (_, true) => Box::new(zstd::stream::read::Decoder::with_buffer(file).context(opening())?),
        _ => Box::new(file),
    })
}

/// Whether a line is a remark. A header may begin with the sign too: Typeform's first column is called `#`.
fn is_remark(line: &str) -> bool {
    line == "#" || line.starts_with("# ")
}

/// The path of a file as seen from a folder, with `/` between folders. Both are absolute.
fn relative(path: &Path, folder: &Path) -> String {
    let path: Vec<Component<'_>> = path.components().collect();
    let folder: Vec<Component<'_>> = folder.components().collect();
    let n_shared = path.iter().zip(&folder).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..".to_owned(), folder.len() - n_shared);
    let down = path[n_shared..].iter().map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

fn unreadable(error: ReadError) -> Error {
    let hint = error.hint();
    let failed = Error::new(ErrorCode::InvalidInput, "cannot look at a file").caused_by(error);
    match hint {
        Some(hint) => failed.with_hint(hint),
        None => failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_that_begins_with_the_sign_of_remarks_is_a_header() {
        let exports = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/exports");
        for (file, n_remarks, column, n_rows) in
            [("typeform_responses.csv", 0, "#", 3), ("ga4_pages.csv", 7, "Page path and screen class", 2)]
        {
            let seen = sample(&exports.join(file), file.to_owned()).unwrap();
            let found = (seen.dialect.preamble.len(), seen.columns[0].as_str(), seen.rows.len());
            assert_eq!(found, (n_remarks, column, n_rows), "{file}");
        }
    }

    #[test]
    fn remarks_are_found_in_packed_files_too() {
        let text = b"# Start date: 20240101\n# End date: 20240131\n\nCountry,Sessions\nDE,5\n";
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut gzip, text).unwrap();
        let packed = [gzip.finish().unwrap(), zstd::encode_all(&text[..], 1).unwrap(), text.to_vec()];
        let folder = tempfile::tempdir().unwrap();
        for (number, bytes) in packed.iter().enumerate() {
            let path = folder.path().join(format!("report{number}"));
            std::fs::write(&path, bytes).unwrap();
            let found = preamble(&path).unwrap();
            assert_eq!(found.first().map(String::as_str), Some("# Start date: 20240101"), "{number}");
        }
    }

    #[test]
    fn paths_are_seen_from_the_project() {
        let cases = [
            ("/data/shop/orders.csv", "/data/shop", "orders.csv"),
            ("/data/orders.csv", "/data/projects/shop", "../../orders.csv"),
            ("/data/shop/in/orders.csv", "/data/shop", "in/orders.csv"),
        ];
        for (path, folder, expected) in cases {
            assert_eq!(relative(Path::new(path), Path::new(folder)), expected);
        }
    }
}
