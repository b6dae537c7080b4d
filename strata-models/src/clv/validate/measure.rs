//! How far predictions are off, and whether they rank customers rightly: the two can differ, and both matter.

use super::Holdout;
use super::ranking::Ranking;

/// One of the measures by which predictions are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measure {
    /// [`Measures::mean_absolute_error`]; lower is better.
    MeanAbsoluteError,
    /// [`Measures::root_mean_squared_error`]; lower is better.
    RootMeanSquaredError,
    /// [`Measures::bias`]; nearer to zero is better.
    Bias,
    /// [`Measures::spearman`]; higher is better.
    Spearman,
    /// [`Measures::normalised_gini`]; higher is better.
    NormalisedGini,
    /// [`Measures::top_decile`]; higher is better.
    TopDecile,
}

impl Measure {
    /// All of them.
    pub const ALL: [Measure; 6] = [
        Measure::MeanAbsoluteError,
        Measure::RootMeanSquaredError,
        Measure::Bias,
        Measure::Spearman,
        Measure::NormalisedGini,
        Measure::TopDecile,
    ];

    /// What it is called in tables.
    pub fn name(self) -> &'static str {
        match self {
            Measure::MeanAbsoluteError => "mean_absolute_error",
            Measure::RootMeanSquaredError => "root_mean_squared_error",
            Measure::Bias => "bias",
            Measure::Spearman => "spearman",
            Measure::NormalisedGini => "normalised_gini",
            Measure::TopDecile => "top_decile",
        }
    }
}

/// Predictions `p` against outcomes `a` of `n` customers.
///
/// The first six are in the unit of the outcome (purchases, or money). The rank measures have none; they are none where
/// nobody's outcome differs from another's, or the outcomes' sum is not positive. Equal predictions share their mean rank
/// `R`, so predictions that are all the same rank nobody: their Spearman (by convention) and Gini are 0, and they capture a
/// tenth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measures {
    /// How many customers.
    pub n: usize,
    /// `Σ p / n`.
    pub mean_predicted: f64,
    /// `Σ a / n`.
    pub mean_actual: f64,
    /// `Σ |p − a| / n`. Where most customers do nothing, it favours predictions of nothing: read it beside the bias.
    pub mean_absolute_error: f64,
    /// `√(Σ (p − a)² / n)`.
    pub root_mean_squared_error: f64,
    /// `Σ (p − a) / n`: above zero, too much was predicted.
    pub bias: f64,
    /// `Σ (p − a) / Σ a`: the bias as a share of what happened.
    pub relative_bias: Option<f64>,
    /// Spearman's correlation: Pearson's of the ranks, −1 to 1.
    pub spearman: Option<f64>,
    /// The Gini index of the outcomes in the order of the predictions, `G = 2 Σ (R − (n + 1)/2) a / (n Σ a)`.
    pub gini: Option<f64>,
    /// `G` as a share of the one that the outcomes' own order yields, which is the most there can be: at most 1.
    pub normalised_gini: Option<f64>,
    /// The share of all outcomes that was had by the tenth of the customers of whom most was predicted; none of fewer than
    /// ten.
    pub top_decile: Option<f64>,
    /// The share had by the tenth who had most: what a perfect prediction would capture.
    pub top_decile_best: Option<f64>,
}

impl Measures {
    /// The figure of one of the measures; the bias without its sign.
    pub fn get(&self, measure: Measure) -> Option<f64> {
        match measure {
            Measure::MeanAbsoluteError => Some(self.mean_absolute_error),
            Measure::RootMeanSquaredError => Some(self.root_mean_squared_error),
            Measure::Bias => Some(self.bias.abs()),
            Measure::Spearman => self.spearman,
            Measure::NormalisedGini => self.normalised_gini,
            Measure::TopDecile => self.top_decile,
        }
    }

