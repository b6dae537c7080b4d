//! The model of customers who buy or not at each of a few occasions: BG/BB.

use pyo3::prelude::*;
use pyo3::types::PyByteArray;
use strata_models::clv::bg_bb::{BgBb as Model, Occasions, OccasionsData};

use super::{Outcome, column, counts, optional, options, refused};
use crate::arrow::Table;
use crate::error::Refusal;

/// Fits the model.
#[pyfunction]
pub(crate) fn fit_bg_bb(
    py: Python<'_>,
    data: &Table,
    tenure: &str,
    weights: Option<&str>,
    penalty: f64,
) -> PyResult<Outcome> {
    let outcome: Result<Outcome, Refusal> = py.detach(|| {
        let (frequency, recency) = (counts(data, "frequency")?, counts(data, "recency")?);
        let (periods, weights) = (counts(data, tenure)?, optional(data, weights)?);
        let data = OccasionsData::new(&frequency, &recency, &periods, weights.as_deref()).map_err(refused)?;
        Ok(Model::fit(&data, &options(penalty)).map_err(refused)?.into())
    });
    Ok(outcome?)
}

/// The model with its parameters.
#[pyclass(frozen, module = "strata._native")]
pub(crate) struct BgBb {
    model: Model,
}

#[pymethods]
impl BgBb {
    #[new]
    fn new(parameters: [f64; 4]) -> PyResult<BgBb> {
        let [alpha, beta, gamma, delta] = parameters;
        Ok(BgBb { model: Model::new(alpha, beta, gamma, delta).map_err(refused)? })
    }

    /// The probability of every row of being alive after `future_t` occasions more.
    fn p_alive<'py>(
        &self,
        py: Python<'py>,
        data: &Table,
        tenure: &str,
        future_t: u32,
    ) -> PyResult<Bound<'py, PyByteArray>> {
        self.all(py, data, tenure, move |model, occasions| model.p_alive(occasions, future_t))
    }

    /// Expected purchases of every row at the next `future_t` occasions.
    fn expected_purchases<'py>(
        &self,
        py: Python<'py>,
        data: &Table,
        tenure: &str,
        future_t: u32,
    ) -> PyResult<Bound<'py, PyByteArray>> {
        self.all(py, data, tenure, move |model, occasions| model.expected_purchases(occasions, future_t))
    }

    /// Expected purchases of a new customer at `n` occasions.
    fn expected_purchases_new(&self, n: u32) -> f64 {
        self.model.expected_purchases_new(n)
    }
}

impl BgBb {
    fn all<'py>(
        &self,
        py: Python<'py>,
        data: &Table,
        tenure: &str,
        ask: impl Fn(&Model, Occasions) -> f64 + Sync,
    ) -> PyResult<Bound<'py, PyByteArray>> {
        let model = self.model;
        let values: Result<Vec<f64>, Refusal> = py.detach(|| {
            let (frequency, recency) = (counts(data, "frequency")?, counts(data, "recency")?);
            let rows = frequency.iter().zip(&recency).zip(counts(data, tenure)?).enumerate();
            rows.map(|(row, ((x, t_x), n))| {
                let occasions = Occasions::new(*x, *t_x, n);
                let occasions = occasions.map_err(|error| {
                    Refusal::new(error.to_string().replacen("row 0", &format!("row {row}"), 1))
                })?;
                Ok(ask(&model, occasions))
            })
            .collect()
        });
        column(py, values?.into_iter())
    }
}
