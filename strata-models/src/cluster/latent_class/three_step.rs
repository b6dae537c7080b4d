//! Describing classes by what had no part in finding them, corrected for rows that were put into the wrong class.
//!
//! Each row is put into its likeliest class W; its true class X is another one with the probabilities `D_ts =
//! P(W = s | X = t)`. Means by W are therefore drawn towards each other. With the weights `(e_W D⁻¹)_t` in
//! class t, some of them negative, they are not.
//!
//! Bolck, A., Croon, M. and Hagenaars, J. (2004). Estimating latent structure models with categorical
//! variables: one-step versus three-step estimators. Political Analysis 12, 3–27. Vermunt, J. K. (2010).
//! Latent class modeling with covariates: two improved three-step approaches. Same journal 18, 450–469.

use super::model::Memberships;
use crate::cluster::error::ClusterError;

/// How rows of each true class are put into classes, and what makes up for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Classification {
    /// The class that each row was put into.
    pub assigned: Vec<usize>,
    /// `D`: for each true class the probability of being put into each class.
    pub matrix: Vec<Vec<f64>>,
    /// `D⁻¹`: for each class that rows were put into, their weight in each true class.
    pub weights: Vec<Vec<f64>>,
}

impl Classification {
    /// From memberships, `D_ts = Σ n q_t 1[W = s] / Σ n q_t`, with the rows' weights n where they have some.
    ///
    /// Refuses weights that are not finite and not negative or not one for each row, and classifications that
    /// cannot be undone: a class that no row is put into, or two classes whose rows are put alike.
    pub fn new(
        memberships: &Memberships,
        row_weights: Option<&[f64]>,
    ) -> Result<Classification, ClusterError> {
        let n_classes = memberships.n_classes();
        let assigned = memberships.likeliest();
        if let Some(weights) = row_weights {
            super::patterns::check_weights(Some(weights), assigned.len())?;
        }
        let mut matrix = vec![vec![0.0; n_classes]; n_classes];
        for (row, (memberships, assigned)) in memberships.rows().zip(&assigned).enumerate() {
            let weight = row_weights.map_or(1.0, |weights| weights[row]);
            for (line, q) in matrix.iter_mut().zip(memberships) {
                line[*assigned] += weight * q;
            }
        }
        for line in &mut matrix {
            let total: f64 = line.iter().sum::<f64>().max(f64::MIN_POSITIVE);
            line.iter_mut().for_each(|cell| *cell /= total);
        }
        let reason = "rows of different classes are put into classes alike, which cannot be undone";
        let weights = inverse(&matrix).ok_or(ClusterError::NotFound {
            model: "three-step correction",
            reason,
            hint: "ask for fewer classes",
        })?;
        Ok(Classification { assigned, matrix, weights })
    }

    /// The weight of a row in each true class; they sum to 1.
    pub fn weights_of(&self, row: usize) -> &[f64] {
        &self.weights[self.assigned[row]]
    }
}

/// The inverse by Gauss's and Jordan's elimination with the largest pivots; none where one is next to 0.
fn inverse(matrix: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    let n = matrix.len();
    let unit = |row: usize| (0..n).map(move |column| f64::from(u8::from(row == column)));
    let mut lines: Vec<Vec<f64>> = matrix
        .iter()
        .enumerate()
        .map(|(row, line)| line.iter().copied().chain(unit(row)).collect())
        .collect();
    for column in 0..n {
        let pivot = (column..n).reduce(|best, row| {
            if lines[row][column].abs() > lines[best][column].abs() { row } else { best }
        })?;
        lines.swap(column, pivot);
        let value = lines[column][column];
        if value.abs() < LEAST_PIVOT {
            return None;
        }
        lines[column].iter_mut().for_each(|cell| *cell /= value);
        let own = lines[column].clone();
        for (_, line) in lines.iter_mut().enumerate().filter(|(row, _)| *row != column) {
            let factor = line[column];
            line.iter_mut().zip(&own).for_each(|(cell, own)| *cell -= factor * own);
        }
    }
    Some(lines.into_iter().map(|line| line[n..].to_vec()).collect())
}

/// Entries of the matrix are at most 1; with a smaller pivot weights would run into the millions.
const LEAST_PIVOT: f64 = 1e-6;
