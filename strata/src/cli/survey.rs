//! `strata survey`: what may be asked, how it is asked, and what the answers are worth.

mod export;
mod import;
mod kano;
mod quality;
mod states;
mod told;

use std::path::Path;

use clap::Subcommand;
use strata_pipeline::error::Error;
use strata_pipeline::run::Session;
use strata_pipeline::spec::survey::{Content, Instrument, Tier};

use super::output;
use super::prose::{Rung, ladder, wrapped};
use super::segments::{json, lines};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// The questionnaires that come with Strata: what they measure, how long they are, and whether their text may be used
    List {
        /// JSON
        #[arg(long)]
        json: bool,
    },
    /// One questionnaire: its questions, answers and scales, its licence and source
    Show {
        /// Its id, as attitudes-24-cc0
        instrument: String,
    },
    /// A questionnaire or a pack of them as a file for people to answer: a page to print, a CSV, or a form for Typeform
    Export(export::Arguments),
    /// Answers from a survey tool as a file that a source of the project reads, and what became of each column
    Import(import::Arguments),
    /// What the answers to the project's surveys are worth: who answered with care, and what each scale may be used for
    Quality(quality::Arguments),
    /// What a feature is to customers, and to each class of a segmentation: expected, the more the better, a pleasure, all the same
    Kano(kano::Arguments),
    /// Of how many customers a type is measured, told by a few questions, inferred from others or unknown, and how well that works
    States(states::Arguments),
}

pub(super) async fn run(folder: &Path, session: Session, command: Command) -> Result<(), Error> {
    match command {
        Command::List { json } => list(json),
        Command::Show { instrument } => show(&instrument),
        Command::Export(arguments) => export::run(folder, session, &arguments).await,
        Command::Import(arguments) => import::run(folder, &arguments),
        Command::Kano(arguments) => kano::run(folder, session, &arguments).await,
        Command::Quality(arguments) => quality::run(folder, session, &arguments).await,
        Command::States(arguments) => states::run(folder, session, &arguments).await,
    }
}

/// What may be done with an instrument's text.
fn text_of(instrument: &Instrument) -> &'static str {
    match instrument.tier {
        Tier::Ship => "free",
        Tier::ByoCredit => "with credit",
        Tier::KeyOnly => "bring your own",
    }
}

fn n_items(instrument: &Instrument) -> usize {
    match &instrument.content {
        Content::Rating(rating) => rating.items.len(),
        Content::BestWorst { best_worst, .. } => best_worst.sets.len(),
        Content::Kano(_) => 2,
    }
}

fn list(as_json: bool) -> Result<(), Error> {
    let all = Instrument::shipped();
    if as_json {
        let one = |instrument: &Instrument| {
            serde_json::json!({
                "instrument": instrument.id,
                "title": instrument.name,
                "dimension": instrument.aspects_dimension.as_str(),
                "n_items": n_items(instrument),
                "tier": instrument.tier.as_str(),
                "is_default": instrument.default,
                "is_validated": instrument.validated,
                "licence": instrument.licence,
                "scales": instrument.rating().map(|rating| {
                    rating.scales.iter().map(|scale| scale.name.as_str()).collect::<Vec<_>>()
                }),
            })
        };
        return json(&all.iter().map(one).collect::<Vec<_>>().into());
    }
    let width = output::width();
    let heads = ["items", "questionnaire"];
    let rungs: Vec<Rung> = all
        .iter()
        .map(|instrument| Rung {
            numbers: vec![n_items(instrument).to_string()],
            texts: vec![
                format!(
                    "{}: {}, text: {}",
                    instrument.id,
                    instrument.aspects_dimension.as_str().replace('_', " "),
                    text_of(instrument)
                ),
                instrument.name.clone(),
            ],
        })
        .collect();
    lines(ladder(&heads, &rungs, width))?;
    output::line("")?;
    let about = "text: free wording may be used by anybody; of the others only the key is here, and their text is yours to bring. Wording \
                 written for Strata is new: whether it measures is told by your own answers (`strata survey quality`)";
    lines(wrapped(about, "", "", width))
}

fn show(id: &str) -> Result<(), Error> {
    let instrument = Instrument::find(id)?;
    let width = output::width();
    lines(wrapped(&format!("{}: {}", instrument.id, instrument.name), "", "  ", width))?;
    let validated =
        if instrument.validated { "published studies support it" } else { "new wording, not validated yet" };
    for (what, said) in [
        ("measures", Some(instrument.aspects_dimension.as_str().replace('_', " "))),
        ("evidence", Some(validated.to_owned())),
        ("licence", Some(instrument.licence.clone())),
        ("after", Some(instrument.citation.clone())),
        ("source", instrument.source.clone()),
        ("credit", instrument.credit.clone()),
        ("law", instrument.gdpr_note.clone()),
        ("note", instrument.note.clone()),
        ("asks", instrument.instruction.clone()),
    ] {
        if let Some(said) = said {
            lines(wrapped(&format!("{what}: {said}"), "  ", "    ", width))?;
        }
    }
    let Some(rating) = instrument.rating() else { return show_choices(instrument, width) };
    let range = &rating.response;
    let ends = [range.labels.first(), range.labels.last()].map(|label| label.map_or("", String::as_str));
    output::line("")?;
    lines(wrapped(
        &format!("answers: {} ({}) to {} ({})", range.min, ends[0], range.max, ends[1]),
        "",
        "  ",
        width,
    ))?;
    for scale in &rating.scales {
        output::line("")?;
        output::line(&scale.name)?;
        for item in rating.items.iter().filter(|item| item.scale == scale.id) {
            let sign = if item.key < 0 { '-' } else { '+' };
            let text = item.text.as_deref().unwrap_or("(bring your own text)");
            lines(wrapped(&format!("{sign} {}: {text}", item.id), "  ", "    ", width))?;
        }
    }
    Ok(())
}

/// What is asked where nothing is rated: sets to choose from, or pairs about features.
fn show_choices(instrument: &Instrument, width: Option<usize>) -> Result<(), Error> {
    output::line("")?;
    if let Some((best_worst, _)) = instrument.best_worst() {
        for (place, set) in best_worst.sets.iter().enumerate() {
            let shown = set.iter().filter_map(|appeal| best_worst.appeals.get(appeal.checked_sub(1)?));
            let texts: Vec<&str> = shown.map(|appeal| appeal.text.as_str()).collect();
            lines(wrapped(&format!("set {}: {}", place + 1, texts.join("; ")), "  ", "    ", width))?;
        }
    }
    if let Some(kano) = instrument.kano() {
        for stem in [&kano.functional_stem, &kano.dysfunctional_stem] {
            lines(wrapped(stem, "  ", "    ", width))?;
        }
        lines(wrapped(&format!("answers: {}", kano.answers.join("; ")), "  ", "    ", width))?;
    }
    Ok(())
}
