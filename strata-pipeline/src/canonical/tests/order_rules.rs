//! Orders and their lines.

use strata_spec::table::Table;

use super::{check, check_rejected, check_schemas, map, planned, project, refusal, rows, source};

const ORDERS: &[(&str, &str)] =
    &[("order_id", "id"), ("customer_id", "who"), ("ordered_at", "at"), ("amount", "paid")];

#[tokio::test]
async fn good_rows_become_typed_orders_and_bare_customers() {
    let project = project(vec![source("shop", vec![map(Table::Orders, ORDERS)])]);
    let raw = "id | who | at | paid | Note
               '1001 | c1 | 2024-03-01 | 10.50 | gift
               1002 | | 2024-03-02 | 5 | ";
    let planned = planned(&project, &[raw]).await.unwrap();
    assert_eq!(
        rows(&planned.tables[&Table::Orders], "order_id customer_id ordered_at amount properties source")
            .await,
        [
            "1001 | c1 | 2024-03-01 | 10.5 | {\"Note\":\"gift\"} | shop",
            "1002 | - | 2024-03-02 | 5.0 | - | shop"
        ]
    );
    assert_eq!(rows(&planned.tables[&Table::Customers], "customer_id source email").await, ["c1 | shop | -"]);
    assert_eq!(planned.report.n_guest_orders, 1);
    assert_eq!(planned.tables.len(), Table::ALL.len());
    check_schemas(&project, &planned);
}

#[tokio::test]
async fn refused_rows_say_why() {
    let project = project(vec![source("shop", vec![map(Table::Orders, ORDERS)])]);
    let raw = "id | who | at | paid
               | c1 | 2024-03-01 | 1
               2 | c1 | foo | 2
               3 | c1 | | 3
               4 | c1 | 2099-01-01 | 4
               5 | c1 | 2024-03-01 | five
               6 | c1 | 2025-01-01 23:00 | 6
               ! 7;c1
               8 | c1 | 2024-03-01 | n/a";
    check_rejected(
        &project,
        &[raw],
        &[
            "shop | - | 8 | ragged row",
            "shop | orders | 2 | order_id is missing",
            "shop | orders | 3 | ordered_at is not a date: `foo`",
            "shop | orders | 4 | ordered_at is missing",
            "shop | orders | 5 | dated 2099-01-01, after its file was written",
            "shop | orders | 6 | value dropped: amount is not a number: `five`",
        ],
    )
    .await;
    check(&project, &[raw], Table::Orders, "order_id amount", &["5 | -", "6 | 6.0", "8 | -"]).await;
    let planned = planned(&project, &[raw]).await.unwrap();
    let texts = rows(&planned.rejected, "line text").await;
    assert_eq!(texts[1], "3 | {\"at\":\"foo\",\"id\":\"2\",\"paid\":\"2\",\"who\":\"c1\"}");
    assert_eq!(texts[5], "8 |  7;c1");
    let counts = &planned.report.mappings[0];
    assert_eq!(counts.n_good, 3);
    assert_eq!(counts.refused.iter().map(|count| count.n_rows).sum::<i64>(), 4);
    assert_eq!(counts.dropped[0].reason, "amount is not a number");
    assert_eq!(planned.report.problems[0].n_rows, 1);
}

#[tokio::test]
async fn of_repeated_orders_the_latest_counts() {
    let project = project(vec![source("shop", vec![map(Table::Orders, ORDERS)])]);
    let raw = "id | who | at | paid
               @ b.csv 2024-06-02
               1 | c1 | 2024-03-01 | 11
               3 | c1 | 2024-03-03 | 30
               3 | c1 | 2024-03-03 | 33
               3 | c1 | 2024-03-03 |
               @ a.csv 2024-06-01
               1 | c1 | 2024-03-01 | 10
               2 | c1 | 2024-03-02 | 20
               2 | c1 | 2024-03-02 | 20
               3 | c1 | | ";
    check(&project, &[raw], Table::Orders, "order_id amount", &["1 | 11.0", "2 | 20.0", "3 | 33.0"]).await;
    check_rejected(&project, &[raw], &[]).await;
    let planned = planned(&project, &[raw]).await.unwrap();
    let repeats = planned.report.mappings[0].repeats;
    assert_eq!((repeats.n_identical, repeats.n_superseded), (1, 3));
}

