//! The protocol: who will leave, learned from the past and measured on what was then the future.
//!
//! # In the order of time
//!
//! A block is what was known of customers at a date, with what happened in the `horizon_days` after it. Blocks follow each other by at
//! least the horizon, so that what a block is labelled by had happened when the next one's date came. Never are rows of one date both
//! learned from and measured on:
//!
//! 1. All blocks but the last two train a logistic regression and boosted trees.
//! 2. The last but one says when to stop growing trees, and calibrates both learners.
//! 3. The last measures everything, and is used for nothing else but the choice between the two.
//!
//! # The choice
//!
//! The logistic regression wins, unless the trees' log loss on the last block is lower by more than chance: the whole 95 % bootstrap
//! interval of the paired difference is on their side. Because the same rows choose and measure, the winner's figures flatter it a little; with two
//! candidates and this rule it is less than the interval, and both learners' figures are returned.
//!
//! # The verdict
//!
//! A model must beat two rules, by more than chance and by at least 0.5 % of their log loss: always saying the rate of the block before,
//! and a regression on recency alone. Where it does not, the verdict says so. A column
//! is suspected to hold what happened after the date when it tells the label of every training row, when alone it ranks
//! the last block's rows implausibly well, or when it ranks them well and the model's use of it vanishes once each customer's value is
//! replaced by the value at the date before: what is true of a customer lasts, what was looked up in the future does not.

mod importance;
mod leak;
#[cfg(test)]
mod tests;

use rand_chacha::rand_core::RngCore;
use thiserror::Error;

pub use self::importance::Importance;
pub use self::leak::{LeakRule, Sign, Suspicion};

use super::boosting::{self, BoostingError, BoostingSettings, EnsembleError};
use super::calibrate::{Calibration, Isotonic, Platt};
use super::logistic::{self, LogisticError, LogisticSettings};
use super::matrix::{Dropped, Matrix, MatrixError, RawMatrix, Suspects};
use super::measure::{Band, Interval, Measures, difference_of_losses, measures, reliability};
use super::model::{Learner, Model, Ready};

/// Customers at a date.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Block {
    /// The date, in days since 1970-01-01.
    pub date: i32,
    /// Who each row is, the same in all blocks; empty where not told, and then nothing can be lagged.
    pub customers: Vec<u64>,
    /// What was known at the date, and what happened in the days after it.
    pub rows: RawMatrix,
}

/// How to learn.
#[derive(Debug, Clone, PartialEq)]
pub struct ChurnSettings {
    /// How many days after its date a block's labels look; at least 1.
    pub horizon_days: i32,
    /// The column with the time since the last order: the rule to beat. It is held to be plausible however quickly it changes.
    pub recency: Option<String>,
    /// How the regression is fitted.
    pub logistic: LogisticSettings,
    /// How trees are grown.
    pub boosting: BoostingSettings,
    /// How log-odds become probabilities.
    pub calibration: CalibrationKind,
    /// How many bootstrap draws intervals are from.
    pub n_draws: usize,
    /// How many rows of the last block, drawn by chance, columns are permuted and lagged on.
    pub n_permuted: usize,
    /// When a column is suspected.
    pub leak: LeakRule,
}

impl Default for ChurnSettings {
    fn default() -> ChurnSettings {
        ChurnSettings {
            horizon_days: 90,
            recency: None,
            logistic: LogisticSettings::default(),
            boosting: BoostingSettings::default(),
            calibration: CalibrationKind::Platt,
            n_draws: 200,
            n_permuted: 20_000,
            leak: LeakRule::default(),
        }
    }
}

/// The kinds of calibration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CalibrationKind {
    /// A line: two numbers, right for learners that fit the log loss.
    Platt,
    /// Steps that never fall: needs some thousand rows, and takes any shape.
    Isotonic,
}

/// The learners, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LearnerKind {
    /// The simpler one.
    Logistic,
    /// The other.
    Boosting,
}

