//! Latent classes: groups behind answers.

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use strata_models::cluster::latent_class::answers::{Answers, Item};
use strata_models::cluster::latent_class::fit::Settings;
use strata_models::cluster::latent_class::model::{LatentClasses as Model, Memberships};
use strata_models::cluster::latent_class::patterns::{Covariates, Patterns};
use strata_models::cluster::points::Points;

use super::categories::{Categories, Named};
use super::{labels, refused};
use crate::arrow::Table;
use crate::clv::bytes;
use crate::column::numbers;
use crate::error::Refusal;

/// Classes, with the items and covariates that they are made of.
#[pyclass(frozen, module = "strata._native")]
pub(crate) struct LatentClasses {
    model: Model,
    items: Vec<Named>,
    covariates: Vec<String>,
}

/// Fits classes to a table by columns of categories, any of which may be missing, and columns of numbers that say beforehand which
/// class a row belongs to. `weights` names a column that says how many a row stands for.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "Python's half gives them names")]
pub(crate) fn fit_latent_classes(
    py: Python<'_>,
    table: &Table,
    items: Vec<String>,
    covariates: Vec<String>,
    weights: Option<&str>,
    n_classes: usize,
    n_starts: usize,
    max_iterations: usize,
    tolerance: f64,
    smoothing: f64,
    seed: u64,
) -> PyResult<LatentClasses> {
    let settings =
        Settings { n_starts, tolerance, most_steps: max_iterations, smoothing, ..Settings::of(n_classes) };
    let found = |name: String| Ok((name.clone(), Categories::of(&name, &table.column(&name)?)?));
    let items = items.into_iter().map(found).collect::<Result<Vec<_>, Refusal>>()?;
    let weights = weights.map(|name| numbers(name, &table.column(name)?)).transpose()?;
    let fit = || {
        let (answers, known) = rows(table, &items, &covariates)?;
        Patterns::new(&answers, weights.as_deref(), known.as_ref())
            .and_then(|patterns| Model::fit(&patterns, &settings, seed))
            .map_err(|error| refused(error, &[]))
    };
    let model = py.detach(fit)?;
    Ok(LatentClasses { model, items, covariates })
}

#[pymethods]
impl LatentClasses {
    /// A stored model.
    #[new]
    fn new(json: &str, items: Vec<Named>, covariates: Vec<String>) -> PyResult<LatentClasses> {
        let model = serde_json::from_str(json);
        let model = model.map_err(|error| Refusal::new(format!("this is no stored model: {error}")))?;
        Ok(LatentClasses { model, items, covariates })
    }

    /// What a stored model is made of.
    fn __getnewargs__(&self) -> PyResult<(String, Vec<Named>, Vec<String>)> {
        let json = serde_json::to_string(&self.model);
        let json = json.map_err(|error| Refusal::new(format!("cannot store the model: {error}")))?;
        Ok((json, self.items.clone(), self.covariates.clone()))
    }

    /// The likeliest class of each row.
    fn labels<'py>(&self, py: Python<'py>, table: &Table) -> PyResult<Bound<'py, PyBytes>> {
        let found = self.memberships(py, table)?.likeliest();
        labels(py, found.into_iter().map(|label| label as i32))
    }

    /// The probability of each class, row after row.
    fn probabilities<'py>(&self, py: Python<'py>, table: &Table) -> PyResult<Bound<'py, PyBytes>> {
        bytes(py, self.memberships(py, table)?.values())
    }

    #[getter]
    fn shares(&self) -> Vec<f64> {
        self.model.shares.clone()
    }

    /// Each item's categories.
    #[getter]
    fn items(&self) -> Vec<Named> {
        self.items.clone()
    }

    /// For each item and class the probability of each category.
    #[getter]
    fn profiles(&self) -> Vec<Vec<Vec<f64>>> {
        self.model.items.iter().map(|item| item.probabilities.clone()).collect()
    }

    /// For each class but the first, the constant and the coefficient of each covariate.
    #[getter]
    fn coefficients(&self) -> Option<Vec<Vec<f64>>> {
        self.model.membership.as_ref().map(|membership| membership.coefficients.clone())
    }

    #[getter]
    fn standard_errors(&self) -> Option<Vec<Vec<f64>>> {
        self.model.membership.as_ref().and_then(|membership| membership.standard_errors.clone())
    }

    /// The fit in figures, by name.
    #[getter]
    fn figures(&self) -> Vec<(&'static str, f64)> {
        let fit = &self.model.fit;
        vec![
            ("log_likelihood", fit.log_likelihood),
            ("n_parameters", fit.n_parameters as f64),
            ("aic", fit.aic),
            ("bic", fit.bic),
            ("icl", fit.icl),
            ("relative_entropy", fit.relative_entropy),
        ]
    }

    #[getter]
    fn n_best_found(&self) -> usize {
        self.model.search.n_best_found
    }

    #[getter]
    fn converged(&self) -> bool {
        self.model.search.converged
    }

    #[getter]
    fn n_iterations(&self) -> usize {
        self.model.search.n_iterations
    }
}

impl LatentClasses {
    fn memberships(&self, py: Python<'_>, table: &Table) -> PyResult<Memberships> {
        let of = || {
            let (answers, covariates) = rows(table, &self.items, &self.covariates)?;
            self.model.probabilities(&answers, covariates.as_ref()).map_err(|error| refused(error, &[]))
        };
        Ok(py.detach(of)?)
    }
}

fn rows(
    table: &Table,
    items: &[(String, Categories)],
    covariates: &[String],
) -> Result<(Answers, Option<Covariates>), Refusal> {
    let codes = items.iter().map(|(name, known)| known.codes(name, &table.column(name)?));
    let codes = codes.collect::<Result<Vec<_>, Refusal>>()?;
    let answers: Vec<Item<'_>> = items
        .iter()
        .zip(&codes)
        .map(|((name, known), answers)| Item { name, n_categories: known.len(), answers })
        .collect();
    let answers = Answers::new(&answers).map_err(|error| refused(error, &[]))?;
    if covariates.is_empty() {
        return Ok((answers, None));
    }
    let columns = covariates.iter().map(|name| numbers(name, &table.column(name)?));
    let columns = columns.collect::<Result<Vec<_>, Refusal>>()?;
    let columns: Vec<&[f64]> = columns.iter().map(|column| &column[..]).collect();
    let names: Vec<&str> = covariates.iter().map(String::as_str).collect();
    let known = Points::from_columns(&names, &columns)
        .and_then(|points| Covariates::new(covariates.to_vec(), points))
        .map_err(|error| refused(error, &[]))?;
    Ok((answers, Some(known)))
}
