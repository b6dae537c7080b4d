//! One number that makes a learner as sure as it may be: `p = softmax(z / T)`.
//!
//! Guo, C., Pleiss, G., Sun, Y. and Weinberger, K. Q. (2017). On calibration of modern neural networks. ICML 2017.

use super::logit::softmax;

/// The temperature with the least log loss on rows of scores, `n_types` each, that were not learned from; within 0.05 to 20, and 1 of no rows.
///
/// The loss is convex in `1 / T`, so that halving the interval of its derivative finds the only minimum.
pub fn fit(scores: &[f64], types: &[u16], n_types: usize) -> f64 {
    if types.is_empty() || n_types == 0 {
        return 1.0;
    }
    let slope = |inverse: f64| {
        let mut p = vec![0.0; n_types];
        let of_row = |(scores, of_type): (&[f64], &u16)| {
            p.iter_mut().zip(scores).for_each(|(p, score)| *p = inverse * score);
            softmax(&mut p);
            let expected: f64 = p.iter().zip(scores).map(|(p, score)| p * score).sum();
            expected - scores[usize::from(*of_type)]
        };
        scores.chunks_exact(n_types).zip(types).map(of_row).sum::<f64>()
    };
    let (mut low, mut high) = (1.0 / MOST, MOST);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if slope(middle) > 0.0 { high = middle } else { low = middle }
    }
    2.0 / (low + high)
}

/// Beyond this temperature nothing is left of scores.
const MOST: f64 = 20.0;
