//! Posteriors: near the maximum of the likelihood where there are many customers, and the same by seed.

use super::data::cdnow;
use crate::clv::beta_geo::BetaGeo;
use crate::clv::fit::FitOptions;
use crate::clv::posterior::{PositivePosterior, PosteriorError, SamplingPlan};

#[test]
fn the_posterior_of_cdnow_is_around_the_maximum_likelihood() {
    let purchases = cdnow();
    let fit = BetaGeo::fit(&purchases, &FitOptions::default()).unwrap().optimum;
    let draws = BetaGeo::sample(&purchases, &SamplingPlan { seed: 1, ..SamplingPlan::default() }).unwrap();
    assert_eq!(draws.points().count(), 2000);
    assert_eq!(draws.n_divergences, 0);
    for ((summary, value), error) in draws.summary().iter().zip(&fit.parameters).zip(&fit.standard_errors) {
        let error = error.unwrap();
        assert!(summary.r_hat.unwrap() < 1.01 && summary.bulk_ess.unwrap() > 400.0, "{summary:?}");
        assert!((summary.median - value).abs() < 0.35 * error, "{summary:?} {value} {error}");
        assert!((0.7..1.5).contains(&(summary.standard_deviation / error)), "{summary:?} {error}");
        assert!(summary.interval.0 < *value && *value < summary.interval.1);
    }
}

#[test]
fn the_same_seed_yields_the_same_draws() {
    let purchases = cdnow();
    let plan = SamplingPlan { n_draws: 20, n_warm_up: 20, seed: 5, ..SamplingPlan::default() };
    let draws = BetaGeo::sample(&purchases, &plan).unwrap();
    assert_eq!(draws, BetaGeo::sample(&purchases, &plan).unwrap());
    assert_ne!(draws, BetaGeo::sample(&purchases, &SamplingPlan { seed: 6, ..plan }).unwrap());
    assert_ne!(draws.chains[0], draws.chains[1]);
}

/// Poisson counts with sum s and number n: the posterior of the rate is close to Gamma(s, n), whose moments are known.
#[test]
fn a_posterior_of_known_shape_is_drawn() {
    let (sum, n) = (200.0_f64, 100.0);
    let posterior = PositivePosterior {
        names: &["rate"],
        mode: &[2.0],
        covariance: None,
        units: &[2.0],
        likelihood: |p: &[f64], gradient: &mut [f64]| {
            gradient[0] = sum / p[0] - n;
            sum * p[0].ln() - n * p[0]
        },
    };
    let plan = SamplingPlan { n_chains: 4, ..SamplingPlan::default() };
    let summary = &posterior.sample(&plan).unwrap().summary()[0];
    assert!((summary.mean - 2.0).abs() < 0.02, "{summary:?}");
    assert!((summary.standard_deviation - 0.1414).abs() < 0.015, "{summary:?}");
    assert!(summary.r_hat.unwrap() < 1.01);
}

#[test]
fn a_plan_without_draws_is_refused() {
    let refused = BetaGeo::sample(&cdnow(), &SamplingPlan { n_draws: 0, ..SamplingPlan::default() });
    assert!(matches!(refused, Err(PosteriorError::Plan { n_chains: 2, n_draws: 0 })));
}
