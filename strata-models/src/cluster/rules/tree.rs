//! The tree under the rules: grown where it helps most, pruned to what held-out rows confirm.
//!
//! Breiman, L., Friedman, J. H., Olshen, R. A. and Stone, C. J. (1984). Classification and Regression Trees. Wadsworth, ch. 3 and 11.

use super::column::{Column, Values};
use super::split::{Side, Split, best_split};

/// A tree over some columns.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    nodes: Vec<Node>,
}

#[derive(Debug, Clone)]
pub(super) struct Node {
    /// The class, by its place, that most of the weight in it has.
    pub(super) class: usize,
    /// The weight that has another class.
    risk: f64,
    /// How it is split, and the places of both children; none for a leaf.
    pub(super) split: Option<(Split, usize, usize)>,
}

/// How far a tree may grow.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) depth: usize,
    pub(super) n_leaves: usize,
    pub(super) rows_of_leaf: usize,
}

impl Tree {
    /// Grows a tree on some rows, the split that makes leaves purest first. `classes` and `weights` (by class) say what each row is.
    pub(super) fn grow(
        columns: &[Column],
        rows: Vec<usize>,
        classes: &[usize],
        weights: &[f64],
        limits: Limits,
    ) -> Tree {
        let mut tree = Tree { nodes: Vec::new() };
        let mut open = Vec::new();
        let add = |tree: &mut Tree, open: &mut Vec<_>, rows: Vec<usize>, depth: usize| {
            let mut of_class = vec![0.0; weights.len()];
            rows.iter().for_each(|row| of_class[classes[*row]] += weights[classes[*row]]);
            let all: f64 = of_class.iter().sum();
            let heavier =
                |best: usize, next: usize| if of_class[next] > of_class[best] { next } else { best };
            let class = (0..of_class.len()).fold(0, heavier);
            tree.nodes.push(Node { class, risk: all - of_class[class], split: None });
            if depth < limits.depth {
                let found = best_split(columns, &rows, classes, weights, limits.rows_of_leaf);
                open.extend(found.map(|(gain, split)| (gain, split, tree.nodes.len() - 1, rows, depth)));
            }
        };
        add(&mut tree, &mut open, rows, 0);
        for _ in 1..limits.n_leaves {
            let gains = open.iter().enumerate().map(|(place, (gain, ..))| (*gain, place));
            let Some((_, best)) = gains.reduce(|best, next| if next.0 > best.0 { next } else { best }) else {
                break;
            };
            let (_, split, node, rows, depth) = open.swap_remove(best);
            let (left, right) =
                rows.into_iter().partition(|row| split.side(&columns[split.column], *row) == Side::Left);
            let at = tree.nodes.len();
            add(&mut tree, &mut open, left, depth + 1);
            add(&mut tree, &mut open, right, depth + 1);
            tree.nodes[node].split = Some((split, at, at + 1));
        }
        tree
    }

    pub(super) fn node(&self, place: usize) -> &Node {
        &self.nodes[place]
    }

    pub(super) fn n_nodes(&self) -> usize {
        self.nodes.len()
    }

    /// Sets a split's threshold.
    pub(super) fn set_threshold(&mut self, place: usize, threshold: f64) {
        if let Some((split, ..)) = &mut self.nodes[place].split {
            split.set_threshold(threshold);
        }
    }

    /// The leaf of a row.
    pub(super) fn leaf(&self, columns: &[Column], row: usize) -> usize {
        let mut at = 0;
        while let Some((split, left, right)) = &self.nodes[at].split {
            at = if split.side(&columns[split.column], row) == Side::Left { *left } else { *right };
        }
        at
    }

    /// The leaves under a node.
    pub(super) fn leaves(&self, place: usize) -> Vec<usize> {
        match &self.nodes[place].split {
            None => vec![place],
            Some((_, left, right)) => [self.leaves(*left), self.leaves(*right)].concat(),
        }
    }

    /// The tree and all that follow from it by taking back, again and again, the split that lowers the risk least per leaf, down to
    /// the root.
    pub(super) fn pruned(self) -> Vec<Tree> {
        let mut trees = vec![self];
        while let Some(tree) = trees.last() {
            let inner = self::inner(tree, 0);
            let per_leaf = |place: usize| {
                let leaves = tree.leaves(place);
                let risk: f64 = leaves.iter().map(|leaf| tree.nodes[*leaf].risk).sum();
                (tree.nodes[place].risk - risk) / (leaves.len() - 1) as f64
            };
            let weakest = inner.into_iter().map(|place| (per_leaf(place), place));
            let Some((_, weakest)) = weakest.reduce(|a, b| if b.0 < a.0 { b } else { a }) else { break };
            let mut next = tree.clone();
            next.nodes[weakest].split = None;
            trees.push(next);
        }
        trees
    }
}

/// The nodes with a split that can be reached from a node.
pub(super) fn inner(tree: &Tree, place: usize) -> Vec<usize> {
    match &tree.nodes[place].split {
        None => Vec::new(),
        Some((_, left, right)) => [vec![place], inner(tree, *left), inner(tree, *right)].concat(),
    }
}

/// Whether some row of a column has no value.
pub(super) fn has_missing(column: &Column) -> bool {
    match &column.values {
        Values::Numbers(values) => values.iter().any(|value| value.is_nan()),
        Values::Categories { of_rows, .. } => of_rows.iter().any(Option::is_none),
    }
}
