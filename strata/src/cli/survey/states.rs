//! `strata survey states`: of how many customers a type is measured, typed, inferred or unknown, and by what.

use std::path::Path;

use clap::Args;
use strata_pipeline::error::Error;
use strata_pipeline::run::Session;
use strata_pipeline::spec::error::ErrorCode;
use strata_pipeline::survey::states::{Evidence, Type, Typing, typings};

use super::super::output;
use super::super::prose::{Rung, ladder, wrapped};
use super::super::segments::{count, lines};
use super::told::Asked;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// One of the project's psychometric segmentations; all unless given
    segmentation: Option<String>,
    /// JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(folder: &Path, session: Session, arguments: &Arguments) -> Result<(), Error> {
    let (_, view) = super::super::open(folder, session).await?;
    let all = typings(&view).await?;
    if all.is_empty() {
        let hint = "types are the classes of a segmentation of layer \"psychometric\" whose traits are scales of surveys: [segmentations.mindset] \
                    with model = \"gaussian_mixture\" and features = [\"attitudes_price_consciousness\", …]";
        return Err(
            Error::new(ErrorCode::NotFound, "the last run knew no types of customers").with_hint(hint)
        );
    }
    let refusal = ["surveys decide no segmentation", "they decide"];
    let asked = Asked { name: arguments.segmentation.as_deref(), json: arguments.json, refusal };
    asked.tell(all, |one| &one.segmentation, |all| serde_json::to_value(all), show)
}

fn show(typing: &Typing, width: Option<usize>) -> Result<(), Error> {
    let counts = typing.counts().map(|(word, n)| format!("{word} {}", count(n))).join(", ");
    let about =
        format!("{}: {}, by {}. {counts}", typing.segmentation, typing.title, typing.surveys.join(", "));
    lines(wrapped(&about, "", "  ", width))?;
    if !typing.types.is_empty() {
        output::line("")?;
        let rungs: Vec<Rung> = typing.types.iter().map(of_type).collect();
        lines(ladder(&["measured", "typed", "inferred", "share", "type"], &rungs, width))?;
        let about = "share: of all customers, by respondents who are weighted to stand for them; none where those of a type are worth \
                     fewer than 50";
        lines(wrapped(about, "  ", "  ", width))?;
    }
    if !typing.questions.is_empty() {
        let base = typing.evidence.as_ref().map_or(0.0, |found| found.base_rate);
        output::line("")?;
        let about =
            format!("Questions that tell the type (the commonest type alone is right for {})", percent(base));
        lines(wrapped(&about, "", "  ", width))?;
        let rungs: Vec<Rung> = typing
            .questions
            .iter()
            .map(|question| Rung {
                numbers: vec![percent(question.accuracy)],
                texts: vec![question.text.clone().unwrap_or_else(|| question.item.clone())],
            })
            .collect();
        lines(ladder(&["right", "with this question and those above"], &rungs, width))?;
    }
    output::line("")?;
    if let Some(found) = &typing.evidence {
        lines(wrapped(&skill(found), "", "  ", width))?;
    }
    let is_inferred = typing.types.iter().any(|of_type| of_type.n_inferred > 0);
    if typing.reasons.is_empty() && is_inferred {
        return trade(typing, width);
    }
    let reasons = match typing.reasons.as_slice() {
        [] => vec!["nobody's type is sure enough".to_owned()],
        reasons => reasons.to_vec(),
    };
    lines(wrapped("No type is inferred:", "", "  ", width))?;
    reasons.iter().try_for_each(|reason| lines(wrapped(&format!("- {reason}"), "  ", "    ", width)))
}

fn of_type(of_type: &Type) -> Rung {
    let numbers = [of_type.n_measured, of_type.n_typed, of_type.n_inferred].map(count);
    let share = of_type.share.map_or_else(String::new, percent);
    Rung {
        numbers: numbers.into_iter().chain([share]).collect(),
        // A class that nobody gave a title has its name alone.
        texts: match of_type.title == of_type.name {
            true => vec![of_type.name.clone()],
            false => vec![of_type.name.clone(), of_type.title.clone()],
        },
    }
}

fn skill(found: &Evidence) -> String {
    let skill = &found.skill;
    format!(
        "What is known of everybody tells the type of {} respondents (worth {:.0}) with a skill of {:.3} ({:.3} to {:.3}); 0 is no better than \
         the shares of types, and shuffled types give {:.3} at most",
        count(found.n_respondents),
        found.n_effective,
        skill.skill,
        skill.lower,
        skill.upper,
        found.shuffled.iter().map(|skill| skill.skill).fold(f64::NEG_INFINITY, f64::max),
    )
}

/// How many are typed at which certainty, and how often rightly.
fn trade(typing: &Typing, width: Option<usize>) -> Result<(), Error> {
    let Some(found) = &typing.evidence else { return Ok(()) };
    let from = found.abstention.tau.map_or_else(
        || "A type is inferred where only one is likely".to_owned(),
        |tau| format!("A type is inferred from a probability of {:.2} on", tau.least),
    );
    lines(wrapped(&from, "", "  ", width))?;
    let shown = found.abstention.table.iter().filter(|row| row.n > 0);
    let rungs: Vec<Rung> = shown
        .map(|row| Rung {
            numbers: vec![
                format!("{:.2}", row.least),
                percent(row.coverage),
                row.accuracy.map_or_else(String::new, percent),
            ],
            texts: Vec::new(),
        })
        .collect();
    lines(ladder(&["from", "respondents", "right"], &rungs, width))
}

fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}
