//! How well a partition of records agrees with the true one: pairwise and B³ precision and recall.
//!
//! Let f(r) be the found customer of record r, t(r) the true one, n the number of records, and c(i, j) = |{r : f(r) = i, t(r) = j}| the
//! contingency table with row sums a(i) and column sums b(j).
//!
//! *Pairwise* (Menestrina, Whang and Garcia-Molina 2010, "Evaluating entity resolution results", PVLDB 3): of the pairs of
//! records joined, those that are truly one; of the pairs that are truly one, those joined. With C(x) = x (x − 1) / 2:
//!
//! > precision = Σᵢⱼ C(c(i, j)) / Σᵢ C(a(i)), recall = Σᵢⱼ C(c(i, j)) / Σⱼ C(b(j)), F₁ = their harmonic mean.
//!
//! A large customer has more pairs than records, so a few large ones decide these figures. *B³* (Bagga and Baldwin 1998,
//! "Algorithms for scoring coreference chains") gives every record the same say:
//!
//! > precision = 1/n Σᵢⱼ c(i, j)² / a(i), recall = 1/n Σᵢⱼ c(i, j)² / b(j), F₁ = their harmonic mean.

/// How a found partition agrees with the true one. All figures lie between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agreement {
    /// Over pairs of records.
    pub pairwise: Figures,
    /// Over records.
    pub b_cubed: Figures,
}

/// Precision, recall and their harmonic mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figures {
    /// How much of what was joined belongs together; 1 where nothing was joined.
    pub precision: f64,
    /// How much of what belongs together was joined; 1 where nothing belongs together.
    pub recall: f64,
    /// The harmonic mean of both; 0 where both are.
    pub f1: f64,
}

/// The agreement of two partitions of the same records, each given by a label for every record; none when they differ in length.
/// Time O(n log n), without going through pairs.
pub fn agreement(found: &[u32], truth: &[u32]) -> Option<Agreement> {
    if found.len() != truth.len() {
        return None;
    }
    let mut cells: Vec<(u32, u32)> = found.iter().copied().zip(truth.iter().copied()).collect();
    cells.sort_unstable();
    let mut columns = truth.to_vec();
    columns.sort_unstable();
    let column_sum = |label: u32| {
        columns.partition_point(|other| *other <= label) - columns.partition_point(|other| *other < label)
    };

    let (mut n_pairs, mut n_pairs_found) = (0.0, 0.0);
    let (mut precision, mut recall) = (0.0, 0.0);
    for row in cells.chunk_by(|a, b| a.0 == b.0) {
        n_pairs_found += pairs(row.len());
        for cell in row.chunk_by(|a, b| a == b) {
            n_pairs += pairs(cell.len());
            let squared = (cell.len() as f64).powi(2);
            precision += squared / row.len() as f64;
            recall += squared / column_sum(cell[0].1) as f64;
        }
    }
    let n_pairs_true = columns.chunk_by(|a, b| a == b).map(|column| pairs(column.len())).sum();
    let n = found.len() as f64;
    Some(Agreement {
        pairwise: Figures::new(share(n_pairs, n_pairs_found), share(n_pairs, n_pairs_true)),
        b_cubed: Figures::new(share(precision, n), share(recall, n)),
    })
}

impl Figures {
    fn new(precision: f64, recall: f64) -> Figures {
        let sum = precision + recall;
        let f1 = if sum == 0.0 { 0.0 } else { 2.0 * precision * recall / sum };
        Figures { precision, recall, f1 }
    }
}

fn pairs(n: usize) -> f64 {
    let n = n as f64;
    n * (n - 1.0) / 2.0
}

