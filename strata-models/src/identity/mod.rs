//! Which records are one customer: components of records that share identifiers, within rules that stop bad ones.
//!
//! A *record* is one row, or one distinct id, of one source; records are numbered from 0. A [`Claim`] says that a record
//! carries a value of a kind of identifier. Values are hashes of identifiers already normalised; blocked ones are left out.
//! Kinds are numbered in order of trust: 0 may be an external id, 1 the e-mail address, 2 the telephone, 3 an anonymous id.
//!
//! # The order
//!
//! Joins by hand come first, in the order of their record numbers. Then the kinds in the order of trust; within a kind the
//! values ascending, as numbers; within a value the records ascending. Nothing depends on the order in which claims,
//! joins by hand or pairs to keep apart are given.
//!
//! # One value
//!
//! 1. When a value is held by more than [`KindRule::most_customers`] customers whom more trusted kinds tell apart, or by more
//!    than that many known persons, it says nothing of who they are: it joins nobody ([`Refusal::Shared`]).
//! 2. Otherwise each customer that holds it joins the first one with whom no rule forbids it, among the first 32 that
//!    stay apart; when all are forbidden, the refusal against the first is reported. For a weak kind, customers of whom
//!    a person is known go before the others.
//! 3. A *weak* kind does not join two customers of whom known persons differ ([`Refusal::Person`]). Two customers without any
//!    fingerprint in common are such, where both have one. When a weak value is held by two such customers, those of
//!    whom no person is known join each other but neither of the two, since it cannot be said which ([`Refusal::Ambiguous`]).
//! 4. No join brings together a pair that is to stay apart ([`Refusal::Apart`]); this holds for joins by hand too.
//! 5. No join makes a customer with more distinct values of a kind than [`KindRule::most_values`] ([`Refusal::Cap`]), unless one
//!    of the two already had as many. Joins by hand are not held to caps, persons or sharing.
//!
//! # Cost
//!
//! Sorting the claims dominates: O(m log m) for m claims, then nearly linear (union by size with path halving, Tarjan 1975).
//! Beside the caller's claims the peak is about 24 bytes a claim and 60 bytes a record.

pub mod agreement;
mod components;
mod groups;
#[cfg(test)]
mod tests;

use components::Components;
use thiserror::Error;

/// A record carries an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The hash of the normalised identifier.
    pub value: u64,
    /// The record's number.
    pub record: u32,
    /// The kind of identifier: an index into [`Rules::kinds`], in order of trust.
    pub kind: u8,
}

/// What one kind of identifier may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindRule {
    /// The most distinct values of this kind that one customer may have; `u32::MAX` for any number.
    pub most_values: u32,
    /// The most customers, told apart by more trusted kinds or as persons, who may share one value before it says nothing.
    pub most_customers: u32,
    /// Whether a known difference of person outweighs an equal value of this kind.
    pub weak: bool,
}

/// The rules of one resolution.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// The kinds of identifiers, the most trusted first; at most 255.
    pub kinds: &'a [KindRule],
    /// Pairs of records that are never one customer, whatever else is said.
    pub apart: &'a [(u32, u32)],
    /// Pairs of records joined by hand, before all else.
    pub together: &'a [(u32, u32)],
    /// A fingerprint of the person for each record, 0 where unknown; or empty, when none is known.
    pub person: &'a [u64],
}

/// Who is who, and why.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resolution {
    /// The customer of each record: the number of the customer's first record.
    pub customer_of: Vec<u32>,
    /// The joins in the order in which they were made. They are a spanning forest: without one of them, the customer falls in two.
    pub joins: Vec<Join>,
    /// The joins that were not made.
    pub refused: Vec<Refused>,
}

/// Two records, and with them their customers, became one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Join {
    /// The record that joined.
    pub record: u32,
    /// The record with which it shares the evidence.
    pub into: u32,
    /// Why.
    pub by: Evidence,
}

/// What speaks for two records being one customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// Somebody said so.
    Hand,
    /// Both carry this value.
    Identifier {
        /// Its kind.
        kind: u8,
        /// Its hash.
        value: u64,
    },
}

