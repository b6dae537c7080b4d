//! Clusters where points are dense.

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use strata_models::cluster::hdbscan::{Hdbscan, HdbscanOptions};

use super::labels;
use super::points::Points;
use crate::clv::bytes;

/// What was found of each row.
#[pyclass(frozen, get_all, module = "strata._native")]
pub(crate) struct Dense {
    n_clusters: usize,
    labels: Py<PyBytes>,
    probabilities: Py<PyBytes>,
    outlier_scores: Py<PyBytes>,
}

/// Clusters points; −1 is the label of noise.
#[pyfunction]
pub(crate) fn fit_hdbscan(
    py: Python<'_>,
    points: &Points,
    min_cluster_size: usize,
    min_samples: usize,
    allow_single_cluster: bool,
) -> PyResult<Dense> {
    let options = HdbscanOptions { min_cluster_size, min_samples, allow_single_cluster };
    let found =
        py.detach(|| Hdbscan::fit(&points.points, &options)).map_err(|error| points.refused(error))?;
    let label = |label: &Option<u32>| label.map_or(-1, |label| label as i32);
    Ok(Dense {
        n_clusters: found.n_clusters,
        labels: labels(py, found.labels.iter().map(label))?.unbind(),
        probabilities: bytes(py, &found.probabilities)?.unbind(),
        outlier_scores: bytes(py, &found.outlier_scores)?.unbind(),
    })
}
