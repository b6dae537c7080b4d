//! Sequences, states, places and patterns that are refused: what is wrong, where, and what to do about it.

use serde_json::{Value, json};
use strata_spec::condition::Condition;
use strata_spec::table::Subject;

use crate::errors::check;

#[test]
fn sequences_that_make_no_sense() {
    check(
        Subject::Customers,
        &[
            ("sequence(step(orders))", 1, "a sequence has two steps at least", "count(events)"),
            (
                "sequence(no_step(orders), step(orders))",
                1,
                "a sequence cannot begin with an absent step",
                "begin with",
            ),
            (
                "sequence(step(orders, '3 days'), step(orders))",
                1,
                "the first step has none before it, from which time could be counted",
                "in_last",
            ),
            (
                "sequence(step(orders), step(events), step(feedback))",
                1,
                "a sequence ranges over at most 2 tables, not over orders, events, feedback",
                "`and`",
            ),
            ("sequence(step(evnts, a), step(events))", 15, "`evnts` is not a table", "`events`"),
            (
                "sequence(step(name = 'x'), step(events))",
                15,
                "`step` does not say of which table",
                "step(events,",
            ),
            (
                "sequence(stp(events), step(events))",
                10,
                "`stp` is not part of a sequence",
                "did you mean `step`?",
            ),
            (
                "sequence(events, step(events))",
                10,
                "a sequence is made of `step(…)`, `no_step(…)`, `same(…)`, `within(…)`",
                "step(events,",
            ),
            (
                "sequence(step(events) filter (where a), step(events))",
                10,
                "`step` takes no `filter` and no `distinct`",
                "step(events,",
            ),
            (
                "sequence(step(events), step(orders)) filter (where channel = 'web')",
                52,
                "the filter of a sequence over two tables cannot speak of a column, as `channel`",
                "into the steps",
            ),
            (
                "sequence(step(events), step(orders), same(lower(a)))",
                43,
                "`same` does not say of which table this is",
                "same(events.",
            ),
            (
                "sequence(step(events), step(orders), same(events.a))",
                38,
                "`same` names no key of `orders`",
                "each of their tables",
            ),
            (
                "sequence(step(events), step(events), same(events.a, events.b))",
                53,
                "`same` names two keys of `events`",
                "same(session_id), same(product_id)",
            ),
            (
                "sequence(step(events), step(events), same(orders.a))",
                43,
                "no step is of the table `orders`",
                "the steps name",
            ),
            (
                "sequence(step(events), step(events), same(as_of))",
                43,
                "`as_of` is the same in all rows anyway",
                "same(product_id)",
            ),
            (
                "sequence(step(events), no_step(events), within('3 days'))",
                1,
                "`within` is the time from the first row to the last, and there is one row only",
                "no_step",
            ),
            (
                "sequence(step(events), step(events), within('3 days'), within('3 days'))",
                56,
                "a sequence has one `within`",
                "later one",
            ),
            (
                "sequence(step(events), step(events, '0 days'))",
                37,
                "a window of '0 days' holds no time",
                "positive",
            ),
            (
                "sequence(step(events), step(events, '-1 days'))",
                37,
                "a window of '-1 day' holds no time",
                "positive",
            ),
            (
                "sequence(step(events), step(events, '99999 years'))",
                37,
                "the window reaches further than a thousand years",
                "all of time",
            ),
            (
                "sequence(step(events, count(orders) > 1), step(orders))",
                23,
                "the aggregate `count` stands inside another",
                "trait",
            ),
            (
                "sequence(step(events, in_segment('vip')), step(orders))",
                23,
                "`in_segment` cannot stand inside an aggregate",
                "`and`",
            ),
            (
                "sequence(step(companies), step(orders))",
                10,
                "`companies` has at most one row for each of customers",
                "company.industry",
            ),
            (
                "count(orders) filter (where sequence(step(events), step(orders))) > 1",
                29,
                "a sequence cannot stand inside an aggregate or another sequence",
                "`and`",
            ),
            ("step(events)", 1, "`step` stands inside `sequence(…)` only", "sequence(step("),
        ],
    );
}

