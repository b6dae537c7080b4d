//! One piece of evidence as one sentence: how much more or less, and both figures.

use super::evidence::{Evidence, State, Value};
use super::figure::{Printed, currency};

/// How large a difference is, in a word.
///
/// Cohen, J. (1988). Statistical Power Analysis for the Behavioral Sciences, 2nd edition. Erlbaum: 0.2 small, 0.5 medium, 0.8 large.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Band {
    /// From 0.2 on.
    Somewhat,
    /// From 0.5 on.
    Clearly,
    /// Above 0.8.
    Far,
}

impl Band {
    /// The band of an effect; none where it is too small to be told.
    pub fn of(effect: f64) -> Option<Band> {
        match effect.abs() {
            size if size > 0.8 => Some(Band::Far),
            size if size >= 0.5 => Some(Band::Clearly),
            size if size >= 0.2 => Some(Band::Somewhat),
            _ => None,
        }
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Band::Somewhat => "somewhat",
            Band::Clearly => "clearly",
            Band::Far => "far",
        }
    }

    fn capital(self) -> &'static str {
        match self {
            Band::Somewhat => "Somewhat",
            Band::Clearly => "Clearly",
            Band::Far => "Far",
        }
    }
}

/// Units of which there is less, not fewer.
const MEASURES: [&str; 14] = [
    "days", "day", "hours", "hour", "minutes", "minute", "years", "year", "months", "weeks", "km", "kg",
    "points", "%",
];

/// The sentence of a piece of evidence; none where the difference is too small for one.
pub(super) fn sentence(evidence: &Evidence) -> Option<String> {
    let band = Band::of(evidence.effect.value)?;
    let printed = Printed::of(evidence);
    let Printed { label, segment, .. } = &printed;
    let is_more = evidence.is_more();
    let rest = printed.rest.as_deref().unwrap_or_default();
    let said = match &evidence.value {
        Value::Share { .. } | Value::Level { .. } => {
            let more = if is_more { "more" } else { "fewer" };
            format!("{} {more} of them {label}: {segment}, against {rest} of others", band.capital())
        }
        Value::Mean { unit, .. } if label.contains("{value}") => {
            let verb = label.replace("{value}", segment);
            let more = if is_more { "more" } else { less(unit) };
            format!("They {verb} on average, {} {more} than others ({rest})", band.word())
        }
        Value::Mean { .. } => {
            let side = if is_more { "higher" } else { "lower" };
            format!("Their average {label} is {segment}, {} {side} than that of others ({rest})", band.word())
        }
        Value::Score { of: Some(_), .. } => {
            let side = if is_more { "higher" } else { "lower" };
            let most = printed.of.as_deref().unwrap_or_default();
            format!(
                "They score {} {side} on {label}: {segment} of {most}, against {rest} for others",
                band.word()
            )
        }
        Value::Score { of: None, .. } => {
            let side = if is_more { "more" } else { "less" };
            format!(
                "{} matters {} {side} to them than to others: {segment} points against {rest}, from each person's own average",
                capitalised(label),
                band.word()
            )
        }
        Value::Range { .. } => {
            let verb = match label.contains("{value}") {
                true => label.replace("{value}", segment),
                false => format!("have a {label} of {segment}"),
            };
            let side = if is_more { "above" } else { "below" };
            format!("Half of them {verb}, on the whole {} {side} others", band.word())
        }
    };
    let known = match (evidence.state, &printed.accuracy) {
        (State::Inferred, accuracy) => {
            format!(" (estimated, accuracy {})", accuracy.as_deref().unwrap_or("unknown"))
        }
        (State::Typed, Some(accuracy)) => format!(" (from a few questions, accuracy {accuracy})"),
        (State::Typed, None) => " (from a few questions)".to_owned(),
        (State::Observed | State::Measured, _) => String::new(),
    };
    Some(format!("{said}{known}."))
}

fn less(unit: &str) -> &'static str {
    let first = unit.split(' ').next().unwrap_or_default();
    if first.is_empty() || currency(unit).is_some() || MEASURES.contains(&first) { "less" } else { "fewer" }
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
