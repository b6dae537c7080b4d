//! Who answered without reading: signs of it in a respondent's answers, and the rule by which answers are left out.
//!
//! No single sign decides, for each is wrong about honest people too: only an instructed item that was failed, the respondent's own word, or
//! two signs of which one is of the kind that chance and taste do not explain.
//!
//! Meade, A. W. and Craig, S. B. (2012). Identifying careless responses in survey data. Psychological Methods 17, 437–455.

pub mod consistency;
pub mod distance;
pub mod screening;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

/// Runs of equal answers, in the order of the questionnaire.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LongString {
    /// The longest run.
    pub longest: usize,
    /// The mean length of runs; 0 where nothing is answered.
    pub average: f64,
}

/// The runs in one respondent's answers; a missing answer (NaN) ends a run and is none.
///
/// Johnson, J. A. (2005). Ascertaining the validity of individual protocols from Web-based personality inventories. Journal of Research in
/// Personality 39, 103–129.
pub fn long_string(answers: &[f64]) -> LongString {
    let runs = answers.chunk_by(|one, other| one == other).filter(|run| !run[0].is_nan());
    let (mut longest, mut n_runs, mut n_answers) = (0, 0_usize, 0_usize);
    for run in runs {
        longest = longest.max(run.len());
        n_runs += 1;
        n_answers += run.len();
    }
    LongString { longest, average: if n_runs > 0 { n_answers as f64 / n_runs as f64 } else { 0.0 } }
}

/// The intra-individual response variability: the standard deviation (n − 1 below) of one respondent's raw answers, NaN left out; none of
/// fewer than two.
///
/// Dunn, A. M., Heggestad, E. D., Shanock, L. R. and Theilgard, N. (2018). Intra-individual response variability as an indicator of
/// insufficient effort responding. Journal of Business and Psychology 33, 105–121.
pub fn response_variability(answers: &[f64]) -> Option<f64> {
    let (mut n, mut sum) = (0.0, 0.0);
    for x in answers.iter().filter(|x| !x.is_nan()) {
        (n, sum) = (n + 1.0, sum + x);
    }
    let mean = sum / n;
    let squares: f64 = answers.iter().filter(|x| !x.is_nan()).map(|x| (x - mean).powi(2)).sum();
    (n > 1.0).then(|| (squares / (n - 1.0)).sqrt())
}

/// The share of items that one respondent left out; 1 of no items.
pub fn missing_share(answers: &[f64]) -> f64 {
    let n_missing = answers.iter().filter(|x| x.is_nan()).count();
    if answers.is_empty() { 1.0 } else { n_missing as f64 / answers.len() as f64 }
}
