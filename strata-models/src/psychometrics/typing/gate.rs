//! Whether inferred types are published: only where they beat the shares of types by more than chance, for all types, and come true as
//! often as they say.

use std::fmt;

use rand_chacha::rand_core::RngCore;
use serde::{Deserialize, Serialize};

use super::golden::greatest;
use crate::learn::chance::Places;
use crate::learn::measure::{expected_calibration_error, reliability};

/// The thresholds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SkillGates {
    /// The least skill.
    pub least_skill: f64,
    /// What the lower end of its 95 % interval must exceed.
    pub least_lower: f64,
    /// The least balanced accuracy, in multiples of `1 / K`.
    pub least_balanced: f64,
    /// The greatest expected calibration error of ten bands.
    pub most_calibration_error: f64,
    /// How many bootstrap draws intervals are from.
    pub n_draws: usize,
    /// How often types are shuffled and learned again; 0 for no such test, which then does not pass.
    pub n_shuffles: usize,
}

impl Default for SkillGates {
    fn default() -> SkillGates {
        SkillGates {
            least_skill: 0.05,
            least_lower: 0.02,
            least_balanced: 1.3,
            most_calibration_error: 0.05,
            n_draws: 500,
            n_shuffles: 3,
        }
    }
}

/// How good out-of-fold probabilities are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Skill {
    /// How many respondents.
    pub n: usize,
    /// The mean of `−ln p` of the true type.
    pub log_loss: f64,
    /// The same of always saying the shares of types.
    pub log_loss_of_shares: f64,
    /// `1 − log_loss / log_loss_of_shares`: 0 for no skill, 1 for all.
    pub skill: f64,
    /// The 2.5 % quantile of skill over bootstrap draws.
    pub lower: f64,
    /// The 97.5 % quantile.
    pub upper: f64,
    /// The share of respondents whose most likely type is theirs.
    pub accuracy: f64,
    /// The mean of that share over types.
    pub balanced_accuracy: f64,
    /// The distance of the greatest probability from how often it is right, over ten bands of equally many.
    pub calibration_error: f64,
}

/// Whether types are published.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Verdict {
    /// They are.
    Publish,
    /// They are not; each reason with what was found.
    Refuse(Vec<Reason>),
}

/// Why types are not published.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Reason {
    /// Skill is below the least.
    Skill {
        /// What was found.
        found: f64,
        /// What is needed.
        least: f64,
    },
    /// Skill may be by chance.
    LowerBound {
        /// The lower end that was found.
        found: f64,
        /// What it must exceed.
        least: f64,
    },
    /// Some types are hardly found.
    BalancedAccuracy {
        /// What was found.
        found: f64,
        /// What is needed.
        least: f64,
    },
    /// Probabilities do not come true.
    Calibration {
        /// The error that was found.
        found: f64,
        /// What is allowed.
        most: f64,
    },
    /// Shuffled types are found too: what measures has seen what it measures.
    Shuffle {
        /// The greatest lower end of skill for shuffled types, which should not be above 0.
        found: f64,
    },
    /// No shuffled types were tried.
    NoShuffle,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Skill { found, least } => {
                write!(
                    f,
                    "what is known of everybody says hardly more than the shares of types do (skill {found:.3}, {least:.2} is asked for)"
                )
            }
            Reason::LowerBound { found, least } => {
                write!(
                    f,
                    "the skill may be chance (its interval begins at {found:.3}, which should be above {least:.2})"
                )
            }
            Reason::BalancedAccuracy { found, least } => {
                write!(
                    f,
                    "some types are hardly ever found (right for {found:.2} of a type on average, {least:.2} is asked for)"
                )
            }
            Reason::Calibration { found, most } => {
                write!(f, "probabilities do not come true (they are off by {found:.3}, {most:.2} is allowed)")
            }
            Reason::Shuffle { found } => {
                write!(
                    f,
                    "shuffled types are found as well (skill of {found:.3} and more): what measures has seen what it measures"
                )
            }
            Reason::NoShuffle => f.write_str("shuffled types were not tried"),
        }
    }
}

