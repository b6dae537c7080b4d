//! Shares of those asked: how sure one is of them, and how many it takes to see one rise.

/// The interval in which a share lies that was seen as `n_yes` of `n`, with 95 % confidence; none of nobody.
///
/// With `p = n_yes / n` and `z = 1.959964`: `(p + z²/2n ± z √(p (1 − p) / n + z²/4n²)) / (1 + z²/n)`.
///
/// Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. Journal of the American
/// Statistical Association 22, 209–212.
pub fn wilson(n_yes: u64, n: u64) -> Option<(f64, f64)> {
    wilson_of(n_yes as f64 / n as f64, n as f64)
}

/// The same of a share `p` (at most 1) among `n` people, who need not be a whole number: the effective number of people of unequal weights.
pub fn wilson_of(p: f64, n: f64) -> Option<(f64, f64)> {
    if !(n > 0.0 && p >= 0.0) {
        return None;
    }
    let p = p.min(1.0);
    let z2 = Z * Z;
    let centre = p + z2 / (2.0 * n);
    let reach = Z * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    let below = 1.0 + z2 / n;
    Some((((centre - reach) / below).max(0.0), ((centre + reach) / below).min(1.0)))
}

/// The interval in which the difference `p₁ − p₂` of the shares of two groups lies, with 95 % confidence: as far from it as the ends of
/// their Wilson intervals (l, u) together, `p₁ − p₂ − √((p₁ − l₁)² + (u₂ − p₂)²)` to `p₁ − p₂ + √((u₁ − p₁)² + (p₂ − l₂)²)`. Each group
/// is given as its share and its number of people; none where one has none.
///
/// Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions: comparison of eleven methods.
/// Statistics in Medicine 17, 873–890 (method 10).
pub fn newcombe((p, n): (f64, f64), (p_other, n_other): (f64, f64)) -> Option<(f64, f64)> {
    let ((low, high), (low_other, high_other)) = (wilson_of(p, n)?, wilson_of(p_other, n_other)?);
    let difference = p - p_other;
    let below = (p - low).hypot(high_other - p_other);
    let above = (high - p).hypot(p_other - low_other);
    Some(((difference - below).max(-1.0), (difference + above).min(1.0)))
}

/// The standard normal's 97.5 % quantile.
pub const Z: f64 = 1.959_963_985;

/// How many a test needs, both halves together, to see a share rise from `base` by `uplift` (a difference of shares, as 0.05) with a
/// power of 0.8 at a significance of 0.05: `n = 2 · 16 p (1 − p) / δ²`.
///
/// Lehr, R. (1992). Sixteen s-squared over d-squared: a relation for crude sample size estimates. Statistics in Medicine 11, 1099–1102.
pub fn needed_for_test(base: f64, uplift: f64) -> f64 {
    2.0 * 16.0 * base * (1.0 - base) / (uplift * uplift)
}

/// The smallest rise of a share from `base` that a test among `n` can detect, the other way round: `δ = √(32 p (1 − p) / n)`. None
/// where no rise would be large enough, since a share ends at 1.
pub fn detectable_uplift(base: f64, n: u64) -> Option<f64> {
    let uplift = (32.0 * base * (1.0 - base) / n as f64).sqrt();
    (uplift.is_finite() && base + uplift <= 1.0).then_some(uplift)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_that_of_the_published_case() {
        let (low, high) = wilson(45, 100).unwrap();
        assert!((low - 0.356_145).abs() < 5e-7 && (high - 0.547_554).abs() < 5e-7, "{low} {high}");
        assert_eq!(wilson(0, 0), None);
        assert!(wilson(0, 9).unwrap().0 < 1e-12);
        assert!(wilson(9, 9).unwrap().1 > 1.0 - 1e-12);
    }

    /// Newcombe (1998), table II, method 10, the contrasts (a), (b), (f) and (h).
    #[test]
    fn differences_have_the_intervals_of_newcombe() {
        for (yes, n, yes_other, n_other, low, high) in [
            (56.0, 70.0, 48.0, 80.0, 0.0524, 0.3339),
            (9.0, 10.0, 3.0, 10.0, 0.1705, 0.8090),
            (0.0, 10.0, 0.0, 20.0, -0.1611, 0.2775),
            (10.0, 10.0, 0.0, 10.0, 0.6075, 1.0),
        ] {
            let found = newcombe((yes / n, n), (yes_other / n_other, n_other)).unwrap();
            assert!(
                (found.0 - low).abs() < 6e-5 && (found.1 - high).abs() < 6e-5,
                "{found:?} not {low} {high}"
            );
        }
        assert_eq!(newcombe((0.5, 10.0), (0.5, 0.0)), None);
    }

    #[test]
    fn what_a_test_needs_and_what_it_can_detect_are_one_formula() {
        let n = needed_for_test(0.05, 0.05);
        assert!((n - 608.0).abs() < 1e-9, "{n}");
        let uplift = detectable_uplift(0.05, 608).unwrap();
        assert!((uplift - 0.05).abs() < 1e-12, "{uplift}");
        assert!((detectable_uplift(0.5, 800).unwrap() - 0.1).abs() < 1e-12);
        assert_eq!(detectable_uplift(0.05, 1), None);
        assert_eq!(detectable_uplift(0.05, 0), None);
    }
}
