//! Chance with a memory: the numbers that decide about one customer are the same on every machine and in every order.
//!
//! Each part of each customer has a stream of its own in ChaCha's output, whose values are fixed by its definition. What
//! one part draws, or whether another customer exists, changes nothing for the others.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// What a stream decides about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Person = 0,
    History = 1,
    Visits = 2,
    Words = 3,
    Company = 4,
    Traffic = 5,
    Dirt = 6,
    Clicks = 7,
}

/// A stream of chance.
#[derive(Debug, Clone)]
pub(super) struct Chance(ChaCha8Rng);

impl Chance {
    /// The stream of one part of the customer, company or visitor with a number.
    pub(super) fn of(seed: u64, part: Part, number: u64) -> Self {
        let mut stream = ChaCha8Rng::seed_from_u64(seed);
        stream.set_stream(number << 3 | part as u64);
        Self(stream)
    }

    /// Evenly between 0 and 1, without 1.
    pub(super) fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Evenly between two numbers.
    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Yes, with a probability.
    pub(super) fn yes(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Evenly one of the numbers 0 to `n` − 1.
    pub(super) fn below(&mut self, n: usize) -> usize {
        ((u64::from(self.0.next_u32()) * n as u64) >> 32) as usize
    }

    /// Evenly one of several, of which there must be at least one.
    pub(super) fn pick<T: Copy>(&mut self, several: &[T]) -> T {
        several[self.below(several.len())]
    }

    /// The index of one of several with these weights; the last where rounding leaves none.
    pub(super) fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut left = self.unit() * weights.iter().sum::<f64>();
        for (index, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return index;
            }
        }
        weights.len().saturating_sub(1)
    }

    /// Normally distributed with mean 0 and variance 1 (the polar method).
    pub(super) fn normal(&mut self) -> f64 {
        loop {
            let (x, y) = (self.between(-1.0, 1.0), self.between(-1.0, 1.0));
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                return x * (-2.0 * square.ln() / square).sqrt();
            }
        }
    }

    /// Exponentially distributed with mean 1.
    pub(super) fn exponential(&mut self) -> f64 {
        -(1.0 - self.unit()).ln()
    }

    /// Gamma distributed with mean `shape` and scale 1 (Marsaglia & Tsang 2000).
    pub(super) fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            let boost = (1.0 - self.unit()).powf(1.0 / shape);
            return boost * self.gamma(shape + 1.0);
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = (1.0 + c * x).powi(3);
            let u = 1.0 - self.unit();
            if v > 0.0 && u.ln() < 0.5 * x * x + d - d * v + d * v.ln() {
                return d * v;
            }
        }
    }

    /// Beta distributed on 0 to 1.
    pub(super) fn beta(&mut self, a: f64, b: f64) -> f64 {
        let (x, y) = (self.gamma(a), self.gamma(b));
        x / (x + y)
    }

    /// How many events occur, when `mean` are expected (Knuth's method, for small means).
    pub(super) fn poisson(&mut self, mean: f64) -> u32 {
        let limit = (-mean).exp();
        let mut product = self.unit();
        let mut count = 0;
        while product > limit {
            product *= self.unit();
            count += 1;
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_apart_and_repeat() {
        let first = |seed, part, number| Chance::of(seed, part, number).unit();
        assert_eq!(first(1, Part::Person, 7).to_bits(), first(1, Part::Person, 7).to_bits());
        for (seed, part, number) in [(2, Part::Person, 7), (1, Part::History, 7), (1, Part::Person, 8)] {
            assert_ne!(first(1, Part::Person, 7), first(seed, part, number));
        }
    }

    #[test]
    fn means_are_as_stated() {
        type Draw = fn(&mut Chance) -> f64;
        let cases: [(&str, Draw, f64); 8] = [
            ("unit", |chance| chance.unit(), 0.5),
            ("normal", |chance| chance.normal(), 0.0),
            ("exponential", |chance| chance.exponential(), 1.0),
            ("gamma of 0.5", |chance| chance.gamma(0.5), 0.5),
            ("gamma of 3", |chance| chance.gamma(3.0), 3.0),
            ("beta", |chance| chance.beta(1.0, 3.0), 0.25),
            ("poisson", |chance| f64::from(chance.poisson(2.5)), 2.5),
            ("weighted", |chance| chance.weighted(&[1.0, 2.0, 1.0]) as f64, 1.0),
        ];
        for (name, draw, expected) in cases {
            let mut chance = Chance::of(5, Part::Person, 0);
            let mean = (0..40_000).map(|_| draw(&mut chance)).sum::<f64>() / 40_000.0;
            assert!((mean - expected).abs() < 0.03, "{name}: {mean}, expected {expected}");
        }
    }
}
