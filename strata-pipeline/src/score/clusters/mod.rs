//! Finds clusters: groups of subjects in some traits, or the verdict that there are none worth having. What is found is named by what
//! distinguishes it, and keeps its name from run to run.

mod explain;
mod joint;
mod name;
mod read;
mod tell;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use strata_lake::Engine;
use strata_lake::arrow::datatypes::DataType;
use strata_lake::datafusion::common::ScalarValue;
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::functions_nested::expr_fn::make_array;
use strata_lake::datafusion::logical_expr::{Expr, cast, lit};
use strata_lake::datafusion::prelude::ident;
use strata_models::cluster::agreement::{LEAST_JACCARD, Matching, matched};
use strata_models::cluster::choice::{Candidate, Choice, ChoiceOptions, Verdict, choose};
use strata_models::cluster::clustering::{Clustering, Method, Rows};
use strata_models::cluster::error::ClusterError;
use strata_models::cluster::k_means::{KMeans, KMeansSettings};
use strata_models::cluster::mixture::{GaussianMixture, MixtureOptions};
use strata_models::cluster::points::Points;
use strata_models::cluster::silhouette::silhouette;
use strata_models::cluster::stability::StabilityOptions;
use strata_spec::definition::{ClusterModel, Clusters};
use strata_spec::error::ErrorCode;
use strata_spec::table::Subject;
use tokio::task::spawn_blocking;

use self::explain::Explaining;
use self::read::{Feature, Patterns, Sampled};
use crate::compile::{Earlier, Program, ScoreColumn};
use crate::error::{Context, Error, Result};
use crate::function::clustered;
use crate::run::{self, MEMBERSHIP, Run};

/// Numbers of clusters that are considered where none is given.
const CONSIDERED: std::ops::RangeInclusive<usize> = 2..=8;
/// Silhouettes are of so many rows, since they look at all pairs.
const SILHOUETTE_ROWS: usize = 4_000;

/// Clusters that were found, with all that it takes to say in which one a subject is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Named {
    /// The columns of numbers, in the order in which the model takes them.
    pub(crate) numbers: Vec<String>,
    /// The columns of texts, likewise.
    pub(crate) texts: Vec<String>,
    /// What each cluster is called.
    pub(crate) names: Vec<String>,
    /// The model.
    pub(crate) clustering: Clustering,
}

/// What came of looking for clusters.
#[derive(Debug, Clone)]
pub struct Found {
    /// The clusters; none where there are none worth having.
    pub(crate) named: Option<Named>,
    /// Verdict, evidence and descriptions, for the model's row.
    pub(crate) report: Value,
}

/// Looks for the clusters of a score.
///
/// # Errors
/// When the profile or the models of the run before cannot be read.
pub(super) async fn find(
    run: &Run,
    engine: &Engine,
    score: &ScoreColumn,
    clusters: &Clusters,
    subject: Subject,
    profile: &DataFrame,
) -> Result<Found> {
    let features = read::features(clusters);
    let told = json!({
        "segmentation": score.name.strip_suffix("_cluster").unwrap_or(&score.name),
        "title": title(run, score),
        "model": clusters.model.as_str(),
        "features": features.iter().map(|feature| &feature.name).collect::<Vec<_>>(),
    });
    let sampled = match read::sampled(score, &features, subject, profile).await? {
        Ok(sampled) => sampled,
        Err(reason) => return Ok(none(told, &reason)),
    };
    let patterns = match clusters.layers.is_empty() {
        true => None,
        false => Some(read::patterns(score, &features, &[], profile).await?),
    };
    let covariates = read::covariates(clusters);
    // Counted apart, so that classes are the same with covariates as without.
    let explaining = match covariates.is_empty() {
        true => None,
        false => Some(read::patterns(score, &features, &covariates, profile).await?),
    };
    let explaining = explaining.map(|patterns| Explaining {
        titles: covariates.iter().map(|covariate| explain::titles(run, &covariate.name)).collect(),
        patterns,
    });
    let asked = Asked {
        titles: features.iter().map(|feature| title_of(run, clusters, &feature.name)).collect(),
        features,
        clusters: clusters.clone(),
        before: before(engine, score).await?,
        seed: run.seed,
    };
    let searching = spawn_blocking(move || {
        let mut found = asked.search(&sampled, patterns.as_ref(), told);
        if let (Some(explaining), Some(named)) = (&explaining, &found.named) {
            found.report["explained"] = explain::told(named, explaining);
        }
        found
    });
    let stopped = |error| Error::new(ErrorCode::Internal, "the search for clusters stopped").caused_by(error);
    searching.await.map_err(stopped)
}

