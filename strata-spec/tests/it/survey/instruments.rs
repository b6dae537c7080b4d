//! The shipped instruments keep to their licences, and a wrong instrument is refused with its reason.

use std::collections::BTreeSet;

use strata_spec::survey::{AspectsDimension, AttentionCheck, Content, Instrument, Pass, Tier};

#[test]
fn licences_decide_what_is_shipped() {
    for instrument in Instrument::shipped() {
        let id = &instrument.id;
        let texts: Vec<bool> = instrument
            .rating()
            .into_iter()
            .flat_map(|rating| &rating.items)
            .map(|item| item.text.is_some())
            .collect();
        match instrument.tier {
            Tier::Ship => {
                assert!(texts.iter().all(|has| *has), "{id} lacks text");
                assert!(instrument.is_free(), "{id}: {}", instrument.licence);
            }
            Tier::ByoCredit => assert!(instrument.credit.is_some(), "{id} credits nobody"),
            Tier::KeyOnly => {
                assert!(!texts.is_empty() && !texts.contains(&true), "{id} has text");
                assert!(!instrument.default, "{id} cannot be asked as it is");
            }
        }
    }
}

#[test]
fn every_dimension_has_a_default_that_can_be_asked() {
    for (word, dimension) in AspectsDimension::WORDS {
        assert_eq!(word, dimension.as_str());
        let defaults: Vec<&Instrument> = Instrument::defaults(dimension).collect();
        assert!(!defaults.is_empty(), "{word}");
        assert!(defaults.iter().all(|each| each.has_text() && each.tier == Tier::Ship), "{word}");
    }
}

#[test]
fn ids_are_unique_and_counts_are_those_of_their_keys() {
    let mut items = BTreeSet::new();
    let mut counts = Vec::new();
    for instrument in Instrument::shipped() {
        let Some(rating) = instrument.rating() else { continue };
        for item in &rating.items {
            assert!(items.insert(&item.id), "{} is an item of two instruments", item.id);
        }
        let reversed = rating.items.iter().filter(|item| item.key == -1).count();
        counts.push((instrument.id.as_str(), rating.scales.len(), rating.items.len(), reversed));
    }
    assert_eq!(
        counts,
        [
            ("attitudes-24-cc0", 8, 24, 8),
            ("values-20-cc0", 10, 20, 0),
            ("interests-48-cc0", 16, 48, 0),
            ("core-affect-12-cc0", 4, 12, 0),
            ("needs-16-cc0", 8, 16, 0),
            ("traits-adjectives-40", 5, 40, 16),
            ("mini-ipip-20", 5, 20, 11),
            ("ipip-50", 5, 50, 18),
            ("ipip-nfc-10", 1, 10, 4),
            ("tipi", 5, 10, 5),
            ("orais-48", 16, 48, 0),
            ("pvq-21-ess", 10, 21, 21),
            ("pvq-40", 10, 40, 0),
            ("twivi", 10, 20, 0),
        ]
    );
}

#[test]
fn shipped_texts_are_there_once() {
    for instrument in Instrument::shipped() {
        let texts = instrument.rating().into_iter().flat_map(|rating| &rating.items);
        let texts: Vec<&String> = texts.filter_map(|item| item.text.as_ref()).collect();
        let distinct: BTreeSet<String> = texts.iter().map(|text| text.to_lowercase()).collect();
        assert_eq!(distinct.len(), texts.len(), "{}", instrument.id);
    }
}

#[test]
fn a_wrong_id_names_the_nearest() {
    let error = Instrument::find("values-20").unwrap_err();
    assert_eq!(error.to_string(), "no instrument is called `values-20`");
    assert_eq!(error.hint.as_deref(), Some("did you mean `values-20-cc0`?"));
    assert_eq!(Instrument::find("tipi").unwrap().tier, Tier::KeyOnly);
}

#[test]
fn the_shipped_designs_are_balanced() {
    for instrument in Instrument::shipped() {
        match &instrument.content {
            Content::BestWorst { best_worst, contact } => {
                assert_eq!(best_worst.faults(), Vec::<String>::new());
                assert_eq!((best_worst.appeals.len(), best_worst.sets.len()), (7, 7));
                assert!(contact.is_some());
            }
            Content::Kano(kano) => {
                assert_eq!(kano.faults(), Vec::<String>::new());
                let classes = [(1, 5, 'O'), (1, 3, 'A'), (3, 5, 'M'), (3, 3, 'I'), (5, 1, 'R'), (1, 1, 'Q')];
                for (functional, dysfunctional, class) in classes {
                    assert_eq!(kano.class(functional, dysfunctional), Some(class));
                }
                assert_eq!((kano.class(0, 1), kano.class(6, 1)), (None, None));
            }
            Content::Rating(_) => {}
        }
    }
    let passes: Vec<Pass> = AttentionCheck::shipped().iter().map(|check| check.pass).collect();
    assert_eq!(passes, [Pass::Place(2), Pass::Greatest, Pass::Place(1)]);
}

