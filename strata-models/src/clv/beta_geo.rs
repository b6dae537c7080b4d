//! BG/NBD and MBG/NBD: customers buy at random at their own rate, and after a purchase may leave for good.
//!
//! A customer buys as a Poisson process at rate λ, and after each purchase leaves with probability p; `λ ~ Gamma(r, rate α)` and
//! `p ~ Beta(a, b)` over customers. In BG/NBD only repeat purchases are followed by a chance to leave, so that who never bought again is
//! alive for certain; in MBG/NBD the first purchase is, too. Given that a customer with (x, tₓ, T) is alive, his future is again that of a
//! BG/NBD customer, with r + x, α + T, a and b + x (one more in MBG/NBD): all that is asked of the future is asked of that.
//!
//! Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). "Counting your customers" the easy way: an alternative to the Pareto/NBD model.
//! Marketing Science 24, 275–284. Batislam, E. P., Denizel, M. and Filiztekin, A. (2007). Empirical validation and comparison of models for
//! customer base analysis. International Journal of Research in Marketing 24, 201–209.

use super::beta_geo_likelihood::{Variant, fit, log_likelihood};
use super::error::{FitError, ParameterError};
use super::fit::{Fit, FitOptions};
use super::purchases::{Customer, DiscountRate, Horizon, RepeatPurchases};
use super::quadrature::ln_integral_unit;
use super::special::{ln_beta, ln_gamma, scaled_exponential_integral};

/// The BG/NBD model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BetaGeo {
    pub(crate) r: f64,
    pub(crate) alpha: f64,
    pub(crate) a: f64,
    pub(crate) b: f64,
}

/// The MBG/NBD model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ModifiedBetaGeo {
    pub(crate) r: f64,
    pub(crate) alpha: f64,
    pub(crate) a: f64,
    pub(crate) b: f64,
}

/// What the parameters of either are called.
pub(crate) const NAMES: [&str; 4] = ["r", "alpha", "a", "b"];

impl BetaGeo {
    /// The model with these parameters, all positive; α has the unit of time.
    pub fn new(r: f64, alpha: f64, a: f64, b: f64) -> Result<BetaGeo, ParameterError> {
        ParameterError::check("BG/NBD", &NAMES, &[r, alpha, a, b])?;
        Ok(BetaGeo { r, alpha, a, b })
    }

    /// r, α, a and b.
    pub fn parameters(&self) -> [f64; 4] {
        [self.r, self.alpha, self.a, self.b]
    }

    /// The model of greatest likelihood. Refuses fewer than ten repeat buyers; data that do not determine the model yield a fit that says so.
    pub fn fit(purchases: &RepeatPurchases, options: &FitOptions) -> Result<Fit<BetaGeo>, FitError> {
        let (optimum, [r, alpha, a, b]) = fit(Variant::BetaGeo, purchases, options)?;
        let names = NAMES.map(String::from).to_vec();
        Ok(Fit { model: BetaGeo { r, alpha, a, b }, names, optimum })
    }

    /// `ln L`, the log-likelihood of a customer's purchases; with x > 0,
    /// `L = B(a, b + x) Γ(r + x) αʳ / B(a, b) Γ(r) · {(α + T)^−(r + x) + a / (b + x − 1) · (α + tₓ)^−(r + x)}`.
    pub fn log_likelihood(&self, customer: &Customer) -> f64 {
        log_likelihood(Variant::BetaGeo, &self.parameters(), customer)
    }

    /// The probability that a customer has not left: `1 / (1 + a / (b + x − 1) · ((α + T) / (α + tₓ))^(r + x))`, and 1 when x = 0.
    pub fn p_alive(&self, customer: &Customer) -> f64 {
        let x = customer.frequency;
        if x == 0.0 { 1.0 } else { p_alive(self.a / (self.b + x - 1.0), self.r, self.alpha, customer) }
    }

    /// The model of a customer's future, given that he is alive.
    pub fn alive_after(&self, customer: &Customer) -> BetaGeo {
        let x = customer.frequency;
        BetaGeo { r: self.r + x, alpha: self.alpha + customer.tenure, a: self.a, b: self.b + x }
    }

