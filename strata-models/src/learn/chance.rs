//! Random numbers that any thread can have for itself: drawn from a seed and a place, not from a sequence.

use rand_chacha::rand_core::RngCore;

/// A seed from which every place has its own number. One of them costs the generator one draw.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Places(u64);

impl Places {
    pub(crate) fn new(random: &mut impl RngCore) -> Places {
        Places(random.next_u64())
    }

    #[cfg(test)]
    pub(crate) fn from_seed(seed: u64) -> Places {
        Places(seed)
    }

    /// The number of a place, evenly distributed over 64 bits: SplitMix64 (Steele, Lea & Flood 2014), entered anywhere.
    pub(crate) fn number(self, place: u64) -> u64 {
        let x = self.0.wrapping_add(place.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    /// The number of a place in [0, 1).
    pub(crate) fn share(self, place: u64) -> f64 {
        (self.number(place) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// The number of a place below `end`, by Lemire's multiplication; its bias is below `end / 2⁶⁴`.
    pub(crate) fn below(self, place: u64, end: usize) -> usize {
        ((u128::from(self.number(place)) * end as u128) >> 64) as usize
    }

    /// The numbers `0..n` in a random order (Fisher and Yates).
    pub(crate) fn order(self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        for last in (1..n).rev() {
            order.swap(last, self.below(last as u64, last + 1));
        }
        order
    }
}
