//! Why one customer is in a segment: what is printed, and what is refused.

use serde_json::{Value, json};

use super::project::{MANIFEST, ORDERS, Project};

const SEGMENTS: &str = "
[sources.people]
path = \"people.csv\"
[sources.people.customers.columns]
customer_id = \"id\"
city = \"city\"

[segments.berliners]
title = \"Berliners who bought lately\"
where = \"count(orders) filter (where in_last('100 days')) >= 1 and city = 'Berlin' and in_segment('regulars')\"
";

fn shop() -> Project {
    let project = Project::of(&[
        ("strata.toml", &format!("{MANIFEST}{SEGMENTS}")),
        ("orders.csv", ORDERS),
        ("people.csv", "id,city\nanna,Berlin\nben,\n"),
    ]);
    project.good(&["run"]);
    project
}

#[test]
fn why_shows_every_clause_with_what_was_seen() {
    let shown = shop().good(&["segments", "why", "berliners", "anna"]);
    assert_eq!(
        shown,
        "\
customer anna is in berliners, Berliners who bought lately

since  2024-06-01 00:00
until  2024-06-09 00:00, if nothing happens

true       placed at least one order in the last 100 days
             count(orders) filter (where in_last('100 days')) >= 1
           count(orders) filter (where in_last('100 days')) = 1, asked for >= 1
           until 2024-06-09 00:00, if nothing happens
           count(orders) filter (where in_last('100 days')): 1 row of orders
             ordered_at        order_id  amount
             ────────────────  ────────  ──────
             2024-03-01 00:00  o2          20.0

true       city is Berlin
             city = 'Berlin'
           city = Berlin, asked for = 'Berlin'

true       is in the segment regulars
             in_segment('regulars')
           in_segment('regulars') = yes
           since 2024-06-01 00:00
"
    );
}

#[test]
fn why_as_json_says_the_same() {
    let answer = shop().good(&["segments", "why", "berliners", "ben", "--json"]);
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["standing"], "not a member");
    assert_eq!(answer["since"], Value::Null);
    assert_eq!(answer["until"], Value::Null);
    let clauses = answer["clauses"].as_array().unwrap();
    let truths: Vec<&Value> = clauses.iter().map(|clause| &clause["truth"]).collect();
    assert_eq!(truths, [&json!(true), &Value::Null, &json!(false)]);
    assert_eq!(clauses[0]["until"], json!({ "then": "2024-07-10T00:00:00+00:00" }));
    assert_eq!(clauses[0]["evidence"][0]["newest"][0]["order_id"], "o3");
    assert_eq!(clauses[1]["seen"], json!([{ "term": "city", "value": null, "threshold": "= 'Berlin'" }]));
}

#[test]
fn why_of_the_past_and_of_classes() {
    let project = shop();
    let asked = |arguments: &[&str]| -> Value {
        let arguments = [&["segments", "why"], arguments, &["--json"]].concat();
        serde_json::from_str(&project.good(&arguments)).unwrap()
    };
    let before = asked(&["regulars", "anna", "--as-of", "2024-02-01"]);
    assert_eq!(
        (&before["standing"], &before["clauses"][0]["seen"][0]["value"]),
        (&json!("not a member"), &json!(1))
    );
    // A segmentation stands for the class that the customer is in.
    let own = asked(&["rfm", "anna"]);
    assert_eq!((&own["standing"], &own["title"]), (&json!("member"), &own["title"]));
    assert_eq!(own["segment"], json!(format!("rfm/{}", own["class"].as_str().unwrap())));
    assert!(own["notes"][0].as_str().unwrap().contains("scores hang on other customers"), "{own}");
    let other = asked(&["rfm/hibernating", "anna"]);
    assert_eq!(other["class"], own["class"]);
}

#[test]
fn why_refuses_what_is_not_there() {
    let project = shop();
    let cases: [(&[&str], &[&str]); 5] = [
        (&["regular", "anna"], &["there is no segment `regular`", "did you mean `regulars`?"]),
        (&["rfm/champion", "anna"], &["`rfm` has no class `champion`", "did you mean `rfm/champions`?"]),
        (&["regulars", "nobody"], &["the last run knew no customer `nobody`", "strata identity show"]),
        (&["company_journey", "anna"], &["the last run knew no companies"]),
        (&["regulars", "anna", "--as-of", "2024-07-01"], &["lies after the last run's instant"]),
    ];
    for (arguments, expected) in cases {
        let outcome = project.strata(&[&["segments", "why"], arguments].concat());
        assert_ne!(outcome.code, Some(0), "{arguments:?}");
        for text in expected {
            assert!(outcome.stderr.contains(text), "{arguments:?}: {}", outcome.stderr);
        }
    }
}
