//! What sets the members of a class or a segment apart, in words: the few traits that differ most.
//!
//! Traits are compared by effect size: for means the difference in standard deviations (Cohen's *d*), for shares
//! *h* = 2 asin √p − 2 asin √q. Both speak of a small effect from 0.2 on (Cohen 1988, Statistical Power Analysis for the
//! Behavioral Sciences). Since many traits are compared, a difference must also be three standard errors.

use super::super::data::{Difference, Portrait};
use super::super::render::number::{decimal, money, percent_in_words};
use super::{Part, plain, strong};

/// So many differences are told.
const MOST: usize = 4;

/// The least effect that is worth a word.
const SMALL: f64 = 0.2;

/// The least difference in standard errors.
const CERTAIN: f64 = 3.0;

/// Of fewer members nothing is told: what two of two have in common is chance.
const FEWEST: u64 = 10;

/// From this ratio on, a ratio says more than two means.
const TELLING_RATIO: f64 = 1.5;

/// What sets the members apart, the largest difference first; of traits that say much the same, one.
///
/// What `segmentation` is made of is left out: that champions ordered lately is what the word means.
pub(crate) fn differences(
    portrait: &Portrait,
    segmentation: Option<&str>,
    currency: Option<&str>,
) -> Vec<Vec<Part>> {
    let mut ranked: Vec<(&Difference, f64)> = portrait
        .differences
        .iter()
        .filter(|difference| is_more(difference))
        .filter_map(|difference| Some((difference, effect(difference)?)))
        .collect();
    ranked.sort_by(|(a, a_effect), (b, b_effect)| {
        b_effect.total_cmp(a_effect).then_with(|| name(a).cmp(name(b)))
    });
    let mut told: Vec<&str> = segmentation.map(meant_by).unwrap_or_default().to_vec();
    told.extend(segmentation);
    // Stands beside it as a median, which a mean would seem to contradict.
    told.extend(portrait.median_days_since_last_order.map(|_| "days_since_last_order"));
    let mut found = Vec::new();
    for (difference, _) in ranked {
        let family = family(name(difference));
        if found.len() < MOST && !told.contains(&family) {
            told.push(family);
            found.push(words(difference, currency));
        }
    }
    found
}

/// Of classes that exclude each other, the one that is more frequent here tells more than those that are less.
fn is_more(difference: &Difference) -> bool {
    match difference {
        Difference::Mean { .. } => true,
        Difference::Share { share, share_of_rest, .. } => share > share_of_rest,
    }
}

fn name(difference: &Difference) -> &str {
    match difference {
        Difference::Mean { name, .. } | Difference::Share { name, .. } => name,
    }
}

/// The size of the effect, where it is neither small nor uncertain.
fn effect(difference: &Difference) -> Option<f64> {
    let (effect, n, n_of_rest) = match difference {
        Difference::Mean { mean, mean_of_rest, deviation, n_known, n_known_of_rest, .. } => {
            ((mean - mean_of_rest) / deviation, *n_known, *n_known_of_rest)
        }
        Difference::Share { share, share_of_rest, n_known, n_known_of_rest, .. } => {
            let angle = |share: f64| 2.0 * share.clamp(0.0, 1.0).sqrt().asin();
            (angle(*share) - angle(*share_of_rest), *n_known, *n_known_of_rest)
        }
    };
    if n.min(n_of_rest) < FEWEST {
        return None;
    }
    let standard_error = (1.0 / n as f64 + 1.0 / n_of_rest as f64).sqrt();
    let size = effect.abs();
    (size.is_finite() && size >= SMALL && size / standard_error >= CERTAIN).then_some(size)
}

