//! `strata journey stuck`: who has stayed behind, stage by stage.

use clap::Args;
use strata_pipeline::error::Error;
use strata_pipeline::journey::{StuckList, Told, stuck};
use strata_pipeline::project::Project;
use strata_pipeline::query::View;

use super::Which;
use crate::cli::prose::wrapped;
use crate::cli::segments::{count, lines};
use crate::cli::{Shape, output};

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    which: Which,
    /// Of this stage alone, be it an end or not
    #[arg(long, value_name = "CLASS")]
    stage: Option<String>,
    #[command(flatten)]
    shape: Shape,
}

/// So many are shown in a terminal.
const SHOWN: usize = 50;

pub(super) async fn run(project: &Project, view: &View, arguments: &Arguments) -> Result<(), Error> {
    let found = stuck(project, view, &arguments.which.ask(project)?, arguments.stage.as_deref()).await?;
    if !arguments.shape.json && !arguments.shape.csv {
        tell(&found)?;
        if found.members.is_empty() {
            return Ok(());
        }
        output::line("")?;
    }
    output::rows(found.rows(view)?, arguments.shape, Some(SHOWN)).await
}

/// How many are stuck in each stage, and by what; or why nobody can be said to be.
fn tell(found: &StuckList) -> Result<(), Error> {
    for (stage, judged) in &found.stages {
        let said = match judged {
            Told::Known(judged) => format!(
                "{stage}: {} stuck. Three of four had left it by {:.0} days, of {} who were seen to enter it; these have not, and there was no sign of life for more than {:.0} days.",
                count(judged.n_stuck),
                judged.late_after,
                count(judged.n),
                judged.quiet_after,
            ),
            Told::Unknown { why } => format!("{stage}: nobody can be said to be stuck: {why}"),
        };
        lines(wrapped(&said, "", "  ", output::width()))?;
    }
    Ok(())
}
