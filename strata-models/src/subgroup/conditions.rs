//! The conditions that groups are made of.

use crate::cluster::preparation::quantile;
use crate::cluster::rules::{Column, Condition, Test, Values};

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
            let mut cuts: Vec<f64> = (1..=n_cuts).map(|cut| quantile(&known, share(cut))).collect();
            // A count that half of the customers do not have at all is cut above it.
            cuts.extend(known.iter().find(|value| **value > known[0]));
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

/// Whether a condition may be added: one of another column, or the other bound of a number.
pub(super) fn goes_with(conditions: &[Condition], next: &Condition) -> bool {
    conditions.iter().filter(|other| other.column == next.column).all(|other| {
        match (&other.test, &next.test) {
            (Test::Below(high), Test::AtLeast(low)) | (Test::AtLeast(low), Test::Below(high)) => low < high,
            _ => false,
        }
    })
}
