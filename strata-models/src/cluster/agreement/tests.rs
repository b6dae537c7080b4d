//! Agreement of clusterings by hand and as published.

use super::*;

#[test]
fn the_index_is_that_of_scikit_learn() {
    // sklearn.metrics.adjusted_rand_score, its documented examples.
    let check = |one: &[u32], other: &[u32], expected: f64| {
        let found = adjusted_rand(one, other).unwrap();
        assert!((found - expected).abs() < 1e-12, "{one:?} {other:?}: {found}");
    };
    check(&[0, 0, 1, 1], &[1, 1, 0, 0], 1.0);
    check(&[0, 0, 1, 2], &[0, 0, 1, 1], 4.0 / 7.0);
    check(&[0, 0, 1, 1], &[0, 0, 1, 2], 4.0 / 7.0);
    check(&[0, 0, 0, 0], &[0, 1, 2, 3], 0.0);
    check(&[0, 0, 1, 1], &[0, 1, 0, 1], -0.5);
    check(&[7, 7, 7], &[3, 3, 3], 1.0);
    check(&[0, 1, 2], &[2, 1, 0], 1.0);
    check(&[4], &[9], 1.0);
}

#[test]
fn what_cannot_be_compared_is_refused() {
    assert!(matches!(adjusted_rand(&[0], &[0, 1]), Err(ClusterError::Lengths { .. })));
    assert_eq!(adjusted_rand(&[], &[]), Err(ClusterError::NoRows));
    assert_eq!(adjusted_rand(&[OUTSIDE, 0], &[0, OUTSIDE]), Err(ClusterError::NoRows));
    assert!(matches!(matched(&[0], &[0], f64::NAN), Err(ClusterError::Option { .. })));
    let (one, other) = (Points::new(vec![0.0; 4], 2).unwrap(), Points::new(vec![0.0; 3], 3).unwrap());
    assert!(matches!(matched_centres(&one, &other, 1.0), Err(ClusterError::Lengths { .. })));
    assert!(matches!(matched_centres(&one, &one, -1.0), Err(ClusterError::Option { .. })));
}

#[test]
fn each_cluster_finds_the_most_like_it() {
    let found = likeness(&[0, 0, 0, 1, 1, OUTSIDE], &[5, 5, 6, 6, 6, 5]).unwrap();
    let expected = [(0, Some(5), 2.0 / 4.0), (1, Some(6), 2.0 / 3.0)];
    for (likeness, (cluster, most_like, jaccard)) in found.iter().zip(expected) {
        assert_eq!((likeness.cluster, likeness.most_like), (cluster, most_like));
        assert!((likeness.jaccard - jaccard).abs() < 1e-12);
    }
    assert_eq!(likeness(&[0], &[OUTSIDE]).unwrap()[0].most_like, None);
}

#[test]
fn clusters_keep_their_names_from_run_to_run() {
    // 0 became 2, 1 became 0, 3 is gone, and 1 of the later run is new.
    let previous = [0, 0, 0, 0, 1, 1, 1, 1, 3, 3, 3, 3, OUTSIDE];
    let now = [2, 2, 2, 1, 0, 0, 0, 0, 0, 1, 2, OUTSIDE, 1];
    let matching = matched(&previous, &now, LEAST_JACCARD).unwrap();
    let kept: Vec<(u32, u32)> = matching.kept.iter().map(|kept| (kept.previous, kept.now)).collect();
    assert_eq!(kept, [(0, 2), (1, 0)]);
    assert!((matching.kept[0].likeness - 0.6).abs() < 1e-12);
    assert_eq!((&matching.new[..], &matching.gone[..]), (&[1][..], &[3][..]));
    assert_eq!(matching.permutation, [(0, 1), (1, 4), (2, 0)]);
    assert_eq!(matching.rename(&now), [0, 0, 0, 4, 1, 1, 1, 1, 1, 4, 0, OUTSIDE, 4]);
    let migration = matching.migration.unwrap();
    assert_eq!(
        (&migration.rows[..], &migration.columns[..]),
        (&[0, 1, 3, OUTSIDE][..], &[0, 1, 2, OUTSIDE][..])
    );
    assert_eq!((migration.at(2, 3), migration.row_sum(2), migration.column_sum(1)), (1, 4, 3));
}

#[test]
fn the_same_clusters_by_other_numbers_are_all_kept() {
    let previous: Vec<u32> = (0..1000).map(|row| row % 7).collect();
    let now: Vec<u32> = previous.iter().map(|label| (label * 3 + 2) % 7).collect();
    let matching = matched(&previous, &now, 1.0).unwrap();
    assert_eq!(matching.rename(&now), previous);
    assert_eq!((matching.adjusted_rand, matching.kept.len()), (Some(1.0), 7));
}

#[test]
fn centres_are_matched_where_the_rows_differ() {
    let previous = Points::new(vec![0.0, 0.0, 10.0, 0.0, 50.0, 50.0], 2).unwrap();
    let now = Points::new(vec![11.0, 1.0, -90.0, 0.0, 1.0, 0.0], 2).unwrap();
    let matching = matched_centres(&previous, &now, 5.0).unwrap();
    assert_eq!(matching.permutation, [(0, 1), (1, 3), (2, 0)]);
    assert_eq!((&matching.new[..], &matching.gone[..]), (&[1][..], &[2][..]));
    assert!((matching.kept[0].likeness - 1.0).abs() < 1e-12);
    assert_eq!(matched_centres(&previous, &now, f64::INFINITY).unwrap().kept.len(), 3);
}
