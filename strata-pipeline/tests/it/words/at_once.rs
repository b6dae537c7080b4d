//! Figures that are taken at once: which ones, and that they are what each alone would be.

use strata_lake::datafusion::physical_plan::displayable;
use strata_pipeline::spec::table::{Subject, Table};

use super::{Rows, session};

const EVENTS: Rows<'static> = Rows {
    as_of: "2024-03-31",
    manifest: "",
    tables: &[
        (Table::Customers, "customer_id\n edge\n outside\n some\n none"),
        (
            Table::Events,
            "customer_id | occurred_at | name | value
             edge | 2024-03-31 | open | 1
             edge | 2024-03-24 | open | 2
             edge | 2024-03-24T00:00:00.000001Z | open | 4
             outside | 2024-04-01 | open | 8
             outside | 2024-03-24 | click | 16
             some | 2024-03-30 | click |
             some | 2024-03-30 | | 32
             some | 2024-03-01 | buy | 64",
        ),
    ],
    history: None,
    memberships: None,
};

/// How many aggregates of each kind the scan of these conditions has: taken at once, and alone.
async fn aggregates(conditions: &[&str]) -> (usize, usize) {
    let manifest = EVENTS.read(Subject::Customers, conditions);
    let engine = session().await;
    let program = EVENTS.compiled(&manifest, Subject::Customers).unwrap();
    let profile = program.profile(&EVENTS.read_tables(&manifest, &engine)).unwrap();
    let plan = profile.create_physical_plan().await.unwrap();
    let shown = displayable(plan.as_ref()).indent(false).to_string();
    let scans: Vec<&str> = shown.lines().filter(|line| line.contains("AggregateExec")).collect();
    assert_eq!(scans.len(), 1, "{shown}");
    (scans[0].matches("tallies(").count(), scans[0].matches("FILTER").count())
}

#[tokio::test]
async fn figures_that_a_text_and_the_time_tell_apart_are_one_aggregate() {
    let three = [
        "count(events) filter (where name = 'open' and in_last('7 days')) > 0",
        "sum(events.value) filter (where name in ('open', 'click') and in_period('this month')) > 0",
        "max(events.occurred_at) filter (where name = 'buy') > date '2024-01-01'",
    ];
    assert_eq!(aggregates(&three).await, (1, 0));
    // One that says more stays what it is, …
    let amount = "count(events) filter (where name = 'open' and value > 1) > 0";
    assert_eq!(aggregates(&[&three[..], &[amount]].concat()).await, (1, 1));
    // … those that need no text go along, …
    let any = "count(events) filter (where in_last('30 days')) > 0 and min(events.value) < 5";
    assert_eq!(aggregates(&[&three[..], &[any]].concat()).await, (1, 0));
    // … and two are not worth it.
    assert_eq!(aggregates(&three[..2]).await, (0, 2));
}

#[tokio::test]
async fn they_mean_what_each_alone_means() {
    EVENTS
        .check(&[
            // The window's end is in it, and its begin is not.
            ("count(events) filter (where name = 'open' and in_last('7 days')) = 2", "edge"),
            ("sum(events.value) filter (where name = 'open' and in_last('7 days')) = 5", "edge"),
            ("count(events) filter (where name = 'click') = 1", "outside some"),
            ("count(events.value) filter (where name = 'click') = 1", "outside"),
            ("count(events) filter (where name = 'open') = 0", "none outside some"),
            ("sum(events.value) filter (where name = 'click') = 0", "edge none some"),
            ("max(events.value) filter (where name in ('click', 'buy')) > 20", "some ?edge none"),
            (
                "min(events.occurred_at) filter (where name = 'open') <= date '2024-03-24'",
                "edge ?none outside some",
            ),
            ("sum(events.value) filter (where in_last('7 days')) = 32", "some"),
        ])
        .await;
}
