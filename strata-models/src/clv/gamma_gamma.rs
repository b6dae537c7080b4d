//! What a customer spends on a purchase: the Gamma-Gamma model, which shrinks the mean of few purchases towards that of all
//! customers.
//!
//! Each purchase of a customer is Gamma(p, rate ν), and ν differs between customers as Gamma(q, rate v). Spend is taken to
//! be independent of how often somebody buys: where the two are correlated, both this and every value made of it are off.
//!
//! Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). RFM and CLV: using iso-value curves for customer base analysis.
//! Journal of Marketing Research 42, 415–430. Fader, P. S. and Hardie, B. G. S. (2013). The Gamma-Gamma model of monetary
//! value. Note 025, brucehardie.com.

use super::error::{FitError, InputError, ParameterError};
use super::fit::{Fit, FitOptions};
use super::numbers::Numbers;
use super::optimise::{Evaluation, Scale, Search, maximise};
use super::posterior::{Draws, PRIOR_PENALTY, PositivePosterior, PosteriorError, SamplingPlan};
use super::sample::STAGES;
use super::special::{digamma, ln_gamma, trigamma};
use super::symmetric::Symmetric;
use rayon::prelude::*;

/// The Gamma-Gamma model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GammaGamma {
    p: f64,
    q: f64,
    v: f64,
}

/// Customers with their purchases and mean spend, of which a model can be fitted: checked, and by their number of purchases.
#[derive(Debug, Clone, PartialEq)]
pub struct SpendData {
    /// Ascending by frequency, then by mean spend.
    groups: Vec<Group>,
    n_customers: f64,
    /// The mean of mean spends: the unit in which the search sees money.
    unit: f64,
}

/// The customers with one number of purchases. Only the logarithms of `v + x m` differ within it; a row costs no more than that, so
/// that rows alike are not looked for.
#[derive(Debug, Clone, PartialEq)]
struct Group {
    frequency: f64,
    weight: f64,
    /// `Σ w ln (x m)` over its rows.
    ln_total: f64,
    /// What is spent in all, `x m`, and the weight, row by row.
    totals: Vec<(f64, f64)>,
}

impl SpendData {
    /// Checks the columns. `frequency` is the number x of purchases whose mean is `monetary_value` m: with the first
    /// purchase left out, as the timing models do, x of customers who bought once is 0, and they are not to be in the
    /// table.
    ///
    /// `weights` say how many customers a row stands for; 1 each where none are given. Rows of weight 0 are left out.
    ///
    /// # Errors
    /// [`InputError`] when columns differ in length, a frequency is below 1, a mean spend is not above 0, anything is not
    /// finite, or fewer than two customers are left.
    pub fn new(
        frequency: &[f64],
        monetary_value: &[f64],
        weights: Option<&[f64]>,
    ) -> Result<SpendData, InputError> {
        check_lengths(frequency.len(), &[("monetary_value", Some(monetary_value)), ("weights", weights)])?;
        let weight = |row: usize| weights.map_or(1.0, |weights| weights[row]);
        let refusal = |row| check_row(row, frequency[row], monetary_value[row], weight(row)).err();
        if let Some(refusal) = (0..frequency.len()).into_par_iter().find_map_first(refusal) {
            return Err(refusal);
        }
        let mut frequencies = Numbers::default();
        let mut groups: Vec<Group> = vec![];
        for (row, (x, m)) in frequency.iter().zip(monetary_value).enumerate() {
            if weight(row) > 0.0 {
                let place = frequencies.place(*x) as usize;
                if place == groups.len() {
                    groups.push(Group::new(*x));
                }
                groups[place].totals.push((x * m, weight(row)));
            }
        }
        let first = groups.first().map(|group| group.totals[0].0);
        if groups.len() < 2 && groups.iter().all(|group| group.totals.iter().all(|row| Some(row.0) == first))
        {
            let hint =
                "the spread between customers is what is fitted: take a longer period, or the mean of all";
            let who = "differ in purchases or mean spend";
            return Err(InputError::TooFew { found: groups.len(), who, needed: 2, hint });
        }
        groups.sort_unstable_by(|a, b| a.frequency.total_cmp(&b.frequency));
        groups.par_iter_mut().for_each(Group::add_up);
        let n_customers: f64 = groups.iter().map(|group| group.weight).sum();
        let means = |group: &Group| {
            let sum: f64 = group.totals.iter().map(|(total, weight)| total * (weight / n_customers)).sum();
            sum / group.frequency
        };
        let unit = groups.iter().map(means).sum();
        Ok(SpendData { groups, n_customers, unit })
    }

