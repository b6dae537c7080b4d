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
}

pub(super) async fn run(folder: &Path, session: Session, command: Command) -> Result<(), Error> {
    let (_, view) = super::open(folder, session).await?;
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
    }
}
