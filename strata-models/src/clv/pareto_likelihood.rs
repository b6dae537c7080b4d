//! The likelihood of Pareto/NBD over all customers with its first and second derivatives, in one pass.
//!
//! A customer's likelihood is `Γ(r + x) αʳ βˢ / Γ(r)` times
//!
//! `(α + T)^−(r + x) (β + T)⁻ˢ + s ∫ (α + τ)^−(r + x) (β + τ)^−(s + 1) dτ`, with τ from tₓ to T,
//!
//! of which the integral, over when the customer left, is usually written as a difference of two hypergeometric functions. Its terms cancel
//! and overflow, and nobody writes down their derivatives by r and s. Gauss's quadrature of the integral does neither: the customer is a mixture
//! over when he left (or has not), and the derivatives are means and covariances over that mixture of
//! `−ln(α + τ), −(r + x) / (α + τ), 1/s − ln(β + τ), −(s + 1) / (β + τ)`.

use super::optimise::Evaluation;
use super::purchases::Customer;
use super::sample::Sample;
use super::special::{digamma, ln_gamma, trigamma};
use super::symmetric::Symmetric;

/// `ln L` of one customer.
pub(crate) fn log_likelihood(p: &[f64; 4], customer: &Customer) -> f64 {
    let [r, alpha, s, beta] = *p;
    let (x, recency) = (customer.frequency, customer.recency);
    let left = Left::new(p, customer);
    ln_gamma(r + x)
        - ln_gamma(r)
        - r * (recency / alpha).ln_1p()
        - x * (alpha + recency).ln()
        - s * (recency / beta).ln_1p()
        + (left.ln_alive().exp() + left.integral()).ln()
}

/// The likelihood at (r, α, s, β) with both derivatives.
pub(crate) fn evaluate(p: [f64; 4], sample: &Sample<'_>) -> Evaluation {
    let sums: [f64; N_SUMS] = sample.sum(|customer, weight, sums| add_row(&p, customer, weight, sums));
    let [r, alpha, s, beta] = p;
    let mut value = sums[0];
    let mut gradient = vec![sums[1], sums[2], sums[3], sums[4]];
    let mut hessian = Symmetric::zeros(4);
    for (place, (i, j)) in UPPER.into_iter().enumerate() {
        hessian.set(i, j, sums[5 + place]);
    }
    let mut n = 0.0;
    for (x, weight) in &sample.by_frequency {
        value += weight * (ln_gamma(r + x) - ln_gamma(r));
        gradient[0] += weight * (digamma(r + x) - digamma(r));
        hessian.set(0, 0, hessian.at(0, 0) + weight * (trigamma(r + x) - trigamma(r)));
        n += weight;
    }
    // r ln α + s ln β
    value += n * (r * alpha.ln() + s * beta.ln());
    for (power, base, place) in [(r, alpha, 0), (s, beta, 2)] {
        gradient[place] += n * base.ln();
        gradient[place + 1] += n * power / base;
        hessian.set(place, place + 1, hessian.at(place, place + 1) + n / base);
        hessian.set(place + 1, place + 1, hessian.at(place + 1, place + 1) - n * power / (base * base));
    }
    Evaluation { value, gradient, hessian }
}

/// The likelihood, four first derivatives and ten second ones.
pub(crate) const N_SUMS: usize = 15;

/// The places of the second derivatives, in the order of their sums.
pub(crate) const UPPER: [(usize, usize); 10] =
    [(0, 0), (0, 1), (0, 2), (0, 3), (1, 1), (1, 2), (1, 3), (2, 2), (2, 3), (3, 3)];

/// A moment at which a customer may have left, relative to tₓ.
struct Moment {
    /// ln((α + τ) / (α + tₓ)) and ln((β + τ) / (β + tₓ))
    ln_alpha: f64,
    ln_beta: f64,
    /// 1 / (α + τ) and 1 / (β + τ)
    by_alpha: f64,
    by_beta: f64,
}