/// Traits that say much the same are of one family, named after its first.
fn family(name: &str) -> &str {
    match name {
        "frequency" | "orders_per_year" | "f_score" | "median_gap_days" | "purchase_frequency"
        | "buying_rhythm" | "company_n_orders" | "n_products" | "n_units" => "n_orders",
        "clv" | "clv_score" | "clv_tier" | "m_score" | "monetary_value" | "revenue_365d"
        | "company_revenue" => "revenue",
        "max_order_value" | "company_mean_order_value" => "mean_order_value",
        "recency" | "r_score" | "journey" | "company_journey" | "engagement" | "rfm" => {
            "days_since_last_order"
        }
        "days_since_first_order" | "observed_years" | "lifespan_years" => "tenure",
        "age_band" | "generation" | "life_stage" | "birth_year" => "age_years",
        "discount_use" | "n_discounted_orders" => "discount_share",
        "channel" | "main_channel_share" => "main_channel",
        "favourite_category" | "top_category_share" => "top_category",
        "company_size" | "customer_company_size" => "n_employees",
        name if name.starts_with("n_orders_") => "n_orders",
        name if name.contains("days_since_last_") => "days_since_last_order",
        name if name.contains("email") => "email_open_rate_90d",
        name if name.starts_with("n_visits_") || name.starts_with("n_product_view") => "n_visits_90d",
        name => name,
    }
}

/// The families that a shipped segmentation is made of.
fn meant_by(segmentation: &str) -> &'static [&'static str] {
    match segmentation {
        "rfm" | "journey" | "company_journey" => &["n_orders", "days_since_last_order", "revenue", "tenure"],
        "purchase_frequency" | "buying_rhythm" => &["n_orders", "revenue"],
        "clv_tier" => &["revenue", "n_orders", "mean_order_value"],
        "engagement" => &["days_since_last_order"],
        "email_engagement" => &["email_open_rate_90d"],
        "age_band" | "generation" | "life_stage" => &["age_years"],
        "income_band" => &["income_per_person", "income_score", "income"],
        "household" => &["household_size", "income_per_person"],
        "buying_season" => &["main_quarter", "main_quarter_share", "holiday_share"],
        "brand_loyalty" => &["top_brand", "top_brand_share", "n_brands", "n_brand_lines"],
        "device" => &["main_device"],
        "revenue_band" => &["annual_revenue", "annual_revenue_score", "revenue_per_employee"],
        "discount_use" => &["discount_share"],
        "favourite_category" => &["top_category"],
        "channel" => &["main_channel"],
        "region" | "country" | "company_country" | "urbanity" | "climate" | "latitude_zone" => {
            &["region", "country", "urbanity", "climate", "latitude_zone", "language"]
        }
        "company_size" | "customer_company_size" => &["n_employees"],
        _ => &[],
    }
}

fn words(difference: &Difference, currency: Option<&str>) -> Vec<Part> {
    match difference {
        Difference::Share { title, class, share, share_of_rest, .. } => vec![
            plain(format!("{title} ")),
            strong(format!("{class}: {}", percent_in_words(*share))),
            plain(format!(" (rest {})", percent_in_words(*share_of_rest))),
        ],
        Difference::Mean { name, title, unit, mean, mean_of_rest, .. } => {
            let unit = unit.as_deref();
            let (here, there) = (value(*mean, unit, currency), value(*mean_of_rest, unit, currency));
            let ratio = (*mean > 0.0 && *mean_of_rest > 0.0).then(|| mean / mean_of_rest);
            let tells = |ratio: &f64| *ratio >= TELLING_RATIO || *ratio <= 1.0 / TELLING_RATIO;
            // The mean over members of their mean orders is not the mean order, which stands beside it.
            if let Some(ratio) = ratio.filter(|_| name.ends_with("mean_order_value")) {
                return vec![plain("Mean order: "), strong(format!("{} as large", times(ratio)))];
            }
            match ratio.filter(tells) {
                Some(ratio) if name.ends_with("n_orders") => {
                    vec![
                        plain("Orders: "),
                        strong(format!("{} as often", times(ratio))),
                        plain(format!(" ({here}, rest {there})")),
                    ]
                }
                Some(ratio) if !matches!(unit, Some("share" | "days" | "years")) => {
                    let ratio = strong(times(ratio));
                    vec![
                        plain(format!("{title}: ")),
                        ratio,
                        plain(format!(" the rest ({here}, rest {there})")),
                    ]
                }
                _ => vec![plain(format!("{title}: ")), strong(here), plain(format!(" (rest {there})"))],
            }
        }
    }
}

