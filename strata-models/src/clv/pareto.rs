//! Pareto/NBD: customers buy at random at their own rate until they leave, at a time that has nothing to do with purchases.
//!
//! A customer buys as a Poisson process at rate λ and leaves at rate μ; `λ ~ Gamma(r, rate α)` and `μ ~ Gamma(s, rate β)` over customers. Given
//! that a customer with (x, tₓ, T) is alive, his future is that of a Pareto/NBD customer with r + x, α + T, s and β + T.
//!
//! Schmittlein, D. C., Morrison, D. G. and Colombo, R. (1987). Counting your customers: who are they and what will they do next? Management
//! Science 33, 1–24. Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). RFM and CLV: using iso-value curves for customer base analysis.
//! Journal of Marketing Research 42, 415–430.

use super::beta_geo::NegativeBinomial;
use super::error::{FitError, ParameterError};
use super::fit::{Fit, FitOptions};
use super::pareto_likelihood::{Left, evaluate, log_likelihood};
use super::purchases::{Customer, DiscountRate, Horizon, RepeatPurchases};
use super::quadrature::ln_integral_unit;
use super::sample::{Sample, fit_timing};
use super::special::{ln_add_exp, scaled_exponential_integral};

/// The Pareto/NBD model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pareto {
    pub(crate) r: f64,
    pub(crate) alpha: f64,
    pub(crate) s: f64,
    pub(crate) beta: f64,
}

/// What the parameters are called.
pub(crate) const NAMES: [&str; 4] = ["r", "alpha", "s", "beta"];

impl Pareto {
    /// The model with these parameters, all positive; α and β have the unit of time.
    pub fn new(r: f64, alpha: f64, s: f64, beta: f64) -> Result<Pareto, ParameterError> {
        ParameterError::check("Pareto/NBD", &NAMES, &[r, alpha, s, beta])?;
        Ok(Pareto { r, alpha, s, beta })
    }

    /// r, α, s and β.
    pub fn parameters(&self) -> [f64; 4] {
        [self.r, self.alpha, self.s, self.beta]
    }

    /// The model of greatest likelihood. Refuses fewer than ten repeat buyers; data that do not determine the model yield a fit that says so.
    pub fn fit(purchases: &RepeatPurchases, options: &FitOptions) -> Result<Fit<Pareto>, FitError> {
        let starts = [[0.5, 0.3, 0.5, 0.3], [1.0, 1.0, 1.0, 1.0], [0.8, 0.5, 0.1, 1.0]].map(Vec::from);
        let time = purchases.mean_tenure();
        let units = [1.0, time, 1.0, time];
        let likelihood = |p: &[f64], sample: &Sample<'_>| evaluate([p[0], p[1], p[2], p[3]], sample);
        let optimum = fit_timing("Pareto/NBD", likelihood, &units, &starts, purchases, options)?;
        let p = &optimum.parameters;
        let model = Pareto { r: p[0], alpha: p[1], s: p[2], beta: p[3] };
        Ok(Fit { model, names: NAMES.map(String::from).to_vec(), optimum })
    }

    /// `ln L`, the log-likelihood of a customer's purchases,
    /// `L = Γ(r + x) αʳ βˢ / Γ(r) · {(α + T)^−(r + x) (β + T)⁻ˢ + s ∫ (α + τ)^−(r + x) (β + τ)^−(s + 1) dτ}` with τ from tₓ to T.
    pub fn log_likelihood(&self, customer: &Customer) -> f64 {
        log_likelihood(&self.parameters(), customer)
    }

    /// The probability that a customer has not left: the first term's share in the braces of [`Pareto::log_likelihood`].
    pub fn p_alive(&self, customer: &Customer) -> f64 {
        let left = Left::new(&self.parameters(), customer);
        let (alive, left) = (left.ln_alive(), left.integral());
        if left == 0.0 { 1.0 } else { 1.0 / (1.0 + (left.ln() - alive).exp()) }
    }

    /// The model of a customer's future, given that he is alive.
    pub fn alive_after(&self, customer: &Customer) -> Pareto {
        let (x, tenure) = (customer.frequency, customer.tenure);
        Pareto { r: self.r + x, alpha: self.alpha + tenure, s: self.s, beta: self.beta + tenure }
    }

    /// `E[X(t)] = r β / α · (1 − (β / (β + t))ˢ⁻¹) / (s − 1)`, the purchases that a new customer is expected to make until t.
    pub fn expected_purchases_new(&self, horizon: Horizon) -> f64 {
        let grown = (horizon.0 / self.beta).ln_1p();
        let excess = self.s - 1.0;
        // The quotient goes to ln(1 + t/β) as s goes to 1.
        let quotient = if excess == 0.0 { grown } else { -(-excess * grown).exp_m1() / excess };
        self.r / self.alpha * self.beta * quotient
    }

    /// `P(X(t) = n)`, the probability that a new customer buys n times until t: until t if he is still there, and otherwise until he left,
    /// integrated over when that was.
    pub fn purchase_probability_new(&self, n: u32, horizon: Horizon) -> f64 {
        let Pareto { r, alpha, s, beta } = *self;
        let (n, t) = (f64::from(n), horizon.0);
        if t == 0.0 {
            return if n == 0.0 { 1.0 } else { 0.0 };
        }
        let ln_probability = |time: f64| NegativeBinomial::new(r, alpha, time).ln_probability(n);
        let stayed = ln_probability(t) - s * (t / beta).ln_1p();
        let left = ln_integral_unit(|share| {
            let time = t * share.value;
            // Of a time too short for a number (t/α)ⁿ is left.
            let ln_probability =
                if share.value > 1e-290 || n == 0.0 { ln_probability(time) } else { f64::NEG_INFINITY };
            ln_probability - (s + 1.0) * (time / beta).ln_1p()
        }) + (s * t / beta).ln();
        ln_add_exp(stayed, left).exp()
    }

    /// All purchases that a new customer is expected to make, a later one discounted: `E[λ] E[1 / (δ + μ)] = r / α · β · eʸ Eₛ(y)` at `y = δβ`.
    ///
    /// Fader, Hardie and Lee (2005), who write it with Tricomi's function.
    pub fn discounted_purchases_new(&self, rate: DiscountRate) -> f64 {
        self.r / self.alpha * self.beta * scaled_exponential_integral(self.s, rate.0 * self.beta)
    }
}
