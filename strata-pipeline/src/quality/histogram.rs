//! Positive numbers counted by the size of their logarithm: quartiles and outliers of any number of rows from one scan
//! and a few hundred counts, the same whatever order the rows come in.

use std::collections::BTreeMap;

/// Bins to one unit of the natural logarithm: a bin is 5 % wide.
pub(crate) const STEPS: f64 = 20.0;

/// A value is outlying beyond so many interquartile ranges of the logarithm, the outer fence of Tukey (1977, Exploratory
/// Data Analysis), …
const RANGES: f64 = 3.0;

/// … and a factor of more than ten.
const LEAST_DISTANCE: f64 = std::f64::consts::LN_10;

/// Fewer values say nothing about what is usual.
const FEWEST: u64 = 20;

/// How many values lie in each bin, by `floor(ln(value) * STEPS)`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Histogram(BTreeMap<i64, u64>);

impl Histogram {
    /// Adds values of a bin.
    pub(crate) fn add(&mut self, bin: i64, n: u64) {
        *self.0.entry(bin).or_default() += n;
    }

    /// How many values there are.
    pub(crate) fn n(&self) -> u64 {
        self.0.values().sum()
    }

    /// The bin that holds the value below which that share of all values lies.
    pub(crate) fn quantile(&self, share: f64) -> Option<i64> {
        let rank = share * self.n() as f64;
        let mut below = 0;
        for (bin, n) in &self.0 {
            below += n;
            if below as f64 >= rank {
                return Some(*bin);
            }
        }
        None
    }

    /// The first and the last bin of values that are not outlying; none where too few are known to say.
    pub(crate) fn usual(&self) -> Option<(f64, f64)> {
        let (lower, upper) = (self.quantile(0.25)?, self.quantile(0.75)?);
        let distance = (RANGES * (upper - lower) as f64).max(LEAST_DISTANCE * STEPS);
        (self.n() >= FEWEST).then_some((lower as f64 - distance, upper as f64 + distance))
    }

    /// How many values are outlying.
    pub(crate) fn n_outlying(&self) -> u64 {
        let Some((first, last)) = self.usual() else { return 0 };
        let is_outlying = |bin: i64| (bin as f64) < first || bin as f64 > last;
        self.0.iter().filter(|(bin, _)| is_outlying(**bin)).map(|(_, n)| n).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::cast_possible_truncation, reason = "a small whole number")]
    fn of(values: &[(f64, u64)]) -> Histogram {
        let mut histogram = Histogram::default();
        for (value, n) in values {
            histogram.add((value.ln() * STEPS).floor() as i64, *n);
        }
        histogram
    }

    #[test]
    fn what_is_far_from_all_others_is_outlying() {
        for (values, expected) in [
            // All alike: ten times as much is still possible.
            (&[(10.0, 100), (99.0, 1), (120.0, 2)][..], 2),
            (&[(10.0, 100), (0.9, 3)], 3),
            // From 10 to 100 in the middle half: a thousand lies within the reach, a hundred million does not.
            (&[(10.0, 50), (100.0, 50), (1_000.0, 1), (1e8, 1)], 1),
            (&[(10.0, 5), (1e8, 1)], 0),
            (&[], 0),
        ] {
            assert_eq!(of(values).n_outlying(), expected, "{values:?}");
        }
    }

    #[test]
    fn quantiles_are_bins() {
        let histogram = of(&[(1.0, 10), (std::f64::consts::E * 1.01, 9), (100.0, 1)]);
        assert_eq!(histogram.quantile(0.5), Some(0));
        assert_eq!(histogram.quantile(0.9), Some(20));
        assert_eq!(histogram.quantile(1.0), Some(92));
        assert_eq!(Histogram::default().quantile(0.5), None);
    }
}
