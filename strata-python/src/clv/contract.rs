//! The model of how long customers with a contract stay: shifted beta-geometric.

use pyo3::prelude::*;
use pyo3::types::PyByteArray;
use strata_models::clv::shifted_beta_geo::{ContractData, ShiftedBetaGeo as Model};

use super::{Outcome, column, counts, optional, options, refused, truths};
use crate::arrow::Table;
use crate::error::Refusal;

/// Fits the model.
#[pyfunction]
pub(crate) fn fit_shifted_beta_geo(
    py: Python<'_>,
    data: &Table,
    weights: Option<&str>,
    penalty: f64,
) -> PyResult<Outcome> {
    let outcome: Result<Outcome, Refusal> = py.detach(|| {
        let (period, churned) = (counts(data, "period")?, truths(data, "churned")?);
        let weights = optional(data, weights)?;
        let data = ContractData::new(&period, &churned, weights.as_deref()).map_err(refused)?;
        Ok(Model::fit(&data, &options(penalty)).map_err(refused)?.into())
    });
    Ok(outcome?)
}

/// The model with its parameters.
#[pyclass(frozen, module = "strata._native")]
pub(crate) struct ShiftedBetaGeo {
    model: Model,
}

#[pymethods]
impl ShiftedBetaGeo {
    #[new]
    fn new(parameters: [f64; 2]) -> PyResult<ShiftedBetaGeo> {
        let [alpha, beta] = parameters;
        Ok(ShiftedBetaGeo { model: Model::new(alpha, beta).map_err(refused)? })
    }

    /// The share of a cohort that is active after `t` renewals.
    fn survival(&self, t: u32) -> f64 {
        self.model.survival(t)
    }

    /// The share of those active after `t − 1` renewals who renew once more.
    fn retention_rate(&self, t: u32) -> f64 {
        self.model.retention_rate(t)
    }

    /// The probability of every row, after `period` renewals, of `future_t` renewals more.
    fn conditional_survival<'py>(
        &self,
        py: Python<'py>,
        data: &Table,
        future_t: u32,
    ) -> PyResult<Bound<'py, PyByteArray>> {
        let model = self.model;
        let periods = py.detach(|| counts(data, "period"))?;
        let values: Vec<f64> =
            periods.into_iter().map(|renewals| model.conditional_survival(renewals, future_t)).collect();
        column(py, values.into_iter())
    }

    /// Discounted expected residual lifetime of every row, after `period` renewals.
    fn discounted_residual_lifetime<'py>(
        &self,
        py: Python<'py>,
        data: &Table,
        discount: f64,
    ) -> PyResult<Bound<'py, PyByteArray>> {
        let model = self.model;
        let values: Result<Vec<f64>, Refusal> = py.detach(|| {
            let of = |renewals| model.discounted_residual_lifetime(renewals, discount).map_err(refused);
            counts(data, "period")?.into_iter().map(of).collect()
        });
        column(py, values?.into_iter())
    }

    /// Periods that a new customer is expected to stay; none where it is infinite.
    fn expected_lifetime(&self) -> Option<f64> {
        self.model.expected_lifetime()
    }
}
