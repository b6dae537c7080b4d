//! Values of customers against those of lifetimes, and intervals against simulated futures.

use super::close;
use super::data::{cdnow, columns, committed};
use crate::clv::beta_geo::{BetaGeo, ModifiedBetaGeo};
use crate::clv::draw;
use crate::clv::error::{InputError, ParameterError};
use crate::clv::fit::FitOptions;
use crate::clv::gamma_gamma::{GammaGamma, SpendData};
use crate::clv::optimise::{Optimum, Scale};
use crate::clv::pareto::Pareto;
use crate::clv::purchases::{Customer, Horizon, RepeatPurchases};
use crate::clv::simulate::{simulate_future, simulate_new};
use crate::clv::symmetric::Symmetric;
use crate::clv::timing::TimingModel;
use crate::clv::value::{Discounting, ValueTerms};
use crate::clv::value_interval::{
    ModelDraw, Outcomes, ValueError, model_draws, normal_draws, value_intervals,
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// What lifetimes 0.11.3 fits to the CDNOW sample, and the reference figures were computed with.
fn models() -> (TimingModel, GammaGamma) {
    let timing = BetaGeo::new(0.242_592_9, 4.413_531_6, 0.792_886_1, 2.425_753_4).unwrap();
    (timing.into(), GammaGamma::new(6.248_802_5, 3.744_588_5, 15.447_748_0).unwrap())
}

/// The customers of the CDNOW sample, row by row, with their mean spend.
fn sample() -> (Vec<Customer>, Vec<f64>) {
    let columns = columns(&committed("cdnow_customers_summary_with_transactions.csv"));
    let customer = |row: usize| Customer::new(columns[1][row], columns[2][row], columns[3][row]).unwrap();
    ((0..columns[1].len()).map(customer).collect(), columns[4].clone())
}

fn horizon(time: f64) -> Horizon {
    Horizon::new(time).unwrap()
}

fn months(discount: f64, discounting: Discounting) -> ValueTerms {
    ValueTerms::new(12, 4.345, discount, 1.0, discounting).unwrap()
}

/// The values of the sample, the sum and the first five.
fn values(terms: &ValueTerms) -> (f64, Vec<f64>) {
    let (timing, spend) = models();
    let (customers, monetary_value) = sample();
    let frequency: Vec<f64> = customers.iter().map(Customer::frequency).collect();
    let spends = spend.expected_spends(&frequency, &monetary_value).unwrap();
    let expected = |row: usize, t: f64| timing.expected_purchases(&customers[row], horizon(t));
    let values: Vec<f64> = terms.lifetime_values(expected, &spends).into_iter().flatten().collect();
    assert_eq!(values.len(), customers.len());
    (values.iter().sum(), values[..5].to_vec())
}

#[test]
fn cdnow_values_of_52_weeks_are_those_of_lifetimes() {
    let total: f64 = models().0.expected_purchases_all(&cdnow(), horizon(52.0)).iter().sum();
    close(total, 2_089.419, 1e-6);
    let terms = ValueTerms::new(52, 1.0, 0.0, 1.0, Discounting::PeriodEnd).unwrap();
    close(values(&terms).0, 75_709.99, 1e-6);
}

#[test]
fn customer_lifetime_value_is_that_of_lifetimes_0_11_3() {
    let (total, first) = values(&months(0.01, Discounting::PeriodEnd));
    close(total, 71_509.898_797_982_97, 1e-9);
    let expected =
        [36.278_497_137_158_52, 4.637_467_022_670_002, 8.344_092_321_135_342, 8.344_092_321_135_342];
    for (found, expected) in first.into_iter().zip(expected) {
        close(found, expected, 1e-9);
    }
}

#[test]
fn continuous_value_is_that_of_sixty_gauss_points_in_numpy() {
    let (total, first) = values(&months(0.01, Discounting::Continuous));
    close(total, 71_869.429_757_035_19, 1e-9);
    close(first[0], 36.460_700_38, 1e-8);
}

#[test]
fn discounted_purchases_are_their_integral_and_lie_between_their_bounds() {
    // At a constant rate 2 it is 2 (1 − e^(−δh)) / δ.
    let terms = ValueTerms::new(600, 1.0, 0.02, 0.3, Discounting::Continuous).unwrap();
    let rate = 1.02_f64.ln();
    close(terms.discounted_purchases(|t| 2.0 * t), 2.0 * (1.0 - (-rate * 600.0).exp()) / rate, 1e-9);
    let by_period = ValueTerms::new(600, 1.0, 0.02, 0.3, Discounting::PeriodEnd).unwrap();
    close(by_period.discounted_purchases(|t| 2.0 * t), 2.0 * (1.0 - 1.02_f64.powi(-600)) / 0.02, 1e-9);
    close(
        by_period.lifetime_value(|t| 2.0 * t, 10.0),
        3.0 * by_period.discounted_purchases(|t| 2.0 * t),
        1e-12,
    );
    close(by_period.discount_at(1.5), 1.02_f64.powi(-2), 1e-12);
    close(terms.discount_at(1.5), 1.02_f64.powf(-1.5), 1e-12);
    assert_eq!(terms.lifetime_values(|_, t| t, &[None]), [None]);
}

#[test]
fn simulated_counts_have_the_models_probabilities() {
    let models: [TimingModel; 3] = [
        BetaGeo::new(0.8, 4.0, 0.8, 2.4).unwrap().into(),
        ModifiedBetaGeo::new(0.8, 6.0, 0.9, 1.6).unwrap().into(),
        Pareto::new(0.9, 8.0, 0.6, 11.0).unwrap().into(),
    ];
    let customer = Customer::new(3.0, 20.0, 30.0).unwrap();
    let (n, n_counts) = (40_000_u32, 6);
    for model in models {
        for known in [false, true] {
            let mut generator = ChaCha8Rng::seed_from_u64(21);
            let mut counts = vec![0.0; n_counts];
            let mut times = Vec::new();
            for _ in 0..n {
                if known {
                    simulate_future(&model, &customer, horizon(12.0), &mut generator, &mut times);
                } else {
                    simulate_new(&model, horizon(12.0), &mut generator, &mut times);
                }
                assert!(times.is_sorted() && times.iter().all(|time| *time <= 12.0));
                if let Some(count) = counts.get_mut(times.len()) {
                    *count += 1.0;
                }
            }
            for (count, found) in (0..).zip(counts) {
                let p = if known {
                    model.purchase_probability(&customer, count, horizon(12.0))
                } else {
                    model.purchase_probability_new(count, horizon(12.0))
                };
                let reach = 4.5 * (p * (1.0 - p) / f64::from(n)).sqrt();
                assert!((found / f64::from(n) - p).abs() < reach, "{model:?} {known} {count}: {found} {p}");
            }
        }
    }
}

#[test]
fn outcome_intervals_hold_as_many_outcomes_as_they_say() {
    let (timing, spend) = models();
    let terms = months(0.01, Discounting::Continuous);
    let (customers, monetary_value) = sample();
    let draws = vec![ModelDraw { timing, spend }; 200];
    let mut generator = ChaCha8Rng::seed_from_u64(2);
    let found = value_intervals(&terms, &customers, &monetary_value, &draws, 0.9, &mut generator).unwrap();

    // With the parameters known for certain, the expected value is one number, and the mean of outcomes.
    let (total, first) = values(&terms);
    close(found.total.mean.unwrap(), total, 1e-9);
    close(found.customers[0].expected.unwrap().0, first[0], 1e-9);
    close(found.customers[0].expected.unwrap().1, first[0], 1e-9);
    let (low, high) = found.total.outcome.unwrap();
    assert!(low < total && total < high && high - low < 0.25 * total, "{low} {total} {high}");

    // Futures of the same models that the intervals have not seen. Of those who most likely buy nothing, zero is always
    // inside.
    let (mut inside, mut above, mut n) = (0.0, 0.0, 0.0);
    let mut times = Vec::new();
    let rows = customers.iter().zip(&monetary_value).zip(&found.customers);
    for ((customer, m), interval) in rows.filter(|((customer, _), _)| customer.frequency() > 1.0) {
        for _ in 0..20 {
            simulate_future(&timing, customer, horizon(terms.horizon()), &mut generator, &mut times);
            let [p, q, v] = spend.parameters();
            let x = customer.frequency();
            let scale = (v + x * m) / draw::gamma(&mut generator, p * x + q);
            let outcome: f64 =
                times.iter().map(|t| terms.discount_at(*t) * draw::gamma(&mut generator, p) * scale).sum();
            let (low, high) = interval.outcome.unwrap();
            inside += f64::from(u8::from(low <= outcome && outcome <= high));
            above += f64::from(u8::from(outcome > high));
            n += 1.0;
        }
    }
    assert!((0.88..0.97).contains(&(inside / n)), "{}", inside / n);
    assert!((0.03..0.07).contains(&(above / n)), "{}", above / n);
}

#[test]
fn expected_intervals_narrow_with_more_customers_and_outcomes_do_not() {
    let truth = models();
    let terms = months(0.01, Discounting::PeriodEnd);
    let known = [Customer::new(4.0, 30.0, 38.0).unwrap()];
    let widths = |n: u32| {
        let mut generator = ChaCha8Rng::seed_from_u64(8);
        let mut times = Vec::new();
        let mut columns = [const { Vec::new() }; 4];
        for _ in 0..n {
            simulate_new(&truth.0, horizon(39.0), &mut generator, &mut times);
            let (x, [p, q, v]) = (times.len() as f64, truth.1.parameters());
            let scale = v / draw::gamma(&mut generator, q);
            let mean = if x > 0.0 { draw::gamma(&mut generator, p * x) * scale / x } else { 0.0 };
            let row = [x, times.last().copied().unwrap_or(0.0), 39.0, mean];
            columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
        }
        let [x, recency, tenure, mean] = columns;
        let options = FitOptions::default();
        let timing = BetaGeo::fit(&RepeatPurchases::new(&x, &recency, &tenure).unwrap(), &options).unwrap();
        let repeats: Vec<f64> = x.iter().map(|x| f64::from(u8::from(*x > 0.0))).collect();
        let (x, mean): (Vec<f64>, Vec<f64>) =
            x.into_iter().zip(mean).zip(repeats).filter(|(_, r)| *r > 0.0).map(|(row, _)| row).unzip();
        let spend = GammaGamma::fit(&SpendData::new(&x, &mean, None).unwrap(), &options).unwrap();
        let mut drawn = |fit: &Optimum| {
            let covariance = fit.covariance.as_ref().unwrap();
            let scales = vec![Scale::Positive; fit.parameters.len()];
            normal_draws(&fit.parameters, covariance, &scales, 400, &mut generator)
        };
        let (of_timing, of_spend) = (drawn(&timing.optimum), drawn(&spend.optimum));
        let draws: Vec<ModelDraw> = of_timing
            .iter()
            .zip(&of_spend)
            .map(|(t, s)| ModelDraw {
                timing: BetaGeo::new(t[0], t[1], t[2], t[3]).unwrap().into(),
                spend: GammaGamma::new(s[0], s[1], s[2]).unwrap(),
            })
            .collect();
        let found = value_intervals(&terms, &known, &[40.0], &draws, 0.95, &mut generator).unwrap().total;
        let width = |(low, high): (f64, f64)| high - low;
        let (low, high) = found.expected.unwrap();
        let spend = truth.1.expected_spend(4.0, 40.0).unwrap();
        let value = terms.lifetime_value(|t| truth.0.expected_purchases(&known[0], horizon(t)), spend);
        assert!(low < value && value < high, "{low} {value} {high}");
        (width((low, high)), width(found.outcome.unwrap()))
    };
    let (few, many) = (widths(2_000), widths(32_000));
    assert!((2.5..6.5).contains(&(few.0 / many.0)), "{few:?} {many:?}");
    assert!((0.6..1.6).contains(&(few.1 / many.1)), "{few:?} {many:?}");
}

#[test]
fn normal_draws_have_the_covariance_of_the_fit() {
    let (customers, monetary_value) = sample();
    let (x, m): (Vec<f64>, Vec<f64>) = customers
        .iter()
        .zip(&monetary_value)
        .filter(|(customer, _)| customer.frequency() > 0.0)
        .map(|(customer, m)| (customer.frequency(), *m))
        .unzip();
    let optimum =
        GammaGamma::fit(&SpendData::new(&x, &m, None).unwrap(), &FitOptions::default()).unwrap().optimum;
    let mut generator = ChaCha8Rng::seed_from_u64(6);
    let covariance = optimum.covariance.clone().unwrap();
    let scales = [Scale::Positive; 3];
    let draws = normal_draws(&optimum.parameters, &covariance, &scales, 20_000, &mut generator);
    for (i, j) in [(0, 0), (1, 1), (2, 2), (0, 2), (1, 2)] {
        let theta = |draw: &Vec<f64>, place: usize| (draw[place] / optimum.parameters[place]).ln();
        let found = draws.iter().map(|draw| theta(draw, i) * theta(draw, j)).sum::<f64>() / 20_000.0;
        close(found, covariance.at(i, j) / (optimum.parameters[i] * optimum.parameters[j]), 0.05);
    }
}

#[test]
fn intervals_are_the_same_for_a_seed_and_refused_by_place() {
    let (timing, spend) = models();
    let (customers, monetary_value) = sample();
    let (customers, monetary_value) = (&customers[..200], &monetary_value[..200]);
    let terms = months(0.01, Discounting::PeriodEnd);
    let draws = vec![ModelDraw { timing, spend }; 20];
    let found = |m: &[f64], draws: &[ModelDraw], confidence: f64| {
        value_intervals(&terms, customers, m, draws, confidence, &mut ChaCha8Rng::seed_from_u64(3))
    };
    assert_eq!(found(monetary_value, &draws, 0.9), found(monetary_value, &draws, 0.9));
    let row = |m: &[f64]| match found(m, &draws, 0.9) {
        Err(ValueError::Input(refusal)) => refusal,
        other => panic!("{other:?}"),
    };
    let setting = |draws: &[ModelDraw], confidence: f64| match found(monetary_value, draws, confidence) {
        Err(ValueError::Parameter(refusal)) => refusal.parameter,
        other => panic!("{other:?}"),
    };
    assert!(matches!(row(&monetary_value[1..]), InputError::Lengths { .. }));
    assert_eq!(setting(&draws[1..], 0.9), "number of draws");
    assert_eq!(setting(&draws, 1.0), "confidence");
    let mut broken = monetary_value.to_vec();
    broken[1] = f64::NAN;
    assert!(matches!(row(&broken), InputError::Value { row: 1, column: "monetary_value", .. }));

    let heavy = ModelDraw { timing, spend: GammaGamma::new(1.0, 0.9, 10.0).unwrap() };
    let unsure = found(monetary_value, &[vec![heavy], draws].concat(), 0.9).unwrap();
    assert_eq!((unsure.total.mean, unsure.total.expected), (None, None));
    assert!(unsure.customers[0].mean.is_some(), "two purchases make the mean finite");
}

#[test]
fn terms_out_of_range_are_refused() {
    let refused = |n, period, discount, margin| -> &'static str {
        let refusal: Result<ValueTerms, ParameterError> =
            ValueTerms::new(n, period, discount, margin, Discounting::Continuous);
        refusal.unwrap_err().parameter
    };
    assert_eq!(refused(0, 1.0, 0.1, 1.0), "n_periods");
    assert_eq!(refused(100_001, 1.0, 0.1, 1.0), "n_periods");
    assert_eq!(refused(1, 0.0, 0.1, 1.0), "period");
    assert_eq!(refused(1, f64::INFINITY, 0.1, 1.0), "period");
    assert_eq!(refused(1, 1.0, -0.1, 1.0), "discount");
    assert_eq!(refused(1, 1.0, f64::NAN, 1.0), "discount");
    assert_eq!(refused(1, 1.0, 0.1, 0.0), "margin");
}

