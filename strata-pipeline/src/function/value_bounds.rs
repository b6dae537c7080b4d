//! Between which amounts what a subject will bring lies, row by row. The fitted models travel in the call as a constant, with how
//! uncertain they are.

use std::sync::Arc;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde::{Deserialize, Serialize};
use strata_lake::arrow::array::{ArrayRef, AsArray, Float64Builder, ListBuilder};
use strata_lake::arrow::datatypes::{DataType, Field, Float64Type};
use strata_lake::datafusion::common::exec_datafusion_err;
use strata_lake::datafusion::logical_expr::ScalarUDF;
use strata_models::clv::beta_geo::{BetaGeo, ModifiedBetaGeo};
use strata_models::clv::error::ParameterError;
use strata_models::clv::fit::Fit;
use strata_models::clv::gamma_gamma::GammaGamma;
use strata_models::clv::pareto::Pareto;
use strata_models::clv::purchases::Customer;
use strata_models::clv::symmetric::Symmetric;
use strata_models::clv::timing::TimingModel;
use strata_models::clv::value_interval::{Outcomes, model_draws};
use strata_spec::definition::Model;

use super::prediction::over_days;
use super::scalar::{value, with_constant};

/// So many futures are drawn of each history: the share beyond an end is right within two percent (standard error) of all.
const DRAWS: usize = 200;

/// Fitted models with the covariances of their parameters, and what is asked of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Bounds {
    model: Model,
    timing: [f64; 4],
    timing_covariance: Option<Vec<f64>>,
    spend: [f64; 3],
    spend_covariance: Option<Vec<f64>>,
    horizon_days: f64,
    discount_rate: f64,
    level: f64,
}

/// `value_bounds(frequency, recency, tenure, monetary_value, model)`: the two ends of the interval in which what the purchases of a
/// customer with that history will be worth lies, as a list; null without a history. The model is a constant.
pub(crate) fn value_bounds() -> ScalarUDF {
    let mut arguments = vec![DataType::Float64; 4];
    arguments.push(DataType::Utf8);
    let ends = DataType::List(Arc::new(Field::new_list_field(DataType::Float64, true)));
    with_constant("value_bounds", arguments, ends, |arguments, text| {
        let columns: Vec<_> =
            arguments.iter().map(|argument| argument.as_primitive::<Float64Type>()).collect();
        let n_rows = columns.first().map_or(0, |column| column.len());
        let mut list = ListBuilder::with_capacity(Float64Builder::with_capacity(2 * n_rows), n_rows);
        if n_rows == 0 {
            // A constant is made of the first row.
            list.append_null();
            return Ok(Arc::new(list.finish()) as ArrayRef);
        }
        let no_model = |error: &dyn std::fmt::Display| exec_datafusion_err!("no model: {error}");
        let bounds: Bounds = serde_json::from_str(text).map_err(|error| no_model(&error))?;
        let mut outcomes = bounds.outcomes().map_err(|error| no_model(&error))?;
        for row in 0..n_rows {
            let at = |place: usize| value(columns[place], row);
            let customer = || Customer::new(at(0)?, at(1)?, at(2)?).ok();
            match customer().and_then(|customer| outcomes.interval(&customer, at(3))) {
                Some((low, high)) => {
                    list.values().append_value(low);
                    list.values().append_value(high);
                    list.append(true);
                }
                None => list.append_null(),
            }
        }
        Ok(Arc::new(list.finish()))
    })
}

impl Bounds {
    /// Of what fitted models say about so many days, at a discount a year.
    pub(crate) fn new(
        timing: &Fit<TimingModel>,
        spend: &Fit<GammaGamma>,
        (horizon_days, discount_rate): (f64, f64),
        level: f64,
    ) -> Bounds {
        let model = match timing.model {
            TimingModel::BetaGeo(_) => Model::BgNbd,
            TimingModel::ModifiedBetaGeo(_) => Model::MbgNbd,
            TimingModel::Pareto(_) => Model::ParetoNbd,
        };
        Bounds {
            model,
            timing: timing.model.parameters(),
            timing_covariance: timing.optimum.covariance.as_ref().map(flat),
            spend: spend.model.parameters(),
            spend_covariance: spend.optimum.covariance.as_ref().map(flat),
            horizon_days,
            discount_rate,
            level,
        }
    }

    /// As the constant of a call.
    pub(crate) fn to_text(&self) -> String {
        serde_json::json!(self).to_string()
    }

    /// The futures that are drawn: the same in each run, so that an interval moves when the history or the models do, and not by chance.
    pub(crate) fn outcomes(&self) -> std::result::Result<Outcomes, ParameterError> {
        let [a, b, c, d] = self.timing;
        let timing: TimingModel = match self.model {
            Model::BgNbd => BetaGeo::new(a, b, c, d)?.into(),
            Model::MbgNbd => ModifiedBetaGeo::new(a, b, c, d)?.into(),
            Model::ParetoNbd => Pareto::new(a, b, c, d)?.into(),
        };
        let [p, q, v] = self.spend;
        let spend = GammaGamma::new(p, q, v)?;
        let square = |flat: &Option<Vec<f64>>, n: usize| flat.as_ref().and_then(|flat| symmetric(flat, n));
        let of_timing = square(&self.timing_covariance, 4);
        let of_spend = square(&self.spend_covariance, 3);
        let mut generator = ChaCha8Rng::seed_from_u64(0);
        let draws =
            model_draws((timing, of_timing.as_ref()), (spend, of_spend.as_ref()), DRAWS, &mut generator);
        let terms = over_days(self.horizon_days, self.discount_rate)?;
        Outcomes::new(terms, draws, self.level)
    }
}

/// A matrix row by row.
fn flat(matrix: &Symmetric) -> Vec<f64> {
    let n = matrix.order();
    (0..n).flat_map(|row| (0..n).map(move |column| matrix.at(row, column))).collect()
}

fn symmetric(flat: &[f64], n: usize) -> Option<Symmetric> {
    let is_whole = flat.len() == n * n && flat.iter().all(|value| value.is_finite());
    is_whole.then(|| {
        let mut matrix = Symmetric::zeros(n);
        for row in 0..n {
            (0..=row).for_each(|column| matrix.set(row, column, flat[row * n + column]));
        }
        matrix
    })
}