    /// `E[X(t)]`, the purchases that a new customer is expected to make until t.
    ///
    /// With K, negative binomial, the purchases of one who never leaves, it is `Σⱼ P(K > j) · E[(1 − p)ʲ]` where
    /// `E[(1 − p)ʲ] = (b)ⱼ / (a + b)ⱼ`: a sum of positive terms, while the published form with ₂F₁ divides by a − 1. Where the sum is
    /// long, `E[(1 − (1 + p t/α)⁻ʳ) / p]` is integrated over p.
    pub fn expected_purchases_new(&self, horizon: Horizon) -> f64 {
        let BetaGeo { r, alpha, a, b } = *self;
        let t = horizon.0;
        if t == 0.0 {
            return 0.0;
        }
        let odds = t / alpha;
        let z = t / (alpha + t);
        if r * odds < 200.0 && odds < 15.0 {
            // The negative binomial's probability of j, and of more than j.
            let mut probability = (-r * odds.ln_1p()).exp();
            let mut above = -(-r * odds.ln_1p()).exp_m1();
            let (mut sum, mut stays, mut j) = (0.0, 1.0, 0.0);
            // Subtraction leaves rounding in `above`: the end is where the probabilities to come are nothing.
            while above * stays > 1e-16 * sum {
                sum += above * stays;
                stays *= (b + j) / (a + b + j);
                let ratio = (r + j) / (j + 1.0) * z;
                probability *= ratio;
                above -= probability;
                j += 1.0;
                if probability < 1e-17 * (1.0 - ratio) * sum {
                    break;
                }
            }
            return sum;
        }
        let ln_beta = ln_beta(a, b);
        let ln_integral = ln_integral_unit(|p| {
            let lost = r * (p.value * odds).ln_1p();
            // Of a p too small for a number the first term of the series is left.
            let ln_bought = if lost > 1e-290 { (-(-lost).exp_m1()).ln() } else { (r * odds).ln() + p.ln };
            (a - 2.0) * p.ln + (b - 1.0) * p.ln_rest + ln_bought
        });
        (ln_integral - ln_beta).exp()
    }

    /// `P(X(t) = n)`, the probability that a new customer buys n times until t:
    /// `E[(1 − p)ⁿ] P(K = n) + E[p (1 − p)ⁿ⁻¹] P(K ≥ n)` with K, negative binomial, the purchases of one who never leaves; the second
    /// term only when n > 0.
    pub fn purchase_probability_new(&self, n: u32, horizon: Horizon) -> f64 {
        let BetaGeo { r, alpha, a, b } = *self;
        let count = NegativeBinomial::new(r, alpha, horizon.0);
        let n_purchases = f64::from(n);
        let ln_stays = ln_beta(a, b + n_purchases) - ln_beta(a, b);
        let stayed = (ln_stays + count.ln_probability(n_purchases)).exp();
        if n == 0 {
            return stayed;
        }
        let ln_leaves = ln_beta(a + 1.0, b + n_purchases - 1.0) - ln_beta(a, b);
        stayed + ln_leaves.exp() * count.at_least(n)
    }

    /// All purchases that a new customer is expected to make, a later one discounted: `∫₀^∞ e^(−δt) dE[X(t)]`.
    ///
    /// Given p it is `r/p · eʸ Eᵣ₊₁(y)` at `y = δα / p`, which is integrated over p.
    pub fn discounted_purchases_new(&self, rate: DiscountRate) -> f64 {
        let BetaGeo { r, alpha, a, b } = *self;
        let ln_scale = (rate.0 * alpha).ln();
        let ln_beta = ln_beta(a, b);
        let ln_integral = ln_integral_unit(|p| {
            let ln_y = ln_scale - p.ln;
            // 1 / (y + r + 1) is exact to all digits where y is large.
            let ln_lifetime =
                if ln_y > 40.0 { -ln_y } else { scaled_exponential_integral(r + 1.0, ln_y.exp()).ln() };
            (a - 2.0) * p.ln + (b - 1.0) * p.ln_rest + ln_lifetime
        });
        r * (ln_integral - ln_beta).exp()
    }
}

impl ModifiedBetaGeo {
    /// The model with these parameters, all positive; α has the unit of time.
    pub fn new(r: f64, alpha: f64, a: f64, b: f64) -> Result<ModifiedBetaGeo, ParameterError> {
        ParameterError::check("MBG/NBD", &NAMES, &[r, alpha, a, b])?;
        Ok(ModifiedBetaGeo { r, alpha, a, b })
    }

    /// r, α, a and b.
    pub fn parameters(&self) -> [f64; 4] {
        [self.r, self.alpha, self.a, self.b]
    }

    /// The model of greatest likelihood, as [`BetaGeo::fit`].
    pub fn fit(purchases: &RepeatPurchases, options: &FitOptions) -> Result<Fit<ModifiedBetaGeo>, FitError> {
        let (optimum, [r, alpha, a, b]) = fit(Variant::Modified, purchases, options)?;
        let names = NAMES.map(String::from).to_vec();
        Ok(Fit { model: ModifiedBetaGeo { r, alpha, a, b }, names, optimum })
    }

