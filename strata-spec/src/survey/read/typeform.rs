//! What Typeform sends: pages of its Responses API and bodies of its webhooks.

use std::collections::HashMap;

use serde_json::Value;

use super::Reader;
use super::collect::{Collector, Given, Who};
use super::columns::{Column, Found};
use super::report::{ColumnMatch, Match, MatchReport, NamedBy, Reason, Responses};
use super::role::{Role, role_of};
use crate::error::SpecError;
use crate::survey::form::{CONSENT, Question};

pub(super) fn read(reader: &Reader, body: &Value, form: Option<&Value>) -> Result<Responses, SpecError> {
    let forms = responses(body)?;
    let mut titles = HashMap::new();
    if let Some(form) = form {
        add_titles(form, &mut titles);
    }
    let mut page = Page { columns: Vec::new(), places: HashMap::new() };
    let mut collector = Collector::new(reader);
    for (record, response) in (1..).zip(&forms) {
        if let Some(definition) = response.get("definition") {
            add_titles(definition, &mut titles);
        }
        let fields = response.get("answers").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let who = who(reader, response, fields, &mut page);
        let mut form = collector.completed(who, Some(record));
        form.consent = hidden_consent(response);
        let found: Vec<(usize, &Value)> =
            fields.iter().map(|field| (page.place(reader, field, &titles), field)).collect();
        for is_consent in [true, false] {
            for (at, field) in &found {
                let Some((column, matched)) = page.columns.get_mut(*at) else { continue };
                let place = match column {
                    Column::Question(place, _) => Some(*place),
                    _ => None,
                };
                if (place == Some(reader.consent())) != is_consent {
                    continue;
                }
                let sent = Sent::of(field);
                let name = matched.column.clone();
                let given = Given { record, column: &name, answer: &sent.text };
                let is_read = match place {
                    None => matches!(column, Column::Role(_)),
                    Some(_) if sent.is_several => collector.refuse(&form, &given, Reason::SeveralAnswers),
                    Some(_) if is_consent => collector.take_consent(&mut form, &given),
                    Some(place) => match reader.questions.get(place).and_then(|asked| sent.value(asked)) {
                        Some(value) => collector.take_value(&form, place, value, &given),
                        None => collector.take(&form, place, &given),
                    },
                };
                matched.n_given += 1;
                matched.n_read += usize::from(is_read);
            }
        }
    }
    let columns = page.columns.into_iter().map(|(_, matched)| matched).collect();
    let report = MatchReport { columns, refused: collector.refused, n_records: forms.len() };
    Ok(Responses { answers: collector.answers, report })
}

/// The completed forms of a body, in whichever of the shapes it has.
fn responses(body: &Value) -> Result<Vec<&Value>, SpecError> {
    if let Some(response) = body.get("form_response") {
        return Ok(vec![response]);
    }
    if let Some(items) = body.get("items").and_then(Value::as_array) {
        return Ok(items.iter().collect());
    }
    if body.get("answers").is_some() {
        return Ok(vec![body]);
    }
    if let Some(bodies) = body.as_array() {
        return Ok(bodies.iter().map(responses).collect::<Result<Vec<_>, _>>()?.concat());
    }
    Err(SpecError::new("this is not what Typeform sends")
        .with_hint("give a page of its Responses API (`items`), or a webhook's body (`form_response`)"))
}

/// The titles of fields by their ids and refs, those inside groups included.
fn add_titles(form: &Value, titles: &mut HashMap<String, String>) {
    for field in form.get("fields").and_then(Value::as_array).into_iter().flatten() {
        if let Some(title) = field.get("title").and_then(Value::as_str) {
            for key in ["id", "ref"].into_iter().filter_map(|key| field.get(key)?.as_str()) {
                titles.insert(key.to_owned(), title.to_owned());
            }
        }
        if let Some(inner) = field.get("properties") {
            add_titles(inner, titles);
        }
    }
}

/// Who answered: hidden fields first, then an e-mail address that was asked for.
fn who(reader: &Reader, response: &Value, fields: &[Value], page: &mut Page) -> Who {
    let mut who = Who::default();
    let text = |key: &str| response.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    if let Some(token) = text("token").or_else(|| text("response_id")) {
        who.take(Role::Response, token);
    }
    for (key, role) in [("submitted_at", Role::AnsweredAt), ("landed_at", Role::StartedAt)] {
        if let Some(time) = text(key) {
            who.take(role, time);
        }
    }
    for (name, value) in response.get("hidden").and_then(Value::as_object).into_iter().flatten() {
        let value = scalar(value);
        if value.trim().is_empty() {
            continue;
        }
        let wanted = reader.options.respondent_column.as_deref() == Some(name.as_str());
        let role = if wanted { Some(Role::Respondent(NamedBy::Customer)) } else { role_of(name, false) };
        let matched = match role {
            Some(role) => Column::Role(role),
            None => Column::Tool,
        };
        let is_read = role.is_none_or(|role| who.take(role, &value));
        page.count(reader, &format!("hidden {name}"), matched, is_read);
    }
    for email in fields.iter().filter_map(|field| field.get("email")?.as_str()) {
        who.take(Role::Respondent(NamedBy::Email), email);
    }
    who
}

