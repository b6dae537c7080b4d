//! Models as rows of a table: one for each model, and one for each figure of a model.

use std::sync::Arc;

use serde_json::Value;
use strata_lake::arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use strata_spec::error::ErrorCode;

use super::{Classifier, Clusters, Fit, Kind, Measures, Model, Told, scores_of, warnings};
use crate::error::{Error, Result};
use crate::query::{Answer, View};

/// A row for each model and score: `model`, `kind`, `subject`, `scores`, `n_customers`, `verdict`, `warnings`, `version`.
///
/// # Errors
/// None that models can cause.
pub fn list_answer(view: &View, models: &[Model]) -> Result<Answer> {
    let texts = |of: &dyn Fn(&Model) -> Option<String>| {
        Arc::new(models.iter().map(of).collect::<StringArray>()) as ArrayRef
    };
    let scores = |model: &Model| {
        let names: Vec<&str> = scores_of(models, model).iter().map(|score| score.name.as_str()).collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    let warned = |model: &Model| Some(warnings(model).join("; ")).filter(|text| !text.is_empty());
    let n_customers: Int64Array =
        models.iter().map(|model| model.n_customers().and_then(|n| i64::try_from(n).ok())).collect();
    rows(
        view,
        [
            ("model", texts(&|model| Some(model.name.clone()))),
            ("kind", texts(&|model| Some(model.kind().to_owned()))),
            ("subject", texts(&|model| Some(model.subject.to_string()))),
            ("scores", texts(&scores)),
            ("n_customers", Arc::new(n_customers)),
            ("verdict", texts(&|model| model.verdict().map(str::to_owned))),
            ("warnings", texts(&warned)),
            ("version", texts(&|model| Some(model.version.clone()))),
        ],
    )
}

/// A row for each figure of models: `model`, `subject`, `part`, `at`, `figure`, `value`.
///
/// # Errors
/// None that models can cause.
pub fn answer(view: &View, models: &[&Model]) -> Result<Answer> {
    let lines: Vec<(&Model, Line)> =
        models.iter().flat_map(|model| lines(model).into_iter().map(move |line| (*model, line))).collect();
    let texts = |of: &dyn Fn(&Model, &Line) -> String| {
        Arc::new(lines.iter().map(|(model, line)| Some(of(model, line))).collect::<StringArray>()) as ArrayRef
    };
    let values: Float64Array = lines.iter().map(|(_, line)| line.value).collect();
    rows(
        view,
        [
            ("model", texts(&|model, _| model.name.clone())),
            ("subject", texts(&|model, _| model.subject.to_string())),
            ("part", texts(&|_, line| line.part.to_owned())),
            ("at", texts(&|_, line| line.at.clone())),
            ("figure", texts(&|_, line| line.figure.clone())),
            ("value", Arc::new(values)),
        ],
    )
}

fn rows<const N: usize>(view: &View, columns: [(&str, ArrayRef); N]) -> Result<Answer> {
    let batch = RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)));
    let batch = batch
        .map_err(|error| Error::new(ErrorCode::Internal, "cannot describe the models").caused_by(error))?;
    view.answer(batch)
}

/// A figure: of which part of the model, at which place of it, what, and how much.
struct Line {
    part: &'static str,
    at: String,
    figure: String,
    value: Option<f64>,
}

fn line(part: &'static str, at: impl ToString, figure: &str, value: Option<f64>) -> Line {
    Line { part, at: at.to_string(), figure: figure.to_owned(), value }
}

