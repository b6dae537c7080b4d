//! Files that say something of customers by their identifiers: `kind`, `value`, and what they say.

use std::collections::HashMap;
use std::path::Path;

use strata_lake::arrow::array::{Array, ArrayRef, AsArray};
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::prelude::{CsvReadOptions, ident};
use strata_spec::error::{ErrorCode, nearest};
use strata_spec::manifest::Identifier;

use crate::canonical::IdentifierReader;
use crate::error::{Context, Error, Result};
use crate::project::Project;
use crate::query::View;

/// An identifier in one form, whatever its namespace: its kind and its value.
pub(super) type Key = (String, String);

/// An identifier that says who somebody is, and what the file says of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known {
    /// The identifier in one form.
    pub(super) key: Key,
    /// The customer whom it means, as the last run found; none if nobody.
    pub(crate) customer: Option<String>,
    /// What the file says.
    pub(crate) says: String,
}

/// The rows of a CSV file with an identifier that can be read and a value in the column `says`; those that a column `note` says something
/// of are left out, since they name nobody.
///
/// # Errors
/// `InvalidInput` when the file cannot be read or lacks a column.
pub(crate) async fn known(project: &Project, view: &View, file: &Path, says: &str) -> Result<Vec<Known>> {
    let operation = || format!("cannot read {}", file.display());
    let options = CsvReadOptions::new().schema_infer_max_records(0);
    let rows = view.engine().context().read_csv(file.to_string_lossy().as_ref(), options).await;
    let rows = rows.context(operation())?;
    let columns: Vec<String> = rows.schema().fields().iter().map(|field| field.name().clone()).collect();
    let mut wanted = vec!["kind", "value", says];
    if let Some(missing) = wanted.iter().find(|name| !columns.iter().any(|column| column == *name)) {
        let columns = columns.iter().map(String::as_str);
        let message = format!("{} has no column `{missing}`", file.display());
        let hint = match nearest(missing, columns.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("its columns are {}", columns.collect::<Vec<_>>().join(", ")),
        };
        return Err(Error::new(ErrorCode::InvalidInput, message).with_hint(hint));
    }
    wanted.extend(columns.iter().any(|column| column == "note").then_some("note"));
    let rows = texts(rows, &wanted).await?;
    let customers = customers(view).await?;
    let country = project.manifest.identity.country.clone().unwrap_or_default();
    let mut known = Vec::new();
    for row in rows {
        let [Some(kind), Some(value), Some(says), ..] = row.as_slice() else {
            continue;
        };
        if row.get(3).is_some_and(|note| note.as_ref().is_some_and(|note| !note.is_empty())) {
            continue;
        }
        let kind = Identifier::parse(kind).map_or("customer_id", Identifier::as_str);
        let reader = IdentifierReader::new(kind, &country, "");
        if let Some(value) = reader.read(value.trim_start_matches('\'')) {
            let key = (kind.to_owned(), value.into_owned());
            known.push(Known { customer: customers.get(&key).cloned(), key, says: says.clone() });
        }
    }
    Ok(known)
}

/// The customer whom each identifier means.
async fn customers(view: &View) -> Result<HashMap<Key, String>> {
    let version = view.complete.tables.get("identity").copied().unwrap_or_default();
    let identity = view.engine().table("identity", version).await.context("cannot open the identities")?;
    let mut customers = HashMap::new();
    for row in texts(identity, &["kind", "value", "customer_id"]).await? {
        if let [Some(kind), Some(value), Some(customer)] =
            <[Option<String>; 3]>::try_from(row).unwrap_or_default()
        {
            customers.insert((kind, value), customer);
        }
    }
    // Who has one identifier is called by it, and is not in that table.
    let version = view.complete.tables.get("profile").copied().unwrap_or_default();
    let profile = view.engine().table("profile", version).await.context("cannot open the profiles")?;
    for customer in texts(profile, &["customer_id"]).await?.into_iter().flatten().flatten() {
        let value = customer.split_once(':').map_or(customer.as_str(), |(_, value)| value);
        for kind in ["customer_id", "email", "phone"] {
            customers.entry((kind.to_owned(), value.to_owned())).or_insert_with(|| customer.clone());
        }
    }
    Ok(customers)
}

async fn texts(frame: DataFrame, columns: &[&str]) -> Result<Vec<Vec<Option<String>>>> {
    let reading = "cannot read identifiers";
    let selected =
        frame.select(columns.iter().map(|name| ident(*name)).collect::<Vec<_>>()).context(reading)?;
    let mut rows = Vec::new();
    for batch in selected.collect().await.context(reading)? {
        for row in 0..batch.num_rows() {
            let text = |column: &ArrayRef| {
                let texts = column.as_string::<i32>();
                texts.is_valid(row).then(|| texts.value(row).to_owned())
            };
            rows.push(batch.columns().iter().map(text).collect());
        }
    }
    Ok(rows)
}
