//! Contracts that are renewed period by period: the shifted beta-geometric model, in which those who stay are those who
//! were always likelier to.
//!
//! A customer ends the contract at each renewal with the same probability θ, and θ differs between customers as Beta(α, β).
//! The retention rate of a cohort therefore rises with its age although nobody changes, and a constant rate understates
//! what old customers are worth.
//!
//! Fader, P. S. and Hardie, B. G. S. (2007). How to project customer retention. Journal of Interactive Marketing 21(1),
//! 76–90. For values: Fader, P. S. and Hardie, B. G. S. (2010). Customer-base valuation in a contractual setting: the
//! perils of ignoring heterogeneity. Marketing Science 29, 85–93.

use super::bg_bb::discount_factor;
use super::error::{FitError, InputError, ParameterError};
use super::fit::{Fit, FitOptions};
use super::optimise::{Evaluation, Scale, maximise};
use super::special::{digamma, ln_beta, ln_hyp2f1, trigamma};
use super::symmetric::Symmetric;
use std::collections::BTreeMap;

/// The shifted beta-geometric model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShiftedBetaGeo {
    alpha: f64,
    beta: f64,
}

/// Customers with a contract: checked, equal rows taken together. Cohorts of different ages go together.
#[derive(Debug, Clone, PartialEq)]
pub struct ContractData {
    /// By period t: how many churned at t, and how many were still active after t when last seen.
    periods: BTreeMap<u32, [f64; 2]>,
}

impl ContractData {
    /// Checks the columns. A customer who `churned` did so at renewal number `period`, from 1; one who did not was active
    /// after renewal number `period`, the last so far. Customers who have had no renewal yet say nothing: their period is
    /// 0, and they are left out.
    ///
    /// `weights` say how many customers a row stands for; 1 each where none are given.
    ///
    /// # Errors
    /// [`InputError`] when columns differ in length, somebody churned before the first renewal, a weight is negative or not
    /// finite, or nobody is left.
    pub fn new(
        period: &[u32],
        churned: &[bool],
        weights: Option<&[f64]>,
    ) -> Result<ContractData, InputError> {
        let expected = period.len();
        for (column, found) in
            [("churned", churned.len()), ("weights", weights.map_or(expected, <[f64]>::len))]
        {
            if found != expected {
                return Err(InputError::Lengths { column, found, other: "period", expected });
            }
        }
        let mut periods = BTreeMap::new();
        for row in 0..expected {
            let (t, weight) = (period[row], weights.map_or(1.0, |weights| weights[row]));
            if t == 0 && churned[row] {
                let (reason, hint) = ("is before the first renewal", "number the renewals from 1");
                return Err(InputError::Value { row, column: "period", value: 0.0, reason, hint });
            }
            if !(0.0..=MOST_CUSTOMERS).contains(&weight) {
                let (reason, hint) =
                    ("is no number from 0 to 1e15", "a weight says how many customers the row stands for");
                return Err(InputError::Value { row, column: "weights", value: weight, reason, hint });
            }
            if t > 0 && weight > 0.0 {
                periods.entry(t).or_insert([0.0; 2])[usize::from(!churned[row])] += weight;
            }
        }
        if periods.is_empty() {
            let hint = "wait for the first renewal";
            return Err(InputError::TooFew { found: 0, who: "have had a renewal", needed: 1, hint });
        }
        Ok(ContractData { periods })
    }

    /// How many customers there are, by weight.
    pub fn n_customers(&self) -> f64 {
        self.periods.values().map(|[churned, active]| churned + active).sum()
    }

    /// The log-likelihood `Σ n_t ln P(T = t) + Σ m_t ln S(t)` with its derivatives by (α, β), where `n_t` churned at t and
    /// `m_t` are active after t: `ln P(T = t) = ln B(α+1, β+t−1) − ln B(α, β)` and `ln S(t) = ln B(α, β+t) − ln B(α, β)`.
    pub fn evaluate(&self, [alpha, beta]: [f64; 2]) -> Evaluation {
        let mut sums = [0.0; 6];
        let (whole, psi_whole, psi1_whole) =
            (ln_beta(alpha, beta), digamma(alpha + beta), trigamma(alpha + beta));
        let (psi_a, psi_b) = (digamma(alpha), digamma(beta));
        let (psi1_a, psi1_b) = (trigamma(alpha), trigamma(beta));
        for (t, counts) in &self.periods {
            let t = f64::from(*t);
            for (weight, [a, b]) in counts.iter().zip([[alpha + 1.0, beta + t - 1.0], [alpha, beta + t]]) {
                if *weight > 0.0 {
                    let (common, common1) = (digamma(a + b) - psi_whole, trigamma(a + b) - psi1_whole);
                    let terms = [
                        ln_beta(a, b) - whole,
                        digamma(a) - psi_a - common,
                        digamma(b) - psi_b - common,
                        trigamma(a) - psi1_a - common1,
                        -common1,
                        trigamma(b) - psi1_b - common1,
                    ];
                    sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += weight * term);
                }
            }
        }
        let [value, by_alpha, by_beta, aa, ab, bb] = sums;
        let mut hessian = Symmetric::zeros(2);
        for (row, column, second) in [(0, 0, aa), (0, 1, ab), (1, 1, bb)] {
            hessian.set(row, column, second);
        }
        Evaluation { value, gradient: vec![by_alpha, by_beta], hessian }
    }
}

