//! How much clusters say about customers: variance explained, sizes and differences.

use super::ChoiceOptions;
use super::reason::Shortfall;
use crate::cluster::error::ClusterError;
use crate::cluster::partition::{Assign, distinct, labels_of};
use crate::cluster::points::Points;
use crate::cluster::resample::{permuted, seed_at};
use crate::cluster::stability::percentile_95;
use crate::effect::{Moments, hedges_g};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// The share of variance within reach of clusters, `1 − W / T`: W the squares about the means of clusters, T those about the mean.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Explained {
    /// That of the clusters found.
    pub share: f64,
    /// Its median with columns in orders of their own.
    pub null_median: f64,
    /// Its 95th percentile with columns in orders of their own.
    pub null_percentile_95: f64,
    /// The share above that median: what there is to gain because traits hang together.
    pub gain: f64,
}

/// How large and how different clusters are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Usefulness {
    /// How many clusters have rows.
    pub n_found: usize,
    /// The share of rows that the smallest has; 0 where there are no clusters.
    pub smallest_share: f64,
    /// How many variables there are.
    pub n_variables: usize,
    /// The pair of clusters that the fewest variables tell apart, and how many do; none with fewer than two clusters.
    pub most_alike: Option<((u32, u32), usize)>,
}

impl Usefulness {
    pub(super) fn too_small(&self, options: &ChoiceOptions) -> Option<Shortfall> {
        let (share, least) = (self.smallest_share, options.least_share);
        (share < least).then_some(Shortfall::SmallCluster { share, least })
    }

    pub(super) fn too_alike(&self, options: &ChoiceOptions) -> Option<Shortfall> {
        let Some((clusters, n_variables)) = self.most_alike else {
            return Some(Shortfall::TooFew { n_found: self.n_found });
        };
        let least = options.n_different.min(self.n_variables);
        (n_variables < least).then_some(Shortfall::Alike { clusters, n_variables, least })
    }
}

/// The same columns in orders of their own, several times.
pub(super) struct Nulls {
    data: Vec<Points>,
    seed: u64,
}

impl Nulls {
    pub(super) fn of(points: &Points, n_nulls: u32, seed: u64) -> Nulls {
        let data = (0..u64::from(n_nulls))
            .into_par_iter()
            .map(|null| permuted(points, seed_at(seed, null)))
            .collect();
        Nulls { data, seed }
    }
}

/// How much clusters with those labels explain, against those of data whose columns have nothing to do with each other.
pub(super) fn explained<C: Assign>(
    points: &Points,
    labels: &[u32],
    n_clusters: usize,
    fit: &(impl Fn(&Points, usize, u64) -> Result<C, ClusterError> + Sync),
    nulls: &Nulls,
) -> Result<Explained, ClusterError> {
    let share = share_explained(points, labels);
    let shares: Result<Vec<f64>, ClusterError> = nulls
        .data
        .par_iter()
        .enumerate()
        .map(|(null, points)| {
            let clustering = fit(points, n_clusters, seed_at(nulls.seed, null as u64))?;
            Ok(share_explained(points, &labels_of(&clustering, points)?))
        })
        .collect();
    let mut shares = shares?;
    shares.sort_unstable_by(f64::total_cmp);
    let null_median = shares.get(shares.len() / 2).copied().unwrap_or(1.0);
    Ok(Explained {
        share,
        null_median,
        null_percentile_95: percentile_95(&shares),
        gain: share - null_median,
    })
}

/// `1 − W / T`; rows outside all clusters are as far off as without any. 0 where nothing varies.
fn share_explained(points: &Points, labels: &[u32]) -> f64 {
    let clusters = distinct(labels);
    let (mut between, mut total) = (0.0, 0.0);
    for column in 0..points.n_columns() {
        let n = points.n_rows() as f64;
        let mean = points.rows().map(|row| row[column] / n).sum::<f64>();
        total += points.rows().map(|row| (row[column] - mean).powi(2)).sum::<f64>();
        let mut sums = vec![(0.0_f64, 0.0); clusters.len()];
        for (row, label) in points.rows().zip(labels) {
            if let Ok(place) = clusters.binary_search(label) {
                sums[place].0 += 1.0;
                sums[place].1 += row[column] - mean;
            }
        }
        between += sums.iter().map(|(n, sum)| sum * sum / n).sum::<f64>();
    }
    if total > 0.0 { (between / total).clamp(0.0, 1.0) } else { 0.0 }
}

/// How large and how different clusters with those labels are.
pub(super) fn usefulness(points: &Points, labels: &[u32], options: &ChoiceOptions) -> Usefulness {
    let clusters = distinct(labels);
    let n_variables = points.n_columns();
    let n = points.n_rows() as f64;
    let mean: Vec<f64> =
        (0..n_variables).map(|column| points.rows().map(|row| row[column] / n).sum()).collect();
    let mut moments = vec![vec![Moments::default(); n_variables]; clusters.len()];
    for (row, label) in points.rows().zip(labels) {
        if let Ok(place) = clusters.binary_search(label) {
            moments[place].iter_mut().zip(row).zip(&mean).for_each(|((m, x), mean)| m.push(x - mean));
        }
    }
    let sizes = moments.iter().map(|of_cluster| of_cluster[0].n as f64 / n);
    let smallest_share = sizes.reduce(f64::min).unwrap_or(0.0);
    let tells = |one: &Moments, other: &Moments| match hedges_g(one, other) {
        Some(g) => g.abs() >= options.least_difference,
        // Neither varies, or a cluster has one row: they differ where their means do.
        None => one.mean() != other.mean(),
    };
    let mut most_alike: Option<((u32, u32), usize)> = None;
    for one in 0..clusters.len() {
        for other in one + 1..clusters.len() {
            let n_telling = moments[one].iter().zip(&moments[other]).filter(|(a, b)| tells(a, b)).count();
            if most_alike.is_none_or(|(_, fewest)| n_telling < fewest) {
                most_alike = Some(((clusters[one], clusters[other]), n_telling));
            }
        }
    }
    Usefulness { n_found: clusters.len(), smallest_share, n_variables, most_alike }
}
