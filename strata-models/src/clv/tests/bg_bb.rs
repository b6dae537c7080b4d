//! BG/BB against what was published of donors, an independent optimum, and cases in exact arithmetic.

use super::close;
use super::data::committed;
use crate::clv::bg_bb::{BgBb, Occasions, OccasionsData};
use crate::clv::draw;
use crate::clv::error::InputError;
use crate::clv::fit::FitOptions;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// The 11,104 donors of Fader, Hardie and Shang (2010), table 1.
fn donations() -> OccasionsData {
    let table = committed("donations_bgbb.csv");
    let cells = |line: &str| -> Vec<u32> { line.split(',').map(|cell| cell.parse().unwrap()).collect() };
    let rows: Vec<Vec<u32>> = table.lines().skip(1).map(cells).collect();
    let column = |place: usize| -> Vec<u32> { rows.iter().map(|row| row[place]).collect() };
    let weights: Vec<f64> = column(3).into_iter().map(f64::from).collect();
    OccasionsData::new(&column(0), &column(1), &column(2), Some(&weights)).unwrap()
}

fn published() -> BgBb {
    BgBb::new(1.204, 0.750, 0.657, 2.783).unwrap()
}

fn history(frequency: u32, recency: u32, periods: u32) -> Occasions {
    Occasions::new(frequency, recency, periods).unwrap()
}

#[test]
fn donations_fit_is_that_of_fader_hardie_and_shang_2010() {
    let data = donations();
    assert_eq!((data.n_customers(), data.cells().len()), (11_104.0, 22));
    let fit = BgBb::fit(&data, &FitOptions::default()).unwrap();
    for (found, expected) in fit.model.parameters().into_iter().zip([1.204, 0.750, 0.657, 2.783]) {
        close(found, expected, 1e-3);
    }
    assert!((fit.optimum.log_likelihood + 33_225.6).abs() < 0.05);
}

#[test]
fn donations_fit_is_that_of_an_independent_multi_start_newton() {
    let fit = BgBb::fit(&donations(), &FitOptions::default()).unwrap();
    let expected = [1.203_522_4, 0.749_716_4, 0.656_718_2, 2.783_442_2];
    for (found, expected) in fit.model.parameters().into_iter().zip(expected) {
        close(found, expected, 1e-6);
    }
    close(fit.optimum.log_likelihood, -33_225.581_274, 1e-10);
    assert!(fit.optimum.is_regular(), "{:?}", fit.optimum);
    let errors = [0.069_388, 0.029_447, 0.051_006, 0.320_796];
    for (found, expected) in fit.optimum.standard_errors.iter().zip(errors) {
        close(found.unwrap(), expected, 1e-3);
    }
}

#[test]
fn donors_are_alive_in_2002_as_published() {
    for (occasions, expected) in [((0, 0, 6), 0.108), ((2, 4, 6), 0.590), ((6, 6, 6), 0.930)] {
        let (x, t_x, n) = occasions;
        assert!((published().p_alive(history(x, t_x, n), 1) - expected).abs() < 1e-3);
    }
}

#[test]
fn donors_give_as_the_published_sheet_says() {
    let model = BgBb::fit(&donations(), &FitOptions::default()).unwrap().model;
    let total = |model: &BgBb| -> f64 {
        donations().cells().iter().map(|(cell, n)| n * model.expected_purchases(*cell, 5)).sum()
    };
    assert!((total(&model) - 12_884.2).abs() < 0.05, "{}", total(&model));
    // At the parameters that BTYD finds it is the total that BTYD finds.
    let btyd = BgBb::new(1.203_527, 0.749_721, 0.656_777, 2.783_793).unwrap();
    assert!((total(&btyd) - 12_883.98).abs() < 0.01, "{}", total(&btyd));
    // How many of the 11,104 are expected to give at none of six occasions, and at all six.
    let never = model.log_likelihood(history(0, 0, 6)).exp();
    let always = model.log_likelihood(history(6, 6, 6)).exp();
    close(11_104.0 * never, 3_454.9, 1e-4);
    close(11_104.0 * always, 1_253.1, 1e-4);
    let of_new = [0.4985, 0.9233, 1.2969, 1.6323, 1.9381, 2.2202, 2.4826, 2.7285, 2.9603, 3.1798, 3.3887];
    for (n, expected) in (1..).zip(of_new) {
        assert!((model.expected_purchases_new(n) - expected).abs() < 1e-4, "{n}");
    }
    close(model.discounted_purchases(history(6, 6, 6), 0.1).unwrap(), 5.909_75, 1e-4);
    close(model.discounted_purchases(history(2, 4, 6), 0.1).unwrap(), 1.665_56, 1e-4);
}

#[test]
fn figures_are_those_of_mpmath_with_sixty_digits() {
    let table = committed("golden_bgbb.csv");
    for line in table.lines().skip(1) {
        let cells: Vec<f64> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
        let occasions = history(cells[0] as u32, cells[1] as u32, cells[2] as u32);
        close(published().log_likelihood(occasions), cells[4], 1e-9);
        close(published().p_alive(occasions, 0), cells[5], 1e-9);
        close(published().p_alive(occasions, 1), cells[6], 1e-9);
        close(published().expected_purchases(occasions, cells[3] as u32), cells[7], 1e-9);
    }
}

#[test]
fn discounted_purchases_are_the_sum_over_occasions() {
    let model = published();
    for discount in [0.5_f64, 0.1, 0.02] {
        let occasions = history(2, 4, 6);
        let sum: f64 = (1..4000)
            .map(|j| {
                let at = model.expected_purchases(occasions, j) - model.expected_purchases(occasions, j - 1);
                at / (1.0 + discount).powi(j as i32)
            })
            .sum();
        close(model.discounted_purchases(occasions, discount).unwrap(), sum, 1e-9);
    }
}

