//! A naive second opinion of what a condition means, written from `docs/language.md` and not from the compiler: row by
//! row, with plain Rust values, the obvious way. [`random`] holds the compiler's plans against it over random conditions
//! and random rows, and the cookbook holds its recipes against both.
//!
//! It has no indexes, no sharing and no care for speed. Nothing in it may call `strata_pipeline::compile`.

#![expect(clippy::panic, reason = "a test ends at the first surprise, and says what it was")]

mod calendar;
mod chance;
mod condition;
mod decided;
mod figure;
mod function;
mod list;
mod past;
mod place;
mod planned;
mod random;
mod random_condition;
mod random_past;
mod random_term;
mod random_world;
mod sequence;
mod term;
mod value;
mod wakes;
mod world;

pub(crate) use decided::Decided;
pub(crate) use planned::{decide, engine, in_memory};
pub(crate) use value::{Row, Value};
pub(crate) use world::{Spell, Stay, World};
