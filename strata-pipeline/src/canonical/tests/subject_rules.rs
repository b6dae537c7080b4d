//! Customers and companies.

use std::collections::BTreeMap;

use strata_spec::manifest::Priority;
use strata_spec::name::SourceName;
use strata_spec::table::{Kind, Table};

use super::{check, check_rejected, map, planned, project, rows, source};

#[tokio::test]
async fn within_a_source_a_later_value_counts() {
    let columns = [
        ("customer_id", "id"),
        ("email", "mail"),
        ("city", "city"),
        ("gender", "sex"),
        ("accepts_marketing", "ok"),
    ];
    let project = project(vec![source("crm", vec![map(Table::Customers, &columns)])]);
    let raw = "id | mail | city | sex | ok | Plan
               @ b.csv 2024-06-02
               c1 | NEW@x.org | | | SUBSCRIBED | pro
               @ a.csv 2024-06-01
               c1 | old@x.org | Wien | f | no | free
               c2 | b@x.org | Graz | tall | |";
    check(
        &project,
        &[raw],
        Table::Customers,
        "customer_id email city gender accepts_marketing properties",
        &["c1 | new@x.org | Wien | female | true | {\"Plan\":\"pro\"}", "c2 | b@x.org | Graz | - | - | -"],
    )
    .await;
    check_rejected(
        &project,
        &[raw],
        &["crm | customers | 3 | value dropped: gender is not a gender: `tall`"],
    )
    .await;
}

#[tokio::test]
async fn a_country_has_one_code_whatever_it_is_called() {
    let crm = source("crm", vec![map(Table::Customers, &[("customer_id", "id"), ("country", "land")])]);
    let firms = source("firms", vec![map(Table::Companies, &[("company_id", "id"), ("country", "land")])]);
    let project = project(vec![crm, firms]);
    let raws = [
        "id | land
         c1 | DE
         c2 | germany
         c3 | Deutschland
         c4 | Allemagne
         c5 | DEU
         c6 | Atlantis
         c7 | n/a
         c8 |",
        "id | land
         f1 | Österreich",
    ];
    let expected =
        ["c1 | DE", "c2 | DE", "c3 | DE", "c4 | DE", "c5 | DE", "c6 | Atlantis", "c7 | n/a", "c8 | -"];
    check(&project, &raws, Table::Customers, "customer_id country", &expected).await;
    check(&project, &raws, Table::Companies, "company_id country", &["f1 | AT"]).await;
    check_rejected(&project, &raws, &[]).await;
}

#[tokio::test]
async fn across_sources_the_earlier_counts_and_conflicts_are_refused() {
    let columns = [("customer_id", "id"), ("email", "mail"), ("city", "city")];
    let project = project(vec![
        source("crm", vec![map(Table::Customers, &columns)]),
        source("shop", vec![map(Table::Customers, &columns)]),
    ]);
    let crm = "id | mail | city | a
               17 | a@x.org | | 1
               18 | b@x.org | Wien | 1";
    let shop = "id | mail | city | b
                17 | other@x.org | Graz | 2
                18 | B@x.org | Linz | 2
                19 | c@x.org | Bonn | 2";
    check(
        &project,
        &[crm, shop],
        Table::Customers,
        "customer_id email city source properties",
        &[
            "17 | a@x.org | - | crm | {\"a\":\"1\"}",
            "18 | b@x.org | Wien | crm | {\"a\":\"1\",\"b\":\"2\"}",
            "19 | c@x.org | Bonn | shop | {\"b\":\"2\"}",
        ],
    )
    .await;
    let reason = "shop | customers | 2 | claims id 17, which source crm already holds for another e-mail";
    check_rejected(&project, &[crm, shop], &[reason]).await;
}

#[tokio::test]
async fn a_source_with_priority_for_a_column_is_heard_first() {
    let columns = [("customer_id", "id"), ("email", "mail"), ("city", "city"), ("phone", "tel")];
    let sources = ["crm", "shop", "till"].map(|name| source(name, vec![map(Table::Customers, &columns)]));
    let mut project = project(sources.to_vec());
    let priority = |column: &str, sources: &[&str]| Priority {
        table: Table::Customers,
        column: column.to_owned(),
        sources: sources.iter().map(|name| SourceName::new(*name).unwrap()).collect(),
    };
    project.identity.priority = vec![priority("city", &["till", "shop"]), priority("phone", &["shop"])];
    let raws = [
        "id | mail | city | tel
         1 | a@x.org | Wien | 111
         2 | b@x.org | Wien | 111
         3 | c@x.org | Wien | 111
         5 | e@x.org | Wien | 111",
        "id | mail | city | tel
         1 | a@x.org | Graz | 222
         2 | b@x.org | Graz |
         4 | d@x.org | Graz | 222
         5 | other@x.org | Graz | 222",
        "id | mail | city | tel
         1 | a@x.org | Linz | 333
         4 | d@x.org | | 333",
    ];
    check(
        &project,
        &raws,
        Table::Customers,
        "customer_id city phone source",
        &[
            "1 | Linz | 222 | crm",
            "2 | Graz | 111 | crm",
            "3 | Wien | 111 | crm",
            "4 | Graz | 222 | shop",
            // Whoever has another e-mail address is another person, priority or not.
            "5 | Wien | 111 | crm",
        ],
    )
    .await;
    let report = planned(&project, &raws).await.unwrap().report;
    let inconsistent = |at: usize| report.mappings[at].inconsistent.get("city").copied();
    assert_eq!([0, 1, 2].map(inconsistent), [Some(2), Some(2), None]);
}

