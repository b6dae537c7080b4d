//! What a condition speaks of: columns, aggregates, sequences, segments, segmentations.

use super::{Aggregate, At, Change, Column, Condition, Group, Sequence, State, Term, When};
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

    /// Every sequence, in order of first use.
    pub fn sequences(&self) -> Vec<&Sequence> {
        collect(&self.parts(), sequence)
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

    /// Every sequence, in order of first use.
    pub fn sequences(&self) -> Vec<&Sequence> {
        collect(&self.parts(), sequence)
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
        Condition::Sequence(sequence) => {
            sequence
                .steps
                .iter()
                .filter_map(|step| step.condition.as_ref())
                .for_each(|of| walk_condition(of, visit));
            let keys = sequence.same.iter().flat_map(|key| &key.terms);
            keys.for_each(|(_, term)| walk_term(term, visit));
            sequence.filter.iter().for_each(|filter| walk_condition(filter, visit));
        }
        Condition::Changed { .. } => {}
        Condition::Was { when, .. } => {
            if let When::At(instant) = when {
                walk_term(instant, visit);
            }
        }
    }
}

fn walk_term<'a>(term: &'a Term, visit: Visit<'_, 'a>) {
    if !visit(Node::Term(term)) {
        return;
    }
    match term {
        Term::Column(_) | Term::Literal(_) | Term::AsOf | Term::Since { .. } => {}
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
        Term::Rank { by, among, .. } => {
            walk_term(by, visit);
            among.iter().for_each(|among| walk_condition(among, visit));
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
        other => match other.state() {
            Some(Held::Property(column)) => Some(column),
            _ => None,
        },
    }
}

fn aggregate(node: Node<'_>) -> Option<&Aggregate> {
    match node {
        Node::Term(Term::Aggregate(aggregate)) => Some(aggregate),
        _ => None,
    }
}

fn sequence(node: Node<'_>) -> Option<&Sequence> {
    match node {
        Node::Condition(Condition::Sequence(sequence)) => Some(sequence),
        _ => None,
    }
}

fn segment(node: Node<'_>) -> Option<&SegmentName> {
    match (node, node.state()) {
        (Node::Condition(Condition::InSegment(name, _)), _) => Some(name),
        (_, Some(Held::Group(Group::Segment(name)))) => Some(name),
        _ => None,
    }
}

fn segmentation(node: Node<'_>) -> Option<&SegmentationName> {
    match (node, node.state()) {
        (Node::Condition(Condition::InClass { segmentation, .. }), _) => Some(segmentation),
        (_, Some(Held::Group(Group::Class { segmentation, .. }))) => Some(segmentation),
        _ => None,
    }
}

/// What a part asks the past of.
#[derive(Debug, Clone, Copy)]
pub(super) enum Held<'a> {
    /// A property of the subject.
    Property(&'a Column),
    /// A segment or class.
    Group(&'a Group),
}

impl<'a> Node<'a> {
    /// Where the part, or the first of its parts whose place is known, was written.
    pub fn place(self) -> At {
        let mut place = At::default();
        let mut visit = |node: Node<'a>| {
            place = if place.0.is_some() { place } else { node.own_place() };
            place.0.is_none()
        };
        match self {
            Node::Condition(condition) => condition.walk(&mut visit),
            Node::Term(term) => term.walk(&mut visit),
        }
        place
    }

    fn own_place(self) -> At {
        match self {
            Node::Condition(
                Condition::InSegment(_, at)
                | Condition::InClass { at, .. }
                | Condition::Changed { at, .. }
                | Condition::Was { at, .. },
            ) => *at,
            Node::Condition(Condition::Sequence(sequence)) => sequence.at,
            Node::Term(Term::Column(column)) => column.at,
            Node::Term(Term::Aggregate(aggregate)) => aggregate.at,
            Node::Term(Term::Call { at, .. } | Term::Since { at, .. } | Term::Rank { at, .. }) => *at,
            _ => At::default(),
        }
    }

    /// What the part asks the past of, if it does.
    pub(super) fn state(self) -> Option<Held<'a>> {
        let of_state = |state: &'a State| match state {
            State::Value { column, .. } => Held::Property(column),
            State::Member(group) => Held::Group(group),
        };
        match self {
            Node::Condition(Condition::Was { state, .. }) | Node::Term(Term::Since { state, .. }) => {
                Some(of_state(state))
            }
            Node::Condition(Condition::Changed { change, .. }) => Some(match change {
                Change::Value { column, .. } => Held::Property(column),
                Change::Entered(group) | Change::Left(group) => Held::Group(group),
            }),
            _ => None,
        }
    }
}
