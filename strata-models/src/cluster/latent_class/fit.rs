//! Fitting: many starts, the best end, and what is reported of it.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rayon::prelude::*;

use super::accelerate::{self, Found};
use super::em::Problem;
use super::model::{ItemProfile, LatentClasses, Membership, Search};
use super::patterns::Patterns;
use super::{standard_errors, start};
use crate::cluster::error::ClusterError;

/// The most classes that a model may have.
pub const MOST_CLASSES: usize = 32;

/// The most that an item may weigh.
pub const MOST_ITEM_WEIGHT: f64 = 10.0;

/// How to fit.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// How many classes, from 1 to [`MOST_CLASSES`].
    pub n_classes: usize,
    /// How many random starts, at least 1. Fewer than 10 often miss the best end. All are followed closely
    /// enough to see which end is the best, and up to 300 steps further to see which others reach it.
    pub n_starts: usize,
    /// A search ends at a step that adds no more than this to the log-likelihood (or no more than rounding does).
    pub tolerance: f64,
    /// The most steps that the best search goes on after the first part of it, which all searches take in 300 steps or fewer.
    pub most_steps: usize,
    /// How many further answers each category of each item has in each class: 0 is maximum likelihood, above
    /// 0 no probability becomes 0.
    pub smoothing: f64,
    /// The weight of each item on the log-likelihood, from 0 to [`MOST_ITEM_WEIGHT`]; none for 1 each. An
    /// item of the weight 0 is described by class, but has no part in the classes.
    pub item_weights: Option<Vec<f64>>,
}

impl Settings {
    /// So many classes by maximum likelihood, from 10 starts.
    pub fn of(n_classes: usize) -> Settings {
        Settings {
            n_classes,
            n_starts: 10,
            tolerance: 1e-10,
            most_steps: 2000,
            smoothing: 0.0,
            item_weights: None,
        }
    }
}

impl LatentClasses {
    /// Fits classes to patterns of answers. Starts are drawn from the seed, each from a sequence of its own.
    ///
    /// Refuses settings out of their range, and fewer different patterns than classes.
    pub fn fit(patterns: &Patterns, settings: &Settings, seed: u64) -> Result<LatentClasses, ClusterError> {
        let item_weights = check(patterns, settings)?;
        let n_classes = settings.n_classes;
        let problem =
            Problem { patterns, n_classes, item_weights: &item_weights, smoothing: settings.smoothing };
        // A class for each lane, or one or two lanes empty: widths for which loops become whole vector instructions.
        match n_classes {
            1..=2 => search::<2>(&problem, settings, seed),
            3..=4 => search::<4>(&problem, settings, seed),
            5..=6 => search::<6>(&problem, settings, seed),
            7..=8 => search::<8>(&problem, settings, seed),
            9..=16 => search::<16>(&problem, settings, seed),
            _ => search::<MOST_CLASSES>(&problem, settings, seed),
        }
    }
}

/// The weight of each item.
fn check(patterns: &Patterns, settings: &Settings) -> Result<Vec<f64>, ClusterError> {
    let option = |option, value, hint| Err(ClusterError::Option { option, value, hint });
    let n_classes = settings.n_classes;
    if !(1..=MOST_CLASSES).contains(&n_classes) {
        return option("n_classes", n_classes as f64, "choose 1 to 32 classes");
    }
    if settings.n_starts == 0 {
        return option("n_starts", 0.0, "choose 10 starts or more");
    }
    if !(0.0..1.0).contains(&settings.tolerance) {
        return option("tolerance", settings.tolerance, "choose a number from 0 to below 1, such as 1e-10");
    }
    if settings.most_steps < 2 {
        return option("most_steps", settings.most_steps as f64, "choose 2 steps or more, such as 2000");
    }
    if !(0.0..=1e6).contains(&settings.smoothing) {
        return option("smoothing", settings.smoothing, "choose 0, or a small number of answers such as 0.5");
    }
    if patterns.n_patterns() < n_classes {
        return Err(ClusterError::TooFewRows { n_distinct: patterns.n_patterns(), n_clusters: n_classes });
    }
    let n_items = patterns.items.len();
    let weights = settings.item_weights.clone().unwrap_or_else(|| vec![1.0; n_items]);
    if weights.len() != n_items {
        return option("number of item weights", weights.len() as f64, "give each item one weight");
    }
    if let Some(weight) = weights.iter().copied().find(|weight| !(0.0..=MOST_ITEM_WEIGHT).contains(weight)) {
        return option("weight of an item", weight, "weigh items from 0 to 10");
    }
    if weights.iter().sum::<f64>() <= 0.0 {
        return option("weight of all items", 0.0, "give an item a weight above 0");
    }
    Ok(weights)
}

