//! Buying or giving at set occasions (a yearly appeal, a weekly service): the beta-geometric/beta-Bernoulli model.
//!
//! At each occasion a customer buys with the probability p ~ Beta(α, β) while alive, and is dead before it with the
//! probability θ ~ Beta(γ, δ); the dead stay dead. What is known of a customer is (x, t_x, n): x purchases, the last at
//! occasion t_x, of n occasions.
//!
//! Fader, P. S., Hardie, B. G. S. and Shang, J. (2010). Customer-base analysis in a discrete-time noncontractual setting.
//! Marketing Science 29, 1086–1108. Equation numbers below are theirs.

use super::error::{FitError, InputError, ParameterError};
use super::fit::{Fit, FitOptions};
use super::optimise::{Evaluation, Scale, maximise};
use super::special::{digamma, ln_beta, ln_hyp2f1, trigamma};
use super::symmetric::Symmetric;
use rayon::prelude::*;

/// The beta-geometric/beta-Bernoulli model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BgBb {
    alpha: f64,
    beta: f64,
    gamma: f64,
    delta: f64,
}

/// What is known of a customer: x purchases, the last at occasion t_x, of n occasions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Occasions {
    frequency: u32,
    recency: u32,
    periods: u32,
}

impl Occasions {
    /// Checks a history: `x ≤ t_x ≤ n`, and t_x is 0 exactly where x is.
    ///
    /// # Errors
    /// [`InputError::Value`] as of row 0.
    pub fn new(frequency: u32, recency: u32, periods: u32) -> Result<Occasions, InputError> {
        Occasions::of_row(0, frequency, recency, periods)
    }

    fn of_row(row: usize, frequency: u32, recency: u32, periods: u32) -> Result<Occasions, InputError> {
        let refused = |column, value: u32, reason, hint| {
            Err(InputError::Value { row, column, value: f64::from(value), reason, hint })
        };
        if periods == 0 || periods > MOST_PERIODS {
            let hint = "count the occasions since the first purchase, and leave customers without any out";
            return refused("periods", periods, "is no number of occasions from 1 to 100,000", hint);
        }
        if recency > periods {
            let hint = "recency is the number of the occasion of the last purchase, from 1 to periods";
            return refused("recency", recency, "is after the last occasion", hint);
        }
        if frequency > recency || (frequency == 0) != (recency == 0) {
            let hint = "count at most one purchase an occasion; recency is 0 exactly where frequency is";
            return refused("frequency", frequency, "does not go with the recency", hint);
        }
        Ok(Occasions { frequency, recency, periods })
    }
}

/// Customers of whom a model can be fitted: checked, equal histories taken together.
#[derive(Debug, Clone, PartialEq)]
pub struct OccasionsData {
    cells: Vec<(Occasions, f64)>,
}

impl OccasionsData {
    /// Checks the columns; `weights` say how many customers a row stands for, 1 each where none are given.
    ///
    /// # Errors
    /// [`InputError`] when columns differ in length, a history is none, a weight is negative or not finite, or nobody is left.
    pub fn new(
        frequency: &[u32],
        recency: &[u32],
        periods: &[u32],
        weights: Option<&[f64]>,
    ) -> Result<OccasionsData, InputError> {
        let expected = frequency.len();
        let lengths = [
            ("recency", recency.len()),
            ("periods", periods.len()),
            ("weights", weights.map_or(expected, <[f64]>::len)),
        ];
        for (column, found) in lengths {
            if found != expected {
                return Err(InputError::Lengths { column, found, other: "frequency", expected });
            }
        }
        let mut cells = Vec::with_capacity(expected);
        for row in 0..expected {
            let occasions = Occasions::of_row(row, frequency[row], recency[row], periods[row])?;
            let weight = weights.map_or(1.0, |weights| weights[row]);
            if !(0.0..=MOST_CUSTOMERS).contains(&weight) {
                let (reason, hint) =
                    ("is no number from 0 to 1e15", "a weight says how many customers the row stands for");
                return Err(InputError::Value { row, column: "weights", value: weight, reason, hint });
            }
            if weight > 0.0 {
                cells.push((occasions, weight));
            }
        }
        cells.sort_unstable_by_key(|(occasions, _)| *occasions);
        cells.dedup_by(|next, kept| {
            let equal = next.0 == kept.0;
            if equal {
                kept.1 += next.1;
            }
            equal
        });
        if cells.is_empty() {
            let hint = "take a longer period";
            return Err(InputError::TooFew { found: 0, who: "have a history", needed: 1, hint });
        }
        Ok(OccasionsData { cells })
    }

