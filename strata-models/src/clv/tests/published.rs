//! Fits and predictions against published figures and other implementations; each test says whose.

use super::close;
use super::data::{cdnow, day, shared, summary};
use super::golden::published;
use crate::clv::beta_geo::{BetaGeo, ModifiedBetaGeo};
use crate::clv::fit::FitOptions;
use crate::clv::optimise::Optimum;
use crate::clv::pareto::Pareto;
use crate::clv::purchases::{Customer, DiscountRate, Horizon, RepeatPurchases};
use crate::clv::timing::TimingModel;

fn customer(x: f64, recency: f64, tenure: f64) -> Customer {
    Customer::new(x, recency, tenure).unwrap()
}

fn horizon(t: f64) -> Horizon {
    Horizon::new(t).unwrap()
}

/// Whether a figure is a published one to the last digit printed.
#[track_caller]
fn printed(found: f64, expected: f64, digits: i32) {
    assert!((found - expected).abs() <= 0.501 * 10.0_f64.powi(-digits), "{found} is not {expected}");
}

/// Whether a fit is regular and has these parameters and this likelihood.
#[track_caller]
fn fits(optimum: &Optimum, parameters: [f64; 4], tolerance: f64, log_likelihood: f64, ll_tolerance: f64) {
    assert!(optimum.is_regular() && optimum.gradient_norm < 1e-5, "{optimum:?}");
    assert!((optimum.log_likelihood - log_likelihood).abs() < ll_tolerance, "{optimum:?}");
    for (found, expected) in optimum.parameters.iter().zip(parameters) {
        close(*found, expected, tolerance);
    }
}

fn three(purchases: &RepeatPurchases) -> [Optimum; 3] {
    let options = FitOptions::default();
    [
        BetaGeo::fit(purchases, &options).unwrap().optimum,
        ModifiedBetaGeo::fit(purchases, &options).unwrap().optimum,
        Pareto::fit(purchases, &options).unwrap().optimum,
    ]
}

/// Own multi-start code with Newton polish and independent derivatives, |gradient| < 2e-6, in another language.
#[test]
fn cdnow_fits_are_the_independent_optimum() {
    let [bg, mbg, pareto] = three(&cdnow());
    fits(&bg, [0.2425929, 4.4135316, 0.7928861, 2.4257534], 2e-6, -9582.425561, 2e-6);
    fits(&mbg, [0.5248380, 6.1829920, 0.8913562, 1.6139993], 2e-6, -9582.132685, 2e-6);
    fits(&pareto, [0.5532755, 10.5776123, 0.6062136, 11.6679108], 2e-5, -9594.973930, 2e-6);
}

/// The sample's own dates, and exact weeks: the reference runs of CLVTools and BTYDplus, with their standard errors.
#[test]
fn cdnow_sample_fits_are_those_of_clvtools_and_btydplus() {
    let Some(text) = shared("cdnow_sample_fits_are_those_of_clvtools_and_btydplus", "cdnow/CDNOW_sample.txt")
    else {
        return;
    };
    let events = text.lines().map(|line| {
        let cells: Vec<&str> = line.split_whitespace().collect();
        (cells[0].parse().unwrap(), date(cells[2]))
    });
    let purchases = summary(events, day(1997, 9, 30), 7.0);
    assert_eq!(purchases.n_rows(), 2357);
    let [bg, mbg, pareto] = three(&purchases);
    fits(&bg, [0.2425945, 4.4136019, 0.7929199, 2.4258881], 1e-5, -9582.429, 1e-3);
    fits(&bg, [0.2425945, 4.4136020, 0.7929220, 2.4259068], 2e-6, -9582.429207, 2e-6);
    fits(&mbg, [0.5248436, 6.1830928, 0.8913878, 1.6140483], 1e-4, -9582.135716, 2e-6);
    fits(&pareto, [0.55315, 10.57633, 0.60625, 11.67150], 1e-3, -9594.976, 1e-3);
    fits(&pareto, [0.5532770, 10.5776835, 0.6062400, 11.6687353], 2e-5, -9594.976179, 2e-6);
    for (found, expected) in pareto.standard_errors.iter().zip([0.0476264, 0.8427222, 0.1872594, 6.2105448]) {
        close(found.unwrap(), expected, 1e-3);
    }
    for (found, expected) in bg.standard_errors.iter().zip([0.01256, 0.37822, 0.18573, 0.70542]) {
        close(found.unwrap(), expected, 1e-2);
    }
}

/// All 23,570 customers of CDNOW; own independent optimum.
#[test]
fn cdnow_master_fits_are_the_independent_optimum() {
    let Some(text) = shared("cdnow_master_fits_are_the_independent_optimum", "cdnow/CDNOW_master.txt.gz")
    else {
        return;
    };
    let events = text.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split_whitespace().collect();
        (cells[0].parse().unwrap(), date(cells[1]))
    });
    let purchases = summary(events, day(1997, 9, 30), 7.0);
    assert_eq!(purchases.n_rows(), 23_570);
    let [bg, mbg, pareto] = three(&purchases);
    fits(&bg, [0.251624, 4.788943, 0.723434, 2.161088], 2e-6, -95368.4439, 1e-4);
    fits(&mbg, [0.637140, 7.310290, 0.807474, 1.228394], 2e-6, -95336.9583, 1e-4);
    fits(&pareto, [0.597420, 11.585658, 0.522186, 8.827759], 2e-5, -95415.1186, 1e-4);
}

