//! `strata text`: what customers say in their own words.

mod classify;
mod topics;
mod train;

use std::path::Path;

use clap::Subcommand;
use strata_pipeline::error::Error;
use strata_pipeline::run::Session;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// What customers talk about, how they feel about it, and what hurts
    Topics(topics::Arguments),
    /// Train a classifier with texts that you have labelled, see how good it is, and keep it in the project
    Train(train::Arguments),
    /// Sort what customers say by such a classifier
    Classify(classify::Arguments),
}

pub(super) async fn run(folder: &Path, session: Session, command: Command) -> Result<(), Error> {
    match command {
        Command::Topics(arguments) => topics::run(folder, session, &arguments).await,
        Command::Train(arguments) => train::run(folder, &arguments),
        Command::Classify(arguments) => classify::run(folder, session, &arguments).await,
    }
}
