//! What was fitted, as rows of the table `model`: one for each score, and one for each model that scores share.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use strata_lake::arrow::array::{ArrayRef, RecordBatch, StringArray};
use strata_lake::datafusion::error::Result as EngineResult;
use strata_models::clv::optimise::Optimum;
use strata_spec::definition::Scoring;

use super::clusters;
use super::fitted::{Fitted, FittedModel, ModelKey};
use crate::compile::Program;
use crate::run::Run;

/// A row of the table.
#[derive(Debug, Clone)]
pub(super) struct Row {
    name: String,
    kind: &'static str,
    subject: String,
    version: String,
    parameters: Value,
    diagnostics: Value,
    inputs: Value,
    run_id: String,
}

/// The rows of everything that the scores of a program need.
pub(super) fn of(run: &Run, program: &Program, fitted: &Fitted) -> Vec<Row> {
    let table = program.subject.profile_table();
    let row = |name: &str, kind, version: String, parameters, diagnostics| Row {
        name: name.to_owned(),
        kind,
        subject: program.subject.to_string(),
        version,
        parameters,
        diagnostics,
        inputs: json!({ table: run.inputs.get(table) }),
        run_id: run.run_id.clone(),
    };
    let mut rows = Vec::new();
    for score in &program.scores {
        let version = score.version.0.clone();
        match &score.how {
            Scoring::Rank { .. } => {
                let Some(rank) = fitted.ranks.get(&score.name) else { continue };
                let diagnostics = json!({ "n_ranked": rank.n_ranked, "n_split_ties": rank.n_split_ties() });
                rows.push(row(&score.name, "rank", version, rank.parameters(), diagnostics));
            }
            Scoring::Prediction(prediction) => {
                let Some(key) = ModelKey::of(score) else { continue };
                let parameters = json!({
                    "model": key.name(),
                    "predicts": prediction.predicts.as_str(),
                    "horizon_days": prediction.horizon_days,
                    "discount_rate": prediction.discount_rate,
                    "bound": prediction.bound,
                });
                rows.push(row(&score.name, "prediction", version, parameters, json!({})));
            }
            // Those have rows of their own, below.
            Scoring::Classifier(_) => {}
            Scoring::Clusters(_) => {
                let Some(found) = fitted.clusters.get(&score.name) else { continue };
                let parameters = found.named.as_ref().map_or_else(|| json!({}), |named| json!(named));
                rows.push(row(&score.name, clusters::KIND, version, parameters, found.report.clone()));
            }
        }
    }
    for (name, learned) in &fitted.classifiers {
        let version = program.scores.iter().find(|score| score.name == *name);
        let version = version.map(|score| score.version.0.clone()).unwrap_or_default();
        let (parameters, diagnostics) = match learned {
            Ok(learned) => (json!(learned.model), learned.report.clone()),
            Err(reason) => (json!({}), json!({ "reason": reason })),
        };
        rows.push(row(name, "classifier", version, parameters, diagnostics));
    }
    for model in fitted.models.values() {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let kind = model.key.model.as_str();
        rows.push(row(&model.key.name(), kind, version, parameters(model), diagnostics(model)));
    }
    rows
}

/// By the letters of the literature; none of what could not be fitted.
fn parameters(model: &FittedModel) -> Value {
    let mut parameters = Map::new();
    if let Ok(timing) = &model.timing {
        parameters.insert("timing".into(), named(&timing.fit.names, &timing.fit.optimum));
    }
    if let Some(Ok(spend)) = &model.spend {
        parameters.insert("spend".into(), named(&spend.fit.names, &spend.fit.optimum));
    }
    Value::Object(parameters)
}

fn named(names: &[String], optimum: &Optimum) -> Value {
    names
        .iter()
        .cloned()
        .zip(optimum.parameters.iter().map(|value| json!(value)))
        .collect::<Map<_, _>>()
        .into()
}

/// How far a fit can be trusted.
fn diagnostics(model: &FittedModel) -> Value {
    let timing = match &model.timing {
        Err(reason) => json!({ "reason": reason }),
        Ok(timing) => {
            let mut told = of_optimum(&timing.fit.names, &timing.fit.optimum);
            told.insert("n_customers".into(), timing.n_customers.into());
            told.insert("n_repeaters".into(), timing.n_repeaters.into());
            told.insert("n_distinct".into(), timing.n_distinct.into());
            Value::Object(told)
        }
    };
    let spend = model.spend.as_ref().map(|spend| match spend {
        Err(reason) => json!({ "reason": reason }),
        Ok(spend) => {
            let mut told = of_optimum(&spend.fit.names, &spend.fit.optimum);
            told.insert("n_customers".into(), spend.n_customers.into());
            told.insert("n_left_out".into(), spend.n_left_out.into());
            told.insert("population_mean".into(), json!(spend.fit.model.population_mean()));
            Value::Object(told)
        }
    });
    let holdout = model.validation.as_ref().map(|validation| match validation {
        Ok(told) => told.clone(),
        Err(reason) => json!({ "reason": reason }),
    });
    json!({ "among": model.key.among, "timing": timing, "spend": spend, "holdout": holdout })
}

fn of_optimum(names: &[String], optimum: &Optimum) -> Map<String, Value> {
    let errors = names.iter().cloned().zip(optimum.standard_errors.iter().map(|error| json!(error)));
    let named = |places: &[usize]| places.iter().filter_map(|place| names.get(*place)).collect::<Vec<_>>();
    let mut told = Map::new();
    told.insert("log_likelihood".into(), json!(optimum.log_likelihood));
    told.insert("standard_errors".into(), errors.collect::<Map<_, _>>().into());
    told.insert("n_steps".into(), optimum.n_steps.into());
    told.insert("is_regular".into(), optimum.is_regular().into());
    told.insert("converged".into(), optimum.converged.into());
    told.insert("at_boundary".into(), json!(named(&optimum.at_boundary)));
    told.insert("not_identified".into(), json!(named(&optimum.not_identified)));
    told
}

/// Rows as a batch of the table.
///
/// # Errors
/// None that rows can cause; the engine's builders return results.
pub(super) fn batch(rows: &[Row]) -> EngineResult<RecordBatch> {
    let column = |read: fn(&Row) -> String| {
        Arc::new(rows.iter().map(|row| Some(read(row))).collect::<StringArray>()) as ArrayRef
    };
    Ok(RecordBatch::try_from_iter([
        ("model", column(|row| row.name.clone())),
        ("kind", column(|row| row.kind.to_owned())),
        ("subject", column(|row| row.subject.clone())),
        ("version", column(|row| row.version.clone())),
        ("parameters", column(|row| row.parameters.to_string())),
        ("diagnostics", column(|row| row.diagnostics.to_string())),
        ("inputs", column(|row| row.inputs.to_string())),
        ("run_id", column(|row| row.run_id.clone())),
    ])?)
}
