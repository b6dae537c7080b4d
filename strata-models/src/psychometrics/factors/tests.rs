//! By hand, and at the extremes.

use super::adequacy::{sampling_adequacy, sphericity};
use super::number::{average_partials, parallel_analysis};
use super::*;
use crate::clv::draw::normal;
use crate::clv::symmetric::Symmetric;
use crate::psychometrics::answers::Answers;
use crate::psychometrics::error::PsychometricsError;
use crate::psychometrics::moments::{Missing, Moments};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

fn names(n: usize) -> Vec<String> {
    (0..n).map(|item| format!("i{item}")).collect()
}

/// The correlations of loadings with factors that correlate so.
fn implied(loadings: &[[f64; 2]], between: f64, n: usize) -> Moments {
    let mut r = Symmetric::zeros(loadings.len());
    for row in 0..loadings.len() {
        for column in 0..row {
            let ([a, b], [c, d]) = (loadings[row], loadings[column]);
            r.set(row, column, a * c + b * d + between * (a * d + b * c));
        }
        r.set(row, row, 1.0);
    }
    Moments::of_correlations(names(loadings.len()), r, n).unwrap()
}

const SIMPLE: [[f64; 2]; 8] =
    [[0.8, 0.0], [0.7, 0.0], [0.6, 0.0], [0.75, 0.0], [0.0, 0.7], [0.0, -0.6], [0.0, 0.5], [0.0, 0.65]];

#[track_caller]
fn refused<T: std::fmt::Debug>(found: Result<T, PsychometricsError>, text: &str) {
    let error = found.unwrap_err().to_string();
    assert!(error.contains(text) && error.contains("hint"), "{error}");
}

#[test]
fn simple_structure_is_found_again() {
    for (between, rotation) in [(0.0, Rotation::Varimax), (0.4, Rotation::Oblimin), (0.0, Rotation::Oblimin)]
    {
        let moments = implied(&SIMPLE, between, 1000);
        for extraction in [Extraction::MaximumLikelihood, Extraction::MinimumResidual] {
            let found = analyse(&moments, 2, extraction, rotation).unwrap();
            for (row, known) in found.loadings.iter().zip(SIMPLE) {
                row.iter().zip(known).for_each(|(l, known)| assert!((l - known).abs() < 1e-5, "{found:?}"));
            }
            assert!((found.factor_correlations[0][1] - between).abs() < 1e-5);
            let fit = found.fit.unwrap();
            assert!(fit.chi_squared < 1e-6 && fit.rmsea == Some(0.0) && fit.tucker_lewis.unwrap() > 1.0);
            assert_eq!((fit.degrees_of_freedom, found.warnings.len(), found.n_factors()), (13, 0, 2));
            assert!(fit.p_value.unwrap() > 0.999);
            for ([a, b], uniqueness) in SIMPLE.iter().zip(&found.uniquenesses) {
                assert!((1.0 - a * a - b * b - uniqueness).abs() < 1e-6);
            }
        }
    }
}

#[test]
fn rotations_keep_what_is_explained() {
    let moments =
        implied(&[[0.7, 0.3], [0.6, -0.2], [0.2, 0.7], [0.1, 0.6], [0.5, 0.5], [-0.3, 0.6]], 0.0, 300);
    let by = |rotation| analyse(&moments, 2, Extraction::MinimumResidual, rotation).unwrap();
    let common = |solution: &FactorSolution, row: usize, column: usize| -> f64 {
        let pairs = (0..2).flat_map(|j| (0..2).map(move |k| (j, k)));
        pairs
            .map(|(j, k)| {
                solution.loadings[row][j] * solution.factor_correlations[j][k] * solution.loadings[column][k]
            })
            .sum()
    };
    let plain = by(Rotation::None);
    for turned in [by(Rotation::Varimax), by(Rotation::Oblimin)] {
        assert_eq!(turned.fit, plain.fit);
        for row in 0..6 {
            (0..6).for_each(|column| {
                assert!((common(&turned, row, column) - common(&plain, row, column)).abs() < 1e-9)
            });
        }
    }
}

#[test]
fn congruence_is_the_cosine_of_loadings() {
    assert!((congruence(&[0.5, 0.6], &[1.0, 1.2]).unwrap() - 1.0).abs() < 1e-12);
    assert!((congruence(&[1.0, 0.0], &[1.0, 1.0]).unwrap() - 0.5_f64.sqrt()).abs() < 1e-12);
    assert_eq!((congruence(&[0.0], &[1.0]), congruence(&[1.0], &[1.0, 2.0])), (None, None));
}