/// A model and all that is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Churn {
    /// The model that won, calibrated. It is the one that was measured: it has not seen the last two blocks' rows in training.
    pub model: Model,
    /// Which it is.
    pub chosen: LearnerKind,
    /// Log loss of the regression less that of the trees on the last block; the trees win where even `low` is above 0.
    pub gain_of_boosting: Interval,
    /// The regression, on the last block.
    pub logistic: Measures,
    /// The trees, on the last block.
    pub boosting: Measures,
    /// Always saying the rate of the last block but one, on the last block.
    pub of_base_rate: Measures,
    /// A regression on recency alone, calibrated alike, on the last block; none where no such column was named or it was dropped.
    pub of_recency: Option<Measures>,
    /// The winner's probabilities on the last block, in ten bands.
    pub reliability: Vec<Band>,
    /// What the winner owes to each column, the most important first.
    pub importance: Vec<Importance>,
    /// Columns that were not learned from.
    pub dropped: Vec<Dropped>,
    /// What to be told first.
    pub verdict: Verdict,
}

/// What speaks against a model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Verdict {
    /// The log loss is not lower than that of always saying the base rate, by more than chance and 0.5 %.
    pub no_better_than_base_rate: bool,
    /// The log loss is not lower than that of recency alone, by more than chance and 0.5 %. False where recency was not named.
    pub no_better_than_recency: bool,
    /// The regression did not reach its optimum.
    pub logistic_did_not_converge: bool,
    /// Columns that may hold what happened after the date.
    pub suspected_leak: Vec<Suspicion>,
}

/// A gain below this share of a rule's log loss is none, however sure it is: two constants differ surely too.
const LEAST_GAIN: f64 = 0.005;

