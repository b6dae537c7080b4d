//! How well the items of a scale agree: what share of a score's variance is what the items have in common.

pub mod omega;
pub mod polychoric;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::answers::Answers;
use super::error::PsychometricsError;
use super::matrix::{sum, trace};
use super::moments::Moments;
use crate::clv::symmetric::Symmetric;

/// Cronbach's α and its relatives, of k keyed items.
///
/// Cronbach, L. J. (1951). Coefficient alpha and the internal structure of tests. Psychometrika 16, 297–334.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alpha {
    /// `k/(k − 1) (1 − tr S / 1ᵀS1)` of the covariances S.
    pub alpha: f64,
    /// `k r̄ / (1 + (k − 1) r̄)`.
    pub standardised: f64,
    /// The mean correlation of pairs, r̄: covariances by the items' own deviations, which pairwise are those of all who answered the item.
    pub average_r: f64,
    /// The asymptotic standard error of α. Duhachek, A. and Iacobucci, D. (2004). Alpha's standard error. Journal of Applied Psychology
    /// 89, 792–808.
    pub standard_error: f64,
    /// Of two items the Spearman-Brown coefficient `2r / (1 + r)`, which is to be preferred there. Eisinga, R., te Grotenhuis, M. and
    /// Pelzer, B. (2013). The reliability of a two-item scale. International Journal of Public Health 58, 637–642.
    pub spearman_brown: Option<f64>,
    /// How many respondents.
    pub n: usize,
    /// Each item against the others.
    pub items: Vec<ItemAnalysis>,
}

/// What one item does in its scale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ItemAnalysis {
    /// The item.
    pub item: String,
    /// Its correlation with the sum of the other items. Below 0 its key is probably wrong, below .20 it hardly belongs.
    pub item_rest: f64,
    /// α of the other items; none where there are fewer than two.
    pub alpha_if_deleted: Option<f64>,
}

/// α of keyed items (reversed already, see [`Answers::keyed`]) from their moments. Refuses one item, and a sum that does not vary.
pub fn alpha(moments: &Moments) -> Result<Alpha, PsychometricsError> {
    let k = at_least_two(moments)?;
    let covariances = &moments.covariances;
    let total = sum(covariances);
    if total <= 1e-12 * trace(covariances) {
        return Err(PsychometricsError::NotFound {
            what: "alpha",
            reason: "the sum of the items does not vary",
            hint: "check the keys: an item and its opposite cancel each other",
        });
    }
    let average_r = average_correlation(covariances);
    let items = (0..k)
        .map(|item| {
            let others: Vec<usize> = (0..k).filter(|other| *other != item).collect();
            let rest = covariances.of(&others);
            let together: f64 = others.iter().map(|other| covariances.at(item, *other)).sum();
            let spread = (covariances.at(item, item) * sum(&rest)).sqrt();
            ItemAnalysis {
                item: moments.items[item].clone(),
                item_rest: if spread > 0.0 { (together / spread).clamp(-1.0, 1.0) } else { 0.0 },
                alpha_if_deleted: (k > 2).then(|| alpha_of(&rest)).flatten(),
            }
        })
        .collect();
    Ok(Alpha {
        alpha: alpha_of(covariances).unwrap_or(0.0),
        standardised: stepped_up(average_r, k as f64),
        average_r,
        standard_error: standard_error(covariances, moments.n),
        spearman_brown: (k == 2).then(|| stepped_up(average_r, 2.0)),
        n: moments.n,
        items,
    })
}

/// Ordinal α: the standardised α of polychoric correlations, for answers in few categories or of skewed distributions.
///
/// Zumbo, B. D., Gadermann, A. M. and Zeisser, C. (2007). Ordinal versions of coefficients alpha and theta for Likert rating scales.
/// Journal of Modern Applied Statistical Methods 6, 21–29.
pub fn ordinal_alpha(answers: &Answers<'_>) -> Result<f64, PsychometricsError> {
    let moments = polychoric::correlations(answers)?;
    let k = at_least_two(&moments)?;
    Ok(stepped_up(average_correlation(&moments.correlations), k as f64))
}

/// Whether ordinal α is due: an item has at most 4 categories, or a skewness beyond 1.
pub fn is_ordinal_due(answers: &Answers<'_>) -> bool {
    (0..answers.n_items()).any(|item| {
        let column = answers.column(item);
        let mut categories: Vec<f64> = column.iter().copied().filter(|x| !x.is_nan()).collect();
        categories.sort_by(f64::total_cmp);
        categories.dedup();
        categories.len() <= 4 || skewness(column).abs() > 1.0
    })
}

/// The reliability of `times` as many parallel items as have the reliability r: `t r / (1 + (t − 1) r)` (Spearman 1910, Brown 1910).
/// Minus infinity where r is so far below 0 that there is none.
pub fn stepped_up(r: f64, times: f64) -> f64 {
    let below = 1.0 + (times - 1.0) * r;
    if below > 0.0 { times * r / below } else { f64::NEG_INFINITY }
}

fn at_least_two(moments: &Moments) -> Result<usize, PsychometricsError> {
    let found = moments.n_items();
    if found < 2 {
        let hint = "a single item has no internal consistency: ask it twice, or leave it out of the gates";
        return Err(PsychometricsError::TooFewItems { what: "alpha", needed: 2, found, hint });
    }
    Ok(found)
}

fn alpha_of(covariances: &Symmetric) -> Option<f64> {
    let (k, total) = (covariances.order() as f64, sum(covariances));
    (total > 0.0).then(|| k / (k - 1.0) * (1.0 - trace(covariances) / total))
}

fn average_correlation(covariances: &Symmetric) -> f64 {
    let order = covariances.order();
    let deviation = |item: usize| covariances.at(item, item).sqrt();
    let r = |one: usize, other: usize| covariances.at(one, other) / (deviation(one) * deviation(other));
    let all: f64 = (0..order).map(|one| (0..one).map(|other| r(one, other)).sum::<f64>()).sum();
    all / (order * (order - 1) / 2) as f64
}

/// `√(Q / n)` with `Q = 2 k² / ((k − 1)² (1ᵀS1)³) · {1ᵀS1 (tr S² + tr² S) − 2 tr S · 1ᵀS²1}`.
fn standard_error(covariances: &Symmetric, n: usize) -> f64 {
    let order = covariances.order();
    let (k, total, trace) = (order as f64, sum(covariances), trace(covariances));
    let row_sums = (0..order).map(|row| (0..order).map(|column| covariances.at(row, column)).sum::<f64>());
    let square_total: f64 = row_sums.map(|sum| sum * sum).sum();
    let square_trace: f64 =
        (0..order * order).map(|place| covariances.at(place / order, place % order).powi(2)).sum();
    let q = 2.0 * k * k / ((k - 1.0).powi(2) * total.powi(3))
        * (total * (square_trace + trace * trace) - 2.0 * trace * square_total);
    (q.max(0.0) / n as f64).sqrt()
}

/// `m₃ / m₂^1.5` of central moments with n below; 0 where nothing differs.
fn skewness(column: &[f64]) -> f64 {
    let known: Vec<f64> = column.iter().copied().filter(|x| !x.is_nan()).collect();
    let n = known.len() as f64;
    let mean = known.iter().sum::<f64>() / n;
    let moment = |power| known.iter().map(|x| (x - mean).powi(power)).sum::<f64>() / n;
    let square = moment(2);
    if square > 0.0 { moment(3) / square.powf(1.5) } else { 0.0 }
}