#[test]
fn adequacy_by_hand() {
    // Two items: the partial correlation is the correlation, whatever it is.
    let two = implied(&[[0.8, 0.0], [0.5, 0.0]], 0.0, 100);
    assert!((sampling_adequacy(&two).unwrap().overall - 0.5).abs() < 1e-12);
    let test = sphericity(&two).unwrap();
    // −(99 − 9/6) ln(1 − .16)
    assert!((test.chi_squared + 97.5 * 0.84_f64.ln()).abs() < 1e-9 && test.degrees_of_freedom == 1);
    assert!((test.p_value - libm::erfc((test.chi_squared / 2.0).sqrt())).abs() < 1e-12);
    // Three of r = .5: each partial correlation is 1/3.
    let root = 0.5_f64.sqrt();
    let three = sampling_adequacy(&implied(&[[root, 0.0]; 3], 0.0, 100)).unwrap();
    assert!((three.overall - 0.25 / (0.25 + 1.0 / 9.0)).abs() < 1e-12);
    assert!((three.items[2] - three.overall).abs() < 1e-12);
}

#[test]
fn what_cannot_be_factored_is_refused() {
    let moments = implied(&SIMPLE, 0.0, 1000);
    for n_factors in [0, 5, 8] {
        let found = analyse(&moments, n_factors, Extraction::MinimumResidual, Rotation::None);
        refused(found, &format!("`n_factors` is {n_factors}"));
    }
    let few = implied(&SIMPLE, 0.0, 8);
    refused(analyse(&few, 1, Extraction::MinimumResidual, Rotation::None), "at least 9 respondents");
    refused(sphericity(&few), "at least 9 respondents");
    refused(sphericity(&implied(&SIMPLE[..1], 0.0, 100)), "at least 2 items");
    let rows: Vec<f64> =
        (0..30_u32).flat_map(|i| [f64::from(i % 5), f64::from(i * i % 7), f64::from(i % 5) * 2.0]).collect();
    let collinear = Moments::of(&Answers::from_rows(names(3), &rows).unwrap(), Missing::Listwise).unwrap();
    refused(sampling_adequacy(&collinear), "item `i2` is a sum of multiples");
    refused(analyse(&collinear, 1, Extraction::MaximumLikelihood, Rotation::None), "item `i2`");
}

/// Answers of eight items on two uncorrelated factors, one of 29 missing.
fn simulated(n: usize) -> Answers<'static> {
    let mut generator = ChaCha8Rng::seed_from_u64(3);
    let mut values = vec![];
    for _ in 0..n {
        let (f, g) = (normal(&mut generator), normal(&mut generator));
        for [a, b] in SIMPLE {
            let own = (1.0 - a * a - b * b).sqrt() * normal(&mut generator);
            let missing = values.len() % 29 == 0;
            values.push(if missing { f64::NAN } else { a * f + b * g + own });
        }
    }
    Answers::from_rows(names(8), &values).unwrap()
}

#[test]
fn the_number_of_factors_is_found() {
    let answers = simulated(500);
    for missing in [Missing::Pairwise, Missing::Listwise] {
        let found = parallel_analysis(&answers, missing, 20, 7).unwrap();
        assert_eq!((found.n_components, found.n_factors), (2, 2), "{found:?}");
        assert_eq!(average_partials(&Moments::of(&answers, missing).unwrap()).unwrap().n_components, 2);
    }
    refused(parallel_analysis(&answers, Missing::Pairwise, 19, 7), "`n_shuffles` is 19");
}

#[test]
fn the_result_does_not_depend_on_threads() {
    let answers = simulated(300);
    let with = |n_threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        pool.install(|| parallel_analysis(&answers, Missing::Pairwise, 20, 9).unwrap())
    };
    assert_eq!(with(1), with(3));
}

#[test]
fn noise_has_no_factors() {
    let mut generator = ChaCha8Rng::seed_from_u64(8);
    let values: Vec<f64> = (0..400 * 6).map(|_| normal(&mut generator)).collect();
    let answers = Answers::from_rows(names(6), &values).unwrap();
    let found = parallel_analysis(&answers, Missing::Listwise, 40, 2).unwrap();
    assert!(found.n_components <= 1, "{found:?}");
    let moments = Moments::of(&answers, Missing::Listwise).unwrap();
    assert_eq!(average_partials(&moments).unwrap().n_components, 0);
    assert!(sphericity(&moments).unwrap().p_value > 0.001);
}
