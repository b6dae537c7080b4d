//! Are a project's manifest and definitions sound, and are its files there?

use crate::compile::{self, LeftOut};
use crate::error::{Error, Result};
use crate::goal;
use crate::project::Project;
use crate::source::read;
use strata_spec::error::ErrorCode;

/// What was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sound {
    /// Sources.
    pub n_sources: usize,
    /// Their files.
    pub n_files: usize,
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

/// Checks that every source has files and that all definitions compile.
///
/// # Errors
/// Every fault of the definitions at once; or the first source without files.
pub fn definitions(project: &Project) -> Result<Sound> {
    let mut n_files = 0;
    for source in &project.manifest.sources {
        let files = read::expand(&source.path, &project.root).map_err(|error| {
            let hint = error.hint().unwrap_or_else(|| "correct its `path` in strata.toml".to_owned());
            Error::new(ErrorCode::InvalidInput, format!("cannot read source `{}`", source.name))
                .with_hint(hint)
                .caused_by(error)
        })?;
        n_files += files.len();
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
        n_traits: programs.iter().map(|program| program.trait_names().count()).sum(),
        n_scores: programs.iter().map(|program| program.scores.len()).sum(),
        n_segmentations,
        n_segments: divisions().count() - n_segmentations,
        left_out: programs.into_iter().flat_map(|program| program.left_out).collect(),
    })
}
