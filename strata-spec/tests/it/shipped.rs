//! The shipped definitions say what they are meant to say.

use std::collections::{BTreeMap, BTreeSet};

use strata_spec::condition::{Comparison, Condition, Literal, Term};
use strata_spec::definition::Definitions;
use strata_spec::table::Subject;
use toml::{Table, Value};

const KINDS: [&str; 3] = ["traits", "scores", "segmentations"];

#[test]
fn every_text_is_in_the_language() {
    let mut faults = Vec::new();
    let mut check = |name: &str, text: &Value, subject, is_condition: bool| {
        let text = text.as_str().unwrap();
        let error = match is_condition {
            true => Condition::parse(text, subject).err(),
            false => Term::parse(text, subject).err(),
        };
        faults.extend(error.map(|error| format!("{name}: {error}")));
    };
    let mut n_texts = 0;
    let examples = include_str!("../../../docs/segmentations.md").split("```toml\n").skip(1);
    let examples = examples.filter_map(|example| example.split("```").next()).map(str::to_owned);
    let texts: Vec<String> = files().into_iter().chain(examples).collect();
    for (name, definition) in KINDS.into_iter().flat_map(|kind| section_of(&texts, kind)) {
        let subject = match definition.get("subject").and_then(Value::as_str) {
            Some("companies") => Subject::Companies,
            _ => Subject::Customers,
        };
        for (key, is_condition) in [("value", false), ("by", false), ("among", true)] {
            if let Some(text) = definition.get(key) {
                check(&name, text, subject, is_condition);
                n_texts += 1;
            }
        }
        for class in classes(&definition) {
            check(&name, &class["where"], subject, true);
            n_texts += 1;
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(n_texts > 200, "{n_texts} texts");
}

#[test]
fn every_file_of_the_folder_is_compiled_in() {
    let shipped = Definitions::shipped().unwrap();
    let compiled_in: [BTreeSet<String>; 3] = [
        shipped.traits.keys().map(ToString::to_string).collect(),
        shipped.scores.keys().map(ToString::to_string).collect(),
        shipped.segmentations.keys().map(ToString::to_string).collect(),
    ];
    let written = KINDS.map(|kind| section(kind).into_iter().map(|(name, _)| name).collect());
    assert_eq!(compiled_in, written);
}

#[test]
fn every_definition_has_words_for_people() {
    for (name, definition) in KINDS.into_iter().flat_map(section) {
        for key in ["title", "layer"] {
            assert!(definition.contains_key(key), "{name} has no {key}");
        }
        for class in classes(&definition) {
            assert!(class.contains_key("title"), "{name}.{} has no title", class["name"]);
        }
    }
}

/// The customary grid of recency score (rows, 1 to 5) and frequency score (columns, 1 to 5).
#[test]
fn rfm_classes_are_the_customary_grid() {
    let grid = [
        ["hibernating", "hibernating", "at_risk", "at_risk", "cant_lose"],
        ["hibernating", "hibernating", "at_risk", "at_risk", "cant_lose"],
        ["about_to_sleep", "about_to_sleep", "need_attention", "loyal_customers", "loyal_customers"],
        ["promising", "potential_loyalists", "potential_loyalists", "loyal_customers", "loyal_customers"],
        ["new_customers", "potential_loyalists", "potential_loyalists", "champions", "champions"],
    ];
    let classes = classes_of("rfm");
    for (r_score, row) in (1..).zip(grid) {
        for (f_score, expected) in (1..).zip(row) {
            let matching: Vec<&str> = classes
                .iter()
                .filter(|(_, condition)| holds(condition, &[("r_score", r_score), ("f_score", f_score)]))
                .map(|(name, _)| name.as_str())
                .collect();
            assert_eq!(matching, [expected], "r_score {r_score}, f_score {f_score}");
        }
    }
}

#[test]
fn lifetime_value_tiers_hold_tenths() {
    let classes = classes_of("clv_tier");
    let mut n_tenths: BTreeMap<&str, usize> = BTreeMap::new();
    for clv_score in 1..=10 {
        let first = classes.iter().find(|(_, condition)| holds(condition, &[("clv_score", clv_score)]));
        *n_tenths.entry(&first.unwrap().0).or_default() += 1;
    }
    assert_eq!(n_tenths, BTreeMap::from([("top", 1), ("high", 2), ("middle", 4), ("low", 3)]));
}

#[test]
fn the_journey_has_its_ten_stages_in_order() {
    let names: Vec<String> = classes_of("journey").into_iter().map(|(name, _)| name).collect();
    let expected = [
        "lapsed", "at_risk", "loyal", "active", "onboard", "intent", "consider", "engaged", "aware",
        "unknown",
    ];
    assert_eq!(names, expected);
}

/// What tools call things, and the figure that has to know it.
#[test]
fn names_of_events_are_known() {
    let texts: BTreeMap<String, String> = section("traits")
        .into_iter()
        .map(|(name, definition)| (name, definition["value"].as_str().unwrap().to_owned()))
        .collect();
    let cases: [(&str, &[&str]); 8] = [
        ("n_emails_received_90d", &["Received Email", "Email Delivered"]),
        ("n_emails_opened_90d", &["Opened Email", "Email Opened"]),
        ("n_emails_clicked_90d", &["Clicked Email", "Email Link Clicked"]),
        (
            "n_product_views_30d",
            &["Viewed Product", "view_item", "Product Viewed", "product_viewed", "ViewContent"],
        ),
        (
            "n_cart_days_90d",
            &["Added to Cart", "add_to_cart", "Product Added", "product_added_to_cart", "AddToCart"],
        ),
        (
            "n_intent_events_30d",
            &["Started Checkout", "begin_checkout", "Checkout Started", "checkout_started", "add_to_cart"],
        ),
        ("n_orders_cancelled", &["Order Cancelled", "Cancelled Order"]),
        ("n_orders_refunded", &["Order Refunded", "Refunded Order"]),
    ];
    for (name, events) in cases {
        for event in events {
            let quoted = format!("'{}'", event.to_lowercase());
            assert!(texts[name].contains(&quoted), "{name} does not know {event}");
        }
    }
}

/// The language has no names for lists, so that a list which two figures need stands in both; here they are held equal.
#[test]
fn figures_about_the_same_events_list_the_same_names() {
    let mut lists: BTreeSet<BTreeSet<String>> = BTreeSet::new();
    let mut patterns: BTreeSet<BTreeSet<String>> = BTreeSet::new();
    for (_, definition) in section("traits") {
        let text = definition["value"].as_str().unwrap();
        for list in text.split("lower(name) in (").skip(1) {
            let list = list.split(')').next().unwrap();
            lists.insert(list.split(',').map(|name| name.trim().to_owned()).collect());
        }
        for pattern in text.split("regexp_like(").skip(1) {
            let pattern = pattern.split('\'').nth(1).unwrap();
            patterns.insert(pattern.split('|').map(str::to_owned).collect());
        }
    }
    assert!(lists.len() >= 9 && patterns.len() == 2, "{} lists, {} patterns", lists.len(), patterns.len());
    for sets in [lists, patterns] {
        let n_names: usize = sets.iter().map(BTreeSet::len).sum();
        let distinct: BTreeSet<&String> = sets.iter().flatten().collect();
        assert_eq!(n_names, distinct.len(), "a name stands in two different lists: {sets:#?}");
    }
}

/// The texts of the folder.
fn files() -> Vec<String> {
    let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/shipped")).unwrap();
    folder.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect()
}

fn section(name: &str) -> Vec<(String, Table)> {
    section_of(&files(), name)
}

fn section_of(files: &[String], name: &str) -> Vec<(String, Table)> {
    let mut found = Vec::new();
    for file in files {
        let mut file: Table = file.parse().unwrap();
        if let Some(Value::Table(definitions)) = file.remove(name) {
            found.extend(definitions.into_iter().map(|(name, definition)| match definition {
                Value::Table(definition) => (name, definition),
                other => panic!("{name} is {other}"),
            }));
        }
    }
    found
}

fn classes(definition: &Table) -> Vec<Table> {
    let classes = definition.get("classes").and_then(Value::as_array);
    classes.into_iter().flatten().map(|class| class.as_table().unwrap().clone()).collect()
}

fn classes_of(segmentation: &str) -> Vec<(String, Condition)> {
    let (_, definition) =
        section("segmentations").into_iter().find(|(name, _)| name == segmentation).unwrap();
    classes(&definition)
        .into_iter()
        .map(|class| {
            let condition = Condition::parse(class["where"].as_str().unwrap(), Subject::Customers).unwrap();
            (class["name"].as_str().unwrap().to_owned(), condition)
        })
        .collect()
}

/// Whether a condition on whole numbers is true.
fn holds(condition: &Condition, values: &[(&str, i64)]) -> bool {
    let number = |term: &Term| match term {
        Term::Literal(Literal::Integer(number)) => *number,
        Term::Column(column) => values.iter().find(|(name, _)| *name == column.name).unwrap().1,
        other => panic!("{other:?}"),
    };
    match condition {
        Condition::All(all) => all.iter().all(|each| holds(each, values)),
        Condition::Compare { left, operator, right } => {
            let (left, right) = (number(left), number(right));
            match operator {
                Comparison::Equal => left == right,
                Comparison::LessOrEqual => left <= right,
                Comparison::GreaterOrEqual => left >= right,
                other => panic!("{other:?}"),
            }
        }
        Condition::Between { term, low, high, negated: false } => {
            (number(low)..=number(high)).contains(&number(term))
        }
        other => panic!("{other:?}"),
    }
}
