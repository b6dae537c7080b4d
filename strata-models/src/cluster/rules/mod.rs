//! Clusters as rules that a marketer can read: a shallow tree that says in the traits' own units who is in which, and how far that is true.
//!
//! Rows are parted into those that the tree grows on (60 %), those that it is pruned by (20 %: the smallest tree within one standard
//! error of the best), and those that nothing was learned from (20 %), on which all figures are taken. Clusters weigh alike, however
//! large they are. Thresholds are then rounded as far as the tree says nearly the same.

mod column;
mod condition;
mod split;
#[cfg(test)]
mod tests;
mod tree;

pub(crate) use self::column::check;
pub use self::column::{Column, Values};
use self::condition::merged;
pub use self::condition::{Condition, Test, all_hold};
use self::split::Side;
use self::tree::{Limits, Tree, inner};
use super::error::ClusterError;
use super::partition::{OUTSIDE, distinct, same_length};
use super::resample::{seed_at, shuffled};
use serde::{Deserialize, Serialize};
use std::fmt::{Display, Formatter};

/// With fewer rows in clusters there is nothing to hold out.
const FEWEST_ROWS: usize = 30;
/// Rounding may cost this much fidelity.
const MOST_LOSS: f64 = 0.01;

/// How rules are made.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RuleOptions {
    /// How many conditions a rule may have on its way down the tree.
    pub depth: usize,
    /// How many rules there may be for each cluster, on average.
    pub rules_per_cluster: usize,
    /// The least share of rows that a rule is for.
    pub least_share: f64,
    /// Below this fidelity rules are not to be shown.
    pub least_fidelity: f64,
    /// With more rows, as many are drawn.
    pub most_rows: usize,
}

impl Default for RuleOptions {
    fn default() -> Self {
        let (depth, rules_per_cluster, most_rows) = (4, 2, 50_000);
        Self { depth, rules_per_cluster, least_share: 0.01, least_fidelity: 0.8, most_rows }
    }
}

/// Clusters in rules. Each row meets one rule at most; it meets none only with a category, or a missing value, that no row had that
/// they were learned from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rules {
    /// The rules in the order of clusters, those that cover most first. A cluster that no leaf is for has none.
    pub rules: Vec<Rule>,
    /// The mean over clusters of the share of held-out rows whose cluster the rules tell: balanced accuracy.
    pub fidelity: f64,
    /// The same before thresholds were rounded.
    pub fidelity_unrounded: f64,
    /// Whether the fidelity is what is asked for: otherwise a segment is a list of customers and no rule.
    pub readable: bool,
    /// How many held-out rows the figures are taken on.
    pub n_held_out: usize,
}

/// One way to be in a cluster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// The cluster.
    pub cluster: u32,
    /// What a row has to meet, all of it; nothing where the tree is but a root.
    pub conditions: Vec<Condition>,
    /// How many held-out rows meet it.
    pub n_matched: usize,
    /// The share of those that are in the cluster; none where there are none.
    pub precision: Option<f64>,
    /// The share of the cluster's held-out rows that meet it; none where there are none.
    pub coverage: Option<f64>,
}

impl Display for Rule {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let conditions: Vec<String> = self.conditions.iter().map(Condition::to_string).collect();
        let all = if conditions.is_empty() { "everybody".to_owned() } else { conditions.join(" and ") };
        match (self.coverage, self.precision) {
            (Some(coverage), Some(precision)) => {
                let (coverage, precision) = (100.0 * coverage, 100.0 * precision);
                write!(
                    f,
                    "{all} (covers {coverage:.0} % of the segment, {precision:.0} % of those matched are in it)"
                )
            }
            _ => write!(f, "{all} (nobody held out to check it on)"),
        }
    }
}

