//! Personas as a Markdown text, for documents and for reading aloud.

use std::fmt::Write;

use super::evidence::{Evidence, Facet};
use super::figure;
use super::write::Persona;
use crate::guideline::{Fired, HYPOTHESIS};

/// Personas one after the other, each sentence with its evidence behind it.
pub fn markdown(personas: &[Persona]) -> String {
    let mut text = String::new();
    for persona in personas {
        // Writing to a string cannot fail.
        one(persona, &mut text).ok();
    }
    text
}

fn one(persona: &Persona, text: &mut String) -> std::fmt::Result {
    if !text.is_empty() {
        text.push('\n');
    }
    let segment = &persona.segment;
    writeln!(text, "## {}\n\n{}\n", plain(&persona.name), plain(&persona.summary))?;
    writeln!(
        text,
        "Segment `{}`, {}. {}",
        segment.name.replace('`', "'"),
        segment.date,
        persona.badge.sentence()
    )?;
    for facet in Facet::ALL {
        let mut of_facet = persona.sentences.iter().filter(|each| each.facet == facet).peekable();
        if of_facet.peek().is_some() {
            writeln!(text, "\n### {}\n", facet.title())?;
        }
        for sentence in of_facet {
            let notes: Vec<String> = sentence.evidence.iter().map(Evidence::note).collect();
            writeln!(text, "- {} *({})*", plain(&sentence.text), plain(&notes.join("; ")))?;
        }
    }
    if let Some(representative) = &persona.representative {
        let n = figure::count(representative.n_alike);
        let whose =
            if representative.is_together { "people who are alike" } else { "people, each figure by itself" };
        writeln!(text, "\n### Who stands for them\n\n{} *({n} {whose})*", plain(&representative.sentence()))?;
    }
    let firing = &persona.guidelines;
    if !firing.fired.is_empty() || !firing.guards.is_empty() {
        writeln!(text, "\n### What follows\n\n{HYPOTHESIS}\n")?;
        firing.guards.iter().chain(&firing.fired).try_for_each(|fired| guideline(fired, text))?;
    }
    if !persona.unknown.is_empty() {
        writeln!(text, "\n### What is not known\n")?;
        persona.unknown.iter().try_for_each(|unknown| writeln!(text, "- {}", plain(&unknown.text)))?;
    }
    Ok(())
}

fn guideline(fired: &Fired, text: &mut String) -> std::fmt::Result {
    let rule = &fired.rule;
    let kind = if rule.guard { "Protect" } else { "Try" };
    writeln!(
        text,
        "- {kind} `{}` *(grade {:?}: {})*",
        rule.id.replace('`', "'"),
        rule.grade,
        rule.grade.meaning()
    )?;
    writeln!(text, "  - Content: {}", plain(&rule.content))?;
    fired.lines().iter().try_for_each(|(title, line)| writeln!(text, "  - {title}: {}", plain(line)))
}

/// A text whose characters Markdown gives no meaning to, on one line.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\r' => plain.push(' '),
            '*' | '_' | '`' | '[' | ']' | '<' | '>' | '|' | '\\' | '#' => plain.extend(['\\', character]),
            _ => plain.push(character),
        }
    }
    plain
}
