//! The Population Stability Index: how far a distribution has shifted.
//!
//! Siddiqi, N. (2006), *Credit Risk Scorecards*, Wiley: an index below 0.10 is no shift to speak of, from 0.25 on it is a
//! significant one. What chance alone does to it: Yurdakul, B. and Naranjo, J. (2020), "Statistical properties of the population
//! stability index", *Journal of Risk Model Validation* 14(4).

/// From here on a distribution has moderately shifted.
pub const MODERATE: f64 = 0.10;
/// From here on it has significantly shifted.
pub const SIGNIFICANT: f64 = 0.25;

/// The normal quantile of one in a thousand: so rarely chance alone passes [`chance`].
const ONE_IN_A_THOUSAND: f64 = 3.090_232;

/// What an empty cell counts for, in subjects.
const EMPTY: f64 = 0.5;

/// `PSI = Σᵢ (aᵢ − eᵢ) · ln(aᵢ / eᵢ)` over the shares `eᵢ` of the earlier counts and `aᵢ` of the present ones in each cell. A cell
/// that is empty on one side counts for half a subject there; one that is empty on both is left out. None where nobody was or is.
pub fn psi(earlier: &[u64], now: &[u64]) -> Option<f64> {
    let (n_earlier, n_now) = (earlier.iter().sum::<u64>() as f64, now.iter().sum::<u64>() as f64);
    if n_earlier == 0.0 || n_now == 0.0 {
        return None;
    }
    let share = |n: u64, of: f64| if n == 0 { EMPTY / of } else { n as f64 / of };
    let cells = earlier.iter().zip(now).filter(|(e, a)| **e + **a > 0);
    let terms = cells.map(|(e, a)| {
        let (e, a) = (share(*e, n_earlier), share(*a, n_now));
        (a - e) * (a / e).ln()
    });
    Some(terms.sum())
}

/// The index that chance alone passes once in a thousand times where nothing has shifted: the index of two samples of one
/// distribution over `B` cells is about `(1/n + 1/m) · χ²(B − 1)`. The quantile of χ² is that of Wilson and Hilferty (1931).
pub fn chance(n_cells: usize, n_earlier: u64, n_now: u64) -> f64 {
    if n_cells < 2 || n_earlier == 0 || n_now == 0 {
        return 0.0;
    }
    let degrees = (n_cells - 1) as f64;
    let ninths = 2.0 / (9.0 * degrees);
    let quantile = degrees * (1.0 - ninths + ONE_IN_A_THOUSAND * ninths.sqrt()).powi(3);
    quantile * (1.0 / n_earlier as f64 + 1.0 / n_now as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64, within: f64) {
        assert!((found - expected).abs() < within, "{found} is not {expected}");
    }

    /// By hand: −¼ ln ½ + ¼ ln (3/2) = ¼ ln 3.
    #[test]
    fn the_index_of_halves_that_become_quarters_is_a_quarter_of_the_logarithm_of_three() {
        close(psi(&[500, 500], &[25, 75]).unwrap(), 3.0_f64.ln() / 4.0, 1e-12);
        close(psi(&[500, 500], &[75, 25]).unwrap(), 3.0_f64.ln() / 4.0, 1e-12);
    }

    /// The shares from which the reference of the R package KAscore (function `psi`, after Siddiqi 2017, p. 369) draws its samples,
    /// by hand: −0.15 ln 0.4 − 0.05 ln 0.8 + 0.05 ln 1.2 + 0.15 ln 1.6.
    #[test]
    fn the_index_of_the_shares_in_the_reference_of_kascore() {
        let found = psi(&[250, 250, 250, 250], &[20, 40, 60, 80]).unwrap();
        close(found, 0.137_444 + 0.011_157 + 0.009_116 + 0.070_501, 2e-6);
    }

    #[test]
    fn what_has_not_moved_has_no_index_and_what_is_empty_counts_for_half_a_subject() {
        close(psi(&[30, 70, 0], &[300, 700, 0]).unwrap(), 0.0, 1e-12);
        let by_hand = (0.005 - 0.1) * (0.005_f64 / 0.1).ln() + (1.0 - 0.9) * (1.0_f64 / 0.9).ln();
        close(psi(&[10, 90], &[0, 100]).unwrap(), by_hand, 1e-12);
        assert_eq!(psi(&[0, 0], &[1, 2]), None);
        assert_eq!(psi(&[1, 2], &[]), None);
    }

    /// The 0.999 quantile of χ² with 9 degrees of freedom is 27.877 in every table; the approximation is within one in a hundred.
    #[test]
    fn chance_is_the_tables_quantile_of_chi_square() {
        close(chance(10, 1_000, 1_000), 27.877 * 0.002, 27.877 * 0.002 / 100.0);
        assert_eq!(chance(1, 10, 10), 0.0);
    }
}
