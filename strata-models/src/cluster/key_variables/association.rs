//! How much one trait tells of another.

use super::super::rules::{Column, Values};
use crate::rank::quantile;
use serde::{Deserialize, Serialize};

/// Numbers are cut at so many quantiles, less one.
const N_BINS: usize = 8;

/// How much two traits have in common, each figure from 0 to 1, on the rows that have both.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Association {
    /// On how many rows.
    pub n_rows: usize,
    /// The amount of Spearman's correlation of ranks; none where one of them is no number, or does not vary.
    pub spearman: Option<f64>,
    /// Mutual information of bins, numbers being cut at their eighths, in parts of the smaller entropy: `I(X; Y) / min(H(X), H(Y))`, less
    /// what is expected by chance, `(r − 1)(c − 1) / 2n` nats (Miller 1955); none where one of them does not vary.
    pub information: Option<f64>,
    /// Cramér's V, `√(χ² / (n min(r − 1, c − 1)))`; none unless both are categories that vary.
    pub cramers_v: Option<f64>,
}

impl Association {
    /// The strongest of the figures; none where there is none.
    pub fn strength(&self) -> Option<f64> {
        [self.spearman, self.information, self.cramers_v].into_iter().flatten().reduce(f64::max)
    }
}

/// How much two traits of the same rows have in common; of columns of unequal lengths the rows that both have.
pub fn association(one: &Column, other: &Column) -> Association {
    let n = one.n_rows().min(other.n_rows());
    let rows: Vec<usize> = (0..n).filter(|row| !one.is_missing(*row) && !other.is_missing(*row)).collect();
    let table = Table::of(&bins(one, &rows), &bins(other, &rows));
    let spearman = match (&one.values, &other.values) {
        (Values::Numbers(a), Values::Numbers(b)) => {
            let of = |values: &[f64]| ranks(&rows.iter().map(|row| values[*row]).collect::<Vec<_>>());
            correlation(&of(a), &of(b)).map(f64::abs)
        }
        _ => None,
    };
    let both_categories =
        matches!((&one.values, &other.values), (Values::Categories { .. }, Values::Categories { .. }));
    let cramers_v = if both_categories { table.cramers_v() } else { None };
    Association { n_rows: rows.len(), spearman, information: table.information(|a, b| a.min(b)), cramers_v }
}

/// How much of a yes or no a trait tells: mutual information in parts of the entropy of the answer, less what is expected by chance.
pub(super) fn information_gain(column: &Column, happened: &[bool]) -> Option<f64> {
    let rows: Vec<usize> = (0..column.n_rows()).filter(|row| !column.is_missing(*row)).collect();
    let answers: Vec<usize> = rows.iter().map(|row| usize::from(happened[*row])).collect();
    Table::of(&bins(column, &rows), &answers).information(|_, of_answer| of_answer)
}

/// The bin of each row, from 0.
fn bins(column: &Column, rows: &[usize]) -> Vec<usize> {
    match &column.values {
        Values::Categories { of_rows, .. } => {
            rows.iter().map(|row| of_rows[*row].map_or(0, |at| at as usize)).collect()
        }
        Values::Numbers(values) => {
            let mut sorted: Vec<f64> = rows.iter().map(|row| values[*row] + 0.0).collect();
            sorted.sort_unstable_by(f64::total_cmp);
            if sorted.is_empty() {
                return Vec::new();
            }
            let mut cuts: Vec<f64> =
                (1..N_BINS).filter_map(|cut| quantile(&sorted, cut as f64 / N_BINS as f64)).collect();
            // A bin of its own for the value that most have, as 0 of a count, whichever side it lies on.
            cuts.extend(sorted.iter().copied().find(|value| *value > sorted[0]));
            cuts.sort_unstable_by(f64::total_cmp);
            cuts.dedup();
            rows.iter().map(|row| cuts.partition_point(|cut| *cut <= values[*row])).collect()
        }
    }
}

/// Ranks from 1, the mean of them among ties.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|a, b| (values[*a] + 0.0).total_cmp(&(values[*b] + 0.0)).then(a.cmp(b)));
    let (mut ranks, mut first) = (vec![0.0; values.len()], 0);
    for run in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let mean = first as f64 + (run.len() + 1) as f64 / 2.0;
        run.iter().for_each(|row| ranks[*row] = mean);
        first += run.len();
    }
    ranks
}

fn correlation(one: &[f64], other: &[f64]) -> Option<f64> {
    let n = one.len() as f64;
    let (mean, other_mean) = (one.iter().sum::<f64>() / n, other.iter().sum::<f64>() / n);
    let (mut both, mut square, mut other_square) = (0.0, 0.0, 0.0);
    for (a, b) in one.iter().zip(other) {
        let (a, b) = (a - mean, b - other_mean);
        (both, square, other_square) = (both + a * b, square + a * a, other_square + b * b);
    }
    (square > 0.0 && other_square > 0.0).then(|| (both / (square * other_square).sqrt()).clamp(-1.0, 1.0))
}

