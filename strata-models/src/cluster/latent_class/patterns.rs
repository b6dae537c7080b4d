//! Rows that answered alike are one: a model of a million customers costs what their different patterns of answers cost.

use std::collections::HashMap;

use super::answers::{Answers, MISSING};
use crate::cluster::error::ClusterError;
use crate::cluster::points::Points;
use crate::learn::linear::Cholesky;

/// What may say beforehand which class a row belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct Covariates {
    names: Vec<String>,
    points: Points,
}

impl Covariates {
    /// One name for each column of the points; refuses any other number of names.
    pub fn new(names: Vec<String>, points: Points) -> Result<Covariates, ClusterError> {
        if names.len() != points.n_columns() {
            let (option, value) = ("names of covariates", names.len() as f64);
            return Err(ClusterError::Option { option, value, hint: "give each covariate one name" });
        }
        Ok(Covariates { names, points })
    }

    /// How the covariates are called.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Their values, a row each.
    pub fn points(&self) -> &Points {
        &self.points
    }
}

/// The different patterns of answers and how often each occurs, apart for rows with different covariates.
#[derive(Debug, Clone)]
pub struct Patterns {
    pub(super) items: Vec<PatternItem>,
    /// Pattern after pattern, for each item the line of the table of probabilities that its answer stands in.
    pub(super) lines: Vec<u32>,
    /// Where the cells of each pattern begin, and the end of the last.
    pub(super) first_cells: Vec<usize>,
    pub(super) cells: Vec<Cell>,
    pub(super) groups: Groups,
    /// The sum of the weights of all rows.
    pub(super) weight: f64,
}

/// One item and its lines in the table of probabilities: one for each category, then one for an unknown
/// answer, which is always 1.
#[derive(Debug, Clone)]
pub(super) struct PatternItem {
    pub(super) name: String,
    pub(super) n_categories: usize,
    pub(super) first_line: usize,
    /// The weight of each category over all rows.
    pub(super) counts: Vec<f64>,
}

/// Rows with one pattern of answers and one row of covariates.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    pub(super) group: usize,
    pub(super) weight: f64,
}

/// The different rows of covariates; one empty row where there are none.
#[derive(Debug, Clone)]
pub(super) struct Groups {
    pub(super) names: Vec<String>,
    /// Group after group: 1, then each covariate with its mean taken off and divided by its standard deviation.
    pub(super) design: Vec<f64>,
    pub(super) means: Vec<f64>,
    pub(super) deviations: Vec<f64>,
}

impl Groups {
    /// How many numbers describe a group: the constant and its covariates.
    pub(super) fn width(&self) -> usize {
        self.names.len() + 1
    }

    /// Refuses covariates that the others tell.
    fn check(&self, n_rows_of: &[f64]) -> Result<(), ClusterError> {
        let width = self.width();
        let total: f64 = n_rows_of.iter().sum();
        let mut products = vec![0.0; width * width];
        for (z, n) in self.design.chunks_exact(width).zip(n_rows_of) {
            for (line, own) in products.chunks_exact_mut(width).zip(z) {
                line.iter_mut().zip(z).for_each(|(sum, other)| *sum += n / total * own * other);
            }
        }
        // The variances are 1: what is left of one is the part that the others do not tell.
        (0..width).for_each(|place| products[place * width + place] -= LEAST_OWN);
        let of = |row: usize| self.names[row.max(1) - 1].clone();
        Cholesky::of(products, width).map(|_| ()).map_err(|row| ClusterError::Collinear { column: of(row) })
    }

    /// Coefficients of scaled covariates (the constant first) as those of the covariates in their own units.
    pub(super) fn unscale(&self, scaled: &[f64]) -> Vec<f64> {
        let slopes: Vec<f64> = scaled[1..].iter().zip(&self.deviations).map(|(slope, d)| slope / d).collect();
        let shift: f64 = slopes.iter().zip(&self.means).map(|(slope, mean)| slope * mean).sum();
        std::iter::once(scaled[0] - shift).chain(slopes).collect()
    }
}

