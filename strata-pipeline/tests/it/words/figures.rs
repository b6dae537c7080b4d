//! Figures over rows: every, active periods.

use strata_pipeline::spec::table::Table;

use super::Rows;

#[tokio::test]
async fn every_row() {
    let rows = Rows {
        tables: &[
            (Table::Customers, "customer_id\n web\n both\n unsure\n mixed\n none"),
            (
                Table::Orders,
                "customer_id | ordered_at | channel | amount
                 web | 2024-01-01 | web | 1
                 web | 2024-01-02 | web | 2
                 both | 2024-01-01 | web | 1
                 both | 2024-01-02 | store | 2
                 unsure | 2024-01-01 | web | 1
                 unsure | 2024-01-02 | | 2
                 mixed | 2024-01-01 | | 1
                 mixed | 2024-01-02 | store | 2",
            ),
        ],
        ..Rows::default()
    };
    rows.check(&[
        ("every(orders.channel = 'web')", "web ?none unsure"),
        ("not every(orders.channel = 'web')", "both mixed ?none unsure"),
        ("every(orders.channel = 'web') filter (where amount = 1)", "both unsure web ?mixed none"),
        ("every(orders.channel = 'web') filter (where amount > 5) is null", "both mixed none unsure web"),
        ("coalesce(every(orders.channel = 'web'), true)", "none unsure web"),
    ])
    .await;
}

#[tokio::test]
async fn periods_with_rows() {
    let rows = Rows {
        manifest: "[project]\ntitle = \"Periods\"\ntimezone = \"Europe/Berlin\"\nfiscal_year_start = 2\n",
        tables: &[
            (Table::Customers, "customer_id\n a\n b\n none"),
            // In Berlin the first row of `a` is of February.
            (
                Table::Orders,
                "customer_id | ordered_at | amount
                 a | 2024-01-31T23:30:00Z | 1
                 a | 2024-02-29T12:00:00Z | 1
                 a | 2024-03-01 | 1
                 b | 2024-01-31T22:30:00Z | 1
                 b | 2024-02-01 | 5",
            ),
            (
                Table::OrderLines,
                "customer_id | ordered_at
                 a | 2024-03-01
                 a |",
            ),
        ],
        ..Rows::default()
    };
    rows.check(&[
        ("active_periods(orders.ordered_at, 'month') = 2", "a b"),
        ("active_periods(orders.ordered_at, 'month', 2) = 1", "a"),
        ("active_periods(orders.ordered_at, 'month', 2) = 0", "b none"),
        ("active_periods(orders.ordered_at, 'month', 3) = 0", "a b none"),
        ("active_periods(orders.ordered_at, 'month') = 0", "none"),
        ("active_periods(orders.ordered_at, 'month') filter (where amount > 1) = 1", "b"),
        ("active_periods(orders.ordered_at, 'fiscal year') = 2", "b"),
        ("active_periods(orders.ordered_at, 'fiscal year', 3) = 1", "a"),
        ("active_periods(orders.ordered_at, 'day') = active_days(orders.ordered_at)", "a b none"),
        ("active_periods(order_lines.ordered_at, 'week') = 1", "a"),
        ("active_periods(orders.ordered_at, 'month') filter (where in_period('last 2 months')) = 2", "b"),
    ])
    .await;
}
