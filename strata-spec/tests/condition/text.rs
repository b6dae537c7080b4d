//! Texts and their normal form.

use strata_spec::condition::{Condition, Literal, Term};
use strata_spec::table::Subject;

/// Each text reads, is written as the second, and that reads as the same condition.
pub(crate) fn check(subject: Subject, cases: &[(&str, &str)]) {
    for (text, normal) in cases {
        let condition = Condition::parse(text, subject).unwrap_or_else(|error| panic!("{text}\n{error}"));
        assert_eq!(condition.text(subject), *normal, "{text}");
        assert_eq!(Condition::parse(normal, subject).as_ref(), Ok(&condition), "{text}");
        assert_eq!(Condition::from_json(&condition.to_json(), subject).as_ref(), Ok(&condition), "{text}");
    }
}

/// Each text is in its normal form already.
pub(crate) fn check_normal(cases: &[&str]) {
    let cases: Vec<_> = cases.iter().map(|text| (*text, *text)).collect();
    check(Subject::Customers, &cases);
}

#[test]
fn normal_texts_stay_as_they_are() {
    check_normal(&[
        // The examples of the language's description.
        "count(orders) >= 5 and max(orders.ordered_at) < as_of - interval '60 days' and count(events) filter (where name = 'Email Opened' and in_last('30 days')) = 0 and country in ('DE', 'AT') and not in_segment('vip')",
        "orders_90d >= 3",
        "company.industry = 'Retail'",
        "days_to_anniversary(birth_date) <= 7",
        "distance_km(latitude, longitude, 52.52, 13.4) <= 10",
        "bucket('newsletter') < 0.1",
        "in_class('rfm', 'champions')",
        // Logic.
        "true",
        "false",
        "a and b or c and not d",
        "(a or b) and (c or d)",
        "not (a and b)",
        "not (a or b)",
        "at_least(2, a, b or c, not d)",
        "(a = 1) = (b = 2)",
        // Properties.
        "country <> 'DE'",
        "country is distinct from 'DE'",
        "country is not distinct from city",
        "age between 18 and 29",
        "age not between 18 and 29",
        "city not in ('Köln', 'Bonn')",
        "email like '%@example.%'",
        "email not ilike 'A_%'",
        "regexp_like(email, '^[a-z]+@')",
        "not regexp_like(email, '^[a-z]+@', 'i')",
        "starts_with(city, 'San ') and not ends_with(city, 'a', 'i') and contains(city, '''')",
        "birth_date is null or email is not null",
        "accepts_marketing is true and active is not false",
        "household_size % 2 = 0",
        "\"Preferred Store\" = 'it''s' and \"a \"\"b\"\"\" > 0 and \"Ünal\" is null",
        "\"select\" = \"as_of\" and \"orders\" > 1",
        "date > date '2026-03-01' and interval > interval '1 year 2 months'",
        // Constants.
        "x = -5 or x = 1.5 or x = 1e300 or x = -0.25 or x = 9223372036854775807 or x = -9223372036854775808",
        "created_at >= timestamp '2026-03-01T12:30:00Z'",
        "created_at < as_of - interval '3 days 4 hours'",
        // Arithmetic.
        "a + b * c - d / e > (a + b) * (c - (d - e)) % 2",
        "revenue / n_orders >= 50.0",
        "created_at + interval '1 year' <= as_of",
        // Terms.
        "coalesce(nickname, first_name, 'you') <> lower(trim(last_name))",
        "case when age < 18 then 'young' when age < 65 then 'adult' else 'old' end = 'adult'",
        "case when a then b end is null",
        "round(revenue / 3, 2) = power(least(a, b), 2)",
        "days_since(created_at) > 30 and years_since(birth_date) >= 18",
        "weekday_of(created_at) in (6, 7)",
        // Windows.
        "in_last(created_at, '30 days')",
        "in_next(birth_date, '2 months')",
        "ago_between(created_at, '90 days', '30 days')",
        "in_period(created_at, 'last quarter') or in_period(created_at, 'today') or in_period(created_at, '2 years ago')",
        // Aggregates.
        "count(orders) = 0",
        "count(orders.discount_code) > 2",
        "count(distinct order_lines.category) >= 3",
        "sum(orders.amount) > 100",
        "avg(orders.amount - orders.tax_amount) > median(orders.amount)",
        "sum(order_lines.quantity * order_lines.unit_price) > 100",
        "percentile(orders.amount, 0.9) > 3 * stddev(orders.amount)",
        "mode(orders.channel) = 'web' and mode_share(orders.channel) > 0.8",
        "first_value(orders.discount_code) is not null and last_value(orders.channel) = 'app'",
        "active_days(events.occurred_at) filter (where in_last('28 days')) >= 4",
        "days_since(max(orders.ordered_at)) > 2 * median_gap_days(orders.ordered_at)",
        "gap_variation(orders.ordered_at) < 0.3",
        "first_day_sum(orders.ordered_at, orders.amount) > 50",
        "latest_mean(responses.answer_number, responses.question, 3) filter (where survey = 'autumn') >= 4",
        "min(orders.ordered_at) filter (where channel = 'web' or amount > 10) is not null",
        "count(orders) filter (where in_period('this year') and channel = customer.preferred_channel) > 0",
        "count(orders) filter (where company.country <> 'DE' and ago_between('2 years', '1 year')) > 0",
        "sum(case when orders.channel = 'web' then orders.amount else 0 end) > 5",
        "sum(order_lines.amount) filter (where category = 'Coffee') / sum(order_lines.amount) > 0.5",
        "max(events.value) filter (where in_last(occurred_at, '7 days')) > 0",
        "count(responses) filter (where survey = 'nps' and answer_number >= 9) > 0",
        "avg(feedback.rating) filter (where contains(text, 'refund', 'i')) < 3",
        "count(events.orders) + count(orders) filter (where \"events\" is null) > 0",
    ]);
}

