//! Groups worth a look: who stands out by a goal, as conditions that anyone can read, and only where it holds on customers that were not
//! searched.
//!
//! Half of the customers are searched: a beam search over conjunctions of quantile cuts and categories keeps the best of each depth, and
//! of those the ones in which no condition is idle. What it finds always looks good, since it was chosen for that. So the best few, those that are not the same customers in other words, are held
//! against the other half: there each is one question that was asked beforehand, and Benjamini and Yekutieli's procedure, which holds
//! however the groups overlap, keeps the share of false ones among those reported at 5 %. Where the goal has nothing to do with the traits,
//! all would be false, so in 95 % of such cases nothing is reported.
//!
//! Klösgen, W. (1996). Explora: a multipattern and multistrategy discovery assistant. In Advances in Knowledge Discovery and Data Mining,
//! 249–271 (subgroup discovery). Lavrač, N., Kavšek, B., Flach, P. and Todorovski, L. (2004). Subgroup discovery with CN2-SD. Journal of
//! Machine Learning Research 5, 153–188 (weighted relative accuracy). Benjamini, Y. and Yekutieli, D. (2001). The control of the false
//! discovery rate in multiple testing under dependency. Annals of Statistics 29, 1165–1188.

mod check;
mod conditions;
mod members;
mod search;
#[cfg(test)]
mod tests;

use self::check::Checked;
use self::search::Found;
use crate::cluster::error::ClusterError;
use crate::cluster::resample::{halves, seed_at};
use crate::cluster::rules::{Column, Condition, check as check_columns};
use crate::significance::benjamini_yekutieli;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::fmt::{Display, Formatter};

/// With fewer customers in a half, none can be told to stand out.
const FEWEST_ROWS: usize = 50;

/// What customers are to stand out by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Goal<'a> {
    /// Whether something happened.
    Binary(&'a [bool]),
    /// How much; finite numbers.
    Numeric(&'a [f64]),
}

/// Which groups are the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Quality {
    /// Weighted relative accuracy, `n_g / n · (m_g − m)`, m being the mean of the goal: large groups as well as far ones.
    WeightedAccuracy,
    /// `m_g / m` for goals of one sign, otherwise `m_g − m`: the farthest groups of those that are large enough.
    Lift,
}

/// Which way customers are to stand out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Direction {
    /// With more of the goal than others.
    Above,
    /// With less.
    Below,
}

/// How groups are searched and checked.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SubgroupOptions {
    /// Which groups are the best.
    pub quality: Quality,
    /// Which way they stand out.
    pub direction: Direction,
    /// How many conditions they may have, 1 to 5.
    pub depth: usize,
    /// How many groups of each depth are gone on with.
    pub width: usize,
    /// At how many quantiles a number may be cut.
    pub n_cuts: usize,
    /// The least share of customers that a group may have.
    pub least_share: f64,
    /// How many groups are checked at most. The fewer, the more surely each is told.
    pub n_checked: usize,
    /// Of two groups that are more alike than this (Jaccard), the better one is kept.
    pub most_alike: f64,
    /// The share of false groups among those reported, at most.
    pub false_share: f64,
}

impl Default for SubgroupOptions {
    fn default() -> Self {
        Self {
            quality: Quality::WeightedAccuracy,
            direction: Direction::Above,
            depth: 3,
            width: 50,
            n_cuts: 9,
            least_share: 0.02,
            n_checked: 10,
            most_alike: 0.8,
            false_share: 0.05,
        }
    }
}

/// A group that stands out. All figures but the quality are of the customers that were not searched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Subgroup {
    /// What its customers meet, all of it.
    pub conditions: Vec<Condition>,
    /// How good it looked where it was found.
    pub quality: f64,
    /// How many of `n_checked` customers are in it.
    pub n_rows: usize,
    /// How many customers it was checked on.
    pub n_checked: usize,
    /// The mean of the goal in it: a share, where the goal is binary.
    pub mean: f64,
    /// The same, and where it lies with 95 % confidence: by Wilson where the goal is binary, else within 1.96 standard errors.
    pub inside: Estimate,
    /// The mean of the goal over all who are not in it, likewise.
    pub outside: Estimate,
    /// The mean of the goal over all.
    pub mean_of_all: f64,
    /// `mean − mean_of_all`, and where it lies with 95 % confidence.
    pub difference: Estimate,
    /// `mean / mean_of_all`, and where it lies with 95 % confidence; none where the goal has values of both signs or is 0 for all.
    pub lift: Option<Estimate>,
    /// By how many standard errors of a blind draw the mean is off, in the direction asked for.
    pub standard_errors: f64,
    /// The chance of a mean as far off in as many customers drawn blindly, one-sided; among few customers it is 1/5,000 at the least.
    pub chance: f64,
    /// The same, adjusted for the number of groups checked (Benjamini and Yekutieli).
    pub adjusted_chance: f64,
}

/// A figure with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Display for Subgroup {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let conditions: Vec<String> = self.conditions.iter().map(Condition::to_string).collect();
        let share = 100.0 * self.n_rows as f64 / self.n_checked as f64;
        write!(
            f,
            "{}: {share:.0} % of customers, {:.3} where all have {:.3}",
            conditions.join(" and "),
            self.mean,
            self.mean_of_all
        )?;
        match self.lift {
            Some(Estimate { value, low, high }) => write!(f, " ({value:.2} times, {low:.2} to {high:.2})"),
            None => {
                let Estimate { value, low, high } = self.difference;
                write!(f, " ({value:+.3}, {low:+.3} to {high:+.3})")
            }
        }
    }
}

