//! Conditions, with three values.

use std::cmp::Ordering;

use strata_pipeline::spec::condition::{Comparison, Condition, Group, Pattern, PatternKind, Term};
use strata_pipeline::spec::table::Table;

use super::value::{Row, Truth, compare};
use super::world::One;

/// The row of an aggregate's table at which a condition is looked at; none for the subject itself.
pub(crate) type At<'r> = Option<(Table, &'r Row)>;

impl One<'_> {
    pub(crate) fn condition(&self, condition: &Condition, at: At<'_>) -> Truth {
        match condition {
            Condition::All(of) => self.all(of, at),
            Condition::Any(of) => not(not_any(of.iter().map(|each| self.condition(each, at)))),
            Condition::Not(inner) => not(self.condition(inner, at)),
            Condition::AtLeast { count, of } => {
                let truths: Vec<Truth> = of.iter().map(|each| self.condition(each, at)).collect();
                let n_true = truths.iter().filter(|truth| **truth == Some(true)).count();
                let n_unknown = truths.iter().filter(|truth| truth.is_none()).count();
                let needed = *count as usize;
                match () {
                    () if n_true >= needed => Some(true),
                    () if n_true + n_unknown < needed => Some(false),
                    () => None,
                }
            }
            Condition::Compare { left, operator, right } => self.compared(left, *operator, right, at),
            Condition::Between { term, low, high, negated } => {
                let above = self.compared(term, Comparison::GreaterOrEqual, low, at);
                let below = self.compared(term, Comparison::LessOrEqual, high, at);
                negated_if(*negated, and(above, below))
            }
            Condition::In { term, values, negated } => {
                let found = values.iter().map(|value| self.compared(term, Comparison::Equal, value, at));
                negated_if(*negated, not(not_any(found)))
            }
            Condition::Like { term, pattern, negated } => {
                let value = self.term(term, at);
                negated_if(*negated, value.text().map(|text| looks_like(text, pattern)))
            }
            Condition::IsNull { term, negated } => Some(self.term(term, at).is_null() != *negated),
            Condition::InWindow { time, window } => {
                let value = match (time, at) {
                    (Some(time), _) => self.term(time, at),
                    (None, Some((table, row))) => {
                        row.get(table.time_column()).cloned().unwrap_or(super::Value::Null)
                    }
                    (None, None) => panic!("a window of no time"),
                };
                self.world.lies_in(&value, *window)
            }
            Condition::InSegment(name, _) => Some(self.is_in(&Group::Segment(name.clone()))),
            Condition::InClass { segmentation, class, .. } => {
                let group = Group::Class { segmentation: segmentation.clone(), class: class.clone() };
                Some(self.is_in(&group))
            }
            Condition::Sequence(sequence) => Some(self.sequence(sequence)),
            Condition::Changed { change, window, .. } => Some(self.changed(change, *window)),
            Condition::Was { state, when, .. } => Some(self.was(state, when)),
            Condition::Is(term) => self.term(term, at).truth(),
        }
    }

    fn all(&self, of: &[Condition], at: At<'_>) -> Truth {
        of.iter().map(|each| self.condition(each, at)).fold(Some(true), and)
    }

    fn compared(&self, left: &Term, by: Comparison, right: &Term, at: At<'_>) -> Truth {
        use Comparison::{
            DistinctFrom, Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotDistinctFrom, NotEqual,
        };
        let (left, right) = (self.term(left, at), self.term(right, at));
        let order = compare(&left, &right, self.world.timezone);
        let same = order.map_or(left.is_null() && right.is_null(), |order| order == Ordering::Equal);
        match by {
            DistinctFrom => Some(!same),
            NotDistinctFrom => Some(same),
            Equal => order.map(Ordering::is_eq),
            NotEqual => order.map(Ordering::is_ne),
            Less => order.map(Ordering::is_lt),
            LessOrEqual => order.map(Ordering::is_le),
            Greater => order.map(Ordering::is_gt),
            GreaterOrEqual => order.map(Ordering::is_ge),
        }
    }
}

pub(crate) fn and(left: Truth, right: Truth) -> Truth {
    match (left, right) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn not(truth: Truth) -> Truth {
    truth.map(|truth| !truth)
}

fn not_any(truths: impl Iterator<Item = Truth>) -> Truth {
    truths.map(not).fold(Some(true), and)
}

fn negated_if(negated: bool, truth: Truth) -> Truth {
    if negated { not(truth) } else { truth }
}

fn looks_like(text: &str, pattern: &Pattern) -> bool {
    if pattern.kind == PatternKind::Regex {
        let mut expression = regex::RegexBuilder::new(&pattern.text);
        return expression.case_insensitive(pattern.ignore_case).build().unwrap().is_match(text);
    }
    let folded = |text: &str| if pattern.ignore_case { text.to_lowercase() } else { text.to_owned() };
    let (text, wanted) = (folded(text), folded(&pattern.text));
    match pattern.kind {
        PatternKind::StartsWith => text.starts_with(&wanted),
        PatternKind::EndsWith => text.ends_with(&wanted),
        PatternKind::Contains => text.contains(&wanted),
        PatternKind::Like | PatternKind::Regex => {
            like(&text.chars().collect::<Vec<_>>(), &wanted.chars().collect::<Vec<_>>())
        }
    }
}

/// SQL's `like`: `%` stands for any text, `_` for any character; behind a backslash, a character stands for itself.
fn like(text: &[char], pattern: &[char]) -> bool {
    let one = |is_meant: &dyn Fn(char) -> bool, rest: &[char]| match text.split_first() {
        Some((first, after)) => is_meant(*first) && like(after, rest),
        None => false,
    };
    match pattern {
        [] => text.is_empty(),
        ['%', rest @ ..] => (0..=text.len()).any(|skipped| like(&text[skipped..], rest)),
        ['_', rest @ ..] => one(&|_| true, rest),
        ['\\', wanted, rest @ ..] | [wanted, rest @ ..] => one(&|each| each == *wanted, rest),
    }
}
