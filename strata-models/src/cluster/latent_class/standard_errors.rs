//! How sure the coefficients of covariates are.
//!
//! The information is the sum of the outer products of the rows' scores, in which the probabilities of
//! answers have their part, as `ln (p_jkc / p_jk0)`: for those a row's score is `w_j q_k (1[x_j = c] −
//! p_jkc)`, for the coefficients `(q_k − π_k) z`, with q the row's memberships and π those beforehand.
//! Probabilities at the border, 0 or 1, are taken as given.
//!
//! Bandeen-Roche, K. et al. (1997), as for the logit; the same estimate as that of poLCA.

use rayon::prelude::*;

use super::em::{LEAST_FACTOR, Problem};
use super::model::ItemProfile;
use super::patterns::Cell;
use crate::learn::linear::Cholesky;

/// For each class but the first, the standard errors of the constant and of each coefficient in the
/// covariates' own units; none where the information cannot be inverted. `scaled` has the coefficients of the
/// scaled covariates, class by class, those of the first 0.
pub(super) fn of(problem: &Problem<'_>, items: &[ItemProfile], scaled: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    let groups = &problem.patterns.groups;
    let width = groups.width();
    let (information, order) = Scores { problem, items, scaled }.information();
    let first = order - (scaled.len() - 1) * width;
    let (factor, kept) = factor(&information, order, first)?;
    let error = |class: usize, row: usize| {
        // What the coefficient in its own unit is made of: for the constant the slopes as well.
        let mut unit = vec![0.0; order];
        let own = &mut unit[first + (class - 1) * width..][..width];
        if row == 0 {
            own[0] = 1.0;
            for (place, (mean, deviation)) in groups.means.iter().zip(&groups.deviations).enumerate() {
                own[place + 1] = -mean / deviation;
            }
        } else {
            own[row] = 1.0 / groups.deviations[row - 1];
        }
        let unit: Vec<f64> = kept.iter().map(|place| unit[*place]).collect();
        factor.quadratic_of_inverse(&unit).sqrt()
    };
    let errors: Vec<Vec<f64>> =
        (1..scaled.len()).map(|class| (0..width).map(|row| error(class, row)).collect()).collect();
    errors.iter().flatten().all(|error| error.is_finite()).then_some(errors)
}

/// Parameters of which the rows say less than this part of what they say of the best known one are at the border.
const LEAST_INFORMATION: f64 = 1e-8;

/// The factor of the information on the parameters that are not at the border, and which these are; none
/// where the coefficients, from `first` on, are not all among them.
fn factor(information: &[f64], order: usize, first: usize) -> Option<(Cholesky, Vec<usize>)> {
    let diagonal = |place: usize| information[place * order + place];
    let largest = (0..order).map(diagonal).fold(0.0, f64::max);
    let mut kept: Vec<usize> = (0..order)
        .filter(|place| *place >= first || diagonal(*place) > LEAST_INFORMATION * largest)
        .collect();
    loop {
        let cell = |row: &usize, column: &usize| information[row * order + column];
        let part = kept.iter().flat_map(|row| kept.iter().map(move |column| cell(row, column))).collect();
        match Cholesky::of(part, kept.len()) {
            Ok(factor) => return Some((factor, kept)),
            // Follows from those before it, as probabilities next to the border do.
            Err(row) if kept[row] < first => kept.remove(row),
            Err(_) => return None,
        };
    }
}

struct Scores<'a> {
    problem: &'a Problem<'a>,
    items: &'a [ItemProfile],
    scaled: &'a [Vec<f64>],
}

/// So many patterns are summed up in one go.
const CHUNK: usize = 4096;

impl Scores<'_> {
    /// The lower triangle of the information, and its order: first the probabilities of answers class by
    /// class, then the coefficients.
    fn information(&self) -> (Vec<f64>, usize) {
        let patterns = self.problem.patterns;
        let n_free: usize = patterns.items.iter().map(|item| item.n_categories - 1).sum();
        let order = self.scaled.len() * n_free + (self.scaled.len() - 1) * patterns.groups.width();
        let chunks: Vec<usize> = (0..patterns.n_patterns()).step_by(CHUNK).collect();
        let parts: Vec<Vec<f64>> = chunks
            .into_par_iter()
            .map(|start| {
                let mut sum = vec![0.0; order * order];
                for pattern in start..(start + CHUNK).min(patterns.n_patterns()) {
                    self.add_pattern(pattern, order, &mut sum);
                }
                sum
            })
            .collect();
        let mut sum = vec![0.0; order * order];
        for part in parts {
            sum.iter_mut().zip(part).for_each(|(sum, more)| *sum += more);
        }
        (sum, order)
    }

    fn add_pattern(&self, pattern: usize, order: usize, sum: &mut [f64]) {
        let patterns = self.problem.patterns;
        let n_items = patterns.items.len();
        let lines = &patterns.lines[pattern * n_items..(pattern + 1) * n_items];
        for place in patterns.first_cells[pattern]..patterns.first_cells[pattern + 1] {
            let cell = patterns.cells[place];
            let scores = self.scores(lines, cell, order);
            let own: Vec<usize> = (0..order).filter(|place| scores[*place] != 0.0).collect();
            for row in &own {
                let score = cell.weight * scores[*row];
                for column in own.iter().take_while(|column| *column <= row) {
                    sum[row * order + column] += score * scores[*column];
                }
            }
        }
    }

    fn scores(&self, lines: &[u32], cell: Cell, order: usize) -> Vec<f64> {
        let patterns = self.problem.patterns;
        let width = patterns.groups.width();
        let z = &patterns.groups.design[cell.group * width..(cell.group + 1) * width];
        let logits = self.scaled.iter().map(|own| own.iter().zip(z).map(|(b, z)| b * z).sum());
        let before: Vec<f64> = logits.collect();
        // The category of each item; none where it is not answered.
        let answers: Vec<Option<usize>> = lines
            .iter()
            .zip(&patterns.items)
            .map(|(line, item)| {
                Some(*line as usize - item.first_line).filter(|code| *code < item.n_categories)
            })
            .collect();
        let mut after = before.clone();
        for (item, answer) in self.items.iter().zip(&answers) {
            let Some(answer) = answer else { continue };
            for (sum, class) in after.iter_mut().zip(&item.probabilities) {
                *sum += class[*answer].powf(item.weight).max(LEAST_FACTOR).ln();
            }
        }
        let (before, after) = (normalise(&before), normalise(&after));
        let mut scores = Vec::with_capacity(order);
        for (class, q) in after.iter().enumerate() {
            for (item, answer) in self.items.iter().zip(&answers) {
                let categories = item.probabilities[class].iter().enumerate().skip(1);
                scores.extend(categories.map(|(category, p)| match answer {
                    Some(answer) => item.weight * q * (f64::from(u8::from(*answer == category)) - p),
                    None => 0.0,
                }));
            }
        }
        for (q, prior) in after.iter().zip(&before).skip(1) {
            scores.extend(z.iter().map(|z| (q - prior) * z));
        }
        scores
    }
}

/// Probabilities in proportion to the exponentials.
fn normalise(logs: &[f64]) -> Vec<f64> {
    let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = logs.iter().map(|log| (log - largest).exp()).sum();
    logs.iter().map(|log| (log - largest).exp() / sum).collect()
}
