//! Groups that nobody has named yet: how customers fall together by what is known of them, and whether they do at all.

pub mod error;
pub mod latent_class;
pub mod points;