#[test]
fn states_and_changes_that_make_no_sense() {
    check(
        Subject::Customers,
        &[
            ("changed(n_orders + 1)", 9, "`n_orders + 1` is not a property of the subject", "changed(plan"),
            (
                "changed(company.industry)",
                9,
                "`company.industry` is not a property of the subject",
                "changed(plan",
            ),
            ("changed(plan, 'x')", 15, "`'x'` is more than `changed` takes", "changed(plan"),
            (
                "changed(plan, in_next('3 days'))",
                15,
                "nothing has happened yet in a window that lies ahead",
                "of the past",
            ),
            (
                "changed(plan, in_last(created_at, '3 days'))",
                15,
                "the window of `changed` names no time",
                "in_last('30 days')",
            ),
            ("changed(plan, lower(city))", 15, "`lower(city)` is not a window of time", "in_last"),
            ("changed_to(plan, null)", 18, "`NULL` is not a value that a property can have", "constant"),
            ("changed_to(plan, city)", 18, "`city` is not a value that a property can have", "constant"),
            (
                "was(plan, 'free', '2026-01-01')",
                19,
                "`'2026-01-01'` is not an instant of the past",
                "date '2026-03-01'",
            ),
            (
                "was_in('vip', '2026-03-01')",
                15,
                "'2026-03-01' is a text, which would be the name of a class",
                "date '2026-03-01'",
            ),
            (
                "was_in('vip', in_period('next month'))",
                15,
                "nothing has happened yet in a window that lies ahead",
                "of the past",
            ),
            ("was_in('My VIPs')", 8, "`My VIPs` cannot be the name of a segment", "my_vips"),
            ("entered(vip)", 9, "`entered` takes constant texts", "entered('vip'"),
            ("left('a', 'b', 'c')", 16, "`'c'` is more than `left` takes", "left('vip'"),
            (
                "has_been(plan, 'free')",
                1,
                "`has_been` stands beside a length of time only",
                ">= interval '7 days'",
            ),
            (
                "has_been(plan, 'free') = interval '3 days'",
                1,
                "no length of time is ever exactly another",
                ">= interval '7 days'",
            ),
            ("has_been(plan, 'free') > 3", 26, "`3` is not a length of time", "'30 days'"),
            ("has_been(plan, 'free') > '0 days'", 26, "a window of '0 days' holds no time", "positive"),
            (
                "count(orders) filter (where has_been_in('vip') > '3 days') > 1",
                29,
                "`has_been_in` cannot stand inside an aggregate",
                "`and`",
            ),
            ("rank(rank(a)) < 5", 1, "a place among places has no meaning", "trait"),
            ("percent_rank(a)", 1, "`percent_rank(a)` is neither true nor false", ">= 0.9"),
        ],
    );
}

