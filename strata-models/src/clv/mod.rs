//! What customers will buy and how long they stay: models of purchase timing and spend without a contract, and of renewal with one.
//!
//! A model is a small struct of its published parameters. It is fitted to checked columns or given by its parameters, and then asked about
//! one customer or all of them.

pub mod beta_geo;
mod beta_geo_likelihood;
mod beta_geo_series;
pub mod bg_bb;
pub mod covariates;
pub mod diagnostics;
pub(crate) mod draw;
pub mod error;
pub mod fit;
pub mod gamma_gamma;
mod numbers;
pub mod optimise;
pub mod pareto;
mod pareto_likelihood;
pub mod posterior;
pub mod purchases;
mod quadrature;
mod sample;
pub mod shifted_beta_geo;
pub mod simulate;
pub mod special;
pub mod symmetric;
pub mod timing;
pub mod validate;
pub mod value;
pub mod value_interval;

#[cfg(test)]
pub(crate) mod tests;
