//! Centres, and how rows are given to them and they to rows.

use rayon::prelude::*;

use super::rows::MixedRows;

/// Centres side by side.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Centres {
    pub(super) means: Vec<f64>,
    pub(super) modes: Vec<u16>,
    pub(super) n_clusters: usize,
}

impl Centres {
    pub(super) fn new(means: &[Vec<f64>], modes: &[Vec<u16>]) -> Centres {
        Centres { means: means.concat(), modes: modes.concat(), n_clusters: modes.len() }
    }

    /// The cluster of the least dissimilar centre, of equal ones the first, and how dissimilar it is.
    pub(super) fn nearest(&self, numbers: &[f64], codes: &[u16], gamma: f64) -> (usize, f64) {
        let centres = self.means.chunks_exact(numbers.len()).zip(self.modes.chunks_exact(codes.len()));
        let mut best = (0, f64::INFINITY);
        for (cluster, (means, modes)) in centres.enumerate() {
            let own = dissimilarity(numbers, codes, means, modes, gamma);
            if own < best.1 {
                best = (cluster, own);
            }
        }
        best
    }
}

/// `Σ (x − m)² + γ Σ 1[c ≠ q]`.
pub(super) fn dissimilarity(numbers: &[f64], codes: &[u16], means: &[f64], modes: &[u16], gamma: f64) -> f64 {
    let squares: f64 = numbers.iter().zip(means).map(|(x, mean)| (x - mean) * (x - mean)).sum();
    let others: u32 = codes.iter().zip(modes).map(|(code, mode)| u32::from(code != mode)).sum();
    squares + gamma * f64::from(others)
}

/// Sums over some rows.
pub(super) struct Sums {
    pub(super) cost: f64,
    pub(super) n_moved: usize,
    sizes: Vec<f64>,
    numbers: Vec<f64>,
    /// Cluster after cluster, column after column, category after category.
    counts: Vec<f64>,
    /// The row that is most dissimilar from its centre.
    furthest: (f64, usize),
}

/// So many rows are summed up in one go; sums of these are added in their order.
const CHUNK: usize = 8192;

/// Gives each row to its centre.
pub(super) fn assign(rows: &MixedRows, gamma: f64, centres: &Centres, labels: &mut [usize]) -> Sums {
    let (n_columns, n_codes, n_clusters) =
        (rows.numbers.n_columns(), rows.n_categories.len(), centres.n_clusters);
    let starts = starts_of_columns(rows);
    let n_cells = starts[n_codes];
    let empty = || Sums {
        cost: 0.0,
        n_moved: 0,
        sizes: vec![0.0; n_clusters],
        numbers: vec![0.0; n_clusters * n_columns],
        counts: vec![0.0; n_clusters * n_cells],
        furthest: (-1.0, 0),
    };
    let parts: Vec<Sums> = labels
        .par_chunks_mut(CHUNK)
        .enumerate()
        .map(|(chunk, labels)| {
            let mut sums = empty();
            let first = chunk * CHUNK;
            for (place, label) in labels.iter_mut().enumerate() {
                let (numbers, codes) = (rows.numbers.row(first + place), rows.code_row(first + place));
                let (cluster, away) = centres.nearest(numbers, codes, gamma);
                sums.n_moved += usize::from(*label != cluster);
                *label = cluster;
                sums.cost += away;
                if away > sums.furthest.0 {
                    sums.furthest = (away, first + place);
                }
                sums.sizes[cluster] += 1.0;
                let own = &mut sums.numbers[cluster * n_columns..][..n_columns];
                own.iter_mut().zip(numbers).for_each(|(sum, x)| *sum += x);
                let own = &mut sums.counts[cluster * n_cells..][..n_cells];
                codes.iter().zip(&starts).for_each(|(code, start)| own[start + usize::from(*code)] += 1.0);
            }
            sums
        })
        .collect();
    parts.into_iter().fold(empty(), |mut sum, part| {
        let add = |sum: &mut [f64], part: &[f64]| sum.iter_mut().zip(part).for_each(|(sum, x)| *sum += x);
        sum.cost += part.cost;
        sum.n_moved += part.n_moved;
        add(&mut sum.sizes, &part.sizes);
        add(&mut sum.numbers, &part.numbers);
        add(&mut sum.counts, &part.counts);
        if part.furthest.0 > sum.furthest.0 {
            sum.furthest = part.furthest;
        }
        sum
    })
}

/// Where the categories of each column begin, and the end of the last.
fn starts_of_columns(rows: &MixedRows) -> Vec<usize> {
    let mut end = 0;
    let ends = rows.n_categories.iter().map(|n| {
        end += n;
        end
    });
    std::iter::once(0).chain(ends).collect()
}

/// The centres of the rows of each cluster. A cluster that has lost all its rows begins anew at the row that
/// is most dissimilar from its centre.
pub(super) fn middle(rows: &MixedRows, sums: &Sums) -> Centres {
    let (n_columns, starts) = (rows.numbers.n_columns(), starts_of_columns(rows));
    let n_cells = starts[starts.len() - 1];
    let (mut means, mut modes) = (vec![], vec![]);
    for (cluster, size) in sums.sizes.iter().enumerate() {
        if *size == 0.0 {
            means.push(rows.numbers.row(sums.furthest.1).to_vec());
            modes.push(rows.code_row(sums.furthest.1).to_vec());
            continue;
        }
        means.push(sums.numbers[cluster * n_columns..][..n_columns].iter().map(|sum| sum / size).collect());
        let counts = &sums.counts[cluster * n_cells..][..n_cells];
        let commonest = |bounds: &[usize]| {
            let own = &counts[bounds[0]..bounds[1]];
            (1..own.len()).fold(0, |best, code| if own[code] > own[best] { code } else { best }) as u16
        };
        modes.push(starts.windows(2).map(commonest).collect());
    }
    Centres::new(&means, &modes)
}
