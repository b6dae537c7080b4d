//! Customers who did not answer: which type they are of, where that can be known, and that it cannot be known where not.
//!
//! A *type* is a class 0, 1, … of a dimension, as from clusters or latent classes on the scales of those who answered. Each person is in one
//! of four [states](state::State): measured, typed by a few golden questions, inferred from what is known of everybody, or unknown.
//!
//! 1. [`weights`] make the respondents stand for all customers, and say how many respondents that is worth.
//! 2. [`golden`] chooses the few questions that tell the type; what it leaves is a [typing tool](golden::TypingTool).
//! 3. [`look_alike`] learns types from features by a [`logit`], with calibrated probabilities and sets that hold the truth in 90 %.
//! 4. [`gate`] decides whether that is published at all, [`abstain`] for whom; [`validate`] shows how well it does.
//! 5. [`impute`] gives means of predicted scores with the uncertainty that predictions have.
//! 6. [`state`] runs it all.
//!
//! What is inferred from behaviour adds nothing to a model that has the behaviour already: only measured and typed persons belong there.

pub mod abstain;
pub mod conformal;
pub mod discriminant;
pub mod error;
pub mod feature;
mod folds;
pub mod gate;
pub mod golden;
pub mod impute;
pub mod logit;
pub mod look_alike;
pub mod state;
pub mod temperature;
#[cfg(test)]
mod tests;
pub mod validate;
pub mod weights;

/// The types that fit into a [set](conformal::TypeSet).
pub const MOST_TYPES: usize = 64;
