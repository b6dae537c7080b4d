//! Multinomial logistic regression with a ridge: what features say of types.
//!
//! With terms `z` and a coefficient vector for each class, `P(k | z) = softmax_k(α_k + β_kᵀ z)`. The fit minimises
//! `F = Σ_i −ln P(y_i | z_i) + ridge / 2 · Σ_k |β_k|²`; all classes have coefficients, which the ridge makes unique, and the intercepts
//! sum to 0.
//!
//! The search is by limited-memory quasi-Newton steps whose first metric is Böhning's bound `½ Zᵀ Z + ridge`, with which they hardly depend
//! on how terms hang together.
//!
//! Böhning, D. (1992). Multinomial logistic regression algorithm. Annals of the Institute of Statistical Mathematics 44, 197–200.
//! Nocedal, J. (1980). Updating quasi-Newton matrices with limited storage. Mathematics of Computation 35, 773–782.

use serde::{Deserialize, Serialize};

use super::error::{TypingError, check_option};
use crate::learn::linear::Cholesky;

/// A fitted regression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Logit {
    /// By class: the intercept, then a coefficient for each term.
    pub coefficients: Vec<Vec<f64>>,
    /// Whether the optimum was reached.
    pub converged: bool,
    /// How many steps were made.
    pub n_iterations: usize,
    /// F at the end.
    pub objective: f64,
}

/// How far the fit goes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LogitSettings {
    /// The weight of the squares of coefficients against the sum of losses; above 0.
    pub ridge: f64,
    /// The search ends when a step would gain less than this for each row.
    pub tolerance: f64,
    /// The most steps.
    pub max_iterations: usize,
}

impl Default for LogitSettings {
    fn default() -> LogitSettings {
        LogitSettings { ridge: 1.0, tolerance: 1e-9, max_iterations: 200 }
    }
}

/// So many steps are remembered.
const N_REMEMBERED: usize = 8;

/// Fits the regression to rows of terms, `n_terms` each, from given coefficients or from none.
///
/// # Errors
/// A ridge that is not above 0.
pub fn fit(
    rows: &[f64],
    n_terms: usize,
    types: &[u16],
    n_types: usize,
    from: Option<&Logit>,
    settings: &LogitSettings,
) -> Result<Logit, TypingError> {
    check_option("ridge", settings.ridge, 1e-12..=1e12, "give a number above 0")?;
    let problem = Problem { rows, n_terms, types, n_types, ridge: settings.ridge };
    let width = n_terms + 1;
    let mut at: Vec<f64> = match from {
        Some(logit) => logit.coefficients.iter().flatten().copied().collect(),
        None => vec![0.0; width * n_types],
    };
    if at.len() != width * n_types {
        at = vec![0.0; width * n_types];
    }
    let metric = problem.metric();
    let mut memory: Vec<(Vec<f64>, Vec<f64>)> = vec![];
    let (mut objective, mut gradient) = problem.at(&at);
    let mut logit = Logit { coefficients: vec![], converged: false, n_iterations: 0, objective };
    let small = settings.tolerance * types.len().max(1) as f64;
    while logit.n_iterations < settings.max_iterations {
        let step = direction(&gradient, &memory, metric.as_ref(), width);
        let gain = dot(&step, &gradient);
        if gain.is_nan() || gain <= 2.0 * small {
            logit.converged = gain >= 0.0;
            break;
        }
        let found = (0..30).find_map(|halvings| {
            let length = 0.5_f64.powi(halvings);
            let next: Vec<f64> = at.iter().zip(&step).map(|(at, step)| at - length * step).collect();
            let (there, slope) = problem.at(&next);
            (there <= objective - 1e-4 * length * gain).then_some((next, there, slope))
        });
        let Some((next, there, slope)) = found else { break };
        let moved: Vec<f64> = next.iter().zip(&at).map(|(next, at)| next - at).collect();
        let turned: Vec<f64> = slope.iter().zip(&gradient).map(|(next, at)| next - at).collect();
        if dot(&moved, &turned) > 1e-12 * dot(&turned, &turned).sqrt() * dot(&moved, &moved).sqrt() {
            if memory.len() == N_REMEMBERED {
                memory.remove(0);
            }
            memory.push((moved, turned));
        }
        (at, objective, gradient) = (next, there, slope);
        logit.n_iterations += 1;
    }
    logit.objective = objective;
    logit.coefficients = at.chunks_exact(width).map(<[f64]>::to_vec).collect();
    Ok(logit)
}

