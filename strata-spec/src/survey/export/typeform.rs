//! A form in the shape that Typeform's Create API takes: a group for each part, in it a field for each question.

use serde_json::{Value, json};

use super::shown;
use crate::survey::form::{Form, FormSection, Question};

/// Opinion scales have so many steps, says Typeform's reference.
const STEPS: std::ops::RangeInclusive<usize> = 5..=11;

pub(super) fn typeform(form: &Form) -> String {
    let consent = form.consent.iter().map(|consent| field(&consent.question(), true));
    let groups = form.sections.iter().zip(1..).map(|(section, number)| group(section, number));
    let body = json!({
        "title": plain(&form.title),
        "settings": {
            "language": "en",
            "progress_bar": "proportion",
            "show_progress_bar": true,
            "meta": { "allow_indexing": false },
        },
        "hidden": ["customer_id", "form"],
        "fields": consent.chain(groups).collect::<Vec<Value>>(),
    });
    format!("{body:#}\n")
}

fn group(section: &FormSection, number: usize) -> Value {
    let instruction = match section.instruction.is_empty() {
        true => "Please answer:",
        false => &section.instruction,
    };
    let mut properties = json!({
        "show_button": true,
        "button_text": "Continue",
        "fields": section.questions.iter().map(|question| field(question, false)).collect::<Vec<Value>>(),
    });
    if let (Some(credit), Some(properties)) = (&section.credit, properties.as_object_mut()) {
        properties.insert("description".to_owned(), Value::String(plain(credit)));
    }
    json!({
        "ref": format!("part_{number}"),
        "title": plain(instruction),
        "type": "group",
        "properties": properties,
    })
}

/// A question whose every answer has a label is a choice between them; one with labels at its ends is a scale.
fn field(question: &Question, is_required: bool) -> Value {
    let (kind, properties) = match scale(question) {
        Some(properties) => ("opinion_scale", properties),
        None => ("multiple_choice", choices(question)),
    };
    json!({
        "ref": question.id,
        "title": plain(&question.title),
        "type": kind,
        "properties": properties,
        "validations": { "required": is_required },
    })
}

fn scale(question: &Question) -> Option<Value> {
    let (first, last) = (question.choices.first()?, question.choices.last()?);
    let steps = question.choices.len();
    let is_labelled = question.choices.iter().all(|choice| !choice.label.is_empty());
    if is_labelled || !STEPS.contains(&steps) || !(0..=1).contains(&first.value) {
        return None;
    }
    Some(json!({
        "steps": steps,
        "start_at_one": first.value == 1,
        "labels": { "left": plain(&first.label), "right": plain(&last.label) },
    }))
}

fn choices(question: &Question) -> Value {
    let choice = |place: usize| {
        let value = question.choices.get(place).map_or(0, |choice| choice.value);
        json!({ "ref": format!("{}_{value}", question.id), "label": plain(&shown(question, place)) })
    };
    json!({
        "choices": (0..question.choices.len()).map(choice).collect::<Vec<Value>>(),
        "allow_multiple_selection": false,
        "allow_other_choice": false,
        "randomize": false,
        "vertical_alignment": true,
    })
}

/// Text in which Typeform finds no answer to recall.
fn plain(text: &str) -> String {
    text.replace("{{", "{ {")
}