/// Why nothing can be learned.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ChurnError {
    /// A training, a calibrating and a measuring block are needed.
    #[error(
        "cannot learn churn from {n_blocks} dates; hint: at least 3, each a horizon after the one before"
    )]
    TooFewBlocks {
        /// How many there are.
        n_blocks: usize,
    },
    /// The horizon is no time.
    #[error("cannot learn churn over {horizon_days} days; hint: at least 1")]
    Horizon {
        /// The horizon.
        horizon_days: i32,
    },
    /// A block comes before the labels of the one before it are known.
    #[error(
        "cannot learn churn: date {date} (days since 1970) is less than {horizon_days} days after {before}; hint: dates ascend by at least the horizon"
    )]
    TooSoon {
        /// The date.
        date: i32,
        /// The date before.
        before: i32,
        /// The horizon.
        horizon_days: i32,
    },
    /// Customers and rows are not as many.
    #[error(
        "cannot learn churn at date {date}: {n_customers} customers for {n_rows} rows; hint: one for each row, or none at all"
    )]
    Customers {
        /// The date.
        date: i32,
        /// How many customers there are.
        n_customers: usize,
        /// How many rows.
        n_rows: usize,
    },
    /// The column of recency does not exist.
    #[error(
        "cannot compare with recency \"{column}\": there is no such column; hint: name one of the blocks' columns"
    )]
    Recency {
        /// The name.
        column: String,
    },
    /// A block's table, or the training blocks' together.
    #[error("cannot learn churn at date {date} (days since 1970)")]
    Block {
        /// The date; of the training blocks the first.
        date: i32,
        /// What is wrong.
        #[source]
        source: MatrixError,
    },
    /// The regression.
    #[error("cannot learn churn by regression")]
    Logistic(#[from] LogisticError),
    /// The trees.
    #[error("cannot learn churn by trees")]
    Boosting(#[from] BoostingError),
    /// The trees, once grown.
    #[error("cannot score churn by trees")]
    Ensemble(#[from] EnsembleError),
}

/// The three parts of time, checked.
struct Parts {
    train: Matrix,
    calibrate: Matrix,
    test: Matrix,
    /// Who the rows of the last two blocks are.
    customers: [Vec<u64>; 2],
    test_date: i32,
    calibrate_date: i32,
}

/// Learns by the protocol. The blocks are consumed, since training puts them together.
pub fn learn(
    blocks: Vec<Block>,
    settings: &ChurnSettings,
    random: &mut impl RngCore,
) -> Result<Churn, ChurnError> {
    let parts = parts(blocks, settings)?;
    let regression = logistic::fit(&parts.train, &settings.logistic)?;
    let did_converge = regression.fit.converged;
    let trees = boosting::fit(&parts.train, Some(&parts.calibrate), &settings.boosting, random)?.ensemble;
    let labels = parts.test.labels();
    let mut measured = |probabilities: &[f64]| {
        measures(probabilities, labels, settings.n_draws, random)
            .ok_or(ChurnError::Block { date: parts.test_date, source: MatrixError::NoRows })
    };

    let (simple, by_simple) = calibrated(Learner::Logistic(regression), &parts, settings.calibration)?;
    let (complex, by_complex) = calibrated(Learner::Boosting(trees), &parts, settings.calibration)?;
    let by_recency = recency_alone(&parts, settings)?;
    let (weight, positives) = parts.calibrate.weight_and_positives();
    let by_rate = vec![positives / weight; labels.len()];
    let (logistic, boosting) = (measured(&by_simple)?, measured(&by_complex)?);
    let of_base_rate = measured(&by_rate)?;
    let of_recency = by_recency.as_deref().map(&mut measured).transpose()?;

    let mut gain = |from: &[f64], to: &[f64]| {
        difference_of_losses(from, to, labels, settings.n_draws, random).unwrap_or(Interval {
            value: 0.0,
            low: 0.0,
            high: 0.0,
        })
    };
    let gain_of_boosting = gain(&by_simple, &by_complex);
    let (model, chosen, probabilities) = if gain_of_boosting.low > 0.0 {
        (complex, LearnerKind::Boosting, by_complex)
    } else {
        (simple, LearnerKind::Logistic, by_simple)
    };
    let mut is_beaten = |rule: &[f64], figures: &Measures| {
        let gain = gain(rule, &probabilities);
        gain.low > 0.0 && gain.value >= LEAST_GAIN * figures.log_loss.value
    };
    let no_better_than_base_rate = !is_beaten(&by_rate, &of_base_rate);
    let both = by_recency.as_ref().zip(of_recency.as_ref());
    let no_better_than_recency = both.is_some_and(|(rule, figures)| !is_beaten(rule, figures));

    let importance = importance::importance(&model, &parts, settings.n_permuted, random)?;
    let suspected_leak = leak::suspicions(&model, &parts, settings, random)?;
    Ok(Churn {
        reliability: reliability(&probabilities, labels, 10),
        model,
        chosen,
        gain_of_boosting,
        logistic,
        boosting,
        of_base_rate,
        of_recency,
        importance,
        dropped: parts.train.dropped().to_vec(),
        verdict: Verdict {
            no_better_than_base_rate,
            no_better_than_recency,
            logistic_did_not_converge: !did_converge,
            suspected_leak,
        },
    })
}

fn parts(mut blocks: Vec<Block>, settings: &ChurnSettings) -> Result<Parts, ChurnError> {
    let horizon_days = settings.horizon_days;
    if horizon_days < 1 {
        return Err(ChurnError::Horizon { horizon_days });
    }
    for block in &blocks {
        let (n_customers, n_rows) = (block.customers.len(), block.rows.labels.len());
        if n_customers > 0 && n_customers != n_rows {
            return Err(ChurnError::Customers { date: block.date, n_customers, n_rows });
        }
    }
    for pair in blocks.windows(2) {
        let (before, date) = (pair[0].date, pair[1].date);
        if i64::from(date) - i64::from(before) < i64::from(horizon_days) {
            return Err(ChurnError::TooSoon { date, before, horizon_days });
        }
    }
    let n_blocks = blocks.len();
    let (Some(last), Some(before), false) = (blocks.pop(), blocks.pop(), blocks.is_empty()) else {
        return Err(ChurnError::TooFewBlocks { n_blocks });
    };
    let date = blocks[0].date;
    let train =
        together(blocks)?.check(Suspects::Drop).map_err(|source| ChurnError::Block { date, source })?;
    let known = |column: &String| {
        train.names().contains(column) || train.dropped().iter().any(|dropped| dropped.column == *column)
    };
    if let Some(column) = settings.recency.clone().filter(|column| !known(column)) {
        return Err(ChurnError::Recency { column });
    }
    let later = |block: Block| {
        let of_block = |source| ChurnError::Block { date: block.date, source };
        let matrix = block.rows.check(Suspects::Keep).map_err(of_block)?;
        matrix.select(train.names()).map_err(of_block)?;
        Ok::<_, ChurnError>((matrix, block.customers, block.date))
    };
    let (calibrate, customers_before, calibrate_date) = later(before)?;
    let (test, customers, test_date) = later(last)?;
    Ok(Parts { train, calibrate, test, customers: [customers_before, customers], test_date, calibrate_date })
}

/// The rows of all blocks under the first one's columns.
fn together(blocks: Vec<Block>) -> Result<RawMatrix, ChurnError> {
    let has_weights = blocks.iter().any(|block| block.rows.weights.is_some());
    let mut all: Option<RawMatrix> = None;
    for Block { date, rows, .. } in blocks {
        // Each block is looked at by itself too, so that what is wrong is told with its date.
        let of_block = |source| ChurnError::Block { date, source };
        let matrix = rows.check(Suspects::Keep).map_err(of_block)?;
        let all = all.get_or_insert_with(|| RawMatrix {
            names: matrix.names().to_vec(),
            columns: vec![Vec::new(); matrix.names().len()],
            labels: Vec::new(),
            weights: has_weights.then(Vec::new),
        });
        let columns = matrix.select(&all.names).map_err(of_block)?;
        all.columns.iter_mut().zip(columns).for_each(|(all, column)| all.extend_from_slice(column));
        all.labels.extend_from_slice(matrix.labels());
        if let Some(all) = &mut all.weights {
            all.extend((0..matrix.n_rows()).map(|row| matrix.weight(row)));
        }
    }
    Ok(all.unwrap_or_default())
}

/// The learner calibrated on the last block but one, and what it says of the last.
fn calibrated(
    learner: Learner,
    parts: &Parts,
    kind: CalibrationKind,
) -> Result<(Model, Vec<f64>), ChurnError> {
    let of_block = |date: i32| move |source| ChurnError::Block { date, source };
    let before = parts.calibrate.select(learner.names()).map_err(of_block(parts.calibrate_date))?;
    let last = parts.test.select(learner.names()).map_err(of_block(parts.test_date))?;
    let plain = Calibration::Platt(Platt { slope: 1.0, intercept: 0.0 });
    let margins = Ready::new(&learner, &plain)?.margins(&before);
    let labels = parts.calibrate.labels();
    let calibration = match kind {
        CalibrationKind::Platt => Calibration::Platt(Platt::fit(&margins, labels)),
        CalibrationKind::Isotonic => Calibration::Isotonic(Isotonic::fit(&margins, labels)),
    };
    let model = Model { learner, calibration };
    let probabilities = model.ready()?.probabilities(&last);
    Ok((model, probabilities))
}

/// What a regression on recency alone says of the last block; none where there is nothing to regress on.
fn recency_alone(parts: &Parts, settings: &ChurnSettings) -> Result<Option<Vec<f64>>, ChurnError> {
    let Some(name) = settings.recency.as_ref().filter(|name| parts.train.names().contains(name)) else {
        return Ok(None);
    };
    let of_train = |source| ChurnError::Block { date: parts.calibrate_date, source };
    let columns = parts.train.select(std::slice::from_ref(name)).map_err(of_train)?;
    let alone = RawMatrix {
        names: vec![name.clone()],
        columns: columns.into_iter().map(<[f64]>::to_vec).collect(),
        labels: parts.train.labels().to_vec(),
        weights: Some((0..parts.train.n_rows()).map(|row| parts.train.weight(row)).collect()),
    };
    let alone = alone.check(Suspects::Keep).map_err(of_train)?;
    let regression = logistic::fit(&alone, &settings.logistic)?;
    Ok(Some(calibrated(Learner::Logistic(regression), parts, settings.calibration)?.1))
}
