//! Gathers answers of completed forms into rows and refusals.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDateTime};

use super::Reader;
use super::report::{Answer, NamedBy, Reason, Refused};
use super::role::Role;
use super::value::value;
use crate::survey::form::CONSENT;
use crate::survey::text::normal;

/// What the cells of a completed form say beside its answers.
#[derive(Debug, Clone, Default)]
pub(super) struct Who {
    respondent: Option<(NamedBy, String)>,
    response: Option<String>,
    answered_at: Option<String>,
    started_at: Option<String>,
    duration_seconds: Option<f64>,
    purpose: Option<String>,
}

impl Who {
    /// Takes in a cell that is not empty; whether it could be read.
    pub(super) fn take(&mut self, role: Role, cell: &str) -> bool {
        let cell = cell.trim();
        let text = || Some(cell.to_owned());
        match role {
            Role::Respondent(named_by) => {
                if self.respondent.as_ref().is_none_or(|(known, _)| named_by < *known) {
                    self.respondent = Some((named_by, cell.to_owned()));
                }
            }
            Role::Response => self.response = text(),
            Role::AnsweredAt => self.answered_at = text(),
            Role::StartedAt => self.started_at = text(),
            Role::Purpose => self.purpose = text(),
            Role::Duration => {
                let seconds = cell.parse::<f64>().ok();
                self.duration_seconds = seconds.filter(|seconds| seconds.is_finite() && *seconds >= 0.0);
                return self.duration_seconds.is_some();
            }
            Role::Item | Role::Answer | Role::AnswerNumber => {}
        }
        true
    }

    /// How long it took: as the source says, or from begin to end.
    fn duration(&self) -> Option<f64> {
        self.duration_seconds.or_else(|| {
            let (begin, end) =
                (instant(self.started_at.as_deref()?)?, instant(self.answered_at.as_deref()?)?);
            let milliseconds = (end - begin).num_milliseconds();
            (milliseconds >= 0).then_some(milliseconds as f64 / 1_000.0)
        })
    }
}

/// A time as survey tools write it, the same way at both ends of a form.
fn instant(text: &str) -> Option<NaiveDateTime> {
    let text = text.trim();
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(instant.naive_utc());
    }
    let formats = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M", "%m/%d/%Y %H:%M:%S"];
    formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
}

/// A completed form, as its rows speak of it.
#[derive(Debug, Clone)]
pub(super) struct Completed {
    /// Its number among those of the source: that of an earlier record where it is the same form.
    pub(super) number: usize,
    pub(super) consent: Option<bool>,
    named: Option<(NamedBy, Arc<str>)>,
    response: Option<Arc<str>>,
    answered_at: Option<Arc<str>>,
    purpose: Option<Arc<str>>,
    duration_seconds: Option<f64>,
}

/// The rows and refusals so far.
pub(super) struct Collector<'r> {
    pub(super) reader: &'r Reader,
    pub(super) answers: Vec<Answer>,
    pub(super) refused: Vec<Refused>,
    /// The number of each completed form, by what tells it from others.
    forms: HashMap<String, usize>,
    /// What was answered, by completed form and place of the question.
    seen: HashMap<(usize, usize), i64>,
}

/// An answer on its way.
pub(super) struct Given<'g> {
    /// The record, from 1.
    pub(super) record: usize,
    /// The column or question.
    pub(super) column: &'g str,
    /// The answer, not empty.
    pub(super) answer: &'g str,
}

impl<'r> Collector<'r> {
    pub(super) fn new(reader: &'r Reader) -> Collector<'r> {
        let (answers, refused) = (Vec::new(), Vec::new());
        Collector { reader, answers, refused, forms: HashMap::new(), seen: HashMap::new() }
    }

    /// The completed form of a record: told from others by its id, or else by its record, or else (where a record is an answer, and
    /// `record` none) by who sent it when.
    pub(super) fn completed(&mut self, who: Who, record: Option<usize>) -> Completed {
        let key = match (&who.response, record) {
            (Some(response), _) => format!("response {response}"),
            (None, Some(record)) => format!("record {record}"),
            (None, None) => format!("{:?} {:?}", who.respondent, who.answered_at),
        };
        let next = self.forms.len();
        let duration_seconds = who.duration();
        let options = &self.reader.options;
        let response: Option<Arc<str>> = who.response.map(Arc::from);
        let named = who.respondent.map(|(named_by, name)| (named_by, Arc::from(name)));
        let anonymous = response.clone().filter(|_| options.keeps_anonymous);
        Completed {
            number: *self.forms.entry(key).or_insert(next),
            consent: None,
            named: named.or_else(|| Some((NamedBy::Response, anonymous?))),
            response,
            answered_at: who.answered_at.map(Arc::from),
            purpose: who.purpose.or_else(|| options.purpose.clone()).map(Arc::from),
            duration_seconds,
        }
    }

    /// Takes in an answer to the question of that place; whether it became a row.
    pub(super) fn take(&mut self, form: &Completed, place: usize, given: &Given<'_>) -> bool {
        let Some(question) = self.reader.questions.get(place) else { return false };
        match value(question, given.answer) {
            Ok(value) => self.take_value(form, place, value, given),
            Err(reason) => self.refuse(form, given, reason),
        }
    }

    /// Takes in an answer whose value is known; whether it became a row.
    pub(super) fn take_value(
        &mut self,
        form: &Completed,
        place: usize,
        value: i64,
        given: &Given<'_>,
    ) -> bool {
        let reader = self.reader;
        let (Some(question), Some((instrument, item))) =
            (reader.questions.get(place), reader.names.get(place))
        else {
            return false;
        };
        let Some((named_by, respondent)) = form.named.clone() else {
            return self.refuse(form, given, Reason::NoRespondent);
        };
        if self.seen.contains_key(&(form.number, place)) {
            return self.refuse(form, given, Reason::AnsweredTwice);
        }
        let other = question.other_than.as_ref().and_then(|id| reader.by_id.get(&normal(id)));
        if let Some(other) = other.filter(|other| self.seen.get(&(form.number, **other)) == Some(&value)) {
            let item = reader.questions.get(*other).map_or_else(String::new, |other| other.id.clone());
            return self.refuse(form, given, Reason::SameAs { item });
        }
        self.seen.insert((form.number, place), value);
        self.answers.push(Answer {
            respondent,
            named_by,
            response: form.response.clone(),
            instrument: Arc::clone(instrument),
            item: Arc::clone(item),
            value,
            answered_at: form.answered_at.clone(),
            consent: form.consent,
            purpose: form.purpose.clone(),
            duration_seconds: form.duration_seconds,
        });
        true
    }

    /// Takes in an answer about consent, which is part of every row of the form and no row itself.
    pub(super) fn take_consent(&mut self, form: &mut Completed, given: &Given<'_>) -> bool {
        let question = self.reader.by_id.get(CONSENT).and_then(|place| self.reader.questions.get(*place));
        match question.map(|question| value(question, given.answer)) {
            Some(Ok(value)) => {
                form.consent = Some(value == 1);
                true
            }
            Some(Err(reason)) => self.refuse(form, given, reason),
            None => false,
        }
    }

    /// Notes why an answer is no row; that it is none.
    pub(super) fn refuse(&mut self, form: &Completed, given: &Given<'_>, reason: Reason) -> bool {
        self.refused.push(Refused {
            record: given.record,
            respondent: form.named.as_ref().map(|(_, respondent)| respondent.to_string()),
            column: given.column.to_owned(),
            answer: given.answer.to_owned(),
            reason,
        });
        false
    }
}
