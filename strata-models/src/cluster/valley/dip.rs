//! Whether numbers have one hump or more.

use crate::clv::draw::uniform;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// The dip of sorted numbers: how far their distribution function is, at the farthest, from the nearest one that has a single hump. From
/// `1 / 2n` to 0.25; 0 for no numbers.
///
/// A distribution function has one hump if it is convex up to somewhere and concave from there. Between the ends of an interval that
/// shrinks, the greatest convex minorant and the least concave majorant of the empirical one are compared: where they are farthest
/// apart, the hump must lie.
///
/// Hartigan, J. A. and Hartigan, P. M. (1985). The dip test of unimodality. Annals of Statistics 13, 70–84.
pub(super) fn dip(sorted: &[f64]) -> f64 {
    if sorted.is_empty() {
        return 0.0;
    }
    let steps = steps_of(sorted);
    let (mut low, mut high, mut width) = (0, steps.len() - 1, 1.0_f64);
    while low < high {
        let minorant = Hull::of(&steps, low, high, |step| step.before, 1.0);
        let majorant = Hull::of(&steps, low, high, |step| step.up_to, -1.0);
        let (gap, left, right) = widest(&steps, &minorant, &majorant);
        if gap <= width {
            break;
        }
        // What lies before the hump has to be convex, what lies after it concave; the width is what that takes.
        for (place, step) in steps.iter().enumerate().take(left).skip(low) {
            width = width.max(step.up_to - minorant.at(place));
        }
        for (place, step) in steps.iter().enumerate().take(high + 1).skip(right + 1) {
            width = width.max(majorant.at(place) - step.before);
        }
        if (left, right) == (low, high) {
            width = width.max(gap);
            break;
        }
        (low, high) = (left, right);
    }
    // The one with a single hump runs through the middle.
    width / (2.0 * sorted.len() as f64)
}

/// How many of `n_draws` samples of `n` numbers without a dip of their own, drawn evenly from an interval (the single hump that is the
/// hardest to tell from two), have at least this dip, with this one among them: the chance of it, from `1 / (n_draws + 1)`.
pub(super) fn chance(dip_found: f64, n: usize, n_draws: u32, seed: u64) -> f64 {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let mut n_above = 1.0;
    for _ in 0..n_draws {
        let mut sample: Vec<f64> = (0..n).map(|_| uniform(&mut generator)).collect();
        sample.sort_unstable_by(f64::total_cmp);
        n_above += f64::from(u8::from(dip(&sample) >= dip_found));
    }
    n_above / (f64::from(n_draws) + 1.0)
}

/// A distinct number, and how many are less and at most it.
struct Step {
    x: f64,
    before: f64,
    up_to: f64,
}

fn steps_of(sorted: &[f64]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for (place, value) in sorted.iter().enumerate() {
        let up_to = (place + 1) as f64;
        match steps.last_mut() {
            Some(last) if last.x == *value => last.up_to = up_to,
            _ => steps.push(Step { x: *value, before: place as f64, up_to }),
        }
    }
    steps
}

/// A convex or concave curve through some of the steps.
struct Hull {
    /// The places of the steps that it goes through.
    corners: Vec<usize>,
    /// Its height at every step from the first corner.
    heights: Vec<f64>,
    first: usize,
}

impl Hull {
    /// The greatest convex minorant (`side` 1) or the least concave majorant (`side` −1) from step `low` to step `high`.
    fn of(steps: &[Step], low: usize, high: usize, height: impl Fn(&Step) -> f64, side: f64) -> Hull {
        let mut corners: Vec<usize> = Vec::new();
        for place in low..=high {
            while let [.., a, b] = corners[..] {
                let (a, b, c) = (&steps[a], &steps[b], &steps[place]);
                let slope = (height(b) - height(a)) / (b.x - a.x);
                if slope * side < (height(c) - height(b)) / (c.x - b.x) * side {
                    break;
                }
                corners.pop();
            }
            corners.push(place);
        }
        let mut heights = vec![height(&steps[low])];
        for pair in corners.windows(2) {
            let (a, b) = (&steps[pair[0]], &steps[pair[1]]);
            let slope = (height(b) - height(a)) / (b.x - a.x);
            heights.extend(steps[pair[0] + 1..pair[1]].iter().map(|step| height(a) + slope * (step.x - a.x)));
            heights.push(height(b));
        }
        Hull { corners, heights, first: low }
    }

    fn at(&self, place: usize) -> f64 {
        self.heights[place - self.first]
    }
}

/// How far the two hulls are apart at the farthest, and the corners of the minorant and the majorant between which that is.
fn widest(steps: &[Step], minorant: &Hull, majorant: &Hull) -> (f64, usize, usize) {
    let mut widest = (0.0, minorant.first, minorant.first + minorant.heights.len() - 1);
    for corner in &minorant.corners {
        let gap = majorant.at(*corner) - steps[*corner].before;
        if gap > widest.0 {
            let next = majorant.corners.partition_point(|other| other < corner);
            widest = (gap, *corner, majorant.corners[next]);
        }
    }
    for corner in &majorant.corners {
        let gap = steps[*corner].up_to - minorant.at(*corner);
        if gap > widest.0 {
            let next = minorant.corners.partition_point(|other| other <= corner);
            widest = (gap, minorant.corners[next - 1], *corner);
        }
    }
    widest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::tests::iris;

    #[track_caller]
    fn check(mut values: Vec<f64>, expected: f64) {
        values.sort_unstable_by(f64::total_cmp);
        let found = dip(&values);
        assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
    }

    #[test]
    fn dips_are_those_of_the_package_diptest() {
        // Python package diptest 0.12.0, `dipstat`.
        let spread: Vec<f64> = (1..200).map(|i| f64::from((i * 7919) % 1009) / 1009.0).collect();
        check(spread.clone(), 0.006_798_699_379_249_199);
        check(spread.iter().map(|x| x.powi(3)).collect(), 0.005_996_326_439_118_968);
        check(spread.iter().flat_map(|x| [*x, x + 1.5]).collect(), 0.085_480_673_934_588_72);
        check(vec![0.0, 0.0, 1.0, 1.0], 0.25);
        check(vec![1.0, 2.0, 4.0, 8.0, 9.0, 9.5, 9.7, 20.0, 21.0, 22.5], 0.120_703_125);
        let expected = [0.040_256_410_256_410_365, 0.046_666_666_666_666_67, 0.118_974_358_974_358_97];
        for (column, expected) in expected.into_iter().enumerate() {
            check(iris().0.rows().map(|row| row[column]).collect(), expected);
        }
        check(iris().0.rows().map(|row| row[3]).collect(), 0.094_912_280_701_754_38);
    }

    #[test]
    fn few_numbers_have_the_least_dip() {
        check(vec![], 0.0);
        check(vec![5.0], 0.5);
        check((0..10).map(f64::from).collect(), 0.05);
    }

    #[test]
    fn the_chance_is_even_where_there_is_one_hump() {
        let mut generator = ChaCha8Rng::seed_from_u64(8);
        let n_below = (0..100_u64)
            .filter(|seed| {
                let mut values: Vec<f64> = (0..60).map(|_| uniform(&mut generator)).collect();
                values.sort_unstable_by(f64::total_cmp);
                chance(dip(&values), 60, 99, *seed) <= 0.2
            })
            .count();
        assert!((8..=32).contains(&n_below), "{n_below} of 100 at 0.2");
    }
}