    /// About `size` rows, every k-th, of each number of purchases its share; none where that is hardly fewer than all.
    fn part(&self, size: usize) -> Option<SpendData> {
        let step = self.groups.iter().map(|group| group.totals.len()).sum::<usize>() / size;
        let mut n_before: usize = 0;
        let mut of_group = |group: &Group| {
            let first = n_before.next_multiple_of(step) - n_before;
            n_before += group.totals.len();
            let totals = group.totals.iter().skip(first).step_by(step).copied().collect();
            let mut part = Group { totals, ..Group::new(group.frequency) };
            part.add_up();
            (!part.totals.is_empty()).then_some(part)
        };
        (step >= 4).then(|| {
            let groups: Vec<Group> = self.groups.iter().filter_map(&mut of_group).collect();
            let n_customers = groups.iter().map(|group| group.weight).sum();
            SpendData { groups, n_customers, unit: self.unit }
        })
    }

    /// How many customers there are, by weight.
    pub fn n_customers(&self) -> f64 {
        self.n_customers
    }

    /// The mean over customers of their mean spend.
    pub fn mean_spend(&self) -> f64 {
        self.unit
    }

    /// The log-likelihood with its derivatives by (p, q, v), where v is in money. This is what a sampler needs.
    pub fn evaluate(&self, parameters: [f64; 3]) -> Evaluation {
        evaluate(self, parameters, 1.0)
    }
}

impl Group {
    fn new(frequency: f64) -> Group {
        Group { frequency, weight: 0.0, ln_total: 0.0, totals: vec![] }
    }

    /// The sums over its rows; blocks of them in one order, whatever the number of cores.
    fn add_up(&mut self) {
        let block = |rows: &[(f64, f64)]| {
            let weight: f64 = rows.iter().map(|(_, weight)| weight).sum();
            [weight, sum_of_logarithms(rows, |total| total)]
        };
        let blocks: Vec<[f64; 2]> = self.totals.par_chunks(BLOCK).map(block).collect();
        [self.weight, self.ln_total] = sum_of(&blocks);
    }
}

impl GammaGamma {
    /// The model with these parameters: p (shape of a customer's purchases) and q (shape of the customers) have no unit, v
    /// is in money.
    ///
    /// # Errors
    /// [`ParameterError`] when one is not positive and finite.
    pub fn new(p: f64, q: f64, v: f64) -> Result<GammaGamma, ParameterError> {
        ParameterError::check(MODEL, &NAMES, &[p, q, v])?;
        Ok(GammaGamma { p, q, v })
    }

    /// Fits the model by maximum likelihood, or with a penalty. Money is seen in units of the mean spend, so that
    /// currencies make no difference.
    ///
    /// # Errors
    /// [`FitError`] when an option is out of its range, or no start has a likelihood.
    pub fn fit(data: &SpendData, options: &FitOptions) -> Result<Fit<GammaGamma>, FitError> {
        let search = options.search()?;
        let climb = |data: &SpendData, starts: &[Vec<f64>], search: &Search| {
            let likelihood = |p: &[f64]| evaluate(data, [p[0], p[1], p[2]], data.unit);
            maximise(likelihood, &[Scale::Positive; 3], starts, search)
        };
        // All three have the mean spend 1: customers alike, usual ones, and ones of whom a few spend most.
        let mut starts = vec![vec![6.0, 4.0, 0.5], vec![2.0, 3.0, 1.0], vec![0.5, 1.5, 1.0]];
        for part in STAGES.into_iter().filter_map(|size| data.part(size)) {
            // Where a few thousand lead, everybody is near.
            if let Some(found) = climb(&part, &starts, &Search { most_steps: 30, tolerance: 1e-6, ..search })
            {
                starts = vec![found.parameters.iter().map(|value| value.clamp(1e-3, 1e3)).collect()];
            }
        }
        let found = climb(data, &starts, &search);
        let mut optimum = found.ok_or(FitError::NoStart { model: MODEL })?.in_units(&[1.0, 1.0, data.unit]);
        // A density of money, not of multiples of the mean.
        optimum.log_likelihood -= data.n_customers * data.unit.ln();
        let [p, q, v] = [optimum.parameters[0], optimum.parameters[1], optimum.parameters[2]];
        let names = NAMES.map(String::from).to_vec();
        Ok(Fit { model: GammaGamma { p, q, v }, names, optimum })
    }

