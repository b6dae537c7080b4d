//! Points by their places, so that what is near is found without looking at all.
//!
//! Bentley, J. L. (1975). Multidimensional binary search trees used for associative searching. Communications of the ACM 18, 509–517.

use rayon::prelude::*;

use crate::cluster::points::Points;

/// Points in a leaf, at most: so few that looking at all is as fast as another step down.
const LEAF: usize = 20;

/// Points that a thread searches for at a time.
const PART: usize = 1 << 10;

/// A k-d tree. Points are known by their places in it, where neighbours are mostly near each other in memory too.
pub(super) struct KdTree {
    pub(super) n_columns: usize,
    /// The points in the order of the tree, row after row.
    values: Vec<f64>,
    /// The row of each place.
    pub(super) rows: Vec<u32>,
    /// Parents before their children, the root first.
    pub(super) nodes: Vec<Node>,
    /// For each node the least values of its columns, then the greatest.
    boxes: Vec<f64>,
    /// For each place the squared core distance.
    pub(super) cores: Vec<f64>,
    /// For each node the least of them.
    pub(super) least_cores: Vec<f64>,
}

/// Points from a place to before another.
pub(super) struct Node {
    pub(super) from: u32,
    pub(super) to: u32,
    /// Its children; 0 in a leaf.
    pub(super) children: [u32; 2],
}

impl Node {
    pub(super) fn places(&self) -> std::ops::Range<usize> {
        self.from as usize..self.to as usize
    }

    pub(super) fn is_leaf(&self) -> bool {
        self.children[1] == 0
    }
}

impl KdTree {
    /// The tree, and for each place the places of its `n_neighbours` nearest points, itself among them. The distance to the last is the core
    /// distance.
    pub(super) fn with_neighbours(points: &Points, n_neighbours: usize) -> (KdTree, Vec<u32>) {
        let n_rows = points.n_rows();
        let mut tree = KdTree {
            n_columns: points.n_columns(),
            values: Vec::new(),
            rows: (0..n_rows as u32).collect(),
            nodes: Vec::new(),
            boxes: Vec::new(),
            cores: Vec::new(),
            least_cores: Vec::new(),
        };
        let mut rows = std::mem::take(&mut tree.rows);
        tree.grow(points, &mut rows, 0);
        tree.rows = rows;
        tree.values = tree.rows.iter().flat_map(|row| points.row(*row as usize)).copied().collect();
        let mut neighbours = vec![0; n_rows * n_neighbours];
        let mut cores = vec![0.0; n_rows];
        let parts = neighbours.par_chunks_mut(PART * n_neighbours).zip(cores.par_chunks_mut(PART));
        parts.enumerate().for_each(|(part, (neighbours, cores))| {
            let mut nearest = Nearest { found: Vec::with_capacity(n_neighbours + 1), most: n_neighbours };
            let found = neighbours.chunks_exact_mut(n_neighbours).zip(cores);
            for (place, (neighbours, core)) in (part * PART..).zip(found) {
                nearest.found.clear();
                tree.search(tree.point(place), 0, 0.0, &mut nearest);
                *core = nearest.farthest();
                for (neighbour, (_, found)) in neighbours.iter_mut().zip(&nearest.found) {
                    *neighbour = *found;
                }
            }
        });
        tree.least_cores = tree
            .nodes
            .iter()
            .map(|node| cores[node.places()].iter().copied().fold(f64::INFINITY, f64::min))
            .collect();
        tree.cores = cores;
        (tree, neighbours)
    }

    pub(super) fn point(&self, place: usize) -> &[f64] {
        &self.values[place * self.n_columns..(place + 1) * self.n_columns]
    }

    /// The squared distance of a point from the box around a node's points.
    pub(super) fn squared_from_box(&self, point: &[f64], node: usize) -> f64 {
        let d = self.n_columns;
        let (least, greatest) = self.boxes[2 * d * node..2 * d * (node + 1)].split_at(d);
        let outside = |x: &f64, least: &f64, greatest: &f64| {
            let (below, above) = (least - x, x - greatest);
            let outside = if below > above { below } else { above };
            if outside > 0.0 { outside * outside } else { 0.0 }
        };
        let ((point, rest), (least, least_rest), (greatest, greatest_rest)) =
            (point.as_chunks::<4>(), least.as_chunks::<4>(), greatest.as_chunks::<4>());
        let mut sums = [0.0; 4];
        for ((point, least), greatest) in point.iter().zip(least).zip(greatest) {
            for (((sum, x), least), greatest) in sums.iter_mut().zip(point).zip(least).zip(greatest) {
                *sum += outside(x, least, greatest);
            }
        }
        let rest = rest.iter().zip(least_rest).zip(greatest_rest);
        folded(sums, rest.map(|((x, least), greatest)| outside(x, least, greatest)).sum())
    }