#[tokio::test]
async fn an_order_belongs_to_the_first_source_that_brings_it() {
    let two = vec![
        source("shop", vec![map(Table::Orders, ORDERS)]),
        source("till", vec![map(Table::Orders, ORDERS)]),
    ];
    let project = project(two);
    let shop = "id | who | at | paid
                1001 | c1 | 2024-03-01 | 1";
    let till = "id | who | at | paid
                1001 | c2 | 2024-03-02 | 2
                1002 | c2 | 2024-03-02 | 3";
    check(&project, &[shop, till], Table::Orders, "order_id source", &["1001 | shop", "1002 | till"]).await;
    check_rejected(
        &project,
        &[shop, till],
        &["till | orders | 2 | order 1001 already came from source shop"],
    )
    .await;
}

#[tokio::test]
async fn refunds_are_subtracted_and_withdrawn_orders_are_events() {
    let columns = [ORDERS, &[("status", "state"), ("refunded_amount", "back")]].concat();
    let lines = map(Table::OrderLines, &[("order_id", "id"), ("product_name", "what")]);
    let project = project(vec![source("shop", vec![map(Table::Orders, &columns), lines])]);
    let raw = "id | who | at | paid | state | back | what
               1 | c1 | 2024-03-01 | 10 | paid | 4 | tea
               2 | c1 | 2024-03-02 | 10 | paid | 10 | tea
               3 | c1 | 2024-03-03 | 10 | wc-cancelled | | tea
               4 | c2 | 2024-03-04 | 10 | Failed | | tea
               5 | c2 | 2024-03-05 | -7 | completed | | tea
               6 | c2 | 2024-03-06 | 10 | refunded | | tea";
    let planned = planned(&project, &[raw]).await.unwrap();
    assert_eq!(
        rows(&planned.tables[&Table::Orders], "order_id amount refunded_amount").await,
        ["1 | 6.0 | 4.0"]
    );
    assert_eq!(
        rows(&planned.tables[&Table::Events], "occurred_at customer_id name value").await,
        [
            "2024-03-02 | c1 | Order Refunded | 10.0",
            "2024-03-03 | c1 | Order Cancelled | 10.0",
            "2024-03-04 | c2 | Order Failed | 10.0",
            "2024-03-05 | c2 | Order Refunded | -7.0",
            "2024-03-06 | c2 | Order Refunded | 10.0",
        ]
    );
    assert_eq!(
        rows(&planned.tables[&Table::OrderLines], "order_id ordered_at customer_id").await,
        ["1 | 2024-03-01 | c1"]
    );
    assert_eq!(planned.report.n_lines_of_withdrawn_orders, 5);
    assert_eq!(
        planned.report.withdrawn_orders.iter().map(|count| count.n_rows).collect::<Vec<_>>(),
        [1, 1, 3]
    );
}

#[tokio::test]
async fn amounts_are_converted_or_the_missing_rate_is_named() {
    let columns = [ORDERS, &[("currency", "money")]].concat();
    let lines = map(Table::OrderLines, &[("order_id", "id"), ("quantity", "n"), ("unit_price", "each")]);
    let mut project = project(vec![source("shop", vec![map(Table::Orders, &columns), lines])]);
    let mixed = "id | who | at | paid | money | n | each
                 1 | c1 | 2024-03-01 | 10 | EUR | 2 | 5
                 2 | c1 | 2024-03-02 | 10 | usd | 1 | 10
                 3 | c1 | 2024-03-03 | 10 | | 1 | 10";
    let error = refusal(&project, &[mixed]).await;
    assert!(error.contains("orders are in EUR (source `shop`) and in USD"), "{error}");

    project.currency = Some("EUR".to_owned());
    let error = refusal(&project, &[mixed]).await;
    assert!(
        error.contains("source `shop` has 1 orders in USD") && error.contains("add `USD = …`"),
        "{error}"
    );

    project.currencies.insert("USD".to_owned(), 0.5);
    let expected = ["1 | 10.0 | EUR", "2 | 5.0 | USD", "3 | 10.0 | EUR"];
    check(&project, &[mixed], Table::Orders, "order_id amount currency", &expected).await;
    check(&project, &[mixed], Table::OrderLines, "order_id amount", &["1 | 10.0", "2 | 5.0", "3 | 10.0"])
        .await;

    project.currency = None;
    let one = "id | who | at | paid | money | n | each
               1 | c1 | 2024-03-01 | 10 | GBP | 2 | 5";
    assert_eq!(planned(&project, &[one]).await.unwrap().report.currency.as_deref(), Some("GBP"));
}

