//! How good and how alike clusterings are.

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use strata_models::cluster::agreement::adjusted_rand;
use strata_models::cluster::silhouette;

use super::points::Points;
use super::refused;
use crate::clv::bytes;

/// The mean silhouette of points, and each point's own. Labels are whole numbers of four bytes, from 0.
#[pyfunction]
pub(crate) fn silhouettes<'py>(
    py: Python<'py>,
    points: &Points,
    labels: &[u8],
) -> PyResult<(f64, Bound<'py, PyBytes>)> {
    let labels = codes(labels);
    let found = py.detach(|| silhouette::silhouette(&points.points, &labels));
    let found = found.map_err(|error| points.refused(error))?;
    Ok((found.mean, bytes(py, &found.rows)?))
}

/// The adjusted Rand index of two clusterings, whose labels are whole numbers of four bytes, from 0.
#[pyfunction]
pub(crate) fn adjusted_rand_index(py: Python<'_>, one: &[u8], other: &[u8]) -> PyResult<f64> {
    let (one, other) = (codes(one), codes(other));
    Ok(py.detach(|| adjusted_rand(&one, &other)).map_err(|error| refused(error, &[]))?)
}

fn codes(bytes: &[u8]) -> Vec<u32> {
    bytes.as_chunks().0.iter().map(|word| u32::from_ne_bytes(*word)).collect()
}