    /// Adds the node of these rows, which stand at the places from `from` on, and all below it; returns its number.
    fn grow(&mut self, points: &Points, rows: &mut [u32], from: usize) -> u32 {
        let (number, d) = (self.nodes.len(), self.n_columns);
        let to = (from + rows.len()) as u32;
        self.nodes.push(Node { from: from as u32, to, children: [0, 0] });
        let mut least = points.row(rows[0] as usize).to_vec();
        let mut greatest = least.clone();
        for row in rows.iter() {
            for ((x, least), greatest) in points.row(*row as usize).iter().zip(&mut least).zip(&mut greatest)
            {
                *least = least.min(*x);
                *greatest = greatest.max(*x);
            }
        }
        let width = |column: &usize| greatest[*column] - least[*column];
        let widest = (0..d).max_by(|a, b| width(a).total_cmp(&width(b))).unwrap_or(0);
        self.boxes.extend(least);
        self.boxes.extend(greatest);
        if rows.len() > LEAF {
            let middle = rows.len() / 2;
            let value = |row: u32| points.row(row as usize)[widest];
            // Rows of one value are told apart by their numbers, so that the tree is always the same.
            rows.select_nth_unstable_by(middle, |a, b| value(*a).total_cmp(&value(*b)).then(a.cmp(b)));
            let (left, right) = rows.split_at_mut(middle);
            let children = [self.grow(points, left, from), self.grow(points, right, from + middle)];
            self.nodes[number].children = children;
        } else {
            rows.sort_unstable();
        }
        number as u32
    }

    /// Looks for the nearest points in a node whose box is so far away.
    fn search(&self, point: &[f64], node: usize, away: f64, nearest: &mut Nearest) {
        if away > nearest.farthest() {
            return;
        }
        let at = &self.nodes[node];
        if at.is_leaf() {
            for place in at.places() {
                nearest.offer(squared(point, self.point(place)), place as u32);
            }
            return;
        }
        for (child, away) in self.by_distance(point, at) {
            self.search(point, child, away, nearest);
        }
    }

    /// The children of a node and how far they are, the nearer first.
    pub(super) fn by_distance(&self, point: &[f64], node: &Node) -> [(usize, f64); 2] {
        let [one, other] =
            node.children.map(|child| (child as usize, self.squared_from_box(point, child as usize)));
        if one.1 <= other.1 { [one, other] } else { [other, one] }
    }
}

/// `|x − y|²`. It is summed in the same order as the distance from a box, so that, rounded, it is never less than that of a box around y.
pub(super) fn squared(one: &[f64], other: &[f64]) -> f64 {
    let ((one, one_rest), (other, other_rest)) = (one.as_chunks::<4>(), other.as_chunks::<4>());
    let mut sums = [0.0; 4];
    for (one, other) in one.iter().zip(other) {
        for ((sum, a), b) in sums.iter_mut().zip(one).zip(other) {
            *sum += (a - b) * (a - b);
        }
    }
    folded(sums, one_rest.iter().zip(other_rest).map(|(a, b)| (a - b) * (a - b)).sum())
}

fn folded([a, b, c, d]: [f64; 4], rest: f64) -> f64 {
    ((a + c) + (b + d)) + rest
}

/// The nearest points so far, ascending by distance, then by place.
struct Nearest {
    found: Vec<(f64, u32)>,
    most: usize,
}

impl Nearest {
    /// Beyond this nothing is among the nearest.
    fn farthest(&self) -> f64 {
        if self.found.len() < self.most {
            f64::INFINITY
        } else {
            self.found.last().map_or(0.0, |last| last.0)
        }
    }

    fn offer(&mut self, distance: f64, place: u32) {
        if distance > self.farthest() {
            return;
        }
        let before = self.found.partition_point(|other| *other < (distance, place));
        self.found.insert(before, (distance, place));
        self.found.truncate(self.most);
    }
}
