//! Silhouettes: how much nearer a row lies to its own cluster than to the next one.
//!
//! `s = (b − a) / max(a, b)`, with a the mean distance to the other rows of its cluster and b the least mean distance to the rows of
//! another one; 0 for the only row of a cluster. Rousseeuw, P. J. (1987). Silhouettes: a graphical aid to the interpretation and
//! validation of cluster analysis. Journal of Computational and Applied Mathematics 20, 53–65.
//!
//! Distances are taken in double precision whatever the number of rows, each once: it counts for both of its rows.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::blocks::{Blocks, LANES};
use super::error::ClusterError;
use super::k_means::KMeans;
use super::points::Points;
use super::roots::{Measure, measure};
use super::spread::Spread;

/// Rows of a tile: a pair of tiles and its sums stay in the nearest cache.
const TILE: usize = 256;

/// Silhouettes of clustered rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Silhouette {
    /// The mean over all rows, −1 to 1.
    pub mean: f64,
    /// The mean over the rows of each cluster; none where it has no rows.
    pub clusters: Vec<Option<f64>>,
    /// Each row's own.
    pub rows: Vec<f64>,
}

/// The silhouettes of rows by the distances of all pairs, in O(n²) time and O(n k) memory.
///
/// # Errors
/// Labels that do not fit the rows; fewer than two clusters with rows; values too large to be squared.
pub fn silhouette(points: &Points, labels: &[u32]) -> Result<Silhouette, ClusterError> {
    let sizes = sizes(points, labels)?;
    Spread::of(points)?;
    let sums = sums(points, labels, &sizes);
    let rows = sums.chunks_exact(sizes.len()).zip(labels);
    let rows = rows.map(|(sums, label)| of_row(sums, *label as usize, &sizes)).collect();
    Ok(summary(rows, labels, &sizes))
}

/// Simplified silhouettes: a and b are the distances to a row's own centre and to the nearest other one. In O(n k) time.
///
/// Hruschka, E. R., de Castro, L. N. and Campello, R. J. G. B. (2004). Evolutionary algorithms for clustering gene-expression data. IEEE
/// International Conference on Data Mining, 403–406.
///
/// # Errors
/// As [`silhouette`]; labels beyond the centres; points of another space.
pub fn simplified_silhouette(
    points: &Points,
    labels: &[u32],
    model: &KMeans,
) -> Result<Silhouette, ClusterError> {
    let mut sizes = sizes(points, labels)?;
    if sizes.len() > model.centres.len() {
        return Err(label_out_of_range((sizes.len() - 1) as f64));
    }
    sizes.resize(model.centres.len(), 0);
    Spread::of(points)?;
    let mut rows = vec![];
    let distances = model.distances(points)?;
    for (distances, label) in distances.chunks_exact(sizes.len()).zip(labels) {
        let own = distances[*label as usize];
        let others = distances.iter().enumerate().filter(|(centre, _)| centre != &(*label as usize));
        let other = others.fold(f64::INFINITY, |least, (_, distance)| least.min(*distance));
        rows.push(ratio(own, other));
    }
    Ok(summary(rows, labels, &sizes))
}

/// Rows of one cluster, with the sums of their distances.
struct Tile {
    /// The same rows one by one and in blocks.
    rows: Points,
    blocks: Blocks<f64>,
    places: Vec<usize>,
    cluster: usize,
    /// By row, to each cluster.
    sums: Vec<f64>,
}

/// The sum of the distances of each row to the rows of each cluster.
///
/// Each pair of tiles is measured once, for both. Tiles meet like players of a tournament: in a round, each meets one other, so that a
/// round's pairs can be measured side by side, and a tile's sums grow in the order of the rounds, whatever the threads.
fn sums(points: &Points, labels: &[u32], sizes: &[usize]) -> Vec<f64> {
    let n_clusters = sizes.len();
    let measure = measure(points.n_columns());
    let mut tiles = tiles(points, labels, sizes);
    tiles.par_iter_mut().for_each(|tile| tile.meet_itself(measure));
    let n_players = tiles.len().next_multiple_of(2);
    for round in 1..n_players {
        let mut players: Vec<Option<&mut Tile>> = tiles.iter_mut().map(Some).collect();
        players.resize_with(n_players, || None);
        let turn = n_players - 1;
        let pairs = (0..n_players / 2).map(|pair| {
            let one = if pair == 0 { turn } else { (round + pair) % turn };
            let other = (round + turn - pair) % turn;
            (players[one].take(), players[other].take())
        });
        let pairs: Vec<_> = pairs.collect();
        pairs.into_par_iter().for_each(|pair| {
            if let (Some(one), Some(other)) = pair {
                one.meet(other, measure);
            }
        });
    }
    let mut sums = vec![0.0; labels.len() * n_clusters];
    for tile in tiles {
        for (place, of_row) in tile.places.iter().zip(tile.sums.chunks_exact(n_clusters)) {
            sums[place * n_clusters..(place + 1) * n_clusters].copy_from_slice(of_row);
        }
    }
    sums
}