fn search<const L: usize>(
    problem: &Problem<'_>,
    settings: &Settings,
    seed: u64,
) -> Result<LatentClasses, ClusterError> {
    // One class has one maximum.
    let n_starts = if problem.n_classes == 1 { 1 } else { settings.n_starts };
    let begin = |place: u64| {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(place);
        let start = start::random(problem, &mut generator);
        let tolerance = settings.tolerance.max(COARSE * problem.patterns.weight);
        accelerate::maximise(problem, start, tolerance, settings.most_steps.min(COARSE_STEPS))
    };
    let mut ends: Vec<Found<L>> = (0..n_starts as u64).into_par_iter().map(begin).collect();
    ends.retain(|end| end.objective.is_finite());
    // A stable order: of equally good ends the first.
    ends.sort_by(|one, other| other.objective.total_cmp(&one.objective));
    let mut ends = ends.into_iter();
    let Some(first) = ends.next() else {
        let (model, reason) = ("latent class analysis", "no search ended at a finite likelihood");
        let hint = "ask for fewer classes, or join rare categories";
        return Err(ClusterError::NotFound { model, reason, hint });
    };
    let go_on = |end: Found<L>, most_steps: usize| {
        let further = accelerate::maximise(problem, end.parameters, settings.tolerance, most_steps);
        Found { n_steps: end.n_steps + further.n_steps, ..further }
    };
    let mut best = go_on(first, settings.most_steps);
    let others: Vec<Found<L>> = ends.collect();
    let others: Vec<Found<L>> =
        others.into_par_iter().map(|end| go_on(end, settings.most_steps.min(COARSE_STEPS))).collect();
    let mut objectives: Vec<f64> = others.iter().map(|end| end.objective).collect();
    objectives.push(best.objective);
    let rival =
        others.into_iter().reduce(|best, end| if end.objective > best.objective { end } else { best });
    if let Some(rival) = rival.filter(|rival| rival.objective > best.objective) {
        best = if rival.converged { rival } else { go_on(rival, settings.most_steps) };
    }
    let reached = best.objective - (SAME_END + 1e-9 * best.objective.abs());
    let search = Search {
        n_starts,
        n_best_found: objectives.iter().filter(|objective| **objective >= reached).count().max(1),
        converged: best.converged,
        n_iterations: best.n_steps,
    };
    Ok(describe(problem, &best, search))
}

/// The first part of each search ends at a step that adds no more than this for each row, from where the best
/// goes on to the end.
const COARSE: f64 = 1e-8;

/// The most steps of the first part of each search, and of what the others than the best then still go.
const COARSE_STEPS: usize = 300;

/// Searches whose ends differ by no more than this reached the same maximum, as far as they went.
const SAME_END: f64 = 1e-4;

/// The model with its classes in the order of their shares.
fn describe<const L: usize>(problem: &Problem<'_>, end: &Found<L>, search: Search) -> LatentClasses {
    let (patterns, n_classes) = (problem.patterns, problem.n_classes);
    let rows = problem.divided(&end.parameters);
    let mut order: Vec<usize> = (0..n_classes).collect();
    order.sort_by(|one, other| rows.classes[*other].total_cmp(&rows.classes[*one]));
    let parameters = &end.parameters;
    let item = |(item, weight): (&super::patterns::PatternItem, &f64)| ItemProfile {
        name: item.name.clone(),
        weight: *weight,
        probabilities: order
            .iter()
            .map(|class| parameters.lines[item.lines()].iter().map(|line| line[*class]).collect())
            .collect(),
    };
    let items: Vec<ItemProfile> = patterns.items.iter().zip(problem.item_weights).map(item).collect();
    let shares: Vec<f64> = order.iter().map(|class| rows.classes[*class] / patterns.weight).collect();
    let scaled: Vec<Vec<f64>> = order
        .iter()
        .map(|class| parameters.coefficients.iter().map(|row| row[*class] - row[order[0]]).collect())
        .collect();
    let groups = &patterns.groups;
    let explained = (!groups.names.is_empty()).then(|| membership(problem, &items, &scaled));
    let width = groups.width();
    let n_free: usize = patterns.items.iter().map(|item| item.n_categories - 1).sum();
    let n_parameters = (n_classes - 1) * width + n_classes * n_free;
    let figures = (end.log_likelihood, n_parameters, patterns.weight, rows.entropy);
    LatentClasses::report(items, shares, explained, search, figures)
}

/// How covariates move people between classes, by coefficients that are relative to those of the first class.
pub(super) fn membership(problem: &Problem<'_>, items: &[ItemProfile], scaled: &[Vec<f64>]) -> Membership {
    let groups = &problem.patterns.groups;
    // What the others are held against has no coefficients of its own.
    let others = scaled.iter().skip(1);
    Membership {
        covariates: groups.names.clone(),
        coefficients: others.map(|scaled| groups.unscale(scaled)).collect(),
        standard_errors: standard_errors::of(problem, items, scaled),
    }
}
