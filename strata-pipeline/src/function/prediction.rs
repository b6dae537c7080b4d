//! What a fitted model predicts of a subject, row by row. The model travels in the call as a constant.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use strata_lake::arrow::array::{ArrayRef, AsArray, Float64Array};
use strata_lake::arrow::datatypes::{DataType, Float64Type};
use strata_lake::datafusion::common::{HashMap, Result, exec_datafusion_err};
use strata_lake::datafusion::logical_expr::ScalarUDF;
use strata_models::clv::beta_geo::{BetaGeo, ModifiedBetaGeo};
use strata_models::clv::error::ParameterError;
use strata_models::clv::gamma_gamma::GammaGamma;
use strata_models::clv::pareto::Pareto;
use strata_models::clv::purchases::{Customer, Horizon};
use strata_models::clv::timing::TimingModel;
use strata_models::clv::value::{Discounting, ValueTerms};
use strata_spec::definition::{Model, Prediction, Predicts};

use super::scalar::{value, with_constant};

/// A model and what is asked of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Predicted {
    /// When customers buy, in days.
    pub(crate) timing: TimingModel,
    /// What they spend.
    pub(crate) spend: Option<GammaGamma>,
    /// What is asked.
    pub(crate) prediction: Prediction,
}

/// The same as it travels.
#[derive(Serialize, Deserialize)]
struct Constant {
    model: Model,
    timing: [f64; 4],
    spend: Option<[f64; 3]>,
    predicts: Predicts,
    horizon_days: u32,
    discount_rate: f64,
}

/// `predicted(frequency, recency, tenure, monetary_value, model)`: what a model says of a customer with that history, in days and the
/// project's currency; null without a history, and where the model says nothing. The model is a constant.
pub(crate) fn predicted() -> ScalarUDF {
    let number = DataType::Float64;
    let mut arguments = vec![number.clone(); 4];
    arguments.push(DataType::Utf8);
    with_constant("predicted", arguments, number, |arguments, text| {
        let columns: Vec<_> =
            arguments.iter().map(|argument| argument.as_primitive::<Float64Type>()).collect();
        let n_rows = columns.first().map_or(0, |column| column.len());
        if n_rows == 0 {
            return Ok(Arc::new(Float64Array::new_null(0)) as ArrayRef);
        }
        let model = Predicted::from_text(text)?;
        let terms = model.terms()?;
        // Many customers have bought equally often since the same day.
        let mut futures: HashMap<[u64; 2], f64> = HashMap::new();
        let mut predict = |row: usize| {
            let at = |place: usize| value(columns[place], row);
            let customer = Customer::new(at(0)?, at(1)?, at(2)?).ok()?;
            let future = || {
                let of = [customer.frequency(), customer.tenure()].map(f64::to_bits);
                *futures.entry(of).or_insert_with(|| model.of_future(&customer, &terms).unwrap_or(f64::NAN))
            };
            model.with_spend(model.of_purchases(&customer, future)?, &customer, at(3))
        };
        Ok(Arc::new((0..n_rows).map(&mut predict).collect::<Float64Array>()))
    })
}

impl Predicted {
    /// As the constant of a call.
    pub(crate) fn to_text(self) -> String {
        let (model, timing) = match self.timing {
            TimingModel::BetaGeo(model) => (Model::BgNbd, model.parameters()),
            TimingModel::ModifiedBetaGeo(model) => (Model::MbgNbd, model.parameters()),
            TimingModel::Pareto(model) => (Model::ParetoNbd, model.parameters()),
        };
        let Prediction { predicts, horizon_days, discount_rate, .. } = self.prediction;
        let spend = self.spend.map(|spend| spend.parameters());
        serde_json::json!(Constant { model, timing, spend, predicts, horizon_days, discount_rate })
            .to_string()
    }

    fn from_text(text: &str) -> Result<Predicted> {
        let constant: Constant =
            serde_json::from_str(text).map_err(|error| exec_datafusion_err!("no model: {error}"))?;
        let Constant { model, timing, spend, predicts, horizon_days, discount_rate } = constant;
        let prediction = Prediction { model, predicts, horizon_days, discount_rate, bound: None };
        Predicted::new(timing, spend, prediction).map_err(|error| exec_datafusion_err!("no model: {error}"))
    }

    /// From the parameters of fitted models, in the order of the literature.
    pub(crate) fn new(
        [a, b, c, d]: [f64; 4],
        spend: Option<[f64; 3]>,
        prediction: Prediction,
    ) -> std::result::Result<Predicted, ParameterError> {
        let timing = match prediction.model {
            Model::BgNbd => BetaGeo::new(a, b, c, d)?.into(),
            Model::MbgNbd => ModifiedBetaGeo::new(a, b, c, d)?.into(),
            Model::ParetoNbd => Pareto::new(a, b, c, d)?.into(),
        };
        let spend = spend.map(|[p, q, v]| GammaGamma::new(p, q, v)).transpose()?;
        Ok(Predicted { timing, spend, prediction })
    }

