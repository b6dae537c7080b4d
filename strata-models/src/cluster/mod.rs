//! Groups that nobody has named yet: how customers fall together by what is known of them, and whether they do at all.

pub mod agreement;
pub mod axes;
mod blocks;
pub mod choice;
pub mod clustering;
pub mod error;
pub mod gower;
pub mod hdbscan;
pub mod joint;
pub mod k_means;
pub mod k_prototypes;
pub mod key_variables;
pub mod latent_class;
pub mod medoids;
pub mod mini_batch;
pub mod mixture;
pub mod partition;
pub mod points;
pub mod prediction_strength;
pub mod preparation;
mod real;
pub(crate) mod resample;
mod roots;
pub mod rules;
pub mod silhouette;
mod spread;
pub mod stability;
#[cfg(test)]
mod tests;
pub mod valley;
