//! What preparation does to columns, and which it refuses.

use super::*;
use crate::clv::draw::normal;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

fn fit(name: &str, values: &[f64], how: How) -> Result<PreparedColumn, ClusterError> {
    Preparation::fit(&[name], &[values], &[how]).map(|mut fitted| fitted.columns.remove(0))
}

#[track_caller]
fn refused(name: &str, values: &[f64], how: How, text: &str) {
    let error = fit(name, values, how).unwrap_err().to_string();
    assert!(error.contains(text), "{error}");
}

#[test]
fn columns_that_are_no_traits_are_refused() {
    let how = How::default();
    let numbers: Vec<f64> = (0..20).map(|row| f64::from((row * 7) % 20 + 100)).collect();
    refused("a", &[3.0; 5], how, "column `a` has one value, or none, in all rows");
    refused("a", &[f64::NAN; 5], how, "column `a` has one value, or none, in all rows");
    refused("a", &[1.0, f64::INFINITY], how, "row 1, column `a`: inf");
    refused("number", &numbers, how, "it numbers the rows");
    refused("Customer_ID", &[17.5, 4.0, 99.0], how, "its name says so");
    refused("id", &[17.5, 4.0, 99.0], how, "its name says so");
    let one_twice: Vec<f64> = numbers.iter().map(|value| value.max(101.0)).collect();
    assert!(fit("number", &one_twice, how).is_ok());
    assert!(fit("order", &numbers[..19], how).is_ok(), "few rows may be so by chance");
    assert!(fit("paid", &[17.5, 4.0, 99.0], how).is_ok());
    let mut rare = vec![0.0; 999];
    rare.push(1.0);
    refused("rare", &rare, how, "column `rare` is 0 but in 1 row");
    assert!(fit("rare", &rare, How { winsorise: None, ..how }).is_ok());
    refused("huge", &[-1e308, 1e308, 1.0], How { winsorise: None, ..how }, "column `huge`");
}

#[test]
fn settings_out_of_range_are_refused() {
    let values = [1.0, 2.0, f64::NAN];
    let how = How::default();
    refused("a", &values, How { winsorise: Some((0.5, 0.5)), ..how }, "`winsorise` is 0.5");
    refused("a", &values, How { winsorise: Some((-0.1, 0.5)), ..how }, "`winsorise` is -0.1");
    refused("a", &values, How { missing: Missing::Refuse, ..how }, "row 2, column `a`: NaN");
    refused("a", &values, How { missing: Missing::Value(f64::NAN), ..how }, "`missing` is NaN");
    refused("a", &values, How { logarithm: Logarithm::Above(f64::NAN), ..how }, "`logarithm` is NaN");
    refused("a", &[-2.0, 3.0], How { logarithm: Logarithm::Always, winsorise: None, ..how }, "no logarithm");
    let (names, columns): (_, [&[f64]; 2]) = (["a", "b"], [&[1.0, 2.0], &[1.0]]);
    assert!(matches!(Preparation::fit(&names, &columns, &[how; 2]), Err(ClusterError::Lengths { .. })));
    assert!(matches!(Preparation::fit(&[], &[], &[]), Err(ClusterError::NoColumns)));
    assert!(matches!(Preparation::fit(&["a"], &[&[]], &[how]), Err(ClusterError::NoRows)));
    assert!(matches!(Preparation::fit(&["a"], &[&[1.0, 2.0]], &[]), Err(ClusterError::Option { .. })));
}

#[test]
fn a_skewed_trait_is_counted_by_its_orders_of_magnitude() {
    let mut generator = ChaCha8Rng::seed_from_u64(3);
    let spend: Vec<f64> = (0..4000).map(|_| (5.0 + 1.2 * normal(&mut generator)).exp()).collect();
    let age: Vec<f64> = (0..4000).map(|_| 40.0 + 10.0 * normal(&mut generator)).collect();
    let balance: Vec<f64> = spend.iter().map(|value| value - 400.0).collect();
    let names = ["spend", "age", "balance"];
    let columns = [&spend[..], &age, &balance];
    let fitted = Preparation::fit(&names, &columns, &[How::default(); 3]).unwrap();
    let logarithms: Vec<bool> = fitted.columns.iter().map(|column| column.logarithm).collect();
    assert_eq!(logarithms, [true, false, false], "negative values have no orders of magnitude");
    let points = fitted.apply(&columns).unwrap();
    for column in 0..3 {
        let values: Vec<f64> = points.rows().map(|row| row[column]).collect();
        let (mean, deviation) = mean_and_deviation(&values);
        assert!(mean.abs() < 1e-9 && (deviation - 1.0).abs() < 1e-9, "{mean} {deviation}");
    }
    assert!(skewness(&points.rows().map(|row| row[0]).collect::<Vec<f64>>(), |value| value).abs() < 0.2);
    let told = fit("spend", &spend, How { logarithm: Logarithm::Never, ..How::default() }).unwrap();
    assert!(!told.logarithm);
}

#[test]
fn what_was_learned_is_applied_to_others() {
    let how = How { winsorise: Some((0.25, 0.75)), logarithm: Logarithm::Never, ..How::default() };
    let column = fit("a", &[1.0, 2.0, 3.0, 4.0, 5.0, f64::NAN], how).unwrap();
    assert_eq!((column.low, column.high, column.fill), (Some(2.0), Some(4.0), Some(3.0)));
    assert_eq!((column.centre, column.scale), (3.0, 0.8_f64.sqrt()));
    assert_eq!(column.apply(100.0), Some(1.0 / 0.8_f64.sqrt()));
    assert_eq!((column.apply(f64::NAN), column.apply(f64::INFINITY)), (Some(0.0), None));
    assert!((column.undo(column.apply(3.5).unwrap()) - 3.5).abs() < 1e-12);

    let how = How { missing: Missing::Refuse, logarithm: Logarithm::Always, winsorise: None, ..how };
    let fitted = Preparation::fit(&["a"], &[&[0.0, 1.0, 10.0]], &[how]).unwrap();
    assert!((fitted.columns[0].undo(fitted.columns[0].apply(7.0).unwrap()) - 7.0).abs() < 1e-12);
    let place = |values: &[f64]| match fitted.apply(&[values]) {
        Err(ClusterError::NotFinite { row, .. }) => row,
        other => panic!("{other:?}"),
    };
    assert_eq!((place(&[1.0, f64::NAN]), place(&[-1.0]), place(&[1.0, 2.0, -3.0])), (1, 0, 2));
    assert!(matches!(fitted.apply(&[&[1.0], &[1.0]]), Err(ClusterError::Lengths { .. })));
}

#[test]
fn columns_become_points() {
    let points = Points::from_columns(&["a", "b"], &[&[1.0, 2.0], &[3.0, 4.0]]).unwrap();
    assert_eq!(points.values(), [1.0, 3.0, 2.0, 4.0]);
    let error = Points::from_columns(&["a", "b"], &[&[1.0, 2.0], &[3.0, f64::NAN]]).unwrap_err();
    assert!(error.to_string().contains("row 1, column `b`"), "{error}");
}
