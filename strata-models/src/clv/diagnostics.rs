//! Whether chains of draws have converged to one distribution, and how many independent draws they are worth.
//!
//! Vehtari, A., Gelman, A., Simpson, D., Carpenter, B. and Bürkner, P.-C. (2021). Rank-normalization, folding, and localization: an improved
//! R̂ for assessing convergence of MCMC. Bayesian Analysis 16, 667–718.

use super::special::normal_quantile;

/// R̂ of one parameter's chains: √ of the variance of all draws over that within half-chains, of draws replaced by normal scores of their
/// ranks; the larger of that and the same for distances from the median, which sees chains of unequal spread. Near 1 is good; below
/// 1.01 is the usual demand. None of chains shorter than four draws or of unequal length, or where draws are not finite or all equal.
pub fn r_hat(chains: &[Vec<f64>]) -> Option<f64> {
    let halves = halves(chains)?;
    let mut all: Vec<f64> = halves.concat();
    all.sort_by(f64::total_cmp);
    let median = (all[(all.len() - 1) / 2] + all[all.len() / 2]) / 2.0;
    let folded: Vec<Vec<f64>> =
        halves.iter().map(|chain| chain.iter().map(|draw| (draw - median).abs()).collect()).collect();
    let (bulk, tail) = (variances(&normal_scores(&halves))?, variances(&normal_scores(&folded))?);
    let ratio = |(within, all): (f64, f64)| (all / within).sqrt();
    Some(ratio(bulk).max(ratio(tail)))
}

/// The effective sample size in the bulk: how many independent draws would tell as much of the middle of the distribution, from the
/// autocorrelations of normal scores, `n / (1 + 2 Σ ρₜ)`, summed in pairs as long as they are positive and then held to fall (Geyer). None
/// where [`r_hat`] is none.
pub fn bulk_ess(chains: &[Vec<f64>]) -> Option<f64> {
    let scores = normal_scores(&halves(chains)?);
    let (within, all) = variances(&scores)?;
    let (m, n) = (scores.len() as f64, scores[0].len());
    let means: Vec<f64> = scores.iter().map(|chain| mean(chain)).collect();
    let autocorrelation = |lag: usize| {
        let covariances = scores.iter().zip(&means).map(|(chain, mean)| {
            let products = chain.iter().zip(&chain[lag..]).map(|(one, other)| (one - mean) * (other - mean));
            products.sum::<f64>() / n as f64
        });
        let scale = n as f64 / (n as f64 - 1.0);
        1.0 - (within - scale * covariances.sum::<f64>() / m) / all
    };
    let mut pairs = vec![];
    let mut lag = 0;
    while lag + 1 < n {
        let first = if lag == 0 { 1.0 } else { autocorrelation(lag) };
        let pair = first + autocorrelation(lag + 1);
        // Also ends where it is not a number.
        if pair.is_nan() || pair <= 0.0 {
            break;
        }
        let before = pairs.last().copied().unwrap_or(f64::INFINITY);
        pairs.push(pair.min(before));
        lag += 2;
    }
    let total = m * n as f64;
    let time = -1.0 + 2.0 * pairs.iter().sum::<f64>();
    // Chains that alternate are worth more than independent draws, but no more than this.
    Some(total / time.max(1.0 / total.log10()))
}

/// Every chain as two, its halves; a middle draw too many is left out.
fn halves(chains: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    let n = chains.first()?.len();
    let usable =
        n >= 4 && chains.iter().all(|chain| chain.len() == n && chain.iter().all(|draw| draw.is_finite()));
    let half = n / 2;
    usable.then(|| {
        chains.iter().flat_map(|chain| [chain[..half].to_vec(), chain[n - half..].to_vec()]).collect()
    })
}

/// Draws replaced by `Φ⁻¹((rank − 3/8) / (n + 1/4))`, where equal draws share their mean rank.
fn normal_scores(chains: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let all: Vec<f64> = chains.concat();
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by(|one, other| all[*one].total_cmp(&all[*other]));
    let mut scores = vec![0.0; all.len()];
    let mut begin = 0;
    for run in order.chunk_by(|one, other| all[*one] == all[*other]) {
        let rank = begin as f64 + (run.len() as f64 + 1.0) / 2.0;
        let score = normal_quantile((rank - 0.375) / (all.len() as f64 + 0.25));
        run.iter().for_each(|place| scores[*place] = score);
        begin += run.len();
    }
    scores.chunks(chains[0].len()).map(<[f64]>::to_vec).collect()
}

/// The mean variance within chains, and the variance of all draws that it and the chains' means suggest; none of draws that are all equal.
fn variances(chains: &[Vec<f64>]) -> Option<(f64, f64)> {
    let n = chains[0].len() as f64;
    let means: Vec<f64> = chains.iter().map(|chain| mean(chain)).collect();
    let within = mean(&chains.iter().map(|chain| variance(chain)).collect::<Vec<f64>>());
    let all = within * (n - 1.0) / n + variance(&means);
    (within > 0.0).then_some((within, all))
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn variance(values: &[f64]) -> f64 {
    let mean = mean(values);
    values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (values.len() as f64 - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use nuts_rs::rand::rngs::ChaCha8Rng;
    use nuts_rs::rand::{RngExt, SeedableRng};

    /// Chains `xₜ = ρ xₜ₋₁ + √(1 − ρ²) ε + shift` of 1,000 draws, one for each shift.
    fn chains(correlation: f64, shifts: &[f64]) -> Vec<Vec<f64>> {
        let mut random = ChaCha8Rng::seed_from_u64(7);
        let mut normal = || normal_quantile(random.random_range(1e-12..1.0));
        let chain = |shift: &f64| {
            let mut x = normal();
            let step = |x: &mut f64, noise: f64| {
                *x = correlation * *x + (1.0 - correlation * correlation).sqrt() * noise;
                *x + shift
            };
            (0..1000).map(|_| step(&mut x, normal())).collect()
        };
        shifts.iter().map(chain).collect()
    }

    #[test]
    fn independent_draws_are_worth_their_number() {
        let chains = chains(0.0, &[0.0; 4]);
        assert!(r_hat(&chains).unwrap() < 1.005);
        assert!((3300.0..4700.0).contains(&bulk_ess(&chains).unwrap()), "{:?}", bulk_ess(&chains));
    }

    #[test]
    fn correlated_draws_are_worth_as_much_less_as_theory_says() {
        // n (1 − ρ) / (1 + ρ)
        let ess = bulk_ess(&chains(0.8, &[0.0; 4])).unwrap();
        assert!((300.0..620.0).contains(&ess), "{ess}");
    }

    #[test]
    fn chains_apart_are_seen() {
        assert!(r_hat(&chains(0.0, &[0.0, 0.0, 0.0, 1.0])).unwrap() > 1.05);
        let mut wide = chains(0.0, &[0.0; 4]);
        wide[3].iter_mut().for_each(|draw| *draw *= 3.0);
        assert!(r_hat(&wide).unwrap() > 1.05);
    }

    #[test]
    fn what_is_not_defined_is_none() {
        for chains in [vec![], vec![vec![1.0; 3]], vec![vec![1.0; 100]; 2], vec![vec![f64::NAN; 8]; 2]] {
            assert_eq!((r_hat(&chains), bulk_ess(&chains)), (None, None));
        }
        assert_eq!(r_hat(&[vec![1.0, 2.0, 3.0, 4.0], vec![1.0, 2.0]]), None);
    }
}
