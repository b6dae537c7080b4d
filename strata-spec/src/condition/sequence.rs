//! Sequences: rows that follow each other, `sequence(step(events, name = 'Viewed'), step(events, name = 'Bought', '3 days'))`.
//!
//! A sequence is true where rows can be chosen, one for each step that is not absent, such that each comes later than the one
//! before, all windows hold, all keys are equal, and no row does what an absent step forbids. It is never unknown.

use super::{At, Condition, Interval, Term};
use crate::error::SpecError;
use crate::table::Table;

/// The most steps that a sequence may have.
pub const MAX_STEPS: usize = 16;

/// The most tables over which a sequence may range: a subject's rows of two can be gone through together.
pub const MAX_TABLES: usize = 2;

/// Rows of one or two tables that follow each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Sequence {
    /// The steps, two at least; the first is not absent.
    pub steps: Vec<Step>,
    /// What must be equal, and known, in all its rows.
    pub same: Vec<Key>,
    /// The longest time from the first row to the last.
    pub within: Option<Interval>,
    /// Which rows there are at all, of every table.
    pub filter: Option<Condition>,
    /// Where it was written.
    pub at: At,
}

/// One step of a sequence.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Whether there must be no such row: `no_step`.
    pub absent: bool,
    /// Of which table.
    pub table: Table,
    /// Which rows of it; none for any.
    pub condition: Option<Condition>,
    /// How long after the row before, at most. For an absent step: for how long after it there is none; until the next
    /// row, or until `as_of`, where nothing is said.
    pub within: Option<Interval>,
    /// Where it was written.
    pub at: At,
}

/// What must be equal in all rows of a sequence: `same(product_id)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// A term over the rows of each table of the sequence, in the order in which its steps name them.
    pub terms: Vec<(Table, Term)>,
}

impl Sequence {
    /// The tables, in the order in which the steps name them.
    pub fn tables(&self) -> Vec<Table> {
        let mut tables: Vec<Table> = Vec::new();
        for step in &self.steps {
            if !tables.contains(&step.table) {
                tables.push(step.table);
            }
        }
        tables
    }

    /// Checks what no single step can know of itself.
    pub(super) fn checked(self) -> Result<Sequence, SpecError> {
        let present = self.steps.iter().filter(|step| !step.absent).count();
        match self.steps.first() {
            Some(first) if first.absent => {
                return Err(SpecError::new("a sequence cannot begin with an absent step").with_hint(
                    "begin with a `step`; that something never was is `count(events) filter (where …) = 0`",
                ));
            }
            Some(Step { within: Some(_), .. }) => {
                return Err(SpecError::new("the first step has none before it, from which time could be counted")
                    .with_hint("leave its length of time out; `filter (where in_last('90 days'))` after the sequence says which rows count"));
            }
            _ if self.steps.len() < 2 => {
                return Err(SpecError::new("a sequence has two steps at least")
                    .with_hint("one step alone is `count(events) filter (where …) > 0`"));
            }
            _ if self.steps.len() > MAX_STEPS => {
                return Err(SpecError::new(format!(
                    "a sequence has at most {MAX_STEPS} steps, not {}",
                    self.steps.len()
                ))
                .with_hint("split it into two sequences, joined by `and`"));
            }
            _ if self.within.is_some() && present < 2 => {
                return Err(SpecError::new("`within` is the time from the first row to the last, and there is one row only")
                    .with_hint("give the length of time to the absent step: `no_step(events, name = 'Checkout', '7 days')`"));
            }
            _ => {}
        }
        let tables = self.tables();
        if tables.len() > MAX_TABLES {
            let names: Vec<&str> = tables.iter().map(|table| table.as_str()).collect();
            return Err(SpecError::new(format!(
                "a sequence ranges over at most {MAX_TABLES} tables, not over {}",
                names.join(", ")
            ))
            .with_hint("split it into sequences of two tables each, joined by `and`"));
        }
        let lengths = self.steps.iter().filter_map(|step| step.within).chain(self.within);
        for length in lengths {
            length.checked_as_window()?;
        }
        Ok(self)
    }
}
