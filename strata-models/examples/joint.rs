//! Times classes in layers: a million generated customers in six layers, 1 to 8 classes from ten starts each.
//!
//! `cargo run --release --locked -p strata-models --example joint`

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{Write, stdout};
use std::time::Instant;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use strata_models::cluster::joint::{JointOptions, Layer, find};

const N_CUSTOMERS: usize = 1_000_000;
const N_LABELS: [usize; 6] = [10, 4, 10, 8, 5, 3];
const N_KINDS: u64 = 6;

fn main() -> Result<(), Box<dyn Error>> {
    let mut generator = ChaCha8Rng::seed_from_u64(1);
    let mut uniform = move || (generator.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    let mut counts: BTreeMap<[Option<u16>; 6], f64> = BTreeMap::new();
    for _ in 0..N_CUSTOMERS {
        let kind = (uniform() * N_KINDS as f64) as usize;
        let mut pattern = [None; 6];
        for (layer, (label, n)) in pattern.iter_mut().zip(N_LABELS).enumerate() {
            let own = (kind * (layer + 1) + layer) % n;
            let said = if uniform() < 0.5 { own } else { (uniform() * n as f64) as usize };
            // The last layer is known of half.
            *label = (layer < 5 || uniform() < 0.5).then_some(said as u16);
        }
        *counts.entry(pattern).or_default() += 1.0;
    }
    let names = ["rfm", "value", "journey", "life_stage", "channel", "mindset"];
    let columns: Vec<Vec<Option<u16>>> =
        (0..6).map(|layer| counts.keys().map(|pattern| pattern[layer]).collect()).collect();
    let layers: Vec<Layer<'_>> = names
        .into_iter()
        .zip(N_LABELS)
        .zip(&columns)
        .map(|((name, n_labels), labels)| Layer { name, n_labels, labels, weight: None })
        .collect();
    let counts: Vec<f64> = counts.into_values().collect();
    #[expect(clippy::disallowed_methods, reason = "an example measures durations")]
    let start = Instant::now();
    let found = find(&layers, &counts, &JointOptions::default(), 1)?;
    writeln!(
        stdout(),
        "{} patterns of {N_CUSTOMERS} customers: {} classes, {:?}, in {:.1} s",
        counts.len(),
        found.model.n_classes(),
        found.verdict,
        start.elapsed().as_secs_f64()
    )?;
    Ok(())
}
