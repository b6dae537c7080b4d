//! Square matrices of no special form, solved by elimination with the greatest pivot of each column.

/// `P A = L U` of a matrix by rows: both factors in one, and the order of the rows.
#[derive(Debug, Clone)]
pub(super) struct Factors {
    n: usize,
    both: Vec<f64>,
    order: Vec<usize>,
}

impl Factors {
    /// Factors A (n × n by rows); where A is singular as far as the digits go, the column at which this shows.
    pub(super) fn of(mut a: Vec<f64>, n: usize) -> Result<Factors, usize> {
        let mut order: Vec<usize> = (0..n).collect();
        let scale = a.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
        for pivot in 0..n {
            let greatest = (pivot..n)
                .max_by(|one, other| a[one * n + pivot].abs().total_cmp(&a[other * n + pivot].abs()))
                .unwrap_or(pivot);
            if greatest != pivot {
                (0..n).for_each(|column| a.swap(pivot * n + column, greatest * n + column));
                order.swap(pivot, greatest);
            }
            let (head, tail) = a.split_at_mut((pivot + 1) * n);
            let own = &head[pivot * n..];
            if !(own[pivot].abs() > 1e-14 * scale && own[pivot].is_finite()) {
                return Err(pivot);
            }
            for row in tail.chunks_exact_mut(n) {
                let times = row[pivot] / own[pivot];
                row[pivot] = times;
                if times != 0.0 {
                    row[pivot + 1..].iter_mut().zip(&own[pivot + 1..]).for_each(|(x, y)| *x -= times * y);
                }
            }
        }
        Ok(Factors { n, both: a, order })
    }

    /// Solves `A x = b`.
    pub(super) fn solve(&self, b: &[f64]) -> Vec<f64> {
        let n = self.n;
        let mut x: Vec<f64> = Vec::with_capacity(n);
        for (row, from) in self.order.iter().enumerate() {
            let known: f64 = self.both[row * n..row * n + row].iter().zip(&x).map(|(l, y)| l * y).sum();
            x.push(b[*from] - known);
        }
        for row in (0..n).rev() {
            let known: f64 = self.both[row * n + row + 1..(row + 1) * n]
                .iter()
                .zip(&x[row + 1..])
                .map(|(u, y)| u * y)
                .sum();
            x[row] = (x[row] - known) / self.both[row * n + row];
        }
        x
    }

    /// `A⁻¹` by rows.
    pub(super) fn inverse(&self) -> Vec<f64> {
        let n = self.n;
        let mut inverse = vec![0.0; n * n];
        let mut unit = vec![0.0; n];
        for column in 0..n {
            unit[column] = 1.0;
            let solved = self.solve(&unit);
            solved.into_iter().enumerate().for_each(|(row, x)| inverse[row * n + column] = x);
            unit[column] = 0.0;
        }
        inverse
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solutions_solve_where_the_first_pivot_is_zero() {
        let a = vec![0.0, 2.0, 1.0, 1.0, -2.0, -3.0, -1.0, 1.0, 2.0];
        let factors = Factors::of(a.clone(), 3).unwrap();
        let x = factors.solve(&[-8.0, 0.0, 3.0]);
        let inverse = factors.inverse();
        for (row, expected) in [-8.0, 0.0, 3.0].into_iter().enumerate() {
            let found: f64 = (0..3).map(|column| a[row * 3 + column] * x[column]).sum();
            assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
            for column in 0..3 {
                let cell: f64 = (0..3).map(|k| a[row * 3 + k] * inverse[k * 3 + column]).sum();
                assert!((cell - if row == column { 1.0 } else { 0.0 }).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn a_singular_matrix_is_told() {
        assert_eq!(Factors::of(vec![1.0, 2.0, 2.0, 4.0], 2).unwrap_err(), 1);
        assert_eq!(Factors::of(vec![f64::NAN], 1).unwrap_err(), 0);
    }
}
