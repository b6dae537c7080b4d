//! From a learner's log-odds to probabilities that come true as often as they say, learned on rows of a later date.

#[cfg(test)]
mod tests;

use super::explain::sigmoid;
use super::linear::Cholesky;
use serde::{Deserialize, Serialize};

/// How log-odds become probabilities.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Calibration {
    /// By a line.
    Platt(Platt),
    /// By steps that never fall.
    Isotonic(Isotonic),
}

/// A line laid through log-odds: `p = 1 / (1 + e^(−(slope · margin + intercept)))`, never falling.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Platt {
    /// How much of a difference of log-odds remains; below 1 where the learner was too sure. 0 or more.
    pub slope: f64,
    /// What is added to all, as where the rate has changed since.
    pub intercept: f64,
}

/// Steps with lines between them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Isotonic {
    /// The steps, margins and shares ascending.
    pub steps: Vec<Step>,
    /// Probabilities are held this far from 0 and 1, which a sample cannot prove: `1 / (n + 2)`, Laplace's rule of succession for
    /// what was never seen in n rows.
    pub least: f64,
}

/// Rows of neighbouring margins that have one probability.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The lowest margin.
    pub low: f64,
    /// The highest margin.
    pub high: f64,
    /// The share of rows that are labelled 1.
    pub share: f64,
}

impl Calibration {
    /// The probability of a row with these log-odds.
    pub fn probability(&self, margin: f64) -> f64 {
        match self {
            Calibration::Platt(platt) => platt.probability(margin),
            Calibration::Isotonic(isotonic) => isotonic.probability(margin),
        }
    }
}

impl Platt {
    /// Fits the line by maximum likelihood, with the labels drawn in: 1 becomes `(n₁ + 1) / (n₁ + 2)` and 0 becomes `1 / (n₀ + 2)`, so
    /// that rows which the margin separates do not make the slope infinite. Were the line to fall, it is level instead, since
    /// turning a learner's order round is no calibration.
    ///
    /// Newton's method on margins brought to mean 0 and deviation 1, with halved steps.
    ///
    /// Platt, J. (1999). Probabilistic outputs for support vector machines and comparisons to regularized likelihood methods. Advances
    /// in Large Margin Classifiers, 61–74. Lin, H.-T., Lin, C.-J. & Weng, R. C. (2007). A note on Platt's probabilistic outputs for
    /// support vector machines. Machine Learning 68, 267–276.
    pub fn fit(margins: &[f64], labels: &[u8]) -> Platt {
        let n = margins.len().min(labels.len()) as f64;
        let n_positive = labels.iter().zip(margins).filter(|(label, _)| **label == 1).count() as f64;
        let (yes, no) = ((n_positive + 1.0) / (n_positive + 2.0), 1.0 / (n - n_positive + 2.0));
        let rate = (n_positive * yes + (n - n_positive) * no) / n;
        let level = Platt { slope: 0.0, intercept: if n > 0.0 { (rate / (1.0 - rate)).ln() } else { 0.0 } };
        let mean = margins.iter().sum::<f64>() / n;
        let deviation = (margins.iter().map(|margin| (margin - mean).powi(2)).sum::<f64>() / n).sqrt();
        if !(deviation > 1e-12 * mean.abs() && deviation.is_finite()) {
            return level;
        }
        let rows: Vec<(f64, f64)> = margins
            .iter()
            .zip(labels)
            .map(|(margin, label)| ((margin - mean) / deviation, if *label == 1 { yes } else { no }))
            .collect();
        let (slope, intercept) = line(&rows, level.intercept);
        if slope > 0.0 {
            Platt { slope: slope / deviation, intercept: intercept - slope * mean / deviation }
        } else {
            level
        }
    }

    /// The probability of a row with these log-odds.
    pub fn probability(&self, margin: f64) -> f64 {
        sigmoid(self.slope * margin + self.intercept)
    }
}

