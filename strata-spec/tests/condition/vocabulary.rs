//! Everything that can be said: each family of the language, in text, in JSON, and to the stock SQL parser.

use serde_json::{Value, json};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;
use strata_spec::condition::references::Reference;
use strata_spec::condition::vocabulary::{CLAUSES, CONDITIONS, IDIOMS, TERMS};
use strata_spec::condition::{AggregateFunction, Channel, Condition, Function, Term};
use strata_spec::name::SegmentName;
use strata_spec::table::{Subject, Table};

use crate::text::{check, check_normal};

/// In their normal form.
const NEW: &[&str] = &[
    // Behaviour.
    "sequence(step(events, name = 'Product Viewed'), step(events, name = 'Added to Cart', '3 days'), no_step(events, name = 'Checkout', '7 days'), same(product_id), within('30 days')) filter (where in_last('90 days'))",
    "sequence(step(events, name = 'Added to Cart'), no_step(order_lines, '7 days'), same(product_id))",
    "sequence(step(orders), no_step(orders, '180 days'), step(orders, in_last('30 days')))",
    "sequence(step(orders, channel = customer.preferred_channel), no_step(feedback), same(orders.order_id, lower(feedback.\"Order\")))",
    "sequence(step(events), step(events), same(session_id), same(product_id)) filter (where device = 'phone')",
    "not sequence(step(orders, amount > 100 or discount_code is null), step(orders, '1 month 2 days'))",
    "in_last(min(events.occurred_at) filter (where name = 'Signed In'), '30 days')",
    "count(events) filter (where ago_between('90 days', '30 days')) > 0 and count(events) filter (where in_last('30 days')) = 0",
    "active_periods(orders.ordered_at, 'month') filter (where in_period('last 6 months')) >= 4",
    "active_periods(events.occurred_at, 'fiscal quarter', 2) filter (where name = 'Signed In') = 3",
    "days_since(max(orders.ordered_at)) > 2 * median_gap_days(orders.ordered_at)",
    "sum(order_lines.amount) filter (where category = 'Coffee') / sum(order_lines.amount) >= 0.5",
    // State in time.
    "changed(plan) and not changed(plan, in_last('7 days'))",
    "changed_from(plan, 'free') or changed_from(plan, 'free', 'pro', in_period('last month')) or changed_to(\"Seats taken\", -5)",
    "has_been(plan, 'free') >= interval '7 days' and has_been(is_trial, true) < interval '1 month'",
    "was(plan, 'free') and was(plan, 'pro', date '2026-03-01') and was(plan, 'pro', ago_between('1 year', '6 months'))",
    "since(plan, 'free') is not null and days_since(since(plan, 'free')) % 7 = 0",
    // Relations.
    "every(orders.channel = 'web') and not every(orders.amount > 10 and orders.discount_code is null)",
    // Membership in time.
    "entered('vip', in_last('7 days')) or left('vip') or entered('rfm', 'champions', in_period('this quarter'))",
    "was_in('vip', timestamp '2026-03-01T12:00:00Z') and not was_in('vip') and was_in('rfm', 'at_risk', as_of - interval '30 days')",
    "has_been_in('vip') > interval '1 year' and member_since('rfm', 'champions') < date '2026-01-01'",
    // Value.
    "percent_rank(revenue) >= 0.9 and percent_rank(revenue / n_orders, n_orders > 0) < 0.5",
    "rank(sum(orders.amount)) <= 100 or row_number(revenue, country = 'DE') <= 100",
    // Geography.
    "within_polygon(latitude, longitude, 'POLYGON ((13.1 52.3, 13.8 52.3, 13.5 52.7, 13.1 52.3))')",
    "not within_polygon(company.latitude, company.longitude, 'MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5)))')",
    "starts_with(postal_code, '10')",
    // Dates.
    "in_period(created_at, 'this fiscal year') and in_period(created_at, '2 fiscal quarters ago') and in_period(created_at, 'last 3 months')",
    "in_period(created_at, 'next 2 weeks') and in_period(created_at, 'last year to date') and in_period(created_at, '2 quarters ago to date')",
    "hour_of(as_of, timezone) between 9 and 17 and weekday_of(created_at, 'Europe/Berlin') = 1 and monthday_of(created_at) = 31",
    "count(orders) filter (where hour_of(ordered_at, customer.timezone) < 6) > 0",
    // Lists, case, samples, consent.
    "array_has(tags, 'wholesale') and not array_has_any(tags, 'a', 'b') and array_has_all(tags, 'a', 'b') and array_length(tags) > 2",
    "lower(city) in ('berlin', 'bonn') and lower(city) <> lower(region)",
    "bucket('holdout') >= 0.05",
    "reachable('email') and consent('sms') = 'granted' and consent('post') is distinct from 'denied'",
];

