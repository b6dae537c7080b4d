//! Reasons as data, and as sentences.

use super::{Choice, Evidence, Verdict};
use serde::{Deserialize, Serialize};
use std::fmt::{Display, Formatter, Result};

/// What clusters lack.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Shortfall {
    /// They do not come back when customers are drawn again.
    Unstable {
        /// The stability of the least stable.
        found: f64,
        /// What is asked for.
        least: f64,
    },
    /// Data without clusters are cut as stably.
    AsStableWithout {
        /// The stability of the least stable.
        found: f64,
        /// The 95th percentile without clusters.
        without: f64,
    },
    /// Two of them are not apart.
    NoValley {
        /// The pair.
        clusters: (u32, u32),
        /// The chance of such a dip where there is none.
        chance: f64,
    },
    /// The model fits better without clusters.
    OneFitsBetter {
        /// The criterion.
        criterion: f64,
        /// That of a single cluster.
        of_one: f64,
    },
    /// A cluster is too small.
    SmallCluster {
        /// The share of rows that it has.
        share: f64,
        /// What is asked for.
        least: f64,
    },
    /// Clusters explain hardly more than where traits have nothing to do with each other.
    TraitsDoNotHangTogether {
        /// The share of variance that they explain.
        share: f64,
        /// The same with columns in orders of their own.
        without: f64,
    },
    /// Too few variables tell two of them apart.
    Alike {
        /// The pair.
        clusters: (u32, u32),
        /// How many variables do.
        n_variables: usize,
        /// What is asked for.
        least: usize,
    },
    /// There are fewer than two clusters.
    TooFew {
        /// How many there are.
        n_found: usize,
    },
}

impl Display for Shortfall {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Shortfall::Unstable { found, least } => {
                write!(
                    f,
                    "clusters do not come back when customers are drawn again (stability {found:.2}, {least:.2} is asked for)"
                )
            }
            Shortfall::AsStableWithout { found, without } => {
                write!(
                    f,
                    "data without groups are cut as stably (stability {found:.2}, up to {without:.2} without groups)"
                )
            }
            // Which two, the sample's own numbers would say, and nobody sees those.
            Shortfall::NoValley { chance, .. } => {
                write!(f, "there is no gap between two of the clusters (chance {chance:.2})")
            }
            Shortfall::OneFitsBetter { criterion, of_one } => {
                write!(
                    f,
                    "the model fits better without clusters (criterion {of_one:.1}, with them {criterion:.1})"
                )
            }
            Shortfall::SmallCluster { share, least } => {
                let (share, least) = (100.0 * share, 100.0 * least);
                write!(f, "a cluster has {share:.1} % of customers, less than {least:.1} %")
            }
            Shortfall::TraitsDoNotHangTogether { share, without } => {
                let (share, without) = (100.0 * share, 100.0 * without);
                write!(
                    f,
                    "the traits hardly hang together: clusters explain {share:.0} % of their variance, and {without:.0} % where each trait is shuffled"
                )
            }
            Shortfall::Alike { n_variables, least, .. } => {
                write!(f, "two of the clusters differ clearly in {n_variables} traits, {least} are asked for")
            }
            Shortfall::TooFew { n_found } => write!(f, "only {n_found} clusters were found"),
        }
    }
}

impl Display for Choice {
    /// The verdict in sentences.
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let Some(Evidence { stability, explained, not_natural, not_useful, n_clusters, .. }) =
            self.decisive()
        else {
            return write!(f, "Do not segment: no number of clusters was considered.");
        };
        match self.verdict {
            Verdict::NaturalGroups { k } => {
                let minimum = stability.minimum;
                write!(
                    f,
                    "There are {k} natural groups: they come back when customers are drawn again (stability {minimum:.2}), and there are gaps between all of them."
                )
            }
            Verdict::UsefulCuts { k } => {
                let (share, without) = (100.0 * explained.share, 100.0 * explained.null_median);
                write!(
                    f,
                    "There are no natural groups: {}. Still, {k} segments are useful cuts of a continuum: they explain {share:.0} % of the variance of traits, and {without:.0} % where each trait is shuffled.",
                    listed(not_natural)
                )
            }
            Verdict::DoNotSegment => {
                write!(
                    f,
                    "Do not segment. With {n_clusters} clusters there are no natural groups: {}. Nor would they be useful: {}.",
                    listed(not_natural),
                    listed(not_useful)
                )
            }
        }
    }
}

fn listed(shortfalls: &[Shortfall]) -> String {
    shortfalls.iter().map(Shortfall::to_string).collect::<Vec<_>>().join("; ")
}
