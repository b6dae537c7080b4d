//! Places among all subjects.

use strata_pipeline::spec::table::Table;

use super::Rows;

const CUSTOMERS: &str = "
    customer_id | income | country
    a | 10 | DE
    b | 20 | DE
    c | 20 | AT
    d | 30 | DE
    e | | DE
    f | -0.0 | AT
    g | 0 | ";

#[tokio::test]
async fn places_with_ties_and_nulls() {
    let rows = Rows { tables: &[(Table::Customers, CUSTOMERS)], ..Rows::default() };
    rows.check(&[
        ("rank(income) = 1", "d ?e"),
        ("rank(income) = 2", "b c ?e"),
        ("rank(income) = 4", "a ?e"),
        // Zero is zero.
        ("rank(income) = 5", "f g ?e"),
        ("rank(income) is null", "e"),
        ("row_number(income) <= 2", "b d ?e"),
        ("row_number(income) = 3", "c ?e"),
        ("row_number(income) = 6", "g ?e"),
        ("percent_rank(income) >= 1", "d ?e"),
        ("percent_rank(income) = 0", "f g ?e"),
        ("percent_rank(income) >= 0.6", "b c d ?e"),
        ("percent_rank(income) > 0.6", "d ?e"),
        // Not in the base, and so nowhere; that a country is unknown is not enough.
        ("rank(income, country = 'DE') = 1", "d ?c e f g"),
        ("row_number(income, country = 'AT') = 2", "f ?a b d e g"),
        ("percent_rank(income, income > 25) = 0", "d ?a b c e f g"),
        ("rank(income) + 1 = row_number(income)", "c g ?e"),
    ])
    .await;
    assert!(rows.refusal("rank(city) = 1").contains("`rank` needs a number and was given a text"));
}

#[tokio::test]
async fn places_among_the_members_of_a_segment() {
    let rows = Rows {
        manifest: "[segments.germans]\ntitle = \"Germans\"\nwhere = \"country = 'DE'\"\n",
        tables: &[(Table::Customers, CUSTOMERS)],
        ..Rows::default()
    };
    rows.check(&[
        ("row_number(income, in_segment('germans')) <= 2", "b d ?c e f g"),
        ("in_segment('s0') and rank(income) > 1", "b"),
        // The same place, asked for before and after others are divided.
        ("rank(income) > 1 and city is null", "a b c f g ?e"),
    ])
    .await;
}
