//! Companies, seen through the rows and traits of their customers.

use strata_pipeline::spec::table::{Subject, Table};

use super::Rows;

#[tokio::test]
async fn companies_count_the_traits_of_their_customers() {
    let rows = Rows {
        manifest: "[traits.orders_of]\ntitle = \"Orders\"\nlayer = \"behavioural\"\nvalue = \"count(orders)\"\n[traits.label_of]\ntitle = \"Label\"\nlayer = \"behavioural\"\nvalue = \"case when orders_of > 1 then 'regular' else 'other' end\"\n",
        tables: &[
            (Table::Companies, "company_id\n x\n y\n z"),
            (
                Table::Customers,
                "customer_id | company_id | created_at | accepts_marketing | email
                 a | x | 2024-01-01 | true | a@x
                 b | x | 2024-02-01 | |
                 c | y | 2024-01-01 | true |
                 d | | 2024-01-01 | true | d@d",
            ),
            (
                Table::Orders,
                "customer_id | company_id | ordered_at
                 a | x | 2024-01-01
                 a | x | 2024-01-02
                 b | x | 2024-01-01
                 b | x | 2024-01-02
                 c | y | 2024-01-01
                 d | | 2024-01-01",
            ),
        ],
        ..Rows::default()
    };
    rows.check_of(
        Subject::Companies,
        &[
            ("count(customers) filter (where orders_of >= 2) >= 2", "x"),
            ("sum(customers.orders_of) = 1", "y"),
            ("sum(customers.orders_of) = 0", "z"),
            ("mode(customers.label_of) = 'other'", "y ?z"),
            ("every(customers.orders_of > 0)", "x y ?z"),
            ("count(customers) filter (where reachable('email')) = 1", "x"),
            ("sequence(step(customers, orders_of = 2), step(customers))", "x"),
            ("count(orders) = 0", "z"),
        ],
    )
    .await;
}
