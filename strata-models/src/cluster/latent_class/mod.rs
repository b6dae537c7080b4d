//! Latent class analysis: groups behind answers to several questions, or behind the labels of several layers.
//!
//! 1. [`answers`] checks columns of categories, of which any may be missing; [`patterns`] counts the rows that answered alike.
//! 2. [`fit`] finds the classes by maximum likelihood from many starts; [`model`] holds them and gives new rows their probabilities.
//! 3. [`three_step`] corrects what is said of classes by other variables for rows that were put into the wrong class, and `two_step`
//!    explains classes by covariates that have no part in them.
//!
//! Results depend on the rows, the settings and the seed, not on the order of the rows or the number of threads.

mod accelerate;
pub mod answers;
mod em;
pub mod fit;
mod logit;
pub mod model;
pub mod patterns;
mod standard_errors;
mod start;
pub mod three_step;
mod two_step;

#[cfg(test)]
mod tests;
