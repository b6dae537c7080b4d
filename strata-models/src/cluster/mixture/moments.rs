//! What the M step needs to know of the rows: how many belong to each component, their means and their spread, in one pass.
//!
//! Sums are taken of `x − c` with `c` near the mean to be found, the mean of the step before, so that one pass loses no digits.

use rayon::prelude::*;

use super::Covariance;
use super::lanes::{Column, HALF, Lanes, STRIPS, TILE, Tile, ZEROS, rows_a_part};
use super::triangle::start;
use crate::cluster::points::Points;
use crate::vector::{Loop, widest};

/// Which second moments are summed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Second {
    /// None.
    None,
    /// The squares of each column.
    Squares,
    /// The products of each two columns: the lower half of a matrix.
    Products,
}

/// Sums over all rows.
pub(super) struct Moments {
    n_columns: usize,
    second: Second,
    /// For each component `Σ g`, then `Σ g (xⱼ − cⱼ)`, then the second moments.
    sums: Vec<f64>,
    /// What the rows were measured from, a row for each component.
    centres: Vec<f64>,
    /// The sum of what the E step returned for each tile.
    pub(super) ln_likelihood: f64,
}

/// Mean and spread of a component.
pub(super) struct Spread {
    /// How many rows belong to it.
    pub(super) n_rows: f64,
    pub(super) mean: Vec<f64>,
    /// The mean second moment about the mean: squares, or a full matrix row by row.
    pub(super) second: Vec<f64>,
}

impl Second {
    /// What an M step needs. A shared matrix is that of all rows less that of the means, and of all rows it stays what it is.
    pub(super) fn of(covariance: Covariance) -> Second {
        match covariance {
            Covariance::Full => Second::Products,
            Covariance::Tied => Second::None,
            Covariance::Diagonal | Covariance::Spherical => Second::Squares,
        }
    }

    fn n_values(self, n_columns: usize) -> usize {
        match self {
            Second::None => 0,
            Second::Squares => n_columns,
            Second::Products => start(n_columns),
        }
    }

    /// How many squares of two rows and two columns there are on and below the diagonal of a matrix of products.
    fn n_squares(self, n_columns: usize) -> usize {
        match self {
            Second::None | Second::Squares => 0,
            Second::Products => start(n_columns.div_ceil(2)),
        }
    }
}

impl Moments {
    /// Sums over all rows. `share` is called for each tile with its first row and writes how much of each row is of each component,
    /// and 0 in the lanes of no row; the first argument is what `room` made for this part of the rows.
    pub(super) fn of<R>(
        points: &Points,
        centres: Vec<f64>,
        second: Second,
        room: impl Fn() -> R + Sync,
        share: impl Fn(&mut R, &Tile, usize, &mut [Column]) -> f64 + Sync,
    ) -> Moments {
        let n_columns = points.n_columns();
        let n_components = centres.len() / n_columns;
        let n_sums = 1 + n_columns + second.n_values(n_columns);
        let part = rows_a_part(points);
        let parts: Vec<(Vec<f64>, f64)> = points
            .values()
            .par_chunks(part * n_columns)
            .enumerate()
            .map(|(place, rows)| {
                let mut room = room();
                let mut tile = Tile::new(n_columns);
                let mut shares = vec![ZEROS; n_components];
                let mut scratch = Scratch::new(n_columns);
                let (mut sums, mut ln_likelihood) = (vec![0.0; n_components * n_sums], 0.0);
                let n_squares = second.n_squares(n_columns);
                let mut products: Vec<Products> = vec![[[[0.0; HALF]; 2]; 2]; n_components * n_squares];
                for (number, rows) in rows.chunks(TILE * n_columns).enumerate() {
                    tile.fill(rows);
                    ln_likelihood += share(&mut room, &tile, place * part + number * TILE, &mut shares);
                    let components = sums.chunks_exact_mut(n_sums).zip(centres.chunks_exact(n_columns));
                    for (component, ((sums, centre), shares)) in components.zip(&shares).enumerate() {
                        let products = &mut products[component * n_squares..][..n_squares];
                        scratch.add(&tile, shares, centre, second, sums, products);
                    }
                }
                if second == Second::Products {
                    for (component, sums) in sums.chunks_exact_mut(n_sums).enumerate() {
                        let products = &products[component * n_squares..][..n_squares];
                        gather(&mut sums[1 + n_columns..], n_columns, products);
                    }
                }
                (sums, ln_likelihood)
            })
            .collect();
        let mut sums = vec![0.0; n_components * n_sums];
        let mut ln_likelihood = 0.0;
        for (part, ln) in parts {
            ln_likelihood += ln;
            for (sum, part) in sums.iter_mut().zip(part) {
                *sum += part;
            }
        }
        Moments { n_columns, second, sums, centres, ln_likelihood }
    }

