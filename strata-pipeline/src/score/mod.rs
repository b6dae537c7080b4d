//! Stage 4: what do models say of each subject?
//!
//! Reads the profiles, fits ranks on one column each and models of purchases on a few, and writes `model` (what was fitted, on
//! what, how well it held up, by which definition) and `score`, `company_score`: one row per subject. Fitting is small; scoring is
//! one projection whose parameters are literals.

mod clusters;
mod fitted;
mod learning;
mod past;
mod prediction;
mod purchases;
mod rank;
mod row;
pub(crate) mod sample;
mod validation;

use std::collections::BTreeMap;
use std::sync::Arc;

use strata_lake::arrow::array::RecordBatch;
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::error::Result as EngineResult;
use strata_lake::datafusion::logical_expr::{Expr, lit};
use strata_lake::datafusion::prelude::ident;
use strata_lake::{Engine, Write, batches};
use strata_spec::condition::Condition;
use strata_spec::definition::{Prediction, Scoring};
use strata_spec::error::ErrorCode;
use tokio::task::{JoinSet, spawn_blocking};

use crate::compile::{self, Program, ScoreColumn};
use crate::error::{Context, Error, Result};
use crate::layout::Layout;
use crate::run::{self, Run, Summary};

pub use clusters::Found;
pub(crate) use clusters::Named;
pub use fitted::{Fitted, FittedModel, ModelKey};
pub use learning::Learned;
pub use rank::{FittedCut, FittedRank, Ranking};

/// Runs the stage.
///
/// # Errors
/// When a table cannot be read or written.
pub async fn run(run: &Run, engine: &Engine) -> Result<Summary> {
    let mut summary = Summary::default();
    let mut rows = Vec::new();
    for program in compile::of_project(&run.project, run.as_of)? {
        let profile = run::read(run, engine, program.subject.profile_table()).await?;
        let mut fitted = fit_all(&program, &profile).await?;
        hold_out(run, engine, &program, &mut fitted).await?;
        train(run, engine, &program, &mut fitted).await?;
        let scored = group(run, engine, &program, profile, &mut fitted).await?;
        let table = program.subject.score_table();
        let scores = plan(run, &program, scored.rows).context(format!("cannot plan table `{table}`"))?;
        let layout = Layout::like(run, engine, program.subject.profile_table(), program.subject).await?;
        let (version, _) = match scored.ranks_subjects {
            // A place among all subjects is not found in one part of them.
            true => run::replace_in(run, engine, table, scores, &layout).await?,
            false => run::replace_part_by_part(run, engine, table, scores, &layout, &[]).await?,
        };
        summary.written.insert(table.to_owned(), version);
        summary.warnings.extend(fitted.warnings(program.subject));
        rows.extend(row::of(run, &program, &fitted));
    }
    summary.facts.insert("n_models".into(), rows.len().into());
    let batch: RecordBatch = row::batch(&rows).context("cannot describe the models")?;
    let write = Write::replace(
        batches(batch.schema(), [Ok(batch)]),
        run.run_id.clone(),
        run.as_of.timestamp_millis(),
    );
    let written = engine.lake().write("model", write).await.context("cannot write table `model`")?;
    summary.written.insert("model".into(), written.version);
    Ok(summary)
}

/// Fits whatever the scores of a program need on a profile, all at the same time: each fit runs on few cores.
///
/// # Errors
/// When the profile cannot be read.
pub async fn fit_all(program: &Program, profile: &DataFrame) -> Result<Fitted> {
    let id = program.subject.id_column();
    // Dropped with this future, the sets stop what they have begun.
    let mut ranks = JoinSet::new();
    let mut models = JoinSet::new();
    for score in program.scores.iter().cloned() {
        let profile = profile.clone();
        if let Scoring::Rank { by, tiles, descending } = score.how.clone() {
            ranks.spawn(async move {
                let ranking = Ranking { by: &by, tiles, descending };
                let fitted = rank::fit(&score, ranking, id, profile).await;
                fitted.context(format!("cannot fit score `{}`", score.name))
            });
        }
    }
    for (key, wanted) in fitted::wanted(&program.scores) {
        let (profile, subject) = (profile.clone(), program.subject);
        models.spawn(async move { prediction::fit(key, wanted, profile, subject).await });
    }
    let stopped = |error| Error::new(ErrorCode::Internal, "cannot fit a score").caused_by(error);
    let mut fitted = Fitted {
        ranks: BTreeMap::new(),
        models: BTreeMap::new(),
        classifiers: BTreeMap::new(),
        clusters: BTreeMap::new(),
    };
    while let Some(task) = ranks.join_next().await {
        let rank = task.map_err(stopped)??;
        fitted.ranks.insert(rank.name.clone(), rank);
    }
    while let Some(task) = models.join_next().await {
        let model = task.map_err(stopped)??;
        fitted.models.insert(model.key.clone(), model);
    }
    Ok(fitted)
}

