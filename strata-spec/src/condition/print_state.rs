//! Sequences, and what held at other times, into text.

use std::fmt;

use super::layout::{Fold, Paper};
use super::print::{Binding, Place, Quoted, close_parenthesis};
use super::{Change, Column, Group, Key, Literal, Sequence, State, Step, Term, When, Window};

impl Place {
    pub(super) fn sequence(self, sequence: &Sequence, out: &mut dyn Paper) -> fmt::Result {
        out.open();
        out.write_str("sequence(")?;
        for (index, step) in sequence.steps.iter().enumerate() {
            let separator = if index == 0 { "" } else { " " };
            out.fold(Fold::In, separator)?;
            self.step(step, out)?;
            let more =
                index + 1 < sequence.steps.len() || !sequence.same.is_empty() || sequence.within.is_some();
            out.write_str(if more { "," } else { "" })?;
        }
        for (index, key) in sequence.same.iter().enumerate() {
            out.fold(Fold::In, " ")?;
            self.key(key, out)?;
            let more = index + 1 < sequence.same.len() || sequence.within.is_some();
            out.write_str(if more { "," } else { "" })?;
        }
        if let Some(within) = sequence.within {
            out.fold(Fold::In, " ")?;
            write!(out, "within('{within}')")?;
        }
        close_parenthesis(out)?;
        let rows = sequence.steps.first().map(|step| step.table);
        Place { rows, argument: false, ..self }.filter(sequence.filter.as_ref(), out)
    }

    fn step(self, step: &Step, out: &mut dyn Paper) -> fmt::Result {
        write!(out, "{}({}", if step.absent { "no_step" } else { "step" }, step.table)?;
        if let Some(condition) = &step.condition {
            out.write_str(", ")?;
            Place { rows: Some(step.table), argument: false, ..self }.condition(
                condition,
                Binding::Or,
                out,
            )?;
        }
        if let Some(within) = step.within {
            write!(out, ", '{within}'")?;
        }
        out.write_char(')')
    }

    fn key(self, key: &Key, out: &mut dyn Paper) -> fmt::Result {
        out.write_str("same(")?;
        match (key.shared_column(), key.terms.as_slice()) {
            (Some(column), [(table, _), ..]) => {
                Place { rows: Some(*table), argument: false, ..self }.term(
                    &Term::Column(column.clone()),
                    Binding::Or,
                    out,
                )?;
            }
            (_, terms) => {
                for (index, (table, term)) in terms.iter().enumerate() {
                    out.write_str(if index > 0 { ", " } else { "" })?;
                    Place { rows: Some(*table), argument: true, ..self }.term(term, Binding::Or, out)?;
                }
            }
        }
        out.write_char(')')
    }

    pub(super) fn changed(self, change: &Change, window: Option<Window>, out: &mut dyn Paper) -> fmt::Result {
        match change {
            Change::Entered(group) => self.group("entered", group, out)?,
            Change::Left(group) => self.group("left", group, out)?,
            Change::Value { column, from, to } => {
                let word = match (from, to) {
                    (Some(_), _) => "changed_from",
                    (None, Some(_)) => "changed_to",
                    (None, None) => "changed",
                };
                self.property(word, column, from.iter().chain(to), out)?;
            }
        }
        if let Some(window) = window {
            out.write_str(", ")?;
            self.window(None, window, out)?;
        }
        out.write_char(')')
    }

    pub(super) fn was(self, state: &State, when: &When, out: &mut dyn Paper) -> fmt::Result {
        self.state(("was", "was_in"), state, out)?;
        match when {
            When::Ever => {}
            When::At(instant) => {
                out.write_str(", ")?;
                self.term(instant, Binding::Or, out)?;
            }
            When::In(window) => {
                out.write_str(", ")?;
                self.window(None, *window, out)?;
            }
        }
        out.write_char(')')
    }

    pub(super) fn since(self, state: &State, out: &mut dyn Paper) -> fmt::Result {
        self.state(("since", "member_since"), state, out)?;
        out.write_char(')')
    }

    pub(super) fn has_been(self, state: &State, out: &mut dyn Paper) -> fmt::Result {
        self.state(("has_been", "has_been_in"), state, out)?;
        out.write_char(')')
    }

    /// The word for a property or for a group, and the state, without the last parenthesis.
    fn state(self, (of_property, of_group): (&str, &str), state: &State, out: &mut dyn Paper) -> fmt::Result {
        match state {
            State::Value { column, value } => self.property(of_property, column, [value], out),
            State::Member(group) => self.group(of_group, group, out),
        }
    }

    fn property<'l>(
        self,
        word: &str,
        column: &Column,
        values: impl IntoIterator<Item = &'l Literal>,
        out: &mut dyn Paper,
    ) -> fmt::Result {
        write!(out, "{word}(")?;
        self.term(&Term::Column(column.clone()), Binding::Or, out)?;
        values.into_iter().try_for_each(|value| write!(out, ", {value}"))
    }

    fn group(self, word: &str, group: &Group, out: &mut dyn Paper) -> fmt::Result {
        match group {
            Group::Segment(name) => write!(out, "{word}('{name}'"),
            Group::Class { segmentation, class } => {
                write!(out, "{word}('{segmentation}', {}", Quoted('\'', class))
            }
        }
    }
}

impl Key {
    /// The column that has one name in all tables, where the key is that.
    pub(super) fn shared_column(&self) -> Option<&Column> {
        let first = self.terms.first().and_then(|(_, term)| as_column(term))?;
        self.terms.iter().all(|(_, term)| as_column(term) == Some(first)).then_some(first)
    }
}

fn as_column(term: &Term) -> Option<&Column> {
    match term {
        Term::Column(column) => Some(column),
        _ => None,
    }
}
