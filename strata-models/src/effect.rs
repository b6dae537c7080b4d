//! How far two groups are apart: effect sizes, which say how large a difference is, whatever the number of those compared.
//!
//! None of them has a unit but the divergence, which is in bits. Where a figure is not defined (too few values, or none that
//! vary), it is none and never a guess.

/// Count, sum and sum of squares of a variable: all that means and deviations need, and it can be added and taken away.
///
/// Squares lose digits when the mean is large against the deviation, so callers centre the variable first.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Moments {
    /// How many values.
    pub n: u64,
    /// Their sum.
    pub sum: f64,
    /// The sum of their squares.
    pub squares: f64,
}

impl Moments {
    /// Adds a value.
    pub fn push(&mut self, value: f64) {
        self.n += 1;
        self.sum += value;
        self.squares += value * value;
    }

    /// Those of two groups that share nobody.
    pub fn with(self, other: Moments) -> Moments {
        Moments { n: self.n + other.n, sum: self.sum + other.sum, squares: self.squares + other.squares }
    }

    /// Those of a group without some of its members.
    pub fn without(self, some: Moments) -> Moments {
        Moments {
            n: self.n.saturating_sub(some.n),
            sum: self.sum - some.sum,
            squares: self.squares - some.squares,
        }
    }

    /// The mean; none of nothing.
    pub fn mean(&self) -> Option<f64> {
        (self.n > 0).then(|| self.sum / self.n as f64)
    }

    /// The variance with `n − 1` below; none of fewer than two.
    pub fn variance(&self) -> Option<f64> {
        let n = self.n as f64;
        (self.n > 1).then(|| ((self.squares - self.sum * self.sum / n) / (n - 1.0)).max(0.0))
    }
}

impl FromIterator<f64> for Moments {
    fn from_iter<T: IntoIterator<Item = f64>>(values: T) -> Moments {
        let mut moments = Moments::default();
        values.into_iter().for_each(|value| moments.push(value));
        moments
    }
}

/// The difference of two means in standard deviations, corrected for small samples.
///
/// With means m, variances s² and sizes n, `d = (m₁ − m₂) / s`, where `s² = ((n₁ − 1) s₁² + (n₂ − 1) s₂²) / (n₁ + n₂ − 2)`, and
/// `g = d (1 − 3 / (4 (n₁ + n₂ − 2) − 1))`. None where a group has fewer than two values or neither varies.
///
/// Hedges, L. V. (1981). Distribution theory for Glass's estimator of effect size and related estimators. Journal of Educational
/// Statistics 6, 107–128.
pub fn hedges_g(one: &Moments, other: &Moments) -> Option<f64> {
    let (variance, other_variance) = (one.variance()?, other.variance()?);
    let freedom = (one.n + other.n - 2) as f64;
    let pooled = ((one.n - 1) as f64 * variance + (other.n - 1) as f64 * other_variance) / freedom;
    // What is left of a constant's variance when digits were lost is no variance.
    let mean_square = (one.squares + other.squares) / (one.n + other.n) as f64;
    if pooled <= 1e-14 * mean_square {
        return None;
    }
    let d = (one.mean()? - other.mean()?) / pooled.sqrt();
    Some(d * (1.0 - 3.0 / (4.0 * freedom - 1.0)))
}

/// The standard error of a difference in standard deviations, for small effects: `√(1/n₁ + 1/n₂)`.
pub fn standard_error(n: u64, n_other: u64) -> f64 {
    (1.0 / n as f64 + 1.0 / n_other as f64).sqrt()
}

/// How strongly a category hangs on which of two groups one is in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Association {
    /// Pearson's statistic, `χ² = Σ (observed − expected)² / expected`.
    pub chi_squared: f64,
    /// Its degrees of freedom: one less than the categories that somebody has.
    pub freedom: u64,
    /// `V = √(χ² / n)`, from 0 to 1.
    pub v: f64,
}

