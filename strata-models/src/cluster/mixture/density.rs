//! How likely rows are under each component, a tile at a time.

use std::f64::consts::PI;

use super::Covariance;
use super::lanes::{Column, Lanes, STRIPS, Tile, ZEROS};
use super::triangle::InverseRoot;
use crate::vector::{Loop, widest};

/// Components, ready to be evaluated.
pub(super) struct Densities {
    n_columns: usize,
    /// For each component `ln w − d/2 ln 2π − 1/2 ln |Σ|`.
    constants: Vec<f64>,
    /// A row for each component.
    means: Vec<f64>,
    roots: Roots,
}

/// What makes each component round.
enum Roots {
    /// A matrix for each.
    Each(Vec<InverseRoot>),
    /// One for all; the means are multiplied by it already.
    Shared(InverseRoot),
    /// The reciprocal standard deviations, a row for each component.
    Axes(Vec<f64>),
}

/// Room that an evaluation writes in, so that it need not be found for each tile.
pub(super) struct Room {
    /// For each component `ln(wₖ) + ln N(x | μₖ, Σₖ)`, or once [`Densities::responsibilities`] has run, its probability given the row.
    pub(super) joint: Vec<Column>,
    /// ln of the density of each row in the tile.
    pub(super) ln_density: Column,
    /// The rows less the mean of a component, or multiplied by the shared root.
    made: Vec<Column>,
}

impl Densities {
    /// Of weights, means (a row each) and covariances as [`super::GaussianMixture`] keeps them. None where a covariance has no inverse.
    pub(super) fn new(
        covariance: Covariance,
        weights: &[f64],
        means: &[f64],
        covariances: &[Vec<f64>],
    ) -> Option<Densities> {
        let n_columns = means.len() / weights.len();
        let mut means = means.to_vec();
        let (roots, ln_determinants): (Roots, Vec<f64>) = match covariance {
            Covariance::Full => {
                let roots: Vec<InverseRoot> = covariances
                    .iter()
                    .map(|covariance| InverseRoot::of(covariance, n_columns))
                    .collect::<Option<_>>()?;
                let ln_determinants = roots.iter().map(InverseRoot::ln_determinant).collect();
                (Roots::Each(roots), ln_determinants)
            }
            Covariance::Tied => {
                let root = InverseRoot::of(covariances.first()?, n_columns)?;
                for mean in means.chunks_exact_mut(n_columns) {
                    let whitened: Vec<f64> = root.rows().map(|row| dot(row, mean)).collect();
                    mean.copy_from_slice(&whitened);
                }
                let ln_determinants = vec![root.ln_determinant(); weights.len()];
                (Roots::Shared(root), ln_determinants)
            }
            Covariance::Diagonal | Covariance::Spherical => {
                // A spherical component has one variance, which stands for that of every column.
                let variances = covariances.iter().flat_map(|own| own.iter().cycle().take(n_columns));
                let roots: Vec<f64> = variances.map(|variance| 1.0 / variance.sqrt()).collect();
                if roots.iter().any(|root| !root.is_finite() || *root <= 0.0) {
                    return None;
                }
                let ln_determinants =
                    roots.chunks_exact(n_columns).map(|own| own.iter().map(|root| root.ln()).sum()).collect();
                (Roots::Axes(roots), ln_determinants)
            }
        };
        let half = 0.5 * n_columns as f64 * (2.0 * PI).ln();
        let constants =
            weights.iter().zip(ln_determinants).map(|(weight, ln)| weight.ln() - half + ln).collect();
        Some(Densities { n_columns, constants, means, roots })
    }

    pub(super) fn room(&self) -> Room {
        Room {
            joint: vec![ZEROS; self.constants.len()],
            ln_density: ZEROS,
            made: vec![ZEROS; self.n_columns],
        }
    }

    /// The E step for a tile: probabilities of the components given each row, and the rows' log-densities; 0 in the lanes of no row.
    /// Returns the sum of the log-densities.
    pub(super) fn responsibilities(&self, tile: &Tile, room: &mut Room) -> f64 {
        widest(Expectation { densities: self, tile, room })
    }

