//! Groups held against customers that were not searched.

use super::{Direction, Estimate, Subgroup, SubgroupOptions};
use crate::cluster::rules::{Column, Condition, all_hold};
use crate::effect::Moments;
use crate::proportion::{Z, wilson};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// A group with fewer customers, there or outside, cannot be told from chance.
const FEWEST_ROWS: u64 = 10;
/// From so many customers on, in the group and outside, means are as good as normal whatever the goal.
const NORMAL_FROM: usize = 1000;
/// Below, as many groups are drawn blindly.
const N_DRAWS: u32 = 4999;

/// A group as it is in the other half.
pub(super) struct Checked {
    pub(super) conditions: Vec<Condition>,
    pub(super) chance: f64,
    /// By how many standard errors of a blind draw the group stands out.
    standard_errors: f64,
    inside: Moments,
    all: Moments,
    /// What was taken from the goal before moments were.
    centre: f64,
    means: [Estimate; 2],
    difference: Estimate,
    lift: Option<Estimate>,
}

impl Checked {
    pub(super) fn reported(self, quality: f64, adjusted_chance: f64) -> Subgroup {
        let mean = |moments: &Moments| moments.mean().unwrap_or(0.0) + self.centre;
        Subgroup {
            quality,
            n_rows: self.inside.n as usize,
            n_checked: self.all.n as usize,
            mean: mean(&self.inside),
            mean_of_all: mean(&self.all),
            inside: self.means[0],
            outside: self.means[1],
            difference: self.difference,
            lift: self.lift,
            standard_errors: self.standard_errors,
            chance: self.chance,
            adjusted_chance,
            conditions: self.conditions,
        }
    }
}

/// Checks a group; none where too few are in it, or outside, or the goal is the same for all.
///
/// The chance is that of a mean as far off among n_g of the n customers drawn blindly. Where fewer than 1,000 are in the group or outside, it
/// is counted among 4,999 such draws, so it is 1/5,000 at the least: spend is so skewed that the mean of a small group is far from
/// normal. Otherwise the mean is normal with the variance `s² (n − n_g) / (n_g n)`, s² being that of the goal over all with n − 1 below. The
/// difference lies within 1.96 standard errors of Welch's, taken
/// against the others and shrunk to all: `m_g − m = (1 − n_g / n) (m_g − m_rest)`.
pub(super) fn check(
    columns: &[Column],
    goal: &[f64],
    rows: &[usize],
    conditions: &[Condition],
    options: &SubgroupOptions,
    seed: u64,
) -> Option<Checked> {
    let centre = rows.iter().map(|row| goal[*row]).sum::<f64>() / rows.len() as f64;
    let has_one_sign = centre > 0.0 && rows.iter().all(|row| goal[*row] >= 0.0);
    let is_in = |row: &&usize| all_hold(conditions, columns, **row);
    let inside: Moments = rows.iter().filter(is_in).map(|row| goal[*row] - centre).collect();
    let rest: Moments = rows.iter().filter(|row| !is_in(row)).map(|row| goal[*row] - centre).collect();
    if inside.n < FEWEST_ROWS || rest.n < FEWEST_ROWS {
        return None;
    }
    let all = inside.with(rest);
    let (n_in, n) = (inside.n as f64, all.n as f64);
    let error = (all.variance()? * (n - n_in) / (n_in * n)).sqrt();
    let distance = inside.mean()? - all.mean()?;
    if error <= 0.0 {
        return None;
    }
    let sign = if options.direction == Direction::Above { 1.0 } else { -1.0 };
    let standard_errors = sign * distance / error;
    let chance = if (inside.n.min(rest.n) as usize) < NORMAL_FROM {
        let centred: Vec<f64> = rows.iter().map(|row| sign * (goal[*row] - centre)).collect();
        chance_of_draws(centred, inside.n as usize, sign * inside.sum, seed)
    } else {
        0.5 * libm::erfc(standard_errors * std::f64::consts::FRAC_1_SQRT_2)
    };
    let welch = (inside.variance()? / n_in + rest.variance()? / rest.n as f64).sqrt();
    let reach = Z * (1.0 - n_in / n) * welch;
    let difference = Estimate { value: distance, low: distance - reach, high: distance + reach };
    let mean = inside.mean()? + centre;
    let is_binary = rows.iter().all(|row| goal[*row] == 0.0 || goal[*row] == 1.0);
    let means = [mean_of(&inside, centre, is_binary)?, mean_of(&rest, centre, is_binary)?];
    let lift = (has_one_sign && mean > 0.0).then(|| lift(&inside, &rest, centre)).flatten();
    Some(Checked {
        conditions: conditions.to_vec(),
        chance,
        standard_errors,
        inside,
        all,
        centre,
        means,
        difference,
        lift,
    })
}

