//! How sure one is of a value: of what such a customer brings on average, and of what this one will bring.
//!
//! | interval | covers | narrows with |
//! | --- | --- | --- |
//! | [`expected`](ValueInterval::expected) | that the models' parameters are estimates | more customers in the fit |
//! | [`outcome`](ValueInterval::outcome) | besides, whether this customer is alive, buys how often and when, and spends how much | more known of this customer, never to nothing |
//!
//! Neither covers that a model may be wrong, or that times change. Parameters are given as draws, from a posterior or from
//! the normal approximation of a fit ([`normal_draws`]); each draw makes one expected value and, by simulation of the
//! models themselves, one outcome.
//!
//! Values of many customers do not add up interval by interval: the total of each draw is kept, for the parameters are
//! wrong for all at once.

use super::draw;
use super::error::{InputError, ParameterError};
use super::gamma_gamma::GammaGamma;
use super::optimise::Scale;
use super::purchases::{Customer, Horizon};
use super::simulate::simulate_future;
use super::symmetric::Symmetric;
use super::timing::TimingModel;
use super::value::ValueTerms;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rayon::prelude::*;

/// One draw of the parameters of both models.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ModelDraw {
    /// When customers buy.
    pub timing: TimingModel,
    /// What they spend.
    pub spend: GammaGamma,
}

/// A value with what is known of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ValueInterval {
    /// The mean of the expected values; none where a draw has an infinite one.
    pub mean: Option<f64>,
    /// Where the expected value lies; none likewise.
    pub expected: Option<(f64, f64)>,
    /// Where what the customer will bring lies; none where an outcome is too large for a number.
    pub outcome: Option<(f64, f64)>,
}

/// The values of many customers.
#[derive(Debug, Clone, PartialEq)]
pub struct ValueIntervals {
    /// Customer by customer.
    pub customers: Vec<ValueInterval>,
    /// All of them together.
    pub total: ValueInterval,
}

/// Why customers cannot be valued.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ValueError {
    /// A row that cannot be.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A setting out of its range.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
}

/// Values customers under each draw of the parameters. `monetary_value` is the mean spend of each one's repeat purchases,
/// and does not matter where there are none; `confidence`, between 0 and 1, is that of the intervals, whose ends are the
/// quantiles of the draws: for 95 % a thousand draws are good, two hundred will do.
///
/// The time is that of draws × customers × periods predictions. The same seed yields the same intervals, on any number of
/// cores.
///
/// # Errors
/// [`ValueError`] when the columns differ in length, the mean spend of somebody with repeat purchases is not above 0, there
/// are fewer than 20 draws, or the confidence is out of its range.
pub fn value_intervals(
    terms: &ValueTerms,
    customers: &[Customer],
    monetary_value: &[f64],
    draws: &[ModelDraw],
    confidence: f64,
    generator: &mut impl RngCore,
) -> Result<ValueIntervals, ValueError> {
    check(customers, monetary_value, draws, confidence)?;
    let seed = generator.next_u64();
    let n_rows = customers.len().div_ceil(MOST_TASKS).max(FEWEST);
    let chunk_of = |(chunk, rows): (usize, &[Customer])| {
        let mut totals = vec![[0.0; 2]; draws.len()];
        let mut room = Vec::new();
        let first = chunk * n_rows;
        let intervals: Vec<ValueInterval> = (first..)
            .zip(rows)
            .map(|(row, customer)| {
                let mut generator = ChaCha8Rng::seed_from_u64(seed);
                generator.set_stream(row as u64);
                let values: Vec<[f64; 2]> = draws
                    .iter()
                    .map(|draw| value(terms, customer, monetary_value[row], draw, &mut generator, &mut room))
                    .collect();
                add(&mut totals, &values);
                interval(&values, confidence)
            })
            .collect();
        (intervals, totals)
    };
    let chunks: Vec<(Vec<ValueInterval>, Vec<[f64; 2]>)> =
        customers.par_chunks(n_rows).enumerate().map(chunk_of).collect();
    let mut totals = vec![[0.0; 2]; draws.len()];
    chunks.iter().for_each(|(_, of_chunk)| add(&mut totals, of_chunk));
    let customers = chunks.into_iter().flat_map(|(intervals, _)| intervals).collect();
    Ok(ValueIntervals { customers, total: interval(&totals, confidence) })
}

/// Where what customers will bring lies, one customer after the other: [`ValueInterval::outcome`] alone, which takes about a sixth of
/// the time, since nothing is integrated.
///
/// What comes of a customer depends on that customer's history and on nothing else, neither on who comes before nor on how
/// many there are: equal histories have equal intervals, wherever and whenever they are asked about.
#[derive(Debug, Clone)]
pub struct Outcomes {
    terms: ValueTerms,
    draws: Vec<ModelDraw>,
    confidence: f64,
    /// Room for the futures of one customer.
    times: Vec<f64>,
    values: Vec<f64>,
}

