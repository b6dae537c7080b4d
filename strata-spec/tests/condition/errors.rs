//! Texts and JSON that are refused: what is wrong, where, and what to do about it.

use serde_json::{Value, json};
use strata_spec::condition::Condition;
use strata_spec::table::Subject;

/// A text, the column of the caret, the message, and a part of the hint.
pub(crate) type Case = (&'static str, usize, &'static str, &'static str);

pub(crate) fn check(subject: Subject, cases: &[Case]) {
    for (text, column, message, hint) in cases {
        let error = match Condition::parse(text, subject) {
            Ok(condition) => panic!("{text} was read as {condition}"),
            Err(error) => error,
        };
        assert_eq!(error.message, *message, "{text}");
        let position = error.position.unwrap_or_else(|| panic!("{text} has no position"));
        assert_eq!((position.line, position.column), (1, *column), "{error}");
        assert_eq!(error.line.as_deref(), Some(*text), "{text}");
        let given = error.hint.unwrap_or_else(|| panic!("{text} has no hint"));
        assert!(given.contains(hint), "{text}\n{given}");
    }
}

#[test]
fn mistakes_of_grammar() {
    check(
        Subject::Customers,
        &[
            ("a and", 6, "expected a value, found the end", "a column"),
            ("a b", 3, "expected `and`, `or` or the end, found `b`", "single quotes"),
            ("city = New York", 12, "expected `and`, `or` or the end, found `York`", "'Berlin'"),
            ("(a or b", 8, "expected `)`, found the end", "close"),
            ("a = 'x", 5, "unterminated string literal", "single quote"),
            ("a = 1;", 6, "a condition has no `;`", "leave"),
            ("a = = 1", 5, "expected a value, found `=`", "a value is"),
            ("a in 5", 6, "expected `(` after `in`, found `5`", "in ('DE', 'AT')"),
            ("order = 5", 1, "expected a value, found `order`", "\"order\""),
            ("orders. = 5", 9, "expected a column after `orders.`, found `=`", "orders."),
            ("1 < x < 5", 9, "comparisons cannot be chained", "between"),
            ("count(orders) filter > 3", 15, "expected `(where …)` after `filter`", "filter (where"),
            ("a /* b", 7, "the comment does not end", "`*/`"),
            (
                "((((((((((((((((((((((((((((((((((((((((((((((((((a",
                49,
                "the condition is nested too deeply",
                "a trait or a segment of its own",
            ),
        ],
    );
}

#[test]
fn parts_of_sql_that_the_language_lacks() {
    check(
        Subject::Customers,
        &[
            ("x in (select 1)", 7, "a condition has no sub-selects", "count(orders) filter"),
            ("exists (select 1)", 1, "a condition has no sub-selects", "count(orders)"),
            ("cast(x as int) > 1", 1, "a condition has no casts", "manifest"),
            ("x::int > 1", 1, "a condition has no casts", "manifest"),
            ("count(orders) over () > 1", 1, "`count` takes no `over`", "filter"),
            (
                "first_value(orders.amount order by x) > 1",
                1,
                "`first_value` takes no `order by`",
                "table's time",
            ),
            ("a || b = 'x'", 1, "the operator `||` is not part of the language", "concat(a, b)"),
            ("x[1] = 2", 1, "`x[1]` is not part of the language", "a value is"),
            ("(a, b) = 5", 2, "a list in parentheses is not a value", "after `in`"),
            ("x like 'a!%' escape '!'", 1, "`like` has no `escape`", "contains"),
            ("current_date > x", 1, "`current_date` would change the result from run to run", "as_of"),
            ("now() > x", 1, "unknown function `now`", "`as_of`"),
            ("extract(year from x) = 1", 1, "unknown function `extract`", "year_of"),
        ],
    );
}

#[test]
fn names_that_do_not_exist() {
    check(
        Subject::Customers,
        &[
            ("cuont(orders) > 1", 1, "unknown function `cuont`", "did you mean `count`?"),
            ("mean(orders.amount) > 1", 1, "unknown function `mean`", "`avg`"),
            ("a > 1 and in_lst(x, '30 days')", 11, "unknown function `in_lst`", "did you mean `in_last`?"),
            ("frobnicate(x) > 1", 1, "unknown function `frobnicate`", "coalesce"),
            ("count(order_line.amount) > 1", 7, "unknown table `order_line`", "did you mean `order_lines`?"),
            (
                "count(ordrs) > 1",
                7,
                "`count` does not say of which table `ordrs` is a column",
                "`count(orders)`",
            ),
            (
                "count(orders) filter (where custmer.city = 'x') > 1",
                29,
                "unknown table `custmer`",
                "`customer.city`",
            ),
            ("in_last(created_at, '30 dais')", 21, "unknown unit of time `dais`", "did you mean `days`?"),
            ("in_period(created_at, 'last fortnight')", 23, "unknown calendar unit `fortnight`", "`quarter`"),
            ("in_period(created_at, 'recently')", 23, "'recently' is not a calendar period", "last quarter"),
            ("in_segment('My VIPs')", 12, "`My VIPs` cannot be the name of a segment", "my_vips"),
        ],
    );
}

#[test]
fn columns_out_of_place() {
    check(
        Subject::Customers,
        &[
            (
                "orders.amount > 5",
                1,
                "`orders.amount` stands outside an aggregate, but a subject has many rows",
                "sum(orders.amount)",
            ),
            (
                "orders.ordered_at is null",
                1,
                "`orders.ordered_at` stands outside an aggregate, but a subject has many rows",
                "max(orders.ordered_at)",
            ),
            ("customers.city = 'x'", 1, "`customers.city` stands outside an aggregate", "`city`"),
            (
                "sum(amount) > 5",
                5,
                "`sum` does not say of which table `amount` is a column",
                "`sum(orders.amount)` or `sum(order_lines.amount)`",
            ),
            ("sum(orders) > 5", 1, "`sum` takes a column, not a table", "sum(orders.amount)"),
            (
                "sum(orders.amount + events.value) > 5",
                21,
                "this aggregate ranges over `orders`, not over `events`",
                "second aggregate",
            ),
            ("orders > 5", 1, "`orders` is a table, not a value", "count(orders)"),
            ("a.b.c = 1", 1, "a column has at most one name before it", "orders.amount"),
            (
                "count(customers) > 1",
                1,
                "`customers` has at most one row for each of customers",
                "without an aggregate",
            ),
            (
                "count(companies) > 1",
                1,
                "`companies` has at most one row for each of customers",
                "company.industry",
            ),
        ],
    );
    check(
        Subject::Companies,
        &[("customer.city = 'x'", 1, "a company has many customers, not one", "count(customers)")],
    );
}

#[test]
fn functions_given_the_wrong_things() {
    check(
        Subject::Customers,
        &[
            ("lower() = 'a'", 1, "`lower` takes 1 argument, not 0", "lower(city)"),
            ("round(a, 1, 2) = 3", 1, "`round` takes 1 to 2 arguments, not 3", "round(revenue, 2)"),
            ("percentile(orders.amount) > 1", 1, "`percentile` takes 2 arguments, not 1", "0.9"),
            ("percentile(orders.amount, 90) > 1", 27, "a percentile is a constant between 0 and 1", "0.9"),
            ("count(*) > 1", 1, "`count(*)` does not say of which table", "count(orders)"),
            ("sum(distinct orders.amount) > 1", 1, "`sum` takes no `distinct`", "count(distinct"),
            (
                "count(distinct orders) > 1",
                1,
                "rows are always distinct; a column's values may not be",
                "count(distinct orders.",
            ),
            ("lower(city) filter (where a) = 'x'", 1, "`lower` takes no `filter`", "aggregates"),
            ("sum(2 * count(orders)) > 1", 9, "the aggregate `count` stands inside another", "trait"),
            (
                "count(orders) filter (where sum(events.value) > 1) > 1",
                29,
                "the aggregate `sum` stands inside another",
                "trait",
            ),
            (
                "count(orders) filter (where in_segment('vip')) > 1",
                29,
                "`in_segment` cannot stand inside an aggregate",
                "`and`",
            ),
            (
                "in_last('30 days')",
                1,
                "`in_last` outside an aggregate needs a time column",
                "in_last(birth_date, '30 days')",
            ),
            ("in_last(x, 30)", 12, "`30` is not a length of time", "'30 days'"),
            ("in_last(x, '30')", 12, "the length of time '30' lacks a unit", "'30 days'"),
            (
                "in_last(x, '1.5 days')",
                12,
                "`1.5` in the length of time '1.5 days' is not a whole number",
                "12 hours",
            ),
            ("in_last(x, '-3 days')", 1, "a window of '-3 days' holds no time", "in_next"),
            (
                "ago_between(x, '30 days', '90 days')",
                1,
                "a window from '30 days' ago to '90 days' ago holds no time",
                "ago_between('90 days', '30 days')",
            ),
            ("at_least(3, a, b)", 1, "`at_least(3, …)` has 2 conditions", "at most"),
            ("at_least(a, b)", 10, "`a` is not a whole number", "at_least(2,"),
            ("in_segment(vip)", 12, "`in_segment` takes constant texts", "in_segment('vip')"),
            ("x like y", 8, "`y` is not a constant text", "single quotes"),
            ("starts_with(x, 'a', 'g')", 21, "unknown flag 'g' of a pattern", "'i'"),
            ("bucket(city) < 0.1", 1, "`bucket` takes a constant text", "bucket('newsletter')"),
        ],
    );
}

#[test]
fn values_that_make_no_sense() {
    check(
        Subject::Customers,
        &[
            ("x = null", 5, "nothing ever compares as true with null by `=`", "`x is null`"),
            ("null <> x", 1, "nothing ever compares as true with null by `<>`", "`x is not null`"),
            ("x in ('a', null)", 12, "`in` never finds null", "or x is null"),
            ("count(orders)", 1, "`count(orders)` is neither true nor false", "count(orders) > 0"),
            ("a and 'x'", 7, "`'x'` is neither true nor false", "compare"),
            ("x > 1e400", 5, "the number 1e400 is too great", "1.8e308"),
            ("x > 99999999999999999999", 5, "the whole number 99999999999999999999 is too great", ".0"),
            ("x > date '2026-02-30'", 10, "'2026-02-30' is not a day of the calendar", "2026-03-01"),
            ("x > timestamp 'noon'", 15, "'noon' is not an instant", "UTC"),
            (
                "x > interval '99999999999 years'",
                14,
                "the length of time '99999999999 years' is too long",
                "window",
            ),
            ("größe > 1 and x = n'a'", 19, "expected a value, found `N'a'`", "single quotes"),
        ],
    );
}

#[test]
fn an_error_shows_the_line_and_a_caret() {
    let text = "count(orders) >= 5\n  and größe > 1 and contains(city)\n  and a";
    let error = Condition::parse(text, Subject::Customers).unwrap_err().in_place("segments.x.where");
    assert_eq!(
        error.to_string(),
        "segments.x.where:2:21: `contains` takes 2 to 3 arguments, not 1\n  |   and größe > 1 and contains(city)\n  |                     ^"
    );
    let error = Condition::parse("a = 1\n  and\n", Subject::Customers).unwrap_err();
    assert_eq!(error.to_string(), "line 2, column 6: expected a value, found the end\n  |   and\n  |      ^");
    let error = Condition::parse(" \n", Subject::Customers).unwrap_err();
    assert_eq!((error.to_string().as_str(), error.hint.is_some()), ("the text is empty", true));
}

#[test]
fn json_errors_give_the_path() {
    let column = || json!({ "column": "a" });
    let cases: Vec<(Value, &str, &str)> = vec![
        (json!("a = 1"), "$: expected a condition, found \"a = 1\"", "sql"),
        (json!({ "al": [] }), "$: a condition has none of its keys", "`all`"),
        (json!({ "all": [true], "any": [] }), "$: unknown key `any`", "all"),
        (json!({ "all": {} }), "$.all: expected a list, found {}", ""),
        (
            json!({ "any": [{ "at_least": 2, "of": [true] }] }),
            "$.any[0]: `at_least(2, …)` has 1 conditions",
            "at most",
        ),
        (
            json!({ "all": [{ "left": column(), "operator": "~", "right": 1 }] }),
            "$.all[0].operator: unknown operator `~`",
            "is distinct from",
        ),
        (json!({ "left": column(), "operator": "=" }), "$: the key `right` is missing", "right"),
        (
            json!({ "left": column(), "operator": "=", "right": null }),
            "$:1:5: nothing ever compares as true with null by `=`\n  | a = null\n  |     ^",
            "a is null",
        ),
        (json!({ "term": column(), "in": [] }), "$: `in` has an empty list", "nobody"),
        (
            json!({ "term": column(), "like": "x", "ignore_cas": true }),
            "$: unknown key `ignore_cas`",
            "`ignore_case`",
        ),
        (json!({ "in_last": "30 dais", "time": column() }), "$.in_last: unknown unit of time `dais`", "days"),
        (json!({ "in_segment": "VIP" }), "$: `VIP` cannot be the name of a segment", "vip"),
        (
            json!({ "is": { "aggregate": "cuont", "table": "orders" } }),
            "$.is.aggregate: unknown aggregate `cuont`",
            "count",
        ),
        (
            json!({ "is": { "aggregate": "max", "table": "order" } }),
            "$.is.table: unknown table `order`",
            "orders",
        ),
        (
            json!({ "not": { "sql": "a = 1 and" } }),
            "$.not.sql:1:10: expected a value, found the end\n  | a = 1 and\n  |          ^",
            "value",
        ),
        (
            json!({ "is": { "column": "a", "of": "customers" } }),
            "$.is.of: a column of customers cannot be `of` `customers`",
            "subject",
        ),
    ];
    for (json, message, hint) in cases {
        let error = match Condition::from_json(&json, Subject::Customers) {
            Ok(condition) => panic!("{json} was read as {condition}"),
            Err(error) => error,
        };
        assert_eq!(error.to_string(), message, "{json}");
        assert!(error.hint.unwrap_or_default().contains(hint), "{json}");
    }
}
