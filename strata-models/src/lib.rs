//! The numbers of Strata: slices in, plain structs out. No data frames, no I/O, no clock, no global state.

pub mod cluster;
pub mod clv;
pub mod duplicate;
pub mod effect;
pub mod group;
pub mod heat;
pub mod identity;
pub mod journey;
pub mod learn;
pub mod market;
pub mod orders;
pub mod portrait;
pub mod proportion;
pub mod psychometrics;
pub mod rank;
pub mod significance;
pub mod subgroup;
pub mod text;
mod vector;
