//! `strata journey`: the way of customers through stages, and to orders.

mod attribution;
mod funnel;
mod show;
mod stuck;

use std::path::Path;

use clap::{Args, Subcommand};
use strata_pipeline::error::Error;
use strata_pipeline::journey::Ask;
use strata_pipeline::project::Project;
use strata_pipeline::replay::Dates;
use strata_pipeline::run::Session;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Who goes from which stage to which, how long it takes, by which exits they leave, and where they end
    Show(show::Arguments),
    /// Who has been in a stage for longer than three of four were, and has shown no sign of life for long
    Stuck(stuck::Arguments),
    /// How many customers go through steps in their order, and where they drop off
    Funnel(funnel::Arguments),
    /// Over which channels customers come to order: association, not incrementality
    Attribution(attribution::Arguments),
}

/// Which journey.
#[derive(Debug, Args)]
struct Which {
    /// The segmentation whose classes are the stages; the project's own of the layer `journey`, or else the shipped one, unless given
    segmentation: Option<String>,
    /// The classes with which the journey has led where it should
    #[arg(long, value_name = "CLASS", value_delimiter = ',')]
    converted: Vec<String>,
    /// The classes with which it leads nowhere any more
    #[arg(long, value_name = "CLASS", value_delimiter = ',')]
    lost: Vec<String>,
    /// By what the definition as it stands says of earlier dates over what is known now, instead of what runs noted
    #[arg(long)]
    replay: bool,
    /// With --replay: the first date or time; 24 steps before the last run unless given
    #[arg(long, value_name = "DATE", requires = "replay")]
    from: Option<String>,
    /// With --replay: from one date to the next, as '1 month' (that unless given) or '7 days'
    #[arg(long, value_name = "LENGTH", requires = "replay")]
    every: Option<String>,
}

impl Which {
    fn ask(&self, project: &Project) -> Result<Ask<'_>, Error> {
        let from = self.from.as_ref().map(|text| project.instant(text)).transpose()?;
        let dates = Dates { from, to: None, every: self.every.clone() };
        Ok(Ask {
            segmentation: self.segmentation.as_deref(),
            converted: self.converted.clone(),
            lost: self.lost.clone(),
            replay: self.replay.then_some(dates),
        })
    }
}

pub(super) async fn run(folder: &Path, session: Session, command: Command) -> Result<(), Error> {
    let (project, view) = super::open(folder, session).await?;
    match command {
        Command::Show(arguments) => show::run(&project, &view, &arguments).await,
        Command::Stuck(arguments) => stuck::run(&project, &view, &arguments).await,
        Command::Funnel(arguments) => funnel::run(&project, &view, &arguments).await,
        Command::Attribution(arguments) => attribution::run(&project, &view, &arguments).await,
    }
}
