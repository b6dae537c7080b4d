//! Distances of one row to many, summed: what exact silhouettes spend their time on.
//!
//! One row stays in registers while blocks of others pass by. Up to twelve columns, their number is known to the compiler, which then
//! keeps all of them there. More are read again for each block; beside the work on them that no longer matters.

use super::blocks::{LANES, Lanes};
use crate::vector::{Loop, widest};

/// Measures a row against blocks of others: adds each distance to that other's sum, and returns the sums of all of them by lane.
pub(crate) type Measure = fn(&[f64], &[Lanes<f64>], &mut [Lanes<f64>]) -> Lanes<f64>;

/// How rows of so many columns are measured.
pub(crate) fn measure(n_columns: usize) -> Measure {
    const FEW: [Measure; 12] = [
        few::<1>, few::<2>, few::<3>, few::<4>, few::<5>, few::<6>, few::<7>, few::<8>, few::<9>, few::<10>,
        few::<11>, few::<12>,
    ];
    n_columns.checked_sub(1).and_then(|place| FEW.get(place)).copied().unwrap_or(many)
}

fn few<const COLUMNS: usize>(row: &[f64], blocks: &[Lanes<f64>], sums: &mut [Lanes<f64>]) -> Lanes<f64> {
    widest(Few::<COLUMNS> { row, blocks, sums })
}

fn many(row: &[f64], blocks: &[Lanes<f64>], sums: &mut [Lanes<f64>]) -> Lanes<f64> {
    widest(Many { row, blocks, sums })
}

struct Few<'a, const COLUMNS: usize> {
    row: &'a [f64],
    blocks: &'a [Lanes<f64>],
    sums: &'a mut [Lanes<f64>],
}

impl<const COLUMNS: usize> Loop for Few<'_, COLUMNS> {
    type Output = Lanes<f64>;

    #[inline(always)]
    fn run(self) -> Lanes<f64> {
        let mut values = [0.0; COLUMNS];
        values.copy_from_slice(self.row);
        let mut total = [0.0; LANES];
        for (block, sums) in self.blocks.as_chunks::<COLUMNS>().0.iter().zip(self.sums) {
            add(&values, block, sums, &mut total);
        }
        total
    }
}

struct Many<'a> {
    row: &'a [f64],
    blocks: &'a [Lanes<f64>],
    sums: &'a mut [Lanes<f64>],
}

impl Loop for Many<'_> {
    type Output = Lanes<f64>;

    #[inline(always)]
    fn run(self) -> Lanes<f64> {
        let mut total = [0.0; LANES];
        for (block, sums) in self.blocks.chunks_exact(self.row.len()).zip(self.sums) {
            add(self.row, block, sums, &mut total);
        }
        total
    }
}

/// Adds the distances to the rows of one block. Squares are taken of differences: see [`super::blocks`].
#[inline(always)]
fn add(row: &[f64], block: &[Lanes<f64>], sums: &mut Lanes<f64>, total: &mut Lanes<f64>) {
    let mut squares = [0.0; LANES];
    for (value, others) in row.iter().zip(block) {
        for (square, other) in squares.iter_mut().zip(others) {
            let difference = other - value;
            *square += difference * difference;
        }
    }
    for ((square, sum), total) in squares.iter().zip(sums).zip(total) {
        let distance = square.sqrt();
        *sum += distance;
        *total += distance;
    }
}
