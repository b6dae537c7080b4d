//! `strata segments coverage`: a segmentation as a list of priorities.

use clap::Args;
use strata_pipeline::error::Error;
use strata_pipeline::preview::{Coverage, coverage};
use strata_pipeline::project::Project;
use strata_pipeline::query::View;

use super::{count, json, lines, percent};
use crate::cli::output;
use crate::cli::prose::{Rung, ladder, wrapped};

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// A segmentation, as rfm
    segmentation: String,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(project: &Project, view: &View, arguments: &Arguments) -> Result<(), Error> {
    let coverage = coverage(project, view, &arguments.segmentation).await?;
    if arguments.json {
        return json(&coverage.json());
    }
    let at = coverage.as_of.with_timezone(&project.timezone);
    output::note(format!("as of {}", at.format("%Y-%m-%d %H:%M %Z")));
    show(&coverage, output::width())
}

fn show(coverage: &Coverage, width: Option<usize>) -> Result<(), Error> {
    let n_assigned = coverage.n_subjects - coverage.n_unassigned;
    let covered = percent(n_assigned, coverage.n_subjects);
    let title = format!(
        "{}: {} of {} {} are in a class, {covered}",
        coverage.title,
        count(n_assigned),
        count(coverage.n_subjects),
        coverage.subject
    );
    lines(wrapped(title.trim_end_matches([',', ' ']), "", "", width))?;
    output::line("")?;
    let classes = coverage.classes.iter().map(|class| {
        let mut texts = vec![class.name.clone()];
        if let Some([text, sentence]) = &class.condition {
            texts.extend([sentence.clone(), text.clone()]);
        }
        if class.n_undecided > 0 {
            texts.push(format!("{} undecided", count(class.n_undecided)));
        }
        let share = percent(class.n_members, coverage.n_subjects);
        Rung { numbers: vec![count(class.n_matching), count(class.n_members), share], texts }
    });
    let unassigned = Rung {
        numbers: vec![
            String::new(),
            count(coverage.n_unassigned),
            percent(coverage.n_unassigned, coverage.n_subjects),
        ],
        texts: vec!["unassigned".to_owned()],
    };
    let rungs: Vec<Rung> = classes.chain([unassigned]).collect();
    lines(ladder(&["match", "get", "share", "class"], &rungs, width))
}
