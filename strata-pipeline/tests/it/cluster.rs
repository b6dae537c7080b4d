//! The whole main job, from files to memberships, gives on a standalone Ballista cluster what it gives embedded.

use serde_json::{Map, Value};
use strata_pipeline::Mode;
use strata_pipeline::run::Session;

use crate::support::Trial;

#[tokio::test(flavor = "multi_thread")]
async fn cdnow_embedded_equals_cluster() {
    let embedded = Trial::example("cdnow");
    let cluster = Trial::example("cdnow");
    let standalone = Session { mode: Mode::Standalone, ..Session::default() };
    let complete = embedded.run("1997-09-30", &Session::default()).await;
    let on_cluster = cluster.run("1997-09-30", &standalone).await;
    assert_eq!(complete.run_id, on_cluster.run_id);
    assert_eq!(complete.tables.keys().collect::<Vec<_>>(), on_cluster.tables.keys().collect::<Vec<_>>());
    for table in complete.tables.keys() {
        let query = format!("select * from {table}");
        let (expected, found) = (sorted(embedded.ask(&query).await), sorted(cluster.ask(&query).await));
        assert_eq!(expected.len(), found.len(), "rows of {table}");
        for (expected, found) in expected.iter().zip(&found) {
            assert_eq!(expected, found, "a row of {table}");
        }
    }
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
