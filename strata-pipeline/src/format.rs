//! Formats the conditions in a project's files, and leaves everything else in them as it is.

use std::path::Path;

use strata_spec::definition::format::{Formatted, formatted};
use strata_spec::error::Position;

use crate::error::{Context, Error, Result};
use crate::project::{self, read_text};

/// A file that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// What it is called: `strata.toml`, `segments/vip.toml`.
    pub name: String,
    /// How many conditions and values it has.
    pub n_texts: usize,
    /// How many of them are written otherwise than they would be.
    pub n_changed: usize,
    /// Where those stand that have comments of their own, and stay as they are.
    pub commented: Vec<Position>,
}

/// Formats the files of definitions of the project in a folder; without `write` it is only said what that would change.
///
/// # Errors
/// `NotFound` when there is no project; `InvalidDefinition` with the place of every text that cannot be read. No file is
/// written then.
pub fn project(root: &Path, write: bool) -> Result<Vec<File>> {
    let mut files = Vec::new();
    let mut faults = Vec::new();
    for (name, path) in project::definition_files(root)? {
        match formatted(&name, &read_text(&path)?) {
            Ok(formatted) => files.push((name, path, formatted)),
            Err(errors) => faults.extend(errors),
        }
    }
    if !faults.is_empty() {
        return Err(Error::of_definitions(faults));
    }
    let mut looked_at = Vec::with_capacity(files.len());
    for (name, path, Formatted { text, n_texts, n_changed, commented }) in files {
        if write && n_changed > 0 {
            std::fs::write(&path, text).context(format!("cannot write {}", path.display()))?;
        }
        looked_at.push(File { name, n_texts, n_changed, commented });
    }
    Ok(looked_at)
}
