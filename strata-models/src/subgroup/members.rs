//! Sets of customers as bits, so that two conditions are met together in a sixty-fourth of the steps.

/// Some of the rows that were searched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Members {
    words: Vec<u64>,
}

impl Members {
    pub(super) fn of(n_rows: usize, is_member: impl Fn(usize) -> bool) -> Members {
        let mut words = vec![0_u64; n_rows.div_ceil(64)];
        (0..n_rows).filter(|row| is_member(*row)).for_each(|row| words[row / 64] |= 1 << (row % 64));
        Members { words }
    }

    pub(super) fn both(&self, other: &Members) -> Members {
        Members { words: self.words.iter().zip(&other.words).map(|(a, b)| a & b).collect() }
    }

    /// What both share, of all that either has; 0 where both are empty.
    pub(super) fn jaccard(&self, other: &Members) -> f64 {
        let (mut both, mut either) = (0_u32, 0_u32);
        for (a, b) in self.words.iter().zip(&other.words) {
            (both, either) = (both + (a & b).count_ones(), either + (a | b).count_ones());
        }
        if either > 0 { f64::from(both) / f64::from(either) } else { 0.0 }
    }

    /// The sum of some numbers over both sets, and how many rows are in both; in the order of rows.
    pub(super) fn sum_of_both(&self, other: &Members, values: &[f64]) -> (usize, f64) {
        let (mut n, mut sum) = (0, 0.0);
        for (place, (a, b)) in self.words.iter().zip(&other.words).enumerate() {
            let mut word = a & b;
            n += word.count_ones() as usize;
            while word != 0 {
                sum += values[place * 64 + word.trailing_zeros() as usize];
                word &= word - 1;
            }
        }
        (n, sum)
    }
}
