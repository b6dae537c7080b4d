//! `strata segments preview`: a condition that is not saved yet.

use clap::Args;
use strata_pipeline::error::Error;
use strata_pipeline::preview::{Ask, Preview, condition};
use strata_pipeline::project::Project;
use strata_pipeline::query::View;

use super::{About, count, json, lines, percent};
use crate::cli::prose::{Rung, ladder, wrapped};
use crate::cli::{output, table};

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// A condition, as "count(orders) >= 5 and country = 'DE'"
    condition: String,
    /// Whom it is about
    #[arg(long, value_enum, default_value_t = About::Customers)]
    subject: About,
    /// An earlier date or time than the last run's
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(project: &Project, view: &View, arguments: &Arguments) -> Result<(), Error> {
    let as_of = arguments.as_of.as_ref().map(|text| project.instant(text)).transpose()?;
    let subject = arguments.subject.into();
    let preview = condition(project, view, &Ask { text: &arguments.condition, subject, as_of }).await?;
    if !preview.scanned.is_empty() {
        let tables = preview.scanned.iter().map(|table| table.as_str()).collect::<Vec<_>>().join(", ");
        output::note(format!("scanned {tables}: the last run has not stored what was asked of them"));
    }
    if arguments.json {
        return json(&preview.json());
    }
    let at = preview.as_of.with_timezone(&project.timezone);
    output::note(format!("as of {}", at.format("%Y-%m-%d %H:%M %Z")));
    show(&preview, output::width())
}

fn show(preview: &Preview, width: Option<usize>) -> Result<(), Error> {
    lines(wrapped(&preview.sentence, "", "", width))?;
    output::line("")?;
    let share = percent(preview.n_members, preview.n_subjects);
    let of = format!("{} of {} {}", count(preview.n_members), count(preview.n_subjects), preview.subject);
    output::line(format!("members    {of}, {share}").trim_end_matches([',', ' ']))?;
    output::line(format!("undecided  {} for want of data", count(preview.n_undecided)))?;
    if preview.clauses.len() > 1 {
        output::line("")?;
        let everyone = Rung {
            numbers: vec![String::new(), String::new(), count(preview.n_subjects)],
            texts: vec![format!("all {}", preview.subject)],
        };
        let clauses = preview.clauses.iter().map(|clause| {
            let mut texts = vec![clause.sentence.clone(), clause.text.clone()];
            if clause.n_undecided > 0 {
                texts.push(format!("{} undecided", count(clause.n_undecided)));
            }
            let numbers = [clause.n_alone, clause.n_removed, clause.n_left].map(count).to_vec();
            Rung { numbers, texts }
        });
        let rungs: Vec<Rung> = [everyone].into_iter().chain(clauses).collect();
        lines(ladder(&["alone", "removed", "left", "clause"], &rungs, width))?;
    }
    if !preview.sample.cells.is_empty() {
        output::line("")?;
        let (columns, cells) = (&preview.sample.columns, &preview.sample.cells);
        lines(table::lines(columns, &preview.sample.numeric, cells, width))?;
        let n_more = preview.n_members.saturating_sub(cells.len() as u64);
        if n_more > 0 {
            output::line(format!("and {} more", count(n_more)))?;
        }
    }
    Ok(())
}
