//! Whether it matters from where one came: chains of order 1 and 2 held against each other.
//!
//! Katz, R. W. (1981). On some criteria for estimating the order of a Markov chain. Technometrics 23, 243–249.

use std::collections::HashMap;

use super::error::JourneyError;
use super::paths::{Outcome, Paths};

/// By so much the criterion must fall for the second order.
pub const LEAST_GAIN: f64 = 10.0;

/// How well each order explains the paths.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OrderChoice {
    /// 1, or 2 where its criterion is lower by more than [`LEAST_GAIN`].
    pub order: u8,
    /// The Bayesian information criteria of order 1 and 2.
    pub bic: [f64; 2],
    /// `bic[0] − bic[1]`.
    pub gain: f64,
}

/// Chooses the order. `BIC = −2 ln L + k ln n`, with n the transitions, those to an outcome included, by weight. Both orders predict
/// every step but the first; at the second one of a path nothing came before, which is a context of its own. Per context there is one
/// parameter less than there are codes and outcomes that ever followed its last stage, so that what cannot happen costs neither order
/// anything. Refuses paths without transitions.
pub fn choose_order(paths: &Paths) -> Result<OrderChoice, JourneyError> {
    let mut counts: HashMap<(u32, u16, u32), f64> = HashMap::new();
    for path in paths.iter().filter(|path| path.weight > 0.0) {
        let mut before = NOTHING;
        for (place, step) in path.steps.iter().enumerate() {
            let next = match (path.steps.get(place + 1), path.outcome) {
                (Some(next), _) => u32::from(*next),
                (None, Outcome::Converted) => CONVERTED,
                (None, Outcome::Lost) => LOST,
                (None, Outcome::Open) => break,
            };
            *counts.entry((before, *step, next)).or_default() += path.weight;
            before = u32::from(*step);
        }
    }
    // In one order, so that sums are the same in every run.
    let mut counts: Vec<((u32, u16, u32), f64)> = counts.into_iter().collect();
    counts.sort_unstable_by_key(|(key, _)| *key);
    let n: f64 = counts.iter().map(|(_, n)| n).sum();
    if counts.is_empty() {
        return Err(JourneyError::Nothing { what: "transitions", hint: "wait until stages are left" });
    }
    let mut first: HashMap<u16, HashMap<u32, f64>> = HashMap::new();
    for ((_, stage, next), n) in &counts {
        *first.entry(*stage).or_default().entry(*next).or_default() += n;
    }
    let mut likelihood = [0.0; 2];
    let mut parameters = [first.values().map(|next| next.len() - 1).sum::<usize>() as f64, 0.0];
    for context in counts.chunk_by(|one, other| (one.0.0, one.0.1) == (other.0.0, other.0.1)) {
        let stage = context[0].0.1;
        let Some(all) = first.get(&stage) else { continue };
        let total: f64 = context.iter().map(|(_, n)| n).sum();
        // Summed in the order of codes for the same reason.
        let mut sorted: Vec<(&u32, &f64)> = all.iter().collect();
        sorted.sort_unstable_by_key(|(next, _)| **next);
        let total_first: f64 = sorted.iter().map(|(_, n)| **n).sum();
        parameters[1] += all.len() as f64 - 1.0;
        for ((_, _, next), n) in context {
            likelihood[0] += n * (all[next] / total_first).ln();
            likelihood[1] += n * (n / total).ln();
        }
    }
    let bic = [0, 1].map(|order| -2.0 * likelihood[order] + parameters[order] * n.ln());
    let gain = bic[0] - bic[1];
    Ok(OrderChoice { order: if gain > LEAST_GAIN { 2 } else { 1 }, bic, gain })
}

/// Stages together with the ones before them: a chain of the first order over these is one of the second over stages.
#[derive(Debug, Clone, PartialEq)]
pub struct Pairs {
    /// The paths over codes of pairs.
    pub paths: Paths,
    /// What each code is: the stage before (none at the beginning of a path), and the stage.
    pub of_code: Vec<(Option<u16>, u16)>,
}

/// Writes paths in pairs that occur. Refuses more than 65,536 of them.
pub fn pairs(paths: &Paths) -> Result<Pairs, JourneyError> {
    let ways = || {
        paths.iter().flat_map(|path| {
            let before = std::iter::once(None).chain(path.steps.iter().map(|step| Some(*step)));
            before.zip(path.steps.iter().copied())
        })
    };
    let mut of_code: Vec<(Option<u16>, u16)> =
        ways().collect::<std::collections::HashSet<_>>().into_iter().collect();
    of_code.sort_unstable();
    if of_code.len() > 1 << 16 {
        let value = of_code.len() as f64;
        return Err(JourneyError::Option { option: "pairs of stages", value, hint: "take fewer stages" });
    }
    let codes: HashMap<(Option<u16>, u16), u16> =
        of_code.iter().enumerate().map(|(code, pair)| (*pair, code as u16)).collect();
    let steps = ways().map(|pair| codes[&pair]).collect();
    Ok(Pairs { paths: paths.recoded(steps, of_code.len())?, of_code })
}

// Contexts and outcomes that no stage has as its code.
const NOTHING: u32 = 1 << 16;
const CONVERTED: u32 = 1 << 16;
const LOST: u32 = CONVERTED + 1;
