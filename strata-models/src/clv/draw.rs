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

/// A number of the beta distribution with these shapes > 0; where both are so small that neither gamma number is one, 0 or
/// 1 by their odds.
pub(crate) fn beta(generator: &mut impl RngCore, a: f64, b: f64) -> f64 {
    let (one, other) = (gamma(generator, a), gamma(generator, b));
    if one + other > 0.0 {
        return one / (one + other);
    }
    if uniform(generator) * (a + b) < a { 1.0 } else { 0.0 }
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
        for (a, b) in [(0.8_f64, 2.4), (30.0, 5.0)] {
            let (mean, n) = (a / (a + b), a + b);
            let excess =
                6.0 * ((a - b).powi(2) * (n + 1.0) - a * b * (n + 2.0)) / (a * b * (n + 2.0) * (n + 3.0));
            check(mean, mean * (1.0 - mean) / (n + 1.0), 3.0 + excess, |generator| beta(generator, a, b));
        }
    }
}
