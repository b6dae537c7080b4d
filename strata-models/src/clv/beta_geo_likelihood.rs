//! The likelihood of BG/NBD and MBG/NBD over all customers with its first and second derivatives, in one pass.
//!
//! With `y = x` in BG/NBD and `y = x + 1` in MBG/NBD, a customer's likelihood is
//!
//! `ln L = g(x) + r ln α + ln {(α + T)^−(r + x) + a / (b + y − 1) · (α + tₓ)^−(r + x)}`
//!
//! where `g(x) = ln Γ(r + x) − ln Γ(r) + ln B(a, b + y) − ln B(a, b)`, and the second term in braces, of those who have left, is only there when y > 0.
//! What depends on x alone is added up once for each x. The rest is the logarithm of a sum of two exponentials A and D, whose derivatives
//! are those of A and D weighted by the probability w of being alive: `∂ = w ∂A + (1 − w) ∂D`, and
//! `∂∂ᵀ = w ∂∂ᵀA + (1 − w) ∂∂ᵀD + w (1 − w) (∂A − ∂D)(∂A − ∂D)ᵀ`.

use super::error::FitError;
use super::fit::FitOptions;
use super::numbers::Places;
use super::optimise::{Evaluation, Optimum};
use super::purchases::{Customer, RepeatPurchases};
use super::sample::{Sample, fit_timing};
use super::special::{digamma, ln_beta, ln_gamma, trigamma};
use super::symmetric::Symmetric;

/// Which of the two models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Variant {
    BetaGeo,
    Modified,
}

impl Variant {
    /// y − x: whether the first purchase is followed by a chance to leave.
    fn chances(self) -> f64 {
        if self == Variant::BetaGeo { 0.0 } else { 1.0 }
    }
}

/// The maximum of the likelihood, and its parameters once more.
pub(crate) fn fit(
    variant: Variant,
    purchases: &RepeatPurchases,
    options: &FitOptions,
) -> Result<(Optimum, [f64; 4]), FitError> {
    let name = if variant == Variant::BetaGeo { "BG/NBD" } else { "MBG/NBD" };
    let starts = [[0.5, 0.2, 0.8, 2.0], [1.0, 1.0, 1.0, 1.0], [0.3, 0.3, 0.05, 2.0]].map(Vec::from);
    let units = [1.0, purchases.mean_tenure(), 1.0, 1.0];
    let likelihood = |p: &[f64], sample: &Sample<'_>| evaluate(variant, [p[0], p[1], p[2], p[3]], sample);
    let optimum = fit_timing(name, likelihood, &units, &starts, purchases, options)?;
    let p = &optimum.parameters;
    let parameters = [p[0], p[1], p[2], p[3]];
    Ok((optimum, parameters))
}

/// `ln L` of one customer.
pub(crate) fn log_likelihood(variant: Variant, p: &[f64; 4], customer: &Customer) -> f64 {
    let [r, alpha, a, b] = *p;
    let Customer { frequency: x, recency, tenure } = *customer;
    let y = x + variant.chances();
    let of_count = ln_gamma(r + x) - ln_gamma(r) + ln_beta(a, b + y) - ln_beta(a, b);
    let ln_alive = -(r + x) * ((tenure - recency) / (alpha + recency)).ln_1p();
    let ln_total = if y > 0.0 { (ln_alive.exp() + a / (b + y - 1.0)).ln() } else { ln_alive };
    // r ln α and −(r + x) ln(α + tₓ) are of one size: taken together they lose nothing where T is small.
    of_count - r * (recency / alpha).ln_1p() - x * (alpha + recency).ln() + ln_total
}

