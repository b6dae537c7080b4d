//! The arithmetic of a layer, in loops that are compiled for wide vectors: products with weights, exponentials, GELU and norms.
//!
//! Sums are taken in one order whatever the processor and however many rows are worked on at once, so that a text's figures never depend on others.

use pulp::{Arch, Simd, WithSimd};

use crate::vector::{Loop, widest};

/// Outputs that are worked on side by side; what a processor with vectors of eight holds twice.
const LANES: usize = 16;
/// Rows that are worked on at once: 6 times 16 sums stay in registers.
const ROWS: usize = 6;
/// Sums that a long sum is divided into.
const SUMS: usize = 8;

/// `y = W x + b`. The weights lie as they are read: of 16 outputs those of the first input, then those of the second.
pub(super) struct Linear {
    n_in: usize,
    n_out: usize,
    weights: Vec<[f32; LANES]>,
    bias: Vec<[f32; LANES]>,
}

impl Linear {
    /// From weights of `n_out` rows of `n_in` each.
    pub(super) fn new(n_in: usize, weights: &[f32], bias: &[f32]) -> Linear {
        let lanes = |value: &dyn Fn(usize) -> Option<f32>, first: usize| -> [f32; LANES] {
            std::array::from_fn(|lane| value(first + lane).unwrap_or(0.0))
        };
        let n_panels = bias.len().div_ceil(LANES);
        let of_panel = |panel: usize| {
            let of_input = move |input: usize| {
                let weight = |output: usize| (output < bias.len()).then(|| weights[output * n_in + input]);
                lanes(&weight, panel * LANES)
            };
            (0..n_in).map(of_input)
        };
        Linear {
            n_in,
            n_out: bias.len(),
            weights: (0..n_panels).flat_map(of_panel).collect(),
            bias: (0..n_panels)
                .map(|panel| lanes(&|output| bias.get(output).copied(), panel * LANES))
                .collect(),
        }
    }

    /// The outputs of rows of inputs.
    pub(super) fn of(&self, rows: &[f32]) -> Vec<f32> {
        let mut outputs = vec![0.0; rows.len() / self.n_in * self.n_out];
        Arch::new().dispatch(Product { linear: self, rows, outputs: &mut outputs });
        outputs
    }
}

/// GELU of each value: `x Φ(x)` with the distribution function Φ of the normal distribution.
///
/// Hendrycks, D. & Gimpel, K. (2016). Gaussian error linear units. arXiv:1606.08415.
pub(super) fn gelu(values: &mut [f32]) {
    widest(Gelu(values));
}

/// Adds to each row what belongs to it, and gives the row the mean 0 and the variance 1, times `scale` and plus `shift`.
///
/// Ba, J. L., Kiros, J. R. & Hinton, G. E. (2016). Layer normalization. arXiv:1607.06450.
pub(super) struct Norm {
    pub(super) scale: Vec<f32>,
    pub(super) shift: Vec<f32>,
    /// What the variance is at least.
    pub(super) epsilon: f32,
}

impl Norm {
    pub(super) fn add(&self, rows: &mut [f32], others: &[f32]) {
        widest(Add { norm: self, rows, others });
    }
}

/// What the words of one text take from each other.
///
/// With q, k and v of each word and head, the row of word i is `Σⱼ pᵢⱼ vⱼ` with `pᵢⱼ ∝ exp(qᵢ · kⱼ / √d)` and d numbers a head.
///
/// Vaswani, A. et al. (2017). Attention is all you need. NIPS, 5998–6008.
pub(super) struct Attention<'a> {
    /// Of each word its q, its k and its v, each of all heads.
    pub(super) joined: &'a [f32],
    /// Numbers a word.
    pub(super) width: usize,
    pub(super) n_heads: usize,
    /// What comes of it, zeros before.
    pub(super) taken: &'a mut [f32],
}

