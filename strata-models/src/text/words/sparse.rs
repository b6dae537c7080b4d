//! Rows of numbers most of which are 0.

use rayon::prelude::*;

use crate::vector::{Loop, widest};

/// Rows of which only what is not 0 is kept, row after row, columns ascending within a row.
#[derive(Debug, Clone, PartialEq)]
pub struct SparseRows {
    n_columns: usize,
    /// Where each row begins, and behind them where the last one ends.
    starts: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f64>,
}

impl SparseRows {
    /// No rows yet.
    pub(crate) fn new(n_columns: usize) -> SparseRows {
        SparseRows { n_columns, starts: vec![0], columns: vec![], values: vec![] }
    }

    /// Adds a row; its columns are distinct, ascending and below the number of columns.
    pub(crate) fn push(&mut self, cells: impl Iterator<Item = (u32, f64)>) {
        for (column, value) in cells {
            self.columns.push(column);
            self.values.push(value);
        }
        self.starts.push(self.columns.len());
    }

    /// The rows of all parts, one after another.
    pub(crate) fn joined(n_columns: usize, parts: &[SparseRows]) -> SparseRows {
        let mut all = SparseRows::new(n_columns);
        for part in parts {
            let before = all.columns.len();
            all.columns.extend(&part.columns);
            all.values.extend(&part.values);
            all.starts.extend(part.starts.iter().skip(1).map(|start| before + start));
        }
        all
    }

    /// How many rows.
    pub fn n_rows(&self) -> usize {
        self.starts.len() - 1
    }

    /// How many columns.
    pub fn n_columns(&self) -> usize {
        self.n_columns
    }

    /// What is not 0 in a row: columns and values.
    pub fn row(&self, row: usize) -> (&[u32], &[f64]) {
        let cells = self.starts[row]..self.starts[row + 1];
        (&self.columns[cells.clone()], &self.values[cells])
    }

    /// What is not 0 in a row, cell by cell.
    pub fn cells(&self, row: usize) -> impl Iterator<Item = (usize, f64)> {
        let (columns, values) = self.row(row);
        columns.iter().map(|column| *column as usize).zip(values.iter().copied())
    }

    /// The columns as rows.
    pub fn transposed(&self) -> SparseRows {
        let mut starts = vec![0; self.n_columns + 1];
        self.columns.iter().for_each(|column| starts[*column as usize + 1] += 1);
        (1..starts.len()).for_each(|place| starts[place] += starts[place - 1]);
        let mut next = starts.clone();
        let (mut columns, mut values) = (vec![0; self.columns.len()], vec![0.0; self.columns.len()]);
        for row in 0..self.n_rows() {
            for (column, value) in self.cells(row) {
                columns[next[column]] = row as u32;
                values[next[column]] = value;
                next[column] += 1;
            }
        }
        SparseRows { n_columns: self.n_rows(), starts, columns, values }
    }

    /// The product with a dense matrix of as many rows as there are columns, `width` numbers in each of them.
    pub(crate) fn times(&self, dense: &[f64], width: usize) -> Vec<f64> {
        if width == 0 {
            return vec![];
        }
        let mut product = vec![0.0; self.n_rows() * width];
        let of_part = |(part, sums): (usize, &mut [f64])| {
            widest(Times { rows: self, first: part * PART, dense, width, sums });
        };
        product.par_chunks_mut(PART * width).enumerate().for_each(of_part);
        product
    }
}

/// Rows that are worked on one after another.
const PART: usize = 64;

/// The products of some rows.
struct Times<'a> {
    rows: &'a SparseRows,
    first: usize,
    dense: &'a [f64],
    width: usize,
    sums: &'a mut [f64],
}

impl Loop for Times<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (row, sums) in (self.first..).zip(self.sums.chunks_exact_mut(self.width)) {
            let (columns, values) = self.rows.row(row);
            for (column, value) in columns.iter().zip(values) {
                let begin = *column as usize * self.width;
                let other = &self.dense[begin..begin + self.width];
                sums.iter_mut().zip(other).for_each(|(sum, other)| *sum += value * other);
            }
        }
    }
}