    /// `ln L`, the log-likelihood of a customer's purchases, where
    /// `L = B(a, b + x + 1) Γ(r + x) αʳ / B(a, b) Γ(r) · {(α + T)^−(r + x) + a / (b + x) · (α + tₓ)^−(r + x)}`.
    pub fn log_likelihood(&self, customer: &Customer) -> f64 {
        log_likelihood(Variant::Modified, &self.parameters(), customer)
    }

    /// The probability that a customer has not left: `1 / (1 + a / (b + x) · ((α + T) / (α + tₓ))^(r + x))`.
    pub fn p_alive(&self, customer: &Customer) -> f64 {
        p_alive(self.a / (self.b + customer.frequency), self.r, self.alpha, customer)
    }

    /// The model of a customer's future, given that he is alive.
    pub fn alive_after(&self, customer: &Customer) -> BetaGeo {
        let x = customer.frequency;
        BetaGeo { r: self.r + x, alpha: self.alpha + customer.tenure, a: self.a, b: self.b + x + 1.0 }
    }

    /// `E[X(t)]`, the purchases that a new customer is expected to make until t: the share `b / (a + b)` who do not leave at once, with
    /// their future.
    pub fn expected_purchases_new(&self, horizon: Horizon) -> f64 {
        self.share_staying() * self.staying().expected_purchases_new(horizon)
    }

    /// `P(X(t) = n)`, the probability that a new customer buys n times until t.
    pub fn purchase_probability_new(&self, n: u32, horizon: Horizon) -> f64 {
        let stays = self.share_staying();
        let left = if n == 0 { self.a / (self.a + self.b) } else { 0.0 };
        left + stays * self.staying().purchase_probability_new(n, horizon)
    }

    /// All purchases that a new customer is expected to make, a later one discounted, as [`BetaGeo::discounted_purchases_new`].
    pub fn discounted_purchases_new(&self, rate: DiscountRate) -> f64 {
        self.share_staying() * self.staying().discounted_purchases_new(rate)
    }

    /// Those who do not leave with their first purchase.
    fn staying(&self) -> BetaGeo {
        BetaGeo { r: self.r, alpha: self.alpha, a: self.a, b: self.b + 1.0 }
    }

    fn share_staying(&self) -> f64 {
        self.b / (self.a + self.b)
    }
}

/// `1 / (1 + odds · ((α + T) / (α + tₓ))^(r + x))`.
fn p_alive(odds: f64, r: f64, alpha: f64, customer: &Customer) -> f64 {
    let silence = ((customer.tenure - customer.recency) / (alpha + customer.recency)).ln_1p();
    1.0 / (1.0 + (odds.ln() + (r + customer.frequency) * silence).exp())
}

/// The number of purchases until t at a rate `λ ~ Gamma(r, rate α)`.
pub(crate) struct NegativeBinomial {
    r: f64,
    ln_none: f64,
    /// ln of t / (α + t).
    ln_z: f64,
}

impl NegativeBinomial {
    pub(crate) fn new(r: f64, alpha: f64, t: f64) -> NegativeBinomial {
        NegativeBinomial { r, ln_none: -r * (t / alpha).ln_1p(), ln_z: -(alpha / t).ln_1p() }
    }

    /// `ln P(K = n) = ln (Γ(r + n) / Γ(r) n!) + r ln (α / (α + t)) + n ln (t / (α + t))`
    pub(crate) fn ln_probability(&self, n: f64) -> f64 {
        if n == 0.0 {
            return self.ln_none;
        }
        ln_gamma(self.r + n) - ln_gamma(self.r) - ln_gamma(n + 1.0) + self.ln_none + n * self.ln_z
    }

    /// `P(K ≥ n)`: added up from n where that is beyond the mode and does not take forever, else what is left of 1.
    fn at_least(&self, n: u32) -> f64 {
        let z = self.ln_z.exp();
        let is_beyond = z * (self.r + f64::from(n)) < f64::from(n) + 1.0;
        if !is_beyond || z > 0.9995 {
            let below: f64 = (0..n).map(|k| self.ln_probability(f64::from(k)).exp()).sum();
            return (1.0 - below).max(0.0);
        }
        let mut k = f64::from(n);
        let mut term = self.ln_probability(k).exp();
        let mut sum = 0.0;
        while term > 1e-17 * sum {
            sum += term;
            term *= (self.r + k) / (k + 1.0) * z;
            k += 1.0;
        }
        sum
    }
}
