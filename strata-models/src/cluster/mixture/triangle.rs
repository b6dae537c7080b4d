//! Roots of covariance matrices: small and dense, so that plain loops do.

/// Rows of the inverse of a lower triangular root, one after another: row j has the j + 1 values up to the diagonal.
///
/// With `Σ = L Lᵀ`, the vector `y = L⁻¹ (x − μ)` has `yᵀ y = (x − μ)ᵀ Σ⁻¹ (x − μ)`, and `ln |Σ| = −2 Σⱼ ln (L⁻¹)ⱼⱼ`.
#[derive(Debug, Clone)]
pub(super) struct InverseRoot(pub(super) Vec<f64>);

impl InverseRoot {
    /// That of a covariance matrix, row by row (its lower half is read). None where it is not positive definite in the precision of an
    /// `f64`, or not finite.
    pub(super) fn of(covariance: &[f64], order: usize) -> Option<InverseRoot> {
        let root = cholesky(covariance, order)?;
        let mut inverse = vec![0.0; start(order)];
        for column in 0..order {
            inverse[start(column) + column] = 1.0 / root[start(column) + column];
            for row in column + 1..order {
                let sum: f64 = (column..row).map(|k| root[start(row) + k] * inverse[start(k) + column]).sum();
                inverse[start(row) + column] = -sum / root[start(row) + row];
            }
        }
        inverse.iter().all(|value| value.is_finite()).then_some(InverseRoot(inverse))
    }

    /// `ln |L⁻¹|`.
    pub(super) fn ln_determinant(&self) -> f64 {
        self.rows().filter_map(|row| row.last()).map(|diagonal| diagonal.ln()).sum()
    }

    /// Its rows.
    pub(super) fn rows(&self) -> impl Iterator<Item = &[f64]> {
        let mut rest = self.0.as_slice();
        (1..).map_while(move |length| {
            let (row, after) = rest.split_at_checked(length)?;
            rest = after;
            Some(row)
        })
    }
}

/// Where a row of a triangle begins; also how many values there are above it.
pub(super) fn start(row: usize) -> usize {
    row * (row + 1) / 2
}

/// The lower triangular `L` with `A = L Lᵀ`, row by row.
fn cholesky(a: &[f64], order: usize) -> Option<Vec<f64>> {
    let mut root = vec![0.0; start(order)];
    for row in 0..order {
        for column in 0..=row {
            let dot: f64 = (0..column).map(|k| root[start(row) + k] * root[start(column) + k]).sum();
            let rest = a[row * order + column] - dot;
            root[start(row) + column] = if column < row {
                rest / root[start(column) + column]
            } else if rest > 0.0 && rest.is_finite() {
                rest.sqrt()
            } else {
                return None;
            };
        }
    }
    Some(root)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inverse_root_whitens() {
        let covariance = [4.0, 2.0, 0.6, 2.0, 5.0, -1.0, 0.6, -1.0, 3.0];
        let inverse = InverseRoot::of(&covariance, 3).unwrap();
        let rows: Vec<&[f64]> = inverse.rows().collect();
        let at = |j: usize, i: usize| rows[j].get(i).copied().unwrap_or(0.0);
        for j in 0..3 {
            for k in 0..3 {
                let sum: f64 =
                    (0..9).map(|place| at(j, place / 3) * covariance[place] * at(k, place % 3)).sum();
                assert!((sum - f64::from(u8::from(j == k))).abs() < 1e-14, "{j} {k}: {sum}");
            }
        }
        let determinant: f64 = 4.0 * (15.0 - 1.0) - 2.0 * (6.0 + 0.6) + 0.6 * (-2.0 - 3.0);
        assert!((inverse.ln_determinant() + 0.5 * determinant.ln()).abs() < 1e-14);
    }

    #[test]
    fn what_has_no_root_has_none() {
        assert!(InverseRoot::of(&[1.0, 1.0, 1.0, 1.0], 2).is_none());
        assert!(InverseRoot::of(&[0.0], 1).is_none());
        assert!(InverseRoot::of(&[f64::NAN], 1).is_none());
        assert!(InverseRoot::of(&[f64::INFINITY], 1).is_none());
    }
}
