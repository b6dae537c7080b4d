//! Silhouettes: how much nearer a row lies to its own cluster than to the next one.
//!
//! `s = (b − a) / max(a, b)`, with a the mean distance to the other rows of its cluster and b the least mean distance to the rows of
//! another one; 0 for the only row of a cluster. Rousseeuw, P. J. (1987). Silhouettes: a graphical aid to the interpretation and
//! validation of cluster analysis. Journal of Computational and Applied Mathematics 20, 53–65.
//!
//! Up to 20,000 rows, distances are double. Above, where no value is farther than 4096 standard deviations from its mean, they
//! are taken in single precision and summed in double, sixteen at a time: with ε = 2⁻²⁴, columns m and points relative to their mean, a
//! distance is wrong by at most `ε (|x| + |y|) + ε (m / 2 + 3) |x − y|`, a mean of them by 16 ε of itself more, and a silhouette by twice
//! the larger of the two relative errors: for seven columns and points near each other's size, the tests allow 2·10⁻⁶.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::blocks::{LANES, Lanes, PACK, Packs, squares};
use super::error::ClusterError;
use super::k_means::KMeans;
use super::points::Points;
use super::real::Real;
use super::spread::Spread;

/// Up to so many rows, distances are taken in double precision.
const MOST_DOUBLE: usize = 20_000;

/// Rows of a tile: a pair of tiles and its sums stay in the nearest cache.
const TILE: usize = 256;

/// So many distances are summed in their own precision before the sum is added to one in double precision.
const SUMMED: usize = 16;

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
    let spread = Spread::of(points)?;
    let deviation = spread.mean_variance.sqrt();
    let sums = if points.n_rows() <= MOST_DOUBLE || spread.most > 4096.0 * deviation {
        sums::<f64, 4>(points, labels, &sizes, &vec![0.0; points.n_columns()], 1.0)
    } else {
        // A power of two: nothing is rounded.
        let scale = 2.0_f64.powi(-deviation.log2().round() as i32);
        sums::<f32, 8>(points, labels, &sizes, &spread.means, scale)
    };
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
struct Tile<T> {
    /// The same rows in blocks and in packs; both filled up with the last row.
    blocks: Vec<Lanes<T>>,
    packs: Packs<T>,
    places: Vec<usize>,
    cluster: usize,
    /// By row, to each cluster.
    sums: Vec<f64>,
}