#[test]
fn outcomes_of_a_history_are_those_of_the_model_whoever_asks() {
    let (timing, spend) = models();
    let terms = months(0.01, Discounting::Continuous);
    let (customers, monetary_value) = sample();
    let draws = vec![ModelDraw { timing, spend }; 200];
    let mut outcomes = Outcomes::new(terms, draws.clone(), 0.8).unwrap();
    let (mut above, mut below, mut n) = (0.0, 0.0, 0.0);
    let mut generator = ChaCha8Rng::seed_from_u64(9);
    let mut times = Vec::new();
    for (customer, mean) in customers.iter().zip(&monetary_value).filter(|(c, _)| c.frequency() > 3.0) {
        let (low, high) = outcomes.interval(customer, Some(*mean)).unwrap();
        assert!(0.0 <= low && low <= high, "{low} {high}");
        for _ in 0..40 {
            simulate_future(&timing, customer, horizon(terms.horizon()), &mut generator, &mut times);
            let [p, q, v] = spend.parameters();
            let x = customer.frequency();
            let scale = (v + x * mean) / draw::gamma(&mut generator, p * x + q);
            let outcome: f64 =
                times.iter().map(|t| terms.discount_at(*t) * draw::gamma(&mut generator, p) * scale).sum();
            above += f64::from(u8::from(outcome > high));
            below += f64::from(u8::from(outcome < low));
            n += 1.0;
        }
    }
    assert!((0.08..0.12).contains(&(above / n)), "{}", above / n);
    assert!(below / n < 0.12, "{}", below / n);

    // Neither who came before nor a copy of the machinery changes what is said of a history.
    let known = Customer::new(4.0, 30.0, 38.0).unwrap();
    let said = outcomes.interval(&known, Some(40.0));
    assert_eq!(said, Outcomes::new(terms, draws, 0.8).unwrap().interval(&known, Some(40.0)));
    assert_ne!(said, outcomes.interval(&known, Some(41.0)));
    // What cannot be averaged is as good as nothing, not a refusal and no NaN.
    let prior = outcomes.interval(&known, None);
    assert!(prior.is_some_and(|(low, high)| low < high && high.is_finite()));
    for mean in [0.0, -3.0, f64::NAN] {
        assert_eq!(outcomes.interval(&known, Some(mean)), prior);
    }
    // Refusals.
    let draws = vec![ModelDraw { timing, spend }; 19];
    assert_eq!(Outcomes::new(terms, draws, 0.8).unwrap_err().parameter, "number of draws");
    let draws = vec![ModelDraw { timing, spend }; 20];
    assert_eq!(Outcomes::new(terms, draws, 1.0).unwrap_err().parameter, "confidence");
}

