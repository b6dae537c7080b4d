//! The pipeline as its faces use it: projects on disk, real data, and both modes of the engine.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]
#![expect(clippy::print_stderr, reason = "a test says when the data it needs is not there")]

mod b2b;
mod cdnow;
mod changing_types;
#[cfg(feature = "cluster")]
mod cluster;
mod clusters;
mod cookbook;
mod dirt;
mod drift;
mod goal;
mod history;
mod identity;
mod market;
mod meter;
mod migration;
mod online_retail;
mod overlap;
mod parquet_files;
mod parts;
mod preview;
mod recall;
mod reference;
mod replay;
mod score;
mod suggest;
mod support;
mod text_files;
mod why;
mod words;
