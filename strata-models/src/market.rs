//! Customers held against a market, class by class: index, penetration, and what is left to win.
//!
//! With `m` of the market and `c` of the customers in a class, `M` and `C` in all classes together:
//!
//! | figure | formula | unit |
//! | --- | --- | --- |
//! | index | `100 · (c / C) / (m / M)` | 100: as in the market |
//! | penetration | `c / m` | customers for each of the market |
//! | potential | `max(0, m · C / M − c)` | customers |
//! | not reached | `max(0, m − c)` | of the market |
//!
//! The index is the brand development index of Farris, Bendle, Pfeifer & Reibstein, *Marketing Metrics* (2006), section 2.3,
//! with customers for sales and times 100: what a head of the class has of the brand, against what a head of the whole has.

/// The quantile of the normal distribution that leaves 2.5 % above it.
const Z: f64 = 1.959_963_984_540_054;

/// How many of the market and of the customers are in one class, or in all.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Counts {
    /// People or companies of the market.
    pub n_market: f64,
    /// Customers.
    pub n_customers: f64,
}

/// What a class says against the whole. A figure whose divisor is zero is none.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Measures {
    /// The class's share of the market, 0 to 1.
    pub share_market: Option<f64>,
    /// Its share of the customers, 0 to 1.
    pub share_customers: Option<f64>,
    /// The second as percent of the first.
    pub index: Option<f64>,
    /// Between these the index lies with 95 % confidence, the customers taken as a sample and the market as known.
    pub index_range: Option<(f64, f64)>,
    /// Customers for each of the market; above 1 where the two are not counted alike.
    pub penetration: Option<f64>,
    /// How many customers more there would be if the class were penetrated as the whole is; 0 where it is better penetrated.
    pub n_potential: Option<f64>,
    /// How many of the market are no customers; 0 where there are more customers than market.
    pub n_not_reached: f64,
}

/// Measures a class against the whole that it is part of.
pub fn measure(class: Counts, whole: Counts) -> Measures {
    let share_market = ratio(class.n_market, whole.n_market);
    let share_customers = ratio(class.n_customers, whole.n_customers);
    let against_market = |share: f64| ratio(100.0 * share, share_market?);
    let range = wilson(class.n_customers, whole.n_customers);
    let overall = ratio(whole.n_customers, whole.n_market);
    Measures {
        share_market,
        share_customers,
        index: share_customers.and_then(against_market),
        index_range: range.and_then(|(low, high)| against_market(low).zip(against_market(high))),
        penetration: ratio(class.n_customers, class.n_market),
        n_potential: overall.map(|overall| (class.n_market * overall - class.n_customers).max(0.0)),
        n_not_reached: (class.n_market - class.n_customers).max(0.0),
    }
}

/// The 95 % interval of a share of which `k` of `n` were seen (Wilson, *Probable inference, the law of succession, and
/// statistical inference*, JASA 22, 1927): the shares `p` from which the one seen is at most 1.96 standard errors `√(p(1−p)/n)`
/// away. None of nobody.
pub fn wilson(k: f64, n: f64) -> Option<(f64, f64)> {
    let share = ratio(k, n)?.clamp(0.0, 1.0);
    let z2 = Z * Z / n;
    let middle = share + z2 / 2.0;
    let half = (z2 * (share * (1.0 - share) + z2 / 4.0)).sqrt();
    let end = |at: f64| (at / (1.0 + z2)).clamp(0.0, 1.0);
    // At none and at all, the one end is that share itself; rounding would leave it beside.
    let low = if share == 0.0 { 0.0 } else { end(middle - half) };
    let high = if share == 1.0 { 1.0 } else { end(middle + half) };
    Some((low, high))
}

fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole).filter(|ratio| ratio.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64, within: f64) {
        assert!((found - expected).abs() <= within, "{found} is not {expected}");
    }

    /// Marketing Metrics (2006), section 2.3, "Oaties": among households without children one packet a week for each 100 households, in
    /// the population one for each 80: an index of 0.8.
    #[test]
    fn brand_development_index_of_marketing_metrics() {
        let childless = Counts { n_market: 6_000.0, n_customers: 60.0 };
        let population = Counts { n_market: 10_000.0, n_customers: 125.0 };
        let found = measure(childless, population);
        close(found.index.unwrap(), 80.0, 1e-9);
        close(found.penetration.unwrap(), 1.0 / 100.0, 1e-12);
        // 6,000 / 80 − 60
        close(found.n_potential.unwrap(), 15.0, 1e-9);
        close(found.n_not_reached, 5_940.0, 0.0);
    }

    /// Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I, method 3.
    #[test]
    fn wilson_intervals_of_newcombe() {
        for (k, n, low, high) in [
            (81.0, 263.0, 0.2553, 0.3662),
            (15.0, 148.0, 0.0624, 0.1605),
            (0.0, 20.0, 0.0, 0.1611),
            (1.0, 29.0, 0.0061, 0.1718),
        ] {
            let found = wilson(k, n).unwrap();
            close(found.0, low, 0.000_05);
            close(found.1, high, 0.000_05);
        }
        assert_eq!(wilson(20.0, 20.0).unwrap().1, 1.0);
        assert_eq!(wilson(0.0, 0.0), None);
    }

    #[test]
    fn what_is_nobodys_has_no_index() {
        let whole = Counts { n_market: 10.0, n_customers: 5.0 };
        let outside = measure(Counts { n_market: 0.0, n_customers: 2.0 }, whole);
        assert_eq!((outside.index, outside.index_range, outside.penetration), (None, None, None));
        assert_eq!((outside.share_market, outside.share_customers), (Some(0.0), Some(0.4)));
        assert_eq!((outside.n_potential, outside.n_not_reached), (Some(0.0), 0.0));
        assert_eq!(
            measure(whole, Counts::default()),
            Measures { n_not_reached: 5.0, penetration: Some(0.5), ..Measures::default() }
        );
    }
}