fn share(part: f64, whole: f64) -> f64 {
    if whole == 0.0 { 1.0 } else { part / whole }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(found: &[u32], truth: &[u32], pairwise: (f64, f64, f64), b_cubed: (f64, f64, f64)) {
        let figures = |(precision, recall, f1)| Figures { precision, recall, f1 };
        let expected = Agreement { pairwise: figures(pairwise), b_cubed: figures(b_cubed) };
        assert!(is_near(&agreement(found, truth).unwrap(), &expected), "{found:?} {truth:?}");
    }

    fn is_near(a: &Agreement, b: &Agreement) -> bool {
        let all = |x: &Agreement| {
            [x.pairwise, x.b_cubed].map(|figures| [figures.precision, figures.recall, figures.f1]).concat()
        };
        all(a).iter().zip(all(b)).all(|(x, y)| (x - y).abs() < 1e-12)
    }

    #[test]
    fn figures_computed_by_hand() {
        let perfect = (1.0, 1.0, 1.0);
        check(&[], &[], perfect, perfect);
        check(&[7, 7, 2], &[0, 0, 5], perfect, perfect);
        // Nothing joined of one pair that belongs together.
        check(&[0, 1], &[0, 0], (1.0, 0.0, 0.0), (1.0, 0.5, 2.0 / 3.0));
        // All joined that belongs to nobody.
        check(&[0, 0], &[0, 1], (0.0, 1.0, 0.0), (0.5, 1.0, 2.0 / 3.0));
        // {0 1 2} {3 4} found, {0 1} {2 3 4} true: pairs found 3 + 1, true 1 + 3, both 1 + 1.
        // B³: precision = ((2² + 1²) / 3 + 2² / 2) / 5 = 11/15, recall = (2² / 2 + (1² + 2²) / 3) / 5 = 11/15.
        let same = 11.0 / 15.0;
        check(&[0, 0, 0, 1, 1], &[0, 0, 1, 1, 1], (0.5, 0.5, 0.5), (same, same, same));
        // The example of Bagga and Baldwin (1998), first response: 1–5, 6–7 and 8–12 are true, the latter two joined.
        let truth = [1, 1, 1, 1, 1, 2, 2, 3, 3, 3, 3, 3];
        let found = [1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2];
        let precision = (5.0 + (4.0 + 25.0) / 7.0) / 12.0;
        let (pair_precision, f1) = (21.0 / 31.0, 2.0 * 21.0 / 52.0);
        check(
            &found,
            &truth,
            (pair_precision, 1.0, f1),
            (precision, 1.0, 2.0 * precision / (1.0 + precision)),
        );
        assert!((precision - 0.76).abs() < 0.005);
    }

    #[test]
    fn partitions_of_other_records_do_not_agree() {
        assert_eq!(agreement(&[0, 1], &[0]), None);
    }

    /// The definitions, by going through all pairs of records.
    fn by_enumeration(found: &[u32], truth: &[u32]) -> Agreement {
        let n = found.len();
        let (mut both, mut of_found, mut of_truth) = (0.0, 0.0, 0.0);
        let (mut precision, mut recall) = (0.0, 0.0);
        for a in 0..n {
            let with = |labels: &[u32]| (0..n).filter(|b| labels[*b] == labels[a]).count() as f64;
            let common = (0..n).filter(|b| found[*b] == found[a] && truth[*b] == truth[a]).count() as f64;
            precision += common / with(found) / n as f64;
            recall += common / with(truth) / n as f64;
            both += (common - 1.0) / 2.0;
            of_found += (with(found) - 1.0) / 2.0;
            of_truth += (with(truth) - 1.0) / 2.0;
        }
        Agreement {
            pairwise: Figures::new(share(both, of_found), share(both, of_truth)),
            b_cubed: Figures::new(precision, recall),
        }
    }

    proptest! {
        #[test]
        fn the_table_gives_what_enumeration_gives(
            labels in prop::collection::vec((0_u32..6, 0_u32..6), 1..60),
        ) {
            let (found, truth): (Vec<u32>, Vec<u32>) = labels.into_iter().unzip();
            let expected = by_enumeration(&found, &truth);
            prop_assert!(is_near(&agreement(&found, &truth).unwrap(), &expected));
        }
    }
}
