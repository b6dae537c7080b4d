//! `strata journey show`: the stages, the moves between them, and where they end.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use clap::Args;
use strata_pipeline::error::Error;
use strata_pipeline::journey::{Absorbed, Flow, HORIZONS, Journey, Role, Told, journey};
use strata_pipeline::project::Project;
use strata_pipeline::query::View;
use strata_pipeline::spec::error::ErrorCode;

use super::Which;
use crate::cli::prose::wrapped;
use crate::cli::segments::{count, json, lines, percent};
use crate::cli::{output, table};

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    which: Which,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(project: &Project, view: &View, arguments: &Arguments) -> Result<(), Error> {
    let found = journey(project, view, &arguments.which.ask(project)?).await?;
    if arguments.json {
        let found = serde_json::to_value(&found).map_err(|error| {
            Error::new(ErrorCode::Internal, "cannot write the journey down").caused_by(error)
        })?;
        return json(&found);
    }
    let width = output::width();
    head(project, &found, width)?;
    stages(&found, width)?;
    whole("who moved", &found.flow, width, |flow| moves(flow, width))?;
    exits(&found, width)?;
    whole("where they end", &found.outcome, width, |absorbed| outcome(absorbed, width))
}

fn head(project: &Project, found: &Journey, width: Option<usize>) -> Result<(), Error> {
    let day = |at: DateTime<Utc>| at.with_timezone(&project.timezone).format("%Y-%m-%d").to_string();
    let dates = match found.days_between {
        None => format!("one date, {}: nobody was seen to move", day(found.since)),
        Some(days) => format!(
            "{} dates from {} to {}, typically {days:.0} days apart",
            count(found.n_dates),
            day(found.since),
            day(found.as_of)
        ),
    };
    let about = format!(
        "{} ({}): {} {}, {dates}",
        found.title,
        found.segmentation,
        count(found.n_subjects),
        found.subject
    );
    lines(wrapped(&about, "", "  ", width))?;
    if found.is_replayed {
        let replayed = "by what the definition as it stands says of these dates over what is known now, not by what runs noted then";
        lines(wrapped(replayed, "", "  ", width))?;
    }
    if found.is_cut {
        let cut = "earlier runs were of another version of the definition, and are left out";
        lines(wrapped(cut, "", "  ", width))?;
    }
    output::line("")
}

fn stages(found: &Journey, width: Option<usize>) -> Result<(), Error> {
    let total: u64 = found.stages.iter().map(|stage| stage.n_now).sum();
    let heads = ["stage", "now", "share", "end", "entered", "still in", "days 25 %", "50 %", "75 %", "stuck"]
        .map(str::to_owned);
    let rows: Vec<Vec<Option<String>>> = found
        .stages
        .iter()
        .map(|stage| {
            let end = match stage.role {
                Role::Way => None,
                Role::Converted => Some("converted".to_owned()),
                Role::Lost => Some("lost".to_owned()),
            };
            let days = |place: usize| Some(format!("{:.0}", stage.days.known()?.quartiles[place]?));
            vec![
                Some(stage.name.clone()),
                Some(count(stage.n_now)),
                Some(percent(stage.n_now, total)),
                end,
                Some(count(stage.n_begun)),
                Some(count(stage.n_open)),
                days(0),
                days(1),
                days(2),
                stage.stuck.known().map(|stuck| count(stuck.n_stuck)),
            ]
        })
        .collect();
    let numeric = [false, true, true, false, true, true, true, true, true, true];
    lines(table::lines(&heads, &numeric, &rows, width))?;
    let about = "entered: stays that were seen to begin; by so many days a quarter, half and three quarters of them had ended (Kaplan-Meier), \
                 empty where fewer were seen to. stuck: late and quiet; `strata journey stuck` lists them.";
    lines(wrapped(about, "", "", width))?;
    let untold = found.stages.iter().filter_map(|stage| Some((stage, stage.days.why()?)));
    reasons("how long", untold.map(|(stage, why)| (stage.name.as_str(), why)), width)?;
    let ways = found.stages.iter().filter(|stage| stage.role == Role::Way);
    let untold = ways.filter_map(|stage| Some((stage, stage.stuck.why()?)));
    reasons("who is stuck", untold.map(|(stage, why)| (stage.name.as_str(), why)), width)
}

/// Why something is not told of stages, those of one reason together.
fn reasons<'a>(
    what: &str,
    untold: impl Iterator<Item = (&'a str, &'a str)>,
    width: Option<usize>,
) -> Result<(), Error> {
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    untold.for_each(|(stage, why)| by_reason.entry(why).or_default().push(stage));
    for (why, stages) in by_reason {
        let said = format!("{what} is not told of {}: {why}", stages.join(", "));
        lines(wrapped(&said, "  ", "    ", width))?;
    }
    Ok(())
}

