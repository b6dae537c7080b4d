//! Rows drawn from others, and rows without the structure that clusters would need.

use super::points::Points;
use crate::clv::draw::uniform;
use crate::clv::symmetric::Symmetric;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// The seed of a place among those that follow from one seed: SplitMix64 (Steele, Lea and Flood 2014), entered anywhere.
pub(crate) fn seed_at(seed: u64, place: u64) -> u64 {
    let x = seed.wrapping_add(place.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// The rows of two random halves, each in their order; the second has one more where their number is odd.
pub(crate) fn halves(n_rows: usize, seed: u64) -> (Vec<usize>, Vec<usize>) {
    let mut order = shuffled(n_rows, seed);
    let mut second = order.split_off(n_rows / 2);
    order.sort_unstable();
    second.sort_unstable();
    (order, second)
}

/// At most so many rows, drawn without any twice, in their order.
pub(super) fn sample(n_rows: usize, most: usize, seed: u64) -> Vec<usize> {
    if n_rows <= most {
        return (0..n_rows).collect();
    }
    let mut rows = shuffled(n_rows, seed);
    rows.truncate(most);
    rows.sort_unstable();
    rows
}

/// The rows that a bootstrap draws, each once, in their order: of n rows n are drawn with return, and about 63 % of them are.
pub(super) fn drawn(n_rows: usize, seed: u64) -> Vec<usize> {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let mut is_drawn = vec![false; n_rows];
    (0..n_rows).for_each(|_| is_drawn[below(&mut generator, n_rows)] = true);
    (0..n_rows).filter(|row| is_drawn[*row]).collect()
}

/// The same columns, each in an order of its own: margins stay, and what columns have to do with each other is gone.
pub(super) fn permuted(points: &Points, seed: u64) -> Points {
    let (n_rows, n_columns) = (points.n_rows(), points.n_columns());
    let mut values = vec![0.0; n_rows * n_columns];
    for column in 0..n_columns {
        for (row, from) in shuffled(n_rows, seed_at(seed, column as u64)).into_iter().enumerate() {
            values[row * n_columns + column] = points.row(from)[column];
        }
    }
    points.with_values(values)
}

/// As many rows drawn evenly from the box around the points whose sides are parallel to their principal axes: no hump anywhere.
///
/// Tibshirani, R., Walther, G. and Hastie, T. (2001). Estimating the number of clusters in a data set via the gap statistic. Journal of
/// the Royal Statistical Society B 63, 411–423 (the reference distribution b).
pub(super) fn uniform_box(points: &Points, seed: u64) -> Points {
    let (n_rows, n_columns) = (points.n_rows(), points.n_columns());
    let axes = covariance(points).eigen();
    let along = |axis: &[f64], row: &[f64]| row.iter().zip(axis).map(|(x, a)| x * a).sum::<f64>();
    let ranges: Vec<(f64, f64)> = axes
        .iter()
        .map(|(_, axis)| {
            points
                .rows()
                .map(|row| along(axis, row))
                .fold((f64::INFINITY, f64::NEG_INFINITY), |range, x| (range.0.min(x), range.1.max(x)))
        })
        .collect();
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let mut values = Vec::with_capacity(n_rows * n_columns);
    for _ in 0..n_rows {
        let start = values.len();
        values.resize(start + n_columns, 0.0);
        for ((_, axis), (low, high)) in axes.iter().zip(&ranges) {
            let place = low + (high - low) * uniform(&mut generator);
            values[start..].iter_mut().zip(axis).for_each(|(x, a)| *x += place * a);
        }
    }
    points.with_values(values)
}

fn covariance(points: &Points) -> Symmetric {
    let (n_rows, n_columns) = (points.n_rows() as f64, points.n_columns());
    let mean: Vec<f64> =
        (0..n_columns).map(|column| points.rows().map(|row| row[column] / n_rows).sum()).collect();
    let mut covariance = Symmetric::zeros(n_columns);
    for one in 0..n_columns {
        for other in 0..=one {
            let product = |row: &[f64]| (row[one] - mean[one]) * (row[other] - mean[other]) / n_rows;
            covariance.set(one, other, points.rows().map(product).sum());
        }
    }
    covariance
}

/// The numbers `0..n` in a random order (Fisher and Yates).
pub(super) fn shuffled(n: usize, seed: u64) -> Vec<usize> {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let mut order: Vec<usize> = (0..n).collect();
    for last in (1..n).rev() {
        order.swap(last, below(&mut generator, last + 1));
    }
    order
}

/// A number below `end`, by Lemire's multiplication; its bias is below `end / 2⁶⁴`.
fn below(generator: &mut impl RngCore, end: usize) -> usize {
    ((u128::from(generator.next_u64()) * end as u128) >> 64) as usize
}
