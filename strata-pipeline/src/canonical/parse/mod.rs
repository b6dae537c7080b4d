//! Pure functions that make typed values of text, and their wrapping as stateless functions of the engine.

mod functions;
mod json;
mod number;
mod time;
mod words;

#[cfg(test)]
mod tests;

pub use functions::functions;
pub(crate) use functions::{Function, call, day_literal};
