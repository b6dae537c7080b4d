//! How good the identities are, where the truth is known: the demo shop's `truth/identifiers.csv`.

use std::collections::HashMap;
use std::path::Path;

use strata_models::identity::agreement::{Agreement, agreement};
use strata_spec::error::ErrorCode;

use super::known::{Key, Known, known};
use crate::error::{Error, Result};
use crate::project::Project;
use crate::query::View;

/// How identities found agree with the truth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// The identifiers compared: those of one person, rightly written.
    pub n_identifiers: u64,
    /// The persons that they belong to.
    pub n_persons: u64,
    /// The customers that they were given to.
    pub n_customers: u64,
    /// Pairwise and B³ precision and recall.
    pub agreement: Agreement,
}

/// Compares the identities of the last run with a file of identifiers and persons (`kind`, `value`, `person_id`, `note`).
///
/// # Errors
/// `InvalidInput` when the file cannot be read or names nobody.
pub async fn score(project: &Project, view: &View, truth: &Path) -> Result<Score> {
    let mut customer_of: HashMap<Key, Option<String>> = HashMap::new();
    let mut person_of: HashMap<Key, Option<String>> = HashMap::new();
    for Known { key, customer, says: person } in known(project, view, truth, "person_id").await? {
        let persons = person_of.entry(key.clone()).or_insert_with(|| Some(person.clone()));
        // What several persons share says nothing of how well they were told apart.
        if persons.as_ref() != Some(&person) {
            *persons = None;
        }
        customer_of.insert(key, customer);
    }
    let (mut found, mut true_persons) = (Numbers::default(), Numbers::default());
    let (mut customers, mut persons) = (Vec::new(), Vec::new());
    for (key, person) in person_of.iter().filter_map(|(key, person)| Some((key, person.as_ref()?))) {
        // An identifier of nobody joins nothing.
        let alone = format!("{}:{}", key.0, key.1);
        customers.push(found.of(customer_of.get(key).and_then(Option::as_ref).unwrap_or(&alone)));
        persons.push(true_persons.of(person));
    }
    let agreement = agreement(&customers, &persons).ok_or_else(|| {
        Error::new(ErrorCode::InvalidInput, format!("{} names nobody", truth.display()))
            .with_hint("give the file truth/identifiers.csv that `strata demo` writes")
    })?;
    Ok(Score {
        n_identifiers: customers.len() as u64,
        n_persons: true_persons.0.len() as u64,
        n_customers: found.0.len() as u64,
        agreement,
    })
}

/// Numbers names in the order in which they are first seen.
#[derive(Default)]
struct Numbers(HashMap<String, u32>);

impl Numbers {
    fn of(&mut self, name: &str) -> u32 {
        let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        *self.0.entry(name.to_owned()).or_insert(next)
    }
}
