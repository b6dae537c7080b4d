//! Tables with a record for each answer.

use std::collections::HashMap;

use super::Reader;
use super::collect::{Collector, Completed, Given, Who};
use super::columns::{Column, Found};
use super::report::{By, ColumnMatch, Match, MatchReport, NamedBy, Reason, Responses};
use super::role::{Role, long_roles};
use super::value::value;
use crate::document::{listed, suggestion};
use crate::error::SpecError;
use crate::survey::form::CONSENT;
use crate::survey::text::normal;

pub(super) fn read<R: AsRef<[String]>>(
    reader: &Reader,
    header: &[String],
    records: impl IntoIterator<Item = R>,
) -> Result<Responses, SpecError> {
    let layout = Layout::of(reader, header)?;
    let mut table =
        Table { collector: Collector::new(reader), questions: Vec::new(), places: HashMap::new() };
    let mut headed: Vec<ColumnMatch> = (0..header.len()).map(|at| layout.matched(header, at)).collect();
    // Consent may be a record of its own, before or behind the answers that it is about.
    let mut agreed: HashMap<usize, bool> = HashMap::new();
    let mut forms: Vec<usize> = Vec::new();
    let mut n_records = 0;
    for (record, cells) in (1..).zip(records) {
        n_records = record;
        let cells = cells.as_ref();
        let cell = |place: usize| cells.get(place).map_or("", |cell| cell.trim());
        let mut who = Who::default();
        for (at, (role, column)) in layout.roles.iter().zip(&mut headed).enumerate() {
            if !cell(at).is_empty() {
                column.n_given += 1;
                column.n_read += usize::from(role.is_some_and(|role| who.take(role, cell(at))));
            }
        }
        let mut form = table.collector.completed(who, None);
        if let Some(at) = layout.consent.filter(|at| !cell(*at).is_empty()) {
            let given = Given { record, column: CONSENT, answer: cell(at) };
            let is_read = table.collector.take_consent(&mut form, &given);
            if let Some(column) = headed.get_mut(at) {
                column.n_read += usize::from(is_read);
            }
        }
        let given = |place: usize| Given { record, column: cell(layout.item), answer: cell(place) };
        let answers = [Some(layout.answer), layout.number].into_iter().flatten();
        let answers = answers.filter(|place| !cell(*place).is_empty());
        if let Some(yes) = table.take(&form, answers.map(given).collect()) {
            agreed.insert(form.number, yes);
        }
        forms.resize(table.collector.answers.len(), form.number);
        for at in header.len()..cells.len() {
            if !cell(at).is_empty() {
                let given = Given { record, column: "", answer: cell(at) };
                table.collector.refuse(&form, &given, Reason::NoColumn);
            }
        }
    }
    let mut answers = table.collector.answers;
    for (row, form) in answers.iter_mut().zip(&forms) {
        row.consent = row.consent.or(agreed.get(form).copied());
    }
    let columns = headed.into_iter().chain(table.questions.into_iter().map(|(_, matched)| matched)).collect();
    let report = MatchReport { columns, refused: table.collector.refused, n_records };
    Ok(Responses { answers, report })
}

/// Which column says what.
struct Layout {
    roles: Vec<Option<Role>>,
    item: usize,
    answer: usize,
    number: Option<usize>,
    consent: Option<usize>,
}

impl Layout {
    fn of(reader: &Reader, header: &[String]) -> Result<Layout, SpecError> {
        let mut roles = long_roles(header);
        if let Some(wanted) = &reader.options.respondent_column {
            let place = header.iter().position(|column| normal(column) == normal(wanted));
            if let Some(slot) = place.and_then(|place| roles.get_mut(place)) {
                *slot = Some(Role::Respondent(NamedBy::Customer));
            }
        }
        let place_of = |role: Role| roles.iter().position(|each| *each == Some(role));
        let item = place_of(Role::Item).ok_or_else(|| missing("item", header))?;
        let number = place_of(Role::AnswerNumber);
        let answer = place_of(Role::Answer).or(number).ok_or_else(|| missing("answer", header))?;
        let is_named = roles.iter().any(|role| matches!(role, Some(Role::Respondent(_))));
        let is_anonymous = reader.options.keeps_anonymous && place_of(Role::Response).is_some();
        if !is_named && !is_anonymous {
            return Err(missing("respondent", header));
        }
        let consent = header.iter().position(|column| normal(column) == CONSENT);
        Ok(Layout { roles, item, answer, number, consent })
    }

    /// What the report says of a column before anything is read.
    fn matched(&self, header: &[String], at: usize) -> ColumnMatch {
        let role = self.roles.get(at).copied().flatten();
        let matched = match (role, self.consent == Some(at)) {
            (Some(role), _) => Match::Role(role),
            (None, true) => Match::Item { item: CONSENT.to_owned(), by: By::Id },
            (None, false) => {
                Match::Nothing { reason: "it says nothing about an answer".to_owned(), hint: None }
            }
        };
        let column = header.get(at).cloned().unwrap_or_default();
        ColumnMatch { column, matched, n_given: 0, n_read: 0 }
    }
}

/// The answers so far, and the questions that were met.
struct Table<'r> {
    collector: Collector<'r>,
    questions: Vec<(Column, ColumnMatch)>,
    places: HashMap<String, usize>,
}

impl Table<'_> {
    /// Takes in an answer that may be given in two ways, of which the first that can be read counts. Gives it back if it is about consent.
    fn take(&mut self, form: &Completed, given: Vec<Given<'_>>) -> Option<bool> {
        let first = given.first()?;
        let reader = self.collector.reader;
        let at = *self.places.entry(first.column.to_owned()).or_insert_with(|| {
            let column = match reader.find(first.column) {
                Found::One(place, by) => Column::Question(place, by),
                Found::Several(places) => reader.ambiguous(&places),
                Found::None => reader.unknown(first.column),
            };
            let matched = column.matched(reader);
            let matched = ColumnMatch { column: first.column.to_owned(), matched, n_given: 0, n_read: 0 };
            self.questions.push((column, matched));
            self.questions.len() - 1
        });
        let (column, matched) = self.questions.get_mut(at)?;
        matched.n_given += 1;
        let Column::Question(place, _) = column else {
            self.collector.refuse(form, first, Reason::UnknownItem);
            return None;
        };
        let question = reader.questions.get(*place)?;
        let best = given.iter().find(|given| value(question, given.answer).is_ok()).unwrap_or(first);
        if *place == reader.consent() {
            let mut asked = form.clone();
            matched.n_read += usize::from(self.collector.take_consent(&mut asked, best));
            return asked.consent;
        }
        matched.n_read += usize::from(self.collector.take(form, *place, best));
        None
    }
}

fn missing(what: &str, header: &[String]) -> SpecError {
    let names = || header.iter().map(String::as_str);
    let hint =
        suggestion(what, names(), || format!("name a column `{what}`; there are {}", listed(names(), "and")));
    SpecError::new(format!("no column is the {what}")).with_hint(hint)
}
