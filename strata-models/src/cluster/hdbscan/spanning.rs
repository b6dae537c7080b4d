//! The shortest tree that connects all points, by Borůvka's algorithm: every component at once finds the shortest edge that leads out of it.
//!
//! Edges are in one strict order, by length, then by rows; so the tree is one, whatever is found first.

use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::kd_tree::{KdTree, squared};

/// An edge of the tree, between two rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Edge {
    pub(super) length: f64,
    pub(super) rows: [u32; 2],
}

/// A squared length and the rows it connects, the lower first: in this order edges are compared.
type Candidate = (f64, [u32; 2]);

const NONE: Candidate = (f64::INFINITY, [u32::MAX; 2]);

/// The component of a node that has points of several.
const MIXED: u32 = u32::MAX;

/// Points that a thread searches for at a time.
const PART: usize = 1 << 9;

/// What is known of each point between rounds.
#[derive(Clone, Copy)]
struct Known {
    /// Nothing outside its component is nearer; components only grow, so that it stays true.
    least: f64,
    /// The shortest edge out of the component as of the last search, and the place that it leads to.
    edge: Candidate,
    other: u32,
}

/// The edges of the minimum spanning tree, ascending.
pub(super) fn minimum_spanning_tree(tree: &KdTree, neighbours: &[u32]) -> Vec<Edge> {
    let n = tree.rows.len();
    let n_neighbours = neighbours.len() / n;
    let mut components = Components::new(n);
    let mut of: Vec<u32> = (0..n as u32).collect();
    let mut known: Vec<Known> =
        tree.cores.iter().map(|core| Known { least: *core, edge: NONE, other: u32::MAX }).collect();
    let mut edges: Vec<Candidate> = Vec::with_capacity(n - 1);
    while edges.len() + 1 < n {
        let best = shortest(tree, neighbours, n_neighbours, &of, &mut known);
        for (component, (edge, places)) in best.into_iter().enumerate() {
            // Two components may have found the same edge.
            if of[component] == component as u32 && components.join(places) {
                edges.push(edge);
            }
        }
        for (place, of) in of.iter_mut().enumerate() {
            *of = components.root(place as u32);
        }
    }
    edges.par_sort_unstable_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
    edges.into_iter().map(|(square, rows)| Edge { length: square.sqrt(), rows }).collect()
}

/// For each component, by the place that stands for it, the shortest edge that leads out of it, and the places that it connects.
fn shortest(
    tree: &KdTree,
    neighbours: &[u32],
    n_neighbours: usize,
    of: &[u32],
    known: &mut [Known],
) -> Vec<(Candidate, [u32; 2])> {
    let nodes = components_of_nodes(tree, of);
    // The shortest length so far; not negative, so that its bits are in its order.
    let bounds: Vec<AtomicU64> = of.iter().map(|_| AtomicU64::new(f64::INFINITY.to_bits())).collect();
    let bound = |component: u32| f64::from_bits(bounds[component as usize].load(Ordering::Relaxed));
    let lower = |component: u32, length: f64| {
        bounds[component as usize].fetch_min(length.to_bits(), Ordering::Relaxed);
    };
    // What was found last and still leads out needs no search. Nor does a point of which a near neighbour is as near as any can be; other
    // neighbours are a first bound.
    known.par_iter_mut().enumerate().with_min_len(PART).for_each(|(place, known)| {
        let own = of[place];
        if known.other != u32::MAX && of[known.other as usize] != own {
            lower(own, known.edge.0);
            return;
        }
        if known.least > bound(own) {
            return;
        }
        let (mut nearest, mut nearest_other) = (NONE, u32::MAX);
        for other in &neighbours[place * n_neighbours..(place + 1) * n_neighbours] {
            if of[*other as usize] != own {
                let edge = edge(tree, place, *other as usize);
                if edge < nearest {
                    (nearest, nearest_other) = (edge, *other);
                }
            }
        }
        if nearest_other != u32::MAX {
            lower(own, nearest.0);
            if nearest.0 <= known.least {
                *known = Known { least: nearest.0, edge: nearest, other: nearest_other };
            }
        }
    });
    known.par_chunks_mut(PART).enumerate().for_each(|(part, known)| {
        for (place, known) in (part * PART..).zip(known) {
            let own = of[place];
            let is_known = known.other != u32::MAX && of[known.other as usize] != own;
            let limit = bound(own);
            if is_known || known.least > limit {
                continue;
            }
            let mut search =
                Search { tree, of, nodes: &nodes, place, own, limit, edge: NONE, other: u32::MAX };
            search.look(0, 0.0);
            if search.other == u32::MAX {
                // Nothing is within the limit: this point's edge is not the component's.
                known.least = known.least.max(limit);
            } else {
                *known = Known { least: search.edge.0, edge: search.edge, other: search.other };
                lower(own, search.edge.0);
            }
        }
    });
    let mut best = vec![(NONE, [0, 0]); of.len()];
    for (place, known) in known.iter().enumerate() {
        let own = of[place] as usize;
        let leads_out = known.other != u32::MAX && of[known.other as usize] != of[place];
        if leads_out && known.edge < best[own].0 {
            best[own] = (known.edge, [place as u32, known.other]);
        }
    }
    best
}

