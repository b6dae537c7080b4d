//! One customer behind many ids: small shops whose customers are known, and what is found of them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use strata_pipeline::identity::{self, Verdict};
use strata_pipeline::run::Session;
use strata_pipeline::spec::manifest::Decision;

use crate::support::{Trial, number, text};

const MANIFEST: &str = r#"
[project]
title = "Shop"

[identity]
country = "DE"
max_values = 5

[sources.shop]
path = "shop.csv"
namespace = "shop"
[sources.shop.customers.columns]
customer_id = "id"
email = "email"
phone = "phone"
first_name = "first"

[sources.crm]
path = "crm.csv"
namespace = "crm"
[sources.crm.customers.columns]
customer_id = "id"
email = "email"
phone = "phone"
first_name = "first"
city = "city"

[sources.orders]
path = "orders.csv"
namespace = "shop"
[sources.orders.orders.columns]
order_id = "order"
customer_id = "customer"
email = "email"
ordered_at = "date"
amount = "amount"

[sources.web]
path = "web.csv"
namespace = "shop"
[sources.web.events.columns]
occurred_at = "at"
name = "name"
customer_id = "user"
anonymous_id = "device"
"#;

/// A shop of these files; what is left out is empty.
fn shop(shop: &str, crm: &str, orders: &str, web: &str) -> Trial {
    let trial = Trial::new(MANIFEST);
    trial.write("shop.csv", &format!("id,email,phone,first\n{shop}"));
    trial.write("crm.csv", &format!("id,email,phone,first,city\n{crm}"));
    trial.write("orders.csv", &format!("order,customer,email,date,amount\n{orders}"));
    trial.write("web.csv", &format!("at,name,user,device\n{web}"));
    trial
}

/// Customers with the ids that they came with, after a run.
async fn customers(trial: &Trial) -> BTreeMap<String, BTreeSet<String>> {
    trial.run("2026-01-01", &Session::default()).await;
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in trial.ask("select customer_id from customers").await {
        found.insert(text(&row, "customer_id").to_owned(), BTreeSet::new());
    }
    let ids = "select customer_id, namespace || ':' || value as id from identity where kind = 'customer_id'";
    for row in trial.ask(ids).await {
        found.get_mut(text(&row, "customer_id")).unwrap().insert(text(&row, "id").to_owned());
    }
    found
}

fn expected(customers: &[(&str, &[&str])]) -> BTreeMap<String, BTreeSet<String>> {
    let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
    customers.iter().map(|(customer, found)| ((*customer).to_owned(), ids(found))).collect()
}

