//! The search for a maximum: known maxima, bounds and flat directions.

use crate::clv::optimise::{Evaluation, Scale, Search, maximise};
use crate::clv::special::{digamma, ln_gamma, trigamma};
use crate::clv::symmetric::Symmetric;

/// `−Σ wᵢ (ln pᵢ − cᵢ)²/2`, whose maximum and standard errors are known.
fn bowl(p: &[f64], centre: &[f64], weight: &[f64]) -> Evaluation {
    let mut hessian = Symmetric::zeros(p.len());
    let (mut value, mut gradient) = (0.0, vec![]);
    for i in 0..p.len() {
        let off = p[i].ln() - centre[i];
        value -= weight[i] * off * off / 2.0;
        gradient.push(-weight[i] * off / p[i]);
        hessian.set(i, i, weight[i] * (off - 1.0) / (p[i] * p[i]));
    }
    Evaluation { value, gradient, hessian }
}

#[test]
fn a_bowl_is_found_in_few_steps_with_its_errors() {
    let found = maximise(
        |p| bowl(p, &[1.0, -2.0], &[25.0, 4.0]),
        &[Scale::Positive; 2],
        &[vec![1.0, 1.0]],
        &Search::default(),
    )
    .unwrap();
    assert!(found.is_regular(), "{found:?}");
    assert!((found.parameters[0] - 1.0_f64.exp()).abs() < 1e-12 && found.n_steps < 8, "{found:?}");
    assert!((found.standard_errors[0].unwrap() - 1.0_f64.exp() / 5.0).abs() < 1e-9);
    assert!((found.standard_errors[1].unwrap() - (-2.0_f64).exp() / 2.0).abs() < 1e-9);
}

#[test]
fn a_penalty_draws_to_one_by_as_much_as_it_weighs() {
    let search = Search { penalty: 25.0, ..Search::default() };
    let found = maximise(|p| bowl(p, &[1.0], &[25.0]), &[Scale::Positive], &[vec![1.0]], &search).unwrap();
    assert!((found.parameters[0].ln() - 0.5).abs() < 1e-12);
    assert!((found.log_likelihood + 25.0 / 8.0).abs() < 1e-12);
}

/// Gamma-distributed times with a mean, a mean logarithm and a number: the textbook maximum.
#[test]
fn the_gamma_distribution_fits_from_far_away() {
    let (n, mean, mean_ln) = (1000.0, 6.0, 1.5);
    let likelihood = |p: &[f64]| {
        let (shape, rate) = (p[0], p[1]);
        let mut hessian = Symmetric::zeros(2);
        hessian.set(0, 0, -n * trigamma(shape));
        hessian.set(0, 1, n / rate);
        hessian.set(1, 1, -n * shape / (rate * rate));
        Evaluation {
            value: n * (shape * rate.ln() - ln_gamma(shape) + (shape - 1.0) * mean_ln - rate * mean),
            gradient: vec![n * (rate.ln() - digamma(shape) + mean_ln), n * (shape / rate - mean)],
            hessian,
        }
    };
    for start in [vec![1.0, 1.0], vec![1e4, 1e-4], vec![1e-4, 1e4]] {
        let found = maximise(likelihood, &[Scale::Positive; 2], &[start], &Search::default()).unwrap();
        assert!(found.is_regular(), "{found:?}");
        let (shape, rate) = (found.parameters[0], found.parameters[1]);
        assert!((shape / rate - mean).abs() < 1e-9 && (digamma(shape) - rate.ln() - mean_ln).abs() < 1e-9);
    }
}

#[test]
fn a_rise_to_a_bound_and_a_flat_direction_are_said() {
    // −p₀ rises as p₀ goes to zero, p₁ does not matter, p₂ is ordinary.
    let likelihood = |p: &[f64]| {
        let mut hessian = Symmetric::zeros(3);
        hessian.set(2, 2, -100.0);
        let off = p[2] - 3.0;
        Evaluation {
            value: -1000.0 * p[0] - 50.0 * off * off,
            gradient: vec![-1000.0, 0.0, -100.0 * off],
            hessian,
        }
    };
    let scales = [Scale::Positive, Scale::Positive, Scale::Real];
    let found = maximise(likelihood, &scales, &[vec![1.0, 2.0, 0.0]], &Search::default()).unwrap();
    assert!(found.converged, "{found:?}");
    assert_eq!((found.at_boundary, found.not_identified), (vec![0], vec![1]));
    assert!((found.parameters[2] - 3.0).abs() < 1e-12);
    assert_eq!(found.standard_errors[..2], [None, None]);
    assert!((found.standard_errors[2].unwrap() - 0.1).abs() < 1e-12);
    assert_eq!(found.covariance, None);
}

#[test]
fn a_likelihood_that_is_nowhere_finite_has_no_maximum() {
    let nan = |_: &[f64]| Evaluation { value: f64::NAN, gradient: vec![0.0], hessian: Symmetric::zeros(1) };
    assert_eq!(maximise(nan, &[Scale::Real], &[vec![0.0]], &Search::default()), None);
}
