//! How likely rows are under each component, a tile at a time.

use std::f64::consts::PI;

use super::Covariance;
use super::lanes::{LANES, Lanes, STRIPS, Tile};
use super::triangle::InverseRoot;

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
    /// `ln(wₖ) + ln N(x | μₖ, Σₖ)`, or once [`Densities::responsibilities`] has run, the probability of the component given the row: that of
    /// a component and strip at `component · STRIPS + strip`.
    pub(super) joint: Vec<Lanes>,
    /// ln of the density of each row in the tile.
    pub(super) ln_density: [Lanes; STRIPS],
    row: Vec<Lanes>,
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

    pub(super) fn n_components(&self) -> usize {
        self.constants.len()
    }

    pub(super) fn room(&self) -> Room {
        Room {
            joint: vec![Lanes::all(0.0); self.n_components() * STRIPS],
            ln_density: [Lanes::all(0.0); STRIPS],
            row: vec![Lanes::all(0.0); self.n_columns],
        }
    }

    /// The E step for a tile: probabilities of the components given each row, and the rows' log-densities; 0 in the lanes of no row.
    /// Returns the sum of the log-densities.
    pub(super) fn responsibilities(&self, tile: &Tile, room: &mut Room) -> f64 {
        self.joint(tile, room);
        let mut sum = 0.0;
        for strip in 0..STRIPS {
            let n_rows = tile.n_rows.saturating_sub(strip * LANES).min(LANES);
            let highest = room
                .joint
                .iter()
                .skip(strip)
                .step_by(STRIPS)
                .fold(Lanes::all(f64::NEG_INFINITY), |highest, joint| {
                    highest.with(*joint, |a, b| if a > b { a } else { b })
                });
            let mut total = Lanes::all(0.0);
            for joint in room.joint.iter_mut().skip(strip).step_by(STRIPS) {
                *joint = joint.with(highest, |a, b| a - b).exp();
                total = total.with(*joint, |a, b| a + b);
            }
            let mut inverse = total.map(|total| 1.0 / total);
            let mut ln_density = highest.with(total, |highest, total| highest + total.ln());
            inverse.0[n_rows..].fill(0.0);
            ln_density.0[n_rows..].fill(0.0);
            for joint in room.joint.iter_mut().skip(strip).step_by(STRIPS) {
                *joint = joint.with(inverse, |a, b| a * b);
            }
            room.ln_density[strip] = ln_density;
            sum += ln_density.sum();
        }
        sum
    }

    /// `ln(wₖ) + ln N(x | μₖ, Σₖ)` of each component and row.
    fn joint(&self, tile: &Tile, room: &mut Room) {
        let d = self.n_columns;
        for (strip, values) in tile.strips().enumerate() {
            if let Roots::Shared(root) = &self.roots {
                for (whitened, row) in room.row.iter_mut().zip(root.rows()) {
                    *whitened = weighted(row, values);
                }
            }
            for (component, (mean, constant)) in self.means.chunks_exact(d).zip(&self.constants).enumerate() {
                let square = match &self.roots {
                    Roots::Each(roots) => {
                        for ((centred, x), mean) in room.row.iter_mut().zip(values).zip(mean) {
                            *centred = x.map(|x| x - mean);
                        }
                        mahalanobis(&roots[component].0, &room.row)
                    }
                    Roots::Shared(_) => squared_distance(&room.row, mean, std::iter::repeat(&1.0)),
                    Roots::Axes(roots) => squared_distance(values, mean, &roots[component * d..][..d]),
                };
                // What is too far away to be squared is as far as can be: no infinity, nor what comes of subtracting two.
                room.joint[component * STRIPS + strip] =
                    square.map(|square| constant - 0.5 * if square < FARTHEST { square } else { FARTHEST });
            }
        }
    }
}

/// The largest squared distance that is told from larger ones.
const FARTHEST: f64 = 1e300;

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

/// `Σ pᵢ xᵢ` over the columns that the row of a triangle has.
#[inline(always)]
fn weighted(row: &[f64], values: &[Lanes]) -> Lanes {
    let mut sum = Lanes::all(0.0);
    for (p, x) in row.iter().zip(values) {
        sum.add_scaled(*p, x);
    }
    sum
}

/// `|L⁻¹ c|²`.
fn mahalanobis(root: &[f64], centred: &[Lanes]) -> Lanes {
    let mut square = Lanes::all(0.0);
    let mut rest = root;
    for length in 1..=centred.len() {
        let (row, after) = rest.split_at(length);
        rest = after;
        let y = weighted(row, centred);
        square.add_product(&y, &y);
    }
    square
}

/// `Σ (sⱼ (xⱼ − μⱼ))²`.
fn squared_distance<'a>(values: &[Lanes], mean: &[f64], scales: impl IntoIterator<Item = &'a f64>) -> Lanes {
    let mut square = Lanes::all(0.0);
    for ((x, mean), scale) in values.iter().zip(mean).zip(scales) {
        let y = x.map(|x| scale * (x - mean));
        square.add_product(&y, &y);
    }
    square
}
