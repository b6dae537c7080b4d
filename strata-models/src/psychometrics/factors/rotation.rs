//! Factors turned so that each item loads on few of them.

use serde::{Deserialize, Serialize};

use crate::psychometrics::matrix::{Rows, inverse_of_any, product, transposed};

/// How factors are turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rotation {
    /// As they were found.
    None,
    /// Uncorrelated, with the greatest variance of squared loadings, items weighted by Kaiser's rule. Kaiser, H. F. (1958). The varimax
    /// criterion for analytic rotation in factor analysis. Psychometrika 23, 187–200.
    Varimax,
    /// Correlated: direct oblimin at γ = 0 (quartimin), `¼ Σᵢ Σ_{j≠k} λᵢⱼ² λᵢₖ²` at its least. Jennrich, R. I. and Sampson, P. F. (1966).
    /// Rotation for simple loadings. Psychometrika 31, 313–323.
    Oblimin,
}

/// Tucker's congruence of two factors over the same items: `φ = Σab / √(Σa² Σb²)`. From .95 on they are equal, from .85 on similar
/// (Lorenzo-Seva & ten Berge 2006). None where a factor has no loadings, or the lengths differ.
pub fn congruence(one: &[f64], other: &[f64]) -> Option<f64> {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    let below = (dot(one, one) * dot(other, other)).sqrt();
    (one.len() == other.len() && below > 0.0).then(|| dot(one, other) / below)
}

pub(crate) struct Turned {
    pub(crate) loadings: Rows,
    pub(crate) correlations: Rows,
    pub(crate) converged: bool,
}

/// Turns loadings, sorts factors by what they explain, and lets each point to where its loadings sum to more than 0.
pub(crate) fn rotate(loadings: &Rows, rotation: Rotation) -> Turned {
    let n_factors = loadings.first().map_or(0, Vec::len);
    let turned = match rotation {
        _ if n_factors < 2 => unturned(loadings, n_factors),
        Rotation::None => unturned(loadings, n_factors),
        Rotation::Varimax => varimax(loadings, n_factors),
        Rotation::Oblimin => oblimin(loadings, n_factors),
    };
    turned.sorted(n_factors)
}

fn identity(order: usize) -> Rows {
    (0..order).map(|row| (0..order).map(|column| if row == column { 1.0 } else { 0.0 }).collect()).collect()
}

fn unturned(loadings: &Rows, n_factors: usize) -> Turned {
    Turned { loadings: loadings.clone(), correlations: identity(n_factors), converged: true }
}

impl Turned {
    fn sorted(self, n_factors: usize) -> Turned {
        // What a factor explains together with those it correlates with: diag(Φ ΛᵀΛ).
        let squares = product(&transposed(&self.loadings), &self.loadings);
        let explained =
            |j: usize| -> f64 { (0..n_factors).map(|k| self.correlations[j][k] * squares[k][j]).sum() };
        let mut order: Vec<usize> = (0..n_factors).collect();
        order.sort_by(|one, other| explained(*other).total_cmp(&explained(*one)));
        let sign =
            |j: usize| if self.loadings.iter().map(|row| row[j]).sum::<f64>() < 0.0 { -1.0 } else { 1.0 };
        let signs: Vec<f64> = (0..n_factors).map(sign).collect();
        let row_of = |row: &Vec<f64>| order.iter().map(|j| signs[*j] * row[*j]).collect::<Vec<f64>>();
        let correlations = order
            .iter()
            .map(|j| row_of(&self.correlations[*j]).iter().map(|r| signs[*j] * r).collect())
            .collect();
        Turned {
            loadings: self.loadings.iter().map(row_of).collect(),
            correlations,
            converged: self.converged,
        }
    }
}

/// Each pair of factors is turned by the angle that is best for it, until no pair gains.
fn varimax(loadings: &Rows, n_factors: usize) -> Turned {
    let length = |row: &Vec<f64>| row.iter().map(|l| l * l).sum::<f64>().sqrt().max(1e-12);
    let lengths: Vec<f64> = loadings.iter().map(length).collect();
    let mut turned: Rows =
        loadings.iter().zip(&lengths).map(|(row, length)| row.iter().map(|l| l / length).collect()).collect();
    let n = loadings.len() as f64;
    let mut converged = false;
    for _ in 0..1000 {
        let mut greatest: f64 = 0.0;
        for j in 0..n_factors {
            for k in j + 1..n_factors {
                let (mut a, mut b, mut c, mut d) = (0.0, 0.0, 0.0, 0.0);
                for row in &turned {
                    let (u, v) = (row[j] * row[j] - row[k] * row[k], 2.0 * row[j] * row[k]);
                    (a, b, c, d) = (a + u, b + v, c + u * u - v * v, d + 2.0 * u * v);
                }
                let angle = 0.25 * (d - 2.0 * a * b / n).atan2(c - (a * a - b * b) / n);
                let (sine, cosine) = angle.sin_cos();
                for row in &mut turned {
                    (row[j], row[k]) = (cosine * row[j] + sine * row[k], cosine * row[k] - sine * row[j]);
                }
                greatest = greatest.max(angle.abs());
            }
        }
        converged = greatest < 1e-12;
        if converged {
            break;
        }
    }
    turned.iter_mut().zip(&lengths).for_each(|(row, length)| row.iter_mut().for_each(|l| *l *= length));
    Turned { loadings: turned, correlations: identity(n_factors), converged }
}

