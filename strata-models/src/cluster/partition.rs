//! What all ways to cluster have in common: a label a row, and a rule that labels other rows.

use super::error::ClusterError;
use super::points::Points;

/// The label of a row that is in no cluster, as methods have it that call some rows noise.
pub const OUTSIDE: u32 = u32::MAX;

/// A clustering that was learned from some points and can be asked about any.
///
/// A closure `Fn(&Points) -> Vec<u32>` is one.
pub trait Assign {
    /// The cluster of each point, from 0, or [`OUTSIDE`]. Of the points that it was learned from these are the clusters found.
    fn assign(&self, points: &Points) -> Vec<u32>;
}

impl<F: Fn(&Points) -> Vec<u32>> Assign for F {
    fn assign(&self, points: &Points) -> Vec<u32> {
        self(points)
    }
}

/// The labels of points, one each; refuses a rule that does not give every point its label.
pub(super) fn labels_of(clustering: &impl Assign, points: &Points) -> Result<Vec<u32>, ClusterError> {
    let labels = clustering.assign(points);
    same_length(&labels, points.n_rows())?;
    Ok(labels)
}

/// Refuses labels that are not one a row.
pub(super) fn same_length(labels: &[u32], n_rows: usize) -> Result<(), ClusterError> {
    if labels.len() == n_rows {
        return Ok(());
    }
    Err(ClusterError::Lengths { column: "labels".to_owned(), n_values: labels.len(), n_rows })
}

/// The labels that occur, in their order, without [`OUTSIDE`].
pub(super) fn distinct(labels: &[u32]) -> Vec<u32> {
    let mut distinct: Vec<u32> = labels.iter().copied().filter(|label| *label != OUTSIDE).collect();
    distinct.sort_unstable();
    distinct.dedup();
    distinct
}
