//! Absorbing Markov chains: where those who are in a stage will end, and after how many steps.
//!
//! With `Q` the probabilities from stage to stage (s × s) and `R` those from stage to outcome (s × r), the fundamental matrix is
//! `N = (I − Q)⁻¹`: `N_ij` is how often somebody in i will be in j, the present included.
//!
//! Kemeny, J. G. and Snell, J. L. (1960). Finite Markov Chains, chapter III. Van Nostrand.

use super::error::{JourneyError, countable, same_length};
use super::linear::Factors;
use super::paths::{Outcome, Paths};

/// More stages than this are refused: their matrices would not be small.
pub const MOST_STAGES: usize = 2048;

/// The column of `converted` among the outcomes of [`Counts::of_paths`].
pub const CONVERTED: usize = 0;

/// The column of `lost` among the outcomes of [`Counts::of_paths`].
pub const LOST: usize = 1;

/// How often, by weight, each stage was followed by each stage and outcome.
#[derive(Debug, Clone, PartialEq)]
pub struct Counts {
    n_stages: usize,
    n_outcomes: usize,
    /// By stage: the stages that follow, then the outcomes.
    rows: Vec<f64>,
}

/// What follows a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// A stage, from 0.
    Stage(usize),
    /// An outcome, from 0, after which nothing follows.
    Outcome(usize),
}

impl Counts {
    /// Nothing counted yet. Refuses no stages, no outcomes, and more than [`MOST_STAGES`].
    pub fn new(n_stages: usize, n_outcomes: usize) -> Result<Counts, JourneyError> {
        if n_stages == 0 || n_outcomes == 0 {
            let what = if n_stages == 0 { "stages" } else { "outcomes" };
            return Err(JourneyError::Nothing { what, hint: "name at least one" });
        }
        if n_stages + n_outcomes > MOST_STAGES {
            let (value, hint) = ((n_stages + n_outcomes) as f64, "take at most 2048 stages and outcomes");
            return Err(JourneyError::Option { option: "stages", value, hint });
        }
        Ok(Counts { n_stages, n_outcomes, rows: vec![0.0; n_stages * (n_stages + n_outcomes)] })
    }

    /// The counts of paths over their codes, with the outcomes [`CONVERTED`] and [`LOST`]. An open path counts up to where it is.
    pub fn of_paths(paths: &Paths) -> Result<Counts, JourneyError> {
        let mut counts = Counts::new(paths.n_codes(), 2)?;
        for path in paths.iter() {
            for pair in path.steps.windows(2) {
                counts.put(pair[0].into(), To::Stage(pair[1].into()), path.weight);
            }
            let Some(last) = path.steps.last() else { continue };
            match path.outcome {
                Outcome::Converted => counts.put((*last).into(), To::Outcome(CONVERTED), path.weight),
                Outcome::Lost => counts.put((*last).into(), To::Outcome(LOST), path.weight),
                Outcome::Open => {}
            }
        }
        Ok(counts)
    }

    /// Counts one more of this weight. Refuses stages and outcomes that there are not, and weights that are negative or no numbers.
    pub fn add(&mut self, from: usize, to: To, weight: f64) -> Result<(), JourneyError> {
        countable("weight", &[weight])?;
        let known = |column, code, n_codes| {
            if code < n_codes { Ok(()) } else { Err(JourneyError::Code { column, row: 0, code, n_codes }) }
        };
        known("from", from, self.n_stages)?;
        match to {
            To::Stage(stage) => known("to", stage, self.n_stages)?,
            To::Outcome(outcome) => known("outcome", outcome, self.n_outcomes)?,
        }
        self.put(from, to, weight);
        Ok(())
    }

    /// How often a stage was followed by this.
    pub fn of(&self, from: usize, to: To) -> f64 {
        self.rows[self.place(from, to)]
    }

    /// The posterior mean of the probabilities, `(n_ij + a m_j) / (n_i + a)`, with `m` the row of all stages together and `a` for how many
    /// it counts; `a = 0` gives the shares as they are. The pooled row has the stage itself among what follows, so smoothing lets a little
    /// of a stage's probability stay with it, and the expected steps become a little longer.
    ///
    /// Refuses counts of nothing, and, without smoothing, a stage that was never left.
    pub fn probabilities(&self, a: f64) -> Result<Transitions, JourneyError> {
        if !(a.is_finite() && a >= 0.0) {
            return Err(JourneyError::Option { option: "smoothing", value: a, hint: "give 0 or more, as 1" });
        }
        let width = self.width();
        let mut pooled = vec![0.0; width];
        for row in self.rows.chunks_exact(width) {
            pooled.iter_mut().zip(row).for_each(|(sum, n)| *sum += n);
        }
        let total: f64 = pooled.iter().sum();
        if total <= 0.0 {
            return Err(JourneyError::Nothing { what: "transitions", hint: "wait until stages are left" });
        }
        let mut rows = Vec::with_capacity(self.rows.len());
        for (stage, row) in self.rows.chunks_exact(width).enumerate() {
            let n = row.iter().sum::<f64>() + a;
            if n <= 0.0 {
                return Err(JourneyError::EmptyRow { stage });
            }
            rows.extend(row.iter().zip(&pooled).map(|(count, sum)| (count + a * sum / total) / n));
        }
        Ok(Transitions { n_stages: self.n_stages, n_outcomes: self.n_outcomes, rows })
    }

