//! The words that tell topics apart.

use super::Keyword;
use crate::text::words::TfIdf;

/// The words of each topic by `W = tf ln(1 + A / f)`, best first; `counts` has by topic how often each word is in its texts.
pub(super) fn keywords(words: &TfIdf, counts: &[Vec<f64>], most: usize) -> Vec<Vec<Keyword>> {
    let sizes: Vec<f64> = counts.iter().map(|counts| counts.iter().sum()).collect();
    let mean_size = sizes.iter().sum::<f64>() / sizes.len().max(1) as f64;
    let of_topic = |(counts_here, size): (&Vec<f64>, &f64)| {
        let weight = |(place, count): (usize, &f64)| {
            let everywhere: f64 = counts.iter().map(|counts| counts[place]).sum();
            let weight = count / size * (1.0 + mean_size / everywhere).ln();
            (*count > 0.0).then(|| Keyword { word: words.words[place].clone(), weight })
        };
        let mut keywords: Vec<Keyword> = counts_here.iter().enumerate().filter_map(weight).collect();
        // Equal ones stay in alphabetical order.
        keywords.sort_by(|one, other| other.weight.total_cmp(&one.weight));
        keywords.truncate(most);
        keywords
    };
    counts.iter().zip(&sizes).map(of_topic).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two topics of 4 and 2 words: A = 3; "late" is in both, 3 times in all.
    #[test]
    fn weights_are_those_of_the_formula() {
        let words = ["late", "parcel", "price"].map(str::to_owned).to_vec();
        let words = TfIdf { words, weights: vec![1.0; 3] };
        let found = keywords(&words, &[vec![2.0, 2.0, 0.0], vec![1.0, 0.0, 1.0]], 2);
        let expected = [
            [("parcel", 0.5 * 2.5_f64.ln()), ("late", 0.5 * 2.0_f64.ln())],
            [("price", 0.5 * 4.0_f64.ln()), ("late", 0.5 * 2.0_f64.ln())],
        ];
        for (found, expected) in found.iter().zip(expected) {
            assert_eq!(found.len(), 2);
            for (found, (word, weight)) in found.iter().zip(expected) {
                assert_eq!(found.word, word);
                assert!((found.weight - weight).abs() < 1e-12, "{found:?}");
            }
        }
        assert_eq!(keywords(&words, &[vec![1.0, 1.0, 1.0]], 1)[0].len(), 1);
    }
}
