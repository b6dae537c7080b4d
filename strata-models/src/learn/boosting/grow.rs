//! One tree, grown level by level on histograms of whole numbers.

use rayon::prelude::*;

use super::bins::Binned;
use super::{BoostingSettings, Node, Tree};

/// Slope and curvature of the loss of one row, in units, as one number: `slope · 2³² + curvature`. Two such sums are added at once.
pub(super) type Gradient = i64;

/// As many gradients can be added before one of the two sums no longer fits into its half: a slope has at most [`MOST_SLOPE`] units,
/// a curvature, which is not negative, as many.
const MOST_ADDED: usize = 1 << 11;

/// The most units of a slope: 2²⁰ times 2¹¹ rows is 2³¹, less one so that the sum is below it.
pub(super) const MOST_SLOPE: i64 = (1 << 20) - 1;

/// Slope and curvature summed, in the same units.
type Sum = [i64; 2];

/// The sizes of a unit of slope and of curvature.
pub(super) type Unit = [f64; 2];

/// What one tree is grown on.
pub(super) struct Grower<'a> {
    pub(super) binned: &'a Binned,
    pub(super) gradients: &'a [Gradient],
    /// The columns that may be split, ascending.
    pub(super) columns: &'a [usize],
    pub(super) settings: &'a BoostingSettings,
}

/// A tree, also for rows that are binned, and how many steps it takes.
pub(super) struct Grown {
    pub(super) tree: Tree,
    pub(super) bins: Vec<BinNode>,
    pub(super) depth: usize,
}

/// A node for rows that are binned: codes up to `last_left` go left, and so does the code `also_left`. Left and right children stand
/// in an array, of which one is read: a branch would be mispredicted for every other row.
#[derive(Debug, Clone, Copy)]
pub(super) struct BinNode {
    column: u32,
    children: [u32; 2],
    last_left: u8,
    /// The code of missing values where they go left, otherwise `last_left` again.
    also_left: u8,
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

/// Rows copied side by side before they are counted.
const GATHERED: usize = 1 << 7;

/// Fewer rows than this are not worth a second thread.
const LEAST_PART: usize = 1 << 12;

/// The leaf of a row, given all rows' codes by column.
pub(super) fn leaf_of(nodes: &[BinNode], columns: &[Vec<u8>], row: usize, depth: usize) -> usize {
    let mut place = 0;
    for _ in 0..depth {
        let node = &nodes[place];
        place = node.children[usize::from(node.goes_right(columns[node.column as usize][row]))] as usize;
    }
    place
}

impl BinNode {
    fn leaf(place: usize) -> BinNode {
        BinNode { column: 0, children: [place as u32; 2], last_left: 0, also_left: 0 }
    }

    fn goes_right(&self, code: u8) -> bool {
        (code > self.last_left) & (code != self.also_left)
    }
}

impl Grower<'_> {
    /// Grows a tree on these rows; `unit` is the size of the gradients' units.
    pub(super) fn grow(&self, rows: Vec<u32>, unit: Unit) -> Grown {
        let histogram = self.histogram(&rows);
        // Every row is in one cell of the first column.
        let first = &histogram[..self.binned.begins[1] as usize];
        let sum = first.iter().fold([0, 0], |sum, cell| with(sum, *cell));
        let mut grown = Grown {
            tree: Tree { nodes: vec![self.leaf(0, sum, unit)] },
            bins: vec![BinNode::leaf(0)],
            depth: 0,
        };
        let mut level = vec![Open { node: 0, rows, sum, histogram }];
        for depth in 1..=self.settings.depth {
            let is_last = depth == self.settings.depth;
            let found: Vec<Option<Split>> =
                level.par_iter().map(|open| self.best_split(open, unit)).collect();
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
            let parted: Vec<Parted> =
                to_part.into_par_iter().map(|(open, split)| self.part(open, split)).collect();
            let children = parted.into_par_iter().zip(next);
            level = children.flat_map_iter(|(parted, places)| self.open(parted, places)).collect();
        }
        grown
    }

