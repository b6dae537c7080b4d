//! `strata demo`: a shop to try things on, with the truth beside it.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use strata_pipeline::demo::{self, DemoOptions, EXPORTS};
use strata_pipeline::error::Error;
use strata_pipeline::spec::error::ErrorCode;

use super::{output, run::grouped};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The folder to write: the files that a business would have exported, and what is really so
    folder: PathBuf,
    /// How many customers the shop has; ten times as many orders
    #[arg(long, default_value_t = 2_000, value_name = "N")]
    customers: u64,
    /// Decides everything: equal seeds give equal files
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Clean Parquet files with canonical columns instead of dirty exports, for tests of scale
    #[arg(long)]
    parquet: bool,
}

pub(super) fn run(arguments: Arguments) -> Result<(), Error> {
    let Arguments { folder, customers, seed, parquet } = arguments;
    if customers == 0 {
        return Err(Error::new(ErrorCode::InvalidInput, "a shop needs customers")
            .with_hint("`--customers 2000` is a good start"));
    }
    let bar = ProgressBar::new(customers);
    bar.set_style(
        ProgressStyle::with_template("{bar:40} {human_pos} of {human_len} customers, {eta} left")
            .unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    bar.enable_steady_tick(Duration::from_millis(200));
    let written = demo::write(&folder, &DemoOptions { n_customers: customers, seed, parquet }, &|done| {
        bar.set_position(done)
    });
    bar.finish_and_clear();
    let summary = written.map_err(|error| {
        Error::new(ErrorCode::Storage, "cannot write the demo shop").with_hint(error.hint()).caused_by(error)
    })?;
    let width = summary.files.iter().map(|file| file.path.len()).max().unwrap_or_default();
    for file in &summary.files {
        output::line(format!(
            "{:width$}  {:>12} rows",
            file.path,
            grouped(i64::try_from(file.n_rows).unwrap_or(i64::MAX))
        ))?;
    }
    let n_dirt: u64 = summary.dirt.iter().map(|(_, n)| n).sum();
    output::line(format!(
        "{} pieces of dirt are planted",
        grouped(i64::try_from(n_dirt).unwrap_or(i64::MAX))
    ))?;
    output::note(format!(
        "next: `strata init {0}/{EXPORTS} {0}/shop`, then `strata run -C {0}/shop` and `strata report -C {0}/shop`",
        folder.display()
    ));
    Ok(())
}