/// Gradient projection over matrices T with columns of length 1: loadings `A T⁻ᵀ`, correlations `TᵀT`.
///
/// It begins where varimax ends. Jennrich, R. I. (2002). A simple general method for oblique rotation. Psychometrika 67, 7–19.
fn oblimin(loadings: &Rows, n_factors: usize) -> Turned {
    let start = varimax(loadings, n_factors).loadings;
    let mut turn = identity(n_factors);
    let Some(mut at) = Oblique::of(&start, &turn) else { return unturned(&start, n_factors) };
    let (mut step, mut converged) = (1.0, false);
    for _ in 0..5000 {
        // The part of the gradient along which columns keep their length.
        let gradient = at.gradient(&turn);
        let length_of =
            |column: usize| (0..n_factors).map(|row| turn[row][column] * gradient[row][column]).sum();
        let lengths: Vec<f64> = (0..n_factors).map(length_of).collect();
        let projected: Rows = (0..n_factors)
            .map(|row| (0..n_factors).map(|k| gradient[row][k] - turn[row][k] * lengths[k]).collect())
            .collect();
        let square: f64 = projected.iter().flatten().map(|x| x * x).sum();
        converged = square.sqrt() < 1e-9;
        if converged {
            break;
        }
        step *= 2.0;
        let mut moved = false;
        for _ in 0..40 {
            let next = normalised(&turn, &projected, step);
            if let Some(trial) = Oblique::of(&start, &next)
                && trial.criterion < at.criterion - 0.5 * square * step
            {
                (turn, at, moved) = (next, trial, true);
                break;
            }
            step /= 2.0;
        }
        if !moved {
            // What is left to gain is rounding.
            converged = square.sqrt() < 1e-5;
            break;
        }
    }
    let correlations = product(&transposed(&turn), &turn);
    Turned { loadings: at.loadings, correlations, converged }
}

/// `T − step · G` with columns brought back to length 1.
fn normalised(turn: &Rows, gradient: &Rows, step: f64) -> Rows {
    let order = turn.len();
    let moved = |row: usize, k: usize| turn[row][k] - step * gradient[row][k];
    let length = |k: usize| (0..order).map(|row| moved(row, k).powi(2)).sum::<f64>().sqrt();
    let lengths: Vec<f64> = (0..order).map(length).collect();
    (0..order).map(|row| (0..order).map(|k| moved(row, k) / lengths[k]).collect()).collect()
}

struct Oblique {
    loadings: Rows,
    inverse: Rows,
    criterion: f64,
}

impl Oblique {
    fn of(start: &Rows, turn: &Rows) -> Option<Oblique> {
        let inverse = inverse_of_any(turn)?;
        let loadings = product(start, &transposed(&inverse));
        let of_row = |row: &Vec<f64>| {
            let squares: f64 = row.iter().map(|l| l * l).sum();
            squares * squares - row.iter().map(|l| l.powi(4)).sum::<f64>()
        };
        let criterion = 0.25 * loadings.iter().map(of_row).sum::<f64>();
        criterion.is_finite().then_some(Oblique { loadings, inverse, criterion })
    }

    /// `−(Λᵀ dQ T⁻¹)ᵀ` with `dQᵢⱼ = λᵢⱼ Σ_{k≠j} λᵢₖ²`.
    fn gradient(&self, turn: &Rows) -> Rows {
        let slopes: Rows = self
            .loadings
            .iter()
            .map(|row| {
                let squares: f64 = row.iter().map(|l| l * l).sum();
                row.iter().map(|l| l * (squares - l * l)).collect()
            })
            .collect();
        let product = product(&product(&transposed(&self.loadings), &slopes), &self.inverse);
        (0..turn.len()).map(|row| (0..turn.len()).map(|column| -product[column][row]).collect()).collect()
    }
}