/// What a hidden field says about consent, where the page around the form asked for it.
fn hidden_consent(response: &Value) -> Option<bool> {
    let hidden = scalar(response.get("hidden")?.get(CONSENT)?);
    match hidden.trim().to_lowercase().as_str() {
        "yes" | "true" | "1" => Some(true),
        "no" | "false" | "0" => Some(false),
        _ => None,
    }
}

/// The fields that were met, as columns.
struct Page {
    columns: Vec<(Column, ColumnMatch)>,
    places: HashMap<String, usize>,
}

impl Page {
    /// The place of the column of a field that was answered.
    fn place(&mut self, reader: &Reader, answer: &Value, titles: &HashMap<String, String>) -> usize {
        let text = |key: &str| answer.get("field").and_then(|field| field.get(key)).and_then(Value::as_str);
        let (reference, id) = (text("ref"), text("id"));
        let name = reference.or(id).unwrap_or("a field without a name");
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        let title = [id, reference].into_iter().flatten().find_map(|key| titles.get(key));
        let names = [Some(name), title.map(String::as_str)];
        let mut column = None;
        for found in names.into_iter().flatten().map(|name| reader.find(name)) {
            match found {
                Found::One(place, by) => column = column.or(Some(Column::Question(place, by))),
                Found::Several(places) => column = column.or(Some(reader.ambiguous(&places))),
                Found::None => {}
            }
        }
        let is_email = answer.get("email").is_some();
        let column = column.unwrap_or_else(|| match is_email {
            true => Column::Role(Role::Respondent(NamedBy::Email)),
            false => reader.unknown(title.map_or(name, String::as_str)),
        });
        self.add(reader, name, column)
    }

    fn add(&mut self, reader: &Reader, name: &str, column: Column) -> usize {
        let matched: Match = column.matched(reader);
        let matched = ColumnMatch { column: name.to_owned(), matched, n_given: 0, n_read: 0 };
        self.columns.push((column, matched));
        self.places.insert(name.to_owned(), self.columns.len() - 1);
        self.columns.len() - 1
    }

    /// Counts a value that is no answer.
    fn count(&mut self, reader: &Reader, name: &str, column: Column, is_read: bool) {
        let place = match self.places.get(name) {
            Some(place) => *place,
            None => self.add(reader, name, column),
        };
        if let Some((_, matched)) = self.columns.get_mut(place) {
            matched.n_given += 1;
            matched.n_read += usize::from(is_read);
        }
    }
}

/// An answer as Typeform writes it.
struct Sent {
    text: String,
    /// The ref of the choice, which an export makes of the item and the value.
    choice: Option<String>,
    is_several: bool,
}

impl Sent {
    fn of(answer: &Value) -> Sent {
        let of_choice = |choice: &Value| {
            let text = ["label", "other"].into_iter().find_map(|key| choice.get(key)?.as_str());
            text.unwrap_or_default().to_owned()
        };
        if let Some(choice) = answer.get("choice") {
            let reference = choice.get("ref").and_then(Value::as_str).map(str::to_owned);
            return Sent { text: of_choice(choice), choice: reference, is_several: false };
        }
        if let Some(choices) = answer.get("choices") {
            let list = |key: &str| choices.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
            let labels: Vec<String> = list("labels").iter().map(scalar).collect();
            let reference = list("refs").first().and_then(Value::as_str).map(str::to_owned);
            return Sent { text: labels.join(", "), choice: reference, is_several: labels.len() != 1 };
        }
        // What is left names its value by its type: number, text, boolean and so on.
        let kind = answer.get("type").and_then(Value::as_str).unwrap_or_default();
        Sent { text: answer.get(kind).map_or_else(String::new, scalar), choice: None, is_several: false }
    }

    /// The value of the choice where its ref is one of an export; its label may be a translation then.
    fn value(&self, question: &Question) -> Option<i64> {
        let value = self.choice.as_deref()?.strip_prefix(&question.id)?.strip_prefix('_')?.parse().ok()?;
        question.choices.iter().any(|choice| choice.value == value).then_some(value)
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
