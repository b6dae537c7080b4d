//! Probable duplicates among the customers of the last run: proposed with a score, never joined.

use strata_lake::arrow::array::{Array, AsArray};
use strata_lake::arrow::datatypes::Date32Type;
use strata_lake::datafusion::prelude::ident;
use strata_models::duplicate::{Field, Person, Settings, propose};

use crate::error::{Context, Result};
use crate::query::{Rows, View};

const COLUMNS: [&str; 8] =
    ["customer_id", "first_name", "last_name", "birth_date", "email", "phone", "postal_code", "city"];

/// The pairs of customers that look like one, the likeliest first: `score` (the posterior chance that they are one), the two
/// customer ids, and what speaks for it and against it.
///
/// # Errors
/// When the customers cannot be read.
pub async fn duplicates(view: &View, threshold: f64) -> Result<Rows> {
    let version = view.complete.tables.get("customers").copied().unwrap_or_default();
    let customers = view.engine().table("customers", version).await.context("cannot open the customers")?;
    let selected = customers.select(COLUMNS.map(ident).to_vec()).context("cannot read the customers")?;
    let batches = selected.collect().await.context("cannot read the customers")?;
    let mut persons: Vec<Person<'_>> = Vec::new();
    let mut ids: Vec<&str> = Vec::new();
    for batch in &batches {
        let born = batch.column(3).as_primitive_opt::<Date32Type>();
        for row in 0..batch.num_rows() {
            let text = |at: usize| batch.column(at).as_string::<i32>();
            let get = |at: usize| text(at).is_valid(row).then(|| text(at).value(row));
            let email = get(4).and_then(|email| email.rsplit_once('@'));
            ids.push(get(0).unwrap_or_default());
            persons.push(Person {
                first_name: get(1),
                last_name: get(2),
                birth_date: born.filter(|born| born.is_valid(row)).map(|born| born.value(row)),
                email_local: email.map(|(local, _)| local),
                email_domain: email.map(|(_, domain)| domain),
                phone: get(5),
                street: None,
                postal_code: get(6),
                city: get(7),
            });
        }
    }
    let found = propose(&persons, &Settings { threshold, ..Settings::default() });
    let cells = found.proposals.iter().map(|proposal| {
        let said = |speaks_for: bool| {
            let reasons = proposal.reasons.iter().filter(|reason| (reason.weight > 0.0) == speaks_for);
            reasons.map(|reason| name(reason.field)).collect::<Vec<_>>().join(", ")
        };
        vec![
            Some(format!("{:.3}", proposal.score)),
            Some(ids[proposal.a as usize].to_owned()),
            Some(ids[proposal.b as usize].to_owned()),
            Some(said(true)),
            Some(said(false)),
        ]
    });
    Ok(Rows {
        columns: ["score", "customer", "other", "agree in", "differ in"].map(str::to_owned).to_vec(),
        numeric: vec![true, false, false, false, false],
        cells: cells.collect(),
    })
}

fn name(field: Field) -> &'static str {
    match field {
        Field::FirstName => "first name",
        Field::LastName => "last name",
        Field::BirthDate => "birth date",
        Field::EmailLocal => "e-mail before the @",
        Field::EmailDomain => "e-mail domain",
        Field::Phone => "phone",
        Field::Street => "street",
        Field::Place => "place",
    }
}
