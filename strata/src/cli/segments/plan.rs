//! `strata segments explain-plan`: what is computed, what is shared, and in what order.

use clap::Args;
use serde_json::Value;
use strata_pipeline::error::Error;
use strata_pipeline::explain::{AtOnce, Explained, explain};
use strata_pipeline::project::Project;

use super::{json, lines};
use crate::cli::output;
use crate::cli::prose::wrapped;

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// A trait, score, segment or segmentation, with whatever it uses; everything unless given
    name: Option<String>,
    /// One JSON array of objects, one for each kind of subject
    #[arg(long)]
    json: bool,
}

pub(super) fn run(project: &Project, arguments: &Arguments) -> Result<(), Error> {
    let explained = explain(project, arguments.name.as_deref())?;
    if arguments.json {
        return json(&Value::Array(explained.iter().map(Explained::json).collect()));
    }
    for (at, explained) in explained.iter().enumerate() {
        if at > 0 {
            output::line("")?;
        }
        show(explained, output::width())?;
    }
    Ok(())
}

fn show(explained: &Explained, width: Option<usize>) -> Result<(), Error> {
    let (n_figures, n_uses) = explained.n_figures_and_uses();
    let n_scans = explained.scans.len();
    let scans = if n_scans == 1 { "1 scan" } else { &format!("{n_scans} scans") };
    let text = format!("{}: {n_figures} figures, used {n_uses} times, from {scans}", explained.subject);
    lines(wrapped(&text, "", "", width))?;
    for scan in &explained.scans {
        output::line("")?;
        output::line(format!("scan of {}", scan.table))?;
        for AtOnce { by, columns } in &scan.at_once {
            let by = by.as_ref().map_or("the time".to_owned(), |text| format!("{text} and the time"));
            let text = format!("{} figures at once, told apart by {by}", columns.len());
            lines(wrapped(&text, "  ", "    ", width))?;
        }
        for figure in &scan.figures {
            lines(wrapped(&figure.text, "  ", "    ", width))?;
            let users = figure.users.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(", ");
            lines(wrapped(&users, "      for ", "      ", width))?;
        }
    }
    output::line("")?;
    output::line("then, step by step")?;
    for (at, step) in explained.steps.iter().enumerate() {
        lines(wrapped(&step.names.join(", "), &format!("  {}. {}: ", at + 1, step.what), "     ", width))?;
    }
    Ok(())
}
