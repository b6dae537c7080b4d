//! The order in which definitions can be computed: each after those that it uses.

use std::collections::{BTreeMap, BTreeSet};

use super::{Classes, Definitions};
use crate::condition::At;
use crate::condition::references::Reference;
use crate::error::SpecError;
use crate::name::{SegmentName, SegmentationName, TraitName};

/// A definition that has members.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grouping {
    /// A segmentation.
    Segmentation(SegmentationName),
    /// A segment.
    Segment(SegmentName),
}

impl Grouping {
    /// Its name.
    pub fn as_str(&self) -> &str {
        match self {
            Grouping::Segmentation(name) => name.as_str(),
            Grouping::Segment(name) => name.as_str(),
        }
    }

    /// The segment or segmentation that a condition speaks of.
    pub(super) fn of(reference: &Reference) -> Option<Grouping> {
        match reference {
            Reference::Segment(name) => Some(Grouping::Segment(name.clone())),
            Reference::Class(name, _) | Reference::Segmentation(name) => {
                Some(Grouping::Segmentation(name.clone()))
            }
            _ => None,
        }
    }
}

impl Definitions {
    /// The traits, each after those that it uses. A project that was parsed has no cycle; definitions put together by
    /// hand may have one, which is the error.
    pub fn trait_order(&self) -> Result<Vec<&TraitName>, SpecError> {
        let uses = |(name, definition): (_, &super::Trait)| {
            let used =
                definition.value.references().into_iter().filter_map(|(reference, _)| match reference {
                    Reference::Subject(column) => {
                        self.traits.get_key_value(column.as_str()).map(|(name, _)| name)
                    }
                    _ => None,
                });
            (name, used.collect())
        };
        let (order, cycles) = sorted(&self.traits.iter().map(uses).collect());
        match cycles.first() {
            Some(cycle) => Err(cyclic(cycle.iter().map(|name| name.as_str()))),
            None => Ok(order),
        }
    }

    /// The segments and segmentations, each after those that it uses; cycles as in [`Definitions::trait_order`].
    pub fn grouping_order(&self) -> Result<Vec<Grouping>, SpecError> {
        let segmentations = self.segmentations.iter().map(|(name, this)| {
            let mut references = match &this.classes {
                Classes::Rules(classes) => {
                    classes.iter().flat_map(|class| class.condition.references()).collect()
                }
                Classes::By(term) => term.references(),
            };
            let needed = self.scores.values().filter_map(|score| score.needed_by(name));
            let needed = needed.flatten().map(|needed| Reference::Segmentation(needed.clone()));
            references.extend(needed.map(|needed| (needed, At::default())));
            (Grouping::Segmentation(name.clone()), references)
        });
        let segments = self
            .segments
            .iter()
            .map(|(name, this)| (Grouping::Segment(name.clone()), this.condition.references()));
        let uses = segmentations.chain(segments).map(|(name, used)| {
            (name, used.iter().filter_map(|(reference, _)| Grouping::of(reference)).collect())
        });
        let (order, cycles) = sorted(&uses.collect());
        match cycles.first() {
            Some(cycle) => Err(cyclic(cycle.iter().map(Grouping::as_str))),
            None => Ok(order),
        }
    }
}

/// The error that names a cycle, `a → b → a`.
pub(super) fn cyclic<'a>(cycle: impl Iterator<Item = &'a str>) -> SpecError {
    let mut names: Vec<&str> = cycle.collect();
    names.extend(names.first().copied());
    SpecError::new(format!("definitions use each other in a circle: `{}`", names.join(" → ")))
        .with_hint("write one of them without the other")
}

/// Names sorted so that each comes after those it uses, and the cycles that stand in the way, each from its least name on.
/// What is used but has no entry itself is taken to be there.
pub(super) fn sorted<N: Ord + Clone>(uses: &BTreeMap<N, BTreeSet<N>>) -> (Vec<N>, Vec<Vec<N>>) {
    let mut waiting: BTreeMap<&N, BTreeSet<&N>> = uses
        .iter()
        .map(|(name, used)| (name, used.iter().filter(|used| uses.contains_key(used)).collect()))
        .collect();
    let mut order = Vec::new();
    let mut cycles = Vec::new();
    while !waiting.is_empty() {
        let ready: Vec<&N> =
            waiting.iter().filter(|(_, used)| used.is_empty()).map(|(name, _)| *name).collect();
        let done = if ready.is_empty() {
            let cycle = cycle(&waiting);
            cycles.push(cycle.iter().map(|name| (*name).clone()).collect());
            cycle
        } else {
            order.extend(ready.iter().map(|name| (*name).clone()));
            ready
        };
        for name in &done {
            waiting.remove(name);
        }
        let done: BTreeSet<&N> = done.into_iter().collect();
        for used in waiting.values_mut() {
            used.retain(|name| !done.contains(name));
        }
    }
    (order, cycles)
}

/// A cycle among names each of which uses another: follow the first use until one comes round again.
fn cycle<'a, N: Ord>(waiting: &BTreeMap<&'a N, BTreeSet<&'a N>>) -> Vec<&'a N> {
    let mut path: Vec<&N> = waiting.keys().next().copied().into_iter().collect();
    while let Some(next) = path.last().and_then(|last| waiting.get(*last)?.first().copied()) {
        if let Some(begin) = path.iter().position(|name| *name == next) {
            path.drain(..begin);
            break;
        }
        path.push(next);
    }
    let least = path.iter().enumerate().min_by_key(|(_, name)| **name).map_or(0, |(index, _)| index);
    path.rotate_left(least);
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(uses: &[(&str, &[&str])], order: &[&str], cycles: &[&[&str]]) {
        let uses = uses
            .iter()
            .map(|(name, used)| ((*name).to_owned(), used.iter().map(|used| (*used).to_owned()).collect()))
            .collect();
        let found = sorted(&uses);
        assert_eq!(found.0, order);
        assert_eq!(found.1, cycles);
    }

    #[test]
    fn each_comes_after_what_it_uses() {
        check(&[], &[], &[]);
        check(&[("a", &["b"]), ("b", &["c", "elsewhere"]), ("c", &[])], &["c", "b", "a"], &[]);
    }

    #[test]
    fn cycles_are_named_from_their_least_name_on() {
        check(&[("a", &["a"])], &[], &[&["a"]]);
        check(&[("a", &["c"]), ("b", &["c"]), ("c", &["b"]), ("d", &[])], &["d", "a"], &[&["b", "c"]]);
        check(
            &[("a", &["b"]), ("b", &["a"]), ("x", &["y"]), ("y", &["x"])],
            &[],
            &[&["a", "b"], &["x", "y"]],
        );
    }
}
