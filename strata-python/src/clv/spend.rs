//! The model of what customers spend: Gamma-Gamma.

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use strata_models::clv::gamma_gamma::{GammaGamma as Model, SpendData};

use super::{Outcome, bytes, optional, options, refused};
use crate::arrow::Table;
use crate::column::numbers;
use crate::error::Refusal;

/// Fits the model.
#[pyfunction]
pub(crate) fn fit_gamma_gamma(
    py: Python<'_>,
    data: &Table,
    weights: Option<&str>,
    penalty: f64,
) -> PyResult<Outcome> {
    let outcome: Result<Outcome, Refusal> = py.detach(|| {
        let (frequency, monetary_value) = columns(data)?;
        let weights = optional(data, weights)?;
        let data = SpendData::new(&frequency, &monetary_value, weights.as_deref()).map_err(refused)?;
        Ok(Model::fit(&data, &options(penalty)).map_err(refused)?.into())
    });
    Ok(outcome?)
}

/// The model with its parameters.
#[pyclass(frozen, module = "strata._native")]
pub(crate) struct GammaGamma {
    model: Model,
}

#[pymethods]
impl GammaGamma {
    #[new]
    fn new([p, q, v]: [f64; 3]) -> PyResult<GammaGamma> {
        Ok(GammaGamma { model: Model::new(p, q, v).map_err(refused)? })
    }

    /// Expected spend per purchase of every row; NaN where it is infinite.
    fn expected_spend<'py>(&self, py: Python<'py>, data: &Table) -> PyResult<Bound<'py, PyBytes>> {
        let model = self.model;
        let spends: Result<_, Refusal> = py.detach(|| {
            let (frequency, monetary_value) = columns(data)?;
            model.expected_spends(&frequency, &monetary_value).map_err(refused)
        });
        let spends: Vec<f64> = spends?.into_iter().map(|spend| spend.unwrap_or(f64::NAN)).collect();
        Ok(bytes(py, &spends))
    }

    /// Expected spend per purchase of a customer of whom nothing is known; none where it is infinite.
    fn population_mean(&self) -> Option<f64> {
        self.model.population_mean()
    }
}

fn columns(data: &Table) -> Result<(Vec<f64>, Vec<f64>), Refusal> {
    let column = |name: &str| numbers(name, &data.column(name)?);
    Ok((column("frequency")?, column("monetary_value")?))
}
