//! Mixtures beside those of scikit-learn at equal starts, recovered ones, and what is refused.

use super::*;
use crate::clv::draw::{normal, uniform};
use crate::learn::chance::Places;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// 400 rows of three clouds, made by formula so that any language can make them, and labels of which about three in ten are wrong.
fn clouds() -> (Points, Vec<u32>) {
    let places = Places::from_seed(0);
    let (mut values, mut labels) = (Vec::new(), Vec::new());
    for row in 0..400 {
        let cloud = row % 3;
        let k = cloud as f64;
        let z: Vec<f64> =
            (0..3).map(|c| (0..4).map(|m| places.share(64 * row + 8 * c + m)).sum::<f64>() - 2.0).collect();
        let second = if cloud == 1 { 2.0 } else { 0.0 };
        values.push(1.5 * k + z[0]);
        values.push(second + 0.6 * z[0] + (0.5 + 0.3 * k) * z[1]);
        values.push(3.0 * places.share(64 * row + 60) - k + 0.4 * z[1] + 0.2 * z[2] * (1.0 + k));
        labels.push(((row + u64::from(places.share(64 * row + 61) < 0.3)) % 3) as u32);
    }
    (Points::new(values, 3).unwrap(), labels)
}

fn options(covariance: Covariance, start: Start) -> MixtureOptions {
    MixtureOptions { covariance, start, ..MixtureOptions::new(3) }
}

#[track_caller]
fn close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found}, not {expected}");
}

/// What scikit-learn 1.9.1 finds from the same labels (`_initialize` given their one-hot matrix): lower bound, iterations, score and BIC with its
/// defaults; then, with a tolerance of 10⁻¹⁰, the lower bound, `Σ z ln z` of `predict_proba`, AIC and parameters, the weights, the first
/// mean, the first numbers of the covariances, and how many rows are of each component.
struct Reference {
    covariance: Covariance,
    lower_bound: f64,
    n_iterations: usize,
    score: f64,
    bic: f64,
    last_bound: f64,
    entropy: f64,
    aic: f64,
    n_parameters: usize,
    weights: [f64; 3],
    mean: [f64; 3],
    covariances: [f64; 3],
    counts: [usize; 3],
}

const SCIKIT_LEARN: [Reference; 4] = [
    Reference {
        covariance: Covariance::Full,
        lower_bound: -3.876749362647398,
        n_iterations: 23,
        score: -3.876367032476263,
        bic: 3274.846097847142,
        last_bound: -3.8760230673831164,
        entropy: 13.221090215201471,
        aic: 3158.8184538901096,
        n_parameters: 29,
        weights: [0.33093602154493845, 0.33387834635633395, 0.3351856320987274],
        mean: [-0.059097169306218465, -0.0270400943361325, 1.4616537418661408],
        covariances: [0.2824444909050629, 0.15720217019323127, -0.05094271590526614],
        counts: [132, 134, 134],
    },
    Reference {
        covariance: Covariance::Tied,
        lower_bound: -3.9768667148903,
        n_iterations: 6,
        score: -3.9768583839290823,
        bic: 3283.3416044441014,
        last_bound: -3.9768580480000564,
        entropy: 18.198082385614168,
        aic: 3215.4864383976565,
        n_parameters: 17,
        weights: [0.3362402908763636, 0.3303737329804176, 0.33338597614321885],
        mean: [-0.0514515673613772, -0.0039642028922708536, 1.4593278572259385],
        covariances: [0.3089207765700772, 0.17460599449084901, 0.011871919404281076],
        counts: [135, 132, 133],
    },
    Reference {
        covariance: Covariance::Diagonal,
        lower_bound: -4.095274275071054,
        n_iterations: 7,
        score: -4.095249193347062,
        bic: 3396.028645619809,
        last_bound: -4.095237872418543,
        entropy: 17.84498949139377,
        aic: 3316.1902979218767,
        n_parameters: 20,
        weights: [0.3269882297595079, 0.33727643484820274, 0.3357353353922893],
        mean: [-0.08341059006254599, -0.038735642314645755, 1.4532669114188743],
        covariances: [0.2571667250237277, 0.16496651808288731, 0.7790488824847291],
        counts: [131, 135, 134],
    },
    Reference {
        covariance: Covariance::Spherical,
        lower_bound: -4.276753885989812,
        n_iterations: 7,
        score: -4.276531827020188,
        bic: 3505.105965275662,
        last_bound: -4.276253678981883,
        entropy: 47.86551729083618,
        aic: 3449.0029431452326,
        n_parameters: 14,
        weights: [0.3203107754430076, 0.3435359080682094, 0.3361533164887829],
        mean: [-0.08770059439201168, -0.03452842890626172, 1.5130022096081024],
        covariances: [0.39050854415515984, 0.5886037155064663, 0.6284845716788787],
        counts: [129, 137, 134],
    },
];

