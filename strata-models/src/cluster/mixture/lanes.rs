//! Eight rows at a time: arithmetic on small arrays of fixed length, which the compiler turns into vector instructions.

use crate::cluster::points::Points;

/// Rows side by side in one value.
pub(super) const LANES: usize = 8;

/// Half of them: sums of four products of so many rows fit in the registers of any processor.
pub(super) const HALF: usize = LANES / 2;

/// Values side by side in one tile.
pub(super) const STRIPS: usize = 8;

/// Rows that are worked on together: few enough that they and what is made of them stay in the fastest cache.
pub(super) const TILE: usize = LANES * STRIPS;

/// One number for each row of a tile.
pub(super) type Column = [Lanes; STRIPS];

/// A column of zeros.
pub(super) const ZEROS: Column = [Lanes([0.0; LANES]); STRIPS];

/// One number for each of eight rows.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(super) struct Lanes(pub(super) [f64; LANES]);

impl Lanes {
    /// The same number for all.
    #[inline(always)]
    pub(super) fn all(value: f64) -> Lanes {
        Lanes([value; LANES])
    }

    /// `f` of each pair.
    #[inline(always)]
    pub(super) fn with(self, other: Lanes, f: impl Fn(f64, f64) -> f64) -> Lanes {
        let mut made = self;
        for (made, other) in made.0.iter_mut().zip(&other.0) {
            *made = f(*made, *other);
        }
        made
    }

    /// `f` of each.
    #[inline(always)]
    pub(super) fn map(self, f: impl Fn(f64) -> f64) -> Lanes {
        self.with(self, |value, _| f(value))
    }

    /// Adds `scale · other`.
    #[inline(always)]
    pub(super) fn add_scaled(&mut self, scale: f64, other: &Lanes) {
        for (sum, other) in self.0.iter_mut().zip(&other.0) {
            *sum += scale * other;
        }
    }

    /// Adds `one · other`.
    #[inline(always)]
    pub(super) fn add_product(&mut self, one: &Lanes, other: &Lanes) {
        for ((sum, one), other) in self.0.iter_mut().zip(&one.0).zip(&other.0) {
            *sum += one * other;
        }
    }

    /// The first or the second four.
    #[inline(always)]
    pub(super) fn half(&self, half: usize) -> &[f64; HALF] {
        &self.0.as_chunks().0[half]
    }

    /// All eight added up, in one order: that in which halves of a vector are added to each other.
    #[inline(always)]
    pub(super) fn sum(self) -> f64 {
        let [a, b, c, d, e, f, g, h] = self.0;
        ((a + e) + (c + g)) + ((b + f) + (d + h))
    }

    /// `eˣ` for x ≤ 0; below −708, where it is no number of full precision, `e⁻⁷⁰⁸`.
    ///
    /// `eˣ = 2ⁿ eʳ` with `n` the whole number nearest to `x / ln 2`, so that `|r| ≤ ln 2 / 2`, where twelve terms of the series are
    /// exact to the last digits.
    #[inline(always)]
    pub(super) fn exp(self) -> Lanes {
        /// Added to a small number, its last bits are the nearest whole number.
        const ROUND: f64 = 6_755_399_441_055_744.0;
        /// ln 2 in two parts, the first with so few digits that its multiples are exact.
        const LN_2: [f64; 2] = [6.931_471_803_691_238e-1, 1.908_214_929_270_587_7e-10];
        const SERIES: [f64; 13] = [
            1.0 / 479_001_600.0,
            1.0 / 39_916_800.0,
            1.0 / 3_628_800.0,
            1.0 / 362_880.0,
            1.0 / 40_320.0,
            1.0 / 5040.0,
            1.0 / 720.0,
            1.0 / 120.0,
            1.0 / 24.0,
            1.0 / 6.0,
            0.5,
            1.0,
            1.0,
        ];
        // Step by step for all eight: one waits for its own step before, not for the others.
        let x = self.map(|x| if x > -708.0 { x } else { -708.0 });
        let rounded = x.map(|x| x * std::f64::consts::LOG2_E + ROUND);
        let r = x.with(rounded, |x, rounded| (x - (rounded - ROUND) * LN_2[0]) - (rounded - ROUND) * LN_2[1]);
        let mut sum = Lanes::all(SERIES[0]);
        for coefficient in &SERIES[1..] {
            sum = sum.with(r, |sum, r| sum * r + coefficient);
        }
        sum.with(rounded, |sum, rounded| {
            sum * f64::from_bits((rounded.to_bits() << 52).wrapping_add(1.0_f64.to_bits()))
        })
    }
}

/// Up to [`TILE`] rows, column by column.
pub(super) struct Tile {
    pub(super) columns: Vec<Column>,
    /// How many rows are of the data; what stands beyond them is finite and means nothing.
    pub(super) n_rows: usize,
}

impl Tile {
    pub(super) fn new(n_columns: usize) -> Tile {
        Tile { columns: vec![ZEROS; n_columns], n_rows: 0 }
    }

    /// Takes in these rows.
    pub(super) fn fill(&mut self, rows: &[f64]) {
        let n_columns = self.columns.len();
        self.n_rows = rows.len() / n_columns;
        for (strip, rows) in rows.chunks(LANES * n_columns).enumerate().take(STRIPS) {
            for (lane, row) in rows.chunks_exact(n_columns).enumerate() {
                for (column, x) in self.columns.iter_mut().zip(row) {
                    column[strip].0[lane] = *x;
                }
            }
        }
    }

    /// How many of the rows of a strip are of the data.
    pub(super) fn n_rows_of(&self, strip: usize) -> usize {
        self.n_rows.saturating_sub(strip * LANES).min(LANES)
    }
}

/// How many rows a thread takes at a time: by their number alone, so that sums are added in the same order on any machine; whole tiles;
/// and no more than 256 parts, so that what is summed of them takes little memory.
pub(super) fn rows_a_part(points: &Points) -> usize {
    (points.n_rows().div_ceil(256)).max(16 * TILE).next_multiple_of(TILE)
}
