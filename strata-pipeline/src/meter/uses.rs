//! Who refers to a segment or to a class: what is done with it inside the project.

use std::collections::{BTreeMap, BTreeSet};

use strata_spec::condition::references::Reference;
use strata_spec::definition::{Classes, Definitions};

/// The definitions that speak of each segment (without segmentation) and class.
pub(super) struct Uses(BTreeMap<(Option<String>, String), BTreeSet<String>>);

impl Uses {
    /// Those of all definitions.
    pub(super) fn of(definitions: &Definitions) -> Uses {
        let mut uses = Uses(BTreeMap::new());
        for (name, this) in &definitions.traits {
            uses.add(name.as_str(), this.value.references());
        }
        for (name, this) in &definitions.scores {
            uses.add(name.as_str(), this.among.iter().flat_map(|among| among.references()));
        }
        for (name, this) in &definitions.segmentations {
            uses.add(name.as_str(), references(&this.classes));
        }
        for (name, this) in &definitions.segments {
            uses.add(name.as_str(), this.condition.references());
        }
        uses
    }

    /// The names of those that speak of it.
    pub(super) fn users(&self, segmentation: Option<&str>, name: &str) -> Vec<&str> {
        let key = (segmentation.map(str::to_owned), name.to_owned());
        self.0.get(&key).into_iter().flatten().map(String::as_str).collect()
    }

    fn add<At>(&mut self, user: &str, references: impl IntoIterator<Item = (Reference, At)>) {
        for (reference, _) in references {
            let used = match reference {
                Reference::Segment(name) => (None, name.to_string()),
                Reference::Class(segmentation, class) => (Some(segmentation.to_string()), class),
                _ => continue,
            };
            self.0.entry(used).or_default().insert(user.to_owned());
        }
    }
}

/// What the classes of a segmentation speak of.
pub(super) fn references(classes: &Classes) -> Vec<(Reference, strata_spec::condition::At)> {
    match classes {
        Classes::By(term) => term.references(),
        Classes::Rules(classes) => classes.iter().flat_map(|class| class.condition.references()).collect(),
    }
}