/// The part of a covariate's variance that the others must leave.
const LEAST_OWN: f64 = 1e-9;

impl Patterns {
    /// Collects the patterns; each row counts by its weight (1 without weights, 0 leaves it out). Refuses
    /// items that all rows answered alike, covariates that are the same in all rows, other numbers of rows,
    /// and weights that are negative or sum to nothing.
    pub fn new(
        answers: &Answers,
        weights: Option<&[f64]>,
        covariates: Option<&Covariates>,
    ) -> Result<Patterns, ClusterError> {
        let n_rows = answers.n_rows();
        let weight = check_weights(weights, n_rows)?;
        let (group_of, groups) = match covariates {
            Some(covariates) => groups(covariates, n_rows, weights)?,
            None => (vec![], Groups { names: vec![], design: vec![1.0], means: vec![], deviations: vec![] }),
        };
        let mut items = lines(answers);
        let mut weight_of: HashMap<(&[u16], usize), f64> = HashMap::new();
        for (row, codes) in answers.rows().enumerate() {
            let group = group_of.get(row).copied().unwrap_or(0);
            let weight = weights.map_or(1.0, |weights| weights[row]);
            if weight > 0.0 {
                *weight_of.entry((codes, group)).or_default() += weight;
            }
        }
        // Sorted, so that a model does not depend on the order of the map.
        let mut sorted: Vec<((&[u16], usize), f64)> = weight_of.into_iter().collect();
        sorted.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        let mut patterns =
            Patterns { items: vec![], lines: vec![], first_cells: vec![], cells: vec![], groups, weight };
        let mut before: Option<&[u16]> = None;
        for ((codes, group), weight) in sorted {
            if before != Some(codes) {
                patterns.first_cells.push(patterns.cells.len());
                patterns.lines.extend(codes.iter().zip(&items).map(|(code, item)| item.line(*code) as u32));
                before = Some(codes);
            }
            patterns.cells.push(Cell { group, weight });
            for (code, item) in codes.iter().zip(&mut items).filter(|(code, _)| **code != MISSING) {
                item.counts[usize::from(*code)] += weight;
            }
        }
        patterns.first_cells.push(patterns.cells.len());
        if let Some(item) = items.iter().find(|item| item.counts.iter().filter(|n| **n > 0.0).count() < 2) {
            return Err(ClusterError::Constant { column: item.name.clone() });
        }
        patterns.items = items;
        Ok(patterns)
    }

    /// How many different patterns of answers there are.
    pub fn n_patterns(&self) -> usize {
        self.first_cells.len() - 1
    }

    /// How many rows there are, each by its weight.
    pub fn weight(&self) -> f64 {
        self.weight
    }

    /// How many lines the table of probabilities has.
    pub(super) fn n_lines(&self) -> usize {
        self.items.last().map_or(0, |item| item.first_line + item.n_categories + 1)
    }
}

impl PatternItem {
    /// Where an answer stands in the table of probabilities.
    pub(super) fn line(&self, code: u16) -> usize {
        self.first_line + if code == MISSING { self.n_categories } else { usize::from(code) }
    }

    /// The lines of its categories.
    pub(super) fn lines(&self) -> std::ops::Range<usize> {
        self.first_line..self.first_line + self.n_categories
    }
}

/// The items of these answers, with nothing counted yet.
fn lines(answers: &Answers) -> Vec<PatternItem> {
    let mut first_line = 0;
    let item = |(name, n_categories): &(String, usize)| {
        let (name, n_categories) = (name.clone(), *n_categories);
        let item = PatternItem { name, n_categories, first_line, counts: vec![0.0; n_categories] };
        first_line += n_categories + 1;
        item
    };
    answers.items().iter().map(item).collect()
}

