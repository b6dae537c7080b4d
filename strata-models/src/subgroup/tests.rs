//! A planted group is found, and none where goals are shuffled.

use super::*;
use crate::cluster::rules::{Test, all_hold};
use crate::clv::draw::{normal, uniform};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Six traits that have nothing to do with each other.
fn traits(n_rows: usize, seed: u64) -> Vec<Column> {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let mut columns: Vec<Column> = (0..5)
        .map(|column| {
            let values: Vec<f64> = (0..n_rows).map(|_| (10.0 * uniform(&mut generator)).floor()).collect();
            Column::numbers(&format!("x{column}"), &values).unwrap()
        })
        .collect();
    let ways = ["web", "shop", "app"];
    let values: Vec<_> = (0..n_rows).map(|_| Some(ways[(3.0 * uniform(&mut generator)) as usize])).collect();
    columns.push(Column::categories("channel", values).unwrap());
    columns
}

/// Customers of the app with `x1` of 6 or more.
fn planted(columns: &[Column]) -> Vec<bool> {
    let conditions = [
        Condition { column: "x1".into(), test: Test::AtLeast(6.0), or_missing: false },
        Condition { column: "channel".into(), test: Test::In(vec!["app".into()]), or_missing: false },
    ];
    (0..columns[0].n_rows()).map(|row| all_hold(&conditions, columns, row)).collect()
}

#[track_caller]
fn is_planted(found: &Subgroup) {
    let names: Vec<&str> = found.conditions.iter().map(|condition| condition.column.as_str()).collect();
    assert_eq!(names, ["channel", "x1"], "{found}");
    assert_eq!(found.conditions[0].test, Test::In(vec!["app".into()]));
    assert_eq!(found.conditions[1].test, Test::AtLeast(6.0));
}

#[test]
fn a_planted_group_is_found_by_a_binary_goal() {
    for (seed, quality) in [(1, Quality::WeightedAccuracy), (2, Quality::Lift)] {
        let columns = traits(4000, seed);
        let mut generator = ChaCha8Rng::seed_from_u64(seed + 100);
        let goal: Vec<bool> = planted(&columns)
            .into_iter()
            .map(|is_in| uniform(&mut generator) < if is_in { 0.4 } else { 0.1 })
            .collect();
        let options = SubgroupOptions { quality, least_share: 0.1, ..SubgroupOptions::default() };
        let found = subgroups(&columns, Goal::Binary(&goal), &options, seed).unwrap();
        is_planted(&found[0]);
        let lift = found[0].lift.unwrap();
        assert!(lift.low > 1.5 && lift.low < lift.value && lift.value < lift.high, "{lift:?}");
        assert!((lift.value - found[0].mean / found[0].mean_of_all).abs() < 1e-9);
        let Subgroup { inside, outside, n_rows, n_checked, mean_of_all, .. } = found[0].clone();
        let together = inside.value * n_rows as f64 + outside.value * (n_checked - n_rows) as f64;
        assert!((together / n_checked as f64 - mean_of_all).abs() < 1e-9);
        let n_yes = (inside.value * n_rows as f64).round() as u64;
        assert_eq!(crate::proportion::wilson(n_yes, n_rows as u64), Some((inside.low, inside.high)));
        assert!(outside.high < inside.low, "{outside:?} {inside:?}");
        assert!(found[0].adjusted_chance < 0.01 && found[0].chance <= found[0].adjusted_chance);
    }
}

#[test]
fn a_planted_group_is_found_by_a_numeric_goal() {
    let columns = traits(3000, 5);
    let mut generator = ChaCha8Rng::seed_from_u64(6);
    let goal: Vec<f64> = planted(&columns)
        .into_iter()
        .map(|is_in| 1e6 + normal(&mut generator) - if is_in { 1.0 } else { 0.0 })
        .collect();
    let options = SubgroupOptions { direction: Direction::Below, ..SubgroupOptions::default() };
    let found = subgroups(&columns, Goal::Numeric(&goal), &options, 1).unwrap();
    is_planted(&found[0]);
    let Estimate { value, low, high } = found[0].difference;
    let expected = -(1.0 - 2.0 / 15.0);
    let Estimate { value: inside, low: from, high: to } = found[0].inside;
    assert!(
        (inside - from - (to - inside)).abs() < 1e-9 && from < 1e6 - 1.0 + 0.1 && to < found[0].outside.low
    );
    assert!(value < -0.5 && low < expected && expected < high, "{value} {low} {high}");
}

#[test]
fn nothing_stands_out_by_a_shuffled_goal() {
    let mut n_reported = 0;
    for seed in 0..60 {
        let columns = traits(600, seed);
        let mut generator = ChaCha8Rng::seed_from_u64(seed + 1000);
        let options = SubgroupOptions::default();
        let found = if seed % 2 == 0 {
            let goal: Vec<bool> = (0..600).map(|_| uniform(&mut generator) < 0.3).collect();
            subgroups(&columns, Goal::Binary(&goal), &options, seed)
        } else {
            let goal: Vec<f64> = (0..600).map(|_| normal(&mut generator).exp()).collect();
            subgroups(&columns, Goal::Numeric(&goal), &options, seed)
        };
        n_reported += usize::from(!found.unwrap().is_empty());
    }
    assert!(n_reported <= 3, "{n_reported} of 60");
}

