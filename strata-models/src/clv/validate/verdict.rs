//! Whether a model beats the rules of thumb: measure by measure, and only where the difference is no chance.
//!
//! The difference is resampled by customer, the same customers for all contenders, so what is common to them cancels. Each
//! customer is drawn a Poisson(1) number of times: for many customers that is the bootstrap, and each resample is one pass
//! over rows that were sorted once.
//!
//! Efron, B. and Tibshirani, R. J. (1993). An Introduction to the Bootstrap. Chapman & Hall, ch. 13 (percentile interval).
//! Hanley, J. A. and MacGibbon, B. (2006). Creating non-parametric bootstrap samples using Poisson frequencies. Computer
//! Methods and Programs in Biomedicine 83, 57–62.

use super::measure::{Measure, Measures, Outcomes};
use super::ranking::Ranking;
use super::{Holdout, ValidationError, check_column};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rayon::prelude::*;

/// How differences are resampled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Resampling {
    /// How many resamples: at least 100; a thousand are usual.
    pub n_resamples: u32,
    /// The confidence of the intervals, between 0 and 1.
    pub confidence: f64,
}

impl Default for Resampling {
    fn default() -> Self {
        Self { n_resamples: 1000, confidence: 0.95 }
    }
}

/// A model against baselines.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The model's measures.
    pub model: Measures,
    /// Those of each baseline, in the order given.
    pub baselines: Vec<Measures>,
    /// The model against each baseline in each measure that both have.
    pub comparisons: Vec<Comparison>,
}

impl Verdict {
    /// Where a baseline is better and it is no chance: whoever shows the model has to say so.
    pub fn losses(&self) -> impl Iterator<Item = &Comparison> {
        self.comparisons.iter().filter(|comparison| comparison.outcome == Outcome::BaselineWins)
    }

    /// Better than every baseline where it counts, how far off it is and whom it ranks first; worse than one of them in one of these;
    /// or neither, by more than chance: `better`, `worse` or `no_worse`.
    pub fn word(&self) -> &'static str {
        let counts = |one: &&Comparison| {
            matches!(one.measure, Measure::RootMeanSquaredError | Measure::NormalisedGini)
        };
        let all: Vec<&Comparison> = self.comparisons.iter().filter(counts).collect();
        if all.iter().any(|one| one.outcome == Outcome::BaselineWins) {
            "worse"
        } else if !all.is_empty() && all.iter().all(|one| one.outcome == Outcome::ModelWins) {
            "better"
        } else {
            "no_worse"
        }
    }

    /// Which baseline has the best figure of a measure, or `None` where the model itself has; by the figures alone, chance
    /// or not.
    pub fn best_baseline(&self, measure: Measure) -> Option<usize> {
        let of_measure = self.comparisons.iter().filter(|comparison| comparison.measure == measure);
        let better = of_measure.filter(|comparison| comparison.advantage < 0.0);
        better.min_by(|a, b| a.advantage.total_cmp(&b.advantage)).map(|comparison| comparison.baseline)
    }
}

/// A model against one baseline in one measure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// The measure.
    pub measure: Measure,
    /// The baseline, by its place from 0.
    pub baseline: usize,
    /// By how much the model is better, in the measure's unit; below zero it is worse.
    pub advantage: f64,
    /// Where the advantage lies with the confidence asked for; none where too few resamples have both figures. Not adjusted
    /// for the number of comparisons.
    pub interval: Option<(f64, f64)>,
    /// Who wins.
    pub outcome: Outcome,
}

/// Who wins a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The whole interval is above zero.
    ModelWins,
    /// The whole interval is below zero.
    BaselineWins,
    /// The interval holds zero, or there is none: the difference may be chance.
    Undecided,
}

impl Outcome {
    /// What it is called in tables.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::ModelWins => "model",
            Outcome::BaselineWins => "baseline",
            Outcome::Undecided => "undecided",
        }
    }
}

