//! Conditions in plain English.

use strata_spec::condition::Condition;
use strata_spec::table::Subject;

#[test]
fn conditions_are_said_in_plain_english() {
    let cases = [
        ("true", "everyone"),
        ("false", "nobody"),
        (
            "country in ('DE', 'AT') and count(orders) >= 5",
            "country is DE or AT, and placed at least 5 orders",
        ),
        ("city = 'New York' or city = 'Bonn and Köln'", "city is New York, or city is “Bonn and Köln”"),
        ("a and (b or c)", "a is true, and either b is true or c is true"),
        ("a or (b and c and d)", "a is true, or (b is true, and c is true, and d is true)"),
        ("at_least(2, a, b = 1, not c)", "at least 2 of these 3: (1) a is true; (2) b is 1; (3) c is false"),
        ("not (a or b)", "none of these 2: (1) a is true; (2) b is true"),
        ("not (a and b)", "not all of these 2: (1) a is true; (2) b is true"),
        ("not age > 3", "it is not so that age is more than 3"),
        ("city <> 'Berlin'", "city is known and is not Berlin"),
        ("city is distinct from 'Berlin'", "city is not Berlin (or is missing)"),
        ("city is not distinct from region", "city is region, or both are missing"),
        ("age between 18 and 29", "age is between 18 and 29"),
        ("age not in (1, 2)", "age is known and is none of 1 and 2"),
        ("email not like '%@x.com'", "email does not look like “%@x.com”"),
        ("starts_with(city, 'San', 'i')", "city starts with “San” (in upper or lower case)"),
        ("regexp_like(city, '^S')", "city matches the regular expression “^S”"),
        ("ends_with(city, 'n') and contains(city, 'o')", "city ends with “n”, and city contains “o”"),
        ("email is null and phone is not null", "email is missing, and phone is known"),
        ("birth_date < date '2000-01-01'", "birth date is before 2000-01-01"),
        (
            "created_at >= timestamp '2026-03-01T12:00:00Z'",
            "created at is no earlier than 2026-03-01 12:00:00 UTC",
        ),
        ("in_last(created_at, '30 days')", "created at falls in the last 30 days"),
        (
            "in_next(birth_date, '1 week') and in_last(x, '1 month')",
            "birth date falls in the next 7 days, and x falls in the last month",
        ),
        (
            "not ago_between(created_at, '90 days', '30 days')",
            "created at does not fall between 90 days and 30 days ago",
        ),
        ("in_period(created_at, 'last quarter')", "created at falls last quarter"),
        (
            "not in_segment('vip') and in_class('rfm', 'at_risk')",
            "is not in the segment vip, and is in the class at_risk of rfm",
        ),
        ("not accepts_marketing", "accepts marketing is false"),
        ("max(orders.ordered_at) < as_of - interval '60 days'", "the last order was more than 60 days ago"),
        (
            "count(events) filter (where name = 'Email Opened' and in_last('30 days')) = 0",
            "has no event “Email Opened” in the last 30 days",
        ),
        (
            "count(orders) filter (where channel = customer.preferred_channel) > 0",
            "placed at least one order where (channel is the subject's own preferred channel)",
        ),
        (
            "count(distinct order_lines.category) > 2",
            "number of different values of category among order lines is more than 2",
        ),
        (
            "sum(orders.amount - orders.tax_amount) > avg(orders.amount)",
            "total (amount minus tax amount) of orders is more than average amount of orders",
        ),
        (
            "first_value(orders.channel) = mode(orders.channel)",
            "channel of the first order is most frequent channel of orders",
        ),
        (
            "percentile(orders.amount, 0.9) > 100",
            "amount below which a share of 0.9 of orders lies is more than 100",
        ),
        ("active_days(events.occurred_at) > 3", "number of days with events is more than 3"),
        (
            "median_gap_days(orders.ordered_at) < 30",
            "median number of days between days with orders is less than 30",
        ),
        ("n_orders * (a + b) / 2 > 1", "(number of orders times (a plus b)) divided by 2 is more than 1"),
        ("company.industry = 'Retail'", "the company's industry is Retail"),
        ("\"Preferred Store\" = ''", "“Preferred Store” is “”"),
        ("case when a then 'x' else 'y' end = 'x'", "(x if a is true; otherwise y) is x"),
        ("coalesce(a, b) = lower(c)", "the first known of a and b is c in lower case"),
        ("days_to_anniversary(birth_date) <= 7", "days to the next anniversary of birth date is at most 7"),
        ("distance_km(latitude, longitude, 52.5, 13.4) <= 10", "is at most 10 km from (52.5, 13.4)"),
        ("bucket('mail') < 0.1", "is in the first 10% of the sample mail"),
        ("(a > 1) = (b > 2)", "whether a is more than 1 is whether b is more than 2"),
    ];
    check(&cases);
}

