//! strata-models
