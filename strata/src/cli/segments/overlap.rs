//! `strata segments overlap`: how far segments are the same.

use clap::Args;
use strata_pipeline::error::Error;
use strata_pipeline::overlap::{Ask, Combination, MOST_COMBINED, Overlap, Pair, Relation, overlap};
use strata_pipeline::project::Project;
use strata_pipeline::query::View;

use super::{About, count, json, lines, percent};
use crate::cli::prose::wrapped;
use crate::cli::{output, table};

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Segments, classes as rfm/champions, and segmentations, which stand for their classes; all unless given
    names: Vec<String>,
    /// Whose segments
    #[arg(long, value_enum, default_value_t = About::Customers)]
    subject: About,
    /// As of the last run by this date or time; the last run's unless given
    #[arg(long, value_name = "DATE")]
    at: Option<String>,
    /// How many pairs and combinations are shown
    #[arg(long, default_value_t = 20, value_name = "N")]
    limit: usize,
    /// One JSON object, with all pairs and combinations
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(project: &Project, view: &View, arguments: Arguments) -> Result<(), Error> {
    let at = arguments.at.as_deref().map(|at| project.instant(at)).transpose()?;
    let ask = Ask { subject: arguments.subject.into(), names: arguments.names, at };
    let overlap = overlap(view, &ask).await?;
    if arguments.json {
        return json(&overlap.json());
    }
    let at = overlap.as_of.with_timezone(&project.timezone);
    output::note(format!("the run as of {}", at.format("%Y-%m-%d %H:%M %Z")));
    show(&overlap, arguments.limit, output::width())
}

fn show(overlap: &Overlap, limit: usize, width: Option<usize>) -> Result<(), Error> {
    let sets = match overlap.sets.len() {
        1 => "one segment".to_owned(),
        n => format!("{n} segments and classes"),
    };
    output::line(format!("{sets} of {} {}", count(overlap.n_subjects), overlap.subject))?;
    if !overlap.pairs.is_empty() {
        output::line("")?;
        let heads = ["alike", "both", "first", "in it", "second", "in it"].map(str::to_owned);
        let rows: Vec<_> = overlap.pairs.iter().take(limit).map(|pair| row(overlap, pair)).collect();
        lines(table::lines(&heads, &[true, true, false, true, false, true], &rows, width))?;
        lines(more(overlap.pairs.len(), limit, "pairs"))?;
    }
    let told: Vec<String> = overlap.pairs.iter().filter_map(|pair| sentence(overlap, pair)).collect();
    if !told.is_empty() {
        output::line("")?;
        for sentence in told.iter().take(limit) {
            lines(wrapped(sentence, "", "  ", width))?;
        }
        lines(more(told.len(), limit, "such pairs"))?;
    }
    let Some(combinations) = &overlap.combinations else {
        let note =
            format!("combinations are counted of at most {MOST_COMBINED}: name segments or segmentations");
        output::note(note);
        return Ok(());
    };
    output::line("")?;
    let heads = [overlap.subject.as_str(), "share", "are in exactly"].map(str::to_owned);
    let rows: Vec<_> = combinations.iter().take(limit).map(|each| combination(overlap, each)).collect();
    lines(table::lines(&heads, &[true, true, false], &rows, width))?;
    lines(more(combinations.len(), limit, "combinations"))
}

fn row(overlap: &Overlap, pair: &Pair) -> Vec<Option<String>> {
    let cells = [
        percent(pair.n_both, pair.n_first + pair.n_second - pair.n_both),
        count(pair.n_both),
        overlap.sets[pair.first].name.clone(),
        percent(pair.n_both, pair.n_first),
        overlap.sets[pair.second].name.clone(),
        percent(pair.n_both, pair.n_second),
    ];
    cells.map(Some).to_vec()
}

/// What is worth saying of two segments in words; nothing of those that only share some.
fn sentence(overlap: &Overlap, pair: &Pair) -> Option<String> {
    let (first, second) = (&overlap.sets[pair.first].name, &overlap.sets[pair.second].name);
    let alike = percent(pair.n_both, pair.n_first + pair.n_second - pair.n_both);
    Some(match pair.relation() {
        Relation::Same => format!("{first} and {second} have the same members: one of them will do"),
        Relation::Redundant => format!("{first} and {second} are {alike} the same: one of them may do"),
        Relation::Within => format!("{first} lies within {second}"),
        Relation::Contains => format!("{second} lies within {first}"),
        Relation::Overlaps => return None,
    })
}

fn combination(overlap: &Overlap, each: &Combination) -> Vec<Option<String>> {
    let names: Vec<&str> = each.sets.iter().map(|at| overlap.sets[*at].name.as_str()).collect();
    let names = if names.is_empty() { "none of them".to_owned() } else { names.join(" & ") };
    let share = percent(each.n_subjects, overlap.n_subjects);
    vec![Some(count(each.n_subjects)), Some(share), Some(names)]
}

fn more(n: usize, limit: usize, what: &str) -> Option<String> {
    (n > limit).then(|| format!("({} more {what}: --limit, or --json for all)", n - limit))
}
