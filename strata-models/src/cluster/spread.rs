//! How widely points lie: what distances are judged against, and what cannot be told apart at all.

use std::cmp::Ordering;

use rayon::prelude::*;

use super::error::ClusterError;
use super::points::Points;

/// The largest value that is clustered: 10¹⁴⁰, so that sums of squares over any number of rows and columns remain numbers.
const LARGEST: f64 = 1e140;

/// Rows that are summed by themselves.
const CHUNK: usize = 1 << 12;

/// Where points lie.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Spread {
    /// The mean of each column.
    pub(crate) means: Vec<f64>,
    /// The mean over the columns of their variances, each divided by n.
    pub(crate) mean_variance: f64,
    /// The largest difference of a value from the mean of its column.
    pub(crate) most: f64,
}

impl Spread {
    /// The spread of points. Refuses values too large to be squared.
    pub(crate) fn of(points: &Points) -> Result<Spread, ClusterError> {
        if let Some(place) = points.values().par_iter().position_first(|value| value.abs() > LARGEST) {
            let (row, column) = (place / points.n_columns(), (place % points.n_columns()).to_string());
            return Err(ClusterError::TooLarge { column, row, value: points.values()[place] });
        }
        let n_columns = points.n_columns();
        let chunks = points.values().par_chunks(CHUNK * n_columns);
        let sums: Vec<Vec<f64>> = chunks.clone().map(|rows| sums(rows, n_columns)).collect();
        let n_rows = points.n_rows() as f64;
        let means: Vec<f64> =
            (0..n_columns).map(|column| sums.iter().map(|sums| sums[column] / n_rows).sum()).collect();
        let parts: Vec<(f64, f64)> = chunks.map(|rows| squares(rows, &means)).collect();
        let total: f64 = parts.iter().map(|part| part.0).sum();
        let most = parts.iter().fold(0.0, |most: f64, part| most.max(part.1));
        Ok(Spread { means, mean_variance: total / n_rows / n_columns as f64, most })
    }
}

/// Refuses points of which fewer differ than there are to be clusters.
pub(crate) fn enough(points: &Points, n_clusters: usize) -> Result<(), ClusterError> {
    let mut distinct: Vec<usize> = vec![];
    for row in 0..points.n_rows() {
        if distinct.len() >= n_clusters {
            return Ok(());
        }
        if let Err(place) = distinct.binary_search_by(|other| order(points.row(*other), points.row(row))) {
            distinct.insert(place, row);
        }
    }
    if distinct.len() >= n_clusters {
        return Ok(());
    }
    Err(ClusterError::TooFewRows { n_distinct: distinct.len(), n_clusters })
}

fn order(one: &[f64], other: &[f64]) -> Ordering {
    one.partial_cmp(other).unwrap_or(Ordering::Equal)
}

fn sums(rows: &[f64], n_columns: usize) -> Vec<f64> {
    let mut sums = vec![0.0; n_columns];
    for row in rows.chunks_exact(n_columns) {
        sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
    }
    sums
}

/// Σ squared differences from the means, and the largest difference.
fn squares(rows: &[f64], means: &[f64]) -> (f64, f64) {
    let (mut sum, mut most) = (0.0, 0.0_f64);
    for row in rows.chunks_exact(means.len()) {
        for (value, mean) in row.iter().zip(means) {
            sum += (value - mean).powi(2);
            most = most.max((value - mean).abs());
        }
    }
    (sum, most)
}
