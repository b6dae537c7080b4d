//! Tables with a record for each completed form and a column for each question.

use super::Reader;
use super::collect::{Collector, Given, Who};
use super::columns::{Column, columns};
use super::report::{ColumnMatch, MatchReport, Reason, Responses};

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
    let consent = reader.consent();
    for (record, cells) in (1..).zip(records) {
        report.n_records = record;
        let cells = cells.as_ref();
        let given = |at: usize| {
            let answer = cells.get(at).map_or("", |cell| cell.trim());
            let column = header.get(at).map_or("", String::as_str);
            (!answer.is_empty()).then_some(Given { record, column, answer })
        };
        let mut count = |at: usize, is_read: bool| {
            if let Some(column) = report.columns.get_mut(at) {
                column.n_given += 1;
                column.n_read += usize::from(is_read);
            }
        };
        // Who answered, and whether they agreed, first: these columns may stand behind the answers.
        let mut who = Who::default();
        for (at, column) in found.iter().enumerate() {
            if let (Some(given), Column::Role(_) | Column::Tool | Column::Nothing { .. }) =
                (given(at), column)
            {
                let is_read = match column {
                    Column::Role(role) => who.take(*role, given.answer),
                    other => matches!(other, Column::Tool),
                };
                count(at, is_read);
            }
        }
        let mut form = collector.completed(who, Some(record));
        for is_consent in [true, false] {
            for (at, column) in found.iter().enumerate() {
                let Column::Question(place, _) = column else { continue };
                if (*place == consent) != is_consent {
                    continue;
                }
                if let Some(given) = given(at) {
                    count(
                        at,
                        match is_consent {
                            true => collector.take_consent(&mut form, &given),
                            false => collector.take(&form, *place, &given),
                        },
                    );
                }
            }
        }
        for at in header.len()..cells.len() {
            if let Some(given) = given(at) {
                collector.refuse(&form, &given, Reason::NoColumn);
            }
        }
    }
    report.refused = collector.refused;
    Responses { answers: collector.answers, report }
}
