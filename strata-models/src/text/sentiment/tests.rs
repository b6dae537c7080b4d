//! Sentiments held against the authors' own package: text by text, and in the figures that they published.

use super::*;
use crate::clv::tests::data::shared;

/// A figure as the package prints it.
fn rounded(figure: f64, digits: usize) -> f64 {
    format!("{figure:.digits$}").parse().unwrap()
}

#[track_caller]
fn compound(text: &str, expected: f64) {
    let found = rounded(Lexicon::shipped().sentiment(text).compound, 4);
    assert!((found - expected).abs() < 1e-9, "{text}: {found}, not {expected}");
}

/// Python, vaderSentiment 3.3.2.
#[test]
fn sentences_of_the_authors_have_their_figures() {
    compound("VADER is smart, handsome, and funny.", 0.8316);
    compound("VADER is VERY SMART, uber handsome, and FRIGGIN FUNNY!!!", 0.9469);
    compound("VADER is not smart, handsome, nor funny.", -0.7424);
    compound("At least it isn't a horrible book.", 0.431);
    compound("Today SUX!", -0.5461);
    compound(
        "The plot was good, but the characters are uncompelling and the dialog is not great.",
        -0.7042,
    );
}
