//! `strata segments members` and `strata segments changes`: who was in at a date, and who came and went between two.

use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};
use strata_pipeline::error::Error;
use strata_pipeline::project::Project;
use strata_pipeline::query::View;
use strata_pipeline::replay::{Knowledge, Recall, changes, recall};

use super::{count, json, lines};
use crate::cli::prose::wrapped;
use crate::cli::{Shape, output};

#[derive(Debug, Args)]
pub(in crate::cli) struct Members {
    /// A segment, or a class as rfm/champions
    segment: String,
    /// An earlier date or time than the last run's
    #[arg(long, value_name = "DATE")]
    at: Option<String>,
    /// As it was known at that date, or compared with what is known now
    #[arg(long, value_enum, default_value_t = Known::Then)]
    known: Known,
    #[command(flatten)]
    shape: Shape,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Changes {
    /// A segment, or a class as rfm/champions
    segment: String,
    /// The earlier date or time
    #[arg(long, value_name = "DATE")]
    from: String,
    /// The later date or time; the last run's unless given
    #[arg(long, value_name = "DATE")]
    to: Option<String>,
    /// As it was known then, or as it is known now
    #[arg(long, value_enum, default_value_t = Known::Then)]
    known: Known,
    #[command(flatten)]
    shape: Shape,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Known {
    /// What runs noted, by the definition and the data of then
    Then,
    /// By the definition as it stands, over all that is known today
    Now,
}

/// So many rows are shown in a terminal.
const SHOWN: usize = 50;

pub(super) async fn members(project: &Project, view: &View, arguments: Members) -> Result<(), Error> {
    let at = arguments.at.as_ref().map(|at| project.instant(at)).transpose()?;
    match arguments.known {
        Known::Then => {
            let is_table = !arguments.shape.json && !arguments.shape.csv;
            let n_wanted = if is_table { SHOWN + 1 } else { usize::MAX };
            let (rows, n_members) = view.first_members(&arguments.segment, at, n_wanted).await?;
            output::note(format!("{} members of {}", count(n_members as u64), arguments.segment));
            output::rows(rows, arguments.shape, Some(SHOWN)).await
        }
        Known::Now => {
            let at = at.unwrap_or(view.complete.as_of);
            let recalled = recall(project, view, &arguments.segment, at).await?;
            match arguments.shape {
                Shape { json: true, .. } => json(&recalled.json()),
                shape => {
                    if !shape.csv {
                        told(project, &recalled)?;
                    }
                    output::rows(recalled.rows(view)?, shape, Some(SHOWN)).await
                }
            }
        }
    }
}

pub(super) async fn between(project: &Project, view: &View, arguments: Changes) -> Result<(), Error> {
    let from = project.instant(&arguments.from)?;
    let to = arguments.to.map_or(Ok(view.complete.as_of), |to| project.instant(&to))?;
    let knowledge = match arguments.known {
        Known::Then => Knowledge::Then,
        Known::Now => Knowledge::Now,
    };
    let rows = changes(project, view, &arguments.segment, [from, to], knowledge).await?;
    output::rows(rows, arguments.shape, Some(SHOWN)).await
}

/// What was known then and what is known now, in sentences.
fn told(project: &Project, recalled: &Recall) -> Result<(), Error> {
    let width = output::width();
    let n = |n: usize| count(n as u64);
    let day = |at: DateTime<Utc>| at.with_timezone(&project.timezone).format("%Y-%m-%d %H:%M").to_string();
    let subject = recalled.subject.as_str();
    let then = match recalled.run {
        Some(run) => format!("{} {subject}, as the run of {} noted", n(recalled.n_then()), day(run)),
        None => "nothing: there had been no run".to_owned(),
    };
    lines(wrapped(&then, "known then  ", "            ", width))?;
    let now = format!("{} {subject}, by the definition and the data of today", n(recalled.n_now()));
    lines(wrapped(&now, "known now   ", "            ", width))?;
    let differ = format!(
        "{} in both, {} only as known then, {} only as known now",
        n(recalled.both.len()),
        n(recalled.only_then.len()),
        n(recalled.only_now.len())
    );
    lines(wrapped(&differ, "            ", "            ", width))?;
    if let Some(true) = recalled.is_edited {
        lines(wrapped("the definition has been edited since then", "            ", "            ", width))?;
    }
    output::line("")
}
