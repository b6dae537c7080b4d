//! What the tests of several modules need: data with known groups, data with none, and a plain k-means.

use super::error::ClusterError;
use super::points::Points;
use super::resample::seed_at;
use crate::clv::draw::{normal, uniform};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Fisher's irises: 150 rows of four lengths in cm, and their species 0 to 2. Fisher, R. A. (1936). The use of multiple measurements in
/// taxonomic problems. Annals of Eugenics 7, 179–188.
pub(super) fn iris() -> (Points, Vec<u32>) {
    let (mut values, mut species) = (vec![], vec![]);
    for line in include_str!("iris.csv").lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        values.extend(cells[..4].iter().map(|cell| cell.parse::<f64>().unwrap()));
        species
            .push(["setosa", "versicolor", "virginica"].iter().position(|name| *name == cells[4]).unwrap()
                as u32);
    }
    (Points::new(values, 4).unwrap(), species)
}

/// Irises with the mean 0 and the standard deviation 1 (n − 1) in each column.
pub(super) fn scaled_iris() -> Points {
    scaled(&iris().0)
}

/// The same points with columns of mean 0 and standard deviation 1 (n − 1 below).
pub(super) fn scaled(points: &Points) -> Points {
    let (n, n_columns) = (points.n_rows() as f64, points.n_columns());
    let mut values = points.values().to_vec();
    for column in 0..n_columns {
        let mean = points.rows().map(|row| row[column]).sum::<f64>() / n;
        let squares: f64 = points.rows().map(|row| (row[column] - mean).powi(2)).sum();
        let deviation = (squares / (n - 1.0)).sqrt();
        values.iter_mut().skip(column).step_by(n_columns).for_each(|x| *x = (*x - mean) / deviation);
    }
    Points::new(values, n_columns).unwrap()
}

/// Points in a unit square without any structure.
pub(super) fn noise(n_rows: usize, n_columns: usize, seed: u64) -> Points {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    Points::new((0..n_rows * n_columns).map(|_| uniform(&mut generator)).collect(), n_columns).unwrap()
}

/// Round clouds with deviation 1, those many points each, in turn, around centres.
pub(super) fn blobs(centres: &[&[f64]], n_each: usize, seed: u64) -> Points {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let rows = (0..n_each).flat_map(|_| centres.iter().flat_map(|centre| centre.iter()));
    Points::new(rows.map(|x| x + normal(&mut generator)).collect(), centres[0].len()).unwrap()
}

/// Lloyd's k-means from the best of ten random starts: the labels of any points by their nearest centre.
pub(super) fn k_means(
    points: &Points,
    k: usize,
    seed: u64,
) -> Result<impl Fn(&Points) -> Vec<u32> + use<>, ClusterError> {
    k_means_from(10, points, k, seed)
}

/// The same from the best of so many starts.
pub(super) fn k_means_from(
    n_starts: u64,
    points: &Points,
    k: usize,
    seed: u64,
) -> Result<impl Fn(&Points) -> Vec<u32> + use<>, ClusterError> {
    let square = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| (x - y).powi(2)).sum::<f64>();
    let nearest = move |centres: &[Vec<f64>], row: &[f64]| {
        let all = centres.iter().enumerate().map(|(place, centre)| (square(centre, row), place as u32));
        all.reduce(|best, next| if next.0 < best.0 { next } else { best }).unwrap()
    };
    let mut best = (f64::INFINITY, Vec::new());
    for start in 0..n_starts {
        let rows = super::resample::shuffled(points.n_rows(), seed_at(seed, start));
        let mut centres: Vec<Vec<f64>> = rows[..k].iter().map(|row| points.row(*row).to_vec()).collect();
        let mut within = f64::INFINITY;
        for _ in 0..50 {
            let found: Vec<(f64, u32)> = points.rows().map(|row| nearest(&centres, row)).collect();
            let now = found.iter().map(|(square, _)| square).sum::<f64>();
            if now >= within {
                break;
            }
            within = now;
            let mut sums = vec![(0.0, vec![0.0; points.n_columns()]); k];
            for (row, (_, label)) in points.rows().zip(&found) {
                let sum = &mut sums[*label as usize];
                sum.0 += 1.0;
                sum.1.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
            }
            for (centre, (n, sum)) in centres.iter_mut().zip(sums).filter(|(_, (n, _))| *n > 0.0) {
                *centre = sum.into_iter().map(|x| x / n).collect();
            }
        }
        if within < best.0 {
            best = (within, centres);
        }
    }
    let centres = best.1;
    Ok(move |points: &Points| points.rows().map(|row| nearest(&centres, row).1).collect())
}

/// 600 rows by a formula, without clear clusters.
pub(super) fn waves() -> Points {
    let row = |i: usize| {
        let x = i as f64;
        [
            (x * 1.7).sin() * 3.0 + (i % 5) as f64 * 2.0,
            (x * 0.9).cos() * 2.0 - (i % 3) as f64,
            (i * i % 101) as f64 / 20.0,
        ]
    };
    Points::new((0..600).flat_map(row).collect(), 3).unwrap()
}

/// Normal rows around `k` centres on the corners of a cube, far from each other, and the number of their centre.
pub(super) fn groups(n: usize, n_columns: usize, k: usize, seed: u64) -> (Points, Vec<u32>) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let labels: Vec<u32> = (0..n).map(|row| (row % k) as u32).collect();
    let values = labels
        .iter()
        .flat_map(|label| (0..n_columns).map(move |column| f64::from(label >> column & 1) * 12.0))
        .map(|centre| centre + normal(&mut random))
        .collect();
    (Points::new(values, n_columns).unwrap(), labels)
}

#[test]
fn the_plain_k_means_finds_the_published_optimum() {
    // R, kmeans(scale(iris[, 1:4]), 3): W = 138.8884, sizes 47, 50, 53.
    let points = scaled_iris();
    let labels = k_means(&points, 3, 1).unwrap()(&points);
    let mut sizes: Vec<usize> = (0..3).map(|k| labels.iter().filter(|label| **label == k).count()).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [47, 50, 53]);
}
