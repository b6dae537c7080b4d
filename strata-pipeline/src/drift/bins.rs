//! The cells in which two distributions of a trait are held against each other. They are made of the earlier one.

use std::cmp::Reverse;
use std::collections::HashMap;

/// So many values of a text are cells of their own.
const MOST_VALUES: usize = 20;
/// Into so many equal parts numbers are divided.
const N_PARTS: usize = 10;

/// Values of a trait as they are found.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Found {
    Numbers { known: Vec<f64>, n_missing: u64 },
    Texts { known: HashMap<String, u64>, n_missing: u64 },
}

/// The cells of a trait: those of its values, and the last, of who has none.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Bins {
    /// Numbers up to and with each limit, and those beyond the last.
    UpTo(Vec<f64>),
    /// Each of the most frequent texts, and all others.
    Values(HashMap<String, usize>),
}

impl Found {
    pub(super) fn numbers() -> Found {
        Found::Numbers { known: Vec::new(), n_missing: 0 }
    }

    pub(super) fn texts() -> Found {
        Found::Texts { known: HashMap::new(), n_missing: 0 }
    }
}

impl Bins {
    /// The deciles of numbers, equal ones once, or the most frequent of texts. Numbers below the least, of which many may be, have a
    /// cell too.
    pub(super) fn of(found: &mut Found) -> Bins {
        match found {
            Found::Numbers { known, .. } => {
                known.sort_unstable_by(f64::total_cmp);
                let mut limits: Vec<f64> = (1..N_PARTS)
                    .filter_map(|part| known.get((part * known.len()).div_ceil(N_PARTS).saturating_sub(1)))
                    .copied()
                    .collect();
                // Below the least and above the greatest nobody was; that somebody is now has to be seen.
                if let (Some(least), Some(most)) = (known.first(), known.last()) {
                    limits.splice(0..0, [least.next_down()]);
                    limits.push(*most);
                }
                limits.dedup();
                Bins::UpTo(limits)
            }
            Found::Texts { known, .. } => {
                let mut values: Vec<(&String, &u64)> = known.iter().collect();
                values.sort_unstable_by_key(|(value, n)| (Reverse(**n), *value));
                let values = values.into_iter().take(MOST_VALUES).map(|(value, _)| value.clone());
                Bins::Values(values.zip(0..).collect())
            }
        }
    }

    /// How many are in each cell.
    pub(super) fn count(&self, found: &Found) -> Vec<u64> {
        let mut counts = vec![0; self.n_values() + 2];
        let n_missing = match (self, found) {
            (Bins::UpTo(limits), Found::Numbers { known, n_missing }) => {
                for value in known {
                    counts[limits.partition_point(|limit| limit < value)] += 1;
                }
                n_missing
            }
            (Bins::Values(places), Found::Texts { known, n_missing }) => {
                for (value, n) in known {
                    counts[places.get(value).copied().unwrap_or(places.len())] += n;
                }
                n_missing
            }
            // A trait whose kind has changed is not compared.
            _ => return counts,
        };
        if let Some(last) = counts.last_mut() {
            *last = *n_missing;
        }
        counts
    }

    fn n_values(&self) -> usize {
        match self {
            Bins::UpTo(limits) => limits.len(),
            Bins::Values(places) => places.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(values: impl IntoIterator<Item = f64>, n_missing: u64) -> Found {
        Found::Numbers { known: values.into_iter().collect(), n_missing }
    }

    #[test]
    fn numbers_are_divided_at_the_deciles_of_the_earlier_ones() {
        let mut earlier = numbers((1..=100).rev().map(f64::from), 7);
        let bins = Bins::of(&mut earlier);
        let limits = match &bins {
            Bins::UpTo(limits) => &limits[1..],
            Bins::Values(_) => &[],
        };
        assert_eq!(limits, [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 100.0]);
        assert_eq!(bins.count(&earlier), [0, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 0, 7]);
        assert_eq!(bins.count(&numbers([0.0, 10.0, 10.5, 1e9], 1)), [1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
    }

    #[test]
    fn equal_numbers_are_one_cell_and_others_are_seen_on_either_side() {
        let mut earlier = numbers([5.0; 30], 0);
        let bins = Bins::of(&mut earlier);
        assert_eq!(bins.count(&earlier), [0, 30, 0, 0]);
        assert_eq!(bins.count(&numbers([4.9, 5.0, 5.1], 2)), [1, 1, 1, 2]);
        let nobody = Bins::of(&mut Found::numbers());
        assert_eq!(nobody.count(&numbers([1.0], 3)), [1, 3]);
    }

    #[test]
    fn of_texts_the_most_frequent_have_cells() {
        let texts = |values: &[(&str, u64)], n_missing| Found::Texts {
            known: values.iter().map(|(value, n)| ((*value).to_owned(), *n)).collect(),
            n_missing,
        };
        let mut earlier = texts(&[("b", 3), ("a", 3), ("c", 9)], 4);
        let bins = Bins::of(&mut earlier);
        assert_eq!(bins.count(&earlier), [9, 3, 3, 0, 4]);
        assert_eq!(bins.count(&texts(&[("new", 2), ("b", 1)], 0)), [0, 0, 1, 2, 0]);
    }
}