impl ShiftedBetaGeo {
    /// The model with these parameters.
    ///
    /// # Errors
    /// [`ParameterError`] when one is not positive and finite.
    pub fn new(alpha: f64, beta: f64) -> Result<ShiftedBetaGeo, ParameterError> {
        ParameterError::check(MODEL, &NAMES, &[alpha, beta])?;
        Ok(ShiftedBetaGeo { alpha, beta })
    }

    /// Fits the model by maximum likelihood, or with a penalty. Where everybody is alike, or nobody churned, a parameter
    /// runs into its bound, and the fit says so.
    ///
    /// # Errors
    /// [`FitError`] when an option is out of its range, or no start has a likelihood.
    pub fn fit(data: &ContractData, options: &FitOptions) -> Result<Fit<ShiftedBetaGeo>, FitError> {
        let search = options.search()?;
        let likelihood = |parameters: &[f64]| data.evaluate([parameters[0], parameters[1]]);
        let starts = [vec![1.0, 1.0], vec![0.5, 4.0], vec![3.0, 10.0]];
        let optimum = maximise(likelihood, &[Scale::Positive; 2], &starts, &search)
            .ok_or(FitError::NoStart { model: MODEL })?;
        let model = ShiftedBetaGeo { alpha: optimum.parameters[0], beta: optimum.parameters[1] };
        Ok(Fit { model, names: NAMES.map(String::from).to_vec(), optimum })
    }

    /// The parameters α and β.
    pub fn parameters(&self) -> [f64; 2] {
        [self.alpha, self.beta]
    }

    /// The share of a cohort that is still active after t renewals, `S(t) = B(α, β+t)/B(α, β)`; 1 for t = 0.
    pub fn survival(&self, t: u32) -> f64 {
        (ln_beta(self.alpha, self.beta + f64::from(t)) - ln_beta(self.alpha, self.beta)).exp().min(1.0)
    }

    /// The share of those active after t − 1 renewals who renew once more, `r_t = (β+t−1)/(α+β+t−1)`, for t from 1; 1 for t
    /// = 0, when nothing is renewed.
    pub fn retention_rate(&self, t: u32) -> f64 {
        if t == 0 { 1.0 } else { self.renewal(f64::from(t) - 1.0) }
    }

    /// The probability that a customer who has renewed `renewals` times renews `ahead` times more, `S(renewals +
    /// ahead)/S(renewals)`.
    pub fn conditional_survival(&self, renewals: u32, ahead: u32) -> f64 {
        let later = ShiftedBetaGeo { alpha: self.alpha, beta: self.beta + f64::from(renewals) };
        later.survival(ahead)
    }

    /// How many periods a new customer is expected to stay, the first included: `Σ S(t) = (α+β−1)/(α−1)` over t from 0.
    /// None where it is infinite, α ≤ 1.
    pub fn expected_lifetime(&self) -> Option<f64> {
        self.expected_residual_lifetime(0).map(|rest| 1.0 + rest)
    }

    /// How many renewals more are expected of a customer who has renewed `renewals` times, `(β + renewals)/(α−1)`. None
    /// where it is infinite, α ≤ 1.
    pub fn expected_residual_lifetime(&self, renewals: u32) -> Option<f64> {
        (self.alpha > 1.0).then(|| (self.beta + f64::from(renewals)) / (self.alpha - 1.0))
    }

    /// The discounted expected lifetime of a new customer at the rate d > 0 a period, paid at the beginning of each:
    /// `Σ S(t)/(1+d)^t = ₂F₁(1, β; α+β; 1/(1+d))` over t from 0 (the first payment counts as 1).
    ///
    /// # Errors
    /// [`ParameterError`] when the rate is not positive and finite.
    pub fn discounted_lifetime(&self, discount: f64) -> Result<f64, ParameterError> {
        Ok(self.discounted(0.0, discount_factor(discount)?))
    }

    /// The discounted expected residual lifetime at the rate d > 0 a period of a customer who has renewed `renewals` times
    /// and is about to be asked again; a renewal now counts as 1: `r · ₂F₁(1, β+k+1; α+β+k+1; 1/(1+d))` with `k = renewals`
    /// and `r = (β+k)/(α+β+k)`.
    ///
    /// # Errors
    /// [`ParameterError`] when the rate is not positive and finite.
    pub fn discounted_residual_lifetime(&self, renewals: u32, discount: f64) -> Result<f64, ParameterError> {
        let renewals = f64::from(renewals);
        Ok(self.renewal(renewals) * self.discounted(renewals + 1.0, discount_factor(discount)?))
    }

    /// The probability that a customer with so many renewals renews again.
    fn renewal(&self, renewals: f64) -> f64 {
        (self.beta + renewals) / (self.alpha + self.beta + renewals)
    }

    fn discounted(&self, renewals: f64, z: f64) -> f64 {
        let b = self.beta + renewals;
        ln_hyp2f1(1.0, b, self.alpha + b, z).exp()
    }
}

const MODEL: &str = "shifted beta-geometric";
const NAMES: [&str; 2] = ["alpha", "beta"];
const MOST_CUSTOMERS: f64 = 1e15;
