//! The report: one HTML file that says what the last complete run found, for people who will never open the tables.
//!
//! Reads every table through [`crate::query`], as a face would, and writes nothing but the file. It holds counts and
//! sums, and nothing about a single customer; the marks of a map of groups are some of them, without a name and
//! without a value.

mod advice;
mod data;
mod findings;
mod gather;
mod render;
#[cfg(test)]
mod sample;

use std::path::Path;

use crate::error::{Context, Result};
use crate::project::Project;
use crate::query::View;

/// Writes the report of the last complete run; returns what it found, a sentence each.
///
/// # Errors
/// When a table cannot be read, or the file cannot be written.
pub async fn write(view: &View, project: &Project, path: &Path) -> Result<Vec<String>> {
    let data = gather::gather(view, project).await?;
    tokio::fs::write(path, render::render(&data))
        .await
        .context(format!("cannot write {}", path.display()))?;
    Ok(findings::findings(&data).iter().map(findings::Finding::text).collect())
}