/// Puts clusters into rules over columns, which need not be those that the clusters were made from. Rows that are [`OUTSIDE`] are left
/// out.
///
/// # Errors
/// [`ClusterError`] for columns and labels of unequal lengths, fewer than 30 rows in clusters, fewer than two clusters, and settings out
/// of range.
pub fn rules(
    columns: &[Column],
    labels: &[u32],
    options: &RuleOptions,
    seed: u64,
) -> Result<Rules, ClusterError> {
    column::check(columns, labels.len())?;
    same_length(labels, columns[0].n_rows())?;
    check_settings(options)?;
    let clusters = distinct(labels);
    let mut rows: Vec<usize> = shuffled(labels.len(), seed_at(seed, 0));
    rows.retain(|row| labels[*row] != OUTSIDE);
    if rows.len() < FEWEST_ROWS || clusters.len() < 2 {
        return Err(ClusterError::NotFound {
            model: "the tree of rules",
            reason: "there are fewer than 30 rows in clusters, or fewer than two clusters",
            hint: "give rules only to clusters that there are",
        });
    }
    rows.truncate(options.most_rows);
    let classes: Vec<usize> = labels.iter().map(|label| clusters.binary_search(label).unwrap_or(0)).collect();
    let n = rows.len();
    let held_out = rows.split_off(n - n / 5);
    let pruning = rows.split_off(n - 2 * (n / 5));
    let growing = rows;

    let mut weights = vec![0.0; clusters.len()];
    growing.iter().for_each(|row| weights[classes[*row]] += 1.0);
    weights.iter_mut().for_each(|n| *n = if *n > 0.0 { growing.len() as f64 / *n } else { 0.0 });
    let rows_of_leaf = ((options.least_share * growing.len() as f64).ceil() as usize).max(1);
    let n_leaves = options.rules_per_cluster * clusters.len();
    let limits = Limits { depth: options.depth, n_leaves, rows_of_leaf };
    let grown = Tree::grow(columns, growing.clone(), &classes, &weights, limits);
    let judge = |tree: &Tree, rows: &[usize]| accuracy(tree, columns, rows, &classes, clusters.len());

    let trees = grown.pruned();
    let judged: Vec<Accuracy> = trees.iter().map(|tree| judge(tree, &pruning)).collect();
    let best = judged.iter().fold(judged[0], |best, next| if next.mean > best.mean { *next } else { best });
    let bar = best.mean - best.standard_error;
    let Some((tree, _)) = trees.into_iter().zip(&judged).rev().find(|(_, judged)| judged.mean >= bar) else {
        return Err(ClusterError::NotFound {
            model: "the tree of rules",
            reason: "no tree could be judged",
            hint: "give it more rows",
        });
    };

    let learned_on = [growing, pruning].concat();
    let rounded = rounded(tree.clone(), columns, &learned_on, &judge);
    let fidelity = judge(&rounded, &held_out).mean;
    let mut found = rules_of(&rounded, columns, &held_out, &classes, &clusters);
    found.sort_by(|a, b| {
        a.cluster.cmp(&b.cluster).then(b.coverage.unwrap_or(0.0).total_cmp(&a.coverage.unwrap_or(0.0)))
    });
    Ok(Rules {
        rules: found,
        fidelity,
        fidelity_unrounded: judge(&tree, &held_out).mean,
        readable: fidelity >= options.least_fidelity,
        n_held_out: held_out.len(),
    })
}

fn check_settings(options: &RuleOptions) -> Result<(), ClusterError> {
    let refuse = |option, value, hint| Err(ClusterError::Option { option, value, hint });
    if !(1..=10).contains(&options.depth) {
        return refuse("depth", options.depth as f64, "give 1 to 10 conditions; 4 are usual");
    }
    if options.rules_per_cluster == 0 {
        return refuse("rules_per_cluster", 0.0, "give at least 1; 2 are usual");
    }
    if options.most_rows < FEWEST_ROWS {
        return refuse("most_rows", options.most_rows as f64, "give at least 30; 50,000 are usual");
    }
    let shares = [("least_share", options.least_share), ("least_fidelity", options.least_fidelity)];
    match shares.into_iter().find(|(_, share)| !(0.0..=1.0).contains(share)) {
        Some((option, value)) => refuse(option, value, "give a share from 0 to 1"),
        None => Ok(()),
    }
}

/// A balanced accuracy, `Σ_c a_c / K` over the classes that rows have, and its standard error, `√(Σ_c a_c (1 − a_c) / n_c) / K`.
#[derive(Debug, Clone, Copy)]
struct Accuracy {
    mean: f64,
    standard_error: f64,
}

