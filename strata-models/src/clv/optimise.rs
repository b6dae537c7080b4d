//! The one way in which a likelihood of a few parameters is maximised: Newton's method with exact second derivatives in a trust region.
//!
//! Parameters that must be positive are searched as logarithms, within a box. A likelihood that rises forever towards a bound, or that
//! is flat in some direction, ends in a finite result that says so, for such data are common. Why no library does this:
//! `docs/decisions/0010-own-newton.md`.

use super::symmetric::Symmetric;

/// A likelihood at a point.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// The log-likelihood, `ℓ(p)`.
    pub value: f64,
    /// Its first derivatives, `∂ℓ/∂pᵢ`.
    pub gradient: Vec<f64>,
    /// Its second derivatives, `∂²ℓ/∂pᵢ∂pⱼ`.
    pub hessian: Symmetric,
}

/// Where a parameter may lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Above zero: searched as its logarithm, between 10⁻⁹ and 10⁹.
    Positive,
    /// Anywhere: searched as it is, between −100 and 100.
    Real,
}

/// How to search.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Search {
    /// The weight λ of the penalty `λ/2 · Σ θᵢ²` that is taken from the log-likelihood, where θ is the logarithm of a positive parameter
    /// and a real parameter itself. It draws parameters to 1 and coefficients to 0; 0 is no penalty.
    pub penalty: f64,
    /// The most steps from one start.
    pub most_steps: usize,
    /// A rise that is so small, relative to the log-likelihood, is not worth another step.
    pub tolerance: f64,
}

impl Default for Search {
    fn default() -> Search {
        Search { penalty: 0.0, most_steps: 200, tolerance: ROUNDING }
    }
}

/// The best point found, and how far it can be trusted.
#[derive(Debug, Clone, PartialEq)]
pub struct Optimum {
    /// The parameters.
    pub parameters: Vec<f64>,
    /// The log-likelihood there, without the penalty.
    pub log_likelihood: f64,
    /// The parameters' standard errors, from the inverse of the observed information; none of a parameter that is at a bound or not
    /// identified.
    pub standard_errors: Vec<Option<f64>>,
    /// The parameters' covariances, likewise; none where any is at a bound or not identified.
    pub covariance: Option<Symmetric>,
    /// How many steps it took.
    pub n_steps: usize,
    /// The largest absolute derivative by any θ, the search's own scale.
    pub gradient_norm: f64,
    /// Whether nothing more is to be gained.
    pub converged: bool,
    /// The places of parameters that ran into a bound: the likelihood rises as they go to zero or infinity.
    pub at_boundary: Vec<usize>,
    /// The places of parameters that the data say nothing about: along some direction in which they take part the likelihood is flat.
    pub not_identified: Vec<usize>,
}

impl Optimum {
    /// Whether it converged to a point inside, where every parameter is identified.
    pub fn is_regular(&self) -> bool {
        self.converged && self.at_boundary.is_empty() && self.not_identified.is_empty()
    }

    /// The same point with parameters that were multiples of units.
    pub fn in_units(mut self, units: &[f64]) -> Optimum {
        self.parameters.iter_mut().zip(units).for_each(|(value, unit)| *value *= unit);
        self.standard_errors
            .iter_mut()
            .zip(units)
            .for_each(|(error, unit)| *error = error.map(|error| error * unit));
        if let Some(covariance) = &mut self.covariance {
            for i in 0..units.len() {
                (0..=i).for_each(|j| covariance.set(i, j, covariance.at(i, j) * units[i] * units[j]));
            }
        }
        self
    }
}

/// The maximum of a likelihood, begun at each of `starts` and the best taken; none where it is finite at no start.
///
/// `likelihood` takes parameters on their natural scale, one for each of `scales`. A step solves
/// `max gᵀd + dᵀHd/2, |d| ≤ Δ` in the eigenvectors of H, the second derivatives by θ; the radius Δ grows and shrinks with how well that
/// foretells the likelihood.
///
/// Nocedal, J. and Wright, S. J. (2006). Numerical Optimization, 2nd ed. Springer, chapter 4.
pub fn maximise(
    likelihood: impl Fn(&[f64]) -> Evaluation,
    scales: &[Scale],
    starts: &[Vec<f64>],
    search: &Search,
) -> Option<Optimum> {
    let climbs = starts.iter().filter_map(|start| climb(&likelihood, scales, start, search));
    let best = climbs.reduce(|best, other| {
        // Of equals the first, so that rounding does not choose.
        let margin = 1e-9 * (1.0 + best.at.value.abs());
        if other.at.value > best.at.value + margin { other } else { best }
    })?;
    Some(best.judged(scales, search))
}

/// How far a search came: a point θ, its penalised likelihood by θ, and the way there.
struct Climb {
    theta: Vec<f64>,
    at: Evaluation,
    n_steps: usize,
    converged: bool,
}

