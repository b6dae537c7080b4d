//! The way from a start to a maximum of the likelihood, in fewer steps than expectation and maximisation alone.
//!
//! Two steps `θ₀ → θ₁ → θ₂` give `r = θ₁ − θ₀` and `v = θ₂ − 2 θ₁ + θ₀`; the next point is `θ₀ + 2 s r + s² v` with `s = |r| / |v|`,
//! and one step from there. Where the likelihood is lower there than at θ₁, θ₂ takes its place: no round makes it smaller.
//!
//! Varadhan, R. and Roland, C. (2008). Simple and globally convergent methods for accelerating the convergence of any EM algorithm.
//! Scandinavian Journal of Statistics 35, 335–353 (scheme S3).

use super::em::{Parameters, Problem};

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
    let (mut start, mut n_steps, mut furthest) = (start, 0, FIRST_REACH);
    loop {
        let one = problem.step(&start);
        let two = problem.step(&one.parameters);
        n_steps += 2;
        let gain = two.objective - one.objective;
        let converged = gain <= tolerance.max(ROUNDING * two.objective.abs());
        if converged || n_steps >= most_steps {
            let (log_likelihood, objective) = (two.log_likelihood, two.objective);
            return Found { parameters: one.parameters, log_likelihood, objective, n_steps, converged };
        }
        let reach = reach(&start, &one.parameters, &two.parameters).clamp(1.0, furthest);
        if reach == 1.0 {
            // The point of reach 1 is θ₂ itself.
            start = two.parameters;
            continue;
        }
        if reach == furthest {
            furthest *= 4.0;
        }
        let beyond = problem.extrapolate([&start, &one.parameters, &two.parameters], reach);
        let there = problem.step(&beyond);
        n_steps += 1;
        if there.objective >= two.objective {
            start = there.parameters;
        } else {
            start = two.parameters;
            furthest = (reach / 2.0).max(FIRST_REACH);
        }
    }
}

/// How far the first rounds may go.
const FIRST_REACH: f64 = 4.0;

/// A sum of that size cannot tell smaller gains, as a part of itself, from rounding.
const ROUNDING: f64 = 4.0 * f64::EPSILON;

/// `|r| / |v|`.
fn reach<const L: usize>(zero: &Parameters<L>, one: &Parameters<L>, two: &Parameters<L>) -> f64 {
    let (mut r, mut v) = (0.0, 0.0);
    for ((x, y), z) in zero.values().zip(one.values()).zip(two.values()) {
        r += (y - x) * (y - x);
        v += (z - 2.0 * y + x) * (z - 2.0 * y + x);
    }
    if v > 0.0 { (r / v).sqrt() } else { 1.0 }
}

impl<const L: usize> Parameters<L> {
    fn values(&self) -> impl Iterator<Item = f64> {
        self.lines.iter().chain(&self.coefficients).flatten().copied()
    }
}

impl Problem<'_> {
    /// The point of that reach; probabilities that would leave the simplex go a part of the way to its border.
    fn extrapolate<const L: usize>(
        &self,
        [zero, one, two]: [&Parameters<L>; 3],
        reach: f64,
    ) -> Parameters<L> {
        let line = |x: &[f64; L], y: &[f64; L], z: &[f64; L]| {
            let mut beyond = [0.0; L];
            for (place, value) in beyond.iter_mut().enumerate() {
                let (r, v) = (y[place] - x[place], z[place] - 2.0 * y[place] + x[place]);
                *value = x[place] + 2.0 * reach * r + reach * reach * v;
            }
            beyond
        };
        let mut beyond = two.clone();
        let points = zero.lines.iter().zip(&one.lines).zip(&two.lines);
        for (to, ((x, y), z)) in beyond.lines.iter_mut().zip(points) {
            let free = line(x, y, z);
            to.iter_mut().zip(&free).for_each(|(p, free)| *p = free.max(BORDER * *p));
        }
        for item in &self.patterns.items {
            let mut totals = [0.0; L];
            beyond.lines[item.lines()].iter().for_each(|line| super::em::add(&mut totals, line));
            for line in &mut beyond.lines[item.lines()] {
                line.iter_mut().zip(&totals).for_each(|(p, total)| *p /= total.max(f64::MIN_POSITIVE));
            }
        }
        let points = zero.coefficients.iter().zip(&one.coefficients).zip(&two.coefficients);
        for (to, ((x, y), z)) in beyond.coefficients.iter_mut().zip(points) {
            *to = line(x, y, z);
        }
        beyond
    }
}

/// What is left of a probability that an extrapolation would make negative.
const BORDER: f64 = 0.1;
