//! Means of scores that were predicted, with the uncertainty that predictions have.
//!
//! A prediction has the deviation r · sd of what it predicts: taken as measured, means of segments look surer than they are. Instead every
//! score is drawn M times. Each time the donors, who have both score and prediction, are drawn anew, a line `score = a + b · prediction`
//! is fitted to them, and each person gets the line's value and a donor's residual. With means `Q_m` and their variances `U_m`,
//!
//! `Q = mean Q_m`, `W = mean U_m`, `B = Σ (Q_m − Q)² / (M − 1)`, `T = W + (1 + 1/M) B`, `ν = (M − 1)(1 + W / ((1 + 1/M) B))²`.
//!
//! `(1 + 1/M) B` is how far Q may be from the mean that these very persons would have if they were asked; T is for all persons of their
//! kind, and on the safe side, since donors know more of these than the mean of the persons alone would tell (Meng 1994).
//!
//! Rubin, D. B. (1987). Multiple Imputation for Nonresponse in Surveys, sections 3.1 and 4.3. Meng, X.-L. (1994). Multiple-imputation
//! inferences with uncongenial sources of input. Statistical Science 9, 538–558.

use rand_chacha::rand_core::RngCore;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::error::{TypingError, check_option};
use crate::learn::chance::Places;

/// The fewest imputations.
pub const LEAST_IMPUTATIONS: usize = 20;

/// Those whose score was measured, with what would have been predicted of them by a model that had not seen them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Donors<'a> {
    /// The measured scores.
    pub scores: &'a [f64],
    /// The out-of-fold predictions.
    pub predictions: &'a [f64],
}

/// A mean over imputations.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PooledMean {
    /// How many persons.
    pub n: usize,
    /// Q, the mean.
    pub mean: f64,
    /// W, the mean variance within imputations.
    pub within: f64,
    /// B, the variance between them.
    pub between: f64,
    /// T, the variance of the mean.
    pub total: f64,
    /// ν, the degrees of freedom of Student's t; infinite where nothing differs between imputations.
    pub degrees_of_freedom: f64,
}

/// Pools estimates with their variances by Rubin's rules; none of fewer than two.
pub fn pool(estimates: &[(f64, f64)], n: usize) -> Option<PooledMean> {
    let m = estimates.len() as f64;
    if estimates.len() < 2 {
        return None;
    }
    let mean = estimates.iter().map(|(q, _)| q).sum::<f64>() / m;
    let within = estimates.iter().map(|(_, u)| u).sum::<f64>() / m;
    let between = estimates.iter().map(|(q, _)| (q - mean).powi(2)).sum::<f64>() / (m - 1.0);
    let of_imputing = (1.0 + 1.0 / m) * between;
    let degrees_of_freedom = (m - 1.0) * (1.0 + within / of_imputing).powi(2);
    Some(PooledMean { n, mean, within, between, total: within + of_imputing, degrees_of_freedom })
}

/// The mean score of each segment of persons whose scores are predicted; none of a segment with fewer than two.
///
/// # Errors
/// Fewer than [`LEAST_IMPUTATIONS`]; fewer than three donors; lengths that differ; numbers that are not finite; a segment beyond `n_segments`.
pub fn segment_means(
    donors: Donors<'_>,
    predictions: &[f64],
    segments: &[u32],
    n_segments: usize,
    n_imputations: usize,
    random: &mut impl RngCore,
) -> Result<Vec<Option<PooledMean>>, TypingError> {
    check(donors, predictions, segments, n_segments, n_imputations)?;
    let seeds: Vec<Places> = (0..n_imputations).map(|_| Places::new(random)).collect();
    let impute = |places: &Places| imputed(donors, predictions, (segments, n_segments), *places);
    let imputations: Vec<Vec<Sums>> = seeds.par_iter().map(impute).collect();
    let of_segment = |segment: usize| {
        let n = imputations.first().map_or(0, |sums| sums[segment].n);
        let estimates: Vec<(f64, f64)> = imputations.iter().map(|sums| sums[segment].estimate()).collect();
        if n < 2 { None } else { pool(&estimates, n) }
    };
    Ok((0..n_segments).map(of_segment).collect())
}

/// Count, mean and sum of squared distances from it (Welford 1962).
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    n: usize,
    mean: f64,
    squares: f64,
}

impl Sums {
    fn add(&mut self, value: f64) {
        self.n += 1;
        let before = value - self.mean;
        self.mean += before / self.n as f64;
        self.squares += before * (value - self.mean);
    }

    /// The mean and its variance.
    fn estimate(&self) -> (f64, f64) {
        let n = self.n as f64;
        (self.mean, self.squares / (n - 1.0) / n)
    }
}

fn imputed(
    donors: Donors<'_>,
    predictions: &[f64],
    (segments, n_segments): (&[u32], usize),
    places: Places,
) -> Vec<Sums> {
    let n = donors.scores.len();
    let drawn: Vec<usize> = (0..n).map(|draw| places.below(draw as u64, n)).collect();
    let mean = |values: &[f64]| drawn.iter().map(|row| values[*row]).sum::<f64>() / n as f64;
    let (x, y) = (mean(donors.predictions), mean(donors.scores));
    let (mut squares, mut products) = (0.0, 0.0);
    for row in &drawn {
        let from_mean = donors.predictions[*row] - x;
        squares += from_mean * from_mean;
        products += from_mean * (donors.scores[*row] - y);
    }
    let slope = if squares > 0.0 { products / squares } else { 0.0 };
    let line = |prediction: f64| y + slope * (prediction - x);
    let mut sums = vec![Sums::default(); n_segments];
    for (person, (prediction, segment)) in predictions.iter().zip(segments).enumerate() {
        let donor = drawn[places.below((n + person) as u64, n)];
        let residual = donors.scores[donor] - line(donors.predictions[donor]);
        sums[*segment as usize].add(line(*prediction) + residual);
    }
    sums
}

fn check(
    donors: Donors<'_>,
    predictions: &[f64],
    segments: &[u32],
    n_segments: usize,
    n_imputations: usize,
) -> Result<(), TypingError> {
    let least = LEAST_IMPUTATIONS as f64;
    check_option("n_imputations", n_imputations as f64, least..=1e6, "give 20 or more")?;
    let n_donors = donors.scores.len();
    check_option("number of donors", n_donors as f64, 3.0..=f64::MAX, "measure more people")?;
    let lengths = [
        ("predictions of donors", donors.predictions.len(), n_donors),
        ("segments", segments.len(), predictions.len()),
    ];
    for (what, n_values, n_rows) in lengths {
        if n_values != n_rows {
            return Err(TypingError::Length { what: what.to_owned(), n_values, n_rows });
        }
    }
    let of = [
        ("scores", donors.scores),
        ("predictions of donors", donors.predictions),
        ("predictions", predictions),
    ];
    for (what, values) in of {
        if let Some(row) = values.iter().position(|value| value.is_nan() || value.abs() > 1e100) {
            return Err(TypingError::Infinite { what: what.to_owned(), row });
        }
    }
    match segments.iter().find(|segment| **segment as usize >= n_segments) {
        Some(segment) => Err(TypingError::Option {
            option: "segment",
            value: f64::from(*segment),
            hint: "count segments from 0",
        }),
        None => Ok(()),
    }
}
