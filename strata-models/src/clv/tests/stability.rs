//! Extremes of data and parameters: everything stays finite, and what must agree agrees.

use super::close;
use super::data::{cdnow, committed, rows};
use super::golden::published;
use crate::clv::beta_geo::{BetaGeo, ModifiedBetaGeo};
use crate::clv::beta_geo_likelihood::{Variant, evaluate, evaluate_gradient};
use crate::clv::optimise::Evaluation;
use crate::clv::pareto::Pareto;
use crate::clv::pareto_likelihood;
use crate::clv::purchases::{Customer, DiscountRate, Horizon, RepeatPurchases};
use crate::clv::sample::Sample;
use crate::clv::timing::TimingModel;

fn horizon(t: f64) -> Horizon {
    Horizon::new(t).unwrap()
}

fn models() -> Vec<TimingModel> {
    let mut models = published().to_vec();
    for scale in [1e-6, 1e-2, 1.0, 1e2, 1e6] {
        for other in [1e-4, 1.0, 1e4] {
            models.push(BetaGeo::new(1.0, scale, other, 1.0).unwrap().into());
            models.push(BetaGeo::new(other, 5.0, 0.5, scale).unwrap().into());
            models.push(ModifiedBetaGeo::new(0.5, scale, other, 2.0).unwrap().into());
            models.push(ModifiedBetaGeo::new(other, 1.0, scale, scale).unwrap().into());
            models.push(Pareto::new(0.5, scale, 1.0, other).unwrap().into());
            models.push(Pareto::new(other, 2.0, scale, 3.0).unwrap().into());
        }
    }
    models
}

#[test]
fn nothing_is_ever_not_a_number() {
    let customers = [
        (0.0, 0.0, 0.0),
        (0.0, 0.0, 1e-9),
        (0.0, 0.0, 1e5),
        (1.0, 0.0, 0.0),
        (1.0, 1e-9, 1e-9),
        (1.0, 1e-9, 1e5),
        (40.0, 10.0, 10.0),
        (5000.0, 100.0, 100.0),
        (5000.0, 1.0, 1000.0),
        (1e6, 1000.0, 1001.0),
    ];
    for model in models() {
        let far = model.expected_purchases_new(horizon(1e6));
        assert!(far.is_finite() && far >= 0.0, "{model:?} {far}");
        for (x, recency, tenure) in customers {
            let customer = Customer::new(x, recency, tenure).unwrap();
            let alive = model.p_alive(&customer);
            assert!((0.0..=1.0).contains(&alive), "{model:?} {customer:?} {alive}");
            assert!(model.log_likelihood(&customer).is_finite(), "{model:?} {customer:?}");
            for t in [0.0, 1e-9, 1.0, 1e4] {
                let expected = model.expected_purchases(&customer, horizon(t));
                assert!(expected.is_finite() && expected >= 0.0, "{model:?} {customer:?} {t} {expected}");
                let probability = model.purchase_probability(&customer, 3, horizon(t));
                assert!(
                    (0.0..=1.0 + 1e-9).contains(&probability),
                    "{model:?} {customer:?} {t} {probability}"
                );
            }
            let discounted = model.discounted_purchases(&customer, DiscountRate::new(0.003).unwrap());
            assert!(discounted.is_finite() && discounted >= 0.0, "{model:?} {customer:?} {discounted}");
        }
    }
}

#[test]
fn probabilities_add_up_to_one_and_their_mean_is_the_expectation() {
    let customer = Customer::new(3.0, 20.0, 25.0).unwrap();
    for model in published() {
        for t in [0.5, 10.0] {
            let one: Vec<f64> =
                (0..200).map(|n| model.purchase_probability(&customer, n, horizon(t))).collect();
            close(one.iter().sum(), 1.0, 1e-9);
            let mean: f64 = one.iter().enumerate().map(|(n, p)| n as f64 * p).sum();
            close(mean, model.expected_purchases(&customer, horizon(t)), 1e-8);
            let new: Vec<f64> = (0..400).map(|n| model.purchase_probability_new(n, horizon(t))).collect();
            close(new.iter().sum(), 1.0, 1e-9);
            let mean: f64 = new.iter().enumerate().map(|(n, p)| n as f64 * p).sum();
            close(mean, model.expected_purchases_new(horizon(t)), 1e-8);
        }
    }
}

#[test]
fn discounted_purchases_are_the_sum_of_discounted_expectations() {
    let customer = Customer::new(4.0, 30.0, 35.0).unwrap();
    let delta = 0.05;
    for model in published() {
        // ∫ e^(−δt) dE = δ ∫ e^(−δt) E dt, by Simpson's rule up to where e^(−δt) is 1e-13.
        let step = 0.25;
        let n = 2400;
        let term = |k: usize| {
            let t = step * k as f64;
            (-delta * t).exp() * model.expected_purchases(&customer, horizon(t))
        };
        let weight = |k: usize| {
            if k == 0 || k == n {
                1.0
            } else if k % 2 == 1 {
                4.0
            } else {
                2.0
            }
        };
        let sum: f64 = (0..=n).map(|k| weight(k) * term(k)).sum();
        let discounted = model.discounted_purchases(&customer, DiscountRate::new(delta).unwrap());
        close(discounted, delta * sum * step / 3.0, 1e-7);
    }
}

