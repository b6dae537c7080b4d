//! The fixed chances of the score: how often fields agree between two records of one person, and within a household.
//!
//! They are rounded experience with customer files, not estimates from the data at hand: without known duplicates, m can
//! only be guessed or fitted by expectation maximisation, whose result is hard to explain to who has to decide on a
//! proposal. What differs most between files, how common values are, is taken from the data.

use super::Field;

/// The fields in the order in which they are compared.
pub(super) const FIELDS: [Field; 8] = [
    Field::FirstName,
    Field::LastName,
    Field::BirthDate,
    Field::EmailLocal,
    Field::EmailDomain,
    Field::Phone,
    Field::Street,
    Field::Place,
];

/// Of two persons, the prior odds of being one person rather than strangers, times the number of persons: one duplicate
/// among twenty records.
pub(super) const DUPLICATES: f64 = 2.0 * 0.05;

/// The same of being of one household: one in four shares one with another customer.
pub(super) const HOUSEHOLDS: f64 = 2.0 * 0.25;

/// The chance that the two names of one person are swapped, for each of the two fields.
pub(super) const SWAPPED: f64 = 0.14;

/// The chance that two strangers of one name chose the same e-mail address before the `@`, at least.
pub(super) const EMAIL_OF_NAMESAKES: f64 = 0.01;

/// The chances of one field.
pub(super) struct Chances {
    /// That two records of one person have equal values.
    pub(super) m_exact: f64,
    /// That they have near ones. What is left are contradictions.
    pub(super) m_near: f64,
    /// That two members of a household have equal values, where chance alone is less.
    pub(super) h_exact: f64,
}

/// The chances of a field. Persons move and change address and telephone; they seldom change their first name and never
/// their birth date. Households share what belongs to the home. One birth date in a hundred is a twin's, and one first
/// name in a hundred is a parent's.
pub(super) fn chances(field: Field) -> Chances {
    let (m_exact, m_near, h_exact) = match field {
        Field::FirstName => (0.90, 0.09, 0.01),
        Field::LastName => (0.90, 0.07, 0.80),
        Field::BirthDate => (0.96, 0.03, 0.01),
        Field::EmailLocal => (0.60, 0.10, 0.15),
        Field::EmailDomain => (0.65, 0.0, 0.45),
        Field::Phone => (0.70, 0.0, 0.40),
        Field::Street => (0.75, 0.10, 0.95),
        Field::Place => (0.85, 0.0, 0.97),
    };
    Chances { m_exact, m_near, h_exact }
}