impl SkillGates {
    /// Decides. `shuffled` is what the same way of learning yields for shuffled types.
    pub fn judge(&self, skill: &Skill, n_types: usize, shuffled: &[Skill]) -> Verdict {
        let mut reasons = vec![];
        let mut need = |passes: bool, reason: Reason| reasons.extend((!passes).then_some(reason));
        let (found, least) = (skill.skill, self.least_skill);
        need(found >= least, Reason::Skill { found, least });
        let (found, least) = (skill.lower, self.least_lower);
        need(found > least, Reason::LowerBound { found, least });
        let (found, least) = (skill.balanced_accuracy, self.least_balanced / n_types.max(1) as f64);
        need(found >= least, Reason::BalancedAccuracy { found, least });
        let (found, most) = (skill.calibration_error, self.most_calibration_error);
        need(found <= most, Reason::Calibration { found, most });
        let found = shuffled.iter().map(|skill| skill.lower).fold(f64::NEG_INFINITY, f64::max);
        need(found <= 0.0, Reason::Shuffle { found });
        need(!shuffled.is_empty(), Reason::NoShuffle);
        if reasons.is_empty() { Verdict::Publish } else { Verdict::Refuse(reasons) }
    }
}

/// Measures probabilities of types, row after row, against the true ones; none of nobody or of a single type.
///
/// Intervals are by bootstrap of respondents; the shares of types are those of all, which only makes the comparison harder.
pub fn skill(
    probabilities: &[f64],
    types: &[u16],
    n_types: usize,
    n_draws: usize,
    random: &mut impl RngCore,
) -> Option<Skill> {
    let n = types.len();
    let mut counts = vec![0.0; n_types];
    types.iter().for_each(|of_type| counts[usize::from(*of_type)] += 1.0);
    let loss = |p: f64| -p.max(1e-15).ln();
    let of_shares: Vec<f64> = counts.iter().map(|count| loss(count / n as f64)).collect();
    let rows = || probabilities.chunks_exact(n_types.max(1)).zip(types);
    let losses: Vec<[f64; 2]> =
        rows().map(|(p, own)| [loss(p[usize::from(*own)]), of_shares[usize::from(*own)]]).collect();
    let of_all = losses.iter().fold([0.0; 2], |[a, b], [x, y]| [a + x, b + y]);
    if n == 0 || of_all[1] <= 0.0 {
        return None;
    }
    let seeds: Vec<Places> = (0..n_draws).map(|_| Places::new(random)).collect();
    let mut drawn: Vec<f64> = seeds.iter().map(|places| drawn_skill(&losses, *places)).collect();
    drawn.sort_unstable_by(f64::total_cmp);
    let value = 1.0 - of_all[0] / of_all[1];
    let quantile = |share: f64| {
        let place = (share * drawn.len().saturating_sub(1) as f64).round() as usize;
        drawn.get(place).copied().unwrap_or(value)
    };
    let mut right = vec![0.0; n_types];
    let (mut most, mut is_right) = (vec![], vec![]);
    for (p, own) in rows() {
        let (best, probability) = greatest(p);
        let hit = best == usize::from(*own);
        right[usize::from(*own)] += f64::from(u8::from(hit));
        most.push(probability);
        is_right.push(u8::from(hit));
    }
    let of_present = right.iter().zip(&counts).filter(|(_, count)| **count > 0.0);
    let recalls: Vec<f64> = of_present.map(|(right, count)| right / count).collect();
    Some(Skill {
        n,
        log_loss: of_all[0] / n as f64,
        log_loss_of_shares: of_all[1] / n as f64,
        skill: value,
        lower: quantile(0.025).min(value),
        upper: quantile(0.975).max(value),
        accuracy: right.iter().sum::<f64>() / n as f64,
        balanced_accuracy: recalls.iter().sum::<f64>() / recalls.len() as f64,
        calibration_error: expected_calibration_error(&reliability(&most, &is_right, 10))?,
    })
}

fn drawn_skill(losses: &[[f64; 2]], places: Places) -> f64 {
    let n = losses.len();
    let drawn = (0..n).map(|draw| losses[places.below(draw as u64, n)]);
    let [of_model, of_shares] = drawn.fold([0.0; 2], |[a, b], [x, y]| [a + x, b + y]);
    1.0 - of_model / of_shares
}
