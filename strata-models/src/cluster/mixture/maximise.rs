//! The search: expectation and maximisation in turn.

use super::check::START_WITHOUT_ROWS;
use super::density::{Densities, Room};
use super::lanes::{Column, LANES, Lanes, Tile, ZEROS};
use super::moments::{Moments, Second, Spread};
use super::start;
use super::{Covariance, GaussianMixture, MODEL, MixtureOptions};
use crate::cluster::error::ClusterError;
use crate::cluster::points::Points;
use crate::clv::symmetric::Symmetric;

/// What the starts of one fit share.
pub(super) struct Search<'a> {
    points: &'a Points,
    options: &'a MixtureOptions,
    /// All rows as one component, with all products of columns where the matrix is tied, otherwise with squares.
    whole: Spread,
    /// The standard deviations of the columns.
    scales: Vec<f64>,
}

/// Weights, means (a row each) and covariances.
struct Parameters {
    weights: Vec<f64>,
    means: Vec<f64>,
    covariances: Vec<Vec<f64>>,
}

/// A component with less than this of a row has lost its rows.
const LEAST_ROWS: f64 = 1e-3;

/// Components whose least variance is at most so many times the regularisation have collapsed.
const COLLAPSED: f64 = 2.0;

impl<'a> Search<'a> {
    /// Refuses numbers too large to be squared.
    pub(super) fn new(points: &'a Points, options: &'a MixtureOptions) -> Result<Search<'a>, ClusterError> {
        let second = match options.covariance {
            Covariance::Tied => Second::Products,
            _ => Second::Squares,
        };
        // Twice: the second time measured from the mean, so that no digits are lost.
        let rough = whole(points, points.row(0).to_vec(), Second::None).ok_or(TOO_LARGE)?;
        let whole = whole(points, rough.mean, second).ok_or(TOO_LARGE)?;
        let d = points.n_columns();
        let step = if second == Second::Products { d + 1 } else { 1 };
        let scales: Vec<f64> = whole.second.iter().step_by(step).map(|variance| variance.sqrt()).collect();
        if scales.iter().any(|scale| !(1e-150..1e150).contains(scale)) {
            return Err(TOO_LARGE);
        }
        Ok(Search { points, options, whole, scales })
    }

    /// From a start that is drawn.
    pub(super) fn drawn(&self, number: u64) -> Result<GaussianMixture, ClusterError> {
        let MixtureOptions { n_components, seed, .. } = *self.options;
        let labels =
            start::drawn(self.points, n_components, &self.scales, seed, number).ok_or(START_WITHOUT_ROWS)?;
        self.run(&labels)
    }

    /// From a component for every row.
    pub(super) fn run(&self, labels: &[u32]) -> Result<GaussianMixture, ClusterError> {
        let MixtureOptions { n_components, covariance, max_iterations, tolerance, .. } = *self.options;
        let mut parameters = self.first(labels)?;
        let (mut lower_bound, mut n_iterations, mut converged) = (f64::NEG_INFINITY, 0, false);
        while n_iterations < max_iterations && !converged {
            n_iterations += 1;
            let Parameters { weights, means, covariances } = &parameters;
            let densities = Densities::new(covariance, weights, means, covariances).ok_or(NO_INVERSE)?;
            let moments = Moments::of(
                self.points,
                means.clone(),
                Second::of(covariance),
                || densities.room(),
                |room: &mut Room, tile, _, shares| {
                    let ln_likelihood = densities.responsibilities(tile, room);
                    shares.copy_from_slice(&room.joint);
                    ln_likelihood
                },
            );
            let bound = moments.ln_likelihood / self.points.n_rows() as f64;
            if !bound.is_finite() {
                return Err(TOO_LARGE);
            }
            converged = (bound - lower_bound).abs() < tolerance;
            lower_bound = bound;
            parameters = self.maximised(&moments)?;
        }
        let Parameters { weights, means, covariances } = parameters;
        if Densities::new(covariance, &weights, &means, &covariances).is_none() {
            return Err(NO_INVERSE);
        }
        let collapsed = self.collapsed(&covariances, n_components);
        let means = means.chunks_exact(self.points.n_columns()).map(<[f64]>::to_vec).collect();
        Ok(GaussianMixture {
            covariance,
            weights,
            means,
            covariances,
            lower_bound,
            n_iterations,
            converged,
            collapsed,
        })
    }

    /// The moments of a hard division.
    fn first(&self, labels: &[u32]) -> Result<Parameters, ClusterError> {
        let n_components = self.options.n_components;
        let hard = |centres: Vec<f64>, second: Second| {
            let share = |(): &mut (), tile: &Tile, row: usize, shares: &mut [Column]| {
                shares.fill(ZEROS);
                for (place, label) in labels[row..row + tile.n_rows].iter().enumerate() {
                    shares[*label as usize][place / LANES].0[place % LANES] = 1.0;
                }
                0.0
            };
            Moments::of(self.points, centres, second, || (), share)
        };
        let rough = hard(self.whole.mean.repeat(n_components), Second::None);
        let means: Vec<f64> = rough.spreads().flat_map(|spread| spread.mean).collect();
        if means.iter().any(|value| !value.is_finite()) {
            return Err(START_WITHOUT_ROWS);
        }
        self.maximised(&hard(means, Second::of(self.options.covariance)))
    }

    /// The M step.
    fn maximised(&self, moments: &Moments) -> Result<Parameters, ClusterError> {
        let MixtureOptions { covariance, regularisation, .. } = *self.options;
        let (n_rows, d) = (self.points.n_rows() as f64, self.points.n_columns());
        let spreads: Vec<Spread> = moments.spreads().collect();
        // Also where it is not a number.
        if !spreads.iter().all(|spread| spread.n_rows >= LEAST_ROWS) {
            return Err(LOST_ROWS);
        }
        let regular = |mut matrix: Vec<f64>| {
            matrix.iter_mut().step_by(d + 1).for_each(|variance| *variance += regularisation);
            matrix
        };
        let weights = spreads.iter().map(|spread| spread.n_rows / n_rows).collect();
        let means: Vec<f64> = spreads.iter().flat_map(|spread| spread.mean.iter().copied()).collect();
        let covariances: Vec<Vec<f64>> = match covariance {
            Covariance::Full => spreads.into_iter().map(|spread| regular(spread.second)).collect(),
            Covariance::Tied => vec![regular(self.within(&spreads))],
            Covariance::Diagonal => spreads
                .into_iter()
                .map(|spread| spread.second.iter().map(|variance| variance + regularisation).collect())
                .collect(),
            Covariance::Spherical => spreads
                .into_iter()
                .map(|spread| vec![spread.second.iter().sum::<f64>() / d as f64 + regularisation])
                .collect(),
        };
        if means.iter().chain(covariances.iter().flatten()).any(|value| !value.is_finite()) {
            return Err(TOO_LARGE);
        }
        Ok(Parameters { weights, means, covariances })
    }

    /// The matrix within components: that of all rows less that of the components' means, `T − Σ nₖ (μₖ − x̄)(μₖ − x̄)ᵀ / n`.
    fn within(&self, spreads: &[Spread]) -> Vec<f64> {
        let (n_rows, d) = (self.points.n_rows() as f64, self.points.n_columns());
        let mut within = self.whole.second.clone();
        for spread in spreads {
            let shift: Vec<f64> = spread.mean.iter().zip(&self.whole.mean).map(|(a, b)| a - b).collect();
            for (place, value) in within.iter_mut().enumerate() {
                *value -= spread.n_rows / n_rows * shift[place / d] * shift[place % d];
            }
        }
        within
    }

    /// The components whose least variance is the regularisation's.
    fn collapsed(&self, covariances: &[Vec<f64>], n_components: usize) -> Vec<usize> {
        let limit = COLLAPSED * self.options.regularisation;
        let least = |covariance: &Vec<f64>| -> f64 {
            let variances: Vec<f64> = match self.options.covariance {
                Covariance::Diagonal | Covariance::Spherical => covariance.clone(),
                Covariance::Full | Covariance::Tied => {
                    let d = self.points.n_columns();
                    let mut matrix = Symmetric::zeros(d);
                    for (place, value) in covariance.iter().enumerate() {
                        matrix.set(place / d, place % d, *value);
                    }
                    matrix.eigen().into_iter().map(|(value, _)| value).collect()
                }
            };
            variances.into_iter().fold(f64::INFINITY, f64::min)
        };
        let has_collapsed: Vec<bool> =
            covariances.iter().map(|covariance| least(covariance) <= limit).collect();
        // A tied matrix is that of all components.
        let of = |component: usize| has_collapsed[component.min(has_collapsed.len() - 1)];
        (0..n_components).filter(|component| of(*component)).collect()
    }
}

