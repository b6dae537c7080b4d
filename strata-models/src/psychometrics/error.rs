//! What psychometrics refuses, each with the place, the reason and what to do; and what it only warns of.

use serde::{Deserialize, Serialize};

/// Why answers cannot be scored or judged.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PsychometricsError {
    /// There is nobody.
    #[error("there are no respondents; hint: import answers first")]
    NoRespondents,
    /// There is nothing to answer.
    #[error("{what} has no items; hint: name its items")]
    NoItems {
        /// The scale, or what else should have items.
        what: String,
    },
    /// Columns of one table have unequal lengths.
    #[error(
        "item `{item}` has {n_values} answers where there are {n_respondents} respondents; hint: put NaN where nothing was answered"
    )]
    Lengths {
        /// The item.
        item: String,
        /// How many answers it has.
        n_values: usize,
        /// How many there should be.
        n_respondents: usize,
    },
    /// Two items have one name, or a scale names an item twice.
    #[error("item `{item}` occurs twice in {place}; hint: give each item one name and one scale")]
    DuplicateItem {
        /// The item.
        item: String,
        /// Where.
        place: String,
    },
    /// A scale names an item that nobody was asked.
    #[error(
        "{place} names item `{item}`, which is not among the answers; hint: check its id, or import that column"
    )]
    UnknownItem {
        /// The item.
        item: String,
        /// The scale that names it.
        place: String,
    },
    /// A scoring key that is neither 1 nor −1.
    #[error(
        "the key of item `{item}` is {key}; hint: give 1 for an item as it stands, -1 for a reversed one"
    )]
    UnknownKey {
        /// The item.
        item: String,
        /// The key that was given.
        key: i64,
    },
    /// An answer that could not be given.
    #[error(
        "respondent {respondent}, item `{item}`: {value} is outside of {min} to {max}; hint: recode the answers, or put NaN where nothing was answered"
    )]
    OutOfRange {
        /// The item.
        item: String,
        /// The respondent, from 0.
        respondent: usize,
        /// What stands there.
        value: f64,
        /// The least answer.
        min: f64,
        /// The greatest answer.
        max: f64,
    },
    /// Everybody who answered an item answered the same.
    #[error("item `{item}` has one answer, or none, among {among}; hint: leave it out")]
    ConstantItem {
        /// The item.
        item: String,
        /// Among whom.
        among: &'static str,
    },
    /// Items that tell nothing that the others do not.
    #[error("item `{item}` is a sum of multiples of the others; hint: leave it out")]
    Collinear {
        /// The item.
        item: String,
    },
    /// A statistic needs more people.
    #[error(
        "{what} needs at least {needed} respondents with answers and there are {found}; hint: ask more people, or fewer items"
    )]
    TooFewRespondents {
        /// The statistic.
        what: &'static str,
        /// How many it needs.
        needed: usize,
        /// How many there are.
        found: usize,
    },
    /// A statistic needs more items.
    #[error("{what} needs at least {needed} items and there are {found}; hint: {hint}")]
    TooFewItems {
        /// The statistic.
        what: &'static str,
        /// How many it needs.
        needed: usize,
        /// How many there are.
        found: usize,
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
    /// A design or a table does not fit.
    #[error("{place}: {reason}; hint: {hint}")]
    Design {
        /// Where.
        place: String,
        /// Why not.
        reason: String,
        /// What to do.
        hint: &'static str,
    },
    /// A search ended nowhere.
    #[error("{what} found no solution: {reason}; hint: {hint}")]
    NotFound {
        /// What was searched for.
        what: &'static str,
        /// Why there is none.
        reason: &'static str,
        /// What to do.
        hint: &'static str,
    },
}

/// What a reader must know of a figure that is given nevertheless, or of one that is not given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Warning {
    /// A matrix of pairwise correlations was no correlation matrix and was changed into one.
    Smoothed {
        /// Its least eigenvalue before.
        least_eigenvalue: f64,
    },
    /// A factor solution explains more than all of an item: figures that rest on it are left out.
    Heywood {
        /// The item.
        item: String,
        /// The share of its variance that is its own.
        uniqueness: f64,
    },
    /// A search or rotation stopped before it came to rest.
    NotConverged {
        /// What.
        what: String,
    },
    /// The general factor was extracted with loadings that are not all of one sign.
    MixedSigns {
        /// An item of the other sign.
        item: String,
    },
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Warning::Smoothed { least_eigenvalue } => write!(
                f,
                "the pairwise correlations were not positive definite (least eigenvalue {least_eigenvalue:.4}) and were smoothed"
            ),
            Warning::Heywood { item, uniqueness } => write!(
                f,
                "a Heywood case: the factors explain all of item `{item}` (uniqueness {uniqueness:.4}), so no figure is taken from them"
            ),
            Warning::NotConverged { what } => write!(f, "{what} did not converge"),
            Warning::MixedSigns { item } => {
                write!(f, "item `{item}` loads on the general factor with the other sign: check its key")
            }
        }
    }
}
