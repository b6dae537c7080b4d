//! Centres of clusters: k-means, on all rows or in batches.

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use strata_models::cluster::k_means::{KMeans, KMeansFit, KMeansSettings};
use strata_models::cluster::mini_batch::{MiniBatchSettings, mini_batch};

use super::points::Points;
use super::{labels, rows_of};
use crate::clv::bytes;

/// Centres, and what was found of the rows that they were searched for.
#[pyclass(frozen, get_all, module = "strata._native")]
pub(crate) struct Centres {
    centres: Py<PyBytes>,
    labels: Py<PyBytes>,
    inertia: f64,
    n_iterations: usize,
    converged: bool,
}

impl Centres {
    fn of(py: Python<'_>, fit: &KMeansFit) -> PyResult<Centres> {
        Ok(Centres {
            centres: bytes(py, &fit.model.centres.concat())?.unbind(),
            labels: labels(py, fit.labels.iter().map(|label| *label as i32))?.unbind(),
            inertia: fit.inertia,
            n_iterations: fit.n_iterations,
            converged: fit.converged,
        })
    }
}

/// Searches centres by Lloyd's iterations, from starts that are drawn, or from given centres.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "Python's half gives them names")]
pub(crate) fn fit_k_means(
    py: Python<'_>,
    points: &Points,
    n_clusters: usize,
    n_starts: usize,
    max_iterations: usize,
    tolerance: f64,
    seed: u64,
    centres: Option<&[u8]>,
) -> PyResult<Centres> {
    let settings = KMeansSettings { n_clusters, n_starts, max_iterations, tolerance, seed };
    let centres = centres.map(|centres| rows_of(centres, points.points.n_columns()));
    let fit = py.detach(|| match centres {
        Some(centres) => KMeans::fit_from(&points.points, &centres, &settings),
        None => KMeans::fit(&points.points, &settings),
    });
    Centres::of(py, &fit.map_err(|error| points.refused(error))?)
}

/// Searches centres in batches.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "Python's half gives them names")]
pub(crate) fn fit_mini_batch(
    py: Python<'_>,
    points: &Points,
    n_clusters: usize,
    n_starts: usize,
    batch_size: usize,
    most_passes: f64,
    patience: usize,
    seed: u64,
) -> PyResult<Centres> {
    let settings = MiniBatchSettings { n_clusters, n_starts, batch_size, most_passes, patience, seed };
    let fit = py.detach(|| mini_batch(&points.points, &settings));
    Centres::of(py, &fit.map_err(|error| points.refused(error))?)
}

/// The nearest centre of each point.
#[pyfunction]
pub(crate) fn nearest_centres<'py>(
    py: Python<'py>,
    centres: &[u8],
    points: &Points,
) -> PyResult<Bound<'py, PyBytes>> {
    let model = model(centres, points);
    let found = py.detach(|| model.predict(&points.points)).map_err(|error| points.refused(error))?;
    labels(py, found.into_iter().map(|label| label as i32))
}

/// The distance of each point to each centre, point after point.
#[pyfunction]
pub(crate) fn distances_to_centres<'py>(
    py: Python<'py>,
    centres: &[u8],
    points: &Points,
) -> PyResult<Bound<'py, PyBytes>> {
    let model = model(centres, points);
    let distances = py.detach(|| model.distances(&points.points)).map_err(|error| points.refused(error))?;
    bytes(py, &distances)
}

fn model(centres: &[u8], points: &Points) -> KMeans {
    KMeans { centres: rows_of(centres, points.points.n_columns()) }
}
