//! For whom an inferred type is sure enough: as many as possible while it is right often enough among them.

use serde::{Deserialize, Serialize};

use super::conformal::TypeSet;
use super::golden::greatest;

/// How many would be assigned from a probability on, and how often rightly.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Coverage {
    /// The least probability of the most likely type.
    pub least: f64,
    /// How many respondents reach it.
    pub n: usize,
    /// What share of all they are.
    pub coverage: f64,
    /// How often their most likely type is theirs; none of nobody.
    pub accuracy: Option<f64>,
}

/// From which probability on a type is assigned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Abstention {
    /// τ, the least probability with an accuracy of at least what is wanted; none where there is no such.
    pub tau: Option<Coverage>,
    /// The trade of coverage for accuracy at probabilities 0, 0.05, …, 0.95.
    pub table: Vec<Coverage>,
}

/// An accuracy of fewer than so many respondents is no ground to assign a type to anybody.
pub const LEAST_ASSIGNED: usize = 50;

impl Abstention {
    /// From out-of-fold probabilities, row after row, and the true types: τ is the least probability from which on at least
    /// [`LEAST_ASSIGNED`] respondents are typed and the share of right ones is `wanted`.
    pub fn of(probabilities: &[f64], types: &[u16], n_types: usize, wanted: f64) -> Abstention {
        let mut rows: Vec<(f64, bool)> = probabilities
            .chunks_exact(n_types.max(1))
            .zip(types)
            .map(|(p, own)| {
                let (best, most) = greatest(p);
                (most, best == usize::from(*own))
            })
            .collect();
        rows.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        let n_all = rows.len();
        let mut right = 0_usize;
        let mut tau = None;
        let mut after: Vec<(f64, usize, usize)> = vec![];
        for (place, (most, is_right)) in rows.iter().enumerate() {
            right += usize::from(*is_right);
            let is_last = rows.get(place + 1).is_none_or(|next| next.0 < *most);
            if is_last {
                after.push((*most, place + 1, right));
            }
        }
        let coverage = |least: f64, n: usize, right: usize| Coverage {
            least,
            n,
            coverage: n as f64 / n_all.max(1) as f64,
            accuracy: (n > 0).then(|| right as f64 / n as f64),
        };
        for (least, n, right) in &after {
            if *n >= LEAST_ASSIGNED && *right as f64 >= wanted * *n as f64 {
                tau = Some(coverage(*least, *n, *right));
            }
        }
        let at = |step: u32| {
            let least = f64::from(step) / 20.0;
            let place = after.partition_point(|(most, _, _)| *most >= least);
            let (n, right) = place.checked_sub(1).map_or((0, 0), |place| (after[place].1, after[place].2));
            coverage(least, n, right)
        };
        Abstention { tau, table: (0..20).map(at).collect() }
    }

    /// The type of a row: the most likely one where its set has one member or its probability is at least τ, otherwise none.
    pub fn assign(&self, probabilities: &[f64], set: TypeSet) -> Option<u16> {
        let (best, most) = greatest(probabilities);
        let is_sure = set.len() == 1 || self.tau.is_some_and(|tau| most >= tau.least);
        is_sure.then_some(best as u16)
    }
}