fn accuracy(
    tree: &Tree,
    columns: &[Column],
    rows: &[usize],
    classes: &[usize],
    n_classes: usize,
) -> Accuracy {
    let mut counts = vec![(0.0_f64, 0.0_f64); n_classes];
    for row in rows {
        let class = classes[*row];
        counts[class].0 += 1.0;
        counts[class].1 += f64::from(u8::from(tree.node(tree.leaf(columns, *row)).class == class));
    }
    let (mut n, mut sum, mut variance) = (0.0, 0.0, 0.0);
    for (n_rows, n_told) in counts.into_iter().filter(|(n_rows, _)| *n_rows > 0.0) {
        let share = n_told / n_rows;
        (n, sum, variance) = (n + 1.0, sum + share, variance + share * (1.0 - share) / n_rows);
    }
    Accuracy { mean: sum / n, standard_error: variance.sqrt() / n }
}

/// The tree with each threshold in as few digits as cost next to no fidelity, all together, and leave every leaf its rows.
fn rounded(
    tree: Tree,
    columns: &[Column],
    rows: &[usize],
    judge: &impl Fn(&Tree, &[usize]) -> Accuracy,
) -> Tree {
    let bar = judge(&tree, rows).mean - MOST_LOSS;
    let n_used = |tree: &Tree| {
        let mut is_used = vec![false; tree.n_nodes()];
        rows.iter().for_each(|row| is_used[tree.leaf(columns, *row)] = true);
        is_used.into_iter().filter(|is_used| *is_used).count()
    };
    let n_leaves = n_used(&tree);
    let mut found = tree;
    for place in inner(&found, 0) {
        let threshold = found.node(place).split.as_ref().and_then(|(split, ..)| split.threshold());
        let Some(threshold) = threshold else { continue };
        for digits in 1..=6 {
            let mut next = found.clone();
            next.set_threshold(place, in_digits(threshold, digits));
            if judge(&next, rows).mean >= bar && n_used(&next) == n_leaves {
                found = next;
                break;
            }
        }
    }
    found
}

/// The nearest number with so many digits that count.
fn in_digits(value: f64, digits: usize) -> f64 {
    // Through text, so that 0.3 is 0.3 and not the third multiple of a tenth, which is none.
    format!("{value:.*e}", digits.saturating_sub(1)).parse().unwrap_or(value)
}

fn rules_of(
    tree: &Tree,
    columns: &[Column],
    held_out: &[usize],
    classes: &[usize],
    clusters: &[u32],
) -> Vec<Rule> {
    let leaf_of: Vec<(usize, usize)> =
        held_out.iter().map(|row| (tree.leaf(columns, *row), classes[*row])).collect();
    let of_leaf = |(leaf, path): (usize, Vec<Condition>)| {
        let class = tree.node(leaf).class;
        let n_matched = leaf_of.iter().filter(|(other, _)| *other == leaf).count();
        let n_both = leaf_of.iter().filter(|found| **found == (leaf, class)).count();
        let n_cluster = leaf_of.iter().filter(|(_, of_row)| *of_row == class).count();
        let share = |n: usize| (n > 0).then(|| n_both as f64 / n as f64);
        let (precision, coverage) = (share(n_matched), share(n_cluster));
        Rule { cluster: clusters[class], conditions: merged(&path), n_matched, precision, coverage }
    };
    paths(tree, columns, 0, Vec::new()).into_iter().map(of_leaf).collect()
}

/// The leaves under a node, each with what leads there.
fn paths(
    tree: &Tree,
    columns: &[Column],
    place: usize,
    path: Vec<Condition>,
) -> Vec<(usize, Vec<Condition>)> {
    let Some((split, left, right)) = &tree.node(place).split else { return vec![(place, path)] };
    let step = |side| [path.clone(), vec![split.condition(&columns[split.column], side)]].concat();
    [paths(tree, columns, *left, step(Side::Left)), paths(tree, columns, *right, step(Side::Right))].concat()
}