/// Online Retail: the full period is regular; up to 2011-06-09 nobody seems to leave, where other packages raise errors.
#[test]
fn online_retail_fits_are_finite_and_flagged() {
    let Some(text) =
        shared("online_retail_fits_are_finite_and_flagged", "online_retail/online_retail.csv.gz")
    else {
        return;
    };
    let events: Vec<(u64, i64)> = online_retail(&text);
    let whole = summary(events.iter().copied(), day(2011, 12, 9), 1.0);
    assert_eq!(whole.n_rows(), 4338);
    let [bg, mbg, _] = three(&whole);
    fits(&bg, [0.826542, 68.905123, 0.003437, 6.745072], 2e-3, -61823.4713, 1e-4);
    fits(&mbg, [0.827424, 69.034999, 0.001856, 11.893684], 2e-3, -61823.5733, 1e-4);

    let cut = summary(events.into_iter(), day(2011, 6, 9), 1.0);
    assert_eq!(cut.n_rows(), 2800);
    let [bg, mbg, pareto] = three(&cut);
    // That is the limit a → 0. A Beta distribution with all its mass near 10⁻⁷ is better by 0.005 for one customer's sake.
    assert!((bg.log_likelihood - -21735.8899).abs() < 0.01, "{bg:?}");
    assert!(bg.converged && (bg.parameters[2] / bg.parameters[3]) < 1e-5, "{bg:?}");
    for optimum in [bg, mbg, pareto] {
        assert!(optimum.log_likelihood > -21736.0 && !optimum.is_regular(), "{optimum:?}");
        assert!(optimum.parameters.iter().all(|value| value.is_finite() && *value > 0.0), "{optimum:?}");
        assert!(optimum.standard_errors[0].is_some() && optimum.standard_errors[1].is_some(), "{optimum:?}");
    }
}

/// Fader, Hardie and Lee (2005); Hardie's BG/NBD spreadsheet; the R packages BTYD and BTYDplus.
#[test]
fn bg_nbd_figures_are_those_of_hardie_and_btyd() {
    let [rounded, ..] = published();
    printed(rounded.expected_purchases(&customer(2.0, 30.43, 38.86), horizon(39.0)), 1.22602817, 8);
    let model = TimingModel::from(BetaGeo::new(0.2425945, 4.4136020, 0.7929220, 2.4259068).unwrap());
    let weeks = [(0.1429, 0.0078), (1.0, 0.0532), (3.0, 0.1506), (31.8571, 1.0405), (32.0, 1.0437)];
    for (t, expected) in weeks {
        printed(model.expected_purchases_new(horizon(t)), expected, 4);
    }
    close(model.expected_purchases_new(horizon(78.0)), 1.8576, 5e-4);
    let best = customer(26.0, 30.857, 31.0);
    close(model.expected_purchases(&best, horizon(52.0)), 25.7566, 1e-4);
    printed(model.p_alive(&best), 0.96885, 5);
    printed(model.expected_purchases_new(horizon(52.0)), 1.4440, 4);
    printed(rounded.purchase_probability_new(0, horizon(39.0)), 0.5737864, 7);
    close(rounded.purchase_probability_new(10, horizon(2.0)), 1.07869e-07, 1e-5);
}

/// The example of `bgnbd.pmf` in the R package BTYD.
#[test]
fn bg_nbd_probabilities_are_those_of_btyd() {
    let [model, ..] = published();
    let expected = [
        0.0019995214,
        0.0015170236,
        0.0011633150,
        0.0009003148,
        0.0007023638,
        0.0005517902,
        0.0004361913,
        0.0003467171,
        0.0002769613,
        0.0002222260,
    ];
    for (n, expected) in (11..).zip(expected) {
        printed(model.purchase_probability_new(n, horizon(30.0)), expected, 10);
    }
}

/// The vignette of BTYD; Fader, Hardie and Lee's "paradox" that of equally recent customers the more frequent is the deader.
#[test]
fn pareto_nbd_figures_are_those_of_btyd() {
    let rounded = Pareto::new(0.55, 10.56, 0.61, 11.64).unwrap();
    let new = [
        0.0, 0.05077821, 0.09916088, 0.14542507, 0.18979930, 0.23247466, 0.27361274, 0.31335159, 0.35181024,
        0.38909211,
    ];
    for (t, expected) in new.into_iter().enumerate() {
        printed(rounded.expected_purchases_new(horizon(t as f64)), expected, 8);
    }
    let model = TimingModel::from(Pareto::new(0.5533971, 10.5801985, 0.6060625, 11.6562237).unwrap());
    let best = customer(26.0, 216.0 / 7.0, 31.0);
    close(model.expected_purchases(&best, horizon(52.0)), 25.4565, 1e-4);
    printed(model.p_alive(&best), 0.99787, 5);
    close(model.expected_purchases_new(horizon(52.0)), 1.47345, 1e-3);
    close(model.discounted_purchases(&best, DiscountRate::new(0.0027).unwrap()), 86.0502, 1e-3);
    let [bg, _, _] = published();
    for (x, pareto, beta_geo) in [
        (10.0, 0.70612, 0.34746),
        (15.0, 0.14421, 0.042834),
        (20.0, 0.022501, 0.0041590),
        (25.0, 0.0030917, 0.00035837),
    ] {
        close(model.expected_purchases(&customer(x, 20.0, 39.0), horizon(52.0)), pareto, 1e-3);
        close(bg.expected_purchases(&customer(x, 20.0, 39.0), horizon(52.0)), beta_geo, 1e-3);
    }
}

