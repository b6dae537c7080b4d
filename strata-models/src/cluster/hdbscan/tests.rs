//! Dense groups beside those of scikit-learn, and what is refused.

use super::*;
use crate::clv::draw::normal;
use crate::learn::chance::Places;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Two clouds, a bent line and as many rows spread evenly, made by formula so that any language can make them.
fn rings() -> Points {
    let places = Places::from_seed(0);
    let values = (0..300).flat_map(|row| {
        let u: Vec<f64> = (0..8).map(|m| places.share(16 * row + m)).collect();
        let (x, y) = (u[0] + u[1] + u[2] - 1.5, u[3] + u[4] + u[5] - 1.5);
        match row % 4 {
            0 => [x, y],
            1 => [5.0 + 0.5 * x, 1.0 + 2.0 * y],
            2 => {
                let s = 2.0 * u[6] - 1.0;
                [10.0 * s, -6.0 + 2.0 * s * s * 3.0 + 0.3 * y]
            }
            _ => [-12.0 + 24.0 * u[6], -8.0 + 18.0 * u[7]],
        }
    });
    Points::new(values.collect(), 2).unwrap()
}

/// Six balls in four columns, of different sizes, five of which overlap.
fn balls() -> Points {
    let places = Places::from_seed(0);
    let values = (0..240).flat_map(|row| {
        let ball = row % 6;
        (0..4).map(move |column| {
            let spread: f64 = (0..4).map(|m| places.share(64 * row + 4 * column + m) - 0.5).sum();
            6.0 * places.share(1_000_003 + 16 * ball + column) + (0.5 + 0.2 * ball as f64) * spread
        })
    });
    Points::new(values.collect(), 4).unwrap()
}

/// What scikit-learn 1.9.1's `HDBSCAN` finds: a letter for the cluster of each row, a dot for noise, and the sum of the probabilities; and the sum
/// of the outlier scores of `hdbscan` 0.8.44, with one less for `min_samples` since it does not count the row itself.
struct Reference {
    rows: fn() -> Points,
    /// `min_cluster_size` and `min_samples`.
    options: [usize; 2],
    single: bool,
    /// Whether edges of one length decide something: scikit-learn itself then puts a row elsewhere when rows come in another order. Sums
    /// that depend on the order are those of one of up to 150 random orders.
    ties: bool,
    labels: &'static str,
    probability: f64,
    outlier: f64,
}

const REFERENCES: [Reference; 7] = [
    Reference {
        rows: rings,
        options: [10, 2],
        single: false,
        ties: false,
        labels: "abcbabdaabc.abd.abd.abcaabcbabd.abd.abcaabe.abcbabc.abc.abcbabdaabcaabeaabccabc.\
                 abcbabc.abcbabe.abc.abebabc.abc.abcbabccabecabdaabd.abe.abcaabc.abe.abd.abc.abe.\
                 abccabe.abe.abc.abd.abddabe.abcaabcbabc.abc.abc.abcaabc.abc.abe.abcaabc.abd.abcb\
                 abdcabe.abccabc.abdcabd.abccabc.abc.abc.abccabdaabe.abcaabc.",
        probability: 225.39329038694598,
        outlier: 106.28773113558347,
    },
    Reference {
        rows: rings,
        options: [25, 5],
        single: false,
        ties: true,
        labels: "abcbabd.abc.abd.abd.abcaabcbabd.abd.abcaabd.abc.abc.abc.abcbabdaab..abdaabccab..\
                 abc.abc.abcbabd.abc.abdbabc.abc.abcbabccabdcabdaabd.abd.abc.abc.abd.abd.abc.abd.\
                 abc.abd.abd.abc.abd.abddabd.abcaab.babc.abc.abcdabc.abc.abc.abd.abc.abc.abd.abcb\
                 abdcabd.ab.cabc.abd.abd.abc.abc.abc.abc.abc.abdaabd.abc.abc.",
        probability: 205.86320683411847,
        outlier: 87.481999,
    },
    Reference {
        rows: rings,
        options: [8, 8],
        single: false,
        ties: true,
        labels: "ab.babc.abd.abc.abc.abdaabd.abe.abc.abd.abe.abd.abd.abd.abdbabcaab..abeaabddab..\
                 abd.abd.abdbabe.abd.abebabd.abd.abdbabddabedabcaabc.ab..ab..abd.abe.abc.abd.abe.\
                 abd.abe.abe.abd.abc.abccabe.abdaab.babd.ab..abdeabd.abd.abd.abe.abd.abd.abc.abdb\
                 abcdabe.ab.dabd.abc.abc.abd.abd.abd.abd.abd.abcaabe.abd.abd.",
        probability: 180.189129,
        outlier: 115.402871,
    },
    Reference {
        rows: rings,
        options: [5, 3],
        single: false,
        ties: true,
        labels: "abcbabdaabe.abdfabdfabgaabhbabdiabd.abeaabj.abe.abg.abefab.babdaabc.abjaabkhab..\
                 abk.abg.abhbabjfabefabjbabe.abe.abhbabl.abj.abdaabdiabj.ab..abl.abjiabdfabg.abj.\
                 ab..abjfabj.abl.abd.abddabj.abgaab.babh.abc.abl.abeaabkiabeiabj.abeaabefabdiabkb\
                 abd.abj.ab..abg.abdcabd.abg.abg.abk.ablfabgcabdaabj.ablaabl.",
        probability: 239.100937,
        outlier: 86.566997,
    },
    Reference {
        rows: balls,
        options: [10, 5],
        single: false,
        ties: false,
        labels: "abbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbab\
                 bbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbb\
                 bbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbb",
        probability: 230.27090119473297,
        outlier: 56.23319459251687,
    },
    Reference {
        rows: balls,
        options: [6, 3],
        single: false,
        ties: false,
        labels: "abbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbab\
                 bbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbb\
                 bbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbbabbbbb",
        probability: 237.38538656135805,
        outlier: 60.780828,
    },
    Reference {
        rows: balls,
        options: [130, 4],
        single: true,
        ties: false,
        labels: ".aaaa..aaaa..aaaa..aaaa..aaa...aaaa..aaa...aaaa..aa....aaa...aaaa..aaaa..aa....a\
                 a.a..aaaa..aa....aaaa..aaaa..a.a...aaaa..aaa...aaa...aaa...aaaa..aaa.a.aaaa..aaa\
                 ...aaaa..a.aa..aa....a.aa..aaa...aaaa..aaaa..aaa...aaaa..aaaa..aaaa..aaa...aaaa.",
        probability: 137.0,
        outlier: 39.72541035458811,
    },
];

