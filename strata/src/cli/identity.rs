//! `strata identity …`: who is one customer, and decisions about it.

use std::path::Path;
use std::sync::Arc;

use clap::{Args, Subcommand};
use strata_pipeline::error::Error;
use strata_pipeline::identity::{self, Verdict};
use strata_pipeline::project::Project;
use strata_pipeline::run::Session;
use strata_pipeline::spec::error::ErrorCode;
use strata_pipeline::spec::manifest::Decision;

use super::{Shape, output, run::grouped};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// All identifiers of a customer, with what joined each
    Show {
        /// An id, an id with its namespace (shop:1001), or email:…, phone:…, anonymous_id:…
        identifier: String,
        #[command(flatten)]
        shape: Shape,
    },
    /// Joins two customers, after showing what that changes
    Merge(Decide),
    /// Keeps two customers apart, after showing what that changes
    Split(Decide),
}

#[derive(Debug, Args)]
pub(super) struct Decide {
    /// An identifier of the one, as in `show`
    one: String,
    /// An identifier of the other
    other: String,
    /// Why, for whoever reads identity.toml
    #[arg(long)]
    reason: Option<String>,
    /// Write the decision to identity.toml; without it the change is only shown
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    shape: Shape,
}

/// So many changed memberships are shown as a table.
const ROWS_SHOWN: usize = 100;

pub(super) async fn run(folder: &Path, session: Session, command: Command) -> Result<(), Error> {
    match command {
        Command::Show { identifier, shape } => {
            let (project, view) = super::open(folder, session).await?;
            output::rows(identity::show(&project, &view, &identifier).await?, shape, Some(ROWS_SHOWN)).await
        }
        Command::Merge(decide) => decided(folder, session, Verdict::Together, decide).await,
        Command::Split(decide) => decided(folder, session, Verdict::Apart, decide).await,
    }
}

async fn decided(folder: &Path, session: Session, verdict: Verdict, decide: Decide) -> Result<(), Error> {
    let Decide { one, other, reason, yes, shape } = decide;
    if one == other {
        return Err(Error::new(ErrorCode::InvalidInput, "a decision is about two different identifiers")
            .with_hint("as `strata identity merge shop:1001 email:ann@example.com`"));
    }
    let project = Project::open(folder)?;
    let decision = Decision { identifiers: [one, other], reason };
    let change = identity::rehearsed(&project, &session, verdict, &decision, Arc::new(|_| ())).await?;
    let (before, after) = change.n_customers;
    let count = |n: u64| grouped(i64::try_from(n).unwrap_or(i64::MAX));
    output::note(format!("customers: {} before, {} after", count(before), count(after)));
    output::rows(change.memberships, shape, Some(ROWS_SHOWN)).await?;
    if yes {
        identity::decide(&project, verdict, &decision)?;
        output::note("written to identity.toml; `strata run` makes it so");
    } else {
        output::note("nothing is changed yet; --yes writes the decision to identity.toml");
    }
    Ok(())
}