/// The integral over when a customer left, relative to `(α + tₓ)^−(r + x) (β + tₓ)⁻ˢ`.
pub(crate) struct Left {
    shape: f64,
    s: f64,
    /// α + tₓ, β + tₓ and T − tₓ
    alpha: f64,
    beta: f64,
    silence: f64,
}

impl Left {
    #[inline]
    pub(crate) fn new(p: &[f64; 4], customer: &Customer) -> Left {
        let [r, alpha, s, beta] = *p;
        Left {
            shape: r + customer.frequency,
            s,
            alpha: alpha + customer.recency,
            beta: beta + customer.recency,
            silence: customer.tenure - customer.recency,
        }
    }

    /// The logarithm of the other term, of those who have not left.
    #[inline]
    pub(crate) fn ln_alive(&self) -> f64 {
        -self.shape * (self.silence / self.alpha).ln_1p() - self.s * (self.silence / self.beta).ln_1p()
    }

    /// The integral's value.
    pub(crate) fn integral(&self) -> f64 {
        let mut sum = 0.0;
        self.integrate(|weight, _| sum += weight);
        sum
    }

    /// Visits the points of the quadrature with their weights, which add up to the integral.
    ///
    /// The variable is `h = ln((γ + τ) / (γ + tₓ))` where γ is the smaller of α and β. In it one factor is `e^−(…)h` and the other has
    /// singularities no nearer than π i, so that Gauss's rule with 8 or 16 points is exact on panels that are not long and in which the
    /// integrand does not fall by more than about e¹².
    #[inline]
    fn integrate(&self, mut visit: impl FnMut(f64, Moment)) {
        let Left { shape, s, silence, .. } = *self;
        if silence <= 0.0 {
            return;
        }
        let (base, alpha_is_less) =
            if self.alpha <= self.beta { (self.alpha, true) } else { (self.beta, false) };
        let end = (silence / base).ln_1p();
        // How fast the logarithm of the integrand changes, at most: it grows with h.
        let steepness = |h: f64| {
            let reached = base * h.exp();
            let since = reached - base;
            1.0 + shape * reached / (self.alpha + since) + s * reached / (self.beta + since)
        };
        let mut panel = |from: f64, to: f64, rule: &[(f64, f64)]| {
            let (middle, half) = ((from + to) / 2.0, (to - from) / 2.0);
            let mut fallen = 0.0;
            for (node, node_weight) in rule {
                for h in [middle - half * node, middle + half * node] {
                    let since = base * h.exp_m1();
                    let (by_alpha, by_beta) = (1.0 / (self.alpha + since), 1.0 / (self.beta + since));
                    let (ln_alpha, ln_beta) = if alpha_is_less {
                        (h, (since / self.beta).ln_1p())
                    } else {
                        ((since / self.alpha).ln_1p(), h)
                    };
                    fallen = shape * ln_alpha + s * ln_beta;
                    let weight = s * half * node_weight * (base + since) * by_beta * (-fallen).exp();
                    visit(weight, Moment { ln_alpha, ln_beta, by_alpha, by_beta });
                }
            }
            fallen
        };
        let total = end * steepness(end);
        if total <= 3.0 && end <= 1.7 {
            panel(0.0, end, &EIGHT);
            return;
        }
        let mut from = 0.0;
        while from < end {
            let mut length = (12.0 / steepness(from)).min(2.0).min(end - from);
            while length * steepness(from + length) > 16.0 {
                length *= 0.7;
            }
            // What is left beyond a fall by e⁴² is nothing.
            if panel(from, from + length, &SIXTEEN) > 42.0 {
                return;
            }
            from += length;
        }
    }
}