#[test]
fn texts_are_written_in_their_normal_form() {
    check(
        Subject::Customers,
        &[
            ("A=1 AND (b=2 AND (c=3))", "A = 1 and b = 2 and c = 3"),
            ("a or (b or c)", "a or b or c"),
            ("(((a)))", "a"),
            ("not not a", "a"),
            ("not (country in ('DE'))", "country not in ('DE')"),
            (
                "not (x is null) and not (x like 'a') and not (x not between 1 and 2)",
                "x is not null and x not like 'a' and x between 1 and 2",
            ),
            ("NOT x IS NOT NULL", "x is null"),
            ("true and a and true", "a"),
            ("a != 1 and b == 2", "a <> 1 and b = 2"),
            ("a is distinct from 1 and b", "a is distinct from 1 and b"),
            (
                "x ~ 'a' and x !~* 'b' and x ~* 'c' and x !~ 'd'",
                "regexp_like(x, 'a') and not regexp_like(x, 'b', 'i') and regexp_like(x, 'c', 'i') and not regexp_like(x, 'd')",
            ),
            ("x is not distinct from true", "x is true"),
            ("(x > 1) is unknown", "(x > 1) is null"),
            ("-x > - 5 and +y = 1", "0 - x > -5 and y = 1"),
            ("a - (b - c) = (a - b) - c", "a - (b - c) = a - b - c"),
            ("x > .5 and x < 5. and x <> 1E2", "x > 0.5 and x < 5.0 and x <> 100.0"),
            (
                "as_of - interval '1' month < interval '2 weeks' + x",
                "as_of - interval '1 month' < interval '14 days' + x",
            ),
            (
                "x > interval '90 minutes' and x < interval '24 months'",
                "x > interval '1 hour 30 minutes' and x < interval '2 years'",
            ),
            (
                "in_last(x, '2 weeks') and in_next(x, interval '1' quarter)",
                "in_last(x, '14 days') and in_next(x, '3 months')",
            ),
            (
                "in_period(x, 'Last QUARTER') and in_period(x, '1 year ago')",
                "in_period(x, 'last quarter') and in_period(x, 'last year')",
            ),
            (
                "x > timestamp '2026-03-01 12:30:00+01:00' and x > timestamp '2026-03-01'",
                "x > timestamp '2026-03-01T11:30:00Z' and x > timestamp '2026-03-01T00:00:00Z'",
            ),
            (
                "COUNT(Orders) FILTER (WHERE Orders.amount > 5) > 0",
                "count(orders) filter (where amount > 5) > 0",
            ),
            ("sum(amount + orders.tax_amount) > 0", "sum(orders.amount + orders.tax_amount) > 0"),
            (
                "count(orders) filter (where subject.city = 'x') > 0 and customer.city = 'x'",
                "count(orders) filter (where customer.city = 'x') > 0 and city = 'x'",
            ),
            ("case x when 1 then 'a' else 'b' end = 'a'", "case when x = 1 then 'a' else 'b' end = 'a'"),
            ("a -- a comment\nand /* another */ b", "a and b"),
            ("\"plain\" = \"A_1\"", "plain = A_1"),
            ("a = 1 or b = 2 and c = 3", "a = 1 or b = 2 and c = 3"),
        ],
    );
}

