//! What changed from run to run, as the program says it.

use std::fmt::Write;

use serde_json::Value;

use super::project::Project;

const MANIFEST: &str = r#"
[project]
title = "Shop"
[sources.people]
path = "people.csv"
[sources.people.customers.columns]
customer_id = "id"
city = "city"
[segments.bonn]
where = "city = 'Bonn'"
"#;

/// 100 customers, the first of whom live in Bonn.
fn people(n_in_bonn: usize) -> String {
    let mut people = "id,city\n".to_owned();
    for who in 0..100 {
        let city = if who < n_in_bonn { "Bonn" } else { "Ulm" };
        writeln!(people, "c{who},{city}").unwrap();
    }
    people
}

fn asked(project: &Project, arguments: &[&str]) -> Value {
    let arguments = [&["segments"], arguments, &["--json"]].concat();
    serde_json::from_str(&project.good(&arguments)).unwrap()
}

#[test]
fn drift_and_life_changes_are_told() {
    let project = Project::of(&[("strata.toml", MANIFEST), ("people.csv", &people(10))]);
    project.good(&["run", "--as-of", "2024-01-01"]);
    let first = project.good(&["segments", "drift"]);
    assert_eq!(first, "There was no earlier run, so nothing can be said yet of what has shifted.\n");
    let first = project.good(&["segments", "life-changes"]);
    assert_eq!(first, "There was no earlier run, so nothing is known of what changed.\n");

    for month in 2..=5 {
        project.good(&["run", "--as-of", &format!("2024-0{month}-01")]);
    }
    assert!(project.good(&["segments", "drift"]).contains("Too few runs: "));
    project.write("people.csv", people(60));
    project.good(&["run", "--as-of", "2024-06-01"]);

    let shown = project.good(&["segments", "drift"]);
    let bonn = shown.lines().find(|line| line.starts_with("bonn ")).unwrap();
    assert!(bonn.contains("60.00 %  10.00 %"), "{bonn}");
    let drift = asked(&project, &["drift"]);
    assert_eq!((&drift["as_of"], &drift["n_earlier_runs"]), (&"2024-06-01T00:00:00+00:00".into(), &5.into()));
    let row = drift["rows"].as_array().unwrap().iter().find(|row| row["name"] == "bonn").unwrap();
    assert_eq!((&row["alert"], &row["value"], &row["kind"]), (&"alert".into(), &0.6.into(), &"share".into()));
    let csv = project.good(&["segments", "drift", "--csv"]);
    assert_eq!(csv.lines().next(), Some("subject,kind,name,value,before,low,high,alert,n_earlier_runs"));
    assert!(csv.lines().any(|line| line.starts_with("customers,share,bonn,0.6,0.1,")), "{csv}");

    let shown = project.good(&["segments", "life-changes"]);
    assert!(shown.starts_with("city of 50 of 100 customers, 50.0 %\n  50: Ulm → Bonn\n"), "{shown}");
    let life = asked(&project, &["life-changes", "--from", "2024-01-01", "--to", "2024-06-01"]);
    let city = &life["properties"][0];
    assert_eq!(
        (&city["property"], &city["n_changed"], &city["n_others"]),
        (&"city".into(), &50.into(), &50.into())
    );
    let entered = &city["moves"].as_array().unwrap().iter().find(|each| each["segment"] == "bonn").unwrap();
    assert_eq!(
        (&entered["move"], &entered["n"], &entered["n_others"]),
        (&"entered".into(), &50.into(), &0.into())
    );
    assert_eq!(
        asked(&project, &["life-changes", "--to", "2024-05-01"])["properties"],
        Value::Array(Vec::new())
    );
}
