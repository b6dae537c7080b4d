//! The few axes along which rows of words differ most: a truncated singular value decomposition, `A ≈ U Σ Vᵀ`.
//!
//! A random matrix Ω maps the rows to a few directions, `Y = A Ω`; multiplying by `A Aᵀ` some times leaves the strongest. With Q an
//! orthonormal basis of Y and `B = Aᵀ Q`, the eigenvectors u of the small matrix `Bᵀ B` with eigenvalues `σ²` give the axes `v = B u / σ`.
//!
//! Halko, N., Martinsson, P. G. & Tropp, J. A. (2011). Finding structure with randomness: probabilistic algorithms for constructing
//! approximate matrix decompositions. SIAM Review 53, 217–288, algorithms 4.4 and 5.1.

use rayon::prelude::*;

use crate::clv::symmetric::Symmetric;
use crate::learn::chance::Places;
use crate::text::words::SparseRows;

/// Directions beyond those that are wanted, which make those exact.
const MORE: usize = 10;

/// How often the directions are multiplied by `A Aᵀ`.
const N_POWERS: usize = 4;

/// A direction whose square is less than this share of the greatest is what rounding left.
const LEAST_SHARE: f64 = 1e-12;

/// Rows of a part, whose products are summed one after another: sums do not depend on the number of threads.
const PART: usize = 512;

/// Axes, strongest first.
pub(super) struct Axes {
    /// By column of the rows, its place along each axis (V), column after column.
    pub(super) by_column: Vec<f64>,
    /// The singular values, σ.
    pub(super) strengths: Vec<f64>,
}

impl Axes {
    /// At most so many axes; fewer where the rows have fewer.
    pub(super) fn of(rows: &SparseRows, n_axes: usize, chance: Places) -> Axes {
        let columns = rows.transposed();
        let width = (n_axes + MORE).min(rows.n_rows()).min(rows.n_columns());
        let signs = |place: u64| if chance.share(place) < 0.5 { -1.0 } else { 1.0 };
        let random: Vec<f64> = (0..(rows.n_columns() * width) as u64).map(signs).collect();
        let (mut basis, mut width) = orthonormal(rows.times(&random, width), width);
        for _ in 0..N_POWERS {
            let (back, n_back) = orthonormal(columns.times(&basis, width), width);
            (basis, width) = orthonormal(rows.times(&back, n_back), n_back);
        }
        let images = columns.times(&basis, width);
        let (by_column, strengths) = turned(&images, width, n_axes);
        Axes { by_column, strengths }
    }
}

/// An orthonormal basis of the columns of a matrix (by rows, `width` numbers in each), and how many they are.
fn orthonormal(matrix: Vec<f64>, width: usize) -> (Vec<f64>, usize) {
    let (basis, strengths) = turned(&matrix, width, width);
    // What was far from orthogonal is not wholly so after one turn.
    let (basis, strengths) = turned(&basis, strengths.len(), strengths.len());
    (basis, strengths.len())
}

/// `M u / σ` for the greatest eigenvalues σ² of `MᵀM` and their vectors u, by rows; and the σ.
fn turned(matrix: &[f64], width: usize, most: usize) -> (Vec<f64>, Vec<f64>) {
    if width == 0 {
        return (vec![], vec![]);
    }
    let mut eigen = gram(matrix, width).eigen();
    eigen.sort_by(|one, other| other.0.total_cmp(&one.0));
    let greatest = eigen.first().map_or(0.0, |(value, _)| *value);
    eigen.retain(|(value, _)| *value > LEAST_SHARE * greatest && *value > 0.0);
    eigen.truncate(most);
    let strengths: Vec<f64> = eigen.iter().map(|(value, _)| value.sqrt()).collect();
    let n = strengths.len();
    let mut product = vec![0.0; matrix.len() / width * n];
    if n > 0 {
        let rows = product.par_chunks_exact_mut(n).zip(matrix.par_chunks_exact(width));
        rows.with_min_len(PART).for_each(|(to, row)| {
            for ((to, (_, vector)), strength) in to.iter_mut().zip(&eigen).zip(&strengths) {
                *to = row.iter().zip(vector).map(|(a, b)| a * b).sum::<f64>() / strength;
            }
        });
    }
    (product, strengths)
}

/// `MᵀM`.
fn gram(matrix: &[f64], width: usize) -> Symmetric {
    let of_part = |part: &[f64]| {
        let mut sums = vec![0.0; width * width];
        for row in part.chunks_exact(width) {
            for (place, value) in row.iter().enumerate() {
                let sums = &mut sums[place * width..place * width + place + 1];
                sums.iter_mut().zip(row).for_each(|(sum, other)| *sum += value * other);
            }
        }
        sums
    };
    let parts: Vec<Vec<f64>> = matrix.par_chunks(PART * width).map(of_part).collect();
    let mut gram = Symmetric::zeros(width);
    for row in 0..width {
        for column in 0..=row {
            gram.set(row, column, parts.iter().map(|part| part[row * width + column]).sum());
        }
    }
    gram
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(values: &[f64], n_columns: usize) -> SparseRows {
        let mut rows = SparseRows::new(n_columns);
        for row in values.chunks(n_columns) {
            rows.push((0_u32..).zip(row.iter().copied()).filter(|(_, value)| *value != 0.0));
        }
        rows
    }

    /// With rows `(3, 0)`, `(4, 5)`: `AᵀA = (25, 20; 20, 25)`, whose eigenvalues are 45 and 5.
    #[test]
    fn axes_of_a_small_matrix_are_those_by_hand() {
        let axes = Axes::of(&rows(&[3.0, 0.0, 4.0, 5.0], 2), 2, Places::from_seed(1));
        for (found, expected) in axes.strengths.iter().zip([45.0_f64.sqrt(), 5.0_f64.sqrt()]) {
            assert!((found - expected).abs() < 1e-10, "{found}");
        }
        let half = 0.5_f64.sqrt();
        axes.by_column.iter().for_each(|value| assert!((value.abs() - half).abs() < 1e-10, "{value}"));
    }

    #[test]
    fn axes_are_orthonormal_and_no_more_than_there_are() {
        // The third row is the sum of the first two.
        let axes =
            Axes::of(&rows(&[1.0, 0.0, 2.0, 0.0, 1.0, 1.0, 1.0, 1.0, 3.0], 3), 3, Places::from_seed(2));
        assert_eq!(axes.strengths.len(), 2);
        for (one, other, expected) in [(0, 0, 1.0), (1, 1, 1.0), (0, 1, 0.0)] {
            let product: f64 = axes.by_column.chunks(2).map(|column| column[one] * column[other]).sum();
            assert!((product - expected).abs() < 1e-10, "{product}");
        }
        assert!(Axes::of(&rows(&[0.0, 0.0], 2), 2, Places::from_seed(3)).strengths.is_empty());
    }

    /// What all axes keep of a matrix is the matrix.
    #[test]
    fn all_axes_keep_everything() {
        let chance = Places::from_seed(4);
        let values: Vec<f64> = (0..600).map(|place| chance.share(place).powi(4)).collect();
        let rows = rows(&values, 20);
        let axes = Axes::of(&rows, 20, chance);
        assert_eq!(axes.strengths.len(), 20);
        let squares: f64 = axes.strengths.iter().map(|strength| strength * strength).sum();
        let expected: f64 = values.iter().map(|value| value * value).sum();
        assert!((squares - expected).abs() < 1e-9 * expected, "{squares} {expected}");
    }
}
