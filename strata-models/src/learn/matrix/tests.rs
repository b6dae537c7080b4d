//! What tables are refused, and which columns are dropped.

use super::*;
use crate::learn::sample::{customers, table};

const NAN: f64 = f64::NAN;

fn refusal(raw: RawMatrix) -> MatrixError {
    raw.check(Suspects::Refuse).unwrap_err()
}

/// Every second row is 1.
fn labels(n: usize) -> Vec<u8> {
    (0..n).map(|row| (row % 2) as u8).collect()
}

#[test]
fn what_cannot_be_learned_from_is_refused_with_its_place() {
    assert_eq!(refusal(RawMatrix::default()), MatrixError::NoRows);
    assert_eq!(refusal(table(&[], &[0, 1])), MatrixError::NoColumns { n_dropped: 0 });
    assert_eq!(refusal(table(&[&[1.0, 2.0]], &[1, 1])), MatrixError::OneClass { label: 1 });
    assert_eq!(refusal(table(&[&[1.0, 2.0]], &[0, 0])), MatrixError::OneClass { label: 0 });
    assert_eq!(refusal(table(&[&[1.0, 2.0]], &[0, 2])), MatrixError::Label { row: 1, label: 2 });
    let infinite = table(&[&[1.0, NAN], &[1.0, f64::NEG_INFINITY]], &[0, 1]);
    assert_eq!(refusal(infinite), MatrixError::Infinite { column: "b".to_owned(), row: 1 });
    let short = table(&[&[1.0]], &[0, 1]);
    assert_eq!(refusal(short), MatrixError::Length { column: "a".to_owned(), n_values: 1, n_rows: 2 });

    let with = |change: fn(&mut RawMatrix)| {
        let mut raw = table(&[&[1.0, 2.0], &[4.0, 3.0]], &[0, 1]);
        change(&mut raw);
        refusal(raw)
    };
    let twice = MatrixError::Name { place: 1, name: "a".to_owned() };
    assert_eq!(with(|raw| raw.names[1] = "a".to_owned()), twice);
    assert_eq!(with(|raw| raw.names.truncate(1)), MatrixError::Names { n_columns: 2, n_names: 1 });
    assert_eq!(with(|raw| raw.weights = Some(vec![1.0, -1.0])), MatrixError::Weight { row: 1, weight: -1.0 });
    assert!(matches!(with(|raw| raw.weights = Some(vec![NAN, 1.0])), MatrixError::Weight { row: 0, .. }));
    assert_eq!(with(|raw| raw.weights = Some(vec![1.0, 0.0])), MatrixError::OneClass { label: 0 });
    let of_weights = MatrixError::Length { column: "weights".to_owned(), n_values: 1, n_rows: 2 };
    assert_eq!(with(|raw| raw.weights = Some(vec![1.0])), of_weights);
    assert!(
        with(|raw| raw.columns[0][1] = f64::INFINITY)
            .to_string()
            .contains("hint: was something divided by zero?")
    );
}

#[test]
fn ten_thousand_constant_columns_are_dropped_and_reported() {
    let mut raw = table(&[&[1.0, 2.0, 3.0, 3.0]], &[0, 1, 0, 1]);
    for column in 0..10_000 {
        raw.names.push(format!("constant {column}"));
        raw.columns.push(vec![if column % 2 == 0 { NAN } else { 7.0 }; 4]);
    }
    let matrix = raw.clone().check(Suspects::Refuse).unwrap();
    assert_eq!((matrix.names(), matrix.dropped().len()), (&["a".to_owned()][..], 10_000));
    assert_eq!(matrix.dropped()[3], Dropped { column: "constant 3".to_owned(), reason: Fault::Constant });
    raw.names.remove(0);
    raw.columns.remove(0);
    assert_eq!(refusal(raw), MatrixError::NoColumns { n_dropped: 10_000 });
}

#[test]
fn a_column_that_is_here_and_there_missing_is_not_constant() {
    let matrix = table(&[&[7.0, NAN, 7.0]], &[0, 1, 1]).check(Suspects::Refuse).unwrap();
    assert_eq!(matrix.names().len(), 1);
}

#[test]
fn a_column_that_tells_the_label_is_a_suspected_leak() {
    let labels = labels(40);
    let of = |yes: f64, no: f64| -> Vec<f64> {
        labels.iter().map(|label| if *label == 1 { yes } else { no }).collect()
    };
    let dates: Vec<f64> = labels
        .iter()
        .enumerate()
        .map(|(row, label)| if *label == 1 { row as f64 / 2.0 + 0.1 } else { NAN })
        .collect();
    let other: Vec<f64> = (0..40).map(|row| f64::from(row * row % 7)).collect();
    for leak in [of(1.0, 0.0), of(0.0, 1.0), of(-3.5, 2.0), of(NAN, 0.0), dates] {
        let raw = table(&[&other, &leak], &labels);
        assert_eq!(refusal(raw.clone()), MatrixError::EqualsLabel { column: "b".to_owned() });
        let matrix = raw.clone().check(Suspects::Drop).unwrap();
        assert_eq!(matrix.dropped(), [Dropped { column: "b".to_owned(), reason: Fault::EqualsLabel }]);
        assert_eq!(raw.check(Suspects::Keep).unwrap().names().len(), 2);
    }
    let mut nearly = of(1.0, 0.0);
    nearly[39] = 0.0;
    assert!(table(&[&nearly], &labels).check(Suspects::Refuse).is_ok());
    assert!(
        table(&[&[0.0, 1.0, 0.0, 1.0]], &[0, 1, 0, 1]).check(Suspects::Refuse).is_ok(),
        "this few may be chance"
    );
}

#[test]
fn a_column_that_numbers_the_rows_is_an_id() {
    let n = 1000;
    let labels = labels(n);
    let of =
        |value: &dyn Fn(u64) -> u64| -> Vec<f64> { (0..n as u64).map(|row| value(row) as f64).collect() };
    let ids = [
        of(&|row| row),
        of(&|row| 5_000_000 - 3 * row),
        of(&|row| row * 7 % 1009 + 100),
        of(&|row| 1_700_000_000_000 + row * 7919 % 1013 * 1_000_003),
    ];
    for (place, id) in ids.iter().enumerate() {
        assert_eq!(refusal(table(&[id], &labels)), MatrixError::Id { column: "a".to_owned() }, "{place}");
    }
    let not_ids =
        [of(&|row| row * row % 997), of(&|row| (row * 6_364_136_223 + 1) % 9_999_991), of(&|row| row / 2)];
    for (place, column) in not_ids.iter().enumerate() {
        assert!(table(&[column], &labels).check(Suspects::Refuse).is_ok(), "{place}");
    }
    let (raw, _) = customers(1, 500);
    assert!(raw.check(Suspects::Refuse).unwrap().dropped().is_empty(), "fractions are no ids");
}

#[test]
fn columns_are_found_by_name_in_the_order_asked_for() {
    let matrix = table(&[&[1.0, 2.0], &[4.0, 3.0]], &[0, 1]).check(Suspects::Refuse).unwrap();
    let wanted = ["b".to_owned(), "a".to_owned()];
    assert_eq!(matrix.select(&wanted).unwrap(), [[4.0, 3.0], [1.0, 2.0]]);
    let missing = MatrixError::Missing { column: "z".to_owned() };
    assert_eq!(matrix.select(&["z".to_owned()]).unwrap_err(), missing);
}
