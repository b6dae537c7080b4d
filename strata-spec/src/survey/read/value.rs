//! From what somebody answered, a number or a label or both, to the number that it stands for.

use super::report::Reason;
use crate::error::nearest;
use crate::survey::form::{CONSENT, Question};
use crate::survey::instrument::Choice;
use crate::survey::text::normal;

/// The number that an answer stands for: `4`, `4.0`, `Agree`, `4 - Agree`, `4 = Agree` and `Agree (4)` are one.
pub(in crate::survey) fn value(question: &Question, answer: &str) -> Result<i64, Reason> {
    let answer = unescaped(answer.trim());
    let choices = question.choices.as_slice();
    if question.id == CONSENT
        && let Some(value) = truth(answer)
    {
        return Ok(value);
    }
    // A label as it stands first: it may be a number itself.
    if let Some(choice) = choices.iter().find(|choice| !answer.is_empty() && choice.label == answer) {
        return Ok(choice.value);
    }
    if let Some(number) = number(answer) {
        return choices.iter().map(|choice| choice.value).find(|value| *value as f64 == number).ok_or_else(
            || Reason::OutOfRange { values: choices.iter().map(|choice| choice.value).collect() },
        );
    }
    let words = normal(answer);
    if let Some(choice) = worded(choices, &words) {
        return Ok(choice.value);
    }
    if let Some((number, label)) = both(&words, answer) {
        let choice = choices.iter().find(|choice| choice.value == number);
        if let Some(choice) = choice.filter(|choice| normal(&choice.label) == label) {
            return Ok(choice.value);
        }
        if choices.iter().any(|choice| normal(&choice.label) == label) {
            return Err(Reason::NumberAndLabelDiffer);
        }
    }
    let labels = choices.iter().map(|choice| choice.label.as_str()).filter(|label| !label.is_empty());
    Err(Reason::UnknownLabel { near: nearest(answer, labels).map(str::to_owned) })
}

/// The answer without the apostrophe that keeps a spreadsheet from calculating it.
fn unescaped(answer: &str) -> &str {
    match answer.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest,
        _ => answer,
    }
}

/// The choice whose label has these words. Two labels of the same words are none.
fn worded<'c>(choices: &'c [Choice], words: &str) -> Option<&'c Choice> {
    let mut found = choices.iter().filter(|choice| !words.is_empty() && normal(&choice.label) == words);
    found.next().filter(|_| found.next().is_none())
}

fn number(answer: &str) -> Option<f64> {
    // `inf` and `nan` are texts here.
    let is_number = answer.starts_with(|each: char| each.is_ascii_digit() || matches!(each, '-' | '+' | '.'));
    answer.parse::<f64>().ok().filter(|number| is_number && number.is_finite())
}

/// A number before or behind a label, and the words of the label.
fn both<'w>(words: &'w str, answer: &str) -> Option<(i64, String)> {
    let digits = |word: &'w str| word.parse::<i64>().ok();
    // `1.` is taken from the words as the number of a question; here it is the answer's.
    let leading: String = answer.chars().take_while(char::is_ascii_digit).collect();
    if let Ok(number) = leading.parse() {
        let label = normal(&answer[leading.len()..]);
        return (!label.is_empty()).then_some((number, label));
    }
    let (label, number) = words.rsplit_once(' ')?;
    Some((digits(number)?, label.to_owned()))
}

fn truth(answer: &str) -> Option<i64> {
    match normal(answer).as_str() {
        "yes" | "true" | "1" | "i agree" | "i accept" => Some(1),
        "no" | "false" | "0" | "i do not agree" | "i dont accept" => Some(0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::{Consent, Instrument};

    fn question(id: &str) -> Question {
        Instrument::shipped()
            .iter()
            .flat_map(|instrument| crate::survey::form::questions_of(instrument, &[]))
            .find(|question| question.id == id)
            .unwrap()
    }

    #[test]
    fn numbers_and_labels_are_one() {
        let agree = question("att_pri1");
        for answer in
            ["4", " 4.0 ", "Agree", "agree.", "4 - Agree", "4 = Agree", "4. Agree", "Agree (4)", "AGREE"]
        {
            assert_eq!(value(&agree, answer), Ok(4), "{answer}");
        }
        let values = || (1..=5).collect();
        for (answer, reason) in [
            ("6", Reason::OutOfRange { values: values() }),
            ("0", Reason::OutOfRange { values: values() }),
            ("3.5", Reason::OutOfRange { values: values() }),
            ("-4", Reason::OutOfRange { values: values() }),
            ("1e300", Reason::OutOfRange { values: values() }),
            ("Agre", Reason::UnknownLabel { near: Some("Agree".to_owned()) }),
            ("perhaps", Reason::UnknownLabel { near: None }),
            ("nan", Reason::UnknownLabel { near: None }),
            ("2 - Agree", Reason::NumberAndLabelDiffer),
            ("…", Reason::UnknownLabel { near: None }),
        ] {
            assert_eq!(value(&agree, answer), Err(reason), "{answer}");
        }
    }

    #[test]
    fn ends_of_a_range_have_labels_and_the_middle_has_numbers() {
        let tipi = question("tipi01");
        for (answer, expected) in
            [("Agree strongly", 7), ("7 (Agree strongly)", 7), ("Disagree strongly", 1), ("5", 5)]
        {
            assert_eq!(value(&tipi, answer), Ok(expected), "{answer}");
        }
        assert_eq!(value(&tipi, ""), Err(Reason::UnknownLabel { near: None }), "an empty label is no answer");
    }

    #[test]
    fn an_appeal_is_valued_by_its_place_among_all() {
        let set = question("ad_set3_best");
        assert_eq!(value(&set, "Advice from an expert"), Ok(6));
        assert_eq!(value(&set, "2"), Err(Reason::OutOfRange { values: vec![1, 6, 7] }));
        assert_eq!(value(&set, "2").unwrap_err().to_string(), "it is none of `1`, `6` and `7`");
    }

    #[test]
    fn consent_is_yes_or_no() {
        let consent = Consent::to("offers").question();
        for (answer, expected) in [("Yes", 1), ("TRUE", 1), ("1", 1), ("no", 0), ("false", 0)] {
            assert_eq!(value(&consent, answer), Ok(expected), "{answer}");
        }
        assert!(value(&consent, "maybe").is_err());
    }
}
