//! What a rule asks of a customer, as data and in words.

use super::column::{Column, Values};
use serde::{Deserialize, Serialize};
use std::fmt::{Display, Formatter, Result};

/// What is asked of one column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    /// The column's name.
    pub column: String,
    /// What its value has to be.
    pub test: Test,
    /// Whether a missing value will do as well.
    pub or_missing: bool,
}

/// What a value has to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Test {
    /// Less than this.
    Below(f64),
    /// This or more.
    AtLeast(f64),
    /// One of these categories.
    In(Vec<String>),
}

impl Condition {
    /// Whether a row of the column meets it; not, where the column is of another kind.
    pub fn holds(&self, column: &Column, row: usize) -> bool {
        if column.is_missing(row) {
            return self.or_missing;
        }
        match (&self.test, &column.values) {
            (Test::Below(bound), Values::Numbers(values)) => values[row] < *bound,
            (Test::AtLeast(bound), Values::Numbers(values)) => values[row] >= *bound,
            (Test::In(wanted), Values::Categories { of_rows, levels }) => {
                of_rows[row].is_some_and(|level| wanted.contains(&levels[level as usize]))
            }
            _ => false,
        }
    }
}

/// Whether a row meets all conditions; not, where one of their columns is not there.
pub fn all_hold(conditions: &[Condition], columns: &[Column], row: usize) -> bool {
    conditions.iter().all(|condition| {
        let column = columns.iter().find(|column| column.name == condition.column);
        column.is_some_and(|column| condition.holds(column, row))
    })
}

/// The same conditions, each column's in one or, between two bounds, two; a missing value will do where it did for all of them.
pub(super) fn merged(path: &[Condition]) -> Vec<Condition> {
    let mut merged: Vec<Condition> = Vec::new();
    for condition in path {
        let or_missing =
            path.iter().filter(|other| other.column == condition.column).all(|other| other.or_missing);
        let same_kind = merged.iter_mut().find(|other| {
            other.column == condition.column
                && std::mem::discriminant(&other.test) == std::mem::discriminant(&condition.test)
        });
        match same_kind.map(|other| (&mut other.test, &condition.test)) {
            Some((Test::Below(bound), Test::Below(other))) => *bound = bound.min(*other),
            Some((Test::AtLeast(bound), Test::AtLeast(other))) => *bound = bound.max(*other),
            Some((Test::In(levels), Test::In(other))) => levels.retain(|level| other.contains(level)),
            _ => merged.push(Condition { or_missing, ..condition.clone() }),
        }
    }
    merged.sort_by(|a, b| a.column.cmp(&b.column));
    merged
}

impl Display for Condition {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match &self.test {
            Test::Below(bound) => write!(f, "{} < {bound}", self.column)?,
            Test::AtLeast(bound) => write!(f, "{} >= {bound}", self.column)?,
            Test::In(levels) => write!(f, "{} in ({})", self.column, levels.join(", "))?,
        }
        if self.or_missing { write!(f, " or missing") } else { Ok(()) }
    }
}
