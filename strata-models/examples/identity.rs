//! Measures the resolution of identities: time on one core, and the peak of memory.
//!
//! `cargo run --release -p strata-models --example identity -- [CLAIMS]`; the default is 3 million claims of a million records.
//! Each customer has three records on average, with an external id, an e-mail address, a telephone or an anonymous id in common.
#![expect(clippy::print_stdout, reason = "an example prints what it measures")]

use std::time::Instant;

use strata_models::identity::agreement::agreement;
use strata_models::identity::{Claim, InputError, KindRule, Refusal, Rules, resolve};

const KINDS: [KindRule; 4] = [
    KindRule { most_values: 10, most_customers: 10, weak: false },
    KindRule { most_values: 10, most_customers: 10, weak: true },
    KindRule { most_values: 10, most_customers: 10, weak: true },
    KindRule { most_values: 200, most_customers: 2, weak: true },
];

fn main() -> Result<(), InputError> {
    let n_claims: u32 = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(3_000_000);
    let n_records = n_claims / 3;
    let mut random = Random(42);
    let truth: Vec<u32> = (0..n_records).map(|_| random.below(n_records / 3)).collect();
    let person: Vec<u64> = truth
        .iter()
        .map(|customer| if random.below(2) == 0 { mixed(u64::from(*customer)) | 1 } else { 0 })
        .collect();
    let mut claims: Vec<Claim> = (0..n_claims).map(|n| claim(n % n_records, &truth, &mut random)).collect();
    let before = peak_mebibytes();

    let rules = Rules { kinds: &KINDS, apart: &[], together: &[], person: &person };
    #[expect(clippy::disallowed_methods, reason = "an example measures durations")]
    let begin = Instant::now();
    let resolution = resolve(n_records as usize, &mut claims, &rules)?;
    let seconds = begin.elapsed().as_secs_f64();

    println!(
        "{n_claims} claims of {n_records} records: {seconds:.2} s, {} joins, {} refused",
        resolution.joins.len(),
        resolution.refused.len()
    );
    if let (Some(before), Some(after)) = (before, peak_mebibytes()) {
        println!("peak of memory: {before:.0} MiB with the input, {after:.0} MiB with the resolution");
    }
    let refused =
        |is: fn(&Refusal) -> bool| resolution.refused.iter().filter(|refused| is(&refused.reason)).count();
    println!("refused by cap: {}", refused(|reason| matches!(reason, Refusal::Cap { .. })));
    println!(
        "refused as another person: {}",
        refused(|reason| matches!(reason, Refusal::Person | Refusal::Ambiguous))
    );
    println!("refused as shared: {}", refused(|reason| matches!(reason, Refusal::Shared { .. })));
    if let Some(agreement) = agreement(&resolution.customer_of, &truth) {
        println!("agreement with the truth: {agreement:?}");
    }
    Ok(())
}

/// An identifier is one of the two that the customer has of its kind; one of 400 is some stranger's, by mistake.
fn claim(record: u32, truth: &[u32], random: &mut Random) -> Claim {
    let kind = random.below(4) as u8;
    let is_mistake = kind > 0 && random.below(400) == 0;
    let customer = if is_mistake { random.below(truth.len() as u32 / 3) } else { truth[record as usize] };
    let value = mixed(u64::from(customer) << 8 | u64::from(kind) << 1 | u64::from(random.below(2)));
    Claim { value, record, kind }
}

/// The most memory that the process has had, where the system says so.
fn peak_mebibytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kibibytes / 1024.0)
}

/// SplitMix64 (Steele, Lea and Flood 2014): seeded, so that every run has the same claims.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        (mixed(self.0) % u64::from(end.max(1))) as u32
    }
}

fn mixed(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}
