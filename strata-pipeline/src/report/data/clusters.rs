//! Groups that segmentations are made of.

use strata_spec::table::Subject;

use crate::models::Clusters;

/// A segmentation by groups that were found, or looked for in vain.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Groups {
    /// The score that says who is in which.
    pub score: String,
    /// Whom it divides.
    pub subject: Subject,
    /// What was found.
    pub found: Clusters,
    /// The traits that groups were looked for in, in their order.
    pub features: Vec<Feature>,
}

/// A trait that groups were looked for in.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Feature {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The unit of its values, as definitions write it.
    pub unit: Option<String>,
}
