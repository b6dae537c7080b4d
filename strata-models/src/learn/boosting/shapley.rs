//! Exact reasons for the score of a row: Shapley values of the columns, tree by tree.
//!
//! # What is shared out
//!
//! For a set S of columns let `v(S)` be what a tree says on average when only the columns in S are known: at a split on another column both
//! sides are followed, each weighted by its share of the cover. A column's part `φ_j` is the mean, over all orders in which the
//! columns may become known, of what it changes. Parts add up: `base + Σ_j φ_j = margin`, with the base the mean over training rows.
//!
//! # How
//!
//! A leaf of value c under splits on columns D contributes `c · Π_{j∈S} o_j · Π_{j∉S} z_j` to `v(S)`: `o_j` is 1 where the row
//! agrees with all of the path's splits on j and otherwise 0, `z_j` the product of their shares. If every column is known with
//! probability t, the leaf is expected to give `c · Π_j f_j(t)` with `f_j(t) = z_j + (o_j − z_j) t`, and the Shapley value is the integral of
//! the slope along that diagonal (Owen 1972):
//!
//! `φ_j = c (o_j − z_j) ∫₀¹ Π_{k≠j} f_k(t) dt`.
//!
//! The integrand is a polynomial of degree |D| − 1, so that Gauss and Legendre's quadrature with ⌈|D| / 2⌉ points is exact. Cost: leaves ×
//! depth² / 2 a row and tree.
//!
//! Owen, G. (1972). Multilinear extensions of games. Management Science 18, P64–P79. Lundberg, S. M., Erion, G. & Lee, S.-I. (2018).
//! Consistent individualized feature attribution for tree ensembles. arXiv:1802.03888 (the game with shares of cover).

use super::score::{EnsembleError, Scorer, finite, is_leaf};
use super::{Ensemble, Node, Tree};
use crate::learn::explain::Explanation;

/// Trees made ready for explaining rows.
#[derive(Debug, Clone)]
pub struct Explainer {
    n_columns: usize,
    base: f64,
    leaves: Vec<Leaf>,
    /// What the ranges of each leaf are, one leaf after another.
    ranges: Vec<Range>,
    /// By the number of quadrature points: the points in (0, 1) and their weights.
    quadratures: Vec<Vec<(f64, f64)>>,
}

/// A leaf and how many columns its path splits.
#[derive(Debug, Clone, Copy)]
struct Leaf {
    value: f64,
    n_ranges: usize,
}

/// All that a path asks of one column: more than `above`, at most `up_to`, or missing where that is let through.
#[derive(Debug, Clone, Copy)]
struct Range {
    column: usize,
    above: f64,
    up_to: f64,
    missing: bool,
    /// The share z of the cover that goes this way at the splits on the column.
    share: f64,
}

impl Explainer {
    /// Checks the trees and takes them apart into paths.
    pub fn new(ensemble: &Ensemble) -> Result<Explainer, EnsembleError> {
        Scorer::new(ensemble)?;
        let mut explainer = Explainer {
            n_columns: ensemble.names.len(),
            base: ensemble.base,
            leaves: Vec::new(),
            ranges: Vec::new(),
            quadratures: Vec::new(),
        };
        for tree in &ensemble.trees {
            explainer.add(tree, 0, &mut Vec::new());
        }
        for leaf in 0..explainer.leaves.len() {
            let n_points = explainer.leaves[leaf].n_ranges.div_ceil(2);
            while explainer.quadratures.len() <= n_points {
                explainer.quadratures.push(gauss_legendre(explainer.quadratures.len()));
            }
        }
        Ok(explainer)
    }

