//! The models of purchase timing behind one set of questions, about one customer or all of them.

use super::beta_geo::{BetaGeo, ModifiedBetaGeo};
use super::beta_geo_series::SeriesByFrequency;
use super::error::ParameterError;
use super::pareto::Pareto;
use super::purchases::{Customer, DiscountRate, Horizon, RepeatPurchases};

/// A model of purchase timing with its parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TimingModel {
    /// BG/NBD.
    BetaGeo(BetaGeo),
    /// MBG/NBD.
    ModifiedBetaGeo(ModifiedBetaGeo),
    /// Pareto/NBD.
    Pareto(Pareto),
}

impl From<BetaGeo> for TimingModel {
    fn from(model: BetaGeo) -> TimingModel {
        TimingModel::BetaGeo(model)
    }
}

impl From<ModifiedBetaGeo> for TimingModel {
    fn from(model: ModifiedBetaGeo) -> TimingModel {
        TimingModel::ModifiedBetaGeo(model)
    }
}

impl From<Pareto> for TimingModel {
    fn from(model: Pareto) -> TimingModel {
        TimingModel::Pareto(model)
    }
}

/// What it is made of.
impl TimingModel {
    /// Its parameters, in the order of the literature.
    pub fn parameters(&self) -> [f64; 4] {
        match self {
            TimingModel::BetaGeo(model) => model.parameters(),
            TimingModel::ModifiedBetaGeo(model) => model.parameters(),
            TimingModel::Pareto(model) => model.parameters(),
        }
    }

    /// The same model with other parameters.
    ///
    /// # Errors
    /// [`ParameterError`] when one is not a positive number.
    pub fn with_parameters(&self, [a, b, c, d]: [f64; 4]) -> Result<TimingModel, ParameterError> {
        Ok(match self {
            TimingModel::BetaGeo(_) => BetaGeo::new(a, b, c, d)?.into(),
            TimingModel::ModifiedBetaGeo(_) => ModifiedBetaGeo::new(a, b, c, d)?.into(),
            TimingModel::Pareto(_) => Pareto::new(a, b, c, d)?.into(),
        })
    }
}

/// One customer.
impl TimingModel {
    /// The log-likelihood of a customer's purchases.
    pub fn log_likelihood(&self, customer: &Customer) -> f64 {
        match self {
            TimingModel::BetaGeo(model) => model.log_likelihood(customer),
            TimingModel::ModifiedBetaGeo(model) => model.log_likelihood(customer),
            TimingModel::Pareto(model) => model.log_likelihood(customer),
        }
    }

    /// The probability that a customer has not left.
    pub fn p_alive(&self, customer: &Customer) -> f64 {
        match self {
            TimingModel::BetaGeo(model) => model.p_alive(customer),
            TimingModel::ModifiedBetaGeo(model) => model.p_alive(customer),
            TimingModel::Pareto(model) => model.p_alive(customer),
        }
    }

    /// The model of a customer's future, given that he is alive.
    pub fn alive_after(&self, customer: &Customer) -> TimingModel {
        match self {
            TimingModel::BetaGeo(model) => model.alive_after(customer).into(),
            TimingModel::ModifiedBetaGeo(model) => model.alive_after(customer).into(),
            TimingModel::Pareto(model) => model.alive_after(customer).into(),
        }
    }

    /// The purchases that a customer is expected to make from T to T + t: `P(alive) · E[X(t)]` of his future.
    pub fn expected_purchases(&self, customer: &Customer, horizon: Horizon) -> f64 {
        self.p_alive(customer) * self.alive_after(customer).expected_purchases_new(horizon)
    }

    /// The probability that a customer buys n times from T to T + t.
    pub fn purchase_probability(&self, customer: &Customer, n: u32, horizon: Horizon) -> f64 {
        let alive = self.p_alive(customer);
        let left = if n == 0 { 1.0 - alive } else { 0.0 };
        left + alive * self.alive_after(customer).purchase_probability_new(n, horizon)
    }

    /// All purchases that a customer is expected to make from T on, discounted (DERT): what multiplies his value per purchase to his
    /// residual lifetime value.
    pub fn discounted_purchases(&self, customer: &Customer, rate: DiscountRate) -> f64 {
        self.p_alive(customer) * self.alive_after(customer).discounted_purchases_new(rate)
    }
}

/// A new customer, of whom only the first purchase is known.
impl TimingModel {
    /// `E[X(t)]`, the purchases that a new customer is expected to make until t.
    pub fn expected_purchases_new(&self, horizon: Horizon) -> f64 {
        match self {
            TimingModel::BetaGeo(model) => model.expected_purchases_new(horizon),
            TimingModel::ModifiedBetaGeo(model) => model.expected_purchases_new(horizon),
            TimingModel::Pareto(model) => model.expected_purchases_new(horizon),
        }
    }

    /// `P(X(t) = n)`, the probability that a new customer buys n times until t.
    pub fn purchase_probability_new(&self, n: u32, horizon: Horizon) -> f64 {
        match self {
            TimingModel::BetaGeo(model) => model.purchase_probability_new(n, horizon),
            TimingModel::ModifiedBetaGeo(model) => model.purchase_probability_new(n, horizon),
            TimingModel::Pareto(model) => model.purchase_probability_new(n, horizon),
        }
    }

    /// All purchases that a new customer is expected to make, discounted.
    pub fn discounted_purchases_new(&self, rate: DiscountRate) -> f64 {
        match self {
            TimingModel::BetaGeo(model) => model.discounted_purchases_new(rate),
            TimingModel::ModifiedBetaGeo(model) => model.discounted_purchases_new(rate),
            TimingModel::Pareto(model) => model.discounted_purchases_new(rate),
        }
    }
}

/// All customers, each distinct one once, on all cores; a value per row.
impl TimingModel {
    /// [`TimingModel::p_alive`] of every row.
    pub fn p_alive_all(&self, purchases: &RepeatPurchases) -> Vec<f64> {
        purchases.map(|customer| self.p_alive(customer))
    }

    /// [`TimingModel::expected_purchases`] of every row.
    pub fn expected_purchases_all(&self, purchases: &RepeatPurchases, horizon: Horizon) -> Vec<f64> {
        match self {
            TimingModel::BetaGeo(model) => {
                let series =
                    SeriesByFrequency::new(purchases, horizon, |customer| model.alive_after(customer));
                purchases.map_with_future(
                    |customer| series.expected(customer, &model.alive_after(customer)),
                    |customer, future| model.p_alive(customer) * future,
                )
            }
            TimingModel::ModifiedBetaGeo(model) => {
                let series =
                    SeriesByFrequency::new(purchases, horizon, |customer| model.alive_after(customer));
                purchases.map_with_future(
                    |customer| series.expected(customer, &model.alive_after(customer)),
                    |customer, future| model.p_alive(customer) * future,
                )
            }
            TimingModel::Pareto(_) => purchases.map(|customer| self.expected_purchases(customer, horizon)),
        }
    }

    /// [`TimingModel::purchase_probability`] of every row.
    pub fn purchase_probability_all(
        &self,
        purchases: &RepeatPurchases,
        n: u32,
        horizon: Horizon,
    ) -> Vec<f64> {
        purchases.map(|customer| self.purchase_probability(customer, n, horizon))
    }

    /// [`TimingModel::discounted_purchases`] of every row.
    pub fn discounted_purchases_all(&self, purchases: &RepeatPurchases, rate: DiscountRate) -> Vec<f64> {
        purchases.map(|customer| self.discounted_purchases(customer, rate))
    }
}
