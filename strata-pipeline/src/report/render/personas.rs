//! Personas: segments as people can picture them, each sentence with its evidence in small print.

use strata_spec::guideline::{Fired, HYPOTHESIS};
use strata_spec::persona::{Facet, Persona, Sentence};

use super::super::data::ReportData;
use super::html::escape;
use super::number::counted;

/// So many are shown before the rest is folded away.
const SHOWN: usize = 4;

pub(super) fn html(data: &ReportData) -> String {
    if data.personas.is_empty() {
        return String::new();
    }
    let cards: Vec<String> =
        data.personas.iter().enumerate().map(|(place, persona)| card(persona, place)).collect();
    let (shown, rest) = cards.split_at(cards.len().min(SHOWN));
    let rest = match rest.len() {
        0 => String::new(),
        n => format!(
            r#"<details><summary>{}</summary><div class="cards">{}</div></details>"#,
            counted(n as u64, "more persona", "more personas"),
            rest.concat()
        ),
    };
    format!(
        r#"<section class="part" id="personas" aria-labelledby="h-personas"><header class="head"><h2 id="h-personas">Personas</h2><p>what sets the members of a segment apart from all other customers; no sentence without its evidence, no figure that was not counted or measured</p></header><div class="cards">{}</div>{rest}</section>"#,
        shown.concat()
    )
}

fn card(persona: &Persona, place: usize) -> String {
    let segment = &persona.segment;
    let facets: String = Facet::ALL.into_iter().map(|facet| side(persona, facet)).collect();
    format!(
        r#"<article class="segment persona" id="persona-{place}"><header><h3>{}</h3><p>{}</p><p class="small"><code>{}</code> · {}</p></header>{facets}{}{}{}</article>"#,
        escape(&persona.name),
        escape(&persona.summary),
        escape(&segment.name),
        escape(persona.badge.sentence()),
        representative(persona),
        guidelines(persona),
        unknown(persona),
    )
}

/// One side of the members.
fn side(persona: &Persona, facet: Facet) -> String {
    let said: String = persona.sentences.iter().filter(|each| each.facet == facet).map(sentence).collect();
    if said.is_empty() {
        return said;
    }
    format!(r#"<h4>{}</h4><ul class="told">{said}</ul>"#, facet.title())
}

fn sentence(sentence: &Sentence) -> String {
    let evidence: Vec<String> = sentence.evidence.iter().map(|each| escape(&each.note())).collect();
    format!(r#"<li>{}<div class="why">{}</div></li>"#, escape(&sentence.text), evidence.join("; "))
}

fn representative(persona: &Persona) -> String {
    persona.representative.as_ref().map_or_else(String::new, |found| {
        format!(r#"<h4>Who stands for them</h4><p>{}</p>"#, escape(&found.sentence()))
    })
}

fn guidelines(persona: &Persona) -> String {
    let firing = &persona.guidelines;
    let advice: String = firing.guards.iter().chain(&firing.fired).map(guideline).collect();
    if advice.is_empty() {
        return advice;
    }
    format!(r#"<h4>What follows</h4><p class="small">{}</p>{advice}"#, escape(HYPOTHESIS))
}

/// Advice, the details folded away.
fn guideline(fired: &Fired) -> String {
    let rule = &fired.rule;
    let line = |(title, line): (&str, String)| format!("<dt>{title}</dt><dd>{}</dd>", escape(&line));
    let details: String = fired.lines().into_iter().map(line).collect();
    format!(
        r#"<details><summary>{} (grade {:?}: {})</summary><dl class="advice">{details}</dl></details>"#,
        escape(&rule.content),
        rule.grade,
        escape(rule.grade.meaning()),
    )
}

fn unknown(persona: &Persona) -> String {
    if persona.unknown.is_empty() {
        return String::new();
    }
    let said: String =
        persona.unknown.iter().map(|each| format!("<li>{}</li>", escape(&each.text))).collect();
    format!(r#"<h4>What is not known</h4><ul class="told">{said}</ul>"#)
}
