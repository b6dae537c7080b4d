//! Linear discriminant analysis: types as normal clouds of answers with one covariance, and which cloud an answer comes from.
//!
//! With class means `μ_k`, the covariance within classes `W = Σ_k Σ_{i∈k} (x_i − μ_k)(x_i − μ_k)ᵀ / n`, its shrunken form
//! `S = (1 − s) W + s (tr W / p) I` and priors `π_k`, the posterior is `softmax_k(xᵀ S⁻¹ μ_k − ½ μ_kᵀ S⁻¹ μ_k + ln π_k)`.
//!
//! What somebody did not answer is integrated out: the density of the answered part of a normal vector is normal with the rows and
//! columns of that part, so that nothing is imputed.
//!
//! Fisher, R. A. (1936). The use of multiple measurements in taxonomic problems. Annals of Eugenics 7, 179–188. Friedman, J. H. (1989).
//! Regularized discriminant analysis. Journal of the American Statistical Association 84, 165–175.

use serde::{Deserialize, Serialize};

use super::logit::softmax;
use crate::learn::linear::Cholesky;

/// Normal clouds with one covariance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Clouds {
    /// The mean of each class.
    pub means: Vec<Vec<f64>>,
    /// The shrunken covariance within classes, by rows.
    pub covariance: Vec<Vec<f64>>,
    /// The share of each class; a class of 0 is never said.
    pub prior: Vec<f64>,
}

/// The linear scores of classes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// `S⁻¹ μ_k` by class.
    pub slopes: Vec<Vec<f64>>,
    /// `ln π_k − ½ μ_kᵀ S⁻¹ μ_k` by class.
    pub intercepts: Vec<f64>,
}

/// Sums over rows, from which clouds of any of their columns follow, and which can be added and subtracted.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sums {
    pub(super) n: Vec<f64>,
    /// By class and column.
    sums: Vec<Vec<f64>>,
    /// Products of columns over all classes, lower triangle by rows of full length.
    products: Vec<f64>,
    n_columns: usize,
}

/// Where an item tells the type exactly, nothing varies within types; this share of its variance over all types does instead.
const LEAST_RIDGE: f64 = 1e-6;

impl Clouds {
    /// The scores of classes from the columns at these places alone; none where the covariance of these cannot be inverted.
    pub fn scores(&self, places: &[usize]) -> Option<Scores> {
        let order = places.len();
        let values = places.iter().flat_map(|row| places.iter().map(|column| self.covariance[*row][*column]));
        let factor = Cholesky::of(values.collect(), order).ok()?;
        let (mut slopes, mut intercepts) = (vec![], vec![]);
        for (mean, prior) in self.means.iter().zip(&self.prior) {
            let mean: Vec<f64> = places.iter().map(|place| mean[*place]).collect();
            let slope = factor.solve(&mean);
            let half: f64 = 0.5 * slope.iter().zip(&mean).map(|(a, b)| a * b).sum::<f64>();
            intercepts.push(prior.ln() - half);
            slopes.push(slope);
        }
        Some(Scores { slopes, intercepts })
    }
}

impl Scores {
    /// The posterior probability of each class.
    pub fn posterior(&self, x: &[f64]) -> Vec<f64> {
        let score = |(slope, intercept): (&Vec<f64>, &f64)| {
            intercept + slope.iter().zip(x).map(|(slope, x)| slope * x).sum::<f64>()
        };
        let mut scores: Vec<f64> = self.slopes.iter().zip(&self.intercepts).map(score).collect();
        softmax(&mut scores);
        scores
    }

    /// The class of the greatest score, of several the first; without making probabilities of them.
    pub(super) fn most_likely(&self, x: impl Fn(usize) -> f64) -> usize {
        let mut best = (0, f64::NEG_INFINITY);
        for (class, (slope, intercept)) in self.slopes.iter().zip(&self.intercepts).enumerate() {
            let score =
                slope.iter().enumerate().fold(*intercept, |sum, (place, slope)| sum + slope * x(place));
            if score > best.1 {
                best = (class, score);
            }
        }
        best.0
    }
}

impl Sums {
    /// Of these rows of columns, brought near 0 by `centre`, so that products keep their digits.
    pub(super) fn of(
        columns: &[&[f64]],
        centre: &[f64],
        types: &[u16],
        n_types: usize,
        rows: &[usize],
    ) -> Sums {
        let n_columns = columns.len();
        let mut all = Sums {
            n: vec![0.0; n_types],
            sums: vec![vec![0.0; n_columns]; n_types],
            products: vec![0.0; n_columns * n_columns],
            n_columns,
        };
        let mut x = vec![0.0; n_columns];
        for row in rows {
            let class = usize::from(types[*row]);
            x.iter_mut()
                .zip(columns)
                .zip(centre)
                .for_each(|((x, column), centre)| *x = column[*row] - centre);
            all.n[class] += 1.0;
            all.sums[class].iter_mut().zip(&x).for_each(|(sum, x)| *sum += x);
            for (place, value) in x.iter().enumerate() {
                let line = &mut all.products[place * n_columns..=place * n_columns + place];
                line.iter_mut().zip(&x).for_each(|(sum, other)| *sum += value * other);
            }
        }
        all
    }

    /// All rows of several sums.
    pub(super) fn total<'a>(parts: impl Iterator<Item = &'a Sums>) -> Option<Sums> {
        parts.cloned().reduce(|mut all, part| {
            all.n.iter_mut().zip(&part.n).for_each(|(all, part)| *all += part);
            all.products.iter_mut().zip(&part.products).for_each(|(all, part)| *all += part);
            for (all, part) in all.sums.iter_mut().zip(&part.sums) {
                all.iter_mut().zip(part).for_each(|(all, part)| *all += part);
            }
            all
        })
    }

    /// The variance of a column over all classes.
    pub(super) fn variance(&self, place: usize) -> f64 {
        let n: f64 = self.n.iter().sum();
        let mean = self.sums.iter().map(|sums| sums[place]).sum::<f64>() / n;
        self.products[place * self.n_columns + place] / n - mean * mean
    }

    /// The clouds in the columns at these places, whose means are given back their `centre`.
    pub(super) fn clouds(&self, places: &[usize], centre: &[f64], shrink: f64) -> Clouds {
        let n: f64 = self.n.iter().sum();
        let mean = |class: usize, place: usize| {
            if self.n[class] > 0.0 { self.sums[class][place] / self.n[class] } else { 0.0 }
        };
        let within = |one: usize, other: usize| {
            let (row, column) = (one.max(other), one.min(other));
            let between: f64 =
                (0..self.n.len()).map(|class| self.n[class] * mean(class, one) * mean(class, other)).sum();
            (self.products[row * self.n_columns + column] - between) / n
        };
        let trace: f64 = places.iter().map(|place| within(*place, *place)).sum();
        let spread: f64 = places.iter().map(|place| self.variance(*place)).sum();
        let ridge = (shrink * trace).max(LEAST_RIDGE * spread) / places.len().max(1) as f64;
        let cell = |one: &usize, other: &usize| {
            (1.0 - shrink) * within(*one, *other) + if one == other { ridge } else { 0.0 }
        };
        Clouds {
            means: (0..self.n.len())
                .map(|class| places.iter().map(|place| mean(class, *place) + centre[*place]).collect())
                .collect(),
            covariance: places
                .iter()
                .map(|one| places.iter().map(|other| cell(one, other)).collect())
                .collect(),
            prior: self.n.iter().map(|of_class| of_class / n).collect(),
        }
    }
}
