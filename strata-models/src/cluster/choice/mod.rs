//! How many segments there are, or that there are none: the verdict that whoever shows segments has to show with them.
//!
//! Three questions are asked of each number of clusters, each against data without what is asked for:
//!
//! 1. *Do the clusters come back?* [`stability`](super::stability), against columns in orders of their own. In up to three dimensions
//!    being more stable than even noise will do as well, since groups at the corners of a square are lost on the former.
//! 2. *Is there a valley between them?* [`valley`](super::valley). Traits that hang together are stable to cut along their common axis;
//!    only groups are apart.
//! 3. *Do the traits hang together, so that a cluster says much about a customer?* The share of variance that clusters explain, against
//!    columns in orders of their own. Where traits have nothing to do with each other, a segment is no more than a set of thresholds on
//!    single traits that might as well have been drawn elsewhere.
//!
//! Clusters with 1 and 2 are natural groups. Clusters with 3, of some size, different and not dissolving, are useful cuts of a continuum:
//! constructive segmentation (Dolnicar, S. and Leisch, F. (2010). Evaluation of structure and reproducibility of cluster solutions using the
//! bootstrap. Marketing Letters 21, 83–101). Anything else is better not segmented. Even noise fails 2 and 3, a skewed or correlated
//! continuum fails 2 alone, and traits with humps of their own that are independent of each other fail 1 and 3.

mod measure;
mod reason;
#[cfg(test)]
mod tests;

pub use self::measure::{Explained, Usefulness};
use self::measure::{Nulls, explained, usefulness};
pub use self::reason::Shortfall;
use super::error::ClusterError;
use super::partition::{Assign, labels_of};
use super::points::Points;
use super::prediction_strength::prediction_strength;
use super::resample::{sample, seed_at};
use super::stability::{NullKind, Stability, StabilityOptions, stability};
use super::valley::{Valley, least_valley};
use serde::{Deserialize, Serialize};

/// A number of clusters to consider, with what the caller knows of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// How many clusters. 1 is considered only by its criterion.
    pub n_clusters: usize,
    /// The model's criterion, as BIC or ICL, the lower the better (`−2 ln L + …`); none where the model has none.
    pub criterion: Option<f64>,
    /// The mean silhouette, for show; none where it was not measured.
    pub silhouette: Option<f64>,
}

/// What is asked of clusters.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ChoiceOptions {
    /// How stability is measured; its `most_rows` holds for all figures but the criterion and the silhouette.
    pub stability: StabilityOptions,
    /// How often the rows are parted for the prediction strength.
    pub n_splits: u32,
    /// The greatest chance at which a valley is one.
    pub most_chance: f64,
    /// The smallest share of rows that a cluster may have.
    pub least_share: f64,
    /// By how much clusters have to explain more of the variance than with columns in orders of their own: the median of those.
    pub least_gain: f64,
    /// From which Hedges g on a variable tells two clusters apart.
    pub least_difference: f64,
    /// How many variables have to tell each pair of clusters apart (all of them, where there are fewer).
    pub n_different: usize,
    /// Cuts whose least stable cluster is below this mean Jaccard coefficient are of no use tomorrow.
    pub least_useful_jaccard: f64,
    /// Of numbers of clusters whose criteria are within this of the lowest, the smallest is taken.
    pub criterion_margin: f64,
}

impl Default for ChoiceOptions {
    fn default() -> Self {
        Self {
            stability: StabilityOptions::default(),
            n_splits: 20,
            most_chance: 0.05,
            least_share: 0.02,
            least_gain: 0.05,
            least_difference: 0.5,
            n_different: 2,
            least_useful_jaccard: 0.6,
            criterion_margin: 10.0,
        }
    }
}

/// Whether to segment, and into how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// There are so many groups, apart from each other, whoever looks.
    NaturalGroups {
        /// How many.
        k: usize,
    },
    /// There are no groups, but so many cuts of a continuum tell much about customers.
    UsefulCuts {
        /// How many.
        k: usize,
    },
    /// There are neither.
    DoNotSegment,
}

