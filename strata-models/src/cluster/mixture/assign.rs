//! What a fitted mixture says of rows: which component, how surely, and how well it describes them.

use rayon::prelude::*;

use super::density::{Densities, Room};
use super::lanes::{LANES, TILE, Tile, rows_a_part};
use super::{Covariance, GaussianMixture, MODEL};
use crate::cluster::error::ClusterError;
use crate::cluster::points::Points;

/// How well a mixture describes rows, for choosing among mixtures of the same rows. Of each criterion, lower is better.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Criteria {
    /// `ln L = Σᵢ ln Σₖ wₖ N(xᵢ | μₖ, Σₖ)`; of this, higher is better.
    pub ln_likelihood: f64,
    /// p, how many numbers the mixture can choose.
    pub n_parameters: usize,
    /// `−Σᵢ Σₖ zᵢₖ ln zᵢₖ ≥ 0` with `zᵢₖ` the probability of component k given row i: 0 where no components overlap.
    pub entropy: f64,
    /// Akaike's criterion, `−2 ln L + 2 p`.
    pub aic: f64,
    /// Schwarz' criterion, `−2 ln L + p ln n`.
    pub bic: f64,
    /// The integrated completed likelihood, `BIC + 2 · entropy`: BIC less taken with components that overlap.
    pub icl: f64,
}

impl GaussianMixture {
    /// The most probable component of each row, the first of equal ones.
    ///
    /// # Errors
    ///
    /// Points with other columns than the mixture has, and a mixture that is none: lengths that do not fit, weights that are not above
    /// 0, covariances that have no inverse.
    pub fn predict(&self, points: &Points) -> Result<Vec<u32>, ClusterError> {
        self.of_each_row(points, 1, |room, row, label: &mut [u32]| {
            let mut best = f64::NEG_INFINITY;
            for (component, probability) in (0..).zip(probabilities(room, row)) {
                if probability > best {
                    best = probability;
                    label.fill(component);
                }
            }
        })
    }

    /// The probabilities of the components given each row: row after row, as many as there are components, summing to 1.
    ///
    /// # Errors
    ///
    /// As [`GaussianMixture::predict`].
    pub fn probabilities(&self, points: &Points) -> Result<Vec<f64>, ClusterError> {
        self.of_each_row(points, self.weights.len(), |room, row, into: &mut [f64]| {
            into.iter_mut().zip(probabilities(room, row)).for_each(|(into, value)| *into = value);
        })
    }

    /// ln of the density of each row: low for a row that is like no component.
    ///
    /// # Errors
    ///
    /// As [`GaussianMixture::predict`].
    pub fn ln_densities(&self, points: &Points) -> Result<Vec<f64>, ClusterError> {
        self.of_each_row(points, 1, |room, row, into: &mut [f64]| {
            into.fill(room.ln_density[row / LANES].0[row % LANES]);
        })
    }

    /// The mean of ln of the density of a row.
    ///
    /// # Errors
    ///
    /// As [`GaussianMixture::predict`].
    pub fn score(&self, points: &Points) -> Result<f64, ClusterError> {
        Ok(self.criteria(points)?.ln_likelihood / points.n_rows() as f64)
    }

    /// How well the mixture describes these rows, which should be those that it was fitted to.
    ///
    /// # Errors
    ///
    /// As [`GaussianMixture::predict`].
    pub fn criteria(&self, points: &Points) -> Result<Criteria, ClusterError> {
        let densities = self.densities(points)?;
        let parts: Vec<[f64; 2]> = points
            .values()
            .par_chunks(rows_a_part(points) * points.n_columns())
            .map(|rows| {
                let (mut tile, mut room) = (Tile::new(points.n_columns()), densities.room());
                let mut sums = [0.0, 0.0];
                for rows in rows.chunks(TILE * points.n_columns()) {
                    tile.fill(rows);
                    sums[0] += densities.responsibilities(&tile, &mut room);
                    let shares =
                        room.joint.iter().flatten().flat_map(|lanes| lanes.0).filter(|share| *share > 0.0);
                    sums[1] -= shares.map(|share| share * share.ln()).sum::<f64>();
                }
                sums
            })
            .collect();
        let [ln_likelihood, entropy] =
            parts.iter().fold([0.0, 0.0], |sum, part| [sum[0] + part[0], sum[1] + part[1]]);
        let n_parameters = self.n_parameters();
        let p = n_parameters as f64;
        let bic = p * (points.n_rows() as f64).ln() - 2.0 * ln_likelihood;
        let (aic, icl) = (2.0 * p - 2.0 * ln_likelihood, bic + 2.0 * entropy);
        Ok(Criteria { ln_likelihood, n_parameters, entropy, aic, bic, icl })
    }

