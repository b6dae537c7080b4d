//! Sequences, what held at other times, places among all subjects, and functions that are true or false, as plain English.

use super::english::{percent, window_phrase};
use super::english_count::{a_row, row, value};
use super::english_term::{constant, joined, table_words, words};
use super::{
    AggregateFunction, Change, Comparison, Condition, Function, Group, Interval, Literal, Ranking, Sequence,
    State, Step, Term, When, Window,
};

/// `has in this order: (1) an event …; (2) at most 3 days later an event …`.
pub(super) fn sequence(sequence: &Sequence) -> String {
    let steps = sequence.steps.iter().enumerate();
    let steps =
        steps.map(|(index, each)| format!("({}) {}", index + 1, step(each, sequence.steps.get(index + 1))));
    let mut parts: Vec<String> = steps.collect();
    for key in &sequence.same {
        let name = key.shared_column().map(|column| words(&column.name));
        let terms = || {
            key.terms
                .iter()
                .map(|(table, term)| format!("{} of the {}", term.said(true), table_words(*table).0))
        };
        parts.push(format!(
            "all with the same {}",
            name.unwrap_or_else(|| terms().collect::<Vec<_>>().join(" as "))
        ));
    }
    parts.extend(sequence.within.map(|within| format!("from first to last at most {within}")));
    let filter = sequence.filter.as_ref().map(super::english_term::filter_phrase);
    parts.extend(filter.map(|filter| format!("counting only what was{filter}")));
    format!("has in this order: {}", parts.join("; "))
}

fn step(step: &Step, next: Option<&Step>) -> String {
    let condition = step.condition.as_ref();
    match (step.absent, step.within) {
        (false, None) => a_row(step.table, condition),
        (false, Some(within)) => format!("at most {within} later {}", a_row(step.table, condition)),
        (true, Some(within)) => format!("for {within} after that no {}", row(step.table, condition)),
        (true, None) => {
            let until = if next.is_some() { "until the next" } else { "until now" };
            format!("{until} no {}", row(step.table, condition))
        }
    }
}

/// `plan changed from free to pro in the last 7 days`, or that it did not.
pub(super) fn changed(change: &Change, window: Option<Window>, happened: bool) -> String {
    let when = match (window, happened) {
        (Some(window), _) => format!(" {}", window_phrase(window)),
        (None, true) => " at some time".to_owned(),
        (None, false) => String::new(),
    };
    let verb = |past: &str, base: &str| match (happened, window) {
        (true, _) => past.to_owned(),
        (false, Some(_)) => format!("did not {base}"),
        (false, None) => format!("never {past}"),
    };
    match change {
        Change::Value { column, from, to } => {
            let from = from.as_ref().map_or(String::new(), |from| format!(" from {}", value(from)));
            let to = to.as_ref().map_or(String::new(), |to| format!(" to {}", value(to)));
            format!("{} {}{from}{to}{when}", words(&column.name), verb("changed", "change"))
        }
        Change::Entered(of) => format!("{} {}{when}", verb("entered", "enter"), group(of)),
        Change::Left(of) => format!("{} {}{when}", verb("left", "leave"), group(of)),
    }
}

/// `plan was free on 2026-03-01`, or that it was not.
pub(super) fn was(state: &State, when: &When, held: bool) -> String {
    let verb = match (held, when) {
        (true, _) => "was",
        (false, When::At(_)) => "was not",
        (false, _) => "was never",
    };
    let sometime = if held { " at some time" } else { "" };
    let when = match when {
        When::Ever => sometime.to_owned(),
        When::At(instant) => match instant {
            Term::Literal(_) => format!(" on {}", instant.said(false)),
            other => format!(" {}", other.said(false)),
        },
        When::In(window) => format!("{sometime} {}", window_phrase(*window)),
    };
    match state {
        State::Value { column, value: has } => format!("{} {verb} {}{when}", words(&column.name), value(has)),
        State::Member(of) => format!("{verb} in {}{when}", group(of)),
    }
}