fn none(mut told: Value, reason: &str) -> Found {
    told["reason"] = json!(reason);
    Found { named: None, report: told }
}

fn title(run: &Run, score: &ScoreColumn) -> String {
    let name = score.name.strip_suffix("_cluster").unwrap_or(&score.name);
    let definition = run.project.manifest.definitions.segmentations.get(name);
    definition.map_or_else(|| name.to_owned(), |definition| definition.header.title.clone())
}

/// What people call a trait or, where clusters are found in layers, a segmentation.
fn title_of(run: &Run, clusters: &Clusters, name: &str) -> String {
    let definitions = &run.project.manifest.definitions;
    let header = match clusters.layers.is_empty() {
        true => definitions.traits.get(name).map(|definition| &definition.header),
        false => definitions.segmentations.get(name).map(|definition| &definition.header),
    };
    header.map_or_else(|| name.replace('_', " "), |header| header.title.clone())
}

/// What segmentations in layers may ask of earlier memberships: those that the last run noted.
///
/// # Errors
/// When they cannot be read.
pub(super) async fn memberships(run: &Run, engine: &Engine, layers: &Program) -> Result<Earlier> {
    Ok(match layers.asks_for_memberships() && run.inputs.contains_key(MEMBERSHIP) {
        true => Earlier::Rows(run::read(run, engine, MEMBERSHIP).await?),
        false => Earlier::Nothing,
    })
}

/// The clusters that the run before found by the same definition.
async fn before(engine: &Engine, score: &ScoreColumn) -> Result<Option<Named>> {
    let Some(last) = run::last_complete(engine).await? else { return Ok(None) };
    let Some(version) = last.tables.get("model") else { return Ok(None) };
    let reading = "cannot read the models of the run before";
    let models = engine.table("model", *version).await.context(reading)?;
    let is_this = ident("model")
        .eq(lit(score.name.as_str()))
        .and(ident("kind").eq(lit(KIND)))
        .and(ident("version").eq(lit(score.version.0.as_str())));
    let rows =
        models.filter(is_this).and_then(|rows| rows.select(vec![ident("parameters")])).context(reading)?;
    let batches = rows.collect().await.context(reading)?;
    let Some(batch) = batches.iter().find(|batch| batch.num_rows() > 0) else { return Ok(None) };
    // Of a run that found none there are no parameters.
    Ok(serde_json::from_str(crate::preview::texts(batch, 0)?.value(0)).ok())
}

/// What the kind of the model's row is called.
pub(super) const KIND: &str = "clusters";

/// What clusters are looked for in, and what is known of them.
struct Asked {
    features: Vec<Feature>,
    /// What people call the features.
    titles: Vec<String>,
    clusters: Clusters,
    /// The clusters of the run before.
    before: Option<Named>,
    seed: u64,
}

impl Asked {
    fn search(&self, sampled: &Sampled, patterns: Option<&Patterns>, mut told: Value) -> Found {
        let borrowed = sampled.borrowed();
        let rows = sampled.rows(&borrowed);
        told["n_rows"] = json!(rows.n_rows());
        told["is_everybody"] = json!(sampled.is_everybody);
        let clustering = match patterns {
            Some(patterns) => {
                told["n_rows"] = json!(patterns.counts.iter().sum::<f64>() as u64);
                told["is_everybody"] = json!(true);
                joint::find(&mut told, patterns, &self.clusters, self.seed)
            }
            None => self.chosen(&mut told, &rows),
        };
        let assigned = clustering.and_then(|clustering| match clustering {
            Some(clustering) => Ok(Some((clustering.assign(&rows)?, clustering))),
            None => Ok(None),
        });
        match assigned {
            Ok(Some((labels, clustering))) => self.described(told, sampled, &rows, &labels, clustering),
            Ok(None) => Found { named: None, report: told },
            Err(error) => none(told, &error.to_string()),
        }
    }

    /// The clusters of traits; none where there should be none.
    fn chosen(
        &self,
        told: &mut Value,
        rows: &Rows<'_>,
    ) -> std::result::Result<Option<Clustering>, ClusterError> {
        let (method, given) = (method(self.clusters.model), self.clusters.n_clusters);
        let chosen = choice(method, rows, given, self.seed)?;
        tell::choice(told, &chosen, given.is_some());
        match given.map(|n| n as usize).or(chosen.n_clusters) {
            Some(n_clusters) => method.fit(rows, n_clusters, self.seed).map(Some),
            None => Ok(None),
        }
    }

