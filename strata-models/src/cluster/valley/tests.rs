//! Gaps between groups, and none in a continuum.

use super::*;
use crate::cluster::tests::{blobs, k_means, noise, scaled_iris};

fn chance_of(points: &Points, k: usize, seed: u64) -> f64 {
    least_valley(points, k, &k_means, seed).unwrap().unwrap().chance
}

#[test]
fn groups_are_apart_and_cuts_are_not() {
    let centres: [&[f64]; 3] = [&[0.0, 0.0], &[7.0, 0.0], &[0.0, 8.0]];
    let groups = blobs(&centres, 60, 5);
    assert!(chance_of(&groups, 2, 1) <= 0.01 && chance_of(&groups, 3, 1) <= 0.01);
    assert!(chance_of(&groups, 4, 1) > 0.1, "a group cut in two has no valley");
    assert!(chance_of(&scaled_iris(), 2, 1) <= 0.01);
}

#[test]
fn no_valley_is_seen_in_noise() {
    for k in 2..=5 {
        let n_seen = (0..20).filter(|seed| chance_of(&noise(200, 2, *seed), k, *seed) <= 0.05).count();
        assert!(n_seen <= 2, "{n_seen} of 20 at k = {k}");
    }
}

#[test]
fn a_small_group_beside_a_large_cloud_is_seen() {
    let large = blobs(&[&[0.0, 0.0]], 950, 3);
    let small = blobs(&[&[9.0, 9.0]], 50, 4);
    let values = [large.values(), small.values()].concat();
    assert!(chance_of(&Points::new(values, 2).unwrap(), 2, 2) <= 0.01);
}

#[test]
fn too_few_rows_show_nothing() {
    let points = blobs(&[&[0.0], &[50.0]], 5, 1);
    assert_eq!(chance_of(&points, 2, 1), 1.0);
    let one = Points::new(vec![1.0], 1).unwrap();
    assert_eq!(least_valley(&one, 1, &k_means, 1).unwrap(), None);
}