fn check(cases: &[(&str, &str)]) {
    for (text, sentence) in cases {
        let condition = Condition::parse(text, Subject::Customers).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(condition.sentence(), *sentence, "{text}");
    }
}

#[test]
fn numbers_of_rows_are_said_as_what_was_done() {
    check(&[
        ("count(orders) = 0", "placed no order"),
        ("count(orders) < 1", "placed no order"),
        ("count(orders) >= 1", "placed at least one order"),
        ("count(orders) = 1", "placed exactly 1 order"),
        ("count(orders) <= 3", "placed at most 3 orders"),
        ("count(feedback) < 3", "wrote fewer than 3 feedback texts"),
        ("count(orders) = count(events)", "number of orders is number of events"),
        (
            "count(events) filter (where name = 'Signed In' and device = 'phone' and in_last('7 days')) > 3",
            "has more than 3 events “Signed In” in the last 7 days where (device is phone)",
        ),
        ("in_last(min(orders.ordered_at), '30 days')", "the first order falls in the last 30 days"),
        (
            "max(events.occurred_at) filter (where name = 'Signed In') < date '2026-01-01'",
            "the last event “Signed In” was before 2026-01-01",
        ),
        (
            "days_since(max(orders.ordered_at)) > 2 * median_gap_days(orders.ordered_at)",
            "days since the last order is more than 2 times median number of days between days with orders",
        ),
        (
            "sum(order_lines.amount) filter (where category = 'Coffee') / sum(order_lines.amount) > 0.5",
            "share where (category is Coffee) in total amount of order lines is more than 0.5",
        ),
        (
            "active_periods(orders.ordered_at, 'month', 2) filter (where in_period('last 6 months')) >= 4",
            "number of months with at least 2 orders in the last 6 whole months is at least 4",
        ),
        ("not every(orders.channel = 'web')", "not of every order channel is web"),
        (
            "lower(city) = 'berlin' or lower(city) in ('bonn', 'köln')",
            "city is berlin, in upper or lower case, or city is bonn or köln, in upper or lower case",
        ),
        ("bucket('holdout') >= 0.07", "is not in the first 7% of the sample holdout"),
        (
            "array_has(tags, 'a') and not array_has_any(tags, 'b', 'c')",
            "tags has a, and (tags does not have b or c)",
        ),
        (
            "reachable('sms') and consent('post') = 'denied'",
            "can be reached by sms, and consent to post is denied",
        ),
        ("hour_of(as_of, timezone) >= 9", "hour of the present in the time zone timezone is at least 9"),
    ]);
}

#[test]
fn the_past_is_said_in_the_past_tense() {
    check(&[
        (
            "sequence(step(events, name = 'Viewed'), step(events, name = 'Added', '3 days'), no_step(orders, '7 days'), same(product_id), within('30 days')) filter (where in_last('90 days'))",
            "has in this order: (1) an event “Viewed”; (2) at most 3 days later an event “Added”; (3) for 7 days after that no order; all with the same product id; from first to last at most 30 days; counting only what was in the last 90 days",
        ),
        (
            "a and not sequence(step(orders), no_step(feedback), same(orders.sku, feedback.product_id))",
            "a is true, and (does not have in this order: (1) an order; (2) until now no feedback text; all with the same sku of the order as product id of the feedback text)",
        ),
        ("changed(plan, in_last('7 days'))", "plan changed in the last 7 days"),
        ("not changed(plan)", "plan never changed"),
        ("changed_from(plan, 'free', 'pro')", "plan changed from free to pro at some time"),
        ("not changed_to(plan, 'pro', in_last('7 days'))", "plan did not change to pro in the last 7 days"),
        (
            "entered('vip') and not left('vip', in_last('7 days'))",
            "entered the segment vip at some time, and did not leave the segment vip in the last 7 days",
        ),
        ("was(plan, 'free', date '2026-03-01')", "plan was free on 2026-03-01"),
        ("not was_in('rfm', 'champions')", "was never in the class champions of rfm"),
        ("was_in('vip', as_of - interval '30 days')", "was in the segment vip 30 days ago"),
        ("has_been(plan, 'free') >= interval '7 days'", "plan has been free for at least 7 days"),
        ("has_been_in('vip') < interval '1 year'", "has been in the segment vip for less than 1 year"),
        ("since(plan, 'free') is null", "time since which plan is free is missing"),
        (
            "percent_rank(revenue, n_orders > 0) >= 0.93",
            "is in the top 7% by revenue among those of whom (number of orders is more than 0)",
        ),
        ("row_number(revenue) <= 100", "is among the first 100 by revenue"),
        (
            "rank(revenue) <= 100",
            "is among the first 100 by revenue, with all who are equal to the last of them",
        ),
    ]);
}
