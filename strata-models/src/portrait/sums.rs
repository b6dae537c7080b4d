//! What one scan adds up for each segment and variable: all that a comparison needs, with people weighted where their answers are.
//!
//! Sums of those who are in a segment and of all are enough: those of the rest are the difference. Weights say for how many somebody
//! stands (as one over the chance to have answered); their size does not matter, since only the effective number of people counts,
//! `n_eff = (Σ w)² / Σ w²` (Kish, L. (1965). Survey Sampling. Wiley, section 11.7), which is n where all weigh alike.

use crate::effect::Moments;

/// Sums of a number over those of whom it is known. Callers centre the number first, since squares lose digits where the mean is large
/// against the deviation.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct NumberSums {
    /// How many people.
    pub n: u64,
    /// `Σ w`.
    pub weight: f64,
    /// `Σ w²`.
    pub weight_squares: f64,
    /// `Σ w x`.
    pub sum: f64,
    /// `Σ w x²`.
    pub squares: f64,
}

impl From<Moments> for NumberSums {
    /// People who all weigh 1.
    fn from(moments: Moments) -> NumberSums {
        let n = moments.n as f64;
        NumberSums { n: moments.n, weight: n, weight_squares: n, sum: moments.sum, squares: moments.squares }
    }
}

impl NumberSums {
    /// The people at some places of a column, who all weigh 1; who has no number there is not counted.
    pub fn of_places(column: &[f64], places: &[u32]) -> NumberSums {
        let (mut n, mut sum, mut squares) = (0_u64, 0.0, 0.0);
        for value in
            places.iter().filter_map(|place| column.get(*place as usize)).filter(|value| !value.is_nan())
        {
            n += 1;
            sum += value;
            squares += value * value;
        }
        NumberSums { n, weight: n as f64, weight_squares: n as f64, sum, squares }
    }

    /// These and those of other people.
    pub fn with(self, others: NumberSums) -> NumberSums {
        NumberSums {
            n: self.n + others.n,
            weight: self.weight + others.weight,
            weight_squares: self.weight_squares + others.weight_squares,
            sum: self.sum + others.sum,
            squares: self.squares + others.squares,
        }
    }

    /// Adds somebody.
    pub fn push(&mut self, value: f64, weight: f64) {
        self.n += 1;
        self.weight += weight;
        self.weight_squares += weight * weight;
        self.sum += weight * value;
        self.squares += weight * value * value;
    }

    /// Those of a group without some of its members.
    pub fn without(self, some: NumberSums) -> NumberSums {
        NumberSums {
            n: self.n.saturating_sub(some.n),
            weight: self.weight - some.weight,
            weight_squares: self.weight_squares - some.weight_squares,
            sum: self.sum - some.sum,
            squares: self.squares - some.squares,
        }
    }

    /// For how many equal people these count; 0 of nobody.
    pub fn n_effective(&self) -> f64 {
        effective(self.n, self.weight, self.weight_squares)
    }

    /// `Σ w x / Σ w`; none of nobody.
    pub fn mean(&self) -> Option<f64> {
        (self.n > 0 && self.weight > 0.0).then(|| self.sum / self.weight).filter(|mean| mean.is_finite())
    }

    /// `(Σ w x² / Σ w − mean²) · n_eff / (n_eff − 1)`, which is the usual variance where all weigh alike; none unless more than one counts.
    /// What is left of a constant's variance when digits were lost is 0.
    pub fn variance(&self) -> Option<f64> {
        let (mean, n) = (self.mean()?, self.n_effective());
        let square = self.squares / self.weight;
        let within = square - mean * mean;
        let within = if within <= 1e-14 * square { 0.0 } else { within };
        (n > 1.0 + 1e-9).then(|| within * n / (n - 1.0)).filter(|variance| variance.is_finite())
    }
}

/// Counts of a category's levels (yes and no are two) over those of whom it is known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LevelSums {
    /// How many people have each level.
    pub people: Vec<u64>,
    /// `Σ w` of each level.
    pub weights: Vec<f64>,
    /// `Σ w²` of all levels together.
    pub weight_squares: f64,
}

impl LevelSums {
    /// People who all weigh 1.
    pub fn of_people(people: &[u64]) -> LevelSums {
        let weights: Vec<f64> = people.iter().map(|n| *n as f64).collect();
        LevelSums { people: people.to_vec(), weight_squares: weights.iter().sum(), weights }
    }

    /// Nobody, of a category with so many levels.
    pub fn empty(n_levels: usize) -> LevelSums {
        LevelSums { people: vec![0; n_levels], weights: vec![0.0; n_levels], weight_squares: 0.0 }
    }

    /// Adds somebody; a level that there is not counts for nothing.
    pub fn push(&mut self, level: usize, weight: f64) {
        if let (Some(n), Some(sum)) = (self.people.get_mut(level), self.weights.get_mut(level)) {
            *n += 1;
            *sum += weight;
            self.weight_squares += weight * weight;
        }
    }

    /// Those of a group without some of its members.
    pub fn without(&self, some: &LevelSums) -> LevelSums {
        let people = self.people.iter().enumerate();
        let weights = self.weights.iter().enumerate();
        let n_of = |level: usize| some.people.get(level).copied().unwrap_or(0);
        let weight_of = |level: usize| some.weights.get(level).copied().unwrap_or(0.0);
        LevelSums {
            people: people.map(|(level, n)| n.saturating_sub(n_of(level))).collect(),
            weights: weights.map(|(level, weight)| (weight - weight_of(level)).max(0.0)).collect(),
            weight_squares: self.weight_squares - some.weight_squares,
        }
    }

    /// How many people.
    pub fn n(&self) -> u64 {
        self.people.iter().sum()
    }

    /// For how many equal people these count; 0 of nobody.
    pub fn n_effective(&self) -> f64 {
        effective(self.n(), self.weights.iter().sum(), self.weight_squares)
    }

    /// The share of each level; none of nobody.
    pub fn shares(&self) -> Option<Vec<f64>> {
        let all: f64 = self.weights.iter().sum();
        (self.n() > 0 && all > 0.0 && all.is_finite())
            .then(|| self.weights.iter().map(|weight| (weight / all).clamp(0.0, 1.0)).collect())
    }
}

/// Kish's effective number, never more than the number of people.
fn effective(n: u64, weight: f64, weight_squares: f64) -> f64 {
    if n > 0 && weight_squares > 0.0 { (weight * weight / weight_squares).min(n as f64) } else { 0.0 }
}