    fn leaf(&self, place: usize, [slope, curvature]: Sum, unit: Unit) -> Node {
        let below = curvature as f64 * unit[1] + self.settings.ridge;
        let value = if below > 0.0 { -self.settings.shrinkage * slope as f64 * unit[0] / below } else { 0.0 };
        let place = place as u32;
        Node { column: 0, threshold: 0.0, missing_left: false, left: place, right: place, value, cover: 0.0 }
    }

    /// Makes the node a split and appends its two leaves.
    fn add_children(&self, grown: &mut Grown, open: &Open, split: &Split, unit: Unit) -> (usize, usize) {
        let nodes = &mut grown.tree.nodes;
        let (left, right) = (nodes.len(), nodes.len() + 1);
        nodes.push(self.leaf(left, split.left, unit));
        nodes.push(self.leaf(right, without(open.sum, split.left), unit));
        grown.bins.extend([BinNode::leaf(left), BinNode::leaf(right)]);
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
        grown.bins[open.node] = self.bin_node(split, [left as u32, right as u32]);
        (left, right)
    }

    fn bin_node(&self, split: &Split, children: [u32; 2]) -> BinNode {
        let last_left = split.last_left as u8;
        let missing = self.binned.cuts[split.column].missing();
        let also_left = if split.missing_left { missing } else { last_left };
        BinNode { column: split.column as u32, children, last_left, also_left }
    }

    fn part(&self, mut parent: Open, split: Split) -> Parted {
        let node = self.bin_node(&split, [0, 0]);
        let codes = &self.binned.columns[split.column];
        let mut left = std::mem::take(&mut parent.rows);
        let mut right = vec![0; left.len()];
        let (mut n_left, mut n_right) = (0, 0);
        for at in 0..left.len() {
            let row = left[at];
            let goes_right = node.goes_right(codes[row as usize]);
            // Both are written and one is kept: a branch here would be mispredicted for every other row.
            left[n_left] = row;
            right[n_right] = row;
            n_left += usize::from(!goes_right);
            n_right += usize::from(goes_right);
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
        let mut narrow: Vec<Gradient> = vec![0; self.binned.n_cells()];
        let begins = &self.binned.begins[..self.binned.cuts.len()];
        let mut codes = Vec::new();
        for rows in rows.chunks(MOST_ADDED) {
            for rows in rows.chunks(GATHERED) {
                self.binned.gather(rows, &mut codes);
                let rows = rows.iter().zip(codes.as_flattened().chunks_exact(self.binned.width()));
                for (row, codes) in rows {
                    let gradient = self.gradients[*row as usize];
                    for (code, begin) in codes.iter().zip(begins) {
                        narrow[*begin as usize + usize::from(*code)] += gradient;
                    }
                }
            }
            for (cell, narrow) in histogram.iter_mut().zip(&mut narrow) {
                *cell = with(*cell, widened(std::mem::take(narrow)));
            }
        }
        histogram
    }

    fn best_split(&self, open: &Open, unit: Unit) -> Option<Split> {
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
    fn gain(&self, whole: Sum, left: Sum, unit: Unit) -> Option<f64> {
        let part = |[slope, curvature]: Sum| {
            let (slope, curvature) = (slope as f64 * unit[0], curvature as f64 * unit[1]);
            (slope * slope / (curvature + self.settings.ridge), curvature)
        };
        let ((of_left, left), (of_right, right), (of_whole, _)) =
            (part(left), part(without(whole, left)), part(whole));
        let gain = of_left + of_right - of_whole;
        let is_enough = left.min(right) >= self.settings.least_curvature;
        (is_enough && gain > 1e-9 * (1.0 + of_whole)).then_some(gain)
    }
}

/// The two halves. The curvature is never negative, so that the upper half is the slope as it is.
fn widened(gradient: Gradient) -> Sum {
    [gradient >> 32, gradient & 0xffff_ffff]
}

fn with(one: Sum, other: Sum) -> Sum {
    [one[0] + other[0], one[1] + other[1]]
}

fn without(whole: Sum, part: Sum) -> Sum {
    [whole[0] - part[0], whole[1] - part[1]]
}
