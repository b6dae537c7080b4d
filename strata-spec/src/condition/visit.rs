//! What a condition speaks of: columns, aggregates, segments, segmentations.

use super::{Aggregate, Column, Condition, Term};
use crate::name::{SegmentName, SegmentationName};

/// A part of a condition, as [`Condition::walk`] meets it.
#[derive(Debug, Clone, Copy)]
pub enum Node<'a> {
    /// A condition.
    Condition(&'a Condition),
    /// A term.
    Term(&'a Term),
}

impl Condition {
    /// Calls `visit` on the condition and every part of it, outer before inner, left before right. A part for which
    /// `visit` says false is not entered.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(Node<'a>) -> bool) {
        walk_condition(self, visit);
    }

    /// Every column, those inside aggregates included, in order of first use.
    pub fn columns(&self) -> Vec<&Column> {
        collect(&self.parts(), column)
    }

    /// Every aggregate, in order of first use.
    pub fn aggregates(&self) -> Vec<&Aggregate> {
        collect(&self.parts(), aggregate)
    }

    /// Every segment that membership is asked of, in order of first use.
    pub fn segments_used(&self) -> Vec<&SegmentName> {
        collect(&self.parts(), segment)
    }

    /// Every segmentation that a class is asked of, in order of first use.
    pub fn segmentations_used(&self) -> Vec<&SegmentationName> {
        collect(&self.parts(), segmentation)
    }

    fn parts(&self) -> Vec<Node<'_>> {
        let mut parts = Vec::new();
        self.walk(&mut |node| {
            parts.push(node);
            true
        });
        parts
    }
}

impl Term {
    /// Calls `visit` on the term and every part of it, as [`Condition::walk`] does.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(Node<'a>) -> bool) {
        walk_term(self, visit);
    }

    /// Every column, those inside aggregates included, in order of first use.
    pub fn columns(&self) -> Vec<&Column> {
        collect(&self.parts(), column)
    }

    /// Every aggregate, in order of first use.
    pub fn aggregates(&self) -> Vec<&Aggregate> {
        collect(&self.parts(), aggregate)
    }

    /// Every segment that membership is asked of, in order of first use.
    pub fn segments_used(&self) -> Vec<&SegmentName> {
        collect(&self.parts(), segment)
    }

    /// Every segmentation that a class is asked of, in order of first use.
    pub fn segmentations_used(&self) -> Vec<&SegmentationName> {
        collect(&self.parts(), segmentation)
    }

    fn parts(&self) -> Vec<Node<'_>> {
        let mut parts = Vec::new();
        self.walk(&mut |node| {
            parts.push(node);
            true
        });
        parts
    }
}

type Visit<'v, 'a> = &'v mut dyn FnMut(Node<'a>) -> bool;

fn walk_condition<'a>(condition: &'a Condition, visit: Visit<'_, 'a>) {
    if !visit(Node::Condition(condition)) {
        return;
    }
    match condition {
        Condition::All(of) | Condition::Any(of) | Condition::AtLeast { of, .. } => {
            of.iter().for_each(|each| walk_condition(each, visit));
        }
        Condition::Not(inner) => walk_condition(inner, visit),
        Condition::Compare { left, right, .. } => {
            walk_term(left, visit);
            walk_term(right, visit);
        }
        Condition::Between { term, low, high, .. } => {
            [term, low, high].into_iter().for_each(|each| walk_term(each, visit));
        }
        Condition::In { term, values, .. } => {
            walk_term(term, visit);
            values.iter().for_each(|each| walk_term(each, visit));
        }
        Condition::Like { term, .. } | Condition::IsNull { term, .. } | Condition::Is(term) => {
            walk_term(term, visit);
        }
        Condition::InWindow { time, .. } => time.iter().for_each(|each| walk_term(each, visit)),
        Condition::InSegment(..) | Condition::InClass { .. } => {}
    }
}

fn walk_term<'a>(term: &'a Term, visit: Visit<'_, 'a>) {
    if !visit(Node::Term(term)) {
        return;
    }
    match term {
        Term::Column(_) | Term::Literal(_) | Term::AsOf => {}
        Term::Aggregate(aggregate) => {
            aggregate.arguments.iter().for_each(|each| walk_term(each, visit));
            aggregate.filter.iter().for_each(|filter| walk_condition(filter, visit));
        }
        Term::Arithmetic { left, right, .. } => {
            walk_term(left, visit);
            walk_term(right, visit);
        }
        Term::Call { arguments, .. } => arguments.iter().for_each(|each| walk_term(each, visit)),
        Term::Case { branches, otherwise } => {
            for (condition, value) in branches {
                walk_condition(condition, visit);
                walk_term(value, visit);
            }
            otherwise.iter().for_each(|each| walk_term(each, visit));
        }
        Term::Truth(condition) => walk_condition(condition, visit),
    }
}

/// What `pick` finds among parts, equal ones once, in order of first use.
fn collect<'a, T: PartialEq>(parts: &[Node<'a>], pick: fn(Node<'a>) -> Option<&'a T>) -> Vec<&'a T> {
    let mut found: Vec<&T> = Vec::new();
    for part in parts.iter().filter_map(|&node| pick(node)) {
        if !found.contains(&part) {
            found.push(part);
        }
    }
    found
}

fn column(node: Node<'_>) -> Option<&Column> {
    match node {
        Node::Term(Term::Column(column)) => Some(column),
        _ => None,
    }
}

fn aggregate(node: Node<'_>) -> Option<&Aggregate> {
    match node {
        Node::Term(Term::Aggregate(aggregate)) => Some(aggregate),
        _ => None,
    }
}

fn segment(node: Node<'_>) -> Option<&SegmentName> {
    match node {
        Node::Condition(Condition::InSegment(name, _)) => Some(name),
        _ => None,
    }
}

fn segmentation(node: Node<'_>) -> Option<&SegmentationName> {
    match node {
        Node::Condition(Condition::InClass { segmentation, .. }) => Some(segmentation),
        _ => None,
    }
}