/// What was found for one number of clusters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// How many clusters were asked for.
    pub n_clusters: usize,
    /// The caller's criterion.
    pub criterion: Option<f64>,
    /// The caller's silhouette.
    pub silhouette: Option<f64>,
    /// From 0 to 1; 0.8 and more is usually taken for support. For show.
    pub prediction_strength: f64,
    /// Whether the clusters come back.
    pub stability: Stability,
    /// The pair that is the least apart; none where a half of the rows has fewer than two clusters.
    pub valley: Option<Valley>,
    /// How much of the variance the clusters explain.
    pub explained: Explained,
    /// How large and how different they are.
    pub usefulness: Usefulness,
    /// Why they are no natural groups; empty where they are.
    pub not_natural: Vec<Shortfall>,
    /// Why they are no useful cuts; empty where they are.
    pub not_useful: Vec<Shortfall>,
}

/// A verdict with what it rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// The verdict.
    pub verdict: Verdict,
    /// What was found for each number of clusters above 1, in the order given.
    pub evidence: Vec<Evidence>,
}

impl Choice {
    /// The number of clusters that the verdict is about; none where there should be no segments.
    pub fn n_clusters(&self) -> Option<usize> {
        match self.verdict {
            Verdict::NaturalGroups { k } | Verdict::UsefulCuts { k } => Some(k),
            Verdict::DoNotSegment => None,
        }
    }

    /// What was found for the number of clusters that the verdict is about, or, where there is none, for the one that fell least short.
    pub fn decisive(&self) -> Option<&Evidence> {
        match self.n_clusters() {
            Some(k) => self.evidence.iter().find(|found| found.n_clusters == k),
            None => {
                self.evidence.iter().min_by_key(|found| (found.not_useful.len(), found.not_natural.len()))
            }
        }
    }
}

/// Judges numbers of clusters of prepared points. `fit` clusters points, given how many clusters and a seed. The same seed yields the
/// same verdict, on any number of cores.
///
/// # Errors
/// [`ClusterError::Option`] for no candidate above 1, one of 0, or settings out of range, and what `fit` refuses.
pub fn choose<C: Assign>(
    points: &Points,
    candidates: &[Candidate],
    fit: &(impl Fn(&Points, usize, u64) -> Result<C, ClusterError> + Sync),
    options: &ChoiceOptions,
    seed: u64,
) -> Result<Choice, ClusterError> {
    check(candidates, options)?;
    let points = points.at(&sample(points.n_rows(), options.stability.most_rows, seed_at(seed, 0)));
    let nulls = Nulls::of(&points, options.stability.n_nulls, seed_at(seed, 1));
    let of_one = candidates.iter().find(|candidate| candidate.n_clusters == 1);
    let of_one = of_one.and_then(|candidate| candidate.criterion);
    let mut evidence = Vec::new();
    for candidate in candidates.iter().filter(|candidate| candidate.n_clusters > 1) {
        let k = candidate.n_clusters;
        let seed = seed_at(seed, 2 + k as u64);
        let labels = labels_of(&fit(&points, k, seed)?, &points)?;
        let mut found = Evidence {
            n_clusters: k,
            criterion: candidate.criterion,
            silhouette: candidate.silhouette,
            prediction_strength: prediction_strength(&points, k, fit, options.n_splits, usize::MAX, seed)?,
            stability: stability(&points, k, fit, &options.stability, seed)?,
            valley: least_valley(&points, k, fit, seed)?,
            explained: explained(&points, &labels, k, fit, &nulls)?,
            usefulness: usefulness(&points, &labels, options),
            not_natural: Vec::new(),
            not_useful: Vec::new(),
        };
        found.not_natural = not_natural(&found, of_one, options);
        found.not_useful = not_useful(&found, options);
        evidence.push(found);
    }
    Ok(Choice { verdict: verdict(&evidence, options), evidence })
}

fn check(candidates: &[Candidate], options: &ChoiceOptions) -> Result<(), ClusterError> {
    let refuse = |option, value, hint| Err(ClusterError::Option { option, value, hint });
    if candidates.iter().any(|candidate| candidate.n_clusters == 0) {
        return refuse("n_clusters", 0.0, "consider 2 clusters or more");
    }
    if !candidates.iter().any(|candidate| candidate.n_clusters > 1) {
        return refuse(
            "candidates",
            candidates.len() as f64,
            "consider at least one number of clusters above 1",
        );
    }
    if let Some(value) = candidates.iter().filter_map(|candidate| candidate.criterion).find(|c| c.is_nan()) {
        return refuse("criterion", value, "give none where there is no criterion");
    }
    let shares = [
        ("most_chance", options.most_chance),
        ("least_share", options.least_share),
        ("least_gain", options.least_gain),
        ("least_useful_jaccard", options.least_useful_jaccard),
    ];
    if let Some((option, value)) = shares.into_iter().find(|(_, value)| !(0.0..=1.0).contains(value)) {
        return refuse(option, value, "give a share from 0 to 1");
    }
    let amounts =
        [("least_difference", options.least_difference), ("criterion_margin", options.criterion_margin)];
    match amounts.into_iter().find(|(_, value)| value.is_nan() || *value < 0.0) {
        Some((option, value)) => refuse(option, value, "give a number of 0 or more"),
        None => Ok(()),
    }
}

