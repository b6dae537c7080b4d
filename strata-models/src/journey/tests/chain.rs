//! Absorbing chains by hand and by recovery, and the choice of their order.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::{close, paths};
use crate::clv::draw::uniform;
use crate::journey::chain::{CONVERTED, Counts, LOST, To, Transitions};
use crate::journey::order::{choose_order, pairs};

/// Aware and Consider, by hand: the determinant of I − Q is .4 · .5 − .25 · .1 = .175.
#[test]
fn two_stages_are_absorbed_as_by_hand() {
    let rows = vec![0.60, 0.25, 0.0, 0.15, 0.10, 0.50, 0.30, 0.10];
    let found = Transitions::new(2, 2, rows).unwrap().absorb().unwrap();
    let visits = [[2.857_143, 1.428_571], [0.571_429, 2.285_714]];
    let outcomes = [[0.428_571, 0.571_429], [0.685_714, 0.314_286]];
    for stage in 0..2 {
        for other in 0..2 {
            close(found.visits[stage][other], visits[stage][other], 1e-6);
            close(found.outcomes[stage][other], outcomes[stage][other], 1e-6);
        }
        close(found.expected_steps[stage], [4.285_714, 2.857_143][stage], 1e-6);
        close(found.variance_of_steps[stage], [10.0, 6.938_776][stage], 1e-6);
    }
}

#[test]
fn one_stage_is_left_after_a_geometric_time() {
    for stay in [0.0, 0.5, 0.999, 1.0 - 1e-9] {
        let found = Transitions::new(1, 1, vec![stay, 1.0 - stay]).unwrap().absorb().unwrap();
        let leave = 1.0 - stay;
        close(found.expected_steps[0] * leave, 1.0, 1e-6);
        close(found.variance_of_steps[0] * leave * leave, stay, 1e-6);
        close(found.outcomes[0][0], 1.0, 1e-9);
    }
}

#[test]
fn counts_are_smoothed_towards_the_pooled_row() {
    let mut counts = Counts::of_paths(&paths(&["01+", "0-", "01"], 3, Some(vec![2.0, 1.0, 1.0]))).unwrap();
    assert_eq!(counts.of(0, To::Stage(1)), 3.0);
    assert_eq!(counts.of(0, To::Outcome(LOST)), 1.0);
    assert_eq!(counts.of(1, To::Outcome(CONVERTED)), 2.0);
    counts.add(1, To::Stage(0), 2.0).unwrap();
    // Pooled over 8: to stage 0 2, to 1 3, to 2 none, converted 2, lost 1.
    let found = counts.probabilities(1.0).unwrap();
    let expected = [
        [0.25 / 5.0, 3.375 / 5.0, 0.0, 0.25 / 5.0, 1.125 / 5.0],
        [2.25 / 5.0, 0.375 / 5.0, 0.0, 2.25 / 5.0, 0.125 / 5.0],
        [0.25, 0.375, 0.0, 0.25, 0.125],
    ];
    for (stage, row) in expected.iter().enumerate() {
        found.of(stage).iter().zip(row).for_each(|(found, expected)| close(*found, *expected, 1e-15));
    }
    let ends = found.absorb().unwrap();
    ends.outcomes.iter().for_each(|row| close(row.iter().sum(), 1.0, 1e-12));
}

/// Walks of a chain of the first order, or of one that comes back from stage 1 to where it was.
fn walks(n: usize, order: u8, seed: u64) -> Vec<String> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let walk = |_| {
        let (mut word, mut before, mut at) = (String::from("0"), 0, 0);
        loop {
            let p = uniform(&mut random);
            let ends = if order == 2 && before == 2 { 0.6 } else { 0.15 };
            if p < ends {
                return word + if uniform(&mut random) < 0.4 { "+" } else { "-" };
            }
            (before, at) = (at, (at + if uniform(&mut random) < 0.7 { 1 } else { 2 }) % 3);
            word.push(char::from(b'0' + at));
        }
    };
    (0..n).map(walk).collect()
}

#[test]
fn a_chain_is_recovered_from_its_walks() {
    let mut worst = vec![];
    for n in [1_000, 100_000] {
        let words = walks(n, 1, 5);
        let paths = paths(&words.iter().map(String::as_str).collect::<Vec<_>>(), 3, None);
        let found = Counts::of_paths(&paths).unwrap().probabilities(1.0).unwrap().absorb().unwrap();
        // From everywhere the end is as near, and as often good.
        let error = |stage: usize| {
            let steps = (found.expected_steps[stage] - 1.0 / 0.15).abs() * 0.15;
            steps.max((found.outcomes[stage][CONVERTED] - 0.4).abs())
        };
        worst.push((0..3).map(error).fold(0.0, f64::max));
    }
    assert!(worst[0] < 0.15 && worst[1] < 0.015, "{worst:?}");
}

#[test]
fn the_second_order_is_chosen_where_it_gains() {
    for (order, seed) in [(1, 7), (1, 8), (2, 7), (2, 8)] {
        let words = walks(5_000, order, seed);
        let paths = paths(&words.iter().map(String::as_str).collect::<Vec<_>>(), 3, None);
        let choice = choose_order(&paths).unwrap();
        assert_eq!(choice.order, order, "{choice:?}");
        close(choice.gain, choice.bic[0] - choice.bic[1], 1e-9);
    }
}

/// `00+`, `10-`: from stage 0 there are two ends of two counts after 0 and 1 each and none at the beginning but to itself.
#[test]
fn the_criteria_are_those_by_hand() {
    let found = choose_order(&paths(&["00+", "10-"], 2, Some(vec![3.0, 5.0]))).unwrap();
    // Stage 0: to itself 3, converted 3, lost 5; stage 1: to stage 0 alone. 16 transitions.
    let likelihood = 6.0 * (3.0_f64 / 11.0).ln() + 5.0 * (5.0_f64 / 11.0).ln();
    close(found.bic[0], -2.0 * likelihood + 2.0 * 16.0_f64.ln(), 1e-12);
    // Each context leads to one place: (none, 0), (0, 0) and (1, 0) have two parameters each, (none, 1) none.
    close(found.bic[1], 6.0 * 16.0_f64.ln(), 1e-12);
}

#[test]
fn pairs_are_a_chain_that_remembers_one_stage() {
    let found = pairs(&paths(&["010+", "01-"], 2, None)).unwrap();
    assert_eq!(found.of_code, [(None, 0), (Some(0), 1), (Some(1), 0)]);
    let steps: Vec<&[u16]> = found.paths.iter().map(|path| path.steps).collect();
    assert_eq!(steps, [&[0, 1, 2][..], &[0, 1]]);
    let ends = Counts::of_paths(&found.paths).unwrap().probabilities(0.0).unwrap().absorb().unwrap();
    close(ends.outcomes[0][CONVERTED], 0.5, 1e-12);
    close(ends.outcomes[2][CONVERTED], 1.0, 1e-12);
}