/// A part that is told, or why it is not.
fn whole<T>(
    what: &str,
    told: &Told<T>,
    width: Option<usize>,
    tell: impl FnOnce(&T) -> Result<(), Error>,
) -> Result<(), Error> {
    output::line("")?;
    match told {
        Told::Known(known) => tell(known),
        Told::Unknown { why } => lines(wrapped(&format!("{what} is not told: {why}"), "", "  ", width)),
    }
}

fn moves(flow: &Flow, width: Option<usize>) -> Result<(), Error> {
    let heads = ["from", "to", "moves", "share", "at least", "at most"].map(str::to_owned);
    let rows: Vec<Vec<Option<String>>> = flow
        .moves
        .iter()
        .map(|each| {
            vec![
                Some(each.from.clone()),
                Some(each.to.clone()),
                Some(count(each.n)),
                Some(part(each.share)),
                Some(part(each.interval.0)),
                Some(part(each.interval.1)),
            ]
        })
        .collect();
    lines(table::lines(&heads, &[false, false, true, true, true, true], &rows, width))?;
    let order = match flow.order {
        2 => format!("It matters from which stage one came (order 2, BIC lower by {:.0}):", flow.bic_gain),
        _ => "The stage alone says where one goes: from which one came does not matter (order 1 by BIC)."
            .to_owned(),
    };
    lines(wrapped(&order, "", "", width))?;
    if flow.contexts.is_empty() {
        return Ok(());
    }
    output::line("")?;
    let heads = ["before", "from", "to", "moves", "share"].map(str::to_owned);
    let rows: Vec<Vec<Option<String>>> = flow
        .contexts
        .iter()
        .map(|each| {
            vec![
                Some(each.before.clone().unwrap_or_else(|| "(first seen)".to_owned())),
                Some(each.from.clone()),
                Some(each.to.clone()),
                Some(count(each.n)),
                Some(part(each.share)),
            ]
        })
        .collect();
    lines(table::lines(&heads, &[false, false, false, true, true], &rows, width))
}

fn exits(found: &Journey, width: Option<usize>) -> Result<(), Error> {
    let rows: Vec<Vec<Option<String>>> = found
        .stages
        .iter()
        .filter_map(|stage| Some((stage, stage.exits.known()?)))
        .flat_map(|(stage, exits)| exits.iter().map(move |exit| (stage, exit)))
        .map(|(stage, exit)| {
            let shares = exit.shares.iter().map(|share| Some(part((*share)?.share)));
            let named = [Some(stage.name.clone()), Some(exit.to.clone()), Some(count(exit.n))];
            named.into_iter().chain(shares).collect()
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    output::line("")?;
    let heads = ["stage", "left for", "stays"].map(str::to_owned).into_iter();
    let heads: Vec<String> = heads.chain(HORIZONS.map(|days| format!("{days} days"))).collect();
    lines(table::lines(&heads, &[false, false, true, true, true, true, true], &rows, width))?;
    let about = "of all who entered a stage, the share that had left it by each exit after so many days (Aalen-Johansen); empty beyond the longest stay, and for less time than lies between two dates";
    lines(wrapped(about, "", "", width))
}

fn outcome(absorbed: &Absorbed, width: Option<usize>) -> Result<(), Error> {
    let about = format!(
        "Where they end: converted ({}) or lost ({}). {} ways led to the first, {} to the second, {} are open; {} had been converted when they were first seen.",
        absorbed.converted.join(", "),
        absorbed.lost.join(", "),
        count(absorbed.n_converted),
        count(absorbed.n_lost),
        count(absorbed.n_open),
        count(absorbed.n_converted_before),
    );
    lines(wrapped(&about, "", "", width))?;
    let is_second = absorbed.order == 2;
    let heads = ["before", "stage", "stays", "converted", "lost", "moves", "days"].map(str::to_owned);
    let numeric = [false, false, true, true, true, true, true];
    let rows: Vec<Vec<Option<String>>> = absorbed
        .from
        .iter()
        .map(|from| {
            vec![
                Some(from.before.clone().unwrap_or_else(|| "(first seen)".to_owned())),
                Some(from.stage.clone()),
                Some(count(from.n)),
                Some(part(from.converted)),
                Some(part(from.lost)),
                Some(format!("{:.1}", from.moves)),
                from.days.map(|days| format!("{days:.0}")),
            ]
        })
        .collect();
    // Whence one came stands there where it matters, and days where it does not.
    let (first, last) = if is_second { (0, 6) } else { (1, 7) };
    let rows: Vec<Vec<Option<String>>> = rows.into_iter().map(|row| row[first..last].to_vec()).collect();
    lines(table::lines(&heads[first..last], &numeric[first..last], &rows, width))?;
    let order = if is_second { "of the second order" } else { "of the first order" };
    let about = format!("by an absorbing Markov chain {order}; moves and days are means until either end");
    lines(wrapped(&about, "", "", width))
}

/// A share.
fn part(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}