/// The forms that the plan of the language shows.
const PLANNED: &[&str] = &[
    "count(orders) >= 5 and max(orders.ordered_at) < as_of - interval '60 days' and count(events) filter (where name = 'Email Opened' and in_last('30 days')) = 0 and country in ('DE', 'AT') and not in_segment('vip')",
    "at_least(2, n_orders > 1, city = 'Berlin', accepts_marketing)",
    "days_to_anniversary(birth_date) <= 7",
    "changed(plan, in_last('7 days'))",
    "has_been(plan, 'free') >= interval '7 days'",
    "company.industry = 'Retail'",
    "in_segment('x') and in_class('rfm', 'champions') and entered('x', in_last('7 days')) and left('x', in_last('7 days')) and was_in('x', date '2026-03-01')",
    "percent_rank(clv) >= 0.9",
    "distance_km(latitude, longitude, 52.52, 13.40) <= 10",
    "bucket('salt') < 0.1",
];

#[test]
fn every_family_has_words() {
    check_normal(NEW);
    for text in PLANNED {
        assert!(Condition::parse(text, Subject::Customers).is_ok(), "{text}");
    }
}

#[test]
fn the_stock_parser_reads_every_form() {
    let forms = [CONDITIONS, TERMS, CLAUSES].into_iter().flatten().map(|form| form.example);
    let figures = AggregateFunction::ALL.iter().map(|each| each.example());
    let functions = Function::ALL.iter().map(|each| each.example());
    for text in NEW.iter().chain(PLANNED).copied().chain(forms).chain(figures).chain(functions) {
        let parser = Parser::new(&GenericDialect {}).try_with_sql(text);
        let parsed = parser.and_then(|mut parser| {
            let expression = parser.parse_expr();
            parser.expect_token(&sqlparser::tokenizer::Token::EOF)?;
            expression
        });
        assert!(parsed.is_ok(), "{text}\n{parsed:?}");
    }
}

#[test]
fn what_is_written_loosely_is_read_too() {
    check(
        Subject::Customers,
        &[
            (
                "SEQUENCE(same(order_lines.product_id, events.product_id), step(events.name = 'A' and events.value > 3), no_step(order_lines, true, interval '7' day))",
                "sequence(step(events, name = 'A' and value > 3), no_step(order_lines, '7 days'), same(product_id))",
            ),
            ("interval '1 week' <= HAS_BEEN(plan, 'free')", "has_been(plan, 'free') >= interval '7 days'"),
            (
                "since(plan, 'free') <= as_of - interval '7 days'",
                "has_been(plan, 'free') >= interval '7 days'",
            ),
            (
                "has_been_in('rfm', 'champions') > '30 days'",
                "has_been_in('rfm', 'champions') > interval '30 days'",
            ),
            ("changed(customer.plan)", "changed(plan)"),
            (
                "in_period(x, 'last 1 month') and in_period(x, 'Last Fiscal Years')",
                "in_period(x, 'last month') and in_period(x, 'last fiscal year')",
            ),
        ],
    );
}

#[test]
fn companies_go_by_their_people() {
    check(
        Subject::Companies,
        &[
            (
                "count(customers) filter (where n_orders >= 3 and reachable('email')) >= 5 and avg(customers.revenue) > 100",
                "count(customers) filter (where n_orders >= 3 and reachable('email')) >= 5 and avg(customers.revenue) > 100",
            ),
            (
                "sequence(step(customers, city = company.city), step(orders, '30 days')) and every(customers.country = company.country)",
                "sequence(step(customers, city = company.city), step(orders, '30 days')) and every(customers.country = company.country)",
            ),
        ],
    );
}

