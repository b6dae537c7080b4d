//! How scores come about: by ranking, or from a model that is fitted on all subjects.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::name::SegmentationName;
use crate::table::Subject;

/// How a score comes about.
#[derive(Debug, Clone, PartialEq)]
pub enum Scoring {
    /// Subjects are sorted and cut into equal parts.
    ///
    /// Ties are broken by the subject's id, ascending, so that parts differ in size by at most one; the score's model row says how
    /// many subjects share the value at each cut.
    Rank {
        /// The number of parts; the score runs from 1 to this.
        tiles: u32,
        /// The trait (or own column) that is ranked; subjects without it have no score.
        by: String,
        /// Whether the greatest value gets score 1 (as for days since the last order, of which few are good).
        descending: bool,
    },
    /// A model of purchases says what is to be expected.
    Prediction(Prediction),
    /// A classifier that was trained at earlier dates says how likely it is that no purchase comes.
    Classifier(Classifier),
    /// The cluster that a subject is in: groups that are found in some traits, and not said beforehand.
    Clusters(Clusters),
}

/// Groups to be found in traits.
#[derive(Debug, Clone, PartialEq)]
pub struct Clusters {
    /// How they are found.
    pub model: ClusterModel,
    /// The traits, numbers or texts, as the model takes them.
    pub features: Vec<String>,
    /// The segmentations that they are found in, in place of traits.
    pub layers: Vec<ClusterLayer>,
    /// The segmentations that explain what is found in layers, and have no part in it.
    pub covariates: Vec<SegmentationName>,
    /// How many; none where the data are to say, and may say that there are none.
    pub n_clusters: Option<u32>,
}

impl Clusters {
    /// So many may be asked for: whoever wants more wants a segment for each.
    pub const MOST: u32 = 30;
}

/// A segmentation whose classes groups are found in.
#[derive(Debug, Clone, PartialEq)]
pub struct ClusterLayer {
    /// Its name.
    pub segmentation: SegmentationName,
    /// How much it weighs, from 0 (it describes groups and does not define them) to [`ClusterLayer::MOST_WEIGHT`]; none where the data are to say.
    pub weight: Option<f64>,
}

impl ClusterLayer {
    /// As much may a layer weigh.
    pub const MOST_WEIGHT: f64 = 10.0;
}

/// How groups are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClusterModel {
    /// Round groups of numbers, each about its mean.
    KMeans,
    /// Elliptic groups of numbers, each a normal distribution.
    GaussianMixture,
    /// Groups of numbers and texts, about means and most frequent texts (Huang 1998).
    KPrototypes,
    /// Groups within which texts do not depend on each other.
    LatentClass,
}

impl ClusterModel {
    /// All of them.
    pub const ALL: [ClusterModel; 4] = [
        ClusterModel::KMeans,
        ClusterModel::GaussianMixture,
        ClusterModel::KPrototypes,
        ClusterModel::LatentClass,
    ];

    /// As definitions write it.
    pub fn as_str(self) -> &'static str {
        match self {
            ClusterModel::KMeans => "kmeans",
            ClusterModel::GaussianMixture => "gaussian_mixture",
            ClusterModel::KPrototypes => "k_prototypes",
            ClusterModel::LatentClass => "latent_class",
        }
    }
}

impl fmt::Display for ClusterModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A classifier of churn: logistic regression or boosted trees, whichever holds up better at a later date than those it is trained at.
#[derive(Debug, Clone, PartialEq)]
pub struct Classifier {
    /// The traits that it learns from, numbers or truths.
    pub features: Vec<String>,
    /// How far ahead it looks, in days.
    pub horizon_days: u32,
}

impl Classifier {
    /// The word that a definition has for `model`.
    pub const WORD: &str = "classifier";
    /// A quarter ahead.
    pub const HORIZON_DAYS: u32 = 90;
}

/// What a model is to predict.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction {
    /// The model.
    pub model: Model,
    /// What it predicts.
    pub predicts: Predicts,
    /// How far ahead, in days.
    pub horizon_days: u32,
    /// What money loses in value in a year, as a share: 0.1 for 10 %.
    pub discount_rate: f64,
    /// The end of an interval that is asked for, in place of what is expected.
    pub bound: Option<Bound>,
}

/// An end of the interval in which what comes of a subject lies.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bound {
    /// Which one.
    pub end: End,
    /// How probable it is that what comes lies within: 0.8 for four of five.
    pub level: f64,
}

impl Bound {
    /// Beyond these, either there is no saying or too few draws to say it.
    pub const LEVELS: std::ops::RangeInclusive<f64> = 0.5..=0.95;
}

/// An end of an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// The lower one.
    Low,
    /// The upper one.
    High,
}

impl End {
    /// Both.
    pub const ALL: [End; 2] = [End::Low, End::High];

    /// `low` or `high`: what follows the score's name in that of the end.
    pub fn as_str(self) -> &'static str {
        match self {
            End::Low => "low",
            End::High => "high",
        }
    }
}

impl Prediction {
    /// A year ahead.
    pub const HORIZON_DAYS: u32 = 365;
    /// What is customary in the literature.
    pub const DISCOUNT_RATE: f64 = 0.1;
}

