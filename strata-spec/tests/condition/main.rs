//! Conditions from the outside: text, JSON and English, as cases of data and as properties of all conditions.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod arbitrary;
mod arbitrary_state;
mod english;
mod errors;
mod errors_of_the_past;
mod layout;
mod mutated;
mod round_trip;
mod target;
mod text;
mod vocabulary;
