//! Pareto/NBD with what else is known of customers.

use pyo3::prelude::*;
use pyo3::types::PyByteArray;
use strata_models::clv::covariates::{Covariates, ParetoCovariates as Model};
use strata_models::clv::error::InputError;
use strata_models::clv::pareto::Pareto;
use strata_models::clv::purchases::{Horizon, RepeatPurchases};

use super::customers::Customers;
use super::{Outcome, column, options, refused};
use crate::arrow::Table;
use crate::column::numbers;
use crate::error::Refusal;

/// Fits the model; `buying` and `leaving` name columns.
#[pyfunction]
pub(crate) fn fit_pareto_covariates(
    py: Python<'_>,
    customers: &Customers,
    data: &Table,
    buying: Vec<String>,
    leaving: Vec<String>,
    penalty: f64,
) -> PyResult<Outcome> {
    let outcome: Result<Outcome, Refusal> = py.detach(|| {
        let (buying, leaving) = (covariates(data, &buying)?, covariates(data, &leaving)?);
        let fit = Model::fit(customers.purchases(), &buying, &leaving, &options(penalty));
        Ok(fit.map_err(refused)?.into())
    });
    Ok(outcome?)
}

/// The model with its parameters, and the columns that its coefficients are of.
#[pyclass(frozen, module = "strata._native")]
pub(crate) struct ParetoCovariates {
    model: Model,
    buying: Vec<String>,
    leaving: Vec<String>,
}

#[pymethods]
impl ParetoCovariates {
    #[new]
    fn new(base: [f64; 4], buying: Vec<(String, f64)>, leaving: Vec<(String, f64)>) -> PyResult<Self> {
        let [r, alpha, s, beta] = base;
        let base = Pareto::new(r, alpha, s, beta).map_err(refused)?;
        let (buying, of_buying) = buying.into_iter().unzip();
        let (leaving, of_leaving) = leaving.into_iter().unzip();
        Ok(ParetoCovariates {
            model: Model { base, buying: of_buying, leaving: of_leaving },
            buying,
            leaving,
        })
    }

    /// P(alive) of every row.
    fn p_alive<'py>(
        &self,
        py: Python<'py>,
        customers: &Customers,
        data: &Table,
    ) -> PyResult<Bound<'py, PyByteArray>> {
        self.all(py, customers, data, |model, purchases, buying, leaving| {
            model.p_alive_all(purchases, buying, leaving)
        })
    }

    /// Expected purchases of every row until `future_t` from now.
    fn expected_purchases<'py>(
        &self,
        py: Python<'py>,
        customers: &Customers,
        data: &Table,
        future_t: f64,
    ) -> PyResult<Bound<'py, PyByteArray>> {
        let horizon = Horizon::new(future_t).map_err(refused)?;
        self.all(py, customers, data, move |model, purchases, buying, leaving| {
            model.expected_purchases_all(purchases, buying, leaving, horizon)
        })
    }
}

impl ParetoCovariates {
    fn all<'py>(
        &self,
        py: Python<'py>,
        customers: &Customers,
        data: &Table,
        ask: impl FnOnce(&Model, &RepeatPurchases, &Covariates, &Covariates) -> Result<Vec<f64>, InputError>
        + Send,
    ) -> PyResult<Bound<'py, PyByteArray>> {
        let values: Result<_, Refusal> = py.detach(|| {
            let (buying, leaving) = (covariates(data, &self.buying)?, covariates(data, &self.leaving)?);
            ask(&self.model, customers.purchases(), &buying, &leaving).map_err(refused)
        });
        column(py, values?.into_iter())
    }
}

fn covariates(data: &Table, names: &[String]) -> Result<Covariates, Refusal> {
    let column = |name: &String| Ok((name.clone(), numbers(name, &data.column(name)?)?.to_vec()));
    Covariates::new(names.iter().map(column).collect::<Result<_, Refusal>>()?).map_err(refused)
}
