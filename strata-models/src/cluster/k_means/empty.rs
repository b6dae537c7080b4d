//! Centres that have lost all their rows start again at the rows that are farthest from theirs.

use rayon::prelude::*;

use super::search::chunk_size;
use crate::cluster::blocks::{LANES, Source};
use crate::cluster::real::Real;

/// For each centre without rows, in their order, the row that it takes: the farthest first, none of them the only one of its centre.
/// Rows that lie on their centre are not taken, for that would gain nothing.
pub(super) fn farthest<T: Real>(
    source: &impl Source<T>,
    centres: &[f64],
    labels: &[u32],
    counts: &[i64],
) -> Vec<(usize, usize)> {
    let mut counts = counts.to_vec();
    let empty: Vec<usize> = (0..counts.len()).filter(|centre| counts[*centre] == 0).collect();
    let mut squares = squares(source, centres, labels);
    let mut taken = vec![];
    for centre in empty {
        let best = (0..squares.len())
            .filter(|row| counts[labels[*row] as usize] > 1 && squares[*row] > 0.0)
            .reduce(|best, row| if squares[row] > squares[best] { row } else { best });
        if let Some(row) = best {
            counts[labels[row] as usize] -= 1;
            squares[row] = 0.0;
            taken.push((centre, row));
        }
    }
    taken
}

/// The squared distances of the rows to their own centres.
fn squares<T: Real>(source: &impl Source<T>, centres: &[f64], labels: &[u32]) -> Vec<f64> {
    let n_columns = source.n_columns();
    let mut squares = vec![0.0; labels.len()];
    let chunk = chunk_size(labels.len());
    let measure = |(number, (squares, labels)): (usize, (&mut [f64], &[u32]))| {
        let mut room = source.room();
        for (place, (squares, labels)) in squares.chunks_mut(LANES).zip(labels.chunks(LANES)).enumerate() {
            let block = source.block(number * chunk / LANES + place, &mut room);
            for (lane, (square, label)) in squares.iter_mut().zip(labels).enumerate() {
                let centre = &centres[*label as usize * n_columns..];
                *square = block.iter().zip(centre).map(|(x, c)| (x[lane].double() - c).powi(2)).sum();
            }
        }
    };
    squares.par_chunks_mut(chunk).zip(labels.par_chunks(chunk)).enumerate().for_each(measure);
    squares
}
