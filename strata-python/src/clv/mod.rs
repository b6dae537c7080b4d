//! Models of customer value: columns in, a value per row out. Parameters live in Python, so that a fitted model can be stored,
//! sent and compared as what it is, a few numbers.

pub(crate) mod contract;
pub(crate) mod covariates;
pub(crate) mod customers;
pub(crate) mod occasions;
pub(crate) mod posterior;
pub(crate) mod spend;
pub(crate) mod timing;
pub(crate) mod validation;

use std::fmt::Display;

use arrow::array::{Array, AsArray};
use arrow::buffer::ScalarBuffer;
use arrow::datatypes::DataType;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes};
use strata_models::clv::fit::{Fit, FitOptions};
use strata_models::clv::value::{Discounting, ValueTerms};

use crate::arrow::Table;
use crate::column::numbers;
use crate::error::Refusal;

/// What a fit came to.
#[pyclass(frozen, get_all, module = "strata._native")]
pub(crate) struct Outcome {
    names: Vec<String>,
    parameters: Vec<f64>,
    standard_errors: Vec<Option<f64>>,
    covariance: Option<Vec<Vec<f64>>>,
    log_likelihood: f64,
    n_steps: usize,
    gradient_norm: f64,
    converged: bool,
    at_boundary: Vec<String>,
    not_identified: Vec<String>,
}

impl<P> From<Fit<P>> for Outcome {
    fn from(fit: Fit<P>) -> Outcome {
        let Fit { names, optimum, .. } = fit;
        let named = |places: &[usize]| places.iter().map(|place| names[*place].clone()).collect();
        let covariance = optimum.covariance.as_ref().map(|covariance| {
            let places = 0..covariance.order();
            let row = |row| places.clone().map(|column| covariance.at(row, column)).collect();
            places.clone().map(row).collect()
        });
        Outcome {
            at_boundary: named(&optimum.at_boundary),
            not_identified: named(&optimum.not_identified),
            covariance,
            names,
            parameters: optimum.parameters,
            standard_errors: optimum.standard_errors,
            log_likelihood: optimum.log_likelihood,
            n_steps: optimum.n_steps,
            gradient_norm: optimum.gradient_norm,
            converged: optimum.converged,
        }
    }
}

/// What a value counts: for how long, at which discount, which share of what is spent.
#[pyclass(frozen, module = "strata._native")]
pub(crate) struct Terms {
    terms: ValueTerms,
}

#[pymethods]
impl Terms {
    #[new]
    fn new(n_periods: u32, period: f64, discount: f64, margin: f64, discounting: &str) -> PyResult<Terms> {
        let discounting = match discounting {
            "period_end" => Discounting::PeriodEnd,
            "continuous" => Discounting::Continuous,
            other => {
                return Err(Refusal::new(format!("`discounting` is `{other}`"))
                    .with_hint("give `period_end` or `continuous`")
                    .into());
            }
        };
        let terms = ValueTerms::new(n_periods, period, discount, margin, discounting);
        Ok(Terms { terms: terms.map_err(refused)? })
    }
}

fn options(penalty: f64) -> FitOptions {
    FitOptions { penalty }
}

/// What a model refuses says itself what to do.
fn refused(error: impl Display) -> Refusal {
    Refusal::new(error.to_string())
}

/// A value per row, as bytes in the machine's order.
pub(crate) fn bytes<'py>(py: Python<'py>, values: &[f64]) -> PyResult<Bound<'py, PyBytes>> {
    PyBytes::new_with(py, size_of_val(values), |bytes| {
        for (place, value) in bytes.as_chunks_mut().0.iter_mut().zip(values) {
            *place = value.to_ne_bytes();
        }
        Ok(())
    })
}

/// A value per row in the machine's order, as bytes that NumPy can have as they are.
fn column<'py>(
    py: Python<'py>,
    values: impl ExactSizeIterator<Item = f64>,
) -> PyResult<Bound<'py, PyByteArray>> {
    PyByteArray::new_with(py, values.len() * size_of::<f64>(), |bytes| {
        for (place, value) in bytes.as_chunks_mut().0.iter_mut().zip(values) {
            *place = value.to_ne_bytes();
        }
        Ok(())
    })
}

/// A column of numbers, or none where it has no name.
fn optional(table: &Table, name: Option<&str>) -> Result<Option<ScalarBuffer<f64>>, Refusal> {
    name.map(|name| numbers(name, &table.column(name)?)).transpose()
}

/// A column of counts.
fn counts(table: &Table, name: &str) -> Result<Vec<u32>, Refusal> {
    let count = |(row, value): (usize, &f64)| {
        if value.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(value) {
            return Ok(*value as u32);
        }
        Err(Refusal::new(format!("row {row}, column `{name}`: {value} is no count"))
            .with_hint("give whole numbers from 0"))
    };
    numbers(name, &table.column(name)?)?.iter().enumerate().map(count).collect()
}

/// A column of truths.
pub(crate) fn truths(table: &Table, name: &str) -> Result<Vec<bool>, Refusal> {
    let column = table.column(name)?;
    match column.data_type() {
        DataType::Boolean if column.null_count() == 0 => Ok(column.as_boolean().values().iter().collect()),
        _ => {
            let refusal = Refusal::new(format!("column `{name}` does not say true or false in every row"));
            Err(refusal.with_hint("give booleans without gaps"))
        }
    }
}
