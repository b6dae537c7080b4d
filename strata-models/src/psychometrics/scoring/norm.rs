//! Where a score stands among those of a reference group.

use serde::{Deserialize, Serialize};

use crate::psychometrics::error::PsychometricsError;

/// Mean and standard deviation (n − 1 below) of a reference group.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Norm {
    /// The mean.
    pub mean: f64,
    /// The standard deviation.
    pub deviation: f64,
}

impl Norm {
    /// A published norm. Refuses a mean that is not finite and a deviation that is not above 0.
    pub fn new(mean: f64, deviation: f64) -> Result<Norm, PsychometricsError> {
        let hint = "give the finite mean and the deviation above 0 of a reference group";
        if !mean.is_finite() {
            return Err(PsychometricsError::Option { option: "mean", value: mean, hint });
        }
        if !(deviation > 0.0 && deviation.is_finite()) {
            return Err(PsychometricsError::Option { option: "deviation", value: deviation, hint });
        }
        Ok(Norm { mean, deviation })
    }

    /// The norm of these scores themselves, those that are NaN left out: give the clean respondents' alone. Refuses fewer than two
    /// scores, and scores that are all one.
    pub fn of(scale: &str, scores: &[f64]) -> Result<Norm, PsychometricsError> {
        let n_known = scores.iter().filter(|score| !score.is_nan()).count();
        if n_known < 2 {
            let what = "a norm of the own sample";
            return Err(PsychometricsError::TooFewRespondents { what, needed: 2, found: n_known });
        }
        match crate::group::mean_and_deviation(scores) {
            Some((mean, deviation)) => Ok(Norm { mean, deviation }),
            None => Err(PsychometricsError::ConstantItem {
                item: scale.to_owned(),
                among: "the respondents of the norm",
            }),
        }
    }

    /// `z = (score − mean) / deviation` of each score.
    pub fn z(&self, scores: &[f64]) -> Vec<f64> {
        scores.iter().map(|score| (score - self.mean) / self.deviation).collect()
    }

    /// `T = 50 + 10 z` of each score.
    pub fn t(&self, scores: &[f64]) -> Vec<f64> {
        scores.iter().map(|score| 50.0 + 10.0 * (score - self.mean) / self.deviation).collect()
    }
}
