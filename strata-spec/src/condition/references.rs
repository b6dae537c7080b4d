//! What a condition needs in order to mean something: the columns, tables, segments and classes that must exist.

use super::visit::Held;
use super::{
    AggregateFunction, At, Channel, Column, Comparison, Condition, Function, Group, Literal, Node, Ranking,
    Scope, Sequence, Term,
};
use crate::name::{SegmentName, SegmentationName};
use crate::table::Table;

/// Something that must exist for a condition or term to mean something.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Reference {
    /// A column of the subject: its own, a trait or a score.
    Subject(String),
    /// A column of the company of a customer.
    Company(String),
    /// A table over whose rows an aggregate ranges.
    Rows(Table),
    /// A column of such a table; also its time, where a window or `last_value` needs it unsaid.
    Row(Table, String),
    /// A segment, as in `in_segment('vip')`.
    Segment(SegmentName),
    /// A class of a segmentation, as in `in_class('rfm', 'champions')`.
    Class(SegmentationName, String),
    /// A segmentation as a whole, as a layer of others.
    Segmentation(SegmentationName),
    /// A property of the subject, of whose earlier values a history is kept, as in `changed(plan)`.
    Property(String),
    /// A place among all subjects, which is there only when all of them are known: `percent_rank(revenue)`.
    Ranked(Ranking),
    /// What the country of the subject or of its company is held against, as in `country = 'DE'`.
    Country(String),
}

impl Condition {
    /// Everything that the condition needs, each with where it was written, in the order of the text.
    pub fn references(&self) -> Vec<(Reference, At)> {
        let mut found = Vec::new();
        self.walk(&mut |node| collect(node, None, &mut found));
        found
    }
}

impl Term {
    /// Everything that the term needs, each with where it was written, in the order of the text.
    pub fn references(&self) -> Vec<(Reference, At)> {
        let mut found = Vec::new();
        self.walk(&mut |node| collect(node, None, &mut found));
        found
    }
}

/// Notes what a part needs, and says whether its own parts are still to be looked at. `rows` is the table of the
/// aggregate around it, and where that stands.
fn collect(node: Node<'_>, rows: Option<(Table, At)>, found: &mut Vec<(Reference, At)>) -> bool {
    if let Some(held) = node.state() {
        found.push(match held {
            Held::Property(column) => (Reference::Property(column.name.clone()), column.at),
            Held::Group(group) => (Reference::of_group(group), place(node)),
        });
    }
    match node {
        Node::Term(Term::Column(column)) => {
            let name = column.name.clone();
            let reference = match (column.scope, rows) {
                (Scope::Row, Some((table, _))) => Reference::Row(table, name),
                (Scope::Company, _) => Reference::Company(name),
                (Scope::Subject, _) | (Scope::Row, None) => Reference::Subject(name),
            };
            found.push((reference, column.at));
        }
        Node::Term(Term::Aggregate(aggregate)) => {
            let (table, at) = (aggregate.table, aggregate.at);
            found.push((Reference::Rows(table), at));
            if let AggregateFunction::FirstValue | AggregateFunction::LastValue = aggregate.function {
                found.push((time_of(table), at));
            }
            for argument in &aggregate.arguments {
                argument.walk(&mut |inner| collect(inner, Some((table, at)), found));
            }
            if let Some(filter) = &aggregate.filter {
                filter.walk(&mut |inner| collect(inner, Some((table, at)), found));
            }
            return false;
        }
        Node::Condition(Condition::Sequence(sequence)) => {
            sequence_needs(sequence, found);
            return false;
        }
        Node::Term(Term::Rank { ranking, at, .. }) => found.push((Reference::Ranked(*ranking), *at)),
        Node::Term(Term::Call { function: Function::Consent | Function::Reachable, arguments, at }) => {
            found.extend(channel_columns(node, arguments).map(|name| {
                let reference = match rows {
                    Some((table, _)) => Reference::Row(table, name.to_owned()),
                    None => Reference::Subject(name.to_owned()),
                };
                (reference, *at)
            }));
        }
        Node::Condition(Condition::InWindow { time: None, .. }) => {
            found.extend(rows.map(|(table, at)| (time_of(table), at)));
        }
        Node::Condition(Condition::InSegment(name, at)) => {
            found.push((Reference::Segment(name.clone()), *at))
        }
        Node::Condition(Condition::InClass { segmentation, class, at }) => {
            found.push((Reference::Class(segmentation.clone(), class.clone()), *at));
        }
        Node::Condition(Condition::Compare {
            left: Term::Column(column),
            operator: Comparison::Equal | Comparison::NotEqual,
            right,
        }) => found.extend(country(column, right)),
        Node::Condition(Condition::In { term: Term::Column(column), values, .. }) => {
            found.extend(values.iter().filter_map(|value| country(column, value)));
        }
        _ => {}
    }
    true
}

impl Reference {
    /// The segment or class that a group is.
    fn of_group(group: &Group) -> Reference {
        match group {
            Group::Segment(name) => Reference::Segment(name.clone()),
            Group::Class { segmentation, class } => Reference::Class(segmentation.clone(), class.clone()),
        }
    }
}

fn time_of(table: Table) -> Reference {
    Reference::Row(table, table.time_column().to_owned())
}

/// Where a part about the past was written.
fn place(node: Node<'_>) -> At {
    match node {
        Node::Condition(Condition::Was { at, .. } | Condition::Changed { at, .. })
        | Node::Term(Term::Since { at, .. }) => *at,
        _ => At::default(),
    }
}

/// The rows of each step, their times, and whatever the step, the keys and the filter speak of.
fn sequence_needs(sequence: &Sequence, found: &mut Vec<(Reference, At)>) {
    for step in &sequence.steps {
        found.push((Reference::Rows(step.table), step.at));
        found.push((time_of(step.table), step.at));
        if let Some(condition) = &step.condition {
            condition.walk(&mut |inner| collect(inner, Some((step.table, step.at)), found));
        }
    }
    for (table, term) in sequence.same.iter().flat_map(|key| &key.terms) {
        term.walk(&mut |inner| collect(inner, Some((*table, sequence.at)), found));
    }
    // A filter over two tables speaks of no column of theirs.
    if let (Some(filter), Some(first)) = (&sequence.filter, sequence.steps.first()) {
        filter.walk(&mut |inner| collect(inner, Some((first.table, sequence.at)), found));
    }
}

/// The columns of a customer on which consent and reach rest.
fn channel_columns(node: Node<'_>, arguments: &[Term]) -> impl Iterator<Item = &'static str> {
    let channel = match arguments {
        [Term::Literal(Literal::Text(name))] => Channel::parse(name),
        _ => None,
    };
    let reached = matches!(node, Node::Term(Term::Call { function: Function::Reachable, .. }));
    let address = channel.filter(|_| reached).map(Channel::address_column);
    address.into_iter().chain([Channel::CONSENT])
}

/// The text that a column of countries is held against.
fn country(column: &Column, value: &Term) -> Option<(Reference, At)> {
    match value {
        Term::Literal(Literal::Text(text)) if column.name == "country" && column.scope != Scope::Row => {
            Some((Reference::Country(text.clone()), column.at))
        }
        _ => None,
    }
}