/// Finds the groups that stand out by a goal, the surest first; none, where none does.
///
/// # Errors
/// [`ClusterError`] for columns and a goal of unequal lengths, a goal that is not finite or the same for all, fewer than 100 customers,
/// and settings out of range.
pub fn subgroups(
    columns: &[Column],
    goal: Goal<'_>,
    options: &SubgroupOptions,
    seed: u64,
) -> Result<Vec<Subgroup>, ClusterError> {
    let n_rows = match goal {
        Goal::Binary(happened) => happened.len(),
        Goal::Numeric(values) => values.len(),
    };
    let (searched, held_out) = halves(n_rows, seed);
    subgroups_between(columns, goal, [&searched, &held_out], options, seed)
}

/// The same where it is known which rows are searched and which the groups are held against, as when the latter are of other customers
/// *and* of a later time. Rows in neither part play no role.
///
/// # Errors
/// As those of [`subgroups`], and where a row is not there or stands in the parts twice.
pub fn subgroups_between(
    columns: &[Column],
    goal: Goal<'_>,
    [searched, held_out]: [&[usize]; 2],
    options: &SubgroupOptions,
    seed: u64,
) -> Result<Vec<Subgroup>, ClusterError> {
    let goal = values_of(goal)?;
    check_columns(columns, goal.len())?;
    check_settings(options)?;
    check_parts(searched, held_out, goal.len())?;
    let found: Vec<Found> = search::search(columns, &goal, searched, options);
    let checked: Vec<Option<Checked>> = found
        .par_iter()
        .enumerate()
        .map(|(place, found)| {
            let seed = seed_at(seed, place as u64);
            check::check(columns, &goal, held_out, &found.conditions, options, seed)
        })
        .collect();
    let checked: Vec<Checked> = checked.into_iter().flatten().collect();
    // Groups that nobody of the other half is in were asked about too.
    let adjusted =
        benjamini_yekutieli(&checked.iter().map(|checked| checked.chance).collect::<Vec<_>>(), found.len());
    let mut reported: Vec<Subgroup> = checked
        .into_iter()
        .zip(adjusted)
        .filter(|(_, adjusted)| *adjusted <= options.false_share)
        .filter_map(|(checked, adjusted)| {
            let found = found.iter().find(|found| found.conditions == checked.conditions)?;
            Some(checked.reported(found.quality, adjusted))
        })
        .collect();
    reported.sort_by(|a, b| b.standard_errors.total_cmp(&a.standard_errors));
    Ok(reported)
}

fn values_of(goal: Goal<'_>) -> Result<Vec<f64>, ClusterError> {
    let values: Vec<f64> = match goal {
        Goal::Binary(happened) => happened.iter().map(|yes| f64::from(u8::from(*yes))).collect(),
        Goal::Numeric(values) => values.to_vec(),
    };
    let column = || "goal".to_owned();
    if let Some(row) = values.iter().position(|value| !value.is_finite()) {
        return Err(ClusterError::NotFinite { column: column(), row, value: values[row] });
    }
    match values.first() {
        None => Err(ClusterError::NoRows),
        Some(first) if values.iter().all(|value| value == first) => {
            Err(ClusterError::Constant { column: column() })
        }
        Some(_) => Ok(values),
    }
}

fn check_parts(searched: &[usize], held_out: &[usize], n_rows: usize) -> Result<(), ClusterError> {
    let mut is_taken = vec![false; n_rows];
    for row in searched.iter().chain(held_out) {
        match is_taken.get_mut(*row) {
            Some(is_taken) if !*is_taken => *is_taken = true,
            _ => {
                let hint = "give rows that there are, each in one part";
                return Err(ClusterError::Option { option: "rows", value: *row as f64, hint });
            }
        }
    }
    if searched.len().min(held_out.len()) < FEWEST_ROWS {
        let n_distinct = searched.len() + held_out.len();
        return Err(ClusterError::TooFewRows { n_distinct, n_clusters: 2 * FEWEST_ROWS });
    }
    Ok(())
}

fn check_settings(options: &SubgroupOptions) -> Result<(), ClusterError> {
    let refuse = |option, value, hint| Err(ClusterError::Option { option, value, hint });
    let counts = [("width", options.width), ("n_cuts", options.n_cuts), ("n_checked", options.n_checked)];
    if let Some((option, _)) = counts.into_iter().find(|(_, count)| *count == 0) {
        return refuse(option, 0.0, "give at least 1");
    }
    if !(1..=5).contains(&options.depth) {
        return refuse("depth", options.depth as f64, "give 1 to 5 conditions; 3 are usual");
    }
    let shares = [
        ("least_share", options.least_share),
        ("most_alike", options.most_alike),
        ("false_share", options.false_share),
    ];
    match shares.into_iter().find(|(_, share)| !(0.0..=1.0).contains(share)) {
        Some((option, value)) => refuse(option, value, "give a share from 0 to 1"),
        None => Ok(()),
    }
}