    /// What is predicted of a history; none where the model says nothing.
    pub(crate) fn of(
        &self,
        frequency: f64,
        recency: f64,
        tenure: f64,
        monetary_value: Option<f64>,
    ) -> Option<f64> {
        let customer = Customer::new(frequency, recency, tenure).ok()?;
        let terms = self.terms().ok()?;
        let future = || self.of_future(&customer, &terms).unwrap_or(f64::NAN);
        self.with_spend(self.of_purchases(&customer, future)?, &customer, monetary_value)
    }

    /// What the history of purchases says times what is spent, where that is asked.
    fn with_spend(&self, of_purchases: f64, customer: &Customer, monetary_value: Option<f64>) -> Option<f64> {
        let spend = match self.prediction.predicts.needs_spend() {
            true => self.expected_spend(customer, monetary_value)?,
            false => 1.0,
        };
        Some(of_purchases * spend).filter(|predicted| predicted.is_finite())
    }

    /// The horizon as one period, over which money loses value from day to day.
    fn terms(&self) -> Result<ValueTerms> {
        let Prediction { horizon_days, discount_rate, .. } = self.prediction;
        over_days(f64::from(horizon_days), discount_rate)
            .map_err(|error| exec_datafusion_err!("no model: {error}"))
    }

    /// What is to be expected of a customer who has not left. When he bought last says nothing of that.
    fn of_future(&self, customer: &Customer, terms: &ValueTerms) -> Option<f64> {
        let future = self.timing.alive_after(customer);
        let horizon = Horizon::new(terms.horizon()).ok()?;
        Some(match self.prediction.predicts {
            Predicts::ExpectedPurchases => future.expected_purchases_new(horizon),
            Predicts::ChurnRisk => future.purchase_probability_new(0, horizon),
            Predicts::CustomerLifetimeValue => terms.discounted_purchases(|days| {
                Horizon::new(days).map_or(0.0, |horizon| future.expected_purchases_new(horizon))
            }),
            Predicts::ProbabilityAlive | Predicts::DaysToNextPurchase | Predicts::ExpectedSpend => 1.0,
        })
    }

    /// What the history of purchases says, given what is to be expected of who has not left; of what is worth money, the purchases to
    /// multiply the spend by.
    fn of_purchases(&self, customer: &Customer, of_future: impl FnOnce() -> f64) -> Option<f64> {
        let alive = || self.timing.p_alive(customer);
        Some(match self.prediction.predicts {
            Predicts::ProbabilityAlive => alive(),
            Predicts::ExpectedPurchases | Predicts::CustomerLifetimeValue => alive() * of_future(),
            Predicts::ChurnRisk => {
                let alive = alive();
                1.0 - alive + alive * of_future()
            }
            Predicts::DaysToNextPurchase => self.days_to_next_purchase(customer)?,
            Predicts::ExpectedSpend => 1.0,
        })
    }

    /// The days h in which the next purchase comes with a probability of one half. Until then nobody leaves, since customers of these
    /// models leave upon a purchase: `P(alive) · (1 − (α / (α + h))^r) = 1/2` with the r and α of the customer's future. None where the
    /// customer is more likely to have left.
    fn days_to_next_purchase(&self, customer: &Customer) -> Option<f64> {
        let alive = self.timing.p_alive(customer);
        let [r, alpha, ..] = match self.timing.alive_after(customer) {
            TimingModel::BetaGeo(model) => model.parameters(),
            TimingModel::ModifiedBetaGeo(model) => model.parameters(),
            TimingModel::Pareto(_) => return None,
        };
        (alive > 0.5).then(|| alpha * (-(1.0 - 0.5 / alive).ln() / r).exp_m1())
    }

    fn expected_spend(&self, customer: &Customer, monetary_value: Option<f64>) -> Option<f64> {
        // Nothing that could be averaged, as when all was refunded, says as little as no repeat purchase.
        let seen = monetary_value.filter(|spend| *spend > 0.0);
        let frequency = seen.map_or(0.0, |_| customer.frequency());
        self.spend?.expected_spend(frequency, seen.unwrap_or(0.0))
    }
}

const DAYS_OF_A_YEAR: f64 = 365.0;

/// So many days as one period, at a discount a year.
pub(super) fn over_days(days: f64, discount_rate: f64) -> std::result::Result<ValueTerms, ParameterError> {
    let discount = (days / DAYS_OF_A_YEAR * discount_rate.ln_1p()).exp_m1();
    ValueTerms::new(1, days, discount, 1.0, Discounting::Continuous)
}
