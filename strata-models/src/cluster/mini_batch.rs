//! Mini-batch k-means: centres from small samples of the rows, where a pass over all rows for each iteration takes too long.
//!
//! The centres start at those of a k-means of a sample. Then rows are drawn in batches, with replacement; a row moves its nearest centre
//! by `(x − c) / n`, with n the number of rows that the centre has had, so that a centre is the mean of all rows it was ever nearest to.
//! Sculley, D. (2010). Web-scale k-means clustering. International Conference on World Wide Web, 1177–1178.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::blocks::{LANES, Lanes, Packs, Source};
use super::error::ClusterError;
use super::k_means::{KMeans, KMeansFit, KMeansSettings, checked, search::assign};
use super::points::Points;
use super::real::Real;
use crate::clv::draw::uniform;

/// Batches whose rows make the sample that the centres start from.
const SAMPLED: usize = 32;

/// Rows per cluster that the sample has at least.
const LEAST_SAMPLED: usize = 100;

/// So many batches go by until centres without rows are moved.
const PATIENCE_FOR_CENTRES: usize = 16;

/// How centres are searched in batches.
#[derive(Debug, Clone, PartialEq)]
pub struct MiniBatchSettings {
    /// How many clusters: 1 or more.
    pub n_clusters: usize,
    /// How many starts are searched in the sample, the best of which goes on: 1 or more.
    pub n_starts: usize,
    /// Rows of a batch: 1 or more.
    pub batch_size: usize,
    /// How many rows are drawn at most, as a multiple of all rows: above 0.
    pub most_passes: f64,
    /// The search ends when the smoothed inertia has not fallen for so many batches: 1 or more.
    pub patience: usize,
    /// What starts and batches are drawn from.
    pub seed: u64,
}

impl Default for MiniBatchSettings {
    fn default() -> MiniBatchSettings {
        MiniBatchSettings {
            n_clusters: 8,
            n_starts: 3,
            batch_size: 1024,
            most_passes: 10.0,
            patience: 100,
            seed: 0,
        }
    }
}

/// Searches centres in batches; labels, sizes and inertia are those of all rows, iterations are batches. Few rows, which fit into the
/// sample of the start, are searched by k-means alone, and iterations are its own.
///
/// # Errors
/// As [`KMeans::fit`].
pub fn mini_batch(points: &Points, settings: &MiniBatchSettings) -> Result<KMeansFit, ClusterError> {
    check(settings)?;
    let n_clusters = settings.n_clusters;
    let start = KMeansSettings {
        n_clusters,
        n_starts: settings.n_starts,
        seed: settings.seed,
        ..KMeansSettings::default()
    };
    let n_sampled = settings.batch_size.saturating_mul(SAMPLED).max(n_clusters.saturating_mul(LEAST_SAMPLED));
    if n_sampled >= points.n_rows() {
        return KMeans::fit(points, &start);
    }
    checked(points, n_clusters)?;
    let mut random = ChaCha8Rng::seed_from_u64(settings.seed);
    // The streams before this one are those of the starts.
    random.set_stream(u64::MAX);
    let rows: Vec<usize> = (0..n_sampled).map(|_| draw(points.n_rows(), &mut random)).collect();
    let sample = match KMeans::fit(&points.at(&rows), &start) {
        // Rare rows may all be missing from the sample.
        Err(ClusterError::TooFewRows { .. } | ClusterError::NotFound { .. }) => {
            return KMeans::fit(points, &start);
        }
        other => other?,
    };
    let mut batches = Batches::new(points, &sample, settings);
    batches.run(settings, &mut random);
    let packs = Packs::<f64>::new(&batches.centres, points.n_columns());
    let (labels, inertia) = assign(points, &packs);
    let mut sizes = vec![0; n_clusters];
    labels.iter().for_each(|label| sizes[*label as usize] += 1);
    let centres = batches.centres.chunks_exact(points.n_columns()).map(<[f64]>::to_vec).collect();
    Ok(KMeansFit {
        model: KMeans { centres },
        labels,
        sizes,
        inertia,
        n_iterations: batches.n_batches,
        converged: batches.converged,
    })
}

struct Batches<'a> {
    points: &'a Points,
    centres: Vec<f64>,
    /// Rows that each centre has had, and those of them since centres without rows were last moved.
    counts: Vec<f64>,
    recent: Vec<usize>,
    /// The columns of a batch's blocks.
    room: Vec<Lanes<f64>>,
    n_batches: usize,
    converged: bool,
}

/// What a batch adds up to.
struct Batch {
    sums: Vec<f64>,
    counts: Vec<usize>,
    inertia: f64,
    /// The row that is farthest from its centre.
    farthest: usize,
}

