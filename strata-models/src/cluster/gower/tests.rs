//! Dissimilarities of `flower` as in R, and by hand.

use super::*;
use crate::clv::tests::data::shared;

fn column<'a>(name: &'a str, values: Values<'a>) -> Column<'a> {
    Column { name, weight: 1.0, values }
}

#[track_caller]
fn refused(columns: &[Column<'_>], text: &str) {
    let error = Dissimilarities::gower(columns).unwrap_err().to_string();
    assert!(error.contains(text), "{error}");
}

/// The 18 flowers of Kaufman and Rousseeuw (1990): two traits of yes or no, two nominal, two ordinal, two numbers.
pub(crate) fn flowers(test: &str) -> Option<Dissimilarities> {
    let text = shared(test, "psychometrics/cluster_flower.csv")?;
    let rows: Vec<Vec<f64>> = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').skip(1).map(|cell| cell.trim_matches('"').parse().unwrap()).collect())
        .collect();
    let codes =
        |place: usize| -> Vec<Option<u16>> { rows.iter().map(|row| Some(row[place] as u16)).collect() };
    let numbers = |place: usize| -> Vec<Option<f64>> { rows.iter().map(|row| Some(row[place])).collect() };
    let (codes, numbers): (Vec<_>, Vec<_>) = ((0..6).map(codes).collect(), (6..8).map(numbers).collect());
    let nominal = codes[..4].iter().map(|values| column("nominal", Values::Nominal(values)));
    let ordinal = codes[4..].iter().map(|values| column("ordinal", Values::Ordinal(values)));
    let numbers = numbers.iter().map(|values| column("number", Values::Numbers(values)));
    let columns: Vec<Column<'_>> = nominal.chain(ordinal).chain(numbers).collect();
    Some(Dissimilarities::gower(&columns).unwrap())
}

#[test]
fn flowers_agree_with_daisy_of_the_r_package_cluster() {
    let Some(flowers) = flowers("flowers") else { return };
    for ((one, other), expected) in [((0, 1), 0.887541), ((0, 2), 0.527247), ((2, 1), 0.514706)] {
        let found = flowers.between(one, other);
        assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");
    }
    let sum: f64 = flowers.values().iter().map(|value| f64::from(*value)).sum();
    assert!((sum - 74.439583).abs() < 2e-6, "{sum}");
}

#[test]
fn columns_are_compared_by_their_kinds() {
    let numbers = [Some(1.0), Some(5.0), None, Some(2.0)];
    let ranks = [Some(0), Some(1), Some(4), None];
    let words = [Some(2), Some(2), Some(1), Some(1)];
    let rare = [Some(false), Some(false), Some(true), Some(true)];
    let columns = [
        column("numbers", Values::Numbers(&numbers)),
        column("ranks", Values::Ordinal(&ranks)),
        Column { name: "words", weight: 2.0, values: Values::Nominal(&words) },
        column("rare", Values::Asymmetric(&rare)),
    ];
    let found = Dissimilarities::gower(&columns).unwrap();
    // Rows 0 and 1: 1, 1/4, twice 0, and two times no, which does not count. Rows 1 and 3: 3/4, no rank, twice 1, 1.
    assert_eq!(found.between(0, 1), f64::from(1.25_f32 / 4.0));
    assert_eq!(found.between(3, 1), f64::from(3.75_f32 / 4.0));
    assert_eq!(found.between(2, 3), 0.0);
    let row: Vec<f64> = found.of(2).collect();
    assert_eq!(row, [found.between(2, 0), found.between(2, 1), 0.0, found.between(2, 3)]);
}

#[test]
fn the_largest_numbers_have_a_range() {
    let numbers = [Some(f64::MAX), Some(-f64::MAX), Some(0.0)];
    let found = Dissimilarities::gower(&[column("a", Values::Numbers(&numbers))]).unwrap();
    assert_eq!(found.values(), [1.0, 0.5, 0.5]);
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let numbers = [Some(1.0), Some(2.0)];
    let good = column("a", Values::Numbers(&numbers));
    refused(&[], "no columns");
    refused(&[column("a", Values::Numbers(&[Some(1.0)]))], "no rows");
    refused(
        &[good, column("b", Values::Nominal(&[Some(1)]))],
        "column `b` has 1 values where there are 2 rows",
    );
    refused(&[column("b", Values::Ordinal(&[Some(1), Some(1)]))], "column `b` has one value");
    refused(&[column("b", Values::Ordinal(&[None, None]))], "column `b` has one value");
    refused(&[column("b", Values::Numbers(&[Some(f64::NAN), Some(1.0)]))], "row 0, column `b`: NaN");
    refused(&[Column { weight: 0.0, ..good }], "`weight of a column` is 0");
    refused(&[column("b", Values::Numbers(&[Some(1.0), None, Some(3.0)]))], "no column in which");
    refused(&[column("b", Values::Nominal(&vec![Some(1); MOST_ROWS + 1]))], "at most 20000 rows");
    assert!(Dissimilarities::new(3, vec![1.0, 2.0]).unwrap_err().to_string().contains("2 values"));
    assert!(Dissimilarities::new(2, vec![-1.0]).unwrap_err().to_string().contains("-1"));
}
