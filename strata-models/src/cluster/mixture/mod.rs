//! Gaussian mixtures: groups that overlap, each a cloud with its own middle, spread and share of the rows.
//!
//! # The model
//!
//! A row x of d numbers has the density `Σₖ wₖ N(x | μₖ, Σₖ)`, with weights that sum to 1. It belongs to component k with the
//! probability `wₖ N(x | μₖ, Σₖ) / Σⱼ wⱼ N(x | μⱼ, Σⱼ)`. How much the matrices Σₖ may differ is [`Covariance`].
//!
//! # The fit
//!
//! Expectation and maximisation in turn, from the moments of a hard division of the rows ([`Start`]), until the mean log-density of
//! the rows changes by less than the tolerance. To every variance a small number is added, so that a component that shrinks to few
//! rows remains one. It is scikit-learn's algorithm (`sklearn.mixture.GaussianMixture`, 1.9) with its conventions: from an equal
//! start each step is equal, up to rounding.
//!
//! The likelihood has many local maxima, and the start decides which is found. Starts that are drawn begin with k-means of columns divided
//! by their standard deviations, so that units do not matter.
//!
//! # Cost
//!
//! Both steps are one pass over the rows, 64 at a time; nothing is kept for each row but its first label. Sums are added in an order that
//! depends on the number of rows alone: a fit is the same on any number of threads.
//!
//! Dempster, A. P., Laird, N. M. & Rubin, D. B. (1977). Maximum likelihood from incomplete data via the EM algorithm. Journal of the
//! Royal Statistical Society B 39, 1–38. McLachlan, G. & Peel, D. (2000). Finite Mixture Models. Wiley. Biernacki, C., Celeux, G. &
//! Govaert, G. (2000). Assessing a mixture model for clustering with the integrated completed likelihood. IEEE Transactions on Pattern
//! Analysis and Machine Intelligence 22, 719–725.

mod assign;
mod check;
mod density;
mod lanes;
mod maximise;
mod moments;
mod start;
#[cfg(test)]
mod tests;
mod triangle;

use serde::{Deserialize, Serialize};

pub use self::assign::Criteria;

use self::maximise::Search;
use super::error::ClusterError;
use super::points::Points;

/// What the matrices Σₖ of the components have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Covariance {
    /// Nothing: each component has its own matrix. Any ellipsoids.
    Full,
    /// They are one matrix. Equal ellipsoids, side by side.
    Tied,
    /// Each is diagonal: within a component columns are uncorrelated. Ellipsoids along the axes.
    Diagonal,
    /// Each is one variance times the identity. Balls of different sizes.
    Spherical,
}

/// What the search begins with: a hard division of the rows, of which the first weights, means and covariances are taken.
#[derive(Debug, Clone, PartialEq)]
pub enum Start {
    /// k-means, from centres drawn by greedy k-means++, on up to 20,000 rows drawn evenly, columns divided by their standard deviations; every row goes
    /// to the nearest centre.
    Drawn,
    /// A component, from 0, for every row. Each component needs a row.
    Labels(Vec<u32>),
    /// A mean for every component: rows go to the nearest, in the units of the columns. Each component needs a row.
    Means(Vec<Vec<f64>>),
}

/// How a mixture is fitted.
#[derive(Debug, Clone, PartialEq)]
pub struct MixtureOptions {
    /// How many components; 1 to 1,000.
    pub n_components: usize,
    /// What their matrices have in common.
    pub covariance: Covariance,
    /// What the search begins with.
    pub start: Start,
    /// How many starts are drawn, of which that with the highest lower bound is kept; 1 to 1,000. A start that is given is the only one.
    pub n_starts: usize,
    /// The most iterations of one start; at least 1.
    pub max_iterations: usize,
    /// The change of the mean log-density of a row between iterations below which the search has converged; at least 0.
    pub tolerance: f64,
    /// What is added to every variance, in squared units of the columns; at least 0.
    pub regularisation: f64,
    /// From which starts are drawn.
    pub seed: u64,
}

impl MixtureOptions {
    /// So many components, each with its own matrix, one drawn start; scikit-learn's 100 iterations, tolerance of 10⁻³ and
    /// regularisation of 10⁻⁶.
    pub fn new(n_components: usize) -> MixtureOptions {
        MixtureOptions {
            n_components,
            covariance: Covariance::Full,
            start: Start::Drawn,
            n_starts: 1,
            max_iterations: 100,
            tolerance: 1e-3,
            regularisation: 1e-6,
            seed: 0,
        }
    }
}

/// A fitted mixture of K components in d columns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GaussianMixture {
    /// What the matrices have in common.
    pub covariance: Covariance,
    /// `wₖ`, which sum to 1.
    pub weights: Vec<f64>,
    /// `μₖ`, each of d numbers.
    pub means: Vec<Vec<f64>>,
    /// The matrices, regularised. Full: K of d · d numbers, row by row. Tied: one such. Diagonal: K of d variances. Spherical: K of one
    /// variance.
    pub covariances: Vec<Vec<f64>>,
    /// The mean log-density of the rows at the beginning of the last iteration, as scikit-learn reports it. The mixture that came of that
    /// iteration is as likely or more: see [`GaussianMixture::score`].
    pub lower_bound: f64,
    /// How many iterations the kept start took.
    pub n_iterations: usize,
    /// Whether it ended before the most iterations.
    pub converged: bool,
    /// Components that lie on a point, line or plane, ascending: in some direction their variance is nothing but the regularisation.
    /// Their density, and with it every criterion, is as high as the regularisation lets it be and says nothing of other rows: take fewer
    /// components, fewer columns, or a stricter [`Covariance`].
    pub collapsed: Vec<usize>,
}

impl GaussianMixture {
    /// Fits a mixture to points.
    ///
    /// # Errors
    ///
    /// Settings out of range; a column with one value in all rows; fewer different rows than components; a given start that does not fit
    /// the rows; and where every start ends in a component without rows or in numbers that cannot be computed with.
    pub fn fit(points: &Points, options: &MixtureOptions) -> Result<GaussianMixture, ClusterError> {
        check::options(options)?;
        check::points(points, options.n_components)?;
        let search = Search::new(points, options)?;
        match &options.start {
            Start::Labels(labels) => search.run(check::labels(labels, points, options.n_components)?),
            Start::Means(means) => {
                search.run(&start::nearest(points, &check::means(means, points, options)?))
            }
            Start::Drawn => {
                let mut best: Result<GaussianMixture, ClusterError> = Err(NO_START);
                for number in 0..options.n_starts {
                    let found = search.drawn(number as u64);
                    let better = match (&found, &best) {
                        (Ok(found), Ok(best)) => found.lower_bound > best.lower_bound,
                        (Ok(_), Err(_)) => true,
                        (Err(_), Err(_)) => number == 0,
                        (Err(_), Ok(_)) => false,
                    };
                    if better {
                        best = found;
                    }
                }
                best
            }
        }
    }
}

/// What errors call the model.
const MODEL: &str = "a Gaussian mixture";

/// There are no starts; replaced by what the first comes to.
const NO_START: ClusterError =
    ClusterError::Option { option: "n_starts", value: 0.0, hint: "give 1 to 1,000 starts" };
