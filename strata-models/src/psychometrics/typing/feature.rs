//! What is known of everybody, as terms of a regression: numbers brought to one scale, categories as levels, and what is missing said so.

use serde::{Deserialize, Serialize};

use super::error::TypingError;

/// A code that stands for a category that is not known.
pub const NO_CODE: u32 = u32::MAX;

/// A column with a value for every person.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Feature<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its values.
    pub values: Values<'a>,
}

/// The values of a feature.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Values<'a> {
    /// Numbers; NaN where missing.
    Numbers(&'a [f64]),
    /// Codes of a category; [`NO_CODE`] where missing.
    Codes(&'a [u32]),
}

/// How features become terms, learned from training rows. Serialised with the model that uses it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Encoding {
    /// The features' names and terms, in their order.
    pub features: Vec<(String, Terms)>,
}

/// The terms of a feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Terms {
    /// `(x − mean) / deviation`, 0 where missing; then whether it is missing, where that occurred.
    Number {
        /// The mean over known values.
        mean: f64,
        /// Their deviation; 0 of a feature that does not vary, which has no such term.
        deviation: f64,
        /// Whether there is a term for missing values.
        has_missing: bool,
    },
    /// A term for each of these levels, 1 where the person has it. A missing code is a level like others; an unseen one has no term.
    Levels {
        /// The codes, ascending.
        codes: Vec<u32>,
    },
}

/// Numbers beyond this many deviations count as this many: one wild value must not decide.
const MOST_DEVIATIONS: f64 = 10.0;

/// A category with more levels than this keeps the most common.
const MOST_LEVELS: usize = 50;

impl Values<'_> {
    /// How many values there are.
    pub fn len(&self) -> usize {
        match self {
            Values::Numbers(numbers) => numbers.len(),
            Values::Codes(codes) => codes.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Encoding {
    /// Learns scales and levels from these rows.
    pub fn learn(features: &[Feature<'_>], rows: &[usize]) -> Encoding {
        let terms = |feature: &Feature<'_>| match feature.values {
            Values::Numbers(numbers) => number_terms(numbers, rows),
            Values::Codes(codes) => Terms::Levels { codes: levels(codes, rows) },
        };
        Encoding {
            features: features.iter().map(|feature| (feature.name.to_owned(), terms(feature))).collect(),
        }
    }

    /// How many terms a row has.
    pub fn n_terms(&self) -> usize {
        let of = |terms: &Terms| match terms {
            Terms::Number { deviation, has_missing, .. } => {
                usize::from(*deviation > 0.0) + usize::from(*has_missing)
            }
            Terms::Levels { codes } => codes.len(),
        };
        self.features.iter().map(|(_, terms)| of(terms)).sum()
    }

    /// Writes the terms of a person; `features` are those that were learned from, in their order.
    pub fn write(&self, features: &[Feature<'_>], row: usize, to: &mut [f64]) {
        let mut next = to.iter_mut();
        let mut put = |value: f64| {
            if let Some(cell) = next.next() {
                *cell = value;
            }
        };
        for ((_, terms), feature) in self.features.iter().zip(features) {
            match (terms, feature.values) {
                (Terms::Number { mean, deviation, has_missing }, Values::Numbers(numbers)) => {
                    let x = numbers[row];
                    if *deviation > 0.0 {
                        let z = ((x - mean) / deviation).clamp(-MOST_DEVIATIONS, MOST_DEVIATIONS);
                        put(if x.is_nan() { 0.0 } else { z });
                    }
                    if *has_missing {
                        put(f64::from(u8::from(x.is_nan())));
                    }
                }
                (Terms::Levels { codes: levels }, Values::Codes(codes)) => {
                    levels.iter().for_each(|level| put(f64::from(u8::from(codes[row] == *level))));
                }
                // Another kind than was learned from says nothing.
                (Terms::Number { deviation, has_missing, .. }, _) => {
                    let n = usize::from(*deviation > 0.0) + usize::from(*has_missing);
                    (0..n).for_each(|_| put(0.0));
                }
                (Terms::Levels { codes }, _) => codes.iter().for_each(|_| put(0.0)),
            }
        }
    }

    /// The terms of these persons, row after row.
    pub fn rows(&self, features: &[Feature<'_>], rows: &[usize]) -> Vec<f64> {
        let width = self.n_terms();
        let mut values = vec![0.0; width * rows.len()];
        if width > 0 {
            values.chunks_exact_mut(width).zip(rows).for_each(|(to, row)| self.write(features, *row, to));
        }
        values
    }
}

/// Refuses features of another length, and infinite numbers.
pub(super) fn check_features(features: &[Feature<'_>], n_rows: usize) -> Result<(), TypingError> {
    for feature in features {
        let (what, n_values) = (format!("feature `{}`", feature.name), feature.values.len());
        if n_values != n_rows {
            return Err(TypingError::Length { what, n_values, n_rows });
        }
        if let Values::Numbers(numbers) = feature.values
            && let Some(row) = numbers.iter().position(|value| value.abs() > 1e100)
        {
            return Err(TypingError::Infinite { what, row });
        }
    }
    Ok(())
}

fn number_terms(numbers: &[f64], rows: &[usize]) -> Terms {
    let known = || rows.iter().map(|row| numbers[*row]).filter(|value| !value.is_nan());
    let n = known().count();
    let mean = if n > 0 { known().sum::<f64>() / n as f64 } else { 0.0 };
    let variance = known().map(|value| (value - mean).powi(2)).sum::<f64>() / n.max(1) as f64;
    let deviation = variance.sqrt();
    let deviation = if deviation > 1e-12 * mean.abs() { deviation } else { 0.0 };
    Terms::Number { mean, deviation, has_missing: n > 0 && n < rows.len() }
}

fn levels(codes: &[u32], rows: &[usize]) -> Vec<u32> {
    let mut counts = std::collections::BTreeMap::new();
    rows.iter().for_each(|row| *counts.entry(codes[*row]).or_insert(0_usize) += 1);
    let mut by_count: Vec<(u32, usize)> = counts.into_iter().collect();
    by_count.sort_by(|(a, n_a), (b, n_b)| n_b.cmp(n_a).then(a.cmp(b)));
    let mut levels: Vec<u32> = by_count.into_iter().take(MOST_LEVELS).map(|(code, _)| code).collect();
    levels.sort_unstable();
    if levels.len() > 1 { levels } else { vec![] }
}