#[test]
fn labels_are_those_of_scikit_learn() {
    for Reference { rows, options, single, ties, labels, probability, outlier } in REFERENCES {
        let [min_cluster_size, min_samples] = options;
        let options = HdbscanOptions { min_cluster_size, min_samples, allow_single_cluster: single };
        let found = Hdbscan::fit(&rows(), &options).unwrap();
        let letters: String = found
            .labels
            .iter()
            .map(|label| label.map_or('.', |label| char::from(b'a' + label as u8)))
            .collect();
        let sums = [&found.probabilities, &found.outlier_scores].map(|values| values.iter().sum::<f64>());
        let n_differ = letters.chars().zip(labels.chars()).filter(|(a, b)| a != b).count();
        assert!(n_differ <= usize::from(ties), "{n_differ} rows");
        assert!((sums[0] - probability).abs() < 1e-6 && (sums[1] - outlier).abs() < 1e-6, "{sums:?}");
    }
}

fn options(min_cluster_size: usize, min_samples: usize) -> HdbscanOptions {
    HdbscanOptions { min_cluster_size, min_samples, allow_single_cluster: false }
}

/// Two clouds of equal numbers of rows, far apart, the first of them twice as wide; then five rows far from both.
fn clouds(n_rows: usize) -> Points {
    let mut random = ChaCha8Rng::seed_from_u64(4);
    let mut values = Vec::new();
    for row in 0..n_rows {
        for column in 0..3 {
            let (middle, spread) = if row % 2 == 0 { (0.0, 2.0) } else { (30.0, 1.0) };
            values.push(middle + f64::from(column) + spread * normal(&mut random));
        }
    }
    values.extend((0..5).flat_map(|row| [1000.0 * f64::from(row + 1), -500.0, 0.0]));
    Points::new(values, 3).unwrap()
}

#[test]
fn clouds_are_found_and_what_is_far_from_them_is_noise() {
    for n_rows in [200, 4_000] {
        let found = Hdbscan::fit(&clouds(n_rows), &options(40, 5)).unwrap();
        assert_eq!(found.n_clusters, 2);
        let n_wrong = (0..n_rows).filter(|row| found.labels[*row] != Some((row % 2) as u32)).count();
        assert!(n_wrong <= n_rows / 50, "{n_wrong} of {n_rows}");
        assert!(found.labels[n_rows..].iter().all(Option::is_none));
        assert!(found.outlier_scores[n_rows..].iter().all(|score| *score > 0.99));
        for values in [&found.probabilities, &found.outlier_scores] {
            assert!(values.iter().all(|value| (0.0..=1.0).contains(value)));
        }
    }
}

#[test]
fn clusters_do_not_depend_on_threads_units_or_places() {
    let points = clouds(3_000);
    let on = |n_threads: usize, points: &Points| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        pool.install(|| Hdbscan::fit(points, &options(30, 6)).unwrap())
    };
    let found = on(1, &points);
    assert_eq!(found, on(3, &points));
    // Times a power of two, every distance keeps its digits.
    let small = Points::new(points.values().iter().map(|value| value / 1024.0).collect(), 3).unwrap();
    assert_eq!(found, on(2, &small));
}

