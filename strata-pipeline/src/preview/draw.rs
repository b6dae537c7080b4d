//! Samples that depend on nothing but the ids, so that the same question shows the same subjects.

use std::collections::BTreeMap;

use crate::function::bucket_of;

/// The few subjects whose ids have the least hashes, each with something to be shown.
pub(super) struct Draw<T> {
    n: usize,
    drawn: BTreeMap<(u64, String), T>,
}

impl<T> Draw<T> {
    pub(super) fn of(n: usize) -> Draw<T> {
        Draw { n, drawn: BTreeMap::new() }
    }

    /// Offers a subject; what is to be shown of it is made only when it is drawn.
    pub(super) fn offer(&mut self, id: &str, shown: impl FnOnce() -> T) {
        // Numbers from 0 to 1 are in the order of their bits.
        let place = bucket_of(id, "sample").to_bits();
        let last = self.drawn.last_key_value().map(|((place, _), _)| *place);
        if self.drawn.len() >= self.n && last.is_none_or(|last| last <= place) {
            return;
        }
        self.drawn.insert((place, id.to_owned()), shown());
        if self.drawn.len() > self.n {
            self.drawn.pop_last();
        }
    }

    /// Whoever was drawn, by id.
    pub(super) fn finish(self) -> Vec<(String, T)> {
        let mut drawn: Vec<(String, T)> =
            self.drawn.into_iter().map(|((_, id), shown)| (id, shown)).collect();
        drawn.sort_by(|(one, _), (other, _)| one.cmp(other));
        drawn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(n: usize, ids: impl Iterator<Item = u32>) -> Vec<String> {
        let mut draw = Draw::of(n);
        ids.for_each(|id| draw.offer(&id.to_string(), || ()));
        draw.finish().into_iter().map(|(id, ())| id).collect()
    }

    #[test]
    fn a_sample_is_the_same_in_whatever_order_the_subjects_come() {
        let forward = drawn(5, 0..1_000);
        assert_eq!(forward.len(), 5);
        assert!(forward.is_sorted());
        assert_eq!(drawn(5, (0..1_000).rev()), forward);
        assert!(forward.iter().any(|id| id.len() == 3), "not the first ones: {forward:?}");
        assert_eq!(drawn(5, 0..3), ["0", "1", "2"]);
        assert_eq!(drawn(0, 0..3), [""; 0]);
    }
}
