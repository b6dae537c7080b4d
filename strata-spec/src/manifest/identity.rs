//! Reads `[identity]`, how customers of several sources are found to be one, and `identity.toml`, what its owner decided
//! about single customers.

use std::fmt;

use super::priority::Priority;
use crate::document::{Entry, Errors, Section};

/// An identifier that a row may carry beside its customer id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Identifier {
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// The id of a visitor's device.
    AnonymousId,
}

impl Identifier {
    /// Every identifier, the most trusted first.
    pub const ALL: [Identifier; 3] = [Identifier::Email, Identifier::Phone, Identifier::AnonymousId];

    /// Its name, which is that of its column.
    pub fn as_str(self) -> &'static str {
        match self {
            Identifier::Email => "email",
            Identifier::Phone => "phone",
            Identifier::AnonymousId => "anonymous_id",
        }
    }

    /// The identifier of that name.
    pub fn parse(name: &str) -> Option<Identifier> {
        Identifier::ALL.into_iter().find(|identifier| identifier.as_str() == name)
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// How customers are found to be one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The identifiers that join, the most trusted first; a customer id always joins within its namespace.
    pub join_by: Vec<Identifier>,
    /// Values that identify nobody, beside those that never do (`null`, `-1`, `info@…`); `*` stands for anything.
    pub blocked: Vec<String>,
    /// How many values of one kind a customer may have: ids, e-mail addresses, phones.
    pub max_values: u32,
    /// How many devices a customer may have.
    pub max_devices: u32,
    /// How many customer ids may share one e-mail address, phone or device before it says nothing.
    pub max_shared: u32,
    /// The ISO 3166 country of phone numbers that name none.
    pub country: Option<String>,
    /// Whose word counts first for single columns of customers and companies, where sources differ.
    pub priority: Vec<Priority>,
    /// Identifiers of one customer, by decision.
    pub together: Vec<Decision>,
    /// Identifiers of different customers, by decision.
    pub apart: Vec<Decision>,
}

impl Default for Identity {
    fn default() -> Identity {
        Identity {
            join_by: Identifier::ALL.to_vec(),
            blocked: Vec::new(),
            max_values: 20,
            max_devices: 200,
            max_shared: 5,
            country: None,
            priority: Vec::new(),
            together: Vec::new(),
            apart: Vec::new(),
        }
    }
}

/// What the owner decided about two customers, each called by one of its identifiers, as `email:ann@example.com`,
/// `shop:1001` (an id and its namespace) or `1001` (an id in no namespace).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The two.
    pub identifiers: [String; 2],
    /// Why, in the owner's words.
    pub reason: Option<String>,
}

/// The file with decisions about single customers, beside `strata.toml`.
pub const DECISIONS: &str = "identity.toml";

pub(super) fn identity(section: &Section, errors: &mut Errors) -> Identity {
    let known = ["join_by", "blocked", "max_values", "max_devices", "max_shared", "country", "priority"];
    section.only(&known, errors);
    let mut identity = Identity::default();
    if let Some(entry) = section.get("join_by") {
        let names = Identifier::ALL.map(|identifier| (identifier.as_str(), identifier));
        let hint =
            "list some of `email`, `phone` and `anonymous_id`; an empty list joins by customer id only";
        let listed = entry.list(hint, errors).unwrap_or_default();
        identity.join_by = listed.iter().filter_map(|each| each.word(&names, errors)).collect();
    }
    if let Some(entry) = section.get("blocked") {
        identity.blocked = entry.texts(errors).into_iter().map(|text| text.value).collect();
    }
    let mut bound = |key: &str, default: u32| match section.get(key) {
        Some(entry) => entry.whole(1, errors).and_then(|n| u32::try_from(n).ok()).unwrap_or(default),
        None => default,
    };
    identity.max_values = bound("max_values", identity.max_values);
    identity.max_devices = bound("max_devices", identity.max_devices);
    identity.max_shared = bound("max_shared", identity.max_shared);
    if let Some(country) = section.text("country", errors) {
        if country.value.len() == 2 && country.value.bytes().all(|letter| letter.is_ascii_uppercase()) {
            identity.country = Some(country.value);
        } else {
            errors.push(country.error(
                format!("`{}` is not a country", country.value),
                "countries are the two capital letters of ISO 3166, as `DE`",
            ));
        }
    }
    identity
}

/// Reads `identity.toml` into `identity`.
pub(super) fn decisions(root: &Section, identity: &mut Identity, errors: &mut Errors) {
    root.only(&["together", "apart"], errors);
    for (key, decisions) in [("together", &mut identity.together), ("apart", &mut identity.apart)] {
        let Some(entry) = root.get(key) else { continue };
        let hint = format!(
            "write `[[{key}]]` and below it `identifiers = [\"shop:1001\", \"email:ann@example.com\"]`"
        );
        for each in entry.list(&hint, errors).unwrap_or_default() {
            decisions.extend(decision(&each, &hint, errors));
        }
    }
}

fn decision(entry: &Entry, hint: &str, errors: &mut Errors) -> Option<Decision> {
    let section = entry.section(errors)?;
    section.only(&["identifiers", "reason"], errors);
    let listed = section.get("identifiers").map(|entry| entry.texts(errors)).unwrap_or_default();
    let reason = section.text("reason", errors).map(|text| text.value);
    let values: Vec<String> = listed.into_iter().map(|text| text.value).collect();
    match <[String; 2]>::try_from(values) {
        Ok(identifiers) if identifiers[0] != identifiers[1] => Some(Decision { identifiers, reason }),
        _ => {
            errors.push(entry.error(format!("`{}` needs two different identifiers", entry.path), hint));
            None
        }
    }
}
