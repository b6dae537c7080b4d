//! `strata segments used-by`: what uses a definition, a table or a column.

use clap::Args;
use serde_json::Value;
use strata_pipeline::error::Error;
use strata_pipeline::project::Project;
use strata_pipeline::usage::{Usage, User, used_by};

use super::{json, lines};
use crate::cli::output;
use crate::cli::prose::wrapped;

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// A trait, score, segment, segmentation or table, or a column, as orders.amount
    name: String,
    /// One JSON array of objects, one for each thing of that name
    #[arg(long)]
    json: bool,
}

pub(super) fn run(project: &Project, arguments: &Arguments) -> Result<(), Error> {
    let usages = used_by(project, &arguments.name)?;
    if arguments.json {
        return json(&Value::Array(usages.iter().map(Usage::json).collect()));
    }
    for (at, usage) in usages.iter().enumerate() {
        if at > 0 {
            output::line("")?;
        }
        show(usage, output::width())?;
    }
    Ok(())
}

fn show(usage: &Usage, width: Option<usize>) -> Result<(), Error> {
    let (direct, indirect): (Vec<&User>, Vec<&User>) =
        usage.users.iter().partition(|user| user.through.is_none());
    let of = &usage.of;
    if usage.users.is_empty() {
        return output::line(format!("{} {}: nothing uses it", of.kind, of.name));
    }
    let counts = format!("used by {} directly, by {} through others", direct.len(), indirect.len());
    lines(wrapped(&format!("{} {}: {counts}", of.kind, of.name), "", "", width))?;
    for (how, users) in [("directly", direct), ("through others", indirect)] {
        if !users.is_empty() {
            output::line("")?;
            output::line(how)?;
        }
        for users in users.chunk_by(|one, other| one.definition.kind == other.definition.kind) {
            let kind = users.first().map_or("", |user| user.definition.kind);
            let plural = if users.len() == 1 { "" } else { "s" };
            let names: Vec<String> = users.iter().map(|user| name(user)).collect();
            lines(wrapped(&names.join(", "), &format!("  {kind}{plural}: "), "    ", width))?;
        }
    }
    Ok(())
}

/// A definition's name, with what it uses the thing through.
fn name(user: &User) -> String {
    let left_out = user.is_left_out.then_some("left out");
    let through = user.through.as_ref().map(|thing| format!("by {}", thing.name));
    let notes: Vec<String> = through.into_iter().chain(left_out.map(str::to_owned)).collect();
    match notes.is_empty() {
        true => user.definition.name.clone(),
        false => format!("{} ({})", user.definition.name, notes.join("; ")),
    }
}
