//! Customers drawn from the models themselves.

use nuts_rs::rand::rngs::ChaCha8Rng;
use nuts_rs::rand::{RngExt, SeedableRng};

/// What generates a customer's purchases, given how often he buys.
pub(super) enum Leaving {
    /// After a purchase, with a probability from Beta(a, b); also after the first if so said.
    WithPurchase { a: f64, b: f64, also_first: bool },
    /// At a time of its own, at a rate from Gamma(s, rate β).
    ByTime { s: f64, beta: f64 },
}

/// Chance with the distributions that the models need.
pub(super) struct Chance(ChaCha8Rng);

impl Chance {
    pub(super) fn new(seed: u64) -> Chance {
        Chance(ChaCha8Rng::seed_from_u64(seed))
    }

    pub(super) fn uniform(&mut self) -> f64 {
        self.0.random_range(1e-300..1.0)
    }

    pub(super) fn exponential(&mut self, rate: f64) -> f64 {
        -self.uniform().ln() / rate
    }

    /// Scale 1, by Marsaglia and Tsang (2000).
    pub(super) fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            return self.gamma(shape + 1.0) * self.uniform().powf(1.0 / shape);
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let z = (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos();
            let v = (1.0 + c * z).powi(3);
            if v > 0.0 && self.uniform().ln() < 0.5 * z * z + d - d * v + d * v.ln() {
                return d * v;
            }
        }
    }

    /// Frequency, recency and tenure of a customer watched for `tenure`.
    pub(super) fn customer(&mut self, r: f64, alpha: f64, leaving: &Leaving, tenure: f64) -> (f64, f64, f64) {
        let rate = self.gamma(r) / alpha;
        let (p, also_first, end) = match leaving {
            Leaving::WithPurchase { a, b, also_first } => {
                let (leaves, stays) = (self.gamma(*a), self.gamma(*b));
                (leaves / (leaves + stays), *also_first, tenure)
            }
            Leaving::ByTime { s, beta } => {
                let rate = self.gamma(*s) / beta;
                (0.0, false, self.exponential(rate).min(tenure))
            }
        };
        let (mut time, mut x, mut last) = (0.0, 0.0, 0.0);
        if also_first && self.uniform() < p {
            return (0.0, 0.0, tenure);
        }
        loop {
            time += self.exponential(rate);
            if time > end {
                return (x, last, tenure);
            }
            (x, last) = (x + 1.0, time);
            if self.uniform() < p {
                return (x, last, tenure);
            }
        }
    }
}
