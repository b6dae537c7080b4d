//! What is said of predictions, against cases that were counted by hand and published tables.

use super::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// Twelve customers with ties on both sides.
const PREDICTED: [f64; 12] = [0.0, 0.0, 0.5, 0.5, 1.0, 2.0, 2.0, 3.5, 7.0, 1.2, 0.1, 4.0];
const ACTUAL: [f64; 12] = [0.0, 1.0, 0.0, 0.0, 2.0, 1.0, 3.0, 2.0, 9.0, 0.0, 0.0, 5.0];

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{found} is not {expected}");
}

fn uniform(generator: &mut ChaCha8Rng) -> f64 {
    (generator.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

#[test]
fn measures_are_those_of_scipy_1_17() {
    let measures = measure(&Holdout::new(&PREDICTED, &ACTUAL).unwrap());
    near(measures.mean_absolute_error, 0.9);
    near(measures.root_mean_squared_error, 1.048_808_848_170_151_4);
    near(measures.bias, -0.1);
    near(measures.relative_bias.unwrap(), -1.2 / 23.0);
    near(measures.spearman.unwrap(), 0.771_946_627_338_898_1);
    near(measures.gini.unwrap(), 0.586_956_521_739_130_5);
    near(measures.normalised_gini.unwrap(), 0.895_027_624_309_392_3);
    near(measures.top_decile.unwrap(), 10.0 / 23.0);
    near(measures.top_decile_best.unwrap(), 10.0 / 23.0);
}

#[test]
fn the_best_order_has_the_gini_of_all_pairs() {
    let n = ACTUAL.len() as f64;
    let pairs: f64 = ACTUAL.iter().flat_map(|a| ACTUAL.iter().map(move |b| (a - b).abs())).sum();
    let measures = measure(&Holdout::new(&ACTUAL, &ACTUAL).unwrap());
    near(measures.gini.unwrap(), pairs / (2.0 * n * ACTUAL.iter().sum::<f64>()));
    near(measures.normalised_gini.unwrap(), 1.0);
    near(measures.spearman.unwrap(), 1.0);
    let reversed = ACTUAL.map(|a| -a);
    near(measure(&Holdout::new(&reversed, &ACTUAL).unwrap()).normalised_gini.unwrap(), -1.0);
}

#[test]
fn predictions_all_the_same_rank_nobody() {
    let measures = measure(&Holdout::new(&[2.0; 12], &ACTUAL).unwrap());
    assert_eq!(
        (measures.spearman, measures.gini, measures.normalised_gini),
        (Some(0.0), Some(0.0), Some(0.0))
    );
    near(measures.top_decile.unwrap(), 0.1);
    let nothing = measure(&Holdout::new(&PREDICTED, &[0.0; 12]).unwrap());
    assert_eq!(
        (nothing.spearman, nothing.gini, nothing.top_decile, nothing.relative_bias),
        (None, None, None, None)
    );
    let few = measure(&Holdout::new(&PREDICTED[..9], &ACTUAL[..9]).unwrap());
    assert_eq!(few.top_decile, None, "of nine there is no tenth");
}

#[test]
fn columns_that_do_not_fit_are_refused_by_place() {
    let refused =
        |predicted: &[f64], actual: &[f64]| Holdout::new(predicted, actual).unwrap_err().to_string();
    assert!(refused(&[], &[]).starts_with("there is no customer"));
    assert!(refused(&[1.0], &[1.0, 2.0]).starts_with("column predicted has 1 rows where 2"));
    assert!(refused(&[1.0, f64::NAN], &[1.0, 2.0]).starts_with("row 1: predicted is NaN"));
    assert!(refused(&[1.0, 2.0], &[f64::INFINITY, 2.0]).starts_with("row 0: actual is inf"));

    let holdout = Holdout::new(&PREDICTED, &ACTUAL).unwrap();
    assert!(matches!(
        by_frequency(&holdout, &[1], 7),
        Err(ValidationError::Length { column: "frequency", .. })
    ));
    assert!(matches!(by_prediction(&holdout, 0), Err(ValidationError::Setting { name: "parts", .. })));
    let mut generator = ChaCha8Rng::seed_from_u64(1);
    let few = Resampling { n_resamples: 99, ..Resampling::default() };
    let sure = Resampling { confidence: 1.0, ..Resampling::default() };
    for resampling in [few, sure] {
        let refusal = judge(&holdout, &[], resampling, &mut generator);
        assert!(matches!(refusal, Err(ValidationError::Setting { .. })), "{refusal:?}");
    }
    let refusal = judge(&holdout, &[&[f64::NAN; 12]], Resampling::default(), &mut generator);
    assert!(
        matches!(refusal, Err(ValidationError::NotFinite { row: 0, column: "baseline", .. })),
        "{refusal:?}"
    );

    assert_eq!(Cohort::new(&[], &[]).unwrap_err(), ValidationError::Empty);
    assert!(matches!(
        Cohort::new(&[0.0, -1.0], &[]),
        Err(ValidationError::Negative { row: 1, column: "first", .. })
    ));
    assert!(matches!(
        Cohort::new(&[0.0], &[f64::NAN]),
        Err(ValidationError::NotFinite { column: "repeat", .. })
    ));
    let cohort = Cohort::new(&[0.0], &[]).unwrap();
    assert!(matches!(track(&cohort, 0.0, 1, |t| t), Err(ValidationError::Setting { name: "period", .. })));
    assert!(matches!(track(&cohort, 1.0, 0, |t| t), Err(ValidationError::Setting { name: "n_periods", .. })));
    assert!(matches!(track(&cohort, 1.0, 1, |_| f64::NAN), Err(ValidationError::Expectation { .. })));
}

#[test]
fn calibration_by_frequency_keeps_everybody() {
    let holdout = Holdout::new(&PREDICTED, &ACTUAL).unwrap();
    let frequency = [0, 0, 0, 0, 1, 2, 2, 7, 30, 1, 0, 9];
    let bins = by_frequency(&holdout, &frequency, 7).unwrap();
    let shape: Vec<(u32, bool, usize)> =
        bins.iter().map(|bin| (bin.frequency, bin.and_more, bin.n)).collect();
    assert_eq!(shape, [(0, false, 5), (1, false, 2), (2, false, 2), (7, true, 3)]);
    near(bins[3].mean_predicted, 14.5 / 3.0);
    near(bins[3].mean_actual, 16.0 / 3.0);
    let deviations = [2.0_f64, 9.0, 5.0].map(|a| (a - 16.0 / 3.0).powi(2)).iter().sum::<f64>();
    near(bins[3].standard_error.unwrap(), (deviations / 6.0).sqrt());
}

#[test]
fn calibration_by_prediction_shares_ties() {
    let holdout = Holdout::new(&PREDICTED, &ACTUAL).unwrap();
    let bins = by_prediction(&holdout, 5).unwrap();
    assert_eq!(bins.iter().map(|bin| bin.n).collect::<Vec<_>>(), [3, 3, 2, 2, 2]);
    near(bins[0].mean_actual, 1.0 / 3.0);
    // 1.2 is the lowest of the third part; beside it stands one half of the two who were predicted 2.
    near(bins[2].mean_predicted, 1.6);
    near(bins[2].mean_actual, 1.0);
    let mut shuffled: Vec<usize> = (0..12).collect();
    shuffled.reverse();
    let (p, a): (Vec<f64>, Vec<f64>) = shuffled.iter().map(|row| (PREDICTED[*row], ACTUAL[*row])).unzip();
    assert_eq!(by_prediction(&Holdout::new(&p, &a).unwrap(), 5).unwrap(), bins);
    assert_eq!(by_prediction(&Holdout::new(&p[..3], &a[..3]).unwrap(), 10).unwrap().len(), 3);
}

#[test]
fn tracking_adds_each_customer_from_the_first_purchase_on() {
    let cohort = Cohort::new(&[0.0, 0.5, 0.5, 2.0], &[3.0, 0.9, 1.0, 2.5]).unwrap();
    let tracking = track(&cohort, 1.0, 4, |t| t / 4.0).unwrap();
    let expected: Vec<f64> = tracking.points.iter().map(|point| point.expected).collect();
    assert_eq!(expected, [0.5, 1.25, 2.25, 3.25]);
    let actual: Vec<(u64, u64)> =
        tracking.points.iter().map(|point| (point.actual, point.actual_in_period)).collect();
    assert_eq!(actual, [(2, 2), (2, 0), (4, 2), (4, 0)]);
    near(tracking.final_error.unwrap(), -0.75 / 4.0);
    near(tracking.mean_absolute_percentage_error.unwrap(), (0.75 + 0.375 + 0.4375 + 0.1875) / 4.0);
    assert_eq!(track(&Cohort::new(&[0.0], &[]).unwrap(), 1.0, 2, |t| t).unwrap().final_error, None);
}

#[test]
fn baselines_are_their_formulas() {
    near(baseline::rate_so_far(3.0, 30.0, 20.0), 2.0);
    near(baseline::last_period(10.0, 30.0, 90.0), 30.0);
    near(baseline::mean_of_all(&[1.0, 5.0], &[10.0, 20.0], 5.0), 1.0);
    near(baseline::retention_formula(100.0, 0.8, 0.1, 2), 100.0 * (0.8 / 1.1 + 0.64 / 1.21));
    near(baseline::retention_formula(100.0, 0.8, 0.1, 1000), 100.0 * 0.8 / 0.3);
    assert_eq!(baseline::rate_so_far(0.0, 0.0, 20.0), 0.0);
    assert_eq!(baseline::last_period(0.0, 0.0, 20.0), 0.0);
}

/// `n` customers whose outcomes scatter around an expectation that one column knows and another blurs.
fn blurred(n: usize, blur: f64) -> [Vec<f64>; 3] {
    let mut generator = ChaCha8Rng::seed_from_u64(7);
    let mut columns = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..n {
        let expectation = -5.0 * uniform(&mut generator).ln();
        let outcome = expectation * 2.0 * uniform(&mut generator);
        let other = expectation + blur * (uniform(&mut generator) - 0.5);
        columns.iter_mut().zip([outcome, expectation, other]).for_each(|(column, value)| column.push(value));
    }
    columns
}

#[test]
fn a_model_that_knows_wins_and_one_that_does_not_says_so() {
    let [actual, knows, guesses] = blurred(4000, 20.0);
    let constant = vec![actual.iter().sum::<f64>() / 4000.0; 4000];
    let resampling = Resampling { n_resamples: 200, confidence: 0.95 };
    let judged = |model: &[f64], baselines: &[&[f64]]| {
        let holdout = Holdout::new(model, &actual).unwrap();
        judge(&holdout, baselines, resampling, &mut ChaCha8Rng::seed_from_u64(3)).unwrap()
    };
    let verdict = judged(&knows, &[&guesses, &constant]);
    assert_eq!((verdict.losses().count(), verdict.comparisons.len()), (0, 12));
    for comparison in verdict.comparisons.iter().filter(|comparison| comparison.measure != Measure::Bias) {
        assert_eq!(comparison.outcome, Outcome::ModelWins, "{comparison:?}");
        let (low, high) = comparison.interval.unwrap();
        assert!(low < comparison.advantage && comparison.advantage < high, "{comparison:?}");
    }
    assert_eq!(verdict.best_baseline(Measure::Spearman), None);

    let verdict = judged(&guesses, &[&constant, &knows]);
    let lost: Vec<(Measure, usize)> = verdict.losses().map(|loss| (loss.measure, loss.baseline)).collect();
    assert!(lost.contains(&(Measure::RootMeanSquaredError, 1)) && lost.contains(&(Measure::Spearman, 1)));
    assert_eq!(verdict.best_baseline(Measure::Spearman), Some(1));

    let verdict = judged(&knows, &[&knows]);
    assert!(verdict.comparisons.iter().all(|comparison| comparison.outcome == Outcome::Undecided));
    assert_eq!(judged(&guesses, &[&constant]), judged(&guesses, &[&constant]), "the seed decides");
}

#[test]
fn intervals_shrink_with_the_root_of_the_number_of_customers() {
    let width = |n: usize| {
        let [actual, knows, guesses] = blurred(n, 2.0);
        let holdout = Holdout::new(&knows, &actual).unwrap();
        let resampling = Resampling { n_resamples: 400, confidence: 0.95 };
        let verdict = judge(&holdout, &[&guesses], resampling, &mut ChaCha8Rng::seed_from_u64(3)).unwrap();
        let of_error = verdict.comparisons.iter().find(|c| c.measure == Measure::MeanAbsoluteError).unwrap();
        let (low, high) = of_error.interval.unwrap();
        high - low
    };
    let ratio = width(500) / width(8000);
    assert!((2.8..5.6).contains(&ratio), "sixteen times as many customers make it {ratio} times as narrow");
}

#[test]
fn figures_stay_finite_at_extremes() {
    let huge = [1e100, -1e100, 0.0, 1e-300, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let holdout = Holdout::new(&huge, &huge).unwrap();
    let measures = measure(&holdout);
    for value in Measure::ALL.map(|which| measures.get(which)).into_iter().flatten() {
        assert!(value.is_finite(), "{measures:?}");
    }
    let one = [1.0];
    let verdict = judge(
        &Holdout::new(&one, &one).unwrap(),
        &[&[3.0]],
        Resampling::default(),
        &mut ChaCha8Rng::seed_from_u64(5),
    )
    .unwrap();
    assert_eq!(verdict.comparisons.len(), 3, "of one customer there is no rank");
}
