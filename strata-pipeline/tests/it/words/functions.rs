//! Functions of terms, windows, and consent.

use strata_pipeline::spec::table::Table;

use super::Rows;

const CUSTOMERS: &str = "
    customer_id | timezone | created_at | birth_date
    berlin | Europe/Berlin | 2024-01-31T23:30:00Z | 1990-03-31
    tokyo | Asia/Tokyo | 2024-01-31T23:30:00Z | 1990-04-01
    nowhere | Europe/Atlantis | 2024-01-31T23:30:00Z |
    silent | | 2024-01-31T23:30:00Z |
    timeless | Asia/Tokyo | |";

#[tokio::test]
async fn parts_of_times_in_zones_of_their_own() {
    let rows = Rows {
        manifest: "[project]\ntitle = \"Zones\"\ntimezone = \"America/New_York\"\n[properties.customers]\ntimezone = \"text\"\n",
        tables: &[(Table::Customers, CUSTOMERS)],
        ..Rows::default()
    };
    rows.check(&[
        // 18:30 of the day before in the project's zone.
        ("hour_of(created_at) = 18", "berlin nowhere silent tokyo ?timeless"),
        ("monthday_of(created_at) = 31", "berlin nowhere silent tokyo ?timeless"),
        ("hour_of(created_at, timezone) = 0", "berlin ?nowhere silent timeless"),
        ("hour_of(created_at, timezone) = 8", "tokyo ?nowhere silent timeless"),
        ("monthday_of(created_at, timezone) = 1", "berlin tokyo ?nowhere silent timeless"),
        ("month_of(created_at, 'Asia/Tokyo') = 2", "berlin nowhere silent tokyo ?timeless"),
        ("day_of(created_at, timezone) = '2024-02-01'", "berlin tokyo ?nowhere silent timeless"),
        ("day_of(created_at) = '2024-01-31'", "berlin nowhere silent tokyo ?timeless"),
        ("hour_of(as_of, timezone) = 9", "timeless tokyo ?nowhere silent"),
        // A date has no clock and is the same everywhere.
        (
            "hour_of(birth_date) = 0 and monthday_of(birth_date, timezone) = 31",
            "berlin ?nowhere silent timeless",
        ),
        ("weekday_of(birth_date) = 6", "berlin ?nowhere silent timeless"),
        ("month_of(birth_date, 'Asia/Tokyo') = 4", "tokyo ?nowhere silent timeless"),
        ("quarter_of(birth_date) = 1 and year_of(birth_date) = 1990", "berlin ?nowhere silent timeless"),
        // Beside an instant it is its midnight in the project's zone.
        ("birth_date = timestamp '1990-03-31 05:00:00'", "berlin ?nowhere silent timeless"),
    ])
    .await;
    assert_eq!(
        rows.refusal("weekday_of(created_at, 'Europe/Berln') > 0"),
        "there is no time zone `Europe/Berln` / did you mean `Europe/Berlin`?"
    );
}

#[tokio::test]
async fn patterns_with_backslashes() {
    let rows = Rows {
        tables: &[(
            Table::Customers,
            r"customer_id | city
            half | 50%
            named | 50_x
            path | a\b
            slash | \
            nothing |",
        )],
        ..Rows::default()
    };
    rows.check(&[
        (r"city like '50%'", "half named ?nothing"),
        (r"city like '50\%'", "half ?nothing"),
        (r"city like '50\__'", "named ?nothing"),
        (r"city ilike 'A\\B'", "path ?nothing"),
        // Any character stands for itself, and so does the last one.
        (r"city like '5\0_'", "half ?nothing"),
        (r"city like '%\'", "slash ?nothing"),
        (r"city not like '%\\%'", "half named ?nothing"),
        (r"regexp_like(city, '\\')", "path slash ?nothing"),
        (r"regexp_like(city, '^A\\b$', 'i')", "path ?nothing"),
        (r"regexp_like(city, '.*')", "half named path slash ?nothing"),
        (r"not regexp_like(city, '.*')", "?nothing"),
        (
            r"starts_with(city, 'a\') or ends_with(city, '0%') or contains(city, '_x')",
            "half named path ?nothing",
        ),
    ])
    .await;
}