/// A model of purchases that can be fitted on subjects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Model {
    /// BG/NBD: purchases at a customer's own rate, and after each a chance to leave (Fader, Hardie & Lee 2005).
    BgNbd,
    /// MBG/NBD: the same, with a chance to leave after the first purchase already (Batislam, Denizel & Filiztekin 2007).
    MbgNbd,
    /// Pareto/NBD: purchases at one rate, leaving at another (Schmittlein, Morrison & Colombo 1987).
    ParetoNbd,
}

impl Model {
    /// All of them.
    pub const ALL: [Model; 3] = [Model::BgNbd, Model::MbgNbd, Model::ParetoNbd];

    /// As definitions write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Model::BgNbd => "bg_nbd",
            Model::MbgNbd => "mbg_nbd",
            Model::ParetoNbd => "pareto_nbd",
        }
    }

    /// Whether it can predict that.
    pub fn can(self, predicts: Predicts) -> bool {
        match self {
            Model::BgNbd | Model::MbgNbd => true,
            Model::ParetoNbd => predicts != Predicts::DaysToNextPurchase,
        }
    }
}

impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a model can predict of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Predicts {
    /// The probability that it will ever buy again.
    ProbabilityAlive,
    /// The number of days with a purchase within the horizon.
    ExpectedPurchases,
    /// The probability of no purchase within the horizon.
    ChurnRisk,
    /// The number of days within which the next purchase comes with a probability of one half; none where it is more likely never to.
    DaysToNextPurchase,
    /// The mean spend on a day with a purchase.
    ExpectedSpend,
    /// What its purchases within the horizon are worth today.
    CustomerLifetimeValue,
}

impl Predicts {
    /// All of them.
    pub const ALL: [Predicts; 6] = [
        Predicts::ProbabilityAlive,
        Predicts::ExpectedPurchases,
        Predicts::ChurnRisk,
        Predicts::DaysToNextPurchase,
        Predicts::ExpectedSpend,
        Predicts::CustomerLifetimeValue,
    ];

    /// As definitions write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Predicts::ProbabilityAlive => "probability_alive",
            Predicts::ExpectedPurchases => "expected_purchases",
            Predicts::ChurnRisk => "churn_risk",
            Predicts::DaysToNextPurchase => "days_to_next_purchase",
            Predicts::ExpectedSpend => "expected_spend",
            Predicts::CustomerLifetimeValue => "customer_lifetime_value",
        }
    }

    /// Whether it takes a model of what is spent, beside one of when.
    pub fn needs_spend(self) -> bool {
        match self {
            Predicts::ExpectedSpend | Predicts::CustomerLifetimeValue => true,
            Predicts::ProbabilityAlive
            | Predicts::ExpectedPurchases
            | Predicts::ChurnRisk
            | Predicts::DaysToNextPurchase => false,
        }
    }

    /// In what it is measured.
    pub fn unit(self) -> &'static str {
        match self {
            Predicts::ProbabilityAlive | Predicts::ChurnRisk => "0 to 1",
            Predicts::ExpectedPurchases => "purchase days",
            Predicts::DaysToNextPurchase => "days",
            Predicts::ExpectedSpend | Predicts::CustomerLifetimeValue => "currency",
        }
    }
}

impl fmt::Display for Predicts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The traits of a subject that models of purchases are fitted on: repeat purchase days, days from the first to the last, and days since
/// the first.
pub fn purchases_of(subject: Subject) -> [&'static str; 3] {
    match subject {
        Subject::Customers => ["frequency", "recency", "tenure"],
        Subject::Companies => ["company_frequency", "company_recency", "company_tenure"],
    }
}

/// The trait that models of spend are fitted on besides: the mean spend on a repeat purchase day.
pub fn spend_of(subject: Subject) -> &'static str {
    match subject {
        Subject::Customers => "monetary_value",
        Subject::Companies => "company_monetary_value",
    }
}

impl Scoring {
    /// The segmentations that it is made of.
    pub fn layers(&self) -> &[ClusterLayer] {
        match self {
            Scoring::Clusters(clusters) => &clusters.layers,
            Scoring::Rank { .. } | Scoring::Prediction(_) | Scoring::Classifier(_) => &[],
        }
    }

    /// The segmentations that explain it.
    pub fn covariates(&self) -> &[SegmentationName] {
        match self {
            Scoring::Clusters(clusters) => &clusters.covariates,
            Scoring::Rank { .. } | Scoring::Prediction(_) | Scoring::Classifier(_) => &[],
        }
    }

    /// All segmentations that have to be known first: those that it is made of, then those that explain it.
    pub fn segmentations(&self) -> impl Iterator<Item = &SegmentationName> {
        self.layers().iter().map(|layer| &layer.segmentation).chain(self.covariates())
    }

    /// The traits or columns of a subject that it is made of.
    pub fn columns(&self, subject: Subject) -> Vec<&str> {
        match self {
            Scoring::Rank { by, .. } => vec![by],
            Scoring::Prediction(prediction) => {
                let spend = prediction.predicts.needs_spend().then(|| spend_of(subject));
                purchases_of(subject).into_iter().chain(spend).collect()
            }
            // The first tells who has bought, and when again.
            Scoring::Classifier(classifier) => {
                let features = classifier.features.iter().map(String::as_str);
                let [frequency, ..] = purchases_of(subject);
                std::iter::once(frequency).chain(features.filter(|name| *name != frequency)).collect()
            }
            Scoring::Clusters(clusters) => clusters.features.iter().map(String::as_str).collect(),
        }
    }
}
