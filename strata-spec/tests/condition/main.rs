//! Conditions from the outside: text, JSON and English, as cases of data and as properties of all conditions.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod arbitrary;
mod english;
mod errors;
mod round_trip;
mod text;
