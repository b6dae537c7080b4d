//! Which clusters of the tree are kept, and how the rows stand to them.

use super::Hdbscan;
use super::condense::{Cluster, Condensed};

/// Not a cluster that is kept, nor within one.
const NOWHERE: u32 = u32::MAX;

/// Clusters, memberships and outlier scores.
pub(super) fn labelled(condensed: &Condensed, allow_single_cluster: bool) -> Hdbscan {
    let Condensed { clusters, rows } = condensed;
    let kept = kept(clusters, allow_single_cluster);
    // Parents come before their children: each is in the kept cluster that its parent is in, or is one.
    let mut within: Vec<u32> = vec![NOWHERE; clusters.len()];
    for (number, cluster) in clusters.iter().enumerate() {
        within[number] = if kept[number] { number as u32 } else { within[cluster.parent as usize] };
        if number == 0 && !kept[0] {
            within[0] = NOWHERE;
        }
    }
    let mut numbers = vec![NOWHERE; clusters.len()];
    let mut n_clusters = 0;
    let mut labels = Vec::with_capacity(rows.len());
    let mut probabilities = Vec::with_capacity(rows.len());
    for (last, lambda) in rows {
        let place = within[*last as usize] as usize;
        // Rows that fell out of the only cluster before its end are noise: otherwise there would be none.
        let Some(cluster) = clusters.get(place).filter(|cluster| place > 0 || *lambda >= cluster.death)
        else {
            labels.push(None);
            probabilities.push(0.0);
            continue;
        };
        if numbers[place] == NOWHERE {
            numbers[place] = n_clusters;
            n_clusters += 1;
        }
        labels.push(Some(numbers[place]));
        probabilities.push((lambda / cluster.death).min(1.0));
    }
    Hdbscan {
        n_clusters: n_clusters as usize,
        labels,
        probabilities,
        outlier_scores: outlier_scores(condensed),
    }
}

/// Whether each cluster is kept: the most stable selection of which none is within another.
fn kept(clusters: &[Cluster], allow_single_cluster: bool) -> Vec<bool> {
    let mut kept = vec![false; clusters.len()];
    // The most stability that is found within each, and whether it has clusters within it.
    let mut inside: Vec<f64> = vec![0.0; clusters.len()];
    for (number, cluster) in clusters.iter().enumerate().rev() {
        let may = number > 0 || allow_single_cluster;
        kept[number] = may && inside[number] <= cluster.stability;
        let most = if kept[number] { cluster.stability } else { inside[number] };
        if number > 0 {
            inside[cluster.parent as usize] += most;
        }
    }
    // What is within a kept cluster is not kept itself.
    let mut covered = vec![false; clusters.len()];
    for number in 1..clusters.len() {
        let parent = clusters[number].parent as usize;
        covered[number] = covered[parent] || kept[parent];
        kept[number] &= !covered[number];
    }
    kept
}

/// `1 − λ(x) / λ_max`, with λ_max of the densest place in the cluster that the row was in last or in those within it.
fn outlier_scores(Condensed { clusters, rows }: &Condensed) -> Vec<f64> {
    let mut densest: Vec<f64> = clusters.iter().map(|cluster| cluster.death).collect();
    for (number, cluster) in clusters.iter().enumerate().skip(1).rev() {
        let parent = cluster.parent as usize;
        densest[parent] = densest[parent].max(densest[number]);
    }
    rows.iter().map(|(last, lambda)| 1.0 - lambda / densest[*last as usize]).collect()
}
