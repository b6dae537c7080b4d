//! Segments that run through all layers: latent classes of the labels that customers have in several segmentations.
//!
//! A layer that is not known of a customer is skipped in the likelihood, so nobody is left out and nothing is filled in. Three things
//! would still spoil the classes, and are seen to first (`weigh`): two layers that say the same would count twice, a layer known of few
//! would be decided by those few, and one that hardly anybody has cannot define anything. How many classes there are follows from the
//! likelihood, and whether they are more than cuts from what comes back when customers are drawn again ([`find`]).
//!
//! Andrews, R. L., Brusco, M. J. and Currim, I. S. (2010). Amalgamation of partitions from multiple segmentation bases. European
//! Journal of Operational Research 201, 608–618.

mod choose;
mod weigh;

#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::error::ClusterError;
use super::latent_class::answers::{Answers, Item};
use super::latent_class::model::LatentClasses;
use super::stability::StabilityOptions;

pub use choose::{Candidate, Dropped, JointVerdict};
pub use weigh::{LayerWeight, Why};

/// A layer: the label of each row, from 0, or none where it is not known.
#[derive(Debug, Clone, Copy)]
pub struct Layer<'a> {
    /// How it is called.
    pub name: &'a str,
    /// How many labels there are, at least two.
    pub n_labels: usize,
    /// The label of each row.
    pub labels: &'a [Option<u16>],
    /// Its weight on the log-likelihood, from 0 to 10; none where the data are to say.
    pub weight: Option<f64>,
}

/// How classes of several layers are found.
#[derive(Debug, Clone, PartialEq)]
pub struct JointOptions {
    /// Numbers of classes that are compared. One number alone is taken whatever speaks against it.
    pub n_classes: RangeInclusive<usize>,
    /// Random starts of each.
    pub n_starts: usize,
    /// A class has at least this share of all, …
    pub least_share: f64,
    /// … and at least so many.
    pub least_size: f64,
    /// A layer known of a smaller share than this describes classes and does not define them.
    pub least_known: f64,
    /// Two layers whose Cramér's V is above this share one weight.
    pub redundant_above: f64,
    /// Criteria that differ by no more than this say the same.
    pub equally_good: f64,
    /// How it is measured whether classes come back.
    pub stability: StabilityOptions,
}

impl Default for JointOptions {
    fn default() -> Self {
        Self {
            n_classes: 1..=8,
            n_starts: 10,
            least_share: 0.02,
            least_size: 50.0,
            least_known: 0.3,
            redundant_above: 0.7,
            equally_good: 10.0,
            stability: StabilityOptions {
                n_resamples: 50,
                n_null_resamples: 10,
                most_rows: 2_000,
                ..StabilityOptions::default()
            },
        }
    }
}

/// Classes of several layers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Joint {
    /// The classes; those of one class for all where no more are worth having.
    pub model: LatentClasses,
    /// What each layer weighs, and why.
    pub layers: Vec<LayerWeight>,
    /// Every number of classes that was compared.
    pub candidates: Vec<Candidate>,
    /// What follows.
    pub verdict: JointVerdict,
}

/// Finds the classes behind the labels of several layers. Row `i` stands for `counts[i]` customers, so that a million of them
/// cost what their different patterns of labels cost.
///
/// # Errors
/// [`ClusterError`] for fewer than two layers that define anything, layers of other lengths or of one label, weights out of range,
/// and what latent classes refuse.
pub fn find(
    layers: &[Layer<'_>],
    counts: &[f64],
    options: &JointOptions,
    seed: u64,
) -> Result<Joint, ClusterError> {
    let answers = answers(layers)?;
    let weights = weigh::all(layers, counts, options)?;
    let found = choose::among(&answers, counts, &weights, options, seed)?;
    Ok(Joint { model: found.model, layers: weights, candidates: found.candidates, verdict: found.verdict })
}

/// The labels as latent classes take them.
///
/// # Errors
/// [`ClusterError`] for layers of other lengths, of one label, and labels that there are not.
pub fn answers(layers: &[Layer<'_>]) -> Result<Answers, ClusterError> {
    let items = layers.iter();
    let items =
        items.map(|layer| Item { name: layer.name, n_categories: layer.n_labels, answers: layer.labels });
    Answers::new(&items.collect::<Vec<_>>())
}