#[tokio::test]
async fn impossible_ages_are_dropped() {
    let columns = [("customer_id", "id"), ("birth_date", "born"), ("age", "age"), ("created_at", "since")];
    let project = project(vec![source("crm", vec![map(Table::Customers, &columns)])]);
    let raw = "id | born | age | since
               c1 | 1880-01-01 | 30 | 2020-01-01
               c2 | 2030-01-01 | 130 |
               c3 | 1980-05-06 | 44.5 | 2040-01-01
               c4 | 1980-05-06 | 44.0 |
               c5 | 1980-05-06 | 0 |";
    check(
        &project,
        &[raw],
        Table::Customers,
        "customer_id birth_date age created_at",
        &[
            "c1 | - | 30 | 2020-01-01",
            "c2 | - | - | -",
            "c3 | 1980-05-06 | - | -",
            "c4 | 1980-05-06 | 44 | -",
            "c5 | 1980-05-06 | - | -",
        ],
    )
    .await;
    check_rejected(
        &project,
        &[raw],
        &[
            "crm | customers | 2 | value dropped: birth_date is before 1900 or in the future: 1880-01-01",
            "crm | customers | 3 | value dropped: birth_date is before 1900 or in the future: 2030-01-01; age is not between 1 and 120: 130",
            "crm | customers | 4 | value dropped: age is not a whole number: `44.5`; dated 2040-01-01, after its file was written",
            "crm | customers | 6 | value dropped: age is not between 1 and 120: 0",
        ],
    )
    .await;
}

#[tokio::test]
async fn what_is_no_address_and_no_number_is_dropped() {
    let columns = [("customer_id", "id"), ("email", "mail"), ("phone", "phone")];
    let project = project(vec![source("crm", vec![map(Table::Customers, &columns)])]);
    let raw = "id | mail | phone
               c1 | info@x.org | 110
               c2 | n/a | 0000000
               c3 | null | -1
               c4 | | (0)30 12-34";
    check(
        &project,
        &[raw],
        Table::Customers,
        "customer_id email phone",
        &["c1 | info@x.org | 110", "c2 | - | -", "c3 | - | -", "c4 | - | (0)30 12-34"],
    )
    .await;
    check_rejected(
        &project,
        &[raw],
        &[
            "crm | customers | 3 | value dropped: email is not an e-mail address: n/a; phone is not a telephone number: 0000000",
            "crm | customers | 4 | value dropped: email is not an e-mail address: null; phone is not a telephone number: -1",
        ],
    )
    .await;
}

#[tokio::test]
async fn companies_come_from_wherever_they_are_named_and_orders_take_their_customers() {
    let project = project(vec![
        source("crm", vec![map(Table::Customers, &[("customer_id", "id"), ("company_id", "firm")])]),
        source("accounts", vec![map(Table::Companies, &[("company_id", "id"), ("name", "name")])]),
        source(
            "shop",
            vec![map(Table::Orders, &[("order_id", "id"), ("customer_id", "who"), ("ordered_at", "at")])],
        ),
    ]);
    let raws = [
        "id | firm
         c1 | f1
         c2 | f2
         c3 |",
        "id | name
         f1 | Acme",
        "id | who | at
         1 | c1 | 2024-01-01
         2 | c3 | 2024-01-01
         3 | c9 | 2024-01-01",
    ];
    check(&project, &raws, Table::Orders, "order_id company_id", &["1 | f1", "2 | -", "3 | -"]).await;
    check(
        &project,
        &raws,
        Table::Companies,
        "company_id name source",
        &["f1 | Acme | accounts", "f2 | - | crm"],
    )
    .await;
    check(
        &project,
        &raws,
        Table::Customers,
        "customer_id source",
        &["c1 | crm", "c2 | crm", "c3 | crm", "c9 | shop"],
    )
    .await;
}

#[tokio::test]
async fn a_file_of_orders_that_names_customers_may_have_guests() {
    let project = project(vec![source(
        "shop",
        vec![
            map(
                Table::Orders,
                &[("order_id", "Name"), ("customer_id", "Email"), ("ordered_at", "Created at")],
            ),
            map(Table::Customers, &[("customer_id", "Email"), ("email", "Email"), ("city", "Billing City")]),
        ],
    )]);
    let raw = "Name | Email | Created at | Billing City
               #1 | a@x.org | 2024-01-01 | Wien
               #1 | | |
               #2 | | 2024-01-02 |
               #3 | a@x.org | 2024-01-03 | Graz";
    let planned = planned(&project, &[raw]).await.unwrap();
    assert_eq!(rows(&planned.rejected, "reason").await, [""; 0]);
    assert_eq!(rows(&planned.tables[&Table::Customers], "customer_id city").await, ["a@x.org | Graz"]);
    assert_eq!(rows(&planned.tables[&Table::Orders], "order_id").await, ["#1", "#2", "#3"]);
}

#[tokio::test]
async fn declared_properties_are_typed_columns() {
    let mut project = project(vec![
        source(
            "crm",
            vec![map(Table::Customers, &[("customer_id", "id"), ("score", "Points"), ("renews", "Renewal")])],
        ),
        source("other", vec![map(Table::Customers, &[("customer_id", "id")])]),
    ]);
    let declared = BTreeMap::from([("score".to_owned(), Kind::Number), ("renews".to_owned(), Kind::Date)]);
    project.properties.insert(Table::Customers, declared);
    let crm = "id | Points | Renewal
               c1 | 1,5 | 31/12/2030";
    let other = "id
                 c2";
    check(
        &project,
        &[crm, other],
        Table::Customers,
        "customer_id score renews",
        &["c1 | 1.5 | 2030-12-31", "c2 | - | -"],
    )
    .await;
}
