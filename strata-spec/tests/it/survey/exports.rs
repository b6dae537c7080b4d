//! Exports have every question once, and nothing in a text breaks out of its place.

use serde_json::Value;
use strata_spec::survey::{Consent, Feature, Form, Instrument, ItemTexts, Pack, PackOptions, Permission};

fn forms() -> Vec<Form> {
    let options = PackOptions {
        features: vec![Feature { id: "gift".to_owned(), name: "<b>gifts</b> & \"more\"".to_owned() }],
        consent: Some(Consent::to("offers")),
        ..PackOptions::default()
    };
    [Pack::Pulse, Pack::Core, Pack::Full].into_iter().flat_map(|pack| pack.forms(&options).unwrap()).collect()
}

/// An instrument whose texts are made to break things.
fn hostile() -> Form {
    let words = [
        "=cmd|' /C calc'!A0",
        "+1",
        "-1",
        "@SUM(A1)",
        "\tx",
        "</th><script>alert(1)</script>",
        "a \"b\", c",
        "{{field:x}}",
        "two\nlines",
        "10. ten",
    ];
    let quoted =
        |(word, number): (&&str, i32)| format!("tipi{number:02} = {}\n", Value::String((*word).to_owned()));
    let toml: String = words.iter().zip(1..).map(quoted).collect();
    let texts = ItemTexts::from_toml("t.toml", &format!("[items]\n{toml}")).unwrap();
    let tipi = Instrument::find("tipi").unwrap().with_text(&texts, Permission::Held).unwrap();
    Form::of("h", "=1 & <i>", &[&tipi], &[]).unwrap()
}

#[test]
fn html_has_every_answer_of_every_question_and_no_foreign_markup() {
    for form in forms() {
        let html = form.to_html();
        for question in form.questions() {
            let name = format!(" name=\"{}\" value=", question.id);
            assert_eq!(html.matches(&name).count(), question.choices.len(), "{}", question.id);
        }
        for needed in
            ["<!doctype html>", "color-scheme", "@media print", "max-width: 40rem", "name=\"viewport\""]
        {
            assert!(html.contains(needed), "{needed}");
        }
        assert!(!html.contains("http") && !html.contains("<b>"), "self-contained and escaped");
    }
    let html = hostile().to_html();
    assert!(html.contains("&lt;/th&gt;&lt;script&gt;") && !html.contains("<script"));
    assert!(html.contains("<title>=1 &amp; &lt;i&gt;</title>"));
}

#[test]
fn typeform_fields_refer_to_items() {
    for form in forms() {
        let body: Value = serde_json::from_str(&form.to_typeform()).unwrap();
        let mut refs = Vec::new();
        for field in body["fields"].as_array().unwrap() {
            match field["type"].as_str().unwrap() {
                "group" => {
                    let fields = field["properties"]["fields"].as_array().unwrap();
                    refs.extend(fields.iter().map(|field| field["ref"].as_str().unwrap().to_owned()));
                    assert!(
                        fields.iter().all(|field| field["type"] == "multiple_choice"),
                        "all are labelled"
                    );
                }
                kind => {
                    assert_eq!(
                        (kind, &field["validations"]["required"]),
                        ("multiple_choice", &Value::Bool(true))
                    );
                    refs.push(field["ref"].as_str().unwrap().to_owned());
                }
            }
        }
        let questions: Vec<String> = form.questions().into_iter().map(|question| question.id).collect();
        assert_eq!(refs, questions);
    }
    let body: Value = serde_json::from_str(&hostile().to_typeform()).unwrap();
    let first = &body["fields"][0]["properties"]["fields"][0];
    assert_eq!(first["type"], "opinion_scale");
    assert_eq!(
        first["properties"],
        serde_json::json!({ "steps": 7, "start_at_one": true, "labels": { "left": "Disagree strongly", "right": "Agree strongly" } })
    );
    assert_eq!(body["fields"][0]["properties"]["fields"][7]["title"], "{ {field:x}}");
}

#[test]
fn csv_has_a_line_for_each_question_and_no_formula() {
    for form in forms() {
        let csv = form.to_csv();
        assert_eq!(csv.split("\r\n").count(), form.questions().len() + 2);
        let pulse = "pulse,6,attitudes-24-cc0,att_loy1,How far do you agree with each statement?,";
        assert_eq!(csv.contains(pulse), form.id == "pulse", "{csv}");
    }
    let csv = hostile().to_csv();
    for cell in [",'=cmd|' /C calc'!A0,", ",'+1,", ",'-1,", ",'@SUM(A1),", ",'\tx,", ",\"a \"\"b\"\", c\","] {
        assert!(csv.contains(cell), "{cell}\n{csv}");
    }
}
