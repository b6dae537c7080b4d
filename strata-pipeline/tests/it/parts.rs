//! Large projects lie in parts and are computed part by part; what their tables hold is what they hold in one piece.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs::File;
use std::time::{Duration, UNIX_EPOCH};

use strata_pipeline::run::{Complete, Session};

use crate::support::{Trial, number, tables};

const MANIFEST: &str = r#"
[project]
title = "Parts"
[sources.people]
path = "people.csv"
[sources.people.customers.columns]
customer_id = "id"
company_id = "company"
city = "city"
[sources.firms]
path = "firms.csv"
[sources.firms.companies.columns]
company_id = "id"
industry = "industry"
[sources.orders]
path = "orders.csv"
[sources.orders.orders.columns]
order_id = "id"
customer_id = "customer"
ordered_at = "date"
amount = "amount"
channel = "channel"
[sources.lines]
path = "lines.csv"
[sources.lines.order_lines.columns]
order_id = "order"
product_id = "product"
category = "category"
quantity = "quantity"
amount = "amount"
[sources.visits]
path = "visits.csv"
[sources.visits.events.columns]
customer_id = "customer"
occurred_at = "at"
name = "what"
[sources.voices]
path = "voices.csv"
[sources.voices.feedback.columns]
customer_id = "customer"
given_at = "at"
text = "text"
[segments.home]
where = "count(orders) filter (where channel = 'web' and customer.city = 'Bonn') >= 2"
[segments.trade]
where = "company.industry = 'Trade' and sum(order_lines.amount) > 30"
[segments.heard]
where = "count(feedback) > 0 or count(events) filter (where name = 'visit') > 2"
[segments.trading_companies]
subject = "companies"
where = "count(orders) > 3"
"#;

/// Sixty customers, every seventh of a company, with orders, lines and visits; a few who write; and orders of guests.
fn shop() -> Trial {
    let trial = Trial::new(MANIFEST);
    let mut people = "id,company,city\n".to_owned();
    let mut orders = "id,customer,date,amount,channel\n".to_owned();
    let mut lines = "order,product,category,quantity,amount\n".to_owned();
    let mut visits = "customer,at,what\n".to_owned();
    let mut voices = "customer,at,text\n".to_owned();
    for who in 0..60 {
        let company = if who % 7 == 0 { format!("f{}", who % 3) } else { String::new() };
        let city = ["Bonn", "Ulm"][who % 2];
        writeln!(people, "c{who},{company},{city}").unwrap();
        for nth in 0..who % 6 {
            let (id, month, day) = (who * 10 + nth, 1 + (who + nth) % 9, 1 + (who * 3 + nth * 5) % 28);
            let customer = if who % 11 == 3 { String::new() } else { format!("c{who}") };
            let channel = ["web", "store"][nth % 2];
            writeln!(orders, "{id},{customer},2025-{month:02}-{day:02},{}.{nth}5,{channel}", 10 + who)
                .unwrap();
            for line in 0..=nth % 3 {
                writeln!(lines, "{id},p{},k{},{},{}.25", line + who % 4, line, 1 + line, 3 + nth).unwrap();
            }
        }
        for nth in 0..who % 4 {
            writeln!(visits, "c{who},2025-0{}-1{nth}T10:00:00Z,visit", 1 + (who + nth) % 9).unwrap();
        }
        if who % 20 == 0 {
            writeln!(voices, "c{who},2025-02-01,well done").unwrap();
        }
    }
    trial.write("people.csv", &people);
    trial.write("firms.csv", "id,industry\nf0,Trade\nf1,Steel\nf2,Trade\n");
    trial.write("orders.csv", &orders);
    trial.write("lines.csv", &lines);
    trial.write("visits.csv", &visits);
    trial.write("voices.csv", &voices);
    trial
}

/// When the shops' files were written: after the last order, for one that is dated later is refused.
const MODIFIED_S: u64 = 1_767_225_600;

/// Two shops whose files are of the same moment, since a run notes when they were written.
fn two_shops() -> (Trial, Trial) {
    let (one, other) = (shop(), shop());
    for trial in [&one, &other] {
        for file in ["people.csv", "firms.csv", "orders.csv", "lines.csv", "visits.csv", "voices.csv"] {
            let file = File::options().append(true).open(trial.folder().join(file)).unwrap();
            file.set_modified(UNIX_EPOCH + Duration::from_secs(MODIFIED_S)).unwrap();
        }
    }
    (one, other)
}

fn whole() -> Session {
    Session::default()
}

fn in_parts() -> Session {
    Session { worth_dividing: Some(1), ..Session::default() }
}

/// The names of the data files that a run wrote for a table; they hold a hash of the content.
fn files(trial: &Trial, complete: &Complete, table: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(trial.project().lake_path().join(table)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with(&complete.run_id)).collect()
}

const OF_CUSTOMERS: [&str; 8] =
    ["customers", "orders", "order_lines", "events", "feedback", "profile", "score", "membership"];

/// A project grows and shrinks: what the last run wrote may lie in other parts than what this one does.
#[tokio::test(flavor = "multi_thread")]
async fn a_project_in_parts_says_what_it_says_in_one_piece() {
    let (trial, control) = two_shops();
    let runs = [("2025-03-01", whole()), ("2025-05-01", in_parts()), ("2025-07-01", in_parts())];
    for (as_of, session) in runs.into_iter().chain([("2025-09-01", whole())]) {
        let expected = control.run(as_of, &whole()).await;
        let complete = trial.run(as_of, &session).await;
        for table in OF_CUSTOMERS {
            let n_files = files(&trial, &complete, table).len();
            // Memberships of companies have files of their own.
            let expected = if session.worth_dividing.is_some() { 2..=32 } else { 1..=2 };
            assert!(expected.contains(&n_files), "{n_files} of {table} as of {as_of}");
        }
        let (expected, found) = (tables(&control, &expected).await, tables(&trial, &complete).await);
        assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
        for (table, rows) in &found {
            assert_eq!(rows, &expected[table], "{table} as of {as_of}");
        }
        let left = found["membership"].iter().any(|row| !row.contains("left_at=null"));
        assert_eq!((found["profile"].len(), left), (60, as_of > "2025-03-01"));
    }
    let members = trial.ask_one("select count(*) as n from membership where segment = 'trade'").await;
    assert!(number(&members, "n") > 0.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_customers_lie_in_the_same_parts_and_a_run_repeated_makes_equal_files() {
    let trial = shop();
    let complete = trial.run("2025-10-01", &in_parts()).await;
    let engine = strata_pipeline::run::engine(&trial.project(), &whole()).await.unwrap();
    let mut found = Vec::new();
    for table in OF_CUSTOMERS {
        let divisions = engine.lake().divisions(table, complete.tables[table]).await.unwrap();
        found.push((divisions[0].rule.clone(), divisions[0].n_parts));
        let sorted_by = if table == "membership" { None } else { Some("customer_id") };
        assert_eq!(divisions[0].sorted_by.as_deref(), sorted_by, "{table}");
    }
    found.dedup();
    assert_eq!(found.len(), 1, "{found:?}");
    let written = OF_CUSTOMERS.map(|table| files(&trial, &complete, table));
    std::fs::remove_dir_all(trial.project().lake_path()).unwrap();
    let again = trial.run("2025-10-01", &in_parts()).await;
    assert_eq!(OF_CUSTOMERS.map(|table| files(&trial, &again, table)), written);
}