    /// What each column adds to the row's log-odds, against the mean of the training rows. A value that is not finite, or not there,
    /// is missing.
    pub fn explain(&self, row: &[f64]) -> Explanation {
        let mut contributions = vec![0.0; self.n_columns];
        let mut begin = 0;
        let mut known: Vec<f64> = Vec::new();
        for leaf in &self.leaves {
            let ranges = &self.ranges[begin..begin + leaf.n_ranges];
            begin += leaf.n_ranges;
            known.clear();
            known.extend(ranges.iter().map(|range| f64::from(u8::from(range.holds(row)))));
            for (t, weight) in &self.quadratures[leaf.n_ranges.div_ceil(2)] {
                let factor = |range: &Range, o: f64| range.share + (o - range.share) * t;
                let product: f64 = ranges.iter().zip(&known).map(|(range, o)| factor(range, *o)).product();
                for (range, o) in ranges.iter().zip(&known) {
                    // No factor is 0: shares are above 0 and t is below 1.
                    let others = product / factor(range, *o);
                    contributions[range.column] += leaf.value * weight * (o - range.share) * others;
                }
            }
        }
        Explanation::new(self.base, &contributions)
    }

    /// Adds the leaves below a node that is reached by these splits.
    fn add(&mut self, tree: &Tree, place: usize, path: &mut Vec<Range>) {
        let node = &tree.nodes[place];
        if is_leaf(place, node) {
            let ranges = merged(path);
            self.base += node.value * ranges.iter().map(|range| range.share).product::<f64>();
            self.leaves.push(Leaf { value: node.value, n_ranges: ranges.len() });
            self.ranges.extend(ranges);
            return;
        }
        for is_left in [true, false] {
            let child = (if is_left { node.left } else { node.right }) as usize;
            path.push(side(node, is_left, tree.nodes[child].cover / node.cover));
            self.add(tree, child, path);
            path.pop();
        }
    }
}

impl Range {
    fn holds(&self, row: &[f64]) -> bool {
        let value = finite(row.get(self.column).copied().unwrap_or(f64::NAN));
        if value.is_nan() { self.missing } else { self.above < value && value <= self.up_to }
    }
}

fn side(node: &Node, is_left: bool, share: f64) -> Range {
    Range {
        column: node.column as usize,
        above: if is_left { f64::NEG_INFINITY } else { node.threshold },
        up_to: if is_left { node.threshold } else { f64::INFINITY },
        missing: is_left == node.missing_left,
        share,
    }
}

/// Several splits on one column as one.
fn merged(path: &[Range]) -> Vec<Range> {
    let mut ranges: Vec<Range> = Vec::with_capacity(path.len());
    for split in path {
        match ranges.iter_mut().find(|range| range.column == split.column) {
            Some(range) => {
                range.above = range.above.max(split.above);
                range.up_to = range.up_to.min(split.up_to);
                range.missing &= split.missing;
                range.share *= split.share;
            }
            None => ranges.push(*split),
        }
    }
    ranges
}

/// The n points and weights on (0, 1) that integrate polynomials up to degree 2n − 1 exactly: roots x of the Legendre polynomial P_n by
/// Newton's method from `cos(π (i + 3/4) / (n + 1/2))`, weights `2 / ((1 − x²) P_n′(x)²)`, both brought from (−1, 1) to (0, 1).
///
/// Abramowitz, M. & Stegun, I. A. (1964). Handbook of Mathematical Functions, 22.16.6 and 25.4.29.
fn gauss_legendre(n: usize) -> Vec<(f64, f64)> {
    let point = |i: usize| {
        let mut x = (std::f64::consts::PI * (i as f64 + 0.75) / (n as f64 + 0.5)).cos();
        let mut slope = 1.0;
        for _ in 0..8 {
            let (mut before, mut p) = (1.0, x);
            for k in 2..=n {
                let k = k as f64;
                (before, p) = (p, ((2.0 * k - 1.0) * x * p - (k - 1.0) * before) / k);
            }
            slope = n as f64 * (x * p - before) / (x * x - 1.0);
            x -= p / slope;
        }
        ((1.0 + x) / 2.0, 1.0 / ((1.0 - x * x) * slope * slope))
    };
    (0..n).map(point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quadrature_is_exact_for_polynomials() {
        for n in 1..=6 {
            for degree in 0..2 * n {
                let sum: f64 =
                    gauss_legendre(n).iter().map(|(t, weight)| weight * t.powi(degree as i32)).sum();
                assert!((sum - 1.0 / (degree as f64 + 1.0)).abs() < 1e-14, "{n} {degree} {sum}");
            }
        }
    }
}
