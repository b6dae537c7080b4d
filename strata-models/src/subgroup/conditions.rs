//! The conditions that groups are made of.

use crate::cluster::rules::{Column, Condition, Test, Values};
use crate::rank::quantile;

/// A cut is rounded as long as it moves no more than this part of the rows between two cuts: where a number is cut is arbitrary to that
/// extent, and nobody remembers 137.28.
const MOST_MOVED: f64 = 0.25;

/// All conditions on the columns: below and from each quantile of numbers, each category. A missing value meets none. Two cuts at the same
/// value are one.
pub(super) fn conditions(columns: &[Column], rows: &[usize], n_cuts: usize) -> Vec<Condition> {
    columns.iter().flat_map(|column| of_column(column, rows, n_cuts)).collect()
}

fn of_column(column: &Column, rows: &[usize], n_cuts: usize) -> Vec<Condition> {
    let condition = |test| Condition { column: column.name.clone(), test, or_missing: false };
    match &column.values {
        Values::Numbers(values) => {
            let mut known: Vec<f64> =
                rows.iter().map(|row| values[*row] + 0.0).filter(|value| !value.is_nan()).collect();
            known.sort_unstable_by(f64::total_cmp);
            if known.is_empty() {
                return Vec::new();
            }
            let share = |cut: usize| cut as f64 / (n_cuts + 1) as f64;
            let mut cuts: Vec<f64> = (1..=n_cuts).filter_map(|cut| quantile(&known, share(cut))).collect();
            // A count that half of the customers do not have at all is cut above it.
            cuts.extend(known.iter().find(|value| **value > known[0]));
            let n_moved = MOST_MOVED * share(1) * known.len() as f64;
            cuts.iter_mut().for_each(|cut| *cut = readable(&known, *cut, n_moved as usize));
            cuts.sort_unstable_by(f64::total_cmp);
            cuts.dedup();
            cuts.retain(|cut| *cut > known[0]);
            cuts.into_iter()
                .flat_map(|cut| [condition(Test::Below(cut)), condition(Test::AtLeast(cut))])
                .collect()
        }
        Values::Categories { levels, .. } => {
            levels.iter().map(|level| condition(Test::In(vec![level.clone()]))).collect()
        }
    }
}

/// The number with the fewest digits, preferably a round one, below which lie as many of the sorted values as below a cut, but for a few.
fn readable(sorted: &[f64], cut: f64, n_moved: usize) -> f64 {
    let n_below = |bound: f64| sorted.partition_point(|value| *value < bound);
    let wanted = n_below(cut);
    let is_near = |rounded: f64| {
        let n = n_below(rounded);
        rounded.is_finite() && n > 0 && n < sorted.len() && n.abs_diff(wanted) <= n_moved
    };
    if cut == 0.0 {
        return cut;
    }
    let first = cut.abs().log10().ceil() as i32;
    let steps = (0..17).flat_map(|digit| [(1.0, first - digit), (5.0, first - digit - 1)]);
    let rounded = steps.flat_map(|(unit, power)| {
        // Divided by a power of ten rather than multiplied by a part: 3 / 10 is 0.3 to its last digit.
        let scale = 10_f64.powi(power.abs());
        let of = if power < 0 { cut * scale / unit } else { cut / scale / unit };
        [of.round(), of.floor(), of.ceil()]
            .map(|n| if power < 0 { n * unit / scale } else { n * unit * scale })
    });
    rounded.into_iter().find(|rounded| is_near(*rounded)).map_or(cut, |rounded| rounded + 0.0)
}

/// Whether a condition may be added: one of another column, or the other bound of a number.
pub(super) fn goes_with(conditions: &[Condition], next: &Condition) -> bool {
    conditions.iter().filter(|other| other.column == next.column).all(|other| {
        match (&other.test, &next.test) {
            (Test::Below(high), Test::AtLeast(low)) | (Test::AtLeast(low), Test::Below(high)) => low < high,
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_are_rounded_where_that_moves_few() {
        let evenly: Vec<f64> = (0..1000).map(|n| 0.37 * f64::from(n)).collect();
        // 25 of 1,000 values may change sides: 9.25 to either side.
        for (cut, expected) in [(137.28, 140.0), (37.0, 40.0), (0.9, 1.0), (251.3, 250.0), (0.37, 1.0)] {
            assert_eq!(readable(&evenly, cut, 25), expected, "{cut}");
        }
        assert_eq!(readable(&evenly, 137.28, 0), 137.5);
        // Whole numbers stay whole, and none of their values changes sides where many have it.
        let counts: Vec<f64> = (0..1000).map(|n| f64::from(n / 100)).collect();
        assert_eq!(readable(&counts, 5.5, 25), 6.0);
        assert_eq!(readable(&counts, 6.0, 25), 6.0);
        let shares: Vec<f64> = (0..300).map(|n| f64::from(n / 100) / 3.0).collect();
        assert_eq!(readable(&shares, 1.0 / 3.0, 2), 0.3);
        let debts: Vec<f64> = (0..100).map(|n| -1e6 - 1234.5 * f64::from(n)).rev().collect();
        assert_eq!(readable(&debts, debts[50], 3), -1_060_000.0);
        assert_eq!(readable(&[-1.0, 0.0, 1.0], 0.0, 0), 0.0);
    }
}
