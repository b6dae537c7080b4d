//! What was read, and why the rest was not.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::role::Role;
use crate::document::listed;
use crate::survey::form::Question;

/// What was read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Responses {
    /// The answers, in the order of the source.
    pub answers: Vec<Answer>,
    /// What happened to each column, and to each answer that is no row.
    pub report: MatchReport,
}

/// One answer of one person to one item. Rows of one form share its texts.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Who answered.
    pub respondent: Arc<str>,
    /// What kind of name that is.
    pub named_by: NamedBy,
    /// The survey tool's id of the completed form.
    pub response: Option<Arc<str>>,
    /// The instrument that the item is of.
    pub instrument: Arc<str>,
    /// The item.
    pub item: Arc<str>,
    /// The number that the answer stands for; not yet reversed.
    pub value: i64,
    /// When, as the source writes it.
    pub answered_at: Option<Arc<str>>,
    /// Whether the person agreed, where they were asked.
    pub consent: Option<bool>,
    /// What they agreed to.
    pub purpose: Option<Arc<str>>,
    /// How long the whole form took, in seconds, where it is known.
    pub duration_seconds: Option<f64>,
}

/// What kind of name a respondent goes by; the first that a record has is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NamedBy {
    /// The project's own id of the customer.
    Customer,
    /// An e-mail address.
    Email,
    /// The id of a browser or device.
    Device,
    /// The id of the completed form, which belongs to no customer.
    Response,
}

/// What happened on the way.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MatchReport {
    /// Every column of the source, or every question where it has a record for each answer.
    pub columns: Vec<ColumnMatch>,
    /// Every answer to a known item that is no row.
    pub refused: Vec<Refused>,
    /// How many records there were.
    pub n_records: usize,
}

/// What a column is.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnMatch {
    /// Its name in the source.
    pub column: String,
    /// What it was taken for.
    pub matched: Match,
    /// How many cells of it are not empty.
    pub n_given: usize,
    /// How many of them were understood.
    pub n_read: usize,
}

/// What a column was taken for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    /// Answers to an item.
    Item {
        /// The item.
        item: String,
        /// How it was found.
        by: By,
    },
    /// Something about the respondent or the completed form.
    Role(Role),
    /// Something that the survey tool adds and nobody answered.
    Tool,
    /// Nothing.
    Nothing {
        /// Why not.
        reason: String,
        /// What may help.
        hint: Option<String>,
    },
}

/// How a question was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// By the id of its item.
    Id,
    /// By what people read.
    Text,
    /// By its place among as many: look whether that is right.
    Position,
}

/// An answer that is no row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The record, from 1.
    pub record: usize,
    /// Who answered, if it is known.
    pub respondent: Option<String>,
    /// The column or question.
    pub column: String,
    /// The answer as given.
    pub answer: String,
    /// Why it is no row.
    pub reason: Reason,
}

/// Why an answer is no row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// It is a number that cannot be chosen.
    OutOfRange {
        /// The numbers that can.
        values: Vec<i64>,
    },
    /// It is a text that is no label.
    UnknownLabel {
        /// The label that it comes near to.
        near: Option<String>,
    },
    /// Its number and its label do not belong together.
    NumberAndLabelDiffer,
    /// It has several answers where one is asked for.
    SeveralAnswers,
    /// Nothing says who answered.
    NoRespondent,
    /// The item is answered twice in one completed form.
    AnsweredTwice,
    /// The same was chosen as the best and as the worst.
    SameAs {
        /// The question that was answered the same.
        item: String,
    },
    /// Its question is none that is known.
    UnknownItem,
    /// The record is longer than its header.
    NoColumn,
}

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::OutOfRange { values } => match values.as_slice() {
                [first, .., last] if last - first + 1 == values.len() as i64 => {
                    write!(out, "it is not a number from {first} to {last}")
                }
                values => {
                    let values: Vec<String> = values.iter().map(i64::to_string).collect();
                    write!(out, "it is none of {}", listed(values.iter().map(String::as_str), "and"))
                }
            },
            Reason::UnknownLabel { near: Some(near) } => {
                write!(out, "no answer is labelled so; is `{near}` meant?")
            }
            Reason::UnknownLabel { near: None } => out.write_str("no answer is labelled so"),
            Reason::NumberAndLabelDiffer => out.write_str("its number is not the one of its label"),
            Reason::SeveralAnswers => out.write_str("it has several answers, and one was asked for"),
            Reason::NoRespondent => out.write_str("nothing says who answered"),
            Reason::AnsweredTwice => out.write_str("the item is answered in this form already"),
            Reason::SameAs { item } => write!(out, "`{item}` has the same answer, which it cannot be"),
            Reason::UnknownItem => out.write_str("no question is called or worded so"),
            Reason::NoColumn => out.write_str("it stands behind the last column"),
        }
    }
}

impl fmt::Display for Match {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Match::Item { item, by: By::Id } => write!(out, "item `{item}` by its id"),
            Match::Item { item, by: By::Text } => write!(out, "item `{item}` by its text"),
            Match::Item { item, by: By::Position } => write!(out, "item `{item}` by its place"),
            Match::Role(role) => write!(out, "{role}"),
            Match::Tool => out.write_str("of the survey tool itself"),
            Match::Nothing { reason, hint: Some(hint) } => write!(out, "not read: {reason} ({hint})"),
            Match::Nothing { reason, hint: None } => write!(out, "not read: {reason}"),
        }
    }
}

impl Responses {
    /// The attention checks that people failed, by respondent.
    pub fn failed_checks(&self, questions: &[Question]) -> BTreeMap<String, Vec<String>> {
        let right: BTreeMap<&str, i64> =
            questions.iter().filter_map(|question| Some((question.id.as_str(), question.pass?))).collect();
        let mut failed: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for answer in &self.answers {
            if right.get(&*answer.item).is_some_and(|right| *right != answer.value) {
                failed.entry(answer.respondent.to_string()).or_default().push(answer.item.to_string());
            }
        }
        failed
    }
}
