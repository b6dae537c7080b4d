//! Small symmetric matrices: as many rows as a model has parameters, so that plain loops are as fast as any library.

/// A symmetric matrix, kept in full, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Symmetric {
    order: usize,
    values: Vec<f64>,
}

impl Symmetric {
    /// Zeros in `order` rows and columns.
    pub fn zeros(order: usize) -> Symmetric {
        Symmetric { order, values: vec![0.0; order * order] }
    }

    /// How many rows there are.
    pub fn order(&self) -> usize {
        self.order
    }

    /// The value in a row and column.
    pub fn at(&self, row: usize, column: usize) -> f64 {
        self.values[row * self.order + column]
    }

    /// Sets the value in a row and column, and in its mirror image.
    pub fn set(&mut self, row: usize, column: usize, value: f64) {
        self.values[row * self.order + column] = value;
        self.values[column * self.order + row] = value;
    }

    /// The rows and columns of these places alone.
    pub fn of(&self, places: &[usize]) -> Symmetric {
        let values =
            places.iter().flat_map(|row| places.iter().map(move |column| self.at(*row, *column))).collect();
        Symmetric { order: places.len(), values }
    }

    /// Its eigenvalues λ, in no order, and unit eigenvectors v (one each), by Jacobi's rotations: `A = Σ λ v vᵀ`.
    pub(crate) fn eigen(&self) -> Vec<(f64, Vec<f64>)> {
        let n = self.order;
        let mut a = self.clone();
        let mut vectors: Vec<Vec<f64>> =
            (0..n).map(|k| (0..n).map(|i| if i == k { 1.0 } else { 0.0 }).collect()).collect();
        for _ in 0..MOST_SWEEPS {
            let mut rotated = false;
            for p in 0..n {
                for q in p + 1..n {
                    rotated |= rotate(&mut a, &mut vectors, p, q);
                }
            }
            if !rotated {
                break;
            }
        }
        vectors.into_iter().enumerate().map(|(k, vector)| (a.at(k, k), vector)).collect()
    }
}

/// Jacobi's method ends after about ten sweeps at any order that occurs here.
const MOST_SWEEPS: usize = 60;

/// Makes the value at (p, q) zero; whether there was anything to do.
fn rotate(a: &mut Symmetric, vectors: &mut [Vec<f64>], p: usize, q: usize) -> bool {
    let (app, aqq, apq) = (a.at(p, p), a.at(q, q), a.at(p, q));
    // Also false where something is not a number.
    let matters = apq.abs() > f64::EPSILON * 1e-2 * (app * aqq).abs().sqrt() && apq.abs() > f64::MIN_POSITIVE;
    if !matters {
        return false;
    }
    let half = (aqq - app) / (2.0 * apq);
    let tangent = half.signum() / (half.abs() + half.hypot(1.0));
    let cosine = 1.0 / tangent.hypot(1.0);
    let sine = tangent * cosine;
    for k in 0..a.order {
        if k != p && k != q {
            let (akp, akq) = (a.at(k, p), a.at(k, q));
            a.set(k, p, cosine * akp - sine * akq);
            a.set(k, q, sine * akp + cosine * akq);
        }
    }
    a.set(p, p, app - tangent * apq);
    a.set(q, q, aqq + tangent * apq);
    a.set(p, q, 0.0);
    if let Ok([one, other]) = vectors.get_disjoint_mut([p, q]) {
        for (one, other) in one.iter_mut().zip(other) {
            (*one, *other) = (cosine * *one - sine * *other, sine * *one + cosine * *other);
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eigenvalues_and_vectors_make_the_matrix() {
        let mut a = Symmetric::zeros(5);
        for row in 0..5 {
            for column in 0..=row {
                a.set(
                    row,
                    column,
                    1.0 / (1.0 + row as f64 + column as f64) + if row == column { -0.2 } else { 0.0 },
                );
            }
        }
        let eigen = a.eigen();
        for row in 0..5 {
            for column in 0..5 {
                let sum: f64 = eigen.iter().map(|(value, vector)| value * vector[row] * vector[column]).sum();
                assert!((sum - a.at(row, column)).abs() < 1e-14, "{row} {column}");
                let dot: f64 = eigen[row].1.iter().zip(&eigen[column].1).map(|(x, y)| x * y).sum();
                assert!((dot - f64::from(u8::from(row == column))).abs() < 1e-14);
            }
        }
    }
}
