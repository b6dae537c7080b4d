//! Rows turned so that eight of them are measured at once: what every search for centres spends its time on.
//!
//! A block holds eight rows, column after column, so that one instruction does the same to several rows whatever the number of columns.
//! Centres are packed by four, so that a value that has been read is used four times. Squared distances are summed from differences,
//! not from `|x|² − 2 x·c + |c|²`, which loses all digits where rows lie far from the origin and close to each other.

use rayon::prelude::*;

use super::points::Points;
use super::real::Real;
use crate::vector::Loop;

/// Rows of a block.
pub(crate) const LANES: usize = 8;

/// Centres of a pack.
pub(crate) const PACK: usize = 4;

/// One column of a block.
pub(crate) type Lanes<T> = [T; LANES];

/// Rows that can be had in blocks. The last block is filled up with its last row.
pub(crate) trait Source<T: Real>: Sync {
    /// How many rows there are.
    fn n_rows(&self) -> usize;

    /// How many columns.
    fn n_columns(&self) -> usize;

    /// A block: its columns. `room` has that many, and may be used to make them in.
    fn block<'a>(&'a self, block: usize, room: &'a mut [Lanes<T>]) -> &'a [Lanes<T>];

    /// Copies a row into a lane of `room`.
    fn copy(&self, row: usize, lane: usize, room: &mut [Lanes<T>]);

    /// A row's values.
    fn row(&self, row: usize) -> Vec<f64>;

    /// Columns of one block, to be made in.
    fn room(&self) -> Vec<Lanes<T>> {
        vec![[T::ZERO; LANES]; self.n_columns()]
    }
}

impl Source<f64> for Points {
    fn n_rows(&self) -> usize {
        Points::n_rows(self)
    }

    fn n_columns(&self) -> usize {
        Points::n_columns(self)
    }

    fn block<'a>(&'a self, block: usize, room: &'a mut [Lanes<f64>]) -> &'a [Lanes<f64>] {
        let last = Points::n_rows(self) - 1;
        for lane in 0..LANES {
            let row = Points::row(self, (block * LANES + lane).min(last));
            for (column, value) in room.iter_mut().zip(row) {
                column[lane] = *value;
            }
        }
        room
    }

    fn copy(&self, row: usize, lane: usize, room: &mut [Lanes<f64>]) {
        for (column, value) in room.iter_mut().zip(Points::row(self, row)) {
            column[lane] = *value;
        }
    }

    fn row(&self, row: usize) -> Vec<f64> {
        Points::row(self, row).to_vec()
    }
}

/// Rows kept in blocks, moved and scaled: `(x − origin) · scale`.
pub(crate) struct Blocks<T> {
    columns: Vec<Lanes<T>>,
    n_rows: usize,
    n_columns: usize,
}

impl<T: Real> Blocks<T> {
    /// The blocks of these points.
    pub(crate) fn new(points: &Points, origin: &[f64], scale: f64) -> Blocks<T> {
        let (n_rows, n_columns) = (points.n_rows(), points.n_columns());
        let mut columns = vec![[T::ZERO; LANES]; n_rows.div_ceil(LANES) * n_columns];
        columns.par_chunks_mut(n_columns << 9).enumerate().for_each(|(chunk, columns)| {
            for (place, columns) in columns.chunks_exact_mut(n_columns).enumerate() {
                let first = ((chunk << 9) + place) * LANES;
                for lane in 0..LANES {
                    let row = points.row((first + lane).min(n_rows - 1));
                    for ((column, value), origin) in columns.iter_mut().zip(row).zip(origin) {
                        column[lane] = T::of((value - origin) * scale);
                    }
                }
            }
        });
        Blocks { columns, n_rows, n_columns }
    }

    /// All blocks, each by its columns.
    pub(crate) fn columns(&self) -> &[Lanes<T>] {
        &self.columns
    }
}

impl<T: Real> Source<T> for Blocks<T> {
    fn n_rows(&self) -> usize {
        self.n_rows
    }

    fn n_columns(&self) -> usize {
        self.n_columns
    }

    fn block<'a>(&'a self, block: usize, _room: &'a mut [Lanes<T>]) -> &'a [Lanes<T>] {
        &self.columns[block * self.n_columns..(block + 1) * self.n_columns]
    }

    fn copy(&self, row: usize, lane: usize, room: &mut [Lanes<T>]) {
        let (first, from) = (row / LANES * self.n_columns, row % LANES);
        for (to, column) in room.iter_mut().zip(&self.columns[first..first + self.n_columns]) {
            to[lane] = column[from];
        }
    }

