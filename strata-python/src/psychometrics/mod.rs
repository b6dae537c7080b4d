//! Psychometrics: answers in, scores and figures of scales out. A scale comes as its items with their keys, 1 or −1.

pub(crate) mod choices;
pub(crate) mod factors;
pub(crate) mod features;
pub(crate) mod reliability;
pub(crate) mod scoring;
pub(crate) mod screening;

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array};
use strata_models::psychometrics::answers::Answers;
use strata_models::psychometrics::error::PsychometricsError;
use strata_models::psychometrics::instrument::{Instrument, Response, Scale};
use strata_models::psychometrics::moments::Missing;

use crate::arrow::Table;
use crate::column::numbers_with_gaps;
use crate::error::Refusal;

/// Items with their keys.
type Keys = Vec<(String, i64)>;

/// Scales by name.
type Scales = Vec<(String, Keys)>;

/// What psychometrics refuses, as Python raises it.
fn refused(error: PsychometricsError) -> Refusal {
    Refusal::of(&error)
}

/// The answers to these items, in the order that the table has, which is taken for that of the questionnaire.
fn answers<'a>(table: &Table, items: impl Iterator<Item = &'a String>) -> Result<Answers<'static>, Refusal> {
    let wanted: HashSet<&str> = items.map(String::as_str).collect();
    let names: Vec<String> = table.names().filter(|name| wanted.contains(name)).map(str::to_owned).collect();
    let column = |name: &String| Ok(Cow::Owned(numbers_with_gaps(name, &table.column(name)?)?));
    let columns = names.iter().map(column).collect::<Result<Vec<_>, Refusal>>()?;
    Answers::new(names, columns).map_err(refused)
}

/// A scale of items with their keys.
fn scale(name: &str, keys: &Keys) -> Result<Scale, Refusal> {
    let keys: Vec<(&str, i64)> = keys.iter().map(|(item, key)| (item.as_str(), *key)).collect();
    Scale::new(name, &keys).map_err(refused)
}

/// A block of scales.
fn instrument(
    scales: &Scales,
    (min, max): (f64, f64),
    min_answered_fraction: f64,
    is_ipsatised: bool,
) -> Result<Instrument, Refusal> {
    let scales = scales.iter().map(|(name, keys)| scale(name, keys)).collect::<Result<_, Refusal>>()?;
    let response = Response { min, max };
    Ok(Instrument { name: "scales".to_owned(), response, min_answered_fraction, is_ipsatised, scales })
}

/// The answers to the items of one scale, the reversed ones turned, in the order of the scale.
fn keyed<'a>(
    answers: &'a Answers<'_>,
    keys: &Keys,
    response: Option<(f64, f64)>,
) -> Result<Answers<'a>, Refusal> {
    let response = response.map_or_else(|| around(answers), |(min, max)| Response { min, max });
    answers.keyed(&scale("scale", keys)?, response).map_err(refused)
}

/// The names of items.
fn names(keys: &Keys) -> impl Iterator<Item = &String> {
    keys.iter().map(|(item, _)| item)
}

/// A range that holds every answer and whose middle is 0: an answer is reversed by its sign. Covariances, which are all that is taken
/// from answers without a range of their own, are the same wherever the middle is.
fn around(answers: &Answers<'_>) -> Response {
    let columns = (0..answers.n_items()).flat_map(|item| answers.column(item));
    let furthest = columns.fold(1.0, |most: f64, x| most.max(x.abs()));
    Response { min: -furthest, max: furthest }
}

fn missing(name: &str) -> Result<Missing, Refusal> {
    match name {
        "listwise" => Ok(Missing::Listwise),
        "pairwise" => Ok(Missing::Pairwise),
        other => Err(Refusal::new(format!("`missing` is `{other}`"))
            .with_hint("give `pairwise`, or `listwise` for those alone who answered every item")),
    }
}

/// A column of numbers, empty where there is none.
fn column(values: impl Iterator<Item = Option<f64>>) -> ArrayRef {
    Arc::new(Float64Array::from_iter(values))
}