    pub(super) fn put(&mut self, from: usize, to: To, weight: f64) {
        let place = self.place(from, to);
        self.rows[place] += weight;
    }

    fn width(&self) -> usize {
        self.n_stages + self.n_outcomes
    }

    fn place(&self, from: usize, to: To) -> usize {
        let column = match to {
            To::Stage(stage) => stage,
            To::Outcome(outcome) => self.n_stages + outcome,
        };
        from * self.width() + column
    }
}

/// Checked probabilities of what follows each stage.
#[derive(Debug, Clone, PartialEq)]
pub struct Transitions {
    n_stages: usize,
    n_outcomes: usize,
    rows: Vec<f64>,
}

impl Transitions {
    /// From rows of `n_stages + n_outcomes` probabilities, one for each stage. Refuses values below 0 and rows whose sum is not 1 within
    /// 10⁻⁹.
    pub fn new(n_stages: usize, n_outcomes: usize, rows: Vec<f64>) -> Result<Transitions, JourneyError> {
        let width = Counts::new(n_stages, n_outcomes)?.width();
        same_length("probabilities", rows.len(), n_stages * width)?;
        countable("probabilities", &rows)?;
        for (stage, row) in rows.chunks_exact(width).enumerate() {
            let sum: f64 = row.iter().sum();
            if (sum - 1.0).abs() > 1e-9 {
                return Err(JourneyError::RowSum { stage, sum });
            }
        }
        Ok(Transitions { n_stages, n_outcomes, rows })
    }

    /// The probabilities of what follows a stage: of each stage, then of each outcome.
    pub fn of(&self, stage: usize) -> &[f64] {
        let width = self.n_stages + self.n_outcomes;
        &self.rows[stage * width..(stage + 1) * width]
    }

    /// Where everybody ends. Refuses a stage from which no outcome can be reached.
    pub fn absorb(&self) -> Result<Absorption, JourneyError> {
        let n = self.n_stages;
        if let Some(stage) = self.reaches().iter().position(|reaches| !reaches) {
            return Err(JourneyError::Unreachable { stage });
        }
        let stays = (0..n * n).map(|place| {
            let (row, column) = (place / n, place % n);
            if row == column { 1.0 - self.of(row)[column] } else { -self.of(row)[column] }
        });
        let factors = Factors::of(stays.collect(), n).map_err(|stage| JourneyError::Singular { stage })?;
        let fundamental = factors.inverse();
        let row = |stage: usize| &fundamental[stage * n..(stage + 1) * n];
        let steps: Vec<f64> = (0..n).map(|stage| row(stage).iter().sum()).collect();
        let to_outcome = |stage: usize, outcome: usize| {
            row(stage).iter().enumerate().map(|(from, visits)| visits * self.of(from)[n + outcome]).sum()
        };
        let outcomes = (0..n).map(|stage| (0..self.n_outcomes).map(|k| to_outcome(stage, k)).collect());
        let variance = |stage: usize| {
            let later: f64 = row(stage).iter().zip(&steps).map(|(visits, steps)| visits * steps).sum();
            (2.0 * later - steps[stage] - steps[stage].powi(2)).max(0.0)
        };
        Ok(Absorption {
            outcomes: outcomes.collect(),
            variance_of_steps: (0..n).map(variance).collect(),
            visits: (0..n).map(|stage| row(stage).to_vec()).collect(),
            expected_steps: steps,
        })
    }

    /// Whether each stage leads to some outcome, over however many stages.
    fn reaches(&self) -> Vec<bool> {
        let n = self.n_stages;
        let mut reaches: Vec<bool> =
            (0..n).map(|stage| self.of(stage)[n..].iter().any(|p| *p > 0.0)).collect();
        let mut waiting: Vec<usize> = (0..n).filter(|stage| reaches[*stage]).collect();
        while let Some(known) = waiting.pop() {
            for (stage, reaches) in reaches.iter_mut().enumerate() {
                if !*reaches && self.of(stage)[known] > 0.0 {
                    *reaches = true;
                    waiting.push(stage);
                }
            }
        }
        reaches
    }
}

/// Where those who are in a stage will end, and when.
#[derive(Debug, Clone, PartialEq)]
pub struct Absorption {
    /// `N`, by the stage now: how often each stage will be visited, the present visit included.
    pub visits: Vec<Vec<f64>>,
    /// `B = N R`, by the stage now: the probability of each outcome.
    pub outcomes: Vec<Vec<f64>>,
    /// `t = N 1`: the expected steps until an outcome, by the stage now.
    pub expected_steps: Vec<f64>,
    /// `(2N − I) t − t²`: the variance of these steps.
    pub variance_of_steps: Vec<f64>,
}
