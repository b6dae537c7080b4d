//! How good the identities are, where the truth is known: the demo shop's `truth/identifiers.csv`.

use std::collections::HashMap;
use std::path::Path;

use strata_lake::arrow::array::{Array, AsArray};
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::prelude::{CsvReadOptions, ident};
use strata_models::identity::agreement::{Agreement, agreement};
use strata_spec::error::ErrorCode;
use strata_spec::manifest::Identifier;

use crate::canonical::IdentifierReader;
use crate::error::{Context, Error, Result};
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
    let operation = || format!("cannot read {}", truth.display());
    let options = CsvReadOptions::new().schema_infer_max_records(0);
    let file = view.engine().context().read_csv(truth.to_string_lossy().as_ref(), options).await;
    let rows = texts(file.context(operation())?, &["kind", "value", "person_id", "note"]).await?;
    let version = view.complete.tables.get("identity").copied().unwrap_or_default();
    let identity = view.engine().table("identity", version).await.context("cannot open the identities")?;
    let mut customer_of: HashMap<(String, String), String> = HashMap::new();
    for row in texts(identity, &["kind", "value", "customer_id"]).await? {
        if let [Some(kind), Some(value), Some(customer)] =
            <[Option<String>; 3]>::try_from(row).unwrap_or_default()
        {
            customer_of.insert((kind, value), customer);
        }
    }
    let country = project.manifest.identity.country.clone().unwrap_or_default();
    let mut person_of: HashMap<(String, String), Option<String>> = HashMap::new();
    for row in rows {
        let [Some(kind), Some(value), Some(person), note] =
            <[Option<String>; 4]>::try_from(row).unwrap_or_default()
        else {
            continue;
        };
        let kind = Identifier::parse(&kind).map_or("customer_id", Identifier::as_str);
        let read = IdentifierReader::new(kind, &country, "").read(value.trim_start_matches('\''));
        if let Some(value) = read.filter(|_| note.is_none_or(|note| note.is_empty())) {
            let persons = person_of
                .entry((kind.to_owned(), value.into_owned()))
                .or_insert_with(|| Some(person.clone()));
            // What several persons share says nothing of how well they were told apart.
            if persons.as_ref() != Some(&person) {
                *persons = None;
            }
        }
    }
    let (mut found, mut true_persons) = (Numbers::default(), Numbers::default());
    let (mut customers, mut persons) = (Vec::new(), Vec::new());
    for (key, person) in person_of.iter().filter_map(|(key, person)| Some((key, person.as_ref()?))) {
        // Who has one identifier is called by it, and is not in the table.
        let alone = format!("{}:{}", key.0, key.1);
        customers.push(found.of(customer_of.get(key).unwrap_or(&alone)));
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

async fn texts(frame: DataFrame, columns: &[&str]) -> Result<Vec<Vec<Option<String>>>> {
    let reading = "cannot read identifiers";
    let selected =
        frame.select(columns.iter().map(|name| ident(*name)).collect::<Vec<_>>()).context(reading)?;
    let mut rows = Vec::new();
    for batch in selected.collect().await.context(reading)? {
        for row in 0..batch.num_rows() {
            let text = |column: &strata_lake::arrow::array::ArrayRef| {
                let texts = column.as_string::<i32>();
                texts.is_valid(row).then(|| texts.value(row).to_owned())
            };
            rows.push(batch.columns().iter().map(text).collect());
        }
    }
    Ok(rows)
}
