//! Agreement with hand cases, with scikit-learn, with what simulations put in, and with the pattern of questionnaires.

mod hand;
mod questionnaire;
mod scikit_learn;
mod simulate;
mod weights;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

fn random(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

#[track_caller]
fn close(found: f64, expected: f64, within: f64) {
    assert!((found - expected).abs() <= within, "{found}, not {expected} within {within}");
}