impl Isotonic {
    /// Fits the shares that never fall and are nearest to the labels in squares, by pooling neighbours that fall. Equal margins are
    /// pooled first.
    ///
    /// Ayer, M. et al. (1955). An empirical distribution function for sampling with incomplete information. Annals of Mathematical
    /// Statistics 26, 641–647. Zadrozny, B. & Elkan, C. (2002). Transforming classifier scores into accurate multiclass probability
    /// estimates. KDD '02.
    pub fn fit(margins: &[f64], labels: &[u8]) -> Isotonic {
        let mut rows: Vec<(f64, f64)> = margins
            .iter()
            .map(|margin| margin + 0.0)
            .zip(labels.iter().map(|label| f64::from(*label)))
            .collect();
        rows.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        // Of each pool: lowest and highest margin, sum of labels, number of rows.
        let mut pools: Vec<(f64, f64, f64, f64)> = Vec::new();
        for ties in rows.chunk_by(|a, b| a.0 == b.0) {
            let sum: f64 = ties.iter().map(|(_, label)| label).sum();
            let mut pool = (ties[0].0, ties[0].0, sum, ties.len() as f64);
            while let Some(before) = pools.pop_if(|before| before.2 * pool.3 >= pool.2 * before.3) {
                pool = (before.0, pool.1, before.2 + pool.2, before.3 + pool.3);
            }
            pools.push(pool);
        }
        let steps = pools.into_iter().map(|(low, high, sum, n)| Step { low, high, share: sum / n });
        Isotonic { steps: steps.collect(), least: 1.0 / (rows.len() as f64 + 2.0) }
    }

    /// The probability of a row with these log-odds: its step's, between two steps on the line from one to the other, beyond the last
    /// the last one's. Without any step, a half.
    pub fn probability(&self, margin: f64) -> f64 {
        let place = self.steps.partition_point(|step| step.high < margin);
        let (before, at) =
            (place.checked_sub(1).and_then(|before| self.steps.get(before)), self.steps.get(place));
        let share = match (before, at) {
            (Some(before), Some(at)) if margin < at.low => {
                let way = (margin - before.high) / (at.low - before.high);
                before.share + way.clamp(0.0, 1.0) * (at.share - before.share)
            }
            (_, Some(step)) | (Some(step), None) => step.share,
            (None, None) => 0.5,
        };
        share.clamp(self.least.min(0.5), 1.0 - self.least.min(0.5))
    }
}

/// Slope and intercept that minimise `Σ log(1 + e^η) − y η` for rows (x, y).
fn line(rows: &[(f64, f64)], intercept: f64) -> (f64, f64) {
    let loss = |(slope, intercept): (f64, f64)| -> f64 {
        let of_row = |(x, y): &(f64, f64)| {
            let eta = slope * x + intercept;
            eta.max(0.0) + (-eta.abs()).exp().ln_1p() - y * eta
        };
        rows.iter().map(of_row).sum()
    };
    let mut at = (0.0, intercept);
    let mut now = loss(at);
    for _ in 0..100 {
        let (mut gradient, mut curvature) = ([0.0; 2], vec![1e-12, 0.0, 0.0, 1e-12]);
        for (x, y) in rows {
            let p = sigmoid(at.0 * x + at.1);
            let h = p * (1.0 - p);
            gradient = [gradient[0] + (p - y) * x, gradient[1] + (p - y)];
            curvature[0] += h * x * x;
            curvature[2] += h * x;
            curvature[3] += h;
        }
        let Ok(factor) = Cholesky::of(curvature, 2) else { break };
        let step = factor.solve(&gradient);
        let next = (0..30).find_map(|halvings| {
            let length = 0.5_f64.powi(halvings);
            let next = (at.0 - length * step[0], at.1 - length * step[1]);
            let loss = loss(next);
            (loss < now).then_some((next, loss))
        });
        let Some((next, loss)) = next else { break };
        (at, now) = (next, loss);
        if step[0] * gradient[0] + step[1] * gradient[1] < 1e-13 {
            break;
        }
    }
    at
}
