//! What is measured of customers by asking them: of how many, how well, and what is unknown.

use strata_spec::survey::{AspectsDimension, Instrument, Pack, PackOptions};

use super::super::data::{ReportData, share};
use super::html::{Column, Field, Row, escape, table};
use super::number::{count, decimal, percent};
use super::{states, wanted};
use crate::survey::{ScaleQuality, SurveyQuality};

/// So many questions are shown that would tell most.
const N_QUESTIONS: usize = 5;

pub(super) fn html(data: &ReportData) -> String {
    if data.figures.n_customers == 0 {
        return String::new();
    }
    // Of a survey that nobody has answered, all there is to say is that it is unknown.
    let answered = data.surveys.iter().filter(|survey| survey.n_respondents > 0);
    let parts: String = answered.enumerate().map(|(place, survey)| part(data, survey, place)).collect();
    let parts = parts + &wanted::html(data) + &states::html(data);
    let parts = if parts.is_empty() { parts } else { format!(r#"<div class="plots">{parts}</div>"#) };
    parts + &unknown(data)
}

fn part(data: &ReportData, survey: &SurveyQuality, place: usize) -> String {
    let n_clean = survey.n_respondents.saturating_sub(survey.n_careless);
    let of_all = share(n_clean as f64, data.figures.n_customers as f64);
    let mut about = format!(
        "{} of {} customers have answered with care{}; of the others it is unknown. {} answered without care and do not count.",
        count(n_clean as u64),
        count(data.figures.n_customers),
        of_all.map_or_else(String::new, |share| format!(" ({})", percent(share))),
        count(survey.n_careless as u64),
    );
    if !survey.is_validated {
        about.push_str(
            " The wording is new: whether it measures what it is meant to is told by these figures alone.",
        );
    }
    if let Some(reference) = survey.reference_in_words() {
        about.push_str(&format!(" For z and T, {reference}."));
    }
    for note in &survey.notes {
        about.push_str(&format!(" Note: {note}."));
    }
    let heads = [
        ("Scale", Column::Text),
        ("May be used for", Column::Text),
        ("Customers", Column::Number),
        ("Mean", Column::Number),
        ("Agreement of items", Column::Number),
    ];
    let rows: Vec<Row> = survey.scales.iter().map(row).collect();
    format!(
        r#"<figure class="plot"><figcaption><h3 id="survey-{place}">{}</h3><p>{}</p></figcaption><div class="wide-table" tabindex="0" role="region" aria-labelledby="survey-{place}">{}</div></figure>"#,
        escape(&survey.title),
        escape(&about),
        table("What each scale is worth", "simple", &heads, &rows),
    )
}

fn row(scale: &ScaleQuality) -> Row {
    let figure = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| decimal(value, 2));
    let standing =
        scale.standing.as_ref().map(|standing| format!("Respondents stand {}.", standing.in_words()));
    let reasons = scale.reasons.iter().filter(|_| scale.verdict() != "usable").cloned();
    let said: Vec<String> = standing.into_iter().chain(reasons).collect();
    let why = match said.is_empty() {
        true => String::new(),
        false => format!(r#"<div class="why">{}</div>"#, escape(&said.join(" "))),
    };
    Row::of(vec![
        Field::new(escape(&scale.title), ""),
        Field::new(format!("{}{why}", scale.verdict()), ""),
        Field::new(count(scale.n as u64), "Customers"),
        Field::new(figure(scale.mean), "Mean"),
        Field::new(figure(scale.reliability().map(|(_, value)| value)), "Agreement of items"),
    ])
}

/// The dimensions of which nothing is known, and what would tell most.
fn unknown(data: &ReportData) -> String {
    let is_measured = |dimension: &str| {
        data.surveys.iter().any(|survey| survey.dimension == dimension && survey.n_respondents > 0)
            || (dimension == NEEDS && has_wishes(data))
    };
    let unknown: Vec<String> = AspectsDimension::WORDS
        .iter()
        .filter(|(word, _)| !is_measured(word))
        .map(|(word, _)| word.replace('_', " "))
        .collect();
    if unknown.is_empty() {
        return String::new();
    }
    let mut said = format!(
        r#"<p class="note">Nobody has been asked about {}: of every customer these are unknown. They are not guessed from what customers do.</p>"#,
        escape(&listed(&unknown))
    );
    if data.surveys.iter().all(|survey| survey.n_respondents == 0) && !has_wishes(data) {
        let questions = first_questions();
        let items: String =
            questions.iter().map(|question| format!("<li>{}</li>", escape(question))).collect();
        said.push_str(&format!(
            r#"<p class="note">Five questions to begin with, a minute’s work for whoever answers. How far do you agree?</p><ol>{items}</ol><p class="note"><code>strata survey export pulse</code> writes them as a form; <code>strata survey list</code> shows all questionnaires.</p>"#
        ));
    }
    said
}

/// The dimension that features are wished for in.
const NEEDS: &str = "conscious_needs";

fn has_wishes(data: &ReportData) -> bool {
    data.wanted.iter().any(|wanted| wanted.all.n > 0)
}

/// The first questions of the shortest pack that say something of a person: a feeling is a state, and a word without its instruction.
fn first_questions() -> Vec<String> {
    let forms = Pack::Pulse.forms(&PackOptions::default()).unwrap_or_default();
    let lasts = |id: &str| {
        Instrument::find(id).is_ok_and(|found| found.aspects_dimension != AspectsDimension::Emotions)
    };
    let questions =
        forms.iter().flat_map(|form| form.questions()).filter(|question| lasts(&question.instrument));
    questions.map(|question| question.text.clone()).take(N_QUESTIONS).collect()
}

fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
