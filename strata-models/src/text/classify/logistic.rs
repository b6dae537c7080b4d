//! Multinomial logistic regression on sparse rows.
//!
//! With x a row, n of them, and K classes, `P(k | x) ∝ exp(b_k + β_k · x)`. It minimises
//!
//! `F = − (1/n) Σ_i ln P(y_i | x_i) + 1 / (2 C n) Σ_k |β_k|²`,
//!
//! the intercepts b without penalty. Of two classes the first has zeros, so that there is one β. These are the objectives of
//! scikit-learn's `LogisticRegression`, and C is its `C`.

use rayon::prelude::*;

use super::descend::{Point, minimise};
use super::{ClassifierSettings, Fit};
use crate::text::words::SparseRows;

/// Rows of a part, whose losses are summed one after another: sums do not depend on the number of threads.
const PART: usize = 256;

/// Coefficients (word after word), intercepts and how the fit ended.
pub(super) fn fit(
    rows: &SparseRows,
    codes: &[u32],
    n_classes: usize,
    settings: &ClassifierSettings,
) -> (Vec<f64>, Vec<f64>, Fit) {
    let width = if n_classes == 2 { 1 } else { n_classes };
    let objective = Objective {
        rows,
        columns: rows.transposed(),
        codes,
        width,
        ridge: 1.0 / (settings.c * codes.len() as f64),
    };
    let start = vec![0.0; (rows.n_columns() + 1) * width];
    let found = minimise(start, |theta| objective.at(theta), settings.max_iterations);
    let (coefficients, intercepts) = found.theta.split_at(rows.n_columns() * width);
    let widened = |values: &[f64]| -> Vec<f64> {
        if width == 1 { values.iter().flat_map(|value| [0.0, *value]).collect() } else { values.to_vec() }
    };
    (widened(coefficients), widened(intercepts), found.fit)
}

/// Makes log-weights shares that add up to 1, and gives the logarithm of their sum before.
pub(super) fn exponentiate(values: &mut [f64]) -> f64 {
    let most = values.iter().fold(f64::NEG_INFINITY, |most, value| most.max(*value));
    let mut sum = 0.0;
    for value in values.iter_mut() {
        *value = (*value - most).exp();
        sum += *value;
    }
    values.iter_mut().for_each(|value| *value /= sum);
    most + sum.ln()
}

struct Objective<'a> {
    rows: &'a SparseRows,
    columns: SparseRows,
    codes: &'a [u32],
    width: usize,
    ridge: f64,
}

impl Objective<'_> {
    /// F and its gradient; θ has the coefficients word after word, then the intercepts.
    fn at(&self, theta: &[f64]) -> Point {
        let (n, width) = (self.codes.len() as f64, self.width);
        let (coefficients, intercepts) = theta.split_at(self.rows.n_columns() * width);
        // Margins, which become what the probability of each class is above whether it is the row's.
        let mut margins = self.rows.times(coefficients, width);
        let parts = margins.par_chunks_mut(PART * width).zip(self.codes.par_chunks(PART));
        let losses: Vec<f64> = parts
            .map(|(margins, codes)| {
                let rows = margins.chunks_exact_mut(width).zip(codes);
                rows.map(|(row, code)| loss(row, *code as usize, intercepts)).sum()
            })
            .collect();
        let mut gradient = self.columns.times(&margins, width);
        gradient.iter_mut().zip(coefficients).for_each(|(g, beta)| *g = *g / n + self.ridge * beta);
        let mut of_intercepts = vec![0.0; width];
        for row in margins.chunks_exact(width) {
            of_intercepts.iter_mut().zip(row).for_each(|(sum, value)| *sum += value / n);
        }
        gradient.extend(of_intercepts);
        let squares: f64 = coefficients.iter().map(|beta| beta * beta).sum();
        Point { value: losses.iter().sum::<f64>() / n + self.ridge / 2.0 * squares, gradient }
    }
}

/// The loss of a row, whose margins become its residuals.
fn loss(row: &mut [f64], code: usize, intercepts: &[f64]) -> f64 {
    row.iter_mut().zip(intercepts).for_each(|(margin, intercept)| *margin += intercept);
    if let [margin] = row {
        let (signed, is_second) = if code == 1 { (*margin, 1.0) } else { (-*margin, 0.0) };
        *margin = 1.0 / (1.0 + (-*margin).exp()) - is_second;
        return (-signed.abs()).exp().ln_1p() + (-signed).max(0.0);
    }
    let own = row[code];
    let log_sum = exponentiate(row);
    row[code] -= 1.0;
    log_sum - own
}
