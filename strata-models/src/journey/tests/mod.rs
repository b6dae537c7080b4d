//! Hand cases, refusals, brute force and simulation, and agreement with R on data kept beside the repository.

mod attribution;
mod chain;
mod episodes;
mod funnel;
mod refusals;
mod stuck;
mod survival;

use super::error::JourneyError;
use super::paths::{Outcome, Paths};

/// Paths written as words, a digit for each code: `012+` converted, `01-` was lost, `01` is open.
fn paths(words: &[&str], n_codes: usize, weights: Option<Vec<f64>>) -> Paths {
    let (mut ends, mut steps, mut outcomes) = (vec![], vec![], vec![]);
    for word in words {
        steps.extend(word.bytes().filter(u8::is_ascii_digit).map(|digit| u16::from(digit - b'0')));
        ends.push(steps.len());
        outcomes.push(match word.chars().last() {
            Some('+') => Outcome::Converted,
            Some('-') => Outcome::Lost,
            _ => Outcome::Open,
        });
    }
    Paths::new(n_codes, ends, steps, outcomes, weights).unwrap()
}

#[track_caller]
fn close(found: f64, expected: f64, within: f64) {
    assert!((found - expected).abs() <= within, "{found}, not {expected} within {within}");
}

#[track_caller]
fn says<T: std::fmt::Debug>(result: Result<T, JourneyError>, text: &str) {
    let error = result.unwrap_err().to_string();
    assert!(error.contains(text) && error.contains("hint: "), "{error}");
}
