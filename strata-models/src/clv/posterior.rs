//! The full posterior of a model's parameters, for how sure one can be of a forecast: Hamiltonian Monte Carlo with the no-U-turn rule.
//!
//! The prior of every positive parameter p, taken relative to its unit (times to the mean tenure, money to the mean spend), is
//! `ln p ~ Normal(0, 2²)`: p is between a fiftieth and fifty times its unit with 95 %. Its logarithm is the penalty of [`PRIOR_PENALTY`], so that the
//! penalised fit is the posterior's mode. The sampler moves in `z = V⁻¹ (ln p − mode)`, where `V Vᵀ` is the inverse of the curvature at
//! the mode: whatever the correlations of the parameters, z is close to a standard normal and a few steps suffice.
//!
//! Hoffman, M. D. and Gelman, A. (2014). The No-U-Turn Sampler. Journal of Machine Learning Research 15, 1593–1623. Why `nuts-rs`:
//! `docs/decisions/0012-nuts.md`.

use std::collections::HashMap;

use nuts_rs::rand::rngs::ChaCha8Rng;
use nuts_rs::rand::{Rng, RngExt, SeedableRng};
use nuts_rs::{Chain, CpuLogpFunc, CpuMath, CpuMathError, DiagNutsSettings, HasDims, LogpError, Settings};
use rayon::prelude::*;

use super::beta_geo::{BetaGeo, NAMES};
use super::beta_geo_likelihood::{Variant, evaluate_gradient};
use super::diagnostics::{bulk_ess, r_hat};
use super::error::FitError;
use super::fit::FitOptions;
use super::purchases::RepeatPurchases;
use super::sample::Sample;
use super::special::normal_quantile;
use super::symmetric::Symmetric;
use crate::rank::quantile;

/// The penalty whose maximum is the posterior's mode: one over the prior's variance.
pub const PRIOR_PENALTY: f64 = 0.25;

/// How many draws to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SamplingPlan {
    /// Chains, side by side; two or more show whether they agree.
    pub n_chains: usize,
    /// Draws kept of each chain.
    pub n_draws: usize,
    /// Draws before these in which the step size is found.
    pub n_warm_up: usize,
    /// What the draws follow from: the same seed, the same draws.
    pub seed: u64,
}

impl Default for SamplingPlan {
    fn default() -> SamplingPlan {
        SamplingPlan { n_chains: 2, n_draws: 1000, n_warm_up: 300, seed: 0 }
    }
}

/// Why there are no draws.
#[derive(Debug, thiserror::Error)]
pub enum PosteriorError {
    /// The posterior has no mode to begin at.
    #[error("the posterior has no mode to begin at")]
    Fit(#[from] FitError),
    /// The plan cannot be carried out.
    #[error("a plan of {n_chains} chains with {n_draws} draws; take at least one chain and four draws")]
    Plan {
        /// Chains.
        n_chains: usize,
        /// Draws of each.
        n_draws: usize,
    },
    /// The sampler found no way on.
    #[error("chain {chain} ended: {reason}; take another seed, or look at the fit's flags")]
    Chain {
        /// Which chain, from 0.
        chain: usize,
        /// What the sampler says.
        reason: String,
    },
}

/// Draws from a posterior.
#[derive(Debug, Clone, PartialEq)]
pub struct Draws {
    /// What the parameters are called.
    pub names: Vec<String>,
    /// Draws by chain and parameter: `chains[chain][parameter][draw]`.
    pub chains: Vec<Vec<Vec<f64>>>,
    /// Draws, of all chains after the warm-up, at which the sampler lost its way; more than a few are a warning.
    pub n_divergences: usize,
}

/// What is known of a parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct ParameterSummary {
    /// What it is called.
    pub name: String,
    /// The mean of its draws.
    pub mean: f64,
    /// Their standard deviation.
    pub standard_deviation: f64,
    /// Their median.
    pub median: f64,
    /// The interval with 90 % of them, between the 5 % and 95 % quantiles.
    pub interval: (f64, f64),
    /// See [`r_hat`]; none where it is not defined.
    pub r_hat: Option<f64>,
    /// See [`bulk_ess`]; none where it is not defined.
    pub bulk_ess: Option<f64>,
}