#[test]
fn the_same_customers_are_reported_once() {
    let mut columns = traits(3000, 8);
    let goal = planted(&columns);
    columns.push(Column { name: "twin".into(), ..columns[1].clone() });
    let found = subgroups(&columns, Goal::Binary(&goal), &SubgroupOptions::default(), 1).unwrap();
    for (place, one) in found.iter().enumerate() {
        for other in &found[place + 1..] {
            let members = |group: &Subgroup, row| all_hold(&group.conditions, &columns, row);
            let both = (0..3000).filter(|row| members(one, *row) && members(other, *row)).count();
            let either = (0..3000).filter(|row| members(one, *row) || members(other, *row)).count();
            assert!((both as f64) < 0.85 * either as f64, "{one} | {other}");
        }
    }
    assert!(found[0].lift.unwrap().value > 4.0);
}

#[test]
fn what_cannot_be_searched_is_refused() {
    let columns = traits(200, 1);
    let goal: Vec<f64> = (0..200).map(f64::from).collect();
    let options = SubgroupOptions::default();
    let refused = |columns: &[Column], goal: &[f64], options: &SubgroupOptions, text: &str| {
        let error = subgroups(columns, Goal::Numeric(goal), options, 1).unwrap_err().to_string();
        assert!(error.contains(text), "{error}");
    };
    refused(&columns, &[], &options, "no rows");
    refused(&columns, &[1.0; 200], &options, "column `goal` has one value");
    refused(&columns, &[1.0, f64::NAN], &options, "row 1, column `goal`");
    refused(&columns, &goal[1..], &options, "200 values where there are 199 rows");
    refused(&[], &goal, &options, "no columns");
    refused(&traits(60, 1), &goal[..60], &options, "60 different rows");
    refused(&columns, &goal, &SubgroupOptions { depth: 0, ..options }, "`depth` is 0");
    refused(&columns, &goal, &SubgroupOptions { width: 0, ..options }, "`width` is 0");
    refused(&columns, &goal, &SubgroupOptions { least_share: -1.0, ..options }, "`least_share` is -1");
}

#[test]
fn traits_that_say_nothing_yield_nothing() {
    let columns =
        [Column::numbers("a", &[1.0; 200]).unwrap(), Column::numbers("b", &[f64::NAN; 200]).unwrap()];
    let goal: Vec<bool> = (0..200).map(|row| row % 3 == 0).collect();
    assert_eq!(subgroups(&columns, Goal::Binary(&goal), &SubgroupOptions::default(), 1), Ok(vec![]));
}

#[test]
fn intervals_hold_what_is_true_as_often_as_they_say() {
    let options = SubgroupOptions::default();
    let (mut n_lifts, mut n_differences) = (0, 0);
    for seed in 0..200 {
        let columns = traits(1000, seed);
        let mut generator = ChaCha8Rng::seed_from_u64(seed + 500);
        let planted = planted(&columns);
        let part = planted.iter().filter(|is_in| **is_in).count() as f64 / 1000.0;
        let chance = |is_in: &bool| if *is_in { 0.4 } else { 0.1 };
        let goal: Vec<f64> =
            planted.iter().map(|p| f64::from(u8::from(uniform(&mut generator) < chance(p)))).collect();
        let conditions = [
            Condition { column: "x1".into(), test: Test::AtLeast(6.0), or_missing: false },
            Condition { column: "channel".into(), test: Test::In(vec!["app".into()]), or_missing: false },
        ];
        let rows: Vec<usize> = (0..1000).collect();
        let found =
            check::check(&columns, &goal, &rows, &conditions, &options, seed).unwrap().reported(0.0, 0.0);
        let mean = 0.1 + 0.3 * part;
        let holds = |found: Estimate, truth: f64| usize::from(found.low <= truth && truth <= found.high);
        n_lifts += holds(found.lift.unwrap(), 0.4 / mean);
        n_differences += holds(found.difference, 0.4 - mean);
    }
    assert!((182..=198).contains(&n_lifts), "{n_lifts} of 200");
    assert!((182..=198).contains(&n_differences), "{n_differences} of 200");
}

#[test]
fn groups_are_held_against_the_rows_that_are_given() {
    let columns = traits(4000, 21);
    let mut generator = ChaCha8Rng::seed_from_u64(22);
    // What holds for the first half is the other way round for the second.
    let goal: Vec<bool> = planted(&columns)
        .into_iter()
        .enumerate()
        .map(|(row, is_in)| uniform(&mut generator) < if is_in == (row < 2000) { 0.4 } else { 0.1 })
        .collect();
    let rows: Vec<usize> = (0..4000).collect();
    let options = SubgroupOptions::default();
    let between = |searched, held_out| {
        subgroups_between(&columns, Goal::Binary(&goal), [searched, held_out], &options, 1).unwrap()
    };
    assert_eq!(between(&rows[..2000], &rows[2000..]), vec![]);
    let found = between(&rows[..1000], &rows[1000..2000]);
    is_planted(&found[0]);
    assert_eq!(found[0].n_checked, 1000);
    for parts in [[&rows[..100], &rows[99..300]], [&[4000; 1], &rows[..100]]] {
        let error = subgroups_between(&columns, Goal::Binary(&goal), parts, &options, 1).unwrap_err();
        assert!(error.to_string().contains("each in one part"), "{error}");
    }
    let error =
        subgroups_between(&columns, Goal::Binary(&goal), [&rows[..100], &rows[100..120]], &options, 1);
    assert!(matches!(error, Err(ClusterError::TooFewRows { .. })), "{error:?}");
}
