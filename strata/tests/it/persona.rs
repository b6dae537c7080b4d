//! Personas: what is said of a segment, what that rests on, and what is not said.

use serde_json::Value;

use super::project::Project;
use super::survey::{SURVEY, shop};

fn personas(project: &Project, of: &[&str]) -> Vec<Value> {
    let said = project.good(&[&["persona", "show", "--json"], of].concat());
    serde_json::from_str::<Value>(&said).unwrap().as_array().unwrap().clone()
}

/// The sentence about a variable.
fn about<'a>(persona: &'a Value, variable: &str) -> Option<&'a Value> {
    let mut sentences = persona["sentences"].as_array().unwrap().iter();
    sentences.find(|sentence| sentence["evidence"][0]["variable"] == variable)
}

fn unknown<'a>(persona: &'a Value, facet: &str) -> Option<&'a str> {
    let mut all = persona["unknown"].as_array().unwrap().iter();
    all.find(|each| each["facet"] == facet).and_then(|each| each["why"].as_str())
}

#[test]
fn what_was_measured_is_said_and_fires_guidelines() {
    let project = shop(SURVEY);
    let personas = personas(&project, &["mindset"]);
    assert_eq!(personas.len(), 2, "{personas:?}");
    assert_ne!(personas[0]["name"], personas[1]["name"]);
    for persona in &personas {
        let sentence = about(persona, "attitudes_price_consciousness").unwrap();
        let evidence = &sentence["evidence"][0];
        assert_eq!((&evidence["state"], &evidence["facet"]), (&"measured".into(), &"psychographics".into()));
        let (n, n_rest) = (evidence["n"].as_u64().unwrap(), evidence["n_rest"].as_u64().unwrap());
        // c1 has no score and c2 gave an answer that there is not.
        assert_eq!(n + n_rest, 238, "{evidence}");
        assert!((110..=130).contains(&n), "{evidence}");
        let g = evidence["effect"]["value"].as_f64().unwrap();
        assert!(g.abs() > 2.0, "{evidence}");
        let fired: Vec<&str> = persona["guidelines"]["fired"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|fired| fired["rule"]["id"].as_str())
            .collect();
        assert_eq!(fired.contains(&"att-price"), g > 0.0, "{fired:?}");
        // Nobody has ordered, so nothing is said of it.
        assert_eq!(unknown(persona, "behaviours"), Some("no_data"), "{persona}");
        assert!(about(persona, "orders_per_year").is_none());
    }
    let said = project.good(&["persona", "show", "mindset", "--markdown"]);
    assert!(said.contains("### How they think") && said.contains("price consciousness"), "{said}");
    project.good(&["report"]);
    let report = std::fs::read_to_string(project.path("report.html")).unwrap();
    assert!(report.contains(r#"id="personas""#) && report.contains("What is not known"));
}

const MANIFEST: &str = r#"
[project]
title = "Shop"
as_of = "2024-06-01"
currency = "EUR"

[sources.orders]
path = "orders.csv"

[sources.orders.orders.columns]
order_id = "id"
customer_id = "who"
ordered_at = "at"
amount = "amount"
"#;

const SEGMENTS: &str = r#"
[segments.often]
where = "count(orders) >= 5"

[segments.few]
where = "customer_id in ('c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7')"
"#;

/// 100 customers order eight times, in the evening, for about 100; 300 order once, in the morning, for about 20.
fn orders(more: &str) -> Project {
    let mut orders = "id,who,at,amount\n".to_owned();
    for who in 0..400_usize {
        let is_often = who < 100;
        for n in 0..if is_often { 8 } else { 1 } {
            let (hour, amount) = if is_often { (19, 90 + (who + n) % 21) } else { (8, 15 + who % 11) };
            let (month, day) = (1 + n % 5, 1 + (who * 3 + n) % 27);
            orders
                .push_str(&format!("o{who}_{n},c{who},2024-{month:02}-{day:02}T{hour:02}:00:00Z,{amount}\n"));
        }
    }
    let project = Project::of(&[("strata.toml", &format!("{MANIFEST}{more}")), ("orders.csv", &orders)]);
    project.good(&["run"]);
    project
}

#[test]
fn what_was_counted_is_said_and_small_segments_are_not_described() {
    let project = orders(SEGMENTS);
    let personas = personas(&project, &[]);
    let of = |name: &str| personas.iter().find(|persona| persona["segment"]["name"] == name).unwrap();
    let often = of("often");
    assert_eq!(
        (often["segment"]["n"].as_u64(), often["segment"]["n_customers"].as_u64()),
        (Some(100), Some(400))
    );
    assert!(often["summary"].as_str().unwrap().starts_with("100 customers, 25\u{a0}% of all."), "{often}");
    let evening = about(often, "orders_in_evening").or_else(|| about(often, "orders_in_morning")).unwrap();
    assert!(
        evening["text"].as_str().unwrap().contains("100\u{a0}%")
            || evening["text"].as_str().unwrap().contains("0\u{a0}%"),
        "{evening}"
    );
    let spending = about(often, "mean_order_value").unwrap();
    let mean = &spending["evidence"][0]["value"]["mean"];
    assert!((mean["segment"].as_f64().unwrap() - 100.0).abs() < 1.0, "{spending}");
    assert!((mean["rest"].as_f64().unwrap() - 20.0).abs() < 1.0, "{spending}");
    assert!(
        spending["text"].as_str().unwrap().contains("far higher than that of others (EUR\u{a0}20"),
        "{spending}"
    );
    assert_eq!(unknown(often, "psychographics"), Some("no_data"));
    let typical = often["representative"]["traits"].as_array().unwrap();
    assert!(typical.iter().any(|each| each["label"] == "order value"), "{often}");
    assert!(often["representative"]["n_alike"].as_u64().unwrap() >= 10);

    let few = of("few");
    assert_eq!((few["sentences"].as_array().map(Vec::len), &few["representative"]), (Some(0), &Value::Null));
    assert_eq!(few["summary"], "The segment is too small to be described without pointing to its members.");

    let told = project.good(&["persona", "show", "often"]);
    assert!(told.contains("  What they spend\n") && told.contains("(n = 100 and 300; g = "), "{told}");
    let outcome = project.strata(&["persona", "show", "oftne"]);
    outcome.refused("a segment that there is not", 4, &["oftne", "often"]);
}

#[test]
fn a_project_that_defines_nothing_has_personas_of_what_is_customary() {
    let project = orders("");
    let personas = personas(&project, &[]);
    assert!(!personas.is_empty());
    for persona in &personas {
        assert!(persona["segment"]["name"].as_str().unwrap().starts_with("rfm/"), "{persona}");
    }
}