    /// How many customers there are, by weight.
    pub fn n_customers(&self) -> f64 {
        self.cells.iter().map(|(_, weight)| weight).sum()
    }

    /// The distinct histories with their numbers of customers.
    pub fn cells(&self) -> &[(Occasions, f64)] {
        &self.cells
    }
}

impl BgBb {
    /// The model with these parameters: purchases Beta(α, β), death Beta(γ, δ).
    ///
    /// # Errors
    /// [`ParameterError`] when one is not positive and finite.
    pub fn new(alpha: f64, beta: f64, gamma: f64, delta: f64) -> Result<BgBb, ParameterError> {
        ParameterError::check(MODEL, &NAMES, &[alpha, beta, gamma, delta])?;
        Ok(BgBb { alpha, beta, gamma, delta })
    }

    /// Fits the model by maximum likelihood, or with a penalty.
    ///
    /// # Errors
    /// [`FitError`] when an option is out of its range, or no start has a likelihood.
    pub fn fit(data: &OccasionsData, options: &FitOptions) -> Result<Fit<BgBb>, FitError> {
        let search = options.search()?;
        let likelihood = |parameters: &[f64]| data.evaluate(&BgBb::of(parameters));
        let starts = [vec![1.0, 1.0, 1.0, 3.0], vec![0.5, 2.0, 0.5, 5.0], vec![2.0, 1.0, 1.0, 1.0]];
        let optimum = maximise(likelihood, &[Scale::Positive; 4], &starts, &search)
            .ok_or(FitError::NoStart { model: MODEL })?;
        let names = NAMES.map(String::from).to_vec();
        Ok(Fit { model: BgBb::of(&optimum.parameters), names, optimum })
    }

    /// The parameters α, β, γ and δ.
    pub fn parameters(&self) -> [f64; 4] {
        [self.alpha, self.beta, self.gamma, self.delta]
    }

    /// The log-likelihood of a history (5): alive through all n occasions, or dead before one after the last purchase, `L =
    /// B(α+x, β+n−x)/B(α, β) · B(γ, δ+n)/B(γ, δ) + Σᵢ B(α+x, β+tₓ−x+i)/B(α, β) · B(γ+1, δ+tₓ+i)/B(γ, δ)` over `0 ≤ i < n −
    /// tₓ`.
    pub fn log_likelihood(&self, occasions: Occasions) -> f64 {
        let scenarios = self.scenarios(occasions);
        ln_sum_exp(&scenarios.iter().map(|scenario| scenario.ln(self)).collect::<Vec<_>>())
    }

    /// The probability that a customer is alive at the occasion `ahead` of the last one known (11): with 1, that the next
    /// occasion finds the customer alive; with 0, that the last one did. `B(α+x, β+n−x)/B(α, β) · B(γ, δ+n+ahead)/B(γ, δ) /
    /// L`.
    pub fn p_alive(&self, occasions: Occasions, ahead: u32) -> f64 {
        let n = f64::from(occasions.periods);
        let ln_kept = self.ln_survival(n + f64::from(ahead)) - self.ln_survival(n);
        (self.ln_alive(occasions) + ln_kept - self.log_likelihood(occasions)).exp().min(1.0)
    }

    /// How many of the next `ahead` occasions a customer is expected to buy at (13): `E[p | alive] · Σⱼ P(alive at n + j)`,
    /// where `E[p | alive] = (α+x)/(α+β+n)`. The closed form cancels near γ = 1; the sum never does.
    pub fn expected_purchases(&self, occasions: Occasions, ahead: u32) -> f64 {
        let n = f64::from(occasions.periods);
        let ln_alive = self.ln_alive(occasions) - self.log_likelihood(occasions);
        ln_alive.exp().min(1.0) * self.p_purchase(occasions) * self.occasions_alive(n, ahead)
    }

