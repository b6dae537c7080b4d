//! Which traits deserve to define segments: few, each known of most customers, each the same tomorrow, none twice in other words.
//!
//! A trait that is said three times counts three times in every distance, and one that changes by chance makes customers change segments by
//! chance. Traits are taken one after the other, the best first; what much of a chosen one already tells is left out, with the reason.

mod association;
#[cfg(test)]
mod tests;

use self::association::information_gain;
pub use self::association::{Association, association};
use super::error::ClusterError;
use super::preparation::refuse;
use super::resample::sample;
use super::rules::{Column, Values, check};
use crate::learn::measure::auc;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::fmt::{Display, Formatter};

/// What is asked of traits.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct KeyVariableOptions {
    /// How many traits at most.
    pub most_traits: usize,
    /// The greatest share of rows without a value.
    pub most_missing: f64,
    /// The least association of a trait with itself at another time.
    pub least_stability: f64,
    /// The least that a trait tells of the goal, where there is one: mutual information in parts of the goal's entropy.
    pub least_relevance: f64,
    /// The greatest association with a chosen trait.
    pub most_redundancy: f64,
    /// With more rows, as many are drawn.
    pub most_rows: usize,
}

impl Default for KeyVariableOptions {
    fn default() -> Self {
        let (most_traits, most_rows) = (12, 20_000);
        Self {
            most_traits,
            most_missing: 0.2,
            least_stability: 0.4,
            least_relevance: 0.01,
            most_redundancy: 0.7,
            most_rows,
        }
    }
}

/// A trait to consider.
#[derive(Debug, Clone, Copy)]
pub struct Contender<'a> {
    /// Its values.
    pub column: &'a Column,
    /// The same trait of the same customers, in the same order, from another half of the time or of their orders; none where it was
    /// measured once.
    pub again: Option<&'a Column>,
}

/// A trait with the reasons for and against it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Appraisal {
    /// The trait's name.
    pub name: String,
    /// The share of rows without a value.
    pub missing: f64,
    /// Its association with itself at another time, 0 to 1; none where that is not known.
    pub stability: Option<f64>,
    /// How much of the goal it tells: mutual information in parts of the goal's entropy; none without a goal.
    pub relevance: Option<f64>,
    /// The area under the curve by which a number tells the goal, whichever way it points: 0.5 to 1; none without a goal or for
    /// categories.
    pub auc: Option<f64>,
    /// What traits are ordered by: the share of rows with a value, times stability, times relevance, as far as they are known.
    pub score: f64,
    /// What was decided.
    pub decision: Decision,
}

/// Whether a trait should define segments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Decision {
    /// It should.
    Chosen,
    /// It has one value, or numbers the customers, or is infinite somewhere: the refusal in words.
    NoTrait {
        /// Why.
        reason: String,
    },
    /// Too few customers have a value.
    Missing,
    /// It changes too much by itself.
    Unstable,
    /// It tells nothing of the goal.
    Irrelevant,
    /// A chosen trait tells it already.
    Redundant {
        /// That trait.
        with: String,
        /// Their association.
        association: Association,
    },
    /// Others are better, and they are enough.
    Enough,
}

impl Display for Appraisal {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let name = &self.name;
        let missing = 100.0 * self.missing;
        match &self.decision {
            Decision::Chosen => {
                write!(f, "{name} is taken: {:.0} % of customers have a value", 100.0 - missing)?;
                if let Some(stability) = self.stability {
                    write!(f, ", it is stable ({stability:.2})")?;
                }
                if let Some(relevance) = self.relevance {
                    write!(f, ", it tells {:.1} % of the goal", 100.0 * relevance)?;
                }
                write!(f, ", and no trait taken before it says the same.")
            }
            Decision::NoTrait { reason } => write!(f, "{name} is left out: {reason}."),
            Decision::Missing => write!(f, "{name} is left out: {missing:.0} % of customers have no value."),
            Decision::Unstable => {
                let stability = self.stability.unwrap_or(0.0);
                write!(f, "{name} is left out: it changes too much by itself (stability {stability:.2}).")
            }
            Decision::Irrelevant => {
                let told = 100.0 * self.relevance.unwrap_or(0.0);
                write!(
                    f,
                    "{name} is left out: it tells nothing of the goal, or nearly nothing ({told:.1} %)."
                )
            }
            Decision::Redundant { with, association } => {
                let strength = association.strength().unwrap_or(0.0);
                write!(f, "{name} is left out: {with} says nearly the same (association {strength:.2}).")
            }
            Decision::Enough => write!(f, "{name} is left out: the traits taken are better, and enough."),
        }
    }
}

