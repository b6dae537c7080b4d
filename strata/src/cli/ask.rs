//! `strata sql`: questions to the lake.

use std::path::Path;

use clap::Args;
use strata_pipeline::error::Error;
use strata_pipeline::run::Session;

use super::{Shape, output};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// A query, as "select country, count(*) from profile group by 1"
    query: String,
    #[command(flatten)]
    shape: Shape,
}

/// So many rows are shown as a table.
const ROWS_SHOWN: usize = 100;

pub(super) async fn run(folder: &Path, session: Session, arguments: Arguments) -> Result<(), Error> {
    let (_, view) = super::open(folder, session).await?;
    output::rows(view.sql(&arguments.query).await?, arguments.shape, Some(ROWS_SHOWN)).await
}