    /// How many of the first `n_occasions` a new customer is expected to buy at (8), `E[X(n)] = α/(α+β) · Σⱼ B(γ, δ+j)/B(γ,
    /// δ)`.
    pub fn expected_purchases_new(&self, n_occasions: u32) -> f64 {
        self.alpha / (self.alpha + self.beta) * self.occasions_alive(0.0, n_occasions)
    }

    /// The discounted expected residual transactions (14) at the rate d > 0 an occasion, the next one discounted once:
    /// `E[p | alive] · P(alive at n + 1) / (1 + d) · ₂F₁(1, δ+n+1; γ+δ+n+1; 1/(1+d))`.
    ///
    /// # Errors
    /// [`ParameterError`] when the rate is not positive and finite: without discount the sum has no end where γ ≤ 1.
    pub fn discounted_purchases(&self, occasions: Occasions, discount: f64) -> Result<f64, ParameterError> {
        let z = discount_factor(discount)?;
        let b = self.delta + f64::from(occasions.periods) + 1.0;
        let ln_sum = z.ln() + ln_hyp2f1(1.0, b, self.gamma + b, z);
        Ok(self.p_purchase(occasions) * self.p_alive(occasions, 1) * ln_sum.exp())
    }

    fn of(parameters: &[f64]) -> BgBb {
        BgBb { alpha: parameters[0], beta: parameters[1], gamma: parameters[2], delta: parameters[3] }
    }

    /// `E[p | x, n, alive]`
    fn p_purchase(&self, occasions: Occasions) -> f64 {
        let (x, n) = (f64::from(occasions.frequency), f64::from(occasions.periods));
        (self.alpha + x) / (self.alpha + self.beta + n)
    }

    /// `ln S(n)`, where `S(n) = B(γ, δ+n)/B(γ, δ)` is the share alive at occasion n.
    fn ln_survival(&self, n: f64) -> f64 {
        ln_beta(self.gamma, self.delta + n) - ln_beta(self.gamma, self.delta)
    }

    /// `Σⱼ S(n+j)/S(n)` over `1 ≤ j ≤ ahead`, each term from the one before: `S(k+1)/S(k) = (δ+k)/(γ+δ+k)`.
    fn occasions_alive(&self, n: f64, ahead: u32) -> f64 {
        let (mut kept, mut sum) = (1.0, 0.0);
        for j in 0..ahead {
            let k = self.delta + n + f64::from(j);
            kept *= k / (self.gamma + k);
            sum += kept;
        }
        sum
    }

    /// The logarithm of the first of the likelihood's terms.
    fn ln_alive(&self, occasions: Occasions) -> f64 {
        Scenario::alive(occasions).ln(self)
    }

    fn scenarios(&self, occasions: Occasions) -> Vec<Scenario> {
        let dead = (occasions.recency..occasions.periods).map(|last| Scenario::dead(occasions, last));
        std::iter::once(Scenario::alive(occasions)).chain(dead).collect()
    }
}

const MODEL: &str = "BG/BB";
const NAMES: [&str; 4] = ["alpha", "beta", "gamma", "delta"];

/// A hundred thousand: more occasions than that are continuous time.
const MOST_PERIODS: u32 = 100_000;
const MOST_CUSTOMERS: f64 = 1e15;

/// One way in which a history can have come about, of the probability
/// `B(α + bought, β + passed)/B(α, β) · B(γ + died, δ + survived)/B(γ, δ)`.
struct Scenario {
    counts: [f64; 4],
}

impl Scenario {
    fn alive(occasions: Occasions) -> Scenario {
        let (x, n) = (f64::from(occasions.frequency), f64::from(occasions.periods));
        Scenario { counts: [x, n - x, 0.0, n] }
    }

    /// Dead before the occasion that follows `last`.
    fn dead(occasions: Occasions, last: u32) -> Scenario {
        let (x, last) = (f64::from(occasions.frequency), f64::from(last));
        Scenario { counts: [x, last - x, 1.0, last] }
    }

    fn ln(&self, model: &BgBb) -> f64 {
        let [bought, passed, died, survived] = self.counts;
        let BgBb { alpha, beta, gamma, delta } = *model;
        ln_beta(alpha + bought, beta + passed) - ln_beta(alpha, beta)
            + ln_beta(gamma + died, delta + survived)
            - ln_beta(gamma, delta)
    }

