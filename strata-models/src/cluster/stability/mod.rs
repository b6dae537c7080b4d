//! Whether the clusters come back when the customers are drawn again, and whether that means anything.
//!
//! A cluster's stability is its mean greatest Jaccard coefficient over bootstraps (Hennig 2007): the rows that were drawn are clustered
//! anew, and the cluster is compared with the most like it. Figures of 0.75 and more count as stable, below 0.6 as not to be trusted.
//!
//! That alone says little: k-means cuts even noise in a square in much the same way each time. So the same figure is taken of data without
//! clusters: each column in an order of its own, and in up to three dimensions also even noise in the box around the points. Only what is
//! more stable than those is a finding. The chance of a figure is that of its rank among them, (1 + how many are as high) / (1 + how
//! many there are), so 20 of them allow to say 5 %.
//!
//! Hennig, C. (2007). Cluster-wise assessment of cluster stability. Computational Statistics & Data Analysis 52, 258–271.

#[cfg(test)]
mod tests;

use super::agreement::likeness;
use super::error::ClusterError;
use super::partition::{Assign, distinct, labels_of};
use super::points::Points;
use super::resample::{drawn, permuted, sample, seed_at, uniform_box};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// In more dimensions a box of even noise is so empty that anything is more stable.
const MOST_BOX_COLUMNS: usize = 3;

/// How stability is measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct StabilityOptions {
    /// Bootstraps of the points: 100 are usual.
    pub n_resamples: u32,
    /// Data sets without clusters, of each kind: at least 19, so that 5 % can be told; 20 are usual.
    pub n_nulls: u32,
    /// Bootstraps of each of them. Fewer than of the points will do: the more they scatter, the higher the bar.
    pub n_null_resamples: u32,
    /// With more rows than this, as many are drawn once, and all is measured on them: 2,000 to 5,000 are enough for figures of two
    /// decimals.
    pub most_rows: usize,
    /// A cluster below this mean Jaccard coefficient is not stable.
    pub least_jaccard: f64,
}

impl Default for StabilityOptions {
    fn default() -> Self {
        let (n_resamples, n_nulls, n_null_resamples) = (100, 20, 30);
        Self { n_resamples, n_nulls, n_null_resamples, most_rows: 3000, least_jaccard: 0.75 }
    }
}

/// Data that have no clusters, made from those that may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NullKind {
    /// The same columns, each in an order of its own.
    Permuted,
    /// Even noise in the box around the points along their principal axes.
    UniformBox,
}

/// How stable clusters are in data of one kind without any.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NullStability {
    /// The kind.
    pub kind: NullKind,
    /// The stability of the least stable cluster of each data set, ascending.
    pub minima: Vec<f64>,
    /// How many of 20 are below: the figure that only one in twenty data sets without clusters would pass.
    pub percentile_95: f64,
    /// The chance of the figure found where there are no clusters.
    pub chance: f64,
}

/// How stable one cluster is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ClusterStability {
    /// The cluster, by its label in the clustering of all rows that were measured.
    pub cluster: u32,
    /// How many of those rows it has.
    pub n_rows: usize,
    /// The mean over bootstraps of the Jaccard coefficient with the most like it.
    pub mean_jaccard: f64,
    /// In which share of the bootstraps that coefficient is 0.5 or less: the cluster was dissolved.
    pub dissolved: f64,
}

/// How stable a clustering is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stability {
    /// How many rows were measured.
    pub n_rows: usize,
    /// The clusters in the order of their labels.
    pub clusters: Vec<ClusterStability>,
    /// The stability of the least stable cluster.
    pub minimum: f64,
    /// The same for data without clusters, kind by kind; empty where `minimum` is below what is asked for, since then it does not matter.
    pub nulls: Vec<NullStability>,
    /// Whether it is what is asked for and above the 95th percentile of data without clusters, of every kind.
    pub is_stable: bool,
}

impl Stability {
    /// Whether it is above the 95th percentile of data without clusters of that kind; none where that was not measured.
    pub fn is_above(&self, kind: NullKind) -> Option<bool> {
        self.nulls.iter().find(|null| null.kind == kind).map(|null| self.minimum > null.percentile_95)
    }
}

