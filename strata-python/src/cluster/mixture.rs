//! Gaussian mixtures.

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use strata_models::cluster::error::ClusterError;
use strata_models::cluster::mixture::{Covariance, GaussianMixture, MixtureOptions, Start};
use strata_models::cluster::points::Points as Checked;

use super::points::Points;
use super::{labels, numbers_of, rows_of};
use crate::clv::bytes;
use crate::error::Refusal;

/// A mixture: its parameters, and what can be asked of it.
#[pyclass(frozen, module = "strata._native")]
pub(crate) struct Mixture {
    mixture: GaussianMixture,
}

/// Fits a mixture, from starts that are drawn, or from given means.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "Python's half gives them names")]
pub(crate) fn fit_mixture(
    py: Python<'_>,
    points: &Points,
    n_components: usize,
    covariance_type: &str,
    n_starts: usize,
    max_iterations: usize,
    tolerance: f64,
    regularisation: f64,
    seed: u64,
    means: Option<&[u8]>,
) -> PyResult<Mixture> {
    let start = means.map_or(Start::Drawn, |means| Start::Means(rows_of(means, points.points.n_columns())));
    let options = MixtureOptions {
        n_components,
        covariance: covariance(covariance_type)?,
        start,
        n_starts,
        max_iterations,
        tolerance,
        regularisation,
        seed,
    };
    let mixture = py.detach(|| GaussianMixture::fit(&points.points, &options));
    Ok(Mixture { mixture: mixture.map_err(|error| points.refused(error))? })
}

#[pymethods]
impl Mixture {
    /// A mixture of known parameters, row after row.
    #[new]
    fn new(
        covariance_type: &str,
        n_columns: usize,
        weights: &[u8],
        means: &[u8],
        covariances: &[u8],
    ) -> PyResult<Mixture> {
        let covariance = covariance(covariance_type)?;
        let width = match covariance {
            Covariance::Full | Covariance::Tied => n_columns * n_columns,
            Covariance::Diagonal => n_columns,
            Covariance::Spherical => 1,
        };
        let mixture = GaussianMixture {
            covariance,
            weights: numbers_of(weights),
            means: rows_of(means, n_columns),
            covariances: rows_of(covariances, width),
            lower_bound: f64::NAN,
            n_iterations: 0,
            converged: false,
            collapsed: Vec::new(),
        };
        Ok(Mixture { mixture })
    }

    #[getter]
    fn weights<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        bytes(py, &self.mixture.weights)
    }

    #[getter]
    fn means<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        bytes(py, &self.mixture.means.concat())
    }

    #[getter]
    fn covariances<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        bytes(py, &self.mixture.covariances.concat())
    }

    #[getter]
    fn lower_bound(&self) -> f64 {
        self.mixture.lower_bound
    }

    #[getter]
    fn n_iterations(&self) -> usize {
        self.mixture.n_iterations
    }

    #[getter]
    fn converged(&self) -> bool {
        self.mixture.converged
    }

    /// Components that lie on a point, line or plane.
    #[getter]
    fn collapsed(&self) -> Vec<usize> {
        self.mixture.collapsed.clone()
    }

    /// The likeliest component of each point.
    fn labels<'py>(&self, py: Python<'py>, points: &Points) -> PyResult<Bound<'py, PyBytes>> {
        let found = self.of(py, points, GaussianMixture::predict)?;
        labels(py, found.into_iter().map(|label| label as i32))
    }

    /// The probability of each component for each point, point after point.
    fn probabilities<'py>(&self, py: Python<'py>, points: &Points) -> PyResult<Bound<'py, PyBytes>> {
        bytes(py, &self.of(py, points, GaussianMixture::probabilities)?)
    }

    /// ln of the density of each point.
    fn ln_densities<'py>(&self, py: Python<'py>, points: &Points) -> PyResult<Bound<'py, PyBytes>> {
        bytes(py, &self.of(py, points, GaussianMixture::ln_densities)?)
    }

    /// ln L, AIC, BIC and ICL of points.
    fn criteria(&self, py: Python<'_>, points: &Points) -> PyResult<(f64, f64, f64, f64)> {
        let of = self.of(py, points, GaussianMixture::criteria)?;
        Ok((of.ln_likelihood, of.aic, of.bic, of.icl))
    }
}

impl Mixture {
    fn of<T: Send>(
        &self,
        py: Python<'_>,
        points: &Points,
        ask: impl Fn(&GaussianMixture, &Checked) -> Result<T, ClusterError> + Send + Sync,
    ) -> PyResult<T> {
        Ok(py.detach(|| ask(&self.mixture, &points.points)).map_err(|error| points.refused(error))?)
    }
}

fn covariance(name: &str) -> Result<Covariance, Refusal> {
    match name {
        "full" => Ok(Covariance::Full),
        "tied" => Ok(Covariance::Tied),
        "diag" => Ok(Covariance::Diagonal),
        "spherical" => Ok(Covariance::Spherical),
        other => Err(Refusal::new(format!("`covariance_type` is `{other}`"))
            .with_hint("give `full`, `tied`, `diag` or `spherical`")),
    }
}
