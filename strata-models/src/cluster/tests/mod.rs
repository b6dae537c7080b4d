//! What tests of several modules share.

use super::points::Points;

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
    let (points, _) = iris();
    let n = points.n_rows() as f64;
    let mut values = points.values().to_vec();
    for column in 0..4 {
        let mean = points.rows().map(|row| row[column]).sum::<f64>() / n;
        let square = points.rows().map(|row| (row[column] - mean).powi(2)).sum::<f64>();
        for value in values.iter_mut().skip(column).step_by(4) {
            *value = (*value - mean) / (square / (n - 1.0)).sqrt();
        }
    }
    Points::new(values, 4).unwrap()
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
    use crate::clv::draw::normal;
    use rand_chacha::rand_core::SeedableRng;
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    let labels: Vec<u32> = (0..n).map(|row| (row % k) as u32).collect();
    let values = labels
        .iter()
        .flat_map(|label| (0..n_columns).map(move |column| f64::from(label >> column & 1) * 12.0))
        .map(|centre| centre + normal(&mut random))
        .collect();
    (Points::new(values, n_columns).unwrap(), labels)
}
