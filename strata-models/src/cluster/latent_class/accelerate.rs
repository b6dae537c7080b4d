//! The way from a start to a maximum of the likelihood, in fewer steps than expectation and maximisation alone.
//!
//! With the step G and its residual `f(θ) = G(θ) − θ`, the differences of the last points and of their
//! residuals say how f changes in the directions taken so far; the next point is `G(θ) − (ΔΘ + ΔF) γ`, where
//! γ makes `|f − ΔF γ|` least. Distances are those of the complete data: a logarithm of a probability counts
//! as much as there are rows of the class that give the answer. A point where the likelihood is lower than
//! before is not kept: the plain step takes its place and what was learned of directions is forgotten.
//!
//! Walker, H. F. and Ni, P. (2011). Anderson acceleration for fixed-point iterations. SIAM Journal on
//! Numerical Analysis 49, 1715–1735. Henderson, N. C. and Varadhan, R. (2019). Damped Anderson acceleration
//! with restarts and monotonicity control for accelerating EM and EM-like algorithms. Journal of
//! Computational and Graphical Statistics 28, 834–846.

use std::collections::VecDeque;

use super::em::{LEAST_FACTOR, Parameters, Problem};
use crate::learn::linear::Cholesky;

/// Where a search ended.
#[derive(Debug, Clone)]
pub(super) struct Found<const L: usize> {
    pub(super) parameters: Parameters<L>,
    pub(super) log_likelihood: f64,
    /// The log-likelihood and what smoothing adds.
    pub(super) objective: f64,
    pub(super) n_steps: usize,
    pub(super) converged: bool,
}

/// Steps until one gains no more than the tolerance, or until there have been too many.
pub(super) fn maximise<const L: usize>(
    problem: &Problem<'_>,
    start: Parameters<L>,
    tolerance: f64,
    most_steps: usize,
) -> Found<L> {
    let (mut here, mut n_steps) = (start, 1);
    let mut step = problem.step(&here);
    let mut past = Past::default();
    loop {
        let least_gain = tolerance.max(ROUNDING * step.objective.abs());
        let (from, to) = (problem.coordinates(&here), problem.coordinates(&step.parameters));
        let metric = problem.metric(&step.parameters);
        let residual: Vec<f64> = to.iter().zip(&from).map(|(to, from)| to - from).collect();
        // To second order what a plain step gains where steps have become small.
        let expected = problem.patterns.weight * product(&residual, &residual, &metric);
        past.add(from, residual);
        let beyond = if expected > least_gain { past.extrapolate(&to, &metric) } else { None };
        if let Some(beyond) = beyond {
            let beyond = problem.parameters(&beyond);
            let there = problem.step(&beyond);
            n_steps += 1;
            if there.objective >= step.objective && n_steps < most_steps {
                (here, step) = (beyond, there);
                continue;
            }
            past.forget();
        }
        let plain = problem.step(&step.parameters);
        n_steps += 1;
        let converged = plain.objective - step.objective <= least_gain;
        if converged || n_steps >= most_steps {
            let (log_likelihood, objective) = (plain.log_likelihood, plain.objective);
            return Found { parameters: step.parameters, log_likelihood, objective, n_steps, converged };
        }
        (here, step) = (step.parameters, plain);
    }
}

/// A sum of that size cannot tell smaller gains, as a part of itself, from rounding.
const ROUNDING: f64 = 4.0 * f64::EPSILON;

/// So many differences are remembered.
const MEMORY: usize = 20;

/// The last points and their residuals.
#[derive(Debug, Clone, Default)]
struct Past {
    /// The point and its residual that came last.
    last: Option<(Vec<f64>, Vec<f64>)>,
    /// How points and residuals changed, the oldest first.
    changes: VecDeque<(Vec<f64>, Vec<f64>)>,
}

impl Past {
    fn add(&mut self, point: Vec<f64>, residual: Vec<f64>) {
        if let Some((before, residual_before)) = &self.last {
            let change = |now: &[f64], before: &[f64]| now.iter().zip(before).map(|(x, y)| x - y).collect();
            self.changes.push_back((change(&point, before), change(&residual, residual_before)));
        }
        if self.changes.len() > MEMORY {
            self.changes.pop_front();
        }
        self.last = Some((point, residual));
    }

    fn forget(&mut self) {
        self.changes.clear();
        self.last = None;
    }

