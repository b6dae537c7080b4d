//! `strata survey kano`: of what kind each feature is to customers, and to each class of a segmentation.

use std::path::Path;

use clap::Args;
use strata_pipeline::error::Error;
use strata_pipeline::run::Session;
use strata_pipeline::spec::error::ErrorCode;
use strata_pipeline::survey::kano::{Group, Told, Wanted, wanted};

use super::super::output;
use super::super::prose::{Rung, ladder, wrapped};
use super::super::segments::{count, json, lines};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A segmentation of customers: the kinds for each of its classes too
    #[arg(long, value_name = "SEGMENTATION")]
    by: Option<String>,
    /// JSON
    #[arg(long)]
    json: bool,
}

/// What the columns say.
const LEGEND: &str = "with: how much having it satisfies, 0 to 1; without: how much lacking it dissatisfies, -1 to 0. Of fewer than 30 answers \
                      nothing is told";

pub(super) async fn run(folder: &Path, session: Session, arguments: &Arguments) -> Result<(), Error> {
    let (project, view) = super::super::open(folder, session).await?;
    let mut all = wanted(&project, &view, arguments.by.as_deref()).await?;
    if arguments.by.is_none() {
        all.iter_mut().for_each(|wanted| wanted.segments.clear());
    }
    if all.is_empty() {
        let hint = "name the features that customers were asked about: [surveys.wishes] with instrument = \"kano\", and below it \
                    [surveys.wishes.features] with free_returns = \"free returns\"; a source has to have answers";
        return Err(Error::new(ErrorCode::NotFound, "the project asks about no features").with_hint(hint));
    }
    if arguments.json {
        let all = serde_json::to_value(&all).map_err(|error| {
            Error::new(ErrorCode::Internal, "cannot write down what features are to customers")
                .caused_by(error)
        })?;
        return json(&all);
    }
    let width = output::width();
    lines(ladder(&["n", "with", "without", "feature"], &rungs(&all), width))?;
    lines(wrapped(LEGEND, "  ", "    ", width))
}

/// A row for each feature, of everybody, and below it one for each class.
fn rungs(all: &[Wanted]) -> Vec<Rung> {
    let mut rungs = Vec::new();
    for wanted in all {
        rungs.push(rung(&wanted.title, &wanted.all));
        let of_classes = wanted.segments.iter();
        rungs.extend(of_classes.map(|of| rung(&format!("- {}", of.title), &of.group)));
    }
    rungs
}

fn rung(what: &str, group: &Group) -> Rung {
    let figure = |of: &dyn Fn(&Told) -> Option<f64>| {
        group.told.as_ref().and_then(of).map_or_else(String::new, |value| format!("{value:.2}"))
    };
    let said = match &group.told {
        None => format!("{what}: too few answers"),
        Some(told) => format!("{what}: {}", told.in_words()),
    };
    let mut texts = vec![said];
    if let Some(told) = group.told.as_ref().filter(|told| told.is_bad_question) {
        texts.push(format!(
            "{:.0} % of the answers contradict each other: word the question anew",
            100.0 * told.questionable_share
        ));
    }
    Rung {
        numbers: vec![
            count(group.n),
            figure(&|told| told.satisfaction),
            figure(&|told| told.dissatisfaction),
        ],
        texts,
    }
}