impl Loop for Attention<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let (width, d) = (self.width, self.width / self.n_heads);
        let n_words = self.joined.len() / (3 * width);
        let part = |word: usize, which: usize, head: usize| {
            let begin = word * 3 * width + which * width + head * d;
            &self.joined[begin..begin + d]
        };
        let scale = 1.0 / (d as f32).sqrt();
        let mut weights = vec![0.0_f32; n_words];
        for head in 0..self.n_heads {
            for word in 0..n_words {
                let query = part(word, 0, head);
                let mut most = f32::NEG_INFINITY;
                for (other, weight) in weights.iter_mut().enumerate() {
                    *weight = dot(query, part(other, 1, head)) * scale;
                    most = most.max(*weight);
                }
                let mut sum = 0.0;
                for weight in &mut weights {
                    *weight = exp(*weight - most);
                    sum += *weight;
                }
                let begin = word * width + head * d;
                let taken = &mut self.taken[begin..begin + d];
                for (other, weight) in weights.iter().enumerate() {
                    let share = weight / sum;
                    for (to, value) in taken.iter_mut().zip(part(other, 2, head)) {
                        *to += share * value;
                    }
                }
            }
        }
    }
}

struct Product<'a> {
    linear: &'a Linear,
    rows: &'a [f32],
    outputs: &'a mut [f32],
}

/// Written with vectors by name: from a plain loop the compiler does not keep so many sums in registers, which takes ten times as long.
impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Linear { n_in, n_out, weights, bias } = self.linear;
        let n_rows = self.rows.len() / n_in;
        let mut block = vec![[0.0; ROWS]; *n_in];
        for first in (0..n_rows).step_by(ROWS) {
            let n = ROWS.min(n_rows - first);
            for (row, inputs) in self.rows[first * n_in..(first + n) * n_in].chunks_exact(*n_in).enumerate() {
                block.iter_mut().zip(inputs).for_each(|(of_input, input)| of_input[row] = *input);
            }
            for (panel, (weights, bias)) in weights.chunks_exact(*n_in).zip(bias).enumerate() {
                let mut sums = [[0.0; LANES]; ROWS];
                add_up(simd, &block, weights, bias, &mut sums);
                for (row, sums) in (first..first + n).zip(sums) {
                    let outputs = &mut self.outputs[row * n_out..(row + 1) * n_out];
                    // The last panel may reach beyond the end.
                    outputs[panel * LANES..].iter_mut().zip(sums).for_each(|(output, sum)| *output = sum);
                }
            }
        }
    }
}

/// The outputs of a panel for some rows, input after input, two vectors of outputs at once.
#[inline(always)]
fn add_up<S: Simd>(
    simd: S,
    block: &[[f32; ROWS]],
    weights: &[[f32; LANES]],
    bias: &[f32; LANES],
    outputs: &mut [[f32; LANES]; ROWS],
) {
    let (bias, _) = S::as_simd_f32s(bias);
    for pair in (0..bias.len()).step_by(2) {
        let mut sums = [[bias[pair], bias[pair + 1]]; ROWS];
        for (inputs, weights) in block.iter().zip(weights) {
            let (weights, _) = S::as_simd_f32s(weights);
            let [one, other] = [weights[pair], weights[pair + 1]];
            for (sums, input) in sums.iter_mut().zip(inputs) {
                let input = simd.splat_f32s(*input);
                sums[0] = simd.add_f32s(sums[0], simd.mul_f32s(input, one));
                sums[1] = simd.add_f32s(sums[1], simd.mul_f32s(input, other));
            }
        }
        for (outputs, sums) in outputs.iter_mut().zip(sums) {
            S::as_mut_simd_f32s(outputs).0[pair..pair + 2].copy_from_slice(&sums);
        }
    }
}

struct Gelu<'a>(&'a mut [f32]);

impl Loop for Gelu<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for value in self.0 {
            *value *= 0.5 * (1.0 + erf(*value * std::f32::consts::FRAC_1_SQRT_2));
        }
    }
}

struct Add<'a> {
    norm: &'a Norm,
    rows: &'a mut [f32],
    others: &'a [f32],
}

