//! How far two groups are apart, over all variables at once: in what they are made of, and in anything else.

use strata_models::effect::{cramers_v, hedges_g, jensen_shannon, standard_error};
use strata_models::group::Sums;
use strata_spec::manifest::Meter;

use super::made_of::Made;
use super::variables::Variables;

/// A variable that fewer of a group have says nothing of it.
pub(super) const FEWEST: u64 = 30;
/// Since many variables are compared, a difference must be so many standard errors.
const CERTAIN: f64 = 3.0;

/// How far two groups are apart.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Comparison {
    /// In what neither is made of.
    pub(super) otherwise: Apart,
    /// In what either is made of.
    pub(super) made_of: Apart,
}

/// How far two groups are apart in some variables.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Apart {
    /// How many variables both have enough of.
    pub(super) n_variables: u64,
    /// The number in which they differ most, and by how much: |g|.
    pub(super) most: Option<(usize, f64)>,
    /// Whether some number differs enough, and certainly.
    is_number: bool,
    /// The categories that differ enough, and certainly.
    pub(super) categories: Vec<usize>,
}

impl Apart {
    /// Whether that is enough to tell them apart; none where nothing can be compared.
    pub(super) fn differs(&self, meter: &Meter) -> Option<bool> {
        let is_apart = self.is_number || self.categories.len() as u64 >= meter.min_categories;
        (self.n_variables > 0).then_some(is_apart)
    }

    /// Whether they differ enough in any one variable; none where nothing can be compared.
    pub(super) fn differs_in_any(&self) -> Option<bool> {
        (self.n_variables > 0).then_some(self.is_number || !self.categories.is_empty())
    }

    /// The most that can be said of the difference, as `|g| is 0.12 in n_orders`.
    pub(super) fn words(&self, variables: &Variables) -> String {
        match self.most.and_then(|(place, g)| Some((variables.numbers.get(place)?, g))) {
            Some((number, g)) => format!("|g| is {g:.2} in {}", number.name),
            None => "no number differs".to_owned(),
        }
    }
}

/// Compares two groups of a sample.
pub(super) fn compare(
    (one, made_one): (&Sums, &Made),
    (other, made_other): (&Sums, &Made),
    variables: &Variables,
    meter: &Meter,
) -> Comparison {
    let mut comparison = Comparison::default();
    for (place, (a, b)) in one.numbers.iter().zip(&other.numbers).enumerate() {
        let is_hidden = variables.numbers.get(place).is_none_or(|number| number.is_hidden());
        if is_hidden || a.n.min(b.n) < FEWEST {
            continue;
        }
        let is_made = is_made(place, &made_one.numbers, &made_other.numbers);
        let apart = if is_made { &mut comparison.made_of } else { &mut comparison.otherwise };
        apart.n_variables += 1;
        let Some(g) = hedges_g(a, b).map(f64::abs) else { continue };
        if apart.most.is_none_or(|(_, most)| g > most) {
            apart.most = Some((place, g));
        }
        apart.is_number |= g >= meter.min_hedges_g && g >= CERTAIN * standard_error(a.n, b.n);
    }
    for (place, (a, b)) in one.categories.iter().zip(&other.categories).enumerate() {
        if a.iter().sum::<u64>().min(b.iter().sum()) < FEWEST {
            continue;
        }
        let is_made = is_made(place, &made_one.categories, &made_other.categories);
        let apart = if is_made { &mut comparison.made_of } else { &mut comparison.otherwise };
        apart.n_variables += 1;
        if is_category_apart(a, b, meter) {
            apart.categories.push(place);
        }
    }
    comparison
}

fn is_made(place: usize, one: &[bool], other: &[bool]) -> bool {
    [one, other].iter().any(|made| made.get(place).copied().unwrap_or(false))
}

fn is_category_apart(one: &[u64], other: &[u64], meter: &Meter) -> bool {
    let Some(found) = cramers_v(one, other) else { return false };
    // The mean of χ² is its degrees of freedom, its variance twice that.
    let freedom = found.freedom as f64;
    let is_certain = found.chi_squared >= freedom + CERTAIN * (2.0 * freedom).sqrt();
    let shares = |counts: &[u64]| -> Vec<f64> { counts.iter().map(|count| *count as f64).collect() };
    let divergence = jensen_shannon(&shares(one), &shares(other)).unwrap_or(0.0);
    is_certain && found.v >= meter.min_cramers_v && divergence >= meter.min_divergence
}
