//! Measures curves of time in stages and a funnel on generated customers.
//!
//! `cargo run --release -p strata-models --example journey -- [EPISODES] [EVENTS]`; the default is a million episodes and 20 million events
//! of two million customers. Times of episodes are all distinct, a third is censored; events are of five steps over ninety days.
#![expect(clippy::print_stdout, reason = "an example prints what it measures")]

use std::time::Instant;

use strata_models::journey::error::JourneyError;
use strata_models::journey::funnel::{FunnelEvents, funnel};
use strata_models::journey::stuck::{StuckInput, StuckRules, stuck};
use strata_models::journey::survival::aalen_johansen::aalen_johansen;
use strata_models::journey::survival::kaplan_meier::kaplan_meier;

fn main() -> Result<(), JourneyError> {
    let argument = |place| std::env::args().nth(place).and_then(|text| text.parse().ok());
    let n_episodes: usize = argument(1).unwrap_or(1_000_000);
    let n_events: usize = argument(2).unwrap_or(20_000_000);
    let mut random = Random(42);

    let times: Vec<f64> = (0..n_episodes).map(|_| -100.0 * random.share().ln()).collect();
    let exits: Vec<Option<u16>> =
        (0..n_episodes).map(|_| (random.below(3) > 0).then(|| random.below(2) as u16)).collect();
    let ended: Vec<bool> = exits.iter().map(Option::is_some).collect();
    let curve = timed("Kaplan-Meier", || kaplan_meier(&times, &ended, None))?;
    println!("{n_episodes} episodes, median {:?}", curve.quantile(0.5));
    let incidence = timed("Aalen-Johansen, two exits", || aalen_johansen(&times, &exits, 2, None))?;
    println!("after 100: {:?} and {:?}", incidence.at(0, 100.0), incidence.at(1, 100.0));
    let stages: Vec<u16> = (0..n_episodes).map(|_| random.below(8) as u16).collect();
    let quiet: Vec<Option<f64>> = (0..n_episodes).map(|_| Some(100.0 * random.share())).collect();
    let input = StuckInput { stages: &stages, elapsed: &times, ended: &ended, quiet: &quiet };
    let found = timed("stuck, eight stages", || stuck(&input, 8, &StuckRules::default()))?;
    println!("{} are stuck", found.episodes.len());

    let n_customers = n_events / 10;
    let mut rows: Vec<(i64, u8)> =
        (0..n_events).map(|_| (random.below(90 * 86_400) as i64, random.below(5) as u8)).collect();
    let ends: Vec<usize> = (1..=n_customers).map(|customer| customer * n_events / n_customers).collect();
    let mut begin = 0;
    for end in &ends {
        rows[begin..*end].sort_unstable();
        begin = *end;
    }
    let (times, steps): (Vec<i64>, Vec<u8>) = rows.into_iter().unzip();
    let events = FunnelEvents { ends: &ends, times: &times, steps: &steps };
    let found = timed("funnel of five steps, 30 days", || funnel(&events, 5, 30 * 86_400))?;
    let reached: Vec<u64> = found.steps.iter().map(|step| step.n_customers).collect();
    println!("{n_events} events of {n_customers} customers, reached by {reached:?}");
    Ok(())
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    #[expect(clippy::disallowed_methods, reason = "an example measures durations")]
    let begin = Instant::now();
    let done = work();
    println!("{what}: {:.3} s", begin.elapsed().as_secs_f64());
    done
}

/// SplitMix64 (Steele, Lea and Flood 2014): seeded, so that every run has the same customers.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn share(&mut self) -> f64 {
        ((self.next() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }
}
