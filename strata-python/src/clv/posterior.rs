//! How sure one can be: posteriors of parameters, and intervals of what customers are worth.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array};
use pyo3::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use strata_models::clv::beta_geo::BetaGeo;
use strata_models::clv::gamma_gamma::{GammaGamma, SpendData};
use strata_models::clv::optimise::Scale;
use strata_models::clv::posterior::{Draws as Drawn, SamplingPlan};
use strata_models::clv::symmetric::Symmetric;
use strata_models::clv::value_interval::{ModelDraw, ValueInterval, normal_draws, value_intervals};

use super::customers::Customers;
use super::spend::columns;
use super::timing::Name;
use super::{Terms, optional, refused};
use crate::arrow::Table;
use crate::error::Refusal;

/// Draws from a posterior.
#[pyclass(frozen, get_all, module = "strata._native")]
pub(crate) struct Draws {
    names: Vec<String>,
    /// By chain, parameter and draw.
    chains: Vec<Vec<Vec<f64>>>,
    n_divergences: usize,
    /// Of each parameter the mean, the standard deviation, the median, the ends of the interval with 90 %, R-hat and the effective
    /// number of draws.
    summary: Vec<[Option<f64>; 7]>,
}

impl From<Drawn> for Draws {
    fn from(drawn: Drawn) -> Draws {
        let of_parameter = drawn.summary().into_iter().map(|one| {
            let (low, high) = one.interval;
            let told = [one.mean, one.standard_deviation, one.median, low, high].map(Some);
            [told[0], told[1], told[2], told[3], told[4], one.r_hat, one.bulk_ess]
        });
        Draws {
            summary: of_parameter.collect(),
            names: drawn.names,
            chains: drawn.chains,
            n_divergences: drawn.n_divergences,
        }
    }
}

/// Draws of the parameters of BG/NBD.
#[pyfunction]
pub(crate) fn sample_beta_geo(
    py: Python<'_>,
    customers: &Customers,
    chains: usize,
    draws: usize,
    warm_up: usize,
    seed: u64,
) -> PyResult<Draws> {
    let plan = SamplingPlan { n_chains: chains, n_draws: draws, n_warm_up: warm_up, seed };
    let drawn = py.detach(|| BetaGeo::sample(customers.purchases(), &plan).map_err(refused));
    Ok(drawn?.into())
}

/// Draws of the parameters of Gamma-Gamma.
#[pyfunction]
pub(crate) fn sample_gamma_gamma(
    py: Python<'_>,
    data: &Table,
    weights: Option<&str>,
    chains: usize,
    draws: usize,
    warm_up: usize,
    seed: u64,
) -> PyResult<Draws> {
    let plan = SamplingPlan { n_chains: chains, n_draws: draws, n_warm_up: warm_up, seed };
    let drawn: Result<_, Refusal> = py.detach(|| {
        let (frequency, monetary_value) = columns(data)?;
        let weights = optional(data, weights)?;
        let data = SpendData::new(&frequency, &monetary_value, weights.as_deref()).map_err(refused)?;
        GammaGamma::sample(&data, &plan).map_err(refused)
    });
    Ok(drawn?.into())
}

/// Draws of positive parameters from the normal approximation of their fit.
#[pyfunction]
pub(crate) fn draws_of_fit(
    parameters: Vec<f64>,
    covariance: Vec<Vec<f64>>,
    draws: usize,
    seed: u64,
) -> PyResult<Vec<Vec<f64>>> {
    let n = parameters.len();
    if covariance.len() != n || covariance.iter().any(|row| row.len() != n) {
        return Err(Refusal::new(format!("the covariances of {n} parameters are not {n} × {n}")).into());
    }
    let mut symmetric = Symmetric::zeros(n);
    for (i, row) in covariance.iter().enumerate() {
        (0..=i).for_each(|j| symmetric.set(i, j, row[j]));
    }
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    Ok(normal_draws(&parameters, &symmetric, &vec![Scale::Positive; n], draws, &mut generator))
}

/// Of every row the mean value and the ends of its intervals; and the same of all rows together.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "they are the keywords of one Python method")]
pub(crate) fn lifetime_value_intervals(
    py: Python<'_>,
    model: &str,
    timing: Vec<[f64; 4]>,
    spend: Vec<[f64; 3]>,
    customers: &Customers,
    data: &Table,
    terms: &Terms,
    confidence: f64,
    seed: u64,
) -> PyResult<(Table, Vec<f64>)> {
    let name = Name::of(model)?;
    let valued: Result<_, Refusal> = py.detach(|| {
        let draw = |(timing, [p, q, v]): (&[f64; 4], &[f64; 3])| {
            Ok(ModelDraw {
                timing: name.with(*timing)?,
                spend: GammaGamma::new(*p, *q, *v).map_err(refused)?,
            })
        };
        let draws: Vec<ModelDraw> = timing.iter().zip(&spend).map(draw).collect::<Result<_, Refusal>>()?;
        let rows: Vec<_> = customers.purchases().rows().copied().collect();
        let (_, monetary_value) = columns(data)?;
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        value_intervals(&terms.terms, &rows, &monetary_value, &draws, confidence, &mut generator)
            .map_err(refused)
    });
    let valued = valued?;
    let column = |place: usize| -> ArrayRef {
        Arc::new(valued.customers.iter().map(|one| figures(one)[place]).collect::<Float64Array>())
    };
    let names = ["value", "expected_low", "expected_high", "outcome_low", "outcome_high"];
    let columns = names.into_iter().enumerate().map(|(place, name)| (name.to_owned(), column(place)));
    Ok((Table::of(columns.collect())?, figures(&valued.total).to_vec()))
}

/// The mean, and the ends of the intervals of the expected value and of the outcome; not a number where it is infinite.
fn figures(one: &ValueInterval) -> [f64; 5] {
    let (low, high) = one.expected.unwrap_or((f64::NAN, f64::NAN));
    let (least, most) = one.outcome.unwrap_or((f64::NAN, f64::NAN));
    [one.mean.unwrap_or(f64::NAN), low, high, least, most]
}
