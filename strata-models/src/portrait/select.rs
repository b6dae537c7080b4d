//! Which differences to tell: the most distinctive, few of each kind, and none that says in other words what was told.

use serde::{Deserialize, Serialize};

/// What is asked of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SelectionOptions {
    /// The least effect, as |g| or |h|.
    pub least_effect: f64,
    /// The greatest adjusted chance.
    pub most_q: f64,
    /// How many of one facet at most.
    pub most_per_facet: usize,
    /// A variable that correlates with one taken as strongly as this says the same.
    pub most_correlation: f64,
}

impl Default for SelectionOptions {
    fn default() -> Self {
        Self { least_effect: 0.2, most_q: 0.05, most_per_facet: 2, most_correlation: 0.7 }
    }
}

/// A difference that may be told.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Which facet of a customer it is of, as a number that the caller gives.
    pub facet: usize,
    /// How large it is, on the scale of g and h, with its sign; of a category [`crate::effect::divergence_as_h`].
    pub effect: f64,
    /// The chance of as much by chance, adjusted for the number of variables looked at.
    pub q: f64,
    /// How reliably the variable was measured, 0 to 1; 1 for what was counted.
    pub reliability: f64,
    /// The share of the segment of whom it is known, 0 to 1.
    pub coverage: f64,
}

impl Difference {
    /// `|effect| · √reliability · coverage`: the square root, because that is by what unreliable answers shrink an effect.
    pub fn distinctiveness(&self) -> f64 {
        self.effect.abs() * self.reliability.clamp(0.0, 1.0).sqrt() * self.coverage.clamp(0.0, 1.0)
    }
}

/// The places of the differences to tell, the most distinctive first, of equals the one that was given first. `correlation` gives that of the
/// variables of two places; where it is not known, they count as different.
pub fn select(
    differences: &[Difference],
    correlation: impl Fn(usize, usize) -> Option<f64>,
    options: &SelectionOptions,
) -> Vec<usize> {
    let is_worth = |difference: &Difference| {
        difference.distinctiveness() > 0.0
            && difference.effect.abs() >= options.least_effect
            && difference.q < options.most_q
    };
    let mut order: Vec<usize> =
        (0..differences.len()).filter(|place| is_worth(&differences[*place])).collect();
    let of = |place: &usize| differences[*place].distinctiveness();
    order.sort_by(|a, b| of(b).total_cmp(&of(a)));
    let mut taken: Vec<usize> = Vec::new();
    for place in order {
        let facet = differences[place].facet;
        let n_of_facet = taken.iter().filter(|other| differences[**other].facet == facet).count();
        let says_the_same = |other: &usize| {
            let r = correlation(place, *other).or_else(|| correlation(*other, place));
            r.is_some_and(|r| r.abs() >= options.most_correlation)
        };
        if n_of_facet < options.most_per_facet && !taken.iter().any(says_the_same) {
            taken.push(place);
        }
    }
    taken
}
