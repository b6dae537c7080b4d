//! Rules of every table: repeats, mappings, events, responses, feedback, and what stage 1 hands over typed.

use std::collections::BTreeMap;
use std::sync::Arc;

use strata_lake::arrow::array::{
    ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use strata_spec::manifest::Questions;
use strata_spec::name::SourceName;
use strata_spec::table::Table;

use super::{check, check_rejected, map, planned, project, refusal, rows, session, source};
use crate::canonical::{plan_tables, unkept};

const EVENTS: &[(&str, &str)] = &[("customer_id", "who"), ("occurred_at", "at"), ("name", "what")];

#[tokio::test]
async fn equal_rows_without_a_key_are_counted_per_file() {
    let project = project(vec![source("web", vec![map(Table::Events, EVENTS)])]);
    let raw = "who | at | what
               @ a.csv 2024-06-01
               c1 | 2024-03-01 | View
               c1 | 2024-03-01 | View
               c1 | 2024-03-02 | View
               @ b.csv 2024-06-02
               c1 | 2024-03-01 | View
               c1 | 2024-03-03 | View
               c1 | 2024-03-03 | View";
    check(
        &project,
        &[raw],
        Table::Events,
        "occurred_at",
        &["2024-03-01", "2024-03-01", "2024-03-02", "2024-03-03", "2024-03-03"],
    )
    .await;
    let report = planned(&project, &[raw]).await.unwrap().report;
    assert_eq!(report.mappings[0].repeats.n_identical, 1);
}

#[tokio::test]
async fn events_with_an_id_are_once_and_those_without_stay() {
    let columns = [EVENTS, &[("event_id", "id")]].concat();
    let project = project(vec![source("web", vec![map(Table::Events, &columns)])]);
    let raw = "id | who | at | what
               e1 | c1 | 2024-03-01 | View
               e1 | c1 | 2024-03-01 | Click
               | c1 | 2024-03-01 | Open
               | c1 | 2024-03-01 | Open";
    check(&project, &[raw], Table::Events, "event_id name", &["- | Open", "- | Open", "e1 | Click"]).await;
}

#[tokio::test]
async fn answers_become_rows() {
    let mut survey =
        map(Table::Responses, &[("response_id", "#"), ("customer_id", "User"), ("answered_at", "When")]);
    survey.questions = Some(Questions::Rest);
    let mut project = project(vec![source("survey", vec![survey])]);
    let raw = "# | User | When | How likely? | Why?
               r1 | c1 | 2024-03-01 | 9 | fast
               r2 | c2 | 2024-03-02 | | slow";
    let expected = ["How likely? | 9 | 9.0 | c1", "Why? | fast | - | c1", "Why? | slow | - | c2"];
    check(&project, &[raw], Table::Responses, "question answer answer_number customer_id", &expected).await;
    project.sources[0].tables[0].questions = Some(Questions::Columns(vec!["how likely?".to_owned()]));
    check(&project, &[raw], Table::Responses, "question answer", &["How likely? | 9"]).await;
}

#[tokio::test]
async fn feedback_in_a_file_of_orders_is_only_where_there_is_a_text() {
    let project = project(vec![source(
        "shop",
        vec![
            map(Table::Orders, &[("order_id", "id"), ("ordered_at", "at")]),
            map(Table::Feedback, &[("text", "comment"), ("given_at", "at"), ("rating", "stars")]),
        ],
    )]);
    let raw = "id | at | comment | stars
               1 | 2024-03-01 | great | 5
               2 | 2024-03-02 | |";
    check(&project, &[raw], Table::Feedback, "text rating given_at", &["great | 5.0 | 2024-03-01"]).await;
    check_rejected(&project, &[raw], &[]).await;
}

#[tokio::test]
async fn columns_are_found_by_name_or_made_by_sql() {
    let columns = [
        ("order_id", "ORDER id"),
        ("customer_id", "=lower(mail)"),
        ("ordered_at", "=timestamp(day || ' ' || \"time\")"),
        ("amount", "=number(price) * number(\"n\")"),
        ("channel", "=case when _file like 'a%' then 'web' end"),
    ];
    let mut orders = map(Table::Orders, &columns);
    orders.filter = Some("Test <> 'yes' or test is null".to_owned());
    let project = project(vec![source("shop", vec![orders])]);
    let raw = "Order Id | Mail | Day | Time | Price | N | Test | Rest
               1 | A@x.org | 31/12/2023 | 10:00 | 2,50 € | 2 | | kept
               2 | B@x.org | 01/02/2024 | 11:00 | 1.000,00 € | 1 | no |
               3 | C@x.org | 01/02/2024 | 11:00 | 1 | 1 | yes |";
    check(
        &project,
        &[raw],
        Table::Orders,
        "order_id customer_id ordered_at amount channel properties",
        &[
            "1 | a@x.org | 2023-12-31T10:00:00Z | 5.0 | web | {\"Rest\":\"kept\"}",
            "2 | b@x.org | 2024-02-01T11:00:00Z | 1000.0 | web | {\"Test\":\"no\"}",
        ],
    )
    .await;
    check_rejected(&project, &[raw], &[]).await;
}

#[tokio::test]
async fn mappings_that_do_not_fit_are_errors_with_hints() {
    let raw = "id | Created at
               1 | 2024-01-01";
    for (columns, expected) in [
        (
            &[("order_id", "id"), ("ordered_at", "Creatd at")][..],
            "strata.toml: sources.shop.orders.ordered_at: source `shop` has no column `Creatd at` / did you mean `Created at`?",
        ),
        (&[("order_id", "id"), ("ordered_at", "=timestamp(creatd)")], "has no column `creatd`"),
        (&[("order_id", "id"), ("ordered_at", "=nonsense(id)")], "Invalid function 'nonsense'"),
        (&[("order_id", "id"), ("ordered_at", "=id +")], "`id +` cannot be used"),
        (&[("order_id", "id"), ("ordered_at", "=max(id)")], "looks at other rows"),
        (&[("order_id", "id")], "no column is mapped to `ordered_at`"),
        (
            &[("order_id", "id"), ("ordered_at", "Created at"), ("colour", "id")],
            "`orders` has no column `colour`",
        ),
    ] {
        let project = project(vec![source("shop", vec![map(Table::Orders, columns)])]);
        let error = refusal(&project, &[raw]).await;
        assert!(error.contains(expected), "{error}\nlacks\n{expected}");
    }
    let mut project = project(vec![source(
        "shop",
        vec![map(Table::Orders, &[("order_id", "id"), ("ordered_at", "Created at")])],
    )]);
    project.sources[0].timezone = Some("Mars".to_owned());
    let error = refusal(&project, &[raw]).await;
    assert!(error.contains("`Mars` is no time zone"), "{error}");
}

#[tokio::test]
async fn times_without_a_zone_are_the_sources() {
    let mut project = project(vec![source("web", vec![map(Table::Events, EVENTS)])]);
    project.timezone = "Europe/Berlin".to_owned();
    let raw = "who | at | what
               c1 | 2024-07-01 12:00 | View";
    check(&project, &[raw], Table::Events, "occurred_at", &["2024-07-01T10:00:00Z"]).await;
    project.sources[0].timezone = Some("America/New_York".to_owned());
    check(&project, &[raw], Table::Events, "occurred_at", &["2024-07-01T16:00:00Z"]).await;
}

#[tokio::test]
async fn typed_columns_are_cast() {
    let columns = [("order_id", "id"), ("customer_id", "who"), ("ordered_at", "at"), ("amount", "paid")];
    let project = project(vec![source("shop", vec![map(Table::Orders, &columns)])]);
    let ctx = session();
    let text = |values: [Option<&str>; 2]| Arc::new(StringArray::from(values.to_vec())) as ArrayRef;
    let times = TimestampMicrosecondArray::from(vec![Some(1_709_251_200_000_000), None]);
    let batch = RecordBatch::try_from_iter(vec![
        ("id", Arc::new(Int64Array::from(vec![1, 2])) as ArrayRef),
        ("who", Arc::new(Float64Array::from(vec![Some(17850.0), None]))),
        ("at", Arc::new(times)),
        ("paid", Arc::new(Float64Array::from(vec![f64::NAN, 1.0]))),
        ("_file", text([Some("a"), Some("a")])),
        ("_line", Arc::new(Int64Array::from(vec![1, 2]))),
        ("_problem", text([None, None])),
        ("_text", text([None, None])),
        ("_batch", text([Some("1"), Some("1")])),
        ("_modified", Arc::new(TimestampMicrosecondArray::from(vec![None, None]).with_timezone("UTC"))),
    ]);
    let raw = BTreeMap::from([(SourceName::new("shop").unwrap(), ctx.read_batch(batch.unwrap()).unwrap())]);
    let planned = plan_tables(&ctx, &project, &raw, &unkept, u64::MAX).await.unwrap();
    assert_eq!(
        rows(&planned.tables[&Table::Orders], "order_id customer_id ordered_at amount").await,
        ["1 | 17850 | 2024-03-01 | -"]
    );
    assert_eq!(
        rows(&planned.rejected, "line reason text").await,
        ["2 | ordered_at is missing | {\"id\":2,\"paid\":1.0}"]
    );
}
