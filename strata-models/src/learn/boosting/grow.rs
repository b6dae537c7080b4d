//! One tree, grown level by level on histograms of whole numbers.

use rayon::prelude::*;

use super::bins::Binned;
use super::{BoostingSettings, Node, Tree};

/// Slope and curvature of the loss of one row, in units.
pub(super) type Gradient = [i32; 2];

/// Slope and curvature summed, in the same units.
type Sum = [i64; 2];

/// What one tree is grown on.
pub(super) struct Grower<'a> {
    pub(super) binned: &'a Binned,
    pub(super) gradients: &'a [Gradient],
    /// The columns that may be split, ascending.
    pub(super) columns: &'a [usize],
    pub(super) settings: &'a BoostingSettings,
}

/// A tree and, for rows that are binned, its splits by node.
pub(super) struct Grown {
    pub(super) tree: Tree,
    pub(super) splits: Vec<BinSplit>,
    pub(super) depth: usize,
}

/// A split of codes: those up to `last_left` go left, and the code of missing values where `missing_left`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct BinSplit {
    last_left: u8,
    missing: u8,
}

/// A node that may still be split.
struct Open {
    node: usize,
    rows: Vec<u32>,
    sum: Sum,
    histogram: Vec<Sum>,
}

/// The best split of a node.
#[derive(Debug, Clone, Copy)]
struct Split {
    gain: f64,
    column: usize,
    last_left: usize,
    missing_left: bool,
    left: Sum,
}

/// A node's rows after its split.
struct Parted {
    parent: Open,
    split: Split,
    left: Vec<u32>,
    right: Vec<u32>,
}

/// Fewer rows than this are not worth a second thread.
const LEAST_PART: usize = 1 << 12;

/// The leaf of a row given by its codes.
pub(super) fn leaf_of(nodes: &[Node], splits: &[BinSplit], codes: &[u8], depth: usize) -> usize {
    let mut place = 0;
    for _ in 0..depth {
        let (node, split) = (&nodes[place], splits[place]);
        let code = codes[node.column as usize];
        let goes_left = goes_left(code, split, node.missing_left);
        place = (if goes_left { node.left } else { node.right }) as usize;
    }
    place
}

fn goes_left(code: u8, split: BinSplit, missing_left: bool) -> bool {
    (code <= split.last_left) | (missing_left & (code == split.missing))
}

