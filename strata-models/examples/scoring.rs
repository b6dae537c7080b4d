//! Measures the scoring of questionnaires: a million respondents by 140 items in 28 scales, every third item reversed, one answer in
//! twenty missing, as plain means and centred on each person.
//!
//! `cargo run --release -p strata-models --example scoring -- [RESPONDENTS]`
#![expect(clippy::print_stdout, reason = "an example prints what it measures")]

use std::borrow::Cow;
use std::time::Instant;

use strata_models::psychometrics::answers::Answers;
use strata_models::psychometrics::error::PsychometricsError;
use strata_models::psychometrics::instrument::{Instrument, Response, Scale};
use strata_models::psychometrics::scoring::score;

const ITEMS: usize = 140;
const ITEMS_OF_A_SCALE: usize = 5;

fn main() -> Result<(), PsychometricsError> {
    let n: usize = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let names: Vec<String> = (0..ITEMS).map(|item| format!("i{item}")).collect();
    let scales = names.chunks(ITEMS_OF_A_SCALE).enumerate().map(|(place, items)| {
        let keyed: Vec<(&str, i64)> =
            (0..).zip(items).map(|(n, item)| (item.as_str(), if n % 3 == 2 { -1 } else { 1 })).collect();
        Scale::new(&format!("s{place}"), &keyed)
    });
    let mut instrument = Instrument {
        name: "made up".to_owned(),
        response: Response { min: 1.0, max: 5.0 },
        min_answered_fraction: 0.5,
        is_ipsatised: false,
        scales: scales.collect::<Result<_, _>>()?,
    };
    let answers = Answers::new(names.clone(), (0..ITEMS).map(|item| Cow::Owned(column(item, n))).collect())?;
    for is_ipsatised in [false, true] {
        instrument.is_ipsatised = is_ipsatised;
        #[expect(clippy::disallowed_methods, reason = "measuring durations is what this is for")]
        let begun = Instant::now();
        let scores = score(&answers, &instrument)?;
        let seconds = begun.elapsed().as_secs_f64();
        let known = scores.values.iter().flatten().filter(|score| !score.is_nan());
        let (n_known, sum) = known.fold((0_u64, 0.0), |(n, sum), score| (n + 1, sum + score));
        println!(
            "{n} respondents × {ITEMS} items, centred {is_ipsatised}: {seconds:.2} s; {n_known} scores, mean {:.4}",
            sum / n_known as f64
        );
    }
    Ok(())
}

/// Answers of one item, from 1 to 5 or missing.
fn column(item: usize, n: usize) -> Vec<f64> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(item as u64 + 1);
    let mut draw = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    (0..n).map(|_| if draw() % 20 == 0 { f64::NAN } else { (1 + draw() % 5) as f64 }).collect()
}
