//! The pipeline as its faces use it: projects on disk, real data, and both modes of the engine.

mod b2b;
mod cdnow;
#[cfg(feature = "cluster")]
mod cluster;
mod online_retail;
mod support;
