//! One customer who stands for a segment: the medoid, shown only as ranges that many others share.
//!
//! The medoid is the candidate to whom all are most alike, `argmin_i Σ_j w_j d(i, j)` with Gower's dissimilarity d. What is shown are not the
//! medoid's values but those between the quartiles of its neighbours, who are within [`RADIUS`] of it, rounded outwards to two digits. Where
//! it has too few neighbours, each variable is shown by itself: the middle half of all candidates.

use crate::cluster::error::ClusterError;
use crate::cluster::gower::{Column, Rows, Values};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Candidates no more unlike than this are neighbours: as many as differ by a seventh of the range in every number.
pub const RADIUS: f64 = 0.15;

/// Fewer than this many people are not shown.
pub const FEWEST_ALIKE: usize = 10;

/// Who stands for a segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Representative {
    /// Whether what is shown goes together.
    pub basis: Basis,
    /// How many candidates what is shown is taken from.
    pub n_alike: usize,
    /// Among how many.
    pub n_candidates: usize,
    /// What is shown of each column.
    pub shown: Vec<Shown>,
}

/// Whether the figures of a representative go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// They are those of the medoid and its neighbours.
    Medoid,
    /// They are taken one by one: a customer with all of them need not exist.
    Medians,
}

/// What is shown of a column.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// The middle half of the numbers, or of the places in an order, rounded outwards.
    Range {
        /// The lower end.
        low: f64,
        /// The upper end.
        high: f64,
    },
    /// The most frequent level; of yes and no, 1 and 0.
    Level(u16),
    /// Nothing, since too few people have a value in common.
    Hidden,
}

/// Finds who stands for a segment, among those who consented. `weights` say for how many each candidate stands. None where there are fewer
/// candidates than [`FEWEST_ALIKE`].
///
/// # Errors
/// [`ClusterError`] for no columns, columns or weights of unequal lengths, numbers that are not finite, weights of columns or candidates that
/// are not above 0, and more candidates than [`crate::cluster::gower::MOST_ROWS`].
pub fn representative(
    columns: &[Column<'_>],
    weights: &[f64],
) -> Result<Option<Representative>, ClusterError> {
    let n = weights.len();
    if let Some(weight) = weights.iter().find(|weight| !(weight.is_finite() && **weight > 0.0)) {
        let hint = "weigh candidates by finite numbers above 0, and leave the others out";
        return Err(ClusterError::Option { option: "weight of a candidate", value: *weight, hint });
    }
    for column in columns {
        let n_values = column.values.len();
        if n_values != n {
            return Err(ClusterError::Lengths { column: column.name.to_owned(), n_values, n_rows: n });
        }
    }
    if n < FEWEST_ALIKE {
        return if columns.is_empty() { Err(ClusterError::NoColumns) } else { Ok(None) };
    }
    let rows = Rows::new(columns)?;
    let cost =
        |row: usize| (rows.of(row).zip(weights).map(|(unlike, weight)| unlike * weight).sum::<f64>(), row);
    let medoid = (0..n).into_par_iter().map(cost).reduce_with(lesser).map_or(0, |(_, row)| row);
    let near = |(row, unlike): (usize, f64)| (unlike <= RADIUS).then_some(row);
    let alike: Vec<usize> = rows.of(medoid).enumerate().filter_map(near).collect();
    let (basis, alike) = match alike.len() {
        FEWEST_ALIKE.. => (Basis::Medoid, alike),
        _ => (Basis::Medians, (0..n).collect()),
    };
    let shown = columns.iter().map(|column| shown(&column.values, &alike, weights)).collect();
    Ok(Some(Representative { basis, n_alike: alike.len(), n_candidates: n, shown }))
}

fn lesser(one: (f64, usize), other: (f64, usize)) -> (f64, usize) {
    if one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)).is_le() { one } else { other }
}

fn shown(values: &Values<'_>, rows: &[usize], weights: &[f64]) -> Shown {
    let ranks = |values: &[Option<u16>]| values.iter().map(|rank| rank.map(f64::from)).collect::<Vec<_>>();
    match values {
        Values::Numbers(values) => middle(values, rows, weights),
        Values::Ordinal(values) => middle(&ranks(values), rows, weights),
        Values::Nominal(values) => most_frequent(|row| values[row], rows, weights),
        Values::Asymmetric(values) => most_frequent(|row| values[row].map(u16::from), rows, weights),
    }
}

/// The quartiles of the values that are known, rounded outwards.
fn middle(values: &[Option<f64>], rows: &[usize], weights: &[f64]) -> Shown {
    let known = |row: &usize| values[*row].map(|value| (value, weights[*row]));
    let mut known: Vec<(f64, f64)> = rows.iter().filter_map(known).collect();
    if known.len() < FEWEST_ALIKE {
        return Shown::Hidden;
    }
    known.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let all: f64 = known.iter().map(|(_, weight)| weight).sum();
    let quantile = |share: f64| {
        let mut so_far = 0.0;
        let reached = known.iter().find(|(_, weight)| {
            so_far += weight;
            so_far >= share * all
        });
        reached.or(known.last()).map_or(0.0, |(value, _)| *value)
    };
    let (low, high) = (quantile(0.25), quantile(0.75));
    let largest = low.abs().max(high.abs());
    if largest == 0.0 {
        return Shown::Range { low: 0.0, high: 0.0 };
    }
    // A power of ten is divided by where it would be a fraction, so that 0.1 is not 0.1000000000001.
    let digits = 1 - largest.log10().floor() as i32;
    let (up, down) = (10_f64.powi(digits.max(0)), 10_f64.powi((-digits).max(0)));
    let rounded = |value: f64, round: fn(f64) -> f64| {
        let scaled = value * up / down;
        // What is whole but for lost digits stays.
        let whole = scaled.round();
        (if (scaled - whole).abs() < 1e-9 { whole } else { round(scaled) }) * down / up
    };
    let (low, high) = (rounded(low, f64::floor), rounded(high, f64::ceil));
    if low.is_finite() && high.is_finite() { Shown::Range { low, high } } else { Shown::Hidden }
}

fn most_frequent(level: impl Fn(usize) -> Option<u16>, rows: &[usize], weights: &[f64]) -> Shown {
    let mut levels: std::collections::BTreeMap<u16, (usize, f64)> = std::collections::BTreeMap::new();
    for row in rows {
        if let Some(level) = level(*row) {
            let (n, sum) = levels.entry(level).or_default();
            *n += 1;
            *sum += weights[*row];
        }
    }
    // The last of equals is the greatest, and the least level is to be it.
    let most = levels.iter().rev().max_by(|(_, (_, a)), (_, (_, b))| a.total_cmp(b));
    match most {
        Some((level, (FEWEST_ALIKE.., _))) => Shown::Level(*level),
        _ => Shown::Hidden,
    }
}
