//! How alike two clusterings are, and which cluster of one is which of the other, so that "cluster 3" keeps its meaning from run to
//! run.
//!
//! Rows that are [`OUTSIDE`] all clusters in either count in no figure; the migration table shows them.

mod assignment;
#[cfg(test)]
mod tests;

use self::assignment::assignment;
use super::error::ClusterError;
use super::partition::{OUTSIDE, distinct, same_length};
use super::points::Points;
use std::collections::BTreeMap;

/// Two clusters with less in common than this share of their union are not one that changed, but two.
pub const LEAST_JACCARD: f64 = 0.25;

/// How many rows are in each cluster of one clustering and each of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contingency {
    /// The labels of the first that occur, in their order; [`OUTSIDE`], the greatest, is last.
    pub rows: Vec<u32>,
    /// Those of the second.
    pub columns: Vec<u32>,
    /// Rows in both, row after row.
    counts: Vec<u64>,
}

impl Contingency {
    /// Counts. Time O(n log n).
    ///
    /// # Errors
    /// [`ClusterError::Lengths`] where there is not one label of each for every row.
    pub fn of(one: &[u32], other: &[u32]) -> Result<Contingency, ClusterError> {
        same_length(other, one.len())?;
        let with_outside = |labels: &[u32]| {
            let mut found = distinct(labels);
            found.extend(labels.contains(&OUTSIDE).then_some(OUTSIDE));
            found
        };
        let (rows, columns) = (with_outside(one), with_outside(other));
        let mut cells: BTreeMap<(u32, u32), u64> = BTreeMap::new();
        for cell in one.iter().copied().zip(other.iter().copied()) {
            *cells.entry(cell).or_default() += 1;
        }
        let at = |row, column| cells.get(&(row, column)).copied().unwrap_or(0);
        let counts =
            rows.iter().flat_map(|row| columns.iter().map(move |column| at(*row, *column))).collect();
        Ok(Contingency { rows, columns, counts })
    }

    /// How many are in a row's cluster and a column's, by their places.
    pub fn at(&self, row: usize, column: usize) -> u64 {
        self.counts[row * self.columns.len() + column]
    }

    /// How many are in a cluster of the first.
    pub fn row_sum(&self, row: usize) -> u64 {
        (0..self.columns.len()).map(|column| self.at(row, column)).sum()
    }

    /// How many are in a cluster of the second.
    pub fn column_sum(&self, column: usize) -> u64 {
        (0..self.rows.len()).map(|row| self.at(row, column)).sum()
    }

    /// What two clusters share, of all that either has: `|A ∩ B| / |A ∪ B|`.
    pub fn jaccard(&self, row: usize, column: usize) -> f64 {
        let both = self.at(row, column);
        both as f64 / (self.row_sum(row) + self.column_sum(column) - both) as f64
    }

    /// The places of the clusters, without [`OUTSIDE`].
    fn clusters(labels: &[u32]) -> usize {
        labels.iter().take_while(|label| **label != OUTSIDE).count()
    }
}

/// The adjusted Rand index: 1 for the same clustering, about 0 for two that have nothing to do with each other.
///
/// With counts nᵢⱼ, their sums aᵢ and bⱼ, `C(x) = x (x − 1) / 2` and `e = Σ C(aᵢ) Σ C(bⱼ) / C(n)`, it is
/// `(Σ C(nᵢⱼ) − e) / ((Σ C(aᵢ) + Σ C(bⱼ)) / 2 − e)`; 1 where both have a single cluster or both one for each row.
///
/// Hubert, L. and Arabie, P. (1985). Comparing partitions. Journal of Classification 2, 193–218.
///
/// # Errors
/// [`ClusterError::Lengths`] where there is not one label of each for every row, [`ClusterError::NoRows`] where no row is in a cluster
/// of both.
pub fn adjusted_rand(one: &[u32], other: &[u32]) -> Result<f64, ClusterError> {
    same_length(other, one.len())?;
    let inside = |label: &u32| *label != OUTSIDE;
    let pairs = one.iter().copied().zip(other.iter().copied()).filter(|(a, b)| inside(a) && inside(b));
    let (one, other): (Vec<u32>, Vec<u32>) = pairs.unzip();
    if one.is_empty() {
        return Err(ClusterError::NoRows);
    }
    let table = Contingency::of(&one, &other)?;
    let choose = |n: u64| n as f64 * (n as f64 - 1.0) / 2.0;
    let within: f64 = table.counts.iter().map(|n| choose(*n)).sum();
    let of_rows: f64 = (0..table.rows.len()).map(|row| choose(table.row_sum(row))).sum();
    let of_columns: f64 = (0..table.columns.len()).map(|column| choose(table.column_sum(column))).sum();
    let all = choose(one.len() as u64);
    let expected = if all > 0.0 { of_rows * of_columns / all } else { 0.0 };
    let most = (of_rows + of_columns) / 2.0;
    Ok(if most - expected > 0.0 { (within - expected) / (most - expected) } else { 1.0 })
}

