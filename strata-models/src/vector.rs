//! Loops with vectors as wide as the processor has them.
//!
//! The program is built for any processor of its kind, whose vectors hold two numbers; most hold four. What is called here is compiled for
//! both, and the one that fits is chosen when it runs. Results are the same to the last bit: lanes do not meet, and no step is left out.

use pulp::{Arch, Simd, WithSimd};

/// Work that is worth wide vectors.
pub(crate) trait Loop {
    /// What comes of it.
    type Output;

    /// Does it. This function and all that it calls in its loops must be marked `#[inline(always)]`, or they are compiled for the narrow
    /// vectors alone. (A closure or a function pointer in place of this trait is one: neither can be marked.)
    fn run(self) -> Self::Output;
}

/// Does the work with the widest vectors there are.
#[inline(always)]
pub(crate) fn widest<L: Loop>(work: L) -> L::Output {
    Arch::new().dispatch(Call(work))
}

struct Call<L>(L);

impl<L: Loop> WithSimd for Call<L> {
    type Output = L::Output;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> L::Output {
        self.0.run()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Scaled<'a>(&'a mut [f64], f64);

    impl Loop for Scaled<'_> {
        type Output = usize;

        #[inline(always)]
        fn run(self) -> usize {
            self.0.iter_mut().for_each(|value| *value = *value * self.1 + 0.1);
            self.0.len()
        }
    }

    #[test]
    fn wide_vectors_change_no_bit() {
        for n in [0, 1, 3, 4, 7, 8, 33] {
            let values: Vec<f64> = (0..n).map(|place| f64::from(place).sin()).collect();
            let plain: Vec<f64> = values.iter().map(|value| value * 0.3 + 0.1).collect();
            let mut wide = values;
            assert_eq!(widest(Scaled(&mut wide, 0.3)), plain.len());
            assert_eq!(wide, plain);
        }
    }
}
