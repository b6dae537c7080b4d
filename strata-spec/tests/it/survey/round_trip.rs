//! What was exported can be read back, and whatever people write is a row or in the report.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};
use strata_spec::survey::{
    CONSENT, Consent, Feature, Form, Match, Pack, PackOptions, Question, ReadOptions, Reader, Responses,
};

fn forms() -> Vec<Form> {
    let options = PackOptions {
        features: vec![Feature { id: "returns".to_owned(), name: "free returns".to_owned() }],
        consent: Some(Consent::to("offers")),
        ..PackOptions::default()
    };
    [Pack::Pulse, Pack::Core, Pack::Full].into_iter().flat_map(|pack| pack.forms(&options).unwrap()).collect()
}

/// An answer to each question, a different one each time.
fn chosen(form: &Form) -> Vec<(Question, usize)> {
    let place = |(number, question): (usize, Question)| {
        let place = number % question.choices.len();
        (question, place)
    };
    form.questions().into_iter().enumerate().map(place).collect()
}

fn expect_all(form: &Form, responses: &Responses) {
    let expected: Vec<(String, i64)> = chosen(form)
        .into_iter()
        .filter(|(question, _)| question.id != CONSENT)
        .map(|(question, place)| (question.id, question.choices[place].value))
        .collect();
    let rows: Vec<(String, i64)> =
        responses.answers.iter().map(|row| (row.item.to_string(), row.value)).collect();
    assert_eq!(rows, expected, "{}", form.id);
    assert_eq!(responses.report.refused, [], "{}", form.id);
    assert!(responses.answers.iter().all(|row| &*row.respondent == "c1" && row.consent == Some(true)));
}

/// A reader that does not know which form was sent.
fn reader() -> Reader {
    static READER: LazyLock<Reader> = LazyLock::new(|| Reader::of_forms(&forms()));
    READER.clone()
}

#[test]
fn tables_headed_by_titles_by_grids_and_by_ids_come_back() {
    let heads: [fn(&Question) -> String; 4] = [
        |question| question.title.clone(),
        |question| format!("{} [{}]", question.instruction, question.text),
        |question| question.id.to_uppercase(),
        |question| format!("{}\u{a0}", question.title.replace('\'', "\u{2019}").to_uppercase()),
    ];
    for form in forms() {
        for head in heads {
            let mut header = vec!["Timestamp".to_owned()];
            let mut record = vec!["2024-03-01 10:00:00".to_owned()];
            for (question, place) in chosen(&form) {
                header.push(head(&question));
                record.push(question.choices[place].label.clone());
            }
            header.push("customer_id".to_owned());
            record.push("c1".to_owned());
            expect_all(&form, &reader().wide(&header, [record]));
        }
    }
}

#[test]
fn long_tables_come_back() {
    for form in forms() {
        let header = ["respondent", "item", "answer"].map(str::to_owned);
        let record = |(question, place): (Question, usize)| {
            vec!["c1".to_owned(), question.id, question.choices[place].value.to_string()]
        };
        expect_all(&form, &reader().long(&header, chosen(&form).into_iter().map(record)).unwrap());
    }
}

#[test]
fn typeform_answers_to_its_own_form_come_back() {
    for form in forms() {
        let body: Value = serde_json::from_str(&form.to_typeform()).unwrap();
        let mut fields = Vec::new();
        for field in body["fields"].as_array().unwrap() {
            match field["properties"]["fields"].as_array() {
                Some(inner) => fields.extend(inner.clone()),
                None => fields.push(field.clone()),
            }
        }
        let answer = |(number, field): (usize, &Value)| {
            let choices = field["properties"]["choices"].as_array().unwrap();
            let choice = &choices[number % choices.len()];
            json!({ "type": "choice", "choice": choice, "field": { "id": number.to_string(), "ref": field["ref"] } })
        };
        let answers: Vec<Value> = fields.iter().enumerate().map(answer).collect();
        let body =
            json!({ "items": [{ "token": "t", "hidden": { "customer_id": "c1" }, "answers": answers }] });
        expect_all(&form, &reader().typeform(&body, None).unwrap());
    }
}

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        (-1_i64..8).prop_map(|number| number.to_string()),
        "(Strongly |)(agree|disagree|Agreee)",
        "[1-6] ?[-.=] ?(Agree|agree strongly|)",
        "\\PC{0,12}",
    ]
}

proptest! {
    #[test]
    fn every_cell_is_a_row_or_in_the_report(
        records in prop::collection::vec(prop::collection::vec(cell(), 0..9), 0..12),
        keeps_anonymous in any::<bool>(),
    ) {
        let header = ["customer_id", "#", "att_pri1", "emo_pd2", "Consent", "relaxed", "x", "att_pri2"].map(str::to_owned);
        let reader = reader().with(ReadOptions { keeps_anonymous, ..ReadOptions::default() });
        let responses = reader.wide(&header, &records);
        let given = records.iter().flatten().filter(|cell| !cell.trim().is_empty()).count();
        let beside: usize = responses.report.columns.iter().filter(|column| !matches!(&column.matched, Match::Item { item, .. } if item != CONSENT)).map(|column| column.n_given).sum();
        let of_consent = responses.report.refused.iter().filter(|each| each.column == "Consent").count();
        prop_assert_eq!(given, responses.answers.len() + responses.report.refused.len() - of_consent + beside);
        prop_assert_eq!(responses.report.n_records, records.len());
        for column in &responses.report.columns {
            prop_assert!(column.n_read <= column.n_given);
        }
        for row in &responses.answers {
            prop_assert!(!row.respondent.is_empty());
            let question = reader.questions().iter().find(|question| *question.id == *row.item).unwrap();
            prop_assert!(question.choices.iter().any(|choice| choice.value == row.value));
        }
    }

    #[test]
    fn every_long_answer_is_a_row_or_in_the_report(records in prop::collection::vec((0_usize..3, 0_usize..4, cell()), 0..20)) {
        let items = ["att_pri1", "relaxed", "nothing", "I compare prices before I buy."];
        let header = ["respondent", "item", "answer"].map(str::to_owned);
        let rows = records.iter().map(|(who, item, answer)| vec!["ab".chars().nth(*who).map_or_else(String::new, String::from), items[*item].to_owned(), answer.clone()]);
        let responses = reader().long(&header, rows).unwrap();
        let given = records.iter().filter(|(_, _, answer)| !answer.trim().is_empty()).count();
        prop_assert_eq!(given, responses.answers.len() + responses.report.refused.len());
    }
}