/// `plan has been free for at least 7 days`.
pub(super) fn has_been(state: &State, operator: Comparison, length: Interval) -> String {
    let how_long = match operator {
        Comparison::Less => "less than",
        Comparison::LessOrEqual => "at most",
        Comparison::Greater => "more than",
        _ => "at least",
    };
    match state {
        State::Value { column, value: has } => {
            format!("{} has been {} for {how_long} {length}", words(&column.name), value(has))
        }
        State::Member(of) => format!("has been in {} for {how_long} {length}", group(of)),
    }
}

/// `time since which plan is free`.
pub(super) fn since(state: &State) -> String {
    match state {
        State::Value { column, value: has } => {
            format!("time since which {} is {}", words(&column.name), value(has))
        }
        State::Member(of) => format!("time of entering {}", group(of)),
    }
}

/// `the segment vip`, `the class champions of rfm`.
pub(super) fn group(group: &Group) -> String {
    match group {
        Group::Segment(name) => format!("the segment {name}"),
        Group::Class { segmentation, class } => format!("the class {} of {segmentation}", constant(class)),
    }
}

/// `is in the top 10% by revenue`; none where the comparison says something else.
pub(super) fn placed_among(left: &Term, operator: Comparison, right: &Term, inside: bool) -> Option<String> {
    let Term::Rank { ranking, by, among, .. } = left else { return None };
    let by = format!("{}{}", by.said(inside), among_phrase(among.as_deref()));
    match (ranking, operator, right) {
        (Ranking::PercentRank, Comparison::GreaterOrEqual, Term::Literal(Literal::Number(share))) => {
            let top = percent(&Term::Literal(Literal::Number(1.0 - share)));
            Some(format!("is in the top {top} by {by}"))
        }
        (Ranking::Rank, Comparison::LessOrEqual, Term::Literal(Literal::Integer(places))) => {
            Some(format!("is among the first {places} by {by}, with all who are equal to the last of them"))
        }
        (Ranking::RowNumber, Comparison::LessOrEqual, Term::Literal(Literal::Integer(places))) => {
            Some(format!("is among the first {places} by {by}"))
        }
        _ => None,
    }
}

/// A place among all subjects as a noun phrase.
pub(super) fn ranking_phrase(ranking: Ranking, by: &Term, among: Option<&Condition>) -> String {
    let (by, among) = (by.said(false), among_phrase(among));
    match ranking {
        Ranking::PercentRank => format!("share of all others who have less {by}{among}"),
        Ranking::Rank => format!("rank by {by}{among}"),
        Ranking::RowNumber => format!("place by {by}{among}"),
    }
}

fn among_phrase(among: Option<&Condition>) -> String {
    among.map_or(String::new(), |among| format!(" among those of whom ({})", among.said(false)))
}

/// A term that is true or false in itself: `tags has wholesale`; none where it is another.
pub(super) fn predicate(term: &Term, holds: bool, inside: bool) -> Option<String> {
    match term {
        Term::Call { function, arguments, .. } if function.is_predicate() => {
            Some(held(*function, arguments, holds, inside))
        }
        Term::Aggregate(aggregate) if aggregate.function == AggregateFunction::Every => {
            let said = term.said(inside);
            let said = said.strip_prefix("whether ").unwrap_or(&said);
            Some(if holds { said.to_owned() } else { format!("not {said}") })
        }
        _ => None,
    }
}

/// What a function that is true or false says of its arguments.
pub(super) fn held(function: Function, arguments: &[Term], holds: bool, inside: bool) -> String {
    let verb = |yes: &'static str, no: &'static str| if holds { yes } else { no };
    let said = |index: usize| arguments.get(index).map(|each| each.said(inside)).unwrap_or_default();
    let rest = arguments.get(1..).unwrap_or_default();
    let has = verb("has", "does not have");
    match function {
        Function::ArrayHasAll => format!("{} {has} {}", said(0), joined(rest, "and", inside)),
        Function::WithinPolygon => {
            format!("({}, {}) {} in {}", said(0), said(1), verb("lies", "does not lie"), said(2))
        }
        Function::Reachable => format!("{} be reached by {}", verb("can", "cannot"), said(0)),
        _ => format!("{} {has} {}", said(0), joined(rest, "or", inside)),
    }
}
