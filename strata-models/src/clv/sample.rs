//! The rows that a likelihood passes over: all of them or, to find the neighbourhood of the maximum, a few thousand.

use std::borrow::Cow;

use rayon::prelude::*;

use super::error::FitError;
use super::fit::FitOptions;
use super::numbers::{Figures, Places};
use super::optimise::{Evaluation, Optimum, Scale, Search, maximise};
use super::purchases::{Customer, RepeatPurchases};

/// Distinct customers with their weights, and what they have in common: numbers of purchases and times are few, so that a likelihood takes their
/// logarithms once each.
pub(crate) struct Sample<'a> {
    customers: Cow<'a, [Customer]>,
    weights: Cow<'a, [f64]>,
    /// Each number of purchases that occurs, with the weight of those who have it.
    pub(crate) by_frequency: Vec<(f64, f64)>,
    figures: Cow<'a, Figures>,
}

impl<'a> Sample<'a> {
    /// Everybody.
    pub(crate) fn whole(purchases: &'a RepeatPurchases) -> Sample<'a> {
        let customers = Cow::Borrowed(purchases.distinct());
        Sample::of(customers, Cow::Borrowed(purchases.weights()), Cow::Borrowed(purchases.figures()))
    }

    /// About that many distinct customers, every k-th; none where that is hardly fewer than everybody.
    fn part(purchases: &RepeatPurchases, size: usize) -> Option<Sample<'static>> {
        let step = purchases.distinct().len() / size;
        (step >= 4).then(|| {
            let customers: Vec<Customer> = purchases.distinct().iter().step_by(step).copied().collect();
            let weights: Vec<f64> = purchases.weights().iter().step_by(step).copied().collect();
            let figures = Figures::of(&customers);
            Sample::of(Cow::Owned(customers), Cow::Owned(weights), Cow::Owned(figures))
        })
    }

    fn of(customers: Cow<'a, [Customer]>, weights: Cow<'a, [f64]>, figures: Cow<'a, Figures>) -> Sample<'a> {
        let mut by_frequency: Vec<(f64, f64)> = figures.frequencies.iter().map(|x| (*x, 0.0)).collect();
        for (places, weight) in figures.places.iter().zip(weights.iter()) {
            by_frequency[places.frequency as usize].1 += weight;
        }
        Sample { customers, weights, by_frequency, figures }
    }

    /// Each recency and tenure that occurs.
    pub(crate) fn times(&self) -> &[f64] {
        &self.figures.times
    }

    /// The sums of N figures over everybody, on all cores; added up in one order, whatever the number of cores.
    pub(crate) fn sum<const N: usize>(&self, add: impl Fn(&Customer, f64, &mut [f64; N]) + Sync) -> [f64; N] {
        summed(&self.customers, &self.weights, add)
    }

    /// The same of figures that depend on where a customer's own stand in the lists.
    pub(crate) fn sum_places<const N: usize>(
        &self,
        add: impl Fn(&Places, f64, &mut [f64; N]) + Sync,
    ) -> [f64; N] {
        summed(&self.figures.places, &self.weights, add)
    }
}

fn summed<T: Sync, const N: usize>(
    rows: &[T],
    weights: &[f64],
    add: impl Fn(&T, f64, &mut [f64; N]) + Sync,
) -> [f64; N] {
    let of_chunk = |(rows, weights): (&[T], &[f64])| {
        let mut sums = [0.0; N];
        for (row, weight) in rows.iter().zip(weights) {
            add(row, *weight, &mut sums);
        }
        sums
    };
    if rows.len() <= CHUNK {
        return of_chunk((rows, weights));
    }
    let chunks = rows.par_chunks(CHUNK).zip(weights.par_chunks(CHUNK));
    chunks.map(of_chunk).collect::<Vec<_>>().into_iter().fold([0.0; N], |mut sums, chunk| {
        sums.iter_mut().zip(chunk).for_each(|(sum, of_chunk)| *sum += of_chunk);
        sums
    })
}

/// Distinct customers in the samples that are fitted before everybody: every start on the first, one on the second.
pub(super) const STAGES: [usize; 2] = [2_000, 30_000];

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
    let mut starts = starts.to_vec();
    for part in STAGES.into_iter().filter_map(|size| Sample::part(purchases, size)) {
        // No need to be exact. The sample may lack what holds a parameter back; from inside everything is found again.
        if let Some(found) = by_unit(&part, &starts, &Search { most_steps: 30, tolerance: 1e-6, ..search }) {
            starts = vec![found.parameters.iter().map(|value| value.clamp(1e-3, 1e3)).collect()];
        }
    }
    let found = by_unit(&Sample::whole(purchases), &starts, &search);
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
