//! Why a row has its score: what each column adds to the log-odds.

/// The probability that a margin (log-odds) stands for: `1 / (1 + e^(−margin))`.
pub fn sigmoid(margin: f64) -> f64 {
    1.0 / (1.0 + (-margin).exp())
}

/// What one column does to the score of one row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reason {
    /// The column's place among the model's names.
    pub column: usize,
    /// What it adds to the log-odds, against an average row.
    pub log_odds: f64,
    /// About how much of the probability this is: the row's probability less what it would be without this contribution. These do
    /// not add up, since probabilities do not.
    pub probability: f64,
}

/// A row's score, taken apart: `base + Σ log_odds = margin`.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The log-odds of an average row.
    pub base: f64,
    /// The log-odds of this row.
    pub margin: f64,
    /// By column, the weightiest first; those of equal weight in the order of the columns.
    pub reasons: Vec<Reason>,
}

impl Explanation {
    /// From what each column of the model adds.
    pub(super) fn new(base: f64, contributions: &[f64]) -> Explanation {
        let margin = base + contributions.iter().sum::<f64>();
        let mut reasons: Vec<Reason> = contributions
            .iter()
            .enumerate()
            .map(|(column, log_odds)| Reason {
                column,
                log_odds: *log_odds,
                probability: sigmoid(margin) - sigmoid(margin - log_odds),
            })
            .collect();
        reasons.sort_by(|a, b| b.log_odds.abs().total_cmp(&a.log_odds.abs()));
        Explanation { base, margin, reasons }
    }

    /// The same after a line was laid through the margins, `slope · margin + intercept`, as Platt's calibration does.
    pub fn on_line(&self, slope: f64, intercept: f64) -> Explanation {
        let margin = slope * self.margin + intercept;
        let scaled = |reason: &Reason| {
            let log_odds = slope * reason.log_odds;
            let probability = sigmoid(margin) - sigmoid(margin - log_odds);
            Reason { column: reason.column, log_odds, probability }
        };
        Explanation {
            base: slope * self.base + intercept,
            margin,
            reasons: self.reasons.iter().map(scaled).collect(),
        }
    }
}