/// The likelihood at (r, α, a, b) with both derivatives.
pub(crate) fn evaluate(variant: Variant, p: [f64; 4], sample: &Sample<'_>) -> Evaluation {
    let tables = Tables::new(variant, &p, sample);
    let by_a = 1.0 / p[2];
    let sums: [f64; N_SUMS] =
        sample.sum_places(|places, weight, sums| add_row(&tables.row(places), by_a, weight, sums));
    let [_, alpha, ..] = p;
    let mut hessian = Symmetric::zeros(4);
    let mut value = sums[0];
    let mut gradient = vec![sums[1], sums[2], sums[3], sums[4]];
    let upper = [(0, 0), (0, 1), (0, 2), (0, 3), (1, 1), (1, 2), (1, 3), (2, 2), (2, 3), (3, 3)];
    for (place, (i, j)) in upper.into_iter().enumerate() {
        hessian.set(i, j, sums[5 + place]);
    }
    for (x, weight) in &sample.by_frequency {
        add_count(&p, *x, *x + variant.chances(), *weight, &mut value, &mut gradient, &mut hessian);
        // r ln α
        value += weight * p[0] * alpha.ln();
        gradient[0] += weight * alpha.ln();
        gradient[1] += weight * p[0] / alpha;
        hessian.set(0, 1, hessian.at(0, 1) + weight / alpha);
        hessian.set(1, 1, hessian.at(1, 1) - weight * p[0] / (alpha * alpha));
    }
    Evaluation { value, gradient, hessian }
}

/// The likelihood at (r, α, a, b) with its gradient alone.
pub(crate) fn evaluate_gradient(variant: Variant, p: [f64; 4], sample: &Sample<'_>) -> (f64, [f64; 4]) {
    let [r, alpha, a, b] = p;
    let tables = Tables::new(variant, &p, sample);
    let sums: [f64; 5] =
        sample.sum_places(|places, weight, sums| add_gradient(&tables.row(places), weight, sums));
    let (mut value, mut gradient) = (sums[0], [sums[1], sums[2], sums[3] / a, sums[4]]);
    let (at_r, at_b, at_ab) = (ln_gamma(r), ln_gamma(b), ln_gamma(a + b));
    let (psi_r, psi_b, psi_ab) = (digamma(r), digamma(b), digamma(a + b));
    for (x, weight) in &sample.by_frequency {
        let y = x + variant.chances();
        let of_count = ln_gamma(r + x) - at_r + ln_gamma(b + y) - at_b - ln_gamma(a + b + y) + at_ab;
        let shared = psi_ab - digamma(a + b + y);
        value += weight * (of_count + r * alpha.ln());
        gradient[0] += weight * (digamma(r + x) - psi_r + alpha.ln());
        gradient[1] += weight * r / alpha;
        gradient[2] += weight * shared;
        gradient[3] += weight * (shared + digamma(b + y) - psi_b);
    }
    (value, gradient)
}

/// The likelihood, four first derivatives and ten second ones.
const N_SUMS: usize = 15;

/// What depends on a time alone: `ln(α + t)` and `1 / (α + t)`.
struct Time {
    ln: f64,
    by: f64,
}

/// What depends on x alone: r + x, and where one may have left `a / (b + y − 1)` and `1 / (b + y − 1)`, else 0.
struct Count {
    shape: f64,
    left: f64,
    by_chance: f64,
}

struct Tables {
    times: Vec<Time>,
    counts: Vec<Count>,
}

impl Tables {
    fn new(variant: Variant, p: &[f64; 4], sample: &Sample<'_>) -> Tables {
        let [r, alpha, a, b] = *p;
        let time = |time: &f64| Time { ln: (alpha + time).ln(), by: 1.0 / (alpha + time) };
        let count = |(x, _): &(f64, f64)| {
            let y = x + variant.chances();
            let by_chance = if y > 0.0 { 1.0 / (b + y - 1.0) } else { 0.0 };
            Count { shape: r + x, left: a * by_chance, by_chance }
        };
        Tables {
            times: sample.times().iter().map(time).collect(),
            counts: sample.by_frequency.iter().map(count).collect(),
        }
    }

    #[inline]
    fn row(&self, places: &Places) -> Row<'_> {
        Row {
            count: &self.counts[places.frequency as usize],
            recency: &self.times[places.recency as usize],
            end: &self.times[places.tenure as usize],
        }
    }
}

/// What a row's figures are made of.
struct Row<'a> {
    count: &'a Count,
    recency: &'a Time,
    end: &'a Time,
}