    /// The next point, given where the plain step leads; none where nothing is known of directions.
    fn extrapolate(&self, to: &[f64], metric: &[f64]) -> Option<Vec<f64>> {
        let (_, residual) = self.last.as_ref()?;
        let n = self.changes.len();
        let norms: Vec<f64> =
            self.changes.iter().map(|(_, change)| product(change, change, metric).sqrt()).collect();
        if n == 0 || norms.iter().any(|norm| !(norm.is_finite() && *norm > 0.0)) {
            return None;
        }
        let mut products = vec![0.0; n * n];
        for (row, (_, one)) in self.changes.iter().enumerate() {
            for (column, (_, other)) in self.changes.iter().enumerate().take(row + 1) {
                products[row * n + column] = product(one, other, metric) / (norms[row] * norms[column]);
            }
            products[row * n + row] += RIDGE;
        }
        let sides: Vec<f64> = self
            .changes
            .iter()
            .zip(&norms)
            .map(|((_, change), norm)| product(change, residual, metric) / norm)
            .collect();
        let parts = Cholesky::of(products, n).ok()?.solve(&sides);
        let mut beyond = to.to_vec();
        for (((point, change), norm), part) in self.changes.iter().zip(&norms).zip(&parts) {
            let part = part / norm;
            let both = point.iter().zip(change);
            beyond.iter_mut().zip(both).for_each(|(value, (x, f))| *value -= part * (x + f));
        }
        let is_finite = beyond.iter().all(|value| value.is_finite());
        beyond.iter_mut().zip(to).for_each(|(value, to)| *value = value.clamp(to - FURTHEST, to + FURTHEST));
        is_finite.then_some(beyond)
    }
}

/// How far a coordinate may go beyond the plain step: what hardly any rows say anything of would otherwise go anywhere.
const FURTHEST: f64 = 0.3;

/// Keeps differences that are all but in one direction from being told apart by their rounding.
const RIDGE: f64 = 1e-11;

/// `Σ m x y`.
fn product(one: &[f64], other: &[f64], metric: &[f64]) -> f64 {
    one.iter().zip(other).zip(metric).map(|((x, y), m)| m * x * y).sum()
}

impl Problem<'_> {
    /// The logarithms of all probabilities of answers, then the coefficients.
    fn coordinates<const L: usize>(&self, parameters: &Parameters<L>) -> Vec<f64> {
        let mut coordinates = vec![];
        for item in &self.patterns.items {
            let lines = parameters.lines[item.lines()].iter().flat_map(|line| &line[..self.n_classes]);
            coordinates.extend(lines.map(|p| p.max(LEAST_FACTOR).ln()));
        }
        coordinates.extend(parameters.coefficients.iter().flat_map(|row| &row[..self.n_classes]));
        coordinates
    }

    /// What each coordinate counts: the expected part of all rows that give the answer in the class; for
    /// coefficients the part in the class.
    fn metric<const L: usize>(&self, parameters: &Parameters<L>) -> Vec<f64> {
        let mut metric = vec![];
        let before =
            super::logit::mean_priors(&self.patterns.groups, &parameters.coefficients, self.n_classes);
        for (item, weight) in self.patterns.items.iter().zip(self.item_weights) {
            let answered = weight * item.counts.iter().sum::<f64>() / self.patterns.weight;
            for line in &parameters.lines[item.lines()] {
                metric.extend(
                    line[..self.n_classes].iter().zip(&before).map(|(p, share)| answered * p * share),
                );
            }
        }
        for _ in &parameters.coefficients {
            metric.extend(&before[..self.n_classes]);
        }
        metric
    }

    /// The parameters of these coordinates, with the sums of probabilities made 1 again.
    fn parameters<const L: usize>(&self, coordinates: &[f64]) -> Parameters<L> {
        let mut lines = vec![[1.0; L]; self.patterns.n_lines()];
        let mut rows = coordinates.chunks_exact(self.n_classes);
        for item in &self.patterns.items {
            let own = &mut lines[item.lines()];
            for (line, logs) in own.iter_mut().zip(&mut rows) {
                line[..self.n_classes].copy_from_slice(logs);
            }
            for class in 0..self.n_classes {
                let largest = own.iter().map(|line| line[class]).fold(f64::NEG_INFINITY, f64::max);
                own.iter_mut().for_each(|line| line[class] = (line[class] - largest).exp());
                let sum: f64 = own.iter().map(|line| line[class]).sum();
                own.iter_mut().for_each(|line| line[class] /= sum);
            }
        }
        let row = |row: &[f64]| {
            let mut lanes = [0.0; L];
            lanes[..row.len()].copy_from_slice(row);
            lanes
        };
        Parameters { lines, coefficients: rows.map(row).collect() }
    }
}
