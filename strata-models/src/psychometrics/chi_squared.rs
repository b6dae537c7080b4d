//! The chi-squared distribution: how likely a distance or a misfit is by chance.

use crate::clv::special::{ln_gamma, normal_quantile};

/// The probability of more than `x` at `freedom` degrees of freedom > 0: the upper incomplete gamma function `Q(f/2, x/2)`, by its
/// series below f/2 + 1 and by its continued fraction (Lentz's method) above.
///
/// Abramowitz, M. and Stegun, I. A. (1964). Handbook of Mathematical Functions, 6.5.29 and 6.5.31.
pub(crate) fn survival(x: f64, freedom: f64) -> f64 {
    let (a, x) = (freedom / 2.0, x / 2.0);
    if x <= 0.0 {
        return 1.0;
    }
    let front = (a * x.ln() - x - ln_gamma(a)).exp();
    if x < a + 1.0 {
        let (mut term, mut sum, mut k) = (1.0 / a, 1.0 / a, a);
        for _ in 0..MOST_TERMS {
            k += 1.0;
            term *= x / k;
            sum += term;
            if term < sum * 1e-17 {
                break;
            }
        }
        return (1.0 - front * sum).clamp(0.0, 1.0);
    }
    let mut b = x + 1.0 - a;
    let (mut c, mut d) = (f64::INFINITY, 1.0 / b);
    let mut fraction = d;
    for k in 1..MOST_TERMS {
        let k = f64::from(k);
        let numerator = -k * (k - a);
        b += 2.0;
        d = 1.0 / (numerator * d + b);
        c = b + numerator / c;
        fraction *= c * d;
        if (c * d - 1.0).abs() < 1e-16 {
            break;
        }
    }
    (front * fraction).clamp(0.0, 1.0)
}

/// More terms than any number of items needs: about the root of the degrees of freedom, times ten.
const MOST_TERMS: u32 = 20_000;

/// The quantile: what is exceeded with the probability `tail`, 0 < tail < 1. From Wilson and Hilferty's cube the interval is halved until
/// nothing changes.
pub(crate) fn quantile_above(tail: f64, freedom: f64) -> f64 {
    let spread = 2.0 / (9.0 * freedom);
    let start = freedom * (1.0 - spread - normal_quantile(tail) * spread.sqrt()).powi(3).max(1e-3);
    let (mut low, mut high) = (0.0, 2.0 * start + 10.0);
    while survival(high, freedom) > tail && high < f64::MAX / 4.0 {
        high *= 2.0;
    }
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if survival(middle, freedom) > tail { low = middle } else { high = middle }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R, `qchisq(.999, 25)`, `qchisq(.99, 50)`, `qchisq(.95, 1)`, `pchisq(30, 25, lower = FALSE)`.
    #[test]
    fn quantiles_are_those_of_r() {
        for (tail, freedom, expected) in [
            (0.001, 25.0, 52.619_66),
            (0.01, 50.0, 76.153_89),
            (0.05, 1.0, 3.841_459),
            (0.05, 10.0, 18.307_04),
        ] {
            let found = quantile_above(tail, freedom);
            assert!((found - expected).abs() < 1e-5, "{found} not {expected}");
            assert!((survival(found, freedom) - tail).abs() < 1e-12);
        }
        assert_eq!(survival(0.0, 3.0), 1.0);
        assert!(survival(5000.0, 3.0) < 1e-300);
        // Two degrees are an exponential distribution.
        for x in [0.1, 1.0, 4.0, 9.0, 60.0] {
            assert!((survival(x, 2.0) / (-x / 2.0_f64).exp() - 1.0).abs() < 1e-12);
        }
    }
}
