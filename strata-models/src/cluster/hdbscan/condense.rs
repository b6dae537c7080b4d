//! The tree of clusters: single linkage, without the branches that are too small to be any.

use super::spanning::{Components, Edge};

/// Clusters, parents before their children, the one of all rows first.
pub(super) struct Condensed {
    pub(super) clusters: Vec<Cluster>,
    /// For each row the cluster that it was in last, and the λ at which it fell out.
    pub(super) rows: Vec<(u32, f64)>,
}

/// A cluster of the tree.
pub(super) struct Cluster {
    /// The first cluster is its own.
    pub(super) parent: u32,
    /// The λ at which it split from its parent; 0 for the first.
    pub(super) birth: f64,
    /// The λ at which the last row or cluster left it.
    pub(super) death: f64,
    /// `Σ (λ(x) − λ_birth)` over its rows.
    pub(super) stability: f64,
}

/// Two branches joined at a distance. Numbers below n are rows, others joins, n being the first.
struct Join {
    branches: [u32; 2],
    distance: f64,
    size: u32,
}

/// Distances below this share of the longest are taken for it, so that equal rows have a density that is a number.
const LEAST_SHARE: f64 = 1e-12;

impl Condensed {
    /// Of the edges of the minimum spanning tree, ascending.
    pub(super) fn of(edges: &[Edge], min_cluster_size: usize) -> Condensed {
        let n = edges.len() + 1;
        let joins = joined(edges);
        let least = edges.last().map_or(0.0, |edge| edge.length) * LEAST_SHARE;
        let mut clusters = vec![Cluster { parent: 0, birth: 0.0, death: 0.0, stability: 0.0 }];
        let mut rows = vec![(0, 0.0); n];
        // Joins of a cluster that are still to be looked at, from the root down.
        let mut open = vec![((2 * n - 2) as u32, 0_u32)];
        let mut fallen = Vec::new();
        while let Some((branch, cluster)) = open.pop() {
            let join = &joins[branch as usize - n];
            let lambda = 1.0 / join.distance.max(least);
            let size = |branch: u32| joins.get((branch as usize).wrapping_sub(n)).map_or(1, |join| join.size);
            let sizes = join.branches.map(|branch| size(branch) as usize);
            let splits = sizes.iter().all(|size| *size >= min_cluster_size);
            for (branch, size) in join.branches.into_iter().zip(sizes) {
                if size >= min_cluster_size && !splits {
                    open.push((branch, cluster));
                    continue;
                }
                let own = &mut clusters[cluster as usize];
                own.stability += (lambda - own.birth) * size as f64;
                own.death = own.death.max(lambda);
                if splits {
                    open.push((branch, clusters.len() as u32));
                    clusters.push(Cluster { parent: cluster, birth: lambda, death: 0.0, stability: 0.0 });
                    continue;
                }
                fallen.push(branch);
                while let Some(branch) = fallen.pop() {
                    match (branch as usize).checked_sub(n) {
                        Some(join) => fallen.extend(joins[join].branches),
                        None => rows[branch as usize] = (cluster, lambda),
                    }
                }
            }
        }
        Condensed { clusters, rows }
    }
}

/// Joins in the order of the edges.
fn joined(edges: &[Edge]) -> Vec<Join> {
    let n = edges.len() + 1;
    let mut components = Components::new(n);
    let mut branches: Vec<u32> = (0..n as u32).collect();
    let mut joins: Vec<Join> = Vec::with_capacity(edges.len());
    for Edge { length, rows } in edges {
        let roots = rows.map(|row| components.root(row));
        let both = roots.map(|root| branches[root as usize]);
        let size =
            both.iter().map(|branch| (*branch as usize).checked_sub(n).map_or(1, |join| joins[join].size));
        let size = size.sum();
        components.join(roots);
        branches[components.root(roots[0]) as usize] = (n + joins.len()) as u32;
        joins.push(Join { branches: both, distance: *length, size });
    }
    joins
}
