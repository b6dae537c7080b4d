//! The model of what customers spend: Gamma-Gamma.

use arrow::buffer::ScalarBuffer;
use pyo3::prelude::*;
use pyo3::types::PyByteArray;
use strata_models::clv::gamma_gamma::{GammaGamma as Model, SpendData};
use strata_models::clv::purchases::Horizon;

use super::customers::Customers;
use super::timing::TimingModel;
use super::{Outcome, Terms, column, optional, options, refused};
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
    fn new(parameters: [f64; 3]) -> PyResult<GammaGamma> {
        let [p, q, v] = parameters;
        Ok(GammaGamma { model: Model::new(p, q, v).map_err(refused)? })
    }

    /// Expected spend per purchase of every row; NaN where it is infinite.
    fn expected_spend<'py>(&self, py: Python<'py>, data: &Table) -> PyResult<Bound<'py, PyByteArray>> {
        let model = self.model;
        let spends: Result<_, Refusal> = py.detach(|| {
            let (frequency, monetary_value) = columns(data)?;
            model.expected_spends(&frequency, &monetary_value).map_err(refused)
        });
        column(py, spends?.into_iter().map(|spend| spend.unwrap_or(f64::NAN)))
    }

    /// Expected spend per purchase of a customer of whom nothing is known; none where it is infinite.
    fn population_mean(&self) -> Option<f64> {
        self.model.population_mean()
    }
}

pub(super) fn columns(data: &Table) -> Result<(ScalarBuffer<f64>, ScalarBuffer<f64>), Refusal> {
    let column = |name: &str| numbers(name, &data.column(name)?);
    Ok((column("frequency")?, column("monetary_value")?))
}

/// Lifetime value of every row within the terms: discounted purchases at the expected spend. NaN where the spend is infinite.
#[pyfunction]
pub(crate) fn lifetime_value<'py>(
    py: Python<'py>,
    timing: &TimingModel,
    spend: &GammaGamma,
    customers: &Customers,
    data: &Table,
    terms: &Terms,
) -> PyResult<Bound<'py, PyByteArray>> {
    let terms = &terms.terms;
    let (timing, spend) = (timing.model(), spend.model);
    let values: Result<_, Refusal> = py.detach(|| {
        let (frequency, monetary_value) = columns(data)?;
        let spends = spend.expected_spends(&frequency, &monetary_value).map_err(refused)?;
        let purchases = customers.purchases();
        // Rows alike are asked once for what a unit of money per purchase comes to; the spend is each row's own.
        let of_distinct = terms.lifetime_values(
            |place, t| match Horizon::new(t) {
                Ok(horizon) => timing.expected_purchases(&purchases.distinct()[place], horizon),
                Err(_) => f64::NAN,
            },
            &vec![Some(1.0); purchases.distinct().len()],
        );
        let of_distinct: Vec<f64> = of_distinct.into_iter().map(|value| value.unwrap_or(f64::NAN)).collect();
        let values = spends.into_iter().zip(purchases.spread(&of_distinct));
        Ok(values.map(|(spend, value)| spend.map_or(f64::NAN, |spend| spend * value)).collect::<Vec<f64>>())
    });
    column(py, values?.into_iter())
}
