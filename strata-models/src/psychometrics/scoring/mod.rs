//! From answers to scores: keyed means, centred where a block is ipsatised, and standardised against a norm.

pub mod best_worst;
pub mod circle;
pub mod kano;
pub mod norm;
#[cfg(test)]
mod tests;

use rayon::prelude::*;

use super::answers::Answers;
use super::error::PsychometricsError;
use super::instrument::{Instrument, Key, Scale};

/// Scores of respondents on the scales of an instrument; NaN where somebody answered too little.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    /// The scales.
    pub scales: Vec<String>,
    /// For each scale a score for each respondent: in units of the answers, or centred where the instrument is ipsatised.
    pub values: Vec<Vec<f64>>,
    /// Each person's mean over all answered items of the block (MRAT), where the instrument is ipsatised.
    pub person_means: Option<Vec<f64>>,
}

/// A person's mean stands for a block only where this share of its items was answered; below, an ipsatised score would be centred on
/// something else than that of the others. Schwartz's key for the Portrait Values Questionnaire drops people from 30 % missing on.
pub const MIN_BLOCK_FRACTION: f64 = 0.7;

/// Scores all respondents on all scales:
/// `x′ = min + max − x` where the key is −1, `scale = mean of answered x′` where at least `min_answered_fraction` of its items are
/// answered, else NaN; nothing is imputed. Where the instrument is ipsatised the person's mean of x′ over all items of the block is taken
/// away, and NaN stands where less than [`MIN_BLOCK_FRACTION`] of the block is answered.
///
/// Refuses unknown items and answers out of range. The result does not depend on the number of threads.
pub fn score(answers: &Answers<'_>, instrument: &Instrument) -> Result<Scores, PsychometricsError> {
    instrument.check()?;
    let columns: Vec<Vec<Column<'_>>> = instrument
        .scales
        .iter()
        .map(|scale| columns_of(answers, scale))
        .collect::<Result<_, PsychometricsError>>()?;
    let n = answers.n_respondents();
    let n_items: usize = columns.iter().map(Vec::len).sum();
    let mut values: Vec<Vec<f64>> = columns.iter().map(|_| vec![0.0; n]).collect();
    let mut person_means = if instrument.is_ipsatised { vec![0.0; n] } else { vec![] };
    // Each part of the respondents with all of its scores: what it has read of the answers is still near when it is centred.
    let mut parts: Vec<Part<'_>> = (0..n.div_ceil(PART)).map(|_| Part::default()).collect();
    for column in &mut values {
        for (part, scores) in parts.iter_mut().zip(column.chunks_mut(PART)) {
            part.scores.push(scores);
        }
    }
    for (part, means) in parts.iter_mut().zip(person_means.chunks_mut(PART)) {
        part.person_means = means;
    }
    let in_range: Vec<bool> = parts
        .into_par_iter()
        .enumerate()
        .map(|(place, part)| part.score(place * PART, &columns, instrument, n_items))
        .collect();
    if in_range.contains(&false) {
        for column in columns.iter().flatten() {
            answers.check_range(column.item, instrument.response)?;
        }
    }
    let scales = instrument.scales.iter().map(|scale| scale.name.clone()).collect();
    Ok(Scores { scales, values, person_means: instrument.is_ipsatised.then_some(person_means) })
}

/// Answers of one item minus its person's mean over all items given: the items of a block, centred; they sum to 0 in every row.
pub fn centred_items(answers: &Answers<'_>) -> Vec<Vec<f64>> {
    let n = answers.n_respondents();
    let (mut sums, mut counts) = (vec![0.0; n], vec![0.0; n]);
    for item in 0..answers.n_items() {
        add(answers.column(item), Key::Forward, 0.0, &mut sums, &mut counts);
    }
    let centre = |column: &[f64]| {
        column.iter().zip(sums.iter().zip(&counts)).map(|(x, (sum, count))| x - sum / count).collect()
    };
    (0..answers.n_items()).map(|item| centre(answers.column(item))).collect()
}

/// As many respondents as a core can hold the sums of beside the answers it reads.
const PART: usize = 4096;

struct Column<'a> {
    item: usize,
    key: Key,
    values: &'a [f64],
}

fn columns_of<'a>(answers: &'a Answers<'_>, scale: &Scale) -> Result<Vec<Column<'a>>, PsychometricsError> {
    let column = |item: usize, key: Key| Column { item, key, values: answers.column(item) };
    let keyed = scale.items.iter();
    keyed.map(|keyed| Ok(column(answers.place_of(&keyed.item, &scale.place())?, keyed.key))).collect()
}

/// Respondents that follow each other.
#[derive(Default)]
struct Part<'a> {
    /// Their scores, a slice for each scale.
    scores: Vec<&'a mut [f64]>,
    person_means: &'a mut [f64],
}

impl Part<'_> {
    /// Scores the respondents from `first` on; whether all answers are in the range.
    fn score(
        self,
        first: usize,
        columns: &[Vec<Column<'_>>],
        instrument: &Instrument,
        n_items: usize,
    ) -> bool {
        let n = self.scores.first().map_or(0, |scores| scores.len());
        let (min, max) = (instrument.response.min, instrument.response.max);
        let (mut counts, mut all, mut all_counts) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
        let mut in_range = true;
        let mut scores = self.scores;
        for (scores, columns) in scores.iter_mut().zip(columns) {
            counts.fill(0.0);
            for column in columns {
                let values = &column.values[first..first + n];
                in_range &= !values.iter().fold(false, |any, x| any | (*x < min) | (*x > max));
                add(values, column.key, min + max, scores, &mut counts);
            }
            let needed = instrument.min_answered_fraction * columns.len() as f64 - ROUNDING;
            for (((score, count), all), all_count) in
                scores.iter_mut().zip(&counts).zip(&mut all).zip(&mut all_counts)
            {
                *all += *score;
                *all_count += count;
                *score = if *count >= needed { *score / count } else { f64::NAN };
            }
        }
        if self.person_means.is_empty() {
            return in_range;
        }
        let needed = MIN_BLOCK_FRACTION * n_items as f64 - ROUNDING;
        for ((mean, sum), count) in self.person_means.iter_mut().zip(&all).zip(&all_counts) {
            *mean = if *count >= needed { sum / count } else { f64::NAN };
        }
        for scores in &mut scores {
            scores.iter_mut().zip(&*self.person_means).for_each(|(score, mean)| *score -= mean);
        }
        in_range
    }
}

/// Three of four is .75 also where the share cannot be held exactly.
const ROUNDING: f64 = 1e-9;

/// Adds what was answered, reversed where the key says so, and counts it.
fn add(values: &[f64], key: Key, ends: f64, sums: &mut [f64], counts: &mut [f64]) {
    let (sign, shift) = if key == Key::Forward { (1.0, 0.0) } else { (-1.0, ends) };
    for ((x, sum), count) in values.iter().zip(sums).zip(counts) {
        let answered = !x.is_nan();
        *sum += if answered { shift + sign * x } else { 0.0 };
        *count += if answered { 1.0 } else { 0.0 };
    }
}
