//! Rows of numbers on their way from Python.

use pyo3::exceptions::PyMemoryError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use strata_models::cluster::error::ClusterError;
use strata_models::cluster::points::Points as Checked;

use super::refused;
use crate::arrow::Table;
use crate::column::numbers;
use crate::error::Refusal;

/// Points, checked, with the names of their columns where they have some.
#[pyclass(frozen, module = "strata._native")]
pub(crate) struct Points {
    pub(super) points: Checked,
    pub(super) names: Vec<String>,
}

impl Points {
    /// What an operation on these points refuses.
    pub(super) fn refused(&self, error: ClusterError) -> Refusal {
        refused(error, &self.names)
    }
}

#[pymethods]
impl Points {
    /// Rows as doubles in the machine's order, row after row, in pieces: a large matrix is copied once, a piece at a time.
    #[new]
    fn new(
        n_rows: usize,
        n_columns: usize,
        names: Vec<String>,
        pieces: &Bound<'_, PyAny>,
    ) -> PyResult<Points> {
        let mut values: Vec<f64> = Vec::new();
        values
            .try_reserve_exact(n_rows.saturating_mul(n_columns))
            .map_err(|error| PyMemoryError::new_err(error.to_string()))?;
        for piece in pieces.try_iter()? {
            let piece = piece?;
            let words = piece.cast::<PyBytes>()?.as_bytes().as_chunks().0;
            values.extend(words.iter().map(|word| f64::from_ne_bytes(*word)));
        }
        let points = pieces.py().detach(|| Checked::new(values, n_columns));
        Ok(Points { points: points.map_err(|error| refused(error, &names))?, names })
    }

    /// Columns of a table.
    #[staticmethod]
    fn from_table(py: Python<'_>, table: &Table, names: Vec<String>) -> PyResult<Points> {
        let columns = names
            .iter()
            .map(|name| numbers(name, &table.column(name)?))
            .collect::<Result<Vec<_>, Refusal>>()?;
        let points = py.detach(|| {
            let named: Vec<&str> = names.iter().map(String::as_str).collect();
            let columns: Vec<&[f64]> = columns.iter().map(|column| &column[..]).collect();
            Checked::from_columns(&named, &columns)
        });
        Ok(Points { points: points.map_err(|error| refused(error, &names))?, names })
    }

    /// How many there are.
    fn __len__(&self) -> usize {
        self.points.n_rows()
    }
}
