//! Dated purchases with money: fits of spend to real shops, and predictions held against what then happened.

use super::close;
use super::data::{day, shared};
use crate::clv::fit::FitOptions;
use crate::clv::gamma_gamma::{GammaGamma, SpendData};
use crate::clv::optimise::Optimum;
use crate::clv::pareto::Pareto;
use crate::clv::purchases::{Horizon, RepeatPurchases};
use crate::clv::timing::TimingModel;
use crate::clv::validate::{
    Cohort, Holdout, Measure, Outcome, Resampling, baseline, by_frequency, by_prediction, judge, track,
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use std::collections::BTreeMap;

/// What each customer spent on each day: one purchase a customer and day.
type Days = BTreeMap<u64, BTreeMap<i64, f64>>;

fn days(sales: impl Iterator<Item = (u64, i64, f64)>) -> Days {
    let mut days = Days::new();
    for (customer, day, money) in sales {
        *days.entry(customer).or_default().entry(day).or_default() += money;
    }
    days
}

/// CDNOW's files: the customer first, the date and the money as the last and the last but two.
fn cdnow(text: &str) -> Days {
    days(text.lines().filter_map(|line| {
        let cells: Vec<&str> = line.split_whitespace().collect();
        let (date, money) = (cells.get(cells.len().checked_sub(3)?)?.parse::<i64>().ok()?, cells.last()?);
        Some((cells[0].parse().ok()?, day(date / 10_000, date / 100 % 100, date % 100), money.parse().ok()?))
    }))
}

/// Online Retail's sales: neither cancelled nor free, to a known customer.
fn online_retail(text: &str) -> Days {
    days(text.lines().skip(1).filter_map(|line| {
        // From the right, since descriptions have commas.
        let cells: Vec<&str> = line.rsplitn(6, ',').collect();
        let (customer, price) = (cells[1].parse::<f64>().ok()?, cells[2].parse::<f64>().ok()?);
        let quantity: f64 = cells[4].parse().ok()?;
        let date: Vec<i64> = cells[3].get(..10)?.split('-').filter_map(|part| part.parse().ok()).collect();
        let is_sale = !line.starts_with('C') && price > 0.0 && quantity > 0.0;
        is_sale.then(|| (customer as u64, day(date[0], date[1], date[2]), price * quantity))
    }))
}

/// Repeat purchases and their mean spend up to a day; 0 of those who bought once.
fn spend_until(days: &BTreeMap<i64, f64>, last: i64) -> (f64, f64) {
    let repeats: Vec<f64> = days.range(..=last).skip(1).map(|(_, money)| *money).collect();
    let n = repeats.len() as f64;
    (n, if n > 0.0 { repeats.iter().sum::<f64>() / n } else { 0.0 })
}

/// The fit of spend to all who bought again by a day and paid for it.
fn spend_fit(days: &Days, last: i64) -> (usize, Optimum) {
    let rows = days.values().map(|days| spend_until(days, last));
    let (x, m): (Vec<f64>, Vec<f64>) = rows.filter(|(_, m)| *m > 0.0).unzip();
    let fit = GammaGamma::fit(&SpendData::new(&x, &m, None).unwrap(), &FitOptions::default()).unwrap();
    (x.len(), fit.optimum)
}

#[track_caller]
fn fits((n, optimum): (usize, Optimum), n_expected: usize, parameters: [f64; 3], log_likelihood: f64) {
    assert_eq!(n, n_expected);
    assert!(optimum.is_regular(), "{optimum:?}");
    assert!((optimum.log_likelihood - log_likelihood).abs() < 1e-4, "{optimum:?}");
    for (found, expected) in optimum.parameters.iter().zip(parameters) {
        close(*found, expected, 1e-6);
    }
}

/// Own multi-start code with Newton polish, |gradient| < 2e-6, in another language.
#[test]
fn spend_at_cdnow_and_online_retail_is_the_independent_optimum() {
    let name = "spend_at_cdnow_and_online_retail_is_the_independent_optimum";
    if let Some(text) = shared(name, "cdnow/CDNOW_master.txt.gz") {
        let found = spend_fit(&cdnow(&text), day(1997, 9, 30));
        fits(found, 9450, [6.275_359, 3.624_450, 14.983_687], -40_763.476_3);
    }
    if let Some(text) = shared(name, "online_retail/online_retail.csv.gz") {
        let found = spend_fit(&online_retail(&text), day(2011, 12, 9));
        fits(found, 2790, [2.103_382, 3.451_179, 485.8885], -19_083.330_6);
    }
}

/// The walkthrough of the R package BTYD, section 1: repeat purchases of the CDNOW sample in 39 weeks after 39 of calibration.
#[test]
fn conditional_expectations_at_cdnow_are_those_of_btyds_walkthrough() {
    let name = "conditional_expectations_at_cdnow_are_those_of_btyds_walkthrough";
    let Some(text) = shared(name, "cdnow/CDNOW_sample.txt") else { return };
    let customers = cdnow(&text);
    let (end, last) = (day(1997, 9, 30), day(1998, 6, 30));
    let (mut columns, mut actual, mut revenue) = ([const { Vec::new() }; 4], Vec::new(), Vec::new());
    for days in customers.values() {
        let calibration: Vec<i64> = days.range(..=end).map(|(day, _)| *day).collect();
        let (first, latest) = (calibration[0], calibration[calibration.len() - 1]);
        let (x, m) = spend_until(days, end);
        let row = [x, (latest - first) as f64 / 7.0, (end - first) as f64 / 7.0, m];
        columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
        actual.push(days.range(end + 1..=last).count() as f64);
        revenue.push(days.range(end + 1..=last).map(|(_, money)| money).sum::<f64>());
    }
    let [x, recency, tenure, m] = columns;
    let purchases = RepeatPurchases::new(&x, &recency, &tenure).unwrap();
    let model: TimingModel = Pareto::fit(&purchases, &FitOptions::default()).unwrap().model.into();
    let horizon = Horizon::new(39.0).unwrap();
    let predicted = model.expected_purchases_all(&purchases, horizon);
    let holdout = Holdout::new(&predicted, &actual).unwrap();

    let frequency: Vec<u32> = x.iter().map(|x| *x as u32).collect();
    let bins = by_frequency(&holdout, &frequency, 7).unwrap();
    let expected = [
        (1411, 0.2367, 0.1385),
        (439, 0.6970, 0.5996),
        (214, 1.393, 1.196),
        (100, 1.560, 1.714),
        (62, 2.532, 2.399),
        (38, 2.947, 2.907),
        (29, 3.862, 3.819),
        (64, 6.359, 6.403),
    ];
    for (bin, (n, actual, predicted)) in bins.iter().zip(expected) {
        assert_eq!(bin.n, n);
        close(bin.mean_actual, actual, 5e-4);
        close(bin.mean_predicted, predicted, 2e-3);
    }
    assert_eq!(by_prediction(&holdout, 10).unwrap().len(), 10);

    let begin = day(1997, 1, 1);
    let weeks = |day: &i64| (day - begin) as f64 / 7.0;
    let first: Vec<f64> = customers.values().filter_map(|days| days.keys().next().map(weeks)).collect();
    let repeat: Vec<f64> = customers.values().flat_map(|days| days.keys().skip(1).map(weeks)).collect();
    let of_new = |t: f64| model.expected_purchases_new(Horizon::new(t).unwrap());
    let tracking = track(&Cohort::new(&first, &repeat).unwrap(), 1.0, 78, of_new).unwrap();
    assert!(tracking.final_error.unwrap().abs() < 0.05, "{:?}", tracking.points.last());

    // Purchases against rules of thumb: the model wins on the error.
    let rate: Vec<f64> = x.iter().zip(&tenure).map(|(x, t)| baseline::rate_so_far(*x, *t, 39.0)).collect();
    let mean = vec![baseline::mean_of_all(&x, &tenure, 39.0); x.len()];
    let resampling = Resampling { n_resamples: 400, confidence: 0.95 };
    let mut generator = ChaCha8Rng::seed_from_u64(1);
    let verdict = judge(&holdout, &[&rate, &mean], resampling, &mut generator).unwrap();
    let outcome = |measure: Measure, baseline: usize| {
        let of = verdict.comparisons.iter().find(|c| (c.measure, c.baseline) == (measure, baseline));
        of.unwrap().outcome
    };
    assert_eq!(outcome(Measure::RootMeanSquaredError, 0), Outcome::ModelWins);
    assert_eq!(outcome(Measure::RootMeanSquaredError, 1), Outcome::ModelWins);
    assert_eq!(outcome(Measure::NormalisedGini, 1), Outcome::ModelWins);
    // It loses the ranks to the rate so far, and says so: among the many who have bought once, to tell ranks apart is to
    // guess.
    let losses: Vec<(Measure, usize)> = verdict.losses().map(|loss| (loss.measure, loss.baseline)).collect();
    assert_eq!(losses, [(Measure::Spearman, 0)]);

    // Money.
    let (repeaters, means): (Vec<f64>, Vec<f64>) = x.iter().zip(&m).filter(|(_, m)| **m > 0.0).unzip();
    let spend = GammaGamma::fit(&SpendData::new(&repeaters, &means, None).unwrap(), &FitOptions::default());
    let spend = spend.unwrap().model;
    let value = |((x, m), purchases): ((&f64, &f64), &f64)| {
        let known = if *m > 0.0 { *x } else { 0.0 };
        purchases * spend.expected_spend(known, *m).unwrap()
    };
    let values: Vec<f64> = x.iter().zip(&m).zip(&predicted).map(value).collect();
    let spent: Vec<f64> =
        x.iter().zip(&m).zip(&tenure).map(|((x, m), t)| baseline::rate_so_far(x * m, *t, 39.0)).collect();
    let of_value = Holdout::new(&values, &revenue).unwrap();
    let verdict = judge(&of_value, &[&spent], resampling, &mut generator).unwrap();
    for measure in [Measure::MeanAbsoluteError, Measure::RootMeanSquaredError, Measure::Bias] {
        let of = verdict.comparisons.iter().find(|comparison| comparison.measure == measure);
        assert_eq!(of.unwrap().outcome, Outcome::ModelWins, "{verdict:?}");
    }
}
