//! The forms of the language that are not functions of `function`: conditions, terms and the clauses of a sequence.
//! Each is listed once; the reader takes the number of arguments from here, hints of errors the example, and
//! `docs/language.md` all of it.

use std::ops::RangeInclusive;

use super::{AggregateFunction, Function};
use crate::table::Subject;

/// A form with a word and parentheses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// The word.
    pub name: &'static str,
    /// The least and the greatest number of arguments.
    pub arguments: RangeInclusive<usize>,
    /// How it is written.
    pub example: &'static str,
    /// What it means.
    pub about: &'static str,
}

const fn form(
    name: &'static str,
    arguments: RangeInclusive<usize>,
    example: &'static str,
    about: &'static str,
) -> Form {
    Form { name, arguments, example, about }
}

/// The functions that are conditions.
pub const CONDITIONS: &[Form] = &[
    form(
        "at_least",
        2..=usize::MAX,
        "at_least(2, first, second, third)",
        "At least so many of the conditions are true.",
    ),
    form(
        "in_last",
        1..=2,
        "in_last(birth_date, '30 days')",
        "A time lies in `(as_of − length, as_of]`. Inside an aggregate the table's own time is meant where none is named.",
    ),
    form("in_next", 1..=2, "in_next(birth_date, '30 days')", "A time lies in `(as_of, as_of + length]`."),
    form(
        "ago_between",
        2..=3,
        "ago_between(created_at, '90 days', '30 days')",
        "A time lies in `(as_of − longer, as_of − shorter]`.",
    ),
    form(
        "in_period",
        1..=2,
        "in_period(created_at, 'last quarter')",
        "A time lies in a calendar period of the project's time zone.",
    ),
    form(
        "regexp_like",
        2..=3,
        "regexp_like(email, '@example')",
        "A regular expression is found in a text. `'i'` as a third argument ignores case, here and in the next three.",
    ),
    form("starts_with", 2..=3, "starts_with(city, 'x')", "A text begins with another."),
    form("ends_with", 2..=3, "ends_with(city, 'x')", "A text ends with another."),
    form("contains", 2..=3, "contains(city, 'x')", "A text contains another."),
    form(
        "sequence",
        1..=usize::MAX,
        "sequence(step(events, name = 'Added to Cart'), no_step(events, name = 'Checkout', '7 days'))",
        "Rows follow each other: one for each step, each later than the one before.",
    ),
    form(
        "changed",
        1..=2,
        "changed(plan, in_last('7 days'))",
        "A property of the subject changed, ever or in a window. That it became known for the first time is no change.",
    ),
    form(
        "changed_from",
        2..=4,
        "changed_from(plan, 'free', 'pro', in_last('7 days'))",
        "A property changed from a value, to any or to the one named.",
    ),
    form("changed_to", 2..=3, "changed_to(plan, 'pro', in_last('7 days'))", "A property changed to a value."),
    form(
        "was",
        2..=3,
        "was(plan, 'free', date '2026-03-01')",
        "A property had a value: ever until now, at an instant, or at some time of a window.",
    ),
    form("in_segment", 1..=1, "in_segment('vip')", "The subject is in a segment."),
    form("in_class", 2..=2, "in_class('rfm', 'champions')", "The subject is in a class of a segmentation."),
    form(
        "entered",
        1..=3,
        "entered('vip', in_last('7 days'))",
        "The subject entered a segment, or a class (`entered('rfm', 'champions')`), ever or in a window.",
    ),
    form("left", 1..=3, "left('vip', in_last('7 days'))", "The subject left a segment or a class."),
    form(
        "was_in",
        1..=3,
        "was_in('vip', date '2026-03-01')",
        "The subject was in a segment or a class: ever until now, at an instant, or at some time of a window.",
    ),
];

