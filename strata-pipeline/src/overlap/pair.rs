//! What two sets share.

use super::{Part, Set};

/// From this likeness on, two segments are told as one: either would do for both.
pub const REDUNDANT: f64 = 0.9;

/// Two segments that share somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// The place of the one in [`super::Overlap::sets`].
    pub first: usize,
    /// The place of the other.
    pub second: usize,
    /// How many the first has.
    pub n_first: u64,
    /// How many the second has.
    pub n_second: u64,
    /// How many are in both.
    pub n_both: u64,
}

/// How two segments that share somebody lie to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// They have the same members.
    Same,
    /// All of the first are in the second.
    Within,
    /// All of the second are in the first.
    Contains,
    /// Their likeness is at least [`REDUNDANT`].
    Redundant,
    /// They share some.
    Overlaps,
}

impl Relation {
    /// `same`, `within`, `contains`, `redundant` or `overlaps`.
    pub fn as_str(self) -> &'static str {
        match self {
            Relation::Same => "same",
            Relation::Within => "within",
            Relation::Contains => "contains",
            Relation::Redundant => "redundant",
            Relation::Overlaps => "overlaps",
        }
    }
}

impl Pair {
    /// The share of the first that is in the second.
    pub fn share_of_first(&self) -> f64 {
        self.n_both as f64 / self.n_first as f64
    }

    /// The share of the second that is in the first.
    pub fn share_of_second(&self) -> f64 {
        self.n_both as f64 / self.n_second as f64
    }

    /// The share of those in either who are in both (Jaccard 1912).
    pub fn jaccard(&self) -> f64 {
        self.n_both as f64 / (self.n_first + self.n_second - self.n_both) as f64
    }

    /// How they lie to each other.
    pub fn relation(&self) -> Relation {
        match (self.n_both == self.n_first, self.n_both == self.n_second) {
            (true, true) => Relation::Same,
            (true, false) => Relation::Within,
            (false, true) => Relation::Contains,
            (false, false) if self.jaccard() >= REDUNDANT => Relation::Redundant,
            (false, false) => Relation::Overlaps,
        }
    }
}

/// Any two sets that share somebody, the most alike first. Classes of one segmentation never do.
pub(super) fn pairs(sets: &[Set], parts: &[Part]) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for (second, other) in sets.iter().enumerate() {
        for (first, one) in sets[..second].iter().enumerate() {
            if one.segmentation.is_some() && one.segmentation == other.segmentation {
                continue;
            }
            let n_both = parts.iter().map(|part| part[first].intersection_len(&part[second])).sum();
            if n_both > 0 {
                pairs.push(Pair { first, second, n_first: one.n_members, n_second: other.n_members, n_both });
            }
        }
    }
    pairs.sort_by(|a, b| {
        b.jaccard().total_cmp(&a.jaccard()).then_with(|| (a.first, a.second).cmp(&(b.first, b.second)))
    });
    pairs
}
