//! How well the items of a scale agree, and what the scale may therefore be used for.

use pyo3::prelude::*;
use strata_models::psychometrics::error::Warning;
use strata_models::psychometrics::evidence::evidence;
use strata_models::psychometrics::factors::Extraction;
use strata_models::psychometrics::gate::{Gates, Use};
use strata_models::psychometrics::moments::Moments;
use strata_models::psychometrics::reliability::omega::{hierarchical_omega, omega};
use strata_models::psychometrics::reliability::{alpha, is_ordinal_due, ordinal_alpha};

use super::{Keys, answers, keyed, missing, names, refused};
use crate::arrow::Table;
use crate::error::Refusal;

/// Cronbach's α and its relatives.
#[pyclass(frozen, get_all, module = "strata._native")]
pub(crate) struct Alpha {
    alpha: f64,
    std_alpha: f64,
    ordinal_alpha: Option<f64>,
    is_ordinal_due: bool,
    average_r: f64,
    standard_error: f64,
    spearman_brown: Option<f64>,
    n: usize,
    items: Vec<String>,
    item_rest: Vec<f64>,
    alpha_if_deleted: Vec<Option<f64>>,
    notes: Vec<String>,
}

/// McDonald's ω of one factor, and of a general factor above groups.
#[pyclass(frozen, get_all, module = "strata._native")]
pub(crate) struct Omega {
    total: Option<f64>,
    std_total: Option<f64>,
    hierarchical: Option<f64>,
    hierarchical_total: Option<f64>,
    n: usize,
    items: Vec<String>,
    loadings: Vec<f64>,
    general: Option<Vec<f64>>,
    groups: Option<Vec<Vec<f64>>>,
    notes: Vec<String>,
}

/// α of the items of a scale; `ordinal` asks for that of polychoric correlations besides.
#[pyfunction]
pub(crate) fn scale_alpha(
    py: Python<'_>,
    table: &Table,
    items: Keys,
    response: Option<(f64, f64)>,
    missing: &str,
    ordinal: bool,
) -> PyResult<Alpha> {
    let which = self::missing(missing)?;
    let found: Result<Alpha, Refusal> = py.detach(|| {
        let answers = answers(table, names(&items))?;
        let keyed = keyed(&answers, &items, response)?;
        let moments = Moments::of(&keyed, which).map_err(refused)?;
        let found = alpha(&moments).map_err(refused)?;
        Ok(Alpha {
            alpha: found.alpha,
            std_alpha: found.standardised,
            ordinal_alpha: ordinal.then(|| ordinal_alpha(&keyed)).transpose().map_err(refused)?,
            is_ordinal_due: is_ordinal_due(&keyed),
            average_r: found.average_r,
            standard_error: found.standard_error,
            spearman_brown: found.spearman_brown,
            n: found.n,
            items: found.items.iter().map(|item| item.item.clone()).collect(),
            item_rest: found.items.iter().map(|item| item.item_rest).collect(),
            alpha_if_deleted: found.items.iter().map(|item| item.alpha_if_deleted).collect(),
            notes: sentences(&moments.warnings),
        })
    });
    Ok(found?)
}

/// ω of the items of a scale. Where that of a general factor cannot be had, a note says why.
#[pyfunction]
pub(crate) fn scale_omega(
    py: Python<'_>,
    table: &Table,
    items: Keys,
    response: Option<(f64, f64)>,
    method: &str,
    missing: &str,
) -> PyResult<Omega> {
    let (extraction, which) = (extraction(method)?, self::missing(missing)?);
    let found: Result<Omega, Refusal> = py.detach(|| {
        let answers = answers(table, names(&items))?;
        let moments = Moments::of(&keyed(&answers, &items, response)?, which).map_err(refused)?;
        let found = omega(&moments, extraction).map_err(refused)?;
        let mut notes = sentences(&moments.warnings);
        notes.extend(sentences(&found.warnings));
        let general = hierarchical_omega(&moments)
            .inspect(|general| notes.extend(sentences(&general.warnings)))
            .inspect_err(|error| notes.push(Refusal::of(error).to_string()))
            .ok();
        notes.dedup();
        Ok(Omega {
            total: found.total,
            std_total: found.standardised,
            hierarchical: general.as_ref().and_then(|general| general.hierarchical),
            hierarchical_total: general.as_ref().and_then(|general| general.total),
            n: moments.n,
            items: moments.items,
            loadings: found.loadings,
            general: general.as_ref().map(|general| general.general.clone()),
            groups: general.map(|general| general.groups),
            notes,
        })
    });
    Ok(found?)
}

/// What a scale may be used for, and why.
#[pyfunction]
pub(crate) fn judge_scale(
    py: Python<'_>,
    table: &Table,
    items: Keys,
    response: Option<(f64, f64)>,
    seed: u64,
) -> PyResult<(&'static str, Vec<String>)> {
    let found: Result<_, Refusal> = py.detach(|| {
        let answers = answers(table, names(&items))?;
        let known = evidence("scale", &keyed(&answers, &items, response)?, seed).map_err(refused)?;
        let verdict = Gates::default().judge(&known);
        let usage = match verdict.usage {
            Use::Usable => "usable",
            Use::SegmentMeansOnly => "segment_means_only",
            Use::Dropped => "dropped",
        };
        Ok((usage, verdict.reasons))
    });
    Ok(found?)
}

fn extraction(name: &str) -> Result<Extraction, Refusal> {
    match name {
        "minres" => Ok(Extraction::MinimumResidual),
        "ml" => Ok(Extraction::MaximumLikelihood),
        other => Err(Refusal::new(format!("`method` is `{other}`")).with_hint(
            "give `minres` for the least squares of residuals, or `ml` for the greatest likelihood",
        )),
    }
}

fn sentences(warnings: &[Warning]) -> Vec<String> {
    warnings.iter().map(Warning::to_string).collect()
}
