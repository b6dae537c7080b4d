//! `strata survey import`: answers from a survey tool as a file that a source of the project reads.

use std::path::{Path, PathBuf};

use clap::Args;
use strata_pipeline::error::Error;
use strata_pipeline::project::Project;
use strata_pipeline::spec::error::{ErrorCode, SpecError};
use strata_pipeline::spec::manifest::Survey;
use strata_pipeline::spec::survey::{Feature, Instrument, Match, MatchReport, ReadOptions, Reader};

use super::super::output;
use super::super::prose::wrapped;
use super::super::segments::count;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// What the survey tool exported: CSV of Typeform, Hotjar, Google Forms or any other, a table with a row for each answer, or the JSON of
    /// Typeform's Responses API or webhook
    file: PathBuf,
    /// What was asked, by the ids of questionnaires; those of the project's surveys, or else all, unless given
    #[arg(long, value_name = "INSTRUMENT", value_delimiter = ',')]
    instrument: Vec<String>,
    /// The column that says who answered, where it is none of the usual ones
    #[arg(long, value_name = "COLUMN")]
    respondent: Option<String>,
    /// What the survey is called in the rows; the file's name unless given
    #[arg(long, value_name = "NAME")]
    survey: Option<String>,
    /// The file to write; stdout unless given
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// So many refused answers are told one by one.
const MOST: usize = 10;

pub(super) fn run(folder: &Path, arguments: &Arguments) -> Result<(), Error> {
    let surveys = surveys(folder)?;
    let instruments = instruments(&surveys, arguments)?;
    let instruments: Vec<&Instrument> = instruments.iter().collect();
    let features: Vec<Feature> = surveys.iter().flat_map(|survey| survey.features.clone()).collect();
    let options = ReadOptions { respondent_column: arguments.respondent.clone(), ..ReadOptions::default() };
    let reader = Reader::of_instruments(&instruments, &features).with(options);
    let path = &arguments.file;
    let unread =
        |cause| Error::new(ErrorCode::NotFound, format!("cannot read {}", path.display())).caused_by(cause);
    let bytes = std::fs::read(path).map_err(unread)?;
    let text = String::from_utf8(bytes).map_err(|_| {
        Error::from(
            SpecError::new(format!("{} is not UTF-8", path.display()))
                .with_hint("export it as UTF-8 (`CSV UTF-8` in a spreadsheet)"),
        )
    })?;
    let read = reader.text(&path.display().to_string(), &text)?;
    report(&read.report, read.answers.len(), read.n_without_consent());
    if read.answers.is_empty() {
        return Err(Error::from(
            SpecError::new("no answer was found").with_hint("`strata survey show` has the ids and texts by which questions are found; --respondent names the column that says who answered"),
        ));
    }
    let stem = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    let csv = read.to_csv(arguments.survey.as_deref().unwrap_or(&stem));
    match &arguments.output {
        None => output::line(csv.trim_end()),
        Some(path) => std::fs::write(path, csv).map_err(|error| {
            Error::new(ErrorCode::Storage, format!("cannot write {}", path.display())).caused_by(error)
        }),
    }
}

/// What was asked: as named, or as the project says, or anything.
fn instruments(surveys: &[Survey], arguments: &Arguments) -> Result<Vec<Instrument>, Error> {
    if !arguments.instrument.is_empty() {
        let find = |id: &String| Ok(Instrument::find(id)?.clone());
        return arguments.instrument.iter().map(find).collect();
    }
    match surveys.is_empty() {
        true => Ok(Instrument::shipped().to_vec()),
        false => Ok(surveys.iter().map(|survey| survey.instrument.clone()).collect()),
    }
}

/// The surveys of the project in a folder, where there is one.
pub(super) fn surveys(folder: &Path) -> Result<Vec<Survey>, Error> {
    let has_project = folder.join("strata.toml").exists();
    Ok(if has_project { Project::open(folder)?.manifest.surveys } else { Vec::new() })
}

/// What became of each column and each answer, on stderr: the rows may go to stdout.
fn report(report: &MatchReport, n_answers: usize, n_without_consent: usize) {
    let width = output::width();
    for column in &report.columns {
        if !matches!(column.matched, Match::Tool) {
            let said = format!("{}: {}", column.column, column.matched);
            wrapped(&said, "  ", "    ", width).into_iter().for_each(output::note);
        }
    }
    for refused in report.refused.iter().take(MOST) {
        wrapped(
            &format!("refused: record {}, {}: {}", refused.record, refused.column, refused.reason),
            "  ",
            "    ",
            width,
        )
        .into_iter()
        .for_each(output::note);
    }
    if report.refused.len() > MOST {
        output::note(format!("  and {} more refused", count((report.refused.len() - MOST) as u64)));
    }
    output::note(format!(
        "{} answers in {} records; {} refused; {} people said no to their use and are left out",
        count(n_answers as u64),
        count(report.n_records as u64),
        count(report.refused.len() as u64),
        count(n_without_consent as u64),
    ));
}