#[test]
fn companies_have_customers_and_their_own_columns() {
    check(
        Subject::Companies,
        &[
            ("company.industry = 'Retail'", "industry = 'Retail'"),
            ("count(customers) >= 3", "count(customers) >= 3"),
            (
                "avg(customers.age) filter (where city = company.city) > 30",
                "avg(customers.age) filter (where city = company.city) > 30",
            ),
            (
                "sum(orders.amount) filter (where company.country = 'DE') > 0",
                "sum(orders.amount) filter (where company.country = 'DE') > 0",
            ),
        ],
    );
}

#[test]
fn terms_are_read_without_a_condition() {
    let term = |text| Term::parse(text, Subject::Customers).unwrap();
    assert_eq!(term("'a'"), Term::Literal(Literal::Text("a".to_owned())));
    assert_eq!(term("true"), Term::Literal(Literal::Boolean(true)));
    assert_eq!(term("country"), term("(\"country\")"));
    for text in
        ["count(orders) filter (where in_last('90 days'))", "a > 1", "coalesce(a, null)", "interval '0 days'"]
    {
        assert_eq!(term(text).to_string(), text);
        assert_eq!(Term::from_json(&term(text).to_json(), Subject::Customers), Ok(term(text)));
    }
}

#[test]
fn what_a_condition_speaks_of_is_found_once_in_order() {
    let text = "a = 1 and case when in_segment('vip') then company.b else a end > 0 \
        and coalesce(in_segment('vip'), in_class('rfm', 'champions'), count(orders) > 1) \
        and at_least(1, in_segment('new'), count(orders) > 2 and max(orders.amount) filter (where customer.c) > 3)";
    let condition = Condition::parse(text, Subject::Customers).unwrap();
    let columns: Vec<String> =
        condition.columns().iter().map(|column| format!("{:?} {}", column.scope, column.name)).collect();
    assert_eq!(columns, ["Subject a", "Company b", "Row amount", "Subject c"]);
    let aggregates: Vec<String> =
        condition.aggregates().iter().map(|each| each.function.name().to_owned()).collect();
    assert_eq!(aggregates, ["count", "max"]);
    let segments: Vec<&str> = condition.segments_used().iter().map(|name| name.as_str()).collect();
    assert_eq!(segments, ["vip", "new"]);
    let segmentations: Vec<&str> = condition.segmentations_used().iter().map(|name| name.as_str()).collect();
    assert_eq!(segmentations, ["rfm"]);
}
