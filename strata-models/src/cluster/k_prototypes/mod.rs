//! k-prototypes: clusters of rows that have numbers and categories at once.
//!
//! A row's dissimilarity from a centre is `Σ_j (x_j − m_j)² + γ Σ_j 1[c_j ≠ q_j]`, where m are the means of
//! the cluster's numbers and q its commonest categories. Rows go to the centre they are least dissimilar from
//! and centres to the middle of their rows, until no row moves. The cost, the sum over all rows, falls at
//! each step.
//!
//! Huang, Z. (1998). Extensions to the k-means algorithm for clustering large data sets with categorical
//! values. Data Mining and Knowledge Discovery 2, 283–304.

mod centres;
pub mod rows;
mod start;
#[cfg(test)]
mod tests;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use self::centres::Centres;
use self::rows::MixedRows;
use super::error::ClusterError;
use crate::clv::draw::uniform;

/// What a difference of category counts, beside a squared difference of numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Gamma {
    /// `mean_j var(x_j) / mean_j (1 − Σ p²)`: numbers and categories of two rows drawn at random count alike.
    Balanced,
    /// `½ mean_j sd(x_j)`, as Huang advises and the Python package kmodes does.
    HalfDeviation,
    /// This number, 0 or above.
    Given(f64),
}

/// How to cluster.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// How many clusters, from 1.
    pub n_clusters: usize,
    /// How many random starts; the end of the least cost is kept.
    pub n_starts: usize,
    /// What a difference of category counts.
    pub gamma: Gamma,
    /// The most steps of a start.
    pub most_steps: usize,
}

impl Settings {
    /// So many clusters from 10 starts, balanced.
    pub fn of(n_clusters: usize) -> Settings {
        Settings { n_clusters, n_starts: 10, gamma: Gamma::Balanced, most_steps: 300 }
    }
}

/// Clusters of numbers and categories, the largest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prototypes {
    /// The means of the numbers of each cluster.
    pub means: Vec<Vec<f64>>,
    /// The commonest category of each column in each cluster; of equally common ones the first.
    pub modes: Vec<Vec<u16>>,
    /// How many rows each cluster has.
    pub sizes: Vec<usize>,
    /// What a difference of category counts.
    pub gamma: f64,
    /// The sum of all rows' dissimilarities from their centres.
    pub cost: f64,
    /// Whether the best start ended where no row moves.
    pub converged: bool,
    /// How many steps it took.
    pub n_iterations: usize,
}

impl Prototypes {
    /// Clusters the rows; the second value has the cluster of each. The result depends on the seed, not on
    /// the number of threads.
    ///
    /// Refuses settings out of their range, columns of categories that are the same in all rows, and fewer
    /// different rows than clusters.
    pub fn fit(
        rows: &MixedRows,
        settings: &Settings,
        seed: u64,
    ) -> Result<(Prototypes, Vec<usize>), ClusterError> {
        let gamma = check(rows, settings)?;
        let distinct = start::apart(rows, settings.n_clusters)?;
        let ends: Vec<Search> = (0..settings.n_starts as u64)
            .into_par_iter()
            .map(|place| {
                let mut generator = ChaCha8Rng::seed_from_u64(seed);
                generator.set_stream(place);
                let centres =
                    refined(rows, gamma, settings.n_clusters, &mut generator).unwrap_or_else(|| {
                        start::draw(rows, gamma, settings.n_clusters, &distinct, &mut generator)
                    });
                Search::run(rows, gamma, centres, settings.most_steps)
            })
            .collect();
        let best = ends.into_iter().reduce(|best, end| if end.cost < best.cost { end } else { best });
        let best = best.filter(|end| end.cost.is_finite()).ok_or(ClusterError::NotFound {
            model: "k-prototypes",
            reason: "squares of the numbers are too large",
            hint: "scale the columns",
        })?;
        let (prototypes, labels) = best.ordered(gamma);
        let n_distinct = prototypes.sizes.iter().filter(|size| **size > 0).count();
        if n_distinct < settings.n_clusters {
            // Where numbers or categories count nothing, rows that differ are alike.
            return Err(ClusterError::TooFewRows { n_distinct, n_clusters: settings.n_clusters });
        }
        Ok((prototypes, labels))
    }

    /// The cluster of each of these rows: the one with the least dissimilar centre, of equal ones the larger.
    /// Refuses other columns.
    pub fn predict(&self, rows: &MixedRows) -> Result<Vec<usize>, ClusterError> {
        let own = (self.means[0].len(), self.modes[0].len());
        let others = (rows.numbers.n_columns(), rows.n_categories.len());
        if own != others {
            let say = |(numbers, categories)| format!("{numbers} of numbers and {categories} of categories");
            let (expected, found) = (say(own), say(others));
            return Err(ClusterError::OtherColumns { what: "columns", expected, found });
        }
        let centres = Centres::new(&self.means, &self.modes);
        let cluster = |row| centres.nearest(rows.numbers.row(row), rows.code_row(row), self.gamma).0;
        Ok((0..rows.n_rows()).into_par_iter().map(cluster).collect())
    }
}

