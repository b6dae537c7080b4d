//! The models of when customers buy: BG/NBD, MBG/NBD and Pareto/NBD.

use pyo3::prelude::*;
use pyo3::types::PyByteArray;
use strata_models::clv::beta_geo::{BetaGeo, ModifiedBetaGeo};
use strata_models::clv::fit::FitOptions;
use strata_models::clv::pareto::Pareto;
use strata_models::clv::purchases::{DiscountRate, Horizon, RepeatPurchases};
use strata_models::clv::timing::TimingModel as Model;

use super::customers::Customers;
use super::{Outcome, column, options, refused};
use crate::error::Refusal;

/// Fits one of the models by name.
#[pyfunction]
pub(crate) fn fit_timing(
    py: Python<'_>,
    model: &str,
    customers: &Customers,
    penalty: f64,
) -> PyResult<Outcome> {
    let name = Name::of(model)?;
    Ok(py.detach(|| name.fit(customers.purchases(), &options(penalty)))?)
}

/// One of the models with its parameters.
#[pyclass(frozen, module = "strata._native")]
pub(crate) struct TimingModel {
    model: Model,
}

#[pymethods]
impl TimingModel {
    #[new]
    fn new(model: &str, parameters: [f64; 4]) -> PyResult<TimingModel> {
        Ok(TimingModel { model: Name::of(model)?.with(parameters)? })
    }

    /// P(alive) of every row.
    fn p_alive<'py>(&self, py: Python<'py>, customers: &Customers) -> PyResult<Bound<'py, PyByteArray>> {
        self.all(py, customers, |model, purchases| model.p_alive_all(purchases))
    }

    /// Expected purchases of every row until `future_t` from now.
    fn expected_purchases<'py>(
        &self,
        py: Python<'py>,
        customers: &Customers,
        future_t: f64,
    ) -> PyResult<Bound<'py, PyByteArray>> {
        let horizon = Horizon::new(future_t).map_err(refused)?;
        self.all(py, customers, move |model, purchases| model.expected_purchases_all(purchases, horizon))
    }

    /// The probability of every row of `n` purchases until `future_t` from now.
    fn purchase_probability<'py>(
        &self,
        py: Python<'py>,
        customers: &Customers,
        n: u32,
        future_t: f64,
    ) -> PyResult<Bound<'py, PyByteArray>> {
        let horizon = Horizon::new(future_t).map_err(refused)?;
        self.all(py, customers, move |model, purchases| model.purchase_probability_all(purchases, n, horizon))
    }

    /// Discounted expected residual purchases of every row, at a continuous rate.
    fn discounted_purchases<'py>(
        &self,
        py: Python<'py>,
        customers: &Customers,
        rate: f64,
    ) -> PyResult<Bound<'py, PyByteArray>> {
        let rate = DiscountRate::new(rate).map_err(refused)?;
        self.all(py, customers, move |model, purchases| model.discounted_purchases_all(purchases, rate))
    }

    /// Expected purchases of a new customer until `t`.
    fn expected_purchases_new(&self, t: f64) -> PyResult<f64> {
        Ok(self.model.expected_purchases_new(Horizon::new(t).map_err(refused)?))
    }

    /// The probability of `n` purchases of a new customer until `t`.
    fn purchase_probability_new(&self, n: u32, t: f64) -> PyResult<f64> {
        Ok(self.model.purchase_probability_new(n, Horizon::new(t).map_err(refused)?))
    }
}

impl TimingModel {
    pub(super) fn model(&self) -> Model {
        self.model
    }

    fn all<'py>(
        &self,
        py: Python<'py>,
        customers: &Customers,
        ask: impl FnOnce(&Model, &RepeatPurchases) -> Vec<f64> + Send,
    ) -> PyResult<Bound<'py, PyByteArray>> {
        let model = self.model;
        let values = py.detach(|| ask(&model, customers.purchases()));
        column(py, values.into_iter())
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Name {
    BetaGeo,
    ModifiedBetaGeo,
    Pareto,
}

impl Name {
    pub(super) fn of(model: &str) -> Result<Name, Refusal> {
        match model {
            "beta_geo" => Ok(Name::BetaGeo),
            "modified_beta_geo" => Ok(Name::ModifiedBetaGeo),
            "pareto" => Ok(Name::Pareto),
            other => Err(Refusal::new(format!("there is no model of timing `{other}`"))),
        }
    }

    fn fit(self, purchases: &RepeatPurchases, options: &FitOptions) -> Result<Outcome, Refusal> {
        Ok(match self {
            Name::BetaGeo => BetaGeo::fit(purchases, options).map_err(refused)?.into(),
            Name::ModifiedBetaGeo => ModifiedBetaGeo::fit(purchases, options).map_err(refused)?.into(),
            Name::Pareto => Pareto::fit(purchases, options).map_err(refused)?.into(),
        })
    }

    pub(super) fn with(self, [r, alpha, first, second]: [f64; 4]) -> Result<Model, Refusal> {
        Ok(match self {
            Name::BetaGeo => BetaGeo::new(r, alpha, first, second).map_err(refused)?.into(),
            Name::ModifiedBetaGeo => ModifiedBetaGeo::new(r, alpha, first, second).map_err(refused)?.into(),
            Name::Pareto => Pareto::new(r, alpha, first, second).map_err(refused)?.into(),
        })
    }
}
