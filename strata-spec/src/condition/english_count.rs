//! Numbers of rows and the first and last of them as plain English: `placed at least 5 orders`, `the last order`.

use super::english_term::{constant, filter_phrase, is_row_time, table_words};
use super::{AggregateFunction, Column, Comparison, Condition, Literal, Scope, Term};
use crate::table::Table;

/// A number of rows beside a constant, as what the subject did; none where it is something else.
pub(super) fn counted(left: &Term, operator: Comparison, right: &Term) -> Option<String> {
    let (Term::Aggregate(aggregate), Term::Literal(Literal::Integer(number))) = (left, right) else {
        return None;
    };
    if aggregate.function != AggregateFunction::Count || !aggregate.arguments.is_empty() || *number < 0 {
        return None;
    }
    let table = aggregate.table;
    let (one, many) = table_words(table);
    let (name, filter) = named(table, aggregate.filter.as_ref());
    let rows = |noun: &str| format!("{noun}{name}{filter}");
    let several = |words: &str| format!("{words} {number} {}", rows(if *number == 1 { one } else { many }));
    let what = match (operator, number) {
        (Comparison::Equal | Comparison::LessOrEqual, 0) | (Comparison::Less, 1) => {
            format!("no {}", rows(one))
        }
        (Comparison::Greater, 0) | (Comparison::GreaterOrEqual, 1) => format!("at least one {}", rows(one)),
        (Comparison::Equal, _) => several("exactly"),
        (Comparison::Less, _) => several("fewer than"),
        (Comparison::LessOrEqual, _) => several("at most"),
        (Comparison::Greater, _) => several("more than"),
        (Comparison::GreaterOrEqual, _) => several("at least"),
        (Comparison::NotEqual | Comparison::DistinctFrom | Comparison::NotDistinctFrom, _) => return None,
    };
    Some(format!("{} {what}", verb(table)))
}

/// What a subject does to come to rows of a table.
fn verb(table: Table) -> &'static str {
    match table {
        Table::Orders => "placed",
        Table::Responses => "gave",
        Table::Feedback => "wrote",
        Table::Customers | Table::Companies | Table::OrderLines | Table::Events => "has",
    }
}

/// The name that a filter demands of events, and the rest of the filter.
fn named(table: Table, filter: Option<&Condition>) -> (String, String) {
    let Some(filter) = filter else { return (String::new(), String::new()) };
    let parts = match filter {
        Condition::All(parts) => parts.as_slice(),
        other => std::slice::from_ref(other),
    };
    let name = |part: &Condition| match part {
        Condition::Compare { left: Term::Column(column), operator: Comparison::Equal, right } => {
            match right {
                Term::Literal(Literal::Text(text)) if is_name(column) => Some(format!(" “{text}”")),
                _ => None,
            }
        }
        _ => None,
    };
    let found = parts.iter().position(|part| table == Table::Events && name(part).is_some());
    let rest =
        parts.iter().enumerate().filter(|(index, _)| Some(*index) != found).map(|(_, part)| part.clone());
    let rest: Vec<Condition> = rest.collect();
    let said = if rest.is_empty() { String::new() } else { filter_phrase(&Condition::all(rest)) };
    (found.and_then(|index| name(parts.get(index)?)).unwrap_or_default(), said)
}

fn is_name(column: &Column) -> bool {
    column.scope == Scope::Row && column.name == "name"
}

/// A row of a table: `event “Added to Cart” where (category is Coffee)`.
pub(super) fn row(table: Table, condition: Option<&Condition>) -> String {
    let (name, filter) = named(table, condition);
    format!("{}{name}{filter}", table_words(table).0)
}

/// The same, with an article.
pub(super) fn a_row(table: Table, condition: Option<&Condition>) -> String {
    let article = match table {
        Table::Orders | Table::OrderLines | Table::Events => "an",
        Table::Customers | Table::Companies | Table::Responses | Table::Feedback => "a",
    };
    format!("{article} {}", row(table, condition))
}

/// A time of a table's first or last row as that row: `the last order in the last 90 days`.
pub(super) fn the_row(term: &Term) -> Option<String> {
    let Term::Aggregate(aggregate) = term else { return None };
    let which = match aggregate.function {
        AggregateFunction::Min => "first",
        AggregateFunction::Max => "last",
        _ => return None,
    };
    let own_time = aggregate.arguments.iter().all(|each| is_row_time(aggregate.table, each));
    own_time.then(|| format!("the {which} {}", row(aggregate.table, aggregate.filter.as_ref())))
}

/// A value as it stands after `is`.
pub(super) fn value(literal: &Literal) -> String {
    match literal {
        Literal::Text(text) => constant(text),
        other => Term::Literal(other.clone()).said(false),
    }
}
