//! Customers held against a market, as the command line shows them.

use serde_json::Value;

use super::project::{MANIFEST, ORDERS, Project};

/// Eight customers, five of them German, against a market of 1,000, of whom 500 are.
fn shop() -> Project {
    let more = "\n[sources.people]\npath = \"people.csv\"\n[sources.people.customers.columns]\n\
                customer_id = \"id\"\ncountry = \"country\"\n\n\
                [market]\npath = \"market.csv\"\ncount = \"people\"\ncolumns = { country = \"land\" }\n";
    let project = Project::of(&[
        ("strata.toml", &format!("{MANIFEST}{more}")),
        ("orders.csv", ORDERS),
        ("people.csv", "id,country\nanna,DE\nben,DE\nc,DE\nd,DE\ne,DE\nf,AT\ng,AT\nh,\n"),
        ("market.csv", "land,people\nGermany,500\nAustria,400\nFrankreich,100\n"),
    ]);
    project.good(&["run"]);
    project
}

#[test]
fn a_table_a_sentence_and_what_was_left_out() {
    let project = shop();
    let shown = project.good(&["segments", "market", "country"]);
    assert_eq!(
        shown,
        "\
market market: 1,000 in 3 rows

country     market  customers  index    95 %  reached  potential
──────────  ──────  ─────────  ─────  ──────  ───────  ─────────
DE             500          5    143  72–184    1.0 %          0
AT             400          2     71  21–160   0.50 %          1
FR             100          0      0   0–354    0.0 %          1
unassigned       0          1

no class is so much more or less frequent among customers than in the market that it could not be chance
"
    );
    let all = project.good(&["segments", "market"]);
    assert!(all.contains("left out, no row has orders: ") && all.contains("regulars"), "{all}");
    assert!(project.good(&["check"]).contains("market market: 3 rows"));
}

#[test]
fn as_json_as_csv_and_what_is_not_there() {
    let project = shop();
    let json: Value =
        serde_json::from_str(&project.good(&["segments", "market", "country", "--json"])).unwrap();
    let class = &json[0]["divisions"][0]["classes"][0];
    assert_eq!((&class["class"], &class["n_customers"]), (&Value::from("DE"), &Value::from(5)));
    assert_eq!(json[0]["divisions"][0]["unassigned"]["n_customers"], 1);
    assert!((class["index"].as_f64().unwrap() - 1000.0 / 7.0).abs() < 1e-9, "{class}");
    let csv = project.good(&["segments", "market", "country", "--csv"]);
    assert!(csv.starts_with("market,subject,segmentation,segment,position,title,n_market,"), "{csv}");
    assert_eq!(csv.lines().count(), 4);
    let outcome = project.strata(&["segments", "market", "regulars"]);
    assert_ne!(outcome.code, Some(0));
    assert!(outcome.stderr.contains("hint: no row has orders"), "{}", outcome.stderr);
    let without = Project::shop();
    without.good(&["run"]);
    let outcome = without.strata(&["segments", "market"]);
    assert!(outcome.stderr.contains("declare one in strata.toml"), "{}", outcome.stderr);
}
