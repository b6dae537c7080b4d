//! Tables with a record for each completed form and a column for each question.

use super::Reader;
use super::collect::{Collector, Given, Who};
use super::columns::{Column, columns};
use super::report::{ColumnMatch, MatchReport, Reason, Responses};
use crate::survey::form::CONSENT;

pub(super) fn read<R: AsRef<[String]>>(
    reader: &Reader,
    header: &[String],
    records: impl IntoIterator<Item = R>,
) -> Responses {
    let found = columns(reader, header);
    let matched = |(name, column): (&String, &Column)| ColumnMatch {
        column: name.clone(),
        matched: column.matched(reader),
        n_given: 0,
        n_read: 0,
    };
    let mut report =
        MatchReport { columns: header.iter().zip(&found).map(matched).collect(), ..MatchReport::default() };
    let mut collector = Collector::new(reader);
    for (record, cells) in (1..).zip(records) {
        report.n_records = record;
        let cells = cells.as_ref();
        let given = |at: usize| {
            let answer = cells.get(at).map_or("", |cell| cell.trim());
            let column = header.get(at).map_or("", String::as_str);
            (!answer.is_empty()).then_some(Given { record, column, answer, is_form: true })
        };
        // Who answered, and whether they agreed, first: the columns may stand behind the answers.
        let mut who = Who::default();
        for pass in [Pass::Roles, Pass::Consent, Pass::Answers] {
            for (at, column) in found.iter().enumerate() {
                let Some(given) = given(at) else { continue };
                let question = match column {
                    Column::Question(place, _) => reader.questions.get(*place),
                    _ => None,
                };
                let is_read = match (pass, column, question) {
                    (Pass::Roles, Column::Role(role), _) => who.take(*role, given.answer),
                    (Pass::Roles, Column::Tool, _) => true,
                    (Pass::Roles, Column::Nothing { .. }, _) => false,
                    (Pass::Consent, _, Some(question)) if question.id == CONSENT => {
                        collector.take_consent(&mut who, question, &given)
                    }
                    (Pass::Answers, _, Some(question)) if question.id != CONSENT => {
                        collector.take(&who, question, &given)
                    }
                    _ => continue,
                };
                if let Some(column) = report.columns.get_mut(at) {
                    column.n_given += 1;
                    column.n_read += usize::from(is_read);
                }
            }
        }
        for at in header.len()..cells.len() {
            if let Some(given) = given(at) {
                collector.refuse(&who, &given, Reason::NoColumn);
            }
        }
    }
    report.refused = collector.refused;
    Responses { answers: collector.answers, report }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    Roles,
    Consent,
    Answers,
}
