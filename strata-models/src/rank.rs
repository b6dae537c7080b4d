//! Ranks: where to cut a sorted population into equal parts, and what value has a share of all below it.
//!
//! Of n subjects in k parts, each part has ⌊n/k⌋ subjects and the first n mod k parts have one more, as SQL's
//! `ntile(k)`. A cut usually falls between two values; where it falls among equal values (small counts have long runs of
//! them), how many of the run belong below is part of the cut, and the caller splits the run by id.

/// The quantile of sorted values, between order statistics by a straight line; none of no values. Type 7 of Hyndman, R. J. and Fan, Y.
/// (1996). Sample quantiles in statistical packages. The American Statistician 50, 361–365.
pub fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = share * sorted.len().checked_sub(1)? as f64;
    let (below, rest) = (*sorted.get(place.floor() as usize)?, place.fract());
    let above = *sorted.get(place.ceil() as usize)?;
    // Weighted rather than by the difference, which may be too large for a number.
    Some(if rest == 0.0 { below } else { (1.0 - rest) * below + rest * above })
}

/// The boundary below which a part ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cut {
    /// The last value of the part below.
    pub value: f64,
    /// How many subjects have this value.
    pub n_ties: usize,
    /// How many of them, the first by id, belong below; equal to `n_ties` when the cut falls between values.
    pub n_ties_below: usize,
}

impl Cut {
    /// Whether the run of equal values is split.
    pub fn splits_ties(&self) -> bool {
        self.n_ties_below < self.n_ties
    }
}

/// The `tiles − 1` cuts of a population in the order of score (ascending values, or descending), fewer when there are fewer
/// subjects than parts. Reorders `values`, which must hold no NaN. Linear time on average.
pub fn cuts(values: &mut [f64], tiles: u32, descending: bool) -> Vec<Cut> {
    let direction = if descending { -1.0 } else { 1.0 };
    for value in values.iter_mut() {
        // Adding zero makes −0 and 0 one value.
        *value = *value * direction + 0.0;
    }
    let n = values.len();
    let mut cuts = Vec::with_capacity(tiles.saturating_sub(1) as usize);
    let mut settled = 0;
    for end in part_ends(n, tiles).take_while(|end| *end < n) {
        let value = *values[settled..].select_nth_unstable_by(end - 1 - settled, f64::total_cmp).1;
        settled = end - 1;
        let n_less = values[..end].iter().filter(|other| **other < value).count();
        let n_ties = values.iter().filter(|other| **other == value).count();
        cuts.push(Cut { value: value * direction, n_ties, n_ties_below: end - n_less });
    }
    cuts
}

/// The score of each subject, from 1: the part of the population that it falls into. `values` are in the order of ids, by which ties at
/// a cut are split, and must hold no NaN. With fewer subjects than parts there are scores up to their number.
pub fn scores(values: &[f64], tiles: u32, descending: bool) -> Vec<u32> {
    let mut cuts = cuts(&mut values.to_vec(), tiles, descending);
    values
        .iter()
        .map(|value| {
            let beyond = |cut: &Cut| if descending { *value < cut.value } else { *value > cut.value };
            let mut score = 1;
            for cut in &mut cuts {
                if beyond(cut) {
                    score += 1;
                } else if *value == cut.value {
                    // What is left of the run of equal values below this cut shrinks with each subject that takes a place.
                    if cut.n_ties_below == 0 {
                        score += 1;
                    } else {
                        cut.n_ties_below -= 1;
                    }
                }
            }
            score
        })
        .collect()
}

/// Where each part ends in the sorted population: the number of subjects in it and in all parts before it.
fn part_ends(n: usize, tiles: u32) -> impl Iterator<Item = usize> {
    let tiles = tiles.max(1) as usize;
    let (size, larger) = (n / tiles, n % tiles);
    (1..=tiles).map(move |part| part * size + part.min(larger))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_numpy() {
        let sorted = [1.0, 2.0, 4.0, 8.0, 16.0];
        // numpy.quantile([1, 2, 4, 8, 16], [0, .1, .5, .99, 1]).
        for (share, expected) in [(0.0, 1.0), (0.1, 1.4), (0.5, 4.0), (0.99, 15.68), (1.0, 16.0)] {
            assert!((quantile(&sorted, share).unwrap() - expected).abs() < 1e-12, "{share}");
        }
        assert_eq!(quantile(&[], 0.5), None);
    }

    /// `ntile` by sorting (value, id), the definition; then the same by cuts.
    fn check(values: &[f64], tiles: u32, descending: bool) {
        let mut order: Vec<usize> = (0..values.len()).collect();
        let key = |id: usize| if descending { -values[id] } else { values[id] };
        order.sort_by(|a, b| key(*a).total_cmp(&key(*b)).then(a.cmp(b)));
        let mut expected = vec![0; values.len()];
        let mut begin = 0;
        for (part, end) in part_ends(values.len(), tiles).enumerate() {
            order[begin..end].iter().for_each(|id| expected[*id] = part + 1);
            begin = end;
        }
        let cuts = cuts(&mut values.to_vec(), tiles, descending);
        let found: Vec<usize> = (0..values.len())
            .map(|id| {
                let below = |cut: &Cut| {
                    let cut_key = if descending { -cut.value } else { cut.value };
                    let rank_in_ties = values[..=id].iter().filter(|other| **other == values[id]).count();
                    key(id) < cut_key || (key(id) == cut_key && rank_in_ties <= cut.n_ties_below)
                };
                cuts.iter().position(below).unwrap_or(cuts.len()) + 1
            })
            .collect();
        assert_eq!(found, expected, "{values:?} in {tiles} parts, descending {descending}");
        let scores: Vec<usize> =
            scores(values, tiles, descending).into_iter().map(|score| score as usize).collect();
        assert_eq!(scores, expected, "{values:?} in {tiles} parts, descending {descending}, at once");
    }

    #[test]
    fn cuts_yield_ntile() {
        let populations: [&[f64]; 8] = [
            &[],
            &[1.0],
            &[3.0, 1.0, 2.0],
            &[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0],
            &[5.0, 4.0, 3.0, 2.0, 1.0, 0.0, -1.0, -2.0, -3.0, -4.0],
            &[1.0, 1.0, 2.0, 1.0, 3.0, 1.0, 2.0, 9.0, 1.0, 1.0, 4.0],
            &[0.5, 0.5, 0.5, 7.0, 7.0, 7.0, 7.0, 1.0],
            &[2.0, 2.0, 1.0, 1.0, 3.0, 3.0],
        ];
        for values in populations {
            for tiles in [1, 2, 3, 5, 10] {
                check(values, tiles, false);
                check(values, tiles, true);
            }
        }
    }

    #[test]
    fn a_cut_among_ties_says_how_many_stay_below() {
        let cut = cuts(&mut [1.0, 1.0, 1.0, 1.0, 2.0, 3.0], 2, false)[0];
        assert_eq!(cut, Cut { value: 1.0, n_ties: 4, n_ties_below: 3 });
        assert!(cut.splits_ties());
    }
}
