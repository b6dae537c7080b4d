//! The rows of the table `model`, whose parameters and diagnostics are JSON, as types.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Error as _};
use serde_json::Value;
use strata_spec::definition::Model as Family;
use strata_spec::error::ErrorCode;
use strata_spec::table::Subject;

use super::{Fit, Kind, Model, Parameter, Purchases, Told};
use crate::error::{Error, Result};
use crate::query::View;
use crate::query::ask::ask;

/// The table of what was fitted.
pub const MODEL: &str = "model";

/// The letters in the order of the literature.
const LETTERS: [&str; 9] = ["r", "alpha", "s", "beta", "a", "b", "p", "q", "v"];

pub(super) async fn read(view: &View) -> Result<Vec<Model>> {
    let query = format!("select model, kind, subject, version, parameters, diagnostics from {MODEL}");
    let mut models = Vec::new();
    for row in ask(view, "read the models", &query).await? {
        let name = row.text(0).to_owned();
        let is_company = row.text(2) == Subject::Companies.as_str();
        let subject = if is_company { Subject::Companies } else { Subject::Customers };
        let is = kind(subject, row.text(1), row.text(4), row.text(5)).map_err(|cause| {
            Error::new(ErrorCode::Internal, format!("cannot understand the model `{name}`")).caused_by(cause)
        })?;
        models.push(Model { name, subject, version: row.text(3).to_owned(), is });
    }
    Ok(models)
}

/// What a row is.
pub(super) fn kind(
    subject: Subject,
    kind: &str,
    parameters: &str,
    diagnostics: &str,
) -> serde_json::Result<Kind> {
    let mut parameters: Value = serde_json::from_str(parameters)?;
    let mut diagnostics: Value = serde_json::from_str(diagnostics)?;
    match (kind, Family::ALL.into_iter().find(|family| family.as_str() == kind)) {
        ("rank", _) => {
            for count in ["n_ranked", "n_split_ties"] {
                parameters[count] = diagnostics[count].take();
            }
            Ok(Kind::Rank(serde_json::from_value(parameters)?))
        }
        ("prediction", _) => Ok(Kind::Prediction(serde_json::from_value(parameters)?)),
        ("clusters", _) => Ok(Kind::Clusters(serde_json::from_value(diagnostics)?)),
        ("classifier", _) => Ok(Kind::Classifier(serde_json::from_value(diagnostics)?)),
        (_, None) => Err(serde_json::Error::custom(format!("there is no kind of model `{kind}`"))),
        (_, Some(family)) => {
            let timing = fit(parameters["timing"].take(), diagnostics["timing"].take())?;
            let no_timing = || Told::Not { reason: "nothing is known of the fit".to_owned() };
            Ok(Kind::Purchases(Box::new(Purchases {
                subject,
                family,
                among: serde_json::from_value(diagnostics["among"].take())?,
                timing: timing.unwrap_or_else(no_timing),
                spend: fit(parameters["spend"].take(), diagnostics["spend"].take())?,
                holdout: maybe(diagnostics["holdout"].take())?,
            })))
        }
    }
}

fn maybe<T: DeserializeOwned>(value: Value) -> serde_json::Result<Option<T>> {
    serde_json::from_value(value)
}

/// How a row tells of a fit.
#[derive(Deserialize)]
struct Diagnostics {
    log_likelihood: Option<f64>,
    #[serde(default)]
    standard_errors: BTreeMap<String, Option<f64>>,
    #[serde(default)]
    is_regular: bool,
    // Runs of earlier versions said no more than that, and none of these.
    converged: Option<bool>,
    #[serde(default)]
    at_boundary: Vec<String>,
    #[serde(default)]
    not_identified: Vec<String>,
    #[serde(default)]
    n_customers: u64,
    n_repeaters: Option<u64>,
    n_left_out: Option<u64>,
    population_mean: Option<f64>,
}

/// A fit, or why there is none; nothing where no score asks for one.
fn fit(parameters: Value, diagnostics: Value) -> serde_json::Result<Option<Told<Fit>>> {
    let told = match maybe::<Told<Diagnostics>>(diagnostics)? {
        None => return Ok(None),
        Some(Told::Not { reason }) => return Ok(Some(Told::Not { reason })),
        Some(Told::Is(told)) => told,
    };
    let values: BTreeMap<String, Option<f64>> = maybe(parameters)?.unwrap_or_default();
    let mut parameters: Vec<Parameter> = values
        .into_iter()
        .filter_map(|(name, value)| {
            let standard_error = told.standard_errors.get(&name).copied().flatten();
            Some(Parameter { name, value: value?, standard_error })
        })
        .collect();
    let place = |name: &str| LETTERS.iter().position(|letter| *letter == name).unwrap_or(LETTERS.len());
    parameters.sort_by_key(|parameter| place(&parameter.name));
    Ok(Some(Told::Is(Fit {
        converged: told.converged.unwrap_or(true),
        at_boundary: told.at_boundary,
        not_identified: told.not_identified,
        parameters,
        log_likelihood: told.log_likelihood,
        is_regular: told.is_regular,
        n_customers: told.n_customers,
        n_repeaters: told.n_repeaters,
        n_left_out: told.n_left_out,
        population_mean: told.population_mean,
    })))
}
