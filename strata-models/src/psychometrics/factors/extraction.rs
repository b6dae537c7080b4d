//! Factor analysis: correlations as `R = Λ Λᵀ + Ψ`, loadings Λ of items on factors and uniquenesses Ψ.

use serde::{Deserialize, Serialize};

use super::adequacy::several;
use super::rotation::{Rotation, rotate};
use crate::clv::optimise::{Evaluation, Scale, Search, maximise};
use crate::clv::symmetric::Symmetric;
use crate::psychometrics::chi_squared;
use crate::psychometrics::error::{PsychometricsError, Warning};
use crate::psychometrics::matrix::{Rows, eigen, inverse, ln_determinant};
use crate::psychometrics::moments::Moments;

/// What makes loadings best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Extraction {
    /// The greatest likelihood of normal answers. Jöreskog, K. G. (1967). Some contributions to maximum likelihood factor analysis.
    /// Psychometrika 32, 443–482.
    MaximumLikelihood,
    /// The least squares of what correlations leave. Harman, H. H. and Jones, W. H. (1966). Factor analysis by minimizing residuals.
    /// Psychometrika 31, 351–368.
    MinimumResidual,
}

/// Factors, found and turned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FactorSolution {
    /// How the factors were found.
    pub extraction: Extraction,
    /// How they were turned.
    pub rotation: Rotation,
    /// The items.
    pub items: Vec<String>,
    /// For each item its loadings (the pattern), factors from the one that explains most; each factor points to where its loadings sum
    /// to more than 0.
    pub loadings: Vec<Vec<f64>>,
    /// The correlations between factors.
    pub factor_correlations: Vec<Vec<f64>>,
    /// The share of each item's variance that is its own.
    pub uniquenesses: Vec<f64>,
    /// How well it fits; none of a Heywood case.
    pub fit: Option<Fit>,
    /// What a reader must know.
    pub warnings: Vec<Warning>,
}

/// How well factors reproduce correlations.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// `F = ln |Σ| − ln |R| + tr(R Σ⁻¹) − p` with `Σ = Λ Λᵀ + Ψ`.
    pub discrepancy: f64,
    /// `χ² = (n − 1 − (2p + 5)/6 − 2m/3) F` of m factors.
    pub chi_squared: f64,
    /// `((p − m)² − p − m) / 2`.
    pub degrees_of_freedom: u64,
    /// How likely a greater χ² is where the factors are all there is; none at 0 degrees of freedom.
    pub p_value: Option<f64>,
    /// The root mean square error of approximation, `√max(0, χ²/(n df) − 1/(n − 1))`; none at 0 degrees of freedom. Below .06 good.
    pub rmsea: Option<f64>,
    /// The Tucker-Lewis index, `(χ²₀/df₀ − χ²/df) / (χ²₀/df₀ − 1)` against no factors; none at 0 degrees of freedom. From .95 on good.
    pub tucker_lewis: Option<f64>,
}

impl FactorSolution {
    /// How many factors.
    pub fn n_factors(&self) -> usize {
        self.factor_correlations.len()
    }

    /// The loadings on one factor.
    pub fn factor(&self, factor: usize) -> Vec<f64> {
        self.loadings.iter().map(|row| row[factor]).collect()
    }

    /// The items of which the factors explain all, which cannot be.
    pub fn is_heywood(&self) -> bool {
        self.warnings.iter().any(|warning| matches!(warning, Warning::Heywood { .. }))
    }
}

/// A uniqueness below this is a Heywood case.
const LEAST_UNIQUENESS: f64 = 0.005;

