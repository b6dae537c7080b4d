//! Are a project's manifest and definitions sound, and are its files there?

use std::path::PathBuf;

use crate::compile::{self, LeftOut};
use crate::error::{Error, Result};
use crate::goal;
use crate::market;
use crate::project::Project;
use crate::source;
use crate::source::read::{self, ReadError};
use strata_spec::error::ErrorCode;
use strata_spec::manifest::Source;

/// What was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sound {
    /// Sources.
    pub n_sources: usize,
    /// Their files.
    pub n_files: usize,
    /// The markets, and how many rows the files of each have.
    pub markets: Vec<(String, u64)>,
    /// Traits that will be computed.
    pub n_traits: usize,
    /// Scores that will be fitted.
    pub n_scores: usize,
    /// Segmentations that will be run.
    pub n_segmentations: usize,
    /// Segments that will be run.
    pub n_segments: usize,
    /// Shipped definitions that the sources cannot support.
    pub left_out: Vec<LeftOut>,
}

/// Checks that every source has files, that those of markets can be read, and that all definitions compile.
///
/// # Errors
/// Every fault of the definitions at once; or the first source or market without files.
pub fn definitions(project: &Project) -> Result<Sound> {
    let mut n_files = 0;
    for source in &project.manifest.sources {
        n_files += files(project, source)?.len();
    }
    market::check(project)?;
    let mut markets = Vec::new();
    for market in &project.manifest.markets {
        markets.push((market.name.clone(), n_rows(project, &market.source)?));
    }
    // Any instant will do: what a definition means does not depend on it.
    let programs = compile::of_project(project, chrono::DateTime::UNIX_EPOCH)?;
    goal::check(project)?;
    let divisions = || programs.iter().flat_map(|program| program.levels.iter().flatten());
    let n_segmentations =
        divisions().filter(|division| matches!(division.kind, compile::DivisionKind::Classes(_))).count();
    Ok(Sound {
        n_sources: project.manifest.sources.len(),
        n_files,
        markets,
        n_traits: programs.iter().map(|program| program.trait_names().count()).sum(),
        n_scores: programs.iter().map(|program| program.scores.len()).sum(),
        n_segmentations,
        n_segments: divisions().count() - n_segmentations,
        left_out: programs.into_iter().flat_map(|program| program.left_out).collect(),
    })
}

fn files(project: &Project, input: &Source) -> Result<Vec<PathBuf>> {
    read::expand(&input.path, &project.root).map_err(|error| unreadable(project, input, error))
}

fn n_rows(project: &Project, input: &Source) -> Result<u64> {
    let mut n_rows = 0;
    for file in files(project, input)? {
        let reader = read::read(&file, &source::options(input));
        for rows in reader.map_err(|error| unreadable(project, input, error))? {
            n_rows += rows.map_err(|error| unreadable(project, input, error))?.num_rows() as u64;
        }
    }
    Ok(n_rows)
}

fn unreadable(project: &Project, input: &Source, error: ReadError) -> Error {
    let hint = error.hint().unwrap_or_else(|| "correct its `path` in strata.toml".to_owned());
    Error::new(ErrorCode::InvalidInput, format!("cannot read {}", project.manifest.called(input)))
        .with_hint(hint)
        .caused_by(error)
}
