//! The models of when customers buy: BG/NBD, MBG/NBD and Pareto/NBD.

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use strata_models::clv::beta_geo::{BetaGeo, ModifiedBetaGeo};
use strata_models::clv::fit::FitOptions;
use strata_models::clv::pareto::Pareto;
use strata_models::clv::purchases::{DiscountRate, Horizon, RepeatPurchases};
use strata_models::clv::timing::TimingModel as Model;

use super::{Outcome, bytes, optional, options, refused};
use crate::arrow::Table;
use crate::column::numbers;
use crate::error::Refusal;

/// Fits one of the models by name.
#[pyfunction]
pub(crate) fn fit_timing(
    py: Python<'_>,
    model: &str,
    data: &Table,
    tenure: &str,
    weights: Option<&str>,
    penalty: f64,
) -> PyResult<Outcome> {
    let name = Name::of(model)?;
    let outcome = py.detach(|| name.fit(&purchases(data, tenure, weights)?, &options(penalty)));
    Ok(outcome?)
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
    fn p_alive<'py>(&self, py: Python<'py>, data: &Table, tenure: &str) -> PyResult<Bound<'py, PyBytes>> {
        self.all(py, data, tenure, |model, purchases| model.p_alive_all(purchases))
    }

    /// Expected purchases of every row until `future_t` from now.
    fn expected_purchases<'py>(
        &self,
        py: Python<'py>,
        data: &Table,
        tenure: &str,
        future_t: f64,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let horizon = Horizon::new(future_t).map_err(refused)?;
        self.all(py, data, tenure, move |model, purchases| model.expected_purchases_all(purchases, horizon))
    }

    /// The probability of every row of `n` purchases until `future_t` from now.
    fn purchase_probability<'py>(
        &self,
        py: Python<'py>,
        data: &Table,
        tenure: &str,
        n: u32,
        future_t: f64,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let horizon = Horizon::new(future_t).map_err(refused)?;
        self.all(py, data, tenure, move |model, purchases| {
            model.purchase_probability_all(purchases, n, horizon)
        })
    }

    /// Discounted expected residual purchases of every row, at a continuous rate.
    fn discounted_purchases<'py>(
        &self,
        py: Python<'py>,
        data: &Table,
        tenure: &str,
        rate: f64,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let rate = DiscountRate::new(rate).map_err(refused)?;
        self.all(py, data, tenure, move |model, purchases| model.discounted_purchases_all(purchases, rate))
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
        data: &Table,
        tenure: &str,
        ask: impl FnOnce(&Model, &RepeatPurchases) -> Vec<f64> + Send,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let model = self.model;
        let values: Result<_, Refusal> = py.detach(|| Ok(ask(&model, &purchases(data, tenure, None)?)));
        Ok(bytes(py, &values?))
    }
}

#[derive(Debug, Clone, Copy)]
enum Name {
    BetaGeo,
    ModifiedBetaGeo,
    Pareto,
}

impl Name {
    fn of(model: &str) -> Result<Name, Refusal> {
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

    fn with(self, [r, alpha, first, second]: [f64; 4]) -> Result<Model, Refusal> {
        Ok(match self {
            Name::BetaGeo => BetaGeo::new(r, alpha, first, second).map_err(refused)?.into(),
            Name::ModifiedBetaGeo => ModifiedBetaGeo::new(r, alpha, first, second).map_err(refused)?.into(),
            Name::Pareto => Pareto::new(r, alpha, first, second).map_err(refused)?.into(),
        })
    }
}

pub(super) fn purchases(
    data: &Table,
    tenure: &str,
    weights: Option<&str>,
) -> Result<RepeatPurchases, Refusal> {
    let column = |name: &str| numbers(name, &data.column(name)?);
    let (frequency, recency, tenure) = (column("frequency")?, column("recency")?, column(tenure)?);
    match optional(data, weights)? {
        None => RepeatPurchases::new(&frequency, &recency, &tenure),
        Some(weights) => RepeatPurchases::weighted(&frequency, &recency, &tenure, &weights),
    }
    .map_err(refused)
}