/// Factors of correlations. Refuses more factors than the items can tell (degrees of freedom below 0, at three factors fewer than six
/// items), fewer respondents than items, and collinear items.
pub fn analyse(
    moments: &Moments,
    n_factors: usize,
    extraction: Extraction,
    rotation: Rotation,
) -> Result<FactorSolution, PsychometricsError> {
    let n_items = several(moments, "a factor analysis")?;
    let (p, m) = (n_items as f64, n_factors as f64);
    let twice_freedom = (p - m).powi(2) - p - m;
    if n_factors == 0 || n_factors >= n_items || twice_freedom < 0.0 {
        let hint = "ask for at least one factor and fewer than half of the items";
        return Err(PsychometricsError::Option { option: "n_factors", value: m, hint });
    }
    if moments.n <= n_items {
        let (what, needed, found) = ("a factor analysis", n_items + 1, moments.n);
        return Err(PsychometricsError::TooFewRespondents { what, needed, found });
    }
    let r = &moments.correlations;
    let inverse =
        inverse(r).map_err(|item| PsychometricsError::Collinear { item: moments.items[item].clone() })?;
    // One minus the squared multiple correlation with all other items.
    let start: Vec<f64> = (0..n_items).map(|item| 1.0 / inverse.at(item, item)).collect();
    let (loadings, converged) = extract(r, n_factors, extraction, &start)?;
    let communality = |row: &Vec<f64>| row.iter().map(|l| l * l).sum::<f64>();
    let uniquenesses: Vec<f64> = loadings.iter().map(|row| 1.0 - communality(row)).collect();
    let mut warnings = moments.warnings.clone();
    for (item, uniqueness) in moments.items.iter().zip(&uniquenesses) {
        if *uniqueness < LEAST_UNIQUENESS {
            warnings.push(Warning::Heywood { item: item.clone(), uniqueness: *uniqueness });
        }
    }
    let is_proper = warnings.len() == moments.warnings.len();
    if !converged && is_proper {
        warnings.push(Warning::NotConverged { what: "the factor analysis".to_owned() });
    }
    let fit =
        is_proper.then(|| fit(moments, &loadings, &uniquenesses, (twice_freedom / 2.0) as u64)).flatten();
    let turned = rotate(&loadings, rotation);
    if !turned.converged {
        warnings.push(Warning::NotConverged { what: "the rotation of the factors".to_owned() });
    }
    Ok(FactorSolution {
        extraction,
        rotation,
        items: moments.items.clone(),
        loadings: turned.loadings,
        factor_correlations: turned.correlations,
        uniquenesses,
        fit,
        warnings,
    })
}

/// Unrotated loadings, and whether the search came to rest.
///
/// At given uniquenesses the best loadings are eigenvectors, so that only the uniquenesses are searched for, by Newton's method.
pub(crate) fn extract(
    r: &Symmetric,
    n_factors: usize,
    extraction: Extraction,
    start: &[f64],
) -> Result<(Rows, bool), PsychometricsError> {
    let criterion = |uniquenesses: &[f64]| match extraction {
        Extraction::MaximumLikelihood => likelihood(r, n_factors, uniquenesses),
        Extraction::MinimumResidual => residual(r, n_factors, uniquenesses),
    };
    let lower: Vec<f64> = start.iter().map(|u| 0.6 * u).collect();
    let scales = vec![Scale::Positive; r.order()];
    let search = Search { penalty: 0.0, most_steps: 200, tolerance: 1e-13 };
    let Some(best) = maximise(criterion, &scales, &[start.to_vec(), lower], &search) else {
        return Err(PsychometricsError::NotFound {
            what: "the factor analysis",
            reason: "the criterion is not finite where the search begins",
            hint: "leave out items that hardly differ from each other",
        });
    };
    let uniquenesses = best.parameters;
    let roots: Vec<f64> = match extraction {
        Extraction::MaximumLikelihood => uniquenesses.iter().map(|u| u.sqrt()).collect(),
        Extraction::MinimumResidual => vec![1.0; r.order()],
    };
    let eigen = match extraction {
        Extraction::MaximumLikelihood => eigen(&scaled(r, &uniquenesses)),
        Extraction::MinimumResidual => eigen(&reduced(r, &uniquenesses)),
    };
    let shift = if extraction == Extraction::MaximumLikelihood { 1.0 } else { 0.0 };
    let loading = |item: usize, (value, vector): &(f64, Vec<f64>)| {
        roots[item] * (value - shift).max(0.0).sqrt() * vector[item]
    };
    let loadings =
        (0..r.order()).map(|item| eigen.iter().take(n_factors).map(|pair| loading(item, pair)).collect());
    Ok((loadings.collect(), best.converged))
}

/// `Ψ^−½ R Ψ^−½`.
fn scaled(r: &Symmetric, uniquenesses: &[f64]) -> Symmetric {
    let mut scaled = r.clone();
    for row in 0..r.order() {
        for column in 0..=row {
            scaled.set(row, column, r.at(row, column) / (uniquenesses[row] * uniquenesses[column]).sqrt());
        }
    }
    scaled
}

/// `R − Ψ`.
pub(crate) fn reduced(r: &Symmetric, uniquenesses: &[f64]) -> Symmetric {
    let mut reduced = r.clone();
    uniquenesses.iter().enumerate().for_each(|(item, u)| reduced.set(item, item, r.at(item, item) - u));
    reduced
}

