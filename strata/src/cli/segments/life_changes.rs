//! `strata segments life-changes`: which properties changed, and what was entered and left with them.

use clap::Args;
use strata_pipeline::drift::{Ask, Change, LifeChanges, Move, Property, life_changes};
use strata_pipeline::error::Error;
use strata_pipeline::project::Project;
use strata_pipeline::query::View;

use super::{count, json, lines, local, percent};
use crate::cli::{output, table};

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The earlier date or time; that of the run before unless given
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// The later date or time; the last run's unless given
    #[arg(long, value_name = "DATE")]
    to: Option<String>,
    /// How many moves are shown of each property
    #[arg(long, default_value_t = 8, value_name = "N")]
    limit: usize,
    /// One JSON object, with all moves
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(project: &Project, view: &View, arguments: &Arguments) -> Result<(), Error> {
    let instant = |at: &Option<String>| at.as_deref().map(|at| project.instant(at)).transpose();
    let found =
        life_changes(view, &Ask { from: instant(&arguments.from)?, to: instant(&arguments.to)? }).await?;
    if arguments.json {
        return json(&found.json());
    }
    let Some(from) = found.from else {
        return output::line("There was no earlier run, so nothing is known of what changed.");
    };
    output::note(format!("between {} and {}", local(project, from), local(project, found.to)));
    show(&found, arguments.limit, output::width())
}

fn show(found: &LifeChanges, limit: usize, width: Option<usize>) -> Result<(), Error> {
    if found.properties.is_empty() {
        return output::line("No property of a known subject changed.");
    }
    for (place, property) in found.properties.iter().enumerate() {
        if place > 0 {
            output::line("")?;
        }
        let (n, n_known) = (property.n_changed, property.n_changed + property.n_others);
        let (subject, name) = (property.subject, &property.name);
        output::line(format!(
            "{name} of {} of {} {subject}, {}",
            count(n),
            count(n_known),
            percent(n, n_known)
        ))?;
        for change in &property.changes {
            output::line(format!("  {}: {}", count(change.n), in_words(change)))?;
        }
        let told: u64 = property.changes.iter().map(|change| change.n).sum();
        if n > told {
            output::line(format!("  {}: other changes", count(n - told)))?;
        }
        moves(property, limit, width)?;
    }
    Ok(())
}

fn moves(property: &Property, limit: usize, width: Option<usize>) -> Result<(), Error> {
    let telling: Vec<&Move> = property.telling().collect();
    if telling.is_empty() {
        return output::line("  no class or segment was entered or left more often than by the others");
    }
    output::line("")?;
    let heads =
        ["they", "class or segment", "of them", "share", "of the others", "share", "lift"].map(str::to_owned);
    let rows: Vec<_> = telling.iter().take(limit).map(|each| row(property, each)).collect();
    lines(table::lines(&heads, &[false, false, true, true, true, true, true], &rows, width))?;
    lines(
        (telling.len() > limit)
            .then(|| format!("({} more: --limit, or --json for all)", telling.len() - limit)),
    )
}

fn row(property: &Property, each: &Move) -> Vec<Option<String>> {
    vec![
        Some(if each.entered { "entered" } else { "left" }.to_owned()),
        Some(each.segment.clone()),
        Some(count(each.n)),
        Some(percent(each.n, property.n_changed)),
        Some(count(each.n_others)),
        Some(percent(each.n_others, property.n_others)),
        Some(each.lift.map_or_else(|| "only they".to_owned(), |lift| format!("{lift:.1}"))),
    ]
}

fn in_words(change: &Change) -> String {
    let value = |value: &Option<String>| value.as_deref().unwrap_or("nothing").replace(char::is_control, " ");
    format!("{} → {}", value(&change.from), value(&change.to))
}