async fn refused(trial: &Trial) -> BTreeMap<String, u64> {
    let report = &trial.view().await.complete.summaries["canonical"].facts["report"]["identity"]["refused"];
    let counts = report.as_array().unwrap().iter();
    counts.map(|each| (each["reason"].as_str().unwrap().to_owned(), each["n"].as_u64().unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_join_by_email_phone_and_device() {
    let trial = shop(
        "1,Ann@x.example,,Ann\n2,,0151 23456789,Bert\n3,carl@x.example,,Carl\n",
        "70,ann@X.example ,,Ann,Bonn\n71,,+49 151 23456789,Bert,Ulm\n72,dora@x.example,,Dora,Kiel\n",
        "o1,1,,2025-03-01,10\no2,,ann@x.example,2025-04-01,20\no3,,eve@x.example,2025-05-01,5\n",
        "2025-06-01T10:00:00Z,Page Viewed,,d1\n2025-06-01T10:01:00Z,Logged In,3,d1\n2025-06-02T10:00:00Z,Page Viewed,,d2\n",
    );
    assert_eq!(
        customers(&trial).await,
        expected(&[
            ("1", &["shop:1", "crm:70"]),
            ("2", &["shop:2", "crm:71"]),
            ("3", &["shop:3"]),
            ("crm:72", &["crm:72"]),
            ("eve@x.example", &[]),
        ])
    );
    let row = trial
        .ask_one("select sum(amount) as revenue, count(*) as n from orders where customer_id = '1'")
        .await;
    assert_eq!((number(&row, "revenue"), number(&row, "n")), (30.0, 2.0), "the guest's order is Ann's");
    let row = trial.ask_one("select first_name, city from customers where customer_id = '2'").await;
    assert_eq!(
        (text(&row, "first_name"), text(&row, "city")),
        ("Bert", "Ulm"),
        "each source adds what it knows"
    );
    let row = trial.ask_one("select count(*) as n from events where customer_id = '3'").await;
    assert_eq!(number(&row, "n"), 2.0, "the page that Carl viewed before he logged in is his");
    let row = trial.ask_one("select count(*) as n from events where customer_id is null").await;
    assert_eq!(number(&row, "n"), 1.0, "a device alone is nobody");
    let row = trial.ask_one("select joined_by from identity where value = '70'").await;
    assert_eq!(row["joined_by"], Value::from("email:ann@x.example"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_everybody_shares_joins_nobody() {
    let rows: String = (1..=40).map(|id| format!("{id},,030 1234567,\n")).collect();
    let trial = shop(&rows, "", "", "");
    assert_eq!(customers(&trial).await.len(), 40);
    assert_eq!(refused(&trial).await.get("shared"), Some(&1));
    let row = trial.ask_one("select kind, value, reason from identity_refused").await;
    assert_eq!(
        ["kind", "value", "reason"].map(|name| text(&row, name)),
        ["phone", "+49301234567", "shared"],
        "forty customers, one row"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_persons_with_one_email_stay_two() {
    let trial = shop(
        "1,us@x.example,,Ann\n2,us@x.example,,Bert\n",
        "",
        "o1,1,us@x.example,2025-03-01,10\no2,,us@x.example,2025-04-01,20\n",
        "",
    );
    let found = customers(&trial).await;
    assert_eq!(found, expected(&[("1", &["shop:1"]), ("2", &["shop:2"])]));
    let row = trial.ask_one("select count(*) as n from orders where customer_id is null").await;
    assert_eq!(number(&row, "n"), 1.0, "it cannot be said whose the order with the address alone is");
    for (identifier, concerns) in
        [("email:us@x.example", true), ("1", true), ("shop:2", true), ("crm:70", false)]
    {
        let (project, view) = (trial.project(), trial.view().await);
        let Some(rows) = identity::refused(&project, &view, identifier).await.unwrap() else {
            assert!(!concerns, "{identifier}");
            continue;
        };
        let rows = rows.json().await.unwrap();
        let [row] = rows.as_slice() else { panic!("{identifier}: {rows:?}") };
        assert!(concerns, "{identifier}");
        assert_eq!(
            ["kind", "value", "reason", "source", "other_source"].map(|name| text(row, name)),
            ["email", "us@x.example", "person", "shop", "shop"]
        );
        let both = ["customer_id", "other_customer_id"].map(|name| text(row, name));
        assert_eq!(BTreeSet::from(both), BTreeSet::from(["1", "2"]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn identifiers_that_chain_customers_are_stopped_by_the_cap() {
    let rows: String =
        (0..200).map(|id| format!("{id},a{id}@x.example,,\n{id},a{}@x.example,,\n", id + 1)).collect();
    let trial = shop(&rows, "", "", "");
    customers(&trial).await;
    let row = trial
        .ask_one("select max(n) as most from (select count(*) as n from identity where kind = 'email' group by customer_id)")
        .await;
    assert!(number(&row, "most") <= 5.0, "{row:?}");
    assert!(refused(&trial).await["cap"] > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn blocked_values_identify_nobody() {
    let trial = shop(
        "1,info@x.example,,\n2,info@x.example,0000000,\n3,null,0000000,\nnull,,,\n",
        "-1,,,,\n",
        "o1,-1,,2025-03-01,10\n",
        "",
    );
    let found = customers(&trial).await;
    assert_eq!(found.keys().collect::<Vec<_>>(), ["1", "2", "3"]);
    let row =
        trial.ask_one("select count(*) as n from rejected where reason = 'customer_id is missing'").await;
    assert_eq!(number(&row, "n"), 2.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_without_an_id_are_known_by_what_else_joins() {
    let trial = shop(
        "1,ann@x.example,,Ann\n2,us@x.example,,Bea\n3,us@x.example,,Carl\n",
        ",Frida@x.example,,Frida,Kiel\n,,0151 23456789,Gerd,Ulm\n,ann@x.example,,Ann,Bonn\n,us@x.example,,Dora,Bonn\n,,,Hans,Bonn\n,info@x.example,,Ines,Bonn\n",
        "o1,,frida@x.example,2025-03-01,10\n",
        "",
    );
    let found = customers(&trial).await;
    assert_eq!(found.keys().collect::<Vec<_>>(), ["+4915123456789", "1", "2", "3", "frida@x.example"]);
    let rows = trial
        .ask(
            "select customer_id, first_name, city from customers where city is not null order by customer_id",
        )
        .await;
    let found: Vec<[&str; 3]> = rows
        .iter()
        .map(|row| ["customer_id", "first_name", "city"].map(|column| text(row, column)))
        .collect();
    assert_eq!(
        found,
        [["+4915123456789", "Gerd", "Ulm"], ["1", "Ann", "Bonn"], ["frida@x.example", "Frida", "Kiel"]]
    );
    let row = trial.ask_one("select count(*) as n from orders where customer_id = 'frida@x.example'").await;
    assert_eq!(number(&row, "n"), 1.0, "her order is hers");
    let rows = trial.ask("select line, reason from rejected order by line").await;
    let refused: Vec<(f64, &str)> =
        rows.iter().map(|row| (number(row, "line"), text(row, "reason"))).collect();
    let missing = "customer_id is missing";
    let several = "customer_id is missing, and the other identifiers fit several customers";
    assert_eq!(
        refused,
        [(5.0, several), (6.0, missing), (7.0, missing)],
        "Dora shares her address with two persons"
    );
    let mappings = &trial.view().await.complete.summaries["canonical"].facts["report"]["mappings"];
    let crm = mappings.as_array().unwrap().iter().find(|mapping| mapping["source"] == "crm").unwrap();
    assert_eq!(crm["n_good"], 3, "{crm}");
}

#[tokio::test(flavor = "multi_thread")]
async fn decisions_are_shown_before_they_are_made_and_can_be_undone() {
    let trial = shop("1,ann@x.example,,Ann\n", "70,ann@x.example,,Ann,Bonn\n71,,,Ann,Bonn\n", "", "");
    assert_eq!(customers(&trial).await.len(), 2);
    let project = trial.project();
    let decision = |one: &str, other: &str| Decision {
        identifiers: [one.to_owned(), other.to_owned()],
        reason: Some("she said so".to_owned()),
    };
    let split = decision("shop:1", "crm:70");
    let change = identity::rehearsed(
        &project,
        &Session::default(),
        Verdict::Apart,
        &split,
        std::sync::Arc::new(|_| ()),
    )
    .await;
    let change = change.unwrap();
    assert_eq!(change.n_customers, (2, 3));
    let rows = change.memberships.json().await.unwrap();
    assert!(
        rows.iter().any(|row| text(row, "change") == "enters" && text(row, "customer") == "crm:70"),
        "{rows:?}"
    );
    assert_eq!(
        trial.view().await.complete.tables,
        customers_tables(&trial).await,
        "a rehearsal leaves the lake as it was"
    );

    identity::decide(&project, Verdict::Apart, &split).unwrap();
    identity::decide(&project, Verdict::Together, &decision("1", "crm:71")).unwrap();
    assert_eq!(customers(&trial).await, expected(&[("1", &["shop:1", "crm:71"]), ("crm:70", &["crm:70"])]));
    std::fs::remove_file(project.root.join("identity.toml")).unwrap();
    assert_eq!(customers(&trial).await, expected(&[("1", &["shop:1", "crm:70"]), ("crm:71", &[])]));
}

async fn customers_tables(trial: &Trial) -> BTreeMap<String, u64> {
    trial.view().await.complete.tables
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_vanishes_between_runs_is_an_error_that_names_it() {
    let trial = shop("1,ann@x.example,,Ann\n", "70,ann@x.example,,Ann,Bonn\n", "", "");
    customers(&trial).await;
    let project = trial.project();
    std::fs::remove_file(project.root.join("crm.csv")).unwrap();
    let options = strata_pipeline::run::Options {
        as_of: project.instant("2026-01-02").unwrap(),
        ..strata_pipeline::run::Options::default()
    };
    let error = strata_pipeline::run::run(project, options, std::sync::Arc::new(|_| ())).await.unwrap_err();
    assert!(format!("{error:?}").contains("crm"), "{error:?}");
    assert_eq!(trial.ask("select * from customers").await.len(), 1, "the last complete run still stands");
}
