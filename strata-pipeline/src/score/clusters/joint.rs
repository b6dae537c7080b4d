//! Clusters in layers: the classes that run through several segmentations, found on counts of all patterns of classes.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use strata_models::cluster::clustering::{Categories, Clustering};
use strata_models::cluster::error::ClusterError;
use strata_models::cluster::joint::{
    self, Candidate, Dropped, Joint, JointOptions, JointVerdict, Layer, LayerWeight, Why,
};
use strata_models::cluster::stability::NullKind;
use strata_spec::definition::Clusters;

use super::read::Patterns;

/// Finds them, and says what was found; none where one class for all fits as well.
pub(super) fn find(
    told: &mut Value,
    patterns: &Patterns,
    clusters: &Clusters,
    seed: u64,
) -> Result<Option<Clustering>, ClusterError> {
    let names = clusters.layers.iter().map(|layer| layer.segmentation.as_str());
    let categories: Vec<Categories> = names
        .zip(&patterns.columns)
        .map(|(name, column)| by_frequency(name, column, &patterns.counts))
        .collect();
    let labels: Vec<Vec<Option<u16>>> = categories
        .iter()
        .zip(&patterns.columns)
        .map(|(categories, column)| categories.codes_of(column))
        .collect();
    let layers: Vec<Layer<'_>> = categories
        .iter()
        .zip(&labels)
        .zip(&clusters.layers)
        .map(|((categories, labels), layer)| Layer {
            name: &categories.name,
            n_labels: categories.values.len(),
            labels,
            weight: layer.weight,
        })
        .collect();
    let mut options = JointOptions::default();
    if let Some(n) = clusters.n_clusters {
        options.n_classes = n as usize..=n as usize;
    }
    let found = joint::find(&layers, &patterns.counts, &options, seed)?;
    tell(told, &found, clusters.n_clusters.is_some());
    let is_one = found.model.n_classes() == 1;
    Ok((!is_one).then_some(Clustering::LatentClass { categories, model: found.model }))
}

/// The classes of a layer, the most frequent first.
fn by_frequency(name: &str, column: &[Option<String>], counts: &[f64]) -> Categories {
    let mut sums: BTreeMap<&str, f64> = BTreeMap::new();
    for (class, count) in column.iter().zip(counts) {
        if let Some(class) = class {
            *sums.entry(class).or_default() += count;
        }
    }
    let mut sums: Vec<(&str, f64)> = sums.into_iter().collect();
    sums.sort_by(|one, other| other.1.total_cmp(&one.1));
    Categories {
        name: name.to_owned(),
        values: sums.into_iter().map(|(class, _)| class.to_owned()).collect(),
    }
}

fn tell(told: &mut Value, found: &Joint, is_given: bool) {
    let n = found.model.n_classes();
    let (verdict, sentence) = match found.verdict {
        _ if is_given => ("as_told", format!("{n} classes were asked for.")),
        JointVerdict::Stable => (
            "natural_groups",
            format!("{n} classes run through the layers: they come back when customers are drawn again, and would not if the layers had nothing to do with each other."),
        ),
        JointVerdict::UsefulCuts => (
            "useful_cuts",
            format!("The layers hang together, and {n} classes describe how; but they do not come back reliably when customers are drawn again: take them as useful cuts."),
        ),
        JointVerdict::OneForAll => (
            "do_not_segment",
            "Do not segment: one class for all fits as well, so the layers have little to do with each other.".to_owned(),
        ),
    };
    told["verdict"] = json!(verdict);
    told["sentence"] = json!(sentence);
    told["reasons"] = found.layers.iter().filter_map(reason).collect::<Vec<_>>().into();
    told["choices"] = found.candidates.iter().map(choice).collect::<Vec<_>>().into();
    told["layers"] = json!(found.layers);
    told["certainty"] = json!(found.model.fit.relative_entropy);
}

/// What is to be known of a layer that does not count in full.
fn reason(layer: &LayerWeight) -> Option<String> {
    let (name, percent) = (&layer.name, |share: f64| format!("{:.0} %", share * 100.0));
    match &layer.why {
        Why::Whole => None,
        Why::Given => Some(format!("`{name}` weighs {}, as its definition says", layer.weight)),
        Why::Scarce { least_known } => Some(format!(
            "`{name}` is known of {} of customers: it describes the classes and does not define them ({} are asked for)",
            percent(layer.known),
            percent(*least_known),
        )),
        Why::Shared { with, cramers_v } => Some(format!(
            "`{name}` says much the same as `{}` (Cramér's V {cramers_v:.2}): they share one weight",
            with.join("`, `"),
        )),
    }
}

fn choice(candidate: &Candidate) -> Value {
    let stability = candidate.stability.as_ref();
    let without = stability.and_then(|found| found.nulls.iter().find(|kind| kind.kind == NullKind::Permuted));
    json!({
        "n_clusters": candidate.n_classes,
        "criterion": candidate.bic,
        "jaccard": stability.map(|found| found.minimum),
        "jaccard_null": without.map(|without| without.percentile_95),
        "smallest_share": candidate.smallest,
        "dropped": candidate.dropped.map(|dropped| match dropped {
            Dropped::TooSmall => "a class is too small",
            Dropped::FoundOnce => "one start alone found it",
        }),
    })
}
