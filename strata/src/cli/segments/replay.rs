//! `strata segments replay`: what a definition would have said at earlier dates.

use chrono::{DateTime, Utc};
use clap::Args;
use strata_pipeline::error::Error;
use strata_pipeline::project::Project;
use strata_pipeline::query::View;
use strata_pipeline::replay::{Ask, Dates, Replay, Track, replay};

use super::{About, count, json, lines, percent};
use crate::cli::prose::wrapped;
use crate::cli::{Shape, output, table};

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// A segment, a class as rfm/champions, a segmentation, or a condition as "count(orders) >= 5"
    what: String,
    /// Whom a condition is about
    #[arg(long, value_enum, default_value_t = About::Customers)]
    subject: About,
    /// The first date or time; 24 steps before the last unless given
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// The last date or time; the last run's unless given
    #[arg(long, value_name = "DATE")]
    to: Option<String>,
    /// From one date to the next, as '1 month' or '7 days'
    #[arg(long, value_name = "LENGTH", default_value = "1 month")]
    every: String,
    #[command(flatten)]
    shape: Shape,
}

pub(super) async fn run(project: &Project, view: &View, arguments: Arguments) -> Result<(), Error> {
    let instant = |text: &Option<String>| text.as_ref().map(|text| project.instant(text)).transpose();
    let dates =
        Dates { from: instant(&arguments.from)?, to: instant(&arguments.to)?, every: Some(arguments.every) };
    let ask = Ask { what: &arguments.what, subject: arguments.subject.into(), dates };
    let replay = replay(project, view, &ask).await?;
    match arguments.shape {
        Shape { json: true, .. } => return json(&replay.json()),
        Shape { csv: true, .. } => return output::rows(replay.rows(view)?, arguments.shape, None).await,
        _ => {}
    }
    for note in &replay.notes {
        output::note(note);
    }
    let width = output::width();
    lines(wrapped(&replay.sentence, "", "", width))?;
    output::line("")?;
    match replay.tracks.as_slice() {
        [track] => one(project, &replay, track, width),
        _ => several(project, &replay, width),
    }
}

/// A segment, date by date.
fn one(project: &Project, replay: &Replay, track: &Track, width: Option<usize>) -> Result<(), Error> {
    let most = track.moments.iter().map(|moment| moment.n_members).max().unwrap_or(0);
    let has_undecided = track.moments.iter().any(|moment| moment.n_undecided > 0);
    let mut columns = vec!["date", "members", "share", "entered", "left"];
    if has_undecided {
        columns.push("undecided");
    }
    columns.push("");
    let rows = replay.dates.iter().zip(&track.moments).enumerate().map(|(date, (at, moment))| {
        let mut cells = vec![
            day(project, replay, *at),
            count(moment.n_members),
            percent(moment.n_members, replay.n_subjects[date]),
            moment.n_entered.map(count).unwrap_or_default(),
            moment.n_left.map(count).unwrap_or_default(),
        ];
        if has_undecided {
            cells.push(count(moment.n_undecided));
        }
        cells.push(bar(moment.n_members, most));
        cells.into_iter().map(Some).collect()
    });
    let rows: Vec<Vec<Option<String>>> = rows.collect();
    let is_number: Vec<bool> = columns.iter().map(|name| !matches!(*name, "date" | "")).collect();
    let columns: Vec<String> = columns.into_iter().map(str::to_owned).collect();
    lines(table::lines(&columns, &is_number, &rows, width))
}

/// Classes: where each began, where it ended, and its course between.
fn several(project: &Project, replay: &Replay, width: Option<usize>) -> Result<(), Error> {
    let (Some(first), Some(last)) = (replay.dates.first(), replay.dates.last()) else { return Ok(()) };
    let ends = [*first, *last].map(|at| day(project, replay, at));
    let columns = ["class", &ends[0], "course", &ends[1], "entered", "left"].map(str::to_owned);
    let rows = replay.tracks.iter().filter(|track| track.moments.iter().any(|moment| moment.n_members > 0));
    let rows = rows.map(|track| {
        let sum = |of: &dyn Fn(usize) -> Option<u64>| (0..track.moments.len()).filter_map(of).sum::<u64>();
        let n_entered = sum(&|date| track.moments[date].n_entered);
        let n_left = sum(&|date| track.moments[date].n_left);
        let n_at = |date: usize| track.moments.get(date).map_or(0, |moment| moment.n_members);
        let cells = [
            track.name.split_once('/').map_or(track.name.as_str(), |(_, class)| class).to_owned(),
            count(n_at(0)),
            course(&track.moments.iter().map(|moment| moment.n_members as f64).collect::<Vec<_>>()),
            count(n_at(track.moments.len() - 1)),
            count(n_entered),
            count(n_left),
        ];
        cells.into_iter().map(Some).collect()
    });
    let rows: Vec<Vec<Option<String>>> = rows.collect();
    lines(table::lines(&columns, &[false, true, false, true, true, true], &rows, width))
}

/// A date; with the time of day where the dates are not all midnights.
fn day(project: &Project, replay: &Replay, at: DateTime<Utc>) -> String {
    let local = |at: &DateTime<Utc>| at.with_timezone(&project.timezone);
    let is_midnight = |at: &DateTime<Utc>| local(at).format("%H:%M:%S").to_string() == "00:00:00";
    let format = if replay.dates.iter().all(is_midnight) { "%Y-%m-%d" } else { "%Y-%m-%d %H:%M" };
    local(&at).format(format).to_string()
}

/// So many characters are the longest bar.
const BAR: u64 = 24;

/// A bar in eighths of a character.
fn bar(n: u64, most: u64) -> String {
    if most == 0 {
        return String::new();
    }
    let eighths = (n as f64 / most as f64 * (BAR * 8) as f64).round() as usize;
    let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8];
    format!("{}{rest}", "█".repeat(eighths / 8))
}

/// A line of columns, each as high as its value beside the greatest.
pub(super) fn course(values: &[f64]) -> String {
    let most = values.iter().copied().fold(0.0, f64::max);
    let column = |value: &f64| match (value / most * 7.0).round() as usize {
        _ if *value <= 0.0 => ' ',
        height => ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'][height.min(7)],
    };
    values.iter().map(column).collect()
}