/// A cluster and the one most like it in another clustering.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Likeness {
    /// The cluster.
    pub cluster: u32,
    /// The most like it; none where the other has no clusters.
    pub most_like: Option<u32>,
    /// `|A ∩ B| / |A ∪ B|`, from 0 to 1.
    pub jaccard: f64,
}

/// For each cluster of the first clustering the most like it in the second.
///
/// # Errors
/// [`ClusterError::Lengths`] where there is not one label of each for every row.
pub fn likeness(one: &[u32], other: &[u32]) -> Result<Vec<Likeness>, ClusterError> {
    let table = Contingency::of(one, other)?;
    let n_others = Contingency::clusters(&table.columns);
    let of_row = |row: usize| {
        let all = (0..n_others).map(|column| (table.jaccard(row, column), column));
        let best = all.reduce(|best, next| if next.0 > best.0 { next } else { best });
        Likeness {
            cluster: table.rows[row],
            most_like: best.map(|(_, column)| table.columns[column]),
            jaccard: best.map_or(0.0, |(jaccard, _)| jaccard),
        }
    };
    Ok((0..Contingency::clusters(&table.rows)).map(of_row).collect())
}

/// Which clusters of an earlier run are which of a later one.
#[derive(Debug, Clone, PartialEq)]
pub struct Matching {
    /// The clusters that both have.
    pub kept: Vec<Kept>,
    /// Those of the later run that were not there.
    pub new: Vec<u32>,
    /// Those of the earlier run that are no more.
    pub gone: Vec<u32>,
    /// The adjusted Rand index of both; none where the rows differ.
    pub adjusted_rand: Option<f64>,
    /// How many went from where (rows, earlier) to where (columns, later); none where the rows differ.
    pub migration: Option<Contingency>,
    /// The label that each cluster of the later run goes by, in the order of its own labels: the earlier one where it was kept, otherwise
    /// the next that the earlier run did not use.
    pub permutation: Vec<(u32, u32)>,
}

/// A cluster of two runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kept {
    /// Its label in the earlier run.
    pub previous: u32,
    /// Its label in the later run.
    pub now: u32,
    /// How alike they are: the Jaccard coefficient of their rows, or the distance of their centres.
    pub likeness: f64,
}

impl Matching {
    /// The labels of the later run in the words of the earlier one.
    pub fn rename(&self, labels: &[u32]) -> Vec<u32> {
        let names: BTreeMap<u32, u32> = self.permutation.iter().copied().collect();
        labels.iter().map(|label| names.get(label).copied().unwrap_or(*label)).collect()
    }

    fn of(previous: &[u32], now: &[u32], kept: Vec<Kept>) -> Matching {
        let kept_as = |label: u32| kept.iter().find(|kept| kept.now == label);
        let is_gone = |label: &&u32| !kept.iter().any(|kept| kept.previous == **label);
        let mut free = previous.last().map_or(0, |greatest| greatest + 1);
        let mut permutation = Vec::with_capacity(now.len());
        for label in now {
            let name = kept_as(*label).map_or(free, |kept| kept.previous);
            free += u32::from(name == free);
            permutation.push((*label, name));
        }
        let new = now.iter().copied().filter(|label| kept_as(*label).is_none()).collect();
        let gone = previous.iter().filter(is_gone).copied().collect();
        Matching { new, gone, kept, adjusted_rand: None, migration: None, permutation }
    }
}

