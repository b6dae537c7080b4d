//! Functions that the models share: gamma and its derivatives, beta, Gauss's hypergeometric function and the exponential integral.
//!
//! What grows or vanishes faster than an `f64` can hold is given as its logarithm, so that five thousand purchases are no special case.

use super::quadrature::ln_integral_unit;

/// The logarithm of the gamma function, `ln Γ(x)`, for x > 0.
pub fn ln_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}

/// The digamma function, `ψ(x) = d ln Γ(x) / dx`, for x > 0.
///
/// `ψ(x) = ψ(x + 1) − 1/x` lifts x to 12, from where `ln x − 1/2x − Σ B₂ₖ / (2k x²ᵏ)` is exact to the last digits.
///
/// Abramowitz, M. and Stegun, I. A. (1964). Handbook of Mathematical Functions, 6.3.5 and 6.3.18.
pub fn digamma(x: f64) -> f64 {
    let (mut x, mut lifted) = (x, 0.0);
    while x < ASYMPTOTIC {
        lifted -= 1.0 / x;
        x += 1.0;
    }
    let z = 1.0 / (x * x);
    let series = z
        * (1.0 / 12.0
            - z * (1.0 / 120.0
                - z * (1.0 / 252.0 - z * (1.0 / 240.0 - z * (1.0 / 132.0 - z * 691.0 / 32_760.0)))));
    lifted + x.ln() - 0.5 / x - series
}

/// The trigamma function, `ψ′(x) = d² ln Γ(x) / dx²`, for x > 0.
///
/// `ψ′(x) = ψ′(x + 1) + 1/x²` as for [`digamma`], then `1/x + 1/2x² + Σ B₂ₖ / x²ᵏ⁺¹`.
///
/// Abramowitz, M. and Stegun, I. A. (1964). Handbook of Mathematical Functions, 6.4.6 and 6.4.12.
pub fn trigamma(x: f64) -> f64 {
    let (mut x, mut lifted) = (x, 0.0);
    while x < ASYMPTOTIC {
        lifted += 1.0 / (x * x);
        x += 1.0;
    }
    let z = 1.0 / (x * x);
    let series = z
        * (1.0 / 6.0
            - z * (1.0 / 30.0 - z * (1.0 / 42.0 - z * (1.0 / 30.0 - z * (5.0 / 66.0 - z * 691.0 / 2730.0)))));
    lifted + (1.0 + 0.5 / x + series) / x
}

/// From here on the asymptotic series of [`digamma`] and [`trigamma`] lose nothing.
const ASYMPTOTIC: f64 = 12.0;

/// The logarithm of the beta function, `ln B(a, b) = ln Γ(a) + ln Γ(b) − ln Γ(a + b)`, for a, b > 0.
pub fn ln_beta(a: f64, b: f64) -> f64 {
    ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
}

/// `ln(eˣ + eʸ)`, where either may be −∞.
pub fn ln_add_exp(x: f64, y: f64) -> f64 {
    let (low, high) = if x < y { (x, y) } else { (y, x) };
    if low == f64::NEG_INFINITY { high } else { high + (low - high).exp().ln_1p() }
}

/// The logarithm of Gauss's hypergeometric function, `ln ₂F₁(a, b; c; z)`, for a, b, c > 0 and 0 ≤ z < 1.
///
/// All terms of the series `Σ (a)ₖ (b)ₖ / (c)ₖ · zᵏ / k!` are positive, so it loses nothing but time. Where it would take more than
/// 2,000 terms and c > b (or c > a), Euler's integral
/// `∫₀¹ tᵇ⁻¹ (1 − t)ᶜ⁻ᵇ⁻¹ (1 − z t)⁻ᵃ dt / B(b, c − b)` takes its place.
///
/// Abramowitz, M. and Stegun, I. A. (1964). Handbook of Mathematical Functions, 15.1.1 and 15.3.1.
pub fn ln_hyp2f1(a: f64, b: f64, c: f64, z: f64) -> f64 {
    // The terms grow up to about k = (a + b − c) z / (1 − z) and fall like zᵏ from there.
    let terms = (40.0 + 2.0 * (a + b - c).max(0.0)) / (1.0 - z);
    let (a, b) = if c > b { (a, b) } else { (b, a) };
    if terms > MOST_TERMS && c > b {
        let ln_beta = ln_beta(b, c - b);
        return ln_integral_unit(|unit| {
            (b - 1.0) * unit.ln + (c - b - 1.0) * unit.ln_rest - a * (-z * unit.value).ln_1p()
        }) - ln_beta;
    }
    let (mut sum, mut term, mut ln_scale, mut k) = (1.0_f64, 1.0_f64, 0.0, 0.0);
    while term > sum * 1e-17 {
        let ratio = (a + k) * (b + k) / ((c + k) * (k + 1.0)) * z;
        term *= ratio;
        sum += term;
        k += 1.0;
        if sum > 1e250 {
            ln_scale += sum.ln();
            term /= sum;
            sum = 1.0;
        }
    }
    ln_scale + sum.ln()
}

