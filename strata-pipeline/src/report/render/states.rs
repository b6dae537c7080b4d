//! Of how many customers a type is measured, told by a few questions, inferred or unknown; by which questions, and why nothing is inferred.

use super::super::data::{ReportData, share};
use super::html::{Column, Field, Row, escape, table};
use super::number::{count, decimal, percent};
use super::plot::{Figure, hit};
use crate::survey::states::{Evidence, Question, Type, Typing};

/// The height of a state's bar with its words, in pixels.
const STATE: f64 = 42.0;

pub(super) fn html(data: &ReportData) -> String {
    data.typings.iter().enumerate().map(|(place, typing)| part(typing, place)).collect()
}

fn part(typing: &Typing, place: usize) -> String {
    let counts = typing.counts();
    let n_all: u64 = counts.iter().map(|(_, n)| n).sum();
    let height = STATE * counts.len() as f64;
    let (mut shapes, mut hits, mut spoken) = (String::new(), String::new(), Vec::new());
    for (row, (word, n)) in counts.iter().enumerate() {
        let part = share(*n as f64, n_all as f64).unwrap_or(0.0);
        let (y, kind) = (STATE * row as f64, if *word == "unknown" { "of-n" } else { "of-r" });
        shapes.push_str(&format!(
            r#"<text class="lead" x="0" y="{:.1}">{}</text><text class="value" x="100%" y="{:.1}" text-anchor="end">{} <tspan>{}</tspan></text><rect class="{kind}" x="0" y="{:.1}" width="{:.2}%" height="8" rx="2"/>"#,
            y + 14.0,
            capital(word),
            y + 14.0,
            count(*n),
            percent(part),
            y + 22.0,
            100.0 * part,
        ));
        let told = format!(
            "{word}: {} of {} customers ({}), {}",
            count(*n),
            count(n_all),
            percent(part),
            meaning(word)
        );
        hits.push_str(&hit(0.0, y / height * 100.0, 100.0, STATE / height * 100.0, &told));
        spoken.push(told);
    }
    let id = format!("states-{place}");
    Figure {
        id: &id,
        title: &format!("{}: how it is known", typing.title),
        about: "Measured: by the whole questionnaire. Typed: by the few questions that tell most. Inferred: by what customers alike have \
                answered, only where that has been shown to work; nobody is in a class for it. Of all others it is unknown",
        spoken: &spoken.join(". "),
        kind: "states",
        height,
        shapes: &shapes,
        hits: &hits,
        after: &(types(typing) + &inferred(typing) + &questions(typing)),
    }
    .html()
}

fn meaning(word: &str) -> &'static str {
    match word {
        "measured" => "by the whole questionnaire",
        "typed" => "by a few questions",
        "inferred" => "by what customers alike have answered",
        _ => "who were not asked, and are not guessed",
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn types(typing: &Typing) -> String {
    if typing.types.is_empty() {
        return String::new();
    }
    let heads = [
        ("Type", Column::Text),
        ("Measured", Column::Number),
        ("Typed", Column::Number),
        ("Inferred", Column::Number),
        ("Of all customers", Column::Number),
    ];
    let row = |of_type: &Type| {
        Row::of(vec![
            Field::new(escape(&of_type.title), ""),
            Field::new(count(of_type.n_measured), "Measured"),
            Field::new(count(of_type.n_typed), "Typed"),
            Field::new(count(of_type.n_inferred), "Inferred"),
            Field::new(of_type.share.map_or_else(|| "–".to_owned(), percent), "Of all customers"),
        ])
    };
    let rows: Vec<Row> = typing.types.iter().map(row).collect();
    let few = match typing.types.iter().any(|of_type| of_type.share.is_none()) && typing.evidence.is_some() {
        true => {
            r#"<p class="note">–: those of the type, weighted to stand for all customers, are worth fewer than 50 respondents.</p>"#
        }
        false => "",
    };
    format!("{}{few}", table("How each type is known", "simple", &heads, &rows))
}

/// How well types are inferred, or why none is.
fn inferred(typing: &Typing) -> String {
    let skill = typing.evidence.as_ref().map(skill).unwrap_or_default();
    if typing.reasons.is_empty() {
        let how = typing.evidence.as_ref().and_then(how_sure).unwrap_or_default();
        return format!(r#"<p class="note">{skill}{how}</p>"#);
    }
    format!(r#"<p class="note">No type is inferred: {}. {skill}</p>"#, escape(&typing.reasons.join("; ")))
}

fn skill(found: &Evidence) -> String {
    format!(
        "From behaviour the type of {} respondents can be told with a skill of {} ({} to {}), where 0 is no better than chance.",
        count(found.n_respondents),
        decimal(found.skill.skill, 2),
        decimal(found.skill.lower, 2),
        decimal(found.skill.upper, 2),
    )
}

fn how_sure(found: &Evidence) -> Option<String> {
    let tau = found.abstention.tau?;
    Some(format!(
        " A type is inferred from a probability of {} on, which is right for {} of those who reach it.",
        decimal(tau.least, 2),
        percent(tau.accuracy?),
    ))
}

fn questions(typing: &Typing) -> String {
    if typing.questions.is_empty() {
        return String::new();
    }
    let item = |question: &Question| {
        let text = question.text.as_deref().unwrap_or(&question.item);
        format!("<li>{} <small>{}</small></li>", escape(text), percent(question.accuracy))
    };
    let items: String = typing.questions.iter().map(item).collect();
    let base = typing.evidence.as_ref().map_or(0.0, |found| found.base_rate);
    format!(
        r#"<p class="note">Questions that tell the type, with how often it is right by each and those above it (the commonest type alone: {}). <code>strata survey export pulse --golden {}</code> asks them:</p><ol>{items}</ol>"#,
        percent(base),
        escape(&typing.segmentation),
    )
}
