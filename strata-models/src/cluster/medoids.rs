//! Clusters around rows that stand for them: partitioning around medoids, from any dissimilarities.
//!
//! The cost is the sum of all rows' dissimilarities from the nearest medoid. BUILD takes as medoids one row
//! after another, each the one that makes the cost least; SWAP exchanges a medoid for another row as long as
//! that makes the cost smaller, each time by the best of all exchanges. What a row would gain against all k
//! medoids is added up in one pass over the rows, not in k.
//!
//! Kaufman, L. and Rousseeuw, P. J. (1990). Finding Groups in Data, chapter 2. Schubert, E. and Rousseeuw, P.
//! J. (2021). Fast and eager k-medoids clustering. Information Systems 101, 101804 (FastPAM1).

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::error::ClusterError;
use super::gower::Dissimilarities;

/// Clusters around medoids, in the order of their sizes, the largest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Medoids {
    /// The row that stands for each cluster.
    pub rows: Vec<usize>,
    /// The cluster of each row.
    pub labels: Vec<usize>,
    /// The sum of the rows' dissimilarities from their medoids.
    pub cost: f64,
    /// The mean over all rows of `(b − a) / max(a, b)`, with a the mean dissimilarity from the other rows of
    /// the cluster, b the least from those of another one, and 0 for clusters of one row (Rousseeuw 1987);
    /// none for one cluster.
    pub silhouette: Option<f64>,
    /// How many exchanges there were.
    pub n_swaps: usize,
    /// Whether no further exchange makes the cost smaller.
    pub converged: bool,
}

impl Medoids {
    /// Clusters the rows; the same for the same dissimilarities.
    ///
    /// Refuses no clusters, and fewer rows that differ from each other than clusters.
    pub fn fit(
        dissimilarities: &Dissimilarities,
        n_clusters: usize,
        most_swaps: usize,
    ) -> Result<Medoids, ClusterError> {
        if n_clusters == 0 {
            let hint = "choose 1 or more, such as 5";
            return Err(ClusterError::Option { option: "n_clusters", value: 0.0, hint });
        }
        let mut search = Search::build(dissimilarities, n_clusters)?;
        let (mut n_swaps, mut converged) = (0, false);
        while n_swaps < most_swaps && !converged {
            match search.best_swap() {
                Some((medoid, row)) => {
                    search.medoids[medoid] = row;
                    search.look();
                    n_swaps += 1;
                }
                None => converged = true,
            }
        }
        Ok(search.describe(n_swaps, converged))
    }
}

/// An exchange is worth making where the cost becomes smaller by this part of itself, more than rounding.
const LEAST_GAIN: f64 = 1e-12;

struct Search<'a> {
    dissimilarities: &'a Dissimilarities,
    medoids: Vec<usize>,
    nearest: Vec<Near>,
}

/// A row's nearest medoid, its dissimilarity, and that of the next one.
#[derive(Debug, Clone, Copy)]
struct Near {
    medoid: usize,
    first: f64,
    second: f64,
}

