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

#[cfg(test)]
mod tests {
    use crate::survey::csv::records;
    use crate::survey::{Pack, PackOptions, Reader};

    #[test]
    fn columns_headed_by_the_lines_of_an_export_are_found() {
        for form in Pack::Full.forms(&PackOptions::default()).unwrap() {
            let lines = records("f.csv", &form.to_csv()).unwrap();
            let [head, lines @ ..] = lines.as_slice() else { panic!("no lines") };
            for name in ["item", "question"] {
                let at = head.cells.iter().position(|cell| cell == name).unwrap();
                let mut header = vec!["respondent".to_owned()];
                header.extend(lines.iter().map(|line| line.cells[at].clone()));
                let answers = form.questions().iter().map(|each| each.choices[0].value.to_string()).collect();
                let record = [vec!["r".to_owned()], answers].concat();
                let responses = Reader::of_forms(std::slice::from_ref(&form)).wide(&header, [record]);
                let read: Vec<&str> = responses.answers.iter().map(|row| &*row.item).collect();
                let questions = form.questions();
                // The worst of a set cannot be its best.
                let asked = questions.iter().filter(|each| !each.id.ends_with("_worst"));
                assert_eq!(read, asked.map(|each| each.id.as_str()).collect::<Vec<_>>(), "{name}");
            }
        }
    }
}