fn not_natural(found: &Evidence, of_one: Option<f64>, options: &ChoiceOptions) -> Vec<Shortfall> {
    let mut shortfalls = Vec::new();
    let (minimum, least) = (found.stability.minimum, options.stability.least_jaccard);
    if minimum < least {
        shortfalls.push(Shortfall::Unstable { found: minimum, least });
    } else if ![NullKind::Permuted, NullKind::UniformBox]
        .into_iter()
        .any(|kind| found.stability.is_above(kind) == Some(true))
    {
        // Without clusters of any kind it is at least this stable.
        let bars = found.stability.nulls.iter().map(|null| null.percentile_95);
        let without = bars.reduce(f64::min).unwrap_or(1.0);
        shortfalls.push(Shortfall::AsStableWithout { found: minimum, without });
    }
    match found.valley {
        Some(valley) if valley.chance <= options.most_chance => {}
        Some(valley) => {
            shortfalls.push(Shortfall::NoValley { clusters: valley.clusters, chance: valley.chance });
        }
        None => shortfalls.push(Shortfall::TooFew { n_found: found.usefulness.n_found }),
    }
    if let (Some(criterion), Some(of_one)) = (found.criterion, of_one)
        && criterion >= of_one
    {
        shortfalls.push(Shortfall::OneFitsBetter { criterion, of_one });
    }
    shortfalls.extend(found.usefulness.too_small(options));
    shortfalls
}

fn not_useful(found: &Evidence, options: &ChoiceOptions) -> Vec<Shortfall> {
    let mut shortfalls = Vec::new();
    let Explained { share, null_median, null_percentile_95, gain } = found.explained;
    if share <= null_percentile_95 || gain < options.least_gain {
        shortfalls.push(Shortfall::TraitsDoNotHangTogether { share, without: null_median });
    }
    shortfalls.extend(found.usefulness.too_small(options));
    shortfalls.extend(found.usefulness.too_alike(options));
    if found.stability.minimum < options.least_useful_jaccard {
        let least = options.least_useful_jaccard;
        shortfalls.push(Shortfall::Unstable { found: found.stability.minimum, least });
    }
    shortfalls
}

fn verdict(evidence: &[Evidence], options: &ChoiceOptions) -> Verdict {
    let natural: Vec<&Evidence> = evidence.iter().filter(|found| found.not_natural.is_empty()).collect();
    // Groups that lie together in pairs are apart two by two as well: the finest number is the whole truth.
    let finest = natural.iter().map(|found| found.n_clusters).max();
    if let Some(k) = by_criterion(&natural, options).or(finest) {
        return Verdict::NaturalGroups { k };
    }
    let useful: Vec<&Evidence> = evidence.iter().filter(|found| found.not_useful.is_empty()).collect();
    let of_most_gain = useful.iter().max_by(|a, b| a.explained.gain.total_cmp(&b.explained.gain));
    match by_criterion(&useful, options).or(of_most_gain.map(|found| found.n_clusters)) {
        Some(k) => Verdict::UsefulCuts { k },
        None => Verdict::DoNotSegment,
    }
}

/// The smallest number of clusters whose criterion is about the lowest; none where one of them has none.
fn by_criterion(evidence: &[&Evidence], options: &ChoiceOptions) -> Option<usize> {
    let criteria: Option<Vec<f64>> = evidence.iter().map(|found| found.criterion).collect();
    let lowest = criteria?.into_iter().reduce(f64::min)?;
    let is_near =
        |found: &&&Evidence| found.criterion.is_some_and(|c| c <= lowest + options.criterion_margin);
    evidence.iter().filter(is_near).map(|found| found.n_clusters).min()
}
