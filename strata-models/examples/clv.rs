//! Measures fits and forecasts of purchase timing on generated customers.
//!
//! `cargo run --release -p strata-models --example clv -- [CUSTOMERS]`; the default is a million. Customers buy as BG/NBD says, with times in
//! days over up to two years. Pareto/NBD and the posterior see the first tenth and the first 2,357 of them.
#![expect(clippy::print_stdout, reason = "an example prints what it measures")]

use std::error::Error;
use std::time::Instant;

use nuts_rs::rand::rngs::ChaCha8Rng;
use nuts_rs::rand::{RngExt, SeedableRng};
use strata_models::clv::beta_geo::{BetaGeo, ModifiedBetaGeo};
use strata_models::clv::fit::FitOptions;
use strata_models::clv::pareto::Pareto;
use strata_models::clv::posterior::SamplingPlan;
use strata_models::clv::purchases::{DiscountRate, Horizon, RepeatPurchases};
use strata_models::clv::timing::TimingModel;

fn main() -> Result<(), Box<dyn Error>> {
    let n: usize = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let (frequency, recency, tenure) = customers(n);
    let options = FitOptions::default();
    let horizon = Horizon::new(365.0)?;
    let first = |n: usize| RepeatPurchases::new(&frequency[..n], &recency[..n], &tenure[..n]);

    let purchases = timed("collapse equal rows", || RepeatPurchases::new(&frequency, &recency, &tenure))?;
    println!("{n} customers, {} distinct", purchases.distinct().len());
    let fit = timed("BG/NBD fit", || BetaGeo::fit(&purchases, &options))?;
    println!("{:?}, {} steps with everybody", fit.model, fit.optimum.n_steps);
    let model = TimingModel::from(fit.model);
    let expected =
        timed("BG/NBD expected purchases, 365 days", || model.expected_purchases_all(&purchases, horizon));
    println!("{:.1} purchases", expected.iter().sum::<f64>());
    timed("BG/NBD P(alive)", || model.p_alive_all(&purchases));
    let fit = timed("MBG/NBD fit", || ModifiedBetaGeo::fit(&purchases, &options))?;
    timed("MBG/NBD expected purchases", || {
        TimingModel::from(fit.model).expected_purchases_all(&purchases, horizon)
    });

    let tenth = first(n / 10)?;
    println!("{} customers, {} distinct", n / 10, tenth.distinct().len());
    let fit = timed("Pareto/NBD fit", || Pareto::fit(&tenth, &options))?;
    println!("{:?}, {} steps with everybody", fit.model, fit.optimum.n_steps);
    let pareto = TimingModel::from(fit.model);
    timed("Pareto/NBD expected purchases", || pareto.expected_purchases_all(&tenth, horizon));
    let rate = DiscountRate::new(0.0004)?;
    timed("Pareto/NBD discounted purchases", || pareto.discounted_purchases_all(&tenth, rate));
    let few = first(2357.min(n))?;
    timed("BG/NBD discounted purchases of 2,357", || model.discounted_purchases_all(&few, rate));

    let draws = timed("BG/NBD posterior of 2,357, 2 chains of 1,000", || {
        BetaGeo::sample(&few, &SamplingPlan::default())
    })?;
    for parameter in draws.summary() {
        println!("{parameter:?}");
    }
    Ok(())
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    #[expect(clippy::disallowed_methods, reason = "an example measures durations")]
    let begin = Instant::now();
    let done = work();
    println!("{what}: {:.1} ms", begin.elapsed().as_secs_f64() * 1e3);
    done
}

/// Customers of BG/NBD with r = 0.8, α = 60 days, a = 0.8 and b = 2.5, one purchase a day at most.
fn customers(n: usize) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let (mut frequency, mut recency, mut tenure) = (vec![], vec![], vec![]);
    for _ in 0..n {
        let watched = f64::from(random.random_range(1_u32..=730));
        let rate = gamma(&mut random, 0.8) / 60.0;
        let (leaves, stays) = (gamma(&mut random, 0.8), gamma(&mut random, 2.5));
        let p = leaves / (leaves + stays);
        let (mut time, mut x, mut last) = (0.0, 0.0, 0.0);
        loop {
            time += -random.random_range(1e-12_f64..1.0).ln() / rate;
            if time > watched {
                break;
            }
            if time.floor() > last {
                (x, last) = (x + 1.0, time.floor());
            }
            if random.random_range(0.0..1.0) < p {
                break;
            }
        }
        frequency.push(x);
        recency.push(last);
        tenure.push(watched);
    }
    (frequency, recency, tenure)
}

/// A gamma variate of scale 1 (Marsaglia and Tsang 2000, lifted by one where the shape is below 1).
fn gamma(random: &mut ChaCha8Rng, shape: f64) -> f64 {
    let lift = if shape < 1.0 { random.random_range(1e-12_f64..1.0).powf(1.0 / shape) } else { 1.0 };
    let d = if shape < 1.0 { shape + 1.0 } else { shape } - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let angle = random.random_range(0.0..std::f64::consts::TAU);
        let z = (-2.0 * random.random_range(1e-300_f64..1.0).ln()).sqrt() * angle.cos();
        let v = (1.0 + c * z).powi(3);
        let u: f64 = random.random_range(1e-300..1.0);
        if v > 0.0 && u.ln() < 0.5 * z * z + d - d * v + d * v.ln() {
            return lift * d * v;
        }
    }
}