impl Draws {
    /// A summary for each parameter.
    pub fn summary(&self) -> Vec<ParameterSummary> {
        (0..self.names.len())
            .map(|place| {
                let chains: Vec<Vec<f64>> = self.chains.iter().map(|chain| chain[place].clone()).collect();
                let mut all = chains.concat();
                all.sort_by(f64::total_cmp);
                let n = all.len() as f64;
                let mean = all.iter().sum::<f64>() / n;
                let squares: f64 = all.iter().map(|draw| (draw - mean).powi(2)).sum();
                let quantile = |share: f64| quantile(&all, share).unwrap_or(f64::NAN);
                ParameterSummary {
                    name: self.names[place].clone(),
                    mean,
                    standard_deviation: (squares / (n - 1.0)).sqrt(),
                    median: quantile(0.5),
                    interval: (quantile(0.05), quantile(0.95)),
                    r_hat: r_hat(&chains),
                    bulk_ess: bulk_ess(&chains),
                }
            })
            .collect()
    }

    /// Every draw of all parameters, chain after chain.
    pub fn points(&self) -> impl Iterator<Item = Vec<f64>> {
        self.chains.iter().flat_map(|chain| {
            let n = chain.first().map_or(0, Vec::len);
            (0..n).map(|draw| chain.iter().map(|parameter| parameter[draw]).collect())
        })
    }
}

impl BetaGeo {
    /// Draws of r, α, a and b given the purchases.
    pub fn sample(purchases: &RepeatPurchases, plan: &SamplingPlan) -> Result<Draws, PosteriorError> {
        let mode = BetaGeo::fit(purchases, &FitOptions { penalty: PRIOR_PENALTY })?.optimum;
        let sample = Sample::whole(purchases);
        let posterior = PositivePosterior {
            names: &NAMES,
            mode: &mode.parameters,
            covariance: mode.covariance.as_ref(),
            units: &[1.0, purchases.mean_tenure(), 1.0, 1.0],
            likelihood: |p: &[f64], gradient: &mut [f64]| {
                let (value, by_p) = evaluate_gradient(Variant::BetaGeo, [p[0], p[1], p[2], p[3]], &sample);
                gradient.copy_from_slice(&by_p);
                value
            },
        };
        posterior.sample(plan)
    }
}

/// A posterior of positive parameters with the prior of this module.
pub struct PositivePosterior<'a, L> {
    /// What the parameters are called.
    pub names: &'a [&'a str],
    /// The parameters at the mode, from a fit with [`PRIOR_PENALTY`].
    pub mode: &'a [f64],
    /// Their covariances there, from the same fit; without them the sampler needs more steps.
    pub covariance: Option<&'a Symmetric>,
    /// Their units.
    pub units: &'a [f64],
    /// The log-likelihood of parameters; also writes its derivatives `∂ℓ/∂pᵢ`.
    pub likelihood: L,
}

