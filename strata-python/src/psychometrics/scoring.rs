//! Scores of scales.

use pyo3::prelude::*;
use strata_models::psychometrics::scoring::score;

use super::{Scales, answers, column, instrument, names, refused};
use crate::arrow::Table;

/// A score for each respondent on each scale, and where scales are ipsatised the respondent's mean, empty where too little was answered.
#[pyfunction]
pub(crate) fn score_scales(
    py: Python<'_>,
    table: &Table,
    scales: Scales,
    response: (f64, f64),
    min_answered: f64,
    ipsatised: bool,
) -> PyResult<Table> {
    let scored = py.detach(|| {
        let block = instrument(&scales, response, min_answered, ipsatised)?;
        let items = scales.iter().flat_map(|(_, keys)| names(keys));
        let scores = score(&answers(table, items)?, &block).map_err(refused)?;
        let known = |values: Vec<f64>| column(values.into_iter().map(|x| (!x.is_nan()).then_some(x)));
        let means = scores.person_means.map(|means| ("person_mean".to_owned(), known(means)));
        let of_scales = scores.scales.into_iter().zip(scores.values.into_iter().map(known));
        Table::of(of_scales.chain(means).collect())
    });
    Ok(scored?)
}
