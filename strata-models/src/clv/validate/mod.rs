//! Whether predictions held: what was predicted of each customer against what then happened.
//!
//! A model is fitted on a calibration period and predicts a holdout period that it has not seen. A value model that is not
//! validated should not be shown; one that loses to a baseline says so. Hence five views, each a plain function:
//!
//! | view | question |
//! | --- | --- |
//! | [`measure()`] | how far off, too high or too low, and are the best customers the ones that it names? |
//! | [`by_frequency`], [`by_prediction`] | where is it off: among those who bought rarely, or those predicted to buy much? |
//! | [`track`] | do the purchases of the whole cohort follow the expected curve, week by week? |
//! | [`baseline`] | what a rule of thumb would have said |
//! | [`judge`] | does the model beat the rules of thumb, or is the difference chance? |
//!
//! Predictions and outcomes may be purchases or money: the functions do not care, as long as both are in the same unit.

pub mod baseline;
mod calibration;
mod measure;
mod ranking;
#[cfg(test)]
mod tests;
mod tracking;
mod verdict;

pub use calibration::{FrequencyBin, PredictionBin, by_frequency, by_prediction};
pub use measure::{Measure, Measures, measure};
pub use tracking::{Cohort, Tracking, TrackingPoint, track};
pub use verdict::{Comparison, Outcome, Resampling, Verdict, judge};

use thiserror::Error;

/// What was predicted of each customer and what happened, row by row: of one length, not empty, all numbers
/// within ±1e100.
#[derive(Debug, Clone, Copy)]
pub struct Holdout<'a> {
    predicted: &'a [f64],
    actual: &'a [f64],
}

impl<'a> Holdout<'a> {
    /// Checks the two columns. Negative figures pass: returns can outweigh purchases.
    ///
    /// # Errors
    /// [`ValidationError`] when there is no row, the columns differ in length, or a figure is no number within ±1e100.
    pub fn new(predicted: &'a [f64], actual: &'a [f64]) -> Result<Self, ValidationError> {
        let n = actual.len();
        if n == 0 {
            return Err(ValidationError::Empty);
        }
        check_column("predicted", predicted, n)?;
        check_column("actual", actual, n)?;
        Ok(Self { predicted, actual })
    }

    /// What was predicted, one figure a customer.
    pub fn predicted(&self) -> &'a [f64] {
        self.predicted
    }

    /// What happened, one figure a customer.
    pub fn actual(&self) -> &'a [f64] {
        self.actual
    }
}

/// Why predictions cannot be held against what happened.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ValidationError {
    /// There is nobody to validate on.
    #[error("there is no customer to validate on (hint: take an earlier end of the calibration period)")]
    Empty,
    /// Two columns describe different numbers of customers.
    #[error(
        "column {column} has {found} rows where {expected} were expected (hint: one row a customer in each)"
    )]
    Length {
        /// The column's name.
        column: &'static str,
        /// How many rows it has.
        found: usize,
        /// How many it should have.
        expected: usize,
    },
    /// A figure is infinite or not a number.
    #[error(
        "row {row}: {column} is {value}, which is no finite number (hint: leave this customer out, or mend it)"
    )]
    NotFinite {
        /// The row, from 0.
        row: usize,
        /// The column's name.
        column: &'static str,
        /// What stands there.
        value: f64,
    },
    /// A time lies before the beginning of the cohort.
    #[error(
        "row {row}: {column} is {value}, before the cohort begins (hint: times count from 0, the cohort's first day)"
    )]
    Negative {
        /// The row, from 0.
        row: usize,
        /// The column's name.
        column: &'static str,
        /// What stands there.
        value: f64,
    },
    /// A setting is out of its range.
    #[error("{name} is {value}, but must be {expected}")]
    Setting {
        /// The setting's name.
        name: &'static str,
        /// What was given.
        value: f64,
        /// What it must be.
        expected: &'static str,
    },
    /// The expected purchases of a new customer came out as no number.
    #[error(
        "the expected purchases of a new customer after {elapsed} are {value} (hint: check the model's parameters)"
    )]
    Expectation {
        /// For how long the customer is one.
        elapsed: f64,
        /// What the caller's function said.
        value: f64,
    },
}

/// The largest figure whose squares can be summed over any number of customers.
const LARGEST: f64 = 1e100;

fn check_column(column: &'static str, values: &[f64], expected: usize) -> Result<(), ValidationError> {
    if values.len() != expected {
        return Err(ValidationError::Length { column, found: values.len(), expected });
    }
    match values.iter().position(|value| value.is_nan() || value.abs() > LARGEST) {
        Some(row) => Err(ValidationError::NotFinite { row, column, value: values[row] }),
        None => Ok(()),
    }
}
