//! Logistic regression with a ridge: the simple learner, whose coefficients can be read.
//!
//! # The model
//!
//! With `x` a row, `m` which of its values are missing, and `μ` the columns' means (by weight, over the values that are known),
//!
//! `log-odds = base + Σ_j β_j (x_j − μ_j) + Σ_g γ_g (m_g − share_g)`,
//!
//! where a missing `x_j` counts as `μ_j`, and `g` goes over the groups of columns that are missing in the same rows. The base is
//! therefore the log-odds of an average row, and each term what a column adds to it.
//!
//! # The fit
//!
//! With `z` the terms divided by their standard deviations and `θ` their coefficients, it minimises
//!
//! `F(θ) = Σ_i w_i (log(1 + e^{η_i}) − y_i η_i) + ridge / 2 · Σ_j θ_j²`, the intercept without ridge,
//!
//! by Newton's method (that is, iteratively reweighted least squares), halving steps that do not descend. Standard errors are from
//! the inverse of the second derivative of F, the deviations of the posterior near its mode under a normal prior of variance
//! `1 / ridge`; with ridge 0 they are those of maximum likelihood. A ridge of 1 hardly matters from some hundreds of rows on, and
//! keeps coefficients finite where a column separates the labels.
//!
//! McCullagh, P. & Nelder, J. A. (1989). Generalized Linear Models, 2nd ed., chapter 4. le Cessie, S. & van Houwelingen, J. C.
//! (1992). Ridge estimators in logistic regression. Applied Statistics 41, 191–201.

mod design;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use self::design::{Design, Sums};
use super::explain::Explanation;
use super::linear::Cholesky;
use super::matrix::Matrix;

/// How the regression is fitted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogisticSettings {
    /// The weight of the squares of standardised coefficients, against the sum of losses; 0 or more.
    pub ridge: f64,
    /// The most steps of Newton's method.
    pub max_iterations: u32,
}

impl Default for LogisticSettings {
    fn default() -> LogisticSettings {
        LogisticSettings { ridge: 1.0, max_iterations: 50 }
    }
}

/// A fitted regression. All fields are plain, so that it can be kept anywhere; scoring never fails and never yields NaN.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Logistic {
    /// The columns, in the order in which rows are given for scoring.
    pub names: Vec<String>,
    /// The log-odds of an average row.
    pub base: f64,
    /// The log-odds of a row of zeros with nothing missing.
    pub intercept: Estimate,
    /// What each column's value does; a column whose known values are one has no slope.
    pub slopes: Vec<Slope>,
    /// What it does that values are missing.
    pub missing: Vec<MissingTerm>,
    /// How far the fit got.
    pub fit: Fit,
}

/// A number and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The number, in log-odds.
    pub value: f64,
    /// Its standard error.
    pub standard_error: f64,
}

/// The coefficient of a column.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Slope {
    /// The column's place among the names.
    pub column: usize,
    /// Its mean μ in training.
    pub mean: f64,
    /// Its standard deviation in training, with which `value · deviation` compares columns.
    pub deviation: f64,
    /// Log-odds for one unit of the column more.
    pub per_unit: Estimate,
}

/// The coefficient of missing values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MissingTerm {
    /// The columns that were missing in the same rows in training, ascending; the first of them is looked at.
    pub columns: Vec<usize>,
    /// The share of rows in which they were.
    pub share: f64,
    /// Log-odds of a row without the values against an otherwise equal row with average values.
    pub when_missing: Estimate,
}

/// How a fit ended.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// Whether the optimum was reached: the last step would have gained less than 5e-13 in F.
    pub converged: bool,
    /// How many steps were made.
    pub n_iterations: u32,
    /// F at the end.
    pub objective: f64,
    /// The largest part of the gradient of F at the end, for the standardised coefficients.
    pub most_gradient: f64,
}

/// Why a regression cannot be fitted.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum LogisticError {
    /// The ridge is below 0 or no number.
    #[error("cannot fit a logistic regression with ridge {ridge}; hint: 0 or more, usually 1")]
    Ridge {
        /// The ridge.
        ridge: f64,
    },
    /// The second derivatives would not fit into memory.
    #[error(
        "cannot fit a logistic regression with {n_terms} terms, at most {MOST_TERMS}; hint: keep fewer columns"
    )]
    TooManyTerms {
        /// Columns, groups of missing values and the intercept.
        n_terms: usize,
    },
    /// A column follows from the others.
    #[error(
        "cannot fit a logistic regression without ridge: \"{term}\" follows from the columns before it, or separates the labels; hint: use a ridge above 0"
    )]
    Singular {
        /// The column at which it shows.
        term: String,
    },
}

/// With as many terms the second derivatives take 32 MB, and half of that again for each part summed at a time.
const MOST_TERMS: usize = 2_000;

/// A contribution to the log-odds beyond this is this: it is certain enough, and sums stay finite.
const MOST_LOG_ODDS: f64 = 1e6;

/// The squared length of a Newton step, in standard errors, below which it is not worth making.
const SMALL_STEP: f64 = 1e-12;

