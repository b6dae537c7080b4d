//! k-prototypes: clusters of rows of numbers and categories.

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use strata_models::cluster::k_prototypes::rows::MixedRows;
use strata_models::cluster::k_prototypes::{Gamma, Prototypes as Model, Settings};
use strata_models::cluster::points::Points;
use strata_models::cluster::preparation::refuse;

use super::categories::{Categories, Named};
use super::{labels, refused};
use crate::arrow::Table;
use crate::column::numbers;
use crate::error::Refusal;

/// Clusters of mixed rows, with the columns that they are made of.
#[pyclass(frozen, module = "strata._native")]
pub(crate) struct Prototypes {
    model: Model,
    columns: Columns,
}

#[derive(Clone)]
struct Columns {
    numbers: Vec<String>,
    categories: Vec<Named>,
}

/// Clusters a table by columns of numbers and columns of categories. `gamma` is a number, or `balanced` or `half_deviation`.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "Python's half gives them names")]
pub(crate) fn fit_k_prototypes(
    py: Python<'_>,
    table: &Table,
    numbers: Vec<String>,
    categories: Vec<String>,
    n_clusters: usize,
    n_starts: usize,
    max_iterations: usize,
    gamma: &str,
    seed: u64,
) -> PyResult<(Prototypes, Py<PyBytes>)> {
    let gamma = match gamma {
        "balanced" => Gamma::Balanced,
        "half_deviation" => Gamma::HalfDeviation,
        other => Gamma::Given(other.parse().map_err(|_| {
            Refusal::new(format!("`gamma` is `{other}`"))
                .with_hint("give a number from 0, `balanced` or `half_deviation`")
        })?),
    };
    let settings = Settings { n_clusters, n_starts, gamma, most_steps: max_iterations };
    let found = |name: String| Ok((name.clone(), Categories::of(&name, &table.column(&name)?)?));
    let categories = categories.into_iter().map(found).collect::<Result<Vec<_>, Refusal>>()?;
    let columns = Columns { numbers, categories };
    let fit = || {
        let rows = columns.rows(table, true)?;
        Model::fit(&rows, &settings, seed).map_err(|error| refused(error, &columns.names()))
    };
    let (model, found) = py.detach(fit)?;
    let found = labels(py, found.into_iter().map(|label| label as i32))?.unbind();
    Ok((Prototypes { model, columns }, found))
}

#[pymethods]
impl Prototypes {
    /// A stored model.
    #[new]
    fn new(json: &str, numbers: Vec<String>, categories: Vec<Named>) -> PyResult<Prototypes> {
        let model = serde_json::from_str(json);
        let model = model.map_err(|error| Refusal::new(format!("this is no stored model: {error}")))?;
        Ok(Prototypes { model, columns: Columns { numbers, categories } })
    }

    /// What a stored model is made of.
    fn __getnewargs__(&self) -> PyResult<(String, Vec<String>, Vec<Named>)> {
        let json = serde_json::to_string(&self.model);
        let json = json.map_err(|error| Refusal::new(format!("cannot store the model: {error}")))?;
        Ok((json, self.columns.numbers.clone(), self.columns.categories.clone()))
    }

    /// The cluster of each row of a table.
    fn labels<'py>(&self, py: Python<'py>, table: &Table) -> PyResult<Bound<'py, PyBytes>> {
        let found = py.detach(|| {
            let rows = self.columns.rows(table, false)?;
            self.model.predict(&rows).map_err(|error| refused(error, &self.columns.names()))
        })?;
        labels(py, found.into_iter().map(|label| label as i32))
    }

    #[getter]
    fn means(&self) -> Vec<Vec<f64>> {
        self.model.means.clone()
    }

    /// The place of the commonest category of each column, in each cluster.
    #[getter]
    fn modes(&self) -> Vec<Vec<u16>> {
        self.model.modes.clone()
    }

    #[getter]
    fn categories(&self) -> Vec<Named> {
        self.columns.categories.clone()
    }

    #[getter]
    fn sizes(&self) -> Vec<usize> {
        self.model.sizes.clone()
    }

    #[getter]
    fn gamma(&self) -> f64 {
        self.model.gamma
    }

    #[getter]
    fn cost(&self) -> f64 {
        self.model.cost
    }

    #[getter]
    fn converged(&self) -> bool {
        self.model.converged
    }

    #[getter]
    fn n_iterations(&self) -> usize {
        self.model.n_iterations
    }
}

impl Columns {
    fn names(&self) -> Vec<String> {
        self.categories.iter().map(|(name, _)| name.clone()).collect()
    }

    /// Checked rows; of those that are fitted to, columns that say nothing are refused as well.
    fn rows(&self, table: &Table, fitted: bool) -> Result<MixedRows, Refusal> {
        let names: Vec<&str> = self.numbers.iter().map(String::as_str).collect();
        let columns = names.iter().map(|name| numbers(name, &table.column(name)?));
        let columns = columns.collect::<Result<Vec<_>, Refusal>>()?;
        let columns: Vec<&[f64]> = columns.iter().map(|column| &column[..]).collect();
        if fitted {
            for (name, column) in names.iter().zip(&columns) {
                refuse(name, column).map_err(|error| refused(error, &[]))?;
            }
        }
        let points = Points::from_columns(&names, &columns).map_err(|error| refused(error, &[]))?;
        let codes = self.categories.iter().map(|(name, known)| {
            let codes = known.codes(name, &table.column(name)?)?.into_iter().enumerate();
            let there = codes.map(|(row, code)| {
                code.ok_or_else(|| {
                    Refusal::new(format!("column `{name}` has no category in row {row}"))
                        .with_hint("leave out such rows, or give what is unknown a name of its own")
                })
            });
            there.collect::<Result<Vec<u16>, Refusal>>()
        });
        let codes = codes.collect::<Result<Vec<_>, Refusal>>()?;
        let categories: Vec<(&[u16], usize)> =
            codes.iter().zip(&self.categories).map(|(codes, (_, known))| (&codes[..], known.len())).collect();
        MixedRows::new(points, &categories).map_err(|error| refused(error, &self.names()))
    }
}
