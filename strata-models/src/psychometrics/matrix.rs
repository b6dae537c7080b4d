//! Small matrices by rows, and what is asked of symmetric ones.

use crate::clv::symmetric::Symmetric;
use crate::learn::linear::Cholesky;

/// Rows of equal length.
pub(crate) type Rows = Vec<Vec<f64>>;

/// Eigenvalues from the greatest down, with their unit vectors; of each vector the greatest component is positive.
pub(crate) fn eigen(a: &Symmetric) -> Vec<(f64, Vec<f64>)> {
    let mut eigen = a.eigen();
    eigen.sort_by(|one, other| other.0.total_cmp(&one.0));
    for (_, vector) in &mut eigen {
        let greatest = vector
            .iter()
            .copied()
            .fold(0.0, |most: f64, x| if x.abs() > most.abs() + 1e-12 { x } else { most });
        if greatest < 0.0 {
            vector.iter_mut().for_each(|x| *x = -*x);
        }
    }
    eigen
}

/// The inverse of a positive definite matrix; the row at which it shows that it is none.
pub(crate) fn inverse(a: &Symmetric) -> Result<Symmetric, usize> {
    let order = a.order();
    let values = (0..order * order).map(|place| a.at(place / order, place % order)).collect();
    let factor = Cholesky::of(values, order)?;
    let mut inverse = Symmetric::zeros(order);
    for column in 0..order {
        let unit: Vec<f64> = (0..order).map(|row| if row == column { 1.0 } else { 0.0 }).collect();
        let solved = factor.solve(&unit);
        (0..=column).for_each(|row| inverse.set(row, column, solved[row]));
    }
    Ok(inverse)
}

/// `ln |A|` of a positive definite matrix; none where it is not.
pub(crate) fn ln_determinant(a: &Symmetric) -> Option<f64> {
    let values: Vec<f64> = a.eigen().iter().map(|(value, _)| *value).collect();
    values.iter().all(|value| *value > 0.0).then(|| values.iter().map(|value| value.ln()).sum())
}

/// The sum of all values.
pub(crate) fn sum(a: &Symmetric) -> f64 {
    (0..a.order()).map(|row| (0..a.order()).map(|column| a.at(row, column)).sum::<f64>()).sum()
}

/// The sum of the diagonal.
pub(crate) fn trace(a: &Symmetric) -> f64 {
    (0..a.order()).map(|row| a.at(row, row)).sum()
}

/// `A B`.
pub(crate) fn product(a: &Rows, b: &Rows) -> Rows {
    let n_columns = b.first().map_or(0, Vec::len);
    let cell = |row: &Vec<f64>, column: usize| row.iter().zip(b).map(|(x, other)| x * other[column]).sum();
    a.iter().map(|row| (0..n_columns).map(|column| cell(row, column)).collect()).collect()
}

/// `Aᵀ`.
pub(crate) fn transposed(a: &Rows) -> Rows {
    let n_columns = a.first().map_or(0, Vec::len);
    (0..n_columns).map(|column| a.iter().map(|row| row[column]).collect()).collect()
}

/// The inverse of any square matrix, by Gauss's elimination with the greatest pivot of each column; none where it has none.
pub(crate) fn inverse_of_any(a: &Rows) -> Option<Rows> {
    let n = a.len();
    let mut both: Rows = a
        .iter()
        .enumerate()
        .map(|(row, values)| {
            values.iter().copied().chain((0..n).map(|column| if column == row { 1.0 } else { 0.0 })).collect()
        })
        .collect();
    for pivot in 0..n {
        let greatest =
            (pivot..n).max_by(|one, other| both[*one][pivot].abs().total_cmp(&both[*other][pivot].abs()))?;
        both.swap(pivot, greatest);
        let head = both[pivot][pivot];
        if head.is_nan() || head.abs() <= 1e-14 {
            return None;
        }
        both[pivot].iter_mut().for_each(|x| *x /= head);
        let line = both[pivot].clone();
        for (_, row) in both.iter_mut().enumerate().filter(|(row, _)| *row != pivot) {
            let times = row[pivot];
            row.iter_mut().zip(&line).for_each(|(x, y)| *x -= times * y);
        }
    }
    Some(both.into_iter().map(|row| row[n..].to_vec()).collect())
}
