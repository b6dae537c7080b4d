//! The whole main job, from files to memberships, gives on a standalone Ballista cluster what it gives embedded.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use strata_pipeline::Mode;
use strata_pipeline::run::{Complete, Session};

use crate::support::Trial;

#[tokio::test(flavor = "multi_thread")]
async fn cdnow_embedded_equals_cluster() {
    let trial = Trial::example("cdnow");
    let complete = trial.run("1997-09-30", &Session::default()).await;
    let embedded = tables(&trial, &complete).await;
    std::fs::remove_dir_all(trial.project().lake_path()).unwrap();
    let standalone = Session { mode: Mode::Standalone, ..Session::default() };
    let complete = trial.run("1997-09-30", &standalone).await;
    let cluster = tables(&trial, &complete).await;
    assert_eq!(embedded.keys().collect::<Vec<_>>(), cluster.keys().collect::<Vec<_>>());
    for (table, expected) in &embedded {
        assert_eq!(expected.len(), cluster[table].len(), "rows of {table}");
        for (expected, found) in expected.iter().zip(&cluster[table]) {
            assert_eq!(expected, found, "a row of {table}");
        }
    }
}

async fn tables(trial: &Trial, complete: &Complete) -> BTreeMap<String, Vec<String>> {
    let mut tables = BTreeMap::new();
    for table in complete.tables.keys() {
        tables.insert(table.clone(), sorted(trial.ask(&format!("select * from {table}")).await));
    }
    tables
}

/// Rows as text in an order that does not depend on who wrote them. Sums over partitions differ in their last digits.
fn sorted(rows: Vec<Map<String, Value>>) -> Vec<String> {
    let mut rows: Vec<String> = rows
        .into_iter()
        .map(|row| {
            let cells = row.into_iter().map(|(name, value)| match value.as_f64() {
                Some(number) if value.is_f64() => format!("{name}={number:.9e}"),
                _ => format!("{name}={value}"),
            });
            cells.collect::<Vec<_>>().join(" ")
        })
        .collect();
    rows.sort();
    rows
}
