//! What people say of themselves, measured: questionnaires scored by their keys, and the statistics that decide whether a scale may be
//! used.
//!
//! Answers are columns, one for each item, with NaN where somebody did not answer; nothing is imputed. A scale goes through
//! [`careless`] screening, [`reliability`] and [`factors`] to the [`gate`], which says in plain sentences what it may be used for.
//! Those who did not answer are the matter of [`typing`].

pub mod answers;
pub mod careless;
pub(crate) mod chi_squared;
pub mod error;
pub mod evidence;
pub mod factors;
pub mod gate;
pub mod instrument;
mod matrix;
pub mod moments;
pub mod reliability;
pub mod scoring;
#[cfg(test)]
mod tests;
pub mod typing;