/// The functions that are values but take something else than values.
pub const TERMS: &[Form] = &[
    form(
        "since",
        2..=2,
        "since(plan, 'free')",
        "The instant since which a property has had a value without a break; null where it has another.",
    ),
    form(
        "has_been",
        2..=2,
        "has_been(plan, 'free') >= interval '7 days'",
        "For how long a property has had a value; stands beside a length of time only, and is short for `since(plan, 'free') <= as_of - interval '7 days'`.",
    ),
    form(
        "member_since",
        1..=2,
        "member_since('vip')",
        "The instant since which the subject has been in a segment or class without a break; null where it is not in it.",
    ),
    form(
        "has_been_in",
        1..=2,
        "has_been_in('vip') >= interval '30 days'",
        "For how long the subject has been in a segment or class; short for `member_since`, as `has_been` is for `since`.",
    ),
    form(
        "percent_rank",
        1..=2,
        "percent_rank(revenue, n_orders > 0) >= 0.9",
        "The share of the others that have less, in [0, 1]. A second argument says who is ranked.",
    ),
    form(
        "rank",
        1..=2,
        "rank(revenue) <= 100",
        "1 and the number of those who have more; equal values share a place, so that the first hundred may be more than a hundred.",
    ),
    form(
        "row_number",
        1..=2,
        "row_number(revenue) <= 100",
        "The place, the greatest value first and of equal ones the least id, so that the first hundred are a hundred.",
    ),
];

/// What stands inside `sequence(…)`.
pub const CLAUSES: &[Form] = &[
    form(
        "step",
        1..=3,
        "step(events, name = 'Added to Cart', '3 days')",
        "A row of a table, of which a condition is true, and which comes at most so long after the row before.",
    ),
    form(
        "no_step",
        1..=3,
        "no_step(events, name = 'Checkout', '7 days')",
        "No such row comes for so long after the row before, which time must be over; without a length, none until the next step, or until now.",
    ),
    form(
        "same",
        1..=MAX_SAME,
        "same(product_id)",
        "What must be known and equal in all rows, also in those that must be absent. Where the tables' columns have other names: `same(events.product_id, order_lines.sku)`.",
    ),
    form("within", 1..=1, "within('30 days')", "The longest time from the first row to the last."),
];

/// What is often asked, and how it is said by the words of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Idiom {
    /// The family.
    pub family: &'static str,
    /// Who is asked for.
    pub who: &'static str,
    /// The condition.
    pub text: &'static str,
    /// Of whom it is a condition.
    pub subject: Subject,
}

const fn idiom(family: &'static str, who: &'static str, text: &'static str) -> Idiom {
    Idiom { family, who, text, subject: Subject::Customers }
}

const fn of_companies(family: &'static str, who: &'static str, text: &'static str) -> Idiom {
    Idiom { family, who, text, subject: Subject::Companies }
}