#[test]
fn constants_that_cannot_be_used() {
    check(
        Subject::Customers,
        &[
            (
                "within_polygon(latitude, longitude, 'POLYGON ((13.1 52.3, 13.8 52.3))')",
                37,
                "a ring of the polygon does not end where it begins",
                "the first again",
            ),
            ("within_polygon(latitude, longitude, city)", 37, "the polygon is a constant text", "POLYGON"),
            ("consent('emial') = 'granted'", 9, "unknown channel 'emial'", "did you mean 'email'?"),
            ("reachable(channel)", 11, "`reachable` takes the name of a channel", "reachable('email')"),
            (
                "active_periods(orders.ordered_at, 'fortnight') > 1",
                35,
                "unknown calendar unit `fortnight`",
                "`fiscal year`",
            ),
            (
                "active_periods(orders.ordered_at, channel) > 1",
                35,
                "the unit of the calendar is a constant text",
                "'month'",
            ),
            (
                "active_periods(orders.ordered_at, 'month', 0) > 1",
                44,
                "the least number of rows is a constant of at least 1",
                "'month'",
            ),
            ("hour_of(created_at, 2) > 1", 21, "`2` is not a time zone", "'Europe/Berlin'"),
            ("every(orders.amount + 1)", 7, "`amount + 1` is neither true nor false", "every(orders.channel"),
            (
                "regexp_like(email, '(a')",
                20,
                "the regular expression cannot be read: unclosed group",
                "backslash",
            ),
            (
                "email ~ '[a'",
                9,
                "the regular expression cannot be read: unclosed character class",
                "contains",
            ),
            (
                "regexp_like(email, 'a{1000}{1000}{1000}')",
                20,
                "the regular expression is too great when its repetitions are written out",
                "fewer",
            ),
            (
                "in_period(x, 'last 0 months')",
                14,
                "'last 0 months' is not a calendar period",
                "last 3 months",
            ),
            (
                "in_period(x, '5000 years ago')",
                1,
                "the window reaches further than a thousand years",
                "all of time",
            ),
            (
                "in_last(x, '20000 months')",
                1,
                "the window reaches further than a thousand years",
                "all of time",
            ),
            ("in_last(x, '0 days')", 1, "a window of '0 days' holds no time", "positive"),
            ("list_contains(tags, 'x')", 1, "unknown function `list_contains`", "`array_has`"),
        ],
    );
    check(
        Subject::Companies,
        &[("reachable('email')", 1, "`reachable` is asked of customers only", "count(customers)")],
    );
}

#[test]
fn json_of_the_past_that_is_refused() {
    let plan = || json!({ "column": "plan" });
    let cases: Vec<(Value, &str)> = vec![
        (json!({ "sequence": [{ "step": "events" }] }), "$: a sequence has two steps at least"),
        (json!({ "sequence": [{ "stop": "events" }] }), "$.sequence[0]: a step has none of its keys"),
        (json!({ "sequence": [{ "step": "evnts" }] }), "$.sequence[0].step: unknown table `evnts`"),
        (
            json!({ "sequence": [{ "step": "events" }, { "step": "events", "within": "3 dais" }] }),
            "$.sequence[1].within: unknown unit of time `dais`",
        ),
        (
            json!({ "sequence": [{ "step": "events" }, { "step": "orders" }], "same": [{ "events": plan() }] }),
            "$.same[0]: the key `orders` is missing",
        ),
        (
            json!({ "sequence": [{ "step": "events" }, { "step": "events" }], "same": [5] }),
            "$.same[0]: expected a key, found 5",
        ),
        (json!({ "changed": "plan" }), "$.changed: `'plan'` is not a property of the subject"),
        (json!({ "changed": plan(), "to": null }), "$.to: expected a value that a property can have"),
        (
            json!({ "changed": plan(), "window": { "in_next": "3 days" } }),
            "$: nothing has happened yet in a window that lies ahead",
        ),
        (
            json!({ "changed": plan(), "window": { "of": "3 days" } }),
            "$.window: a window has none of its keys",
        ),
        (json!({ "was": plan(), "value": "x", "at": "noon" }), "$: `'noon'` is not an instant of the past"),
        (
            json!({ "was_in": "vip", "at": { "date": "2026-01-01" }, "window": { "in_last": "3 days" } }),
            "$: it is asked both `at` an instant and in a `window`",
        ),
        (json!({ "entered": 5 }), "$.entered: expected a list, found 5"),
        (json!({ "left": ["rfm"] }), "$.left: expected a segment, or a segmentation and a class"),
        (json!({ "entered": "VIP" }), "$.entered: `VIP` cannot be the name of a segment"),
    ];
    for (json, message) in cases {
        let error = match Condition::from_json(&json, Subject::Customers) {
            Ok(condition) => panic!("{json} was read as {condition}"),
            Err(error) => error,
        };
        assert_eq!(error.to_string(), message, "{json}");
    }
}
