//! How sure measures are: the same rows drawn again and again.

use rand_chacha::rand_core::RngCore;
use rayon::prelude::*;

use super::{Ranking, brier, expected_calibration_error, log_loss, loss_of, reliability};
use crate::learn::chance::Places;

/// A figure, and between what it would lie for other rows of the same kind with 95 % confidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The figure.
    pub value: f64,
    /// The 2.5 % quantile of the figure over the draws.
    pub low: f64,
    /// The 97.5 % quantile.
    pub high: f64,
}

/// All measures of probabilities on rows with both labels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measures {
    /// How many rows.
    pub n: u64,
    /// How many of them are labelled 1.
    pub n_positive: u64,
    /// The area under the receiver operating characteristic.
    pub auc: Interval,
    /// The average precision.
    pub average_precision: Interval,
    /// The lift of the top tenth.
    pub lift_of_top_tenth: Interval,
    /// The log loss.
    pub log_loss: Interval,
    /// The Brier score.
    pub brier: Interval,
    /// The expected calibration error of ten bands. It has no interval, since in each draw it is larger than in truth.
    pub expected_calibration_error: f64,
}

/// Measures probabilities, with intervals from `n_draws` bootstrap draws of the rows; none where all labels are alike.
///
/// Efron, B. & Tibshirani, R. J. (1993). An Introduction to the Bootstrap, section 13.3 (percentile intervals).
pub fn measures(
    probabilities: &[f64],
    labels: &[u8],
    n_draws: usize,
    random: &mut impl RngCore,
) -> Option<Measures> {
    let n = probabilities.len().min(labels.len());
    let ranking = Ranking::of(probabilities, labels);
    let losses: Vec<[f64; 2]> = probabilities
        .iter()
        .zip(labels)
        .map(|(p, label)| [loss_of(*p, *label), (p - f64::from(*label)).powi(2)])
        .collect();
    let [auc, average_precision, lift_of_top_tenth, log_losses, briers] =
        draws(n, n_draws, random, |counts| {
            let weight = |row: usize| f64::from(counts[row]);
            let mean = |which: usize| {
                let of_row = |(loss, count): (&[f64; 2], &u32)| loss[which] * f64::from(*count);
                Some(losses.iter().zip(counts).map(of_row).sum::<f64>() / n as f64)
            };
            [
                ranking.auc(weight),
                ranking.average_precision(weight),
                ranking.lift_of_top_tenth(weight),
                mean(0),
                mean(1),
            ]
        });
    let one = |_: usize| 1.0;
    Some(Measures {
        n: n as u64,
        n_positive: labels.iter().take(n).filter(|label| **label == 1).count() as u64,
        auc: interval(ranking.auc(one)?, auc),
        average_precision: interval(ranking.average_precision(one)?, average_precision),
        lift_of_top_tenth: interval(ranking.lift_of_top_tenth(one)?, lift_of_top_tenth),
        log_loss: interval(log_loss(probabilities, labels)?, log_losses),
        brier: interval(brier(probabilities, labels)?, briers),
        expected_calibration_error: expected_calibration_error(&reliability(probabilities, labels, 10))?,
    })
}

/// By how much the log loss of `one` is above that of `other`, both drawn with the same rows; none of nothing. Where even the low end is
/// above 0, `other` is the better.
pub fn difference_of_losses(
    one: &[f64],
    other: &[f64],
    labels: &[u8],
    n_draws: usize,
    random: &mut impl RngCore,
) -> Option<Interval> {
    let differences: Vec<f64> = one
        .iter()
        .zip(other)
        .zip(labels)
        .map(|((a, b), label)| loss_of(*a, *label) - loss_of(*b, *label))
        .collect();
    let n = differences.len() as f64;
    let [drawn] = draws(differences.len(), n_draws, random, |counts| {
        let sum: f64 = differences.iter().zip(counts).map(|(value, count)| value * f64::from(*count)).sum();
        [Some(sum / n)]
    });
    (n > 0.0).then(|| interval(differences.iter().sum::<f64>() / n, drawn))
}

/// The figures of each draw that has them, sorted. `measure` is given how often each row was drawn.
fn draws<const N: usize>(
    n_rows: usize,
    n_draws: usize,
    random: &mut impl RngCore,
    measure: impl Fn(&[u32]) -> [Option<f64>; N] + Sync,
) -> [Vec<f64>; N] {
    let seeds: Vec<Places> = (0..n_draws).map(|_| Places::new(random)).collect();
    let of_draw = |places: Places| {
        let mut counts = vec![0; n_rows];
        (0..n_rows).for_each(|draw| counts[places.below(draw as u64, n_rows)] += 1);
        measure(&counts)
    };
    let found: Vec<[Option<f64>; N]> = seeds.into_par_iter().map(of_draw).collect();
    std::array::from_fn(|which| {
        let mut figures: Vec<f64> = found.iter().filter_map(|figures| figures[which]).collect();
        figures.sort_unstable_by(f64::total_cmp);
        figures
    })
}

/// The interval is at least wide enough to hold the figure itself.
fn interval(value: f64, sorted: Vec<f64>) -> Interval {
    let quantile = |share: f64| {
        let place = (share * sorted.len().saturating_sub(1) as f64).round() as usize;
        sorted.get(place).copied().unwrap_or(value)
    };
    Interval { value, low: quantile(0.025).min(value), high: quantile(0.975).max(value) }
}
