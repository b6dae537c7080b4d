//! What inferred types are worth on respondents that the model has not seen: of other parts, or of a later time.

use serde::{Deserialize, Serialize};

use super::conformal::TypeSet;
use super::error::{TypingError, check_types};
use super::feature::{Feature, check_features};
use super::golden::greatest;
use super::look_alike::LookAlike;
use crate::cluster::agreement::adjusted_rand;
use crate::learn::measure::{lift_of_top_tenth, reliability};

/// How well probabilities of types agree with measured types.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Validation {
    /// The adjusted Rand index of the most likely types and the measured ones; none of nobody.
    pub adjusted_rand: Option<f64>,
    /// By type, how many times as often it occurs in the tenth to whom it is most likely as in all; none of a type that nobody has.
    pub lift_of_top_tenth: Vec<Option<f64>>,
    /// In ten bands of equally many by the probability of the most likely type: what was said, and what came true.
    pub bands: Vec<CalibrationBand>,
    /// How often conformal sets held the measured type; none of nobody.
    pub coverage: Option<f64>,
}

/// A point of the calibration plot.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CalibrationBand {
    /// How many respondents.
    pub n: u64,
    /// The mean probability of the most likely type.
    pub expected: f64,
    /// The share whose type that is.
    pub observed: f64,
    /// Between these the share lies with 95 % confidence.
    pub observed_range: (f64, f64),
}

/// Validates probabilities, row after row, and sets against measured types.
pub fn validate(probabilities: &[f64], sets: &[TypeSet], types: &[u16], n_types: usize) -> Validation {
    let rows = || probabilities.chunks_exact(n_types.max(1)).zip(types);
    let best: Vec<(usize, f64)> = rows().map(|(p, _)| greatest(p)).collect();
    let told: Vec<u32> = best.iter().map(|(best, _)| *best as u32).collect();
    let measured: Vec<u32> = types.iter().map(|own| u32::from(*own)).collect();
    let most: Vec<f64> = best.iter().map(|(_, most)| *most).collect();
    let is_right: Vec<u8> = told.iter().zip(&measured).map(|(told, own)| u8::from(told == own)).collect();
    let lift = |of_type: usize| {
        let scores: Vec<f64> = rows().map(|(p, _)| p[of_type]).collect();
        let labels: Vec<u8> = types.iter().map(|own| u8::from(usize::from(*own) == of_type)).collect();
        lift_of_top_tenth(&scores, &labels)
    };
    let band = |band: crate::learn::measure::Band| CalibrationBand {
        n: band.n,
        expected: band.expected,
        observed: band.observed,
        observed_range: band.observed_range,
    };
    let hits = sets.iter().zip(types).filter(|(set, own)| set.contains(**own)).count();
    Validation {
        adjusted_rand: adjusted_rand(&told, &measured).ok(),
        lift_of_top_tenth: (0..n_types).map(lift).collect(),
        bands: reliability(&most, &is_right, 10).into_iter().map(band).collect(),
        coverage: (!types.is_empty()).then(|| hits as f64 / types.len() as f64),
    }
}

/// Validates a model on persons who were measured after it was learned, with their features of the time before.
///
/// # Errors
/// Features of other lengths; persons that do not exist; types that do not.
pub fn hold_out(
    model: &LookAlike,
    features: &[Feature<'_>],
    persons: &[usize],
    types: &[u16],
) -> Result<Validation, TypingError> {
    let n_types = model.logit.coefficients.len();
    check_types(types, n_types, 0)?;
    let n_persons = features.first().map_or(0, |feature| feature.values.len());
    check_features(features, n_persons)?;
    if persons.len() != types.len() {
        let (what, n_values) = ("types".to_owned(), types.len());
        return Err(TypingError::Length { what, n_values, n_rows: persons.len() });
    }
    if let Some(person) = persons.iter().copied().find(|person| *person >= n_persons) {
        return Err(TypingError::Person { what: "the persons held out", person, n_persons });
    }
    let mut terms = vec![0.0; model.encoding.n_terms()];
    let mut probabilities = vec![0.0; n_types * persons.len()];
    let mut sets = Vec::with_capacity(persons.len());
    for (person, p) in persons.iter().zip(probabilities.chunks_exact_mut(n_types)) {
        model.probabilities(features, *person, &mut terms, p);
        sets.push(model.threshold.set(p));
    }
    Ok(validate(&probabilities, &sets, types, n_types))
}
