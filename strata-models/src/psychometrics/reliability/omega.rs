//! McDonald's ω: reliability from factor loadings, which items need not share alike.
//!
//! McDonald, R. P. (1999). Test Theory: A Unified Treatment. Erlbaum. Zinbarg, R. E., Revelle, W., Yovel, I. and Li, W. (2005).
//! Cronbach's α, Revelle's β, and McDonald's ωH. Psychometrika 70, 123–133.

use serde::{Deserialize, Serialize};

use crate::clv::symmetric::Symmetric;
use crate::psychometrics::error::{PsychometricsError, Warning};
use crate::psychometrics::factors::extraction::extract;
use crate::psychometrics::factors::{Extraction, Rotation, analyse};
use crate::psychometrics::matrix::{inverse, sum};
use crate::psychometrics::moments::Moments;

/// ω of one factor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Omega {
    /// `(Σλ)² / ((Σλ)² + Σθ)` in units of the answers: of the sum as it is scored. None of a Heywood case.
    pub total: Option<f64>,
    /// The same of standardised items. None of a Heywood case.
    pub standardised: Option<f64>,
    /// The standardised loadings.
    pub loadings: Vec<f64>,
    /// What a reader must know.
    pub warnings: Vec<Warning>,
}

/// ω of keyed items under one factor. Refuses fewer than three items, of which one factor is not determined.
pub fn omega(moments: &Moments, extraction: Extraction) -> Result<Omega, PsychometricsError> {
    let found = moments.n_items();
    if found < 3 {
        let hint = "take the Spearman-Brown coefficient of two items";
        return Err(PsychometricsError::TooFewItems { what: "omega", needed: 3, found, hint });
    }
    let solution = analyse(moments, 1, extraction, Rotation::None)?;
    let loadings = solution.factor(0);
    let deviations: Vec<f64> = (0..found).map(|item| moments.covariances.at(item, item).sqrt()).collect();
    let of = |deviation: &dyn Fn(usize) -> f64| {
        let common: f64 = loadings.iter().enumerate().map(|(item, l)| deviation(item) * l).sum();
        let own: f64 =
            solution.uniquenesses.iter().enumerate().map(|(item, u)| deviation(item).powi(2) * u).sum();
        common * common / (common * common + own)
    };
    let is_proper = !solution.is_heywood();
    Ok(Omega {
        total: is_proper.then(|| of(&|item| deviations[item])),
        standardised: is_proper.then(|| of(&|_| 1.0)),
        loadings,
        warnings: solution.warnings,
    })
}

/// ω of a general factor above group factors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HierarchicalOmega {
    /// The share of the sum's variance that is the general factor's: `(Σg)² / 1ᵀR1`. None of a Heywood case.
    pub hierarchical: Option<f64>,
    /// The share that is any factor's: `1 − Σu² / 1ᵀR1`. None of a Heywood case.
    pub total: Option<f64>,
    /// Each item's loading on the general factor.
    pub general: Vec<f64>,
    /// Each item's loadings on what is left of the group factors.
    pub groups: Vec<Vec<f64>>,
    /// What a reader must know.
    pub warnings: Vec<Warning>,
}

/// The fewest items in which three group factors can be told from a general one.
pub const FEWEST_ITEMS: usize = 9;

/// ωₕ by Schmid and Leiman's transformation of three oblique factors (minimum residual, oblimin): their correlations have one factor of
/// loadings h, so that an item with the pattern λ loads on the general factor by `Σ λⱼ hⱼ` and on a group by `λⱼ √(1 − hⱼ²)`.
///
/// Schmid, J. and Leiman, J. M. (1957). The development of hierarchical factor solutions. Psychometrika 22, 53–61.
pub fn hierarchical_omega(moments: &Moments) -> Result<HierarchicalOmega, PsychometricsError> {
    let found = moments.n_items();
    if found < FEWEST_ITEMS {
        let (what, needed) = ("hierarchical omega", FEWEST_ITEMS);
        let hint = "take total omega, for three groups of so few items cannot be told apart";
        return Err(PsychometricsError::TooFewItems { what, needed, found, hint });
    }
    let solution = analyse(moments, 3, Extraction::MinimumResidual, Rotation::Oblimin)?;
    let mut warnings = solution.warnings.clone();
    let mut between = Symmetric::zeros(3);
    for row in 0..3 {
        (0..=row).for_each(|column| between.set(row, column, solution.factor_correlations[row][column]));
    }
    let inverse = inverse(&between).map_err(|_| PsychometricsError::NotFound {
        what: "hierarchical omega",
        reason: "two group factors are one",
        hint: "take total omega of one factor",
    })?;
    let start: Vec<f64> = (0..3).map(|factor| 1.0 / inverse.at(factor, factor)).collect();
    let (second, _) = extract(&between, 1, Extraction::MinimumResidual, &start)?;
    let flip = if second.iter().map(|row| row[0]).sum::<f64>() < 0.0 { -1.0 } else { 1.0 };
    let second: Vec<f64> = second.iter().map(|row| flip * row[0]).collect();
    if let Some((factor, h)) = second.iter().enumerate().find(|(_, h)| h.abs() > 0.9975) {
        let item = format!("group factor {}", factor + 1);
        warnings.push(Warning::Heywood { item, uniqueness: 1.0 - h * h });
    }
    let along = |row: &Vec<f64>| row.iter().zip(&second).map(|(l, h)| l * h).sum::<f64>();
    let general: Vec<f64> = solution.loadings.iter().map(along).collect();
    if let Some(item) = general.iter().position(|g| *g < 0.0) {
        warnings.push(Warning::MixedSigns { item: moments.items[item].clone() });
    }
    let own =
        |row: &Vec<f64>| row.iter().zip(&second).map(|(l, h)| l * (1.0 - h * h).max(0.0).sqrt()).collect();
    let groups: Vec<Vec<f64>> = solution.loadings.iter().map(own).collect();
    let all = sum(&moments.correlations);
    let is_proper = !warnings.iter().any(|warning| matches!(warning, Warning::Heywood { .. })) && all > 0.0;
    Ok(HierarchicalOmega {
        hierarchical: is_proper.then(|| general.iter().sum::<f64>().powi(2) / all),
        total: is_proper.then(|| 1.0 - solution.uniquenesses.iter().sum::<f64>() / all),
        general,
        groups,
        warnings,
    })
}
