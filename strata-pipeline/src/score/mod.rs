//! Stage 4: what do models say of each subject?
//!
//! Reads the profiles, fits the rank scores on one column each, and writes `model` (what was fitted, on what, by
//! which definition) and `score`, `company_score`: one row per subject. Fitting is small; scoring is one projection whose
//! parameters are literals.

mod rank;

use std::sync::Arc;

use serde_json::{Value, json};
use strata_lake::arrow::array::{ArrayRef, RecordBatch, StringArray};
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::logical_expr::{Expr, lit};
use strata_lake::datafusion::prelude::ident;
use strata_lake::{Engine, Write, batches};
use strata_spec::error::ErrorCode;
use tokio::task::JoinSet;

use crate::compile::{self, Program};
use crate::error::{Context, Error, Result};
use crate::layout::Layout;
use crate::run::{self, Run, Summary};

pub use rank::{FittedCut, FittedRank, fit, score_expr};

/// Runs the stage.
///
/// # Errors
/// When a table cannot be read or written.
pub async fn run(run: &Run, engine: &Engine) -> Result<Summary> {
    let mut summary = Summary::default();
    let mut models = Vec::new();
    for program in compile::of_project(&run.project, run.as_of)? {
        let profile = run::read(run, engine, program.subject.profile_table()).await?;
        let fitted = fit_all(&program, &profile).await?;
        let table = program.subject.score_table();
        let scores = plan(run, &program, &fitted, profile).context(format!("cannot plan table `{table}`"))?;
        let layout = Layout::like(run, engine, program.subject.profile_table(), program.subject).await?;
        let (version, _) = run::replace_part_by_part(run, engine, table, scores, &layout, &[]).await?;
        summary.written.insert(table.to_owned(), version);
        models.extend(fitted.iter().map(|fitted| describe(run, &program, fitted)));
    }
    summary.facts.insert("n_models".into(), models.len().into());
    let batch = model_rows(&models).context("cannot describe the models")?;
    let write = Write::replace(
        batches(batch.schema(), [Ok(batch)]),
        run.run_id.clone(),
        run.as_of.timestamp_millis(),
    );
    let written = engine.lake().write("model", write).await.context("cannot write table `model`")?;
    summary.written.insert("model".into(), written.version);
    Ok(summary)
}

/// Fits every score of a program on a profile, all at the same time: the fitting itself runs on one core each.
///
/// # Errors
/// When the profile cannot be read.
pub async fn fit_all(program: &Program, profile: &DataFrame) -> Result<Vec<FittedRank>> {
    let id = program.subject.id_column();
    // Dropped with this future, the set stops what it has begun.
    let mut tasks = JoinSet::new();
    for (at, score) in program.scores.iter().cloned().enumerate() {
        let profile = profile.clone();
        tasks.spawn(async move {
            let fitted = rank::fit(&score, id, profile).await;
            fitted.map(|fitted| (at, fitted)).context(format!("cannot fit score `{}`", score.name))
        });
    }
    let mut fitted = Vec::with_capacity(program.scores.len());
    while let Some(task) = tasks.join_next().await {
        let stopped = |error| Error::new(ErrorCode::Internal, "cannot fit a score").caused_by(error);
        fitted.push(task.map_err(stopped)??);
    }
    fitted.sort_by_key(|(at, _)| *at);
    Ok(fitted.into_iter().map(|(_, fitted)| fitted).collect())
}

/// A profile with its scores, as one projection.
///
/// # Errors
/// When the profile lacks a column that a score uses.
pub fn with_scores(
    program: &Program,
    fitted: &[FittedRank],
    profile: DataFrame,
) -> strata_lake::datafusion::error::Result<DataFrame> {
    let mut columns: Vec<Expr> = profile.schema().fields().iter().map(|field| ident(field.name())).collect();
    for (score, model) in program.scores.iter().zip(fitted) {
        columns.push(score_expr(score, model, program.subject.id_column())?.alias(&score.name));
    }
    profile.select(columns)
}

fn plan(
    run: &Run,
    program: &Program,
    fitted: &[FittedRank],
    profile: DataFrame,
) -> strata_lake::datafusion::error::Result<DataFrame> {
    let mut columns: Vec<Expr> = vec![ident(program.subject.id_column())];
    columns.extend(program.scores.iter().map(|score| ident(&score.name)));
    columns.push(lit(run.run_id.clone()).alias("run_id"));
    with_scores(program, fitted, profile)?.select(columns)
}

struct ModelRow {
    name: String,
    subject: String,
    version: String,
    parameters: Value,
    diagnostics: Value,
    inputs: Value,
    run_id: String,
}

fn describe(run: &Run, program: &Program, fitted: &FittedRank) -> ModelRow {
    let table = program.subject.profile_table();
    ModelRow {
        name: fitted.name.clone(),
        subject: program.subject.to_string(),
        version: fitted.version.0.clone(),
        parameters: fitted.parameters(),
        diagnostics: json!({ "n_ranked": fitted.n_ranked, "n_split_ties": fitted.n_split_ties() }),
        inputs: json!({ table: run.inputs.get(table) }),
        run_id: run.run_id.clone(),
    }
}

fn model_rows(models: &[ModelRow]) -> strata_lake::datafusion::error::Result<RecordBatch> {
    let column = |read: fn(&ModelRow) -> String| {
        Arc::new(models.iter().map(|model| Some(read(model))).collect::<StringArray>()) as ArrayRef
    };
    Ok(RecordBatch::try_from_iter([
        ("model", column(|model| model.name.clone())),
        ("kind", column(|_| "rank".to_owned())),
        ("subject", column(|model| model.subject.clone())),
        ("version", column(|model| model.version.clone())),
        ("parameters", column(|model| model.parameters.to_string())),
        ("diagnostics", column(|model| model.diagnostics.to_string())),
        ("inputs", column(|model| model.inputs.to_string())),
        ("run_id", column(|model| model.run_id.clone())),
    ])?)
}
