//! What a customer is expected to bring within a horizon: expected purchases, each at the expected spend, less what waiting
//! costs.
//!
//! It is the value from now on (residual), not of the whole relationship, and only as good as the two models that it is
//! made of, of which neither knows of the other: spend and frequency are taken to be independent. Hold it against a holdout
//! before it is shown ([`validate`](super::validate)).

use super::error::ParameterError;
use rayon::prelude::*;

/// How a later purchase counts for less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Discounting {
    /// All purchases of period k count as at its end, `(1 + d)^−k`: as `customer_lifetime_value` of lifetimes and
    /// pymc-marketing has it.
    PeriodEnd,
    /// Each purchase counts as at its time, `(1 + d)^(−t/period)`: a value higher than the other by about half a period's
    /// discount.
    Continuous,
}

/// The terms on which value is counted: checked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ValueTerms {
    n_periods: u32,
    period: f64,
    discount: f64,
    margin: f64,
    discounting: Discounting,
}

impl ValueTerms {
    /// The next `n_periods` periods (months, by convention) of the length `period` in the timing model's unit, a discount
    /// rate d ≥ 0 for each period, and the margin, the share of what is spent that is earned (1 for revenue).
    ///
    /// To compare with lifetimes: its months have 30 days or 4.345 weeks, and its rate of 0.01 a month is 12.7 % a year.
    ///
    /// # Errors
    /// [`ParameterError`] when there is no period or more than 100,000, its length is not positive, the rate is negative,
    /// or the margin is not above 0.
    pub fn new(
        n_periods: u32,
        period: f64,
        discount: f64,
        margin: f64,
        discounting: Discounting,
    ) -> Result<ValueTerms, ParameterError> {
        let refused = |parameter, value, hint| Err(ParameterError { of: "a value", parameter, value, hint });
        if n_periods == 0 || n_periods > MOST_PERIODS {
            return refused(
                "n_periods",
                f64::from(n_periods),
                "give 1 to 100,000 periods, such as 12 months",
            );
        }
        if !(period > 0.0 && period.is_finite()) {
            return refused(
                "period",
                period,
                "give the length of a period in the model's unit, such as 30 for months of days",
            );
        }
        if !(discount >= 0.0 && discount.is_finite()) {
            return refused(
                "discount",
                discount,
                "give a rate for each period, such as 0.01 for 1 % a month; 0 for none",
            );
        }
        if !(margin > 0.0 && margin.is_finite()) {
            return refused(
                "margin",
                margin,
                "give the share of revenue that is earned, such as 0.3; 1 for revenue itself",
            );
        }
        Ok(ValueTerms { n_periods, period, discount, margin, discounting })
    }

    /// How far ahead it is looked, in the timing model's unit.
    pub fn horizon(&self) -> f64 {
        f64::from(self.n_periods) * self.period
    }

    /// The share of what is spent that is earned.
    pub fn margin(&self) -> f64 {
        self.margin
    }

    /// What a unit of money in the time `t` from now counts.
    pub fn discount_at(&self, t: f64) -> f64 {
        let periods = t / self.period;
        let elapsed = match self.discounting {
            Discounting::PeriodEnd => periods.ceil(),
            Discounting::Continuous => periods,
        };
        (-elapsed * self.discount.ln_1p()).exp()
    }

    /// The purchases within the horizon, each counted by its discount, of a customer who is expected to make
    /// `expected_purchases(t)` = E(t) of them by t:
    ///
    /// - by period, `Σ (E(kΔ) − E((k−1)Δ)) / (1 + d)^k` over the periods k of the length Δ;
    /// - continuously, `∫ e^(−δt) dE(t) = e^(−δh) E(h) + δ ∫ e^(−δt) E(t) dt` with `δ = ln(1 + d)/Δ` up to the horizon h, by Gauss's eight points on each of
    ///   at most four parts.
    ///
    /// Without discount either is `E(h)`.
    pub fn discounted_purchases(&self, expected_purchases: impl Fn(f64) -> f64) -> f64 {
        let horizon = self.horizon();
        if self.discount == 0.0 {
            return expected_purchases(horizon);
        }
        if self.discounting == Discounting::PeriodEnd {
            let (mut sum, mut before) = (0.0, 0.0);
            for k in 1..=self.n_periods {
                let end = f64::from(k);
                let by_then = expected_purchases(end * self.period);
                sum += (by_then - before) * (-end * self.discount.ln_1p()).exp();
                before = by_then;
            }
            return sum;
        }
        let rate = self.discount.ln_1p() / self.period;
        let n_parts = self.n_periods.min(4);
        let half = horizon / f64::from(n_parts) / 2.0;
        let mut integral = 0.0;
        for part in 0..n_parts {
            let middle = half * f64::from(2 * part + 1);
            for (node, weight) in GAUSS {
                for t in [middle - half * node, middle + half * node] {
                    integral += half * weight * (-rate * t).exp() * expected_purchases(t);
                }
            }
        }
        (-rate * horizon).exp() * expected_purchases(horizon) + rate * integral
    }

    /// A customer's value: [`discounted_purchases`](ValueTerms::discounted_purchases) × expected spend × margin.
    pub fn lifetime_value(&self, expected_purchases: impl Fn(f64) -> f64, expected_spend: f64) -> f64 {
        self.margin * expected_spend * self.discounted_purchases(expected_purchases)
    }

    /// [`lifetime_value`](ValueTerms::lifetime_value) of many customers on all cores, given `expected_purchases(row, t)`.
    /// None where the expected spend is none, since it is infinite.
    pub fn lifetime_values(
        &self,
        expected_purchases: impl Fn(usize, f64) -> f64 + Sync,
        expected_spend: &[Option<f64>],
    ) -> Vec<Option<f64>> {
        let value = |(row, spend): (usize, &Option<f64>)| {
            spend.map(|spend| self.lifetime_value(|t| expected_purchases(row, t), spend))
        };
        expected_spend.par_iter().enumerate().map(value).collect()
    }
}

const MOST_PERIODS: u32 = 100_000;

/// The positive nodes and the weights of Gauss's quadrature with eight points on (−1, 1): Abramowitz and Stegun (1964),
/// table 25.4.
const GAUSS: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_3),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_5),
    (0.960_289_856_497_536_3, 0.101_228_536_290_376_3),
];
