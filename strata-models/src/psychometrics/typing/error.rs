//! What typing refuses, each with the place, the reason and what to do.

use crate::learn::logistic::LogisticError;
use crate::learn::matrix::MatrixError;

/// Why nobody can be typed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TypingError {
    /// Fewer types than two, or more than a set holds.
    #[error("cannot type persons by {n_types} types; hint: 2 to 64")]
    Types {
        /// How many there are.
        n_types: usize,
    },
    /// A type that does not exist.
    #[error("respondent {respondent} has type {found} where there are {n_types}; hint: types count from 0")]
    UnknownType {
        /// The respondent, from 0.
        respondent: usize,
        /// The type.
        found: u16,
        /// How many there are.
        n_types: usize,
    },
    /// A type without enough respondents.
    #[error(
        "type {of_type} has {found} respondents with all that is needed, at least {needed} are; hint: ask more people, or join types"
    )]
    TooFew {
        /// The type.
        of_type: usize,
        /// How many it has.
        found: usize,
        /// How many it needs.
        needed: usize,
    },
    /// Something has not one value for each person.
    #[error(
        "{what} has {n_values} values for {n_rows} persons; hint: give one for each, also where it is missing"
    )]
    Length {
        /// The feature, or what else.
        what: String,
        /// How many values it has.
        n_values: usize,
        /// How many there should be.
        n_rows: usize,
    },
    /// A value that is infinite, or so large that its square would be.
    #[error(
        "{what}, person {row}: the value is infinite or beyond 1e100; hint: write a missing value as NaN"
    )]
    Infinite {
        /// The feature.
        what: String,
        /// The person, from 0.
        row: usize,
    },
    /// A person that does not exist, or is named twice.
    #[error(
        "{what} name person {person} twice, or there is none; hint: places from 0 to below {n_persons}, each once"
    )]
    Person {
        /// Who names it.
        what: &'static str,
        /// The person.
        person: usize,
        /// How many there are.
        n_persons: usize,
    },
    /// A typing tool asks what nobody was asked.
    #[error("the typing tool needs item `{item}`, which is not among the answers; hint: import that column")]
    UnknownItem {
        /// The item.
        item: String,
    },
    /// Nothing tells types apart.
    #[error("there is no {what} to tell types by; hint: give at least one that differs between respondents")]
    Nothing {
        /// Item or feature.
        what: &'static str,
    },
    /// The covariance of answers cannot be inverted.
    #[error(
        "the answers to {items} have no covariance that can be inverted; hint: leave constant items out, or shrink more"
    )]
    Singular {
        /// The items.
        items: String,
    },
    /// A margin of the population does not fit the respondents.
    #[error("margin `{margin}`, level {level}: {reason}; hint: {hint}")]
    Margin {
        /// The margin.
        margin: String,
        /// The level.
        level: usize,
        /// What is wrong.
        reason: &'static str,
        /// What to do.
        hint: &'static str,
    },
    /// A setting is out of its range.
    #[error("`{option}` is {value}; hint: {hint}")]
    Option {
        /// The setting.
        option: &'static str,
        /// What was given.
        value: f64,
        /// What to give.
        hint: &'static str,
    },
    /// Whether somebody answers cannot be learned.
    #[error("cannot learn who answers")]
    Response(#[from] MatrixError),
    /// Whether somebody answers cannot be fitted.
    #[error("cannot fit who answers")]
    Propensity(#[from] LogisticError),
}

/// Refuses a number of types that no set holds, types that do not exist, and types with fewer respondents than `needed`.
pub(super) fn check_types(types: &[u16], n_types: usize, needed: usize) -> Result<(), TypingError> {
    if !(2..=super::MOST_TYPES).contains(&n_types) {
        return Err(TypingError::Types { n_types });
    }
    let mut counts = vec![0; n_types];
    for (respondent, found) in types.iter().copied().enumerate() {
        let unknown = TypingError::UnknownType { respondent, found, n_types };
        *counts.get_mut(usize::from(found)).ok_or(unknown)? += 1;
    }
    match counts.iter().position(|count| *count < needed) {
        Some(of_type) => Err(TypingError::TooFew { of_type, found: counts[of_type], needed }),
        None => Ok(()),
    }
}

/// Refuses a setting that is not in the range.
pub(super) fn check_option(
    option: &'static str,
    value: f64,
    range: std::ops::RangeInclusive<f64>,
    hint: &'static str,
) -> Result<(), TypingError> {
    if range.contains(&value) { Ok(()) } else { Err(TypingError::Option { option, value, hint }) }
}
