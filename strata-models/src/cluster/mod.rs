//! Groups that nobody has named yet: how customers fall together by what is known of them, and whether they do at all.

mod blocks;
pub mod error;
pub mod k_means;
pub mod mini_batch;
pub mod points;
mod real;
pub mod silhouette;
mod spread;
#[cfg(test)]
mod tests;
