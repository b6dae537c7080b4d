//! Ways that were gone: what was touched one after the other, and what came of it.

use super::error::{JourneyError, countable, divided, same_length};

/// What came of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It led where it should.
    Converted,
    /// It will lead nowhere any more.
    Lost,
    /// Not known yet.
    Open,
}

/// Checked paths: runs of codes (stages or channels), each with an outcome and a weight.
#[derive(Debug, Clone, PartialEq)]
pub struct Paths {
    n_codes: usize,
    ends: Vec<usize>,
    steps: Vec<u16>,
    outcomes: Vec<Outcome>,
    weights: Vec<f64>,
}

/// One of [`Paths`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Path<'a> {
    /// Its codes in order, at least one.
    pub steps: &'a [u16],
    /// What came of it.
    pub outcome: Outcome,
    /// For how many it stands.
    pub weight: f64,
}

impl Paths {
    /// Path `k` is `steps[ends[k − 1]..ends[k]]`. Without weights each counts 1. Refuses paths without steps, codes from `n_codes` on,
    /// columns of other lengths, and weights that are negative or no numbers.
    pub fn new(
        n_codes: usize,
        ends: Vec<usize>,
        steps: Vec<u16>,
        outcomes: Vec<Outcome>,
        weights: Option<Vec<f64>>,
    ) -> Result<Paths, JourneyError> {
        let weights = weights.unwrap_or_else(|| vec![1.0; ends.len()]);
        same_length("outcomes", outcomes.len(), ends.len())?;
        same_length("weights", weights.len(), ends.len())?;
        countable("weights", &weights)?;
        divided(&ends, steps.len())?;
        if let Some(row) = steps.iter().position(|code| usize::from(*code) >= n_codes) {
            return Err(JourneyError::Code { column: "steps", row, code: usize::from(steps[row]), n_codes });
        }
        let begins = std::iter::once(0).chain(ends.iter().copied());
        if let Some(path) = begins.zip(&ends).position(|(begin, end)| begin == *end) {
            let (reason, hint) = ("the path has no steps", "give it a stage of its own, such as `unknown`");
            return Err(JourneyError::Rows { customer: path, row: ends[path], reason, hint });
        }
        Ok(Paths { n_codes, ends, steps, outcomes, weights })
    }

    /// How many codes there are.
    pub fn n_codes(&self) -> usize {
        self.n_codes
    }

    /// How many paths there are.
    pub fn n_paths(&self) -> usize {
        self.ends.len()
    }

    /// The paths in order.
    pub fn iter(&self) -> impl Iterator<Item = Path<'_>> {
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        let ways = begins.zip(&self.ends).map(|(begin, end)| &self.steps[begin..*end]);
        ways.zip(&self.outcomes).zip(&self.weights).map(|((steps, outcome), weight)| Path {
            steps,
            outcome: *outcome,
            weight: *weight,
        })
    }

    /// The same paths with other codes, one for each step.
    pub(super) fn recoded(&self, steps: Vec<u16>, n_codes: usize) -> Result<Paths, JourneyError> {
        let (ends, outcomes) = (self.ends.clone(), self.outcomes.clone());
        Paths::new(n_codes, ends, steps, outcomes, Some(self.weights.clone()))
    }
}
