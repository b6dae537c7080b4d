//! Whatever a file says, it ends in an instrument, in answers or in an error, never in a panic.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};
use strata_spec::survey::{AttentionCheck, Form, Instrument, ItemTexts, Permission, Reader};

const FILES: [&str; 4] = [
    include_str!("../../../src/survey/instruments/emotions.toml"),
    include_str!("../../../src/survey/instruments/ad_appeals.toml"),
    include_str!("../../../src/survey/instruments/kano.toml"),
    include_str!("../../../src/survey/instruments/attention.toml"),
];

static READER: LazyLock<Reader> =
    LazyLock::new(|| Reader::of_instruments(&[Instrument::find("attitudes-24-cc0").unwrap()], &[]));

fn json_value() -> impl Strategy<Value = Value> {
    let key = prop_oneof![
        Just("items"),
        Just("answers"),
        Just("field"),
        Just("choice"),
        Just("choices"),
        Just("ref"),
        Just("label"),
        Just("labels"),
        Just("type"),
        Just("number"),
        Just("hidden"),
        Just("customer_id"),
        Just("form_response"),
        Just("definition"),
        Just("fields"),
    ];
    let leaf = prop_oneof![
        Just(json!(null)),
        Just(json!(3)),
        Just(json!(true)),
        Just(json!("att_pri1")),
        Just(json!("att_pri1_4")),
        Just(json!("number")),
        Just(json!("Agree")),
    ];
    leaf.prop_recursive(6, 60, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            prop::collection::vec((key.clone(), inner), 0..6).prop_map(|pairs| Value::Object(
                pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
            )),
        ]
    })
}

proptest! {
    #[test]
    fn a_mangled_instrument_is_sound_or_refused(
        file in 0_usize..FILES.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop_oneof![
            Just(String::new()), Just("key = 7".to_owned()), Just("id = []".to_owned()), Just("labels = [\"\"]".to_owned()),
            Just("sets = [[1, 1], []]".to_owned()), Just("[[items]]".to_owned()), Just("min = 1000".to_owned()), "\\PC{0,20}",
        ]), 1..4),
    ) {
        let mut lines: Vec<String> = FILES[file].lines().map(str::to_owned).collect();
        for (at, change) in changes {
            let at = at.index(lines.len());
            lines[at] = change;
        }
        let text = lines.join("\n");
        let _ = AttentionCheck::parse("f.toml", &text);
        match Instrument::parse("f.toml", &text) {
            Ok(instrument) => {
                let form = Form::of("f", "F", &[&instrument], &[]).unwrap();
                prop_assert!(serde_json::from_str::<Value>(&form.to_typeform()).is_ok());
                prop_assert!(form.to_html().ends_with("</html>\n") && form.to_csv().starts_with("form,"));
            }
            Err(errors) => {
                prop_assert!(!errors.is_empty());
                for error in errors {
                    prop_assert!(error.hint.is_some() && error.to_string().starts_with("f.toml:"), "{error}");
                }
            }
        }
    }

    #[test]
    fn any_text_is_texts_of_items_or_refused(text in "(item,text\n)?[\\PC\n\r\",]{0,80}") {
        if let Ok(texts) = ItemTexts::from_csv("f.csv", &text) {
            prop_assert!(Instrument::find("tipi").unwrap().with_text(&texts, Permission::Held).is_err());
        }
        let _ = ItemTexts::from_toml("f.toml", &text);
    }

    #[test]
    fn any_json_is_answers_or_refused(body in json_value(), form in json_value()) {
        if let Ok(responses) = READER.typeform(&body, Some(&form)) {
            for row in &responses.answers {
                prop_assert!((1..=5).contains(&row.value));
            }
        }
    }
}
