//! Weights that make respondents stand for all customers: who answers is not who buys.
//!
//! The response propensity `e(x)` is a logistic regression on categories that are known for all; `w = 1 / e`, trimmed, then raked to the
//! margins of the population. What is left of the sample is Kish's effective size `n_eff = (Σ w)² / Σ w²`.
//!
//! Rosenbaum, P. R. and Rubin, D. B. (1983). The central role of the propensity score. Biometrika 70, 41–55. Deming, W. E. and Stephan,
//! F. F. (1940). On a least squares adjustment of a sampled frequency table. Annals of Mathematical Statistics 11, 427–444. Kish, L.
//! (1965). Survey Sampling, section 11.7.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::error::{TypingError, check_option};
use super::feature::NO_CODE;
use crate::learn::logistic::{LogisticSettings, fit};
use crate::learn::matrix::{RawMatrix, Suspects};
use crate::rank::quantile;

/// A category known for everybody.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Category<'a> {
    /// Its name.
    pub name: &'a str,
    /// A code for each person; [`NO_CODE`] where missing, which is a level like others.
    pub codes: &'a [u32],
}

/// How the population divides by a category.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Margin<'a> {
    /// Its name.
    pub name: &'a str,
    /// The level of each respondent, from 0.
    pub levels: &'a [u32],
    /// How many of the population, or what share of it, each level has.
    pub population: &'a [f64],
}

/// How respondents are weighted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct WeightSettings {
    /// Weights beyond this quantile, and below one less it, are cut to it; from above 0.5 to 1.
    pub trim: f64,
    /// The most rounds of raking.
    pub max_iterations: usize,
    /// Raking ends when no share is farther from the population's than this.
    pub tolerance: f64,
    /// Nothing is said of a segment with fewer effective respondents.
    pub least_effective: f64,
}

impl Default for WeightSettings {
    fn default() -> WeightSettings {
        WeightSettings { trim: 0.99, max_iterations: 50, tolerance: 1e-6, least_effective: 50.0 }
    }
}

/// How raking ended.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Raking {
    /// Whether all margins are met.
    pub converged: bool,
    /// How many rounds were made.
    pub n_iterations: usize,
    /// The largest distance of a share from the population's.
    pub most_gap: f64,
}

/// What a segment's respondents are worth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SegmentSize {
    /// How many respondents.
    pub n: usize,
    /// How many effective ones.
    pub n_effective: f64,
    /// The weighted share of all; none where too few respondents say nothing.
    pub share: Option<f64>,
}

