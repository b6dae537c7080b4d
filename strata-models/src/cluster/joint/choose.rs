//! How many classes, and what they are worth.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use serde::{Deserialize, Serialize};

use super::{JointOptions, LayerWeight};
use crate::cluster::error::ClusterError;
use crate::cluster::latent_class::answers::{Answers, Item};
use crate::cluster::latent_class::fit::Settings;
use crate::cluster::latent_class::model::LatentClasses;
use crate::cluster::latent_class::patterns::Patterns;
use crate::cluster::points::Points;
use crate::cluster::resample::seed_at;
use crate::cluster::stability::{Stability, stability};

/// Answers that are added to each category, so that no label is impossible in a class.
const SMOOTHING: f64 = 0.5;
/// Starts of each fit by which stability is measured, of which there are hundreds.
const STABILITY_STARTS: usize = 2;
/// What stands for an unknown label among numbers.
const UNKNOWN: f64 = -1.0;

/// A number of classes that was compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// How many classes.
    pub n_classes: usize,
    /// The log-likelihood, with the layers' weights as exponents.
    pub log_likelihood: f64,
    /// The Bayesian information criterion; smaller is better.
    pub bic: f64,
    /// The same with what uncertain memberships cost; smaller is better.
    pub icl: f64,
    /// How certain memberships are, from 0 to 1.
    pub relative_entropy: f64,
    /// The share of the smallest class.
    pub smallest: f64,
    /// How many starts ended at the best likelihood.
    pub n_best_found: usize,
    /// Why it was not considered further.
    pub dropped: Option<Dropped>,
    /// Whether its classes come back, where that was measured.
    pub stability: Option<Stability>,
}

/// Why a number of classes was not considered further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dropped {
    /// A class is too small to be worth having.
    TooSmall,
    /// One start alone found the best likelihood, which may therefore not be the best there is.
    FoundOnce,
}

/// What follows from the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JointVerdict {
    /// Classes that come back when customers are drawn again, more than those of layers that have nothing to do with each other.
    Stable,
    /// Layers hang together, but where they are cut is a matter of chance.
    UsefulCuts,
    /// One class for all fits as well: the layers have little to do with each other.
    OneForAll,
}

/// What was found.
pub(super) struct Choice {
    pub(super) model: LatentClasses,
    pub(super) candidates: Vec<Candidate>,
    pub(super) verdict: JointVerdict,
}

/// Compares numbers of classes.
pub(super) fn among(
    answers: &Answers,
    counts: &[f64],
    layers: &[LayerWeight],
    options: &JointOptions,
    seed: u64,
) -> Result<Choice, ClusterError> {
    let item_weights: Vec<f64> = layers.iter().map(|layer| layer.weight).collect();
    let patterns = Patterns::new(answers, Some(counts), None)?;
    let settings = |n_classes: usize| Settings {
        n_starts: options.n_starts,
        smoothing: SMOOTHING,
        item_weights: Some(item_weights.clone()),
        ..Settings::of(n_classes)
    };
    let is_given = options.n_classes.start() == options.n_classes.end();
    let (mut models, mut candidates) = (Vec::new(), Vec::new());
    for n_classes in options.n_classes.clone() {
        let fitted = LatentClasses::fit(&patterns, &settings(n_classes), seed);
        let model = match fitted {
            // There are not so many different patterns.
            Err(ClusterError::TooFewRows { .. }) if !models.is_empty() => break,
            fitted => fitted?,
        };
        candidates.push(Candidate::of(&model, options, is_given));
        models.push(model);
    }
    let drawn = Drawn::of(answers, counts, &item_weights, options.stability.most_rows, seed_at(seed, 1))?;
    let fit = |points: &Points, n_classes: usize, seed: u64| drawn.fit(points, n_classes, seed);
    let mut chosen = None;
    for place in eligible(&candidates, options.equally_good) {
        let n_classes = candidates[place].n_classes;
        if n_classes == 1 {
            chosen = Some((place, JointVerdict::OneForAll));
            break;
        }
        let found = stability(&drawn.rows, n_classes, &fit, &options.stability, seed_at(seed, 2));
        // A draw may lack the variety that so many classes take.
        let found = match found {
            Err(ClusterError::TooFewRows { .. } | ClusterError::Constant { .. }) => None,
            found => Some(found?),
        };
        let is_stable = found.as_ref().is_some_and(|found| found.is_stable);
        candidates[place].stability = found;
        if is_stable {
            chosen = Some((place, JointVerdict::Stable));
            break;
        }
    }
    let best = best(&candidates);
    let (place, verdict) = chosen.unwrap_or((best, JointVerdict::UsefulCuts));
    Ok(Choice { model: models.swap_remove(place), candidates, verdict })
}

