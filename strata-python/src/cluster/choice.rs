//! Whether there are groups at all, and how many.

use pyo3::prelude::*;
use strata_models::cluster::choice::{
    Candidate, ChoiceOptions, Evidence as Found, Shortfall, Verdict, choose,
};
use strata_models::cluster::error::ClusterError;
use strata_models::cluster::k_means::{KMeans, KMeansSettings};
use strata_models::cluster::points::Points as Checked;
use strata_models::cluster::preparation::refuse;
use strata_models::cluster::silhouette::simplified_silhouette;

use super::points::Points;

/// The verdict and what it rests on.
#[pyclass(frozen, get_all, module = "strata._native")]
pub(crate) struct Choice {
    verdict: &'static str,
    n_clusters: Option<usize>,
    sentence: String,
    evidence: Vec<Evidence>,
}

/// What was found for one number of clusters.
#[pyclass(frozen, get_all, skip_from_py_object, module = "strata._native")]
#[derive(Clone)]
pub(crate) struct Evidence {
    n_clusters: usize,
    silhouette: f64,
    prediction_strength: f64,
    stability: f64,
    stability_without: Option<f64>,
    gap_chance: Option<f64>,
    explained: f64,
    explained_without: f64,
    smallest_share: f64,
    not_natural: Vec<String>,
    not_useful: Vec<String>,
}

/// Judges numbers of clusters of k-means.
#[pyfunction]
pub(crate) fn choose_number(
    py: Python<'_>,
    points: &Points,
    numbers: Vec<usize>,
    n_starts: usize,
    n_resamples: u32,
    most_rows: usize,
    seed: u64,
) -> PyResult<Choice> {
    let mut options = ChoiceOptions::default();
    options.stability.n_resamples = n_resamples;
    options.stability.most_rows = most_rows;
    let found = py.detach(|| judge(points, &numbers, n_starts, &options, seed));
    Ok(found.map_err(|error| points.refused(error))?)
}

fn judge(
    points: &Points,
    numbers: &[usize],
    n_starts: usize,
    options: &ChoiceOptions,
    seed: u64,
) -> Result<Choice, ClusterError> {
    for column in 0..points.points.n_columns() {
        let values: Vec<f64> = points.points.rows().map(|row| row[column]).collect();
        refuse(&points.names.get(column).map_or_else(|| column.to_string(), String::clone), &values)?;
    }
    let search = |points: &Checked, n_clusters: usize, seed: u64| {
        KMeans::fit(points, &KMeansSettings { n_clusters, n_starts, seed, ..KMeansSettings::default() })
    };
    let candidate = |n_clusters: &usize| {
        if *n_clusters < 2 {
            let (option, hint) = ("n_clusters", "consider 2 clusters or more");
            return Err(ClusterError::Option { option, value: *n_clusters as f64, hint });
        }
        let fit = search(&points.points, *n_clusters, seed)?;
        let silhouette = simplified_silhouette(&points.points, &fit.labels, &fit.model)?.mean;
        Ok(Candidate { n_clusters: *n_clusters, criterion: None, silhouette: Some(silhouette) })
    };
    let candidates = numbers.iter().map(candidate).collect::<Result<Vec<_>, _>>()?;
    let learned = |points: &Checked, n_clusters, seed| {
        let model = search(points, n_clusters, seed)?.model;
        // Points of the same columns: nothing is refused.
        Ok(move |points: &Checked| model.predict(points).unwrap_or_default())
    };
    let choice = choose(&points.points, &candidates, &learned, options, seed)?;
    Ok(Choice {
        verdict: match choice.verdict {
            Verdict::NaturalGroups { .. } => "natural_groups",
            Verdict::UsefulCuts { .. } => "useful_cuts",
            Verdict::DoNotSegment => "do_not_segment",
        },
        n_clusters: choice.n_clusters(),
        sentence: choice.to_string(),
        evidence: choice.evidence.iter().map(Evidence::of).collect(),
    })
}

impl Evidence {
    fn of(found: &Found) -> Evidence {
        let said = |lacks: &[Shortfall]| lacks.iter().map(Shortfall::to_string).collect();
        Evidence {
            n_clusters: found.n_clusters,
            silhouette: found.silhouette.unwrap_or(f64::NAN),
            prediction_strength: found.prediction_strength,
            stability: found.stability.minimum,
            stability_without: found.stability.nulls.iter().map(|null| null.percentile_95).reduce(f64::max),
            gap_chance: found.valley.map(|valley| valley.chance),
            explained: found.explained.share,
            explained_without: found.explained.null_median,
            smallest_share: found.usefulness.smallest_share,
            not_natural: said(&found.not_natural),
            not_useful: said(&found.not_useful),
        }
    }
}