/// `3.1 ×`; small ratios with a digit more.
pub(crate) fn times(ratio: f64) -> String {
    format!("{}\u{a0}×", decimal(ratio, if ratio < 0.95 { 2 } else { 1 }))
}

fn value(value: f64, unit: Option<&str>, currency: Option<&str>) -> String {
    let decimals = if value.abs() < 10.0 { 1 } else { 0 };
    match unit {
        Some("share") => percent_in_words(value),
        Some("currency") => money(value, currency),
        Some(unit @ ("days" | "years")) => format!("{} {unit}", decimal(value, decimals)),
        _ => decimal(value, decimals),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(
        name: &str,
        unit: Option<&str>,
        (mean, mean_of_rest, deviation): (f64, f64, f64),
        n: u64,
    ) -> Difference {
        Difference::Mean {
            name: name.to_owned(),
            title: name.replace('_', " "),
            unit: unit.map(str::to_owned),
            mean,
            mean_of_rest,
            deviation,
            n_known: n,
            n_known_of_rest: 1000,
        }
    }

    fn share(name: &str, class: &str, share: f64, share_of_rest: f64) -> Difference {
        Difference::Share {
            name: name.to_owned(),
            title: name.to_owned(),
            class: class.to_owned(),
            share,
            share_of_rest,
            n_known: 200,
            n_known_of_rest: 1000,
        }
    }

    fn check(differences: Vec<Difference>, segmentation: Option<&str>, expected: &[&str]) {
        let portrait = Portrait { differences, ..Portrait::default() };
        let found: Vec<String> = super::differences(&portrait, segmentation, Some("EUR"))
            .into_iter()
            .map(|parts| super::super::Finding { topic: "", parts }.text())
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_largest_differences_come_first_and_each_family_once() {
        let orders = || mean("n_orders", Some("orders"), (12.4, 4.0, 5.0), 200);
        check(
            vec![
                share("region", "Bayern", 0.62, 0.17),
                share("region", "Hessen", 0.01, 0.2),
                orders(),
                mean("n_orders_90d", Some("orders"), (3.0, 1.0, 1.5), 200),
                mean("age_years", Some("years"), (44.0, 38.0, 14.0), 200),
            ],
            None,
            &[
                "Orders: 3.1\u{a0}× as often (12, rest 4.0)",
                "region Bayern: 62% (rest 17%)",
                "age years: 44 years (rest 38 years)",
            ],
        );
        check(vec![orders()], Some("rfm"), &[]);
        check(
            vec![mean("mean_order_value", Some("currency"), (30.0, 90.0, 40.0), 200)],
            None,
            &["Mean order: 0.33\u{a0}× as large"],
        );
    }

    #[test]
    fn small_and_uncertain_differences_are_not_told() {
        for numbers in [(1.1, 1.0, 1.0), (f64::NAN, 1.0, 1.0), (1.0, 1.0, 0.0)] {
            check(vec![mean("a", None, numbers, 200)], None, &[]);
        }
        check(vec![mean("a", None, (2.0, 1.0, 1.0), 8)], None, &[]);
        check(vec![mean("a", None, (90.0, 1.0, 1.0), 9)], None, &[]);
        check(vec![mean("a", None, (2.0, 1.0, 1.0), 0)], None, &[]);
        check(vec![mean("a", None, (2.0, 1.0, 1.0), 10)], None, &["a: 2.0\u{a0}× the rest (2.0, rest 1.0)"]);
    }
}
