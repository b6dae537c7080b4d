//! A column in its order, sorted once: resampled customers keep that order, so each resample is ranked in linear time.

use rayon::prelude::*;

/// Rows in ascending order of their values, with the ends of the runs of equal values.
pub(super) struct Ranking {
    order: Vec<u32>,
    ends: Vec<u32>,
}

impl Ranking {
    /// Sorts a column of finite values.
    pub(super) fn of(values: &[f64]) -> Ranking {
        let mut order: Vec<u32> = (0..values.len() as u32).collect();
        order.par_sort_unstable_by(|a, b| values[*a as usize].total_cmp(&values[*b as usize]).then(a.cmp(b)));
        let differs = |pair: &[u32]| values[pair[0] as usize] != values[pair[1] as usize];
        let mut ends: Vec<u32> =
            (1..).zip(order.windows(2)).filter(|(_, pair)| differs(pair)).map(|(end, _)| end).collect();
        ends.push(order.len() as u32);
        Ranking { order, ends }
    }

    /// The runs of rows of equal value, ascending.
    pub(super) fn ties(&self) -> impl DoubleEndedIterator<Item = &[u32]> {
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        let runs: Vec<(u32, u32)> = begins.zip(self.ends.iter().copied()).collect();
        runs.into_iter().map(|(begin, end)| &self.order[begin as usize..end as usize])
    }

    /// Each row's rank among the rows that are drawn `weights` times each, less the mean rank; equal values share the mean
    /// of their ranks. With `N = Σ w`, `W` the weight of lower values and `w` that of the row's run, `W + (w + 1)/2 − (N +
    /// 1)/2`.
    pub(super) fn centred_ranks(&self, weights: &[u8], ranks: &mut Vec<f64>) {
        ranks.clear();
        ranks.resize(self.order.len(), 0.0);
        let half_total = weights.iter().map(|weight| f64::from(*weight)).sum::<f64>() / 2.0;
        let (mut below, mut begin) = (0.0, 0);
        for end in &self.ends {
            let run = &self.order[begin..*end as usize];
            let weight: f64 = run.iter().map(|row| f64::from(weights[*row as usize])).sum();
            let rank = below + weight / 2.0 - half_total;
            run.iter().for_each(|row| ranks[*row as usize] = rank);
            below += weight;
            begin = *end as usize;
        }
    }

    /// The share of `total`, the sum of `values`, that is had by the topmost tenth of the `n` rows drawn `weights` times
    /// each. Of a run that the cut falls into, each row counts in the same part, so that the order of rows says nothing.
    /// None of fewer than ten, and where the sum is not positive.
    pub(super) fn top_decile(&self, weights: &[u8], values: &[f64], n: f64, total: f64) -> Option<f64> {
        let sums = |rows: &[u32]| {
            rows.iter().fold((0.0, 0.0), |(n, sum), row| {
                let weight = f64::from(weights[*row as usize]);
                (n + weight, sum + weight * values[*row as usize])
            })
        };
        if n < 10.0 || total <= 0.0 {
            return None;
        }
        let (mut left, mut captured) = (n / 10.0, 0.0);
        let mut end = self.order.len();
        for begin in self.ends.iter().rev().skip(1).map(|end| *end as usize).chain([0]) {
            let (n_run, sum) = sums(&self.order[begin..end]);
            if n_run >= left {
                return Some((captured + sum * left / n_run) / total);
            }
            left -= n_run;
            captured += sum;
            end = begin;
        }
        None
    }
}