/// A rise that small, relative to the likelihood, is rounding.
const ROUNDING: f64 = 1e-14;

fn climb(
    likelihood: &impl Fn(&[f64]) -> Evaluation,
    scales: &[Scale],
    start: &[f64],
    search: &Search,
) -> Option<Climb> {
    let evaluate =
        |theta: &[f64]| by_theta(likelihood(&natural(theta, scales)), theta, scales, search.penalty);
    let mut theta: Vec<f64> = start.iter().zip(scales).map(|(value, scale)| scale.theta(*value)).collect();
    let mut at = evaluate(&theta)?;
    let mut radius = 1.0;
    for n_steps in 0..search.most_steps {
        let free: Vec<usize> =
            (0..theta.len()).filter(|i| !scales[*i].is_held(theta[*i], at.gradient[*i])).collect();
        let gradient: Vec<f64> = free.iter().map(|i| at.gradient[*i]).collect();
        let (step, predicted) = trust_region_step(&gradient, &at.hessian.of(&free), radius);
        let mut next = theta.clone();
        for (i, d) in free.iter().zip(&step) {
            next[*i] = scales[*i].bounded(theta[*i] + d);
        }
        let tolerance = search.tolerance.max(ROUNDING) * (1.0 + at.value.abs());
        let trial = evaluate(&next);
        if predicted <= tolerance {
            // As good as there. One more step squares what is left of the error, if rounding lets it.
            if let Some(trial) = trial
                && largest(&trial.gradient) < largest(&at.gradient)
            {
                (theta, at) = (next, trial);
            }
            return Some(Climb { theta, at, n_steps, converged: true });
        }
        let gained = trial.as_ref().map_or(f64::NEG_INFINITY, |trial| trial.value - at.value);
        let length = norm(&step);
        if gained < 0.25 * predicted {
            radius = 0.25 * length;
        } else if gained > 0.75 * predicted && length > 0.8 * radius {
            radius = (2.5 * radius).min(20.0);
        }
        match trial {
            Some(trial) if gained > 1e-4 * predicted || gained > -10.0 * tolerance && radius > 1e-3 => {
                (theta, at) = (next, trial);
            }
            // No step is small enough to gain anything: what is left is rounding.
            _ if radius < 1e-10 => return Some(Climb { theta, at, n_steps, converged: false }),
            _ => {}
        }
    }
    Some(Climb { theta, at, n_steps: search.most_steps, converged: false })
}

impl Scale {
    fn theta(self, value: f64) -> f64 {
        let theta = if self == Scale::Positive { value.max(f64::MIN_POSITIVE).ln() } else { value };
        self.bounded(theta)
    }

    fn bound(self) -> f64 {
        // ln 10⁹
        if self == Scale::Positive { 20.723_265_836_946_41 } else { 100.0 }
    }

    fn bounded(self, theta: f64) -> f64 {
        theta.clamp(-self.bound(), self.bound())
    }

    /// Whether a bound holds it back.
    fn is_held(self, theta: f64, gradient: f64) -> bool {
        theta.abs() >= self.bound() && theta * gradient > 0.0
    }

    /// Whether it is so far out that the likelihood must be rising to the bound.
    fn is_at_boundary(self, theta: f64) -> bool {
        // A hundred-thousandth or a hundred thousand of the unit.
        if self == Scale::Positive { theta.abs() > 11.5 } else { theta.abs() >= self.bound() }
    }
}

fn natural(theta: &[f64], scales: &[Scale]) -> Vec<f64> {
    let one = |(theta, scale): (&f64, &Scale)| if *scale == Scale::Positive { theta.exp() } else { *theta };
    theta.iter().zip(scales).map(one).collect()
}

/// The derivatives by θ of the penalised likelihood: `∂ℓ/∂θ = p ∂ℓ/∂p` where `p = e^θ`; none where anything is not finite.
fn by_theta(natural_scale: Evaluation, theta: &[f64], scales: &[Scale], penalty: f64) -> Option<Evaluation> {
    let n = theta.len();
    let slope: Vec<f64> =
        theta.iter().zip(scales).map(|(t, s)| if *s == Scale::Positive { t.exp() } else { 1.0 }).collect();
    let mut hessian = Symmetric::zeros(n);
    for i in 0..n {
        for j in 0..=i {
            let mut value = natural_scale.hessian.at(i, j) * slope[i] * slope[j];
            if i == j {
                let curvature = if scales[i] == Scale::Positive { slope[i] } else { 0.0 };
                value += natural_scale.gradient[i] * curvature - penalty;
            }
            hessian.set(i, j, value);
        }
    }
    let gradient: Vec<f64> =
        (0..n).map(|i| natural_scale.gradient[i] * slope[i] - penalty * theta[i]).collect();
    let value = natural_scale.value - penalty / 2.0 * theta.iter().map(|theta| theta * theta).sum::<f64>();
    let finite = value.is_finite()
        && gradient.iter().all(|value| value.is_finite())
        && (0..n).all(|i| (0..=i).all(|j| hessian.at(i, j).is_finite()));
    finite.then_some(Evaluation { value, gradient, hessian })
}

