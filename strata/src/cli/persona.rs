//! `strata persona`: segments as people can picture them.

use std::path::Path;

use clap::{Args, Subcommand};
use strata_pipeline::error::Error;
use strata_pipeline::persona::personas;
use strata_pipeline::run::Session;
use strata_pipeline::spec::error::ErrorCode;
use strata_pipeline::spec::persona::{Persona, markdown};

use super::output;
use super::prose::wrapped;
use super::segments::{json, lines};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Personas of segments: each sentence with the figures that it rests on, and what is not known
    Show(Show),
}

#[derive(Debug, Args)]
pub(super) struct Show {
    /// A segment, a class as `rfm/champions`, or a segmentation with all its classes; whatever the project itself defines unless given
    segment: Option<String>,
    /// A JSON list, each sentence with its evidence
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// Markdown, for a document
    #[arg(long)]
    markdown: bool,
}

pub(super) async fn run(folder: &Path, session: Session, command: Command) -> Result<(), Error> {
    let Command::Show(show) = command;
    let (project, view) = super::open(folder, session).await?;
    let found = personas(&project, &view, show.segment.as_deref()).await?;
    if show.json {
        let found = serde_json::to_value(&found).map_err(|error| {
            Error::new(ErrorCode::Internal, "cannot write personas down").caused_by(error)
        })?;
        return json(&found);
    }
    if found.is_empty() {
        let error =
            Error::new(ErrorCode::NotFound, "the project defines no segments of customers that have members");
        return Err(error.with_hint("name a segmentation: `strata persona show rfm`"));
    }
    if show.markdown {
        return output::line(markdown(&found).trim_end());
    }
    let width = output::width();
    for (place, persona) in found.iter().enumerate() {
        if place > 0 {
            output::line("")?;
        }
        tell(persona, width)?;
    }
    Ok(())
}

/// A persona for a terminal: the sentences, and behind each how surely.
fn tell(persona: &Persona, width: Option<usize>) -> Result<(), Error> {
    let say = |text: &str, first: &str, others: &str| lines(wrapped(text, first, others, width));
    say(&format!("{}: {}", persona.name, persona.segment.name), "", "  ")?;
    say(&persona.summary, "  ", "  ")?;
    say(persona.badge.sentence(), "  ", "  ")?;
    let mut facet = None;
    for sentence in &persona.sentences {
        if facet != Some(sentence.facet) {
            output::line("")?;
            output::line(format!("  {}", sentence.facet.title()))?;
            facet = Some(sentence.facet);
        }
        let evidence: Vec<String> = sentence.evidence.iter().map(|each| each.note()).collect();
        say(&format!("{} ({})", sentence.text, evidence.join("; ")), "  - ", "    ")?;
    }
    if let Some(representative) = &persona.representative {
        output::line("")?;
        say(&representative.sentence(), "  ", "  ")?;
    }
    let guidelines = &persona.guidelines;
    if !(guidelines.guards.is_empty() && guidelines.fired.is_empty()) {
        output::line("")?;
        output::line("  What follows (a hypothesis to test, not a fact)")?;
        for fired in guidelines.guards.iter().chain(&guidelines.fired) {
            let rule = &fired.rule;
            let what = if rule.guard { "protect" } else { "try" };
            say(&format!("{what} `{}` (grade {:?}): {}", rule.id, rule.grade, rule.content), "  - ", "    ")?;
        }
    }
    if !persona.unknown.is_empty() {
        output::line("")?;
        output::line("  What is not known")?;
        for unknown in &persona.unknown {
            say(&unknown.text, "  - ", "    ")?;
        }
    }
    Ok(())
}
