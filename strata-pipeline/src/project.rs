//! A project: a folder with `strata.toml`, and everything else by convention beside it.

use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use strata_spec::definition::located;
use strata_spec::error::{ErrorCode, SpecError, nearest};
use strata_spec::guideline::RuleBook;
use strata_spec::manifest::{DECISIONS, GUIDELINES, Manifest};
use strata_spec::survey::{Instrument, Norms};
use strata_spec::table::Subject;

use crate::error::{Context, Error, Result};
use crate::function::midnight;

/// A checked project.
#[derive(Debug, Clone)]
pub struct Project {
    /// Its folder.
    pub root: PathBuf,
    /// What `strata.toml`, `identity.toml` and the files under `segments/` say.
    pub manifest: Manifest,
    /// The time zone of days and calendar periods.
    pub timezone: chrono_tz::Tz,
    /// The shipped guidelines, and the project's own beside or in place of them.
    pub guidelines: RuleBook,
}

/// The manifest's file name.
pub const MANIFEST: &str = "strata.toml";

impl Project {
    /// Reads and checks the project in a folder.
    ///
    /// # Errors
    /// `NotFound` when there is no manifest, `InvalidDefinition` with every fault that was found in it.
    pub fn open(root: &Path) -> Result<Project> {
        let files = texts(root)?;
        let mut manifest = Manifest::parse(&files).map_err(Error::of_definitions)?;
        read_norms(root, &mut manifest, &files)?;
        let timezone = manifest.timezone.parse().map_err(|_| {
            Error::new(
                ErrorCode::InvalidDefinition,
                format!("{MANIFEST}: `{}` is not a time zone", manifest.timezone),
            )
            .with_hint("use a name of the IANA list, as `Europe/Berlin` or `UTC`")
        })?;
        let guidelines = guidelines(root, &manifest, &files)?;
        Ok(Project { root: root.to_owned(), manifest, timezone, guidelines })
    }

    /// Refuses the name of what is no segmentation of customers.
    ///
    /// # Errors
    /// `NotFound`, with the nearest name.
    pub(crate) fn check_segmentation_of_customers(&self, name: &str) -> Result<()> {
        let all = &self.manifest.definitions.segmentations;
        let of_customers = all.iter().filter(|(_, this)| this.header.subject == Subject::Customers);
        let known: Vec<&str> = of_customers.map(|(name, _)| name.as_str()).collect();
        if known.contains(&name) {
            return Ok(());
        }
        let error =
            Error::new(ErrorCode::NotFound, format!("there is no segmentation `{name}` of customers"));
        Err(match nearest(name, known) {
            Some(near) => error.with_hint(format!("did you mean `{near}`?")),
            None => error.with_hint("`strata segments list` lists them"),
        })
    }

    /// The instant that a date or a time means: a date is its midnight in the project's time zone.
    ///
    /// # Errors
    /// `InvalidDefinition` when the text is neither.
    pub fn instant(&self, text: &str) -> Result<DateTime<Utc>> {
        let date = text.parse::<NaiveDate>().map(|day| midnight(day, self.timezone));
        date.or_else(|_| text.parse::<DateTime<FixedOffset>>().map(|at| at.to_utc())).map_err(|error| {
            Error::new(ErrorCode::InvalidDefinition, format!("`{text}` is neither a date nor a time"))
                .with_hint("write a date as 2026-03-31, or a time with its zone as 2026-03-31T14:00:00Z")
                .caused_by(error)
        })
    }

    /// Faults of definitions that compiling them found, shown where they stand in the project's files.
    pub(crate) fn refused(&self, faults: Vec<SpecError>) -> Error {
        let files = texts(&self.root).unwrap_or_default();
        Error::of_definitions(faults.into_iter().map(|fault| located(&files, fault)).collect())
    }

    /// Where the project's tables are.
    pub fn lake_path(&self) -> PathBuf {
        self.root.join("lake")
    }
}

/// The shipped guidelines with those of the file that the manifest names.
fn guidelines(root: &Path, manifest: &Manifest, files: &[(String, String)]) -> Result<RuleBook> {
    let shipped = RuleBook::shipped();
    let Some(file) = &manifest.personas.guidelines else { return Ok(shipped.clone()) };
    let text = std::fs::read_to_string(root.join(file)).map_err(|cause| {
        let fault = SpecError::new(format!("the file of guidelines cannot be read: {cause}"))
            .with_hint("name a file of the project's folder, or leave the key out")
            .in_place(GUIDELINES);
        Error::of_definitions(vec![located(files, fault)])
    })?;
    let own = RuleBook::parse(file, &text, Instrument::shipped()).map_err(Error::of_definitions)?;
    Ok(shipped.with(own))
}

/// Reads the norms that surveys name.
fn read_norms(root: &Path, manifest: &mut Manifest, files: &[(String, String)]) -> Result<()> {
    for survey in &mut manifest.surveys {
        let (Some(file), Some(rating)) = (&survey.norms_file, survey.instrument.rating()) else { continue };
        let text = std::fs::read_to_string(root.join(file)).map_err(|cause| {
            let fault = SpecError::new(format!("the norms of `{}` cannot be read: {cause}", survey.name))
                .with_hint("name a CSV file of the project's folder, or leave the key out")
                .in_place(format!("surveys.{}.norms", survey.name));
            Error::of_definitions(vec![located(files, fault)])
        })?;
        survey.norms = Some(Norms::parse(file, &text, rating).map_err(Error::of_definitions)?);
    }
    Ok(())
}

/// What the project's files say, by name.
fn texts(root: &Path) -> Result<Vec<(String, String)>> {
    let mut files = definition_files(root)?;
    let decisions = root.join(DECISIONS);
    if decisions.is_file() {
        files.insert(1, (DECISIONS.to_owned(), decisions));
    }
    files.into_iter().map(|(name, path)| Ok((name, read_text(&path)?))).collect()
}

/// The files of the project in a folder that hold definitions, by name: the manifest first, then those under `segments/`.
pub(crate) fn definition_files(root: &Path) -> Result<Vec<(String, PathBuf)>> {
    let manifest = root.join(MANIFEST);
    if !manifest.is_file() {
        let message = format!("no project in {}: it has no {MANIFEST}", root.display());
        return Err(Error::new(ErrorCode::NotFound, message).with_hint(
            "`strata init FILES… DIR` writes one from your files; `-C DIR` names a project's folder",
        ));
    }
    let mut files = Vec::new();
    let folder = root.join("segments");
    if folder.is_dir() {
        for entry in std::fs::read_dir(&folder).context(format!("cannot list {}", folder.display()))? {
            let path = entry.context(format!("cannot list {}", folder.display()))?.path();
            if let (Some("toml"), Some(name)) = (
                path.extension().and_then(|extension| extension.to_str()),
                path.file_name().and_then(|name| name.to_str()),
            ) {
                files.push((format!("segments/{name}"), path));
            }
        }
    }
    files.sort();
    files.insert(0, (MANIFEST.to_owned(), manifest));
    Ok(files)
}

pub(crate) fn read_text(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).context(format!("cannot read {}", path.display()))
}
