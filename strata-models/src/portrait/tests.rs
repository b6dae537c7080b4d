//! Tests of what sets a segment apart: published and hand cases, recovery from simulated customers, and who stands for them.

use super::contrast::{FEWEST, categories, numbers, shares};
use super::representative::{Basis, FEWEST_ALIKE, Shown, representative};
use super::select::{Difference, SelectionOptions, select};
use super::sums::{LevelSums, NumberSums};
use crate::cluster::error::ClusterError;
use crate::cluster::gower::{Column, Values};
use crate::effect::Moments;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// A group of that size, mean and standard deviation.
fn group(n: u64, mean: f64, deviation: f64) -> NumberSums {
    let count = n as f64;
    let squares = deviation * deviation * (count - 1.0) + mean * mean * count;
    Moments { n, sum: mean * count, squares }.into()
}

fn uniform(random: &mut ChaCha8Rng) -> f64 {
    (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

/// About normal: the sum of twelve.
fn normal(random: &mut ChaCha8Rng) -> f64 {
    (0..12).map(|_| uniform(random)).sum::<f64>() - 6.0
}

#[test]
fn numbers_are_contrasted_as_in_the_published_case() {
    let found = numbers(&group(200, 3.6, 0.8), &group(800, 3.2, 0.9)).unwrap();
    assert!((found.g.value - 0.453_705).abs() < 5e-7, "{found:?}");
    // By hand: √(1000/160000 + 0.453705²/2000) = 0.0797052, times 1.959964 = 0.156219.
    assert!((found.g.low - 0.297_486).abs() < 2e-6 && (found.g.high - 0.609_925).abs() < 2e-6, "{found:?}");
    assert!((found.mean - 3.6).abs() < 1e-12 && (found.mean_rest - 3.2).abs() < 1e-12);
    // t = 0.4 / √(0.64/200 + 0.81/800) = 6.1629 at about 338 degrees of freedom: about two in a thousand million.
    assert!(found.chance > 1e-9 && found.chance < 4e-9, "{}", found.chance);
}

#[test]
fn shares_are_contrasted_as_in_the_published_case() {
    let (segment, rest) = (LevelSums::of_people(&[45, 55]), LevelSums::of_people(&[120, 280]));
    let found = shares(&segment, &rest, 0).unwrap();
    assert!((found.h.value - 0.311_349).abs() < 5e-7, "{found:?}");
    assert!((found.share.low - 0.356_145).abs() < 5e-7 && (found.share.high - 0.547_554).abs() < 5e-7);
    assert!((found.lift.unwrap() - 1.5).abs() < 1e-12);
    assert_eq!((found.n_yes, found.n_yes_rest, found.n, found.n_rest), (45, 120, 100, 400));
    assert!((found.difference.value - 0.15).abs() < 1e-12);
    assert!(found.difference.low > 0.0 && found.difference.low < 0.15 && found.difference.high < 0.3);
    let other = shares(&segment, &rest, 1).unwrap();
    assert!((other.h.value + found.h.value).abs() < 1e-12 && (other.chance - found.chance).abs() < 1e-12);
}

#[test]
fn categories_are_contrasted_as_in_the_published_cases() {
    let found =
        categories(&LevelSums::of_people(&[50, 30, 20]), &LevelSums::of_people(&[20, 30, 50])).unwrap();
    assert!((found.divergence.value - 0.095_816).abs() < 5e-7, "{found:?}");
    assert!(found.divergence.low < 0.095 && found.divergence.low > 0.0 && found.divergence.high > 0.097);
    assert_eq!(found.most(), Some(0));
    // Two degrees of freedom: χ² = 900/35 + 900/35 · 0 …, whose chance is exp(−χ²/2).
    let chi_squared = 4.0 * 15.0_f64.powi(2) / 35.0;
    assert!((found.chance / (-chi_squared / 2.0).exp() - 1.0).abs() < 1e-9);
    let found =
        categories(&LevelSums::of_people(&[30, 50, 20]), &LevelSums::of_people(&[60, 30, 10])).unwrap();
    assert!((found.v - 0.302_765).abs() < 5e-7, "{found:?}");
    assert_eq!(found.most(), Some(1));
}

#[test]
fn nothing_is_said_of_few_or_of_what_does_not_vary() {
    assert!(numbers(&group(FEWEST, 1.0, 1.0), &group(800, 0.0, 1.0)).is_some());
    assert_eq!(numbers(&group(FEWEST - 1, 1.0, 1.0), &group(800, 0.0, 1.0)), None);
    assert_eq!(numbers(&group(800, 1.0, 1.0), &group(FEWEST - 1, 0.0, 1.0)), None);
    let constant: NumberSums = (0..40).map(|_| 0.1).collect::<Moments>().into();
    assert_eq!(numbers(&constant, &constant), None);
    let one_level = LevelSums::of_people(&[40, 0]);
    assert_eq!(categories(&one_level, &one_level), None);
    assert_eq!(shares(&one_level, &one_level, 2), None);
    assert_eq!(shares(&LevelSums::of_people(&[20, 9]), &one_level, 0), None);
    assert_eq!(shares(&one_level, &LevelSums::empty(2), 0), None);
    let same = shares(&one_level, &one_level, 0).unwrap();
    assert_eq!((same.h.value, same.chance), (0.0, 1.0));
}

#[test]
fn the_rest_is_all_without_the_segment() {
    let (mut segment, mut rest, mut all) =
        (NumberSums::default(), NumberSums::default(), NumberSums::default());
    let (mut chosen, mut others, mut everybody) =
        (LevelSums::empty(3), LevelSums::empty(3), LevelSums::empty(3));
    let mut random = ChaCha8Rng::seed_from_u64(3);
    for person in 0..2000_usize {
        let (value, weight) = (normal(&mut random), 0.5 + uniform(&mut random));
        let (numbers, levels) =
            if person % 4 == 0 { (&mut segment, &mut chosen) } else { (&mut rest, &mut others) };
        numbers.push(value, weight);
        all.push(value, weight);
        levels.push(person % 3, weight);
        everybody.push(person % 3, weight);
    }
    let (from_all, direct) =
        (numbers(&segment, &all.without(segment)).unwrap(), numbers(&segment, &rest).unwrap());
    assert!((from_all.g.value - direct.g.value).abs() < 1e-10 && from_all.n_rest == direct.n_rest);
    let (from_all, direct) =
        (categories(&chosen, &everybody.without(&chosen)).unwrap(), categories(&chosen, &others).unwrap());
    assert!((from_all.divergence.value - direct.divergence.value).abs() < 1e-12);
    assert_eq!(from_all.levels[2].n_yes_rest, direct.levels[2].n_yes_rest);
}

/// Doubling all weights changes nothing; weighing people double is not the same as having twice as many.
#[test]
fn only_the_effective_number_counts() {
    let of = |weigh: &dyn Fn(usize) -> f64| {
        let mut sums = NumberSums::default();
        (0..100).for_each(|person| sums.push(f64::from(person as u32 % 10), weigh(person)));
        sums
    };
    let (equal, double, unequal) =
        (of(&|_| 1.0), of(&|_| 2.0), of(&|person| 1.0 + 3.0 * (person % 2) as f64));
    let rest = group(500, 2.0, 3.0);
    assert_eq!(numbers(&equal, &rest).unwrap().g.value, numbers(&double, &rest).unwrap().g.value);
    assert!((equal.n_effective() - 100.0).abs() < 1e-12);
    // By hand: (50 · 1 + 50 · 4)² / (50 · 1 + 50 · 16) = 62500 / 850.
    assert!((unequal.n_effective() - 62_500.0 / 850.0).abs() < 1e-9);
    let (wide, narrow) = (numbers(&unequal, &rest).unwrap().g, numbers(&equal, &rest).unwrap().g);
    assert!(wide.high - wide.low > narrow.high - narrow.low);
}

/// Of 200 samples about 190 intervals hold the truth: g, h, the difference of shares and the divergence.
#[test]
fn intervals_hold_what_was_simulated() {
    let mut random = ChaCha8Rng::seed_from_u64(11);
    let (p, q) = ([0.5, 0.3, 0.2], [0.3, 0.3, 0.4]);
    let truth = crate::effect::jensen_shannon(&p, &q).unwrap();
    let h = crate::effect::cohen_h(p[0], q[0]).unwrap();
    let draw = |shares: [f64; 3], n: usize, random: &mut ChaCha8Rng| {
        let mut levels = LevelSums::empty(3);
        for _ in 0..n {
            let at = uniform(random);
            levels.push(usize::from(at > shares[0]) + usize::from(at > shares[0] + shares[1]), 1.0);
        }
        levels
    };
    let mut held = [0; 4];
    for _ in 0..200 {
        let mut sides = [NumberSums::default(), NumberSums::default()];
        (0..150).for_each(|_| sides[0].push(0.5 + normal(&mut random), 1.0));
        (0..600).for_each(|_| sides[1].push(normal(&mut random), 1.0));
        let g = numbers(&sides[0], &sides[1]).unwrap().g;
        let (one, other) = (draw(p, 300, &mut random), draw(q, 900, &mut random));
        let found = categories(&one, &other).unwrap();
        let checks = [
            (g, 0.5),
            (found.levels[0].h, h),
            (found.levels[0].difference, p[0] - q[0]),
            (found.divergence, truth),
        ];
        for (n, (estimate, truth)) in held.iter_mut().zip(checks) {
            *n += i32::from(estimate.low <= truth && truth <= estimate.high);
        }
    }
    assert!(held.iter().all(|n| (181..=199).contains(n)), "{held:?} of 200");
}

fn difference(facet: usize, effect: f64) -> Difference {
    Difference { facet, effect, q: 0.001, reliability: 1.0, coverage: 1.0 }
}

#[test]
fn the_most_distinctive_are_told_each_once() {
    let differences = [
        difference(0, 0.3),
        difference(0, -0.9),
        difference(0, 0.5),
        Difference { reliability: 0.25, ..difference(1, 0.8) },
        Difference { coverage: 0.5, ..difference(1, 0.7) },
        difference(2, 0.19),
        Difference { q: 0.05, ..difference(2, 0.9) },
        difference(2, f64::NAN),
        difference(3, 0.6),
    ];
    let options = SelectionOptions::default();
    // 0.9, 0.6, 0.5, 0.8 · √0.25 = 0.4, 0.7 · 0.5 = 0.35; the third of facet 0 is too many.
    assert_eq!(select(&differences, |_, _| None, &options), [1, 8, 2, 3, 4]);
    // What correlates with the first is left out, and what stands behind it moves up.
    let r = |one: usize, other: usize| Some(if (one, other) == (2, 1) { -0.7 } else { 0.69 });
    assert_eq!(select(&differences, r, &options), [1, 8, 3, 4, 0]);
    assert_eq!(select(&[], |_, _| None, &options), [0_usize; 0]);
}

#[test]
fn a_representative_is_the_middle_of_many_and_nobodys_values() {
    // Sixty people alike around 40 years and 300 a year, ten far away.
    let years: Vec<Option<f64>> =
        (0..70).map(|n| Some(if n < 60 { 36.5 + f64::from(n % 9) } else { 80.0 + f64::from(n) })).collect();
    let spent: Vec<Option<f64>> =
        (0..70).map(|n| Some(if n < 60 { 287.0 + f64::from(n % 7) * 6.0 } else { 9_000.0 })).collect();
    let region: Vec<Option<u16>> = (0..70).map(|n| Some(if n % 5 == 0 { 1 } else { 2 })).collect();
    let constant = [Some(7); 70];
    let column = |name, values| Column { name, weight: 1.0, values };
    let columns = [
        column("years", Values::Numbers(&years)),
        column("spent", Values::Numbers(&spent)),
        column("region", Values::Nominal(&region)),
        column("country", Values::Nominal(&constant)),
    ];
    let found = representative(&columns, &[1.0; 70]).unwrap().unwrap();
    assert_eq!((found.basis, found.n_alike, found.n_candidates), (Basis::Medoid, 48, 70));
    assert_eq!(found.shown[0], Shown::Range { low: 38.0, high: 43.0 });
    assert_eq!(found.shown[1], Shown::Range { low: 290.0, high: 320.0 });
    assert_eq!(found.shown[2..], [Shown::Level(2), Shown::Level(7)]);

    // The ten weigh more than all others: the middle moves.
    let weights: Vec<f64> = (0..70).map(|n| if n < 60 { 1.0 } else { 50.0 }).collect();
    let moved = representative(&columns, &weights).unwrap().unwrap();
    assert!(matches!(moved.shown[1], Shown::Range { low: 9000.0, high: 9000.0 }), "{moved:?}");
}

#[test]
fn who_has_few_neighbours_is_not_shown() {
    // Twelve people, no two alike.
    let one: Vec<Option<u16>> = (0..12).map(|n| Some(n % 4)).collect();
    let other: Vec<Option<u16>> = (0..12).map(|n| Some(n % 3)).collect();
    let size: Vec<Option<f64>> = (0..12).map(|n| Some(f64::from(n) * 0.011)).collect();
    let few: Vec<Option<f64>> = (0..12).map(|n| (n < 9).then_some(f64::from(n))).collect();
    let column = |name, values| Column { name, weight: 1.0, values };
    let columns = [
        column("one", Values::Nominal(&one)),
        column("other", Values::Nominal(&other)),
        column("size", Values::Numbers(&size)),
        column("few", Values::Numbers(&few)),
    ];
    let found = representative(&columns, &[1.0; 12]).unwrap().unwrap();
    assert_eq!((found.basis, found.n_alike), (Basis::Medians, 12));
    assert_eq!(found.shown[..2], [Shown::Hidden, Shown::Hidden], "no level is had by ten");
    assert_eq!(found.shown[2], Shown::Range { low: 0.022, high: 0.088 });
    assert_eq!(found.shown[3], Shown::Hidden);
    let short = [column("size", Values::Numbers(&size[..FEWEST_ALIKE - 1]))];
    assert_eq!(representative(&short, &[1.0; FEWEST_ALIKE - 1]).unwrap(), None);
}

#[test]
fn representatives_of_what_cannot_be_compared_are_refused() {
    let values = [Some(1.0); 12];
    let infinite: Vec<Option<f64>> =
        (0..12).map(|n| Some(if n == 4 { f64::INFINITY } else { 1.0 })).collect();
    let column = |values| Column { name: "years", weight: 1.0, values: Values::Numbers(values) };
    let weights = |weight: f64| -> Vec<f64> { (0..12).map(|n| if n == 3 { weight } else { 1.0 }).collect() };
    assert_eq!(representative(&[], &weights(1.0)), Err(ClusterError::NoColumns));
    for weight in [0.0, -1.0, f64::NAN] {
        let found = representative(&[column(&values)], &weights(weight));
        assert!(matches!(found, Err(ClusterError::Option { option: "weight of a candidate", .. })));
    }
    let found = representative(&[column(&infinite)], &weights(1.0));
    assert!(matches!(found, Err(ClusterError::NotFinite { row: 4, .. })), "{found:?}");
    let found = representative(&[column(&values[..11])], &weights(1.0));
    assert!(matches!(found, Err(ClusterError::Lengths { n_values: 11, n_rows: 12, .. })));
    // All alike: everybody is in the middle.
    let found = representative(&[column(&values)], &weights(1.0)).unwrap().unwrap();
    assert_eq!((found.n_alike, found.shown[0]), (12, Shown::Range { low: 1.0, high: 1.0 }));
}
