//! One step of expectation and maximisation (Dempster, Laird & Rubin 1977) over all patterns.
//!
//! A pattern of answers x has in class k the likelihood `f_k = Π_j p_jk(x_j)^{w_j}` over the items that are
//! answered, a row with covariates z belongs to class k beforehand with `π_k(z) = exp(β_k·z) / Σ_l
//! exp(β_l·z)`, and the log-likelihood is `Σ n ln Σ_k π_k f_k`. The step gives each pattern's rows to the
//! classes by `π_k f_k / Σ_l π_l f_l`, and from the rows of each class counts its probabilities anew.
//! Products are scaled to their largest factor as they grow, which is log-sum-exp with one logarithm instead
//! of one for each class and item.
//!
//! Classes stand side by side in `L` lanes, a constant, so that the loops over them become vector
//! instructions; lanes from the number of classes on are empty and have the prior 0.

use rayon::prelude::*;

use super::logit;
use super::patterns::Patterns;

/// All that is estimated.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Parameters<const L: usize> {
    /// For each line of the table of probabilities that of each class.
    pub(super) lines: Vec<[f64; L]>,
    /// For the constant and each covariate, scaled as in the groups, the coefficient of each class.
    pub(super) coefficients: Vec<[f64; L]>,
}

/// What does not change from step to step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Problem<'a> {
    pub(super) patterns: &'a Patterns,
    pub(super) n_classes: usize,
    /// The weight of each item on the log-likelihood.
    pub(super) item_weights: &'a [f64],
    /// How many further answers each category has in each class.
    pub(super) smoothing: f64,
}

/// Where a step began and where it led.
#[derive(Debug, Clone)]
pub(super) struct Step<const L: usize> {
    /// The log-likelihood of the parameters that the step began with.
    pub(super) log_likelihood: f64,
    /// The same and what smoothing adds: no step makes it smaller.
    pub(super) objective: f64,
    pub(super) parameters: Parameters<L>,
}

/// Expected rows.
struct Expected<const L: usize> {
    log_likelihood: f64,
    /// In each line of the table, by class.
    lines: Vec<[f64; L]>,
    /// In each group, by class.
    groups: Vec<[f64; L]>,
}

/// How the rows are divided among the classes.
#[derive(Debug, Clone)]
pub(super) struct Divided<const L: usize> {
    /// How many each class has.
    pub(super) classes: [f64; L],
    /// `Σ −p ln p` over the memberships p of all rows.
    pub(super) entropy: f64,
}

/// No probability that a likelihood is made of is taken to be smaller; eight of them in a row cannot vanish.
pub(super) const LEAST_FACTOR: f64 = 1e-30;

/// So many factors are multiplied before a product is looked at.
const FACTORS: usize = 8;

/// Products that have become smaller are scaled.
const SMALL: f64 = 1e-60;

/// So many patterns are summed up in one go; sums of these are added in their order, whatever the number of threads.
const CHUNK: usize = 2048;

