//! `strata segments drift`: which shares left their usual range, and which traits have shifted.

use clap::Args;
use strata_pipeline::drift::{Ask, Drift, Kind, Level, Row, drift};
use strata_pipeline::error::Error;
use strata_pipeline::project::Project;
use strata_pipeline::query::View;

use super::{json, lines, local};
use crate::cli::prose::wrapped;
use crate::cli::{Shape, output, table};

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Traits are compared with those of the last run by this date or time; of the run before unless given
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// As of the last run by this date or time; the last run's unless given
    #[arg(long, value_name = "DATE")]
    to: Option<String>,
    /// How many classes, segments and traits are shown
    #[arg(long, default_value_t = 20, value_name = "N")]
    limit: usize,
    #[command(flatten)]
    shape: Shape,
}

pub(super) async fn run(project: &Project, view: &View, arguments: Arguments) -> Result<(), Error> {
    let instant = |at: &Option<String>| at.as_deref().map(|at| project.instant(at)).transpose();
    let found = drift(view, &Ask { from: instant(&arguments.from)?, to: instant(&arguments.to)? }).await?;
    if arguments.shape.json {
        return json(&found.json());
    }
    if arguments.shape.csv {
        return output::rows(found.answer(view)?, arguments.shape, None).await;
    }
    let against = match found.before {
        Some(before) => format!(", traits against that as of {}", local(project, before)),
        None => String::new(),
    };
    output::note(format!("the run as of {}{against}", local(project, found.as_of)));
    show(&found, arguments.limit, output::width())
}

fn show(found: &Drift, limit: usize, width: Option<usize>) -> Result<(), Error> {
    let mut is_first = true;
    for kind in [Kind::Share, Kind::Psi] {
        let n_compared = found.rows.iter().filter(|row| row.kind == kind && row.low.is_some()).count();
        if n_compared == 0 {
            continue;
        }
        if !std::mem::take(&mut is_first) {
            output::line("")?;
        }
        let rows = found.notable(kind);
        output::line(match kind {
            Kind::Share => {
                format!("outside their usual range: {} of {n_compared} classes and segments", rows.len())
            }
            Kind::Psi => format!("shifted: {} of {n_compared} traits", rows.len()),
        })?;
        if rows.is_empty() {
            continue;
        }
        output::line("")?;
        let (heads, numeric): (&[&str], &[bool]) = match kind {
            Kind::Share => (
                &["segment", "now", "before", "usual", "runs", "subject"],
                &[false, true, true, true, true, false],
            ),
            Kind::Psi => (
                &["trait", "index", "moderate", "significant", "shift", "subject"],
                &[false, true, true, true, false, false],
            ),
        };
        let heads: Vec<String> = heads.iter().map(|head| (*head).to_owned()).collect();
        let shown: Vec<_> = rows.iter().take(limit).map(|row| cells(row)).collect();
        lines(table::lines(&heads, numeric, &shown, width))?;
        if rows.len() > limit {
            output::line(format!("({} more: --limit, or --json for all)", rows.len() - limit))?;
        }
    }
    let Some(sentence) = found.too_few() else { return Ok(()) };
    if !is_first {
        output::line("")?;
    }
    lines(wrapped(&sentence, "", "  ", width))
}

fn cells(row: &Row) -> Vec<Option<String>> {
    let percent = |share: f64| format!("{:.2} %", share * 100.0);
    let limits = row.low.zip(row.high);
    let subject = row.subject.to_string();
    match row.kind {
        Kind::Share => vec![
            Some(row.name.clone()),
            Some(percent(row.value)),
            row.before.map(percent),
            limits.map(|(low, high)| format!("{:.2} – {}", low * 100.0, percent(high))),
            Some(row.n_earlier.to_string()),
            Some(subject),
        ],
        Kind::Psi => vec![
            Some(row.name.clone()),
            Some(format!("{:.3}", row.value)),
            limits.map(|(low, _)| format!("{low:.2}")),
            limits.map(|(_, high)| format!("{high:.2}")),
            Some(if row.level == Level::Alert { "significant" } else { "moderate" }.to_owned()),
            Some(subject),
        ],
    }
}
