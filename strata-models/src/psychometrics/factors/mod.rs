//! How many things a set of items measures, and which items measure which.

pub mod adequacy;
pub mod extraction;
pub mod number;
pub mod rotation;
#[cfg(test)]
mod tests;

pub use extraction::{Extraction, FactorSolution, Fit, analyse};
pub use rotation::{Rotation, congruence};
