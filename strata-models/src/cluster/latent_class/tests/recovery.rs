//! Classes, coefficients and corrections are found again in answers that were drawn from them.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::words;
use crate::cluster::latent_class::answers::Answers;
use crate::cluster::latent_class::fit::Settings;
use crate::cluster::latent_class::model::LatentClasses;
use crate::cluster::latent_class::patterns::{Covariates, Patterns};
use crate::cluster::latent_class::three_step::Classification;
use crate::cluster::points::Points;
use crate::clv::draw::{normal, uniform};

/// In the second class ln odds are −1 + .8 z; its rows answer yes with .75, those of the first with .2; each
/// fifth answer is missing.
fn draw(n_rows: usize) -> (Answers, Covariates, Vec<bool>) {
    let mut generator = ChaCha8Rng::seed_from_u64(3);
    let (mut rows, mut values, mut second) = (vec![], vec![], vec![]);
    for _ in 0..n_rows {
        // Two decimals, so that rows share covariates; far from 0, as years are.
        let z = (normal(&mut generator) * 50.0).round() / 50.0;
        let is_second = uniform(&mut generator) < 1.0 / (1.0 + (1.0 - 0.8 * z).exp());
        let yes = if is_second { 0.75 } else { 0.2 };
        let answer = |generator: &mut ChaCha8Rng| match uniform(generator) {
            u if u < 0.2 => '-',
            u if u < 0.2 + 0.8 * yes => '1',
            _ => '0',
        };
        rows.push((0..6).map(|_| answer(&mut generator)).collect::<String>());
        values.push(z + 2000.0);
        second.push(is_second);
    }
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let covariates = Covariates::new(vec!["z".to_owned()], Points::new(values, 1).unwrap()).unwrap();
    (words(&rows), covariates, second)
}

#[test]
fn coefficients_are_within_their_standard_errors() {
    let (answers, covariates, _) = draw(20_000);
    let patterns = Patterns::new(&answers, None, Some(&covariates)).unwrap();
    let model = LatentClasses::fit(&patterns, &Settings { n_starts: 3, ..Settings::of(2) }, 1).unwrap();
    let membership = model.membership.as_ref().unwrap();
    let errors = membership.standard_errors.as_ref().unwrap();
    let truth = [-1.0 - 0.8 * 2000.0, 0.8];
    for ((found, error), truth) in membership.coefficients[0].iter().zip(&errors[0]).zip(truth) {
        assert!((found - truth).abs() < 4.0 * error, "{found} ± {error}, not {truth}");
    }
    assert!((0.01..0.05).contains(&errors[0][1]), "{errors:?}");
    for item in &model.items {
        assert!(
            (item.probabilities[0][1] - 0.2).abs() < 0.03 && (item.probabilities[1][1] - 0.75).abs() < 0.03
        );
    }
    // The mean of the rows' memberships is the share, by another way of adding up.
    let memberships = model.probabilities(&answers, Some(&covariates)).unwrap();
    let mean = memberships.rows().map(|row| row[1]).sum::<f64>() / 20_000.0;
    assert!((mean - model.shares[1]).abs() < 1e-9);
}

#[test]
fn covariates_explain_classes_that_were_found_without_them() {
    let (answers, covariates, _) = draw(20_000);
    let without = Patterns::new(&answers, None, None).unwrap();
    let model = LatentClasses::fit(&without, &Settings { n_starts: 3, ..Settings::of(2) }, 1).unwrap();
    let with = Patterns::new(&answers, None, Some(&covariates)).unwrap();
    let membership = model.explained_by(&with).unwrap();
    let errors = membership.standard_errors.as_ref().unwrap();
    for ((found, error), truth) in
        membership.coefficients[0].iter().zip(&errors[0]).zip([-1.0 - 0.8 * 2000.0, 0.8])
    {
        assert!((found - truth).abs() < 4.0 * error, "{found} ± {error}, not {truth}");
    }
    // Rows that are put into a class by their answers and counted whole draw the coefficient towards 0.
    assert!(membership.coefficients[0][1] > 0.72, "{membership:?}");
    assert!((0.01..0.05).contains(&errors[0][1]), "{errors:?}");
}

#[test]
fn means_of_classes_are_corrected_for_rows_in_the_wrong_class() {
    let (answers, _, second) = draw(20_000);
    let model =
        LatentClasses::fit(&Patterns::new(&answers, None, None).unwrap(), &Settings::of(2), 1).unwrap();
    let memberships = model.probabilities(&answers, None).unwrap();
    let classes = Classification::new(&memberships, None).unwrap();
    // What is described is 1 in the second class and 0 in the first.
    let outcome = |row: usize| f64::from(u8::from(second[row]));
    for class in 0..2 {
        let weights = || (0..second.len()).map(|row| classes.weights_of(row)[class]);
        let corrected = weights().enumerate().map(|(row, weight)| weight * outcome(row)).sum::<f64>()
            / weights().sum::<f64>();
        let own: Vec<usize> = (0..second.len()).filter(|row| classes.assigned[*row] == class).collect();
        let plain = own.iter().map(|row| outcome(*row)).sum::<f64>() / own.len() as f64;
        let error = (corrected - class as f64).abs();
        assert!(error < 0.03 && error < 0.5 * (plain - class as f64).abs(), "{plain}, corrected {corrected}");
        assert!((classes.matrix[class].iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }
    assert!((0..100).all(|row| (classes.weights_of(row).iter().sum::<f64>() - 1.0).abs() < 1e-9));
}

#[test]
fn one_more_class_never_fits_worse() {
    let (answers, ..) = draw(3000);
    let patterns = Patterns::new(&answers, None, None).unwrap();
    let fits: Vec<f64> = (1..=4)
        .map(|n| LatentClasses::fit(&patterns, &Settings::of(n), 1).unwrap().fit.log_likelihood)
        .collect();
    assert!(fits.is_sorted(), "{fits:?}");
}

#[test]
fn many_classes_divide_all_rows() {
    let mut generator = ChaCha8Rng::seed_from_u64(8);
    let mut digit = || char::from(b'0' + (5.0 * uniform(&mut generator)) as u8);
    let rows: Vec<String> = (0..2000).map(|_| (0..5).map(|_| digit()).collect()).collect();
    let answers = words(&rows.iter().map(String::as_str).collect::<Vec<_>>());
    let patterns = Patterns::new(&answers, None, None).unwrap();
    for n_classes in [5, 7, 9, 17, 32] {
        let settings = Settings { n_starts: 1, tolerance: 1e-4, ..Settings::of(n_classes) };
        let model = LatentClasses::fit(&patterns, &settings, 1).unwrap();
        assert!((model.shares.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        assert!(model.shares.is_sorted_by(|one, other| one >= other));
        // Memberships of new rows are worked out in another way than those of the fit.
        let memberships = model.probabilities(&answers, None).unwrap();
        for (class, share) in model.shares.iter().enumerate() {
            let mean = memberships.rows().map(|row| row[class]).sum::<f64>() / 2000.0;
            assert!((mean - share).abs() < 2e-3, "class {class} of {n_classes}: {mean}, not {share}");
        }
    }
}