/// The longest series worth adding up.
const MOST_TERMS: f64 = 2000.0;

/// The exponential integral of real order, scaled: `F(s) = eʸ Eₛ(y) = ∫₀^∞ e^(−yt) (1 + t)⁻ˢ dt`, for s ≥ 0 and y > 0.
///
/// It is Tricomi's function `U(1, 2 − s, y)`, and with `μ ~ Gamma(s, rate β)` the mean of a discounted lifetime is
/// `E[1 / (δ + μ)] = β F(s)` at `y = δβ`. From y = 1 on it is the continued fraction
/// `1 / (y + s − 1·s / (y + s + 2 − 2 (s + 1) / (y + s + 4 − …)))`; below, the power series at an order near 1, lifted by
/// `F(s + 1) = (1 − y F(s)) / s`, which makes errors smaller by y / s.
///
/// Olver, F. W. J. et al. (2010). NIST Handbook of Mathematical Functions, 8.19.2, 8.19.8, 8.19.12, 8.19.17 and 13.4.4.
pub fn scaled_exponential_integral(s: f64, y: f64) -> f64 {
    if y >= 1.0 {
        return lentz(s, y);
    }
    let lifts = (s - 1.5).ceil().clamp(0.0, 30.0);
    let mut order = s - lifts;
    // At an order that is still large any start will do: what is wrong with it is nothing after thirty lifts.
    let mut value = if order > 1.5 { 1.0 / (order + y) } else { power_series(order, y) };
    for _ in 0..lifts as u32 {
        value = (1.0 - y * value) / order;
        order += 1.0;
    }
    value
}

/// `eʸ {Γ(ε) y^−ε − Σ (−y)ᵏ / k! (ε + k)}` with `ε = 1 − s`, for 0 ≤ s ≤ 1.5 and y < 1; the poles of the first two terms at ε = 0 cancel.
fn power_series(s: f64, y: f64) -> f64 {
    let epsilon = 1.0 - s;
    let exponent = ln_gamma_1p_by(epsilon) - y.ln();
    let scaled = exponent * epsilon;
    let mut sum = if scaled.abs() < 1e-30 { exponent } else { scaled.exp_m1() / epsilon };
    let mut power = 1.0;
    for k in 1..30 {
        let k = f64::from(k);
        power *= -y / k;
        sum -= power / (epsilon + k);
    }
    sum * y.exp()
}

/// `ln Γ(1 + ε) / ε`, also near 0, where it is `−γ + Σ ζ(k) (−ε)ᵏ⁻¹ (−1) / k`.
fn ln_gamma_1p_by(epsilon: f64) -> f64 {
    if epsilon.abs() > 0.02 {
        return ln_gamma(1.0 + epsilon) / epsilon;
    }
    const EULER: f64 = 0.577_215_664_901_532_9;
    // ζ(k) / k from k = 2.
    let coefficients = [
        0.822_467_033_424_113_2,
        0.400_685_634_386_531_4,
        0.270_580_808_427_784_5,
        0.207_385_551_028_673_98,
        0.169_557_176_997_408_2,
        0.144_049_896_768_846_1,
        0.125_509_669_524_743_04,
        0.111_334_265_869_564_69,
    ];
    -EULER + epsilon * coefficients.iter().rev().fold(0.0, |sum, coefficient| coefficient - epsilon * sum)
}

/// The continued fraction of [`scaled_exponential_integral`] by Lentz's method.
fn lentz(s: f64, y: f64) -> f64 {
    let mut b = y + s;
    let (mut c, mut d) = (f64::INFINITY, 1.0 / b);
    let mut fraction = d;
    for k in 1..10_000 {
        let k = f64::from(k);
        let a = -k * (s + k - 1.0);
        b += 2.0;
        d = 1.0 / (a * d + b);
        c = b + a / c;
        let factor = c * d;
        fraction *= factor;
        if (factor - 1.0).abs() < 1e-16 {
            break;
        }
    }
    fraction
}

/// The quantile of the standard normal distribution, `Φ⁻¹(p)`, for 0 < p < 1.
///
/// Tukey's `(p^0.135 − (1 − p)^0.135) / 0.1975` is within a few hundredths in the middle; Newton's steps on ln Φ, which is concave, do the rest.
pub fn normal_quantile(p: f64) -> f64 {
    let tail = p.min(1.0 - p);
    let mut z = if tail > 1e-3 {
        (tail.powf(0.135) - (1.0 - tail).powf(0.135)) / 0.1975
    } else {
        -(-2.0 * tail.ln()).sqrt()
    };
    for _ in 0..20 {
        let below = 0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2);
        let density = (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt();
        let step = (below / tail).ln() * below / density;
        z -= step;
        if step.abs() < 1e-14 * z.abs().max(1.0) {
            break;
        }
    }
    if p < 0.5 { z } else { -z }
}
