//! A map of points: the two directions in which they differ most.
//!
//! Principal axes are the eigenvectors of the covariances; along the first the variance is greatest, along the second it is greatest among
//! directions at right angles to the first. Pearson, K. (1901). On lines and planes of closest fit to systems of points in space.
//! Philosophical Magazine 2, 559–572.

use super::points::Points;
use crate::clv::symmetric::Symmetric;

/// Points seen from where they differ most.
#[derive(Debug, Clone, PartialEq)]
pub struct Map {
    /// Where each point lies: along the first axis, and along the second (0 where there is one column).
    pub places: Vec<[f64; 2]>,
    /// The share of all variance along each axis, from 0 to 1.
    pub shares: [f64; 2],
}

/// The map of points. Axes point to where their greatest component is positive, so that the same points always lie the same way.
pub fn map(points: &Points) -> Map {
    let (n, n_columns) = (points.n_rows() as f64, points.n_columns());
    let mut means = vec![0.0; n_columns];
    points.rows().for_each(|row| means.iter_mut().zip(row).for_each(|(mean, x)| *mean += x / n));
    let mut covariances = Symmetric::zeros(n_columns);
    for i in 0..n_columns {
        for j in 0..=i {
            let products = points.rows().map(|row| (row[i] - means[i]) * (row[j] - means[j]));
            covariances.set(i, j, products.sum::<f64>() / n);
        }
    }
    let mut axes = covariances.eigen();
    axes.sort_by(|a, b| b.0.total_cmp(&a.0));
    let variance: f64 = axes.iter().map(|(along, _)| along.max(0.0)).sum();
    let share = |place: usize| match axes.get(place) {
        Some((along, _)) if variance > 0.0 => along.max(0.0) / variance,
        _ => 0.0,
    };
    let shares = [share(0), share(1)];
    for (_, axis) in &mut axes {
        let greatest = axis
            .iter()
            .copied()
            .fold(0.0, |most: f64, x| if x.abs() > most.abs() + 1e-12 { x } else { most });
        axis.iter_mut().for_each(|x| *x *= greatest.signum());
    }
    let along = |row: &[f64], place: usize| {
        axes.get(place).map_or(0.0, |(_, axis)| {
            row.iter().zip(&means).zip(axis).map(|((x, mean), component)| (x - mean) * component).sum()
        })
    };
    Map { places: points.rows().map(|row| [along(row, 0), along(row, 1)]).collect(), shares }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::tests::scaled_iris;

    /// R, `prcomp(scale(iris[, 1:4]))`: proportions of variance 0.7296, 0.2285.
    #[test]
    fn iris_has_the_variances_of_prcomp() {
        let map = map(&scaled_iris());
        assert!(
            (map.shares[0] - 0.7296).abs() < 5e-5 && (map.shares[1] - 0.2285).abs() < 5e-5,
            "{:?}",
            map.shares
        );
        assert!(
            (map.places[0][0].abs() - 2.2571).abs() < 5e-4 && (map.places[0][1].abs() - 0.4784).abs() < 5e-4
        );
    }

    #[test]
    fn one_column_and_points_that_are_one_have_a_map() {
        let one = map(&Points::new(vec![1.0, 2.0, 4.0], 1).unwrap());
        assert_eq!((one.shares, one.places[0][1]), ([1.0, 0.0], 0.0));
        let same = map(&Points::new(vec![1.0; 6], 2).unwrap());
        assert_eq!((same.shares, same.places[2]), ([0.0, 0.0], [0.0, 0.0]));
    }
}
