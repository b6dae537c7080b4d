//! From a file of a survey tool, whatever it is, to rows that a source of a project reads as they are.

use serde_json::Value;

use super::csv;
use super::read::{NamedBy, Reader, Responses};
use crate::error::SpecError;

/// What a table of answers calls its three columns.
const LONG: [&[&str]; 2] = [&["item", "question"], &["answer", "value"]];

impl Reader {
    /// Reads a file's text: JSON as Typeform answers it, or a table in CSV, with a record for each answer where it has a column `item` (or
    /// `question`) and a column `answer` (or `value`), or else for each completed form.
    ///
    /// # Errors
    /// A text that is neither, and a table of answers that does not say who answered.
    pub fn text(&self, file: &str, text: &str) -> Result<Responses, SpecError> {
        let text = text.trim_start_matches('\u{feff}');
        if text.trim_start().starts_with(['{', '[']) {
            let body: Value = serde_json::from_str(text).map_err(|error| {
                SpecError::new(format!("it is no JSON: {error}"))
                    .with_hint("a file of JSON holds what Typeform's Responses API or webhook sends")
                    .in_place(file)
            })?;
            return self.typeform(&body, None).map_err(|error| error.in_place(file));
        }
        let mut records = csv::records(file, text)?.into_iter();
        let Some(header) = records.next() else {
            return Err(SpecError::new("the file is empty")
                .with_hint("export the answers anew")
                .in_place(file));
        };
        let records = records.map(|record| record.cells);
        let has = |names: &&[&str]| {
            header.cells.iter().any(|cell| names.iter().any(|name| cell.trim().eq_ignore_ascii_case(name)))
        };
        match LONG.iter().all(has) {
            true => self.long(&header.cells, records).map_err(|error| error.in_place(file)),
            false => Ok(self.wide(&header.cells, records)),
        }
    }
}

impl Responses {
    /// The answers of those who have not said no, as a CSV whose headers are columns of the table `responses` and identifiers of
    /// customers. Whoever said no to the use of their answers is not in it.
    pub fn to_csv(&self, survey: &str) -> String {
        let mut text = csv::line(&[
            "response_id",
            "customer_id",
            "email",
            "anonymous_id",
            "survey",
            "question",
            "answered_at",
            "answer",
        ]);
        for answer in self.answers.iter().filter(|answer| answer.consent != Some(false)) {
            let name = |by: NamedBy| if answer.named_by == by { &*answer.respondent } else { "" };
            let value = answer.value.to_string();
            text.push_str(&csv::line(&[
                answer.response.as_deref().unwrap_or_default(),
                name(NamedBy::Customer),
                name(NamedBy::Email),
                name(NamedBy::Device),
                survey,
                &answer.item,
                answer.answered_at.as_deref().unwrap_or_default(),
                &value,
            ]));
        }
        text
    }

    /// How many people said no to the use of their answers.
    pub fn n_without_consent(&self) -> usize {
        let said_no = self.answers.iter().filter(|answer| answer.consent == Some(false));
        said_no.map(|answer| &answer.respondent).collect::<std::collections::BTreeSet<_>>().len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::Instrument;

    fn reader() -> Reader {
        Reader::of_instruments(&[Instrument::find("attitudes-24-cc0").unwrap()], &[])
    }

    #[test]
    fn tables_and_json_become_the_same_rows() {
        let wide = "email,I compare prices before I buy.,att_pri3,Submit Date (UTC)\nann@example.com,Agree,2,2024-03-01\n";
        let long = "email,item,answer,answered_at\nann@example.com,att_pri1,4,2024-03-01\nann@example.com,att_pri3,2,2024-03-01\n";
        let json = r#"{"items": [{"response_id": "r1", "submitted_at": "2024-03-01", "hidden": {"email": "ann@example.com"}, "answers": [
            {"field": {"id": "x", "ref": "att_pri1", "type": "opinion_scale"}, "type": "number", "number": 4},
            {"field": {"id": "y", "ref": "att_pri3", "type": "opinion_scale"}, "type": "number", "number": 2}]}]}"#;
        for (text, id) in [(wide, ""), (long, ""), (json, "r1")] {
            let read = reader().text("answers", text).unwrap();
            let expected = format!(
                "response_id,customer_id,email,anonymous_id,survey,question,answered_at,answer\n\
                 {id},,ann@example.com,,autumn,att_pri1,2024-03-01,4\n{id},,ann@example.com,,autumn,att_pri3,2024-03-01,2\n"
            );
            assert_eq!(read.to_csv("autumn").replace("\r\n", "\n"), expected, "{:?}", read.report);
        }
    }

    #[test]
    fn whoever_says_no_is_not_passed_on() {
        let text = "email,consent,att_pri1\nann@example.com,yes,4\nbob@example.com,no,5\n";
        let read = reader().text("answers.csv", text).unwrap();
        assert_eq!(read.n_without_consent(), 1);
        let csv = read.to_csv("autumn");
        assert!(csv.contains("ann@example.com") && !csv.contains("bob@example.com"), "{csv}");
    }

    #[test]
    fn what_cannot_be_read_is_refused_by_name() {
        for (text, words) in [("", "the file is empty"), ("{\"items\": ", "it is no JSON")] {
            let error = reader().text("answers.x", text).unwrap_err();
            assert!(
                error.to_string().contains(words) && error.place.as_deref() == Some("answers.x"),
                "{error}"
            );
        }
    }
}