    /// Mean and spread of each component. Not finite where a component has no rows, or numbers that are too large.
    pub(super) fn spreads(&self) -> impl Iterator<Item = Spread> {
        let d = self.n_columns;
        let n_sums = 1 + d + self.second.n_values(d);
        self.sums.chunks_exact(n_sums).zip(self.centres.chunks_exact(d)).map(move |(sums, centre)| {
            let n_rows = sums[0];
            let shift: Vec<f64> = sums[1..=d].iter().map(|sum| sum / n_rows).collect();
            let raw = &sums[1 + d..];
            let second = match self.second {
                Second::None => Vec::new(),
                Second::Squares => raw
                    .iter()
                    .zip(&shift)
                    .map(|(sum, shift)| (sum / n_rows - shift * shift).max(0.0))
                    .collect(),
                Second::Products => (0..d * d)
                    .map(|place| {
                        let (row, column) = ((place / d).max(place % d), (place / d).min(place % d));
                        raw[start(row) + column] / n_rows - shift[row] * shift[column]
                    })
                    .collect(),
            };
            let mean = centre.iter().zip(&shift).map(|(centre, shift)| centre + shift).collect();
            Spread { n_rows, mean, second }
        })
    }
}

/// A tile less a centre, as it is and times the shares. A column of zeros makes their number even.
struct Scratch {
    centred: Vec<Column>,
    shared: Vec<Column>,
}

/// A tile of which no row is more of a component than this adds nothing to its sums that could be seen in them.
const NOTHING: f64 = 1e-100;

impl Scratch {
    fn new(n_columns: usize) -> Scratch {
        let columns = vec![ZEROS; n_columns.next_multiple_of(2)];
        Scratch { centred: columns.clone(), shared: columns }
    }

    /// Adds a tile to the sums of one component.
    fn add(
        &mut self,
        tile: &Tile,
        shares: &Column,
        centre: &[f64],
        second: Second,
        sums: &mut [f64],
        products: &mut [Products],
    ) {
        if shares.iter().all(|share| share.0.iter().all(|share| *share < NOTHING)) {
            return;
        }
        sums[0] += total(shares);
        let (first, rest) = sums[1..].split_at_mut(centre.len());
        let columns = self.centred.iter_mut().zip(&mut self.shared).zip(&tile.columns);
        for ((((centred, shared), x), centre), sum) in columns.zip(centre).zip(first) {
            *sum += widest(Shared { x, centre: *centre, shares, centred, shared });
        }
        match second {
            Second::None => {}
            Second::Squares => {
                for ((sum, shared), centred) in rest.iter_mut().zip(&self.shared).zip(&self.centred) {
                    *sum += product(shared, centred);
                }
            }
            Second::Products => {
                let (centred, shared) = (self.centred.as_chunks().0, self.shared.as_chunks().0);
                let mut products = products.iter_mut();
                for (pair, shared) in shared.iter().enumerate() {
                    for (centred, sums) in centred[..=pair].iter().zip(&mut products) {
                        widest(AddProducts { sums, ones: shared, others: centred });
                    }
                }
            }
        }
    }
}

/// A column less its centre, and that times the shares; comes to the sum of these.
struct Shared<'a> {
    x: &'a Column,
    centre: f64,
    shares: &'a Column,
    centred: &'a mut Column,
    shared: &'a mut Column,
}

