//! Whether customers who are together in one half of the data would be put together by the other half.

use super::error::ClusterError;
use super::partition::{Assign, OUTSIDE, distinct, labels_of};
use super::points::Points;
use super::resample::{halves, sample, seed_at};
use rayon::prelude::*;

/// From this figure on a number of clusters is usually taken to be supported.
pub const SUPPORTED: f64 = 0.8;

/// The prediction strength of `n_clusters` clusters, from 0 to 1.
///
/// The rows are parted into halves `n_splits` times. Each half is clustered; for every cluster of one half, the share of its pairs of rows
/// that the clustering of the other half puts together is taken, and the least of them counts. The figure is the mean over halves and splits.
/// With more than `most_rows` rows, as many are drawn once.
///
/// Of a test cluster with counts cⱼ by the other half's clusters the share is `Σ cⱼ (cⱼ − 1) / (n (n − 1))`; a cluster of one row has
/// no pairs and counts 1, and so does a single cluster.
///
/// Tibshirani, R. and Walther, G. (2005). Cluster validation by prediction strength. Journal of Computational and Graphical
/// Statistics 14, 511–528.
///
/// # Errors
/// [`ClusterError::Option`] for no splits or too few rows to part, and what `fit` refuses.
pub fn prediction_strength<C: Assign>(
    points: &Points,
    n_clusters: usize,
    fit: &(impl Fn(&Points, usize, u64) -> Result<C, ClusterError> + Sync),
    n_splits: u32,
    most_rows: usize,
    seed: u64,
) -> Result<f64, ClusterError> {
    if n_splits == 0 {
        let hint = "part the rows at least once; 50 times are usual";
        return Err(ClusterError::Option { option: "n_splits", value: 0.0, hint });
    }
    let points = points.at(&sample(points.n_rows(), most_rows.max(2), seed_at(seed, 0)));
    if points.n_rows() < 2 {
        return Err(ClusterError::TooFewRows { n_distinct: points.n_rows(), n_clusters: 2 });
    }
    let strengths: Result<Vec<f64>, ClusterError> = (0..u64::from(n_splits))
        .into_par_iter()
        .map(|split| {
            let seed = seed_at(seed, 1 + split);
            let (one, other) = halves(points.n_rows(), seed);
            let (one, other) = (points.at(&one), points.at(&other));
            let of_one = fit(&one, n_clusters, seed_at(seed, 0))?;
            let of_other = fit(&other, n_clusters, seed_at(seed, 1))?;
            let of_half = |points: &Points, own: &C, others: &C| -> Result<f64, ClusterError> {
                Ok(least_share(&labels_of(own, points)?, &labels_of(others, points)?))
            };
            Ok((of_half(&one, &of_one, &of_other)? + of_half(&other, &of_other, &of_one)?) / 2.0)
        })
        .collect();
    Ok(strengths?.iter().sum::<f64>() / f64::from(n_splits))
}

/// The least share over clusters of pairs that others put together; 0 where there are no clusters.
fn least_share(own: &[u32], others: &[u32]) -> f64 {
    let of_cluster = |cluster: u32| {
        let mut found: Vec<u32> =
            own.iter().zip(others).filter(|(label, _)| **label == cluster).map(|(_, other)| *other).collect();
        let n = found.len() as f64;
        if found.len() < 2 {
            return 1.0;
        }
        found.sort_unstable();
        // Rows outside the other half's clusters are together with nobody.
        let together = found.chunk_by(|a, b| a == b).filter(|run| run[0] != OUTSIDE);
        together.map(|run| run.len() as f64 * (run.len() as f64 - 1.0)).sum::<f64>() / (n * (n - 1.0))
    };
    distinct(own).into_iter().map(of_cluster).reduce(f64::min).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::tests::{blobs, k_means, k_means_from, scaled_iris};

    #[test]
    fn iris_has_the_strengths_of_fpc() {
        // R, fpc::prediction.strength(scale(iris[, 1:4]), M = 50) with kmeansCBI, which starts once; random, so to 0.05.
        let points = scaled_iris();
        let once = |points: &Points, k, seed| k_means_from(1, points, k, seed);
        for (k, expected) in (1..).zip([10_000.0, 9905.0, 6549.0, 5347.0, 4483.0, 3926.0]) {
            let expected = expected / 1e4;
            let found = prediction_strength(&points, k, &once, 50, 3000, 1).unwrap();
            assert!((found - expected).abs() <= 0.05, "k = {k}: {found}, not {expected}");
        }
    }

    #[test]
    fn groups_are_predicted_and_their_parts_are_not() {
        let points = blobs(&[&[0.0, 0.0], &[12.0, 0.0], &[0.0, 12.0]], 50, 2);
        let strength = |k| prediction_strength(&points, k, &k_means, 10, 3000, 3).unwrap();
        assert_eq!(strength(3), 1.0);
        assert!(strength(4) < SUPPORTED);
    }

    #[test]
    fn shares_count_pairs() {
        assert_eq!(least_share(&[0, 0, 0, 1], &[5, 5, 6, 6]), 2.0 / 6.0);
        assert_eq!(least_share(&[0, 0], &[OUTSIDE, OUTSIDE]), 0.0);
        assert_eq!(least_share(&[OUTSIDE], &[0]), 0.0);
        let points = blobs(&[&[0.0]], 1, 1);
        assert!(matches!(
            prediction_strength(&points, 1, &k_means, 10, 10, 1),
            Err(ClusterError::TooFewRows { .. })
        ));
        assert!(matches!(
            prediction_strength(&points, 1, &k_means, 0, 10, 1),
            Err(ClusterError::Option { .. })
        ));
    }
}