    /// How many numbers the mixture can choose: with K components in d columns `K − 1` weights, `K d` means, and of covariances
    /// `K d (d + 1) / 2` (full), `d (d + 1) / 2` (tied), `K d` (diagonal) or `K` (spherical).
    pub fn n_parameters(&self) -> usize {
        let (k, d) = (self.weights.len(), self.means.first().map_or(0, Vec::len));
        let covariances = match self.covariance {
            Covariance::Full => k * d * (d + 1) / 2,
            Covariance::Tied => d * (d + 1) / 2,
            Covariance::Diagonal => k * d,
            Covariance::Spherical => k,
        };
        (k + k * d + covariances).saturating_sub(1)
    }

    /// `width` values for each row, one row after another.
    fn of_each_row<T: Copy + Default + Send>(
        &self,
        points: &Points,
        width: usize,
        write: impl Fn(&Room, usize, &mut [T]) + Sync,
    ) -> Result<Vec<T>, ClusterError> {
        let densities = self.densities(points)?;
        let (part, d) = (rows_a_part(points), points.n_columns());
        let mut values = vec![T::default(); points.n_rows() * width];
        let parts = values.par_chunks_mut(part * width).zip(points.values().par_chunks(part * d));
        parts.for_each(|(values, rows)| {
            let (mut tile, mut room) = (Tile::new(d), densities.room());
            for (values, rows) in values.chunks_mut(TILE * width).zip(rows.chunks(TILE * d)) {
                tile.fill(rows);
                densities.responsibilities(&tile, &mut room);
                for (row, values) in values.chunks_exact_mut(width).enumerate() {
                    write(&room, row, values);
                }
            }
        });
        Ok(values)
    }

    /// The components, ready to be evaluated at these points. A mixture may have been read from somewhere: nothing is taken for granted.
    fn densities(&self, points: &Points) -> Result<Densities, ClusterError> {
        let (k, d) = (self.weights.len(), points.n_columns());
        let expected = self.means.first().map_or(0, Vec::len);
        if expected != d {
            return Err(ClusterError::Columns { n_columns: d, expected });
        }
        let (n_covariances, length) = match self.covariance {
            Covariance::Full => (k, d * d),
            Covariance::Tied => (1, d * d),
            Covariance::Diagonal => (k, d),
            Covariance::Spherical => (k, 1),
        };
        let fits = self.means.len() == k
            && self.covariances.len() == n_covariances
            && self.means.iter().all(|mean| mean.len() == d && mean.iter().all(|value| value.is_finite()))
            && self.covariances.iter().all(|covariance| covariance.len() == length)
            && self.weights.iter().all(|weight| *weight > 0.0 && *weight <= 1.0);
        let densities = if fits {
            Densities::new(self.covariance, &self.weights, &self.means.concat(), &self.covariances)
        } else {
            None
        };
        densities.ok_or(ClusterError::NotFound {
            model: MODEL,
            reason: "its weights, means and covariances do not fit together",
            hint: "take them as they were fitted",
        })
    }
}

/// The probabilities of the components given a row of the tile.
fn probabilities(room: &Room, row: usize) -> impl Iterator<Item = f64> {
    room.joint.iter().map(move |column| column[row / LANES].0[row % LANES])
}
