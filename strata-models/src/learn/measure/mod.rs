//! How good probabilities are, measured on rows that the learner has not seen.
//!
//! A measure that is not defined, as the area under the curve where all labels are alike, is none. Rows count alike.

mod bootstrap;
mod reliability;
#[cfg(test)]
mod tests;

pub use self::bootstrap::{Interval, Measures, difference_of_losses, measures};
pub use self::reliability::{Band, BrierParts, brier_parts, expected_calibration_error, reliability};

/// A probability that came out as certain and wrong counts as this wrong, so that one row cannot make a loss infinite.
const LEAST_PROBABILITY: f64 = 1e-15;

/// The chance that a row labelled 1 scores higher than one labelled 0, ties counted half: the area under the receiver operating
/// characteristic.
///
/// `AUC = (Σ ranks of the positives − n₁ (n₁ + 1) / 2) / (n₁ n₀)`, with mean ranks among ties.
///
/// Hanley, J. A. & McNeil, B. J. (1982). The meaning and use of the area under a receiver operating characteristic (ROC) curve.
/// Radiology 143, 29–36.
pub fn auc(scores: &[f64], labels: &[u8]) -> Option<f64> {
    Ranking::of(scores, labels).auc(|_| 1.0)
}

/// The mean precision over the positives, going down the scores: `Σ (recall_k − recall_{k−1}) precision_k` over distinct scores k.
pub fn average_precision(scores: &[f64], labels: &[u8]) -> Option<f64> {
    Ranking::of(scores, labels).average_precision(|_| 1.0)
}

/// How many times as many positives the tenth with the highest scores has as a tenth taken blindly. Of ties that the cut falls
/// among, the share that fits is counted.
pub fn lift_of_top_tenth(scores: &[f64], labels: &[u8]) -> Option<f64> {
    Ranking::of(scores, labels).lift_of_top_tenth(|_| 1.0)
}

/// The mean of `−log p` of what happened, in nats; probabilities are held 1e-15 away from 0 and 1.
pub fn log_loss(probabilities: &[f64], labels: &[u8]) -> Option<f64> {
    mean(probabilities, labels, loss_of)
}

/// The mean of `(p − y)²`.
///
/// Brier, G. W. (1950). Verification of forecasts expressed in terms of probability. Monthly Weather Review 78, 1–3.
pub fn brier(probabilities: &[f64], labels: &[u8]) -> Option<f64> {
    mean(probabilities, labels, |p, label| (p - f64::from(label)).powi(2))
}

/// The log loss of one row.
fn loss_of(p: f64, label: u8) -> f64 {
    let of_what_happened = if label == 1 { p } else { 1.0 - p };
    -of_what_happened.clamp(LEAST_PROBABILITY, 1.0).ln()
}

fn mean(probabilities: &[f64], labels: &[u8], of_row: impl Fn(f64, u8) -> f64) -> Option<f64> {
    let n = probabilities.len().min(labels.len());
    let sum: f64 = probabilities.iter().zip(labels).map(|(p, label)| of_row(*p, *label)).sum();
    (n > 0).then(|| sum / n as f64)
}

/// Rows from the highest score to the lowest, ties together; sorted once, it measures any weighting of the rows.
struct Ranking {
    /// Each row's place, label and whether it is the last of its ties.
    rows: Vec<(u32, u8, bool)>,
}

impl Ranking {
    fn of(scores: &[f64], labels: &[u8]) -> Ranking {
        let n = scores.len().min(labels.len());
        let mut order: Vec<u32> = (0..n as u32).collect();
        let score = |row: u32| scores[row as usize] + 0.0;
        order.sort_unstable_by(|a, b| score(*b).total_cmp(&score(*a)).then(a.cmp(b)));
        let is_last = |at: usize| order.get(at + 1).is_none_or(|next| score(*next) != score(order[at]));
        let rows = order.iter().enumerate().map(|(at, row)| (*row, labels[*row as usize], is_last(at)));
        Ranking { rows: rows.collect() }
    }

    /// Calls with the weights of negatives and positives of each run of ties, from the highest score down.
    fn each_run(&self, weight: impl Fn(usize) -> f64, mut see: impl FnMut(f64, f64)) {
        let mut run = [0.0, 0.0];
        for (row, label, is_last) in &self.rows {
            run[usize::from(*label == 1)] += weight(*row as usize);
            if *is_last {
                see(run[0], run[1]);
                run = [0.0, 0.0];
            }
        }
    }

    fn totals(&self, weight: impl Fn(usize) -> f64) -> (f64, f64) {
        let mut totals = (0.0, 0.0);
        self.each_run(weight, |no, yes| totals = (totals.0 + no, totals.1 + yes));
        totals
    }

    fn auc(&self, weight: impl Fn(usize) -> f64) -> Option<f64> {
        let (mut above, mut no_so_far, mut yes_so_far) = (0.0, 0.0, 0.0);
        self.each_run(weight, |no, yes| {
            above += no * (yes_so_far + yes / 2.0);
            no_so_far += no;
            yes_so_far += yes;
        });
        (no_so_far > 0.0 && yes_so_far > 0.0).then(|| above / (no_so_far * yes_so_far))
    }

    fn average_precision(&self, weight: impl Fn(usize) -> f64) -> Option<f64> {
        let (mut sum, mut all, mut yes_so_far) = (0.0, 0.0, 0.0);
        self.each_run(weight, |no, yes| {
            all += no + yes;
            yes_so_far += yes;
            if yes > 0.0 {
                sum += yes * yes_so_far / all;
            }
        });
        (yes_so_far > 0.0).then(|| sum / yes_so_far)
    }

    fn lift_of_top_tenth(&self, weight: impl Fn(usize) -> f64 + Copy) -> Option<f64> {
        let (no, yes) = self.totals(weight);
        let tenth = (no + yes) / 10.0;
        let (mut all, mut found) = (0.0, 0.0);
        self.each_run(weight, |no, yes| {
            let run = no + yes;
            if run > 0.0 && all < tenth {
                found += yes * ((tenth - all) / run).min(1.0);
                all += run;
            }
        });
        (yes > 0.0).then(|| found / tenth / (yes / (no + yes)))
    }
}
