//! Weights by hand.

use super::close;
use crate::psychometrics::typing::feature::NO_CODE;
use crate::psychometrics::typing::weights::*;

const SETTINGS: WeightSettings =
    WeightSettings { trim: 1.0, max_iterations: 50, tolerance: 1e-6, least_effective: 50.0 };

#[test]
fn raking_a_flat_table_gives_the_product_of_its_margins() {
    let mut weights = [1.0; 4];
    let margins = [
        Margin { name: "age", levels: &[0, 0, 1, 1], population: &[60.0, 40.0] },
        Margin { name: "region", levels: &[0, 1, 0, 1], population: &[0.7, 0.3] },
    ];
    let raking = rake(&mut weights, &margins, &SETTINGS).unwrap();
    weights.iter().zip([0.42, 0.18, 0.28, 0.12]).for_each(|(w, share)| close(*w, 4.0 * share, 1e-12));
    assert_eq!((raking.converged, raking.n_iterations), (true, 1));
}

#[test]
fn raking_keeps_odds_ratios_and_says_when_it_is_not_done() {
    let margins = [
        Margin { name: "age", levels: &[0, 0, 1, 1], population: &[0.5, 0.5] },
        Margin { name: "region", levels: &[0, 1, 0, 1], population: &[0.5, 0.5] },
    ];
    // With both margins at a half and the odds ratio 4 · 2 / (1 · 2) = 4, the diagonal has p / (½ − p) = 2, so p = ⅓.
    let mut weights = [4.0, 1.0, 2.0, 2.0];
    let one = WeightSettings { max_iterations: 1, ..SETTINGS };
    let early = rake(&mut weights.clone(), &margins, &one).unwrap();
    assert!(!early.converged && early.most_gap > 1e-6, "{early:?}");
    let raking = rake(&mut weights, &margins, &SETTINGS).unwrap();
    assert!(raking.converged && raking.n_iterations > 1 && raking.most_gap <= 1e-6, "{raking:?}");
    weights.iter().zip([3.0, 1.5, 1.5, 3.0]).for_each(|(w, expected)| close(*w, expected, 1e-4));
}

#[test]
fn a_rare_respondent_stands_for_many() {
    let codes: Vec<u32> = (0..4000).map(|row| if row < 2000 { 3 } else { NO_CODE }).collect();
    let responded: Vec<bool> =
        (0..4000).map(|row| row % 2000 < if row < 2000 { 200 } else { 1000 }).collect();
    let category = Category { name: "region", codes: &codes };
    let weights = propensity_weights(&[category], &responded, &SETTINGS).unwrap();
    assert_eq!(weights.len(), 1200);
    close(weights[0], 10.0, 0.1);
    close(weights[1199], 2.0, 0.01);
    // Without categories all stand for equally many.
    let weights = propensity_weights(&[], &responded, &SETTINGS).unwrap();
    weights.iter().for_each(|weight| close(*weight, 4000.0 / 1200.0, 1e-9));
}

#[test]
fn wild_weights_are_cut_to_quantiles() {
    let mut weights: Vec<f64> = (0..=100).map(f64::from).collect();
    trim(&mut weights, 0.99);
    for (place, expected) in [(0, 1.0), (50, 50.0), (100, 99.0)] {
        close(weights[place], expected, 1e-12);
    }
}

#[test]
fn unequal_weights_are_worth_fewer_respondents() {
    close(effective([1.0, 1.0, 2.0].into_iter()), 16.0 / 6.0, 1e-12);
    assert_eq!(effective(std::iter::empty()), 0.0);
    let types: Vec<u16> = (0..110).map(|row| u16::from(row >= 60)).collect();
    let mut weights = vec![1.0; 110];
    weights[109] = 3.0;
    let sizes = segment_sizes(&weights, &types, 2, &SETTINGS);
    assert_eq!((sizes[0].n, sizes[0].n_effective), (60, 60.0));
    close(sizes[0].share.unwrap(), 60.0 / 112.0, 1e-12);
    // 50 respondents, but (49 + 3)² / (49 + 9) = 46.6 effective ones.
    close(sizes[1].n_effective, 52.0 * 52.0 / 58.0, 1e-12);
    assert_eq!((sizes[1].n, sizes[1].share), (50, None));
}

#[test]
fn margins_that_do_not_fit_are_refused() {
    let check = |levels: &[u32], population: &[f64], text: &str| {
        let margin = Margin { name: "age", levels, population };
        let error = rake(&mut [1.0, 1.0], &[margin], &SETTINGS).unwrap_err().to_string();
        assert!(error.contains(text), "{error}");
    };
    check(&[0], &[1.0], "margin `age` has 1 values for 2 persons");
    check(&[0, 2], &[1.0, 1.0], "level 2: the population has no such level");
    check(&[0, 0], &[1.0, 1.0], "level 1: no respondent stands for it");
    check(&[0, 1], &[1.0, 0.0], "level 1: respondents have a level that nobody has");
    check(&[0, 1], &[1.0, f64::NAN], "level 1: the population is no number");
    let few = Category { name: "region", codes: &[0] };
    let error = propensity_weights(&[few], &[true, false], &SETTINGS).unwrap_err().to_string();
    assert!(error.contains("category `region` has 1 values for 2 persons"), "{error}");
    let trim = WeightSettings { trim: 0.4, ..SETTINGS };
    let error = propensity_weights(&[], &[true, false], &trim).unwrap_err().to_string();
    assert!(error.contains("`trim` is 0.4"), "{error}");
}
