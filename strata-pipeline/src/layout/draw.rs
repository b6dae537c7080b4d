//! Which subjects a sample has: those in so many of the parts that large tables lie in, and of them those whose hash lies below a
//! bound, so that few files are read and who is drawn depends on nothing but ids.

use std::sync::Arc;

use strata_lake::arrow::array::{ArrayRef, BooleanArray, StringArray};
use strata_lake::datafusion::error::Result;

use super::part_by_part::{N_PARTS_TO_TAKE, is_in_first_parts};

/// Who is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Draw {
    /// In how many parts they lie.
    pub(crate) n_parts: usize,
    /// Below what their hashes, from 0 to 1, lie; 1 or more where everybody is drawn.
    pub(crate) below: f64,
}

impl Draw {
    /// About so many of all subjects, or all where there are no more.
    pub(crate) fn of(n_subjects: u64, n_wanted: usize) -> Draw {
        let parts = n_wanted as f64 / n_subjects.max(1) as f64 * N_PARTS_TO_TAKE as f64;
        let n_parts = parts.ceil().clamp(1.0, N_PARTS_TO_TAKE as f64);
        Draw { n_parts: n_parts as usize, below: parts / n_parts }
    }

    /// Which of some ids are in those parts; none where all are.
    ///
    /// # Errors
    /// When ids cannot be hashed.
    pub(crate) fn may_be_drawn(self, ids: &StringArray) -> Result<Option<BooleanArray>> {
        if self.n_parts == N_PARTS_TO_TAKE {
            return Ok(None);
        }
        let ids: ArrayRef = Arc::new(ids.clone());
        is_in_first_parts(&ids, self.n_parts).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_are_drawn_of_few_parts_as_of_all() {
        const WANTED: usize = 50_000;
        for (n_subjects, n_parts) in [(0, 16), (50_000, 16), (60_000, 14), (1_000_000, 1), (100_000_000, 1)] {
            let draw = Draw::of(n_subjects, WANTED);
            assert_eq!(draw.n_parts, n_parts, "{n_subjects}");
            if n_subjects > WANTED as u64 {
                let n = n_subjects as f64 * draw.n_parts as f64 / 16.0 * draw.below;
                assert!((n - WANTED as f64).abs() < 1e-6, "{n_subjects}: {n}");
            }
        }
        let ids = StringArray::from_iter_values((0..1_000).map(|id| format!("c{id}")));
        let n =
            |n_subjects| Draw::of(n_subjects, WANTED).may_be_drawn(&ids).unwrap().map(|may| may.true_count());
        assert_eq!(n(50_000), None);
        let n_of_a_part = n(1_000_000).unwrap();
        assert!((30..100).contains(&n_of_a_part), "{n_of_a_part}");
    }
}
