//! Whether predictions held: beside what happened, and beside rules of thumb.

use pyo3::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use strata_models::clv::purchases::Horizon;
use strata_models::clv::validate::baseline::{mean_of_all, rate_so_far};
use strata_models::clv::validate::{Holdout, Measure, Resampling, by_frequency, judge};

use super::customers::Customers;
use super::refused;
use super::timing::TimingModel;
use crate::arrow::Table;
use crate::column::numbers;
use crate::error::Refusal;

/// Customers with so many repeat purchases and more are one group, as in the literature.
const LAST_GROUP: u32 = 7;

type Compared = (&'static str, &'static str, f64, Option<(f64, f64)>, &'static str);

/// How predictions of purchases did.
#[pyclass(frozen, get_all, module = "strata._native")]
pub(crate) struct Validation {
    /// `better`, `no_worse` or `worse` than the rules of thumb.
    verdict: &'static str,
    /// By measure: the model's figure and each baseline's.
    measures: Vec<(&'static str, Vec<Option<f64>>)>,
    /// The measure, the baseline, the model's advantage, where it lies with 95 %, and who wins.
    comparisons: Vec<Compared>,
    /// Purchases before, whether more are in the group, customers, the mean predicted, the mean that there was.
    by_frequency: Vec<(u32, bool, usize, f64, f64)>,
}

/// Holds what a model expects of customers against the `test_frequency` of a table, over `test_t` or the table's `test_T`.
#[pyfunction]
pub(crate) fn validate_purchases(
    py: Python<'_>,
    model: &TimingModel,
    customers: &Customers,
    data: &Table,
    test_t: Option<f64>,
    resamples: u32,
    seed: u64,
) -> PyResult<Validation> {
    let validation: Result<Validation, Refusal> = py.detach(|| {
        let column = |name: &str| numbers(name, &data.column(name)?);
        let actual = column("test_frequency")?;
        let length = match test_t {
            Some(length) => length,
            None => column("test_T")?.first().copied().unwrap_or(0.0),
        };
        let horizon = Horizon::new(length).map_err(refused)?;
        let predicted = model.model().expected_purchases_all(customers.purchases(), horizon);
        let holdout = Holdout::new(&predicted, &actual).map_err(refused)?;
        let rows = || customers.purchases().rows();
        let (frequency, tenure): (Vec<f64>, Vec<f64>) =
            rows().map(|customer| (customer.frequency(), customer.tenure())).unzip();
        let pace: Vec<f64> =
            rows().map(|customer| rate_so_far(customer.frequency(), customer.tenure(), length)).collect();
        let alike = vec![mean_of_all(&frequency, &tenure, length); actual.len()];
        let names = ["rate_so_far", "mean_of_all"];
        let plan = Resampling { n_resamples: resamples, confidence: 0.95 };
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        let verdict = judge(&holdout, &[&pace, &alike], plan, &mut generator).map_err(refused)?;
        let figures = |measure: Measure| {
            let all = std::iter::once(&verdict.model).chain(&verdict.baselines);
            (measure.name(), all.map(|measures| measures.get(measure)).collect())
        };
        let counts: Vec<u32> = frequency.iter().map(|count| *count as u32).collect();
        let groups = by_frequency(&holdout, &counts, LAST_GROUP).map_err(refused)?;
        Ok(Validation {
            verdict: verdict.word(),
            measures: Measure::ALL.map(figures).to_vec(),
            comparisons: verdict
                .comparisons
                .iter()
                .map(|one| {
                    let names = (one.measure.name(), names[one.baseline]);
                    (names.0, names.1, one.advantage, one.interval, one.outcome.name())
                })
                .collect(),
            by_frequency: groups
                .iter()
                .map(|one| (one.frequency, one.and_more, one.n, one.mean_predicted, one.mean_actual))
                .collect(),
        })
    });
    Ok(validation?)
}
