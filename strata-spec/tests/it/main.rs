//! What the crate's words amount to when used together, from outside.

mod bad_manifests;
#[expect(clippy::unwrap_used, reason = "helpers of tests")]
mod goals;
mod manifest;
#[expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]
mod shipped;
#[expect(clippy::unwrap_used, reason = "helpers of tests")]
mod survey;
