//! Groups of customers as the last run has found them: whether there are any, how many, what they are like, and which rules tell them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Below this share of customers whose group rules tell, rules are not shown.
pub const LEAST_FIDELITY: f64 = 0.8;

/// The groups of a segmentation, or why there are none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Clusters {
    /// The segmentation's name.
    pub segmentation: String,
    /// Its title.
    pub title: String,
    /// How groups were looked for, as definitions write it: `kmeans`.
    pub model: String,
    /// The traits, or segmentations, that they were looked for in.
    pub features: Vec<String>,
    /// What each weighs, where they are segmentations.
    pub layers: Vec<ClusterLayer>,
    /// On how many they were fitted and judged.
    pub n_rows: u64,
    /// Whether these are all.
    pub is_everybody: bool,
    /// Whether to segment; none where there is no model.
    pub verdict: Option<ClusterVerdict>,
    /// The verdict in a sentence.
    pub sentence: String,
    /// What speaks against, a sentence each.
    pub reasons: Vec<String>,
    /// How many groups there are; none where there should be none.
    pub n_clusters: Option<u64>,
    /// The numbers of groups that were considered.
    pub choices: Vec<ClusterChoice>,
    /// The groups.
    pub clusters: Vec<Cluster>,
    /// Of those that rules were not learned from, the share whose group they tell: the mean over groups.
    pub fidelity: Option<f64>,
    /// Whether rules tell the groups well enough to be shown.
    pub readable: bool,
    /// Some rows on the first two principal axes, each with the place of its group.
    pub map: Vec<[Option<f64>; 3]>,
    /// The shares of the variance that these axes hold.
    pub axes: Vec<Option<f64>>,
    /// What explains them, where the definition asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explained: Option<Explained>,
    /// How the groups compare with those of the run before; none where there is none to compare with.
    pub matching: Option<ClusterMatching>,
    /// Why there is no model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What explains groups, and has no part in them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Explained {
    /// The segmentations that were to explain them.
    pub covariates: Vec<String>,
    /// Of how many all of these are known.
    pub n: u64,
    /// Which share of all that is.
    pub known: f64,
    /// The group that the others are compared with: the largest.
    pub reference: Option<String>,
    /// How odds differ: of each other group, by each class of a covariate but the commonest.
    pub effects: Vec<ClusterEffect>,
    /// Who was left out, and why.
    pub notes: Vec<String>,
    /// Why nothing is told.
    pub reason: Option<String>,
}

/// How the odds of being in a group rather than in the reference differ between two classes of a covariate.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClusterEffect {
    /// The segmentation.
    pub covariate: String,
    /// Its title.
    pub title: String,
    /// The class, as people call it, …
    pub level: String,
    /// … and the one that it is compared with.
    pub against: String,
    /// The group.
    pub group: Option<String>,
    /// How many times the odds are, all other covariates being equal.
    pub odds_ratio: Option<f64>,
    /// The lower end of its 95 % interval.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
}

impl ClusterEffect {
    /// Whether the interval leaves no doubt on which side of 1 the odds ratio is.
    pub fn is_sure(&self) -> bool {
        self.low.is_some_and(|low| low > 1.0) || self.high.is_some_and(|high| high < 1.0)
    }
}

/// A segmentation that groups were looked for in.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClusterLayer {
    /// Its name.
    pub name: String,
    /// The share of customers of whom it is known.
    pub known: f64,
    /// How much it weighs: at 0 it describes groups and does not define them.
    pub weight: f64,
}

/// Whether to segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClusterVerdict {
    /// Groups that are apart from each other, whoever looks.
    NaturalGroups,
    /// There are no groups, but cuts that say much about customers.
    UsefulCuts,
    /// There are neither.
    DoNotSegment,
    /// The definition says how many; what speaks against them is among the reasons.
    AsTold,
}