/// Matches the clusters of two runs over the same rows, so that as many rows as possible keep their cluster; two with a Jaccard
/// coefficient below `least_jaccard` ([`LEAST_JACCARD`] is usual) are not matched.
///
/// # Errors
/// [`ClusterError::Lengths`] where there is not one label of each for every row, [`ClusterError::Option`] for a `least_jaccard` not
/// from 0 to 1, [`ClusterError::NoRows`] where no row is in a cluster of both.
pub fn matched(previous: &[u32], now: &[u32], least_jaccard: f64) -> Result<Matching, ClusterError> {
    if !(0.0..=1.0).contains(&least_jaccard) {
        let hint = "give a share from 0 to 1";
        return Err(ClusterError::Option { option: "least_jaccard", value: least_jaccard, hint });
    }
    let agreement = adjusted_rand(previous, now)?;
    let table = Contingency::of(previous, now)?;
    let (n_previous, n_now) = (Contingency::clusters(&table.rows), Contingency::clusters(&table.columns));
    let places = (0..n_previous).flat_map(|row| (0..n_now).map(move |column| (row, column)));
    // Pairs that will not be matched must not keep others from it.
    let is_one = |row, column| table.at(row, column) > 0 && table.jaccard(row, column) >= least_jaccard;
    let gain = |row, column| if is_one(row, column) { table.at(row, column) as f64 } else { 0.0 };
    let cost: Vec<f64> = places.map(|(row, column)| -gain(row, column)).collect();
    let mut kept = Vec::new();
    for (row, column) in assignment(&cost, n_now).into_iter().enumerate() {
        let Some(column) = column else { continue };
        if is_one(row, column) {
            let likeness = table.jaccard(row, column);
            kept.push(Kept { previous: table.rows[row], now: table.columns[column], likeness });
        }
    }
    let matching = Matching::of(&table.rows[..n_previous], &table.columns[..n_now], kept);
    Ok(Matching { adjusted_rand: Some(agreement), migration: Some(table), ..matching })
}

/// Matches the clusters of two runs over different rows by their centres, so that the squares of their distances sum up to least; two
/// farther apart than `farthest` (infinity for no limit) are not matched. Clusters are labelled by their places.
///
/// # Errors
/// [`ClusterError::Lengths`] where the centres do not have the same columns, [`ClusterError::Option`] for a `farthest` that is no
/// distance.
pub fn matched_centres(previous: &Points, now: &Points, farthest: f64) -> Result<Matching, ClusterError> {
    if previous.n_columns() != now.n_columns() {
        let (n_values, n_rows) = (now.n_columns(), previous.n_columns());
        return Err(ClusterError::Lengths { column: "centre".to_owned(), n_values, n_rows });
    }
    if farthest.is_nan() || farthest < 0.0 {
        let hint = "give a distance of 0 or more";
        return Err(ClusterError::Option { option: "farthest", value: farthest, hint });
    }
    let square =
        |one: &[f64], other: &[f64]| one.iter().zip(other).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
    let squares: Vec<f64> =
        previous.rows().flat_map(|one| now.rows().map(move |other| square(one, other))).collect();
    // Pairs that will not be matched must not keep others from it: how far apart they are does not count.
    let cost: Vec<f64> = squares.iter().map(|square| square.min(farthest * farthest)).collect();
    let mut kept = Vec::new();
    for (row, column) in assignment(&cost, now.n_rows()).into_iter().enumerate() {
        let Some(column) = column else { continue };
        let distance = squares[row * now.n_rows() + column].sqrt();
        if distance <= farthest {
            kept.push(Kept { previous: row as u32, now: column as u32, likeness: distance });
        }
    }
    let labels = |points: &Points| (0..points.n_rows() as u32).collect::<Vec<u32>>();
    Ok(Matching::of(&labels(previous), &labels(now), kept))
}
