//! Scoring: the log-odds of rows that the trees have not seen.

use rayon::prelude::*;
use thiserror::Error;

use super::{Ensemble, Node, Tree};

/// Trees that were checked: every child exists and stands after its parent, every column exists, every number is finite.
#[derive(Debug, Clone)]
pub struct Scorer {
    n_columns: usize,
    base: f64,
    /// The nodes of all trees, one after another.
    steps: Vec<Step>,
    /// What the leaf at the same place adds.
    values: Vec<f64>,
    /// Where each tree begins, and how many steps it takes at most.
    roots: Vec<(usize, u32)>,
}

/// A node without what scoring does not need. A leaf leads to itself, so that all rows may take the same number of steps.
#[derive(Debug, Clone, Copy)]
struct Step {
    threshold: f64,
    column: u32,
    /// Left and right: one of two is read, since a branch would be mispredicted for every other row.
    children: [u32; 2],
    missing_right: bool,
}

/// Why trees cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum EnsembleError {
    /// A tree has no root.
    #[error("cannot score with tree {tree}: it has no node; hint: was it stored whole?")]
    Empty {
        /// The tree's place.
        tree: usize,
    },
    /// A node leads nowhere, or backwards.
    #[error(
        "cannot score with tree {tree}: the children of node {node} do not stand after it; hint: was it stored whole?"
    )]
    Child {
        /// The tree's place.
        tree: usize,
        /// The node's place.
        node: usize,
    },
    /// A node looks at a column that does not exist.
    #[error(
        "cannot score with tree {tree}: node {node} looks at column {column} of {n_columns}; hint: were the names changed?"
    )]
    Column {
        /// The tree's place.
        tree: usize,
        /// The node's place.
        node: usize,
        /// The column it looks at.
        column: u32,
        /// How many columns have names.
        n_columns: usize,
    },
    /// A number is infinite or none.
    #[error(
        "cannot score with tree {tree}: a number of node {node} is not finite, or its cover not above 0; hint: was it stored whole?"
    )]
    Number {
        /// The tree's place.
        tree: usize,
        /// The node's place.
        node: usize,
    },
    /// The log-odds to begin with are infinite or none.
    #[error("cannot score with a base of {base}; hint: was the model stored whole?")]
    Base {
        /// The base.
        base: f64,
    },
}

/// As many rows are brought together from their columns before the trees go over them, so that both stay in the cache.
const BLOCK: usize = 256;

/// As many rows go down a tree side by side, so that while one waits for its next node, others move.
const TOGETHER: usize = 8;

impl Scorer {
    /// Checks the trees.
    pub fn new(ensemble: &Ensemble) -> Result<Scorer, EnsembleError> {
        let base = ensemble.base;
        if !base.is_finite() {
            return Err(EnsembleError::Base { base });
        }
        let mut scorer = Scorer {
            n_columns: ensemble.names.len(),
            base,
            steps: Vec::new(),
            values: Vec::new(),
            roots: Vec::new(),
        };
        for (place, tree) in ensemble.trees.iter().enumerate() {
            check(place, tree, ensemble.names.len())?;
            let begin = scorer.steps.len();
            scorer.roots.push((begin, depth(&tree.nodes)));
            for node in &tree.nodes {
                scorer.steps.push(Step {
                    threshold: node.threshold,
                    column: node.column,
                    children: [begin as u32 + node.left, begin as u32 + node.right],
                    missing_right: !node.missing_left,
                });
                scorer.values.push(node.value);
            }
        }
        Ok(scorer)
    }

    /// The log-odds of a row, its values in the order of the names. A value that is not finite, or not there, is missing.
    pub fn margin(&self, row: &[f64]) -> f64 {
        let mut values = vec![f64::NAN; self.n_columns];
        values.iter_mut().zip(row).for_each(|(value, given)| *value = finite(*given));
        let mut margin = [self.base];
        self.add(&values, &mut margin);
        margin[0]
    }