impl Outcomes {
    /// As [`value_intervals`] takes them.
    ///
    /// # Errors
    /// [`ParameterError`] when there are fewer than 20 draws, or the confidence is out of its range.
    pub fn new(
        terms: ValueTerms,
        draws: Vec<ModelDraw>,
        confidence: f64,
    ) -> Result<Outcomes, ParameterError> {
        check_draws(&draws, confidence)?;
        Ok(Outcomes { terms, draws, confidence, times: Vec::new(), values: Vec::new() })
    }

    /// The interval of one customer. `monetary_value` is the mean spend of the repeat purchases; one that is missing, or not
    /// above 0, as where all was refunded, says as little as no repeat purchase. None where an outcome is too large for a number.
    pub fn interval(&mut self, customer: &Customer, monetary_value: Option<f64>) -> Option<(f64, f64)> {
        let x = customer.frequency();
        let seen = monetary_value.filter(|mean| x > 0.0 && *mean > 0.0 && mean.is_finite());
        let history = [x, customer.recency(), customer.tenure(), seen.unwrap_or(0.0)];
        let mut generator = ChaCha8Rng::seed_from_u64(0);
        generator.set_stream(history.iter().fold(0, |hash, number| mixed(hash ^ number.to_bits())));
        self.values.clear();
        for draw in &self.draws {
            let value = outcome(&self.terms, customer, seen, draw, &mut generator, &mut self.times);
            self.values.push(value);
        }
        ends(&mut self.values, self.confidence)
    }
}

