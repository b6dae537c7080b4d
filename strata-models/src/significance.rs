//! How likely a difference is by chance, and what is left of that when many were looked at.

use crate::clv::special::ln_gamma;

/// The chance of a Student's t at least as far from 0 as `t`, on either side, at `freedom` degrees of freedom > 0, which need not be whole:
/// `P(|T| ≥ |t|) = I_x(f/2, 1/2)` with `x = f / (f + t²)`. 1 where t is no number.
///
/// Abramowitz, M. and Stegun, I. A. (1964). Handbook of Mathematical Functions, 26.7.1.
pub fn of_t(t: f64, freedom: f64) -> f64 {
    if t.is_nan() || freedom.is_nan() || freedom <= 0.0 {
        return 1.0;
    }
    if freedom > 1e7 {
        return of_z(t);
    }
    // Of what is not near 0 or 1, the complement keeps the digits that x loses.
    let square = t * t;
    if square.is_infinite() {
        return 0.0;
    }
    incomplete_beta(freedom / 2.0, 0.5, freedom / (freedom + square), square / (freedom + square))
}

/// The chance of a standard normal value at least as far from 0 as `z`, on either side: `erfc(|z| / √2)`. 1 where z is no number.
pub fn of_z(z: f64) -> f64 {
    if z.is_nan() { 1.0 } else { libm::erfc(z.abs() * std::f64::consts::FRAC_1_SQRT_2) }
}

/// Two means that need not vary alike, each with the variance and the (effective) number of its values:
/// `t = (m₁ − m₂) / √(s₁²/n₁ + s₂²/n₂)` with `(s₁²/n₁ + s₂²/n₂)² / ((s₁²/n₁)²/(n₁ − 1) + (s₂²/n₂)²/(n₂ − 1))` degrees of freedom. The chance
/// of a difference as large; none where a group has no more than one value, or neither varies.
///
/// Welch, B. L. (1947). The generalization of "Student's" problem when several different population variances are involved. Biometrika 34,
/// 28–35.
pub fn welch(
    (mean, variance, n): (f64, f64, f64),
    (other_mean, other_variance, n_other): (f64, f64, f64),
) -> Option<f64> {
    if !(n > 1.0 && n_other > 1.0) {
        return None;
    }
    let (one, other) = (variance / n, other_variance / n_other);
    let both = one + other;
    if !(both > 0.0 && both.is_finite()) {
        return None;
    }
    // Parts of the whole, so that the squares of small variances do not vanish.
    let (part, other_part) = (one / both, other / both);
    let freedom = 1.0 / (part * part / (n - 1.0) + other_part * other_part / (n_other - 1.0));
    Some(of_t((mean - other_mean) / both.sqrt(), freedom))
}

/// Two shares, each with its (effective) number of people: `z = (p₁ − p₂) / √(p (1 − p) (1/n₁ + 1/n₂))` with p the share in both together.
/// The chance of a difference as large; none of nobody. Where all or none are so in both, there is no difference: 1.
pub fn of_shares((p, n): (f64, f64), (p_other, n_other): (f64, f64)) -> Option<f64> {
    if !(n > 0.0 && n_other > 0.0) {
        return None;
    }
    let both = (p * n + p_other * n_other) / (n + n_other);
    let deviation = (both * (1.0 - both) * (1.0 / n + 1.0 / n_other)).sqrt();
    if p == p_other { Some(1.0) } else { Some(of_z((p - p_other) / deviation)) }
}

/// Chances adjusted for their number, so that of those below q about the part q at most are false, where they hang together
/// positively or not at all: `p₍ᵢ₎ n / i`, made monotone from the greatest down, at most 1.
///
/// Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the Royal Statistical Society B 57, 289–300.
pub fn benjamini_hochberg(chances: &[f64]) -> Vec<f64> {
    stepped_up(chances, chances.len() as f64)
}

/// Chances adjusted for `n_asked` questions, some of which had no answer, however they hang together: `p₍ᵢ₎ n Σ 1/k / i`, made monotone
/// from the greatest down, at most 1.
///
/// Benjamini, Y. and Yekutieli, D. (2001). The control of the false discovery rate in multiple testing under dependency. Annals of Statistics
/// 29, 1165–1188.
pub fn benjamini_yekutieli(chances: &[f64], n_asked: usize) -> Vec<f64> {
    let n = n_asked.max(chances.len());
    let harmonic: f64 = (1..=n).map(|k| 1.0 / k as f64).sum();
    stepped_up(chances, n as f64 * harmonic)
}

fn stepped_up(chances: &[f64], factor: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..chances.len()).collect();
    order.sort_by(|a, b| chances[*a].total_cmp(&chances[*b]));
    let (mut adjusted, mut least) = (vec![1.0; chances.len()], 1.0_f64);
    for (rank, place) in order.into_iter().enumerate().rev() {
        least = least.min(chances[place] * factor / (rank + 1) as f64);
        adjusted[place] = least;
    }
    adjusted
}

