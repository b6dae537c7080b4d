//! `strata suggest`: segments whose members stand out by a goal, and traits that deserve to define segments.

mod traits;

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use strata_pipeline::error::Error;
use strata_pipeline::project::Project;
use strata_pipeline::run::Session;
use strata_pipeline::spec::error::ErrorCode;
use strata_pipeline::suggest::{Ask, Suggestion, Suggestions, suggest};

use super::output;
use super::prose::{Rung, ladder, wrapped};
use super::segments::{About, count, json, lines};

#[derive(Debug, Subcommand)]
enum Command {
    /// Which traits deserve to define segments: known of most, much the same a while later, telling of the goal, and none twice
    Traits(traits::Arguments),
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// repeat_purchase, churn, revenue, response, or a condition or term that is evaluated at the end of the horizon, as
    /// "count(orders) filter (where channel = 'web' and in_last('90 days')) >= 1"
    #[arg(long, required = true, value_name = "GOAL")]
    goal: Option<String>,
    /// Whom it is about
    #[arg(long, value_enum, default_value_t = About::Customers)]
    subject: About,
    /// Of whom this holds at the beginning of the horizon, as "country = 'DE'"; of everybody unless given
    #[arg(long, value_name = "CONDITION")]
    among: Option<String>,
    /// How many days the goal looks ahead
    #[arg(long, default_value_t = 90, value_name = "DAYS")]
    horizon_days: u32,
    /// The traits by which they may be told; all of the last run that were known so early unless given
    #[arg(long, value_delimiter = ',', value_name = "TRAITS")]
    features: Vec<String>,
    /// More traits and columns, as country, whose values never change: what the last run knew was so before
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    unchanging: Vec<String>,
    /// How many segments are suggested at most; the fewer, the more surely each is told
    #[arg(long, default_value_t = 10, value_name = "N")]
    most: usize,
    /// Name the traits that were left out, with the reason
    #[arg(long)]
    verbose: bool,
    /// One JSON object
    #[arg(long)]
    json: bool,
    /// Write them as segments into a file that is not there yet, as segments/suggested.toml
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
}

pub(super) async fn run(folder: &Path, session: Session, arguments: Arguments) -> Result<(), Error> {
    if let Some(Command::Traits(arguments)) = arguments.command {
        return traits::run(folder, session, arguments).await;
    }
    if let Some(file) = &arguments.write
        && file.exists()
    {
        return Err(is_there(file));
    }
    let (project, view) = super::open(folder, session).await?;
    output::note(format!("looking at two horizons of {} days before the last run", arguments.horizon_days));
    let ask = Ask {
        // The parser asks for one unless a subcommand is given.
        goal: arguments.goal.unwrap_or_default(),
        subject: arguments.subject.into(),
        among: arguments.among,
        horizon_days: arguments.horizon_days,
        features: arguments.features,
        unchanging: arguments.unchanging,
        most: arguments.most,
    };
    let found = suggest(&project, &view, &ask).await?;
    told_beside(&project, &found, arguments.verbose);
    if arguments.json {
        json(&found.json())?;
    } else {
        show(&project, &found, output::width())?;
    }
    match &arguments.write {
        Some(file) if found.suggestions.is_empty() => {
            output::note(format!("{} was not written: there is nothing to write", file.display()));
        }
        Some(file) => {
            write(file, &found.definitions())?;
            let n = found.suggestions.len();
            let segments = if n == 1 { "segment" } else { "segments" };
            output::note(format!("wrote {n} {segments} to {}", file.display()));
        }
        None => {}
    }
    Ok(())
}

