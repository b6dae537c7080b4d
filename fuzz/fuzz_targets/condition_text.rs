//! Any text is read or refused, and what is read can be written, laid out and said.

#![no_main]

#[expect(dead_code, reason = "the other body is of the other target")]
#[path = "../../strata-spec/tests/condition/target.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|text: &str| target::text(text));
