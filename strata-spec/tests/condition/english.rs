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
            "country is DE or AT, and number of orders is at least 5",
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
        (
            "max(orders.ordered_at) < as_of - interval '60 days'",
            "time of the last order is more than 60 days ago",
        ),
        (
            "count(events) filter (where name = 'Email Opened' and in_last('30 days')) = 0",
            "number of events in the last 30 days where (name is Email Opened) is 0",
        ),
        (
            "count(orders) filter (where channel = customer.preferred_channel) > 0",
            "number of orders where (channel is the subject's own preferred channel) is more than 0",
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
        (
            "distance_km(latitude, longitude, 52.5, 13.4) <= 10",
            "kilometres from (latitude, longitude) to (52.5, 13.4) is at most 10",
        ),
        ("bucket('mail') < 0.1", "place from 0 to 1 in the sample mail is less than 0.1"),
        ("(a > 1) = (b > 2)", "whether a is more than 1 is whether b is more than 2"),
    ];
    for (text, sentence) in cases {
        let condition = Condition::parse(text, Subject::Customers).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(condition.sentence(), sentence, "{text}");
    }
}