#[tokio::test]
async fn lists_in_texts() {
    let rows = Rows {
        manifest: "[properties.customers]\ntags = \"text\"\nscores = \"json\"\n",
        tables: &[(
            Table::Customers,
            "customer_id | tags | scores
             json | [\"a\", \"b, c\", \"a\"] | [1, 2.5, null, true]
             commas | a, b , ,c |
             none | '' | []
             null | |",
        )],
        ..Rows::default()
    };
    rows.check(&[
        ("array_has(tags, 'a')", "commas json ?null"),
        ("array_has(tags, 'b')", "commas ?null"),
        ("array_has(tags, 'b, c')", "json ?null"),
        ("array_has(tags, 'A')", "?null"),
        ("array_has(scores, 1)", "json ?commas null"),
        ("array_has(scores, 2.5) and array_has(scores, true)", "json ?commas null"),
        ("array_has(scores, 'null')", "?commas null"),
        ("array_has_any(tags, 'x', null, 'c')", "commas ?null"),
        ("array_has_all(tags, 'a', 'c')", "commas ?null"),
        ("array_has_all(tags, 'a', null)", "?null"),
        ("array_length(tags) = 3", "commas json ?null"),
        ("array_length(tags) = 0", "none ?null"),
        ("array_has(tags, city)", "?null"),
    ])
    .await;
    assert!(
        rows.refusal("array_has(latitude, 'a')").contains("`array_has` needs a text and was given a number")
    );
}

#[tokio::test]
async fn places_in_polygons() {
    let rows = Rows {
        tables: &[(
            Table::Customers,
            "customer_id | latitude | longitude
             inside | 52.5 | 13.4
             edge | 52.3 | 13.45
             outside | 52.2 | 13.4
             nowhere | 52.5 |",
        )],
        ..Rows::default()
    };
    let polygon = "'POLYGON ((13.1 52.3, 13.8 52.3, 13.5 52.7, 13.1 52.3))'";
    rows.check(&[
        (&format!("within_polygon(latitude, longitude, {polygon})"), "edge inside ?nowhere"),
        (&format!("not within_polygon(latitude, longitude, {polygon})"), "outside ?nowhere"),
    ])
    .await;
}

#[tokio::test]
async fn consent_and_reach() {
    let rows = Rows {
        manifest: "[properties.customers]\nsms_consent = \"text\"\npost_consent = \"boolean\"\nphone_consent = \"number\"\n",
        tables: &[(
            Table::Customers,
            "customer_id | email | phone | postal_code | accepts_marketing | sms_consent | post_consent
             yes | a@b.c | 1 | 10115 | true | ' Subscribed ' | true
             no | a@b.c | 1 | 10115 | false | unsubscribed | false
             unknown | a@b.c | 1 | 10115 | | '' |
             hidden | '' | | | true | yes | true",
        )],
        ..Rows::default()
    };
    rows.check(&[
        ("consent('email') = 'granted'", "hidden yes ?unknown"),
        ("consent('email') = 'denied'", "no ?unknown"),
        ("consent('sms') = 'granted'", "hidden yes ?unknown"),
        ("consent('sms') = 'denied'", "no ?unknown"),
        // The property does not fall back to what is said of all channels.
        ("consent('post') is null", "unknown"),
        ("reachable('email')", "yes"),
        ("not reachable('email')", "hidden no unknown"),
        ("reachable('sms') or reachable('post')", "yes"),
    ])
    .await;
    let refusal = rows.refusal("reachable('phone')");
    assert!(refusal.contains("`phone_consent` is a number, which is no consent"), "{refusal}");
}

#[tokio::test]
async fn fiscal_years_and_periods_so_far() {
    let rows = Rows {
        as_of: "2024-05-17T08:00:00Z",
        manifest: "[project]\ntitle = \"Fiscal\"\nfiscal_year_start = 4\n",
        tables: &[(
            Table::Customers,
            "customer_id | created_at
             a | 2023-03-31T23:59:59Z
             b | 2023-04-01
             c | 2023-05-17T08:00:00Z
             d | 2023-05-17T08:00:01Z
             e | 2024-03-31T23:59:59Z
             f | 2024-04-01",
        )],
        ..Rows::default()
    };
    rows.check(&[
        ("in_period(created_at, 'this fiscal year')", "f"),
        ("in_period(created_at, 'last fiscal year')", "b c d e"),
        ("in_period(created_at, 'last fiscal year to date')", "b c"),
        ("in_period(created_at, 'last year to date')", "a b c"),
        ("in_period(created_at, 'last fiscal quarter')", "e"),
        ("in_period(created_at, 'last 2 months')", "e f"),
        ("in_period(created_at, 'last 12 months')", "c d e f"),
    ])
    .await;
}
