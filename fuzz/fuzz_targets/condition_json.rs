//! Any JSON is read or refused, and what is read can be carried to text and back.

#![no_main]

#[expect(dead_code, reason = "the other body is of the other target")]
#[path = "../../strata-spec/tests/condition/target.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| target::json(bytes));
