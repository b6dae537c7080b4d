//! Groups described by many variables at once: sums that two groups are compared and merged by.
//!
//! Numbers are given as columns, standardised (mean 0 and deviation 1 over everybody), missing ones as NaN; categories as columns of
//! codes from 0, missing ones as [`MISSING`]. Rows are places in these columns.

use crate::effect::Moments;

/// The code of a category that is not known.
pub const MISSING: u8 = u8::MAX;

/// A category: the code of each row, and how many codes there are.
pub type Codes = (Vec<u8>, usize);

/// What is known of a group.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sums {
    /// How many members the sums are over.
    pub n: u64,
    /// By number column.
    pub numbers: Vec<Moments>,
    /// By category column and code.
    pub categories: Vec<Vec<u64>>,
}

impl Sums {
    /// Adds the members of a group up. `categories` are columns of codes, each with how many codes there are.
    pub fn of(rows: &[u32], numbers: &[Vec<f64>], categories: &[Codes]) -> Sums {
        let sum = |column: &Vec<f64>| {
            let mut moments = Moments::default();
            for row in rows {
                if let Some(value) = column.get(*row as usize).filter(|value| !value.is_nan()) {
                    moments.push(*value);
                }
            }
            moments
        };
        let count = |(column, n_codes): &Codes| {
            let mut counts = vec![0; *n_codes];
            for row in rows {
                let code = column.get(*row as usize).copied().unwrap_or(MISSING);
                if let Some(count) = counts.get_mut(usize::from(code)) {
                    *count += 1;
                }
            }
            counts
        };
        Sums {
            n: rows.len() as u64,
            numbers: numbers.iter().map(sum).collect(),
            categories: categories.iter().map(count).collect(),
        }
    }

    /// Those of two groups that share nobody.
    pub fn with(&self, other: &Sums) -> Sums {
        self.combined(other, Moments::with, |a, b| a + b)
    }

    /// Those of a group without some of its members.
    pub fn without(&self, some: &Sums) -> Sums {
        self.combined(some, Moments::without, u64::saturating_sub)
    }

    fn combined(
        &self,
        other: &Sums,
        moments: fn(Moments, Moments) -> Moments,
        counts: fn(u64, u64) -> u64,
    ) -> Sums {
        let of_categories = |(one, other): (&Vec<u64>, &Vec<u64>)| {
            one.iter().zip(other).map(|(a, b)| counts(*a, *b)).collect()
        };
        Sums {
            n: counts(self.n, other.n),
            numbers: self.numbers.iter().zip(&other.numbers).map(|(a, b)| moments(*a, *b)).collect(),
            categories: self.categories.iter().zip(&other.categories).map(of_categories).collect(),
        }
    }
}

/// What merging two groups of `n` and `n_other` members costs: by how much the sum of squared distances from the groups' means grows,
/// `n₁ n₂ / (n₁ + n₂) · Σ (m₁ − m₂)²` over the number columns that both have. In squared standard deviations.
///
/// Ward, J. H. (1963). Hierarchical grouping to optimize an objective function. Journal of the American Statistical Association
/// 58, 236–244.
pub fn ward_cost((one, n): (&Sums, u64), (other, n_other): (&Sums, u64)) -> f64 {
    let distance: f64 = one
        .numbers
        .iter()
        .zip(&other.numbers)
        .filter_map(|(a, b)| Some((a.mean()? - b.mean()?).powi(2)))
        .sum();
    let (n, n_other) = (n as f64, n_other as f64);
    if n + n_other > 0.0 { n * n_other / (n + n_other) * distance } else { 0.0 }
}

/// Mean and deviation of a column without its missing values; none where it does not vary.
pub fn mean_and_deviation(column: &[f64]) -> Option<(f64, f64)> {
    let known = || column.iter().copied().filter(|value| value.is_finite());
    let n = known().count();
    let mean = known().sum::<f64>() / n as f64;
    let variance = known().map(|value| (value - mean).powi(2)).sum::<f64>() / (n as f64 - 1.0);
    let deviation = variance.sqrt();
    (n > 1 && mean.is_finite() && deviation.is_finite() && deviation > 1e-9 * (1e-9 + mean.abs()))
        .then_some((mean, deviation))
}