    /// Draws of p, q and v given the spend, with the prior of [`posterior`](super::posterior): by the no-U-turn sampler.
    ///
    /// # Errors
    /// [`PosteriorError`] when there is no mode to begin at, the plan is empty, or the sampler found no way on.
    pub fn sample(data: &SpendData, plan: &SamplingPlan) -> Result<Draws, PosteriorError> {
        let mode = GammaGamma::fit(data, &FitOptions { penalty: PRIOR_PENALTY })?.optimum;
        let posterior = PositivePosterior {
            names: &NAMES,
            mode: &mode.parameters,
            covariance: mode.covariance.as_ref(),
            units: &[1.0, 1.0, data.unit],
            likelihood: |p: &[f64], gradient: &mut [f64]| {
                let at = data.evaluate([p[0], p[1], p[2]]);
                gradient.copy_from_slice(&at.gradient);
                at.value
            },
        };
        posterior.sample(plan)
    }

    /// The parameters p, q and v.
    pub fn parameters(&self) -> [f64; 3] {
        [self.p, self.q, self.v]
    }

    /// The log density of a mean spend m over x purchases: `ln Γ(px + q) − ln Γ(px) − ln Γ(q) + q ln v + (px − 1) ln m + px
    /// ln x − (px + q) ln(v + x m)`. For x = 0 it is 0: nothing was seen.
    pub fn log_density(&self, frequency: f64, monetary_value: f64) -> f64 {
        if frequency <= 0.0 {
            return 0.0;
        }
        let GammaGamma { p, q, v } = *self;
        let shape = p * frequency;
        // Of px ln x + px ln m − (px + q) ln(v + x m) the large parts cancel in ln(x m / (v + x m)).
        let share = -(v / (frequency * monetary_value)).ln_1p();
        ln_gamma(shape + q) - ln_gamma(shape) - ln_gamma(q) + shape * share
            - monetary_value.ln()
            - q * (frequency * monetary_value / v).ln_1p()
    }

    /// What a customer with mean spend m over x purchases will spend on one, `E[M | x, m] = p (v + x m) / (p x + q − 1)`:
    /// between m and the [population's mean](GammaGamma::population_mean), nearer to m the more purchases there are. For x
    /// = 0 it is the population's, and m does not matter. None where it is infinite, `p x + q ≤ 1`.
    pub fn expected_spend(&self, frequency: f64, monetary_value: f64) -> Option<f64> {
        let spent = if frequency > 0.0 { frequency * monetary_value } else { 0.0 };
        let below = self.p * frequency.max(0.0) + self.q - 1.0;
        let expected = self.p * (self.v + spent) / below;
        (below > 0.0 && expected.is_finite()).then_some(expected)
    }

    /// [`expected_spend`](GammaGamma::expected_spend) of many customers, on all cores.
    ///
    /// # Errors
    /// [`InputError`] when the columns differ in length, a frequency is negative, or the mean spend of somebody who bought
    /// is not above 0.
    pub fn expected_spends(
        &self,
        frequency: &[f64],
        monetary_value: &[f64],
    ) -> Result<Vec<Option<f64>>, InputError> {
        check_lengths(frequency.len(), &[("monetary_value", Some(monetary_value))])?;
        let refusal = |row: usize| {
            let x = frequency[row];
            if x == 0.0 { None } else { check_row(row, x, monetary_value[row], 1.0).err() }
        };
        let rows = (0..frequency.len()).into_par_iter();
        // The first refusal by row, whichever core finds one first.
        if let Some(refusal) = rows.find_map_first(refusal) {
            return Err(refusal);
        }
        let columns = frequency.par_iter().zip(monetary_value).with_min_len(BLOCK);
        Ok(columns.map(|(x, m)| self.expected_spend(*x, *m)).collect())
    }

    /// What a purchase of a customer brings of whom nothing is known, `E[M] = p v / (q − 1)`. None where q ≤ 1: the mean is
    /// infinite, since a few customers spend without bound, and a fit that says so has no use for values of money.
    pub fn population_mean(&self) -> Option<f64> {
        self.expected_spend(0.0, 0.0)
    }
}

const MODEL: &str = "Gamma-Gamma";
const NAMES: [&str; 3] = ["p", "q", "v"];