/// `−Σ (e − ln e − 1)` over the eigenvalues e of `Ψ^−½ R Ψ^−½` beyond the first m, with exact derivatives by Ψ.
///
/// By θ = ln ψ, with eigenvectors ω: `∂f/∂θᵢ = Σₖ (1 − eₖ) ωᵢₖ²` for the sum f; in the second derivatives, pairs of eigenvectors k, l beyond m
/// enter as `(eₖ + eₗ)/2 · qₖ qₗ`, each with one l among the first m as `(1 − eₖ)(eₖ + eₗ)/(eₗ − eₖ) qₖ qₗ`, where `qₖ = ωᵢₖ ωⱼₖ`.
fn likelihood(r: &Symmetric, n_factors: usize, uniquenesses: &[f64]) -> Evaluation {
    let eigen = eigen(&scaled(r, uniquenesses));
    let (first, rest) = eigen.split_at(n_factors);
    let value = rest.iter().map(|(e, _)| e - e.max(f64::MIN_POSITIVE).ln() - 1.0).sum::<f64>();
    let order = r.order();
    let slopes: Vec<f64> =
        (0..order).map(|i| rest.iter().map(|(e, w)| (1.0 - e) * w[i] * w[i]).sum()).collect();
    let mut hessian = Symmetric::zeros(order);
    for i in 0..order {
        for j in 0..=i {
            let (mut plain, mut weighted, mut across) = (0.0, 0.0, 0.0);
            for (e, w) in rest {
                let q = w[i] * w[j];
                plain += q;
                weighted += e * q;
                for (great, v) in first {
                    across += (1.0 - e) * (e + great) / (great - e) * q * v[i] * v[j];
                }
            }
            let second = plain * weighted + across;
            // By ψ itself, as the optimiser asks.
            let own = if i == j { slopes[i] } else { 0.0 };
            hessian.set(i, j, -(second - own) / (uniquenesses[i] * uniquenesses[j]));
        }
    }
    let gradient = slopes.iter().zip(uniquenesses).map(|(slope, u)| -slope / u).collect();
    Evaluation { value: -value, gradient, hessian }
}

/// `−½ Σ γ²` over the eigenvalues γ of `R − Ψ` beyond the first m, with exact derivatives by Ψ.
fn residual(r: &Symmetric, n_factors: usize, uniquenesses: &[f64]) -> Evaluation {
    let eigen = eigen(&reduced(r, uniquenesses));
    let (first, rest) = eigen.split_at(n_factors);
    let order = r.order();
    let value = 0.5 * rest.iter().map(|(g, _)| g * g).sum::<f64>();
    let gradient = (0..order).map(|i| rest.iter().map(|(g, v)| g * v[i] * v[i]).sum()).collect();
    let mut hessian = Symmetric::zeros(order);
    for i in 0..order {
        for j in 0..=i {
            let (mut plain, mut across) = (0.0, 0.0);
            for (g, v) in rest {
                let q = v[i] * v[j];
                plain += q;
                for (great, w) in first {
                    across += 2.0 * g / (g - great) * q * w[i] * w[j];
                }
            }
            hessian.set(i, j, -(plain * plain + across));
        }
    }
    Evaluation { value: -value, gradient, hessian }
}

fn fit(moments: &Moments, loadings: &Rows, uniquenesses: &[f64], degrees_of_freedom: u64) -> Option<Fit> {
    let r = &moments.correlations;
    let order = r.order();
    let mut model = Symmetric::zeros(order);
    for row in 0..order {
        for column in 0..=row {
            let common: f64 = loadings[row].iter().zip(&loadings[column]).map(|(a, b)| a * b).sum();
            model.set(row, column, common + if row == column { uniquenesses[row] } else { 0.0 });
        }
    }
    let inverse = inverse(&model).ok()?;
    let cells = (0..order).flat_map(|row| (0..order).map(move |column| (row, column)));
    let trace: f64 = cells.map(|(row, column)| r.at(row, column) * inverse.at(row, column)).sum();
    let null = -ln_determinant(r)?;
    let discrepancy = (ln_determinant(&model)? + null + trace - order as f64).max(0.0);
    let (n, p, m) = (moments.n as f64, order as f64, loadings.first().map_or(0, Vec::len) as f64);
    let multiplier = (n - 1.0 - (2.0 * p + 5.0) / 6.0 - 2.0 * m / 3.0).max(0.0);
    let chi_squared = multiplier * discrepancy;
    let freedom = degrees_of_freedom as f64;
    let is_free = degrees_of_freedom > 0;
    let null_ratio = multiplier * null / (p * (p - 1.0) / 2.0);
    Some(Fit {
        discrepancy,
        chi_squared,
        degrees_of_freedom,
        p_value: is_free.then(|| chi_squared::survival(chi_squared, freedom)),
        rmsea: is_free.then(|| (chi_squared / (n * freedom) - 1.0 / (n - 1.0)).max(0.0).sqrt()),
        tucker_lewis: (is_free && null_ratio > 1.0)
            .then(|| (null_ratio - chi_squared / freedom) / (null_ratio - 1.0)),
    })
}
