//! Attention checks: questions whose right answer is known, which show who clicks through.

use std::collections::BTreeSet;

use super::instrument::Choice;
use super::parse::{labels, schema, sections, text};
use crate::document::{Document, Errors};
use crate::error::SpecError;

/// A question whose right answer is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttentionCheck {
    /// Its id.
    pub id: String,
    /// What people read; `{label_2}` stands for the second label of the range around it, `{label_max}` for the last.
    pub text: String,
    /// The right answer.
    pub pass: Pass,
    /// What may be answered, valued from 1; empty where it stands among items and takes their range.
    pub labels: Vec<String>,
}

/// The right answer to a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// The answer at this place, from 1.
    Place(usize),
    /// The greatest answer.
    Greatest,
}

impl AttentionCheck {
    /// The checks that a TOML text describes; every mistake that was found, otherwise.
    pub fn parse(file: &str, text: &str) -> Result<Vec<AttentionCheck>, Vec<SpecError>> {
        let mut errors = Errors::new();
        let document = Document { file, text };
        let checks = match document.parse(&mut errors) {
            Some(table) => {
                let root = crate::document::Section::root(document, table.get_ref());
                root.only(&["schema", "licence", "checks"], &mut errors);
                schema(&root, &mut errors);
                read(&root, &mut errors)
            }
            None => Vec::new(),
        };
        if errors.is_empty() { Ok(checks) } else { Err(errors) }
    }

    /// What may be answered among items of that range, and which answer is right; none where the check speaks of a label that the
    /// range does not have.
    pub fn among(&self, range: &[Choice]) -> Option<(Vec<Choice>, String, i64)> {
        let own = self.labels.iter().zip(1..).map(|(label, value)| Choice { value, label: label.clone() });
        let choices = if self.labels.is_empty() { range.to_vec() } else { own.collect() };
        let right = match self.pass {
            Pass::Place(place) => choices.get(place.checked_sub(1)?)?,
            Pass::Greatest => choices.last()?,
        };
        if self.text.contains('{') && right.label.is_empty() {
            return None;
        }
        let text = self.text.replace("{label_2}", &right.label).replace("{label_max}", &right.label);
        let value = right.value;
        Some((choices, text, value))
    }
}

fn read(root: &crate::document::Section<'_, '_>, errors: &mut Errors) -> Vec<AttentionCheck> {
    let mut checks = Vec::new();
    let mut seen = BTreeSet::new();
    for section in sections(root, "checks", errors) {
        section.only(&["id", "text", "pass", "labels"], errors);
        let id = text(&section, "id", "\"chk1\"", errors);
        let question = text(&section, "text", "\"Please choose '{label_2}' here.\"", errors);
        let labels = match section.get("labels") {
            Some(_) => labels(&section, "labels", errors),
            None => Vec::new(),
        };
        let pass = match section.get("pass") {
            None => {
                errors.push(section.missing("pass", "2"));
                None
            }
            Some(entry) if entry.value().as_str() == Some("max") => Some(Pass::Greatest),
            Some(entry) => {
                entry.whole(1, errors).and_then(|place| usize::try_from(place).ok()).map(Pass::Place)
            }
        };
        let (Some(id), Some(text), Some(pass)) = (id, question, pass) else { continue };
        if !seen.insert(id.clone()) {
            errors.push(section.error(format!("two checks are called `{id}`"), "give each an id of its own"));
        }
        if matches!(pass, Pass::Place(place) if !labels.is_empty() && place > labels.len()) {
            errors.push(section.error(
                format!("check `{id}` has no answer of that place"),
                "`pass` is the place of a label, from 1",
            ));
        }
        checks.push(AttentionCheck { id, text, pass, labels });
    }
    checks
}
