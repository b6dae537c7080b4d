//! How many things a set of items measures.

use pyo3::prelude::*;
use strata_models::psychometrics::factors::number::parallel_analysis;

use super::{Keys, answers, keyed, missing, names, refused};
use crate::arrow::Table;
use crate::error::Refusal;

/// Eigenvalues against those of shuffled answers.
#[pyclass(frozen, get_all, module = "strata._native")]
pub(crate) struct Parallel {
    n_components: usize,
    n_factors: usize,
    components: Vec<f64>,
    components_by_chance: Vec<f64>,
    factors: Vec<f64>,
    factors_by_chance: Vec<f64>,
}

/// Parallel analysis of items.
#[pyfunction]
pub(crate) fn compare_with_chance(
    py: Python<'_>,
    table: &Table,
    items: Keys,
    missing: &str,
    n_shuffles: usize,
    seed: u64,
) -> PyResult<Parallel> {
    let which = self::missing(missing)?;
    let found: Result<Parallel, Refusal> = py.detach(|| {
        let answers = answers(table, names(&items))?;
        let keyed = keyed(&answers, &items, None)?;
        let found = parallel_analysis(&keyed, which, n_shuffles, seed).map_err(refused)?;
        Ok(Parallel {
            n_components: found.n_components,
            n_factors: found.n_factors,
            components: found.components,
            components_by_chance: found.components_by_chance,
            factors: found.factors,
            factors_by_chance: found.factors_by_chance,
        })
    });
    Ok(found?)
}
