//! Centres to start from: rows far from each other, drawn by their squared distances.
//!
//! Arthur, D. and Vassilvitskii, S. (2007). k-means++: the advantages of careful seeding. SODA, 1027–1035. Greedy as its authors did
//! it: of `2 + ⌊ln k⌋` candidates per centre, the one that leaves the least Σ d².

use rand_chacha::rand_core::RngCore;
use rayon::prelude::*;

use super::search::chunk_size;
use crate::cluster::blocks::{LANES, Lanes, PACK, Packs, Source, squares};
use crate::cluster::real::Real;
use crate::clv::draw::uniform;

/// So many blocks are summed in their own precision before the sum is added to one in double precision.
const BLOCKS: usize = 16;

/// Draws `n_centres` rows, one after the other. Where all rows coincide with a centre in the precision in which they are measured, the
/// last one is repeated: the search finds rows for those that get none.
pub(in crate::cluster) fn plus_plus<T: Real>(
    source: &impl Source<T>,
    n_centres: usize,
    random: &mut impl RngCore,
) -> Vec<f64> {
    let n_rows = source.n_rows();
    let n_candidates = 2 + (n_centres as f64).ln() as usize;
    let first = ((uniform(random) * n_rows as f64) as usize).min(n_rows - 1);
    let mut centres = source.row(first);
    let mut squares = vec![[T::INFINITY; LANES]; n_rows.div_ceil(LANES)];
    let mut sums = approach(source, &centres, &mut squares);
    for _ in 1..n_centres {
        let total: f64 = sums.iter().sum();
        if total <= 0.0 {
            centres.extend_from_within(centres.len() - source.n_columns()..);
            continue;
        }
        let candidates: Vec<f64> = (0..n_candidates)
            .flat_map(|_| source.row(draw(&squares, &sums, uniform(random) * total, n_rows)))
            .collect();
        let left = left_by(source, &candidates, &squares);
        let best = (1..n_candidates).fold(0, |best, next| if left[next] < left[best] { next } else { best });
        let centre = &candidates[best * source.n_columns()..(best + 1) * source.n_columns()];
        centres.extend(centre);
        sums = approach(source, centre, &mut squares);
    }
    centres
}

/// The row at which the running sum of squares exceeds `share`.
fn draw<T: Real>(squares: &[Lanes<T>], sums: &[f64], mut share: f64, n_rows: usize) -> usize {
    let chunk = chunk_size(n_rows);
    // Roundings may leave a share of nothing at the end: then it is the last row that has any.
    let mut last = 0;
    for (number, sum) in sums.iter().enumerate() {
        if *sum > 0.0 && share >= *sum {
            share -= sum;
            last = number;
            continue;
        }
        if *sum <= 0.0 {
            continue;
        }
        return row_in(squares, number * chunk, n_rows.min((number + 1) * chunk), share);
    }
    row_in(squares, last * chunk, n_rows.min((last + 1) * chunk), f64::INFINITY)
}

/// The same among the rows of one chunk.
fn row_in<T: Real>(squares: &[Lanes<T>], begin: usize, end: usize, mut share: f64) -> usize {
    let mut last = begin;
    for row in begin..end {
        let square = squares[row / LANES][row % LANES].double();
        if square > 0.0 {
            last = row;
            if share < square {
                break;
            }
            share -= square;
        }
    }
    last
}

/// Brings the squared distances of all rows to the nearest centre up to date with one more; their sums by chunk. What fills up the last
/// block is at no distance.
fn approach<T: Real>(source: &impl Source<T>, centre: &[f64], nearest: &mut [Lanes<T>]) -> Vec<f64> {
    let n_rows = source.n_rows();
    let chunk = chunk_size(n_rows) / LANES;
    let pack: Vec<[T; 1]> = centre.iter().map(|value| [T::of(*value)]).collect();
    let of_chunk = |(number, nearest): (usize, &mut [Lanes<T>])| {
        let mut room = source.room();
        let mut total = 0.0;
        for (place, nearest) in nearest.iter_mut().enumerate() {
            let place = number * chunk + place;
            let [squares] = squares::<T, LANES, 1>(source.block(place, &mut room), 0, &pack);
            for (lane, (nearest, square)) in nearest.iter_mut().zip(squares).enumerate() {
                let square = if square < *nearest { square } else { *nearest };
                *nearest = if place * LANES + lane < n_rows { square } else { T::ZERO };
            }
            total += sum(nearest).double();
        }
        total
    };
    nearest.par_chunks_mut(chunk).enumerate().map(of_chunk).collect()
}

/// For each candidate, the sum of squared distances that would be left with it.
fn left_by<T: Real>(source: &impl Source<T>, candidates: &[f64], nearest: &[Lanes<T>]) -> Vec<f64> {
    let chunk = chunk_size(source.n_rows()) / LANES;
    let packs = Packs::<T>::new(candidates, source.n_columns());
    let of_chunk = |(number, nearest): (usize, &[Lanes<T>])| {
        let mut room = source.room();
        let mut totals = vec![[0.0; PACK]; packs.packs().len()];
        let mut sums = vec![[[T::ZERO; LANES]; PACK]; packs.packs().len()];
        for (part, nearest) in nearest.chunks(BLOCKS).enumerate() {
            sums.fill([[T::ZERO; LANES]; PACK]);
            for (place, nearest) in nearest.iter().enumerate() {
                let block = source.block(number * chunk + part * BLOCKS + place, &mut room);
                for (pack, sums) in packs.packs().zip(&mut sums) {
                    let squares = squares::<T, LANES, PACK>(block, 0, pack);
                    for (sums, squares) in sums.iter_mut().zip(squares) {
                        for lane in 0..LANES {
                            let least =
                                if squares[lane] < nearest[lane] { squares[lane] } else { nearest[lane] };
                            sums[lane] = sums[lane] + least;
                        }
                    }
                }
            }
            for (total, sums) in totals.iter_mut().flatten().zip(sums.iter().flatten()) {
                *total += sum(sums).double();
            }
        }
        totals.into_iter().flatten().collect::<Vec<f64>>()
    };
    let parts: Vec<Vec<f64>> = nearest.par_chunks(chunk).enumerate().map(of_chunk).collect();
    let mut left = vec![0.0; packs.packs().len() * PACK];
    for part in parts {
        left.iter_mut().zip(part).for_each(|(left, more)| *left += more);
    }
    left
}

fn sum<T: Real>(lanes: &Lanes<T>) -> T {
    lanes.iter().fold(T::ZERO, |sum, value| sum + *value)
}