fn lines(model: &Model) -> Vec<Line> {
    match &model.is {
        Kind::Rank(rank) => {
            let cuts = rank.cuts.iter().enumerate();
            cuts.map(|(place, cut)| line("cut", place + 1, "value", Some(cut.value))).collect()
        }
        Kind::Purchases(purchases) => {
            let timing = purchases.timing.get().map(|fit| of_fit("timing", fit));
            let spend = purchases.spend.as_ref().and_then(Told::get).map(|fit| of_fit("spend", fit));
            let mut lines: Vec<Line> = timing.into_iter().chain(spend).flatten().collect();
            let Some(holdout) = purchases.held_out() else { return lines };
            for (part, contest) in
                [("purchases", Some(&holdout.purchases)), ("value", holdout.value.as_ref())]
            {
                let Some(contest) = contest else { continue };
                lines.extend(of_measures(part, "model", &contest.model));
                let baselines = contest.baselines.iter();
                lines.extend(baselines.flat_map(|each| of_measures(part, &each.name, &each.measures)));
            }
            for group in &holdout.by_frequency {
                let mut of_group =
                    |figure, value| lines.push(line("by_frequency", group.frequency, figure, value));
                of_group("n", Some(group.n as f64));
                of_group("expected", group.expected);
                of_group("actual", group.actual);
                of_group("standard_error", group.standard_error);
            }
            for part in holdout.value.iter().flat_map(|value| &value.by_prediction) {
                let mut of_part = |figure, value| lines.push(line("by_prediction", part.part, figure, value));
                of_part("n", Some(part.n as f64));
                of_part("expected", part.expected);
                of_part("actual", part.actual);
            }
            for point in holdout.course.iter().flat_map(|course| &course.points) {
                lines.push(line("course", point.days, "expected", point.expected));
                lines.push(line("course", point.days, "actual", point.actual));
            }
            lines
        }
        Kind::Classifier(told) => told.get().map(of_classifier).unwrap_or_default(),
        Kind::Clusters(clusters) => of_clusters(clusters),
        Kind::Prediction(_) => Vec::new(),
    }
}

fn of_clusters(clusters: &Clusters) -> Vec<Line> {
    let mut lines = Vec::new();
    for choice in &clusters.choices {
        for (figure, value) in [
            ("criterion", choice.criterion),
            ("silhouette", choice.silhouette),
            ("prediction_strength", choice.prediction_strength),
            ("jaccard", choice.jaccard),
            ("jaccard_null", choice.jaccard_null),
            ("explained", choice.explained),
            ("explained_null", choice.explained_null),
            ("smallest_share", choice.smallest_share),
        ] {
            lines.push(line("choice", choice.n_clusters, figure, value));
        }
    }
    for cluster in &clusters.clusters {
        lines.push(line("cluster", &cluster.name, "n", Some(cluster.n as f64)));
        lines.push(line("cluster", &cluster.name, "share", cluster.share));
        lines.push(line("cluster", &cluster.name, "silhouette", cluster.silhouette));
        let profile = cluster.standardised.iter();
        lines.extend(profile.map(|(feature, value)| line("standardised", &cluster.name, feature, *value)));
    }
    if !clusters.clusters.is_empty() {
        lines.push(line("rules", "all", "fidelity", clusters.fidelity));
    }
    if let Some(matching) = &clusters.matching {
        lines.push(line("run_before", "all", "adjusted_rand", matching.adjusted_rand));
    }
    lines
}

fn of_classifier(classifier: &Classifier) -> Vec<Line> {
    let mut lines = Vec::new();
    let all = [
        ("logistic_regression", Some(&classifier.logistic_regression)),
        ("boosted_trees", Some(&classifier.boosted_trees)),
        ("base_rate", Some(&classifier.base_rate)),
        ("recency_alone", classifier.recency_alone.as_ref()),
    ];
    for (at, accuracy) in all {
        let Some(accuracy) = accuracy else { continue };
        lines.push(line("accuracy", at, "auc", accuracy.auc.value));
        lines.push(line("accuracy", at, "lift_of_top_tenth", accuracy.lift_of_top_tenth.value));
        lines.push(line("accuracy", at, "log_loss", accuracy.log_loss.value));
        lines.push(line("accuracy", at, "brier", accuracy.brier.value));
    }
    for (place, band) in classifier.reliability.iter().enumerate() {
        lines.push(line("reliability", place + 1, "n", Some(band.n as f64)));
        lines.push(line("reliability", place + 1, "expected", Some(band.expected)));
        lines.push(line("reliability", place + 1, "observed", Some(band.observed)));
    }
    for one in &classifier.importance {
        lines.push(line("importance", &one.feature, "log_loss", Some(one.log_loss)));
        lines.push(line("importance", &one.feature, "auc", Some(one.auc)));
    }
    lines
}

fn of_fit(part: &'static str, fit: &Fit) -> Vec<Line> {
    let mut lines = Vec::new();
    for parameter in &fit.parameters {
        lines.push(line(part, &parameter.name, "value", Some(parameter.value)));
        lines.push(line(part, &parameter.name, "standard_error", parameter.standard_error));
    }
    lines
}

/// Every measure by the name that its JSON has.
fn of_measures(part: &'static str, at: &str, measures: &Measures) -> Vec<Line> {
    let Ok(Value::Object(named)) = serde_json::to_value(measures) else { return Vec::new() };
    named.iter().map(|(figure, value)| line(part, at, figure, value.as_f64())).collect()
}
