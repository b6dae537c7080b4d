//! A form on its way to people: as a table, as a form of Typeform, as a page to print or send.

mod csv;
mod html;
mod typeform;

use super::form::{Form, Question};

impl Form {
    /// The form as CSV, one question a line. A cell that a spreadsheet would take for a formula begins with an apostrophe.
    pub fn to_csv(&self) -> String {
        csv::csv(self)
    }

    /// The body of a request to Typeform's Create API. The `ref` of a field is the id of its item; who answers comes in as the hidden
    /// field `customer_id`.
    pub fn to_typeform(&self) -> String {
        typeform::typeform(self)
    }

    /// The form as one page of HTML that needs nothing else: to read on a telephone, or to print.
    pub fn to_html(&self) -> String {
        html::html(self)
    }
}

/// What stands for an answer: its label, or its number where it has none.
fn shown(question: &Question, place: usize) -> String {
    question.choices.get(place).map_or_else(String::new, |choice| match choice.label.is_empty() {
        true => choice.value.to_string(),
        false => choice.label.clone(),
    })
}
