//! `strata segments diff`: who would enter and leave with what was edited.

use clap::Args;
use strata_pipeline::error::Error;
use strata_pipeline::preview::{Change, Diff, Difference, How, diff};
use strata_pipeline::project::Project;
use strata_pipeline::query::View;

use super::{count, json, lines};
use crate::cli::prose::wrapped;
use crate::cli::{output, table};

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// A segment or segmentation; all unless given
    name: Option<String>,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(project: &Project, view: &View, arguments: &Arguments) -> Result<(), Error> {
    let diff = diff(project, view, arguments.name.as_deref()).await?;
    if arguments.json {
        return json(&diff.json());
    }
    let at = diff.as_of.with_timezone(&project.timezone);
    output::note(format!("against the run as of {}", at.format("%Y-%m-%d %H:%M %Z")));
    show(&diff, output::width())
}

/// In a narrower terminal the names would not fit beside how they changed, which is said below them then.
const WIDE: usize = 80;

fn show(diff: &Diff, width: Option<usize>) -> Result<(), Error> {
    let is_wide = width.is_none_or(|width| width >= WIDE);
    if !diff.changes.is_empty() {
        let n_columns = if is_wide { 6 } else { 5 };
        let heads = ["segment", "before", "now", "enter", "leave", "change"].map(str::to_owned);
        let rows = named(diff).map(|(name, change, each)| row(name, change, each));
        let rows: Vec<Vec<Option<String>>> = rows.map(|row| row[..n_columns].to_vec()).collect();
        lines(table::lines(&heads[..n_columns], &[false, true, true, true, true, false], &rows, width))?;
        output::line("")?;
    }
    if !is_wide {
        for change in &diff.changes {
            lines(wrapped(&format!("{}: {}", change.name, how(&change.how)), "", "  ", width))?;
        }
    }
    for (name, _, each) in named(diff) {
        for (word, n, ids) in
            [("enter", each.n_entering, &each.entering), ("leave", each.n_leaving, &each.leaving)]
        {
            if n > 0 {
                let more = n - ids.len() as u64;
                let more = if more > 0 { format!(" and {} more", count(more)) } else { String::new() };
                lines(wrapped(
                    &format!("{}{more}", ids.join(", ")),
                    &format!("{word} {name}: "),
                    "  ",
                    width,
                ))?;
            }
        }
    }
    if diff.n_unmoved > 0 {
        output::line(format!("unmoved by what they use: {}", diff.n_unmoved))?;
    }
    output::line(format!("unchanged: {}", diff.n_unchanged))
}

/// Every segment and class that differs, with its name. Of a segmentation, classes that nobody was or is in are passed over.
fn named(diff: &Diff) -> impl Iterator<Item = (String, &Change, &Difference)> {
    diff.changes.iter().flat_map(|change| {
        let is_segment = change.kind == "segment";
        let shown =
            change.differences.iter().filter(move |each| is_segment || each.n_before + each.n_now > 0);
        shown.map(move |each| match is_segment {
            true => (change.name.clone(), change, each),
            false => (format!("{}/{}", change.name, each.segment), change, each),
        })
    })
}

fn row(name: String, change: &Change, each: &Difference) -> Vec<Option<String>> {
    let numbers = [each.n_before, each.n_now, each.n_entering, each.n_leaving].map(|n| Some(count(n)));
    [Some(name)].into_iter().chain(numbers).chain([Some(how(&change.how))]).collect()
}

fn how(how: &How) -> String {
    match how {
        How::Through(names) if names.is_empty() => "through the time zone or version".to_owned(),
        How::Through(names) => format!("through {}", names.join(", ")),
        how => how.as_str().to_owned(),
    }
}
