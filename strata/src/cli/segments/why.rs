//! `strata segments why`: why one customer is in a segment or not, and until when.

use chrono::{DateTime, Utc};
use clap::Args;
use strata_pipeline::error::Error;
use strata_pipeline::project::Project;
use strata_pipeline::query::View;
use strata_pipeline::why::{Ask, Clause, Evidence, Seen, Until, Why, why};

use super::{count, json, lines};
use crate::cli::prose::wrapped;
use crate::cli::{output, table};

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// A segment, a class as rfm/champions, or a segmentation for the class that the customer is in
    segment: String,
    /// The id of a customer; of a company, where the segment is one of companies
    id: String,
    /// An earlier date or time than the last run's
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(project: &Project, view: &View, arguments: &Arguments) -> Result<(), Error> {
    let as_of = arguments.as_of.as_ref().map(|text| project.instant(text)).transpose()?;
    let ask = Ask { segment: &arguments.segment, id: &arguments.id, as_of };
    let answer = why(project, view, &ask).await?;
    if arguments.json {
        return json(&answer.json());
    }
    output::note(format!("as of {}", zoned(project, answer.as_of)));
    show(project, &answer, output::width())
}

fn show(project: &Project, why: &Why, width: Option<usize>) -> Result<(), Error> {
    let one = why.subject.singular();
    let is = match why.standing.is_in() {
        true => "is in",
        false => "is not in",
    };
    let standing = match why.standing.as_str() {
        "member" | "not a member" => String::new(),
        other => format!(" ({other})"),
    };
    let title = format!("{one} {} {is} {}, {}{standing}", why.id, why.segment, why.title);
    lines(wrapped(&title, "", "", width))?;
    output::line("")?;
    let since = match (why.since, why.standing.is_in()) {
        (Some(at), _) => local(project, at),
        (None, true) => "no run has noted it".to_owned(),
        (None, false) => "it was never in it, as far as runs have noted".to_owned(),
    };
    lines(wrapped(&since, "since  ", "       ", width))?;
    lines(wrapped(&until(project, why.until), "until  ", "       ", width))?;
    if let Some(class) = why.class.as_ref().filter(|_| !why.standing.is_in()) {
        lines(wrapped(class, "class  ", "       ", width))?;
    }
    for clause in &why.clauses {
        output::line("")?;
        show_clause(project, clause, width)?;
    }
    for note in &why.notes {
        output::line("")?;
        lines(wrapped(note, "note: ", "      ", width))?;
    }
    Ok(())
}

/// The truth of a clause, and all that is under it set in by as much.
const INDENT: &str = "           ";

fn show_clause(project: &Project, clause: &Clause, width: Option<usize>) -> Result<(), Error> {
    let truth = match clause.truth {
        Some(true) => "true       ",
        Some(false) => "false      ",
        None => "undecided  ",
    };
    let sentence = match &clause.of_earlier_class {
        Some(class) => format!("the class {class}, which comes first: {}", clause.sentence),
        None => clause.sentence.clone(),
    };
    lines(wrapped(&sentence, truth, INDENT, width))?;
    let set_in = format!("{INDENT}  ");
    lines(wrapped(&clause.text, &set_in, &set_in, width))?;
    for seen in &clause.seen {
        lines(wrapped(&value(seen), INDENT, &set_in, width))?;
    }
    if let Some(since) = clause.since {
        lines(wrapped(&local(project, since), &format!("{INDENT}since "), &set_in, width))?;
    }
    match clause.until {
        Until::Always => {}
        Until::AtLeast(_) if clause.of_earlier_class.is_some() => {}
        other => lines(wrapped(&until(project, other), &format!("{INDENT}until "), &set_in, width))?,
    }
    for evidence in &clause.evidence {
        rows(evidence, width)?;
    }
    Ok(())
}

fn value(seen: &Seen) -> String {
    // A text of the data must not move the terminal's cursor.
    let value = seen.text.as_deref().unwrap_or("missing").replace(char::is_control, " ");
    match &seen.threshold {
        Some(threshold) => format!("{} = {value}, asked for {threshold}", seen.term),
        None => format!("{} = {value}", seen.term),
    }
}

/// The newest rows that count, and how many there are.
fn rows(evidence: &Evidence, width: Option<usize>) -> Result<(), Error> {
    let shown = &evidence.newest;
    let table = evidence.table;
    let n_rows = count(evidence.n_rows as u64);
    let of = &evidence.of;
    let head = match (evidence.n_rows, shown.cells.len()) {
        (0, _) => format!("{of}: no row of {table}"),
        (1, _) => format!("{of}: 1 row of {table}"),
        (all, newest) if all > newest => format!("{of}: {n_rows} rows of {table}, the newest {newest}"),
        _ => format!("{of}: {n_rows} rows of {table}"),
    };
    lines(wrapped(&head, INDENT, &format!("{INDENT}  "), width))?;
    if shown.cells.is_empty() {
        return Ok(());
    }
    let width = width.map(|width| width.saturating_sub(INDENT.len() + 2).max(INDENT.len()));
    let laid = table::lines(&shown.columns, &shown.numeric, &shown.cells, width);
    lines(laid.into_iter().map(|line| format!("{INDENT}  {line}")))
}

fn until(project: &Project, until: Until) -> String {
    match until {
        Until::Then(at) => format!("{}, if nothing happens", local(project, at)),
        Until::Always => "something happens: time alone does not change it".to_owned(),
        Until::AtLeast(at) => format!("{} at least, if nothing happens", local(project, at)),
    }
}

/// A time on the project's clocks; to the minute, unless it is within one.
fn local(project: &Project, at: DateTime<Utc>) -> String {
    let is_whole = at.timestamp_micros() % 60_000_000 == 0;
    let format = if is_whole { "%Y-%m-%d %H:%M" } else { "%Y-%m-%d %H:%M:%S" };
    at.with_timezone(&project.timezone).format(format).to_string()
}

fn zoned(project: &Project, at: DateTime<Utc>) -> String {
    at.with_timezone(&project.timezone).format("%Y-%m-%d %H:%M %Z").to_string()
}
