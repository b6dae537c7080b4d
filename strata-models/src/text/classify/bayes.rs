//! Complement naive Bayes: a class is unlike what the texts of all other classes say.
//!
//! With `f_kw` the sum of the weights of word w in the texts of class k and `f_w` over all classes, a text x scores
//! `− Σ_w x_w ln ((f_w − f_kw + 1) / Σ_v (f_v − f_kv + 1))` for class k. This is scikit-learn's `ComplementNB`.
//!
//! Rennie, J. D. M., Shih, L., Teevan, J. & Karger, D. R. (2003). Tackling the poor assumptions of naive Bayes text classifiers. International
//! Conference on Machine Learning, 616–623.

use super::Fit;
use crate::text::words::SparseRows;

/// Coefficients (word after word), intercepts, and that there was nothing to search.
pub(super) fn fit(rows: &SparseRows, codes: &[u32], n_classes: usize) -> (Vec<f64>, Vec<f64>, Fit) {
    let mut weights = vec![0.0; rows.n_columns() * n_classes];
    for (row, code) in codes.iter().enumerate() {
        for (word, value) in rows.cells(row) {
            weights[word * n_classes + *code as usize] += value;
        }
    }
    let mut totals = vec![0.0; n_classes];
    for of_word in weights.chunks_exact_mut(n_classes) {
        let all: f64 = of_word.iter().sum();
        for (weight, total) in of_word.iter_mut().zip(&mut totals) {
            *weight = (all - *weight).max(0.0) + 1.0;
            *total += *weight;
        }
    }
    for of_word in weights.chunks_exact_mut(n_classes) {
        of_word.iter_mut().zip(&totals).for_each(|(weight, total)| *weight = -(*weight / total).ln());
    }
    (weights, vec![0.0; n_classes], Fit { converged: true, n_iterations: 0, most_gradient: 0.0 })
}