/// A number of groups, and what was found for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClusterChoice {
    /// How many.
    pub n_clusters: u64,
    /// The model's criterion, the lower the better, where it has one.
    pub criterion: Option<f64>,
    /// How much nearer customers are to their own group than to the next, from −1 to 1.
    pub silhouette: Option<f64>,
    /// How well groups of one half tell those of the other, from 0 to 1.
    pub prediction_strength: Option<f64>,
    /// How much of the least stable group comes back when customers are drawn again: the mean Jaccard coefficient.
    pub jaccard: Option<f64>,
    /// What that is without groups, in all but one of 20 cases.
    pub jaccard_null: Option<f64>,
    /// The share of the variance that the groups explain.
    pub explained: Option<f64>,
    /// What that is where each trait is shuffled.
    pub explained_null: Option<f64>,
    /// The share of customers that the smallest group has.
    pub smallest_share: Option<f64>,
}

/// A group.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cluster {
    /// Its name: the value of the score, and of the segmentation's class.
    pub name: String,
    /// What to call it.
    pub title: String,
    /// How many are in it.
    pub n: u64,
    /// Which share of all that is.
    pub share: Option<f64>,
    /// How much nearer its customers are to each other than to the next group.
    pub silhouette: Option<f64>,
    /// What is usual in it, by trait, in the trait's own unit: the median, or the most frequent text.
    pub typical: BTreeMap<String, Option<Typical>>,
    /// How far its mean is from that of all, by trait, in standard deviations; texts are left out.
    pub standardised: BTreeMap<String, Option<f64>>,
    /// Whether the run before had a group of this name that is the same.
    pub known_before: Option<bool>,
    /// Ways to be in it, those that cover most first.
    pub rules: Vec<ClusterRule>,
}

/// What is usual.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Typical {
    /// Of a truth.
    Truth(bool),
    /// Of a number.
    Number(f64),
    /// Of a text.
    Text(String),
}

/// A way to be in a group.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClusterRule {
    /// The condition, as segments write it.
    pub text: String,
    /// The share of those who meet it that are in the group.
    pub precision: Option<f64>,
    /// The share of the group that meets it.
    pub coverage: Option<f64>,
}

/// Groups of this run against those of the one before.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClusterMatching {
    /// 1 where everybody is with whom they were with, about 0 where the two runs have nothing to do with each other.
    pub adjusted_rand: Option<f64>,
    /// Names that the run before did not have.
    pub new: Vec<String>,
    /// Names that this run has no more.
    pub gone: Vec<String>,
}

impl ClusterVerdict {
    /// `natural_groups`, `useful_cuts`, `do_not_segment` or `as_told`.
    pub fn as_str(self) -> &'static str {
        match self {
            ClusterVerdict::NaturalGroups => "natural_groups",
            ClusterVerdict::UsefulCuts => "useful_cuts",
            ClusterVerdict::DoNotSegment => "do_not_segment",
            ClusterVerdict::AsTold => "as_told",
        }
    }
}

impl Clusters {
    /// The groups that both runs have.
    pub fn kept(&self) -> impl Iterator<Item = &Cluster> {
        self.clusters.iter().filter(|cluster| cluster.known_before == Some(true))
    }

    /// What a group is called, by its name.
    pub fn title_of<'a>(&'a self, name: &'a str) -> &'a str {
        self.clusters.iter().find(|cluster| cluster.name == name).map_or(name, Cluster::label)
    }

    /// The number of groups that was considered and taken.
    pub fn chosen(&self) -> Option<&ClusterChoice> {
        self.choices.iter().find(|choice| Some(choice.n_clusters) == self.n_clusters)
    }

    /// Whether rules are to be shown.
    pub fn has_rules(&self) -> bool {
        // NaN is no fidelity.
        let is_told = self.fidelity.is_none_or(|fidelity| fidelity >= LEAST_FIDELITY);
        self.readable && is_told && self.clusters.iter().any(|cluster| !cluster.rules.is_empty())
    }

    /// How groups were looked for, where people read.
    pub fn method(&self) -> &str {
        match self.model.as_str() {
            "kmeans" => "k-means",
            "gaussian_mixture" => "a mixture of normal distributions",
            "k_prototypes" => "k-prototypes",
            "latent_class" => "latent classes",
            other => other,
        }
    }
}

impl Cluster {
    /// What to call it.
    pub fn label(&self) -> &str {
        if self.title.trim().is_empty() { &self.name } else { &self.title }
    }
}