#[test]
fn each_covariance_is_fitted_as_scikit_learn_does_from_the_same_start() {
    let (points, labels) = clouds();
    for reference in SCIKIT_LEARN {
        let mut options = options(reference.covariance, Start::Labels(labels.clone()));
        let found = GaussianMixture::fit(&points, &options).unwrap();
        close(found.lower_bound, reference.lower_bound, 1e-9);
        assert_eq!((found.n_iterations, found.converged), (reference.n_iterations, true));
        close(found.score(&points).unwrap(), reference.score, 1e-9);
        close(found.criteria(&points).unwrap().bic, reference.bic, 1e-6);

        options.tolerance = 1e-10;
        options.max_iterations = 2000;
        let found = GaussianMixture::fit(&points, &options).unwrap();
        close(found.lower_bound, reference.last_bound, 1e-9);
        let criteria = found.criteria(&points).unwrap();
        assert_eq!(criteria.n_parameters, reference.n_parameters);
        close(criteria.aic, reference.aic, 1e-6);
        close(criteria.entropy, reference.entropy, 1e-3);
        close(criteria.icl, criteria.bic + 2.0 * reference.entropy, 1e-3);
        let all_close = |found: &[f64], expected: [f64; 3]| {
            found.iter().zip(expected).for_each(|(found, expected)| close(*found, expected, 1e-5));
        };
        all_close(&found.weights, reference.weights);
        all_close(&found.means[0], reference.mean);
        all_close(&found.covariances.concat(), reference.covariances);
        let mut counts = [0; 3];
        found.predict(&points).unwrap().iter().for_each(|label| counts[*label as usize] += 1);
        assert_eq!(counts, reference.counts);
        assert_eq!(found.collapsed, [0; 0]);
    }
}

#[test]
fn probabilities_are_those_of_bayes_rule() {
    let (points, labels) = clouds();
    let found = GaussianMixture::fit(&points, &options(Covariance::Diagonal, Start::Labels(labels))).unwrap();
    let (probabilities, labels) = (found.probabilities(&points).unwrap(), found.predict(&points).unwrap());
    let ln_densities = found.ln_densities(&points).unwrap();
    for (row, x) in points.rows().enumerate() {
        let joint: Vec<f64> = (0..3)
            .map(|k| {
                let columns = x.iter().zip(&found.means[k]).zip(&found.covariances[k]);
                let density: f64 = columns
                    .map(|((x, mean), variance)| {
                        (-(x - mean).powi(2) / (2.0 * variance)).exp()
                            / (std::f64::consts::TAU * variance).sqrt()
                    })
                    .product();
                found.weights[k] * density
            })
            .collect();
        let density: f64 = joint.iter().sum();
        close(ln_densities[row], density.ln(), 1e-12);
        let own = &probabilities[3 * row..3 * row + 3];
        own.iter().zip(&joint).for_each(|(found, joint)| close(*found, joint / density, 1e-13));
        assert!(own.iter().all(|other| *other <= own[labels[row] as usize]));
    }
}

/// Rows of two clouds in the plane; the columns of the second are correlated.
fn drawn(n_rows: usize, seed: u64) -> Points {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let values = (0..n_rows).flat_map(|_| {
        let (first, a, b) = (uniform(&mut random) < 0.3, normal(&mut random), normal(&mut random));
        if first { [a, 10.0 * b] } else { [4.0 + a, 10.0 * (3.0 + 0.8 * a + 0.6 * b)] }
    });
    Points::new(values.collect(), 2).unwrap()
}

#[test]
fn what_rows_were_drawn_from_is_recovered_the_better_the_more_there_are() {
    for (n_rows, tolerance) in [(2_000, 0.15), (50_000, 0.03)] {
        let options = MixtureOptions { tolerance: 1e-8, ..MixtureOptions::new(2) };
        let mut found = GaussianMixture::fit(&drawn(n_rows, 7), &options).unwrap();
        assert!(found.converged);
        if found.weights[0] > 0.5 {
            found.weights.reverse();
            found.means.reverse();
            found.covariances.reverse();
        }
        close(found.weights[0], 0.3, tolerance);
        let scaled = |value: f64, n_large: i32| value / 10_f64.powi(n_large);
        close(found.means[0][0], 0.0, tolerance);
        close(scaled(found.means[0][1], 1), 0.0, tolerance);
        close(found.means[1][0], 4.0, tolerance);
        close(scaled(found.means[1][1], 1), 3.0, tolerance);
        for (component, correlation) in [(0, 0.0), (1, 0.8)] {
            let covariance = &found.covariances[component];
            close(covariance[0], 1.0, tolerance);
            close(scaled(covariance[1], 1), correlation, tolerance);
            assert_eq!(covariance[1], covariance[2]);
            close(scaled(covariance[3], 2), 1.0, tolerance);
        }
    }
}

