//! Measures the proposal of duplicates: time on one core for a synthetic town with known duplicates, and how many are found.
//!
//! `cargo run --release -p strata-models --example duplicate -- [PERSONS]`; the default is 100,000.
#![expect(clippy::print_stdout, reason = "an example prints what it measures")]

use std::time::Instant;

use strata_models::duplicate::{Person, Settings, propose};

const SYLLABLES: [&str; 16] =
    ["ba", "der", "lin", "mo", "sa", "ne", "ko", "ric", "tu", "hel", "wen", "fi", "gor", "pas", "jun", "vel"];

struct Record {
    first_name: String,
    last_name: String,
    birth_date: i32,
    email_local: String,
    street: String,
    postal_code: String,
}

fn main() {
    let n_persons: u64 = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let n_duplicates = n_persons / 20;
    let n_originals = n_persons - n_duplicates;
    let mut records: Vec<Record> = (0..n_originals).map(|n| record(n, n_persons)).collect();
    for n in 0..n_duplicates {
        // The same person under another address, with the last but one letter of one name doubled.
        let mut copy = record(n, n_persons);
        let name = if n % 2 == 0 { &mut copy.first_name } else { &mut copy.last_name };
        let doubled = name.remove(name.len() - 2);
        name.insert(name.len() - 1, doubled);
        name.insert(name.len() - 1, doubled);
        copy.email_local = format!("{}{n}", copy.email_local);
        records.push(copy);
    }
    let persons: Vec<Person<'_>> = records
        .iter()
        .map(|record| Person {
            first_name: Some(&record.first_name),
            last_name: Some(&record.last_name),
            birth_date: Some(record.birth_date),
            email_local: Some(&record.email_local),
            street: Some(&record.street),
            postal_code: Some(&record.postal_code),
            ..Person::default()
        })
        .collect();
    #[expect(clippy::disallowed_methods, reason = "an example measures durations")]
    let begin = Instant::now();
    let found = propose(&persons, &Settings::default());
    let seconds = begin.elapsed().as_secs_f64();
    let is_true = |a: u32, b: u32| u64::from(b) == u64::from(a) + n_originals;
    let n_true = found.proposals.iter().filter(|proposal| is_true(proposal.a, proposal.b)).count();
    println!("{n_persons} persons: {seconds:.2} s, {} pairs compared", found.n_compared);
    println!(
        "{} proposals, {n_true} of them true, of {n_duplicates} duplicates; {} blocks skipped",
        found.proposals.len(),
        found.skipped.len()
    );
}

/// The n-th person; names and places have the variety of a population of this size.
fn record(n: u64, n_persons: u64) -> Record {
    let draw = |field: u64, end: u64| mixed(n * 8 + field) % end.max(1);
    let skewed = |field: u64, end: u64| draw(field, end).min(draw(field + 4, end));
    let (first_name, last_name) = (name(skewed(0, 400)), name(1_000 + skewed(1, 4_000)));
    Record {
        email_local: format!("{first_name}.{last_name}{}", draw(2, 100)),
        first_name,
        last_name,
        birth_date: draw(3, 22_000) as i32 - 5_000,
        street: format!("{}strasse {}", name(draw(6, 500)), 1 + draw(7, 80)),
        postal_code: format!("{:05}", 10_000 + draw(5, n_persons / 200)),
    }
}

fn name(n: u64) -> String {
    let syllable = |n: u64| SYLLABLES[(n % 16) as usize];
    format!("{}{}{}", syllable(n), syllable(n / 16), syllable(n / 256 + n / 5 + 3))
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014).
fn mixed(n: u64) -> u64 {
    let x = n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}