impl Loop for Add<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Norm { scale, shift, epsilon } = self.norm;
        let width = scale.len();
        for (row, other) in self.rows.chunks_exact_mut(width).zip(self.others.chunks_exact(width)) {
            row.iter_mut().zip(other).for_each(|(value, other)| *value += other);
            let mean = sum(row, |value| value) / width as f32;
            let variance = sum(row, |value| (value - mean) * (value - mean)) / width as f32;
            let factor = 1.0 / (variance + epsilon).sqrt();
            for ((value, scale), shift) in row.iter_mut().zip(scale).zip(shift) {
                *value = (*value - mean) * factor * scale + shift;
            }
        }
    }
}

/// The sum of what becomes of each value, in eight sums side by side.
#[inline(always)]
fn sum(values: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let (chunks, rest) = values.as_chunks::<SUMS>();
    let mut sums = [0.0; SUMS];
    for chunk in chunks {
        for lane in 0..SUMS {
            sums[lane] += of(chunk[lane]);
        }
    }
    sums.iter().sum::<f32>() + rest.iter().map(|value| of(*value)).sum::<f32>()
}

#[inline(always)]
fn dot(one: &[f32], other: &[f32]) -> f32 {
    let ((chunks, rest), (others, others_rest)) = (one.as_chunks::<SUMS>(), other.as_chunks::<SUMS>());
    let mut sums = [0.0; SUMS];
    for (one, other) in chunks.iter().zip(others) {
        for lane in 0..SUMS {
            sums[lane] += one[lane] * other[lane];
        }
    }
    sums.iter().sum::<f32>() + rest.iter().zip(others_rest).map(|(one, other)| one * other).sum::<f32>()
}

/// The error function to 5e-7.
///
/// Abramowitz, M. & Stegun, I. A. (1964). Handbook of mathematical functions, 7.1.26.
#[inline(always)]
fn erf(x: f32) -> f32 {
    let size = x.abs();
    let t = 1.0 / (1.0 + 0.327_591_1 * size);
    let series =
        ((((1.061_405_4 * t - 1.453_152) * t + 1.421_413_7) * t - 0.284_496_74) * t + 0.254_829_6) * t;
    (1.0 - series * exp(-size * size)).copysign(x)
}