/// Fits the regression. Whether it converged is in [`Logistic::fit`].
pub fn fit(matrix: &Matrix, settings: &LogisticSettings) -> Result<Logistic, LogisticError> {
    let ridge = settings.ridge;
    if !(ridge >= 0.0 && ridge.is_finite()) {
        return Err(LogisticError::Ridge { ridge });
    }
    let design = Design::of(matrix);
    let n = design.n_terms();
    if n > MOST_TERMS {
        return Err(LogisticError::TooManyTerms { n_terms: n });
    }
    let (weight, positives) = matrix.weight_and_positives();
    let mut theta = vec![0.0; n];
    theta[0] = (positives / (weight - positives)).ln();
    let mut at = design.sums(matrix, &theta, ridge);
    let mut fit = Fit { converged: false, n_iterations: 0, objective: at.objective, most_gradient: 0.0 };
    let factor = loop {
        let factor = Cholesky::of(at.curvature.clone(), n)
            .map_err(|term| LogisticError::Singular { term: design.name(term, matrix) })?;
        let step = factor.solve(&at.gradient);
        let gain: f64 = step.iter().zip(&at.gradient).map(|(step, gradient)| step * gradient).sum();
        fit.converged = gain <= SMALL_STEP;
        if fit.converged || fit.n_iterations >= settings.max_iterations {
            break factor;
        }
        let Some((next, sums)) = descend(&design, matrix, ridge, (&theta, &at), &step) else { break factor };
        (theta, at) = (next, sums);
        fit.n_iterations += 1;
    };
    fit.objective = at.objective;
    fit.most_gradient = at.gradient.iter().fold(0.0, |most, part| part.abs().max(most));
    Ok(on_original_scale(&design, matrix, &theta, &factor, fit))
}

impl Logistic {
    /// The log-odds of a row, its values in the order of the names. A value that is not finite, or not there, is missing.
    pub fn margin(&self, row: &[f64]) -> f64 {
        let mut margin = self.base;
        self.each_term(row, |_, log_odds| margin += log_odds);
        margin
    }

    /// The log-odds of many rows, by columns in the order of the names.
    pub fn margins(&self, columns: &[&[f64]]) -> Vec<f64> {
        let n_rows = columns.iter().map(|column| column.len()).max().unwrap_or(0);
        let mut row = vec![0.0; columns.len()];
        let of_row = |place: usize| {
            for (value, column) in row.iter_mut().zip(columns) {
                *value = column.get(place).copied().unwrap_or(f64::NAN);
            }
            self.margin(&row)
        };
        (0..n_rows).map(of_row).collect()
    }

    /// What each column adds to the row's log-odds, against an average row. Columns that are missing together share that.
    pub fn explain(&self, row: &[f64]) -> Explanation {
        let mut contributions = vec![0.0; self.names.len()];
        self.each_term(row, |columns, log_odds| {
            let part = log_odds / columns.len() as f64;
            columns.iter().for_each(|column| {
                if let Some(contribution) = contributions.get_mut(*column) {
                    *contribution += part;
                }
            });
        });
        Explanation::new(self.base, &contributions)
    }

    fn each_term(&self, row: &[f64], mut add: impl FnMut(&[usize], f64)) {
        let bounded = |log_odds: f64| log_odds.clamp(-MOST_LOG_ODDS, MOST_LOG_ODDS);
        let value = |column: usize| row.get(column).copied().filter(|value| value.is_finite());
        for slope in &self.slopes {
            if let Some(value) = value(slope.column) {
                let above = (value - slope.mean).clamp(f64::MIN, f64::MAX);
                add(&[slope.column], bounded(slope.per_unit.value * above));
            }
        }
        for term in &self.missing {
            let is_missing = term.columns.first().is_some_and(|column| value(*column).is_none());
            let above = f64::from(u8::from(is_missing)) - term.share;
            add(&term.columns, bounded(term.when_missing.value * above));
        }
    }
}

/// The first of the step and its halves that does not ascend; none where there is none, which is as far as the digits go.
fn descend(
    design: &Design,
    matrix: &Matrix,
    ridge: f64,
    (theta, at): (&[f64], &Sums),
    step: &[f64],
) -> Option<(Vec<f64>, Sums)> {
    (0..30).find_map(|halvings| {
        let length = 0.5_f64.powi(halvings);
        let next: Vec<f64> = theta.iter().zip(step).map(|(theta, step)| theta - length * step).collect();
        let sums = design.sums(matrix, &next, ridge);
        (sums.objective <= at.objective * (1.0 + 1e-14)).then_some((next, sums))
    })
}

fn on_original_scale(
    design: &Design,
    matrix: &Matrix,
    theta: &[f64],
    factor: &Cholesky,
    fit: Fit,
) -> Logistic {
    let estimate = |direction: &[f64]| Estimate {
        value: direction.iter().zip(theta).map(|(part, theta)| part * theta).sum(),
        standard_error: factor.quadratic_of_inverse(direction).sqrt(),
    };
    let n = design.n_terms();
    let unscaled = |term: usize, deviation: f64| {
        let mut direction = vec![0.0; n];
        direction[term] = 1.0 / deviation;
        estimate(&direction)
    };
    let mut at_zero = vec![1.0];
    at_zero.extend(design.known.iter().map(|term| -term.mean / term.deviation));
    at_zero.extend(design.missing.iter().map(|term| -term.share / term.deviation));
    let slope = |(place, term): (usize, &design::KnownTerm)| Slope {
        column: term.column,
        mean: term.mean,
        deviation: term.deviation,
        per_unit: unscaled(1 + place, term.deviation),
    };
    let missing = |(place, term): (usize, &design::GapTerm)| MissingTerm {
        columns: term.columns.clone(),
        share: term.share,
        when_missing: unscaled(1 + design.known.len() + place, term.deviation),
    };
    Logistic {
        names: matrix.names().to_vec(),
        base: theta[0],
        intercept: estimate(&at_zero),
        slopes: design.known.iter().enumerate().map(slope).collect(),
        missing: design.missing.iter().enumerate().map(missing).collect(),
        fit,
    }
}