impl Problem<'_> {
    /// One step from these parameters.
    pub(super) fn step<const L: usize>(&self, parameters: &Parameters<L>) -> Step<L> {
        let priors = logit::priors(&self.patterns.groups, &parameters.coefficients, self.n_classes);
        let expected = self.expect(&self.factors(parameters), &priors);
        let mut penalty = 0.0;
        if self.smoothing > 0.0 {
            let lines = self.patterns.items.iter().zip(self.item_weights);
            let logs = lines.flat_map(|(item, weight)| {
                let lines = parameters.lines[item.lines()].iter().flat_map(|line| &line[..self.n_classes]);
                lines.map(move |p| weight * p.max(LEAST_FACTOR).ln())
            });
            penalty = self.smoothing * logs.sum::<f64>();
        }
        let coefficients = logit::maximise(
            &self.patterns.groups,
            &expected.groups,
            &parameters.coefficients,
            self.n_classes,
        );
        Step {
            log_likelihood: expected.log_likelihood,
            objective: expected.log_likelihood + penalty,
            parameters: Parameters { lines: self.shares_of_answers(&expected.lines), coefficients },
        }
    }

    /// How the rows are divided among the classes under these parameters.
    pub(super) fn divided<const L: usize>(&self, parameters: &Parameters<L>) -> Divided<L> {
        let patterns = self.patterns;
        let factors = self.factors(parameters);
        let priors = logit::priors(&patterns.groups, &parameters.coefficients, self.n_classes);
        let mut divided = Divided { classes: [0.0; L], entropy: 0.0 };
        let n_items = patterns.items.len();
        for (lines, bound) in patterns.lines.chunks_exact(n_items).zip(patterns.first_cells.windows(2)) {
            let (likelihoods, _) = likelihoods(&factors, lines);
            for cell in &patterns.cells[bound[0]..bound[1]] {
                let mut rows = likelihoods;
                rows.iter_mut().zip(&priors[cell.group]).for_each(|(row, prior)| *row *= prior);
                let total = rows.iter().sum::<f64>().max(f64::MIN_POSITIVE);
                for (sum, row) in divided.classes.iter_mut().zip(&rows).filter(|(_, row)| **row > 0.0) {
                    let p = row / total;
                    *sum += cell.weight * p;
                    divided.entropy -= cell.weight * p * p.ln();
                }
            }
        }
        divided
    }

    /// `p^w` for each line and class.
    fn factors<const L: usize>(&self, parameters: &Parameters<L>) -> Vec<[f64; L]> {
        let mut factors = parameters.lines.clone();
        for (item, weight) in self.patterns.items.iter().zip(self.item_weights) {
            for value in factors[item.lines()].iter_mut().flatten() {
                *value = if *weight == 1.0 { *value } else { value.powf(*weight) }.max(LEAST_FACTOR);
            }
        }
        factors
    }

    /// `p = (n + s) / Σ (n + s)` over the categories of each item, in each class; even where a class has no answers at all.
    pub(super) fn shares_of_answers<const L: usize>(&self, counts: &[[f64; L]]) -> Vec<[f64; L]> {
        let mut lines = vec![[1.0; L]; counts.len()];
        for item in &self.patterns.items {
            let mut totals = [0.0; L];
            for count in &counts[item.lines()] {
                totals.iter_mut().zip(count).for_each(|(total, n)| *total += n + self.smoothing);
            }
            for (line, count) in lines[item.lines()].iter_mut().zip(&counts[item.lines()]) {
                for ((p, n), total) in line.iter_mut().zip(count).zip(&totals) {
                    let even = 1.0 / item.n_categories as f64;
                    *p = if *total > f64::MIN_POSITIVE { (n + self.smoothing) / total } else { even };
                }
            }
        }
        lines
    }

    /// The rows that each line and each group has in each class, and the log-likelihood.
    fn expect<const L: usize>(&self, factors: &[[f64; L]], priors: &[[f64; L]]) -> Expected<L> {
        let patterns = self.patterns;
        let n_items = patterns.items.len();
        // Groups are few or as many as rows: there they are added up apart from the chunks.
        let mut of_cells = vec![[0.0; L]; if priors.len() > 1 { patterns.cells.len() } else { 0 }];
        let mut rest = &mut of_cells[..];
        let mut chunks = vec![];
        for (place, lines) in patterns.lines.chunks(CHUNK * n_items).enumerate() {
            let first = place * CHUNK;
            let bounds = &patterns.first_cells[first..=first + lines.len() / n_items];
            let (own, others) = rest.split_at_mut(rest.len().min(bounds[bounds.len() - 1] - bounds[0]));
            rest = others;
            chunks.push((lines, bounds, own));
        }
        let sums: Vec<Expected<L>> = chunks
            .into_par_iter()
            .map(|(lines, bounds, of_cells)| self.expect_chunk(factors, priors, lines, bounds, of_cells))
            .collect();
        let mut sum = Expected {
            log_likelihood: 0.0,
            lines: vec![[0.0; L]; factors.len()],
            groups: vec![[0.0; L]; priors.len()],
        };
        for part in sums {
            sum.log_likelihood += part.log_likelihood;
            sum.lines.iter_mut().zip(&part.lines).for_each(|(line, more)| add(line, more));
            sum.groups.iter_mut().zip(&part.groups).for_each(|(group, more)| add(group, more));
        }
        for (cell, rows) in patterns.cells.iter().zip(&of_cells) {
            add(&mut sum.groups[cell.group], rows);
        }
        sum
    }

    /// The same for some patterns, whose cells lie between the bounds; the rows of each cell where there are several groups.
    fn expect_chunk<const L: usize>(
        &self,
        factors: &[[f64; L]],
        priors: &[[f64; L]],
        lines: &[u32],
        bounds: &[usize],
        of_cells: &mut [[f64; L]],
    ) -> Expected<L> {
        let mut sum = Expected { log_likelihood: 0.0, lines: vec![[0.0; L]; factors.len()], groups: vec![] };
        let mut all = [0.0; L];
        for (lines, bound) in lines.chunks_exact(self.patterns.items.len()).zip(bounds.windows(2)) {
            let (likelihoods, ln_scale) = likelihoods(factors, lines);
            let mut of_pattern = [0.0; L];
            for place in bound[0]..bound[1] {
                let cell = self.patterns.cells[place];
                let mut rows = likelihoods;
                rows.iter_mut().zip(&priors[cell.group]).for_each(|(row, prior)| *row *= prior);
                let total: f64 = rows.iter().sum::<f64>().max(f64::MIN_POSITIVE);
                sum.log_likelihood += cell.weight * (total.ln() + ln_scale);
                let share = cell.weight / total;
                rows.iter_mut().for_each(|row| *row *= share);
                add(&mut of_pattern, &rows);
                if let Some(of_cell) = of_cells.get_mut(place - bounds[0]) {
                    *of_cell = rows;
                }
            }
            lines.iter().for_each(|line| add(&mut sum.lines[*line as usize], &of_pattern));
            add(&mut all, &of_pattern);
        }
        if priors.len() == 1 {
            sum.groups.push(all);
        }
        sum
    }
}

/// The product of the factors of these lines for each class, divided by a number whose logarithm is the second value.
fn likelihoods<const L: usize>(factors: &[[f64; L]], lines: &[u32]) -> ([f64; L], f64) {
    let (mut product, mut ln_scale) = ([1.0; L], 0.0);
    for lines in lines.chunks(FACTORS) {
        for line in lines {
            product.iter_mut().zip(&factors[*line as usize]).for_each(|(value, factor)| *value *= factor);
        }
        let largest = product.iter().copied().fold(0.0, f64::max);
        if largest < SMALL {
            product.iter_mut().for_each(|value| *value /= largest);
            ln_scale += largest.ln();
        }
    }
    (product, ln_scale)
}

/// Adds numbers lane by lane.
pub(super) fn add<const L: usize>(sum: &mut [f64; L], more: &[f64; L]) {
    sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
}
