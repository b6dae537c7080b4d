//! Integrals over the unit interval of functions that are known by their logarithm and may be infinite at the ends.

/// A point of the unit interval, near either end without loss.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unit {
    /// t itself; 0 where it is too small for a number.
    pub(crate) value: f64,
    /// ln t.
    pub(crate) ln: f64,
    /// ln(1 − t).
    pub(crate) ln_rest: f64,
}

/// `ln ∫₀¹ f(t) dt` of an `f ≥ 0` given as `ln f`, which falls off on both sides of one peak; to about 13 digits.
///
/// The double exponential rule: `t = 1 / (1 + e^(−π sinh u))` makes any algebraic singularity at the ends fall off so fast in u that
/// the trapezoidal sum is all but exact. The step is halved until the sum stays.
///
/// Takahasi, H. and Mori, M. (1974). Double exponential formulas for numerical integration. Publications of the RIMS 9, 721–741.
pub(crate) fn ln_integral_unit(ln_f: impl Fn(Unit) -> f64) -> f64 {
    let ln_term = |u: f64| {
        let unit = unit_at(u);
        let ln = ln_f(unit) + unit.ln + unit.ln_rest + (std::f64::consts::PI * u.cosh()).ln();
        if ln.is_nan() { f64::NEG_INFINITY } else { ln }
    };
    let mut step = 0.25;
    let mut sum = ScaledSum::default();
    let (below, above) = (walk(&ln_term, -step, &mut sum), walk(&ln_term, step, &mut sum));
    sum.add(ln_term(0.0));
    let mut before = sum.ln() + f64::ln(step);
    // Halving the step adds the points between; the range within which terms count is known by now.
    for _ in 0..MOST_HALVINGS {
        let mut u = below + step / 2.0;
        while u < above {
            sum.add(ln_term(u));
            u += step;
        }
        step /= 2.0;
        let now = sum.ln() + step.ln();
        // Halving all but squares the error, so that of the sum before is seen and that of this one is far smaller.
        if (now - before).abs() < 1e-11 {
            return now;
        }
        before = now;
    }
    before
}

const MOST_HALVINGS: u32 = 6;

/// Terms smaller than the largest by this power of e are nothing beside it.
const NEGLIGIBLE: f64 = 42.0;

/// The farthest that is walked: a power of t as low as 0.001 has fallen off by then.
const FARTHEST: f64 = 11.0;

/// Adds the terms from one step off the middle outwards, until they no longer count; where that was.
fn walk(ln_term: &impl Fn(f64) -> f64, step: f64, sum: &mut ScaledSum) -> f64 {
    let mut u = step;
    while u.abs() < FARTHEST {
        let term = ln_term(u);
        sum.add(term);
        if term < sum.ln_largest - NEGLIGIBLE {
            break;
        }
        u += step;
    }
    u
}

fn unit_at(u: f64) -> Unit {
    let logit = std::f64::consts::PI * u.sinh();
    let (ln, ln_rest) = (-ln_1p_exp(-logit), -ln_1p_exp(logit));
    Unit { value: ln.exp(), ln, ln_rest }
}

/// `ln(1 + eˣ)` without overflow.
fn ln_1p_exp(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// A sum of exponentials, kept relative to the largest of them.
struct ScaledSum {
    ln_largest: f64,
    sum: f64,
}

impl Default for ScaledSum {
    fn default() -> ScaledSum {
        ScaledSum { ln_largest: f64::NEG_INFINITY, sum: 0.0 }
    }
}

impl ScaledSum {
    fn add(&mut self, ln_term: f64) {
        if ln_term == f64::NEG_INFINITY {
            return;
        }
        if ln_term > self.ln_largest {
            self.sum *= (self.ln_largest - ln_term).exp();
            self.ln_largest = ln_term;
        }
        self.sum += (ln_term - self.ln_largest).exp();
    }

    fn ln(&self) -> f64 {
        self.ln_largest + self.sum.ln()
    }
}