/// Holds what models would have predicted earlier against what has happened since.
async fn hold_out(run: &Run, engine: &Engine, program: &Program, fitted: &mut Fitted) -> Result<()> {
    let definitions = &run.project.manifest.definitions.scores;
    let mut conditions: Vec<Condition> = Vec::new();
    let mut place_of: BTreeMap<ModelKey, Option<usize>> = BTreeMap::new();
    let mut level_of: BTreeMap<ModelKey, f64> = BTreeMap::new();
    for score in &program.scores {
        let Some(key) = ModelKey::of(score) else { continue };
        if let Scoring::Prediction(Prediction { bound: Some(bound), .. }) = &score.how {
            level_of.entry(key.clone()).or_insert(bound.level);
        }
        let among = definitions.get(score.name.as_str()).and_then(|definition| definition.among.clone());
        let place = among.map(|among| {
            conditions.iter().position(|known| *known == among).unwrap_or_else(|| {
                conditions.push(among);
                conditions.len() - 1
            })
        });
        place_of.insert(key, place);
    }
    let models = fitted.models.values_mut().filter(|model| model.timing.is_ok());
    let models: Vec<&mut FittedModel> = models.collect();
    if models.is_empty() {
        return Ok(());
    }
    let past = past::look_back(run, engine, program.subject, &conditions).await?;
    let past = Arc::new(past);
    for model in models {
        let (past, kind, seed) = (Arc::clone(&past), model.key.model, run.seed);
        let among = place_of.get(&model.key).copied().flatten();
        let level = level_of.get(&model.key).copied();
        let validating = spawn_blocking(move || match past.as_ref() {
            Ok(past) => validation::validate(past, kind, among, level, seed),
            Err(reason) => Err(reason.clone()),
        });
        let stopped = |error| Error::new(ErrorCode::Internal, "a validation stopped").caused_by(error);
        model.validation = Some(validating.await.map_err(stopped)?);
    }
    Ok(())
}

/// Trains the classifiers of a program, one after the other: each uses all cores.
async fn train(run: &Run, engine: &Engine, program: &Program, fitted: &mut Fitted) -> Result<()> {
    for score in &program.scores {
        let Scoring::Classifier(classifier) = &score.how else { continue };
        let definition = run.project.manifest.definitions.scores.get(score.name.as_str());
        let among = definition.and_then(|definition| definition.among.as_ref());
        let learned = learning::train(run, engine, program.subject, classifier, among).await?;
        fitted.classifiers.insert(score.name.clone(), learned);
    }
    Ok(())
}

/// Profiles with all their scores.
struct Scored {
    rows: DataFrame,
    /// Whether some of them hang on the place that a subject has among all.
    ranks_subjects: bool,
}

/// Looks for the clusters of a program, one after the other: each uses all cores. Those in traits come first, then those in layers,
/// whose classes the other scores may decide.
async fn group(
    run: &Run,
    engine: &Engine,
    program: &Program,
    profile: DataFrame,
    fitted: &mut Fitted,
) -> Result<Scored> {
    let planning = || format!("cannot plan the scores of {}", program.subject);
    for score in &program.scores {
        let Scoring::Clusters(clusters) = &score.how else { continue };
        if clusters.layers.is_empty() {
            let found = clusters::find(run, engine, score, clusters, program.subject, &profile).await?;
            fitted.clusters.insert(score.name.clone(), found);
        }
    }
    let rows = with_scores(program, fitted, profile).context(planning())?;
    let mut scored = Scored { rows, ranks_subjects: false };
    for score in &program.scores {
        let Scoring::Clusters(clusters) = &score.how else { continue };
        if !clusters.layers.is_empty() {
            let layers = compile::of_layers(&run.project, program.subject, run.as_of, score)?;
            let earlier = clusters::memberships(run, engine, &layers).await?;
            let rows =
                layers.with_layers(scored.rows, &earlier, score.how.segmentations()).context(planning())?;
            let found = clusters::find(run, engine, score, clusters, program.subject, &rows).await?;
            fitted.clusters.insert(score.name.clone(), found);
            scored.rows = with(program, fitted, rows, |other| other.name == score.name).context(planning())?;
            scored.ranks_subjects |= layers.ranks_subjects();
        }
    }
    Ok(scored)
}

/// A profile with its scores, as one projection; without those that are found in layers.
///
/// # Errors
/// When the profile lacks a column that a score uses.
pub fn with_scores(program: &Program, fitted: &Fitted, profile: DataFrame) -> EngineResult<DataFrame> {
    with(program, fitted, profile, |score| score.how.layers().is_empty())
}

fn with(
    program: &Program,
    fitted: &Fitted,
    rows: DataFrame,
    is_meant: impl Fn(&ScoreColumn) -> bool,
) -> EngineResult<DataFrame> {
    let mut columns: Vec<Expr> = rows.schema().fields().iter().map(|field| ident(field.name())).collect();
    for score in program.scores.iter().filter(|score| is_meant(score)) {
        columns.push(fitted.expr(score, program.subject)?.alias(&score.name));
    }
    rows.select(columns)
}

fn plan(run: &Run, program: &Program, scored: DataFrame) -> EngineResult<DataFrame> {
    let mut columns: Vec<Expr> = vec![ident(program.subject.id_column())];
    columns.extend(program.scores.iter().map(|score| ident(&score.name)));
    columns.push(lit(run.run_id.clone()).alias("run_id"));
    scored.select(columns)
}
