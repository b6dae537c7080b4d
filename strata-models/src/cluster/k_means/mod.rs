//! k-means: centres that customers lie closest to.
//!
//! Minimises the *inertia* `W = Σᵢ minⱼ |xᵢ − cⱼ|²` over centres c₁ … c_k by Lloyd's iterations from several starts, each drawn by greedy
//! k-means++ (see `start`). Many rows are searched in single precision, moved to their mean, and the best of the starts goes on in double
//! precision until it stands there as well: the result, its inertia and its labels are those of double precision.
//!
//! MacQueen, J. (1967). Some methods for classification and analysis of multivariate observations. Proceedings of the Fifth Berkeley
//! Symposium on Mathematical Statistics and Probability 1, 281–297.

mod empty;
pub(super) mod search;
pub(super) mod start;
#[cfg(test)]
mod tests;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::blocks::{Blocks, LANES, PACK, Packs, Source, squares};
use super::error::ClusterError;
use super::points::Points;
use super::spread::{Spread, enough};
use search::{Found, Stop, assign, chunk_size, search};

/// Distances to measure per iteration from which single precision pays.
const MANY: usize = 1 << 20;

/// Values farther from their mean than so many standard deviations leave too few digits of single precision to the others.
const MOST_SPREAD: f64 = 4096.0;

/// Numbers of centres that have room in a count of single precision.
const MOST_CLUSTERS: usize = 1 << 22;

/// How centres are searched.
#[derive(Debug, Clone, PartialEq)]
pub struct KMeansSettings {
    /// How many clusters: 1 or more.
    pub n_clusters: usize,
    /// How many searches are made, the best of which counts: 1 or more.
    pub n_starts: usize,
    /// How many iterations a search may take: 1 or more.
    pub max_iterations: usize,
    /// The centres stand when the sum of their squared ways is at most this share of the mean variance of the columns: 0 or more.
    pub tolerance: f64,
    /// What the starts are drawn from.
    pub seed: u64,
}

impl Default for KMeansSettings {
    fn default() -> KMeansSettings {
        KMeansSettings { n_clusters: 8, n_starts: 10, max_iterations: 300, tolerance: 1e-4, seed: 0 }
    }
}

/// Centres of clusters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KMeans {
    /// The centres, each a point in the space of the rows.
    pub centres: Vec<Vec<f64>>,
}

/// Centres with the rows that they were found for.
#[derive(Debug, Clone, PartialEq)]
pub struct KMeansFit {
    /// The centres.
    pub model: KMeans,
    /// The number of the nearest centre of each row, from 0.
    pub labels: Vec<u32>,
    /// How many rows each cluster has. None only where the iterations ended before the centres stood.
    pub sizes: Vec<usize>,
    /// The sum of the squared distances of the rows to their centres.
    pub inertia: f64,
    /// How many iterations the best search took.
    pub n_iterations: usize,
    /// Whether its centres stood in the end.
    pub converged: bool,
}

impl KMeans {
    /// Searches centres of these points, from starts of its own.
    ///
    /// # Errors
    /// Settings out of their range; fewer different rows than clusters; rows that are all equal; values too large or too close to each
    /// other for their squares.
    pub fn fit(points: &Points, settings: &KMeansSettings) -> Result<KMeansFit, ClusterError> {
        check(settings)?;
        let spread = checked(points, settings.n_clusters)?;
        let stop = stop(settings, &spread);
        let n_clusters = settings.n_clusters;
        let begin = |start: usize| {
            let mut random = ChaCha8Rng::seed_from_u64(settings.seed);
            random.set_stream(start as u64);
            random
        };
        let Some(single) = Single::of(points, &spread, n_clusters) else {
            let from = |start| search(points, start::plus_plus(points, n_clusters, &mut begin(start)), stop);
            return best(points.n_rows(), settings.n_starts, from).map(|found| fit(found, points));
        };
        let from = |start| {
            let centres = start::plus_plus(&single.blocks, n_clusters, &mut begin(start));
            search(&single.blocks, centres, single.stop(stop))
        };
        let found = best(points.n_rows(), settings.n_starts, from)?;
        Ok(single.polish(found, points, stop))
    }

