//! Who is in what: the outcome that a plan and the reference are compared by.

use std::collections::{BTreeMap, BTreeSet};

use strata_pipeline::spec::definition::Origin;
use strata_pipeline::spec::table::Subject;

use super::world::World;

/// Ids by segment, or by class of a segmentation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Decided {
    pub(crate) members: BTreeMap<String, BTreeSet<String>>,
    /// Whose condition is unknown for want of data.
    pub(crate) undecided: BTreeMap<String, BTreeSet<String>>,
    pub(crate) classes: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
}

impl World {
    /// What the project's own segments and segmentations of a subject decide.
    pub(crate) fn decided(&self, subject: Subject) -> Decided {
        let mut decided = Decided::default();
        let everyone = self.everyone(subject);
        let is_asked = |header: &strata_pipeline::spec::definition::Header| {
            header.origin == Origin::Project && header.subject == subject
        };
        for (name, segment) in self.definitions.segments.iter().filter(|(_, each)| is_asked(&each.header)) {
            let members = everyone.iter().filter(|one| one.is_member(segment)).map(|one| one.id.to_owned());
            let unknown = everyone.iter().filter(|one| one.meets(&segment.condition).is_none());
            decided.members.insert(name.to_string(), members.collect());
            decided.undecided.insert(name.to_string(), unknown.map(|one| one.id.to_owned()).collect());
        }
        let segmentations = self.definitions.segmentations.iter();
        for (name, segmentation) in segmentations.filter(|(_, each)| is_asked(&each.header)) {
            let classes = decided.classes.entry(name.to_string()).or_default();
            for one in &everyone {
                classes.entry(one.class(segmentation)).or_default().insert(one.id.to_owned());
            }
        }
        decided
    }
}