/// The weight of a category.
fn check(rows: &MixedRows, settings: &Settings) -> Result<f64, ClusterError> {
    let option = |option, value, hint| Err(ClusterError::Option { option, value, hint });
    for (name, value, hint) in [
        ("n_clusters", settings.n_clusters, "choose 1 or more, such as 5"),
        ("n_starts", settings.n_starts, "choose 1 or more, such as 10"),
        ("most_steps", settings.most_steps, "choose 1 or more, such as 300"),
    ] {
        if value == 0 {
            return option(name, 0.0, hint);
        }
    }
    if let Gamma::Given(gamma) = settings.gamma
        && !(0.0..=1e12).contains(&gamma)
    {
        return option("gamma", gamma, "choose a finite number that is not negative");
    }
    let n = rows.n_rows() as f64;
    let mut diversity = 0.0;
    for (place, n_categories) in rows.n_categories.iter().enumerate() {
        let mut counts = vec![0.0; *n_categories];
        rows.codes().for_each(|codes| counts[usize::from(codes[place])] += 1.0);
        let own = 1.0 - counts.iter().map(|count: &f64| (count / n).powi(2)).sum::<f64>();
        if counts.contains(&n) {
            return Err(ClusterError::Constant { column: place.to_string() });
        }
        diversity += own / rows.n_categories.len() as f64;
    }
    let variances: Vec<f64> = (0..rows.numbers.n_columns())
        .map(|column| {
            let mean = rows.numbers.rows().map(|row| row[column] / n).sum::<f64>();
            rows.numbers.rows().map(|row| (row[column] - mean).powi(2) / n).sum::<f64>()
        })
        .collect();
    let columns = variances.len() as f64;
    let gamma = match settings.gamma {
        Gamma::Balanced => variances.iter().sum::<f64>() / columns / diversity,
        Gamma::HalfDeviation => 0.5 * variances.iter().map(|variance| variance.sqrt()).sum::<f64>() / columns,
        Gamma::Given(gamma) => gamma,
    };
    if gamma.is_finite() { Ok(gamma) } else { option("gamma", gamma, "scale the columns of numbers") }
}

/// The centres of the best of some searches in a sample, which cost little in all and rarely end in a poor place all
/// of them; none where there are too few rows for a sample, or too few different ones in it.
///
/// Bradley, P. S. and Fayyad, U. M. (1998). Refining initial points for k-means clustering. ICML, 91–99.
fn refined(rows: &MixedRows, gamma: f64, n_clusters: usize, generator: &mut impl RngCore) -> Option<Centres> {
    let n_sample = SAMPLE.max(SAMPLE_OF_CLUSTER * n_clusters);
    if rows.n_rows() < 2 * n_sample {
        return None;
    }
    let mut row = || ((uniform(generator) * rows.n_rows() as f64) as usize).min(rows.n_rows() - 1);
    let places: Vec<usize> = (0..n_sample).map(|_| row()).collect();
    let sample = rows.at(&places);
    let distinct = start::apart(&sample, n_clusters).ok()?;
    let ends = (0..SAMPLE_STARTS).map(|_| {
        let centres = start::draw(&sample, gamma, n_clusters, &distinct, generator);
        Search::run(&sample, gamma, centres, SAMPLE_STEPS)
    });
    ends.reduce(|best, end| if end.cost < best.cost { end } else { best }).map(|best| best.centres)
}

const SAMPLE: usize = 2000;
const SAMPLE_OF_CLUSTER: usize = 100;
const SAMPLE_STARTS: usize = 10;
const SAMPLE_STEPS: usize = 20;

/// One start and where it led.
struct Search {
    centres: Centres,
    labels: Vec<usize>,
    cost: f64,
    converged: bool,
    n_steps: usize,
    n_columns: usize,
    n_codes: usize,
}

impl Search {
    fn run(rows: &MixedRows, gamma: f64, mut centres: Centres, most_steps: usize) -> Search {
        let mut labels = vec![usize::MAX; rows.n_rows()];
        let (n_columns, n_codes) = (rows.numbers.n_columns(), rows.n_categories.len());
        let mut n_steps = 0;
        loop {
            let sums = centres::assign(rows, gamma, &centres, &mut labels);
            n_steps += 1;
            let converged = sums.n_moved == 0;
            if converged || n_steps > most_steps {
                let cost = sums.cost;
                return Search { centres, labels, cost, converged, n_steps, n_columns, n_codes };
            }
            centres = centres::middle(rows, &sums);
        }
    }

    /// The clusters in the order of their sizes.
    fn ordered(self, gamma: f64) -> (Prototypes, Vec<usize>) {
        let n_clusters = self.centres.n_clusters;
        let mut sizes = vec![0; n_clusters];
        self.labels.iter().for_each(|label| sizes[*label] += 1);
        let mut order: Vec<usize> = (0..n_clusters).collect();
        order.sort_by(|one, other| sizes[*other].cmp(&sizes[*one]));
        let mut place_of = vec![0; n_clusters];
        order.iter().enumerate().for_each(|(place, cluster)| place_of[*cluster] = place);
        let (means, modes) = (&self.centres.means, &self.centres.modes);
        let prototypes = Prototypes {
            means: order.iter().map(|k| means[k * self.n_columns..][..self.n_columns].to_vec()).collect(),
            modes: order.iter().map(|k| modes[k * self.n_codes..][..self.n_codes].to_vec()).collect(),
            sizes: order.iter().map(|cluster| sizes[*cluster]).collect(),
            gamma,
            cost: self.cost,
            converged: self.converged,
            n_iterations: self.n_steps,
        };
        (prototypes, self.labels.into_iter().map(|label| place_of[label]).collect())
    }
}
