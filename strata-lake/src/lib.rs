//! The engine and the tables: DataFusion sessions over Delta tables at pinned versions.
//!
//! A [`Lake`] is a folder of Delta tables. It writes Parquet files itself, or takes in [those of others](ParquetFile) as they
//! are, and uses Delta for the log, so that what a stage wrote counts from its commit on and not before. An [`Engine`] is a session over a lake, embedded or on a
//! cluster; which of the two is a setting that nobody above this crate notices.
//!
//! This crate knows tables and columns, and never what a customer is. It re-exports [`datafusion`] and [`arrow`], so
//! that one manifest names the engine's versions.

pub use datafusion;
pub use datafusion::arrow;

#[cfg(feature = "cluster")]
mod cluster;
mod data_file;
mod division;
mod engine;
mod error;
mod lake;
mod location;
mod lock;
mod log;
mod memory;
mod one_step;
mod parquet_file;
mod parts;
mod schema;
mod sql;
mod take_file;
mod write;

pub use division::Division;
pub use engine::{Engine, EngineOptions, Functions, Mode};
pub use error::{LakeError, Result};
pub use lake::Lake;
pub use lock::LakeLock;
pub use parquet_file::ParquetFile;
pub use parts::PartOfPlan;
pub use write::{Rows, Write, WriteMode, Written, batches};
