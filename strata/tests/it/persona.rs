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
        // Whoever minds prices cares less for brands, here always: of the two scales one is told.
        let of_price = about(persona, "attitudes_price_consciousness");
        let of_loyalty = about(persona, "attitudes_brand_loyalty");
        assert!(of_price.is_some() != of_loyalty.is_some(), "{persona}");
        let evidence = &of_price.or(of_loyalty).unwrap()["evidence"][0];
        assert_eq!((&evidence["state"], &evidence["facet"]), (&"measured".into(), &"psychographics".into()));
        let (n, n_rest) = (evidence["n"].as_u64().unwrap(), evidence["n_rest"].as_u64().unwrap());
        // c1 has no score of prices, and c2 gave an answer that there is not.
        assert_eq!(n + n_rest, if of_price.is_some() { 238 } else { 240 }, "{evidence}");
        assert!((110..=130).contains(&n), "{evidence}");
        let g = evidence["effect"]["value"].as_f64().unwrap();
        assert!(g.abs() > 2.0, "{evidence}");
        let minds_prices = (g > 0.0) == of_price.is_some();
        let fired: Vec<&str> = persona["guidelines"]["fired"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|fired| fired["rule"]["id"].as_str())
            .collect();
        assert_eq!(fired.contains(&"att-price"), minds_prices, "{fired:?}");
        // Nobody has ordered, so nothing is said of it.
        assert_eq!(unknown(persona, "behaviours"), Some("no_data"), "{persona}");
        assert!(about(persona, "orders_per_year").is_none());
    }
    let said = project.good(&["persona", "show", "mindset", "--markdown"]);
    assert!(
        said.contains("### How they think") && said.contains("Price consciousness (attitudes-24-cc0), g = "),
        "{said}"
    );
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

/// 100 customers order eight times, for about 100, six of ten in the evening; 300 order once, for about 70, two of ten in the evening.
fn orders(more: &str) -> Project {
    let mut orders = "id,who,at,amount\n".to_owned();
    for who in 0..400_usize {
        let is_often = who < 100;
        for n in 0..if is_often { 8 } else { 1 } {
            let is_evening = who % 10 < if is_often { 6 } else { 2 };
            let amount = if is_often { 60 + (who * 37 + n * 11) % 81 } else { 20 + who * 53 % 101 };
            let hour = if is_evening { 19 } else { 14 };
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
    let evening = about(often, "orders_in_evening").unwrap();
    let share = &evening["evidence"][0]["value"]["share"];
    assert_eq!((share["people"].as_u64(), share["people_rest"].as_u64()), (Some(60), Some(60)), "{evening}");
    let text = evening["text"].as_str().unwrap();
    assert_eq!(text, "Far more of them order mostly in the evening: 60\u{a0}%, against 20\u{a0}% of others.");
    let spending = about(often, "mean_order_value").unwrap();
    let mean = &spending["evidence"][0]["value"]["mean"];
    let mean_of = |side: &str| mean[side].as_f64().unwrap();
    assert!((mean_of("segment") - 100.0).abs() < 3.0 && (mean_of("rest") - 70.0).abs() < 3.0, "{spending}");
    let text = spending["text"].as_str().unwrap();
    assert!(text.contains("far higher than that of others (EUR\u{a0}"), "{text}");
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

const OWN: &str = "schema = 1\n\n[[rules]]\nid = \"price-list\"\nwhen.all = [\"attitudes.PRI high\"]\ncontent = \"link the price list\"\n\
                   offer = \"the family pack\"\ngrade = \"D\"\nsources = [\"spring campaign\"]\n";

#[test]
fn guidelines_of_the_project_fire_beside_the_shipped_ones() {
    let project = shop(SURVEY);
    project.append("strata.toml", "\n[personas]\nguidelines = \"own.toml\"\n");
    let refused = |case, says: &[&str]| project.strata(&["check"]).refused(case, 2, says);
    refused("a file that is not there", &["strata.toml:", "personas.guidelines", "cannot be read"]);
    project.write("own.toml", OWN.replace("attitudes.PRI high", "attitudes.PRX high"));
    refused("a scale that there is not", &["own.toml:5:13", "PRX", "did you mean `PRI`?"]);
    project.write("own.toml", OWN);
    let checked = project.good(&["check"]);
    assert!(
        checked.contains("guidelines: 27 rules, those of own.toml and the shipped ones: sound"),
        "{checked}"
    );

    let personas = personas(&project, &["mindset"]);
    let fired = |rule: &str| -> Vec<&Value> {
        let all = personas.iter().flat_map(|persona| persona["guidelines"]["fired"].as_array().unwrap());
        all.filter(|fired| fired["rule"]["id"] == rule).collect()
    };
    let (own, shipped) = (fired("price-list"), fired("att-price"));
    assert_eq!((own.len(), shipped.len()), (1, 1), "{personas:?}");
    assert_eq!(own[0]["because"], shipped[0]["because"]);
    assert_eq!(own[0]["test"]["n_per_half"], shipped[0]["test"]["n_per_half"]);
    let told = project.good(&["persona", "show", "mindset"]);
    assert!(told.contains("try `price-list` (grade D): link the price list"), "{told}");
    let told = project.good(&["persona", "show", "mindset", "--markdown"]);
    assert!(
        told.contains("  - Offer: the family pack") && told.contains("  - Sources: spring campaign"),
        "{told}"
    );
    project.good(&["report"]);
    let report = std::fs::read_to_string(project.path("report.html")).unwrap();
    assert!(report.contains("link the price list") && report.contains("<dd>the family pack</dd>"));
}

#[test]
fn every_segment_that_a_project_defines_is_described() {
    // More than the classes of a segmentation may be.
    let more: String = (0..31)
        .map(|n| {
            format!("[segments.more_{n}]\ntitle = \"More\"\nlayer = \"value\"\nwhere = \"revenue >= {n}\"\n")
        })
        .collect();
    assert_eq!(personas(&orders(&more), &[]).len(), 31);
}