    /// Searches centres of these points, starting from given ones. The number of clusters is that of the given centres; the starts and the
    /// seed of the settings have no meaning here.
    ///
    /// # Errors
    /// As [`KMeans::fit`]; centres that are none, of another space, or not finite.
    pub fn fit_from(
        points: &Points,
        centres: &[Vec<f64>],
        settings: &KMeansSettings,
    ) -> Result<KMeansFit, ClusterError> {
        let centres = flat(centres, points.n_columns())?;
        let n_clusters = centres.n_rows();
        check(&KMeansSettings { n_clusters, n_starts: 1, ..settings.clone() })?;
        Spread::of(&centres)?;
        let spread = checked(points, n_clusters)?;
        let stop = stop(settings, &spread);
        let Some(single) = Single::of(points, &spread, n_clusters) else {
            return Ok(fit(search(points, centres.values().to_vec(), stop), points));
        };
        let found = search(&single.blocks, single.inward(centres.values()), single.stop(stop));
        Ok(single.polish(found, points, stop))
    }

    /// The number of the nearest centre of each point, the first of several, from 0.
    ///
    /// # Errors
    /// Points of another space than the centres; centres that are none or not finite.
    pub fn predict(&self, points: &Points) -> Result<Vec<u32>, ClusterError> {
        let centres = flat(&self.centres, points.n_columns())?;
        Ok(assign(points, &Packs::<f64>::new(centres.values(), points.n_columns())).0)
    }

    /// The distances of each point to each centre, point after point: `|xᵢ − cⱼ|`.
    ///
    /// # Errors
    /// As [`KMeans::predict`].
    pub fn distances(&self, points: &Points) -> Result<Vec<f64>, ClusterError> {
        let n_centres = self.centres.len();
        let centres = flat(&self.centres, points.n_columns())?;
        let packs = Packs::<f64>::new(centres.values(), points.n_columns());
        let mut distances = vec![0.0; points.n_rows() * n_centres];
        let chunk = chunk_size(points.n_rows());
        distances.par_chunks_mut(chunk * n_centres).enumerate().for_each(|(number, distances)| {
            let mut room = points.room();
            for (place, distances) in distances.chunks_mut(LANES * n_centres).enumerate() {
                let block = points.block(number * chunk / LANES + place, &mut room);
                for (pack, columns) in packs.packs().enumerate() {
                    let squares = squares::<f64, LANES, PACK>(block, 0, columns);
                    let of_pack = &squares[..PACK.min(n_centres - pack * PACK)];
                    for (lane, row) in distances.chunks_exact_mut(n_centres).enumerate() {
                        for (distance, squares) in row[pack * PACK..].iter_mut().zip(of_pack) {
                            *distance = squares[lane].sqrt();
                        }
                    }
                }
            }
        });
        Ok(distances)
    }
}

/// Points in single precision.
struct Single<'a> {
    blocks: Blocks<f32>,
    origin: &'a [f64],
    /// A power of two, so that nothing is rounded.
    scale: f64,
}

