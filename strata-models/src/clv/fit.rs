//! What every fit takes and returns.

use super::error::FitError;
use super::optimise::{Optimum, Search};

/// How to fit a model.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct FitOptions {
    /// The weight λ ≥ 0 of a penalty `λ/2 · Σ (ln pᵢ)²` on the parameters, which steadies fits to few customers; 0, the default, is plain
    /// maximum likelihood. Parameters with a unit are taken relative to the data's own: times to the mean tenure, money to the mean spend.
    pub penalty: f64,
}

impl FitOptions {
    /// These options for the search; refuses a penalty that is negative or not finite.
    pub fn search(&self) -> Result<Search, FitError> {
        if !(self.penalty >= 0.0 && self.penalty.is_finite()) {
            let hint = "give 0 for maximum likelihood, or a small positive weight such as 0.1";
            return Err(FitError::Option { option: "penalty", value: self.penalty, hint });
        }
        Ok(Search { penalty: self.penalty, ..Search::default() })
    }
}

/// A fitted model.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit<P> {
    /// The model with its parameters.
    pub model: P,
    /// What the parameters are called, in the order of `optimum`.
    pub names: Vec<String>,
    /// The parameters once more, with standard errors, likelihood and how far they can be trusted.
    pub optimum: Optimum,
}
