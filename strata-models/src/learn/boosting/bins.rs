//! Columns cut into bins, by rows: what trees are grown on.

use rayon::prelude::*;

use crate::learn::chance::Places;
use crate::learn::matrix::Matrix;

/// The bin of each value, as one byte, a row's side by side.
pub(super) struct Binned {
    /// By column.
    pub(super) cuts: Vec<Cuts>,
    /// Where each column's cells begin in a histogram of all columns, and where the last one's end.
    pub(super) begins: Vec<u32>,
    codes: Vec<u8>,
}

/// Where a column is cut.
pub(super) struct Cuts {
    /// Ascending; bin b holds the values above `bounds[b − 1]` up to `bounds[b]`, and there is one bin more than bounds.
    pub(super) bounds: Vec<f64>,
}

/// To find quantiles, as many rows are enough: their ranks are right to about a thousandth.
const N_SAMPLED: usize = 200_000;

/// The rows that one thread bins at a time: few enough to stay in its cache.
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
        let n_columns = cuts.len();
        let mut codes = vec![0; n_rows * n_columns];
        codes.par_chunks_mut(PART * n_columns).enumerate().for_each(|(part, codes)| {
            let begin = part * PART;
            for (place, (column, cuts)) in matrix.columns().iter().zip(&cuts).enumerate() {
                let values = &column[begin..(begin + PART).min(n_rows)];
                for (row, value) in codes.chunks_exact_mut(n_columns).zip(values) {
                    row[place] = cuts.code(*value);
                }
            }
        });
        Binned { cuts, begins, codes }
    }

    /// The codes of a row, by column.
    pub(super) fn row(&self, row: usize) -> &[u8] {
        let n_columns = self.cuts.len();
        &self.codes[row * n_columns..][..n_columns]
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
