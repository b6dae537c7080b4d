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

/// The exponential integral of real order, scaled: `eʸ Eₛ(y) = ∫₀^∞ e^(−yt) (1 + t)⁻ˢ dt`, for s ≥ 0 and y > 0.
///
/// It is Tricomi's function `U(1, 2 − s, y)`, and with `μ ~ Gamma(s, rate β)` the mean of a discounted lifetime is
/// `E[1 / (δ + μ)] = β · eʸ Eₛ(y)` at `y = δβ`. Large s + y take the continued fraction
/// `1 / (y + s − 1·s / (y + s + 2 − 2 (s + 1) / (y + s + 4 − …)))`, small ones the integral.
///
/// Olver, F. W. J. et al. (2010). NIST Handbook of Mathematical Functions, 8.19.2, 8.19.17 and 13.4.4.
pub fn scaled_exponential_integral(s: f64, y: f64) -> f64 {
    if y >= 1.0 || s + y > 50.0 && y > 1e-3 {
        return lentz(s, y);
    }
    // With t = u / (1 − u) the half-line is the unit interval: ∫ e^(−yu/(1 − u)) (1 − u)ˢ⁻² du.
    ln_integral_unit(|unit| -y * (unit.ln - unit.ln_rest).exp() + (s - 2.0) * unit.ln_rest).exp()
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
