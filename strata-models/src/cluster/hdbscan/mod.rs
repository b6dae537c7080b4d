//! Clusters where rows are dense, and noise where they are not: nobody says how many, nor of which shape.
//!
//! # The model
//!
//! The core distance `κ(x)` of a row is that to its `min_samples`-th nearest row, itself counted. Two rows are as far apart as
//! `max(κ(x), κ(y), |x − y|)`. Joining what is nearest first (single linkage) gives a tree; a branch of fewer than `min_cluster_size` rows is no cluster
//! but rows that fall out of one. With `λ = 1 / distance`, a cluster C is as stable as `Σ_{x ∈ C} (λ(x) − λ_birth(C))`, with λ(x) where x leaves
//! it; of a cluster and those within it, the more stable are kept (excess of mass).
//!
//! # Conventions
//!
//! As scikit-learn's `HDBSCAN` (1.9): `min_samples` counts the row itself, which the Python package `hdbscan` does not. Of edges of one length, that between
//! earlier rows is first; others may break such ties otherwise.
//!
//! # Cost
//!
//! A k-d tree finds the neighbours and Borůvka's algorithm the minimum spanning tree; for n rows in few columns about `n log n`. With
//! many columns (twenty, say) the tree helps little and the time grows with n². Memory is some 200 bytes a row beside the rows themselves, and
//! `4 min_samples`. The result does not depend on the number of threads.
//!
//! Campello, R. J. G. B., Moulavi, D. & Sander, J. (2013). Density-based clustering based on hierarchical density estimates. PAKDD 2013, 160–172.
//! Campello, R. J. G. B., Moulavi, D., Zimek, A. & Sander, J. (2015). Hierarchical density estimates for data clustering, visualization, and
//! outlier detection. ACM Transactions on Knowledge Discovery from Data 10, 5 (outlier scores). March, W. B., Ram, P. & Gray, A. G. (2010). Fast
//! Euclidean minimum spanning tree. KDD '10, 603–612.

mod condense;
mod kd_tree;
mod select;
mod spanning;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use self::condense::Condensed;
use self::kd_tree::KdTree;
use super::error::ClusterError;
use super::points::Points;

/// What counts as a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct HdbscanOptions {
    /// The fewest rows of a cluster; at least 2.
    pub min_cluster_size: usize,
    /// How many rows, itself counted, must be near for a row to be in a dense place; at least 1, at most as many as there are rows. More
    /// make more rows noise.
    pub min_samples: usize,
    /// Whether all rows may be one cluster.
    pub allow_single_cluster: bool,
}

impl HdbscanOptions {
    /// Clusters of at least so many rows, and as many as `min_samples`; not one alone.
    pub fn new(min_cluster_size: usize) -> HdbscanOptions {
        HdbscanOptions { min_cluster_size, min_samples: min_cluster_size, allow_single_cluster: false }
    }
}

/// Rows in clusters. It says nothing of rows that it has not seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hdbscan {
    /// How many clusters there are; 0 where no place is denser than others.
    pub n_clusters: usize,
    /// The cluster of each row, from 0 in the order of their first rows; none for noise.
    pub labels: Vec<Option<u32>>,
    /// How far inside its cluster each row is: 1 in the densest place, down to 0; 0 for noise.
    pub probabilities: Vec<f64>,
    /// How much less dense each row's place is than the densest near it (GLOSH): `1 − λ(x) / λ_max`, in [0, 1].
    pub outlier_scores: Vec<f64>,
}

impl Hdbscan {
    /// Clusters points.
    ///
    /// # Errors
    ///
    /// Settings out of range, points that are all equal, and coordinates so far apart or so close that squared distances are no numbers.
    pub fn fit(points: &Points, options: &HdbscanOptions) -> Result<Hdbscan, ClusterError> {
        check(points, options)?;
        let (tree, neighbours) = KdTree::with_neighbours(points, options.min_samples);
        let edges = spanning::minimum_spanning_tree(&tree, &neighbours);
        drop((tree, neighbours));
        let longest = edges.last().map_or(0.0, |edge| edge.length);
        if !(longest > 0.0 && longest.is_finite()) {
            return Err(TOO_LARGE);
        }
        let condensed = Condensed::of(&edges, options.min_cluster_size);
        Ok(select::labelled(&condensed, options.allow_single_cluster))
    }
}

fn check(points: &Points, options: &HdbscanOptions) -> Result<(), ClusterError> {
    let HdbscanOptions { min_cluster_size, min_samples, .. } = *options;
    let n_rows = points.n_rows();
    if min_cluster_size < 2 {
        let (value, hint) = (min_cluster_size as f64, "give the fewest rows that are a cluster, at least 2");
        return Err(ClusterError::Option { option: "min_cluster_size", value, hint });
    }
    if !(1..=n_rows).contains(&min_samples) {
        let (value, hint) = (min_samples as f64, "give at least 1, at most as many as there are rows");
        return Err(ClusterError::Option { option: "min_samples", value, hint });
    }
    if min_cluster_size > n_rows {
        let (value, hint) = (min_cluster_size as f64, "give at most as many as there are rows");
        return Err(ClusterError::Option { option: "min_cluster_size", value, hint });
    }
    if n_rows > u32::MAX as usize / 2 {
        let (value, hint) = (n_rows as f64, "draw fewer rows");
        return Err(ClusterError::Option { option: "n_rows", value, hint });
    }
    let n_distinct = points.n_distinct(2);
    if n_distinct < 2 {
        return Err(ClusterError::TooFewRows { n_distinct, n_clusters: 2 });
    }
    Ok(())
}

const TOO_LARGE: ClusterError = ClusterError::NotFound {
    model: "HDBSCAN",
    reason: "squared distances are too large or too small to be numbers",
    hint: "divide each column by its standard deviation",
};