/// Cramér's V of the counts of categories in two groups; none where a group is empty or has one category with the other.
///
/// Cramér, H. (1946). Mathematical Methods of Statistics. Princeton University Press, p. 282. For two groups the divisor
/// `n · min(rows − 1, columns − 1)` is n.
pub fn cramers_v(one: &[u64], other: &[u64]) -> Option<Association> {
    let numbers = |counts: &[u64]| -> Vec<f64> { counts.iter().map(|count| *count as f64).collect() };
    cramers_v_of(&numbers(one), &numbers(other))
}

/// The same of counts that need not be whole, such as shares times an effective number of people.
pub fn cramers_v_of(one: &[f64], other: &[f64]) -> Option<Association> {
    let (n_one, n_other) = (one.iter().sum::<f64>(), other.iter().sum::<f64>());
    let n = n_one + n_other;
    if !(n_one > 0.0 && n_other > 0.0 && n.is_finite()) {
        return None;
    }
    let (mut chi_squared, mut n_categories) = (0.0, 0_u64);
    for (a, b) in one.iter().zip(other) {
        let both = a + b;
        if both > 0.0 {
            n_categories += 1;
            for (count, n_group) in [(*a, n_one), (*b, n_other)] {
                let expected = both * n_group / n;
                chi_squared += (count - expected).powi(2) / expected;
            }
        }
    }
    let freedom = n_categories.checked_sub(1).filter(|freedom| *freedom > 0)?;
    Some(Association { chi_squared, freedom, v: (chi_squared / n).sqrt().min(1.0) })
}

/// The difference of two shares on a scale on which it is as easily seen everywhere: `h = 2 asin √p₁ − 2 asin √p₂`, from −π to π; none
/// where one is no share. Its standard error is `√(1/n₁ + 1/n₂)`.
///
/// Cohen, J. (1988). Statistical Power Analysis for the Behavioral Sciences, 2nd edition. Erlbaum, chapter 6: 0.2 is small, 0.5 medium,
/// 0.8 large, as for differences of means in standard deviations.
pub fn cohen_h(one: f64, other: f64) -> Option<f64> {
    let is_share = |share: f64| (0.0..=1.0).contains(&share);
    (is_share(one) && is_share(other)).then(|| 2.0 * one.sqrt().asin() - 2.0 * other.sqrt().asin())
}

/// The difference of two shares, as Cohen's h, that a divergence in bits stands for: `h = √(8 ln 2 · JSD)`, so that a list of categories
/// can stand in one order with numbers and shares.
///
/// Where p and q are near, `JSD ≈ Σ (p − q)² / 8m` nats, and for two categories that sum is h². By 0.8 the two are 2 % apart.
pub fn divergence_as_h(divergence: f64) -> f64 {
    (8.0 * std::f64::consts::LN_2 * divergence.max(0.0)).sqrt()
}

