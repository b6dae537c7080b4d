//! `strata init`: from files to a manifest.

use std::path::PathBuf;

use clap::Args;
use strata_pipeline::error::Error;
use strata_pipeline::init;

use super::{output, run::now};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The files to look at, and last the folder of the new project
    #[arg(required = true, num_args = 2.., value_names = ["FILES", "DIR"])]
    paths: Vec<PathBuf>,
    /// Replace a manifest that is there
    #[arg(long)]
    force: bool,
}

pub(super) fn run(mut arguments: Arguments) -> Result<(), Error> {
    let Some(folder) = arguments.paths.pop() else { return Ok(()) };
    let outcome = init::create(&arguments.paths, &folder, now().date_naive(), arguments.force)?;
    for line in &outcome.summary {
        output::line(line)?;
    }
    for written in [Some(&outcome.manifest), outcome.starters.as_ref()].into_iter().flatten() {
        output::line(format!("wrote {}", written.display()))?;
    }
    output::note(format!(
        "next: look it over, then `strata run -C {0}` and `strata report -C {0}`",
        folder.display()
    ));
    Ok(())
}