impl<'a> Single<'a> {
    /// The points, where single precision is faster and precise enough.
    fn of(points: &Points, spread: &'a Spread, n_clusters: usize) -> Option<Single<'a>> {
        let deviation = spread.mean_variance.sqrt();
        let many = points.values().len().saturating_mul(n_clusters) >= MANY;
        if !many || spread.most > MOST_SPREAD * deviation {
            return None;
        }
        let scale = 2.0_f64.powi(-deviation.log2().round() as i32);
        let origin = &spread.means;
        Some(Single { blocks: Blocks::new(points, origin, scale), origin, scale })
    }

    fn stop(&self, stop: Stop) -> Stop {
        Stop { tolerance: stop.tolerance * self.scale * self.scale, ..stop }
    }

    fn inward(&self, centres: &[f64]) -> Vec<f64> {
        let origin = self.origin.iter().cycle();
        centres.iter().zip(origin).map(|(value, origin)| (value - origin) * self.scale).collect()
    }

    /// Goes on in double precision.
    fn polish(self, found: Found, points: &Points, stop: Stop) -> KMeansFit {
        let origin = self.origin.iter().cycle();
        let centres =
            found.centres.iter().zip(origin).map(|(value, origin)| value / self.scale + origin).collect();
        drop(self.blocks);
        let left = Stop { max_iterations: stop.max_iterations - found.n_iterations, ..stop };
        let polished = search(points, centres, left);
        let n_iterations = found.n_iterations + polished.n_iterations;
        fit(Found { n_iterations, ..polished }, points)
    }
}

/// The best of several searches, the first of equals. Few rows are searched side by side, for each search has no work for two threads.
fn best(
    n_rows: usize,
    n_starts: usize,
    from: impl Fn(usize) -> Found + Send + Sync,
) -> Result<Found, ClusterError> {
    let better = |best: Found, next: Found| if next.inertia < best.inertia { next } else { best };
    let found = if chunk_size(n_rows) >= n_rows {
        let found: Vec<Found> = (0..n_starts).into_par_iter().map(from).collect();
        found.into_iter().reduce(better)
    } else {
        (0..n_starts).map(from).reduce(better)
    };
    found.ok_or(ClusterError::NotFound {
        model: "k-means",
        reason: "no search was made",
        hint: "ask for one or more starts",
    })
}

fn fit(found: Found, points: &Points) -> KMeansFit {
    let centres: Vec<Vec<f64>> =
        found.centres.chunks_exact(points.n_columns()).map(<[f64]>::to_vec).collect();
    let mut sizes = vec![0; centres.len()];
    found.labels.iter().for_each(|label| sizes[*label as usize] += 1);
    let Found { labels, inertia, n_iterations, converged, .. } = found;
    KMeansFit { model: KMeans { centres }, labels, sizes, inertia, n_iterations, converged }
}

fn stop(settings: &KMeansSettings, spread: &Spread) -> Stop {
    Stop { max_iterations: settings.max_iterations, tolerance: settings.tolerance * spread.mean_variance }
}

fn check(settings: &KMeansSettings) -> Result<(), ClusterError> {
    let range = |is_good: bool, option: &'static str, value: f64, hint: &'static str| {
        if is_good { Ok(()) } else { Err(ClusterError::Option { option, value, hint }) }
    };
    let KMeansSettings { n_clusters, n_starts, max_iterations, tolerance, .. } = *settings;
    range(
        (1..=MOST_CLUSTERS).contains(&n_clusters),
        "n_clusters",
        n_clusters as f64,
        "1 or more, usually 2 to 20",
    )?;
    range(n_starts >= 1, "n_starts", n_starts as f64, "1 or more")?;
    range(max_iterations >= 1, "max_iterations", max_iterations as f64, "1 or more")?;
    range(tolerance.is_finite() && tolerance >= 0.0, "tolerance", tolerance, "0 or more, such as 0.0001")
}

/// The spread of points that can be clustered.
pub(super) fn checked(points: &Points, n_clusters: usize) -> Result<Spread, ClusterError> {
    enough(points, n_clusters)?;
    let spread = Spread::of(points)?;
    if spread.mean_variance > 0.0 {
        return Ok(spread);
    }
    Err(ClusterError::NotFound {
        model: "k-means",
        reason: "all rows are equal, or differ by less than can be squared",
        hint: "choose columns that differ between customers, in smaller units",
    })
}

/// Centres as points of a space of so many dimensions.
pub(super) fn flat(centres: &[Vec<f64>], n_columns: usize) -> Result<Points, ClusterError> {
    if let Some(centre) = centres.iter().find(|centre| centre.len() != n_columns) {
        return Err(ClusterError::Columns { n_columns, expected: centre.len() });
    }
    Points::new(centres.concat(), n_columns)
}
