//! The search of one half.

use super::conditions::{conditions, goes_with};
use super::members::Members;
use super::{Direction, Quality, SubgroupOptions};
use crate::cluster::rules::{Column, Condition};
use crate::clv::special::normal_quantile;
use rayon::prelude::*;

/// A group that was found.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) conditions: Vec<Condition>,
    pub(super) quality: f64,
    members: Members,
    /// The places of its conditions among all.
    atoms: Vec<usize>,
}

/// The best groups of the rows searched, the best first, without those that are much the same as a better one.
pub(super) fn search(
    columns: &[Column],
    goal: &[f64],
    rows: &[usize],
    options: &SubgroupOptions,
) -> Vec<Found> {
    let goal = Searched::of(goal, rows, options);
    let atoms: Vec<(Condition, Members)> = conditions(columns, rows, options.n_cuts)
        .into_iter()
        .filter_map(|condition| {
            let column = columns.iter().find(|column| column.name == condition.column)?;
            let members = Members::of(rows.len(), |place| condition.holds(column, rows[place]));
            Some((condition, members))
        })
        .collect();
    let everybody = Found {
        conditions: Vec::new(),
        quality: 0.0,
        members: Members::of(rows.len(), |_| true),
        atoms: Vec::new(),
    };
    let (mut beam, mut all) = (vec![everybody], Vec::new());
    for _ in 0..options.depth {
        let longer: Vec<(f64, usize, usize)> = beam
            .par_iter()
            .enumerate()
            .flat_map_iter(|(place, group)| {
                let goal = &goal;
                atoms.iter().enumerate().filter_map(move |(atom, (condition, members))| {
                    if !goes_with(&group.conditions, condition) {
                        return None;
                    }
                    let (n, sum) = group.members.sum_of_both(members, &goal.values);
                    let quality = goal.quality(n, sum)?;
                    // A condition that makes a group no better only makes it longer.
                    (quality > group.quality).then_some((quality, place, atom))
                })
            })
            .collect();
        beam = best(longer, &beam, &atoms, options.width);
        all.extend(beam.iter().cloned());
    }
    all.retain(|group| every_condition_tells(group, &atoms, &goal));
    // Of the same customers in more words and in fewer, the fewer.
    all.sort_by(|a, b| b.quality.total_cmp(&a.quality).then(a.conditions.len().cmp(&b.conditions.len())));
    let mut kept: Vec<Found> = Vec::new();
    for group in all {
        if kept.len() == options.n_checked {
            break;
        }
        if kept.iter().all(|better| better.members.jaccard(&group.members) <= options.most_alike) {
            kept.push(group);
        }
    }
    kept
}

/// Whether each condition of a group sets it apart from the customers that it keeps out, more than the best of as many conditions as there
/// are would by chance (Bonferroni's 5 %). Taken off the end of the search, not the way, since two may tell only together.
fn every_condition_tells(group: &Found, atoms: &[(Condition, Members)], goal: &Searched) -> bool {
    let bar = normal_quantile(1.0 - 0.05 / atoms.len().max(2) as f64);
    let (n, sum) = group.members.sum_of_both(&group.members, &goal.values);
    group.atoms.iter().all(|left_out| {
        let others = group.atoms.iter().filter(|atom| *atom != left_out);
        let wider = others
            .fold(Members::of(goal.values.len(), |_| true), |members, atom| members.both(&atoms[*atom].1));
        let (n_wider, sum_wider) = wider.sum_of_both(&wider, &goal.values);
        n_wider > n && goal.distance(n, sum, n_wider - n, sum_wider - sum) >= bar
    })
}

/// The best of longer groups, each set of customers once.
fn best(
    mut longer: Vec<(f64, usize, usize)>,
    beam: &[Found],
    atoms: &[(Condition, Members)],
    width: usize,
) -> Vec<Found> {
    longer.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut kept: Vec<Found> = Vec::new();
    for (quality, place, atom) in longer {
        if kept.len() == width {
            break;
        }
        let members = beam[place].members.both(&atoms[atom].1);
        if kept.iter().any(|other| other.members == members) {
            continue;
        }
        let mut conditions = beam[place].conditions.clone();
        conditions.push(atoms[atom].0.clone());
        conditions.sort_by(|a, b| a.column.cmp(&b.column));
        let atoms = [&beam[place].atoms[..], &[atom]].concat();
        kept.push(Found { conditions, quality, members, atoms });
    }
    kept
}

/// The goal on the rows searched.
struct Searched {
    values: Vec<f64>,
    mean: f64,
    deviation: f64,
    quality: Quality,
    sign: f64,
    has_one_sign: bool,
    fewest: usize,
}

impl Searched {
    fn of(goal: &[f64], rows: &[usize], options: &SubgroupOptions) -> Searched {
        let values: Vec<f64> = rows.iter().map(|row| goal[*row]).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let deviation = (squares / values.len() as f64).sqrt();
        let sign = if options.direction == Direction::Above { 1.0 } else { -1.0 };
        let has_one_sign = mean > 0.0 && values.iter().all(|value| *value >= 0.0);
        let fewest = ((options.least_share * values.len() as f64).ceil() as usize).max(20);
        Searched { mean, deviation, values, quality: options.quality, sign, has_one_sign, fewest }
    }

    /// By how many standard errors some customers stand out from others; 0 where the goal does not vary.
    fn distance(&self, n: usize, sum: f64, n_others: usize, sum_of_others: f64) -> f64 {
        let (n, n_others) = (n as f64, n_others as f64);
        let error = self.deviation * (1.0 / n + 1.0 / n_others).sqrt();
        let difference = self.sign * (sum / n - sum_of_others / n_others);
        if error > 0.0 { difference / error } else { 0.0 }
    }

    /// How good a group is, above 0; none where it is too small, is everybody, or stands out the other way.
    fn quality(&self, n: usize, sum: f64) -> Option<f64> {
        if n < self.fewest || n == self.values.len() {
            return None;
        }
        let mean = sum / n as f64;
        let difference = self.sign * (mean - self.mean);
        let quality = match self.quality {
            Quality::WeightedAccuracy => n as f64 / self.values.len() as f64 * difference,
            Quality::Lift if self.has_one_sign => difference / self.mean,
            Quality::Lift => difference,
        };
        (quality > 0.0).then_some(quality)
    }
}