    /// The log-odds of many rows, by columns in the order of the names; as many as the longest column has.
    pub fn margins(&self, columns: &[&[f64]]) -> Vec<f64> {
        let n_rows = columns.iter().map(|column| column.len()).max().unwrap_or(0);
        let mut margins = vec![self.base; n_rows];
        let score = |values: &mut Vec<f64>, (block, margins): (usize, &mut [f64])| {
            let begin = block * BLOCK;
            values.clear();
            values.resize(margins.len() * self.n_columns, f64::NAN);
            for (place, column) in columns.iter().take(self.n_columns).enumerate() {
                let given = column.get(begin..).unwrap_or_default();
                for (row, value) in values.chunks_exact_mut(self.n_columns).zip(given) {
                    row[place] = finite(*value);
                }
            }
            self.add(values, margins);
        };
        margins.par_chunks_mut(BLOCK).enumerate().for_each_init(Vec::new, score);
        margins
    }

    /// Adds all trees to the margins of rows whose values stand side by side.
    fn add(&self, values: &[f64], margins: &mut [f64]) {
        let together = TOGETHER * self.n_columns;
        for (root, depth) in &self.roots {
            for (margins, values) in margins.chunks_mut(TOGETHER).zip(values.chunks(together)) {
                let mut at = [*root as u32; TOGETHER];
                for _ in 0..*depth {
                    for (at, row) in at.iter_mut().zip(values.chunks_exact(self.n_columns)) {
                        *at = self.steps[*at as usize].next(row);
                    }
                }
                for (margin, at) in margins.iter_mut().zip(at) {
                    *margin += self.values[at as usize];
                }
            }
        }
    }
}

impl Step {
    fn next(&self, row: &[f64]) -> u32 {
        let value = row[self.column as usize];
        let goes_right = (value > self.threshold) | (self.missing_right & value.is_nan());
        self.children[usize::from(goes_right)]
    }
}

/// Adds one tree to the margins of rows given by columns, which have no infinite values.
pub(super) fn add_tree(tree: &Tree, columns: &[&[f64]], margins: &mut [f64]) {
    margins.par_iter_mut().enumerate().with_min_len(1 << 12).for_each(|(row, margin)| {
        let mut at = 0;
        loop {
            let node = &tree.nodes[at];
            if node.left as usize == at {
                *margin += node.value;
                break;
            }
            let value = columns[node.column as usize][row];
            let goes_left = value <= node.threshold || (node.missing_left && value.is_nan());
            at = (if goes_left { node.left } else { node.right }) as usize;
        }
    });
}

/// A value as trees take it: what is not finite is missing.
pub(super) fn finite(value: f64) -> f64 {
    if value.is_finite() { value } else { f64::NAN }
}

pub(super) fn is_leaf(place: usize, node: &Node) -> bool {
    node.left as usize == place
}

fn check(tree: usize, nodes: &Tree, n_columns: usize) -> Result<(), EnsembleError> {
    let n_nodes = nodes.nodes.len();
    if n_nodes == 0 {
        return Err(EnsembleError::Empty { tree });
    }
    for (place, node) in nodes.nodes.iter().enumerate() {
        let children = [node.left as usize, node.right as usize];
        let is_leaf = children == [place; 2];
        if !is_leaf && children.iter().any(|child| *child <= place || *child >= n_nodes) {
            return Err(EnsembleError::Child { tree, node: place });
        }
        if node.column as usize >= n_columns {
            return Err(EnsembleError::Column { tree, node: place, column: node.column, n_columns });
        }
        let is_finite = node.threshold.is_finite() && node.value.is_finite() && node.cover.is_finite();
        if !(is_finite && node.cover > 0.0) {
            return Err(EnsembleError::Number { tree, node: place });
        }
    }
    Ok(())
}

/// The most steps from the root to a leaf. Parents stand before their children.
fn depth(nodes: &[Node]) -> u32 {
    let mut depths = vec![0; nodes.len()];
    for (place, node) in nodes.iter().enumerate() {
        if !is_leaf(place, node) {
            let below = depths[place] + 1;
            for child in [node.left, node.right] {
                depths[child as usize] = below.max(depths[child as usize]);
            }
        }
    }
    depths.into_iter().max().unwrap_or(0)
}