/// `1 / e(x)` for each respondent, in the order of the persons, from categories of all persons, trimmed to quantiles.
///
/// Persons of equal categories are one row of the regression with their number as its weight, so that it takes as long as there are
/// different persons.
///
/// # Errors
/// Categories that do not have one code for each person; nobody or everybody responding; a `trim` out of range.
pub fn propensity_weights(
    categories: &[Category<'_>],
    responded: &[bool],
    settings: &WeightSettings,
) -> Result<Vec<f64>, TypingError> {
    check_option("trim", settings.trim, 0.5..=1.0, "give a quantile from 0.5 to 1, usually 0.99")?;
    let n_rows = responded.len();
    for category in categories {
        if category.codes.len() != n_rows {
            let what = format!("category `{}`", category.name);
            return Err(TypingError::Length { what, n_values: category.codes.len(), n_rows });
        }
    }
    let mut numbers: BTreeMap<Vec<u32>, usize> = BTreeMap::new();
    let mut counts: Vec<[f64; 2]> = vec![];
    let mut cell_of_respondent = vec![];
    let mut key = vec![0; categories.len()];
    for (row, responded) in responded.iter().enumerate() {
        key.iter_mut().zip(categories).for_each(|(code, category)| *code = category.codes[row]);
        let cell = match numbers.get(&key) {
            Some(cell) => *cell,
            None => {
                numbers.insert(key.clone(), counts.len());
                counts.push([0.0; 2]);
                counts.len() - 1
            }
        };
        counts[cell][usize::from(*responded)] += 1.0;
        if *responded {
            cell_of_respondent.push(cell);
        }
    }
    let propensities = propensities(categories, numbers, &counts)?;
    let mut weights: Vec<f64> = cell_of_respondent.iter().map(|cell| 1.0 / propensities[*cell]).collect();
    trim(&mut weights, settings.trim);
    Ok(weights)
}

/// Cuts weights to their quantiles `1 − upper` and `upper`.
pub fn trim(weights: &mut [f64], upper: f64) {
    let mut sorted = weights.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let (Some(low), Some(high)) = (quantile(&sorted, 1.0 - upper), quantile(&sorted, upper)) else { return };
    weights.iter_mut().for_each(|weight| *weight = weight.max(low).min(high));
}

/// Multiplies weights, margin after margin, until all margins are those of the population. Their sum stays.
///
/// # Errors
/// Margins that do not have a level for each respondent, levels that nobody of the population or no respondent has.
pub fn rake(
    weights: &mut [f64],
    margins: &[Margin<'_>],
    settings: &WeightSettings,
) -> Result<Raking, TypingError> {
    let targets: Vec<Vec<f64>> =
        margins.iter().map(|margin| target(margin, weights)).collect::<Result<_, _>>()?;
    let most_gap = |weights: &[f64]| {
        let total: f64 = weights.iter().sum();
        let gaps = margins.iter().zip(&targets).flat_map(|(margin, target)| {
            let sums = sums(margin, weights, target.len());
            sums.into_iter()
                .zip(target)
                .map(|(sum, target)| (sum / total - target).abs())
                .collect::<Vec<f64>>()
        });
        gaps.fold(0.0, f64::max)
    };
    let mut raking = Raking { converged: false, n_iterations: 0, most_gap: most_gap(weights) };
    loop {
        raking.converged = raking.most_gap <= settings.tolerance;
        if raking.converged || raking.n_iterations >= settings.max_iterations {
            return Ok(raking);
        }
        for (margin, target) in margins.iter().zip(&targets) {
            let total: f64 = weights.iter().sum();
            let sums = sums(margin, weights, target.len());
            let factors: Vec<f64> = sums
                .iter()
                .zip(target)
                .map(|(sum, target)| if *sum > 0.0 { target * total / sum } else { 1.0 })
                .collect();
            weights
                .iter_mut()
                .zip(margin.levels)
                .for_each(|(weight, level)| *weight *= factors[*level as usize]);
        }
        raking.n_iterations += 1;
        raking.most_gap = most_gap(weights);
    }
}

/// Kish's effective number `(Σ w)² / Σ w²`; 0 of nobody.
pub fn effective(weights: impl Iterator<Item = f64>) -> f64 {
    let (sum, squares) = weights.fold((0.0, 0.0), |(sum, squares), w| (sum + w, squares + w * w));
    if squares > 0.0 { sum * sum / squares } else { 0.0 }
}

/// What the respondents of each type are worth.
pub fn segment_sizes(
    weights: &[f64],
    types: &[u16],
    n_types: usize,
    settings: &WeightSettings,
) -> Vec<SegmentSize> {
    let total: f64 = weights.iter().sum();
    let of_type = |wanted: usize| {
        let own =
            || weights.iter().zip(types).filter(|(_, found)| usize::from(**found) == wanted).map(|(w, _)| *w);
        let n_effective = effective(own());
        let says = n_effective >= settings.least_effective;
        SegmentSize { n: own().count(), n_effective, share: says.then(|| own().sum::<f64>() / total) }
    };
    (0..n_types).map(of_type).collect()
}

/// The propensity of each cell: without categories the share of all, otherwise that of the regression.
fn propensities(
    categories: &[Category<'_>],
    numbers: BTreeMap<Vec<u32>, usize>,
    counts: &[[f64; 2]],
) -> Result<Vec<f64>, TypingError> {
    let mut cells = vec![vec![]; counts.len()];
    numbers.into_iter().for_each(|(codes, cell)| cells[cell] = codes);
    let (mut names, mut columns) = (vec![], vec![]);
    for (place, category) in categories.iter().enumerate() {
        let mut levels: Vec<u32> = cells.iter().map(|codes| codes[place]).collect();
        levels.sort_unstable();
        levels.dedup();
        for level in levels.iter().skip(1) {
            let label = if *level == NO_CODE { "(missing)".to_owned() } else { level.to_string() };
            names.push(format!("{place}:{}={label}", category.name));
            let has = cells.iter().map(|codes| f64::from(u8::from(codes[place] == *level)));
            columns.push(has.flat_map(|value| [value, value]).collect::<Vec<f64>>());
        }
    }
    let [no, yes] = counts.iter().fold([0.0; 2], |[no, yes], [n, y]| [no + n, yes + y]);
    if names.is_empty() {
        let share = yes / (yes + no);
        return Ok(vec![share; counts.len()]);
    }
    let raw = RawMatrix {
        names,
        columns,
        labels: counts.iter().flat_map(|_| [0, 1]).collect(),
        weights: Some(counts.iter().flatten().copied().collect()),
    };
    let matrix = raw.check(Suspects::Keep)?;
    let logistic = fit(&matrix, &LogisticSettings::default())?;
    let columns: Vec<&[f64]> = matrix.columns().iter().map(Vec::as_slice).collect();
    let margins = logistic.margins(&columns);
    Ok(margins.into_iter().step_by(2).map(crate::learn::explain::sigmoid).collect())
}

fn target(margin: &Margin<'_>, weights: &[f64]) -> Result<Vec<f64>, TypingError> {
    if margin.levels.len() != weights.len() {
        let (what, n_values) = (format!("margin `{}`", margin.name), margin.levels.len());
        return Err(TypingError::Length { what, n_values, n_rows: weights.len() });
    }
    let refuse = |level: usize, reason, hint| {
        Err(TypingError::Margin { margin: margin.name.to_owned(), level, reason, hint })
    };
    if let Some(level) = margin.population.iter().position(|n| !(n.is_finite() && *n >= 0.0)) {
        return refuse(level, "the population is no number of 0 or more", "count the population again");
    }
    let n_levels = margin.population.len();
    if let Some(level) = margin.levels.iter().find(|level| **level as usize >= n_levels) {
        return refuse(
            *level as usize,
            "the population has no such level",
            "count levels from 0, and give each its number",
        );
    }
    let sums = sums(margin, weights, n_levels);
    let total: f64 = margin.population.iter().sum();
    for (level, (sum, n)) in sums.iter().zip(margin.population).enumerate() {
        if *n > 0.0 && *sum <= 0.0 {
            return refuse(level, "no respondent stands for it", "join it with a neighbouring level");
        }
        if *n <= 0.0 && *sum > 0.0 {
            return refuse(
                level,
                "respondents have a level that nobody has",
                "check the population's numbers",
            );
        }
    }
    Ok(margin.population.iter().map(|n| n / total).collect())
}

fn sums(margin: &Margin<'_>, weights: &[f64], n_levels: usize) -> Vec<f64> {
    let mut sums = vec![0.0; n_levels];
    weights.iter().zip(margin.levels).for_each(|(weight, level)| sums[*level as usize] += weight);
    sums
}