/// Counts of rows by two bins, without bins that nobody is in.
struct Table {
    counts: Vec<Vec<f64>>,
    rows: Vec<f64>,
    columns: Vec<f64>,
    n: f64,
}

impl Table {
    fn of(one: &[usize], other: &[usize]) -> Table {
        let places = |bins: &[usize]| {
            let mut found = bins.to_vec();
            found.sort_unstable();
            found.dedup();
            found
        };
        let (rows, columns) = (places(one), places(other));
        let mut counts = vec![vec![0.0; columns.len()]; rows.len()];
        for (a, b) in one.iter().zip(other) {
            counts[rows.partition_point(|at| at < a)][columns.partition_point(|at| at < b)] += 1.0;
        }
        let rows = counts.iter().map(|row| row.iter().sum()).collect();
        let columns = (0..columns.len()).map(|at| counts.iter().map(|row| row[at]).sum()).collect();
        Table { counts, rows, columns, n: one.len() as f64 }
    }

    fn entropy(&self, sums: &[f64]) -> f64 {
        sums.iter().map(|sum| -(sum / self.n) * (sum / self.n).ln()).sum()
    }

    fn information(&self, of: impl Fn(f64, f64) -> f64) -> Option<f64> {
        let whole = of(self.entropy(&self.rows), self.entropy(&self.columns));
        if self.rows.len() < 2 || self.columns.len() < 2 || whole <= 0.0 {
            return None;
        }
        let mut information = 0.0;
        for (row, row_sum) in self.counts.iter().zip(&self.rows) {
            for (count, column_sum) in row.iter().zip(&self.columns).filter(|(count, _)| **count > 0.0) {
                information += count / self.n * (count * self.n / (row_sum * column_sum)).ln();
            }
        }
        let by_chance = ((self.rows.len() - 1) * (self.columns.len() - 1)) as f64 / (2.0 * self.n);
        Some(((information - by_chance) / whole).clamp(0.0, 1.0))
    }

    fn cramers_v(&self) -> Option<f64> {
        let fewer = self.rows.len().min(self.columns.len());
        if fewer < 2 {
            return None;
        }
        let mut chi_squared = 0.0;
        for (row, row_sum) in self.counts.iter().zip(&self.rows) {
            for (count, column_sum) in row.iter().zip(&self.columns) {
                let expected = row_sum * column_sum / self.n;
                chi_squared += (count - expected).powi(2) / expected;
            }
        }
        Some((chi_squared / (self.n * (fewer - 1) as f64)).sqrt().min(1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_those_of_the_specification_and_of_scipy() {
        let table = Table {
            counts: vec![vec![30.0, 50.0, 20.0], vec![60.0, 30.0, 10.0]],
            rows: vec![100.0, 100.0],
            columns: vec![90.0, 80.0, 30.0],
            n: 200.0,
        };
        // psychometrics: V([[30, 50, 20], [60, 30, 10]]) = .302765.
        assert!((table.cramers_v().unwrap() - 0.302_765).abs() < 5e-7);
        assert_eq!(ranks(&[10.0, 20.0, 10.0, -5.0]), [2.5, 4.0, 2.5, 1.0]);
        // scipy.stats.spearmanr([1, 2, 3, 4, 5], [5, 6, 7, 8, 7]).
        let found =
            correlation(&ranks(&[1.0, 2.0, 3.0, 4.0, 5.0]), &ranks(&[5.0, 6.0, 7.0, 8.0, 7.0])).unwrap();
        assert!((found - 0.820_782_681_668_123_5).abs() < 1e-12, "{found}");
    }

    #[test]
    fn what_goes_together_in_any_way_is_seen() {
        let x: Vec<f64> = (0..800).map(|i| f64::from((i * 7919) % 800)).collect();
        let square: Vec<f64> = x.iter().map(|x| (x - 399.5).powi(2)).collect();
        let other: Vec<f64> = (0..800).map(|i| f64::from((i * i * 31 + i * 17) % 797)).collect();
        let column = |values: &[f64]| Column::numbers("x", values).unwrap();
        let found = association(&column(&x), &column(&square));
        assert!(found.spearman.unwrap() < 0.01 && found.information.unwrap() > 0.6, "{found:?}");
        assert!(association(&column(&x), &column(&other)).strength().unwrap() < 0.15);
        let constant = association(&column(&x), &column(&[1.0; 800]));
        assert_eq!((constant.strength(), constant.n_rows), (None, 800));
        let words = |values: &[f64]| {
            let words: Vec<String> = values.iter().map(|x| format!("w{}", (x / 100.0).floor())).collect();
            Column::categories("w", words.iter().map(|word| Some(word.as_str()))).unwrap()
        };
        assert!(association(&words(&x), &words(&x)).cramers_v.unwrap() > 0.999);
        assert!(association(&words(&x), &column(&x)).information.unwrap() > 0.95);
        let nobody = association(&column(&[f64::NAN; 5]), &column(&[1.0; 5]));
        assert_eq!((nobody.n_rows, nobody.strength()), (0, None));
    }
}