/// Bits that differ in all places where two numbers differ in one: the finaliser of SplitMix64.
///
/// Steele, G. L., Lea, D. and Flood, C. H. (2014). Fast splittable pseudorandom number generators. OOPSLA 2014.
fn mixed(bits: u64) -> u64 {
    let bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// Draws of both models' parameters by [`normal_draws`], each model with the covariances of its own fit. A model without
/// covariances, since a parameter is at a bound or not identified, is taken as it was fitted in every draw, and so is a draw
/// that is too far out to be a model: the interval then has only what the future of a customer of that model may bring.
pub fn model_draws(
    timing: (TimingModel, Option<&Symmetric>),
    spend: (GammaGamma, Option<&Symmetric>),
    n_draws: usize,
    generator: &mut impl RngCore,
) -> Vec<ModelDraw> {
    let mut drawn = |parameters: &[f64], covariance: Option<&Symmetric>| match covariance {
        Some(covariance) => {
            let scales = vec![Scale::Positive; parameters.len()];
            normal_draws(parameters, covariance, &scales, n_draws, generator)
        }
        None => vec![parameters.to_vec(); n_draws],
    };
    let timings = drawn(&timing.0.parameters(), timing.1);
    let spends = drawn(&spend.0.parameters(), spend.1);
    let draw = |(of_timing, of_spend): (Vec<f64>, Vec<f64>)| ModelDraw {
        timing: <[f64; 4]>::try_from(of_timing)
            .ok()
            .and_then(|parameters| timing.0.with_parameters(parameters).ok())
            .unwrap_or(timing.0),
        spend: <[f64; 3]>::try_from(of_spend)
            .ok()
            .and_then(|[p, q, v]| GammaGamma::new(p, q, v).ok())
            .unwrap_or(spend.0),
    };
    timings.into_iter().zip(spends).map(draw).collect()
}

/// Draws of parameters from the normal approximation of a fit: normal in θ (the logarithm of a positive parameter) with the
/// covariances of the parameters there, so that no draw is out of range. Where a fit has no covariances, since a parameter is
/// at a bound or not identified, take a posterior.
pub fn normal_draws(
    parameters: &[f64],
    covariance: &Symmetric,
    scales: &[Scale],
    n_draws: usize,
    generator: &mut impl RngCore,
) -> Vec<Vec<f64>> {
    let mut covariance = covariance.clone();
    let slope = |i: usize| if scales[i] == Scale::Positive { parameters[i] } else { 1.0 };
    for row in 0..covariance.order() {
        for column in 0..=row {
            covariance.set(row, column, covariance.at(row, column) / (slope(row) * slope(column)));
        }
    }
    let eigen = covariance.eigen();
    let draw = |_| {
        let mut theta = vec![0.0; parameters.len()];
        for (variance, vector) in &eigen {
            let along = draw::normal(generator) * variance.max(0.0).sqrt();
            theta.iter_mut().zip(vector).for_each(|(theta, v)| *theta += along * v);
        }
        let moved = |((value, theta), scale): ((&f64, &f64), &Scale)| match scale {
            Scale::Positive => value * theta.exp(),
            Scale::Real => value + theta,
        };
        parameters.iter().zip(&theta).zip(scales).map(moved).collect()
    };
    (0..n_draws).map(draw).collect()
}

/// The fewest customers that one task values, and the most tasks: each keeps a total for each draw.
const FEWEST: usize = 64;
const MOST_TASKS: usize = 256;

fn check(
    customers: &[Customer],
    monetary_value: &[f64],
    draws: &[ModelDraw],
    confidence: f64,
) -> Result<(), ValueError> {
    let (found, expected) = (monetary_value.len(), customers.len());
    if found != expected {
        return Err(
            InputError::Lengths { column: "monetary_value", found, other: "customers", expected }.into()
        );
    }
    let is_refused =
        |(customer, m): (&Customer, &f64)| customer.frequency() > 0.0 && !(*m > 0.0 && m.is_finite());
    if let Some(row) = customers.iter().zip(monetary_value).position(is_refused) {
        let (column, value, reason) = ("monetary_value", monetary_value[row], "is no positive amount");
        let hint = "give the mean spend of the repeat purchases of everybody who has made one";
        return Err(InputError::Value { row, column, value, reason, hint }.into());
    }
    Ok(check_draws(draws, confidence)?)
}

fn check_draws(draws: &[ModelDraw], confidence: f64) -> Result<(), ParameterError> {
    let out_of_range = |parameter, value, hint| ParameterError { of: "an interval", parameter, value, hint };
    if draws.len() < FEWEST_DRAWS {
        let hint = "draw the models' parameters 200 times or more";
        return Err(out_of_range("number of draws", draws.len() as f64, hint));
    }
    if !(confidence > 0.0 && confidence < 1.0) {
        return Err(out_of_range("confidence", confidence, "give a share between 0 and 1: 0.95 for 95 %"));
    }
    Ok(())
}

const FEWEST_DRAWS: usize = 20;

/// The expected value and one outcome under one draw of the parameters. A customer's purchases are Gamma(p, rate ν), where
/// given the known ones `ν ~ Gamma(p x + q, rate v + x m)`.
fn value(
    terms: &ValueTerms,
    customer: &Customer,
    monetary_value: f64,
    draw: &ModelDraw,
    generator: &mut ChaCha8Rng,
    times: &mut Vec<f64>,
) -> [f64; 2] {
    let x = customer.frequency();
    let spend = draw.spend.expected_spend(x, monetary_value).unwrap_or(f64::INFINITY);
    let alive = draw.timing.p_alive(customer);
    let future = draw.timing.alive_after(customer);
    let expected_purchases =
        terms.discounted_purchases(|t| alive * future.expected_purchases_new(Horizon(t)));
    let expected = if expected_purchases > 0.0 { terms.margin() * expected_purchases * spend } else { 0.0 };
    let seen = (x > 0.0).then_some(monetary_value);
    [expected, outcome(terms, customer, seen, draw, generator, times)]
}

/// What one customer brings in a future that is drawn; `seen` is the mean spend of the repeat purchases, none where there is
/// nothing to average.
fn outcome(
    terms: &ValueTerms,
    customer: &Customer,
    seen: Option<f64>,
    draw: &ModelDraw,
    generator: &mut ChaCha8Rng,
    times: &mut Vec<f64>,
) -> f64 {
    simulate_future(&draw.timing, customer, Horizon(terms.horizon()), generator, times);
    if times.is_empty() {
        return 0.0;
    }
    let [p, q, v] = draw.spend.parameters();
    let (x, spent) = seen.map_or((0.0, 0.0), |mean| (customer.frequency(), customer.frequency() * mean));
    let scale = (v + spent) / draw::gamma(generator, p * x + q);
    let spends = times.iter().map(|time| terms.discount_at(*time) * draw::gamma(generator, p) * scale);
    terms.margin() * spends.sum::<f64>()
}

fn add(totals: &mut [[f64; 2]], values: &[[f64; 2]]) {
    for (total, value) in totals.iter_mut().zip(values) {
        total[0] += value[0];
        total[1] += value[1];
    }
}

fn interval(values: &[[f64; 2]], confidence: f64) -> ValueInterval {
    let quantiles = |place: usize| {
        let mut column: Vec<f64> = values.iter().map(|value| value[place]).collect();
        ends(&mut column, confidence)
    };
    let mean = values.iter().map(|value| value[0] / values.len() as f64).sum::<f64>();
    ValueInterval { mean: mean.is_finite().then_some(mean), expected: quantiles(0), outcome: quantiles(1) }
}

/// The quantiles that leave out as much on either side; none where a number is not finite.
fn ends(column: &mut [f64], confidence: f64) -> Option<(f64, f64)> {
    if !column.iter().all(|value| value.is_finite()) {
        return None;
    }
    column.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| {
        let rank = share * (column.len() - 1) as f64;
        let (below, rest) = (rank.floor() as usize, rank.fract());
        let above = (below + 1).min(column.len() - 1);
        column[below] + rest * (column[above] - column[below])
    };
    Some((at((1.0 - confidence) / 2.0), at((1.0 + confidence) / 2.0)))
}
