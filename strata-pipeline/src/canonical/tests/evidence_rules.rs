//! How ambiguous dates and numbers are decided and reported.

use strata_spec::manifest::{DateOrder, DecimalMark};
use strata_spec::table::Table;

use super::{map, planned, project, rows, source};

/// Dates and numbers of a column, what the first row's are then, and the reported sentences.
async fn check(
    cells: &[(&str, &str)],
    set: (Option<DateOrder>, Option<DecimalMark>),
    expected: &str,
    said: &[&str],
) {
    let columns = [("order_id", "id"), ("ordered_at", "day"), ("amount", "price")];
    let mut project = project(vec![source("shop", vec![map(Table::Orders, &columns)])]);
    project.sources[0].date_order = set.0;
    project.sources[0].decimal = set.1;
    let lines = cells.iter().enumerate().map(|(at, (day, price))| format!("{at} | {day} | {price}"));
    let raw = format!("id | day | price\n{}", lines.collect::<Vec<_>>().join("\n"));
    let planned = planned(&project, &[&raw]).await.unwrap();
    let first = rows(&planned.tables[&Table::Orders], "order_id ordered_at amount").await.remove(0);
    assert_eq!(first, format!("0 | {expected}"), "{cells:?}");
    let sentences: Vec<String> = planned.report.decisions.iter().map(|each| each.sentence.clone()).collect();
    assert_eq!(sentences, said, "{cells:?}");
}

#[tokio::test]
async fn evidence_decides_per_column() {
    let unset = (None, None);
    check(&[("2024-04-03", "1")], unset, "2024-04-03 | 1.0", &[]).await;
    check(
        &[("03/04/2024", "1"), ("25/04/2024", "1")],
        unset,
        "2024-04-03 | 1.0",
        &["read day first, as 1 value can only be read"],
    )
    .await;
    check(
        &[("03/04/2024", "1"), ("04/25/2024", "1")],
        unset,
        "2024-03-04 | 1.0",
        &["read month first, as 1 value can only be read"],
    )
    .await;
    check(
        &[("03/04/2024", "1")],
        unset,
        "2024-04-03 | 1.0",
        &["no evidence: 03/04/2024 is read day first; set date_order"],
    )
    .await;
    check(
        &[("03/04/2024", "1"), ("04/25/2024", "1"), ("04/26/2024", "1"), ("26/04/2024", "1")],
        unset,
        "2024-03-04 | 1.0",
        &["contradictory evidence: 2 values can only be read month first, 1 value only the other way; 03/04/2024 is read month first; set date_order if that is wrong"],
    )
    .await;
    check(
        &[("2024-01-01", "1.234"), ("2024-01-01", "12,50")],
        unset,
        "2024-01-01 | 1234.0",
        &["read comma, as 1 value can only be read"],
    )
    .await;
    check(
        &[("2024-01-01", "1.234"), ("2024-01-01", "12.50")],
        unset,
        "2024-01-01 | 1.234",
        &["read point, as 1 value can only be read"],
    )
    .await;
    check(
        &[("2024-01-01", "1,234")],
        unset,
        "2024-01-01 | 1234.0",
        &["no evidence: 1,234 is read point; set decimal"],
    )
    .await;
}

#[tokio::test]
async fn settings_decide_before_evidence() {
    let set = (Some(DateOrder::MonthFirst), Some(DecimalMark::Comma));
    check(&[("03/04/2024", "1.234"), ("25/04/2024", "12.5")], set, "2024-03-04 | 1234.0", &[]).await;
}

#[tokio::test]
async fn columns_without_evidence_follow_their_source() {
    let columns =
        [("order_id", "id"), ("ordered_at", "day"), ("amount", "price"), ("discount_amount", "discount")];
    let project = project(vec![source("shop", vec![map(Table::Orders, &columns)])]);
    let raw = "id | day | price | discount
               1 | 2024-01-01 | 1.234 | 0,50";
    let planned = planned(&project, &[raw]).await.unwrap();
    assert_eq!(rows(&planned.tables[&Table::Orders], "amount discount_amount").await, ["1234.0 | 0.5"]);
    let sentences: Vec<_> = planned.report.decisions.iter().map(|each| each.sentence.as_str()).collect();
    assert_eq!(
        sentences,
        [
            "no evidence: 1.234 is read comma, as the source's other columns are; set decimal",
            "read comma, as 1 value can only be read",
        ]
    );
}