/// Holds a model's predictions and those of baselines against what happened.
///
/// `baselines` are columns as the model's: one figure a customer. The same seed yields the same verdict, on any number of
/// cores.
///
/// # Errors
/// [`ValidationError`] when a column does not fit, or a setting is out of its range.
pub fn judge(
    holdout: &Holdout<'_>,
    baselines: &[&[f64]],
    resampling: Resampling,
    generator: &mut impl RngCore,
) -> Result<Verdict, ValidationError> {
    let Resampling { n_resamples, confidence } = resampling;
    if n_resamples < 100 {
        let value = f64::from(n_resamples);
        return Err(ValidationError::Setting { name: "n_resamples", value, expected: "at least 100" });
    }
    if !(confidence > 0.0 && confidence < 1.0) {
        let expected = "between 0 and 1";
        return Err(ValidationError::Setting { name: "confidence", value: confidence, expected });
    }
    for baseline in baselines {
        check_column("baseline", baseline, holdout.actual.len())?;
    }
    let contenders = Contenders::of(holdout, baselines);
    let measures = contenders.measure(&vec![1; holdout.actual.len()]);
    let seeds: Vec<u64> = (0..n_resamples).map(|_| generator.next_u64()).collect();
    let resampled: Vec<Vec<Option<f64>>> = seeds
        .into_par_iter()
        .map(|seed| advantages(&contenders.measure(&poisson_weights(seed, holdout.actual.len()))))
        .collect();
    let places = (0..baselines.len()).flat_map(|baseline| Measure::ALL.map(|measure| (baseline, measure)));
    let comparisons = places
        .zip(advantages(&measures))
        .enumerate()
        .filter_map(|(place, ((baseline, measure), advantage))| {
            let mut values: Vec<f64> = resampled.iter().filter_map(|advantages| advantages[place]).collect();
            let interval = (values.len() * 2 > resampled.len()).then(|| percentiles(&mut values, confidence));
            let outcome = match interval {
                Some((low, _)) if low > 0.0 => Outcome::ModelWins,
                Some((_, high)) if high < 0.0 => Outcome::BaselineWins,
                _ => Outcome::Undecided,
            };
            Some(Comparison { measure, baseline, advantage: advantage?, interval, outcome })
        })
        .collect();
    Ok(Verdict { model: measures[0], baselines: measures[1..].to_vec(), comparisons })
}

/// The model, first, and the baselines, each sorted once.
struct Contenders<'a> {
    actual: (&'a [f64], Ranking),
    predicted: Vec<(&'a [f64], Ranking)>,
}

impl<'a> Contenders<'a> {
    fn of(holdout: &Holdout<'a>, baselines: &[&'a [f64]]) -> Contenders<'a> {
        let ranked = |column: &'a [f64]| (column, Ranking::of(column));
        let columns: Vec<&[f64]> =
            std::iter::once(holdout.predicted).chain(baselines.iter().copied()).collect();
        Contenders {
            actual: ranked(holdout.actual),
            predicted: columns.into_par_iter().map(ranked).collect(),
        }
    }

    fn measure(&self, weights: &[u8]) -> Vec<Measures> {
        let outcomes = Outcomes::of(self.actual.0, &self.actual.1, weights);
        let mut ranks = Vec::new();
        let measure =
            |(column, ranking): &(&[f64], Ranking)| outcomes.measure(column, ranking, weights, &mut ranks);
        self.predicted.iter().map(measure).collect()
    }
}

/// The first's advantage over each other in each measure.
fn advantages(measures: &[Measures]) -> Vec<Option<f64>> {
    let over = |other: &Measures| Measure::ALL.map(|measure| measures[0].advantage(other, measure));
    measures[1..].iter().flat_map(over).collect()
}

/// How often each of `n` customers is drawn: independent Poisson(1) numbers, by inversion of 32 random bits.
fn poisson_weights(seed: u64, n: usize) -> Vec<u8> {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let mut cumulated = [0_u32; 12];
    let (mut probability, mut below) = ((-1.0_f64).exp(), 0.0);
    for (count, bound) in cumulated.iter_mut().enumerate() {
        below += probability;
        *bound = (below * f64::from(u32::MAX)) as u32;
        probability /= count as f64 + 1.0;
    }
    let draw = |bits: u32| cumulated.iter().take_while(|bound| bits > **bound).count() as u8;
    (0..n).map(|_| draw(generator.next_u32())).collect()
}

/// The percentile interval of sorted values, between order statistics by a straight line.
fn percentiles(values: &mut [f64], confidence: f64) -> (f64, f64) {
    values.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| {
        let place = share * (values.len() - 1) as f64;
        let (below, rest) = (place.floor() as usize, place.fract());
        let above = (below + 1).min(values.len() - 1);
        values[below] + rest * (values[above] - values[below])
    };
    (at((1.0 - confidence) / 2.0), at((1.0 + confidence) / 2.0))
}
