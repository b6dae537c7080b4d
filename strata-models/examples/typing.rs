//! Measures how long it takes to find everybody's state: measured, typed, inferred or unknown.
//!
//! `cargo run --release -p strata-models --example typing -- [PERSONS]`; the default is 1,000,000, with 20,000 respondents, 16 numbers
//! and 4 categories of 5 levels, 30 items and 5 types.
#![expect(clippy::print_stdout, reason = "an example prints what it measures")]

use std::time::Instant;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use strata_models::psychometrics::answers::Answers;
use strata_models::psychometrics::typing::feature::{Feature, Values};
use strata_models::psychometrics::typing::state::{Known, Respondents, StateSettings, infer_states};

const N_TYPES: usize = 5;
const N_ITEMS: usize = 30;

fn main() {
    let n: usize = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let n_respondents = 20_000.min(n / 2);
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut share = || random.next_u32() as f64 / (1_u64 << 32) as f64;
    let types: Vec<u16> = (0..n).map(|_| (share() * N_TYPES as f64) as u16).collect();
    let mut near = |is_own: bool| (0..4).map(|_| share() - 0.5).sum::<f64>() + if is_own { 0.6 } else { 0.0 };
    let mut numbers = vec![];
    for column in 0..16 {
        numbers
            .push(types.iter().map(|own| near(usize::from(*own) == column % N_TYPES)).collect::<Vec<f64>>());
    }
    let mut codes = vec![];
    for _ in 0..4 {
        codes.push(types.iter().map(|_| ((near(false) + 2.0) * 1.25) as u32).collect::<Vec<u32>>());
    }
    let names: Vec<String> = (0..20).map(|place| format!("feature {place}")).collect();
    let values = numbers.iter().map(|column| Values::Numbers(column));
    let values = values.chain(codes.iter().map(|column| Values::Codes(column)));
    let features: Vec<Feature<'_>> =
        names.iter().zip(values).map(|(name, values)| Feature { name, values }).collect();
    let persons: Vec<usize> = (0..n_respondents).map(|place| place * (n / n_respondents)).collect();
    let measured: Vec<u16> = persons.iter().map(|person| types[*person]).collect();
    let mut rows = vec![];
    for own in &measured {
        (0..N_ITEMS).for_each(|item| rows.push(near(usize::from(*own) == item % N_TYPES)));
    }
    let items = (0..N_ITEMS).map(|item| format!("item {item}")).collect();
    let Ok(answers) = Answers::from_rows(items, &rows) else { return };
    let known = Known {
        n_persons: n,
        n_types: N_TYPES,
        respondents: Respondents { persons: &persons, types: &measured, answers: &answers },
        asked: None,
        tool: None,
        features: &features,
        customers: &[],
        margins: &[],
    };
    #[expect(clippy::disallowed_methods, reason = "an example measures durations")]
    let begin = Instant::now();
    let found = infer_states(&known, &StateSettings::default(), &mut ChaCha8Rng::seed_from_u64(2));
    let seconds = begin.elapsed().as_secs_f64();
    match found {
        Ok(states) => {
            let report = &states.report;
            println!("{n} persons: {seconds:.2} s; measured, typed, inferred, unknown: {:?}", report.counts);
            println!("{:?}, {:?}", report.verdict, report.skill);
            let right = states
                .people
                .iter()
                .zip(&types)
                .skip(1)
                .filter(|(person, own)| person.of_type == Some(**own));
            println!("{} persons have their type", right.count());
        }
        Err(error) => println!("{error}"),
    }
}
