//! The little linear algebra that Newton's method needs: solving with a symmetric positive definite matrix.

/// A Cholesky factor: the lower triangular L with `L Lᵀ = A`, by rows.
#[derive(Debug, Clone)]
pub(crate) struct Cholesky {
    n: usize,
    lower: Vec<f64>,
}

impl Cholesky {
    /// Factors A (n × n by rows, of which the lower triangle is read). Where A is not positive definite as far as the digits go, the
    /// row at which this shows.
    pub(crate) fn of(mut a: Vec<f64>, n: usize) -> Result<Cholesky, usize> {
        for row in 0..n {
            for column in 0..=row {
                let (head, tail) = a.split_at(row * n);
                let own = &tail[..column];
                // In the diagonal the row meets itself.
                let other = if column == row { own } else { &head[column * n..column * n + column] };
                let rest = tail[column] - own.iter().zip(other).map(|(x, y)| x * y).sum::<f64>();
                if column < row {
                    a[row * n + column] = rest / a[column * n + column];
                } else if rest > 1e-13 * a[row * n + row] && rest.is_finite() {
                    a[row * n + row] = rest.sqrt();
                } else {
                    return Err(row);
                }
            }
        }
        Ok(Cholesky { n, lower: a })
    }

    /// Solves `A x = b`.
    pub(crate) fn solve(&self, b: &[f64]) -> Vec<f64> {
        let mut x = self.solve_lower(b);
        for row in (0..self.n).rev() {
            x[row] /= self.lower[row * self.n + row];
            let known = x[row];
            for (column, value) in x[..row].iter_mut().enumerate() {
                *value -= self.lower[row * self.n + column] * known;
            }
        }
        x
    }

    /// `bᵀ A⁻¹ b`, a square: the variance of `bᵀ β` where A is the information on β.
    pub(crate) fn quadratic_of_inverse(&self, b: &[f64]) -> f64 {
        self.solve_lower(b).iter().map(|value| value * value).sum()
    }

    fn solve_lower(&self, b: &[f64]) -> Vec<f64> {
        let mut x: Vec<f64> = Vec::with_capacity(self.n);
        for (row, value) in b.iter().enumerate().take(self.n) {
            let before = &self.lower[row * self.n..row * self.n + row];
            let rest = value - before.iter().zip(&x).map(|(l, y)| l * y).sum::<f64>();
            x.push(rest / self.lower[row * self.n + row]);
        }
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solutions_solve() {
        let a = vec![4.0, 0.0, 0.0, 2.0, 5.0, 0.0, -1.0, 3.0, 6.0];
        let factor = Cholesky::of(a, 3).unwrap();
        let x = factor.solve(&[1.0, 2.0, 3.0]);
        let product = [
            4.0 * x[0] + 2.0 * x[1] - x[2],
            2.0 * x[0] + 5.0 * x[1] + 3.0 * x[2],
            -x[0] + 3.0 * x[1] + 6.0 * x[2],
        ];
        product.iter().zip([1.0, 2.0, 3.0]).for_each(|(a, b)| assert!((a - b).abs() < 1e-12));
        let square = factor.quadratic_of_inverse(&[1.0, 2.0, 3.0]);
        assert!((square - (x[0] + 2.0 * x[1] + 3.0 * x[2])).abs() < 1e-12);
        assert_eq!(Cholesky::of(vec![1.0, 0.0, 1.0, 1.0], 2).err(), Some(1));
        assert_eq!(Cholesky::of(vec![f64::NAN], 1).err(), Some(0));
    }
}
