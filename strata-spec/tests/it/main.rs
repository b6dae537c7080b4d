//! What the crate's words amount to when used together, from outside.

mod bad_manifests;
mod manifest;
mod shipped;