/// A mean with its interval; of a binary goal Wilson's, which stays between 0 and 1.
fn mean_of(moments: &Moments, centre: f64, is_binary: bool) -> Option<Estimate> {
    let value = moments.mean()? + centre;
    if is_binary {
        let n_yes = (value * moments.n as f64).round() as u64;
        let (low, high) = wilson(n_yes, moments.n)?;
        return Some(Estimate { value, low, high });
    }
    let reach = Z * (moments.variance()? / moments.n as f64).sqrt();
    Some(Estimate { value, low: value - reach, high: value + reach })
}

/// The share of draws of so many of these values whose sum is at least this one, which is counted among them.
fn chance_of_draws(mut values: Vec<f64>, n_drawn: usize, sum: f64, seed: u64) -> f64 {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let n = values.len();
    let all: f64 = values.iter().sum();
    // The fewer are drawn: those of the group, or those outside.
    let fewer = n_drawn.min(n - n_drawn);
    // Sums in another order may differ in their last digits.
    let slack = 1e-9 * values.iter().map(|value| value.abs()).sum::<f64>() / n as f64;
    let mut n_as_far = 1.0;
    for _ in 0..N_DRAWS {
        for place in 0..fewer {
            let left = (n - place) as u128;
            values.swap(place, place + ((u128::from(generator.next_u64()) * left) >> 64) as usize);
        }
        let of_fewer: f64 = values[..fewer].iter().sum();
        let drawn = if fewer == n_drawn { of_fewer } else { all - of_fewer };
        n_as_far += f64::from(u8::from(drawn >= sum - slack));
    }
    n_as_far / (f64::from(N_DRAWS) + 1.0)
}

/// The ratio of the group's mean to that of all, between positive means. The logarithm of the ratio to the others,
/// `R = m_g / m_rest`, has about the variance `s_g² / (n_g m_g²) + s_rest² / (n_rest m_rest²)`; with π = n_g / n the lift is
/// `R / (π R + 1 − π)`, which grows with R, so the ends of the interval go over.
///
/// Katz, D., Baptista, J., Azen, S. P. and Pike, M. C. (1978). Obtaining confidence intervals for the risk ratio in cohort studies.
/// Biometrics 34, 469–474.
fn lift(inside: &Moments, rest: &Moments, centre: f64) -> Option<Estimate> {
    let (n_in, n_rest) = (inside.n as f64, rest.n as f64);
    let (mean, other) = (inside.mean()? + centre, rest.mean()? + centre);
    let part = n_in / (n_in + n_rest);
    if other <= 0.0 {
        // All of the goal is in the group.
        let value = 1.0 / part;
        return Some(Estimate { value, low: 1.0, high: value });
    }
    let variance = inside.variance()? / (n_in * mean * mean) + rest.variance()? / (n_rest * other * other);
    let of_ratio = |ratio: f64| ratio / (part * ratio + 1.0 - part);
    let (ratio, reach) = (mean / other, (Z * variance.sqrt()).exp());
    Some(Estimate { value: of_ratio(ratio), low: of_ratio(ratio / reach), high: of_ratio(ratio * reach) })
}
