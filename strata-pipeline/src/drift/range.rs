//! The usual range of a share: the limits of a control chart over what earlier runs found.

/// So many earlier runs a usual range takes.
pub const FEWEST_RUNS: usize = 5;

/// Three standard deviations of single values, estimated from the mean moving range of two: 3 / d₂ with d₂ = 1.128, rounded 2.66.
const OF_MOVING_RANGE: f64 = 3.0 / 1.128;
/// So many standard deviations are usual.
const DEVIATIONS: f64 = 3.0;

/// The usual range of a share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Range {
    pub(super) low: f64,
    pub(super) high: f64,
}

/// The usual range of a share that earlier runs found to be `shares`, the earliest first, now that there are `n` subjects.
///
/// The limits are those of a chart of individual values (XmR): mean ± 2.66 · mean moving range (Shewhart 1931, *Economic Control of
/// Quality of Manufactured Product*; Wheeler 1993, *Understanding Variation*). They are never nearer than chance alone
/// carries a share of `n` subjects, as on a chart of proportions: Wilson's interval (1927) at three standard deviations, which is no point
/// where the share is 0 or 1. None of fewer than [`FEWEST_RUNS`] runs.
pub(super) fn usual(shares: &[f64], n: u64) -> Option<Range> {
    if shares.len() < FEWEST_RUNS || n == 0 {
        return None;
    }
    let mean = shares.iter().sum::<f64>() / shares.len() as f64;
    let moves = shares.windows(2).map(|pair| (pair[1] - pair[0]).abs());
    let reach = OF_MOVING_RANGE * moves.sum::<f64>() / (shares.len() - 1) as f64;
    let chance = wilson(mean, n as f64);
    Some(Range {
        low: (mean - reach).min(chance.low).max(0.0),
        high: (mean + reach).max(chance.high).min(1.0),
    })
}

/// Between which shares of `n` subjects a share `p` of all is found, three standard deviations to either side.
fn wilson(p: f64, n: f64) -> Range {
    let z_squared = DEVIATIONS * DEVIATIONS;
    let centre = (p + z_squared / (2.0 * n)) / (1.0 + z_squared / n);
    let reach =
        DEVIATIONS / (1.0 + z_squared / n) * (p * (1.0 - p) / n + z_squared / (4.0 * n * n)).max(0.0).sqrt();
    Range { low: centre - reach, high: centre + reach }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2: flow rates of ten batches, of which the centre is 50.81 and the
    /// limits are 45.8159 and 55.8041. Here as parts of 100, of so many subjects that chance is nothing.
    #[test]
    fn limits_are_those_of_the_nist_handbooks_chart_of_individuals() {
        let rates = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1];
        let range = usual(&rates.map(|rate| rate / 100.0), 100_000_000).unwrap();
        assert!((range.low * 100.0 - 45.8159).abs() < 2e-4, "{range:?}");
        assert!((range.high * 100.0 - 55.8041).abs() < 2e-4, "{range:?}");
    }

    #[test]
    fn a_share_that_never_moved_may_still_move_by_chance() {
        let range = usual(&[0.0; 6], 991).unwrap();
        assert_eq!(range.low, 0.0);
        // z² / (n + z²)
        assert!((range.high - 9.0 / 1_000.0).abs() < 1e-12, "{range:?}");
        let range = usual(&[0.5; 6], 10_000).unwrap();
        assert!((range.high - 0.515).abs() < 1e-4 && (range.low - 0.485).abs() < 1e-4, "{range:?}");
    }

    #[test]
    fn few_runs_have_no_usual_range() {
        assert_eq!(usual(&[0.1; FEWEST_RUNS - 1], 1_000), None);
        assert!(usual(&[0.1; FEWEST_RUNS], 1_000).is_some());
        assert_eq!(usual(&[0.1; FEWEST_RUNS], 0), None);
    }
}
