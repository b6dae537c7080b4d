//! Guidelines: how to speak with a segment and what to offer, from what was measured of it, with the grade of the evidence behind each.
//!
//! A [`RuleBook`] is read from TOML, the shipped one and a project's own in one form; [`RuleBook::fire`] says which of its rules hold for a
//! segment. Every guideline is a hypothesis and carries the test that would show whether it holds.

mod fire;
mod parse;
mod rule;
mod sensitive;
mod test_plan;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

pub use fire::{Fired, Firing, MeasuredScale, Reading, Seen, Withheld};
pub use rule::{
    Appeal, Condition, Domain, Fact, FiringThresholds, Grade, Rule, RuleBook, ScaleName, Side, When,
};
pub use sensitive::{is_protected, is_sensitive};
pub use test_plan::{TestGoal, TestPlan};

use crate::survey::Instrument;

const SHIPPED: (&str, &str) = ("rules.toml", include_str!("rules.toml"));

/// What is printed beside every guideline.
pub const HYPOTHESIS: &str = "A hypothesis to test, not a fact: show it at random in the segment and in the rest before it is rolled out.";

impl RuleBook {
    /// The rules that come with Strata.
    pub fn shipped() -> &'static RuleBook {
        &SHIPPED_BOOK
    }
}

#[expect(clippy::expect_used, reason = "the file is part of the program, and a test reads it")]
static SHIPPED_BOOK: LazyLock<RuleBook> = LazyLock::new(|| {
    RuleBook::parse(SHIPPED.0, SHIPPED.1, Instrument::shipped()).expect("shipped rules are valid")
});