/// What is to be known of how it was found.
fn told_beside(project: &Project, found: &Suggestions, is_verbose: bool) {
    let day = |at: chrono::DateTime<chrono::Utc>| at.with_timezone(&project.timezone).format("%Y-%m-%d");
    output::note(format!(
        "searched {} {} as of {} by {} traits, checked on {} others as of {}",
        count(found.n_searched as u64),
        found.subject,
        day(found.searched_at),
        found.features.len(),
        count(found.n_checked as u64),
        day(found.checked_at),
    ));
    for note in &found.notes {
        output::note(note);
    }
    if is_verbose {
        for left in &found.left_out {
            output::note(format!("left out {}: {}", left.name, left.reason));
        }
    } else if !found.left_out.is_empty() {
        let n = found.left_out.len();
        output::note(format!("{n} traits were left out, as not known of the past; --verbose says why"));
    }
}

fn show(project: &Project, found: &Suggestions, width: Option<usize>) -> Result<(), Error> {
    let day = |at: chrono::DateTime<chrono::Utc>| at.with_timezone(&project.timezone).format("%Y-%m-%d");
    let whom = match &found.among {
        Some(among) => format!("{} of whom {among}", found.subject),
        None => found.subject.to_string(),
    };
    let all = format!(
        "{}: {} of {} {whom} who were not searched, {} to {}",
        found.goal_title,
        found.figure(found.mean_of_all),
        count(found.n_checked as u64),
        day(found.checked_at),
        day(found.as_of),
    );
    lines(wrapped(&all, "", "", width))?;
    output::line("")?;
    if found.suggestions.is_empty() {
        let nothing = "nothing holds up: no combination of these traits stands out so far, on others and later, that it could not be \
                       chance";
        return lines(wrapped(nothing, "", "", width));
    }
    let rungs: Vec<Rung> = found.suggestions.iter().map(|suggestion| rung(found, suggestion)).collect();
    let goal = if found.is_share { "share" } else { "mean" };
    lines(ladder(&["members", goal, "lift", "95 %", "p", "segment"], &rungs, width))?;
    output::line("")?;
    let explained = format!(
        "members: how many of {} {} meet it now; {goal}, lift over all, and p (adjusted for all that were checked): of those who were \
         not searched",
        count(found.n_subjects),
        found.subject
    );
    lines(wrapped(&explained, "", "", width))
}

fn rung(found: &Suggestions, suggestion: &Suggestion) -> Rung {
    // A lift tells nothing where the goal has values of both signs; the difference does.
    let (value, [low, high]) = match &suggestion.lift {
        Some(lift) => (format!("{:.2}", lift.value), [lift.low, lift.high].map(|end| format!("{end:.2}"))),
        None => {
            let difference = &suggestion.difference;
            let signed = |value: f64| format!("{value:+.2}");
            (signed(difference.value), [signed(difference.low), signed(difference.high)])
        }
    };
    let like = match &suggestion.most_like {
        Some(like) => format!("{:.0} % the same as {}", 100.0 * like.jaccard, like.name),
        None => "shares nobody with any segment".to_owned(),
    };
    Rung {
        numbers: vec![
            count(suggestion.n_members),
            found.figure(suggestion.mean),
            value,
            format!("{low}–{high}"),
            chance(suggestion.adjusted_chance),
        ],
        texts: vec![suggestion.condition.clone(), suggestion.name.clone(), like],
    }
}

fn chance(chance: f64) -> String {
    if chance < 0.0001 { "<0.0001".to_owned() } else { format!("{chance:.4}") }
}

fn is_there(file: &Path) -> Error {
    Error::new(ErrorCode::Conflict, format!("{} is there already", file.display()))
        .with_hint("name a file that is not, as --write segments/suggested_2.toml")
}

fn write(file: &Path, text: &str) -> Result<(), Error> {
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => is_there(file),
        _ => Error::new(ErrorCode::Storage, format!("cannot write {}", file.display()))
            .with_hint("its folder has to be there")
            .caused_by(error),
    };
    let mut out = OpenOptions::new().write(true).create_new(true).open(file).map_err(failed)?;
    out.write_all(text.as_bytes()).map_err(failed)
}