impl Row<'_> {
    /// The logarithm of A + D without the factor (α + tₓ)^−(r + x), and the shares of A and D; only where one may have left.
    #[inline]
    fn mixture(&self) -> (f64, f64, f64) {
        let alive = (-self.count.shape * (self.end.ln - self.recency.ln)).exp();
        let total = alive + self.count.left;
        let by_total = 1.0 / total;
        (total.ln(), alive * by_total, self.count.left * by_total)
    }
}

/// Adds a row's likelihood and its derivatives by r, α, ln a and b, without what depends on x alone.
#[inline]
fn add_gradient(row: &Row<'_>, weight: f64, sums: &mut [f64; 5]) {
    let Row { count, recency, end } = row;
    if count.left == 0.0 {
        sums[0] -= weight * count.shape * end.ln;
        sums[1] -= weight * end.ln;
        sums[2] -= weight * count.shape * end.by;
        return;
    }
    let (ln_total, w, v) = row.mixture();
    sums[0] += weight * (ln_total - count.shape * recency.ln);
    sums[1] -= weight * (w * end.ln + v * recency.ln);
    sums[2] -= weight * count.shape * (w * end.by + v * recency.by);
    sums[3] += weight * v;
    sums[4] -= weight * v * count.by_chance;
}

/// Adds a row's likelihood and its derivatives, without what depends on x alone.
#[inline]
fn add_row(row: &Row<'_>, by_a: f64, weight: f64, sums: &mut [f64; N_SUMS]) {
    let Row { count: Count { shape, left, by_chance }, recency, end } = row;
    if *left == 0.0 {
        sums[0] -= weight * shape * end.ln;
        sums[1] -= weight * end.ln;
        sums[2] -= weight * shape * end.by;
        sums[6] -= weight * end.by;
        sums[9] += weight * shape * end.by * end.by;
        return;
    }
    let (ln_total, w, v) = row.mixture();
    let mean_by = w * end.by + v * recency.by;
    sums[0] += weight * (ln_total - shape * recency.ln);
    sums[1] -= weight * (w * end.ln + v * recency.ln);
    sums[2] -= weight * shape * mean_by;
    sums[3] += weight * v * by_a;
    sums[4] -= weight * v * by_chance;
    // ∂A − ∂D by r, α, a and b
    let apart = [recency.ln - end.ln, shape * (recency.by - end.by), -by_a, *by_chance];
    let both = weight * w * v;
    sums[5] += both * apart[0] * apart[0];
    sums[6] += both * apart[0] * apart[1] - weight * mean_by;
    sums[7] += both * apart[0] * apart[2];
    sums[8] += both * apart[0] * apart[3];
    sums[9] +=
        both * apart[1] * apart[1] + weight * shape * (w * end.by * end.by + v * recency.by * recency.by);
    sums[10] += both * apart[1] * apart[2];
    sums[11] += both * apart[1] * apart[3];
    sums[12] += both * apart[2] * apart[2] - weight * v * by_a * by_a;
    sums[13] += both * apart[2] * apart[3];
    sums[14] += both * apart[3] * apart[3] + weight * v * by_chance * by_chance;
}

/// Adds g(x) and its derivatives for all who bought x times.
fn add_count(
    p: &[f64; 4],
    x: f64,
    y: f64,
    weight: f64,
    value: &mut f64,
    gradient: &mut [f64],
    hessian: &mut Symmetric,
) {
    let [r, _, a, b] = *p;
    *value += weight * (ln_gamma(r + x) - ln_gamma(r) + ln_beta(a, b + y) - ln_beta(a, b));
    let shared = digamma(a + b) - digamma(a + b + y);
    gradient[0] += weight * (digamma(r + x) - digamma(r));
    gradient[2] += weight * shared;
    gradient[3] += weight * (shared + digamma(b + y) - digamma(b));
    let shared = trigamma(a + b) - trigamma(a + b + y);
    hessian.set(0, 0, hessian.at(0, 0) + weight * (trigamma(r + x) - trigamma(r)));
    hessian.set(2, 2, hessian.at(2, 2) + weight * shared);
    hessian.set(2, 3, hessian.at(2, 3) + weight * shared);
    hessian.set(3, 3, hessian.at(3, 3) + weight * (shared + trigamma(b + y) - trigamma(b)));
}
