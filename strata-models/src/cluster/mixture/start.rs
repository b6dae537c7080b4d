//! Where a search begins when nobody says: k-means on a sample.
//!
//! Only a start is needed, from which the mixture goes its own way: a sample finds it as well as all rows do.
//!
//! Arthur, D. & Vassilvitskii, S. (2007). k-means++: the advantages of careful seeding. SODA '07, 1027–1035 (also the greedy variant, which tries
//! several rows for each centre).

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rayon::prelude::*;

use super::lanes::rows_a_part;
use crate::cluster::points::Points;
use crate::clv::draw::uniform;

/// Enough rows to see where they are dense.
const SAMPLE: usize = 20_000;

/// k-means rarely moves much after as many.
const ROUNDS: usize = 50;

/// A component for every row, by k-means of columns divided by these scales. Starts with different numbers differ. None where rows cannot
/// be told apart at these scales.
pub(super) fn drawn(
    points: &Points,
    n_components: usize,
    scales: &[f64],
    seed: u64,
    number: u64,
) -> Option<Vec<u32>> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(number);
    let n_rows = points.n_rows();
    let n_sampled = n_rows.min(SAMPLE);
    // One row out of each of so many stretches of equal length.
    let sampled: Vec<usize> = (0..n_sampled)
        .map(|place| {
            let (from, to) = (place * n_rows / n_sampled, (place + 1) * n_rows / n_sampled);
            from + (uniform(&mut random) * (to - from) as f64) as usize
        })
        .collect();
    let sample = scaled(&points.at(&sampled), scales);
    let d = points.n_columns();
    let centres = match seeded(&sample, d, n_components, &mut random) {
        Some(centres) => centres,
        // Nearly all rows are equal: the few others are found among all.
        None if n_sampled < n_rows => seeded(&scaled(points, scales), d, n_components, &mut random)?,
        None => return None,
    };
    let mut centres = moved(&sample, d, centres);
    for centre in centres.chunks_exact_mut(d) {
        centre.iter_mut().zip(scales).for_each(|(value, scale)| *value *= scale);
    }
    Some(nearest_scaled(points, &centres, scales))
}

/// The nearest of these centres (a row each) to every row.
pub(super) fn nearest(points: &Points, centres: &[f64]) -> Vec<u32> {
    nearest_scaled(points, centres, &vec![1.0; points.n_columns()])
}

fn nearest_scaled(points: &Points, centres: &[f64], scales: &[f64]) -> Vec<u32> {
    let d = points.n_columns();
    let part = rows_a_part(points);
    let weights: Vec<f64> = scales.iter().map(|scale| 1.0 / scale).collect();
    let mut labels = vec![0; points.n_rows()];
    labels.par_chunks_mut(part).zip(points.values().par_chunks(part * d)).for_each(|(labels, rows)| {
        for (label, row) in labels.iter_mut().zip(rows.chunks_exact(d)) {
            let distance = |centre: &[f64]| -> f64 {
                let columns = row.iter().zip(centre).zip(&weights);
                columns.map(|((x, c), weight)| ((x - c) * weight).powi(2)).sum()
            };
            *label = closest(centres.chunks_exact(d).map(distance)).0;
        }
    });
    labels
}

/// The rows with each column divided by its scale.
fn scaled(points: &Points, scales: &[f64]) -> Vec<f64> {
    points.rows().flat_map(|row| row.iter().zip(scales).map(|(value, scale)| value / scale)).collect()
}

/// Rows drawn for centres, each with a probability as its squared distance from those before it; of a few that are drawn, that
/// is taken which leaves the smallest sum of squared distances. None where there are too few different rows.
fn seeded(sample: &[f64], d: usize, n_centres: usize, random: &mut ChaCha8Rng) -> Option<Vec<f64>> {
    let row = |place: usize| &sample[place * d..(place + 1) * d];
    let n_rows = sample.len() / d;
    let n_tries = 2 + (n_centres as f64).ln() as usize;
    let first = ((uniform(random) * n_rows as f64) as usize).min(n_rows - 1);
    let mut centres = row(first).to_vec();
    let mut distances: Vec<f64> = sample.chunks_exact(d).map(|other| squared(other, row(first))).collect();
    for _ in 1..n_centres {
        let mut best: Option<(f64, usize, Vec<f64>)> = None;
        for _ in 0..n_tries {
            let place = drawn_by_weight(&distances, random)?;
            let nearer: Vec<f64> = sample
                .chunks_exact(d)
                .zip(&distances)
                .map(|(other, distance)| squared(other, row(place)).min(*distance))
                .collect();
            let sum = nearer.iter().sum();
            if best.as_ref().is_none_or(|(least, ..)| sum < *least) {
                best = Some((sum, place, nearer));
            }
        }
        let (_, place, nearer) = best?;
        centres.extend_from_slice(row(place));
        distances = nearer;
    }
    Some(centres)
}

/// A place drawn with a probability as its weight. None where no weight is above 0, or their sum is no number.
fn drawn_by_weight(weights: &[f64], random: &mut ChaCha8Rng) -> Option<usize> {
    let total: f64 = weights.iter().sum();
    if !(total > 0.0 && total.is_finite()) {
        return None;
    }
    let mut left = uniform(random) * total;
    for (place, weight) in weights.iter().enumerate() {
        if left < *weight {
            return Some(place);
        }
        left -= weight;
    }
    // Rounding has left something over.
    weights.iter().rposition(|weight| *weight > 0.0)
}

/// The centres after rounds of k-means. One without rows moves to the row that is farthest from its own centre.
fn moved(sample: &[f64], d: usize, mut centres: Vec<f64>) -> Vec<f64> {
    let n_centres = centres.len() / d;
    let mut labels: Vec<u32> = Vec::new();
    for _ in 0..ROUNDS {
        let found: Vec<(u32, f64)> = sample
            .par_chunks_exact(d)
            .map(|row| closest(centres.chunks_exact(d).map(|centre| squared(row, centre))))
            .collect();
        let next: Vec<u32> = found.iter().map(|(label, _)| *label).collect();
        if next == labels {
            break;
        }
        labels = next;
        let mut counts = vec![0.0; n_centres];
        let mut sums = vec![0.0; centres.len()];
        for (row, label) in sample.chunks_exact(d).zip(&labels) {
            let label = *label as usize;
            counts[label] += 1.0;
            sums[label * d..(label + 1) * d].iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
        }
        let mut farthest: Vec<usize> = Vec::new();
        for ((centre, sums), count) in centres.chunks_exact_mut(d).zip(sums.chunks_exact(d)).zip(&counts) {
            if *count > 0.0 {
                centre.iter_mut().zip(sums).for_each(|(value, sum)| *value = sum / count);
                continue;
            }
            let rows = (0..found.len()).filter(|row| !farthest.contains(row));
            if let Some(row) = rows.max_by(|a, b| found[*a].1.total_cmp(&found[*b].1)) {
                centre.copy_from_slice(&sample[row * d..(row + 1) * d]);
                farthest.push(row);
            }
        }
    }
    centres
}

/// The place of the smallest distance, the first of equal ones, and the distance.
fn closest(distances: impl Iterator<Item = f64>) -> (u32, f64) {
    let mut best = (0, f64::INFINITY);
    for (place, distance) in (0..).zip(distances) {
        if distance < best.1 {
            best = (place, distance);
        }
    }
    best
}

fn squared(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum()
}