impl Grower<'_> {
    /// Grows a tree on these rows; `unit` is the size of the gradients' units.
    pub(super) fn grow(&self, rows: Vec<u32>, unit: f64) -> Grown {
        let histogram = self.histogram(&rows);
        // Every row is in one cell of the first column.
        let first = &histogram[..self.binned.begins[1] as usize];
        let sum = first.iter().fold([0, 0], |sum, cell| with(sum, *cell));
        let mut grown =
            Grown { tree: Tree { nodes: vec![self.leaf(0, sum, unit)] }, splits: vec![BinSplit::default()], depth: 0 };
        let mut level = vec![Open { node: 0, rows, sum, histogram }];
        for depth in 1..=self.settings.depth {
            let is_last = depth == self.settings.depth;
            let found: Vec<Option<Split>> = level.par_iter().map(|open| self.best_split(open, unit)).collect();
            let to_part: Vec<(Open, Split)> =
                level.into_iter().zip(found).filter_map(|(open, split)| Some((open, split?))).collect();
            if to_part.is_empty() {
                break;
            }
            grown.depth = depth;
            let mut next: Vec<(usize, usize)> = Vec::new();
            for (open, split) in &to_part {
                next.push(self.add_children(&mut grown, open, split, unit));
            }
            if is_last {
                break;
            }
            let parted: Vec<Parted> = to_part.into_par_iter().map(|(open, split)| self.part(open, split)).collect();
            let children = parted.into_par_iter().zip(next);
            level = children.flat_map_iter(|(parted, places)| self.open(parted, places)).collect();
        }
        grown
    }

    fn leaf(&self, place: usize, [slope, curvature]: Sum, unit: f64) -> Node {
        let below = curvature as f64 * unit + self.settings.ridge;
        let value = if below > 0.0 { -self.settings.shrinkage * slope as f64 * unit / below } else { 0.0 };
        let place = place as u32;
        Node { column: 0, threshold: 0.0, missing_left: false, left: place, right: place, value, cover: 0.0 }
    }

    /// Makes the node a split and appends its two leaves.
    fn add_children(&self, grown: &mut Grown, open: &Open, split: &Split, unit: f64) -> (usize, usize) {
        let nodes = &mut grown.tree.nodes;
        let (left, right) = (nodes.len(), nodes.len() + 1);
        nodes.push(self.leaf(left, split.left, unit));
        nodes.push(self.leaf(right, without(open.sum, split.left), unit));
        grown.splits.extend([BinSplit::default(); 2]);
        let cuts = &self.binned.cuts[split.column];
        nodes[open.node] = Node {
            column: split.column as u32,
            // After the last bin, everything that is known goes left.
            threshold: cuts.bounds.get(split.last_left).copied().unwrap_or(f64::MAX),
            missing_left: split.missing_left,
            left: left as u32,
            right: right as u32,
            value: 0.0,
            cover: 0.0,
        };
        grown.splits[open.node] = bin_split(split, cuts.missing());
        (left, right)
    }

    fn part(&self, mut parent: Open, split: Split) -> Parted {
        let bins = bin_split(&split, self.binned.cuts[split.column].missing());
        let mut left = std::mem::take(&mut parent.rows);
        let mut right = vec![0; left.len()];
        let (mut n_left, mut n_right) = (0, 0);
        for at in 0..left.len() {
            let row = left[at];
            let code = self.binned.row(row as usize)[split.column];
            let goes_left = goes_left(code, bins, split.missing_left);
            // Both are written and one is kept: a branch here would be mispredicted for every other row.
            left[n_left] = row;
            right[n_right] = row;
            n_left += usize::from(goes_left);
            n_right += usize::from(!goes_left);
        }
        left.truncate(n_left);
        right.truncate(n_right);
        Parted { parent, split, left, right }
    }

    /// The two children with their histograms: the smaller one's counted, the larger one's what is left of the parent's.
    fn open(&self, parted: Parted, (left, right): (usize, usize)) -> [Open; 2] {
        let Parted { parent, split, left: left_rows, right: right_rows } = parted;
        let left_is_smaller = left_rows.len() <= right_rows.len();
        let smaller = self.histogram(if left_is_smaller { &left_rows } else { &right_rows });
        let mut larger = parent.histogram;
        larger.iter_mut().zip(&smaller).for_each(|(cell, other)| *cell = without(*cell, *other));
        let (of_left, of_right) = if left_is_smaller { (smaller, larger) } else { (larger, smaller) };
        [
            Open { node: left, rows: left_rows, sum: split.left, histogram: of_left },
            Open { node: right, rows: right_rows, sum: without(parent.sum, split.left), histogram: of_right },
        ]
    }

    /// Slope and curvature summed by column and bin.
    fn histogram(&self, rows: &[u32]) -> Vec<Sum> {
        let part = rows.len().div_ceil(2 * rayon::current_num_threads()).max(LEAST_PART);
        let counted = rows.par_chunks(part).map(|rows| self.histogram_of_part(rows));
        let added = counted.reduce_with(|mut one, other| {
            one.iter_mut().zip(other).for_each(|(cell, other)| *cell = with(*cell, other));
            one
        });
        added.unwrap_or_else(|| vec![[0, 0]; self.binned.n_cells()])
    }

    fn histogram_of_part(&self, rows: &[u32]) -> Vec<Sum> {
        let mut histogram = vec![[0, 0]; self.binned.n_cells()];
        for row in rows {
            let gradient = widened(self.gradients[*row as usize]);
            for (code, begin) in self.binned.row(*row as usize).iter().zip(&self.binned.begins) {
                let cell = &mut histogram[*begin as usize + usize::from(*code)];
                *cell = with(*cell, gradient);
            }
        }
        histogram
    }

    fn best_split(&self, open: &Open, unit: f64) -> Option<Split> {
        let mut best: Option<Split> = None;
        for column in self.columns {
            let begin = self.binned.begins[*column] as usize;
            let n_bins = self.binned.cuts[*column].bounds.len() + 1;
            let (cells, missing) = open.histogram[begin..=begin + n_bins].split_at(n_bins);
            let missing = missing[0];
            let has_missing = missing != [0, 0];
            let mut known_left = [0, 0];
            for (last_left, cell) in cells.iter().enumerate() {
                known_left = with(known_left, *cell);
                if *cell == [0, 0] {
                    continue;
                }
                let mut consider = |left: Sum, missing_left: bool| {
                    let gain = self.gain(open.sum, left, unit);
                    if let Some(gain) = gain.filter(|gain| best.is_none_or(|best| *gain > best.gain)) {
                        best = Some(Split { gain, column: *column, last_left, missing_left, left });
                    }
                };
                if has_missing {
                    consider(known_left, false);
                    consider(with(known_left, missing), true);
                } else {
                    // Nobody has shown where missing values belong: they go with the larger side.
                    consider(known_left, known_left[1] * 2 > open.sum[1]);
                }
            }
        }
        best
    }

    /// How much better the two sides fit than the whole; none where it is no better or a side is too small.
    fn gain(&self, whole: Sum, left: Sum, unit: f64) -> Option<f64> {
        let part = |[slope, curvature]: Sum| {
            let (slope, curvature) = (slope as f64 * unit, curvature as f64 * unit);
            (slope * slope / (curvature + self.settings.ridge), curvature)
        };
        let ((of_left, left), (of_right, right), (of_whole, _)) =
            (part(left), part(without(whole, left)), part(whole));
        let gain = of_left + of_right - of_whole;
        let is_enough = left.min(right) >= self.settings.least_curvature;
        (is_enough && gain > 1e-9 * (1.0 + of_whole)).then_some(gain)
    }
}

fn bin_split(split: &Split, missing: u8) -> BinSplit {
    BinSplit { last_left: split.last_left as u8, missing }
}

fn widened([slope, curvature]: Gradient) -> Sum {
    [i64::from(slope), i64::from(curvature)]
}

fn with(one: Sum, other: Sum) -> Sum {
    [one[0] + other[0], one[1] + other[1]]
}

fn without(whole: Sum, part: Sum) -> Sum {
    [whole[0] - part[0], whole[1] - part[1]]
}
