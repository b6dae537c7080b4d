//! Measures boosted trees: time to grow and to score, the peak of memory, and how near the truth they come.
//!
//! `cargo run --release -p strata-models --example boosting -- [ROWS] [TREES] [DEPTH]`; the default is a million rows of 30 columns,
//! 100 trees of depth 5 that see every row and every column. Threads: all cores, or `RAYON_NUM_THREADS`.
#![expect(clippy::print_stdout, reason = "an example prints what it measures")]

use std::error::Error;
use std::time::Instant;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use strata_models::learn::boosting::{BoostingSettings, Explainer, Scorer, fit};
use strata_models::learn::explain::sigmoid;
use strata_models::learn::matrix::{RawMatrix, Suspects};
use strata_models::learn::measure::{auc, log_loss};

const N_COLUMNS: usize = 30;

#[expect(clippy::disallowed_methods, reason = "an example measures durations")]
fn main() -> Result<(), Box<dyn Error>> {
    let argument = |place: usize, otherwise: usize| {
        std::env::args().nth(place).and_then(|text| text.parse().ok()).unwrap_or(otherwise)
    };
    let (n_rows, n_trees, depth) = (argument(1, 1_000_000), argument(2, 100), argument(3, 5));
    let (raw, truth) = customers(n_rows, &mut ChaCha8Rng::seed_from_u64(1));
    let matrix = raw.check(Suspects::Refuse)?;
    let before = peak_mebibytes();

    let settings = BoostingSettings {
        n_trees,
        depth,
        row_share: 1.0,
        column_share: 1.0,
        patience: n_trees,
        ..Default::default()
    };
    let begin = Instant::now();
    let grown = fit(&matrix, None, &settings, &mut ChaCha8Rng::seed_from_u64(2))?;
    println!(
        "{n_rows} rows of {N_COLUMNS} columns, {} trees of depth {depth}: {:.2} s",
        grown.ensemble.trees.len(),
        begin.elapsed().as_secs_f64()
    );
    if let (Some(before), Some(after)) = (before, peak_mebibytes()) {
        println!("peak of memory: {before:.0} MiB with the input, {after:.0} MiB with the trees");
    }

    let scorer = Scorer::new(&grown.ensemble)?;
    let columns = matrix.select(&grown.ensemble.names)?;
    let begin = Instant::now();
    let margins = scorer.margins(&columns);
    println!("scored: {:.2} s", begin.elapsed().as_secs_f64());
    let probabilities: Vec<f64> = margins.iter().map(|margin| sigmoid(*margin)).collect();
    let labels = matrix.labels();
    println!("log loss {:?}, of the truth {:?}", log_loss(&probabilities, labels), log_loss(&truth, labels));
    println!("AUC {:?}, of the truth {:?}", auc(&probabilities, labels), auc(&truth, labels));

    let explainer = Explainer::new(&grown.ensemble)?;
    let n_explained = n_rows.min(2_000);
    let begin = Instant::now();
    let mut most_error: f64 = 0.0;
    for (row, margin) in margins.iter().enumerate().take(n_explained) {
        let values: Vec<f64> = columns.iter().map(|column| column[row]).collect();
        most_error = most_error.max((explainer.explain(&values).margin - margin).abs());
    }
    let micros = begin.elapsed().as_secs_f64() * 1e6 / n_explained as f64;
    println!(
        "explained: {micros:.0} µs a row; base and reasons miss the log-odds by {most_error:.1e} at most"
    );
    Ok(())
}

/// Customers with skewed, coarse and missing columns, and the probability of each to leave.
fn customers(n_rows: usize, random: &mut ChaCha8Rng) -> (RawMatrix, Vec<f64>) {
    let mut columns: Vec<Vec<f64>> = (0..N_COLUMNS).map(|_| Vec::with_capacity(n_rows)).collect();
    let (mut labels, mut truth) = (Vec::with_capacity(n_rows), Vec::with_capacity(n_rows));
    let mut row = [0.0; N_COLUMNS];
    for _ in 0..n_rows {
        row.iter_mut().for_each(|value| *value = share(random));
        let log_odds = -2.0 + 3.0 * row[0] - 2.0 * row[1]
            + 4.0 * (row[2] - 0.5) * (row[3] - 0.5)
            + 1.5 * row[4] * row[5]
            - f64::from(u8::from(row[6] > 0.8));
        let p = sigmoid(log_odds);
        truth.push(p);
        labels.push(u8::from(share(random) < p));
        for (place, (column, value)) in columns.iter_mut().zip(row).enumerate() {
            column.push(match place % 3 {
                0 => -(1.0 - value).ln() * 100.0,
                1 => (value * 20.0).floor(),
                _ if share(random) < 0.1 => f64::NAN,
                _ => value,
            });
        }
    }
    let names = (0..N_COLUMNS).map(|column| format!("column_{column}")).collect();
    (RawMatrix { names, columns, labels, weights: None }, truth)
}

fn share(random: &mut ChaCha8Rng) -> f64 {
    (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

/// The most memory that the process has had, where the system says so.
fn peak_mebibytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kibibytes / 1024.0)
}
