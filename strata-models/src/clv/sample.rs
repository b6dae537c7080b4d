//! The rows that a likelihood passes over: all of them or, to find the neighbourhood of the maximum, a few thousand.

use std::borrow::Cow;

use rayon::prelude::*;

use super::error::FitError;
use super::fit::FitOptions;
use super::optimise::{Evaluation, Optimum, Scale, Search, maximise};
use super::purchases::{Customer, RepeatPurchases};

/// Distinct customers with their weights.
pub(crate) struct Sample<'a> {
    customers: Cow<'a, [Customer]>,
    weights: Cow<'a, [f64]>,
    /// Each number of purchases that occurs, with the weight of those who have it.
    pub(crate) by_frequency: Vec<(f64, f64)>,
}

impl<'a> Sample<'a> {
    /// Everybody.
    pub(crate) fn whole(purchases: &'a RepeatPurchases) -> Sample<'a> {
        Sample::of(Cow::Borrowed(purchases.distinct()), Cow::Borrowed(purchases.weights()))
    }

    /// Every k-th distinct customer; none where everybody is hardly more.
    fn part(purchases: &RepeatPurchases) -> Option<Sample<'static>> {
        let step = purchases.distinct().len() / COARSE;
        (step >= 2).then(|| {
            let customers: Vec<Customer> = purchases.distinct().iter().step_by(step).copied().collect();
            let weights: Vec<f64> = purchases.weights().iter().step_by(step).copied().collect();
            Sample::of(Cow::Owned(customers), Cow::Owned(weights))
        })
    }

    fn of(customers: Cow<'a, [Customer]>, weights: Cow<'a, [f64]>) -> Sample<'a> {
        let mut of_frequency: Vec<f64> = vec![];
        for (customer, weight) in customers.iter().zip(weights.iter()) {
            let x = customer.frequency as usize;
            if x >= of_frequency.len() {
                of_frequency.resize(x + 1, 0.0);
            }
            of_frequency[x] += weight;
        }
        let by_frequency = of_frequency.into_iter().enumerate().filter(|(_, weight)| *weight > 0.0);
        Sample {
            customers,
            weights,
            by_frequency: by_frequency.map(|(x, weight)| (x as f64, weight)).collect(),
        }
    }

    /// The sums of N figures over everybody, on all cores; added up in one order, whatever the number of cores.
    pub(crate) fn sum<const N: usize>(&self, add: impl Fn(&Customer, f64, &mut [f64; N]) + Sync) -> [f64; N] {
        let of_chunk = |(customers, weights): (&[Customer], &[f64])| {
            let mut sums = [0.0; N];
            for (customer, weight) in customers.iter().zip(weights) {
                add(customer, *weight, &mut sums);
            }
            sums
        };
        let added = |mut sums: [f64; N], chunk: [f64; N]| {
            sums.iter_mut().zip(chunk).for_each(|(sum, of_chunk)| *sum += of_chunk);
            sums
        };
        if self.customers.len() <= CHUNK {
            return of_chunk((&self.customers, &self.weights));
        }
        let chunks = self.customers.par_chunks(CHUNK).zip(self.weights.par_chunks(CHUNK));
        chunks.map(of_chunk).collect::<Vec<_>>().into_iter().fold([0.0; N], added)
    }
}

/// Distinct customers in the sample on which every start is tried.
const COARSE: usize = 3000;

/// Customers that one task passes over.
const CHUNK: usize = 2048;

/// The model of greatest likelihood: every start is tried on a sample, and the best is carried on with everybody.
///
/// `units` are those of the parameters: what the search takes as 1. `starts` are in these units.
pub(crate) fn fit_timing(
    model: &'static str,
    likelihood: impl Fn(&[f64], &Sample<'_>) -> Evaluation,
    units: &[f64],
    starts: &[Vec<f64>],
    purchases: &RepeatPurchases,
    options: &FitOptions,
) -> Result<Optimum, FitError> {
    let search = options.search()?;
    purchases.check_enough()?;
    let scales = vec![Scale::Positive; units.len()];
    let by_unit = |sample: &Sample<'_>, starts: &[Vec<f64>], search: &Search| {
        maximise(|p| in_units(p, units, |natural| likelihood(natural, sample)), &scales, starts, search)
    };
    let rough = Sample::part(purchases).and_then(|part| {
        // The sample may lack what holds a parameter back; from inside everything is found again.
        let found = by_unit(&part, starts, &Search { most_steps: 50, ..search })?;
        Some(vec![found.parameters.iter().map(|value| value.clamp(1e-3, 1e3)).collect::<Vec<f64>>()])
    });
    let whole = Sample::whole(purchases);
    let found = by_unit(&whole, rough.as_deref().unwrap_or(starts), &search);
    found.map(|optimum| optimum.in_units(units)).ok_or(FitError::NoStart { model })
}

/// A likelihood by parameters that are multiples of their units.
pub(crate) fn in_units(p: &[f64], units: &[f64], likelihood: impl Fn(&[f64]) -> Evaluation) -> Evaluation {
    let natural: Vec<f64> = p.iter().zip(units).map(|(value, unit)| value * unit).collect();
    let mut at = likelihood(&natural);
    for i in 0..p.len() {
        at.gradient[i] *= units[i];
        (0..=i).for_each(|j| at.hessian.set(i, j, at.hessian.at(i, j) * units[i] * units[j]));
    }
    at
}