impl Loop for Shared<'_> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        let Shared { x, centre, shares, centred, shared } = self;
        for strip in 0..STRIPS {
            centred[strip] = x[strip].map(|x| x - centre);
            shared[strip] = centred[strip].with(shares[strip], |a, b| a * b);
        }
        total(shared)
    }
}

/// `Σ a`.
#[inline(always)]
fn total(column: &Column) -> f64 {
    column.iter().fold(Lanes::all(0.0), |sum, a| sum.with(*a, |sum, a| sum + a)).sum()
}

/// `Σ a b`.
#[inline(always)]
fn product(one: &Column, other: &Column) -> f64 {
    let mut sum = Lanes::all(0.0);
    for (a, b) in one.iter().zip(other) {
        sum.add_product(a, b);
    }
    sum.sum()
}

/// Sums of the products of two columns with two others, by lane.
type Products = [[[f64; HALF]; 2]; 2];

/// Adds `Σ a b` of each a and b, by lane: what is read serves two products, and one sum does not wait for another.
struct AddProducts<'a> {
    sums: &'a mut Products,
    ones: &'a [Column; 2],
    others: &'a [Column; 2],
}

impl Loop for AddProducts<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let mut added = *self.sums;
        for strip in 0..STRIPS {
            for half in 0..2 {
                let ones = [self.ones[0][strip].half(half), self.ones[1][strip].half(half)];
                let others = [self.others[0][strip].half(half), self.others[1][strip].half(half)];
                for (added, a) in added.iter_mut().zip(ones) {
                    for (added, b) in added.iter_mut().zip(others) {
                        for ((sum, a), b) in added.iter_mut().zip(a).zip(b) {
                            *sum += a * b;
                        }
                    }
                }
            }
        }
        *self.sums = added;
    }
}

/// The lower half of a matrix, row by row, from the sums of its products by lane.
fn gather(triangle: &mut [f64], n_columns: usize, products: &[Products]) {
    for row in 0..n_columns {
        for column in 0..=row {
            let square = &products[start(row / 2) + column / 2];
            let [a, b, c, d] = square[row % 2][column % 2];
            triangle[start(row) + column] = (a + c) + (b + d);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::mixture::lanes::LANES;

    /// By the definition, for even and odd numbers of columns, and rows that fill neither a tile nor a strip.
    #[test]
    fn spreads_are_those_of_the_definition() {
        for d in 1..=6 {
            let n_rows = 3 * TILE + 11 + d;
            let values: Vec<f64> = (0..n_rows * d).map(|place| (place * place % 101) as f64 / 7.0).collect();
            let points = Points::new(values, d).unwrap();
            let share = |row: usize, component: usize| ((row + component) % 3) as f64 / 2.0;
            let centres: Vec<f64> = (0..2 * d).map(|place| place as f64).collect();
            let moments = Moments::of(
                &points,
                centres,
                Second::Products,
                || (),
                |(), tile, first, shares| {
                    for (component, shares) in shares.iter_mut().enumerate() {
                        for row in 0..TILE {
                            let share = if row < tile.n_rows { share(first + row, component) } else { 0.0 };
                            shares[row / LANES].0[row % LANES] = share;
                        }
                    }
                    0.0
                },
            );
            for (component, spread) in moments.spreads().enumerate() {
                let mean_of = |f: &dyn Fn(&[f64]) -> f64| -> f64 {
                    let rows = points.rows().enumerate();
                    rows.map(|(row, x)| share(row, component) * f(x)).sum::<f64>() / spread.n_rows
                };
                assert!((mean_of(&|_| 1.0) - 1.0).abs() < 1e-14);
                let mean: Vec<f64> = (0..d).map(|column| mean_of(&|x| x[column])).collect();
                for (place, found) in spread.second.iter().enumerate() {
                    let (i, j) = (place / d, place % d);
                    let exact = mean_of(&|x| (x[i] - mean[i]) * (x[j] - mean[j]));
                    assert!((found - exact).abs() < 1e-11, "{d} columns, {i} {j}: {found} and {exact}");
                    assert!((spread.mean[i] - mean[i]).abs() < 1e-12);
                }
            }
        }
    }
}