    /// By how much these are better than others in one measure, in its unit; below zero they are worse.
    pub fn advantage(&self, other: &Measures, measure: Measure) -> Option<f64> {
        let difference = self.get(measure)? - other.get(measure)?;
        Some(match measure {
            Measure::MeanAbsoluteError | Measure::RootMeanSquaredError | Measure::Bias => -difference,
            Measure::Spearman | Measure::NormalisedGini | Measure::TopDecile => difference,
        })
    }
}

/// Measures predictions against what happened. The time is that of sorting.
pub fn measure(holdout: &Holdout<'_>) -> Measures {
    let once = vec![1; holdout.actual.len()];
    let outcomes = Outcomes::of(holdout.actual, &Ranking::of(holdout.actual), &once);
    outcomes.measure(holdout.predicted, &Ranking::of(holdout.predicted), &once, &mut Vec::new())
}

/// What all predictions of the same customers, each drawn so many times, are held against.
pub(super) struct Outcomes<'a> {
    actual: &'a [f64],
    ranks: Vec<f64>,
    n: f64,
    total: f64,
    top_decile: Option<f64>,
}

impl<'a> Outcomes<'a> {
    pub(super) fn of(actual: &'a [f64], ranking: &Ranking, weights: &[u8]) -> Outcomes<'a> {
        let mut ranks = Vec::new();
        ranking.centred_ranks(weights, &mut ranks);
        let n = weights.iter().map(|weight| f64::from(*weight)).sum::<f64>();
        let total: f64 = actual.iter().zip(weights).map(|(a, weight)| a * f64::from(*weight)).sum();
        Outcomes { actual, ranks, n, total, top_decile: ranking.top_decile(weights, actual, n, total) }
    }

    /// Measures one column of predictions; `ranks` is room to work in.
    pub(super) fn measure(
        &self,
        predicted: &[f64],
        ranking: &Ranking,
        weights: &[u8],
        ranks: &mut Vec<f64>,
    ) -> Measures {
        ranking.centred_ranks(weights, ranks);
        let mut sums = Sums::default();
        for row in 0..self.actual.len() {
            sums.add(
                f64::from(weights[row]),
                (predicted[row], ranks[row]),
                (self.actual[row], self.ranks[row]),
            );
        }
        let n = self.n.max(1.0);
        let spread = (sums.rank_p_squares * sums.rank_a_squares).sqrt();
        let varies = sums.rank_a_squares > 0.0;
        let ranked = varies && self.total > 0.0 && sums.gini_best > 0.0;
        Measures {
            n: self.n as usize,
            mean_predicted: sums.predicted / n,
            mean_actual: self.total / n,
            mean_absolute_error: sums.absolute / n,
            root_mean_squared_error: (sums.squares / n).sqrt(),
            bias: (sums.predicted - self.total) / n,
            relative_bias: (self.total > 0.0).then(|| (sums.predicted - self.total) / self.total),
            spearman: varies.then(|| if spread > 0.0 { sums.rank_products / spread } else { 0.0 }),
            gini: ranked.then(|| 2.0 * sums.gini / (n * self.total)),
            normalised_gini: ranked.then(|| sums.gini / sums.gini_best),
            top_decile: ranking.top_decile(weights, self.actual, self.n, self.total),
            top_decile_best: self.top_decile,
        }
    }
}

/// The sums from which the measures of one column are made.
#[derive(Default)]
struct Sums {
    predicted: f64,
    absolute: f64,
    squares: f64,
    rank_products: f64,
    rank_p_squares: f64,
    rank_a_squares: f64,
    gini: f64,
    gini_best: f64,
}

impl Sums {
    /// Adds a customer: how often drawn, the prediction and the outcome, each with its centred rank.
    fn add(&mut self, weight: f64, (p, rank_p): (f64, f64), (a, rank_a): (f64, f64)) {
        let error = p - a;
        self.predicted += weight * p;
        self.absolute += weight * error.abs();
        self.squares += weight * error * error;
        self.rank_products += weight * rank_p * rank_a;
        self.rank_p_squares += weight * rank_p * rank_p;
        self.rank_a_squares += weight * rank_a * rank_a;
        self.gini += weight * rank_p * a;
        self.gini_best += weight * rank_a * a;
    }
}