/// The sum of the distances of each row to the rows of each cluster.
///
/// Each pair of tiles is measured once, for both. Tiles meet like players of a tournament: in a round, each meets one other, so that a
/// round's pairs can be measured side by side, and a tile's sums grow in the order of the rounds, whatever the threads.
fn sums<T: Real, const WIDTH: usize>(
    points: &Points,
    labels: &[u32],
    sizes: &[usize],
    origin: &[f64],
    scale: f64,
) -> Vec<f64> {
    let n_clusters = sizes.len();
    let mut tiles = tiles::<T>(points, labels, sizes, origin, scale);
    tiles.par_iter_mut().for_each(Tile::meet_itself::<WIDTH>);
    let n_players = tiles.len().next_multiple_of(2);
    for round in 1..n_players {
        let mut players: Vec<Option<&mut Tile<T>>> = tiles.iter_mut().map(Some).collect();
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
                one.meet::<WIDTH>(other);
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

fn tiles<T: Real>(
    points: &Points,
    labels: &[u32],
    sizes: &[usize],
    origin: &[f64],
    scale: f64,
) -> Vec<Tile<T>> {
    let mut rows: Vec<Vec<usize>> = sizes.iter().map(|size| Vec::with_capacity(*size)).collect();
    for (row, label) in labels.iter().enumerate() {
        rows[*label as usize].push(row);
    }
    let n_columns = points.n_columns();
    let tile = |(cluster, places): (usize, &[usize])| {
        let mut values: Vec<f64> = vec![];
        for place in places {
            values.extend(
                points.row(*place).iter().zip(origin).map(|(value, origin)| (value - origin) * scale),
            );
        }
        let mut blocks = vec![[T::ZERO; LANES]; places.len().div_ceil(LANES) * n_columns];
        for (block, columns) in blocks.chunks_exact_mut(n_columns).enumerate() {
            for lane in 0..LANES {
                let row = (block * LANES + lane).min(places.len() - 1);
                for (column, value) in columns.iter_mut().zip(&values[row * n_columns..]) {
                    column[lane] = T::of(*value);
                }
            }
        }
        while !values.len().is_multiple_of(PACK * n_columns) {
            values.extend_from_within(values.len() - n_columns..);
        }
        let packs = Packs::new(&values, n_columns);
        let sums = vec![0.0; places.len() * sizes.len()];
        Tile { blocks, packs, places: places.to_vec(), cluster, sums }
    };
    rows.iter()
        .enumerate()
        .flat_map(|(cluster, rows)| rows.chunks(TILE).map(move |places| (cluster, places)))
        .map(tile)
        .collect()
}

impl<T: Real> Tile<T> {
    fn meet_itself<const WIDTH: usize>(&mut self) {
        let (own, _) = self.distances::<WIDTH>(self);
        self.add(self.cluster, &own);
    }

    fn meet<const WIDTH: usize>(&mut self, other: &mut Tile<T>) {
        let (own, others) = self.distances::<WIDTH>(other);
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
    fn distances<const WIDTH: usize>(&self, other: &Tile<T>) -> (Vec<f64>, Vec<f64>) {
        let n_columns = self.packs.n_columns();
        let n_packs = other.places.len().div_ceil(PACK);
        let mut own = vec![0.0; self.places.len().next_multiple_of(LANES)];
        let mut others = vec![0.0; n_packs * PACK];
        let mut parts = vec![[[T::ZERO; WIDTH]; PACK]; n_packs];
        let halves = LANES / WIDTH;
        for (half, own) in own.chunks_exact_mut(WIDTH).enumerate() {
            let first_row = half * WIDTH;
            let block = &self.blocks[half / halves * n_columns..][..n_columns];
            // What fills up a tile is at no distance.
            let counts: [T; WIDTH] =
                std::array::from_fn(
                    |lane| {
                        if first_row + lane < self.places.len() { T::ONE } else { T::ZERO }
                    },
                );
            let mut part = [T::ZERO; WIDTH];
            for (number, (pack, parts)) in other.packs.packs().zip(&mut parts).enumerate() {
                let squares = squares::<T, WIDTH, PACK>(block, half % halves * WIDTH, pack);
                let n_rows = PACK.min(other.places.len() - number * PACK);
                for centre in 0..PACK {
                    let counted = if centre < n_rows { T::ONE } else { T::ZERO };
                    for lane in 0..WIDTH {
                        let distance = squares[centre][lane].root();
                        part[lane] = part[lane] + distance * counted;
                        parts[centre][lane] = parts[centre][lane] + distance * counts[lane];
                    }
                }
                if (number + 1).is_multiple_of(SUMMED / PACK) {
                    flush(&mut part, own);
                }
            }
            flush(&mut part, own);
            if (half + 1).is_multiple_of(SUMMED) {
                gather(&mut parts, &mut others);
            }
        }
        gather(&mut parts, &mut others);
        own.truncate(self.places.len());
        others.truncate(other.places.len());
        (own, others)
    }
}

fn flush<T: Real, const WIDTH: usize>(part: &mut [T; WIDTH], sums: &mut [f64]) {
    for (sum, part) in sums.iter_mut().zip(part) {
        *sum += part.double();
        *part = T::ZERO;
    }
}

fn gather<T: Real, const WIDTH: usize>(parts: &mut [[[T; WIDTH]; PACK]], sums: &mut [f64]) {
    for (sum, part) in sums.iter_mut().zip(parts.iter_mut().flatten()) {
        *sum += part.iter().map(|part| part.double()).sum::<f64>();
        *part = [T::ZERO; WIDTH];
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
