//! How many factors there are.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

use super::adequacy::several;
use super::extraction::{Extraction, extract, reduced};
use crate::clv::symmetric::Symmetric;
use crate::learn::chance::Places;
use crate::psychometrics::answers::Answers;
use crate::psychometrics::error::PsychometricsError;
use crate::psychometrics::matrix::{eigen, inverse};
use crate::psychometrics::moments::{Missing, Moments};
use crate::rank::quantile;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// The eigenvalues of the correlations, from the greatest down.
pub fn eigenvalues(moments: &Moments) -> Vec<f64> {
    eigen(&moments.correlations).into_iter().map(|(value, _)| value).collect()
}

/// Eigenvalues against those of the same answers shuffled within each item.
///
/// Horn, J. L. (1965). A rationale and test for the number of factors in factor analysis. Psychometrika 30, 179–185.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ParallelAnalysis {
    /// The eigenvalues of the correlations.
    pub components: Vec<f64>,
    /// The 95th percentile of each over shuffled answers.
    pub components_by_chance: Vec<f64>,
    /// How many components come before the first that chance reaches.
    pub n_components: usize,
    /// The eigenvalues with the communalities of one factor (minimum residual) on the diagonal.
    pub factors: Vec<f64>,
    /// The 95th percentile of each over shuffled answers.
    pub factors_by_chance: Vec<f64>,
    /// How many factors come before the first that chance reaches.
    pub n_factors: usize,
}

/// Parallel analysis with `n_shuffles` tables of shuffled answers, NaN shuffled with them. Refuses fewer than 20 shuffles, whose 95th
/// percentile would be the greatest, and what [`Moments::of`] refuses.
pub fn parallel_analysis(
    answers: &Answers<'_>,
    missing: Missing,
    n_shuffles: usize,
    seed: u64,
) -> Result<ParallelAnalysis, PsychometricsError> {
    if n_shuffles < 20 {
        let (value, hint) = (n_shuffles as f64, "take at least 20, better 100");
        return Err(PsychometricsError::Option { option: "n_shuffles", value, hint });
    }
    let moments = Moments::of(answers, missing)?;
    several(&moments, "a parallel analysis")?;
    let complete = answers.complete();
    // Listwise: shuffled among those who answered everything, or NaN would spread over all of them.
    let kept: Cow<'_, Answers<'_>> = match missing {
        Missing::Listwise if complete.len() < answers.n_respondents() => {
            Cow::Owned(answers.of_respondents(&complete)?)
        }
        _ => Cow::Borrowed(answers),
    };
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let chances: Vec<Vec<Places>> = (0..n_shuffles)
        .map(|_| (0..answers.n_items()).map(|_| Places::new(&mut generator)).collect())
        .collect();
    let shuffled: Vec<(Vec<f64>, Vec<f64>)> = chances
        .into_par_iter()
        .map(|chance| {
            let moments = Moments::of(&shuffle(&kept, &chance)?, missing)?;
            Ok((eigenvalues(&moments), factor_eigenvalues(&moments)?))
        })
        .collect::<Result<_, PsychometricsError>>()?;
    let (components, factors) = (eigenvalues(&moments), factor_eigenvalues(&moments)?);
    let (chance_components, chance_factors): (Vec<_>, Vec<_>) = shuffled.into_iter().unzip();
    let (components_by_chance, factors_by_chance) =
        (percentiles_95(&chance_components), percentiles_95(&chance_factors));
    Ok(ParallelAnalysis {
        n_components: n_above(&components, &components_by_chance),
        n_factors: n_above(&factors, &factors_by_chance),
        components,
        components_by_chance,
        factors,
        factors_by_chance,
    })
}

fn shuffle(answers: &Answers<'_>, chances: &[Places]) -> Result<Answers<'static>, PsychometricsError> {
    let n = answers.n_respondents();
    let columns = chances.iter().enumerate().map(|(item, chance)| {
        let column = answers.column(item);
        let order = chance.order(n);
        Cow::Owned(order.into_iter().map(|place| column[place]).collect::<Vec<f64>>())
    });
    Answers::new(answers.items().to_vec(), columns.collect())
}

fn factor_eigenvalues(moments: &Moments) -> Result<Vec<f64>, PsychometricsError> {
    let r = &moments.correlations;
    if moments.n_items() < 3 {
        return Ok(eigenvalues(moments));
    }
    let inverse =
        inverse(r).map_err(|item| PsychometricsError::Collinear { item: moments.items[item].clone() })?;
    let start: Vec<f64> = (0..r.order()).map(|item| 1.0 / inverse.at(item, item)).collect();
    let (loadings, _) = extract(r, 1, Extraction::MinimumResidual, &start)?;
    let uniquenesses: Vec<f64> = loadings.iter().map(|row| 1.0 - row[0] * row[0]).collect();
    Ok(eigen(&reduced(r, &uniquenesses)).into_iter().map(|(value, _)| value).collect())
}

fn percentiles_95(tables: &[Vec<f64>]) -> Vec<f64> {
    let n_values = tables.first().map_or(0, Vec::len);
    let at = |place: usize| {
        let mut values: Vec<f64> = tables.iter().map(|values| values[place]).collect();
        values.sort_by(f64::total_cmp);
        quantile(&values, 0.95).unwrap_or(f64::NAN)
    };
    (0..n_values).map(at).collect()
}

fn n_above(found: &[f64], by_chance: &[f64]) -> usize {
    found.iter().zip(by_chance).take_while(|(found, chance)| found > chance).count()
}

/// Velicer's minimum average partial: the mean squared partial correlation once m components are taken out, for m from 0.
///
/// Velicer, W. F. (1976). Determining the number of components from the matrix of partial correlations. Psychometrika 41, 321–327.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AveragePartials {
    /// The mean for m = 0, 1, …; it ends where components leave an item nothing.
    pub means: Vec<f64>,
    /// The m at which it is least.
    pub n_components: usize,
}

/// The average partials of correlations. Refuses one item.
pub fn average_partials(moments: &Moments) -> Result<AveragePartials, PsychometricsError> {
    let n_items = several(moments, "the minimum average partial")?;
    let eigen = eigen(&moments.correlations);
    let mut rest = moments.correlations.clone();
    let mut means = vec![mean_square_partial(&rest).unwrap_or(0.0)];
    for (value, vector) in eigen.iter().take(n_items - 2) {
        for row in 0..n_items {
            for column in 0..=row {
                rest.set(row, column, rest.at(row, column) - value * vector[row] * vector[column]);
            }
        }
        match mean_square_partial(&rest) {
            Some(mean) => means.push(mean),
            None => break,
        }
    }
    let least = means.iter().copied().fold(f64::INFINITY, f64::min);
    let n_components = means.iter().position(|mean| *mean == least).unwrap_or(0);
    Ok(AveragePartials { means, n_components })
}

fn mean_square_partial(rest: &Symmetric) -> Option<f64> {
    let order = rest.order();
    let mut sum = 0.0;
    for row in 0..order {
        for column in 0..row {
            let below = rest.at(row, row) * rest.at(column, column);
            if !(rest.at(row, row) > 1e-10 && rest.at(column, column) > 1e-10) {
                return None;
            }
            sum += rest.at(row, column).powi(2) / below;
        }
    }
    Some(sum / (order * (order - 1) / 2) as f64)
}
