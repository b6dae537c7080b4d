//! Learners of a yes or no: will this customer leave, will that one order again.
//!
//! Rows are customers at a date, columns are what was known of them then, labels are what happened after. The way through:
//!
//! 1. [`categories`] makes columns of words, [`matrix`] checks columns and labels; only a checked [`matrix::Matrix`] is learned from.
//! 2. [`logistic`] and [`boosting`] are the two learners. Both say for each row why ([`explain`]).
//! 3. [`calibrate`] turns a learner's margin into a probability that comes true as often as it says; [`measure`] checks that.
//! 4. [`churn`] is the protocol that uses them in the order of time, chooses, compares with simple rules and looks for leaks.
//!
//! Results depend on the rows, the settings and the random generator only, not on the number of threads.

pub mod boosting;
pub mod calibrate;
pub mod categories;
pub(crate) mod chance;
pub mod churn;
pub mod explain;
pub(crate) mod linear;
pub mod logistic;
pub mod matrix;
pub mod measure;
pub mod model;
#[cfg(test)]
mod sample;