#[test]
fn a_fit_is_the_same_on_any_number_of_threads() {
    let points = drawn(5_000, 3);
    let options = MixtureOptions { n_starts: 3, ..MixtureOptions::new(4) };
    let on = |n_threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        pool.install(|| GaussianMixture::fit(&points, &options).unwrap())
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn starts_that_are_drawn_do_not_depend_on_units_and_more_of_them_are_no_worse() {
    let points = drawn(3_000, 5);
    let cents =
        Points::new(points.rows().flat_map(|row| [row[0] * 1024.0, row[1] / 4096.0]).collect(), 2).unwrap();
    let options = MixtureOptions { regularisation: 0.0, ..MixtureOptions::new(3) };
    let (one, other) =
        (GaussianMixture::fit(&points, &options).unwrap(), GaussianMixture::fit(&cents, &options).unwrap());
    // Densities are a quarter of what they were: ln(1024 / 4096).
    close(other.lower_bound, one.lower_bound - (1024.0_f64 / 4096.0).ln(), 1e-9);
    assert_eq!(one.n_iterations, other.n_iterations);
    let many = GaussianMixture::fit(&points, &MixtureOptions { n_starts: 5, ..options }).unwrap();
    assert!(many.lower_bound >= one.lower_bound);
}

#[test]
fn one_component_is_mean_and_covariance() {
    let points = Points::new(vec![0.0, 0.0, 2.0, 0.0, 2.0, 4.0, 4.0, 4.0], 2).unwrap();
    let found = GaussianMixture::fit(&points, &MixtureOptions::new(1)).unwrap();
    assert_eq!((found.weights.as_slice(), found.means[0].as_slice()), (&[1.0][..], &[2.0, 2.0][..]));
    let expected = [2.0 + 1e-6, 2.0, 2.0, 4.0 + 1e-6];
    found.covariances[0].iter().zip(expected).for_each(|(found, expected)| close(*found, expected, 1e-15));
    assert_eq!((found.n_iterations, found.converged), (2, true));
}

#[test]
fn means_that_are_given_divide_rows_by_the_nearest() {
    let (points, _) = clouds();
    let means = vec![vec![0.0, 0.0, 1.5], vec![1.5, 2.0, 0.5], vec![3.0, 0.0, -0.5]];
    let squared =
        |row: &[f64], mean: &[f64]| -> f64 { row.iter().zip(mean).map(|(x, mean)| (x - mean).powi(2)).sum() };
    let labels = points
        .rows()
        .map(|row| {
            let nearer = |a: &u32, b: &u32| {
                squared(row, &means[*a as usize]).total_cmp(&squared(row, &means[*b as usize]))
            };
            (0..3).min_by(nearer).unwrap()
        })
        .collect();
    let by_labels = GaussianMixture::fit(&points, &options(Covariance::Full, Start::Labels(labels))).unwrap();
    let by_means = GaussianMixture::fit(&points, &options(Covariance::Full, Start::Means(means))).unwrap();
    assert_eq!(by_labels, by_means);
}

#[test]
fn a_component_on_one_point_is_named() {
    // Half of the customers have never bought.
    let mut random = ChaCha8Rng::seed_from_u64(2);
    let values = (0..200).flat_map(|row| {
        if row % 2 == 0 { [0.0, 0.0] } else { [5.0 + normal(&mut random), 9.0 + normal(&mut random)] }
    });
    let points = Points::new(values.collect(), 2).unwrap();
    for covariance in [Covariance::Full, Covariance::Diagonal, Covariance::Spherical] {
        let options = MixtureOptions { covariance, ..MixtureOptions::new(2) };
        let found = GaussianMixture::fit(&points, &options).unwrap();
        let [at_nothing] = found.collapsed[..] else { panic!("{:?}", found.collapsed) };
        close(found.weights[at_nothing], 0.5, 1e-9);
        let error =
            GaussianMixture::fit(&points, &MixtureOptions { regularisation: 0.0, ..options }).unwrap_err();
        assert!(error.to_string().contains("collapsed"), "{error}");
    }
}

#[test]
fn values_far_from_each_other_are_no_trouble() {
    let values = (0..60).flat_map(|n| {
        let far = if n % 3 == 0 { 1e9 } else { 0.0 };
        [far + f64::from(n * n % 7), f64::from(n * n % 11) * 1e-6]
    });
    let points = Points::new(values.collect(), 2).unwrap();
    let options = MixtureOptions { regularisation: 1e-15, ..MixtureOptions::new(2) };
    let found = GaussianMixture::fit(&points, &options).unwrap();
    let labels = found.predict(&points).unwrap();
    assert!((0..60).all(|row| (labels[row] == labels[0]) == (row % 3 == 0)));
    // Of a row that is nowhere near, all is a number still.
    let away = Points::new(vec![1e308, -1e308, -1e200, 0.0], 2).unwrap();
    let probabilities = found.probabilities(&away).unwrap();
    close(probabilities[0] + probabilities[1], 1.0, 1e-15);
    assert!(found.score(&away).unwrap().is_finite());
}

#[track_caller]
fn refused(values: &[f64], options: MixtureOptions, text: &str) {
    let error =
        GaussianMixture::fit(&Points::new(values.to_vec(), 2).unwrap(), &options).unwrap_err().to_string();
    assert!(error.contains(text) && error.contains("hint: "), "{error}");
}

#[test]
fn what_cannot_be_fitted_is_refused() {
    let rows = [0.0, 1.0, 1.0, 3.0, 1.0, 3.0, 4.0, 2.0, 0.0, 1.0];
    let new = MixtureOptions::new;
    refused(&rows, new(0), "`n_components` is 0");
    refused(&rows, new(1001), "`n_components` is 1001");
    refused(&rows, new(4), "3 different rows cannot make 4 clusters");
    refused(&[1.0, 1.0, 1.0, 1.0], new(1), "column `0` has one value");
    refused(&[1.0, 1.0, 2.0, 1.0], new(1), "column `1` has one value");
    refused(&rows, MixtureOptions { n_starts: 0, ..new(2) }, "`n_starts` is 0");
    refused(&rows, MixtureOptions { max_iterations: 0, ..new(2) }, "`max_iterations` is 0");
    refused(&rows, MixtureOptions { tolerance: -1.0, ..new(2) }, "`tolerance` is -1");
    refused(&rows, MixtureOptions { tolerance: f64::NAN, ..new(2) }, "`tolerance` is NaN");
    refused(&rows, MixtureOptions { regularisation: f64::INFINITY, ..new(2) }, "`regularisation` is inf");
    refused(&[1e200, 1.0, -1e200, 2.0, 0.0, 1.0], new(1), "too large");

    let labels = |labels: &[u32]| MixtureOptions { start: Start::Labels(labels.to_vec()), ..new(2) };
    refused(&rows, labels(&[0, 1]), "column `start` has 2 values where there are 5 rows");
    refused(&rows, labels(&[0, 1, 2, 0, 0]), "`start` is 2");
    refused(&rows, labels(&[0, 0, 0, 0, 0]), "without rows");
    let means = |means: &[&[f64]]| {
        let means = means.iter().map(|mean| mean.to_vec()).collect();
        MixtureOptions { start: Start::Means(means), ..new(2) }
    };
    refused(&rows, means(&[&[1.0, 2.0]]), "as many means");
    refused(&rows, means(&[&[1.0, 2.0], &[1.0]]), "a number for every column");
    refused(&rows, means(&[&[1.0, 2.0], &[1.0, f64::NAN]]), "`start` is NaN");
    refused(&rows, means(&[&[1.0, 2.0], &[1e9, 1e9]]), "without rows");
}

#[test]
fn a_mixture_that_is_none_and_points_of_others_are_refused() {
    let (points, labels) = clouds();
    let found = GaussianMixture::fit(&points, &options(Covariance::Tied, Start::Labels(labels))).unwrap();
    let narrow = Points::new(vec![1.0, 2.0], 2).unwrap();
    let error = found.predict(&narrow).unwrap_err().to_string();
    assert!(error.contains("2 columns where the model has 3"), "{error}");
    let broken = [
        GaussianMixture { weights: vec![0.5, 0.5], ..found.clone() },
        GaussianMixture { weights: vec![0.0, 0.5, 0.5], ..found.clone() },
        GaussianMixture { covariances: vec![vec![1.0; 9]], ..found.clone() },
        GaussianMixture { covariances: vec![vec![1.0; 3]], ..found.clone() },
        GaussianMixture { covariance: Covariance::Full, ..found.clone() },
        GaussianMixture { means: vec![vec![f64::NAN; 3]; 3], ..found.clone() },
    ];
    for broken in broken {
        let error = broken.score(&points).unwrap_err().to_string();
        assert!(error.contains("do not fit together"), "{error}");
    }
}

#[test]
fn exponentials_are_exact_to_the_last_digits() {
    for n in 0..7_081 {
        let x = -0.1 * f64::from(n) - 1e-3;
        let found = lanes::Lanes::all(x).exp().0[n as usize % lanes::LANES];
        let x = x.max(-708.0);
        assert!((found / x.exp() - 1.0).abs() < 1e-15, "{x}");
    }
    assert_eq!(lanes::Lanes::all(0.0).exp().0[0], 1.0);
    assert!(lanes::Lanes::all(-1e300).exp().0[0] < 1e-300);
}
