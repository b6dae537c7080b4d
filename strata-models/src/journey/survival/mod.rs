//! How long it lasts until something ends, where some have not ended yet.
//!
//! One that has not ended at its time is censored there: it was at risk up to that time, those that end at that very time included. Weights
//! are frequencies: 2 says the same as two rows. Times are equal only where their digits are.

pub mod aalen_johansen;
pub mod kaplan_meier;

use rayon::prelude::*;

use super::error::{JourneyError, countable, same_length};

/// Those who are at risk at one time, and those who then end.
struct Moment {
    time: f64,
    n_at_risk: f64,
    n_ended: f64,
    /// Where in the list of exits those of this time begin.
    first: usize,
}

/// The times at which somebody ended, and by which exits.
struct Moments {
    moments: Vec<Moment>,
    /// The exit and its weight, by time.
    exits: Vec<(u32, f64)>,
    /// The last time of all, whether ended or censored.
    last_time: f64,
    n: f64,
}

/// More rows than this are sorted on all cores.
const MANY: usize = 1 << 16;

impl Moments {
    /// `exits` has a code for each row that ended and none for each that is censored.
    fn of<F>(times: &[f64], exit: F, weights: Option<&[f64]>) -> Result<Moments, JourneyError>
    where
        F: Fn(usize) -> Option<u32>,
    {
        countable("times", times)?;
        if let Some(weights) = weights {
            same_length("weights", weights.len(), times.len())?;
            countable("weights", weights)?;
        }
        let weight = |row: usize| weights.map_or(1.0, |weights| weights[row]);
        // Bits of numbers that are not negative sort as the numbers do (adding zero makes −0 and 0 one time), and integers sort faster;
        // with all of a row in its key, sums come out the same however the rows were ordered.
        let mut rows: Vec<(u64, u32, u64)> = (0..times.len())
            .filter(|row| weight(*row) > 0.0)
            .map(|row| ((times[row] + 0.0).to_bits(), exit(row).unwrap_or(CENSORED), weight(row).to_bits()))
            .collect();
        if rows.len() > MANY {
            rows.par_sort_unstable();
        } else {
            rows.sort_unstable();
        }
        let Some(last) = rows.last() else {
            return Err(JourneyError::Nothing {
                what: "durations",
                hint: "give at least one row with a weight",
            });
        };
        let last_time = f64::from_bits(last.0);
        let (mut moments, mut exits) = (vec![], vec![]);
        for same in rows.chunk_by(|one, other| one.0 == other.0) {
            let first = exits.len();
            for exit in same.chunk_by(|one, other| one.1 == other.1) {
                let sum = exit.iter().map(|row| f64::from_bits(row.2)).sum();
                exits.push((exit[0].1, sum));
            }
            let n_ended = exits[first..].iter().filter(|(exit, _)| *exit != CENSORED).map(|(_, n)| n).sum();
            let n_all: f64 = exits[first..].iter().map(|(_, n)| n).sum();
            moments.push(Moment { time: f64::from_bits(same[0].0), n_at_risk: n_all, n_ended, first });
        }
        // Summed up from the end: subtracting from the beginning would leave rounding errors where few are left.
        let mut n = 0.0;
        for moment in moments.iter_mut().rev() {
            n += moment.n_at_risk;
            moment.n_at_risk = n;
        }
        Ok(Moments { moments, exits, last_time, n })
    }

    /// The times at which somebody ended.
    fn ends(&self) -> impl Iterator<Item = &Moment> {
        self.moments.iter().filter(|moment| moment.n_ended > 0.0)
    }

    /// The exits of one time, with their weights.
    fn exits(&self, moment: &Moment) -> impl Iterator<Item = (usize, f64)> {
        let next = self.moments.partition_point(|other| other.first <= moment.first);
        let end = self.moments.get(next).map_or(self.exits.len(), |next| next.first);
        let own = self.exits[moment.first..end].iter();
        own.filter(|(exit, _)| *exit != CENSORED).map(|(exit, n)| (*exit as usize, *n))
    }
}

const CENSORED: u32 = u32::MAX;

/// What one who is at risk adds to the variance of `ln S`: `d / (n (n − d))`; 0 where all end, since S is then 0 for certain.
fn greenwood(moment: &Moment) -> f64 {
    let left = moment.n_at_risk - moment.n_ended;
    if left > 0.0 { moment.n_ended / (moment.n_at_risk * left) } else { 0.0 }
}

/// The place of the last step at or before a time.
fn place_at(n_steps: usize, time_of: impl Fn(usize) -> f64, time: f64) -> Option<usize> {
    let (mut low, mut high) = (0, n_steps);
    while low < high {
        let middle = low.midpoint(high);
        if time_of(middle) <= time { low = middle + 1 } else { high = middle }
    }
    low.checked_sub(1)
}
