//! Whether probabilities come true as often as they say.

use crate::proportion::wilson;

/// Rows of about one probability, and what happened to them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// How many rows.
    pub n: u64,
    /// How many of them are labelled 1.
    pub n_positive: u64,
    /// The lowest probability.
    pub low: f64,
    /// The mean probability.
    pub expected: f64,
    /// The highest probability.
    pub high: f64,
    /// The share that is labelled 1.
    pub observed: f64,
    /// Between these the share lies with 95 % confidence.
    pub observed_range: (f64, f64),
    /// The mean of `(p − y)²`.
    pub brier: f64,
}

/// What the Brier score consists of: `brier = miscalibration − resolution + uncertainty + within`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BrierParts {
    /// The mean of `(p − y)²`.
    pub brier: f64,
    /// `Σ n_b (expected − observed)² / n` over the bands: how far probabilities are from what happens; 0 is best.
    pub miscalibration: f64,
    /// `Σ n_b (observed − rate)² / n`: how far the bands differ from the rate of all; large is good.
    pub resolution: f64,
    /// `rate (1 − rate)`: the score of always saying the rate.
    pub uncertainty: f64,
    /// What is left because a band holds more than one probability; near 0.
    pub within: f64,
}

/// The rows in up to `n_bands` bands of about as many rows each, by probability ascending. Equal probabilities are in one band.
pub fn reliability(probabilities: &[f64], labels: &[u8], n_bands: usize) -> Vec<Band> {
    let mut rows: Vec<(f64, u8)> = probabilities.iter().copied().zip(labels.iter().copied()).collect();
    rows.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let n_bands = n_bands.max(1);
    let mut bands = Vec::with_capacity(n_bands);
    let mut begin = 0;
    for part in 1..=n_bands {
        let end = part * rows.len() / n_bands;
        if end > begin {
            let last = rows[end - 1].0;
            let end = end + rows[end..].partition_point(|(p, _)| *p == last);
            bands.push(band(&rows[begin..end]));
            begin = end;
        }
    }
    bands
}

/// The mean distance between what bands say and what happens, `Σ n_b |expected − observed| / n`; none of nothing.
///
/// Naeini, M. P., Cooper, G. F. & Hauskrecht, M. (2015). Obtaining well calibrated probabilities using Bayesian binning. AAAI-15.
pub fn expected_calibration_error(bands: &[Band]) -> Option<f64> {
    let n: u64 = bands.iter().map(|band| band.n).sum();
    let sum: f64 = bands.iter().map(|band| band.n as f64 * (band.expected - band.observed).abs()).sum();
    (n > 0).then(|| sum / n as f64)
}

/// Takes the Brier score apart; none of nothing.
///
/// Murphy, A. H. (1973). A new vector partition of the probability score. Journal of Applied Meteorology 12, 595–600. The rest within
/// bands: Stephenson, D. B., Coelho, C. A. S. & Jolliffe, I. T. (2008). Two extra components in the Brier score decomposition. Weather
/// and Forecasting 23, 752–757.
pub fn brier_parts(bands: &[Band]) -> Option<BrierParts> {
    let n = bands.iter().map(|band| band.n).sum::<u64>() as f64;
    let mean = |of_band: &dyn Fn(&Band) -> f64| {
        bands.iter().map(|band| band.n as f64 * of_band(band)).sum::<f64>() / n
    };
    let rate = mean(&|band| band.observed);
    let brier = mean(&|band| band.brier);
    let miscalibration = mean(&|band| (band.expected - band.observed).powi(2));
    let resolution = mean(&|band| (band.observed - rate).powi(2));
    let uncertainty = rate * (1.0 - rate);
    let within = brier - miscalibration + resolution - uncertainty;
    (n > 0.0).then_some(BrierParts { brier, miscalibration, resolution, uncertainty, within })
}

/// Rows by probability ascending, at least one.
fn band(rows: &[(f64, u8)]) -> Band {
    let n = rows.len() as u64;
    let n_positive = rows.iter().filter(|(_, label)| *label == 1).count() as u64;
    let mean = |of_row: &dyn Fn(&(f64, u8)) -> f64| rows.iter().map(of_row).sum::<f64>() / n as f64;
    Band {
        n,
        n_positive,
        low: rows[0].0,
        expected: mean(&|(p, _)| *p),
        high: rows[rows.len() - 1].0,
        observed: n_positive as f64 / n as f64,
        observed_range: wilson(n_positive, n).unwrap_or((0.0, 1.0)),
        brier: mean(&|(p, label)| (p - f64::from(*label)).powi(2)),
    }
}
