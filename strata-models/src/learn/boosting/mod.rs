//! Gradient-boosted trees: the learner for columns that matter only together, or not in a line.
//!
//! # The fit
//!
//! The log-odds of a row are `base + Σ_t v_t(x)`, with `v_t(x)` the value of the leaf of tree t that the row falls into. Each tree is
//! grown on the slope and curvature of the logistic loss at what the trees before it say: with weight w, label y and probability p,
//!
//! `g = w (p − y)`, `h = w p (1 − p)`, and for a leaf with sums G and H the value `−shrinkage · G / (H + ridge)`.
//!
//! A node is split where `G_L² / (H_L + ridge) + G_R² / (H_R + ridge) − G² / (H + ridge)` is largest, all columns and up to 255
//! quantiles of each considered, rows without the value tried on both sides. Of equal splits the first column's lowest is taken.
//!
//! # Exactness
//!
//! g is rounded once to about 10⁻⁶ of the largest weight, h to a quarter of that, and both are then summed as whole numbers. Sums of
//! whole numbers do not depend on their order: a fit is the same to the last bit on any number of threads, and what is left of a
//! node without one child is exactly the other child. With equal weights, rounding moves the log-odds
//! that trees tend to by less than 10⁻⁶ / (p (1 − p)).
//!
//! # Cost
//!
//! For n rows and p columns 2·n·p bytes of bins, 30 bytes a row, and histograms of 16 bytes a bin for each node of a level.
//!
//! Friedman, J. H. (2001). Greedy function approximation: a gradient boosting machine. Annals of Statistics 29, 1189–1232. Chen, T. &
//! Guestrin, C. (2016). XGBoost: a scalable tree boosting system. KDD '16 (gain, ridge, sides for missing values). Ke, G. et al.
//! (2017). LightGBM: a highly efficient gradient boosting decision tree. NIPS 30 (histograms, subtraction).

mod bins;
mod grow;
mod score;
mod shapley;
#[cfg(test)]
mod tests;

use rand_chacha::rand_core::RngCore;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use self::score::{EnsembleError, Scorer};
pub use self::shapley::Explainer;

use self::bins::Binned;
use self::grow::{Gradient, Grower, Grown};
use super::chance::Places;
use super::explain::sigmoid;
use super::matrix::{Matrix, MatrixError};

/// How trees are grown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoostingSettings {
    /// The most trees; 1 to 10,000.
    pub n_trees: usize,
    /// The most splits from root to leaf; 1 to 12.
    pub depth: usize,
    /// How much of a leaf's best value is taken; above 0, at most 1.
    pub shrinkage: f64,
    /// The share of rows that each tree sees; above 0, at most 1.
    pub row_share: f64,
    /// The share of columns that each tree may split, at least one column; above 0, at most 1.
    pub column_share: f64,
    /// What is added to the curvature of each leaf; 0 or more.
    pub ridge: f64,
    /// The least curvature of a leaf: `p (1 − p)` summed over its rows, a quarter of them at most. Above 0.
    pub least_curvature: f64,
    /// The most bins of a column; 2 to 255.
    pub n_bins: usize,
    /// After how many trees without a better loss on the validation rows to stop.
    pub patience: usize,
}

impl Default for BoostingSettings {
    fn default() -> BoostingSettings {
        BoostingSettings {
            n_trees: 300,
            depth: 4,
            shrinkage: 0.1,
            row_share: 0.8,
            column_share: 0.8,
            ridge: 1.0,
            least_curvature: 5.0,
            n_bins: 255,
            patience: 20,
        }
    }
}

/// The trees. Fields are plain, so that they can be kept anywhere; [`Scorer`] and [`Explainer`] check them before use.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ensemble {
    /// The columns, in the order in which rows are given for scoring.
    pub names: Vec<String>,
    /// The log-odds of the label among all training rows, to which the trees add.
    pub base: f64,
    /// The trees.
    pub trees: Vec<Tree>,
}

/// A tree: its nodes, the root first and children after their parents.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tree {
    /// The nodes.
    pub nodes: Vec<Node>,
}

/// A node of a tree; a leaf is its own child on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// The column that a split looks at.
    pub column: u32,
    /// Rows with at most this go left.
    pub threshold: f64,
    /// Whether rows without a value go left.
    pub missing_left: bool,
    /// The place of the left child.
    pub left: u32,
    /// The place of the right child.
    pub right: u32,
    /// What a leaf adds to the log-odds; 0 for a split.
    pub value: f64,
    /// The weight of all training rows that fall here.
    pub cover: f64,
}

