//! What the customers of a class click markedly more or less than other customers do.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;
use strata_models::effect::Moments;
use strata_models::proportion::Z;
use strata_models::significance::{benjamini_hochberg, welch};
use strata_spec::name::UNASSIGNED;

use super::FEWEST;
use super::tracked::{Click, Tracked};

/// A greater chance, adjusted for how many comparisons were made, tells nothing.
const MOST_CHANCE: f64 = 0.05;
/// A smaller difference is not marked, however certain.
const LEAST_DIFFERENCE: f64 = 0.05;

/// A class that clicks something more or less than others.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// The class.
    pub class: String,
    /// What is clicked.
    pub selector: String,
    /// How many customers of the class clicked anything on the page.
    pub n_customers: usize,
    /// The share of a customer's clicks on the page that go there, averaged over these customers.
    pub share: f64,
    /// The same of the customers of all other classes.
    pub elsewhere: f64,
    /// The first less the second.
    pub difference: f64,
    /// Between what the difference lies with 95 % confidence, by the normal distribution.
    pub interval: (f64, f64),
    /// How likely as much is by chance, by Welch's test, adjusted for the number of comparisons (Benjamini and Hochberg).
    pub q: f64,
}

/// Clicks of a customer: all of them, and those on each selector.
#[derive(Debug, Default)]
struct Customer {
    n_clicks: usize,
    on: HashMap<u32, usize>,
}

/// Each class against the customers of all others. Every customer counts once, with the share of their clicks that goes to what is compared:
/// clicks of one customer hang together, and whoever clicks more than others clicks everything more. Compared is what ten customers of both
/// clicked, so that nothing tells of fewer.
pub(super) fn differences(tracked: &Tracked, clicked: &[Click]) -> Vec<Difference> {
    let mut classes: BTreeMap<u32, BTreeMap<u32, Customer>> = BTreeMap::new();
    for click in clicked {
        let (Some(class), Some(customer)) = (click.class, click.visitor) else { continue };
        let customer = classes.entry(class).or_default().entry(customer).or_default();
        customer.n_clicks += 1;
        if let Some(selector) = click.selector {
            *customer.on.entry(selector).or_default() += 1;
        }
    }
    let everybody = || classes.values().flat_map(BTreeMap::values);
    let selectors: BTreeSet<u32> = everybody().flat_map(|customer| customer.on.keys().copied()).collect();
    let (mut compared, mut chances) = (Vec::new(), Vec::new());
    for selector in selectors {
        let (all, n_on_all) = shares(everybody(), selector);
        // Whoever is in no class is among the others of every class.
        for (class, members) in
            classes.iter().filter(|(class, _)| tracked.classes.name(**class) != UNASSIGNED)
        {
            let (here, n_on) = shares(members.values(), selector);
            if n_on < FEWEST || n_on_all - n_on < FEWEST {
                continue;
            }
            let there = all.without(here);
            let Some((one, other)) = figures(&here).zip(figures(&there)) else { continue };
            let Some(chance) = welch(one, other) else { continue };
            let difference = one.0 - other.0;
            let reach = Z * (one.1 / one.2 + other.1 / other.2).sqrt();
            chances.push(chance);
            compared.push(Difference {
                class: tracked.classes.name(*class).to_owned(),
                selector: tracked.selectors.name(selector).to_owned(),
                n_customers: members.len(),
                share: one.0,
                elsewhere: other.0,
                difference,
                interval: ((difference - reach).max(-1.0), (difference + reach).min(1.0)),
                q: 1.0,
            });
        }
    }
    for (difference, q) in compared.iter_mut().zip(benjamini_hochberg(&chances)) {
        difference.q = q;
    }
    compared.retain(|each| each.q < MOST_CHANCE && each.difference.abs() >= LEAST_DIFFERENCE);
    compared.sort_by(|one, other| {
        let by_name = || (&one.class, &one.selector).cmp(&(&other.class, &other.selector));
        other.difference.abs().total_cmp(&one.difference.abs()).then_with(by_name)
    });
    compared
}

/// The shares of customers' clicks that go to a selector, and how many of them clicked it.
fn shares<'a>(customers: impl Iterator<Item = &'a Customer>, selector: u32) -> (Moments, usize) {
    let (mut moments, mut n_on) = (Moments::default(), 0);
    for customer in customers {
        let n = customer.on.get(&selector).copied().unwrap_or(0);
        moments.push(n as f64 / customer.n_clicks as f64);
        n_on += usize::from(n > 0);
    }
    (moments, n_on)
}

/// Mean, variance and number.
fn figures(moments: &Moments) -> Option<(f64, f64, f64)> {
    Some((moments.mean()?, moments.variance()?, moments.n as f64))
}