/// Where other implementations underflow or return NaN: issues of `lifetimes`, and of CLVTools.
#[test]
fn pareto_nbd_is_finite_where_others_are_not() {
    let model = TimingModel::from(Pareto::new(0.55, 10.58, 0.61, 11.67).unwrap());
    for (x, expected) in [(132.0, 6.2060518), (133.0, 6.2528722)] {
        printed(model.expected_purchases(&customer(x, 200.0, 200.0), horizon(10.0)), expected, 7);
    }
    let model = TimingModel::from(Pareto::new(0.5143, 2.8845, 0.2856, 14.1087).unwrap());
    for (x, recency, tenure) in [
        (221.0, 103.42857, 103.57143),
        (254.0, 97.14286, 97.28571),
        (161.0, 94.71429, 98.0),
        (204.0, 98.57143, 99.42857),
    ] {
        let customer = customer(x, recency, tenure);
        let alive = model.p_alive(&customer);
        assert!((0.0..=1.0).contains(&alive), "{alive}");
        assert!(
            model.log_likelihood(&customer).is_finite()
                && model.expected_purchases(&customer, horizon(52.0)).is_finite()
        );
    }
}

/// pymc-marketing's `test_modified_beta_geo.py` and its stable log-density, derived once more; BTYDplus.
#[test]
fn mbg_nbd_figures_are_those_of_pymc_marketing_and_btydplus() {
    let model = TimingModel::from(ModifiedBetaGeo::new(0.5248436, 6.1830928, 0.8913878, 1.6140483).unwrap());
    let other = customer(2.0, 30.43, 38.86);
    printed(model.expected_purchases(&other, horizon(39.0)), 1.262657, 6);
    printed(model.p_alive(&other), 0.706122, 6);
    printed(model.p_alive(&customer(0.0, 0.0, 39.0)), 0.389327, 6);
    close(model.expected_purchases_new(horizon(52.0)), 1.418863, 1e-5);
    let (modified, plain) =
        (ModifiedBetaGeo::new(0.25, 4.0, 0.8, 2.5).unwrap(), BetaGeo::new(0.25, 4.0, 0.8, 2.5).unwrap());
    let (none, many) = (customer(0.0, 0.0, 40.0), customer(200.0, 38.0, 40.0));
    printed(modified.log_likelihood(&none), -0.41792826, 7);
    printed(modified.log_likelihood(&many), 100.78691, 4);
    printed(plain.log_likelihood(&none), -0.59947382, 7);
    printed(plain.log_likelihood(&many), 100.7956931, 6);
}

/// Expected orders of all customers in 52 weeks, with the parameters that `lifetimes` fits.
#[test]
fn cdnow_totals_are_those_of_lifetimes() {
    let purchases = cdnow();
    let [bg, _, pareto] = [
        BetaGeo::fit(&purchases, &FitOptions::default()).unwrap().model.into(),
        published()[1],
        Pareto::fit(&purchases, &FitOptions::default()).unwrap().model.into(),
    ];
    for (model, total) in [(bg, 2089.419), (pareto, 2110.039)] {
        let sum: f64 = model.expected_purchases_all(&purchases, horizon(52.0)).iter().sum();
        close(sum, total, 1e-4);
    }
}

fn date(text: &str) -> i64 {
    let number: i64 = text.parse().unwrap();
    day(number / 10_000, number / 100 % 100, number % 100)
}

/// Customer and day of every invoice line that is a sale to a known customer: neither cancelled nor free.
fn online_retail(text: &str) -> Vec<(u64, i64)> {
    let sale = |line: &str| {
        // From the right, since descriptions have commas.
        let cells: Vec<&str> = line.rsplitn(6, ',').collect();
        let (customer, price, quantity) =
            (cells[1].parse::<f64>().ok()?, cells[2].parse::<f64>().ok()?, cells[4]);
        let is_sale = !line.starts_with('C') && price > 0.0 && quantity.parse::<f64>().ok()? > 0.0;
        let date: Vec<i64> = cells[3].get(..10)?.split('-').filter_map(|part| part.parse().ok()).collect();
        is_sale.then_some((customer as u64, day(date[0], date[1], date[2])))
    };
    text.lines().skip(1).filter_map(sale).collect()
}