impl Logit {
    /// Writes the log-odds of each class, up to what is common to all.
    pub fn scores(&self, terms: &[f64], to: &mut [f64]) {
        for (score, own) in to.iter_mut().zip(&self.coefficients) {
            if let Some((intercept, slopes)) = own.split_first() {
                *score = intercept + dot(slopes, terms);
            }
        }
    }
}

/// Makes scores probabilities, without overflow.
pub fn softmax(scores: &mut [f64]) {
    let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    scores.iter_mut().for_each(|score| *score = (*score - most).exp());
    let sum: f64 = scores.iter().sum();
    scores.iter_mut().for_each(|score| *score /= sum);
}

struct Problem<'a> {
    rows: &'a [f64],
    n_terms: usize,
    types: &'a [u16],
    n_types: usize,
    ridge: f64,
}

impl Problem<'_> {
    /// F and its gradient.
    fn at(&self, coefficients: &[f64]) -> (f64, Vec<f64>) {
        let width = self.n_terms + 1;
        let (mut objective, mut gradient) = (0.0, vec![0.0; coefficients.len()]);
        let mut p = vec![0.0; self.n_types];
        for (row, of_type) in self.types.iter().enumerate() {
            let terms = &self.rows[row * self.n_terms..(row + 1) * self.n_terms];
            for (score, own) in p.iter_mut().zip(coefficients.chunks_exact(width)) {
                *score = own[0] + dot(&own[1..], terms);
            }
            softmax(&mut p);
            let own = usize::from(*of_type);
            objective -= p[own].max(f64::MIN_POSITIVE).ln();
            p[own] -= 1.0;
            for (residual, slope) in p.iter().zip(gradient.chunks_exact_mut(width)) {
                slope[0] += residual;
                slope[1..].iter_mut().zip(terms).for_each(|(slope, term)| *slope += residual * term);
            }
        }
        for (at, (value, slope)) in coefficients.iter().zip(&mut gradient).enumerate() {
            if at % width > 0 {
                objective += self.ridge / 2.0 * value * value;
                *slope += self.ridge * value;
            }
        }
        (objective, gradient)
    }

    /// Böhning's bound; none where it cannot be inverted, and then steps are plain.
    fn metric(&self) -> Option<Cholesky> {
        let width = self.n_terms + 1;
        let mut bound = vec![0.0; width * width];
        let mut terms = vec![1.0; width];
        for row in 0..self.types.len() {
            terms[1..].copy_from_slice(&self.rows[row * self.n_terms..(row + 1) * self.n_terms]);
            for (place, term) in terms.iter().enumerate() {
                if *term != 0.0 {
                    let line = &mut bound[place * width..=place * width + place];
                    line.iter_mut().zip(&terms).for_each(|(sum, other)| *sum += 0.5 * term * other);
                }
            }
        }
        (0..width)
            .for_each(|place| bound[place * width + place] += if place > 0 { self.ridge } else { 1e-9 });
        Cholesky::of(bound, width).ok()
    }
}

/// The quasi-Newton step that is to be subtracted, by the two loops over what is remembered.
fn direction(
    gradient: &[f64],
    memory: &[(Vec<f64>, Vec<f64>)],
    metric: Option<&Cholesky>,
    width: usize,
) -> Vec<f64> {
    let through = |vector: &[f64]| -> Vec<f64> {
        match metric {
            Some(metric) => vector.chunks_exact(width).flat_map(|part| metric.solve(part)).collect(),
            None => vector.to_vec(),
        }
    };
    let mut step = gradient.to_vec();
    let mut parts = Vec::with_capacity(memory.len());
    for (moved, turned) in memory.iter().rev() {
        let part = dot(moved, &step) / dot(moved, turned);
        step.iter_mut().zip(turned).for_each(|(step, turned)| *step -= part * turned);
        parts.push(part);
    }
    let mut step = through(&step);
    if let Some((moved, turned)) = memory.last() {
        let scale = dot(moved, turned) / dot(turned, &through(turned));
        step.iter_mut().for_each(|step| *step *= scale);
    }
    for ((moved, turned), part) in memory.iter().zip(parts.into_iter().rev()) {
        let back = part - dot(turned, &step) / dot(moved, turned);
        step.iter_mut().zip(moved).for_each(|(step, moved)| *step += back * moved);
    }
    step
}

/// In four sums, so that they can be made side by side.
fn dot(one: &[f64], other: &[f64]) -> f64 {
    let (a, rest) = one.as_chunks::<4>();
    let (b, other_rest) = other.as_chunks::<4>();
    let mut sums = [0.0; 4];
    for (a, b) in a.iter().zip(b) {
        (0..4).for_each(|lane| sums[lane] += a[lane] * b[lane]);
    }
    let tail: f64 = rest.iter().zip(other_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + tail
}
