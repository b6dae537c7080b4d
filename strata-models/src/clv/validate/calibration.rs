//! Where predictions are off: the mean predicted beside the mean that happened, group by group.

use super::ranking::Ranking;
use super::{Holdout, ValidationError};

/// The customers with one number of repeat purchases in the calibration period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrequencyBin {
    /// The number of repeat purchases, or the least of them in the last bin.
    pub frequency: u32,
    /// Whether those with more are in this bin too.
    pub and_more: bool,
    /// How many customers; bins without any are left out.
    pub n: usize,
    /// What was predicted of them, on average.
    pub mean_predicted: f64,
    /// What they did, on average.
    pub mean_actual: f64,
    /// The standard error of `mean_actual`; none of one customer.
    pub standard_error: Option<f64>,
}

/// A part of the customers in the order of what was predicted of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PredictionBin {
    /// The part, from 1 (least predicted).
    pub part: u32,
    /// How many customers.
    pub n: usize,
    /// What was predicted of them, on average.
    pub mean_predicted: f64,
    /// What they did, on average.
    pub mean_actual: f64,
}

/// The conditional expectation by the number of repeat purchases `0, 1, …, last − 1` and `last` or more (7 in the literature).
///
/// Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). "Counting your customers" the easy way. Marketing Science 24,
/// 275–284, figure 4.
///
/// # Errors
/// [`ValidationError::Length`] when `frequency` has not one figure a customer.
pub fn by_frequency(
    holdout: &Holdout<'_>,
    frequency: &[u32],
    last: u32,
) -> Result<Vec<FrequencyBin>, ValidationError> {
    let expected = holdout.actual.len();
    if frequency.len() != expected {
        return Err(ValidationError::Length { column: "frequency", found: frequency.len(), expected });
    }
    let highest = frequency.iter().copied().max().unwrap_or(0).min(last);
    let mut groups = vec![Group::default(); highest as usize + 1];
    for (row, count) in frequency.iter().enumerate() {
        groups[(*count).min(last) as usize].add(holdout.predicted[row], holdout.actual[row]);
    }
    for (row, count) in frequency.iter().enumerate() {
        groups[(*count).min(last) as usize].add_deviation(holdout.actual[row]);
    }
    let filled = (0..).zip(&groups).filter(|(_, group)| group.n > 0);
    Ok(filled.map(|(count, group)| group.bin(count, count == last)).collect())
}

/// The customers in `parts` equal parts (10 for deciles) by what was predicted of them, fewer when there are fewer customers.
///
/// Of ⌊n/k⌋ customers in each part, the first `n mod k` have one more. Equal predictions that a cut falls between stand in
/// each part with the mean of their outcomes, so that the order of rows says nothing.
///
/// # Errors
/// [`ValidationError::Setting`] when `parts` is 0.
pub fn by_prediction(holdout: &Holdout<'_>, parts: u32) -> Result<Vec<PredictionBin>, ValidationError> {
    if parts == 0 {
        return Err(ValidationError::Setting { name: "parts", value: 0.0, expected: "at least 1" });
    }
    let n = holdout.actual.len();
    let (size, larger) = (n / parts as usize, n % parts as usize);
    let room = |part: u32| size + usize::from(((part - 1) as usize) < larger);
    let empty = |part| PredictionBin { part, n: 0, mean_predicted: 0.0, mean_actual: 0.0 };
    let mut bins: Vec<PredictionBin> = (1..=parts).filter(|part| room(*part) > 0).map(empty).collect();
    let ranking = Ranking::of(holdout.predicted);
    let mut current = 0;
    for run in ranking.ties() {
        let mean =
            |column: &[f64]| run.iter().map(|row| column[*row as usize]).sum::<f64>() / run.len() as f64;
        let (predicted, actual) = (mean(holdout.predicted), mean(holdout.actual));
        let mut left = run.len();
        while left > 0 {
            let bin = &mut bins[current];
            let n_taken = left.min(room(bin.part) - bin.n);
            bin.n += n_taken;
            bin.mean_predicted += n_taken as f64 * predicted;
            bin.mean_actual += n_taken as f64 * actual;
            left -= n_taken;
            current += usize::from(bin.n == room(bin.part));
        }
    }
    for bin in &mut bins {
        bin.mean_predicted /= bin.n as f64;
        bin.mean_actual /= bin.n as f64;
    }
    Ok(bins)
}

/// The sums of a group; the deviations are added in a second pass, around the mean, since sums of squares lose digits.
#[derive(Clone, Copy, Default)]
struct Group {
    n: usize,
    predicted: f64,
    actual: f64,
    deviations: f64,
}

impl Group {
    fn add(&mut self, predicted: f64, actual: f64) {
        self.n += 1;
        self.predicted += predicted;
        self.actual += actual;
    }

    fn add_deviation(&mut self, actual: f64) {
        self.deviations += (actual - self.actual / self.n as f64).powi(2);
    }

    fn bin(&self, frequency: u32, and_more: bool) -> FrequencyBin {
        let n = self.n as f64;
        FrequencyBin {
            frequency,
            and_more,
            n: self.n,
            mean_predicted: self.predicted / n,
            mean_actual: self.actual / n,
            standard_error: (self.n > 1).then(|| (self.deviations / (n - 1.0) / n).sqrt()),
        }
    }
}