fn check_lengths(expected: usize, columns: &[(&'static str, Option<&[f64]>)]) -> Result<(), InputError> {
    for (column, values) in columns {
        if let Some(values) = values
            && values.len() != expected
        {
            return Err(InputError::Lengths { column, found: values.len(), other: "frequency", expected });
        }
    }
    Ok(())
}

fn check_row(row: usize, frequency: f64, monetary_value: f64, weight: f64) -> Result<(), InputError> {
    let refused = |column, value, reason, hint| Err(InputError::Value { row, column, value, reason, hint });
    if !(1.0..=LARGEST).contains(&frequency) {
        let reason = "is no number of purchases from 1 to 1e15";
        let hint =
            "leave customers without repeat purchases out: they are expected to spend the population's mean";
        return refused("frequency", frequency, reason, hint);
    }
    if !(1.0 / LARGEST..=LARGEST).contains(&monetary_value) {
        let hint = "take the mean of a customer's positive purchases, and leave those who only had gifts or returns out";
        return refused("monetary_value", monetary_value, "is no positive amount from 1e-15 to 1e15", hint);
    }
    if !(0.0..=LARGEST).contains(&weight) {
        let hint = "a weight says how many customers the row stands for";
        return refused("weights", weight, "is no number from 0 to 1e15", hint);
    }
    Ok(())
}

/// The largest figure of a column: what is made of it cannot overflow.
const LARGEST: f64 = 1e15;

/// The log-likelihood in money of the given unit, with exact derivatives. With `s = px + q`, `D = v + x m` and ψ the
/// digamma function:
///
/// | by | of a row |
/// | --- | --- |
/// | p | `x (ψ(s) − ψ(px) + ln(x m) − ln D)` |
/// | q | `ψ(s) − ψ(q) + ln v − ln D` |
/// | v | `q/v − s/D` |
/// | pp, pq, pv | `x² (ψ′(s) − ψ′(px))`, `x ψ′(s)`, `−x/D` |
/// | qq, qv, vv | `ψ′(s) − ψ′(q)`, `1/v − 1/D`, `s/D² − q/v²` |
///
/// Sums over a block of rows are added in the order of the rows, whatever the number of cores.
fn evaluate(data: &SpendData, [p, q, v]: [f64; 3], unit: f64) -> Evaluation {
    let (ln_v, psi_q, psi1_q, ln_gamma_q) = (v.ln(), digamma(q), trigamma(q), ln_gamma(q));
    let by_unit = 1.0 / unit;
    let of_group = |group: &Group| {
        let (x, w) = (group.frequency, group.weight);
        let block = |rows: &[(f64, f64)]| {
            let below = |total: f64| v + total * by_unit;
            let inverses = rows.iter().fold([0.0; 2], |[one, two], (total, weight)| {
                let inverse = 1.0 / below(*total);
                [one + weight * inverse, two + weight * inverse * inverse]
            });
            [sum_of_logarithms(rows, below), inverses[0], inverses[1]]
        };
        let blocks: Vec<[f64; 3]> = group.totals.par_chunks(BLOCK).map(block).collect();
        let [ln, one, two] = sum_of(&blocks);
        let (shape, s) = (p * x, p * x + q);
        let (psi_s, psi1_s) = (digamma(s), trigamma(s));
        let ln_total = group.ln_total - w * unit.ln();
        let value = w * (ln_gamma(s) - ln_gamma(shape) - ln_gamma_q + q * ln_v) + shape * ln_total
            - (ln_total - w * x.ln())
            - s * ln;
        [
            value,
            x * (w * (psi_s - digamma(shape)) + ln_total - ln),
            w * (psi_s - psi_q + ln_v) - ln,
            w * q / v - s * one,
            w * x * x * (psi1_s - trigamma(shape)),
            w * x * psi1_s,
            -x * one,
            w * (psi1_s - psi1_q),
            w / v - one,
            s * two - w * q / (v * v),
        ]
    };
    let groups: Vec<[f64; 10]> = data.groups.par_iter().map(of_group).collect();
    let [value, by_p, by_q, by_v, pp, pq, pv, qq, qv, vv] = sum_of(&groups);
    let mut hessian = Symmetric::zeros(3);
    for (row, column, second) in [(0, 0, pp), (0, 1, pq), (0, 2, pv), (1, 1, qq), (1, 2, qv), (2, 2, vv)] {
        hessian.set(row, column, second);
    }
    Evaluation { value, gradient: vec![by_p, by_q, by_v], hessian }
}

/// `Σ w ln f(t)`. Of rows that count once it takes the logarithm of the product of a few, where that can be told from 0 and infinity:
/// logarithms are what a pass takes longest for.
fn sum_of_logarithms(rows: &[(f64, f64)], f: impl Fn(f64) -> f64) -> f64 {
    let of_few = |rows: &[(f64, f64)]| {
        let product: f64 = rows.iter().map(|(total, _)| f(*total)).product();
        match product.is_normal() && rows.iter().all(|(_, weight)| *weight == 1.0) {
            true => product.ln(),
            false => rows.iter().map(|(total, weight)| weight * f(*total).ln()).sum(),
        }
    };
    rows.chunks(8).map(of_few).sum()
}

/// So many rows are worth a task of their own.
const BLOCK: usize = 8192;

fn sum_of<const N: usize>(terms: &[[f64; N]]) -> [f64; N] {
    terms.iter().fold([0.0; N], |mut sums, term| {
        sums.iter_mut().zip(term).for_each(|(sum, value)| *sum += value);
        sums
    })
}
