//! Clustering: points in, labels and figures out. As with models of value, what was learned lives in Python.

pub(crate) mod categories;
pub(crate) mod choice;
pub(crate) mod hdbscan;
pub(crate) mod k_means;
pub(crate) mod latent_class;
pub(crate) mod mixed;
pub(crate) mod mixture;
pub(crate) mod points;
pub(crate) mod scores;

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use strata_models::cluster::error::ClusterError;

use crate::error::Refusal;

/// What clustering refuses, as Python raises it. A column that is known by its place is told by its name.
fn refused(mut error: ClusterError, names: &[String]) -> Refusal {
    if let ClusterError::Lengths { column, .. }
    | ClusterError::NotFinite { column, .. }
    | ClusterError::Constant { column }
    | ClusterError::NearlyConstant { column, .. }
    | ClusterError::Spread { column, .. }
    | ClusterError::Categories { column, .. }
    | ClusterError::NoSuchCategory { column, .. }
    | ClusterError::Collinear { column }
    | ClusterError::TooLarge { column, .. } = &mut error
        && let Some(name) = column.parse().ok().and_then(|place: usize| names.get(place))
    {
        column.clone_from(name);
    }
    Refusal::of(&error)
}

/// Labels as whole numbers of four bytes in the machine's order, −1 for what is in no cluster.
fn labels<'py>(py: Python<'py>, labels: impl ExactSizeIterator<Item = i32>) -> PyResult<Bound<'py, PyBytes>> {
    PyBytes::new_with(py, labels.len() * size_of::<i32>(), |bytes| {
        for (place, label) in bytes.as_chunks_mut().0.iter_mut().zip(labels) {
            *place = label.to_ne_bytes();
        }
        Ok(())
    })
}

/// Numbers from bytes in the machine's order.
fn numbers_of(bytes: &[u8]) -> Vec<f64> {
    bytes.as_chunks().0.iter().map(|word| f64::from_ne_bytes(*word)).collect()
}

/// Numbers from bytes in the machine's order, in rows of one width.
fn rows_of(bytes: &[u8], width: usize) -> Vec<Vec<f64>> {
    numbers_of(bytes).chunks(width.max(1)).map(<[f64]>::to_vec).collect()
}