/// A join that was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// The record that would have joined.
    pub record: u32,
    /// The record with which it shares the evidence.
    pub into: u32,
    /// What spoke for the join.
    pub by: Evidence,
    /// What spoke against it.
    pub reason: Refusal,
}

/// Why a join was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It would have brought together a pair that is to stay apart.
    Apart,
    /// The two are known to be different persons, and the kind is weak.
    Person,
    /// Different persons hold the value, and it is not known who of them this is.
    Ambiguous,
    /// The customer would have had too many identifiers of a kind.
    Cap {
        /// The kind that would have been exceeded, not always that of the value.
        kind: u8,
        /// How many distinct values of it the customer would have had.
        n_values: u32,
        /// How many records the two customers have: the joining one, and the other.
        n_records: (u32, u32),
    },
    /// Too many share the value. Reported once for the value; `record` and `into` are its second and first record.
    Shared {
        /// How many customers whom more trusted kinds tell apart, or how many known persons, whichever is more.
        n_customers: u32,
        /// How many records carry it.
        n_records: u32,
    },
}

/// Input that refers to what is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InputError {
    /// A claim or a pair names a record that does not exist.
    #[error("cannot resolve identities: record {record} of {n_records} does not exist")]
    Record {
        /// The number named.
        record: u32,
        /// How many there are.
        n_records: usize,
    },
    /// A claim names a kind without a rule.
    #[error("cannot resolve identities: kind {kind} has no rule among {n_kinds}")]
    Kind {
        /// The kind named.
        kind: u8,
        /// How many rules there are.
        n_kinds: usize,
    },
    /// There is a fingerprint for some records and no place for those of others.
    #[error("cannot resolve identities: {n_persons} fingerprints for {n_records} records")]
    Persons {
        /// How many fingerprints there are.
        n_persons: usize,
        /// How many records there are.
        n_records: usize,
    },
    /// More records, claims or kinds than can be numbered.
    #[error("cannot resolve identities: {n} {what} are too many, at most {most} can be numbered")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there are.
        n: usize,
        /// How many there may be.
        most: usize,
    },
}

/// Joins the records that are one customer. The module says in which order, and what is refused. The claims are left sorted by
/// kind, value and record, each once: whoever asks who holds a value goes through them as this did.
pub fn resolve(
    n_records: usize,
    claims: &mut Vec<Claim>,
    rules: &Rules<'_>,
) -> Result<Resolution, InputError> {
    check(n_records, claims, rules)?;
    claims.sort_unstable_by_key(|claim| (claim.kind, claim.value, claim.record));
    claims.dedup();
    let mut components = Components::new(n_records, claims, rules);
    let mut resolution = Resolution::default();
    groups::join_by_hand(&mut components, rules.together, &mut resolution);
    for group in claims.chunk_by(|a, b| a.kind == b.kind) {
        groups::join_by_kind(&mut components, group, &mut resolution);
    }
    resolution.customer_of = components.first_records();
    Ok(resolution)
}

fn check(n_records: usize, claims: &[Claim], rules: &Rules<'_>) -> Result<(), InputError> {
    let numbered = u32::MAX as usize;
    let counts = [
        ("records", n_records, numbered),
        ("claims", claims.len(), numbered),
        ("kinds", rules.kinds.len(), u8::MAX as usize),
    ];
    if let Some((what, n, most)) = counts.into_iter().find(|(_, n, most)| n > most) {
        return Err(InputError::TooMany { what, n, most });
    }
    if !rules.person.is_empty() && rules.person.len() != n_records {
        return Err(InputError::Persons { n_persons: rules.person.len(), n_records });
    }
    let n_kinds = rules.kinds.len();
    if let Some(claim) = claims.iter().find(|claim| usize::from(claim.kind) >= n_kinds) {
        return Err(InputError::Kind { kind: claim.kind, n_kinds });
    }
    let pairs = rules.apart.iter().chain(rules.together).flat_map(|(a, b)| [*a, *b]);
    match claims.iter().map(|claim| claim.record).chain(pairs).find(|record| *record as usize >= n_records) {
        Some(record) => Err(InputError::Record { record, n_records }),
        None => Ok(()),
    }
}
