//! What conversions are ascribed to: removal effects of channels, and the usual heuristics beside them.
//!
//! All of it is **association, not incrementality**: it says over what those came who converted, not who would not have without it. Only
//! a holdout says that.
//!
//! Anderl, E., Becker, I., von Wangenheim, F. and Schumann, J. H. (2016). Mapping the customer journey: lessons learned from graph-based
//! online attribution modeling. International Journal of Research in Marketing 33, 457–474.

use super::chain::MOST_STAGES;
use super::error::JourneyError;
use super::linear::Factors;
use super::paths::{Outcome, Paths};

/// What a face must say beside these figures.
pub const CAVEAT: &str = "association, not incrementality";

/// What paths say of channels: association, not incrementality.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribution {
    /// The probability of converting by the chain; the share of converted paths, since flows are kept.
    pub conversion: f64,
    /// The weight of converted paths.
    pub n_converted: f64,
    /// The weight of lost paths.
    pub n_lost: f64,
    /// The weight of open paths, which are left out.
    pub n_open: f64,
    /// By channel.
    pub channels: Vec<Credit>,
}

/// What is ascribed to one channel: association, not incrementality.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Credit {
    /// `1 − P(conversion without the channel) / P(conversion)`, where all who come to the channel are lost there. Association, not
    /// incrementality.
    pub removal_effect: f64,
    /// The removal effect over the sum of all. Association, not incrementality.
    pub share: f64,
    /// That share of the conversions. Association, not incrementality.
    pub conversions: f64,
    /// Conversions whose path began with the channel. Association, not incrementality.
    pub first_touch: f64,
    /// Conversions whose path ended with the channel. Association, not incrementality.
    pub last_touch: f64,
    /// Conversions divided evenly over the touches of their path. Association, not incrementality.
    pub linear: f64,
}

/// Ascribes the conversions of closed paths to their channels, exactly: with `x_j` the probability of converting from channel j, `v_j` how
/// often a path is expected to be at j, and `N` the fundamental matrix, those who ever come to i are `v_i / N_ii` of all, so that
/// `RE_i = v_i x_i / (N_ii x)` with x the probability over all. No channel is taken out and no path is drawn.
///
/// Refuses paths of which none converted.
pub fn attribute(paths: &Paths) -> Result<Attribution, JourneyError> {
    let n = paths.n_codes();
    if n > MOST_STAGES {
        let (value, hint) = (n as f64, "put rare channels together: at most 2048 are told apart");
        return Err(JourneyError::Option { option: "channels", value, hint });
    }
    let mut flow = Flow::new(n);
    let mut channels = vec![Credit::default(); n];
    let mut n_open = 0.0;
    for path in paths.iter() {
        if path.outcome == Outcome::Open {
            n_open += path.weight;
            continue;
        }
        let converted = path.outcome == Outcome::Converted;
        flow.add(path.steps, path.weight, converted);
        if let (true, [first, ..], [.., last]) = (converted, path.steps, path.steps) {
            channels[usize::from(*first)].first_touch += path.weight;
            channels[usize::from(*last)].last_touch += path.weight;
            let part = path.weight / path.steps.len() as f64;
            path.steps.iter().for_each(|step| channels[usize::from(*step)].linear += part);
        }
    }
    if flow.n_converted <= 0.0 {
        let hint = "attribution needs paths that led to a conversion";
        return Err(JourneyError::Nothing { what: "conversions", hint });
    }
    let (conversion, effects) = flow.removal_effects()?;
    let sum: f64 = effects.iter().sum();
    for (credit, effect) in channels.iter_mut().zip(&effects) {
        credit.removal_effect = *effect;
        credit.share = effect / sum;
        credit.conversions = credit.share * flow.n_converted;
    }
    let (n_converted, n_lost) = (flow.n_converted, flow.n_closed - flow.n_converted);
    Ok(Attribution { conversion, n_converted, n_lost, n_open, channels })
}

/// Where closed paths began, went and ended, by weight.
struct Flow {
    n: usize,
    began: Vec<f64>,
    went: Vec<f64>,
    converted: Vec<f64>,
    /// All that left a channel, wherever to.
    left: Vec<f64>,
    n_converted: f64,
    n_closed: f64,
}

impl Flow {
    fn new(n: usize) -> Flow {
        let zeros = || vec![0.0; n];
        let (began, converted, left) = (zeros(), zeros(), zeros());
        Flow { n, began, went: vec![0.0; n * n], converted, left, n_converted: 0.0, n_closed: 0.0 }
    }

    fn add(&mut self, steps: &[u16], weight: f64, converted: bool) {
        let (Some(first), Some(last)) = (steps.first(), steps.last()) else { return };
        self.began[usize::from(*first)] += weight;
        for pair in steps.windows(2) {
            self.went[usize::from(pair[0]) * self.n + usize::from(pair[1])] += weight;
        }
        steps.iter().for_each(|step| self.left[usize::from(*step)] += weight);
        self.n_closed += weight;
        if converted {
            self.converted[usize::from(*last)] += weight;
            self.n_converted += weight;
        }
    }

    /// The probability of converting, and the removal effect of each channel.
    fn removal_effects(&self) -> Result<(f64, Vec<f64>), JourneyError> {
        let n = self.n;
        // A channel that no closed path touched leads nowhere and is never come to.
        let share =
            |count: f64, from: usize| if self.left[from] > 0.0 { count / self.left[from] } else { 0.0 };
        let stays = (0..n * n).map(|place| {
            let (row, column) = (place / n, place % n);
            let goes = share(self.went[place], row);
            if row == column { 1.0 - goes } else { -goes }
        });
        let factors = Factors::of(stays.collect(), n).map_err(|stage| JourneyError::Singular { stage })?;
        let fundamental = factors.inverse();
        let leads: Vec<f64> = (0..n).map(|from| share(self.converted[from], from)).collect();
        let converting = factors.solve(&leads);
        let mut visits = vec![0.0; n];
        for (row, began) in fundamental.chunks_exact(n).zip(&self.began) {
            visits.iter_mut().zip(row).for_each(|(sum, times)| *sum += began / self.n_closed * times);
        }
        let began = self.began.iter().map(|began| began / self.n_closed);
        let conversion: f64 = began.zip(&converting).map(|(began, x)| began * x).sum();
        let effect = |i: usize| visits[i] / fundamental[i * n + i] * converting[i] / conversion;
        Ok((conversion, (0..n).map(effect).collect()))
    }
}
