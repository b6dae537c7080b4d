//! Whether rules tell clusters, and say when they do not.

use super::*;
use crate::clv::draw::{normal, uniform};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Orders and spend make three segments, the channel a fourth; age says nothing. One in twenty is in another segment.
fn shop(n_rows: usize, seed: u64) -> (Vec<Column>, Vec<u32>) {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let (mut orders, mut spend, mut age, mut channel, mut labels) = (vec![], vec![], vec![], vec![], vec![]);
    for _ in 0..n_rows {
        let of_row = (10.0 * uniform(&mut generator)).floor();
        let euro = if uniform(&mut generator) < 0.1 { f64::NAN } else { 100.0 * uniform(&mut generator) };
        let way = ["web", "shop", "fair", "app"][(4.0 * uniform(&mut generator)) as usize];
        let by_rule = match (of_row >= 3.0, euro < 40.3, way) {
            (_, _, "fair") => 7,
            (false, ..) => 0,
            (true, true, _) => 1,
            // Customers without a known spend are with the big spenders.
            (true, false, _) => 2,
        };
        let strays = uniform(&mut generator) < 0.05;
        labels.push(if strays { (3.0 * uniform(&mut generator)) as u32 } else { by_rule });
        orders.push(of_row);
        spend.push(euro);
        age.push(40.0 + 10.0 * normal(&mut generator));
        channel.push(Some(way));
    }
    let columns = vec![
        Column::numbers("orders", &orders).unwrap(),
        Column::numbers("spend", &spend).unwrap(),
        Column::numbers("age", &age).unwrap(),
        Column::categories("channel", channel).unwrap(),
    ];
    (columns, labels)
}

#[test]
fn rules_that_made_segments_are_found_again() {
    let (columns, labels) = shop(6000, 1);
    let found = rules(&columns, &labels, &RuleOptions::default(), 2).unwrap();
    assert!(found.readable && found.fidelity > 0.93, "{found:#?}");
    assert!(found.fidelity_unrounded - found.fidelity <= 0.02, "{found:#?}");
    let text: Vec<String> = found.rules.iter().map(|rule| format!("{}: {rule}", rule.cluster)).collect();
    let said = |part: &str| text.iter().any(|text| text.contains(part));
    assert!(said("7: channel in (fair)") && said("orders < 3"), "{text:#?}");
    assert!(said("spend < 40 ") && said("spend >= 40 or missing"), "{text:#?}");
    assert!(!said("age"), "{text:#?}");
    for rule in &found.rules {
        assert!(rule.precision.unwrap() > 0.85 && rule.coverage.unwrap() > 0.3, "{rule:?}");
    }
}

#[test]
fn a_row_meets_one_rule() {
    let (columns, labels) = shop(2000, 3);
    let found = rules(&columns, &labels, &RuleOptions::default(), 1).unwrap();
    for row in 0..2000 {
        let n = found.rules.iter().filter(|rule| all_hold(&rule.conditions, &columns, row)).count();
        assert_eq!(n, 1, "row {row}");
    }
    let n_conditions = found.rules.iter().map(|rule| rule.conditions.len()).max();
    assert!(n_conditions <= Some(5) && found.rules.len() <= 8, "{found:#?}");
}

#[test]
fn segments_that_no_rule_tells_are_not_readable() {
    let (columns, _) = shop(2000, 4);
    let mut generator = ChaCha8Rng::seed_from_u64(9);
    let labels: Vec<u32> = (0..2000).map(|_| (3.0 * uniform(&mut generator)) as u32).collect();
    let found = rules(&columns, &labels, &RuleOptions::default(), 1).unwrap();
    assert!(!found.readable && found.fidelity < 0.45, "{found:#?}");
    assert!(found.rules.len() <= 3, "noise is pruned: {found:#?}");
}

#[test]
fn iris_clusters_are_told_by_their_petals() {
    use crate::cluster::tests::{iris, k_means};
    let (points, _) = iris();
    let labels = k_means(&points, 2, 1).unwrap()(&points);
    let names = ["sepal_length", "sepal_width", "petal_length", "petal_width"];
    let columns: Vec<Column> = (0..4)
        .map(|j| Column::numbers(names[j], &points.rows().map(|row| row[j]).collect::<Vec<_>>()).unwrap())
        .collect();
    let found = rules(&columns, &labels, &RuleOptions::default(), 1).unwrap();
    assert!(found.fidelity > 0.95 && found.rules.len() == 2, "{found:#?}");
    assert!(found.rules[0].conditions[0].column.starts_with("petal"), "{found:#?}");
}

#[test]
fn what_makes_no_rules_is_refused() {
    let (columns, labels) = shop(100, 5);
    let options = RuleOptions::default();
    let refused = |columns: &[Column], labels: &[u32], options: &RuleOptions, text: &str| {
        let error = rules(columns, labels, options, 1).unwrap_err().to_string();
        assert!(error.contains(text), "{error}");
    };
    refused(&[], &labels, &options, "no columns");
    refused(&columns, &labels[1..], &options, "100 values where there are 99 rows");
    refused(&columns, &[0; 100], &options, "fewer than two clusters");
    refused(&columns, &[OUTSIDE; 100], &options, "fewer than 30 rows");
    refused(&columns, &labels, &RuleOptions { depth: 0, ..options }, "`depth` is 0");
    refused(&columns, &labels, &RuleOptions { least_share: f64::NAN, ..options }, "`least_share`");
    refused(&columns, &labels, &RuleOptions { rules_per_cluster: 0, ..options }, "`rules_per_cluster`");
    refused(&columns, &labels, &RuleOptions { most_rows: 3, ..options }, "`most_rows`");
    assert!(Column::numbers("a", &[f64::INFINITY]).is_err());
    let words: Vec<String> = (0..300).map(|i| i.to_string()).collect();
    assert!(Column::categories("a", words.iter().map(|word| Some(word.as_str()))).is_err());
}

#[test]
fn constant_columns_make_one_rule() {
    let columns = [Column::numbers("a", &[1.0; 60]).unwrap(), Column::numbers("b", &[f64::NAN; 60]).unwrap()];
    let labels: Vec<u32> = (0..60).map(|row| row % 2).collect();
    let found = rules(&columns, &labels, &RuleOptions::default(), 1).unwrap();
    assert_eq!((found.rules.len(), found.rules[0].conditions.len(), found.fidelity), (1, 0, 0.5));
}

#[test]
fn numbers_are_rounded_to_digits_that_count() {
    let cases = [(40.2931, 1, 40.0), (0.2999, 1, 0.3), (-1234.5, 2, -1200.0), (9.96, 2, 10.0), (0.0, 3, 0.0)];
    for (value, digits, expected) in cases {
        assert_eq!(in_digits(value, digits), expected);
    }
    assert_eq!(in_digits(1e-300, 1), 1e-300);
    assert_eq!(in_digits(1.7e300, 1), 2e300);
}
