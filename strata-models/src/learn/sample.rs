//! Customers made by formula, for tests: the same in any language, so that others can compute what is expected here.
//!
//! Column j of row i is the number of place 8 i + j, in [0, 1); the label is 1 where that of place 8 i + 7 is below the probability.

use super::chance::Places;
use super::explain::sigmoid;
use super::matrix::{Matrix, RawMatrix, Suspects};

/// Rows of five columns, `x0` to `x4`; the fifth says nothing. The second vector holds the true probabilities.
pub(super) fn customers(seed: u64, n_rows: u64) -> (RawMatrix, Vec<f64>) {
    let places = Places::from_seed(seed);
    let value = |row: u64, column: u64| places.share(8 * row + column);
    let columns: Vec<Vec<f64>> =
        (0..5).map(|column| (0..n_rows).map(|row| value(row, column)).collect()).collect();
    let truth: Vec<f64> = (0..n_rows as usize)
        .map(|row| {
            let x = |column: usize| columns[column][row];
            sigmoid(-1.0 + 2.0 * x(0) - 3.0 * x(1) + 4.0 * x(2) * x(3))
        })
        .collect();
    let labels = (0..n_rows).zip(&truth).map(|(row, p)| u8::from(value(row, 7) < *p)).collect();
    let names = (0..5).map(|column| format!("x{column}")).collect();
    (RawMatrix { names, columns, labels, weights: None }, truth)
}

/// The same, checked.
pub(super) fn matrix(seed: u64, n_rows: u64) -> Matrix {
    customers(seed, n_rows).0.check(Suspects::Refuse).unwrap()
}

/// A table of the given columns, named a, b, c and so on.
pub(super) fn table(columns: &[&[f64]], labels: &[u8]) -> RawMatrix {
    let names = (b'a'..).take(columns.len()).map(|letter| char::from(letter).to_string()).collect();
    let columns = columns.iter().map(|column| column.to_vec()).collect();
    RawMatrix { names, columns, labels: labels.to_vec(), weights: None }
}