    fn row(&self, row: usize) -> Vec<f64> {
        let (first, lane) = (row / LANES * self.n_columns, row % LANES);
        self.columns[first..first + self.n_columns].iter().map(|column| column[lane].double()).collect()
    }
}

/// Centres in packs of four, column after column; the last pack is filled up with centres that are infinitely far.
#[derive(Debug, Clone)]
pub(crate) struct Packs<T> {
    columns: Vec<[T; PACK]>,
    n_columns: usize,
}

impl<T: Real> Packs<T> {
    /// Packs centres, given one after the other.
    pub(crate) fn new(centres: &[f64], n_columns: usize) -> Packs<T> {
        let n_packs = (centres.len() / n_columns).div_ceil(PACK);
        let mut columns = vec![[T::INFINITY; PACK]; n_packs * n_columns];
        for (number, centre) in centres.chunks_exact(n_columns).enumerate() {
            let first = number / PACK * n_columns;
            for (column, value) in columns[first..].iter_mut().zip(centre) {
                column[number % PACK] = T::of(*value);
            }
        }
        Packs { columns, n_columns }
    }

    /// The packs, each by its columns.
    pub(crate) fn packs(&self) -> std::slice::ChunksExact<'_, [T; PACK]> {
        self.columns.chunks_exact(self.n_columns)
    }
}

/// The squared distances of the lanes from `first` on to the centres of a pack.
#[inline(always)]
pub(crate) fn squares<T: Real, const WIDTH: usize, const CENTRES: usize>(
    block: &[Lanes<T>],
    first: usize,
    pack: &[[T; CENTRES]],
) -> [[T; WIDTH]; CENTRES] {
    let mut sums = [[T::ZERO; WIDTH]; CENTRES];
    for (values, centres) in block.iter().zip(pack) {
        // One array of the width of the registers, so that it is read at once.
        let values = values.as_chunks::<WIDTH>().0[first / WIDTH];
        for (sums, centre) in sums.iter_mut().zip(centres) {
            let differences: [T; WIDTH] = std::array::from_fn(|lane| values[lane] - *centre);
            *sums = std::array::from_fn(|lane| sums[lane] + differences[lane] * differences[lane]);
        }
    }
    sums
}

/// What is nearest to each row of a block.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Nearest<T> {
    /// The squared distance to the nearest centre.
    pub(crate) square: Lanes<T>,
    /// To the second nearest; infinite where there is but one.
    pub(crate) second: Lanes<T>,
    /// The number of the nearest centre, the first of several.
    pub(crate) label: Lanes<u32>,
}

/// Rows of a block to be held against centres, `WIDTH` at a time.
pub(crate) struct Measured<'a, T, const WIDTH: usize> {
    pub(crate) block: &'a [Lanes<T>],
    pub(crate) packs: &'a Packs<T>,
}

impl<T: Real, const WIDTH: usize> Loop for Measured<'_, T, WIDTH> {
    type Output = Nearest<T>;

    #[inline(always)]
    fn run(self) -> Nearest<T> {
        nearest::<T, WIDTH>(self.block, self.packs)
    }
}

/// The nearest centres of the rows of a block, `WIDTH` rows at a time.
#[inline(always)]
fn nearest<T: Real, const WIDTH: usize>(block: &[Lanes<T>], packs: &Packs<T>) -> Nearest<T> {
    let mut found = Nearest { square: [T::INFINITY; LANES], second: [T::INFINITY; LANES], label: [0; LANES] };
    for first in (0..LANES).step_by(WIDTH) {
        let mut square = [T::INFINITY; WIDTH];
        let mut second = [T::INFINITY; WIDTH];
        // A number as wide as the distances, so that both are chosen by one mask.
        let mut label = [T::FIRST; WIDTH];
        let mut number = T::FIRST;
        for pack in packs.packs() {
            for squares in squares::<T, WIDTH, PACK>(block, first, pack) {
                for lane in 0..WIDTH {
                    let this = squares[lane];
                    let farther = if square[lane] < this { this } else { square[lane] };
                    second[lane] = if farther < second[lane] { farther } else { second[lane] };
                    label[lane] = if this < square[lane] { number } else { label[lane] };
                    square[lane] = if this < square[lane] { this } else { square[lane] };
                }
                number = number + T::ONE;
            }
        }
        for lane in 0..WIDTH {
            found.square[first + lane] = square[lane];
            found.second[first + lane] = second[lane];
            found.label[first + lane] = label[lane].count();
        }
    }
    found
}
