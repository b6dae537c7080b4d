//! What can go wrong with tables, told as the operation and its object; the cause is the source.

use std::error::Error;
use std::io;
use std::path::PathBuf;

/// A result of this crate.
pub type Result<T> = std::result::Result<T, LakeError>;

/// An operation on the lake that failed.
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    /// Storage, the Delta log or the engine refused; the source says why.
    #[error("cannot {operation} {object}")]
    Failed {
        /// What was being done: a verb with its particle, such as `write to`.
        operation: &'static str,
        /// What it was done to, such as ``table `profile` ``.
        object: String,
        /// The cause.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// Another process holds the lake's lock.
    #[error("{} is in use by another run{}", folder.display(), holder(*.pid))]
    Locked {
        /// The lake's folder.
        folder: PathBuf,
        /// The process that holds the lock, where it could be read.
        pid: Option<u32>,
    },
    /// A table name that cannot be a folder.
    #[error("`{name}` cannot be the name of a table: {reason}")]
    TableName {
        /// The name as given.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A write's label that cannot be part of a file name.
    #[error("`{label}` cannot be the label of a write: {reason}")]
    Label {
        /// The label as given.
        label: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A column that cannot be stored.
    #[error("cannot store column `{column}` of table `{table}`: {reason}")]
    Column {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A query names a table that is not there.
    #[error("there is no table `{table}`")]
    UnknownTable {
        /// The name as written in the query.
        table: String,
        /// The tables there are, in order.
        known: Vec<String>,
    },
    /// A statement that would change something was given where only queries are run.
    #[error("only queries are run here, and this is `{statement}`")]
    ReadOnly {
        /// The kind of statement.
        statement: String,
    },
}

impl LakeError {
    /// Whether the cause is a full disk, an exceeded quota or a file size limit: something that the user can clear.
    pub fn is_storage_full(&self) -> bool {
        self.source().is_some_and(storage_full)
    }

    /// What the reader can do about it, where that is known.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Failed { .. } if self.is_storage_full() => {
                Some("free some space and run again; the lake is still at its last complete run".to_owned())
            }
            Self::Failed { .. } => None,
            Self::Locked { .. } => Some("wait until the other run has ended".to_owned()),
            Self::TableName { .. } => Some(
                "names are letters, digits, `_` and `-`, with at most one dot between two parts".to_owned(),
            ),
            Self::Label { .. } => Some("labels are letters, digits, `.`, `_`, `=` and `-`".to_owned()),
            Self::Column { .. } => Some("cast the column to a type that can be stored".to_owned()),
            Self::UnknownTable { known, .. } if known.is_empty() => {
                Some("there are no tables yet".to_owned())
            }
            Self::UnknownTable { known, .. } => Some(format!("the tables are {}", known.join(", "))),
            Self::ReadOnly { .. } => Some("write a `select`".to_owned()),
        }
    }
}

/// For `map_err`: a cause becomes the failure of an operation on an object.
pub(crate) fn failed<E>(operation: &'static str, object: impl Into<String>) -> impl FnOnce(E) -> LakeError
where
    E: Into<Box<dyn Error + Send + Sync>>,
{
    let object = object.into();
    move |source| LakeError::Failed { operation, object, source: source.into() }
}

/// As [`failed`], of a table.
pub(crate) fn table_failed<E>(operation: &'static str, table: &str) -> impl FnOnce(E) -> LakeError + use<E>
where
    E: Into<Box<dyn Error + Send + Sync>>,
{
    failed(operation, format!("table `{table}`"))
}

fn holder(pid: Option<u32>) -> String {
    pid.map(|pid| format!(" (process {pid})")).unwrap_or_default()
}

fn storage_full(error: &(dyn Error + 'static)) -> bool {
    if let Some(io) = error.downcast_ref::<io::Error>() {
        if matches!(
            io.kind(),
            io::ErrorKind::StorageFull | io::ErrorKind::FileTooLarge | io::ErrorKind::QuotaExceeded
        ) {
            return true;
        }
        // The standard library's `source` of a wrapped error skips the wrapped error itself.
        if let Some(inner) = io.get_ref()
            && storage_full(inner)
        {
            return true;
        }
    }
    error.source().is_some_and(storage_full)
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::error::DataFusionError;
    use datafusion::parquet::errors::ParquetError;

    fn check(source: impl Into<Box<dyn Error + Send + Sync>>, expected: bool) {
        let error = table_failed("write to", "profile")(source);
        assert_eq!(error.is_storage_full(), expected, "{error:?}");
        assert_eq!(error.hint().is_some(), expected);
        assert_eq!(error.to_string(), "cannot write to table `profile`");
    }

    #[test]
    fn a_full_disk_is_recognised_through_every_wrapper() {
        let full = || io::Error::from_raw_os_error(28); // ENOSPC
        check(full(), true);
        check(io::Error::from_raw_os_error(27), true); // EFBIG
        check(io::Error::from_raw_os_error(122), true); // EDQUOT
        check(io::Error::other(full()), true);
        check(ParquetError::External(Box::new(full())), true);
        check(DataFusionError::from(ParquetError::External(Box::new(full()))), true);
        check(DataFusionError::External(Box::new(full())).context("spilling"), true);
        check(io::Error::from(io::ErrorKind::PermissionDenied), false);
        check(DataFusionError::Plan("no".to_owned()), false);
    }
}