/// All rows as one component, measured from a centre. None where they are too large.
fn whole(points: &Points, centre: Vec<f64>, second: Second) -> Option<Spread> {
    let all = |(): &mut (), tile: &Tile, _: usize, shares: &mut [Column]| {
        for (strip, share) in shares.iter_mut().flatten().enumerate() {
            *share = Lanes::all(1.0);
            share.0[tile.n_rows_of(strip)..].fill(0.0);
        }
        0.0
    };
    let spread = Moments::of(points, centre, second, || (), all).spreads().next()?;
    spread.mean.iter().chain(&spread.second).all(|value| value.is_finite()).then_some(spread)
}

/// Squares or their sums are no numbers.
const TOO_LARGE: ClusterError = ClusterError::NotFound {
    model: MODEL,
    reason: "numbers are too large or too small to be squared",
    hint: "divide each column by its standard deviation",
};

const LOST_ROWS: ClusterError = ClusterError::NotFound {
    model: MODEL,
    reason: "a component lost all its rows",
    hint: "ask for fewer components, or for more starts",
};

const NO_INVERSE: ClusterError = ClusterError::NotFound {
    model: MODEL,
    reason: "a component collapsed onto a point, line or plane",
    hint: "ask for fewer components or a diagonal covariance, leave out columns that follow from others, or raise `regularisation`",
};