/// What is refused of an instrument that is right but for one replacement.
fn refused(from: &str, to: &str) -> String {
    let text = RIGHT.replace(from, to);
    assert_ne!(text, RIGHT, "{from} is not there");
    let errors = Instrument::parse("mine.toml", &text).unwrap_err();
    let say = |error: &strata_spec::error::SpecError| {
        let place = error.position.map_or(0, |position| position.line);
        format!("{place}: {} ({})", error.message, error.hint.as_deref().unwrap_or("no hint"))
    };
    errors.iter().map(say).collect::<Vec<_>>().join("\n")
}

const RIGHT: &str = r#"schema = 1
id = "mine"
name = "Mine"
aspects_dimension = "attitudes"
tier = "ship"
licence = "CC0-1.0"
citation = "none"

[response]
min = 1
max = 3
labels = ["no", "", "yes"]

[scoring]
min_answered_fraction = 0.5
standardize = "none"

[[scales]]
id = "PRI"
name = "Price"
n_items = 2

[[items]]
id = "a"
scale = "PRI"
key = 1
text = "I compare prices."

[[items]]
id = "b"
scale = "PRI"
key = -1
text = "I ignore prices."
"#;

#[test]
fn mistakes_are_refused_with_place_reason_and_hint() {
    assert!(Instrument::parse("mine.toml", RIGHT).is_ok());
    for (from, to, expected) in [
        (
            "id = \"b\"\nscale = \"PRI\"",
            "id = \"b\"\nscale = \"PRJ\"",
            "18: scale `PRI` says n_items = 2 but has 1",
        ),
        ("id = \"b\"\nscale = \"PRI\"", "id = \"b\"\nscale = \"PRJ\"", "did you mean `PRI`?"),
        ("key = -1", "key = 2", "item `b` has the key 2 (a key is 1, or -1"),
        ("key = -1", "key = 0.5", "must be a small whole number, not 0.5"),
        ("id = \"b\"", "id = \"a\"", "two items are called `a`"),
        ("id = \"b\"", "id = \"A-\"", "two items are called `A-`"),
        ("id = \"b\"", "id = \"b c\"", "`b c` cannot be the id of an item"),
        ("id = \"b\"", "id = \"consent\"", "`consent` cannot be the id of an item"),
        ("n_items = 2", "n_items = 3", "says n_items = 3 but has 2 (write `n_items = 2`"),
        ("text = \"I ignore prices.\"", "", "item `b` has no text"),
        (
            "tier = \"ship\"",
            "tier = \"key_only\"",
            "item `a` has a text, which its licence keeps to its owner",
        ),
        ("tier = \"ship\"", "tier = \"byo_credit\"", "`mine` does not say whom to credit"),
        ("tier = \"ship\"", "tier = \"shop\"", "did you mean `ship`?"),
        ("CC0-1.0", "all rights reserved", "cannot be shipped under `all rights reserved`"),
        ("max = 3", "max = 1", "answers from 1 to 1 leave nothing to choose"),
        ("max = 3", "max = 4", "3 labels for the 4 answers from 1 to 4"),
        ("max = 3", "max = 4000000", "must be a small whole number"),
        ("\"yes\"", "\"\"", "an end of the range has no label"),
        ("\"yes\"", "\"NO\"", "two answers are labelled `NO`"),
        ("0.5", "0", "must be a share above 0, at most 1, not 0"),
        ("schema = 1", "schema = 2", "`schema` is not 1"),
        ("name = \"Price\"", "nmae = \"Price\"", "did you mean `name`?"),
        ("[scoring]", "[kano]", "an instrument asks in one way"),
        ("[[items]]\nid = \"a\"", "[[items]]\nid = 3", "must be a text"),
    ] {
        let messages = refused(from, to);
        assert!(messages.contains(expected), "{from} -> {to}:\n{messages}");
    }
}

#[test]
fn designs_out_of_balance_are_refused() {
    let appeals = include_str!("../../../src/survey/instruments/ad_appeals.toml");
    let kano = include_str!("../../../src/survey/instruments/kano.toml");
    for (file, from, to, expected) in [
        (appeals, "[3, 5, 6]", "[3, 5, 7]", "appeal 6 stands in 2 sets instead of 3"),
        (appeals, "[3, 5, 6]", "[3, 5, 7]", "appeals 3 and 7 meet 2 times instead of once"),
        (appeals, "[3, 5, 6]", "[3, 5, 9]", "set 7 has appeal 9, but there are 7"),
        (appeals, "[3, 5, 6]", "[3, 3, 6]", "set 7 has appeal 3 twice"),
        (appeals, "item_prefix = \"ad\"", "item_prefix = \"a d\"", "`a d` cannot begin the id of an item"),
        (kano, "If we offered {feature}", "If we offered it", "`functional_stem` does not say `{feature}`"),
        (kano, "QAAAO", "QAAAX", "the table has the class `X`, which does not exist"),
        (kano, "QAAAO", "QAAA", "the table does not have 5 rows of 5 classes"),
        (kano, "\"I would expect it\", ", "", "there are 4 answers instead of 5"),
    ] {
        let errors = Instrument::parse("mine.toml", &file.replace(from, to)).unwrap_err();
        let messages: Vec<String> = errors.iter().map(|error| error.message.clone()).collect();
        assert!(messages.iter().any(|message| message == expected), "{messages:?}");
    }
}
