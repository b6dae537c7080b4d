//! Which class a row belongs to beforehand: a multinomial logit on its covariates, or the shares of the classes.
//!
//! Dayton, C. M. and Macready, G. B. (1988). Concomitant-variable latent-class models. Journal of the
//! American Statistical Association 83, 173–178. Bandeen-Roche, K. et al. (1997). Latent variable regression
//! for multiple discrete outcomes. Same journal 92, 1375–1386.

use super::patterns::Groups;
use crate::learn::linear::Cholesky;

/// The prior probability of each class in each group, `exp(β_k·z) / Σ_l exp(β_l·z)`; 0 in empty lanes.
pub(super) fn priors<const L: usize>(
    groups: &Groups,
    coefficients: &[[f64; L]],
    n_classes: usize,
) -> Vec<[f64; L]> {
    groups.design.chunks_exact(groups.width()).map(|z| prior(z, coefficients, n_classes).0).collect()
}

/// The mean of the prior probabilities over the groups.
pub(super) fn mean_priors<const L: usize>(
    groups: &Groups,
    coefficients: &[[f64; L]],
    n_classes: usize,
) -> [f64; L] {
    let priors = priors(groups, coefficients, n_classes);
    let mut mean = [0.0; L];
    priors.iter().for_each(|prior| super::em::add(&mut mean, prior));
    mean.map(|sum| sum / priors.len() as f64)
}

/// The prior probabilities of one group, and the logarithm of the sum that they were divided by.
fn prior<const L: usize>(z: &[f64], coefficients: &[[f64; L]], n_classes: usize) -> ([f64; L], f64) {
    let mut scores = [0.0; L];
    for (value, row) in z.iter().zip(coefficients) {
        scores.iter_mut().zip(row).for_each(|(score, coefficient)| *score += value * coefficient);
    }
    let largest = scores[..n_classes].iter().copied().fold(f64::NEG_INFINITY, f64::max);
    scores[n_classes..].fill(f64::NEG_INFINITY);
    scores.iter_mut().for_each(|score| *score = (*score - largest).exp());
    let sum: f64 = scores.iter().sum();
    scores.iter_mut().for_each(|score| *score /= sum);
    (scores, largest + sum.ln())
}

/// Coefficients under which rows, of which so many are expected in each group and class, are more likely than
/// under the given ones.
///
/// Without covariates these are the logarithms of the classes' shares. With covariates Newton's steps maximise
/// `Q = Σ_g Σ_k n_gk ln π_k(z_g)`, which is concave; the first class has the coefficients 0.
pub(super) fn maximise<const L: usize>(
    groups: &Groups,
    rows: &[[f64; L]],
    coefficients: &[[f64; L]],
    n_classes: usize,
) -> Vec<[f64; L]> {
    if groups.names.is_empty() {
        return vec![shares(&rows[0], n_classes)];
    }
    let mut best = coefficients.to_vec();
    let mut newton = Newton::at(groups, rows, &best, n_classes);
    for _ in 0..MOST_STEPS {
        let Some(direction) = newton.direction() else { break };
        let gain = direction.iter().zip(&newton.gradient).map(|(step, slope)| step * slope).sum::<f64>();
        if gain <= 1e-12 {
            break;
        }
        let better = (0..MOST_HALVINGS).find_map(|halvings| {
            let moved = moved(&best, &direction, 0.5_f64.powi(halvings), n_classes);
            let there = Newton::at(groups, rows, &moved, n_classes);
            (there.objective > newton.objective).then_some((moved, there))
        });
        let Some((moved, there)) = better else { break };
        (best, newton) = (moved, there);
    }
    best
}

/// Any step that is uphill will do, since the next expectation moves the maximum.
const MOST_STEPS: usize = 3;

const MOST_HALVINGS: i32 = 12;

/// A class with a smaller share than this is empty.
const LEAST_SHARE: f64 = 1e-30;

fn shares<const L: usize>(rows: &[f64; L], n_classes: usize) -> [f64; L] {
    let total: f64 = rows[..n_classes].iter().sum();
    let mut logs = [0.0; L];
    for (log, n) in logs.iter_mut().zip(rows).take(n_classes) {
        *log = (n / total).max(LEAST_SHARE).ln();
    }
    logs
}

/// Coefficients a part of the way along a direction, which lists those of the second class first.
fn moved<const L: usize>(
    coefficients: &[[f64; L]],
    direction: &[f64],
    part: f64,
    n_classes: usize,
) -> Vec<[f64; L]> {
    let mut moved = coefficients.to_vec();
    let width = coefficients.len();
    for class in 1..n_classes {
        let own = &direction[(class - 1) * width..class * width];
        moved.iter_mut().zip(own).for_each(|(row, step)| row[class] += part * step);
    }
    moved
}

/// Q, its gradient and its negative second derivatives.
struct Newton {
    objective: f64,
    gradient: Vec<f64>,
    information: Vec<f64>,
}

impl Newton {
    fn at<const L: usize>(
        groups: &Groups,
        rows: &[[f64; L]],
        coefficients: &[[f64; L]],
        n_classes: usize,
    ) -> Newton {
        let width = groups.width();
        let order = (n_classes - 1) * width;
        let mut newton =
            Newton { objective: 0.0, gradient: vec![0.0; order], information: vec![0.0; order * order] };
        for (z, rows) in groups.design.chunks_exact(width).zip(rows) {
            let (prior, ln_sum) = prior(z, coefficients, n_classes);
            let n: f64 = rows.iter().sum();
            for class in 0..n_classes {
                let score: f64 = z.iter().zip(coefficients).map(|(value, row)| value * row[class]).sum();
                newton.objective += rows[class] * (score - ln_sum);
            }
            for one in 1..n_classes {
                let residual = rows[one] - n * prior[one];
                let own = &mut newton.gradient[(one - 1) * width..one * width];
                own.iter_mut().zip(z).for_each(|(slope, value)| *slope += residual * value);
                for other in 1..=one {
                    let same = f64::from(u8::from(one == other));
                    newton.add(z, (one - 1, other - 1), n * prior[one] * (same - prior[other]));
                }
            }
        }
        newton
    }

    /// Adds `curvature z zᵀ` to the block of two classes.
    fn add(&mut self, z: &[f64], (one, other): (usize, usize), curvature: f64) {
        let (width, order) = (z.len(), self.gradient.len());
        for (row, value) in z.iter().enumerate() {
            let start = (one * width + row) * order + other * width;
            let line = &mut self.information[start..start + width];
            line.iter_mut().zip(z).for_each(|(cell, other)| *cell += curvature * value * other);
        }
    }

    /// Newton's direction; where a class has hardly any rows, a little of the steepest one.
    fn direction(&self) -> Option<Vec<f64>> {
        let order = self.gradient.len();
        let largest = (0..order).map(|place| self.information[place * order + place]).fold(0.0, f64::max);
        let ridges = [0.0, 1e-9, 1e-6, 1e-3].map(|ridge| ridge * largest);
        ridges.into_iter().find_map(|ridge| {
            let mut information = self.information.clone();
            (0..order).for_each(|place| information[place * order + place] += ridge);
            Some(Cholesky::of(information, order).ok()?.solve(&self.gradient))
        })
    }
}