/// Measures how stable `n_clusters` clusters are. `fit` clusters points, given how many clusters and a seed.
///
/// # Errors
/// [`ClusterError::Option`] for settings out of range, and what `fit` refuses.
pub fn stability<C: Assign>(
    points: &Points,
    n_clusters: usize,
    fit: &(impl Fn(&Points, usize, u64) -> Result<C, ClusterError> + Sync),
    options: &StabilityOptions,
    seed: u64,
) -> Result<Stability, ClusterError> {
    check(options)?;
    let points = points.at(&sample(points.n_rows(), options.most_rows, seed_at(seed, 0)));
    let clusters = of_clusters(&points, n_clusters, fit, options.n_resamples, seed_at(seed, 1))?;
    let minimum = least(&clusters);
    let mut nulls = Vec::new();
    if minimum >= options.least_jaccard {
        let kinds = [NullKind::Permuted, NullKind::UniformBox];
        let fits = |kind: &NullKind| *kind == NullKind::Permuted || points.n_columns() <= MOST_BOX_COLUMNS;
        for (place, kind) in kinds.into_iter().enumerate().filter(|(_, kind)| fits(kind)) {
            let seed = seed_at(seed, 2 + place as u64);
            let minima: Result<Vec<f64>, ClusterError> = (0..u64::from(options.n_nulls))
                .into_par_iter()
                .map(|null| {
                    let seed = seed_at(seed, null);
                    let points = null_of(&points, kind, seed);
                    of_clusters(&points, n_clusters, fit, options.n_null_resamples, seed)
                        .map(|clusters| least(&clusters))
                })
                .collect();
            let mut minima = minima?;
            minima.sort_unstable_by(f64::total_cmp);
            let chance = chance_of(minimum, &minima);
            nulls.push(NullStability { kind, percentile_95: percentile_95(&minima), minima, chance });
        }
    }
    let is_stable = minimum >= options.least_jaccard && nulls.iter().all(|null| minimum > null.percentile_95);
    Ok(Stability { n_rows: points.n_rows(), clusters, minimum, nulls, is_stable })
}

/// Data without clusters.
pub(super) fn null_of(points: &Points, kind: NullKind, seed: u64) -> Points {
    match kind {
        NullKind::Permuted => permuted(points, seed),
        NullKind::UniformBox => uniform_box(points, seed),
    }
}

/// The chance of a figure as high, by its rank among ascending figures of data without what it stands for.
pub(super) fn chance_of(figure: f64, nulls: &[f64]) -> f64 {
    let n_as_high = nulls.iter().filter(|null| **null >= figure).count();
    (1 + n_as_high) as f64 / (1 + nulls.len()) as f64
}

/// The figure of ascending ones that a further one passes with a chance of 5 % at most: their greatest, where there are 19 to 38.
pub(super) fn percentile_95(nulls: &[f64]) -> f64 {
    let rank = (0.95 * (nulls.len() + 1) as f64).ceil() as usize;
    nulls.get(rank.clamp(1, nulls.len().max(1)) - 1).copied().unwrap_or(f64::INFINITY)
}

fn check(options: &StabilityOptions) -> Result<(), ClusterError> {
    let refuse = |option, value, hint| Err(ClusterError::Option { option, value, hint });
    if options.n_resamples == 0 || options.n_null_resamples == 0 {
        return refuse("n_resamples", 0.0, "draw again at least once; 100 times are usual");
    }
    if options.n_nulls < 19 {
        let hint = "take at least 19 data sets without clusters, so that 5 % can be told";
        return refuse("n_nulls", f64::from(options.n_nulls), hint);
    }
    if options.most_rows < 20 {
        return refuse(
            "most_rows",
            options.most_rows as f64,
            "measure at least 20 rows; 2,000 or more are usual",
        );
    }
    if !(0.0..=1.0).contains(&options.least_jaccard) {
        return refuse("least_jaccard", options.least_jaccard, "give a share from 0 to 1; 0.75 is usual");
    }
    Ok(())
}

/// The stability of each cluster.
fn of_clusters<C: Assign>(
    points: &Points,
    n_clusters: usize,
    fit: &(impl Fn(&Points, usize, u64) -> Result<C, ClusterError> + Sync),
    n_resamples: u32,
    seed: u64,
) -> Result<Vec<ClusterStability>, ClusterError> {
    let labels = labels_of(&fit(points, n_clusters, seed)?, points)?;
    let resampled: Result<Vec<_>, ClusterError> = (0..u64::from(n_resamples))
        .into_par_iter()
        .map(|resample| {
            let seed = seed_at(seed, resample);
            let rows = drawn(points.n_rows(), seed);
            let points = points.at(&rows);
            let found = labels_of(&fit(&points, n_clusters, seed)?, &points)?;
            let before: Vec<u32> = rows.iter().map(|row| labels[*row]).collect();
            likeness(&before, &found)
        })
        .collect();
    let resampled = resampled?;
    let of_cluster = |cluster: u32| {
        // A cluster of which nobody was drawn says nothing.
        let found = resampled.iter().flatten().filter(|likeness| likeness.cluster == cluster);
        let (mut n, mut sum, mut n_dissolved) = (0.0_f64, 0.0, 0.0);
        for likeness in found {
            n += 1.0;
            sum += likeness.jaccard;
            n_dissolved += f64::from(u8::from(likeness.jaccard <= 0.5));
        }
        let share = |sum: f64| if n > 0.0 { sum / n } else { 0.0 };
        let n_rows = labels.iter().filter(|label| **label == cluster).count();
        ClusterStability { cluster, n_rows, mean_jaccard: share(sum), dissolved: share(n_dissolved) }
    };
    Ok(distinct(&labels).into_iter().map(of_cluster).collect())
}

/// The stability of the least stable cluster; 0 where there are no clusters.
fn least(clusters: &[ClusterStability]) -> f64 {
    clusters.iter().map(|cluster| cluster.mean_jaccard).reduce(f64::min).unwrap_or(0.0)
}