    fn described(
        &self,
        mut told: Value,
        sampled: &Sampled,
        rows: &Rows<'_>,
        labels: &[Option<u32>],
        clustering: Clustering,
    ) -> Found {
        let before = self.before.as_ref();
        let matching = before.and_then(|before| in_common(before, rows, labels));
        let profile = tell::Profile::of(sampled, labels, clustering.n_clusters());
        let inherited = |cluster: u32| {
            let kept = matching.as_ref()?.kept.iter().find(|kept| kept.now == cluster)?;
            before?.names.get(kept.previous as usize).cloned()
        };
        let known: Vec<Option<String>> = (0..clustering.n_clusters() as u32).map(inherited).collect();
        let features: Vec<String> = self.features.iter().map(|feature| feature.name.clone()).collect();
        let names = name::names(&profile, &features, &self.titles, &known);
        tell::clusters(&mut told, sampled, labels, &profile, &names, &known, self.seed);
        told["matching"] = match (&matching, before) {
            (Some(matching), Some(before)) => json!({
                "adjusted_rand": matching.adjusted_rand,
                "new": matching.new.iter().filter_map(|new| names.get(*new as usize)).map(|name| &name.word).collect::<Vec<_>>(),
                "gone": matching.gone.iter().filter_map(|gone| before.names.get(*gone as usize)).collect::<Vec<_>>(),
            }),
            _ => Value::Null,
        };
        let column_of = |name: &String| {
            let feature = self.features.iter().find(|feature| feature.name == *name);
            feature.map_or_else(|| name.clone(), |feature| feature.column.clone())
        };
        let named = Named {
            numbers: sampled.numbers.iter().map(|(name, _)| column_of(name)).collect(),
            texts: sampled.texts.iter().map(|(name, _)| column_of(name)).collect(),
            names: names.into_iter().map(|name| name.word).collect(),
            clustering,
        };
        Found { named: Some(named), report: told }
    }
}

fn method(model: ClusterModel) -> Method {
    match model {
        ClusterModel::KMeans => Method::KMeans,
        ClusterModel::GaussianMixture => Method::GaussianMixture,
        ClusterModel::KPrototypes => Method::KPrototypes,
        ClusterModel::LatentClass => Method::LatentClass,
    }
}

/// Which clusters of the run before are which of now, by the same subjects; none where they share none.
fn in_common(before: &Named, rows: &Rows<'_>, labels: &[Option<u32>]) -> Option<Matching> {
    let earlier = before.clustering.assign(rows).ok()?;
    let both = earlier.iter().zip(labels).filter_map(|(then, now)| Some(((*then)?, (*now)?)));
    let (then, now): (Vec<u32>, Vec<u32>) = both.unzip();
    matched(&then, &now, LEAST_JACCARD).ok()
}

/// What speaks for how many clusters.
pub(super) struct Chosen {
    /// How many; none where there should be none.
    n_clusters: Option<usize>,
    /// The verdict's word.
    verdict: &'static str,
    sentence: String,
    reasons: Vec<String>,
    /// The evidence, where it was gathered.
    choice: Option<Choice>,
}

fn choice(
    method: Method,
    rows: &Rows<'_>,
    given: Option<u32>,
    seed: u64,
) -> std::result::Result<Chosen, ClusterError> {
    let considered: Vec<usize> = given.map_or_else(|| CONSIDERED.collect(), |given| vec![given as usize]);
    match method {
        Method::KMeans | Method::GaussianMixture => of_points(method, rows, &considered, seed),
        Method::LatentClass => of_classes(rows, &considered, seed),
        Method::KPrototypes => Ok(Chosen {
            n_clusters: considered.first().copied(),
            verdict: "as_told",
            sentence: "The number of clusters was given; whether there are groups is not tested for numbers and categories together.".to_owned(),
            reasons: Vec::new(),
            choice: None,
        }),
    }
}