/// Pearson's correlation of two columns over the rows that have both; none where fewer than three do, or one does not vary there.
pub fn correlation(one: &[f64], other: &[f64]) -> Option<f64> {
    let (mut n, mut sums, mut products) = (0_u64, [0.0; 2], [0.0; 3]);
    for (a, b) in one.iter().zip(other).filter(|(a, b)| !a.is_nan() && !b.is_nan()) {
        n += 1;
        sums = [sums[0] + a, sums[1] + b];
        products = [products[0] + a * a, products[1] + b * b, products[2] + a * b];
    }
    let count = n as f64;
    let spread = (products[0] - sums[0] * sums[0] / count) * (products[1] - sums[1] * sums[1] / count);
    let together = products[2] - sums[0] * sums[1] / count;
    (n > 2 && spread > 1e-18).then(|| (together / spread.sqrt()).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAN: f64 = f64::NAN;

    fn columns() -> (Vec<Vec<f64>>, Vec<Codes>) {
        let numbers = vec![vec![1.0, 2.0, NAN, 4.0, 6.0], vec![0.0, NAN, NAN, 5.0, 5.0]];
        (numbers, vec![(vec![0, 1, 1, MISSING, 2], 3)])
    }

    #[test]
    fn sums_of_parts_are_those_of_the_whole() {
        let (numbers, categories) = columns();
        let of = |rows: &[u32]| Sums::of(rows, &numbers, &categories);
        let (one, other, all) = (of(&[0, 2]), of(&[1, 3, 4]), of(&[0, 1, 2, 3, 4]));
        assert_eq!(one.with(&other), all);
        assert_eq!(all.without(&other), one);
        assert_eq!(all.categories, [[1, 2, 1]]);
        assert_eq!((all.n, all.numbers[0].n, all.numbers[1].n), (5, 4, 3));
        assert_eq!(of(&[9]).numbers[0].n, 0, "a row that is not there counts for nothing");
    }

    #[test]
    fn merging_costs_what_it_adds_to_the_squares_within() {
        let (numbers, categories) = (vec![vec![1.0, 3.0, 6.0, 8.0, 10.0]], Vec::new());
        let of = |rows: &[u32]| Sums::of(rows, &numbers, &categories);
        let within = |rows: &[u32]| {
            let moments = of(rows).numbers[0];
            moments.squares - moments.sum * moments.sum / moments.n as f64
        };
        let cost = ward_cost((&of(&[0, 1]), 2), (&of(&[2, 3, 4]), 3));
        let grown = within(&[0, 1, 2, 3, 4]) - within(&[0, 1]) - within(&[2, 3, 4]);
        assert!((cost - grown).abs() < 1e-9, "{cost} {grown}");
        assert_eq!(ward_cost((&of(&[]), 0), (&of(&[]), 0)), 0.0);
    }

    #[test]
    fn columns_that_do_not_vary_are_told() {
        assert_eq!(mean_and_deviation(&[2.0, NAN, 4.0]), Some((3.0, 2.0_f64.sqrt())));
        for column in [&[3.0, 3.0, 3.0][..], &[NAN, 1.0], &[], &[f64::INFINITY, 1.0]] {
            assert_eq!(mean_and_deviation(column), None, "{column:?}");
        }
        let near = |found: Option<f64>, expected: f64| (found.unwrap() - expected).abs() < 1e-12;
        assert!(near(correlation(&[1.0, 2.0, 3.0, NAN], &[2.0, 4.0, 6.0, 9.0]), 1.0));
        assert!(near(correlation(&[1.0, 2.0, 3.0], &[3.0, 2.0, 1.0]), -1.0));
        assert_eq!(correlation(&[1.0, 1.0, 1.0], &[1.0, 2.0, 3.0]), None);
        assert_eq!(correlation(&[1.0, 2.0], &[1.0, 2.0]), None);
    }
}
