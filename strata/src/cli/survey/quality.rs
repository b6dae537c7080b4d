//! `strata survey quality`: what the answers to the project's surveys are worth.

use std::path::Path;

use clap::Args;
use strata_pipeline::error::Error;
use strata_pipeline::run::Session;
use strata_pipeline::spec::error::ErrorCode;
use strata_pipeline::survey::{ScaleQuality, SurveyQuality, quality};

use super::super::output;
use super::super::prose::{Rung, ladder, wrapped};
use super::super::segments::{count, lines};
use super::told::Asked;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// One of the project's surveys; all unless given
    survey: Option<String>,
    /// JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(folder: &Path, session: Session, arguments: &Arguments) -> Result<(), Error> {
    let (project, view) = super::super::open(folder, session).await?;
    let (all, _) = quality(&project, &view).await?;
    if all.is_empty() {
        let hint = "name the questionnaire that customers were asked: [surveys.attitudes] with instrument = \"attitudes-24-cc0\"; `strata survey \
                    list` shows them";
        return Err(Error::new(ErrorCode::NotFound, "the project has no surveys").with_hint(hint));
    }
    let refusal = ["there is no survey", "there are"];
    let asked = Asked { name: arguments.survey.as_deref(), json: arguments.json, refusal };
    asked.tell(all, |one| &one.survey, |all| serde_json::to_value(all), show)
}

fn show(quality: &SurveyQuality, width: Option<usize>) -> Result<(), Error> {
    let mut about = format!(
        "{}: {}, {}. {} have answered, {} of them without care",
        quality.survey,
        quality.title,
        quality.instrument,
        count(quality.n_respondents as u64),
        count(quality.n_careless as u64),
    );
    if !quality.is_validated {
        about.push_str("; its wording is new: only these figures say whether it measures");
    }
    lines(wrapped(&about, "", "  ", width))?;
    for note in &quality.notes {
        lines(wrapped(&format!("note: {note}"), "  ", "    ", width))?;
    }
    if !quality.unasked.is_empty() {
        let said = format!("nobody was asked {}", quality.unasked.join(", "));
        lines(wrapped(&said, "  ", "    ", width))?;
    }
    if let Some(reference) = quality.reference_in_words() {
        lines(wrapped(&reference, "  ", "    ", width))?;
    }
    output::line("")?;
    let rungs: Vec<Rung> = quality.scales.iter().map(rung).collect();
    lines(ladder(&["n", "mean", "sd", "agree", "verdict"], &rungs, width))
}

/// A scale: its figures, then its name with what it may be used for, then what is not as it should be.
fn rung(scale: &ScaleQuality) -> Rung {
    let figure = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.2}"));
    let mut texts = vec![format!("{}: {}", scale.name, scale.verdict())];
    texts
        .extend(scale.standing.as_ref().map(|standing| format!("respondents stand {}", standing.in_words())));
    if scale.verdict() != "usable" {
        texts.extend(scale.reasons.iter().cloned());
    }
    Rung {
        numbers: vec![
            count(scale.n as u64),
            figure(scale.mean),
            figure(scale.deviation),
            figure(scale.reliability().map(|(_, value)| value)),
        ],
        texts,
    }
}
