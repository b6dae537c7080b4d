//! Whether correlations are worth a factor analysis at all.

use serde::{Deserialize, Serialize};

use crate::psychometrics::chi_squared;
use crate::psychometrics::error::PsychometricsError;
use crate::psychometrics::matrix::{inverse, ln_determinant};
use crate::psychometrics::moments::Moments;

/// The Kaiser-Meyer-Olkin measure: `Σ r² / (Σ r² + Σ p²)` over pairs, with their partial correlations p given all other items. From .80 on
/// good, below .50 not worth analysing.
///
/// Kaiser, H. F. and Rice, J. (1974). Little jiffy, mark IV. Educational and Psychological Measurement 34, 111–117.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SamplingAdequacy {
    /// Over all pairs.
    pub overall: f64,
    /// Over the pairs of each item.
    pub items: Vec<f64>,
}

/// The KMO measure. Refuses one item, and items that are sums of multiples of others.
pub fn sampling_adequacy(moments: &Moments) -> Result<SamplingAdequacy, PsychometricsError> {
    let n_items = several(moments, "the Kaiser-Meyer-Olkin measure")?;
    let r = &moments.correlations;
    let inverse =
        inverse(r).map_err(|item| PsychometricsError::Collinear { item: moments.items[item].clone() })?;
    let (mut squares, mut partials) = (vec![0.0; n_items], vec![0.0; n_items]);
    for one in 0..n_items {
        for other in (0..n_items).filter(|other| *other != one) {
            squares[one] += r.at(one, other).powi(2);
            partials[one] +=
                inverse.at(one, other).powi(2) / (inverse.at(one, one) * inverse.at(other, other));
        }
    }
    // Items without any correlation at all share nothing.
    let share =
        |squares: f64, partials: f64| if squares > 0.0 { squares / (squares + partials) } else { 0.0 };
    Ok(SamplingAdequacy {
        overall: share(squares.iter().sum(), partials.iter().sum()),
        items: squares.iter().zip(&partials).map(|(squares, partials)| share(*squares, *partials)).collect(),
    })
}

/// Bartlett's test of whether the items correlate at all: `χ² = −(n − 1 − (2p + 5)/6) ln |R|` at `p (p − 1) / 2` degrees of freedom.
///
/// Bartlett, M. S. (1951). The effect of standardization on a χ² approximation in factor analysis. Biometrika 38, 337–344.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Sphericity {
    /// χ².
    pub chi_squared: f64,
    /// Its degrees of freedom.
    pub degrees_of_freedom: u64,
    /// How likely a greater one is where nothing correlates.
    pub p_value: f64,
}

/// Bartlett's test. Refuses one item, collinear items, and no more respondents than items.
pub fn sphericity(moments: &Moments) -> Result<Sphericity, PsychometricsError> {
    let what = "Bartlett's test";
    let n_items = several(moments, what)?;
    if moments.n <= n_items {
        let (needed, found) = (n_items + 1, moments.n);
        return Err(PsychometricsError::TooFewRespondents { what, needed, found });
    }
    let ln_determinant = ln_determinant(&moments.correlations).ok_or_else(|| {
        let last = inverse(&moments.correlations).err().unwrap_or(n_items - 1);
        PsychometricsError::Collinear { item: moments.items[last].clone() }
    })?;
    let p = n_items as f64;
    // With hardly more respondents than two items the correction would turn the sign.
    let chi_squared = -(moments.n as f64 - 1.0 - (2.0 * p + 5.0) / 6.0).max(0.0) * ln_determinant;
    let degrees_of_freedom = (n_items * (n_items - 1) / 2) as u64;
    let p_value = chi_squared::survival(chi_squared, degrees_of_freedom as f64);
    Ok(Sphericity { chi_squared: chi_squared.max(0.0), degrees_of_freedom, p_value })
}

pub(crate) fn several(moments: &Moments, what: &'static str) -> Result<usize, PsychometricsError> {
    let found = moments.n_items();
    if found < 2 {
        let hint = "give the items of a whole block";
        return Err(PsychometricsError::TooFewItems { what, needed: 2, found, hint });
    }
    Ok(found)
}
