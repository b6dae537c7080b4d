//! The share that has left by each of several exits after some time.
//!
//! Those who left by another exit cannot leave by this one any more: to take them as censored, as one curve for each exit would, says too
//! much.
//!
//! Aalen, O. O. and Johansen, S. (1978). An empirical transition matrix for non-homogeneous Markov chains based on censored observations.
//! Scandinavian Journal of Statistics 5, 141–150. Variance: Marubini, E. and Valsecchi, M. G. (1995). Analysing Survival Data from Clinical
//! Trials and Observational Studies, section 10.2. Wiley.

use super::{Moments, greenwood, place_at};
use crate::journey::error::{JourneyError, same_length};

/// The cumulative incidences of exits: 0 until the first step, and constant from each step to the next. At every time they and the share
/// that is left sum to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Incidence {
    /// The times at which somebody left, ascending.
    pub times: Vec<f64>,
    /// The share that is left, by time.
    pub remaining: Vec<f64>,
    /// By exit, and in it by time: the share that has left by it.
    pub exits: Vec<Vec<f64>>,
    /// The standard errors of these.
    pub standard_errors: Vec<Vec<f64>>,
    /// The last time of all rows, beyond which nothing is known.
    pub last_time: f64,
}

/// The Aalen-Johansen estimate from durations and the exits by which they ended, none where they have not.
///
/// `F_k(t) = Σ S(t_j −) d_kj / n_j` over the times up to t, with S the share that was left before. Its variance is
/// `Σ (F_k(t) − F_kj)² d_j / (n_j (n_j − d_j)) + Σ S(t_j −)² d_kj (n_j − d_kj) / n_j³ − 2 Σ (F_k(t) − F_kj) S(t_j −) d_kj / n_j²`, which is
/// Greenwood's where there is one exit.
///
/// Refuses what [`kaplan_meier`](super::kaplan_meier::kaplan_meier) does, and exits from `n_exits` on.
pub fn aalen_johansen(
    times: &[f64],
    exits: &[Option<u16>],
    n_exits: usize,
    weights: Option<&[f64]>,
) -> Result<Incidence, JourneyError> {
    same_length("exits", exits.len(), times.len())?;
    if n_exits == 0 {
        return Err(JourneyError::Nothing { what: "exits", hint: "name at least one" });
    }
    let unknown = |exit: &Option<u16>| exit.is_some_and(|exit| usize::from(exit) >= n_exits);
    if let Some(row) = exits.iter().position(unknown) {
        let code = exits[row].map_or(0, usize::from);
        return Err(JourneyError::Code { column: "exits", row, code, n_codes: n_exits });
    }
    let moments = Moments::of(times, |row| exits[row].map(u32::from), weights)?;
    let n_times = moments.ends().count();
    let mut incidence = Incidence {
        times: moments.ends().map(|moment| moment.time).collect(),
        remaining: Vec::with_capacity(n_times),
        exits: vec![Vec::with_capacity(n_times); n_exits],
        standard_errors: vec![Vec::with_capacity(n_times); n_exits],
        last_time: moments.last_time,
    };
    let mut sums = vec![Sums::default(); n_exits];
    let mut ended = vec![0.0; n_exits];
    let mut before = 1.0;
    for moment in moments.ends() {
        ended.fill(0.0);
        moments.exits(moment).for_each(|(exit, n)| ended[exit] = n);
        let (n, lost) = (moment.n_at_risk, greenwood(moment));
        for (exit, sums) in sums.iter_mut().enumerate() {
            sums.add(before, ended[exit], n, lost);
            incidence.exits[exit].push(sums.incidence);
            incidence.standard_errors[exit].push(sums.variance().max(0.0).sqrt());
        }
        before *= (n - moment.n_ended).max(0.0) / n;
        incidence.remaining.push(before);
    }
    Ok(incidence)
}

impl Incidence {
    /// The share that has left by an exit at a time, and its standard error; none of an exit that there is not.
    pub fn at(&self, exit: usize, time: f64) -> Option<(f64, f64)> {
        let (shares, errors) = (self.exits.get(exit)?, self.standard_errors.get(exit)?);
        let place = place_at(self.times.len(), |place| self.times[place], time);
        Some(place.map_or((0.0, 0.0), |place| (shares[place], errors[place])))
    }
}

/// One exit's incidence F up to now, and what its variance is made of, with the squares and products of `F(t) − F_j` written out so that
/// each time costs one step.
#[derive(Debug, Clone, Default)]
struct Sums {
    incidence: f64,
    /// `Σ g`, `Σ F_j g` and `Σ F_j² g` with Greenwood's terms g.
    lost: [f64; 3],
    /// `Σ S² d (n − d) / n³`.
    own: f64,
    /// `Σ h` and `Σ F_j h` with `h = S d / n²`.
    both: [f64; 2],
}

impl Sums {
    fn add(&mut self, before: f64, ended: f64, n: f64, lost: f64) {
        self.incidence += before * ended / n;
        let f = self.incidence;
        self.lost[0] += lost;
        self.lost[1] += f * lost;
        self.lost[2] += f * f * lost;
        self.own += before * before * ended * (n - ended) / (n * n * n);
        let h = before * ended / (n * n);
        self.both[0] += h;
        self.both[1] += f * h;
    }

    fn variance(&self) -> f64 {
        let f = self.incidence;
        f * f * self.lost[0] - 2.0 * f * self.lost[1] + self.lost[2] + self.own
            - 2.0 * (f * self.both[0] - self.both[1])
    }
}
