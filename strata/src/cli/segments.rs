//! `strata segments …`.

use std::path::Path;

use clap::Subcommand;
use strata_pipeline::error::Error;
use strata_pipeline::run::Session;

use super::{Shape, output};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Every segment and every class of every segmentation, with sizes
    List {
        #[command(flatten)]
        shape: Shape,
    },
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
}

pub(super) async fn run(folder: &Path, session: Session, command: Command) -> Result<(), Error> {
    let (project, view) = super::open(folder, session).await?;
    match command {
        Command::List { shape } => {
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
            let from = project.instant(&from)?;
            let to = to.map_or(Ok(view.complete.as_of), |to| project.instant(&to))?;
            output::rows(view.migration(&segmentation, from, to).await?, shape, None).await
        }
    }
}
