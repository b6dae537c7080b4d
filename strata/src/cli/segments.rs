//! `strata segments …`.

mod agreement;
mod coverage;
mod diff;
mod drift;
mod goals;
mod life_changes;
mod market;
mod members;
mod meter;
mod overlap;
mod plan;
mod preview;
mod replay;
mod usage;
mod why;

use std::path::Path;

use chrono::{DateTime, Utc};
use clap::{Subcommand, ValueEnum};
use serde_json::Value;
use strata_pipeline::error::Error;
use strata_pipeline::project::Project;
use strata_pipeline::run::Session;
use strata_pipeline::spec::table::Subject;

use super::{Shape, output};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Every segment and every class of every segmentation, with sizes
    List {
        #[command(flatten)]
        shape: Shape,
    },
    /// Who is in a segment or class, or was at an earlier date: as it was known then, and as it is known now
    Members(members::Members),
    /// Who entered and who left a segment or class between two dates
    Changes(members::Changes),
    /// Who moved from which class to which between two dates, and what they have brought
    Migration {
        /// A segmentation, as rfm
        segmentation: String,
        /// The earlier date or time
        #[arg(long, value_name = "DATE")]
        from: String,
        /// The later date or time; the last run's unless given
        #[arg(long, value_name = "DATE")]
        to: Option<String>,
        #[command(flatten)]
        shape: Shape,
    },
    /// Who would be in a segment that is not saved yet, and what each clause of its condition removes
    Preview(preview::Arguments),
    /// Who would enter and leave with what was edited since the last run
    Diff(diff::Arguments),
    /// How far segments are the same: what any two share, and in which combinations customers are
    Overlap(overlap::Arguments),
    /// How far a segmentation says the same of customers as labels that are known from elsewhere
    Agreement(agreement::Arguments),
    /// Which shares of classes and segments left their usual range, and which traits have shifted
    Drift(drift::Arguments),
    /// Which properties changed between two dates, and which classes and segments were entered and left with them
    LifeChanges(life_changes::Arguments),
    /// How customers compare with the market: per class an index, the penetration, and what is left to win
    Market(market::Arguments),
    /// Which classes and segments are worth having apart, by five criteria, and which are to be merged
    Meter(meter::Arguments),
    /// How many each class of a segmentation has, in order of priority, and how many none has
    Coverage(coverage::Arguments),
    /// Why a customer is in a segment or not: every clause with the values and rows seen, since when and until when
    Why(why::Arguments),
    /// What a definition, saved or not, would have said at earlier dates: how many were in, who entered and left
    Replay(replay::Arguments),
    /// How far segments have come towards their goals, month by month
    Goals(goals::Arguments),
    /// Which segments, segmentations, scores and traits use something
    UsedBy(usage::Arguments),
    /// What is computed for segments, what of it they share, and in what order
    ExplainPlan(plan::Arguments),
}

pub(super) async fn run(folder: &Path, session: Session, command: Command) -> Result<(), Error> {
    let open = || super::open(folder, session.clone());
    match command {
        Command::List { shape } => {
            let (_, view) = open().await?;
            let columns = if shape.json || shape.csv {
                "layer, subject, segmentation, segment, title, n_members, share, n_undecided, n_entered, n_left, goal, version"
            } else {
                "case when segmentation is null then segment else segmentation || '/' || segment end as name, \
                 n_members, round(share * 100, 1) || ' %' as share, n_undecided as undecided, \
                 n_entered as entered, n_left as left, layer, title"
            };
            output::rows(view.segments(columns).await?, shape, None).await
        }
        Command::Migration { segmentation, from, to, shape } => {
            let (project, view) = open().await?;
            let from = project.instant(&from)?;
            let to = to.map_or(Ok(view.complete.as_of), |to| project.instant(&to))?;
            output::rows(view.migration(&segmentation, from, to).await?, shape, None).await
        }
        Command::Preview(arguments) => {
            let (project, view) = open().await?;
            preview::run(&project, &view, &arguments).await
        }
        Command::Diff(arguments) => {
            let (project, view) = open().await?;
            diff::run(&project, &view, &arguments).await
        }
        Command::Overlap(arguments) => {
            let (project, view) = open().await?;
            overlap::run(&project, &view, arguments).await
        }
        Command::Agreement(arguments) => {
            let (project, view) = open().await?;
            agreement::run(&project, &view, &arguments).await
        }
        Command::Drift(arguments) => {
            let (project, view) = open().await?;
            drift::run(&project, &view, arguments).await
        }
        Command::LifeChanges(arguments) => {
            let (project, view) = open().await?;
            life_changes::run(&project, &view, &arguments).await
        }
        Command::Market(arguments) => {
            let (project, view) = open().await?;
            market::run(&project, &view, &arguments).await
        }
        Command::Meter(arguments) => {
            let (_, view) = open().await?;
            meter::run(&view, arguments).await
        }
        Command::Coverage(arguments) => {
            let (project, view) = open().await?;
            coverage::run(&project, &view, &arguments).await
        }
        Command::Why(arguments) => {
            let (project, view) = open().await?;
            why::run(&project, &view, &arguments).await
        }
        Command::Members(arguments) => {
            let (project, view) = open().await?;
            members::members(&project, &view, arguments).await
        }
        Command::Changes(arguments) => {
            let (project, view) = open().await?;
            members::between(&project, &view, arguments).await
        }
        Command::Replay(arguments) => {
            let (project, view) = open().await?;
            replay::run(&project, &view, arguments).await
        }
        Command::Goals(arguments) => {
            let (project, view) = open().await?;
            goals::run(&project, &view, arguments).await
        }
        // What the project says is enough for these; no run is needed.
        Command::UsedBy(arguments) => usage::run(&Project::open(folder)?, &arguments),
        Command::ExplainPlan(arguments) => plan::run(&Project::open(folder)?, &arguments),
    }
}

/// Whom a question is about.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum About {
    Customers,
    Companies,
}

impl From<About> for Subject {
    fn from(about: About) -> Subject {
        match about {
            About::Customers => Subject::Customers,
            About::Companies => Subject::Companies,
        }
    }
}

pub(super) fn json(value: &Value) -> Result<(), Error> {
    output::line(serde_json::to_string_pretty(value).unwrap_or_default())
}

pub(super) fn lines(lines: impl IntoIterator<Item = String>) -> Result<(), Error> {
    lines.into_iter().try_for_each(output::line)
}

/// An instant on the project's clock.
fn local(project: &Project, at: DateTime<Utc>) -> String {
    at.with_timezone(&project.timezone).format("%Y-%m-%d %H:%M %Z").to_string()
}

/// A number of subjects with its thousands apart.
pub(super) fn count(n: u64) -> String {
    super::run::grouped(i64::try_from(n).unwrap_or(i64::MAX))
}

/// A share of subjects; empty of nobody.
pub(super) fn percent(n: u64, of: u64) -> String {
    if of == 0 { String::new() } else { format!("{:.1} %", n as f64 / of as f64 * 100.0) }
}