#[test]
fn the_builder_says_the_same() {
    let cases: &[(Value, &str)] = &[
        (
            json!({ "sequence": [
                { "step": "events", "where": { "left": { "column": "name" }, "operator": "=", "right": "Added" } },
                { "no_step": "order_lines", "within": "1 week" },
            ], "same": [{ "order_lines": { "column": "sku" }, "events": { "column": "product_id" } }] }),
            "sequence(step(events, name = 'Added'), no_step(order_lines, '7 days'), same(events.product_id, order_lines.sku))",
        ),
        (
            json!({ "sequence": [{ "step": "orders" }, { "step": "orders", "where": true }], "same": ["channel"], "within": "90 days", "filter": { "in_last": "1 year" } }),
            "sequence(step(orders), step(orders), same(channel), within('90 days')) filter (where in_last('1 year'))",
        ),
        (
            json!({ "changed": { "column": "plan" }, "from": "free", "to": "pro", "window": { "in_last": "7 days" } }),
            "changed_from(plan, 'free', 'pro', in_last('7 days'))",
        ),
        (json!({ "changed": { "column": "plan", "of": "customer" }, "to": 3 }), "changed_to(plan, 3)"),
        (json!({ "entered": "vip" }), "entered('vip')"),
        (
            json!({ "left": ["rfm", "champions"], "window": { "in_period": "this month" } }),
            "left('rfm', 'champions', in_period('this month'))",
        ),
        (
            json!({ "was": { "column": "plan" }, "value": "free", "at": { "date": "2026-03-01" } }),
            "was(plan, 'free', date '2026-03-01')",
        ),
        (
            json!({ "not": { "was_in": "vip", "window": { "ago_between": ["90 days", "30 days"] } } }),
            "not was_in('vip', ago_between('90 days', '30 days'))",
        ),
        (
            json!({ "left": { "since": { "column": "plan" }, "value": "free" }, "operator": "<=", "right":
                { "left": { "as_of": true }, "operator": "-", "right": { "interval": "7 days" } } }),
            "has_been(plan, 'free') >= interval '7 days'",
        ),
        (
            json!({ "left": { "percent_rank": { "column": "revenue" }, "among": { "is": { "column": "active" } } }, "operator": ">=", "right": 0.9 }),
            "percent_rank(revenue, active) >= 0.9",
        ),
        (
            json!({ "left": { "column": "city" }, "operator": "=", "right": "BERLIN", "ignore_case": true }),
            "lower(city) = 'berlin'",
        ),
        (
            json!({ "term": { "column": "city" }, "in": ["Köln", { "column": "region" }], "ignore_case": true, "negated": true }),
            "lower(city) not in ('köln', lower(region))",
        ),
        (
            json!({ "is": { "aggregate": "every", "table": "orders", "of": [{ "truth": { "is": { "column": "paid" } } }] } }),
            "every(orders.paid)",
        ),
        (json!({ "is": { "call": "array_has", "of": [{ "column": "tags" }, "x"] } }), "array_has(tags, 'x')"),
    ];
    for (json, text) in cases {
        let read =
            Condition::from_json(json, Subject::Customers).unwrap_or_else(|error| panic!("{json}\n{error}"));
        assert_eq!(read.text(Subject::Customers), *text);
        assert_eq!(Condition::from_json(&read.to_json(), Subject::Customers), Ok(read));
    }
}

#[test]
fn what_is_needed_is_known() {
    let of = |text: &str| -> Vec<Reference> {
        let condition = Condition::parse(text, Subject::Customers).unwrap();
        condition.references().into_iter().map(|(reference, _)| reference).collect()
    };
    let row = |table, name: &str| Reference::Row(table, name.to_owned());
    let vip = || Reference::Segment(SegmentName::new("vip").unwrap());
    assert_eq!(
        of(
            "sequence(step(events, name = 'x'), no_step(orders, '7 days'), same(events.a, orders.b)) filter (where customer.c)"
        ),
        [
            Reference::Rows(Table::Events),
            row(Table::Events, "occurred_at"),
            row(Table::Events, "name"),
            Reference::Rows(Table::Orders),
            row(Table::Orders, "ordered_at"),
            row(Table::Events, "a"),
            row(Table::Orders, "b"),
            Reference::Subject("c".to_owned()),
        ]
    );
    assert_eq!(
        of("changed(plan) and has_been_in('vip') > '3 days' and entered('vip')"),
        [Reference::Property("plan".to_owned()), vip(), vip()]
    );
    assert_eq!(
        of("reachable('sms')"),
        [Reference::Subject("phone".to_owned()), Reference::Subject(Channel::CONSENT.to_owned())]
    );
    let text = "was_in('vip') and left('rfm', 'x') and since(plan, 1) > created_at and sequence(step(orders), step(orders))";
    let condition = Condition::parse(text, Subject::Customers).unwrap();
    assert_eq!(condition.segments_used().len() + condition.segmentations_used().len(), 2);
    assert_eq!(
        condition.columns().iter().map(|column| column.name.as_str()).collect::<Vec<_>>(),
        ["plan", "created_at"]
    );
    assert_eq!(condition.sequences().len(), 1);
    let places: Vec<bool> = condition.references().iter().map(|(_, at)| at.0.is_some()).collect();
    assert!(places.iter().all(|known| *known), "{places:?}");
}

#[test]
fn examples_of_the_reference_can_be_read() {
    let wrapped = |text: &str| {
        Term::parse(text, Subject::Customers).map(drop).map_err(|error| format!("{text}: {error}"))
    };
    for idiom in IDIOMS {
        let condition = Condition::parse(idiom.text, idiom.subject).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(condition.text(idiom.subject), idiom.text.replace("13.40", "13.4"));
    }
    for form in CONDITIONS.iter().chain(TERMS) {
        assert_eq!(wrapped(form.example), Ok(()));
    }
    for function in Function::ALL {
        assert_eq!(wrapped(function.example()), Ok(()));
        assert!(function.about().ends_with('.'), "{}", function.name());
    }
    for function in AggregateFunction::ALL {
        assert_eq!(wrapped(function.example()), Ok(()));
        assert!(function.about().ends_with('.'), "{}", function.name());
    }
}
