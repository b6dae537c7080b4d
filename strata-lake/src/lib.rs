//! strata-lake