fn tiles(points: &Points, labels: &[u32], sizes: &[usize]) -> Vec<Tile> {
    let mut rows: Vec<Vec<usize>> = sizes.iter().map(|size| Vec::with_capacity(*size)).collect();
    for (row, label) in labels.iter().enumerate() {
        rows[*label as usize].push(row);
    }
    let origin = vec![0.0; points.n_columns()];
    let tile = |(cluster, places): (usize, &[usize])| {
        let rows = points.at(places);
        let blocks = Blocks::new(&rows, &origin, 1.0);
        let sums = vec![0.0; places.len() * sizes.len()];
        Tile { rows, blocks, places: places.to_vec(), cluster, sums }
    };
    rows.iter()
        .enumerate()
        .flat_map(|(cluster, rows)| rows.chunks(TILE).map(move |places| (cluster, places)))
        .map(tile)
        .collect()
}

impl Tile {
    fn meet_itself(&mut self, measure: Measure) {
        let (own, _) = self.distances(self, measure);
        self.add(self.cluster, &own);
    }

    fn meet(&mut self, other: &mut Tile, measure: Measure) {
        let (own, others) = self.distances(other, measure);
        self.add(other.cluster, &own);
        other.add(self.cluster, &others);
    }

    fn add(&mut self, cluster: usize, sums: &[f64]) {
        let n_clusters = self.sums.len() / self.places.len();
        for (to, sum) in self.sums.chunks_exact_mut(n_clusters).zip(sums) {
            to[cluster] += sum;
        }
    }

    /// The sums of the distances of these rows to the others, and of the others to these.
    fn distances(&self, other: &Tile, measure: Measure) -> (Vec<f64>, Vec<f64>) {
        let (n_full, n_left) = (other.places.len() / LANES, other.places.len() % LANES);
        let (full, last) = other.blocks.columns().split_at(n_full * self.rows.n_columns());
        let mut others = vec![[0.0; LANES]; other.places.len().div_ceil(LANES)];
        let (others_full, others_last) = others.split_at_mut(n_full);
        let of_row = |row| {
            let own = measure(row, full, others_full);
            // The last block is filled up with rows that are none.
            let rest = measure(row, last, others_last);
            own.iter().sum::<f64>() + rest[..n_left].iter().sum::<f64>()
        };
        let own = self.rows.rows().map(of_row).collect();
        (own, others.into_flattened())
    }
}

fn of_row(sums: &[f64], label: usize, sizes: &[usize]) -> f64 {
    if sizes[label] == 1 {
        return 0.0;
    }
    let own = sums[label] / (sizes[label] - 1) as f64;
    let others = sums.iter().zip(sizes).enumerate();
    let others = others.filter(|(cluster, (_, size))| *cluster != label && **size > 0);
    ratio(own, others.fold(f64::INFINITY, |least, (_, (sum, size))| least.min(sum / *size as f64)))
}

fn ratio(own: f64, other: f64) -> f64 {
    let most = own.max(other);
    if most > 0.0 { (other - own) / most } else { 0.0 }
}

fn summary(rows: Vec<f64>, labels: &[u32], sizes: &[usize]) -> Silhouette {
    let mut sums = vec![0.0; sizes.len()];
    for (row, label) in rows.iter().zip(labels) {
        sums[*label as usize] += row;
    }
    let mean = sums.iter().sum::<f64>() / rows.len() as f64;
    let clusters =
        sums.iter().zip(sizes).map(|(sum, size)| (*size > 0).then(|| sum / *size as f64)).collect();
    Silhouette { mean, clusters, rows }
}

/// The sizes of the clusters; refuses labels that do not fit.
fn sizes(points: &Points, labels: &[u32]) -> Result<Vec<usize>, ClusterError> {
    let n_rows = points.n_rows();
    if labels.len() != n_rows {
        return Err(ClusterError::Lengths { column: "labels".to_owned(), n_values: labels.len(), n_rows });
    }
    let most = labels.iter().max().map_or(0, |label| *label as usize);
    if most >= n_rows {
        return Err(label_out_of_range(most as f64));
    }
    let mut sizes = vec![0; most + 1];
    labels.iter().for_each(|label| sizes[*label as usize] += 1);
    if sizes.iter().filter(|size| **size > 0).count() < 2 {
        return Err(ClusterError::NotFound {
            model: "silhouette",
            reason: "all rows have one label",
            hint: "compare two or more clusters",
        });
    }
    Ok(sizes)
}

fn label_out_of_range(value: f64) -> ClusterError {
    ClusterError::Option { option: "labels", value, hint: "number the clusters from 0, without gaps" }
}

#[cfg(test)]
#[path = "tests/silhouette.rs"]
mod tests;