/// Appraises traits, those chosen first and in the order in which they were, then the others in the order given. `goal` is what segments are
/// for, where that is known: whether something happened to each customer.
///
/// # Errors
/// [`ClusterError`] for no traits, columns or a goal of unequal lengths, and settings out of range.
pub fn key_variables(
    contenders: &[Contender<'_>],
    goal: Option<&[bool]>,
    options: &KeyVariableOptions,
    seed: u64,
) -> Result<Vec<Appraisal>, ClusterError> {
    check_settings(options)?;
    let Some(first) = contenders.first() else { return Err(ClusterError::NoColumns) };
    let n_rows = first.column.n_rows();
    for column in contenders.iter().flat_map(|contender| [Some(contender.column), contender.again]).flatten()
    {
        check(std::slice::from_ref(column), n_rows)?;
    }
    if let Some(n_values) = goal.map(<[bool]>::len).filter(|n| *n != n_rows) {
        return Err(ClusterError::Lengths { column: "goal".to_owned(), n_values, n_rows });
    }
    let rows = sample(n_rows, options.most_rows, seed);
    let goal: Option<Vec<bool>> = goal.map(|goal| rows.iter().map(|row| goal[*row]).collect());
    let mut appraised: Vec<(Column, Appraisal)> = contenders
        .par_iter()
        .map(|contender| {
            // Whether it is a trait is seen in all rows, how good a one in some.
            let refusal = match &contender.column.values {
                Values::Numbers(values) => refuse(&contender.column.name, values).err(),
                Values::Categories { of_rows, .. } => one_level(of_rows)
                    .then(|| ClusterError::Constant { column: contender.column.name.clone() }),
            };
            let column = contender.column.at(&rows);
            let again = contender.again.map(|again| again.at(&rows));
            let appraisal = appraise(&column, again.as_ref(), goal.as_deref(), refusal, options);
            (column, appraisal)
        })
        .collect();
    choose(&mut appraised, options);
    appraised.sort_by_key(|(_, appraisal)| appraisal.decision != Decision::Chosen);
    let n_chosen = appraised.iter().filter(|(_, appraisal)| appraisal.decision == Decision::Chosen).count();
    appraised[..n_chosen].sort_by(|(_, a), (_, b)| b.score.total_cmp(&a.score));
    Ok(appraised.into_iter().map(|(_, appraisal)| appraisal).collect())
}

fn check_settings(options: &KeyVariableOptions) -> Result<(), ClusterError> {
    let refuse = |option, value, hint| Err(ClusterError::Option { option, value, hint });
    if options.most_traits == 0 {
        return refuse("most_traits", 0.0, "take at least 1; up to 12 are usual");
    }
    if options.most_rows < 100 {
        return refuse("most_rows", options.most_rows as f64, "take at least 100; 20,000 are usual");
    }
    let shares = [
        ("most_missing", options.most_missing),
        ("least_stability", options.least_stability),
        ("least_relevance", options.least_relevance),
        ("most_redundancy", options.most_redundancy),
    ];
    match shares.into_iter().find(|(_, share)| !(0.0..=1.0).contains(share)) {
        Some((option, value)) => refuse(option, value, "give a share from 0 to 1"),
        None => Ok(()),
    }
}

fn one_level(of_rows: &[Option<u32>]) -> bool {
    let mut known = of_rows.iter().flatten();
    let first = known.next();
    known.all(|level| Some(level) == first)
}

fn appraise(
    column: &Column,
    again: Option<&Column>,
    goal: Option<&[bool]>,
    refusal: Option<ClusterError>,
    options: &KeyVariableOptions,
) -> Appraisal {
    let n_missing = (0..column.n_rows()).filter(|row| column.is_missing(*row)).count();
    let missing = n_missing as f64 / column.n_rows() as f64;
    let stability = again.map(|again| association(column, again).strength().unwrap_or(0.0));
    let relevance = goal.map(|goal| information_gain(column, goal).unwrap_or(0.0));
    let auc = match (&column.values, goal) {
        (Values::Numbers(values), Some(goal)) => {
            let known = values.iter().zip(goal).filter(|(value, _)| !value.is_nan());
            let (scores, labels): (Vec<f64>, Vec<u8>) =
                known.map(|(value, yes)| (*value, u8::from(*yes))).unzip();
            auc(&scores, &labels).map(|auc| auc.max(1.0 - auc))
        }
        _ => None,
    };
    let decision = match refusal {
        Some(refusal) => Decision::NoTrait { reason: refusal.to_string() },
        None if missing > options.most_missing => Decision::Missing,
        None if stability.is_some_and(|stability| stability < options.least_stability) => Decision::Unstable,
        None if relevance.is_some_and(|relevance| relevance < options.least_relevance) => {
            Decision::Irrelevant
        }
        None => Decision::Enough,
    };
    let score = (1.0 - missing) * stability.unwrap_or(1.0) * relevance.unwrap_or(1.0);
    Appraisal { name: column.name.clone(), missing, stability, relevance, auc, score, decision }
}

/// Takes traits that nothing speaks against, the best first and of equals the first, and says of the others why not.
fn choose(appraised: &mut [(Column, Appraisal)], options: &KeyVariableOptions) {
    let mut order: Vec<usize> =
        (0..appraised.len()).filter(|place| appraised[*place].1.decision == Decision::Enough).collect();
    order.sort_by(|a, b| appraised[*b].1.score.total_cmp(&appraised[*a].1.score).then(a.cmp(b)));
    let mut chosen: Vec<usize> = Vec::new();
    for place in order {
        let with_chosen: Vec<Association> =
            chosen.par_iter().map(|other| association(&appraised[place].0, &appraised[*other].0)).collect();
        let strongest = with_chosen
            .into_iter()
            .zip(&chosen)
            .max_by(|(a, _), (b, _)| a.strength().unwrap_or(0.0).total_cmp(&b.strength().unwrap_or(0.0)));
        let decision = match strongest {
            Some((association, with)) if association.strength().unwrap_or(0.0) > options.most_redundancy => {
                Decision::Redundant { with: appraised[*with].1.name.clone(), association }
            }
            _ if chosen.len() == options.most_traits => Decision::Enough,
            _ => Decision::Chosen,
        };
        if decision == Decision::Chosen {
            chosen.push(place);
        }
        appraised[place].1.decision = decision;
    }
}
