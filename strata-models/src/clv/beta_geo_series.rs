//! Forecasts of BG/NBD and MBG/NBD for many customers: what one is expected to buy is a power series whose coefficients depend on x alone.
//!
//! Given that he is alive, a customer's future is that of BG/NBD with r, α, a and b, of which only α depends on anything but x. With
//! `z = t / (α + t)`, `E[X(t)] = (1 − z)ʳ Σₖ cₖ zᵏ` where `cₖ = (r)ₖ / k! · m(k)` and m(k) is that of [`BetaGeo::expected_purchases_new`].

use super::beta_geo::{BetaGeo, is_short};
use super::purchases::{Customer, Horizon, RepeatPurchases};

/// The coefficients for every number of purchases that is not rare.
pub(crate) struct SeriesByFrequency {
    horizon: Horizon,
    /// By x; empty where the series is no good.
    coefficients: Vec<Vec<f64>>,
}

impl SeriesByFrequency {
    /// For these customers, given what they are once alive.
    pub(crate) fn new(
        purchases: &RepeatPurchases,
        horizon: Horizon,
        alive_after: impl Fn(&Customer) -> BetaGeo,
    ) -> SeriesByFrequency {
        // The customer of shortest tenure needs most terms.
        let mut shortest: Vec<Option<Customer>> = vec![None; MOST_PURCHASES + 1];
        for customer in purchases.distinct() {
            if let Some(found) = shortest.get_mut(customer.frequency as usize)
                && found.is_none_or(|found| customer.tenure < found.tenure)
            {
                *found = Some(*customer);
            }
        }
        let of_one =
            |customer: Option<Customer>| customer.map_or(vec![], |c| coefficients(&alive_after(&c), horizon));
        SeriesByFrequency { horizon, coefficients: shortest.into_iter().map(of_one).collect() }
    }

    /// [`BetaGeo::expected_purchases_new`] of a customer's future.
    #[inline]
    pub(crate) fn expected(&self, customer: &Customer, future: &BetaGeo) -> f64 {
        match self.coefficients.get(customer.frequency as usize) {
            Some(coefficients) if !coefficients.is_empty() => {
                let odds = self.horizon.0 / future.alpha;
                power_series(coefficients, odds / (1.0 + odds)) * (-future.r * odds.ln_1p()).exp()
            }
            _ => future.expected_purchases_new(self.horizon),
        }
    }
}

/// Who bought more often is rare enough to be computed alone.
const MOST_PURCHASES: usize = 300;

/// Coefficients are worked on in blocks of so many.
const BLOCK: usize = 16;

/// c₁, c₂ and so on, as many as that customer needs, up to a full block; none where they would be too large or too many.
fn coefficients(future: &BetaGeo, horizon: Horizon) -> Vec<f64> {
    let BetaGeo { r, alpha, a, b } = *future;
    let odds = horizon.0 / alpha;
    if !is_short(r, odds) {
        return vec![];
    }
    let z = odds / (1.0 + odds);
    let mut coefficients = vec![];
    let (mut rising, mut bought, mut stays, mut power, mut sum, mut k) = (1.0, 0.0, 1.0, 1.0, 0.0, 0.0);
    loop {
        rising *= (r + k) / (k + 1.0);
        bought += stays;
        stays *= (b + k) / (a + b + k);
        power *= z;
        k += 1.0;
        let coefficient = rising * bought;
        if coefficient > 1e250 || coefficients.len() > 1024 {
            return vec![];
        }
        coefficients.push(coefficient);
        sum += coefficient * power;
        if coefficients.len().is_multiple_of(BLOCK) && coefficient * power <= 1e-17 * sum {
            return coefficients;
        }
    }
}

/// `Σₖ cₖ zᵏ` from k = 1, in four strands that the processor adds side by side.
#[inline]
fn power_series(coefficients: &[f64], z: f64) -> f64 {
    let (square, fourth) = (z * z, z * z * z * z);
    let mut powers = [z, square, square * z, fourth];
    let mut sums = [0.0; 4];
    for block in coefficients.chunks_exact(BLOCK) {
        for four in block.chunks_exact(4) {
            for strand in 0..4 {
                sums[strand] += four[strand] * powers[strand];
                powers[strand] *= fourth;
            }
        }
        // The power is by now one further.
        if block[BLOCK - 1] * powers[3] <= 1e-17 * sums[3] * fourth {
            break;
        }
    }
    sums[0] + sums[1] + (sums[2] + sums[3])
}