fn of_points(
    method: Method,
    rows: &Rows<'_>,
    considered: &[usize],
    seed: u64,
) -> std::result::Result<Chosen, ClusterError> {
    let (_, points) = rows.prepared(method)?;
    let fit = |points: &Points, k: usize, seed: u64| assigner(method, points, k, seed);
    let some = points.at(&(0..points.n_rows().min(SILHOUETTE_ROWS)).collect::<Vec<_>>());
    let criterion = |k: usize| -> std::result::Result<Option<f64>, ClusterError> {
        match method {
            Method::GaussianMixture => {
                let options = MixtureOptions { seed, ..MixtureOptions::new(k) };
                Ok(Some(GaussianMixture::fit(&some, &options)?.criteria(&some)?.bic))
            }
            _ => Ok(None),
        }
    };
    let mut candidates = Vec::new();
    if method == Method::GaussianMixture {
        candidates.push(Candidate { n_clusters: 1, criterion: criterion(1)?, silhouette: None });
    }
    for k in considered {
        let labels = fit(&some, *k, seed)?(&some);
        let silhouette = silhouette(&some, &labels).ok().map(|found| found.mean);
        candidates.push(Candidate { n_clusters: *k, criterion: criterion(*k)?, silhouette });
    }
    let stability = StabilityOptions {
        n_resamples: 50,
        n_null_resamples: 10,
        most_rows: 2_000,
        ..StabilityOptions::default()
    };
    let options = ChoiceOptions { stability, ..ChoiceOptions::default() };
    let choice = choose(&points, &candidates, &fit, &options, seed)?;
    let decisive = choice.decisive();
    let (verdict, against) = match choice.verdict {
        Verdict::NaturalGroups { .. } => ("natural_groups", None),
        Verdict::UsefulCuts { .. } => ("useful_cuts", decisive.map(|found| &found.not_natural)),
        Verdict::DoNotSegment => ("do_not_segment", decisive.map(|found| &found.not_useful)),
    };
    Ok(Chosen {
        n_clusters: choice.n_clusters(),
        verdict,
        sentence: choice.to_string(),
        reasons: against.into_iter().flatten().map(ToString::to_string).collect(),
        choice: Some(choice),
    })
}

type Assigner = Box<dyn Fn(&Points) -> Vec<u32>>;

/// A clustering of points that says of any point in which cluster it is.
fn assigner(
    method: Method,
    points: &Points,
    k: usize,
    seed: u64,
) -> std::result::Result<Assigner, ClusterError> {
    if method == Method::GaussianMixture {
        let model = GaussianMixture::fit(points, &MixtureOptions { seed, ..MixtureOptions::new(k) })?;
        return Ok(Box::new(move |points| model.predict(points).unwrap_or_default()));
    }
    let settings = KMeansSettings { n_clusters: k, n_starts: 5, seed, ..KMeansSettings::default() };
    let model = KMeans::fit(points, &settings)?.model;
    Ok(Box::new(move |points| model.predict(points).unwrap_or_default()))
}

/// Classes are compared by how well they fit, beside one class for all.
fn of_classes(rows: &Rows<'_>, considered: &[usize], seed: u64) -> std::result::Result<Chosen, ClusterError> {
    let mut fits = Vec::new();
    for k in std::iter::once(&1).chain(considered) {
        match Method::LatentClass.fit(rows, *k, seed).and_then(|found| found.criterion(rows)) {
            Ok(bic) => fits.push((*k, bic.unwrap_or(f64::INFINITY))),
            // There are not so many different rows.
            Err(ClusterError::TooFewRows { .. }) if *k > 2 => break,
            Err(error) => return Err(error),
        }
    }
    let best = fits.iter().copied().reduce(|best, next| if next.1 < best.1 { next } else { best });
    let of_one = fits.first().map_or(f64::INFINITY, |(_, bic)| *bic);
    let (k, bic) = best.unwrap_or((1, of_one));
    if k == 1 {
        return Ok(Chosen {
            n_clusters: None,
            verdict: "do_not_segment",
            sentence: format!("Do not segment: one class for all fits best (BIC {of_one:.1})."),
            reasons: vec!["the traits hardly depend on each other".to_owned()],
            choice: None,
        });
    }
    Ok(Chosen {
        n_clusters: Some(k),
        verdict: "useful_cuts",
        sentence: format!(
            "{k} classes fit best (BIC {bic:.1}; one class for all {of_one:.1}). Whether there are gaps between them is not tested."
        ),
        reasons: Vec::new(),
        choice: None,
    })
}

/// In which cluster a subject is, as an expression of the profile; none where there are none.
pub(super) fn expr(found: &Found) -> Option<Expr> {
    let named = found.named.as_ref()?;
    let constant = serde_json::to_string(named).ok()?;
    let columns = |names: &[String], kind: &DataType, nothing: ScalarValue| {
        let columns: Vec<Expr> = names.iter().map(|name| cast(ident(name), kind.clone())).collect();
        // A list of nothing has no type.
        make_array(if columns.is_empty() { vec![lit(nothing)] } else { columns })
    };
    let numbers = columns(&named.numbers, &DataType::Float64, ScalarValue::Float64(None));
    let texts = columns(&named.texts, &DataType::Utf8, ScalarValue::Utf8(None));
    Some(clustered().call(vec![numbers, texts, lit(constant)]))
}

/// Whether any of these columns says something of a subject: one of whom none does is in no cluster, and tells nothing of them.
fn some_known(names: &[impl AsRef<str>]) -> Option<Expr> {
    names.iter().map(|name| ident(name.as_ref()).is_not_null()).reduce(Expr::or)
}
