//! A form as a table for spreadsheets and survey tools that import one.

use crate::survey::csv::line;
use crate::survey::form::{Form, Question};
use crate::survey::instrument::Choice;

pub(super) fn csv(form: &Form) -> String {
    let mut text = line(&["form", "position", "instrument", "item", "instruction", "question", "answers"]);
    for (question, position) in form.questions().iter().zip(1..) {
        let position: i32 = position;
        text.push_str(&line(&[
            &form.id,
            &position.to_string(),
            &question.instrument,
            &question.id,
            &question.instruction,
            &question.title,
            &answers(question),
        ]));
    }
    text
}

/// `1 = Never; 2 = Sometimes; 3 = Often`.
fn answers(question: &Question) -> String {
    let answer = |choice: &Choice| match choice.label.is_empty() {
        true => choice.value.to_string(),
        false => format!("{} = {}", choice.value, choice.label),
    };
    question.choices.iter().map(answer).collect::<Vec<_>>().join("; ")
}