/// The step of at most that length that should rise most, and by how much it should.
fn trust_region_step(gradient: &[f64], hessian: &Symmetric, radius: f64) -> (Vec<f64>, f64) {
    let n = gradient.len();
    let eigen = hessian.eigen();
    // Along each eigenvector v: curvature κ = −λ, to be positive at a maximum, and slope vᵀg. The step is slope / (κ + shift).
    let directions: Vec<(f64, f64)> = eigen
        .iter()
        .map(|(value, vector)| (-value, vector.iter().zip(gradient).map(|(v, g)| v * g).sum()))
        .collect();
    let length = |shift: f64| {
        directions.iter().map(|(curvature, slope)| (slope / (curvature + shift)).powi(2)).sum::<f64>().sqrt()
    };
    let steepest = norm(gradient);
    let least = directions.iter().map(|(curvature, _)| *curvature).fold(f64::INFINITY, f64::min);
    let mut shift = 0.0;
    if least <= 0.0 || length(0.0) > radius {
        // The length falls as the shift grows; at the upper end it is below the radius.
        let (mut low, mut high) = ((-least).max(0.0), (-least).max(0.0) + steepest / radius);
        for _ in 0..80 {
            let middle = 0.5 * (low + high);
            if length(middle) > radius { low = middle } else { high = middle }
        }
        shift = high;
    }
    let mut step = vec![0.0; n];
    let mut predicted = 0.0;
    for ((curvature, slope), (_, vector)) in directions.iter().zip(&eigen) {
        let along = if *slope == 0.0 { 0.0 } else { slope / (curvature + shift) };
        predicted += along * slope - 0.5 * curvature * along * along;
        step.iter_mut().zip(vector).for_each(|(step, v)| *step += along * v);
    }
    (step, predicted)
}

/// A direction in which the log-likelihood bends less than this in θ is flat: a change by a factor e costs less than 0.005.
const FLAT: f64 = 0.01;

impl Climb {
    fn judged(self, scales: &[Scale], search: &Search) -> Optimum {
        let n = self.theta.len();
        let at_boundary: Vec<usize> = (0..n).filter(|i| scales[*i].is_at_boundary(self.theta[*i])).collect();
        let inside: Vec<usize> = (0..n).filter(|i| !at_boundary.contains(i)).collect();
        let eigen = self.at.hessian.of(&inside).eigen();
        let flat = eigen.iter().filter(|(value, _)| -value < FLAT);
        let mut is_flat = vec![false; n];
        for (_, vector) in flat {
            for (place, v) in inside.iter().zip(vector) {
                is_flat[*place] |= v.abs() > 0.1;
            }
        }
        let not_identified: Vec<usize> = (0..n).filter(|i| is_flat[*i]).collect();
        let parameters = natural(&self.theta, scales);
        // The delta method: dp = p dθ for positive parameters.
        let slope = |i: usize| if scales[i] == Scale::Positive { parameters[i] } else { 1.0 };
        let known: Vec<usize> = inside.iter().copied().filter(|i| !is_flat[*i]).collect();
        let eigen = self.at.hessian.of(&known).eigen();
        let covariance_of = |i: usize, j: usize| {
            let sum: f64 = eigen.iter().map(|(value, vector)| vector[i] * vector[j] / -value).sum();
            sum * slope(known[i]) * slope(known[j])
        };
        let mut standard_errors = vec![None; n];
        let mut covariance = Symmetric::zeros(known.len());
        for (k, place) in known.iter().enumerate() {
            (0..=k).for_each(|other| covariance.set(k, other, covariance_of(k, other)));
            standard_errors[*place] = Some(covariance.at(k, k).sqrt()).filter(|error| error.is_finite());
        }
        let penalty = search.penalty / 2.0 * self.theta.iter().map(|theta| theta * theta).sum::<f64>();
        let free = (0..n).filter(|i| !scales[*i].is_held(self.theta[*i], self.at.gradient[*i]));
        Optimum {
            log_likelihood: self.at.value + penalty,
            gradient_norm: free.map(|i| self.at.gradient[i].abs()).fold(0.0, f64::max),
            covariance: (known.len() == n).then_some(covariance),
            n_steps: self.n_steps,
            converged: self.converged,
            parameters,
            standard_errors,
            at_boundary,
            not_identified,
        }
    }
}

fn norm(vector: &[f64]) -> f64 {
    vector.iter().map(|value| value * value).sum::<f64>().sqrt()
}

fn largest(vector: &[f64]) -> f64 {
    vector.iter().map(|value| value.abs()).fold(0.0, f64::max)
}
