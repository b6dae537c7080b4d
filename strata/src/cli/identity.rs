//! `strata identity …`: who is one customer, and decisions about it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};
use strata_pipeline::error::Error;
use strata_pipeline::identity::{self, Verdict};
use strata_pipeline::project::Project;
use strata_pipeline::run::Session;
use strata_pipeline::spec::error::ErrorCode;
use strata_pipeline::spec::manifest::Decision;

use super::{Shape, output, run::grouped, table};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// All identifiers of a customer, with what joined each, and the joins that were refused
    Show {
        /// An id, an id with its namespace (shop:1001), or email:…, phone:…, anonymous_id:…
        identifier: String,
        #[command(flatten)]
        shape: Shape,
    },
    /// Pairs of customers that look like one, which are never joined by themselves
    Duplicates {
        /// The least chance, between 0 and 1, that the two are one
        #[arg(long, default_value_t = 0.9, value_name = "CHANCE")]
        threshold: f64,
    },
    /// Precision and recall of the identities against a known truth, as `strata demo` writes it
    Score {
        /// truth/identifiers.csv of the demo shop
        truth: PathBuf,
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
            output::rows(identity::show(&project, &view, &identifier).await?, shape, Some(ROWS_SHOWN))
                .await?;
            // One document for machines; `identity_refused` is a table like others.
            if shape.json || shape.csv {
                return Ok(());
            }
            if let Some(refused) = identity::refused(&project, &view, &identifier).await? {
                output::line("")?;
                output::line("joins that were refused")?;
                output::rows(refused, shape, Some(ROWS_SHOWN)).await?;
            }
            Ok(())
        }
        Command::Duplicates { threshold } => {
            let (_, view) = super::open(folder, session).await?;
            let rows = identity::duplicates(&view, threshold).await?;
            for line in table::lines(&rows.columns, &rows.numeric, &rows.cells, output::width()) {
                output::line(line)?;
            }
            Ok(())
        }
        Command::Score { truth } => {
            let (project, view) = super::open(folder, session).await?;
            let score = identity::score(&project, &view, &truth).await?;
            let count = |n: u64| grouped(i64::try_from(n).unwrap_or(i64::MAX));
            output::line(format!(
                "{} identifiers of {} persons were given to {} customers",
                count(score.n_identifiers),
                count(score.n_persons),
                count(score.n_customers)
            ))?;
            for (what, figures) in
                [("pairwise", score.agreement.pairwise), ("B-cubed", score.agreement.b_cubed)]
            {
                output::line(format!(
                    "{what:<9} precision {:.4}, recall {:.4}",
                    figures.precision, figures.recall
                ))?;
            }
            Ok(())
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
