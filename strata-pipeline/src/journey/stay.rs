//! How long a stage lasts, and by which exits it is left: of stays whose beginning was seen, those that have not ended counted as far as
//! they have come.

use serde::Serialize;
use strata_models::journey::episodes::{End, Episodes};
use strata_models::journey::survival::aalen_johansen::aalen_johansen;
use strata_models::journey::survival::kaplan_meier::kaplan_meier;

use super::history::History;
use super::target::Target;
use super::{Told, failed, too_few};
use crate::error::Result;

/// Days after which it is told by which exits a stage was left.
pub const HORIZONS: [u32; 4] = [30, 90, 180, 365];
/// Of fewer stays nothing is told.
const FEWEST: usize = 10;

/// How long a stage lasts, by Kaplan and Meier's curve.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Days {
    /// Of how many stays.
    pub n: u64,
    /// How many of them have ended.
    pub n_ended: u64,
    /// After so many days a quarter, half and three quarters have ended; none where fewer have been seen to.
    pub quartiles: [Option<f64>; 3],
    /// The longest that any stay was seen to last, beyond which nothing is known.
    pub longest: f64,
}

/// Who leaves a stage for another one, by Aalen and Johansen's estimate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Exit {
    /// The stage that follows.
    pub to: String,
    /// How many stays ended so.
    pub n: u64,
    /// The share of all stays that has ended so by the date nearest to each of [`HORIZONS`]; none beyond the longest stay where some
    /// have not left, nor of less time than lies between dates.
    pub shares: [Option<Share>; 4],
}

/// A share of stays.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Share {
    /// The share.
    pub share: f64,
    /// Its standard error.
    pub standard_error: f64,
}

/// All stays, whose beginning was seen or not.
pub(super) struct Stays<'a> {
    episodes: &'a Episodes,
    /// The first date of the history.
    since: i64,
    /// The typical time between dates, in days.
    days_between: f64,
}

/// The stays in one stage whose beginning was seen.
pub(super) struct OfStage {
    pub(super) elapsed: Vec<f64>,
    pub(super) ends: Vec<End>,
    /// How many more there were on the first date.
    pub(super) n_before: u64,
    /// Whether anybody was seen to enter any stage.
    has_dates: bool,
    /// The typical time between dates, in days.
    days_between: f64,
}

impl<'a> Stays<'a> {
    pub(super) fn of(history: &History, episodes: &'a Episodes) -> Stays<'a> {
        let days_between = history.days_between().unwrap_or_default();
        Stays { episodes, since: history.since(), days_between }
    }

    pub(super) fn episodes(&self) -> &Episodes {
        self.episodes
    }

    /// Whether the beginning of a stay was seen.
    pub(super) fn is_begun(&self, row: usize) -> bool {
        self.episodes.entered[row] > self.since
    }

    pub(super) fn of_stage(&self, stage: u16) -> OfStage {
        let rows = (0..self.episodes.stages.len()).filter(|row| self.episodes.stages[*row] == stage);
        let (begun, before): (Vec<usize>, Vec<usize>) = rows.partition(|row| self.is_begun(*row));
        OfStage {
            elapsed: begun.iter().map(|row| self.episodes.elapsed[*row]).collect(),
            ends: begun.iter().map(|row| self.episodes.ends[*row]).collect(),
            n_before: before.len() as u64,
            has_dates: self.episodes.entered.iter().any(|entered| *entered > self.since),
            days_between: self.days_between,
        }
    }
}

impl OfStage {
    /// Why nothing is told of so few.
    fn too_few<T>(&self) -> Option<Told<T>> {
        let n = self.elapsed.len();
        if n >= FEWEST {
            return None;
        }
        Some(Told::unknown(match self.has_dates {
            false => "nobody was seen to enter any stage".to_owned(),
            true => too_few(n, FEWEST),
        }))
    }

    pub(super) fn days(&self) -> Result<Told<Days>> {
        if let Some(unknown) = self.too_few() {
            return Ok(unknown);
        }
        let ended: Vec<bool> = self.ends.iter().map(|end| end.is_seen()).collect();
        let curve = kaplan_meier(&self.elapsed, &ended, None).map_err(failed)?;
        Ok(Told::Known(Days {
            n: self.elapsed.len() as u64,
            n_ended: ended.iter().filter(|ended| **ended).count() as u64,
            quartiles: [0.25, 0.5, 0.75].map(|share| curve.quantile(share)),
            longest: curve.last_time,
        }))
    }

    pub(super) fn exits(&self, target: &Target) -> Result<Told<Vec<Exit>>> {
        if let Some(unknown) = self.too_few() {
            return Ok(unknown);
        }
        let exits: Vec<Option<u16>> = self
            .ends
            .iter()
            .map(|end| match end {
                End::Next(stage) => Some(*stage),
                End::Lost | End::Open | End::Gone => None,
            })
            .collect();
        let incidence = aalen_johansen(&self.elapsed, &exits, target.stages.len(), None).map_err(failed)?;
        // Where all have left, nothing changes after the longest stay.
        let is_over = incidence.remaining.last().is_some_and(|left| *left < 1e-9);
        let mut found: Vec<Exit> = Vec::new();
        for (stage, code) in target.stages.iter().zip(0_u16..) {
            let n = exits.iter().filter(|exit| **exit == Some(code)).count() as u64;
            if n == 0 {
                continue;
            }
            let shares = HORIZONS.map(|days| {
                // What happened by then was noted at the nearest date; of less time than lies between dates nothing is known.
                let at = f64::from(days) + self.days_between / 2.0;
                let is_seen = is_over || f64::from(days) <= incidence.last_time;
                let is_known = is_seen && self.days_between <= 1.5 * f64::from(days);
                let (share, standard_error) = incidence.at(usize::from(code), at).filter(|_| is_known)?;
                Some(Share { share, standard_error })
            });
            found.push(Exit { to: stage.name.clone(), n, shares });
        }
        found.sort_by_key(|exit| std::cmp::Reverse(exit.n));
        Ok(Told::Known(found))
    }
}
