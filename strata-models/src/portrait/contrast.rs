//! How a segment differs from the rest in one variable: an effect that says how much, its 95 % interval, and the chance of as much by chance.
//!
//! | variable | effect | interval | chance |
//! | --- | --- | --- | --- |
//! | number | Hedges' g | `g ± 1.96 √((n₁ + n₂)/(n₁ n₂) + g²/(2 (n₁ + n₂)))` | Welch's t |
//! | yes or no, or one level | Cohen's h | `h ± 1.96 √(1/n₁ + 1/n₂)` | z of two shares |
//! | category | Jensen–Shannon, in bits | by the delta method | χ² |
//!
//! Where people are weighted, n is their effective number. A comparison of fewer than [`FEWEST`] people on either side is not made.
//! Interval of g: Hedges, L. V. and Olkin, I. (1985). Statistical Methods for Meta-Analysis. Academic Press, p. 86.

use super::sums::{LevelSums, NumberSums};
use crate::clv::special::normal_quantile;
use crate::effect::{cohen_h, cramers_v_of, jensen_shannon};
use crate::proportion::{newcombe, wilson_of};
use crate::psychometrics::chi_squared;
use crate::significance::{of_shares, welch};
use serde::{Deserialize, Serialize};

/// Of fewer people with data, in the segment or in the rest, nothing is said.
pub const FEWEST: u64 = 30;

/// A figure and the interval in which it lies with 95 % confidence.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// How a segment differs from the rest in a number.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct NumberContrast {
    /// People of the segment of whom the number is known, …
    pub n: u64,
    /// … and of the rest.
    pub n_rest: u64,
    /// The segment's mean.
    pub mean: f64,
    /// The rest's.
    pub mean_rest: f64,
    /// The difference in standard deviations, `d (1 − 3 / (4 (n₁ + n₂ − 2) − 1))`.
    pub g: Estimate,
    /// The chance of a difference as large, by Welch's t.
    pub chance: f64,
}

/// How a segment differs from the rest in how many are, do or have something.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ShareContrast {
    /// People of the segment of whom it is known, …
    pub n: u64,
    /// … and of the rest.
    pub n_rest: u64,
    /// How many of these in the segment, …
    pub n_yes: u64,
    /// … and in the rest. A share of fewer than ten people must not be shown.
    pub n_yes_rest: u64,
    /// The segment's share, with Wilson's interval.
    pub share: Estimate,
    /// The rest's.
    pub share_rest: Estimate,
    /// The difference of the shares, with Newcombe's interval.
    pub difference: Estimate,
    /// How many times the rest's share; none where that is 0.
    pub lift: Option<f64>,
    /// `2 asin √p₁ − 2 asin √p₂`.
    pub h: Estimate,
    /// The chance of a difference as large.
    pub chance: f64,
}

/// How a segment differs from the rest in a category.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CategoryContrast {
    /// The divergence of its levels, in bits, 0 to 1. It is never negative, so its interval does not say whether there is one: `chance` does.
    pub divergence: Estimate,
    /// Cramér's V, 0 to 1.
    pub v: f64,
    /// The chance of a difference as large, by χ².
    pub chance: f64,
    /// Each level against all others.
    pub levels: Vec<ShareContrast>,
}

impl CategoryContrast {
    /// The level that the segment has most over the rest, by h, the first of equals; none where it has no more of any.
    pub fn most(&self) -> Option<usize> {
        let (level, found) =
            self.levels.iter().enumerate().rev().max_by(|(_, a), (_, b)| a.h.value.total_cmp(&b.h.value))?;
        (found.h.value > 0.0).then_some(level)
    }
}

