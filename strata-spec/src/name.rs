//! Ids that cannot be confused with each other: a segment's name is not a trait's, and neither is any string.

use std::borrow::Borrow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::SpecError;

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident($what:literal);)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks that `text` is a name: a lower-case letter, then letters, digits and underscores, at most 64.
            pub fn new(text: impl Into<String>) -> Result<Self, SpecError> {
                check($what, text.into()).map(Self)
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = SpecError;
            fn try_from(text: String) -> Result<Self, SpecError> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }
    )+};
}

names! {
    /// The name of a segment.
    SegmentName("segment");
    /// The name of a segmentation.
    SegmentationName("segmentation");
    /// The name of a trait, which is also its column in `profile`.
    TraitName("trait");
    /// The name of a score, which is also its column in `score`.
    ScoreName("score");
    /// The name of a source, which is also its table under `raw`.
    SourceName("source");
    /// The name of a market.
    MarketName("market");
    /// The name of a survey.
    SurveyName("survey");
    /// The name of a classifier of texts.
    ClassifierName("classifier");
}

/// The class that holds every subject that no class of a segmentation matches.
pub const UNASSIGNED: &str = "unassigned";

fn check(what: &str, text: String) -> Result<String, SpecError> {
    let mut characters = text.chars();
    let starts_well = characters.next().is_some_and(|first| first.is_ascii_lowercase());
    let goes_on_well =
        characters.all(|each| each.is_ascii_lowercase() || each.is_ascii_digit() || each == '_');
    if starts_well && goes_on_well && text.len() <= 64 {
        return Ok(text);
    }
    let suggestion: String = text
        .chars()
        .map(|each| if each.is_ascii_alphanumeric() { each.to_ascii_lowercase() } else { '_' })
        .collect();
    Err(SpecError::new(format!("`{text}` cannot be the name of a {what}")).with_hint(format!(
        "names have at most 64 lower-case letters, digits and underscores and begin with a letter, as `{}`; a `title` may be any text",
        suggestion.trim_start_matches(|first: char| !first.is_ascii_lowercase()).chars().take(64).collect::<String>(),
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked_and_mended_in_the_hint() {
        assert!(SegmentName::new("lapsing_regulars_2").is_ok());
        for bad in ["", "Vip", "2nd", "a-b", "ä", &"x".repeat(65)] {
            assert!(SegmentName::new(bad).is_err(), "{bad:?} passed");
        }
        let hint = SegmentName::new("My VIPs").unwrap_err().hint.unwrap();
        assert!(hint.contains("`my_vips`"), "{hint}");
    }
}