/// A fit.
#[derive(Debug, Clone, PartialEq)]
pub struct Boosted {
    /// The trees, up to the one with which the validation rows had the best loss.
    pub ensemble: Ensemble,
    /// The mean log loss of the validation rows after each tree, also those grown after the best; empty where there are none.
    pub validation_losses: Vec<f64>,
}

/// Why trees cannot be grown.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum BoostingError {
    /// A setting is out of its range.
    #[error("cannot grow trees with {setting} {value}; hint: {range}")]
    Setting {
        /// The setting's name.
        setting: &'static str,
        /// What was set.
        value: f64,
        /// What may be.
        range: &'static str,
    },
    /// The validation rows have not the columns of the training rows.
    #[error("cannot validate the trees")]
    Validation(#[source] MatrixError),
}

/// The rows summed together, whatever the number of threads, so that sums are always rounded alike.
const PART: usize = 1 << 14;

/// Grows trees. With `validation` rows, which must be of a later date than the training rows to be honest, it stops when they are
/// no longer predicted better.
pub fn fit(
    matrix: &Matrix,
    validation: Option<&Matrix>,
    settings: &BoostingSettings,
    random: &mut impl RngCore,
) -> Result<Boosted, BoostingError> {
    check(settings)?;
    let later = match validation {
        Some(rows) => Some((rows, rows.select(matrix.names()).map_err(BoostingError::Validation)?)),
        None => None,
    };
    let binned = Binned::of(matrix, settings.n_bins, Places::new(random));
    let (weight, positives) = matrix.weight_and_positives();
    let base = (positives / (weight - positives)).ln();
    let mut margins = vec![base; matrix.n_rows()];
    let mut later_margins = vec![base; validation.map_or(0, Matrix::n_rows)];
    let mut ensemble = Ensemble { names: matrix.names().to_vec(), base, trees: Vec::new() };
    let mut validation_losses = Vec::new();
    let (mut best, mut best_loss) = (0, later.as_ref().map(|(rows, _)| loss(rows, &later_margins)));
    for n_grown in 1..=settings.n_trees {
        let gradients = gradients(matrix, &margins);
        let rows = chosen_rows(matrix, settings.row_share, Places::new(random));
        let columns = chosen_columns(matrix.names().len(), settings.column_share, Places::new(random));
        let grower = Grower { binned: &binned, gradients: &gradients, columns: &columns, settings };
        let mut grown = grower.grow(rows, unit(matrix));
        settle(&mut grown, &binned, matrix, &mut margins);
        if let (Some((rows, columns)), Some(least)) = (&later, &mut best_loss) {
            score::add_tree(&grown.tree, columns, &mut later_margins);
            let now = loss(rows, &later_margins);
            validation_losses.push(now);
            if now < *least {
                (best, *least) = (n_grown, now);
            }
        } else {
            best = n_grown;
        }
        let is_stump = grown.tree.nodes.len() == 1;
        ensemble.trees.push(grown.tree);
        // Without sampling, a tree that found nothing to split is followed by others like it.
        let is_last = is_stump && settings.row_share == 1.0 && settings.column_share == 1.0;
        if is_last || n_grown >= best + settings.patience {
            break;
        }
    }
    ensemble.trees.truncate(best);
    Ok(Boosted { ensemble, validation_losses })
}

fn check(settings: &BoostingSettings) -> Result<(), BoostingError> {
    let is_share = |share: f64| share > 0.0 && share <= 1.0;
    let count = |n: usize| n as f64;
    let checks = [
        ("n_trees", count(settings.n_trees), (1..=10_000).contains(&settings.n_trees), "1 to 10,000"),
        ("depth", count(settings.depth), (1..=12).contains(&settings.depth), "1 to 12"),
        ("shrinkage", settings.shrinkage, is_share(settings.shrinkage), "above 0, at most 1"),
        ("row_share", settings.row_share, is_share(settings.row_share), "above 0, at most 1"),
        ("column_share", settings.column_share, is_share(settings.column_share), "above 0, at most 1"),
        ("ridge", settings.ridge, settings.ridge >= 0.0 && settings.ridge.is_finite(), "0 or more"),
        (
            "least_curvature",
            settings.least_curvature,
            settings.least_curvature > 0.0 && settings.least_curvature.is_finite(),
            "above 0",
        ),
        ("n_bins", count(settings.n_bins), (2..=255).contains(&settings.n_bins), "2 to 255"),
        ("patience", count(settings.patience), settings.patience > 0, "1 or more"),
    ];
    match checks.into_iter().find(|(_, _, is_fine, _)| !is_fine) {
        Some((setting, value, _, range)) => Err(BoostingError::Setting { setting, value, range }),
        None => Ok(()),
    }
}

