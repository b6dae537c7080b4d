//! The way down to the least of a smooth function of many parameters: the method of Broyden, Fletcher, Goldfarb and Shanno with limited
//! memory.
//!
//! Second derivatives of ten thousand parameters fit nowhere; the last ten steps and changes of the gradient stand for them. Each step is
//! lengthened or halved until it descends enough and flattens enough (the conditions of Wolfe).
//!
//! Nocedal, J. & Wright, S. J. (2006). Numerical Optimization, 2nd ed., algorithms 7.4 and 7.5. Lewis, A. S. & Overton, M. L. (2013).
//! Nonsmooth optimization via quasi-Newton methods. Mathematical Programming 141, 135–163 (the search along a line).

use std::collections::VecDeque;

use super::Fit;

/// A value with its gradient.
pub(super) struct Point {
    pub(super) value: f64,
    pub(super) gradient: Vec<f64>,
}

/// Where the search ended.
pub(super) struct Found {
    pub(super) theta: Vec<f64>,
    pub(super) fit: Fit,
}

/// The search is over when no part of the gradient is larger.
const SMALL_GRADIENT: f64 = 1e-5;

/// Steps that are remembered.
const MEMORY: usize = 10;

/// How much of the descent that the slope promises a step must make, and how much of the slope it may leave.
const DESCENT: f64 = 1e-4;
const CURVATURE: f64 = 0.9;

/// Trials of the length of a step.
const MOST_TRIALS: usize = 40;

struct Step {
    moved: Vec<f64>,
    turned: Vec<f64>,
    /// `1 / (moved · turned)`.
    rho: f64,
}

pub(super) fn minimise(
    mut theta: Vec<f64>,
    evaluate: impl Fn(&[f64]) -> Point,
    max_iterations: usize,
) -> Found {
    let mut at = evaluate(&theta);
    let mut memory: VecDeque<Step> = VecDeque::new();
    let mut n_iterations = 0;
    while largest(&at.gradient) > SMALL_GRADIENT && n_iterations < max_iterations {
        let direction = direction(&at.gradient, &memory);
        let Some((next, point)) = along(&theta, &at, &direction, memory.is_empty(), &evaluate) else { break };
        let moved: Vec<f64> = next.iter().zip(&theta).map(|(new, old)| new - old).collect();
        let turned: Vec<f64> = point.gradient.iter().zip(&at.gradient).map(|(new, old)| new - old).collect();
        let product = dot(&moved, &turned);
        if product > 0.0 {
            memory.truncate(MEMORY - 1);
            memory.push_front(Step { moved, turned, rho: 1.0 / product });
        }
        (theta, at) = (next, point);
        n_iterations += 1;
    }
    let most_gradient = largest(&at.gradient);
    let fit = Fit { converged: most_gradient <= SMALL_GRADIENT, n_iterations, most_gradient };
    Found { theta, fit }
}

/// The way down by what is remembered of the curvature, latest step first.
fn direction(gradient: &[f64], memory: &VecDeque<Step>) -> Vec<f64> {
    let mut direction: Vec<f64> = gradient.iter().map(|part| -part).collect();
    let mut shares = Vec::with_capacity(memory.len());
    for step in memory {
        let share = step.rho * dot(&step.moved, &direction);
        add(&mut direction, -share, &step.turned);
        shares.push(share);
    }
    if let Some(latest) = memory.front() {
        let scale = 1.0 / (latest.rho * dot(&latest.turned, &latest.turned));
        direction.iter_mut().for_each(|part| *part *= scale);
    }
    for (step, share) in memory.iter().zip(shares).rev() {
        let other = step.rho * dot(&step.turned, &direction);
        add(&mut direction, share - other, &step.moved);
    }
    direction
}

/// The first place along the direction that meets the conditions; the lowest of the trials where none does, and none where none is lower.
fn along(
    theta: &[f64],
    at: &Point,
    direction: &[f64],
    is_first: bool,
    evaluate: impl Fn(&[f64]) -> Point,
) -> Option<(Vec<f64>, Point)> {
    let slope = dot(direction, &at.gradient);
    // The first direction is the gradient, whose length says nothing of how far to go.
    let mut length = if is_first { 1.0 / dot(direction, direction).sqrt().max(1.0) } else { 1.0 };
    let (mut low, mut high) = (0.0, f64::INFINITY);
    let mut best: Option<(Vec<f64>, Point)> = None;
    for _ in 0..MOST_TRIALS {
        let mut next = theta.to_vec();
        add(&mut next, length, direction);
        let point = evaluate(&next);
        let descends = point.value <= at.value + DESCENT * length * slope;
        let flattens = dot(direction, &point.gradient) >= CURVATURE * slope;
        if descends && flattens {
            return Some((next, point));
        }
        *(if descends { &mut low } else { &mut high }) = length;
        if point.value < best.as_ref().map_or(at.value, |(_, best)| best.value) {
            best = Some((next, point));
        }
        length = if high.is_finite() { (low + high) / 2.0 } else { 2.0 * low };
    }
    best
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

fn add(to: &mut [f64], factor: f64, other: &[f64]) {
    to.iter_mut().zip(other).for_each(|(to, other)| *to += factor * other);
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |most, value| value.abs().max(most))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rosenbrock's valley, whose least value 0 is at (1, 1).
    #[test]
    fn the_way_leads_through_a_bent_valley() {
        let evaluate = |at: &[f64]| {
            let (x, y) = (at[0], at[1]);
            let value = (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2);
            let gradient = vec![-2.0 * (1.0 - x) - 400.0 * x * (y - x * x), 200.0 * (y - x * x)];
            Point { value, gradient }
        };
        let found = minimise(vec![-1.2, 1.0], evaluate, 200);
        assert!(found.fit.converged && found.fit.n_iterations < 80, "{:?}", found.fit);
        found.theta.iter().for_each(|part| assert!((part - 1.0).abs() < 1e-4, "{part}"));
        assert!(!minimise(vec![-1.2, 1.0], evaluate, 3).fit.converged);
    }
}
