//! Where searches begin: at random, and far from each other.

use rand_chacha::rand_core::RngCore;

use super::em::{Parameters, Problem};
use crate::clv::draw::uniform;

/// A random start: in each class each item's answers by shares that are drawn evenly from all shares, halfway
/// between these and the shares over all rows, so that no answer is next to impossible anywhere; classes are
/// alike in size, and covariates say nothing.
pub(super) fn random<const L: usize>(problem: &Problem<'_>, generator: &mut impl RngCore) -> Parameters<L> {
    let patterns = problem.patterns;
    let mut lines = vec![[1.0; L]; patterns.n_lines()];
    for item in &patterns.items {
        let answered: f64 = item.counts.iter().sum();
        for class in 0..problem.n_classes {
            let draws: Vec<f64> = (0..item.n_categories).map(|_| -uniform(generator).ln()).collect();
            let total: f64 = draws.iter().sum();
            let own = &mut lines[item.lines()];
            for ((line, draw), count) in own.iter_mut().zip(&draws).zip(&item.counts) {
                line[class] = 0.5 * draw / total + 0.5 * count / answered;
            }
        }
    }
    Parameters { lines, coefficients: vec![[0.0; L]; patterns.groups.width()] }
}
