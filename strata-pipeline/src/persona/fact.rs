//! What personas look at: the figures of a customer that people understand, each with its words and the side of a customer that it shows.

use strata_spec::persona::Facet;

/// A figure of the profile.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fact {
    /// What it is called; words for names of personas are found by it.
    pub(super) name: &'static str,
    /// The side of a customer that it shows.
    pub(super) facet: Facet,
    /// Its words, as `Evidence::label` wants them.
    pub(super) label: &'static str,
    /// What is told of it.
    pub(super) kind: Kind,
    /// Its value in SQL, over the columns in braces; null where it is not known.
    pub(super) value: &'static str,
    /// Where it comes from.
    pub(super) source: &'static str,
}

/// What is told of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// How many have 1 and not 0.
    Share,
    /// The mean, in a unit; `{currency}` stands for the project's.
    Mean(&'static str),
    /// The middle half, in a unit.
    Range(&'static str),
}

const fn fact(
    name: &'static str,
    facet: Facet,
    label: &'static str,
    kind: Kind,
    value: &'static str,
    source: &'static str,
) -> Fact {
    Fact { name, facet, label, kind, value, source }
}

const CUSTOMERS: &str = "demographic: customers";
const ORDERS: &str = "behavioural: orders";
const EVENTS: &str = "behavioural: events";
/// The source of what customers wrote.
pub(super) const FEEDBACK: &str = "behavioural: feedback";

use Facet::{Behaviours, ChannelAndTime, Demographics, PainPoints, Preferences, SpendingAndBudget};
use Kind::{Mean, Range, Share};

/// All of them. Of those that say much the same one is told.
pub(super) const FACTS: [Fact; 31] = [
    fact("age_years", Demographics, "are {value} old", Range("years"), "{age_years}", CUSTOMERS),
    fact("has_children", Demographics, "have children", Share, "{has_children}", CUSTOMERS),
    fact("household_size", Demographics, "household size", Mean("people"), "{household_size}", CUSTOMERS),
    fact("orders_per_year", Behaviours, "place {value}", Mean("orders a year"), "{orders_per_year}", ORDERS),
    fact(
        "days_since_last_order",
        Behaviours,
        "have last ordered {value} ago",
        Mean("days"),
        "{days_since_last_order}",
        ORDERS,
    ),
    fact("tenure", Behaviours, "have been customers for {value}", Mean("days"), "{tenure}", ORDERS),
    fact(
        "mean_units_per_order",
        Behaviours,
        "buy {value}",
        Mean("items an order"),
        "{mean_units_per_order}",
        ORDERS,
    ),
    fact(
        "n_visits_90d",
        Behaviours,
        "come to the site {value}",
        Mean("times in 90 days"),
        "{n_visits_90d}",
        EVENTS,
    ),
    fact(
        "n_product_views_30d",
        Behaviours,
        "look at {value}",
        Mean("products in 30 days"),
        "{n_product_views_30d}",
        EVENTS,
    ),
    fact(
        "leaves_reviews",
        Behaviours,
        "have written a review",
        Share,
        "case when {n_feedback} > 0 then 1.0 else 0.0 end",
        FEEDBACK,
    ),
    fact(
        "holiday_share",
        Behaviours,
        "place {value}",
        Mean("% of their orders in the holiday season"),
        "100 * {holiday_share}",
        ORDERS,
    ),
    fact(
        "discount_share",
        SpendingAndBudget,
        "buy mostly at a discount",
        Share,
        "case when {discount_share} is null then null when {discount_share} >= 0.5 then 1.0 else 0.0 end",
        ORDERS,
    ),
    fact(
        "mean_order_value",
        SpendingAndBudget,
        "order value",
        Mean("{currency}"),
        "{mean_order_value}",
        ORDERS,
    ),
    fact(
        "revenue_365d",
        SpendingAndBudget,
        "spend {value}",
        Mean("{currency} a year"),
        "case when {n_orders} > 0 then {revenue_365d} end",
        ORDERS,
    ),
    fact("clv", SpendingAndBudget, "value over the years by formula", Mean("{currency}"), "{clv}", ORDERS),
    fact(
        "n_categories",
        Preferences,
        "buy from {value}",
        Mean("categories"),
        "case when {n_categories} > 0 then {n_categories} end",
        ORDERS,
    ),
    fact(
        "n_brands",
        Preferences,
        "buy {value}",
        Mean("brands"),
        "case when {n_brands} > 0 then {n_brands} end",
        ORDERS,
    ),
    fact(
        "top_category_share",
        Preferences,
        "spend {value}",
        Mean("% of their money in one category"),
        "100 * {top_category_share}",
        ORDERS,
    ),
    fact(
        "top_brand_share",
        Preferences,
        "buy {value}",
        Mean("% of their items of one brand"),
        "100 * {top_brand_share}",
        ORDERS,
    ),
    fact(
        "refunds",
        PainPoints,
        "have returned an order",
        Share,
        "case when {n_orders} is null or {n_orders} = 0 then null when {n_orders_refunded} > 0 then 1.0 else 0.0 end",
        ORDERS,
    ),
    fact(
        "cancellations",
        PainPoints,
        "have cancelled an order",
        Share,
        "case when {n_orders} is null or {n_orders} = 0 then null when {n_orders_cancelled} > 0 then 1.0 else 0.0 end",
        ORDERS,
    ),
    fact(
        "low_rating",
        PainPoints,
        "gave two stars or fewer at their last review",
        Share,
        "case when {last_rating} is null then null when {last_rating} <= 2 then 1.0 else 0.0 end",
        FEEDBACK,
    ),
    fact("mean_rating", PainPoints, "rating", Mean("stars"), "{mean_rating}", FEEDBACK),
    fact(
        "abandoned_carts",
        PainPoints,
        "have left a cart behind in the last 90 days",
        Share,
        "case when {n_carts_abandoned_90d} is null then null when {n_carts_abandoned_90d} > 0 then 1.0 else 0.0 end",
        EVENTS,
    ),
    fact(
        "orders_at_weekend",
        ChannelAndTime,
        "order mostly at the weekend",
        Share,
        "case when {preferred_order_weekday} is null then null when {preferred_order_weekday} in (6, 7) then 1.0 else 0.0 end",
        ORDERS,
    ),
    fact(
        "orders_in_evening",
        ChannelAndTime,
        "order mostly in the evening",
        Share,
        "case when {preferred_order_hour} is null then null when {preferred_order_hour} between 18 and 22 then 1.0 else 0.0 end",
        ORDERS,
    ),
    fact(
        "orders_in_morning",
        ChannelAndTime,
        "order mostly in the morning",
        Share,
        "case when {preferred_order_hour} is null then null when {preferred_order_hour} between 5 and 11 then 1.0 else 0.0 end",
        ORDERS,
    ),
    fact(
        "email_open_rate",
        ChannelAndTime,
        "open {value}",
        Mean("% of the e-mails that they get"),
        "100 * {email_open_rate_90d}",
        EVENTS,
    ),
    fact(
        "email_click_rate",
        ChannelAndTime,
        "click in {value}",
        Mean("% of the e-mails that they get"),
        "100 * {email_click_rate_90d}",
        EVENTS,
    ),
    fact(
        "campaign_response",
        ChannelAndTime,
        "answer {value}",
        Mean("% of the campaigns that reach them"),
        "100 * {campaign_response_rate}",
        EVENTS,
    ),
    fact("accepts_marketing", ChannelAndTime, "agree to marketing", Share, "{accepts_marketing}", CUSTOMERS),
];

/// A segmentation whose classes are levels of a category.
#[derive(Debug, Clone, Copy)]
pub(super) struct Category {
    /// The segmentation.
    pub(super) segmentation: &'static str,
    /// The side of a customer that it shows.
    pub(super) facet: Facet,
    /// Its words around a class.
    pub(super) label: &'static str,
    /// Where it comes from.
    pub(super) source: &'static str,
}

/// All of them.
pub(super) const CATEGORIES: [Category; 9] = [
    Category {
        segmentation: "country",
        facet: Demographics,
        label: "live in {level}",
        source: "geographic: customers",
    },
    Category {
        segmentation: "region",
        facet: Demographics,
        label: "live in {level}",
        source: "geographic: customers",
    },
    Category {
        segmentation: "urbanity",
        facet: Demographics,
        label: "live in {level} places",
        source: "geographic: customers",
    },
    Category {
        segmentation: "life_stage",
        facet: Demographics,
        label: "are in the stage of life “{level}”",
        source: CUSTOMERS,
    },
    Category {
        segmentation: "favourite_category",
        facet: Preferences,
        label: "buy {level} most",
        source: ORDERS,
    },
    Category {
        segmentation: "buying_season",
        facet: Behaviours,
        label: "buy at this time of the year: {level}",
        source: ORDERS,
    },
    Category {
        segmentation: "channel",
        facet: ChannelAndTime,
        label: "order mostly by this channel: {level}",
        source: ORDERS,
    },
    Category {
        segmentation: "device",
        facet: ChannelAndTime,
        label: "come mostly with this device: {level}",
        source: EVENTS,
    },
    Category {
        segmentation: "customer_industry",
        facet: Demographics,
        label: "work in this industry: {level}",
        source: "firmographic: companies",
    },
];

/// The columns that a value speaks of, and the value with each as a number of `p`; none where one is missing.
pub(super) fn in_sql(value: &str, number: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut sql = String::with_capacity(value.len() * 2);
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        sql += before;
        sql += &number(name)?;
        rest = after;
    }
    Some(sql + rest)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use strata_spec::definition::Definitions;
    use strata_spec::table::Table;

    use super::*;

    #[test]
    fn every_fact_speaks_of_columns_that_there_are_and_has_a_name_of_its_own() {
        let shipped = Definitions::shipped().unwrap();
        let mut names = BTreeSet::new();
        for fact in FACTS {
            assert!(names.insert(fact.name), "{}", fact.name);
            let is_known =
                |name: &str| shipped.traits.contains_key(name) || Table::Customers.column(name).is_some();
            let sql = in_sql(fact.value, |name| is_known(name).then(|| format!("p.{name}")));
            assert!(sql.as_ref().is_some_and(|sql| sql.contains("p.") && !sql.contains('{')), "{fact:?}");
        }
        for category in CATEGORIES {
            assert!(shipped.segmentations.contains_key(category.segmentation), "{category:?}");
            assert!(category.label.contains("{level}"), "{category:?}");
        }
    }

    #[test]
    fn a_value_without_one_of_its_columns_is_no_value() {
        let number = |name: &str| (name != "b").then(|| format!("x.{name}"));
        assert_eq!(in_sql("{a} + 2 * {c}", number).as_deref(), Some("x.a + 2 * x.c"));
        assert_eq!(in_sql("{a} + {b}", number), None);
        assert_eq!(in_sql("{a", number), None);
    }
}
