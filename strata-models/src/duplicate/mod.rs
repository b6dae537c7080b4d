//! Probable duplicates: pairs of persons who look like one, proposed with a score and its reasons, never merged.
//!
//! # The score
//!
//! After Fellegi and Sunter (1969, "A theory for record linkage", JASA 64), each field of which both persons have a value
//! gives evidence by how far the values agree. With m the chance of that agreement between two records of one
//! person and u that between two strangers, its weight is log₂(m / u). The chance m is fixed (`model.rs` states it); u is the
//! data's own: equal values weigh by the share p of persons that have the value, u = p, so a rare surname says more
//! than a common one (Winkler 1989); near values by u = max(p of either, share of near pairs in a sample).
//! A field that one of the two lacks says nothing.
//!
//! Strangers are not the only alternative. Members of a household share surname, address and often telephone, and twins
//! the birth date, by no chance. So with prior chances λ of a pair of n persons being one person (M), of one household
//! (H) or strangers (U), the score is the posterior chance of the first:
//!
//! > score = λ_M Π m / (λ_M Π m + λ_H Π h + λ_U Π u), with λ_M = 2 · 0.05 / n, λ_H = 2 · 0.25 / n, λ_U = 1
//!
//! which supposes one duplicate among twenty records, and one in four who shares a household with another customer.
//! Fields are taken as independent given the alternative, but for the e-mail address, which is often made of the name:
//! between namesakes a near one says nothing, and an equal one has u of at least 0.01.
//!
//! # Who is compared
//!
//! Only pairs that agree in one of five keys ([`Key`]). A key that more than [`Settings::most_in_block`] persons share is
//! not used, and reported. Time and memory grow with n and with the pairs compared, at most
//! 5 n (`most_in_block` − 1) / 2 of them.

mod block;
mod compare;
mod fold;
mod model;
mod table;
#[cfg(test)]
mod tests;

pub use fold::fold as folded;

use block::Blocks;
use compare::Comparer;
use table::Table;

/// What is known of one person. Case is folded here, and accents and umlauts in names,
/// streets and cities; e-mail addresses and telephones come normalised.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Person<'a> {
    /// Given name.
    pub first_name: Option<&'a str>,
    /// Family name.
    pub last_name: Option<&'a str>,
    /// Days since 1970-01-01.
    pub birth_date: Option<i32>,
    /// The e-mail address before the `@`.
    pub email_local: Option<&'a str>,
    /// The e-mail address after the `@`.
    pub email_domain: Option<&'a str>,
    /// A telephone number in one notation.
    pub phone: Option<&'a str>,
    /// Street and house number.
    pub street: Option<&'a str>,
    /// Postal code.
    pub postal_code: Option<&'a str>,
    /// City; compared where one of two persons has no postal code.
    pub city: Option<&'a str>,
}

/// How much is proposed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// The least score of a proposal.
    pub threshold: f64,
    /// The most persons who may share a key for the key to be used.
    pub most_in_block: u32,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { threshold: 0.9, most_in_block: 100 }
    }
}

/// What is proposed, and what was not looked at.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Proposals {
    /// The best first; equal scores in the order of the persons.
    pub proposals: Vec<Proposal>,
    /// The blocks that were too large to go through.
    pub skipped: Vec<SkippedBlock>,
    /// How many pairs were compared.
    pub n_compared: u64,
}

/// Two persons who may be one.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// The first person, by place in the input.
    pub a: u32,
    /// The second one.
    pub b: u32,
    /// The posterior chance that they are one, between 0 and 1.
    pub score: f64,
    /// The fields that both have, the strongest evidence for it first.
    pub reasons: Vec<Reason>,
}

/// What one field says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reason {
    /// The field.
    pub field: Field,
    /// How similar the values are: 1 for equal ones, else between 0 and 1.
    pub similarity: f64,
    /// log₂(m / u) against strangers: above 0 it speaks for one person, below 0 against.
    pub weight: f64,
}

/// A field that is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// Given name.
    FirstName,
    /// Family name.
    LastName,
    /// Birth date.
    BirthDate,
    /// E-mail address before the `@`.
    EmailLocal,
    /// E-mail address after the `@`.
    EmailDomain,
    /// Telephone.
    Phone,
    /// Street and house number.
    Street,
    /// Postal code, or the city where one has none.
    Place,
}

/// What two persons must agree in to be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    /// The sound of the surname, and the postal code or else the city.
    LastNameAndPlace,
    /// The birth date and the two initials in either order.
    BirthDateAndInitials,
    /// The e-mail address before the `@`.
    EmailLocal,
    /// The telephone.
    Phone,
    /// The sounds of both names in either order.
    Names,
}

/// A key that too many share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SkippedBlock {
    /// The kind of key.
    pub key: Key,
    /// How many persons share it.
    pub n_persons: u32,
    /// One of them.
    pub example: u32,
}

/// The pairs whose score reaches the threshold. The order of persons decides nothing but the numbers by which they are named.
pub fn propose(persons: &[Person<'_>], settings: &Settings) -> Proposals {
    let table = Table::new(persons);
    let blocks = Blocks::new(&table, settings.most_in_block);
    let comparer = Comparer::new(&table);
    let mut n_compared = 0;
    let mut proposals = Vec::new();
    blocks.for_each_pair(|a, b| {
        n_compared += 1;
        let score = comparer.score(a, b);
        if score >= settings.threshold {
            proposals.push(Proposal { a, b, score, reasons: comparer.reasons(a, b) });
        }
    });
    proposals.sort_by(|x, y| y.score.total_cmp(&x.score).then((x.a, x.b).cmp(&(y.a, y.b))));
    Proposals { proposals, skipped: blocks.skipped, n_compared }
}
