//! Rows that follow each other.

use strata_pipeline::spec::table::Table;

use super::Rows;

#[tokio::test]
async fn rows_of_one_table() {
    let rows = Rows {
        tables: &[
            (
                Table::Customers,
                "customer_id | city\n fast | B\n slow | B\n other | C\n at_once | B\n nobody | B",
            ),
            (
                Table::Events,
                "customer_id | occurred_at | name | product_id | value
                 fast | 2024-03-01 | Viewed | p | 1
                 fast | 2024-03-04 | Added | p | 1
                 slow | 2024-03-01 | Viewed | p | 1
                 slow | 2024-03-04T00:00:01Z | Added | p | 1
                 other | 2024-03-01 | Viewed | p | 1
                 other | 2024-03-02 | Added | q | 1
                 other | 2024-03-02 | Added | | 1
                 at_once | 2024-03-01 | Viewed | p |
                 at_once | 2024-03-01 | Added | p |
                 at_once | 2024-04-01 | Added | p |",
            ),
        ],
        ..Rows::default()
    };
    let added = "step(events, name = 'Viewed'), step(events, name = 'Added'";
    rows.check(&[
        (&format!("sequence({added}))"), "fast other slow"),
        (&format!("sequence({added}, '3 days'))"), "fast other"),
        (&format!("sequence({added}), within('3 days'))"), "fast other"),
        (&format!("sequence({added}), same(product_id))"), "fast slow"),
        (&format!("not sequence({added}))"), "at_once nobody"),
        (&format!("sequence({added})) filter (where in_last('30 days'))"), ""),
        (&format!("sequence({added})) filter (where in_last('31 days'))"), "fast other slow"),
        // Of who has no value it is not known, which is not enough.
        (&format!("sequence({added})) filter (where value = 1)"), "fast other slow"),
        (&format!("sequence({added})) filter (where customer.city = 'B')"), "fast slow"),
        ("sequence(step(events), step(events), step(events))", ""),
        (
            "sequence(step(events, name = 'Viewed'), no_step(events, name = 'Added', '3 days'))",
            "at_once slow",
        ),
        ("sequence(step(events, name = 'Viewed'), no_step(events, name = 'Added'))", "at_once"),
        (
            "sequence(step(events, name = 'Viewed'), no_step(events, name = 'Added'), same(product_id))",
            "at_once other",
        ),
        // The thirty days are not over.
        ("sequence(step(events, name = 'Viewed'), no_step(events, name = 'Added', '31 days'))", ""),
    ])
    .await;
}

#[tokio::test]
async fn rows_of_two_tables() {
    let rows = Rows {
        manifest: "[properties.orders]\nbasket = \"integer\"\n[properties.events]\nbasket = \"number\"\n",
        tables: &[
            (Table::Customers, "customer_id\n bought\n left\n late\n other"),
            (
                Table::Events,
                "customer_id | occurred_at | name | basket
                 bought | 2024-03-01 | Added | 7.0
                 left | 2024-03-01 | Added | 7
                 late | 2024-03-01 | Added | 7
                 other | 2024-03-01 | Added | 7
                 other | 2024-03-02 | Added |",
            ),
            (
                Table::Orders,
                "customer_id | ordered_at | basket
                 bought | 2024-03-02 | 7
                 late | 2024-03-09 | 7
                 other | 2024-03-03 | 8",
            ),
        ],
        ..Rows::default()
    };
    let added = "step(events, name = 'Added')";
    rows.check(&[
        (&format!("sequence({added}, step(orders))"), "bought late other"),
        (&format!("sequence({added}, step(orders, '7 days'), same(basket))"), "bought"),
        (&format!("sequence({added}, no_step(orders, '7 days'))"), "late left"),
        (&format!("sequence({added}, no_step(orders, '7 days'), same(basket))"), "late left other"),
        (&format!("sequence({added}, no_step(orders), same(events.basket, orders.basket))"), "left other"),
        ("sequence(step(orders), step(events))", ""),
        (&format!("sequence({added}, step(orders)) filter (where in_last('27 days'))"), ""),
        (&format!("sequence({added}, no_step(orders, '7 days')) filter (where ago_between('31 days', '30 days'))"), "bought late left other"),
    ])
    .await;
    let refusal = rows.refusal("sequence(step(events), step(orders), same(events.basket, orders.channel))");
    assert!(refusal.contains("a number in one table and a text in the other"), "{refusal}");
}

#[tokio::test]
async fn who_came_back() {
    let rows = Rows {
        tables: &[
            (Table::Customers, "customer_id\n back\n steady\n gone\n new"),
            (
                Table::Orders,
                "customer_id | ordered_at
                 back | 2023-01-01
                 back | 2023-02-01
                 back | 2024-03-15
                 steady | 2023-09-19
                 steady | 2023-12-01
                 steady | 2024-03-15
                 gone | 2023-01-01
                 new | 2024-03-15",
            ),
        ],
        ..Rows::default()
    };
    let condition = "sequence(step(orders), no_step(orders, '180 days'), step(orders, in_last('30 days')))";
    rows.check(&[(condition, "back")]).await;
}

#[tokio::test]
async fn a_trait_may_be_a_sequence() {
    let rows = Rows {
        manifest: "[traits.came_twice]\ntitle = \"Came twice\"\nlayer = \"behavioural\"\nvalue = \"sequence(step(orders), step(orders, '30 days'))\"\n",
        tables: &[
            (Table::Customers, "customer_id\n a\n b"),
            (
                Table::Orders,
                "customer_id | ordered_at\n a | 2024-01-01\n a | 2024-01-31\n b | 2024-01-01\n b | 2024-02-01",
            ),
        ],
        ..Rows::default()
    };
    rows.check(&[("came_twice", "a"), ("sequence(step(orders), step(orders, '30 days'))", "a")]).await;
}
