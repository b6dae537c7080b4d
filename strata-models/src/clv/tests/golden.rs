//! Every figure of the timing models against 60-digit arithmetic: `golden_timing.csv`, 128 cases with up to 5,000 purchases.

use super::close;
use super::data::{columns, committed, rows};
use crate::clv::beta_geo::{BetaGeo, ModifiedBetaGeo};
use crate::clv::pareto::Pareto;
use crate::clv::purchases::{Customer, DiscountRate, Horizon, RepeatPurchases};
use crate::clv::timing::TimingModel;

/// The models of the golden file: the published parameters of the CDNOW sample.
pub(super) fn published() -> [TimingModel; 3] {
    [
        BetaGeo::new(0.243, 4.414, 0.793, 2.426).unwrap().into(),
        ModifiedBetaGeo::new(0.525, 6.183, 0.891, 1.614).unwrap().into(),
        Pareto::new(0.553, 10.578, 0.606, 11.669).unwrap().into(),
    ]
}

#[test]
fn figures_are_those_of_mpmath_with_sixty_digits() {
    let golden = rows(&committed("golden_timing.csv"));
    assert_eq!(golden.len(), 128);
    let rate = DiscountRate::new(0.0027).unwrap();
    for row in golden {
        let customer = Customer::new(row[0], row[1], row[2]).unwrap();
        let horizon = Horizon::new(row[3]).unwrap();
        for (model, column) in published().iter().zip([4, 7, 10]) {
            close(model.log_likelihood(&customer), row[column], 1e-9);
            close(model.p_alive(&customer), row[column + 1], 1e-9);
            close(model.expected_purchases(&customer, horizon), row[column + 2], 1e-9);
        }
        close(published()[2].discounted_purchases(&customer, rate), row[13], 1e-9);
    }
}

#[test]
fn all_at_once_is_one_by_one() {
    let golden = columns(&committed("golden_timing.csv"));
    let purchases = RepeatPurchases::new(&golden[0], &golden[1], &golden[2]).unwrap();
    let (horizon, rate) = (Horizon::new(39.0).unwrap(), DiscountRate::new(0.0027).unwrap());
    for model in published() {
        let expected = model.expected_purchases_all(&purchases, horizon);
        let alive = model.p_alive_all(&purchases);
        let probability = model.purchase_probability_all(&purchases, 2, horizon);
        let discounted = model.discounted_purchases_all(&purchases, rate);
        for row in 0..purchases.n_rows() {
            let customer = Customer::new(golden[0][row], golden[1][row], golden[2][row]).unwrap();
            assert_eq!(expected[row], model.expected_purchases(&customer, horizon));
            assert_eq!(alive[row], model.p_alive(&customer));
            assert_eq!(probability[row], model.purchase_probability(&customer, 2, horizon));
            assert_eq!(discounted[row], model.discounted_purchases(&customer, rate));
        }
    }
}