/// The regularised incomplete beta function `I_x(a, b)`, with `y = 1 − x` given beside x, by its continued fraction (Lentz's method) on the
/// side on which that converges quickly.
///
/// Abramowitz and Stegun (1964), 26.5.8 and 26.5.2.
fn incomplete_beta(a: f64, b: f64, x: f64, y: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if y <= 0.0 {
        return 1.0;
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return (1.0 - incomplete_beta(b, a, y, x)).clamp(0.0, 1.0);
    }
    let front = (a * x.ln() + b * y.ln() + ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b)).exp() / a;
    let (mut c, mut d) = (1.0, 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0)));
    let mut fraction = d;
    for m in 1..MOST_TERMS {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let before = fraction;
        for numerator in [even, odd] {
            d = 1.0 / away_from_zero(1.0 + numerator * d);
            c = away_from_zero(1.0 + numerator / c);
            fraction *= c * d;
        }
        if (fraction - before).abs() <= 1e-16 * fraction.abs() {
            break;
        }
    }
    (front * fraction).clamp(0.0, 1.0)
}

/// More terms than ten million degrees of freedom need: about their root.
const MOST_TERMS: u32 = 20_000;

fn away_from_zero(value: f64) -> f64 {
    if value.abs() < 1e-300 { 1e-300 } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64, within: f64) {
        assert!((found - expected).abs() <= within * expected.abs(), "{found}, not {expected}");
    }

    /// At one and two degrees of freedom the distribution has a formula; at many it is the normal one. R: `2 * pt(-2, 10)`.
    #[test]
    fn chances_of_t_are_those_of_its_formulas() {
        for t in [0.01_f64, 0.3, 1.0, 2.5, 12.0, 300.0] {
            close(of_t(t, 1.0), 2.0 / std::f64::consts::PI * (1.0 / t).atan(), 1e-12);
            let root = (t * t + 2.0).sqrt();
            close(of_t(-t, 2.0), 2.0 / (root * (root + t)), 1e-12);
        }
        close(of_t(2.0, 10.0), 0.073_388_03, 1e-7);
        close(of_t(1.959_963_984_540_054, 9.9e6), 0.05, 1e-6);
        close(of_t(1.959_963_984_540_054, 1e9), 0.05, 1e-12);
        assert_eq!((of_t(0.0, 5.0), of_t(f64::NAN, 5.0), of_t(f64::INFINITY, 5.0)), (1.0, 1.0, 0.0));
        assert!(of_t(60.0, 200.0) > 0.0, "small chances keep their size");
    }

    /// R: `t.test(extra ~ group, data = sleep)`, Student's own data: t = -1.8608, df = 17.776, p-value = 0.07939.
    #[test]
    fn welch_is_that_of_r_on_students_sleep() {
        let one = (0.75, 3.200_556, 10.0);
        let other = (2.33, 4.009_000, 10.0);
        close(welch(one, other).unwrap(), 0.079_39, 1e-4);
        assert_eq!(welch(one, other), welch(other, one));
        assert_eq!(welch((1.0, 0.0, 5.0), (2.0, 0.0, 5.0)), None);
        assert_eq!(welch((1.0, 1.0, 1.0), (2.0, 1.0, 5.0)), None);
    }

    #[test]
    fn shares_are_compared_by_the_share_in_both() {
        // By hand: p = 0.5, √(0.25 · 2/100) = 0.070711, z = 0.2 / 0.070711 = 2.828427.
        close(of_shares((0.6, 100.0), (0.4, 100.0)).unwrap(), 0.004_677_735, 1e-6);
        assert_eq!(of_shares((1.0, 5.0), (1.0, 9.0)), Some(1.0));
        assert_eq!(of_shares((1.0, 5.0), (1.0, 0.0)), None);
    }

    /// The fifteen chances of Benjamini and Hochberg (1995), section 3.2: at 0.05 four are discoveries.
    #[test]
    fn adjusted_chances_are_those_of_the_published_example() {
        let chances = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
            0.6528, 0.7590, 1.0,
        ];
        let adjusted = benjamini_hochberg(&chances);
        assert_eq!(adjusted.iter().filter(|q| **q <= 0.05).count(), 4);
        close(adjusted[3], 0.0095 * 15.0 / 4.0, 1e-12);
        // The sixth would be 0.0695 by itself; the 0.0639 of the seventh bounds it.
        close(adjusted[5], 0.0298 * 15.0 / 7.0, 1e-12);
        assert_eq!(adjusted[14], 1.0);
        let reversed: Vec<f64> = chances.iter().rev().copied().collect();
        assert!(benjamini_hochberg(&reversed).iter().rev().eq(&adjusted));
    }

    #[test]
    fn chances_that_hang_together_are_adjusted_by_the_published_formula() {
        // By hand: n Σ 1/k = 4 · 25/12, so 0.01 · 8.333 / 1 = 0.02 · 8.333 / 2 = 0.03 · 8.333 / 3, and 0.5 becomes 1.
        let found = benjamini_yekutieli(&[0.5, 0.01, 0.03, 0.02], 4);
        for (found, expected) in found.iter().zip([1.0, 0.25 / 3.0, 0.25 / 3.0, 0.25 / 3.0]) {
            assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
        }
        // Five more that were asked and had no answer: 9 Σ 1/k in place of 4 Σ 1/k.
        let harmonic: f64 = (1..=9).map(|k| 1.0 / f64::from(k)).sum();
        assert!((benjamini_yekutieli(&[0.001], 9)[0] - 0.009 * harmonic).abs() < 1e-12);
    }
}
