//! Rules of thumb that a model has to beat, since they cost nothing.
//!
//! Each is a figure of one customer for a horizon; `f64` throughout, and times in one unit of the caller's.

/// As often as so far: `x / T · h` of `x` purchases (or money) in a tenure `T` over the horizon `h`; 0 of nobody who has
/// just come.
pub fn rate_so_far(purchases: f64, tenure: f64, horizon: f64) -> f64 {
    if tenure > 0.0 { purchases / tenure * horizon } else { 0.0 }
}

/// As much as last time: what came in the last period of the length `period`, carried on over the horizon; 0 of no period.
pub fn last_period(value_in_period: f64, period: f64, horizon: f64) -> f64 {
    if period > 0.0 { value_in_period / period * horizon } else { 0.0 }
}

/// The formula of textbooks: a constant value per period `m`, kept with the retention `r` and discounted with `d` over `K`
/// periods, `m Σ_{k=1..K} (r / (1 + d))^k`.
///
/// Berger, P. D. and Nasr, N. I. (1998). Customer lifetime value: marketing models and applications. Journal of Interactive
/// Marketing 12(1), 17–30, case 1 without promotion costs; for `K → ∞` it is `m r / (1 + d − r)` (Gupta, S. and Lehmann, D.
/// R. (2003). Customers as assets. Journal of Interactive Marketing 17(1), 9–24).
pub fn retention_formula(value_per_period: f64, retention: f64, discount: f64, n_periods: u32) -> f64 {
    let kept = retention / (1.0 + discount);
    let mut sum = 0.0;
    for _ in 0..n_periods {
        sum = kept * (1.0 + sum);
    }
    value_per_period * sum
}

/// The same for all: what all customers brought together over their tenures together, `Σ x / Σ T · h`; 0 of no tenure.
pub fn mean_of_all(purchases: &[f64], tenure: &[f64], horizon: f64) -> f64 {
    rate_so_far(purchases.iter().sum(), tenure.iter().sum(), horizon)
}
