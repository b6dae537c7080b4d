//! In which sets subjects are together.

use std::cmp::Reverse;

use strata_lake::datafusion::common::HashMap;

use super::{Combination, Part};

/// Of so many sets combinations are counted: a subject's are the bits of one number.
pub const MOST_COMBINED: usize = 64;

/// How many subjects are in exactly which sets, the most frequent first; those in none among them.
pub(super) fn combinations(parts: &[Part], n_sets: usize, n_subjects: u64) -> Vec<Combination> {
    let mut counts: HashMap<u64, u64> = HashMap::new();
    let mut masks: Vec<u64> = Vec::new();
    for part in parts {
        masks.clear();
        for (place, set) in part.iter().enumerate() {
            let size = set.max().map_or(0, |last| last as usize + 1);
            masks.resize(masks.len().max(size), 0);
            set.iter().for_each(|subject| masks[subject as usize] |= 1 << place);
        }
        for mask in masks.iter().filter(|mask| **mask != 0) {
            *counts.entry(*mask).or_default() += 1;
        }
    }
    let n_somewhere: u64 = counts.values().sum();
    if n_subjects > n_somewhere {
        counts.insert(0, n_subjects - n_somewhere);
    }
    let mut combinations: Vec<Combination> = counts
        .into_iter()
        .map(|(mask, n_subjects)| Combination {
            sets: (0..n_sets).filter(|place| mask >> place & 1 == 1).collect(),
            n_subjects,
        })
        .collect();
    combinations.sort_by(|a, b| (Reverse(a.n_subjects), &a.sets).cmp(&(Reverse(b.n_subjects), &b.sets)));
    combinations
}
