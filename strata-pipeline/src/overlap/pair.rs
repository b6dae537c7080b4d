//! What two sets share.

use std::panic::resume_unwind;
use std::thread;

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
    let may_share =
        |first: &Set, second: &Set| first.segmentation.is_none() || first.segmentation != second.segmentation;
    let places: Vec<(usize, usize)> = (0..sets.len())
        .flat_map(|second| (0..second).map(move |first| (first, second)))
        .filter(|(first, second)| may_share(&sets[*first], &sets[*second]))
        .collect();
    let n_threads = thread::available_parallelism().map_or(1, usize::from);
    let share = places.len().div_ceil(n_threads).max(LEAST_SHARE);
    let count = |(first, second): &(usize, usize)| Pair {
        first: *first,
        second: *second,
        n_first: sets[*first].n_members,
        n_second: sets[*second].n_members,
        n_both: parts.iter().map(|part| part[*first].intersection_len(&part[*second])).sum(),
    };
    let mut pairs: Vec<Pair> = thread::scope(|scope| {
        let threads: Vec<_> = places
            .chunks(share)
            .map(|places| {
                scope.spawn(move || places.iter().map(count).filter(|pair| pair.n_both > 0).collect())
            })
            .collect();
        let counted =
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
        counted.collect::<Vec<Vec<Pair>>>().concat()
    });
    pairs.sort_by(|a, b| {
        b.jaccard().total_cmp(&a.jaccard()).then_with(|| (a.first, a.second).cmp(&(b.first, b.second)))
    });
    pairs
}

/// So many pairs are worth a thread.
const LEAST_SHARE: usize = 256;