#[tokio::test]
async fn lines_are_completed_from_their_orders() {
    let lines = map(
        Table::OrderLines,
        &[("order_id", "o"), ("line_id", "l"), ("quantity", "n"), ("unit_price", "each")],
    );
    let project =
        project(vec![source("shop", vec![map(Table::Orders, ORDERS)]), source("lines", vec![lines])]);
    let orders = "id | who | at | paid
                  1 | c1 | 2024-03-01 | 10";
    let lines = "o | l | n | each
                 1 | 1 | 2 | 4
                 1 | 2 | 1 | 2
                 1 | 2 | 1 | 3
                 9 | 1 | 1 | 2";
    let expected = ["1 | 1 | c1 | 2024-03-01 | 8.0", "1 | 2 | c1 | 2024-03-01 | 3.0"];
    let columns = "order_id line_id customer_id ordered_at amount";
    check(&project, &[orders, lines], Table::OrderLines, columns, &expected).await;
    let reason = "lines | order_lines | 5 | no date: the line names none, and its order 9 is not in any source of orders";
    check_rejected(&project, &[orders, lines], &[reason]).await;
}

#[tokio::test]
async fn orders_known_by_their_lines_are_rolled_up() {
    let mut lines = map(
        Table::OrderLines,
        &[
            ("order_id", "invoice"),
            ("customer_id", "who"),
            ("ordered_at", "at"),
            ("quantity", "n"),
            ("unit_price", "each"),
        ],
    );
    lines.filter = Some("invoice not like 'C%'".to_owned());
    let project = project(vec![source("retail", vec![lines])]);
    let raw = "Invoice | who | at | n | each
               1 | c1 | 2024-03-01 10:00 | 2 | 4.50
               1 | c1 | 2024-03-01 09:59 | 1 | 1
               1 | c1 | 2024-03-01 09:59 | 1 | 1
               C2 | c1 | 2024-03-02 | -1 | 1
               3 | | 2024-03-03 | 1 | 7";
    let planned = planned(&project, &[raw]).await.unwrap();
    assert_eq!(
        rows(&planned.tables[&Table::Orders], "order_id customer_id ordered_at amount n_items source").await,
        ["1 | c1 | 2024-03-01T09:59:00Z | 11.0 | 4.0 | retail", "3 | - | 2024-03-03 | 7.0 | 1.0 | retail"]
    );
    assert_eq!(planned.report.n_orders_from_lines, 2);
    assert_eq!(rows(&planned.tables[&Table::OrderLines], "order_id").await, ["1", "1", "1", "3"]);
}

#[tokio::test]
async fn an_even_exchange_is_no_return_in_whatever_order_its_lines_come() {
    let lines = map(
        Table::OrderLines,
        &[("order_id", "invoice"), ("customer_id", "who"), ("ordered_at", "at"), ("amount", "paid")],
    );
    let project = project(vec![source("retail", vec![lines])]);
    let mut amounts = Vec::new();
    for paid in [["0.1", "0.3", "-0.4"], ["-0.4", "0.1", "0.3"], ["0.3", "-0.4", "0.1"]] {
        let exchanged: Vec<String> =
            paid.iter().map(|paid| format!("1 | c1 | 2024-03-01 | {paid}")).collect();
        let raw = format!("Invoice | who | at | paid\n{}\n2 | c1 | 2024-03-02 | -0.3", exchanged.join("\n"));
        let planned = planned(&project, &[&raw]).await.unwrap();
        assert_eq!(rows(&planned.tables[&Table::Orders], "order_id").await, ["1"]);
        assert_eq!(rows(&planned.tables[&Table::Events], "name value").await, ["Order Refunded | -0.3"]);
        amounts.extend(rows(&planned.tables[&Table::Orders], "amount").await);
    }
    assert!(amounts.iter().all(|amount| *amount == amounts[0]), "{amounts:?}");
}
