//! Numbers in which distances are taken: single precision where it is enough, double where it is not.

use std::ops::{Add, Mul, Sub};

use super::blocks::{self, Lanes, Nearest, Packs};
use crate::vector::widest;

/// `f32` or `f64`.
pub(crate) trait Real:
    Copy + Send + Sync + PartialOrd + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self>
{
    const ZERO: Self;
    const ONE: Self;
    const INFINITY: Self;

    /// The nearest such number.
    fn of(value: f64) -> Self;

    /// The number, exactly.
    fn double(self) -> f64;

    /// The number 0 of a count that is as wide as the type: the count stands in the lowest bits, where it can be read without converting.
    const FIRST: Self;

    /// How often one was added to [`Real::FIRST`]: below 2²³.
    fn count(self) -> u32;

    /// The square root.
    fn root(self) -> Self;

    /// The nearest centres of the rows of a block, as many rows at a time as the registers of any processor hold.
    fn nearest(block: &[Lanes<Self>], packs: &Packs<Self>) -> Nearest<Self>;
}

impl Real for f32 {
    const ZERO: f32 = 0.0;
    const ONE: f32 = 1.0;
    const INFINITY: f32 = f32::INFINITY;

    fn of(value: f64) -> f32 {
        value as f32
    }

    fn double(self) -> f64 {
        f64::from(self)
    }

    const FIRST: f32 = 8_388_608.0;

    fn count(self) -> u32 {
        self.to_bits() & 0x7f_ffff
    }

    fn root(self) -> f32 {
        self.sqrt()
    }

    fn nearest(block: &[Lanes<f32>], packs: &Packs<f32>) -> Nearest<f32> {
        widest(blocks::Measured::<f32, 8> { block, packs })
    }
}

impl Real for f64 {
    const ZERO: f64 = 0.0;
    const ONE: f64 = 1.0;
    const INFINITY: f64 = f64::INFINITY;

    fn of(value: f64) -> f64 {
        value
    }

    fn double(self) -> f64 {
        self
    }

    const FIRST: f64 = 4_503_599_627_370_496.0;

    fn count(self) -> u32 {
        (self.to_bits() & 0x7f_ffff) as u32
    }

    fn root(self) -> f64 {
        self.sqrt()
    }

    fn nearest(block: &[Lanes<f64>], packs: &Packs<f64>) -> Nearest<f64> {
        widest(blocks::Measured::<f64, 4> { block, packs })
    }
}
