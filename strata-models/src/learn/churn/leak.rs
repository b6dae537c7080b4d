//! Columns that know too much.

use std::collections::HashMap;

use rand_chacha::rand_core::RngCore;

use super::importance::{N_PERMUTATIONS, Seen, some_rows};
use super::{ChurnError, ChurnSettings, Parts};
use crate::learn::chance::Places;
use crate::learn::matrix::Fault;
use crate::learn::measure::auc;
use crate::learn::model::Model;

/// When a column is suspected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LeakRule {
    /// Alone, a column that ranks rows as well as this is not plausible, whatever it is. An area under the curve.
    pub implausible_auc: f64,
    /// A column is lagged only if alone it ranks rows at least as well as this.
    pub lagged_from_auc: f64,
    /// It is suspected if less than this share of the model's use of it is left by the values of the date before.
    pub least_retained: f64,
}

impl Default for LeakRule {
    fn default() -> LeakRule {
        LeakRule { implausible_auc: 0.95, lagged_from_auc: 0.8, least_retained: 1.0 / 3.0 }
    }
}

/// A column that may hold what happened after the date.
#[derive(Debug, Clone, PartialEq)]
pub struct Suspicion {
    /// Its name.
    pub column: String,
    /// What speaks against it.
    pub sign: Sign,
}

/// What speaks against a column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sign {
    /// It tells the label of every training row, and was not learned from.
    EqualsLabel,
    /// Alone, it ranks the last block's rows with this area under the curve.
    ImplausibleAuc {
        /// The area, at least a half.
        auc: f64,
    },
    /// The model's use of it vanishes with the values of the date before.
    CollapsesWhenLagged {
        /// The area under the curve of the column alone.
        auc: f64,
        /// What is left of the use: 1 where the old values do as well, 0 or less where they do as badly as a stranger's.
        retained: f64,
    },
}

/// Fewer customers than this, present at both dates, say nothing about a lag.
const LEAST_LAGGED: usize = 100;

/// The first sign against each column, in the order of the columns.
pub(super) fn suspicions(
    model: &Model,
    parts: &Parts,
    settings: &ChurnSettings,
    random: &mut impl RngCore,
) -> Result<Vec<Suspicion>, ChurnError> {
    let equal = parts.train.dropped().iter().filter(|dropped| dropped.reason == Fault::EqualsLabel);
    let mut found: Vec<Suspicion> =
        equal.map(|dropped| Suspicion { column: dropped.column.clone(), sign: Sign::EqualsLabel }).collect();
    let names = model.learner.names();
    let of_test = |source| ChurnError::Block { date: parts.test_date, source };
    let columns = parts.test.select(names).map_err(of_test)?;
    let pairs = pairs(parts, settings.n_permuted, Places::new(random));
    for (place, (name, column)) in names.iter().zip(columns).enumerate() {
        let auc = auc_alone(column, parts.test.labels());
        let is_exempt = settings.recency.as_ref() == Some(name) || pairs.len() < LEAST_LAGGED;
        if auc >= settings.leak.implausible_auc {
            found.push(Suspicion { column: name.clone(), sign: Sign::ImplausibleAuc { auc } });
        } else if auc >= settings.leak.lagged_from_auc && !is_exempt {
            let retained = retained(model, parts, place, &pairs, random)?;
            if let Some(retained) = retained.filter(|retained| *retained < settings.leak.least_retained) {
                let sign = Sign::CollapsesWhenLagged { auc, retained };
                found.push(Suspicion { column: name.clone(), sign });
            }
        }
    }
    Ok(found)
}

/// How well a column alone ranks rows, in whichever direction and with missing values on whichever end is better.
fn auc_alone(column: &[f64], labels: &[u8]) -> f64 {
    let with_missing_as = |end: f64| {
        let scores: Vec<f64> = column.iter().map(|value| if value.is_nan() { end } else { *value }).collect();
        auc(&scores, labels).map_or(0.5, |auc| auc.max(1.0 - auc))
    };
    with_missing_as(f64::NEG_INFINITY).max(with_missing_as(f64::INFINITY))
}

/// The row at the last date and the row at the date before of customers who are in both, some of them by chance.
fn pairs(parts: &Parts, n_wanted: usize, places: Places) -> Vec<(usize, usize)> {
    let [before, last] = &parts.customers;
    let row_before: HashMap<u64, usize> =
        before.iter().enumerate().map(|(row, customer)| (*customer, row)).collect();
    let both: Vec<(usize, usize)> = last
        .iter()
        .enumerate()
        .filter_map(|(row, customer)| Some((row, *row_before.get(customer)?)))
        .collect();
    let chosen = some_rows(both.len(), n_wanted, places);
    chosen.into_iter().filter_map(|place| both.get(place).copied()).collect()
}

/// With log losses L as it is, with the column's values of the date before, and with the column permuted:
/// `1 − (L_lagged − L) / (L_permuted − L)`. None where the model makes no use of the column.
fn retained(
    model: &Model,
    parts: &Parts,
    place: usize,
    pairs: &[(usize, usize)],
    random: &mut impl RngCore,
) -> Result<Option<f64>, ChurnError> {
    let rows: Vec<usize> = pairs.iter().map(|(row, _)| *row).collect();
    let mut seen = Seen::of(model, parts, &rows)?;
    let of_before = |source| ChurnError::Block { date: parts.calibrate_date, source };
    let before = parts.calibrate.select(&model.learner.names()[place..=place]).map_err(of_before)?;
    let now = seen.figures().0;
    let values = std::mem::take(&mut seen.columns[place]);
    let mut permuted = 0.0;
    for _ in 0..N_PERMUTATIONS {
        let order = Places::new(random).order(rows.len());
        seen.columns[place] = order.iter().map(|row| values[*row]).collect();
        permuted += seen.figures().0 / N_PERMUTATIONS as f64;
    }
    seen.columns[place] = pairs.iter().map(|(_, row)| before[0][*row]).collect();
    let lagged = seen.figures().0;
    let use_of_it = permuted - now;
    Ok((use_of_it > 1e-3).then(|| 1.0 - (lagged - now) / use_of_it))
}
