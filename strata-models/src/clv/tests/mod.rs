//! Tests that several files share or that are long.

mod bg_bb;
pub(crate) mod data;
mod gamma_gamma;
mod golden;
mod holdout;
mod optimise;
mod posterior;
mod published;
mod recovery;
mod shifted_beta_geo;
mod simulate;
mod special;
mod stability;
mod value;

/// Whether two numbers agree to a relative tolerance.
#[track_caller]
fn close(found: f64, expected: f64, tolerance: f64) {
    let error = (found - expected).abs() / expected.abs().max(f64::MIN_POSITIVE);
    assert!(found == expected || error <= tolerance, "{found} is not {expected}: off by {error:.1e}");
}
