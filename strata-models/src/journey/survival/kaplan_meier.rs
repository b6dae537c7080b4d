//! The share that has not ended after some time.
//!
//! Kaplan, E. L. and Meier, P. (1958). Nonparametric estimation from incomplete observations. Journal of the American Statistical
//! Association 53, 457–481.

use super::{Moments, greenwood, place_at};
use crate::journey::error::{JourneyError, same_length};
use crate::proportion::Z;

/// A survival curve: 1 until the first step, and constant from each step to the next.
#[derive(Debug, Clone, PartialEq)]
pub struct Survival {
    /// The times at which somebody ended, ascending.
    pub steps: Vec<SurvivalStep>,
    /// The last time of all rows, ended or censored, beyond which nothing is known.
    pub last_time: f64,
    /// The weight of all rows.
    pub n: f64,
}

/// A curve at one time at which somebody ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SurvivalStep {
    /// The time, in the unit of the durations.
    pub time: f64,
    /// How many had not ended before it, by weight.
    pub n_at_risk: f64,
    /// How many of them ended.
    pub n_ended: f64,
    /// `S = Π (1 − d / n)` over all steps up to this one.
    pub survival: f64,
    /// Greenwood's standard error, `S √(Σ d / (n (n − d)))`; 0 where S is 0.
    pub standard_error: f64,
}

/// The Kaplan-Meier estimate from durations and whether they had ended. Sorts, and is linear otherwise.
///
/// Refuses no rows, columns of unequal lengths, and times or weights that are negative or no numbers.
pub fn kaplan_meier(
    times: &[f64],
    ended: &[bool],
    weights: Option<&[f64]>,
) -> Result<Survival, JourneyError> {
    same_length("ended", ended.len(), times.len())?;
    let moments = Moments::of(times, |row| ended[row].then_some(0), weights)?;
    let (mut survival, mut variance) = (1.0, 0.0_f64);
    let steps = moments.ends().map(|moment| {
        survival *= (moment.n_at_risk - moment.n_ended).max(0.0) / moment.n_at_risk;
        variance += greenwood(moment);
        let (time, n_at_risk, n_ended) = (moment.time, moment.n_at_risk, moment.n_ended);
        SurvivalStep { time, n_at_risk, n_ended, survival, standard_error: survival * variance.sqrt() }
    });
    Ok(Survival { steps: steps.collect(), last_time: moments.last_time, n: moments.n })
}

impl Survival {
    /// The share that has not ended at a time.
    pub fn at(&self, time: f64) -> f64 {
        self.step_at(time).map_or(1.0, |step| step.survival)
    }

    /// The standard error of that share; 0 before the first step.
    pub fn standard_error_at(&self, time: f64) -> f64 {
        self.step_at(time).map_or(0.0, |step| step.standard_error)
    }

    /// Between these the share at a time lies with 95 % confidence: normal on the scale of `ln(−ln S)`, so that it stays within 0 and 1.
    /// None where S is 0 or 1.
    pub fn interval_at(&self, time: f64) -> Option<(f64, f64)> {
        let step = self.step_at(time).filter(|step| step.survival > 0.0 && step.survival < 1.0)?;
        let log = step.survival.ln();
        let reach = (Z * step.standard_error / (step.survival * -log)).exp();
        Some(((log * reach).exp(), (log / reach).exp()))
    }

    /// The time by which the share `p` (0 to 1) has ended: the first at which `1 − S ≥ p`. Where the curve lies flat at just `1 − p` (within
    /// 1.5 · 10⁻⁸), the middle of that stretch, of the last one up to the last time of all; 0 for p = 0. These are the quantiles of R's
    /// `survival`. None where so many have not been seen to end.
    pub fn quantile(&self, p: f64) -> Option<f64> {
        if p == 0.0 {
            return Some(0.0);
        }
        let tolerance = f64::EPSILON.sqrt();
        let place = self.steps.partition_point(|step| 1.0 - step.survival + tolerance < p);
        let step = self.steps.get(place).filter(|_| p > 0.0)?;
        if (1.0 - step.survival - p).abs() > tolerance {
            return Some(step.time);
        }
        let end = self.steps.get(place + 1).map_or(self.last_time, |next| next.time);
        Some(step.time.midpoint(end))
    }

    fn step_at(&self, time: f64) -> Option<&SurvivalStep> {
        place_at(self.steps.len(), |place| self.steps[place].time, time).map(|place| &self.steps[place])
    }
}
