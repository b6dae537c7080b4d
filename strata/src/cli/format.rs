//! `strata fmt`: the conditions in the project's files, in one form.

use std::path::Path;

use clap::Args;
use strata_pipeline::error::Error;
use strata_pipeline::format::{self, File};
use strata_pipeline::spec::error::ErrorCode;

use super::output;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Write nothing; fail where a file would change
    #[arg(long)]
    check: bool,
}

pub(super) fn run(folder: &Path, arguments: &Arguments) -> Result<(), Error> {
    let files = format::project(folder, !arguments.check)?;
    for (file, at) in files.iter().flat_map(|file| file.commented.iter().map(move |at| (file, at))) {
        output::note(format!(
            "{}:{}:{}: has a comment inside, and stays as it is",
            file.name, at.line, at.column
        ));
    }
    let changed: Vec<&File> = files.iter().filter(|file| file.n_changed > 0).collect();
    if changed.is_empty() {
        let n_texts: usize = files.iter().map(|file| file.n_texts).sum();
        return output::line(format!(
            "{} in {}: nothing to format",
            conditions(n_texts),
            counted(files.len(), "file")
        ));
    }
    if arguments.check {
        let names = changed.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(", ");
        let message =
            format!("{} of {} would be formatted: {names}", changed.len(), counted(files.len(), "file"));
        return Err(Error::new(ErrorCode::CheckFailed, message).with_hint("`strata fmt` formats them"));
    }
    changed
        .iter()
        .try_for_each(|file| output::line(format!("{}: formatted {}", file.name, conditions(file.n_changed))))
}

fn conditions(n: usize) -> String {
    counted(n, "condition")
}

fn counted(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}
