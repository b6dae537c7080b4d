//! `strata export`: the members of a segment.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use strata_pipeline::error::Error;
use strata_pipeline::query;
use strata_pipeline::run::Session;
use strata_pipeline::spec::error::ErrorCode;
use strata_pipeline::survey::may_be_listed;

use super::{output, run::grouped};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// A segment, or a class written segmentation/class, as rfm/champions
    segment: String,
    /// The format
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
    /// The file to write; stdout unless given
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Members at an earlier date or time instead of at the last run
    #[arg(long, value_name = "DATE")]
    at: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Csv,
    Parquet,
    Jsonl,
}

pub(super) async fn run(folder: &Path, session: Session, arguments: Arguments) -> Result<(), Error> {
    let (project, view) = super::open(folder, session).await?;
    let at = arguments.at.map(|at| project.instant(&at)).transpose()?;
    let (members, n_members) = view.first_members(&arguments.segment, at, usize::MAX).await?;
    may_be_listed(&view, &arguments.segment, n_members).await?;
    let format = match arguments.format {
        Format::Csv => query::Format::Csv,
        Format::Parquet => query::Format::Parquet,
        Format::Jsonl => query::Format::JsonLines,
    };
    let mut out: Box<dyn Write + Send> = match &arguments.output {
        Some(path) => Box::new(BufWriter::new(File::create(path).map_err(|error| {
            Error::new(ErrorCode::Storage, format!("cannot write {}", path.display())).caused_by(error)
        })?)),
        None => Box::new(BufWriter::new(io::stdout())),
    };
    let n_members = match query::write(members, format, out.as_mut()).await {
        Err(error) if output::has_read_enough(&error) => return Ok(()),
        written => written?,
    };
    output::note(format!(
        "{} members of {}",
        grouped(i64::try_from(n_members).unwrap_or(i64::MAX)),
        arguments.segment
    ));
    Ok(())
}