/// By family. A project declares `plan`, `tags` and `timezone` as properties, if it uses them.
pub const IDIOMS: &[Idiom] = &[
    idiom("properties", "in Berlin, however it is written", "lower(city) = 'berlin'"),
    idiom("properties", "not known to be in Berlin", "city is distinct from 'Berlin'"),
    idiom("properties", "tagged as wholesale or press", "array_has_any(tags, 'wholesale', 'press')"),
    idiom(
        "properties",
        "whose children are more than half of the household",
        "n_children > household_size / 2",
    ),
    idiom(
        "dates",
        "became known between 90 and 30 days ago",
        "ago_between(created_at, '90 days', '30 days')",
    ),
    idiom("dates", "became known more than a year ago", "created_at < as_of - interval '1 year'"),
    idiom("dates", "became known in this fiscal year", "in_period(created_at, 'this fiscal year')"),
    idiom("dates", "have their birthday within a week", "days_to_anniversary(birth_date) <= 7"),
    idiom(
        "dates",
        "are in their working hours now",
        "hour_of(as_of, timezone) between 9 and 16 and weekday_of(as_of, timezone) <= 5",
    ),
    idiom(
        "dates",
        "spent more in this year than in the same part of the last",
        "sum(orders.amount) filter (where in_period('this year')) > sum(orders.amount) filter (where in_period('last year to date'))",
    ),
    idiom("behaviour", "first-time buyers of the last 30 days", "in_last(min(orders.ordered_at), '30 days')"),
    idiom(
        "behaviour",
        "stopped: active before, silent for 30 days",
        "count(events) filter (where ago_between('90 days', '30 days')) > 0 and count(events) filter (where in_last('30 days')) = 0",
    ),
    idiom(
        "behaviour",
        "came back after half a year, in the last 30 days",
        "sequence(step(orders), no_step(orders, '180 days'), step(orders, in_last('30 days')))",
    ),
    idiom(
        "behaviour",
        "ordered in 4 of the last 6 months",
        "active_periods(orders.ordered_at, 'month') filter (where in_period('last 6 months')) >= 4",
    ),
    idiom(
        "behaviour",
        "on at least 4 days of the last 28",
        "active_days(events.occurred_at) filter (where in_last('28 days')) >= 4",
    ),
    idiom(
        "behaviour",
        "silent for more than twice their own usual time",
        "days_since(max(orders.ordered_at)) > 2 * median_gap_days(orders.ordered_at)",
    ),
    idiom(
        "behaviour",
        "viewed, then added to the cart within 3 days",
        "sequence(step(events, name = 'Product Viewed'), step(events, name = 'Added to Cart', '3 days'), same(product_id))",
    ),
    idiom(
        "behaviour",
        "added to the cart, then no purchase of the same product for 7 days",
        "sequence(step(events, name = 'Added to Cart'), no_step(order_lines, '7 days'), same(product_id))",
    ),
    idiom(
        "behaviour",
        "spend most of their money on coffee",
        "sum(order_lines.amount) filter (where category = 'Coffee') / sum(order_lines.amount) > 0.5",
    ),
    idiom("state in time", "changed plan in the last week", "changed(plan, in_last('7 days'))"),
    idiom(
        "state in time",
        "upgraded, and never before",
        "changed_from(plan, 'free', 'pro', in_last('7 days')) and not was(plan, 'pro', ago_between('10 years', '7 days'))",
    ),
    idiom(
        "state in time",
        "on the free plan for a week at least",
        "has_been(plan, 'free') >= interval '7 days'",
    ),
    idiom("relations", "ordered on the web only", "every(orders.channel = 'web')"),
    idiom("relations", "work in retail", "company.industry = 'Retail'"),
    of_companies(
        "relations",
        "three of their people are regulars",
        "count(customers) filter (where n_orders >= 5) >= 3",
    ),
    of_companies(
        "relations",
        "nobody of them was active this month",
        "count(events) filter (where in_period('this month')) = 0",
    ),
    idiom("membership", "new in a segment", "entered('vip', in_last('7 days'))"),
    idiom(
        "membership",
        "were in it 30 days ago, and are no longer",
        "was_in('vip', as_of - interval '30 days') and not in_segment('vip')",
    ),
    idiom("membership", "stayed for a month", "has_been_in('rfm', 'champions') >= interval '1 month'"),
    idiom("value", "the best tenth of the buyers", "percent_rank(revenue, n_orders > 0) >= 0.9"),
    idiom("value", "the best hundred, exactly", "row_number(revenue) <= 100"),
    idiom("geography", "within 10 km of a shop", "distance_km(latitude, longitude, 52.52, 13.40) <= 10"),
    idiom(
        "geography",
        "in an area on the map",
        "within_polygon(latitude, longitude, 'POLYGON ((13.1 52.3, 13.8 52.3, 13.5 52.7, 13.1 52.3))')",
    ),
    idiom("geography", "in a region of postal codes", "starts_with(postal_code, '10')"),
    idiom("samples", "a stable tenth of all", "bucket('newsletter') < 0.1"),
    idiom("samples", "not in the control group", "bucket('holdout') >= 0.05"),
    idiom("consent", "may be written to", "reachable('email')"),
    idiom("consent", "have not said no to letters", "consent('post') is distinct from 'denied'"),
    idiom("logic", "two of three at least", "at_least(2, n_orders > 1, city = 'Berlin', accepts_marketing)"),
];

const MAX_SAME: usize = super::MAX_TABLES;

/// The form of that name.
pub(super) fn find(forms: &'static [Form], name: &str) -> Option<&'static Form> {
    forms.iter().find(|form| form.name == name)
}

/// How a word of the language is written, for hints.
pub(super) fn example(name: &str) -> String {
    let form =
        [CONDITIONS, TERMS, CLAUSES].into_iter().find_map(|forms| find(forms, name)).map(|form| form.example);
    let figure = || AggregateFunction::parse(name).map(AggregateFunction::example);
    let function = || Function::parse(name).map(Function::example);
    form.or_else(figure).or_else(function).map_or_else(|| format!("{name}(n_orders)"), str::to_owned)
}

/// Every word that stands before parentheses, the clauses of a sequence apart.
pub(super) fn words() -> impl Iterator<Item = &'static str> + Clone {
    let figures = AggregateFunction::ALL.iter().map(|each| each.name());
    let functions = Function::ALL.iter().map(|each| each.name());
    figures.chain(functions).chain(CONDITIONS.iter().chain(TERMS).map(|form| form.name))
}
