//! A shop that does not exist, with everything true about it known: its export files, two years long, and beside them the
//! truth, so that what an analysis finds can be held against it.
//!
//! Customers are of latent types that decide how often and when they buy, what, where, and how they answer; they move, have
//! children, change jobs and drop out. The exports have the shapes of common tools and the dirt of real ones; each piece of
//! dirt is written down. Every customer depends on the seed and their own number only and is drawn, written and
//! forgotten, so that memory stays constant and more customers change nothing for the first ones.
//!
//! No stage knows this module, and it knows no stage.

mod business;
mod calendar;
mod canonical;
mod catalogue;
mod chance;
mod clicks;
mod columns;
mod dirt;
mod exports;
mod history;
mod latent;
mod names;
mod person;
mod places;
mod sheet;
mod survey;
#[cfg(test)]
mod tests;
mod truth;
mod visits;
mod words;

use std::error::Error as StdError;
use std::fmt;
use std::path::{Path, PathBuf};

use canonical::Canonical;
use exports::Exports;
use history::{History, World};
use person::Person;
use truth::Truth;

/// The folder of the files that a business would have exported.
pub const EXPORTS: &str = "exports";
/// The folder of what is really so.
pub const TRUTH: &str = "truth";

/// What shop to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoOptions {
    /// How many customers there are; some appear under several ids.
    pub n_customers: u64,
    /// Decides everything; equal options give equal files.
    pub seed: u64,
    /// Clean Parquet files with the columns of the canonical tables, for tests of scale, instead of the exports of
    /// common tools.
    pub parquet: bool,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoSummary {
    /// Files, relative to the folder, with their numbers of rows (without headers).
    pub files: Vec<DemoFile>,
    /// Planted dirt by kind, with the number of instances; only kinds that occur.
    pub dirt: Vec<(&'static str, u64)>,
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoFile {
    /// Relative to the folder, with `/`.
    pub path: String,
    /// Rows without the header.
    pub n_rows: u64,
}

/// A file of the demo shop that could not be written. The cause is the source.
#[derive(Debug)]
pub struct DemoError {
    doing: &'static str,
    path: PathBuf,
    source: Box<dyn StdError + Send + Sync>,
}

impl DemoError {
    fn new(doing: &'static str, path: &Path, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { doing, path: path.to_owned(), source: source.into() }
    }

    /// The file or folder that could not be written.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        "check that the folder can be written to and the disk has room, or name another folder"
    }
}

impl fmt::Display for DemoError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.doing, self.path.display())
    }
}

impl StdError for DemoError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(self.source.as_ref())
    }
}

type Result<T> = std::result::Result<T, DemoError>;

enum Shape {
    Exports(Box<Exports>),
    Canonical(Box<Canonical>),
}

/// Writes the shop into a folder: `exports/` and `truth/`. Files of those names that exist are replaced. `progress` is told
/// now and then how many customers are done.
///
/// # Errors
/// When a file cannot be written.
pub fn write(
    folder: &Path,
    options: &DemoOptions,
    progress: &dyn Fn(u64),
) -> std::result::Result<DemoSummary, DemoError> {
    let (exports, truths) = (folder.join(EXPORTS), folder.join(TRUTH));
    for made in [&exports, &truths] {
        std::fs::create_dir_all(made).map_err(|cause| DemoError::new("cannot create folder", made, cause))?;
    }
    let world = World::new(options.seed);
    let mut truth = Truth::create(&truths)?;
    let mut shape = match options.parquet {
        true => Shape::Canonical(Box::new(Canonical::create(&exports))),
        false => Shape::Exports(Box::new(Exports::create(&exports, &world, &mut truth)?)),
    };
    let mut history = History::default();
    for number in 0..options.n_customers {
        let person = Person::draw(options.seed, number);
        history.draw(&world, &person);
        truth.person(&person, &history)?;
        match &mut shape {
            Shape::Exports(exports) => exports.customer(&world, &person, &history, &mut truth)?,
            Shape::Canonical(canonical) => canonical.customer(&world, &person, &history, &mut truth)?,
        }
        if (number + 1) % 256 == 0 || number + 1 == options.n_customers {
            progress(number + 1);
        }
    }
    let written = match shape {
        Shape::Exports(exports) => exports.close()?,
        Shape::Canonical(canonical) => canonical.close()?,
    };
    let (truths, dirt) = truth.close(&world)?;
    let file =
        |folder: &str, (name, n_rows): (String, u64)| DemoFile { path: format!("{folder}/{name}"), n_rows };
    let files = written
        .into_iter()
        .map(|each| file(EXPORTS, each))
        .chain(truths.into_iter().map(|each| file(TRUTH, each)))
        .collect();
    Ok(DemoSummary { files, dirt: dirt.into_iter().map(|(dirt, count)| (dirt.name(), count)).collect() })
}
