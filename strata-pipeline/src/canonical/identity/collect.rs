//! Reads the identifiers that the rows of a mapping carry together.

use futures::TryStreamExt;
use strata_lake::arrow::array::{Array, AsArray, RecordBatch};
use strata_lake::datafusion::error::{DataFusionError, Result as EngineResult};
use strata_lake::datafusion::logical_expr::{Expr, lit};
use strata_spec::manifest::{Identifier, Identity, Manifest, Source};
use strata_spec::table::{Kind as ColumnKind, Subject};
use tokio::task::JoinSet;

use super::super::mapping::{Mapping, raw_column};
use super::super::parse::{Function, call};
use super::super::plan::null;
use super::super::typed::TypedRows;
use super::record::{Gathered, Kind, Records};

const CUSTOMER: &str = "customer_id";

/// Whether the project has anything to join by: a further identifier, a namespace, or a decision.
pub(crate) fn joins(manifest: &Manifest) -> bool {
    let identity = &manifest.identity;
    let mut tables = manifest.sources.iter().flat_map(|source| &source.tables);
    let further = |name: &str| identity.join_by.iter().any(|identifier| identifier.as_str() == name);
    !identity.together.is_empty()
        || manifest.sources.iter().any(|source| source.namespace.is_some())
        || tables.any(|mapping| {
            mapping.table.column(CUSTOMER).is_some() && mapping.columns.iter().any(|(name, _)| further(name))
        })
}

/// The kinds of identifiers by which the customers of rows are looked up. Most rows have an id, and whom their address or telephone
/// means besides need not be at hand.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Asked([bool; 4]);

impl Asked {
    /// Adds those of a mapping whose rows have been counted: where each has an id, nothing else is asked.
    pub(crate) fn add_rows(&mut self, rows: &TypedRows, every_row_has_id: bool) {
        let has_id = rows.maps(CUSTOMER);
        let others = Identifier::ALL.into_iter().filter(|each| rows.mapping.identifier(*each).is_some());
        self.0[Kind::Id.slot()] |= has_id;
        if !(has_id && every_row_has_id) {
            others.for_each(|identifier| self.0[Kind::Other(identifier).slot()] = true);
        }
    }

    /// Adds those of a source whose rows have not been counted.
    pub(crate) fn add_source(&mut self, source: &Source) {
        for (name, _) in source.tables.iter().flat_map(|mapping| &mapping.columns) {
            if let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.as_str() == name) {
                self.0[kind.slot()] = true;
            }
        }
    }

    pub(super) fn has(self, kind: Kind) -> bool {
        self.0[kind.slot()]
    }
}

/// The normalised identifiers of a row, with the columns that they stand in between the reading of a row and its joining.
pub(crate) fn identifier_columns(mapping: &Mapping, identity: &Identity) -> Vec<(String, Expr)> {
    if mapping.table.column(CUSTOMER).is_none() {
        return Vec::new();
    }
    let value = |identifier: Identifier| match mapping.identifier(identifier) {
        Some(raw) if identity.join_by.contains(&identifier) => {
            normal(raw.clone(), identifier.as_str(), identity)
        }
        _ => null(ColumnKind::Text),
    };
    Identifier::ALL.into_iter().map(|identifier| (column(identifier), value(identifier))).collect()
}

/// A customer id, unless it identifies nobody.
pub(crate) fn customer_id(raw: Expr, identity: &Identity) -> Expr {
    normal(raw, CUSTOMER, identity)
}

fn normal(raw: Expr, kind: &str, identity: &Identity) -> Expr {
    let country = identity.country.as_deref().unwrap_or_default();
    call(Function::Identity, vec![raw, lit(kind), lit(country), lit(identity.blocked.join("\n"))])
}

/// What the columns of identifiers begin with.
pub(crate) const PREFIX: &str = "_id_";

/// The column of an identifier in typed rows.
pub(super) fn column(identifier: Identifier) -> String {
    format!("{PREFIX}{identifier}")
}

/// The columns of typed rows by which a row without a customer id may still be somebody's. A device alone is no customer.
pub(crate) fn instead_of_id() -> impl Iterator<Item = Expr> {
    let others = Identifier::ALL.into_iter().filter(|identifier| *identifier != Identifier::AnonymousId);
    others.map(|identifier| raw_column(&column(identifier)))
}

/// Adds the records of a mapping's good rows.
pub(super) async fn records(
    rows: &TypedRows,
    namespace: &str,
    identity: &Identity,
    records: &mut Records,
) -> EngineResult<()> {
    let has_id = rows.maps(CUSTOMER);
    let identifiers = || Identifier::ALL.into_iter().filter(|each| rows.mapping.identifier(*each).is_some());
    let n_kinds = usize::from(has_id) + identifiers().filter(|each| identity.join_by.contains(each)).count();
    // Rows with one identifier join nobody.
    if rows.table.column(CUSTOMER).is_none() || n_kinds < 2 {
        return Ok(());
    }
    let mut columns = vec![raw_column(CUSTOMER)];
    columns.extend(Identifier::ALL.map(|identifier| raw_column(&column(identifier))));
    columns.push(match rows.table == Subject::Customers.table() && rows.maps("first_name") {
        true => raw_column("first_name"),
        false => null(ColumnKind::Text).alias("first_name"),
    });
    // Dropped with this future, the set stops what it has begun.
    let mut tasks: JoinSet<EngineResult<Gathered>> = JoinSet::new();
    for mut batches in rows.good()?.select(columns)?.execute_stream_partitioned().await? {
        let mut gathered = records.gather(&rows.source, namespace);
        tasks.spawn(async move {
            while let Some(batch) = batches.try_next().await? {
                add(&batch, &mut gathered);
            }
            Ok(gathered)
        });
    }
    while let Some(task) = tasks.join_next().await {
        records.extend(task.map_err(|error| DataFusionError::External(Box::new(error)))??);
    }
    Ok(())
}

fn add(batch: &RecordBatch, gathered: &mut Gathered) {
    let columns: Vec<_> = batch.columns().iter().map(|column| column.as_string::<i32>()).collect();
    for row in 0..batch.num_rows() {
        let text = |at: usize| columns[at].is_valid(row).then(|| columns[at].value(row));
        let texts = [text(0), text(1), text(2), text(3)];
        if texts.iter().flatten().count() > 1 {
            gathered.add(texts, text(4).map_or(0, person));
        }
    }
}

/// A fingerprint of a given name that typing errors mostly leave alone: its first letter, without accents. Two persons of
/// one household who begin alike are taken for one; two who do not are kept apart.
fn person(first_name: &str) -> u64 {
    let letter = strata_models::duplicate::folded(first_name).chars().find(|letter| letter.is_alphabetic());
    letter.map_or(0, |letter| u64::from(u32::from(letter)))
}
