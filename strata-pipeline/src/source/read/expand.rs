//! From what a manifest names (a file, a pattern, a folder) to the files meant, in a fixed order.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use super::stream::unreadable;
use super::{Format, ReadError};

/// The files that `pattern` names, relative to `base`: one file, the matches of a glob, or the data files that lie
/// directly in a folder. Sorted; hidden files are left out. A folder's data files are known by their endings
/// (`.csv`, `.tsv`, `.tab`, `.json`, `.jsonl`, `.ndjson`, `.parquet`, `.pq`, perhaps with `.gz` or `.zst`), so that
/// its readme is not read as data.
pub fn expand(pattern: &str, base: &Path) -> Result<Vec<PathBuf>, ReadError> {
    let path = base.join(pattern);
    match path.metadata() {
        Ok(metadata) if metadata.is_dir() => folder(&path),
        Ok(_) => Ok(vec![path]),
        Err(source) if source.kind() != io::ErrorKind::NotFound && !is_glob(pattern) => {
            Err(unreadable("open", &path, source))
        }
        Err(_) if is_glob(pattern) => matches(pattern, base),
        Err(_) => Err(missing(&path)),
    }
}

/// The format that a name's ending tells, beneath `.gz` and `.zst`.
pub(super) fn format_by_name(path: &Path) -> Option<Format> {
    match ending(path)?.as_str() {
        "csv" | "tsv" | "tab" => Some(Format::Csv),
        "json" | "jsonl" | "ndjson" => Some(Format::JsonLines),
        "parquet" | "pq" => Some(Format::Parquet),
        _ => None,
    }
}

/// The lower-case ending of a name, beneath `.gz` and `.zst`.
pub(super) fn ending(path: &Path) -> Option<String> {
    let lower = |ending: &OsStr| ending.to_string_lossy().to_lowercase();
    let last = lower(path.extension()?);
    if !matches!(last.as_str(), "gz" | "gzip" | "zst" | "zstd") {
        return Some(last);
    }
    Path::new(path.file_stem()?).extension().map(lower)
}

/// The error for a file that is not there, with the most similar name in its folder.
pub(super) fn missing(path: &Path) -> ReadError {
    ReadError::Missing { path: path.to_owned(), similar: similar(path) }
}

fn is_glob(pattern: &str) -> bool {
    pattern.contains(['*', '?', '['])
}

fn matches(pattern: &str, base: &Path) -> Result<Vec<PathBuf>, ReadError> {
    let absolute = Path::new(pattern).is_absolute();
    let full = if absolute || base.as_os_str().is_empty() {
        pattern.to_owned()
    } else {
        format!("{}/{pattern}", glob::Pattern::escape(&base.to_string_lossy()))
    };
    let options = glob::MatchOptions { require_literal_leading_dot: true, ..Default::default() };
    let found = glob::glob_with(&full, options)
        .map_err(|source| ReadError::Pattern { pattern: pattern.to_owned(), source })?;
    let mut files = Vec::new();
    for entry in found {
        let path = entry.map_err(|error| {
            let path = error.path().to_owned();
            unreadable("list", &path, error.into())
        })?;
        if !path.is_dir() {
            files.push(path);
        }
    }
    some(files, base.join(pattern))
}

fn folder(path: &Path) -> Result<Vec<PathBuf>, ReadError> {
    let mut files = Vec::new();
    for entry in path.read_dir().map_err(|source| unreadable("list", path, source))? {
        let file = entry.map_err(|source| unreadable("list", path, source))?.path();
        let hidden = file.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
        if !hidden && !file.is_dir() && format_by_name(&file).is_some() {
            files.push(file);
        }
    }
    some(files, path.to_owned())
}

fn some(mut files: Vec<PathBuf>, pattern: PathBuf) -> Result<Vec<PathBuf>, ReadError> {
    files.sort();
    if files.is_empty() { Err(ReadError::NoFiles { pattern }) } else { Ok(files) }
}

/// The name nearest to `path`'s in its folder, if near enough to be what was meant.
fn similar(path: &Path) -> Option<String> {
    let wanted = path.file_name()?.to_string_lossy().to_lowercase();
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut names: Vec<_> = parent
        .read_dir()
        .ok()?
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let likeness = |name: &str| {
        let name = name.to_lowercase();
        // `orders.csv` for `orders.csv.gz`, and the reverse.
        let extended = name.starts_with(&format!("{wanted}.")) || wanted.starts_with(&format!("{name}."));
        if extended { 1.0 } else { strsim::normalized_damerau_levenshtein(&wanted, &name) }
    };
    let best = names.into_iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (likeness(&best) >= 0.6).then_some(best)
}
