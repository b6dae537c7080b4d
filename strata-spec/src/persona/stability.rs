//! Whether a segment would be found again: the badge of a persona.

use serde::{Deserialize, Serialize};

/// What resampling said of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Stability {
    /// The mean Jaccard similarity with what is found again in samples of the customers, 0 to 1.
    pub jaccard: f64,
    /// Whether that is more than in data without groups; none where it was not tried.
    pub beats_chance: Option<bool>,
}

/// How far a segment can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Badge {
    /// Found again nearly as it is, and more so than by chance.
    HighlyStable,
    /// Found again, and more so than by chance.
    Stable,
    /// Found again, but so are groups in data that have none.
    UsefulCut,
    /// Seen again in part.
    Pattern,
    /// Not found again.
    Unstable,
    /// It was not tried, as for segments that are rules.
    Untested,
}

impl Badge {
    /// The badge of a similarity: Hennig, C. (2007). Cluster-wise assessment of cluster stability. Computational Statistics & Data Analysis 52,
    /// 258–271, with the null of data without groups, since cuts of noise reach 0.75 too.
    pub fn of(stability: Option<Stability>) -> Badge {
        let Some(Stability { jaccard, beats_chance }) = stability else { return Badge::Untested };
        match (jaccard, beats_chance) {
            (0.85.., Some(true)) => Badge::HighlyStable,
            (0.75.., Some(true)) => Badge::Stable,
            (0.75.., _) => Badge::UsefulCut,
            (0.6.., _) => Badge::Pattern,
            _ => Badge::Unstable,
        }
    }

    /// What it says to people.
    pub fn sentence(self) -> &'static str {
        match self {
            Badge::HighlyStable => "Highly stable: the same group is found again and again.",
            Badge::Stable => "Stable: the same group is found again.",
            Badge::UsefulCut => "A useful cut of a continuum, not a natural group.",
            Badge::Pattern => "A pattern: the group is found again in part only.",
            Badge::Unstable => "Not stable: another sample would give another group.",
            Badge::Untested => "Its stability was not tested.",
        }
    }
}