/// Compares a number; none of too few people, or where it varies in neither.
pub fn numbers(segment: &NumberSums, rest: &NumberSums) -> Option<NumberContrast> {
    if segment.n.min(rest.n) < FEWEST {
        return None;
    }
    let (n, n_rest) = (segment.n_effective(), rest.n_effective());
    let (mean, mean_rest) = (segment.mean()?, rest.mean()?);
    let (variance, variance_rest) = (segment.variance()?, rest.variance()?);
    let freedom = n + n_rest - 2.0;
    let pooled = ((n - 1.0) * variance + (n_rest - 1.0) * variance_rest) / freedom;
    let d = (mean - mean_rest) / pooled.sqrt();
    let value = d * (1.0 - 3.0 / (4.0 * freedom - 1.0));
    if !value.is_finite() {
        return None;
    }
    let both = n + n_rest;
    let error = (both / (n * n_rest) + value * value / (2.0 * both)).sqrt();
    Some(NumberContrast {
        n: segment.n,
        n_rest: rest.n,
        mean,
        mean_rest,
        g: around(value, error),
        chance: welch((mean, variance, n), (mean_rest, variance_rest, n_rest))?,
    })
}

/// Compares how many have one level of a category (or the yes of yes and no); none of too few people, or where there is no such level.
pub fn shares(segment: &LevelSums, rest: &LevelSums, level: usize) -> Option<ShareContrast> {
    if segment.n().min(rest.n()) < FEWEST {
        return None;
    }
    let (n, n_rest) = (segment.n_effective(), rest.n_effective());
    let (share, share_rest) = (*segment.shares()?.get(level)?, *rest.shares()?.get(level)?);
    let between = |value: f64, (low, high): (f64, f64)| Estimate { value, low, high };
    Some(ShareContrast {
        n: segment.n(),
        n_rest: rest.n(),
        n_yes: *segment.people.get(level)?,
        n_yes_rest: *rest.people.get(level)?,
        share: between(share, wilson_of(share, n)?),
        share_rest: between(share_rest, wilson_of(share_rest, n_rest)?),
        difference: between(share - share_rest, newcombe((share, n), (share_rest, n_rest))?),
        lift: (share_rest > 0.0).then(|| share / share_rest),
        h: around(cohen_h(share, share_rest)?, (1.0 / n + 1.0 / n_rest).sqrt()),
        chance: of_shares((share, n), (share_rest, n_rest))?,
    })
}

/// Compares the levels of a category; none of too few people, or where all have one level.
pub fn categories(segment: &LevelSums, rest: &LevelSums) -> Option<CategoryContrast> {
    if segment.n().min(rest.n()) < FEWEST {
        return None;
    }
    let (n, n_rest) = (segment.n_effective(), rest.n_effective());
    let (p, q) = (segment.shares()?, rest.shares()?);
    let of = |shares: &[f64], n: f64| -> Vec<f64> { shares.iter().map(|share| share * n).collect() };
    let association = cramers_v_of(&of(&p, n), &of(&q, n_rest))?;
    let value = jensen_shannon(&p, &q)?;
    let error = (slope_variance(&p, &q) / n + slope_variance(&q, &p) / n_rest).sqrt();
    let divergence = around(value, error);
    Some(CategoryContrast {
        divergence: Estimate { low: divergence.low.max(0.0), high: divergence.high.min(1.0), value },
        v: association.v,
        chance: chi_squared::survival(association.chi_squared, association.freedom as f64),
        levels: (0..p.len()).map(|level| shares(segment, rest, level)).collect::<Option<_>>()?,
    })
}

/// The variance, over people distributed as p, of what the divergence changes by with one of them: `∂JSD/∂p_i = ½ log₂(p_i / m_i)`.
fn slope_variance(p: &[f64], q: &[f64]) -> f64 {
    let slopes = || {
        let known = p.iter().zip(q).filter(|(p, _)| **p > 0.0);
        known.map(|(p, q)| (*p, 0.5 * (2.0 * p / (p + q)).log2()))
    };
    let mean: f64 = slopes().map(|(p, slope)| p * slope).sum();
    slopes().map(|(p, slope)| p * (slope - mean).powi(2)).sum()
}

fn around(value: f64, error: f64) -> Estimate {
    let reach = normal_quantile(0.975) * error;
    Estimate { value, low: value - reach, high: value + reach }
}
