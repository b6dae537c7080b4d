//! Where searches begin: at rows that lie apart.

use rand_chacha::rand_core::RngCore;
use rayon::prelude::*;

use super::centres::{Centres, dissimilarity};
use super::rows::MixedRows;
use crate::cluster::error::ClusterError;
use crate::clv::draw::uniform;

/// As many rows as there are clusters, all different; refuses where there are not so many.
pub(super) fn apart(rows: &MixedRows, n_clusters: usize) -> Result<Vec<usize>, ClusterError> {
    let mut seen = std::collections::HashSet::new();
    let mut distinct = vec![];
    for row in 0..rows.n_rows() {
        // 0 and −0 are one number.
        let numbers: Vec<u64> = rows.numbers.row(row).iter().map(|value| (value + 0.0).to_bits()).collect();
        if seen.insert((numbers, rows.code_row(row))) {
            distinct.push(row);
            if distinct.len() == n_clusters {
                return Ok(distinct);
            }
        }
    }
    Err(ClusterError::TooFewRows { n_distinct: distinct.len(), n_clusters })
}

/// Centres: rows that are drawn one after another, each with a chance in proportion to its dissimilarity from
/// the nearest centre so far, the best of a few draws. Where all rows are centres already, the first row that
/// differs from the centres.
///
/// Arthur, D. and Vassilvitskii, S. (2007). k-means++: the advantages of careful seeding. SODA, 1027–1035.
pub(super) fn draw(
    rows: &MixedRows,
    gamma: f64,
    n_clusters: usize,
    distinct: &[usize],
    generator: &mut impl RngCore,
) -> Centres {
    let n_tries = 2 + (n_clusters as f64).ln() as usize;
    let nearer = |row: usize, from: &[f64]| -> Vec<f64> {
        let (numbers, codes) = (rows.numbers.row(row), rows.code_row(row));
        let away = |other: usize| {
            let own = dissimilarity(rows.numbers.row(other), rows.code_row(other), numbers, codes, gamma);
            own.min(from.get(other).copied().unwrap_or(f64::INFINITY))
        };
        (0..rows.n_rows()).into_par_iter().map(away).collect()
    };
    let first = ((uniform(generator) * rows.n_rows() as f64) as usize).min(rows.n_rows() - 1);
    let (mut chosen, mut nearest) = (vec![first], nearer(first, &[]));
    while chosen.len() < n_clusters {
        let total: f64 = nearest.iter().sum();
        let row = |share: f64| {
            let mut rest = share * total;
            let place = nearest.iter().position(|own| {
                rest -= own;
                rest < 0.0
            });
            place.unwrap_or(rows.n_rows() - 1)
        };
        let tries: Vec<(usize, Vec<f64>)> = if total > 0.0 {
            (0..n_tries).map(|_| row(uniform(generator))).map(|row| (row, nearer(row, &nearest))).collect()
        } else {
            let other = distinct.iter().copied().find(|row| !chosen.contains(row)).unwrap_or(first);
            vec![(other, nearest.clone())]
        };
        let costs = tries.into_iter().map(|(row, nearest)| (nearest.iter().sum::<f64>(), row, nearest));
        let Some(best) = costs.reduce(|best, other| if other.0 < best.0 { other } else { best }) else {
            break;
        };
        chosen.push(best.1);
        nearest = best.2;
    }
    let means: Vec<Vec<f64>> = chosen.iter().map(|row| rows.numbers.row(*row).to_vec()).collect();
    let modes: Vec<Vec<u16>> = chosen.iter().map(|row| rows.code_row(*row).to_vec()).collect();
    Centres::new(&means, &modes)
}
