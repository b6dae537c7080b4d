//! Who stands for a segment, as ranges that at least ten people share.

use serde::{Deserialize, Serialize};

use super::figure::range;

/// Fewer people are not shown.
pub(super) const FEWEST_ALIKE: u64 = 10;

/// Who stands for a segment. Where fewer than ten people are alike, it is not shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Representative {
    /// Whether the traits go together, as those of a customer in the middle and others like it; otherwise each is the middle half by itself.
    pub is_together: bool,
    /// How many people it is taken from.
    pub n_alike: u64,
    /// What is shown.
    pub traits: Vec<RepresentativeTrait>,
}

/// One trait of a representative.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RepresentativeTrait {
    /// What it is called: `order value`.
    pub label: String,
    /// What is typical.
    pub typical: Typical,
}

/// What is typical in a trait.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Typical {
    /// Between these lies the middle half.
    Range {
        /// The lower end.
        low: f64,
        /// The upper end.
        high: f64,
        /// `years`, `EUR`, or nothing.
        unit: String,
    },
    /// The most frequent level.
    Level(String),
}

impl Representative {
    pub(super) fn is_shown(&self) -> bool {
        self.n_alike >= FEWEST_ALIKE && !self.traits.is_empty()
    }

    /// What is typical, as `age 35 to 49 years; region North`.
    pub fn sentence(&self) -> String {
        let said = |each: &RepresentativeTrait| match &each.typical {
            Typical::Range { low, high, unit } => format!("{} {}", each.label, range(*low, *high, unit)),
            Typical::Level(level) => format!("{} {level}", each.label),
        };
        let said: Vec<String> = self.traits.iter().map(said).collect();
        let before = if self.is_together { "A typical member" } else { "Typical, each by itself" };
        format!("{before}: {}.", said.join("; "))
    }
}