/// A search for the shortest edge from a point out of its component.
struct Search<'a> {
    tree: &'a KdTree,
    of: &'a [u32],
    nodes: &'a [u32],
    place: usize,
    own: u32,
    /// Longer edges are of no use.
    limit: f64,
    edge: Candidate,
    other: u32,
}

impl Search<'_> {
    fn look(&mut self, node: usize, away: f64) {
        let least = away.max(self.tree.least_cores[node]).max(self.tree.cores[self.place]);
        if self.nodes[node] == self.own || least > self.limit {
            return;
        }
        let (at, point) = (&self.tree.nodes[node], self.tree.point(self.place));
        if !at.is_leaf() {
            for (child, away) in self.tree.by_distance(point, at) {
                self.look(child, away);
            }
            return;
        }
        for other in at.places() {
            if self.of[other] == self.own || self.tree.cores[other] > self.limit {
                continue;
            }
            let edge = edge(self.tree, self.place, other);
            if edge.0 <= self.limit && edge < self.edge {
                (self.edge, self.other, self.limit) = (edge, other as u32, edge.0);
            }
        }
    }
}

/// The edge between two places: its squared length is the mutual reachability distance.
fn edge(tree: &KdTree, one: usize, other: usize) -> Candidate {
    let distance = squared(tree.point(one), tree.point(other));
    let (a, b) = (tree.rows[one], tree.rows[other]);
    (distance.max(tree.cores[one]).max(tree.cores[other]), [a.min(b), a.max(b)])
}

/// The component that all points of a node are in.
fn components_of_nodes(tree: &KdTree, of: &[u32]) -> Vec<u32> {
    let mut found = vec![MIXED; tree.nodes.len()];
    // Children come after their parents.
    for (number, node) in tree.nodes.iter().enumerate().rev() {
        found[number] = if node.is_leaf() {
            let own = of[node.from as usize];
            if of[node.places()].iter().all(|other| *other == own) { own } else { MIXED }
        } else {
            let [one, other] = node.children.map(|child| found[child as usize]);
            if one == other { one } else { MIXED }
        };
    }
    found
}

/// Sets that are joined, each known by one of its members.
pub(super) struct Components {
    parents: Vec<u32>,
    sizes: Vec<u32>,
}

impl Components {
    pub(super) fn new(n: usize) -> Components {
        Components { parents: (0..n as u32).collect(), sizes: vec![1; n] }
    }

    /// The member that stands for the set.
    pub(super) fn root(&mut self, of: u32) -> u32 {
        let mut at = of;
        while self.parents[at as usize] != at {
            let above = self.parents[self.parents[at as usize] as usize];
            self.parents[at as usize] = above;
            at = above;
        }
        at
    }

    /// Joins the sets of two; whether they were two.
    pub(super) fn join(&mut self, [one, other]: [u32; 2]) -> bool {
        let (one, other) = (self.root(one), self.root(other));
        if one == other {
            return false;
        }
        let smaller_first = self.sizes[one as usize] < self.sizes[other as usize];
        let (small, large) = if smaller_first { (one, other) } else { (other, one) };
        self.parents[small as usize] = large;
        self.sizes[large as usize] += self.sizes[small as usize];
        true
    }
}