/// The sum of the weights.
pub(super) fn check_weights(weights: Option<&[f64]>, n_rows: usize) -> Result<f64, ClusterError> {
    let Some(weights) = weights else { return Ok(n_rows as f64) };
    if weights.len() != n_rows {
        return Err(ClusterError::Lengths { column: "weights".to_owned(), n_values: weights.len(), n_rows });
    }
    let option = "weight of a row";
    if let Some(value) = weights.iter().copied().find(|weight| !weight.is_finite() || *weight < 0.0) {
        return Err(ClusterError::Option { option, value, hint: "weights are finite and not negative" });
    }
    let sum: f64 = weights.iter().sum();
    if sum <= 0.0 || !sum.is_finite() {
        return Err(ClusterError::Option { option, value: sum, hint: "weights sum to a number above 0" });
    }
    Ok(sum)
}

/// The group of each row, and the groups in the order of their covariates.
fn groups(
    covariates: &Covariates,
    n_rows: usize,
    weights: Option<&[f64]>,
) -> Result<(Vec<usize>, Groups), ClusterError> {
    let points = &covariates.points;
    if points.n_rows() != n_rows {
        let column = covariates.names[0].clone();
        return Err(ClusterError::Lengths { column, n_values: points.n_rows(), n_rows });
    }
    let (means, deviations) = moments(covariates, weights)?;
    let mut order: Vec<usize> = (0..n_rows).collect();
    let compare = |one: &usize, other: &usize| {
        let pairs = points.row(*one).iter().zip(points.row(*other));
        // Numbers are finite, so that −0 and 0, which are equal, are all that a total order would tell apart.
        pairs.map(|(x, y)| x.partial_cmp(y).unwrap_or(std::cmp::Ordering::Equal)).find(|order| order.is_ne())
    };
    order.sort_unstable_by(|one, other| compare(one, other).unwrap_or(one.cmp(other)));
    let (mut group_of, mut design) = (vec![0; n_rows], vec![]);
    let mut n_groups = 0;
    for (place, row) in order.iter().enumerate() {
        if place == 0 || compare(&order[place - 1], row).is_some() {
            design.push(1.0);
            let scaled = points.row(*row).iter().zip(&means).zip(&deviations);
            design.extend(scaled.map(|((value, mean), deviation)| (value - mean) / deviation));
            n_groups += 1;
        }
        group_of[*row] = n_groups - 1;
    }
    let groups = Groups { names: covariates.names.clone(), design, means, deviations };
    let mut n_rows_of = vec![0.0; n_groups];
    for (row, group) in group_of.iter().enumerate() {
        n_rows_of[*group] += weights.map_or(1.0, |weights| weights[row]);
    }
    groups.check(&n_rows_of)?;
    Ok((group_of, groups))
}

/// The mean and the standard deviation of each covariate.
fn moments(covariates: &Covariates, weights: Option<&[f64]>) -> Result<(Vec<f64>, Vec<f64>), ClusterError> {
    let weight = |row: usize| weights.map_or(1.0, |weights| weights[row]);
    let (mut means, mut deviations) = (vec![], vec![]);
    for (column, name) in covariates.names.iter().enumerate() {
        let values = || covariates.points.rows().enumerate().map(move |(row, x)| (weight(row), x[column]));
        let total: f64 = values().map(|(weight, _)| weight).sum();
        let mean = values().map(|(weight, value)| weight / total * value).sum::<f64>();
        let variance = values().map(|(weight, value)| weight / total * (value - mean).powi(2)).sum::<f64>();
        if !variance.is_finite() {
            let hint = "give covariates in a unit that makes them smaller";
            return Err(ClusterError::Option { option: "variance of a covariate", value: variance, hint });
        }
        if variance.sqrt() <= 1e-12 * mean.abs() || variance == 0.0 {
            return Err(ClusterError::Constant { column: name.clone() });
        }
        means.push(mean);
        deviations.push(variance.sqrt());
    }
    Ok((means, deviations))
}