impl Search<'_> {
    fn build(dissimilarities: &Dissimilarities, n_clusters: usize) -> Result<Search<'_>, ClusterError> {
        let n_rows = dissimilarities.n_rows();
        let (mut medoids, mut nearest) = (vec![], vec![f64::INFINITY; n_rows]);
        while medoids.len() < n_clusters {
            let cost = |row: usize| {
                let pairs = dissimilarities.of(row).zip(&nearest);
                (pairs.map(|(own, nearest)| own.min(*nearest)).sum::<f64>(), row)
            };
            // A row that is like a medoid already cannot have a cluster of its own.
            let left = (0..n_rows).into_par_iter().filter(|row| nearest[*row] > 0.0);
            let Some((_, row)) = left.map(cost).reduce_with(lesser) else {
                return Err(ClusterError::TooFewRows { n_distinct: medoids.len(), n_clusters });
            };
            medoids.push(row);
            nearest.iter_mut().zip(dissimilarities.of(row)).for_each(|(near, own)| *near = near.min(own));
        }
        let mut search = Search { dissimilarities, medoids, nearest: vec![] };
        search.look();
        Ok(search)
    }

    /// Finds each row's nearest medoids.
    fn look(&mut self) {
        let none = Near { medoid: 0, first: f64::INFINITY, second: f64::INFINITY };
        let mut nearest = vec![none; self.dissimilarities.n_rows()];
        for (medoid, row) in self.medoids.iter().enumerate() {
            for (near, own) in nearest.iter_mut().zip(self.dissimilarities.of(*row)) {
                if own < near.first {
                    *near = Near { medoid, first: own, second: near.first };
                } else {
                    near.second = near.second.min(own);
                }
            }
        }
        self.nearest = nearest;
    }

    fn cost(&self) -> f64 {
        self.nearest.iter().map(|near| near.first).sum()
    }

    /// The exchange that makes the cost least, of a medoid for a row; none where none makes it smaller.
    fn best_swap(&self) -> Option<(usize, usize)> {
        if self.medoids.len() == 1 {
            // BUILD has found the best one already.
            return None;
        }
        let mut removal = vec![0.0; self.medoids.len()];
        self.nearest.iter().for_each(|near| removal[near.medoid] += near.second - near.first);
        let best_of = |row: usize| {
            let (mut changes, mut shared) = (removal.clone(), 0.0);
            for (own, near) in self.dissimilarities.of(row).zip(&self.nearest) {
                if own < near.first {
                    shared += own - near.first;
                    changes[near.medoid] += near.first - near.second;
                } else if own < near.second {
                    changes[near.medoid] += own - near.second;
                }
            }
            let best =
                changes.into_iter().enumerate().map(|(medoid, change)| (change, medoid)).reduce(lesser);
            let (change, medoid) = best.unwrap_or((f64::INFINITY, 0));
            (change + shared, (row, medoid))
        };
        let others = (0..self.nearest.len()).into_par_iter().filter(|row| !self.medoids.contains(row));
        let (change, (row, medoid)) = others.map(best_of).reduce_with(lesser)?;
        (change < -LEAST_GAIN * self.cost()).then_some((medoid, row))
    }

    fn describe(self, n_swaps: usize, converged: bool) -> Medoids {
        let mut sizes = vec![0; self.medoids.len()];
        self.nearest.iter().for_each(|near| sizes[near.medoid] += 1);
        let mut order: Vec<usize> = (0..sizes.len()).collect();
        order.sort_by(|one, other| sizes[*other].cmp(&sizes[*one]));
        let mut place_of = vec![0; order.len()];
        order.iter().enumerate().for_each(|(place, medoid)| place_of[*medoid] = place);
        let labels: Vec<usize> = self.nearest.iter().map(|near| place_of[near.medoid]).collect();
        let silhouette =
            (order.len() > 1).then(|| silhouette(self.dissimilarities, &labels, self.medoids.len()));
        let rows = order.iter().map(|medoid| self.medoids[*medoid]).collect();
        Medoids { rows, cost: self.cost(), labels, silhouette, n_swaps, converged }
    }
}

/// The lesser by its number, of equal ones by what comes next: the same in any order of comparing.
fn lesser<T: PartialOrd>(one: (f64, T), other: (f64, T)) -> (f64, T) {
    if other.0 < one.0 || (other.0 == one.0 && other.1 < one.1) { other } else { one }
}

/// The mean silhouette of clusters, none of them empty.
fn silhouette(dissimilarities: &Dissimilarities, labels: &[usize], n_clusters: usize) -> f64 {
    let mut sizes = vec![0.0; n_clusters];
    labels.iter().for_each(|label| sizes[*label] += 1.0);
    let of = |row: usize| {
        let mut sums = vec![0.0; n_clusters];
        dissimilarities.of(row).zip(labels).for_each(|(own, label)| sums[*label] += own);
        let own = labels[row];
        if sizes[own] == 1.0 {
            return 0.0;
        }
        let within = sums[own] / (sizes[own] - 1.0);
        let others = (0..n_clusters).filter(|cluster| *cluster != own);
        let between = others.map(|cluster| sums[cluster] / sizes[cluster]).fold(f64::INFINITY, f64::min);
        let larger = within.max(between);
        if larger > 0.0 { (between - within) / larger } else { 0.0 }
    };
    let all: Vec<f64> = (0..labels.len()).into_par_iter().map(of).collect();
    all.iter().sum::<f64>() / labels.len() as f64
}

#[cfg(test)]
mod tests;
