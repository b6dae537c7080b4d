//! Typeform's JSON: pages of responses and webhooks.

use serde_json::{Value, json};
use strata_spec::survey::{Instrument, Match, NamedBy, Pack, PackOptions, ReadOptions, Reader, Reason, Role};

fn reader() -> Reader {
    Reader::of_forms(&Pack::Pulse.forms(&PackOptions::default()).unwrap())
}

fn response() -> Value {
    json!({
        "token": "tok1",
        "landed_at": "2024-03-01T10:00:00Z",
        "submitted_at": "2024-03-01T10:01:05Z",
        "hidden": { "customer_id": "c1", "form": "pulse", "consent": "true" },
        "answers": [
            { "type": "choice", "choice": { "id": "x", "ref": "att_pri1_4", "label": "Stimme zu" }, "field": { "id": "f1", "type": "multiple_choice", "ref": "att_pri1" } },
            { "type": "number", "number": 2, "field": { "id": "f2", "type": "opinion_scale", "ref": "att_qua1" } },
            { "type": "choices", "choices": { "labels": ["email", "app"] }, "field": { "id": "f3", "type": "multiple_choice", "ref": "contact_channel" } },
            { "type": "choices", "choices": { "labels": ["Agree"] }, "field": { "id": "f4", "type": "multiple_choice", "ref": "att_loy1" } },
            { "type": "text", "text": "so-so", "field": { "id": "f5", "type": "short_text", "ref": "att_inn1" } },
            { "type": "boolean", "boolean": true, "field": { "id": "f6", "type": "yes_no", "ref": "0a1b2c" } },
        ],
    })
}

#[test]
fn pages_webhooks_and_lists_are_the_same() {
    let webhook = json!({ "event_id": "e", "event_type": "form_response", "form_response": response() });
    let page = json!({ "total_items": 1, "page_count": 1, "items": [response()] });
    let list = json!([webhook]);
    let read = |body: &Value| reader().typeform(body, None).unwrap();
    let responses = read(&page);
    assert_eq!(responses, read(&webhook));
    assert_eq!(responses, read(&list));
    assert_eq!(responses, read(&response()));

    let rows: Vec<(&str, i64)> = responses.answers.iter().map(|row| (&*row.item, row.value)).collect();
    assert_eq!(rows, [("att_pri1", 4), ("att_qua1", 2), ("att_loy1", 4)]);
    let row = &responses.answers[0];
    assert_eq!((&*row.respondent, row.named_by), ("c1", NamedBy::Customer));
    assert_eq!((row.duration_seconds, row.consent), (Some(65.0), Some(true)));
    assert_eq!(row.answered_at.as_deref(), Some("2024-03-01T10:01:05Z"));
    let refused: Vec<(&str, &Reason)> =
        responses.report.refused.iter().map(|each| (each.answer.as_str(), &each.reason)).collect();
    assert_eq!(
        refused,
        [("email, app", &Reason::SeveralAnswers), ("so-so", &Reason::UnknownLabel { near: None })]
    );
    let column = |name: &str| responses.report.columns.iter().find(|each| each.column == name).unwrap();
    assert!(matches!(column("0a1b2c").matched, Match::Nothing { .. }));
    assert_eq!((column("0a1b2c").n_given, column("0a1b2c").n_read), (1, 0));
    assert_eq!(column("hidden customer_id").matched, Match::Role(Role::Respondent(NamedBy::Customer)));
}

#[test]
fn a_form_that_was_made_by_hand_is_read_by_its_titles() {
    let form = json!({ "fields": [
        { "id": "g", "title": "How far?", "type": "group", "properties": { "fields": [
            { "id": "f1", "ref": "0-1", "title": "I compare prices *before* I buy.", "type": "multiple_choice" },
        ] } },
    ] });
    let answer =
        json!({ "type": "choice", "choice": { "label": "Agree" }, "field": { "id": "f1", "ref": "0-1" } });
    let mail = json!({ "type": "email", "email": "a@example.com", "field": { "id": "f9", "ref": "9" } });
    let body = json!({ "items": [{ "token": "t", "answers": [answer.clone(), mail] }] });
    let reader = Reader::of_instruments(&[Instrument::find("attitudes-24-cc0").unwrap()], &[]);
    let responses = reader.typeform(&body, Some(&form)).unwrap();
    assert_eq!(responses.answers.len(), 1);
    assert_eq!((&*responses.answers[0].item, responses.answers[0].value), ("att_pri1", 4));
    assert_eq!(
        (&*responses.answers[0].respondent, responses.answers[0].named_by),
        ("a@example.com", NamedBy::Email)
    );

    let webhook = json!({ "form_response": { "token": "t", "definition": form, "answers": [answer] } });
    let responses = reader.typeform(&webhook, None).unwrap();
    assert_eq!(responses.report.refused[0].reason, Reason::NoRespondent);
    let anonymous = reader.with(ReadOptions { keeps_anonymous: true, ..ReadOptions::default() });
    assert_eq!(&*anonymous.typeform(&webhook, None).unwrap().answers[0].respondent, "t");
}

#[test]
fn a_response_that_comes_twice_counts_once() {
    let responses = reader().typeform(&json!({ "items": [response(), response()] }), None).unwrap();
    assert_eq!(responses.answers.len(), 3);
    let twice = responses.report.refused.iter().filter(|each| each.reason == Reason::AnsweredTwice).count();
    assert_eq!((twice, responses.report.n_records), (3, 2));
}

#[test]
fn anything_else_is_refused() {
    for body in [json!({}), json!("x"), json!(null), json!([{ "total": 1 }]), json!(3)] {
        let error = reader().typeform(&body, None).unwrap_err();
        assert_eq!(error.message, "this is not what Typeform sends");
        assert!(error.hint.unwrap().contains("form_response"));
    }
    for odd in [json!({ "items": [3, { "answers": [3, {}, { "field": 3 }] }] }), json!({ "items": [] })] {
        assert_eq!(reader().typeform(&odd, None).unwrap().answers, []);
    }
}