impl<'a> Batches<'a> {
    fn new(points: &'a Points, sample: &KMeansFit, settings: &MiniBatchSettings) -> Batches<'a> {
        Batches {
            points,
            centres: sample.model.centres.concat(),
            counts: sample.sizes.iter().map(|size| *size as f64).collect(),
            recent: vec![0; sample.sizes.len()],
            room: vec![[0.0; LANES]; settings.batch_size.div_ceil(LANES) * points.n_columns()],
            n_batches: 0,
            converged: false,
        }
    }

    fn run(&mut self, settings: &MiniBatchSettings, random: &mut ChaCha8Rng) {
        let (n_rows, size) = (self.points.n_rows() as f64, settings.batch_size as f64);
        let most = (n_rows * settings.most_passes / size).ceil();
        // The weight of a batch in the smoothed inertia: that of its rows among all, twice, as in an average over half of them.
        let weight = (2.0 * size / (n_rows + 1.0)).min(1.0);
        let (mut smooth, mut least, mut patience) = (f64::NAN, f64::INFINITY, settings.patience);
        while (self.n_batches as f64) < most && !self.converged {
            self.n_batches += 1;
            let rows: Vec<usize> =
                (0..settings.batch_size).map(|_| draw(self.points.n_rows(), random)).collect();
            let batch = self.measure(&rows);
            self.follow(&batch);
            smooth = if smooth.is_nan() { batch.inertia } else { smooth + weight * (batch.inertia - smooth) };
            patience = if smooth < least { settings.patience } else { patience - 1 };
            least = least.min(smooth);
            self.converged = patience == 0;
        }
    }

    /// The nearest centres of a batch, and what they sum up to.
    fn measure(&mut self, rows: &[usize]) -> Batch {
        let n_columns = self.points.n_columns();
        let packs = Packs::<f64>::new(&self.centres, n_columns);
        let blocks = self.room.chunks_exact_mut(n_columns);
        for (rows, block) in rows.chunks(LANES).zip(blocks) {
            for (lane, row) in rows.iter().enumerate() {
                self.points.copy(*row, lane, block);
            }
        }
        let mut batch = Batch {
            sums: vec![0.0; self.centres.len()],
            counts: vec![0; self.counts.len()],
            inertia: 0.0,
            farthest: 0,
        };
        let mut most = -1.0;
        for (rows, block) in rows.chunks(LANES).zip(self.room.chunks_exact(n_columns)) {
            let nearest = f64::nearest(block, &packs);
            for (lane, row) in rows.iter().enumerate() {
                let (centre, square) = (nearest.label[lane] as usize, nearest.square[lane]);
                batch.inertia += square;
                batch.counts[centre] += 1;
                for (sum, column) in batch.sums[centre * n_columns..].iter_mut().zip(block) {
                    *sum += column[lane];
                }
                if square > most {
                    (most, batch.farthest) = (square, *row);
                }
            }
        }
        batch
    }

    /// Moves the centres towards the rows of a batch. A centre that had none for some time goes to the farthest of them.
    fn follow(&mut self, batch: &Batch) {
        let n_columns = self.points.n_columns();
        for (number, centre) in self.centres.chunks_exact_mut(n_columns).enumerate() {
            let count = batch.counts[number] as f64;
            if count > 0.0 {
                self.counts[number] += count;
                let sums = &batch.sums[number * n_columns..];
                for (value, sum) in centre.iter_mut().zip(sums) {
                    *value += (sum - count * *value) / self.counts[number];
                }
            }
            self.recent[number] += batch.counts[number];
        }
        if self.n_batches.is_multiple_of(PATIENCE_FOR_CENTRES) {
            if let Some(starved) = self.recent.iter().position(|count| *count == 0) {
                let row = self.points.row(batch.farthest);
                self.centres[starved * n_columns..(starved + 1) * n_columns].copy_from_slice(row);
                // The others are means of rows that may now be nearest to it: they forget most of them, so that they can follow.
                let most = batch.counts.iter().sum::<usize>() as f64;
                self.counts.iter_mut().for_each(|count| *count = count.min(most));
                self.counts[starved] = 1.0;
            }
            self.recent.fill(0);
        }
    }
}

fn draw(n_rows: usize, random: &mut ChaCha8Rng) -> usize {
    ((uniform(random) * n_rows as f64) as usize).min(n_rows - 1)
}

fn check(settings: &MiniBatchSettings) -> Result<(), ClusterError> {
    let range = |is_good: bool, option: &'static str, value: f64, hint: &'static str| {
        if is_good { Ok(()) } else { Err(ClusterError::Option { option, value, hint }) }
    };
    let most = settings.most_passes;
    range(settings.n_clusters >= 1, "n_clusters", settings.n_clusters as f64, "1 or more, usually 2 to 20")?;
    range(settings.n_starts >= 1, "n_starts", settings.n_starts as f64, "1 or more")?;
    range(settings.batch_size >= 1, "batch_size", settings.batch_size as f64, "1 or more, such as 1024")?;
    range(settings.patience >= 1, "patience", settings.patience as f64, "1 or more, such as 100")?;
    range(most.is_finite() && most > 0.0, "most_passes", most, "above 0, such as 10")
}

#[cfg(test)]
#[path = "tests/mini_batch.rs"]
mod tests;