#[test]
fn expectations_pass_smoothly_where_published_forms_divide_by_zero() {
    let near = |models: [TimingModel; 3]| {
        let [below, at, above] = models.map(|model| model.expected_purchases_new(horizon(52.0)));
        close(at, (below + above) / 2.0, 1e-9);
    };
    near([1.0 - 1e-6, 1.0, 1.0 + 1e-6].map(|a| BetaGeo::new(0.5, 6.0, a, 2.0).unwrap().into()));
    near([1.0 - 1e-6, 1.0, 1.0 + 1e-6].map(|s| Pareto::new(0.5, 6.0, s, 9.0).unwrap().into()));
    // a + b = 1 is a pole of the hypergeometric function in the published form.
    near([0.6 - 1e-6, 0.6, 0.6 + 1e-6].map(|b| BetaGeo::new(0.5, 6.0, 0.4, b).unwrap().into()));
    // Where a long sum gives way to an integral.
    near(
        [90.0 - 1e-6, 90.0, 90.0 + 1e-6]
            .map(|r| BetaGeo::new(r * 10.0 / 9.0, 26.0, 0.4, 3.0).unwrap().into()),
    );
    near(
        [52.0 / 15.0 - 1e-9, 52.0 / 15.0, 52.0 / 15.0 + 1e-9]
            .map(|alpha| BetaGeo::new(0.5, alpha, 0.4, 3.0).unwrap().into()),
    );
}

/// Values, gradients and second derivatives agree with differences.
fn derivatives_agree(evaluate: impl Fn([f64; 4]) -> Evaluation, p: [f64; 4]) {
    let at = evaluate(p);
    for i in 0..4 {
        let step = 1e-5 * p[i];
        let moved = |by: f64| {
            let mut moved = p;
            moved[i] += by;
            evaluate(moved)
        };
        let (below, above) = (moved(-step), moved(step));
        let slope = (above.value - below.value) / (2.0 * step);
        let scale = at.value.abs() / p[i];
        assert!((at.gradient[i] - slope).abs() < 2e-8 * scale, "{p:?} {i}: {} {slope}", at.gradient[i]);
        for j in 0..4 {
            let slope = (above.gradient[j] - below.gradient[j]) / (2.0 * step);
            let off = (at.hessian.at(i, j) - slope).abs();
            assert!(off < 1e-6 * (scale / p[j]), "{p:?} {i} {j}: {} {slope}", at.hessian.at(i, j));
        }
    }
}

#[test]
fn derivatives_are_those_of_differences() {
    let purchases = cdnow();
    let sample = Sample::whole(&purchases);
    let points = [
        [0.24, 4.4, 0.79, 2.4],
        [1.3, 0.5, 0.01, 0.2],
        [0.6, 30.0, 5.0, 3.0],
        [0.553, 10.578, 0.606, 11.669],
    ];
    for p in points {
        for variant in [Variant::BetaGeo, Variant::Modified] {
            derivatives_agree(|p| evaluate(variant, p, &sample), p);
            let (full, (value, gradient)) =
                (evaluate(variant, p, &sample), evaluate_gradient(variant, p, &sample));
            close(value, full.value, 1e-13);
            gradient.iter().zip(&full.gradient).for_each(|(one, other)| close(*one, *other, 1e-9));
        }
        derivatives_agree(|p| pareto_likelihood::evaluate(p, &sample), p);
    }
}

#[test]
fn a_likelihood_is_the_sum_of_its_customers() {
    let purchases = cdnow();
    let sample = Sample::whole(&purchases);
    let [bg, mbg, pareto] = published();
    let sum =
        |model: TimingModel| purchases.map(|customer| model.log_likelihood(customer)).iter().sum::<f64>();
    close(evaluate(Variant::BetaGeo, [0.243, 4.414, 0.793, 2.426], &sample).value, sum(bg), 1e-13);
    close(evaluate(Variant::Modified, [0.525, 6.183, 0.891, 1.614], &sample).value, sum(mbg), 1e-13);
    close(pareto_likelihood::evaluate([0.553, 10.578, 0.606, 11.669], &sample).value, sum(pareto), 1e-13);
}

/// Pareto/NBD's integral where α > β, and where either is tiny, against 40-digit arithmetic (mpmath).
#[test]
fn pareto_nbd_is_exact_on_either_side_of_alpha_equals_beta() {
    let golden = rows(&committed("golden_pareto.csv"));
    assert_eq!(golden.len(), 42);
    for row in golden {
        let model = Pareto::new(row[0], row[1], row[2], row[3]).unwrap();
        let customer = Customer::new(row[4], row[5], row[6]).unwrap();
        close(model.log_likelihood(&customer), row[7], 1e-11);
        close(model.p_alive(&customer), row[8], 1e-9);
    }
}

#[test]
fn a_weighted_row_counts_as_often_as_its_weight() {
    let purchases = cdnow();
    let rows = purchases.distinct();
    let column = |pick: fn(&Customer) -> f64| rows.iter().map(pick).collect::<Vec<f64>>();
    let weighted = RepeatPurchases::weighted(
        &column(Customer::frequency),
        &column(Customer::recency),
        &column(Customer::tenure),
        purchases.weights(),
    )
    .unwrap();
    let fit = |purchases: &RepeatPurchases| BetaGeo::fit(purchases, &Default::default()).unwrap().optimum;
    close(fit(&weighted).log_likelihood, fit(&purchases).log_likelihood, 1e-12);
}