/// `eˣ` of what is not above 0, to some units of the last place: `2ⁿ eʳ` with whole n, and the series of `eʳ`.
#[inline(always)]
fn exp(x: f32) -> f32 {
    /// The logarithm of 2 in two parts, the first of which has so few digits that its product with n is exact.
    const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
    /// Added to a small number, it leaves no room for decimals.
    const WHOLE: f32 = 12_582_912.0;
    // Below it 2ⁿ would be no ordinary number.
    let x = x.max(-87.0);
    let shifted = x * std::f32::consts::LOG2_E + WHOLE;
    let n = shifted - WHOLE;
    let r = x - n * LN_2[0] - n * LN_2[1];
    let series =
        1.0 + r * (1.0 + r * (0.5 + r * (1.0 / 6.0 + r * (1.0 / 24.0 + r * (1.0 / 120.0 + r / 720.0)))));
    let power = shifted.to_bits().wrapping_sub(WHOLE.to_bits()).wrapping_add(127) << 23;
    series * f32::from_bits(power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn near(found: &[f32], expected: &[f64], tolerance: f64) {
        assert_eq!(found.len(), expected.len());
        for (place, (found, expected)) in found.iter().zip(expected).enumerate() {
            let difference = (f64::from(*found) - expected).abs();
            assert!(difference <= tolerance, "{place}: {found}, not {expected}");
        }
    }

    /// By hand: two rows, three inputs, two outputs.
    #[test]
    fn a_product_adds_weights_and_bias() {
        let linear = Linear::new(3, &[1.0, 2.0, 3.0, -1.0, 0.5, 0.0], &[0.25, 10.0]);
        near(&linear.of(&[1.0, 0.0, -1.0, 2.0, 4.0, 1.0]), &[-1.75, 9.0, 13.25, 10.0], 0.0);
    }

    /// Rows in blocks and alone, outputs in whole panels and in the last one.
    #[test]
    fn products_do_not_depend_on_the_rows_beside_them() {
        let number = |place: usize| ((place * 37 % 101) as f32 - 50.0) / 64.0;
        for (n_rows, n_in, n_out) in [(1, 5, 16), (6, 3, 17), (7, 33, 40), (13, 8, 5)] {
            let rows: Vec<f32> = (0..n_rows * n_in).map(number).collect();
            let weights: Vec<f32> = (0..n_out * n_in).map(|place| number(place + 7)).collect();
            let bias: Vec<f32> = (0..n_out).map(|place| number(place + 3)).collect();
            let linear = Linear::new(n_in, &weights, &bias);
            let found = linear.of(&rows);
            let expected = (0..n_rows * n_out).map(|place| {
                let (row, output) = (place / n_out, place % n_out);
                let products = (0..n_in)
                    .map(|k| f64::from(rows[row * n_in + k]) * f64::from(weights[output * n_in + k]));
                products.sum::<f64>() + f64::from(bias[output])
            });
            near(&found, &expected.collect::<Vec<_>>(), 1e-4);
            let alone: Vec<f32> = rows.chunks(n_in).flat_map(|row| linear.of(row)).collect();
            assert_eq!(found, alone, "{n_rows} rows of {n_in}");
        }
    }

    /// x Φ(x), by tables of the normal distribution.
    #[test]
    fn gelu_is_the_value_times_its_probability() {
        let mut values = [-10.0, -3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0, 10.0];
        let expected = [
            0.0,
            -0.004_049_69,
            -0.158_655_25,
            -0.154_268_77,
            0.0,
            0.345_731_23,
            0.841_344_75,
            2.995_950_3,
            10.0,
        ];
        gelu(&mut values);
        near(&values, &expected, 1e-6);
    }

    #[test]
    fn exponentials_and_error_functions_are_near_those_of_the_library() {
        for step in 0..=9_000 {
            let x = -0.01 * step as f32;
            let expected = f64::from(x.max(-87.0)).exp();
            assert!((f64::from(exp(x)) - expected).abs() <= 3e-7 * expected, "e to {x}");
            let x = 0.001 * (step as f32 - 4_500.0);
            assert!((f64::from(erf(x)) - libm::erf(f64::from(x))).abs() < 5e-7, "erf of {x}");
        }
    }

    /// By hand: 1, 3 and 1 + 2, 3 − 4 have the means 2 and 1 and the variances 1 and 4.
    #[test]
    fn a_norm_adds_and_levels() {
        let norm = Norm { scale: vec![2.0, 1.0], shift: vec![0.5, 0.0], epsilon: 0.0 };
        let mut rows = [1.0, 3.0, 1.0, 3.0];
        norm.add(&mut rows, &[0.0, 0.0, 2.0, -4.0]);
        near(&rows, &[-1.5, 1.0, 2.5, -1.0], 1e-6);
        let level = Norm { scale: vec![1.0; 2], shift: vec![0.0; 2], epsilon: 3.0 };
        let mut rows = [1.0, 3.0];
        level.add(&mut rows, &[0.0, 0.0]);
        near(&rows, &[-0.5, 0.5], 1e-6);
    }

    /// By hand: two words, two heads of one number each. The first head's queries are 0, so that both words weigh the same; in the second the
    /// first word asks for ln 3 more of the second word.
    #[test]
    fn words_take_from_each_other_head_by_head() {
        let ln_3 = 3.0_f32.ln();
        let joined = [[0.0, ln_3, 5.0, 0.0, 1.0, 10.0], [0.0, 0.0, 7.0, 1.0, 3.0, 20.0]];
        let mut taken = [0.0; 4];
        widest(Attention { joined: joined.as_flattened(), width: 2, n_heads: 2, taken: &mut taken });
        near(&taken, &[2.0, 10.0 * 0.25 + 20.0 * 0.75, 2.0, 15.0], 1e-5);
    }
}