impl<L: Fn(&[f64], &mut [f64]) -> f64 + Sync> PositivePosterior<'_, L> {
    /// Draws from it, the chains side by side.
    pub fn sample(&self, plan: &SamplingPlan) -> Result<Draws, PosteriorError> {
        let SamplingPlan { n_chains, n_draws, .. } = *plan;
        if n_chains == 0 || n_draws < 4 {
            return Err(PosteriorError::Plan { n_chains, n_draws });
        }
        let directions = self.directions();
        let drawn: Vec<_> =
            (0..n_chains).into_par_iter().map(|chain| self.chain(chain, &directions, plan)).collect();
        let mut draws = Draws {
            names: self.names.iter().map(|name| (*name).to_owned()).collect(),
            chains: vec![],
            n_divergences: 0,
        };
        for chain in drawn {
            let (chain, n_divergences) = chain?;
            draws.chains.push(chain);
            draws.n_divergences += n_divergences;
        }
        Ok(draws)
    }

    /// The columns of V: eigenvectors of the covariances of ln p at the mode, each as long as its standard deviation.
    fn directions(&self) -> Vec<Vec<f64>> {
        let n = self.mode.len();
        let mut of_logarithms = Symmetric::zeros(n);
        for i in 0..n {
            for j in 0..=i {
                // The delta method, backwards. Without covariances those of the prior, which is 1 / PRIOR_PENALTY.
                let value =
                    self.covariance.map_or(if i == j { 1.0 / PRIOR_PENALTY } else { 0.0 }, |covariance| {
                        covariance.at(i, j) / (self.mode[i] * self.mode[j])
                    });
                of_logarithms.set(i, j, value);
            }
        }
        let scaled = |(value, vector): (f64, Vec<f64>)| {
            let deviation = value.max(1e-12).sqrt();
            vector.into_iter().map(|v| v * deviation).collect()
        };
        of_logarithms.eigen().into_iter().map(scaled).collect()
    }

    /// The draws of one chain by parameter, and how many diverged.
    fn chain(
        &self,
        chain: usize,
        directions: &[Vec<f64>],
        plan: &SamplingPlan,
    ) -> Result<(Vec<Vec<f64>>, usize), PosteriorError> {
        let failed = |reason: String| PosteriorError::Chain { chain, reason };
        let mut random = ChaCha8Rng::seed_from_u64(plan.seed);
        random.set_stream(chain as u64);
        let density =
            Density { posterior: self, directions, p: self.mode.to_vec(), by_p: self.mode.to_vec() };
        let begin: Vec<f64> =
            self.mode.iter().map(|_| normal_quantile(random.random_range(0.01..0.99))).collect();
        let settings = DiagNutsSettings {
            num_tune: plan.n_warm_up as u64,
            num_draws: plan.n_draws as u64,
            maxdepth: 8,
            ..DiagNutsSettings::default()
        };
        let mut sampler = settings
            .new_chain(chain as u64, CpuMath::new(density), &mut random)
            .map_err(|error| failed(error.to_string()))?;
        sampler.set_position(&begin).map_err(|error| failed(error.to_string()))?;
        let mut draws = vec![Vec::with_capacity(plan.n_draws); self.mode.len()];
        let mut n_divergences = 0;
        let mut p = self.mode.to_vec();
        for draw in 0..plan.n_warm_up + plan.n_draws {
            let (z, progress) = sampler.draw().map_err(|error| failed(error.to_string()))?;
            if draw >= plan.n_warm_up {
                self.parameters(&z, directions, &mut p);
                draws.iter_mut().zip(&p).for_each(|(draws, p)| draws.push(*p));
                n_divergences += usize::from(progress.diverging);
            }
        }
        Ok((draws, n_divergences))
    }

    /// p at z: `ln p = ln mode + V z`.
    fn parameters(&self, z: &[f64], directions: &[Vec<f64>], p: &mut [f64]) {
        for (i, p) in p.iter_mut().enumerate() {
            let moved: f64 = z.iter().zip(directions).map(|(z, direction)| z * direction[i]).sum();
            *p = self.mode[i] * moved.exp();
        }
    }
}

/// The posterior's logarithm by z, with room for a point.
struct Density<'a, L> {
    posterior: &'a PositivePosterior<'a, L>,
    directions: &'a [Vec<f64>],
    p: Vec<f64>,
    by_p: Vec<f64>,
}

/// The posterior is not finite somewhere: the sampler turns back from there.
#[derive(Debug, thiserror::Error)]
#[error("the posterior is not finite")]
struct NotFinite;

impl LogpError for NotFinite {
    fn is_recoverable(&self) -> bool {
        true
    }
}

impl<L> HasDims for Density<'_, L> {
    fn dim_sizes(&self) -> HashMap<String, u64> {
        let n = self.p.len() as u64;
        HashMap::from([("unconstrained_parameter".to_owned(), n), ("dim".to_owned(), n)])
    }
}

impl<L: Fn(&[f64], &mut [f64]) -> f64 + Sync> CpuLogpFunc for Density<'_, L> {
    type LogpError = NotFinite;
    type FlowParameters = ();
    type ExpandedVector = Vec<f64>;

    fn dim(&self) -> usize {
        self.p.len()
    }

    fn logp(&mut self, z: &[f64], gradient: &mut [f64]) -> Result<f64, NotFinite> {
        self.posterior.parameters(z, self.directions, &mut self.p);
        let mut value = (self.posterior.likelihood)(&self.p, &mut self.by_p);
        for ((by_p, p), unit) in self.by_p.iter_mut().zip(&self.p).zip(self.posterior.units) {
            let theta = (p / unit).ln();
            value -= PRIOR_PENALTY / 2.0 * theta * theta;
            // From here on by ln p.
            *by_p = *by_p * p - PRIOR_PENALTY * theta;
        }
        for (by_z, direction) in gradient.iter_mut().zip(self.directions) {
            *by_z = direction.iter().zip(&self.by_p).map(|(v, by_theta)| v * by_theta).sum();
        }
        let finite = value.is_finite() && gradient.iter().all(|by_z| by_z.is_finite());
        if finite { Ok(value) } else { Err(NotFinite) }
    }

    fn expand_vector<R: Rng + ?Sized>(&mut self, _: &mut R, z: &[f64]) -> Result<Vec<f64>, CpuMathError> {
        Ok(z.to_vec())
    }
}
