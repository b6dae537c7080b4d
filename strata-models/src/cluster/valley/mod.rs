//! Whether there is a valley between clusters: a way to cut a continuum leaves none.
//!
//! Clusters may be stable and compact and still be cuts through one cloud; between groups, density falls. For each pair of clusters the
//! rows are laid along the line through both centres. If their numbers have two humps there, as Hartigan's dip tells, the groups are apart.
//!
//! Three precautions keep a cloud from looking like two groups. The clusters and the line come from one half of the rows and the humps
//! are looked for in the other, since a line that was chosen for its gap has one. Of the larger cluster only as many rows count as the
//! smaller one has, those nearest to it: a part of a single hump between two points is a single hump, and a small group is not lost
//! beside a large one. And all pairs have to be apart, since cuts of a cloud have neighbours that are not.
//!
//! Laying clusters on the line between them to look for humps: Kalogeratos, A. and Likas, A. (2012). Dip-means: an incremental
//! clustering method for estimating the number of clusters. Advances in Neural Information Processing Systems 25.

mod dip;
#[cfg(test)]
mod tests;

use self::dip::{chance, dip};
use super::error::ClusterError;
use super::partition::{Assign, OUTSIDE, distinct, labels_of};
use super::points::Points;
use super::resample::{halves, seed_at};
use serde::{Deserialize, Serialize};

/// A cluster with fewer rows in the other half cannot be shown to be apart from another.
const FEWEST_ROWS: usize = 8;
/// The dip is compared with this many samples with one hump.
const N_DRAWS: u32 = 499;
/// From here on a dip that matters is seen whatever the number of rows.
const MOST_ROWS: usize = 1000;

/// How surely two clusters are apart.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Valley {
    /// One cluster and the other, by their labels in the half that they were learned from.
    pub clusters: (u32, u32),
    /// The dip along the line through their centres, among the rows of the other half.
    pub dip: f64,
    /// The chance of such a dip where there is one hump; 1 where too few rows of the other half are in one of them.
    pub chance: f64,
}

/// The pair of clusters that is the least apart: the valley with the greatest chance, over both ways to take one half for learning and
/// the other for looking. None where a half has fewer than two clusters.
///
/// # Errors
/// What `fit` refuses.
pub fn least_valley<C: Assign>(
    points: &Points,
    n_clusters: usize,
    fit: &impl Fn(&Points, usize, u64) -> Result<C, ClusterError>,
    seed: u64,
) -> Result<Option<Valley>, ClusterError> {
    let (one, other) = halves(points.n_rows(), seed_at(seed, 0));
    if one.is_empty() || other.is_empty() {
        return Ok(None);
    }
    let (one, other) = (points.at(&one), points.at(&other));
    let mut least: Option<Valley> = None;
    for (way, (learned, looked)) in [(&one, &other), (&other, &one)].into_iter().enumerate() {
        let seed = seed_at(seed, 1 + way as u64);
        let clustering = fit(learned, n_clusters, seed)?;
        let centres = centres_of(learned, &labels_of(&clustering, learned)?);
        let labels = labels_of(&clustering, looked)?;
        if centres.len() < 2 {
            return Ok(None);
        }
        for (place, first) in centres.iter().enumerate() {
            for second in &centres[place + 1..] {
                let valley = between(looked, &labels, first, second, seed);
                if least.is_none_or(|least| (valley.chance, -valley.dip) > (least.chance, -least.dip)) {
                    least = Some(valley);
                }
            }
        }
    }
    Ok(least)
}

/// A cluster and the mean of its rows.
type Centre = (u32, Vec<f64>);

fn centres_of(points: &Points, labels: &[u32]) -> Vec<Centre> {
    let mut centres: Vec<Centre> =
        distinct(labels).into_iter().map(|label| (label, vec![0.0; points.n_columns()])).collect();
    let mut counts = vec![0.0_f64; centres.len()];
    for (row, label) in points.rows().zip(labels) {
        if *label == OUTSIDE {
            continue;
        }
        let place = centres.partition_point(|(other, _)| other < label);
        counts[place] += 1.0;
        // A running mean, which no sum can overflow.
        centres[place]
            .1
            .iter_mut()
            .zip(row)
            .for_each(|(mean, value)| *mean += (value - *mean) / counts[place]);
    }
    centres
}

fn between(points: &Points, labels: &[u32], first: &Centre, second: &Centre, seed: u64) -> Valley {
    let line: Vec<f64> = second.1.iter().zip(&first.1).map(|(b, a)| b - a).collect();
    let along = |label: u32| {
        let rows = points.rows().zip(labels).filter(move |(_, of_row)| **of_row == label);
        let mut places: Vec<f64> =
            rows.map(|(row, _)| row.iter().zip(&line).map(|(x, to)| x * to).sum()).collect();
        places.sort_unstable_by(f64::total_cmp);
        places
    };
    let (before, after) = (along(first.0), along(second.0));
    let n = before.len().min(after.len()).min(MOST_ROWS);
    let clusters = (first.0, second.0);
    if n < FEWEST_ROWS {
        return Valley { clusters, dip: 0.0, chance: 1.0 };
    }
    // Nearest to the other: the last of the first, the first of the second.
    let mut near: Vec<f64> = before[before.len() - n..].iter().chain(&after[..n]).copied().collect();
    near.sort_unstable_by(f64::total_cmp);
    let dip = dip(&near);
    Valley { clusters, dip, chance: chance(dip, near.len(), N_DRAWS, seed) }
}
