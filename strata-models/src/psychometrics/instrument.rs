//! What a questionnaire measures: which items make a scale, in which direction they point, and what may be answered.

use serde::{Deserialize, Serialize};

use super::error::PsychometricsError;

/// In which direction an item points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Key {
    /// More of the answer is more of the trait.
    Forward,
    /// More of the answer is less of the trait.
    Reversed,
}

impl Key {
    /// The key as it is published: 1 or −1.
    pub fn of(item: &str, key: i64) -> Result<Key, PsychometricsError> {
        match key {
            1 => Ok(Key::Forward),
            -1 => Ok(Key::Reversed),
            _ => Err(PsychometricsError::UnknownKey { item: item.to_owned(), key }),
        }
    }
}

/// An item with its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyedItem {
    /// The item.
    pub item: String,
    /// Its direction.
    pub key: Key,
}

/// Items that measure one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scale {
    /// What it is called.
    pub name: String,
    /// Its items.
    pub items: Vec<KeyedItem>,
}

impl Scale {
    /// A scale of items with their published keys, 1 or −1.
    pub fn new(name: &str, items: &[(&str, i64)]) -> Result<Scale, PsychometricsError> {
        let keyed =
            |(item, key): &(&str, i64)| Ok(KeyedItem { item: (*item).to_owned(), key: Key::of(item, *key)? });
        let items = items.iter().map(keyed).collect::<Result<Vec<KeyedItem>, PsychometricsError>>()?;
        Ok(Scale { name: name.to_owned(), items })
    }

    /// Whether any item points the other way than the rest.
    pub fn has_reversed(&self) -> bool {
        self.items.iter().any(|keyed| keyed.key == Key::Reversed)
    }

    pub(crate) fn place(&self) -> String {
        format!("scale `{}`", self.name)
    }
}

/// The range of answers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// The least answer.
    pub min: f64,
    /// The greatest answer.
    pub max: f64,
}

impl Response {
    /// The answer from the other end: `min + max − x`.
    pub fn reversed(self, x: f64) -> f64 {
        self.min + self.max - x
    }

    pub(crate) fn check(self) -> Result<(), PsychometricsError> {
        if self.min.is_finite() && self.max.is_finite() && self.min < self.max {
            return Ok(());
        }
        let hint = "give a greatest answer above the least, both finite";
        Err(PsychometricsError::Option { option: "response.max", value: self.max, hint })
    }
}

/// A block of items with one range of answers, and the scales they make.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Instrument {
    /// What it is called.
    pub name: String,
    /// What may be answered.
    pub response: Response,
    /// The least share of a scale's items that somebody must have answered to be scored.
    pub min_answered_fraction: f64,
    /// Whether scales are centred on each person's mean over all items of the block.
    pub is_ipsatised: bool,
    /// Its scales.
    pub scales: Vec<Scale>,
}

impl Instrument {
    /// Whether any item of the block is reversed.
    pub fn has_reversed(&self) -> bool {
        self.scales.iter().any(Scale::has_reversed)
    }

    /// Refuses an instrument that cannot score anybody: no scales, a scale without items, an item that is keyed twice, a range or a
    /// share that is none.
    pub fn check(&self) -> Result<(), PsychometricsError> {
        self.response.check()?;
        let share = self.min_answered_fraction;
        if !(share > 0.0 && share <= 1.0) {
            let hint = "give a share above 0, at most 1";
            return Err(PsychometricsError::Option { option: "min_answered_fraction", value: share, hint });
        }
        if self.scales.is_empty() {
            return Err(PsychometricsError::NoItems { what: format!("instrument `{}`", self.name) });
        }
        let mut seen = std::collections::BTreeSet::new();
        for scale in &self.scales {
            if scale.items.is_empty() {
                return Err(PsychometricsError::NoItems { what: scale.place() });
            }
            for keyed in &scale.items {
                if !seen.insert(&keyed.item) {
                    let place = format!("instrument `{}`", self.name);
                    return Err(PsychometricsError::DuplicateItem { item: keyed.item.clone(), place });
                }
            }
        }
        Ok(())
    }
}
