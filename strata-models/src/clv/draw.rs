//! Random numbers of the distributions that the models are made of, from a generator of random bits that the caller seeds.

use rand_chacha::rand_core::RngCore;

/// A number between 0 and 1, neither of them: 53 random bits, in the middle of their step.
pub(crate) fn uniform(generator: &mut impl RngCore) -> f64 {
    ((generator.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
}

/// A number of the standard normal distribution, by the polar method.
///
/// Marsaglia, G. and Bray, T. A. (1964). A convenient method for generating normal variables. SIAM Review 6, 260–264.
pub(crate) fn normal(generator: &mut impl RngCore) -> f64 {
    loop {
        let (x, y) = (2.0 * uniform(generator) - 1.0, 2.0 * uniform(generator) - 1.0);
        let square = x * x + y * y;
        if square > 0.0 && square < 1.0 {
            return x * (-2.0 * square.ln() / square).sqrt();
        }
    }
}

/// A number of the gamma distribution with that shape > 0 and the rate 1. Small shapes may yield 0, where the number is too
/// small.
///
/// Marsaglia, G. and Tsang, W. W. (2000). A simple method for generating gamma variables. ACM Transactions on Mathematical
/// Software 26, 363–372.
pub(crate) fn gamma(generator: &mut impl RngCore, shape: f64) -> f64 {
    if shape < 1.0 {
        return gamma(generator, shape + 1.0) * (uniform(generator).ln() / shape).exp();
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let z = normal(generator);
        let cube = (1.0 + c * z).powi(3);
        if cube > 0.0 && uniform(generator).ln() < 0.5 * z * z + d * (1.0 - cube + cube.ln()) {
            return d * cube;
        }
    }
}

/// A number of the Poisson distribution with that mean ≥ 0.
///
/// A large mean is halved: of `n` arrivals of a unit-rate process the last is at a Gamma(n) time, and those after it are
/// Poisson again, or those before it binomial. What is left below [`BY_PRODUCT`] is counted arrival by arrival. Above
/// [`BY_NORMAL`] the distribution is the normal one, rounded.
///
/// Ahrens, J. H. and Dieter, U. (1974). Computer methods for sampling from gamma, beta, Poisson and binomial distributions.
/// Computing 12, 223–246.
pub(crate) fn poisson(generator: &mut impl RngCore, mean: f64) -> f64 {
    if mean > BY_NORMAL {
        return (mean + mean.sqrt() * normal(generator)).round().max(0.0);
    }
    let (mut mean, mut count) = (mean, 0.0);
    while mean > BY_PRODUCT {
        let n = (0.875 * mean).floor();
        let time = gamma(generator, n);
        if time > mean {
            return count + binomial(generator, n - 1.0, mean / time);
        }
        mean -= time;
        count += n;
    }
    let (end, mut product) = ((-mean).exp(), uniform(generator));
    while product > end {
        product *= uniform(generator);
        count += 1.0;
    }
    count
}

const BY_PRODUCT: f64 = 16.0;
const BY_NORMAL: f64 = 1e6;

/// How many of `n` independent trials succeed, by counting.
fn binomial(generator: &mut impl RngCore, n: f64, p: f64) -> f64 {
    (0..n as u64).filter(|_| uniform(generator) < p).count() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    /// Mean and variance within five standard errors of those of the distribution with that kurtosis.
    fn check(mean: f64, variance: f64, kurtosis: f64, draw: impl Fn(&mut ChaCha8Rng) -> f64) {
        let mut generator = ChaCha8Rng::seed_from_u64(11);
        let n = 40_000;
        let draws: Vec<f64> = (0..n).map(|_| draw(&mut generator)).collect();
        let count = f64::from(n);
        let found = draws.iter().sum::<f64>() / count;
        let spread = draws.iter().map(|x| (x - found).powi(2)).sum::<f64>() / count;
        assert!((found - mean).abs() <= 5.0 * (variance / count).sqrt(), "mean {found}, not {mean}");
        let reach = 5.0 * variance * ((kurtosis - 1.0) / count).sqrt();
        assert!((spread - variance).abs() <= reach, "variance {spread}, not {variance}");
    }

    #[test]
    fn draws_have_the_moments_of_their_distributions() {
        check(0.5, 1.0 / 12.0, 1.8, uniform);
        check(0.0, 1.0, 3.0, normal);
        for shape in [0.05, 0.7, 1.0, 4.5, 300.0] {
            check(shape, shape, 3.0 + 6.0 / shape, |generator| gamma(generator, shape));
        }
        for mean in [0.0, 0.03, 2.0, 15.9, 40.0, 3000.0, 2e6] {
            check(mean, mean, 3.0 + 1.0 / mean.max(1e-300), |generator| poisson(generator, mean));
        }
    }
}
