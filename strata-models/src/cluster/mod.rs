//! Groups that nobody has named yet: how customers fall together by what is known of them, and whether they do at all.

pub mod agreement;
pub mod choice;
pub mod error;
pub mod key_variables;
pub mod partition;
pub mod points;
pub mod prediction_strength;
pub mod preparation;
pub(crate) mod resample;
pub mod rules;
pub mod stability;
pub mod valley;

#[cfg(test)]
mod tests;
