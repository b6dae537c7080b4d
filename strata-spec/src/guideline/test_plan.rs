//! The test that shows whether a guideline holds: messages at random, in the segment and in the rest.

use serde::Serialize;

use crate::error::SpecError;
use crate::persona::{count, share};

/// From which share, and by how much, a guideline should raise what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TestGoal {
    base_rate: f64,
    uplift: f64,
}

impl TestGoal {
    /// A share that is `base_rate` without the guideline and should rise by `uplift`, both as 0.05.
    ///
    /// # Errors
    /// Where either is not above 0 and below 1, or both together exceed 1.
    pub fn new(base_rate: f64, uplift: f64) -> Result<TestGoal, SpecError> {
        let is_inner = |share: f64| share > 0.0 && share < 1.0;
        if !is_inner(base_rate) || !is_inner(uplift) || base_rate + uplift > 1.0 {
            let message = format!("a share of {base_rate} cannot be tested for a rise of {uplift}");
            let hint = "give both as shares above 0 and below 1, together at most 1, as 0.05 and 0.01";
            return Err(SpecError::new(message).with_hint(hint));
        }
        Ok(TestGoal { base_rate, uplift })
    }

    /// `⌈16 p (1 − p) / δ²⌉`: how many each of two halves needs for a power of 0.8 at a significance of 0.05.
    ///
    /// Lehr, R. (1992). Sixteen s-squared over d-squared: a relation for crude sample size estimates. Statistics in Medicine 11,
    /// 1099–1102.
    pub fn n_per_half(self) -> u64 {
        // Digits that were lost must not add a person.
        (16.0 * self.base_rate * (1.0 - self.base_rate) / (self.uplift * self.uplift) - 1e-6).ceil().max(1.0)
            as u64
    }
}

/// Message by segment: four groups of people by chance.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TestPlan {
    /// What is left to chance.
    pub randomise: String,
    /// What is compared.
    pub metric: String,
    /// The share without the guideline, …
    pub base_rate: f64,
    /// … and by how much it should rise.
    pub uplift: f64,
    /// How many each half of the segment needs to show that the message works there.
    pub n_per_half: u64,
    /// How many each of the four groups needs to show that it works better there than in the rest: twice as many, since the difference of two
    /// differences has twice the variance of one.
    pub n_per_group: u64,
}

impl TestPlan {
    /// The test in a few sentences.
    pub fn sentence(&self) -> String {
        format!(
            "leave to chance {}. Compare the {}. To see it rise from {} to {} takes {} people in each half of the segment; to see that it rises more than in the rest takes {} in each of the four groups.",
            self.randomise,
            self.metric,
            share(self.base_rate),
            share(self.base_rate + self.uplift),
            count(self.n_per_half),
            count(self.n_per_group)
        )
    }

    pub(super) fn of(metric: Option<&str>, goal: TestGoal) -> TestPlan {
        TestPlan {
            randomise: "who gets the message by this guideline and who the usual one, by chance, half and half, in the segment and in the rest"
                .to_owned(),
            metric: metric.unwrap_or("share who click").to_owned(),
            base_rate: goal.base_rate,
            uplift: goal.uplift,
            n_per_half: goal.n_per_half(),
            n_per_group: 2 * goal.n_per_half(),
        }
    }
}