/// Adds a row's likelihood and derivatives, without what depends on x alone.
#[inline]
pub(crate) fn add_row(p: &[f64; 4], customer: &Customer, weight: f64, sums: &mut [f64; N_SUMS]) {
    let left = Left::new(p, customer);
    let (shape, s) = (left.shape, left.s);
    // Over those who left: the weights, the four figures of a moment, and their products.
    let (mut total, mut means, mut products) = (0.0, [0.0; 4], [0.0; 10]);
    left.integrate(|weight, moment| {
        let figures = moment.figures();
        total += weight;
        means.iter_mut().zip(figures).for_each(|(mean, figure)| *mean += weight * figure);
        for (product, (i, j)) in products.iter_mut().zip(UPPER) {
            *product += weight * figures[i] * figures[j];
        }
    });
    let end = Moment {
        ln_alpha: (left.silence / left.alpha).ln_1p(),
        ln_beta: (left.silence / left.beta).ln_1p(),
        by_alpha: 1.0 / (left.alpha + left.silence),
        by_beta: 1.0 / (left.beta + left.silence),
    };
    let alive = (-shape * end.ln_alpha - s * end.ln_beta).exp();
    let all = total + alive;
    let (share_left, w) = (total / all, alive / all);
    let [ln_alpha, by_alpha, ln_beta, by_beta] = means.map(|mean| mean / all);
    let product = products.map(|product| product / all);
    let at_end = end.figures();
    let product_end = UPPER.map(|(i, j)| w * at_end[i] * at_end[j]);
    let both = |place: usize| product[place] + product_end[place];

    // Means of the four derivatives, those by r and s relative to tₓ.
    let by_r = -(ln_alpha + w * end.ln_alpha);
    let by_a = -shape * (by_alpha + w * end.by_alpha);
    let by_s = share_left / s - ln_beta - w * end.ln_beta;
    let by_b = -(s + 1.0) * by_beta - s * w * end.by_beta;
    let (base_alpha, base_beta) = (left.alpha.ln(), left.beta.ln());
    sums[0] += weight * (all.ln() - shape * base_alpha - s * base_beta);
    sums[1] += weight * (by_r - base_alpha);
    sums[2] += weight * by_a;
    sums[3] += weight * (by_s - base_beta);
    sums[4] += weight * by_b;
    // Means of their products and of second derivatives, less the products of the means; in the order of `UPPER`.
    let second = [
        both(0) - by_r * by_r,
        shape * both(1) - by_alpha - w * end.by_alpha - by_r * by_a,
        both(2) - ln_alpha / s - by_r * by_s,
        (s + 1.0) * product[3] + s * product_end[3] - by_r * by_b,
        shape * (shape + 1.0) * both(4) - by_a * by_a,
        shape * (both(5) - by_alpha / s) - by_a * by_s,
        shape * ((s + 1.0) * product[6] + s * product_end[6]) - by_a * by_b,
        both(7) - 2.0 * ln_beta / s - by_s * by_s,
        (s + 1.0) * (product[8] - by_beta / s) + s * product_end[8] - by_beta - w * end.by_beta - by_s * by_b,
        (s + 1.0) * ((s + 2.0) * product[9] + s * product_end[9]) - by_b * by_b,
    ];
    sums[5..].iter_mut().zip(second).for_each(|(sum, second)| *sum += weight * second);
}

impl Moment {
    #[inline]
    fn figures(&self) -> [f64; 4] {
        [self.ln_alpha, self.by_alpha, self.ln_beta, self.by_beta]
    }
}

/// Gauss's rule with 8 points: nodes above 0 and weights on [−1, 1].
const EIGHT: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_3),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_5),
    (0.960_289_856_497_536_2, 0.101_228_536_290_376_3),
];

/// The same with 16 points.
const SIXTEEN: [(f64, f64); 8] = [
    (0.095_012_509_837_637_44, 0.189_450_610_455_068_5),
    (0.281_603_550_779_258_9, 0.182_603_415_044_923_6),
    (0.458_016_777_657_227_4, 0.169_156_519_395_002_5),
    (0.617_876_244_402_643_7, 0.149_595_988_816_576_7),
    (0.755_404_408_355_003, 0.124_628_971_255_533_9),
    (0.865_631_202_387_831_7, 0.095_158_511_682_492_78),
    (0.944_575_023_073_232_6, 0.062_253_523_938_647_89),
    (0.989_400_934_991_649_9, 0.027_152_459_411_754_09),
];
