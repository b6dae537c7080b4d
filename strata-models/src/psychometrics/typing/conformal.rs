//! Sets of types that hold the true one as often as promised, whatever the learner.
//!
//! With the probabilities `p` that calibration rows give to their own types, the threshold is the `⌈(n + 1)(1 − α)⌉`-th greatest of them,
//! and a set holds all types at least that probable: over draws of rows it holds the truth with probability 1 − α or more. A set that
//! would be empty holds the most likely type, which can only add to that.
//!
//! Vovk, V., Gammerman, A. and Shafer, G. (2005). Algorithmic Learning in a Random World. Sadinle, M., Lei, J. and Wasserman, L. (2019).
//! Least ambiguous set-valued classifiers with bounded error levels. Journal of the American Statistical Association 114, 223–234.

use serde::{Deserialize, Serialize};

use super::golden::greatest;

/// A set of types: bit k is type k.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TypeSet(pub u64);

/// What a type's probability must reach to be in the set.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Threshold {
    /// The probability; 0 where there are too few calibration rows to leave any type out.
    pub least: f64,
    /// From how many rows it is.
    pub n: usize,
}

impl TypeSet {
    /// Whether a type is in it.
    pub fn contains(self, of_type: u16) -> bool {
        of_type < 64 && self.0 >> of_type & 1 == 1
    }

    /// How many types are in it.
    pub fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// Whether none is.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl Threshold {
    /// From the probabilities of true types; `coverage` from above 0 to below 1, usually 0.9.
    pub fn of(of_truth: &[f64], coverage: f64) -> Threshold {
        let mut sorted = of_truth.to_vec();
        sorted.sort_unstable_by(|a, b| b.total_cmp(a));
        // A rank that is whole but for rounding is that rank.
        let rank = ((sorted.len() + 1) as f64 * coverage - 1e-9).ceil().max(1.0) as usize;
        Threshold { least: sorted.get(rank - 1).copied().unwrap_or(0.0), n: sorted.len() }
    }

    /// The set of a row.
    pub fn set(&self, probabilities: &[f64]) -> TypeSet {
        let each = probabilities.iter().enumerate().filter(|(_, p)| **p >= self.least);
        let bits = each.fold(0, |bits, (class, _)| bits | 1 << class);
        if bits > 0 { TypeSet(bits) } else { TypeSet(1 << greatest(probabilities).0) }
    }
}
