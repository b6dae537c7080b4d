//! `strata report`: one HTML file.

use std::path::{Path, PathBuf};

use clap::Args;
use strata_pipeline::error::Error;
use strata_pipeline::run::Session;

use super::output;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The file to write; report.html in the project's folder unless given
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) async fn run(folder: &Path, session: Session, arguments: Arguments) -> Result<(), Error> {
    let (project, view) = super::open(folder, session).await?;
    let path = arguments.output.unwrap_or_else(|| project.root.join("report.html"));
    let findings = strata_pipeline::report::write(&view, &project, &path).await?;
    for finding in findings {
        output::line(finding)?;
    }
    output::line(format!("report: {}", path.display()))
}