#[test]
fn derivatives_are_those_of_differences() {
    let data = donations();
    let at = [0.9, 1.1, 0.5, 4.0];
    let evaluate =
        |point: [f64; 4]| data.evaluate(&BgBb::new(point[0], point[1], point[2], point[3]).unwrap());
    let exact = evaluate(at);
    for place in 0..4 {
        let step = 1e-5 * at[place];
        let moved = |sign: f64| {
            let mut point = at;
            point[place] += sign * step;
            evaluate(point)
        };
        let (up, down) = (moved(1.0), moved(-1.0));
        close(exact.gradient[place], (up.value - down.value) / (2.0 * step), 1e-6);
        for other in 0..4 {
            let second = (up.gradient[other] - down.gradient[other]) / (2.0 * step);
            close(exact.hessian.at(place, other), second, 1e-5);
        }
    }
}

#[test]
fn histories_that_cannot_be_are_refused_by_place() {
    let refused = |x: u32, t_x: u32, n: u32| match Occasions::new(x, t_x, n) {
        Err(InputError::Value { column, .. }) => column,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(0, 0, 0), "periods");
    assert_eq!(refused(0, 0, 100_001), "periods");
    assert_eq!(refused(1, 7, 6), "recency");
    assert_eq!(refused(3, 2, 6), "frequency");
    assert_eq!(refused(0, 2, 6), "frequency");
    let rows = OccasionsData::new(&[0, 3], &[0, 2], &[6, 6], None);
    assert!(matches!(rows, Err(InputError::Value { row: 1, column: "frequency", .. })));
    let weights = OccasionsData::new(&[0], &[0], &[6], Some(&[f64::NAN]));
    assert!(matches!(weights, Err(InputError::Value { row: 0, column: "weights", .. })));
    assert!(matches!(
        OccasionsData::new(&[0], &[], &[6], None),
        Err(InputError::Lengths { column: "recency", .. })
    ));
    assert!(matches!(OccasionsData::new(&[], &[], &[], None), Err(InputError::TooFew { .. })));
    assert!(BgBb::new(1.0, 1.0, -1.0, 1.0).unwrap_err().to_string().contains("`gamma`"));
    for discount in [0.0, -0.1, f64::NAN, f64::INFINITY] {
        let refusal = published().discounted_purchases(history(1, 1, 2), discount);
        assert_eq!(refusal.unwrap_err().parameter, "discount rate");
    }
}

#[test]
fn extremes_stay_finite() {
    for model in
        [published(), BgBb::new(1e-3, 1e3, 1.0, 1e3).unwrap(), BgBb::new(50.0, 1e-2, 1e-4, 1e-2).unwrap()]
    {
        for (x, t_x, n) in [(0, 0, 2000), (2000, 2000, 2000), (1, 1, 2000), (1, 2000, 2000), (0, 0, 1)] {
            let occasions = history(x, t_x, n);
            let figures = [
                model.log_likelihood(occasions),
                model.p_alive(occasions, 1),
                model.expected_purchases(occasions, 1000),
                model.discounted_purchases(occasions, 1e-4).unwrap(),
            ];
            assert!(figures.iter().all(|value| value.is_finite()), "{model:?} {occasions:?} {figures:?}");
            assert!((0.0..=1.0).contains(&figures[1]) && figures[2] <= 1000.0);
        }
    }
    // Everybody buys always; nobody buys ever.
    for (x, t_x) in [(5, 5), (0, 0)] {
        let fit = BgBb::fit(
            &OccasionsData::new(&[x], &[t_x], &[5], Some(&[100.0])).unwrap(),
            &FitOptions::default(),
        );
        let fit = fit.unwrap();
        assert!(fit.optimum.log_likelihood.is_finite() && !fit.optimum.is_regular(), "{fit:?}");
    }
}

#[test]
fn simulated_parameters_are_recovered_the_better_the_more_customers() {
    let truth = [1.2, 0.8, 0.7, 2.8];
    for n in [4_000_u32, 64_000] {
        let mut generator = ChaCha8Rng::seed_from_u64(9);
        let mut beta = |a: f64, b: f64| {
            let (one, other) = (draw::gamma(&mut generator, a), draw::gamma(&mut generator, b));
            let share = one / (one + other);
            (share, draw::uniform(&mut generator))
        };
        let (mut frequency, mut recency) = (Vec::new(), Vec::new());
        for _ in 0..n {
            let ((p, _), (theta, chance)) = (beta(truth[0], truth[1]), beta(truth[2], truth[3]));
            // The number of occasions lived through is geometric.
            let lived = (chance.ln() / (1.0 - theta).ln()).floor().min(8.0) as u32;
            let bought: Vec<u32> = (1..=lived).filter(|_| beta(1.0, 1.0).1 < p).collect();
            frequency.push(bought.len() as u32);
            recency.push(bought.last().copied().unwrap_or(0));
        }
        let periods = vec![8; n as usize];
        let data = OccasionsData::new(&frequency, &recency, &periods, None).unwrap();
        let optimum = BgBb::fit(&data, &FitOptions::default()).unwrap().optimum;
        for (place, expected) in truth.into_iter().enumerate() {
            close(optimum.parameters[place], expected, 25.0 / f64::from(n).sqrt());
            let distance = (optimum.parameters[place] - expected) / optimum.standard_errors[place].unwrap();
            assert!(distance.abs() < 4.0, "{n} customers: {optimum:?}");
        }
    }
}