    /// First derivatives by (α, β, γ, δ) and second ones αα, αβ, ββ, γγ, γδ, δδ; the others are 0.
    fn derivatives(&self, parameters: [f64; 4]) -> ([f64; 4], [f64; 6]) {
        let mut first = [0.0; 4];
        let mut second = [0.0; 6];
        for half in [0, 1] {
            let [a, b] = [parameters[2 * half], parameters[2 * half + 1]];
            let [more_a, more_b] = [self.counts[2 * half], self.counts[2 * half + 1]];
            let common = digamma(a + b + more_a + more_b) - digamma(a + b);
            first[2 * half] = digamma(a + more_a) - digamma(a) - common;
            first[2 * half + 1] = digamma(b + more_b) - digamma(b) - common;
            let common = trigamma(a + b + more_a + more_b) - trigamma(a + b);
            second[3 * half] = trigamma(a + more_a) - trigamma(a) - common;
            second[3 * half + 1] = -common;
            second[3 * half + 2] = trigamma(b + more_b) - trigamma(b) - common;
        }
        (first, second)
    }
}

impl OccasionsData {
    /// The log-likelihood with its derivatives by (α, β, γ, δ). With scenarios k of a history and their shares `w = L_k /
    /// L`, the first derivatives of `ln L` are the mean `g` of the scenarios', the second ones `Σ w (H_k + g_k g_kᵀ) − g
    /// gᵀ`.
    pub fn evaluate(&self, model: &BgBb) -> Evaluation {
        let cells: Vec<Evaluation> = self.cells.par_iter().map(|cell| evaluate_cell(model, cell)).collect();
        let mut sum = Evaluation { value: 0.0, gradient: vec![0.0; 4], hessian: Symmetric::zeros(4) };
        for cell in &cells {
            sum.value += cell.value;
            for row in 0..4 {
                sum.gradient[row] += cell.gradient[row];
                for column in 0..=row {
                    sum.hessian.set(row, column, sum.hessian.at(row, column) + cell.hessian.at(row, column));
                }
            }
        }
        sum
    }
}

fn evaluate_cell(model: &BgBb, (occasions, weight): &(Occasions, f64)) -> Evaluation {
    let scenarios = model.scenarios(*occasions);
    let logarithms: Vec<f64> = scenarios.iter().map(|scenario| scenario.ln(model)).collect();
    let total = ln_sum_exp(&logarithms);
    let mut gradient = vec![0.0; 4];
    let mut hessian = Symmetric::zeros(4);
    for (scenario, logarithm) in scenarios.iter().zip(&logarithms) {
        let share = (logarithm - total).exp();
        let (first, second) = scenario.derivatives(model.parameters());
        for row in 0..4 {
            gradient[row] += share * first[row];
            for column in 0..=row {
                let own =
                    if row / 2 == column / 2 { second[row / 2 * 3 + row % 2 + column % 2] } else { 0.0 };
                hessian.set(
                    row,
                    column,
                    hessian.at(row, column) + share * (own + first[row] * first[column]),
                );
            }
        }
    }
    for row in 0..4 {
        for column in 0..=row {
            let spread = hessian.at(row, column) - gradient[row] * gradient[column];
            hessian.set(row, column, weight * spread);
        }
    }
    gradient.iter_mut().for_each(|value| *value *= weight);
    Evaluation { value: weight * total, gradient, hessian }
}

/// `1/(1 + d)` of a discount rate d > 0.
pub(super) fn discount_factor(discount: f64) -> Result<f64, ParameterError> {
    if !(discount > 0.0 && discount.is_finite()) {
        let hint = "give a rate above 0 for each period, such as 0.1 for 10 % a year where periods are years";
        return Err(ParameterError { of: "a prediction", parameter: "discount rate", value: discount, hint });
    }
    Ok(1.0 / (1.0 + discount))
}

fn ln_sum_exp(logarithms: &[f64]) -> f64 {
    let largest = logarithms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    largest + logarithms.iter().map(|logarithm| (logarithm - largest).exp()).sum::<f64>().ln()
}
