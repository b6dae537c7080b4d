//! Where things lie: the one module that turns names into paths, so that an object store can come later.
//!
//! Table `raw.shop` lies in `<root>/raw/shop`, with its Delta log in `_delta_log`. A data file is called
//! `<label>-<number>-<hash>.parquet`: equal content under an equal label has an equal name, so nothing that an older
//! version refers to is ever overwritten with something else. A file being written starts with a dot, which readers of
//! Delta tables skip.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use deltalake::DeltaTableBuilder;

use crate::error::{LakeError, Result, failed, table_failed};

const LOG_FOLDER: &str = "_delta_log";
const LOCK_FILE: &str = ".lock";
const PARTIAL_SUFFIX: &str = ".partial";
const HASH_CHARACTERS: usize = 16;
const NUMBER_DIGITS: usize = 5;

/// The root folder of a lake.
#[derive(Debug, Clone)]
pub(crate) struct Location {
    root: PathBuf,
}

impl Location {
    /// The folder, made if it is not there.
    pub(crate) fn open(root: &Path) -> Result<Self> {
        let open = || {
            std::fs::create_dir_all(root)?;
            root.canonicalize()
        };
        let root = open().map_err(failed("open folder", root.display().to_string()))?;
        Ok(Self { root })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn lock_file(&self) -> PathBuf {
        self.root.join(LOCK_FILE)
    }

    /// The folder of a table, which need not exist.
    pub(crate) fn folder(&self, table: &str) -> Result<PathBuf> {
        let refused = |reason| LakeError::TableName { name: table.to_owned(), reason };
        let mut folder = self.root.clone();
        let mut parts = 0;
        for part in table.split('.') {
            parts += 1;
            if part.is_empty() {
                return Err(refused("a part of it is empty"));
            }
            if !part.starts_with(|c: char| c.is_ascii_alphanumeric()) {
                return Err(refused("a part must start with a letter or a digit"));
            }
            if !part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') {
                return Err(refused("it has a character that is none of letters, digits, `_` and `-`"));
            }
            folder.push(part);
        }
        if parts > 2 {
            return Err(refused("it has more than two parts"));
        }
        Ok(folder)
    }

    /// A handle on a table's log, nothing of it read yet.
    pub(crate) fn delta_table(&self, table: &str) -> Result<deltalake::DeltaTable> {
        let folder = self.folder(table)?;
        deltalake::table::builder::parse_table_uri(folder.to_string_lossy())
            .and_then(DeltaTableBuilder::from_url)
            .and_then(DeltaTableBuilder::build)
            .map_err(table_failed("open", table))
    }

    pub(crate) fn has_log(&self, table: &str) -> Result<bool> {
        Ok(self.folder(table)?.join(LOG_FOLDER).is_dir())
    }

    /// Waits until a version's entry in the log is on disk: the log's writer leaves that to the operating system.
    pub(crate) fn sync_log(&self, table: &str, version: u64) -> Result<()> {
        let log = self.folder(table)?.join(LOG_FOLDER);
        let sync = || -> io::Result<()> {
            File::open(log.join(format!("{version:020}.json")))?.sync_all()?;
            File::open(&log)?.sync_all()
        };
        sync().map_err(table_failed("commit to", table))
    }

    /// The names of all folders that hold a log, sorted.
    pub(crate) fn tables(&self) -> Result<Vec<String>> {
        let listing = || failed("list", self.root.display().to_string());
        let mut tables = Vec::new();
        for name in subfolders(&self.root).map_err(listing())? {
            let folder = self.root.join(&name);
            if folder.join(LOG_FOLDER).is_dir() {
                tables.push(name.clone());
            }
            for inner in subfolders(&folder).map_err(listing())? {
                if folder.join(&inner).join(LOG_FOLDER).is_dir() {
                    tables.push(format!("{name}.{inner}"));
                }
            }
        }
        tables.sort();
        Ok(tables)
    }

    /// Removes files that were being written when a run crashed. Only the holder of the lock may call this.
    pub(crate) fn remove_partial_files(&self) -> Result<()> {
        let remove = || -> io::Result<()> {
            for name in subfolders(&self.root)? {
                let folder = self.root.join(name);
                remove_partial_files_in(&folder)?;
                for inner in subfolders(&folder)? {
                    remove_partial_files_in(&folder.join(inner))?;
                }
            }
            Ok(())
        };
        remove().map_err(failed("remove unfinished files from", self.root.display().to_string()))
    }
}

/// The name of a data file while it is being written.
pub(crate) fn partial_file_name(label: &str, number: usize) -> String {
    format!(".{label}-{number:0NUMBER_DIGITS$}{PARTIAL_SUFFIX}")
}

/// The name of a finished data file. Names of one label sort in the order of the rows.
pub(crate) fn data_file_name(label: &str, number: usize, hash: &str) -> String {
    let hash = hash.get(..HASH_CHARACTERS).unwrap_or(hash);
    format!("{label}-{number:0NUMBER_DIGITS$}-{hash}.parquet")
}

/// The label within the name of a data file.
pub(crate) fn label_of(file_name: &str) -> Option<&str> {
    let (rest, _hash) = file_name.strip_suffix(".parquet")?.rsplit_once('-')?;
    let (label, _number) = rest.rsplit_once('-')?;
    Some(label)
}

/// The number within the name of a data file.
pub(crate) fn number_of(file_name: &str) -> Option<usize> {
    let (rest, _hash) = file_name.strip_suffix(".parquet")?.rsplit_once('-')?;
    rest.rsplit_once('-')?.1.parse().ok()
}

/// Refuses labels that cannot be part of a file name.
pub(crate) fn check_label(label: &str) -> Result<()> {
    let refused = |reason| Err(LakeError::Label { label: label.to_owned(), reason });
    if label.is_empty() {
        return refused("it is empty");
    }
    if label.len() > 128 {
        return refused("it is longer than 128 characters");
    }
    if !label.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return refused("it must start with a letter or a digit");
    }
    if !label.chars().all(|c| c.is_ascii_alphanumeric() || "._=-".contains(c)) {
        return refused("it has a character that file names should not have");
    }
    Ok(())
}

fn subfolders(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() && !name.starts_with(['.', '_']) {
            names.push(name);
        }
    }
    Ok(names)
}

fn remove_partial_files_in(folder: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') && name.ends_with(PARTIAL_SUFFIX) {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_name_becomes_a_folder() {
        let location = Location { root: PathBuf::from("lake") };
        let check = |name: &str, expected: Option<&str>| {
            assert_eq!(location.folder(name).ok(), expected.map(PathBuf::from), "{name}");
        };
        check("profile", Some("lake/profile"));
        check("raw.shop-2", Some("lake/raw/shop-2"));
        for refused in ["", ".", "raw.", "a.b.c", "../up", "_hidden", "a/b", "with space"] {
            check(refused, None);
        }
    }

    #[test]
    fn a_file_name_gives_its_label_and_number_back() {
        for label in ["run1", "2024-01-02-a", "batch=7"] {
            assert!(check_label(label).is_ok());
            let name = data_file_name(label, 12, "0123456789abcdef0123456789abcdef");
            assert!(name.ends_with("-00012-0123456789abcdef.parquet"));
            assert_eq!((label_of(&name), number_of(&name)), (Some(label), Some(12)));
        }
        for refused in ["", "-a", "a/b", "a b", ".."] {
            assert!(check_label(refused).is_err(), "{refused}");
        }
    }
}
