//! What can be wrong with a file as a whole. What is wrong with one row stands in its `_problem` instead.

use std::io;
use std::path::PathBuf;

use strata_lake::arrow::error::ArrowError;

/// What a workbook is called in [`ReadError::Packed`].
pub(super) const EXCEL: &str = "an Excel workbook";

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The file does not exist.
    #[error("{} does not exist", path.display())]
    Missing {
        /// The file asked for.
        path: PathBuf,
        /// A file of a similar name in the same folder.
        similar: Option<String>,
    },
    /// A folder without data files, or a pattern that no file matches.
    #[error("{} matches no data file", pattern.display())]
    NoFiles {
        /// The folder or pattern.
        pattern: PathBuf,
    },
    /// A file pattern that is not well formed.
    #[error("{pattern} is not a file pattern")]
    Pattern {
        /// The pattern as given.
        pattern: String,
        /// What is wrong with it, and where.
        source: glob::PatternError,
    },
    /// A folder where a file is needed.
    #[error("{} is a folder, not a file", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
    },
    /// The operating system refused to open, list or read.
    #[error("cannot {operation} {}", path.display())]
    Unreadable {
        /// "open", "list" or "read".
        operation: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file without content.
    #[error("{} is empty", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A CSV file without a usable header.
    #[error("{} has no header: {reason}", path.display())]
    NoHeader {
        /// The file.
        path: PathBuf,
        /// What stands in its place.
        reason: String,
    },
    /// A declared encoding that does not exist or is not supported.
    #[error("{label} is not an encoding that can be read ({})", path.display())]
    Encoding {
        /// The file it was declared for.
        path: PathBuf,
        /// The label as declared.
        label: String,
    },
    /// A declared option that cannot work.
    #[error("{} cannot be read so: {reason}", path.display())]
    Option {
        /// The file it was declared for.
        path: PathBuf,
        /// Which option, and why.
        reason: String,
    },
    /// A compressed or Parquet file that breaks its own format.
    #[error("{} is damaged: its {format} data cannot be read {position}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// "gzip", "zstd" or "Parquet".
        format: &'static str,
        /// Where: "after 1024 of its 4096 bytes", "from row 8193 on".
        position: String,
        /// What the decoder said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An archive or office document.
    #[error("{} is {what}", path.display())]
    Packed {
        /// The file.
        path: PathBuf,
        /// Such as "a zip archive".
        what: &'static str,
    },
    /// Not text, and no format that Strata knows.
    #[error("{} is not text: byte {position} is NUL", path.display())]
    Binary {
        /// The file.
        path: PathBuf,
        /// The offset of the first NUL, from 1.
        position: usize,
    },
    /// JSON that is not one object a line.
    #[error("{} is not JSON Lines: {found}", path.display())]
    NotJsonLines {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        found: &'static str,
    },
    /// The rows read do not fit into Arrow arrays.
    #[error("cannot put rows of {} into a batch", path.display())]
    Batch {
        /// The file.
        path: PathBuf,
        /// What Arrow said.
        source: ArrowError,
    },
}

impl ReadError {
    /// What to do about it, as one sentence.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Missing { similar: Some(name), .. } => return Some(format!("did you mean {name}?")),
            Self::Missing { .. } => "paths are relative to the project's folder",
            Self::NoFiles { .. } => {
                "data files end in .csv, .tsv, .tab, .json, .jsonl, .ndjson, .parquet or .pq, perhaps with .gz or .zst; \
                 a pattern takes any name"
            }
            Self::Pattern { .. } => {
                "`*` stands for any part of a name, `?` for one character, `[abc]` for one of these, \
                                     `**` for folders"
            }
            Self::Folder { .. } => "name a file in it",
            Self::Unreadable { source, .. } => match source.kind() {
                io::ErrorKind::PermissionDenied => "check the permissions of the file and of its folder",
                _ => "check that the disk or share is still there and sound",
            },
            Self::Empty { .. } => "export it again: a data file has at least a header",
            Self::NoHeader { .. } => {
                "the first line names the columns, one name a cell; where it is a row already, declare `header = false`"
            }
            Self::Encoding { .. } => {
                "common ones are utf-8, utf-16le, windows-1252, iso-8859-15 and shift_jis; leave it \
                                      out to have it detected"
            }
            Self::Option { .. } => "leave the option out to have it detected",
            Self::Damaged { .. } => "copy or export it again: often a transfer was cut short",
            Self::Packed { what: EXCEL, .. } => "save the sheet as CSV (UTF-8) and name that file",
            Self::Packed { .. } => "unpack it, and name the files inside",
            Self::Binary { .. } => "export the data as CSV, JSON Lines or Parquet",
            Self::NotJsonLines { .. } => {
                "write one object a line, for example: jq -c '.[]' data.json > data.jsonl"
            }
            Self::Batch { .. } => return None,
        };
        Some(hint.to_owned())
    }
}
