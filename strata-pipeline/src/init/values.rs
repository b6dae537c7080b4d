//! A sample of a column's different values, drawn so that the samples of two files can be compared.
//!
//! The values with the smallest hashes are kept. A value that two files share has one hash, so below the smaller of the
//! two samples' bounds both hold it or neither does (a bottom-k sketch; Cohen & Kaplan 2007).

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hasher};

/// Values that are kept of a column.
const KEPT: usize = 4_096;
/// Longer texts are no ids.
const LONGEST: usize = 128;
/// Whole numbers with fewer digits count customers from one, in every system anew.
const COUNTED_DIGITS: usize = 7;

/// A sample of a column's different values, by their hashes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ValueSample {
    hashes: BTreeSet<u64>,
    /// Whether there were more values than are kept.
    cut: bool,
    n_seen: u64,
    n_counted: u64,
    n_characters: u64,
}

/// How many of the values that can be compared two columns share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shared {
    /// Values that both have.
    pub(super) n: u64,
    /// The values of the column that has fewer.
    pub(super) of: u64,
}

impl ValueSample {
    /// Takes one value into account.
    pub fn observe(&mut self, value: &str) {
        // Spreadsheets keep digits text by an apostrophe, and Shopify writes one.
        let value = value.trim().trim_start_matches('\'');
        if value.is_empty() || value.len() > LONGEST {
            return;
        }
        let digits = value.bytes().all(|byte| byte.is_ascii_digit());
        self.n_seen += 1;
        self.n_counted += u64::from(digits && value.len() < COUNTED_DIGITS);
        self.n_characters += value.len() as u64;
        let mut hasher = DefaultHasher::new();
        hasher.write(value.as_bytes());
        let hash = hasher.finish();
        let last = self.hashes.last().copied().filter(|_| self.hashes.len() >= KEPT);
        match last {
            None => {
                self.hashes.insert(hash);
            }
            Some(last) if hash < last => {
                if self.hashes.insert(hash) {
                    self.hashes.pop_last();
                    self.cut = true;
                }
            }
            Some(last) => self.cut |= hash > last,
        }
    }

    /// Whether any value was seen.
    pub(super) fn has_any(&self) -> bool {
        self.n_seen > 0
    }

    /// How many different values there are for each value; an estimate where not all were kept.
    pub(super) fn distinctness(&self) -> f64 {
        let n_kept = self.hashes.len() as f64;
        let n_distinct = match self.bound() {
            // Hashes are spread evenly, so that the bound says which part of them is kept.
            Some(bound) => n_kept * (u64::MAX as f64 / bound.max(1) as f64),
            None => n_kept,
        };
        (n_distinct / self.n_seen.max(1) as f64).min(1.0)
    }

    /// Adds what another part of the same column held.
    pub(super) fn merge(&mut self, other: &ValueSample) {
        self.hashes.extend(&other.hashes);
        self.cut |= other.cut;
        // Above the bound of a part that was cut, the sample would hold only the other's values.
        let bounds = [&*self, other].into_iter().filter_map(ValueSample::bound).collect::<Vec<_>>();
        if let Some(bound) = bounds.into_iter().min().filter(|_| self.cut) {
            self.hashes.retain(|hash| *hash <= bound);
        }
        while self.hashes.len() > KEPT {
            self.hashes.pop_last();
            self.cut = true;
        }
        self.n_seen += other.n_seen;
        self.n_counted += other.n_counted;
        self.n_characters += other.n_characters;
    }

    fn bound(&self) -> Option<u64> {
        self.hashes.last().copied().filter(|_| self.cut)
    }

    /// What the two columns share.
    pub(super) fn shared(&self, other: &ValueSample) -> Shared {
        let bound = self.bound().unwrap_or(u64::MAX).min(other.bound().unwrap_or(u64::MAX));
        let below = |sample: &ValueSample| sample.hashes.range(..=bound).count() as u64;
        let n = self.hashes.range(..=bound).filter(|hash| other.hashes.contains(hash)).count() as u64;
        Shared { n, of: below(self).min(below(other)) }
    }

    /// Whether the values are small whole numbers, which the ids of any two systems are likely to share.
    pub(super) fn is_counted(&self) -> bool {
        self.n_counted * 2 > self.n_seen
    }

    /// Whether the values look alike: as long, give or take two characters.
    pub(super) fn resembles(&self, other: &ValueSample) -> bool {
        let length = |sample: &ValueSample| sample.n_characters as f64 / sample.n_seen.max(1) as f64;
        self.is_counted() == other.is_counted() && (length(self) - length(other)).abs() <= 2.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(values: impl IntoIterator<Item = u64>) -> ValueSample {
        let mut sample = ValueSample::default();
        values.into_iter().for_each(|value| sample.observe(&format!("c{value}")));
        sample
    }

    #[test]
    fn samples_of_large_columns_can_be_compared() {
        for (one, other, least, most) in [
            (0..100, 50..150, 0.5, 0.5),
            (0..100, 100..200, 0.0, 0.0),
            (0..40_000, 20_000..60_000, 0.45, 0.55),
            (0..40_000, 40_000..80_000, 0.0, 0.0),
            (0..40_000, 0..3_000, 0.99, 1.0),
        ] {
            let (n_one, n_other) = (one.clone().count(), other.clone().count());
            let found = sample(one).shared(&sample(other));
            let part = found.n as f64 / found.of as f64;
            assert!((least..=most).contains(&part), "{n_one} and {n_other}: {found:?}");
        }
    }

    #[test]
    fn the_share_of_different_values_is_estimated_where_not_all_are_kept() {
        for (n_distinct, times, expected) in
            [(100, 1, 1.0), (100, 4, 0.25), (50_000, 1, 1.0), (50_000, 2, 0.5)]
        {
            let found = sample((0..times).flat_map(|_| 0..n_distinct)).distinctness();
            assert!((found - expected).abs() < 0.04, "{n_distinct} {times} times: {found}");
        }
    }

    #[test]
    fn parts_make_the_sample_of_the_whole() {
        for (parts, whole) in [([0..50, 50..100], 0..100), ([0..9_000, 5_000..30_000], 0..30_000)] {
            let mut merged = ValueSample::default();
            parts.into_iter().for_each(|part| merged.merge(&sample(part)));
            assert_eq!(merged.hashes, sample(whole).hashes);
        }
    }

    #[test]
    fn an_apostrophe_before_an_id_is_no_part_of_it() {
        let (mut plain, mut quoted) = (ValueSample::default(), ValueSample::default());
        plain.observe("7001");
        quoted.observe(" '7001");
        assert_eq!(plain.shared(&quoted), Shared { n: 1, of: 1 });
        assert!(plain.is_counted());
    }
}
