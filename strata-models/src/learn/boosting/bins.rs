//! Columns cut into bins: what trees are grown on.

use rayon::prelude::*;

use crate::learn::chance::Places;
use crate::learn::matrix::Matrix;

/// The bin of each value, as one byte, twice: by columns for following splits, and by rows for counting.
pub(super) struct Binned {
    /// By column.
    pub(super) cuts: Vec<Cuts>,
    /// Where each column's cells begin in a histogram of all columns, and where the last one's end.
    pub(super) begins: Vec<u32>,
    /// The codes by column.
    pub(super) columns: Vec<Vec<u8>>,
    /// The codes by row, in words of which each row has as many.
    words: Vec<Word>,
    words_per_row: usize,
}

/// Codes that are moved together.
pub(super) type Word = [u8; 16];

/// Where a column is cut.
pub(super) struct Cuts {
    /// Ascending; bin b holds the values above `bounds[b − 1]` up to `bounds[b]`, and there is one bin more than bounds.
    pub(super) bounds: Vec<f64>,
}

/// To find quantiles, as many rows are enough: their ranks are right to about a thousandth.
const N_SAMPLED: usize = 200_000;

/// The rows that one thread turns round at a time: few enough to stay in its cache.
const PART: usize = 1 << 11;

impl Cuts {
    /// The code of missing values, above those of all bins.
    pub(super) fn missing(&self) -> u8 {
        self.bounds.len() as u8 + 1
    }

    /// Halfway between neighbouring values where there are at most `n_bins`, otherwise near quantiles.
    fn of(mut values: Vec<f64>, n_bins: usize) -> Cuts {
        values.sort_unstable_by(f64::total_cmp);
        let n_distinct = values.chunk_by(|a, b| a == b).count();
        let n = values.len();
        let mut bounds: Vec<f64> = Vec::new();
        if n_distinct <= n_bins {
            let firsts = values.chunk_by(|a, b| a == b).filter_map(|run| run.first().copied());
            let firsts: Vec<f64> = firsts.collect();
            bounds.extend(firsts.windows(2).map(|pair| between(pair[0], pair[1])));
        } else {
            for cut in 1..n_bins {
                let at = cut * n / n_bins;
                // The cut falls after the run of equal values that the quantile lies in.
                let end = at + values[at..].partition_point(|value| *value == values[at]);
                if let Some(next) = values.get(end) {
                    let bound = between(values[at], *next);
                    if bounds.last().is_none_or(|last| *last < bound) {
                        bounds.push(bound);
                    }
                }
            }
        }
        Cuts { bounds }
    }

    fn code(&self, value: f64) -> u8 {
        if value.is_nan() {
            self.missing()
        } else {
            self.bounds.partition_point(|bound| *bound < value) as u8
        }
    }
}

impl Binned {
    pub(super) fn of(matrix: &Matrix, n_bins: usize, places: Places) -> Binned {
        let n_rows = matrix.n_rows();
        let sampled: Vec<usize> = if n_rows <= N_SAMPLED {
            (0..n_rows).collect()
        } else {
            (0..N_SAMPLED).map(|draw| places.below(draw as u64, n_rows)).collect()
        };
        // Missing values need a code too, and codes are bytes.
        let n_bins = n_bins.min(255);
        let cuts_of = |column: &Vec<f64>| {
            let known = sampled.iter().map(|row| column[*row]).filter(|value| !value.is_nan());
            Cuts::of(known.collect(), n_bins)
        };
        let cuts: Vec<Cuts> = matrix.columns().par_iter().map(cuts_of).collect();
        let mut begins = vec![0];
        let mut end = 0;
        for cuts in &cuts {
            end += u32::from(cuts.missing()) + 1;
            begins.push(end);
        }
        let columns: Vec<Vec<u8>> = matrix
            .columns()
            .par_iter()
            .zip(&cuts)
            .map(|(values, cuts)| values.iter().map(|value| cuts.code(*value)).collect())
            .collect();
        let words_per_row = cuts.len().div_ceil(size_of::<Word>());
        let mut words = vec![[0; size_of::<Word>()]; n_rows * words_per_row];
        words.par_chunks_mut(PART * words_per_row).enumerate().for_each(|(part, words)| {
            for (place, column) in columns.iter().enumerate() {
                let (word, byte) = (place / size_of::<Word>(), place % size_of::<Word>());
                for (row, code) in words.chunks_exact_mut(words_per_row).zip(&column[part * PART..]) {
                    row[word][byte] = *code;
                }
            }
        });
        Binned { cuts, begins, columns, words, words_per_row }
    }

    /// Copies rows side by side; a row has [`Self::width`] bytes, the first of them its codes by column.
    ///
    /// Rows that a split scattered are far from each other in memory. Copied first and counted then, many of them are on their way at
    /// a time; counted where they lie, each would be waited for.
    pub(super) fn gather(&self, rows: &[u32], into: &mut Vec<Word>) {
        into.clear();
        for row in rows {
            into.extend_from_slice(&self.words[*row as usize * self.words_per_row..][..self.words_per_row]);
        }
    }

    /// The bytes of a row.
    pub(super) fn width(&self) -> usize {
        self.words_per_row * size_of::<Word>()
    }

    /// How many cells a histogram of all columns has.
    pub(super) fn n_cells(&self) -> usize {
        self.begins.last().map_or(0, |end| *end as usize)
    }
}

/// A number from `a` up to below `b`, halfway if the digits allow.
fn between(a: f64, b: f64) -> f64 {
    let middle = a / 2.0 + b / 2.0;
    if a <= middle && middle < b { middle } else { a }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lies_within_the_bounds_of_its_bin() {
        let columns: [Vec<f64>; 5] = [
            (0..1000).map(|n| f64::from(n * n % 977)).collect(),
            vec![1.0, 1.0, 1.0],
            vec![-0.0, 0.0, 5e-324, 1e-323, -1e100, 1e100],
            vec![],
            (0..5000).map(|n| if n < 4000 { 0.0 } else { f64::from(n) }).collect(),
        ];
        for column in columns {
            for n_bins in [2, 3, 17, 255] {
                let cuts = Cuts::of(column.clone(), n_bins);
                assert!(cuts.bounds.len() < n_bins && cuts.bounds.windows(2).all(|pair| pair[0] < pair[1]));
                for value in &column {
                    let code = usize::from(cuts.code(*value));
                    assert!(code == 0 || cuts.bounds[code - 1] < *value);
                    assert!(code == cuts.bounds.len() || *value <= cuts.bounds[code]);
                }
                assert_eq!(usize::from(cuts.code(f64::NAN)), cuts.bounds.len() + 1);
            }
        }
    }

    #[test]
    fn bins_of_many_values_hold_about_as_many_each() {
        let cuts = Cuts::of((0..100_000).map(f64::from).collect(), 100);
        let mut counts = [0; 100];
        (0..100_000).for_each(|n| counts[usize::from(cuts.code(f64::from(n)))] += 1);
        assert!(counts.iter().all(|count| (999..=1001).contains(count)), "{counts:?}");
    }
}