impl Candidate {
    fn of(model: &LatentClasses, options: &JointOptions, is_given: bool) -> Candidate {
        let smallest = model.shares.iter().copied().fold(1.0, f64::min);
        let least = options.least_share.max(options.least_size / model.fit.n_rows);
        let (n_classes, search) = (model.n_classes(), &model.search);
        // One class is for all, however few; and what was asked for is not dropped.
        let is_free = n_classes > 1 && !is_given;
        let dropped = match () {
            () if is_free && smallest < least => Some(Dropped::TooSmall),
            () if is_free && search.n_starts > 1 && search.n_best_found < 2 => Some(Dropped::FoundOnce),
            () => None,
        };
        Candidate {
            n_classes,
            log_likelihood: model.fit.log_likelihood,
            bic: model.fit.bic,
            icl: model.fit.icl,
            relative_entropy: model.fit.relative_entropy,
            smallest,
            n_best_found: search.n_best_found,
            dropped,
            stability: None,
        }
    }
}

/// The best by BIC of those that were not dropped; of all where all were.
fn best(candidates: &[Candidate]) -> usize {
    let kept = |place: &usize| candidates[*place].dropped.is_none();
    let places: Vec<usize> = (0..candidates.len()).filter(kept).collect();
    let places = if places.is_empty() { (0..candidates.len()).collect() } else { places };
    places
        .into_iter()
        .reduce(|best, next| if candidates[next].bic < candidates[best].bic { next } else { best })
        .unwrap_or(0)
}

/// Those that may be chosen, the fewest classes first: no more than the best by BIC has, and as good by BIC or by ICL.
fn eligible(candidates: &[Candidate], equally_good: f64) -> Vec<usize> {
    let best = best(candidates);
    let kept = |place: &usize| candidates[*place].dropped.is_none() || *place == best;
    let places: Vec<usize> = (0..=best).filter(kept).collect();
    let least_icl = places.iter().map(|place| candidates[*place].icl).fold(f64::INFINITY, f64::min);
    let is_as_good = |place: &usize| {
        candidates[*place].bic <= candidates[best].bic + equally_good
            // One class is always certain, so that says nothing for it.
            || candidates[*place].n_classes > 1 && candidates[*place].icl <= least_icl + equally_good
    };
    places.into_iter().filter(is_as_good).collect()
}

/// Customers drawn from the patterns, as numbers, with the layers that define anything.
struct Drawn {
    items: Vec<(String, usize)>,
    item_weights: Vec<f64>,
    rows: Points,
}

impl Drawn {
    fn of(
        answers: &Answers,
        counts: &[f64],
        item_weights: &[f64],
        n: usize,
        seed: u64,
    ) -> Result<Drawn, ClusterError> {
        let defining: Vec<usize> = (0..item_weights.len()).filter(|item| item_weights[*item] > 0.0).collect();
        let total: f64 = counts.iter().sum();
        let n = n.min(total.ceil() as usize).max(1);
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        let mut uniform = || (generator.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
        let mut places: Vec<f64> = (0..n).map(|_| uniform() * total).collect();
        places.sort_unstable_by(f64::total_cmp);
        let mut places = places.into_iter().peekable();
        let (mut values, mut reached) = (Vec::with_capacity(n * defining.len()), 0.0);
        for (row, count) in counts.iter().enumerate() {
            reached += count;
            while places.next_if(|place| *place < reached).is_some() {
                values.extend(defining.iter().map(|item| answers.at(row, *item).map_or(UNKNOWN, f64::from)));
            }
        }
        Ok(Drawn {
            items: defining.iter().map(|item| answers.items()[*item].clone()).collect(),
            item_weights: defining.iter().map(|item| item_weights[*item]).collect(),
            rows: Points::new(values, defining.len())?,
        })
    }

    /// The classes of some of them, as a rule for any.
    fn fit(
        &self,
        points: &Points,
        n_classes: usize,
        seed: u64,
    ) -> Result<impl Fn(&Points) -> Vec<u32> + use<>, ClusterError> {
        let patterns = Patterns::new(&coded(points, &self.items)?, None, None)?;
        let settings = Settings {
            n_starts: STABILITY_STARTS,
            smoothing: SMOOTHING,
            item_weights: Some(self.item_weights.clone()),
            ..Settings::of(n_classes)
        };
        let model = LatentClasses::fit(&patterns, &settings, seed)?;
        let items = self.items.clone();
        Ok(move |points: &Points| {
            let labels = coded(points, &items).and_then(|answers| model.predict(&answers, None));
            // Whoever asks a rule that fails notices: it gives other labels than there are points.
            let labels = labels.unwrap_or_default().into_iter();
            labels.map(|label| label as u32).collect()
        })
    }
}

fn coded(points: &Points, items: &[(String, usize)]) -> Result<Answers, ClusterError> {
    let column = |place: usize, n: usize| -> Vec<Option<u16>> {
        // Even noise in a box, which stability is held against, lies between labels.
        let code = |x: f64| (x.round() >= 0.0).then(|| x.round().min((n - 1) as f64) as u16);
        points.rows().map(|row| code(row[place])).collect()
    };
    let columns: Vec<Vec<Option<u16>>> =
        items.iter().enumerate().map(|(place, (_, n))| column(place, *n)).collect();
    let items = items.iter().zip(&columns);
    let items = items.map(|((name, n), answers)| Item { name, n_categories: *n, answers });
    Answers::new(&items.collect::<Vec<_>>())
}