    /// `ln(wₖ) + ln N(x | μₖ, Σₖ)` of each component and row.
    #[inline(always)]
    fn joint(&self, tile: &Tile, room: &mut Room) {
        let d = self.n_columns;
        if let Roots::Shared(root) = &self.roots {
            for (made, row) in room.made.iter_mut().zip(root.rows()) {
                for (strip, made) in made.iter_mut().enumerate() {
                    *made = weighted(row, &tile.columns, strip);
                }
            }
        }
        let components = self.means.chunks_exact(d).zip(&self.constants).zip(&mut room.joint);
        for (component, ((mean, constant), joint)) in components.enumerate() {
            match &self.roots {
                Roots::Each(roots) => {
                    for ((made, x), mean) in room.made.iter_mut().zip(&tile.columns).zip(mean) {
                        for (made, x) in made.iter_mut().zip(x) {
                            *made = x.map(|x| x - mean);
                        }
                    }
                    for (strip, square) in joint.iter_mut().enumerate() {
                        *square = mahalanobis(&roots[component].0, &room.made, strip);
                    }
                }
                Roots::Shared(_) => {
                    *joint = ZEROS;
                    for (made, mean) in room.made.iter().zip(mean) {
                        add_squares(joint, made, *mean, 1.0);
                    }
                }
                Roots::Axes(roots) => {
                    *joint = ZEROS;
                    let roots = &roots[component * d..][..d];
                    for ((x, mean), root) in tile.columns.iter().zip(mean).zip(roots) {
                        add_squares(joint, x, *mean, *root);
                    }
                }
            }
            for square in joint {
                // What is too far away to be squared is as far as can be: no infinity, nor what comes of subtracting two.
                *square =
                    square.map(|square| constant - 0.5 * if square < FARTHEST { square } else { FARTHEST });
            }
        }
    }
}

/// The E step for one tile.
struct Expectation<'a> {
    densities: &'a Densities,
    tile: &'a Tile,
    room: &'a mut Room,
}

impl Loop for Expectation<'_> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        let Expectation { densities, tile, room } = self;
        densities.joint(tile, room);
        let mut sum = 0.0;
        for strip in 0..STRIPS {
            let n_rows = tile.n_rows_of(strip);
            let mut highest = Lanes::all(f64::NEG_INFINITY);
            for joint in &room.joint {
                highest = highest.with(joint[strip], |a, b| if a > b { a } else { b });
            }
            let mut total = Lanes::all(0.0);
            for joint in &mut room.joint {
                joint[strip] = joint[strip].with(highest, |a, b| a - b).exp();
                total = total.with(joint[strip], |a, b| a + b);
            }
            let mut inverse = total.map(|total| 1.0 / total);
            let mut ln_density = highest.with(total, |highest, total| highest + total.ln());
            inverse.0[n_rows..].fill(0.0);
            ln_density.0[n_rows..].fill(0.0);
            for joint in &mut room.joint {
                joint[strip] = joint[strip].with(inverse, |a, b| a * b);
            }
            room.ln_density[strip] = ln_density;
            sum += ln_density.sum();
        }
        sum
    }
}

/// The largest squared distance that is told from larger ones.
const FARTHEST: f64 = 1e300;

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

/// `Σ pᵢ xᵢ` over the columns that the row of a triangle has, for one strip.
#[inline(always)]
fn weighted(row: &[f64], columns: &[Column], strip: usize) -> Lanes {
    let mut sum = Lanes::all(0.0);
    for (p, x) in row.iter().zip(columns) {
        sum.add_scaled(*p, &x[strip]);
    }
    sum
}

/// `|L⁻¹ c|²` for one strip. Two rows at a time: what is read of c serves both.
#[inline(always)]
fn mahalanobis(root: &[f64], centred: &[Column], strip: usize) -> Lanes {
    let mut square = Lanes::all(0.0);
    let mut rest = root;
    for length in (1..centred.len()).step_by(2) {
        let (one, after) = rest.split_at(length);
        let (other, after) = after.split_at(length + 1);
        rest = after;
        let mut y = [Lanes::all(0.0); 2];
        for ((p, q), x) in one.iter().zip(other).zip(centred) {
            y[0].add_scaled(*p, &x[strip]);
            y[1].add_scaled(*q, &x[strip]);
        }
        y[1].add_scaled(other[length], &centred[length][strip]);
        square.add_product(&y[0], &y[0]);
        square.add_product(&y[1], &y[1]);
    }
    if !rest.is_empty() {
        let y = weighted(rest, centred, strip);
        square.add_product(&y, &y);
    }
    square
}

/// Adds `(s (x − μ))²`.
#[inline(always)]
fn add_squares(sums: &mut Column, x: &Column, mean: f64, scale: f64) {
    for (sum, x) in sums.iter_mut().zip(x) {
        let y = x.map(|x| scale * (x - mean));
        sum.add_product(&y, &y);
    }
}