#[test]
fn models_are_drawn_about_their_fit_or_taken_as_they_are() {
    let (timing, spend) = models();
    let mut covariance = Symmetric::zeros(4);
    for (place, parameter) in timing.parameters().into_iter().enumerate() {
        covariance.set(place, place, (0.1 * parameter).powi(2));
    }
    let mut generator = ChaCha8Rng::seed_from_u64(4);
    let draws = model_draws((timing, Some(&covariance)), (spend, None), 4_000, &mut generator);
    assert!(draws.iter().all(|draw| draw.spend == spend));
    for (place, parameter) in timing.parameters().into_iter().enumerate() {
        let logs = draws.iter().map(|draw| (draw.timing.parameters()[place] / parameter).ln());
        let spread = (logs.map(|log| log * log).sum::<f64>() / 4_000.0).sqrt();
        assert!((0.09..0.11).contains(&spread), "{place}: {spread}");
    }
    // So far out that a draw is no number.
    covariance.set(0, 0, 1e6);
    let draws = model_draws((timing, Some(&covariance)), (spend, None), 100, &mut generator);
    assert!(draws.iter().all(|draw| draw.timing.parameters().iter().all(|p| *p > 0.0 && p.is_finite())));
    assert!(draws.iter().any(|draw| draw.timing == timing));
}