#[test]
fn the_spanning_tree_is_the_shortest() {
    let points = rings();
    let n = points.n_rows();
    for min_samples in [1, 4, 300] {
        let (tree, neighbours) = KdTree::with_neighbours(&points, min_samples);
        let edges = spanning::minimum_spanning_tree(&tree, &neighbours);
        // Prim's algorithm, with every distance.
        let distance = |one: usize, other: usize| {
            let columns = points.row(one).iter().zip(points.row(other));
            columns.map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
        };
        let cores: Vec<f64> = (0..n)
            .map(|one| {
                let mut distances: Vec<f64> = (0..n).map(|other| distance(one, other)).collect();
                distances.sort_by(f64::total_cmp);
                distances[min_samples - 1]
            })
            .collect();
        let mut nearest = vec![f64::INFINITY; n];
        let (mut is_in, mut last, mut lengths) = (vec![false; n], 0, Vec::new());
        while lengths.len() < n - 1 {
            is_in[last] = true;
            for other in 0..n {
                nearest[other] = nearest[other].min(distance(last, other).max(cores[last]).max(cores[other]));
            }
            let out = (0..n).filter(|other| !is_in[*other]);
            last = out.min_by(|a, b| nearest[*a].total_cmp(&nearest[*b])).unwrap();
            lengths.push(nearest[last]);
        }
        lengths.sort_by(f64::total_cmp);
        for (edge, length) in edges.iter().zip(&lengths) {
            assert!((edge.length - length).abs() < 1e-12, "{min_samples}: {}, not {length}", edge.length);
        }
        assert_eq!(edges.len(), lengths.len());
    }
}

#[test]
fn rows_that_are_equal_are_as_dense_as_can_be() {
    // Most customers have done nothing, some all the same, a few this and that.
    let values = (0..400).flat_map(|row| match row % 8 {
        0..=4 => [0.0, 0.0],
        5 | 6 => [3.0, 1.0],
        _ => [f64::from(row % 37), f64::from(row % 23)],
    });
    let points = Points::new(values.collect(), 2).unwrap();
    for min_samples in [1, 10, 60] {
        let found = Hdbscan::fit(&points, &options(60, min_samples)).unwrap();
        assert_eq!(found.n_clusters, 2);
        assert!((0..400).filter(|row| row % 8 < 5).all(|row| found.labels[row] == Some(0)));
        assert!((0..400).filter(|row| row % 8 == 5).all(|row| found.labels[row] == Some(1)));
        assert!(
            found.probabilities.iter().chain(&found.outlier_scores).all(|value| (0.0..=1.0).contains(value))
        );
    }
}

#[test]
fn where_no_place_is_denser_all_is_noise_or_one_cluster() {
    let line = Points::new((0..50).map(f64::from).collect(), 1).unwrap();
    let found = Hdbscan::fit(&line, &options(30, 3)).unwrap();
    assert_eq!((found.n_clusters, found.labels), (0, vec![None; 50]));
    assert_eq!(found.probabilities, [0.0; 50]);
    let single = HdbscanOptions { allow_single_cluster: true, ..options(30, 3) };
    let found = Hdbscan::fit(&line, &single).unwrap();
    // The two ends are farther from their third nearest than the rest.
    let middle: Vec<Option<u32>> = (0..50).map(|row| (row > 0 && row < 49).then_some(0)).collect();
    assert_eq!((found.n_clusters, found.labels), (1, middle));
}

#[track_caller]
fn refused(values: &[f64], options: HdbscanOptions, text: &str) {
    let error = Hdbscan::fit(&Points::new(values.to_vec(), 1).unwrap(), &options).unwrap_err().to_string();
    assert!(error.contains(text) && error.contains("hint: "), "{error}");
}

#[test]
fn what_cannot_be_clustered_is_refused() {
    refused(&[1.0, 2.0, 3.0], options(1, 1), "`min_cluster_size` is 1");
    refused(&[1.0, 2.0, 3.0], options(4, 1), "`min_cluster_size` is 4");
    refused(&[1.0, 2.0, 3.0], options(2, 0), "`min_samples` is 0");
    refused(&[1.0, 2.0, 3.0], options(2, 4), "`min_samples` is 4");
    refused(&[1.0, 1.0, 1.0], options(2, 2), "1 different rows");
    refused(&[1.0], HdbscanOptions::new(2), "`min_samples` is 2");
    refused(&[1e200, 0.0, -1e200], options(2, 2), "too large");
    refused(&[1e-200, 0.0, 0.0], options(2, 2), "too small");
}
