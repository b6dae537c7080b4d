//! The standardised terms of the regression, and the sums over rows that a step of Newton's method needs.

use std::collections::HashMap;

use rayon::prelude::*;

use crate::learn::explain::sigmoid;
use crate::learn::matrix::Matrix;

/// The terms: the intercept, then columns, then groups of missing values.
pub(super) struct Design {
    pub(super) known: Vec<KnownTerm>,
    pub(super) missing: Vec<GapTerm>,
}

/// A column less its mean, by its deviation; 0 where missing.
pub(super) struct KnownTerm {
    pub(super) column: usize,
    pub(super) mean: f64,
    pub(super) deviation: f64,
}

/// Whether some columns are missing, less the share in which they are, by the deviation.
pub(super) struct GapTerm {
    pub(super) columns: Vec<usize>,
    pub(super) share: f64,
    pub(super) deviation: f64,
}

/// F and its derivatives at one place; of the second derivatives the lower triangle, by rows.
pub(super) struct Sums {
    pub(super) objective: f64,
    pub(super) gradient: Vec<f64>,
    pub(super) curvature: Vec<f64>,
}

/// In as many parts, whatever the number of threads, rows are summed, so that sums are always rounded alike.
const N_PARTS: usize = 32;

impl Design {
    pub(super) fn of(matrix: &Matrix) -> Design {
        let known = matrix.columns().par_iter().enumerate();
        let known = known.filter_map(|(column, values)| standardised(column, values, matrix)).collect();
        let mut groups: Vec<Vec<usize>> = Vec::new();
        let mut group_of: HashMap<Vec<u64>, usize> = HashMap::new();
        for (column, values) in matrix.columns().iter().enumerate() {
            let gaps = gaps(values);
            if gaps.iter().any(|bits| *bits > 0) {
                let group = *group_of.entry(gaps).or_insert(groups.len());
                match groups.get_mut(group) {
                    Some(columns) => columns.push(column),
                    None => groups.push(vec![column]),
                }
            }
        }
        let missing = groups.into_iter().filter_map(|columns| gap_term(columns, matrix)).collect();
        Design { known, missing }
    }

    pub(super) fn n_terms(&self) -> usize {
        1 + self.known.len() + self.missing.len()
    }

    /// What a term is called in a message.
    pub(super) fn name(&self, term: usize, matrix: &Matrix) -> String {
        let name = |column: usize| matrix.names().get(column).cloned().unwrap_or_default();
        let Some(place) = term.checked_sub(1) else { return "intercept".to_owned() };
        match self.known.get(place) {
            Some(known) => name(known.column),
            None => {
                let gap = self.missing.get(place - self.known.len());
                format!("{} (missing)", gap.map(|gap| name(gap.columns[0])).unwrap_or_default())
            }
        }
    }

    /// F, its gradient and its second derivatives at θ.
    pub(super) fn sums(&self, matrix: &Matrix, theta: &[f64], ridge: f64) -> Sums {
        let n_rows = matrix.n_rows();
        let part = n_rows.div_ceil(N_PARTS).max(256);
        let begins: Vec<usize> = (0..n_rows).step_by(part).collect();
        let parts: Vec<Sums> = begins
            .into_par_iter()
            .map(|begin| self.sums_of_rows(matrix, theta, begin..(begin + part).min(n_rows)))
            .collect();
        let n = self.n_terms();
        let mut sums = Sums { objective: 0.0, gradient: vec![0.0; n], curvature: vec![0.0; n * n] };
        for part in parts {
            sums.objective += part.objective;
            add(&mut sums.gradient, &part.gradient, 1.0);
            add(&mut sums.curvature, &part.curvature, 1.0);
        }
        for (term, theta) in theta.iter().enumerate().skip(1) {
            sums.objective += ridge / 2.0 * theta * theta;
            sums.gradient[term] += ridge * theta;
            sums.curvature[term * n + term] += ridge;
        }
        sums
    }

    fn sums_of_rows(&self, matrix: &Matrix, theta: &[f64], rows: std::ops::Range<usize>) -> Sums {
        let n = self.n_terms();
        let mut sums = Sums { objective: 0.0, gradient: vec![0.0; n], curvature: vec![0.0; n * n] };
        let mut terms = vec![1.0; n];
        for row in rows {
            self.fill(matrix, row, &mut terms);
            let eta: f64 = terms.iter().zip(theta).map(|(term, theta)| term * theta).sum();
            let weight = matrix.weight(row);
            let p = sigmoid(eta);
            let y = f64::from(matrix.labels()[row]);
            sums.objective += weight * (log_one_plus_exp(eta) - y * eta);
            add(&mut sums.gradient, &terms, weight * (p - y));
            let information = weight * p * (1.0 - p);
            for (place, term) in terms.iter().enumerate() {
                let lower = &mut sums.curvature[place * n..=place * n + place];
                add(lower, &terms[..=place], information * term);
            }
        }
        sums
    }

    fn fill(&self, matrix: &Matrix, row: usize, terms: &mut [f64]) {
        let (known, missing) = terms[1..].split_at_mut(self.known.len());
        for (value, term) in known.iter_mut().zip(&self.known) {
            let x = matrix.columns()[term.column][row];
            *value = if x.is_nan() { 0.0 } else { (x - term.mean) / term.deviation };
        }
        for (value, term) in missing.iter_mut().zip(&self.missing) {
            let is_missing = matrix.columns()[term.columns[0]][row].is_nan();
            *value = (f64::from(u8::from(is_missing)) - term.share) / term.deviation;
        }
    }
}

/// `log(1 + e^η)` without overflow.
pub(super) fn log_one_plus_exp(eta: f64) -> f64 {
    eta.max(0.0) + (-eta.abs()).exp().ln_1p()
}

fn add(to: &mut [f64], from: &[f64], factor: f64) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to += factor * from);
}

/// Mean and deviation by weight over the known values; the deviation by the weight of all rows, so that the term as it enters the
/// regression has deviation 1. None where the known values are one, as far as the digits go.
fn standardised(column: usize, values: &[f64], matrix: &Matrix) -> Option<KnownTerm> {
    let known = || values.iter().enumerate().filter(|(_, value)| !value.is_nan());
    let weight: f64 = known().map(|(row, _)| matrix.weight(row)).sum();
    let mean = known().map(|(row, value)| matrix.weight(row) * value).sum::<f64>() / weight;
    let squares: f64 = known().map(|(row, value)| matrix.weight(row) * (value - mean).powi(2)).sum();
    let deviation = (squares / matrix.weight_and_positives().0).sqrt();
    (deviation > 1e-12 * mean.abs()).then_some(KnownTerm { column, mean, deviation })
}

fn gap_term(columns: Vec<usize>, matrix: &Matrix) -> Option<GapTerm> {
    let values = matrix.columns().get(*columns.first()?)?;
    let missing = values.iter().enumerate().filter(|(_, value)| value.is_nan());
    let share = missing.map(|(row, _)| matrix.weight(row)).sum::<f64>() / matrix.weight_and_positives().0;
    let deviation = (share * (1.0 - share)).sqrt();
    (deviation > 1e-12).then_some(GapTerm { columns, share, deviation })
}

/// Which rows have no value, as bits.
fn gaps(values: &[f64]) -> Vec<u64> {
    let bits = |rows: &[f64]| rows.iter().fold(0, |bits, value| bits << 1 | u64::from(value.is_nan()));
    values.chunks(64).map(bits).collect()
}
