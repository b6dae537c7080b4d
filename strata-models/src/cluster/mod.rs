//! Groups that nobody has named yet: how customers fall together by what is known of them, and whether they do at all.

pub mod error;
pub mod gower;
pub mod k_prototypes;
pub mod latent_class;
pub mod medoids;
pub mod points;
