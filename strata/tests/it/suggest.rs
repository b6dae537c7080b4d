//! `strata suggest`, as the command line shows it.

use std::fmt::Write;

use serde_json::Value;

use super::project::{MANIFEST, Project};

/// Customers with one to four orders of January; those with three or more buy in March and in May, and few others do.
fn shop() -> Project {
    let mut orders = "id,customer,date,amount\n".to_owned();
    for who in 0..400_u32 {
        let n = who % 4 + 1;
        for nth in 0..n {
            writeln!(orders, "o{who}-{nth},c{who},2024-01-{:02},{}", 2 + 3 * nth + who % 3, 10 + who % 7)
                .unwrap();
        }
        for (month, part) in [(3, 5), (5, 7)] {
            let is_odd_one_out = who / 4 % 10 == part;
            if (n >= 3) != is_odd_one_out {
                writeln!(orders, "o{who}-{month},c{who},2024-0{month}-20,{}", 10 + who % 5).unwrap();
            }
        }
    }
    let project = Project::of(&[("strata.toml", MANIFEST), ("orders.csv", &orders)]);
    project.good(&["run"]);
    project
}

const ASK: [&str; 7] = [
    "suggest",
    "--goal",
    "repeat_purchase",
    "--horizon-days",
    "45",
    "--features",
    "n_orders,max_order_value",
];

#[test]
fn a_table_json_and_definitions_that_can_be_used() {
    let project = shop();
    let outcome = project.strata(&ASK);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let shown = &outcome.stdout;
    assert!(shown.starts_with("buys again within 45 days: "), "{shown}");
    assert!(shown.contains(" share  lift "), "{shown}");
    assert!(shown.contains("  n_orders >= 3\n"), "{shown}");
    assert!(shown.contains("n_orders_from_3\n") && shown.contains(" % the same as "), "{shown}");
    assert!(shown.contains("  0.0003  "), "{shown}");
    assert!(
        outcome.stderr.contains(" customers as of 2024-03-03 by 2 traits, checked on "),
        "{}",
        outcome.stderr
    );

    let json: Value = serde_json::from_str(&project.good(&[&ASK[..], &["--json"]].concat())).unwrap();
    let first = &json["suggestions"][0];
    assert_eq!(first["where"], "n_orders >= 3");
    assert_eq!((&json["n_subjects"], &json["is_share"]), (&400.into(), &true.into()));

    std::fs::create_dir(project.path("segments")).unwrap();
    let written = [&ASK[..], &["--write", "segments/suggested.toml"]].concat();
    let outcome = project.strata(&written);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("wrote 2 segments to segments/suggested.toml"), "{}", outcome.stderr);
    project.good(&["run"]);
    let n_members = project.sql("select n_members from segment where segment = 'n_orders_from_3'");
    assert_eq!(n_members, [first["n_members"].to_string()]);
    project.strata(&written).refused(
        "a file that is there",
        5,
        &["segments/suggested.toml is there already"],
    );
}

#[test]
fn nothing_and_what_cannot_be_asked() {
    let project = shop();
    let by_chance =
        ["suggest", "--goal", "bucket('by chance') < 0.4", "--horizon-days", "45", "--write", "none.toml"];
    let outcome = project.strata(&by_chance);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(outcome.stdout.contains("\n\nnothing holds up: "), "{}", outcome.stdout);
    assert!(outcome.stderr.contains("none.toml was not written"), "{}", outcome.stderr);
    assert!(!project.path("none.toml").exists());
    project.strata(&["suggest", "--goal", "revenu"]).refused("a wrong goal", 2, &["did you mean `revenue`?"]);
    project.strata(&["suggest", "--goal", "response"]).refused("no events", 4, &["no source maps any"]);
    Project::shop().strata(&["suggest", "--goal", "churn"]).refused("no run", 4, &["no complete run yet"]);
}

#[test]
fn traits_have_a_verdict_with_figures_and_a_reason() {
    let project = shop();
    let ask = ["suggest", "traits", "--goal", "repeat_purchase", "--horizon-days", "45"];
    let shown = project.good(&ask);
    assert!(shown.contains(" traits deserve to define segments: 400 customers as of 2024-04-17"), "{shown}");
    assert!(shown.contains("; the goal: buys again within 45 days"), "{shown}");
    assert!(shown.contains(" AUC  trait\n") && shown.contains("\nfeatures = [\""), "{shown}");
    assert!(shown.contains(" says nearly the same (association "), "{shown}");
    let json: Value =
        serde_json::from_str(&project.good(&["suggest", "traits", "--horizon-days", "45", "--json"]))
            .unwrap();
    assert_eq!((&json["goal"], &json["traits"][0]["verdict"]), (&Value::Null, &"take".into()));
    let named =
        project.good(&["suggest", "traits", "--features", "n_orders,customer_id", "--horizon-days", "45"]);
    assert!(named.contains("it is an id: 400 values, 400 of them different."), "{named}");
    assert!(!named.contains("AUC"), "{named}");
    let without = project.strata(&["suggest"]);
    assert_eq!(without.code, Some(2));
    assert!(without.stderr.contains("--goal <GOAL>"), "{}", without.stderr);
}