/// The Jensen–Shannon divergence of the distributions that two lists of counts (or shares) stand for, in bits, from 0 to 1; none
/// where a list is empty of all.
///
/// With `m = (p + q) / 2`, `JSD = Σ (p log₂(p/m) + q log₂(q/m)) / 2`.
///
/// Lin, J. (1991). Divergence measures based on the Shannon entropy. IEEE Transactions on Information Theory 37, 145–151.
pub fn jensen_shannon(one: &[f64], other: &[f64]) -> Option<f64> {
    let (sum_one, sum_other) = (one.iter().sum::<f64>(), other.iter().sum::<f64>());
    if !(sum_one > 0.0 && sum_other > 0.0) {
        return None;
    }
    let part = |p: f64, m: f64| if p > 0.0 { p * (p / m).log2() } else { 0.0 };
    let divergence: f64 = one
        .iter()
        .zip(other)
        .map(|(a, b)| {
            let (p, q) = (a / sum_one, b / sum_other);
            let m = (p + q) / 2.0;
            (part(p, m) + part(q, m)) / 2.0
        })
        .sum();
    Some(divergence.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A group of that size, mean and standard deviation.
    fn group(n: u64, mean: f64, deviation: f64) -> Moments {
        let count = n as f64;
        let squares = deviation * deviation * (count - 1.0) + mean * mean * count;
        Moments { n, sum: mean * count, squares }
    }

    #[test]
    fn effects_are_those_of_the_published_cases() {
        let g = hedges_g(&group(200, 3.6, 0.8), &group(800, 3.2, 0.9)).unwrap();
        assert!((g - 0.453_705).abs() < 5e-7, "{g}");
        let d = g / (1.0 - 3.0 / (4.0 * 998.0 - 1.0));
        assert!((d - 0.454_047).abs() < 5e-7, "{d}");

        let association = cramers_v(&[30, 50, 20], &[60, 30, 10]).unwrap();
        assert!((association.v - 0.302_765).abs() < 5e-7, "{association:?}");
        assert_eq!(association.freedom, 2);

        let divergence = jensen_shannon(&[0.5, 0.3, 0.2], &[0.2, 0.3, 0.5]).unwrap();
        assert!((divergence - 0.095_816).abs() < 5e-7, "{divergence}");
        assert_eq!(jensen_shannon(&[5.0, 3.0, 2.0], &[2.0, 3.0, 5.0]), Some(divergence));
    }

    #[test]
    fn differences_of_shares_are_those_of_the_published_case() {
        let h = cohen_h(0.45, 0.30).unwrap();
        assert!((h - 0.311_349).abs() < 5e-7, "{h}");
        assert_eq!(cohen_h(0.30, 0.45), Some(-h));
        assert!((cohen_h(1.0, 0.0).unwrap() - std::f64::consts::PI).abs() < 1e-12);
        for (one, other) in [(1.1, 0.5), (0.5, -0.1), (f64::NAN, 0.5)] {
            assert_eq!(cohen_h(one, other), None);
        }
    }

    /// Two categories: the divergence tells the h that it was made of.
    #[test]
    fn a_divergence_stands_for_a_difference_of_shares() {
        for (p, q, within) in [(0.50, 0.49, 1e-4), (0.45, 0.30, 0.01), (0.7, 0.32, 0.02)] {
            let h = cohen_h(p, q).unwrap();
            let found = divergence_as_h(jensen_shannon(&[p, 1.0 - p], &[q, 1.0 - q]).unwrap());
            assert!((found / h - 1.0).abs() < within, "{found} for {h}");
        }
        assert_eq!(divergence_as_h(0.0), 0.0);
    }

    #[test]
    fn what_is_not_defined_is_none() {
        let constant: Moments = [0.1; 7].into_iter().collect();
        let varied: Moments = [1.0, 2.0, 4.0].into_iter().collect();
        assert_eq!(hedges_g(&constant, &constant), None);
        assert_eq!(hedges_g(&varied, &[1.0].into_iter().collect()), None);
        assert_eq!(hedges_g(&Moments::default(), &varied), None);
        assert_eq!(cramers_v(&[3, 0], &[0, 0]), None);
        assert_eq!(cramers_v(&[3, 0], &[4, 0]), None);
        assert_eq!(cramers_v(&[3, 0], &[0, 4]).map(|found| found.v), Some(1.0));
        assert_eq!(jensen_shannon(&[0.0, 0.0], &[1.0, 2.0]), None);
        assert_eq!(jensen_shannon(&[1.0, 0.0], &[0.0, 1.0]), Some(1.0));
    }

    #[test]
    fn moments_are_added_and_taken_away() {
        let (one, other): (Moments, Moments) =
            ([1.0, 2.0].into_iter().collect(), [4.0, 8.0, 16.0].into_iter().collect());
        let all = one.with(other);
        assert_eq!(all, [1.0, 2.0, 4.0, 8.0, 16.0].into_iter().collect());
        assert_eq!(all.without(other), one);
        assert_eq!((all.mean(), one.variance()), (Some(6.2), Some(0.5)));
    }
}
