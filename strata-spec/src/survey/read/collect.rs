//! Gathers answers of completed forms into rows and refusals.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDateTime};

use super::Reader;
use super::report::{Answer, NamedBy, Reason, Refused};
use super::role::Role;
use super::value::value;
use crate::survey::form::{CONSENT, Question};

/// What is known of a completed form beside its answers.
#[derive(Debug, Clone, Default)]
pub(super) struct Who {
    respondent: Option<(NamedBy, String)>,
    response: Option<String>,
    answered_at: Option<String>,
    started_at: Option<String>,
    duration_seconds: Option<f64>,
    purpose: Option<String>,
    pub(super) consent: Option<bool>,
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

    fn named(&self, reader: &Reader) -> Option<(NamedBy, String)> {
        self.respondent.clone().or_else(|| {
            let response = self.response.clone().filter(|_| reader.options.keeps_anonymous)?;
            Some((NamedBy::Response, response))
        })
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

    /// What tells one completed form from another: its id, or else who sent it when.
    pub(super) fn form(&self, record: Option<usize>) -> String {
        match (&self.response, record) {
            (Some(response), _) => format!("response {response}"),
            (None, Some(record)) => format!("record {record}"),
            (None, None) => format!("{:?} {:?}", self.respondent, self.answered_at),
        }
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

/// The rows and refusals so far.
pub(super) struct Collector<'r> {
    reader: &'r Reader,
    pub(super) answers: Vec<Answer>,
    pub(super) refused: Vec<Refused>,
    seen: HashSet<(String, String)>,
}

/// An answer on its way.
pub(super) struct Given<'g> {
    /// The record, from 1.
    pub(super) record: usize,
    /// The column or question.
    pub(super) column: &'g str,
    /// The answer, not empty.
    pub(super) answer: &'g str,
    /// Whether a record is a completed form, and not an answer.
    pub(super) is_form: bool,
}

impl<'r> Collector<'r> {
    pub(super) fn new(reader: &'r Reader) -> Collector<'r> {
        Collector { reader, answers: Vec::new(), refused: Vec::new(), seen: HashSet::new() }
    }

    pub(super) fn reader(&self) -> &'r Reader {
        self.reader
    }

    /// Takes in an answer; whether it became a row.
    pub(super) fn take(&mut self, who: &Who, question: &Question, given: &Given<'_>) -> bool {
        match value(question, given.answer) {
            Ok(value) => self.take_value(who, question, value, given),
            Err(reason) => self.refuse(who, given, reason),
        }
    }

    /// Takes in an answer whose value is known; whether it became a row.
    pub(super) fn take_value(
        &mut self,
        who: &Who,
        question: &Question,
        value: i64,
        given: &Given<'_>,
    ) -> bool {
        let Some((named_by, respondent)) = who.named(self.reader) else {
            return self.refuse(who, given, Reason::NoRespondent);
        };
        let form = who.form(given.is_form.then_some(given.record));
        if !self.seen.insert((form, question.id.clone())) {
            return self.refuse(who, given, Reason::AnsweredTwice);
        }
        self.answers.push(Answer {
            respondent,
            named_by,
            response: who.response.clone(),
            instrument: question.instrument.clone(),
            item: question.id.clone(),
            value,
            answered_at: who.answered_at.clone(),
            consent: who.consent,
            purpose: who.purpose.clone().or_else(|| self.reader.options.purpose.clone()),
            duration_seconds: who.duration(),
        });
        true
    }

    /// Takes in an answer about consent, which is part of every row of the form and no row itself.
    pub(super) fn take_consent(&mut self, who: &mut Who, question: &Question, given: &Given<'_>) -> bool {
        debug_assert_eq!(question.id, CONSENT);
        match value(question, given.answer) {
            Ok(value) => {
                who.consent = Some(value == 1);
                true
            }
            Err(reason) => self.refuse(who, given, reason),
        }
    }

    /// Notes why an answer is no row; that it is none.
    pub(super) fn refuse(&mut self, who: &Who, given: &Given<'_>, reason: Reason) -> bool {
        self.refused.push(Refused {
            record: given.record,
            respondent: who.named(self.reader).map(|(_, respondent)| respondent),
            column: given.column.to_owned(),
            answer: given.answer.to_owned(),
            reason,
        });
        false
    }
}
