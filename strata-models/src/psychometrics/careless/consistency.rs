//! Whether a respondent agrees with themselves: between halves of scales, and between items that mean nearly the same.

use rayon::prelude::*;

use crate::psychometrics::answers::Answers;
use crate::psychometrics::error::PsychometricsError;
use crate::psychometrics::moments::{Missing, Moments};

/// A correlation over fewer pairs says nothing.
pub const FEWEST_PAIRS: usize = 3;

/// Even-odd consistency: the correlation, over scales, between a person's mean of the odd items (the first, third, …) and that of the even
/// ones, stepped up to the length of the scales by `2r / (1 + r)`, at least −1. None where fewer than [`FEWEST_PAIRS`] scales have both
/// halves, or a half does not vary.
///
/// `scales` are keyed answers (see [`Answers::keyed`]) of the same respondents: with reversed items as they stand, honest people would
/// contradict themselves.
pub fn even_odd(scales: &[Answers<'_>]) -> Vec<Option<f64>> {
    let n = scales.first().map_or(0, Answers::n_respondents);
    let half = |scale: &Answers<'_>, respondent: usize, first: usize| {
        let items = (first..scale.n_items()).step_by(2).map(|item| scale.column(item)[respondent]);
        let (sum, count) =
            items.filter(|x| !x.is_nan()).fold((0.0, 0.0), |(sum, count), x| (sum + x, count + 1.0));
        (count > 0.0).then(|| sum / count)
    };
    let one = |respondent: usize| {
        let halves =
            scales.iter().filter_map(|scale| half(scale, respondent, 0).zip(half(scale, respondent, 1)));
        let r = correlation(&halves.collect::<Vec<(f64, f64)>>())?;
        Some(if r <= -1.0 / 3.0 { -1.0 } else { 2.0 * r / (1.0 + r) })
    };
    (0..n).into_par_iter().map(one).collect()
}

/// Pairs of items that people answer alike, and how far each person does.
#[derive(Debug, Clone, PartialEq)]
pub struct Synonyms {
    /// The pairs, by places.
    pub pairs: Vec<(usize, usize)>,
    /// Each person's correlation over the pairs; none where fewer than [`FEWEST_PAIRS`] are answered, or one side does not vary.
    pub correlations: Vec<Option<f64>>,
}

/// Psychometric synonyms: pairs of items that correlate by `least_r` or more among all respondents (pairwise; usually .60).
///
/// Refuses items that do not vary, and an `least_r` that is not between 0 and 1.
pub fn synonyms(answers: &Answers<'_>, least_r: f64) -> Result<Synonyms, PsychometricsError> {
    if !(least_r > 0.0 && least_r < 1.0) {
        let hint = "give a correlation between 0 and 1, such as 0.6";
        return Err(PsychometricsError::Option { option: "least_r", value: least_r, hint });
    }
    let correlations = Moments::of(answers, Missing::Pairwise)?.correlations;
    let pairs: Vec<(usize, usize)> = (0..answers.n_items())
        .flat_map(|one| (one + 1..answers.n_items()).map(move |other| (one, other)))
        .filter(|(one, other)| correlations.at(*one, *other) >= least_r)
        .collect();
    let one = |respondent: usize| {
        let answer = |item: usize| answers.column(item)[respondent];
        let both = pairs.iter().map(|(one, other)| (answer(*one), answer(*other)));
        correlation(&both.filter(|(x, y)| !x.is_nan() && !y.is_nan()).collect::<Vec<(f64, f64)>>())
    };
    let correlations = (0..answers.n_respondents()).into_par_iter().map(one).collect();
    Ok(Synonyms { pairs, correlations })
}

fn correlation(pairs: &[(f64, f64)]) -> Option<f64> {
    let n = pairs.len() as f64;
    let (x, y) = pairs.iter().fold((0.0, 0.0), |(x, y), pair| (x + pair.0 / n, y + pair.1 / n));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (one, other) in pairs {
        let (one, other) = (one - x, other - y);
        (xx, yy, xy) = (xx + one * one, yy + other * other, xy + one * other);
    }
    (pairs.len() >= FEWEST_PAIRS && xx > 1e-18 && yy > 1e-18)
        .then(|| (xy / (xx * yy).sqrt()).clamp(-1.0, 1.0))
}