/// The size of a unit of slope, which is at most the weight, and of curvature, which is at most a quarter of it.
fn unit(matrix: &Matrix) -> [f64; 2] {
    let unit = matrix.most_weight() / grow::MOST_SLOPE as f64;
    [unit, unit / 4.0]
}

fn gradients(matrix: &Matrix, margins: &[f64]) -> Vec<Gradient> {
    let [of_slope, of_curvature] = unit(matrix).map(f64::recip);
    let of_row = |(row, margin): (usize, &f64)| {
        let p = sigmoid(*margin);
        let weight = matrix.weight(row);
        let slope = of_slope * weight * (p - f64::from(matrix.labels()[row]));
        let curvature = of_curvature * weight * p * (1.0 - p);
        (rounded(slope) << 32) + rounded(curvature)
    };
    margins.par_iter().enumerate().with_min_len(PART).map(of_row).collect()
}

/// To the nearest whole number, halves away from 0.
fn rounded(number: f64) -> i64 {
    (number + 0.5_f64.copysign(number)) as i64
}

/// Rows of no weight are never chosen.
fn chosen_rows(matrix: &Matrix, share: f64, places: Places) -> Vec<u32> {
    let is_chosen = |row: &u32| {
        (share == 1.0 || places.share(u64::from(*row)) < share) && matrix.weight(*row as usize) > 0.0
    };
    (0..matrix.n_rows() as u32).into_par_iter().with_min_len(PART).filter(is_chosen).collect()
}

/// A share of the columns, at least one, in ascending order.
fn chosen_columns(n_columns: usize, share: f64, places: Places) -> Vec<usize> {
    let n_chosen = ((share * n_columns as f64).round() as usize).clamp(1, n_columns);
    let mut chosen = places.order(n_columns);
    chosen.truncate(n_chosen);
    chosen.sort_unstable();
    chosen
}

/// Adds a tree to the margins of all training rows, seen by it or not, and counts who falls where.
fn settle(grown: &mut Grown, binned: &Binned, matrix: &Matrix, margins: &mut [f64]) {
    let nodes = &grown.tree.nodes;
    let bins = &grown.bins;
    let of_part = |(part, margins): (usize, &mut [f64])| {
        let mut covers = vec![0.0; nodes.len()];
        for (place, margin) in margins.iter_mut().enumerate() {
            let row = part * PART + place;
            let leaf = grow::leaf_of(bins, &binned.columns, row, grown.depth);
            *margin += nodes[leaf].value;
            covers[leaf] += matrix.weight(row);
        }
        covers
    };
    let parts: Vec<Vec<f64>> = margins.par_chunks_mut(PART).enumerate().map(of_part).collect();
    let mut covers = vec![0.0; nodes.len()];
    for part in parts {
        covers.iter_mut().zip(part).for_each(|(sum, cover)| *sum += cover);
    }
    // Children stand after their parents, so going backwards each child is complete before it is added.
    for place in (0..nodes.len()).rev() {
        let node = &mut grown.tree.nodes[place];
        if node.left as usize != place {
            covers[place] = covers[node.left as usize] + covers[node.right as usize];
        }
        node.cover = covers[place];
    }
}

/// The mean log loss by weight of rows with these log-odds.
fn loss(matrix: &Matrix, margins: &[f64]) -> f64 {
    let of_part = |(part, margins): (usize, &[f64])| {
        let mut sums = (0.0, 0.0);
        for (place, margin) in margins.iter().enumerate() {
            let row = part * PART + place;
            let against = if matrix.labels()[row] == 1 { -margin } else { *margin };
            let weight = matrix.weight(row);
            sums.0 += weight * (against.max(0.0) + (-against.abs()).exp().ln_1p());
            sums.1 += weight;
        }
        sums
    };
    let parts: Vec<(f64, f64)> = margins.par_chunks(PART).enumerate().map(of_part).collect();
    let (loss, weight) = parts.into_iter().fold((0.0, 0.0), |sum, part| (sum.0 + part.0, sum.1 + part.1));
    loss / weight
}
