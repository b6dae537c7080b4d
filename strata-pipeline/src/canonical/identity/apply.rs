//! Gives rows the id of their customer, and writes down which identifiers every customer has.

use std::sync::Arc;

use strata_lake::arrow::array::{ArrayRef, RecordBatch, StringBuilder};
use strata_lake::datafusion::common::JoinType;
use strata_lake::datafusion::common::runtime::SpawnedTask;
use strata_lake::datafusion::error::{DataFusionError, Result as EngineResult};
use strata_lake::datafusion::functions::core::expr_fn::coalesce;
use strata_lake::datafusion::functions::string::expr_fn::starts_with;
use strata_lake::datafusion::functions::unicode::expr_fn::substr;
use strata_lake::datafusion::logical_expr::{Expr, lit, when};
use strata_lake::datafusion::prelude::{DataFrame, SessionContext};
use strata_models::identity::Evidence;
use strata_spec::manifest::{Identifier, Identity, Manifest};
use strata_spec::table::{Kind as ColumnKind, Subject};

use super::super::mapping::raw_column;
use super::super::plan::{joined, null};
use super::super::subjects::GIVEN_ID;
use super::super::typed::TypedRows;
use super::collect::{Asked, PREFIX, column};
use super::name::{Named, plain_namespace};
use super::record::{IDENTITY, Kind};
use super::{IdentityReport, Resolved, namespace_of, refused};

const CUSTOMER: &str = "customer_id";
const KEY: &str = "_identity_key";
const RENAMED: &str = "_renamed_key";

/// What the identifiers say, ready to be used.
pub(crate) struct Applied {
    /// Where a key's customer is not called by the key itself: `_identity_key` and `_customer`, null where several fit.
    pub(crate) renamed: DataFrame,
    /// A row for each join that was not made, in the order of [`super::REFUSED`].
    pub(crate) refused: DataFrame,
    /// The counts.
    pub(crate) report: IdentityReport,
    identity: SpawnedTask<EngineResult<Vec<RecordBatch>>>,
}

impl Applied {
    pub(super) async fn of(named: Named, asked: Asked) -> EngineResult<Applied> {
        let named = Arc::new(named);
        let of = Arc::clone(&named);
        let renaming = off_thread(move || Ok((renamed_keys(&of, asked)?, refused::table(&of)?)));
        // Nobody waits for the table until all others are written.
        let identity = SpawnedTask::spawn_blocking(move || table(&named));
        let ((report, renamed), refused) = renaming.await?;
        Ok(Applied { renamed: here(renamed)?, refused: here(vec![refused])?, report, identity })
    }

    /// A row for each identifier of a customer, in the order of [`IDENTITY`].
    pub(crate) async fn identity(self) -> EngineResult<DataFrame> {
        here(self.identity.join().await.map_err(|error| DataFusionError::External(Box::new(error)))??)
    }
}

/// Begins at once.
fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> EngineResult<T> + Send + 'static,
) -> impl Future<Output = EngineResult<T>> {
    let begun = SpawnedTask::spawn_blocking(work);
    async move { begun.join().await.map_err(|error| DataFusionError::External(Box::new(error)))? }
}

/// In a session of its own, so that the rows are here and not on a cluster.
fn here(batches: Vec<RecordBatch>) -> EngineResult<DataFrame> {
    SessionContext::new().read_batches(batches)
}

/// Rows of a table in memory that go into one batch.
const BATCH_ROWS: usize = 1 << 20;

/// Columns of text in the making.
struct Texts<const N: usize> {
    names: [&'static str; N],
    columns: [StringBuilder; N],
    n_rows: usize,
    batches: Vec<RecordBatch>,
}

impl<const N: usize> Texts<N> {
    fn of(names: [&'static str; N]) -> Texts<N> {
        let columns = std::array::from_fn(|_| StringBuilder::new());
        Texts { names, columns, n_rows: 0, batches: Vec::new() }
    }

    /// Ends a row of which every column has been given a cell.
    fn end_row(&mut self) -> EngineResult<()> {
        self.n_rows += 1;
        if self.n_rows == BATCH_ROWS { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> EngineResult<()> {
        let columns = self.columns.iter_mut().map(|column| (Arc::new(column.finish()) as ArrayRef, true));
        let columns = self.names.into_iter().zip(columns).map(|(name, (column, null))| (name, column, null));
        self.batches.push(RecordBatch::try_from_iter_with_nullable(columns)?);
        self.n_rows = 0;
        Ok(())
    }

    fn finish(mut self) -> EngineResult<Vec<RecordBatch>> {
        self.flush()?;
        Ok(self.batches)
    }
}

/// The keys that are asked for and whose customer is not called by them, and the counts.
fn renamed_keys(named: &Named, asked: Asked) -> EngineResult<(IdentityReport, Vec<RecordBatch>)> {
    let records = &named.resolved.records;
    let mut report = named.resolved.report(&named.manifest.identity);
    let mut n_identifiers = vec![0_u32; records.len()];
    let mut texts = Texts::of([KEY, "_customer"]);
    for (place, holders) in named.resolved.held.each() {
        let mut known =
            holders.iter().map(|holder| holder.customer).filter(|customer| named.has_name(*customer));
        let Some(first) = known.next() else { continue };
        n_identifiers[first as usize] += 1;
        let mut is_only = true;
        for other in known {
            n_identifiers[other as usize] += 1;
            is_only = false;
        }
        let value = records.value_at(place);
        if !asked.has(value.kind) || (is_only && named.is_name(place, first)) {
            continue;
        }
        let only = is_only.then(|| named.name(first)).flatten();
        if only == named.alone(place) {
            continue;
        }
        let [keys, customers] = &mut texts.columns;
        keys.append_value(key(value.kind, records.namespace(value), &value.text));
        customers.append_option(only.as_deref());
        report.n_replaced_ids += u64::from(value.kind == Kind::Id && only.is_some());
        texts.end_row()?;
    }
    report.n_joined_customers = n_identifiers.into_iter().filter(|n| *n > 1).count() as u64;
    Ok((report, texts.finish()?))
}

/// The table `identity`.
fn table(named: &Named) -> EngineResult<Vec<RecordBatch>> {
    let records = &named.resolved.records;
    let reasons = reasons(&named.resolved);
    let mut texts = Texts::of(IDENTITY.map(|(name, _)| name));
    for (place, holders) in named.resolved.held.each() {
        let value = records.value_at(place);
        let namespace = Some(records.namespace(value)).filter(|namespace| !namespace.is_empty());
        for holder in holders {
            let Some(customer) = named.name(holder.customer) else { continue };
            let joined_by = match reasons.get(holder.record as usize) {
                None | Some(Reason::None) => None,
                Some(Reason::Decision) => Some("decision".to_owned()),
                Some(Reason::Shares(place)) => Some(records.written(records.value_at(*place))),
            };
            let source = records.source(holder.record);
            let kind = Some(value.kind.as_str());
            let cells = [Some(&*customer), kind, namespace, Some(&value.text), source, joined_by.as_deref()];
            for (column, cell) in texts.columns.iter_mut().zip(cells) {
                column.append_option(cell);
            }
            texts.end_row()?;
        }
    }
    texts.finish()
}

/// What made a record's customer part of another.
#[derive(Debug, Clone, Copy)]
enum Reason {
    None,
    Decision,
    /// The place of the identifier that both have.
    Shares(u32),
}

/// The first reason of each record.
fn reasons(resolved: &Resolved) -> Vec<Reason> {
    let mut reasons = vec![Reason::None; resolved.records.len()];
    let mut from = 0;
    for join in &resolved.resolution.joins {
        let Some(reason @ Reason::None) = reasons.get_mut(join.record as usize) else { continue };
        *reason = match join.by {
            Evidence::Hand => Reason::Decision,
            Evidence::Identifier { kind, value } => match resolved.records.place(kind, value, from) {
                None => Reason::None,
                Some(place) => {
                    from = place;
                    Reason::Shares(place)
                }
            },
        };
    }
    reasons
}

/// Rows of a mapping, in `frame`, with the ids of their customers.
pub(crate) fn renamed(
    rows: &TypedRows,
    frame: DataFrame,
    manifest: &Manifest,
    renamed: &DataFrame,
) -> EngineResult<DataFrame> {
    let namespace = namespace_of(&manifest.sources, &rows.source);
    let mut columns: Vec<Expr> = frame
        .schema()
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .filter(|name| !name.starts_with(PREFIX))
        .map(|name| match name {
            CUSTOMER => coalesce_known(),
            name => raw_column(name),
        })
        .collect();
    if rows.table == Subject::Customers.table() {
        columns.push(raw_column("_own").alias(GIVEN_ID));
    }
    let plain = plain_namespace(&manifest.sources);
    let identifiers = Identifier::ALL.into_iter().filter(|each| rows.mapping.identifier(*each).is_some());
    let has_others = identifiers.into_iter().any(|each| manifest.identity.join_by.contains(&each));
    let (key, own, map) = if has_others {
        let (key, own) = key_and_own(namespace, plain, &manifest.identity)?;
        (key, own, renamed.clone().select(vec![raw_column(KEY).alias(RENAMED), raw_column("_customer")])?)
    } else {
        (raw_column(CUSTOMER), own_id(namespace, plain), ids_of(namespace, renamed)?)
    };
    let keyed = frame.with_column(KEY, key)?.with_column("_own", own)?;
    keyed.join(map, JoinType::Left, &[KEY], &[RENAMED], None)?.select(columns)
}

/// The part of the map that is about customer ids of a namespace, by the bare id: most rows have no other identifier, and
/// need no key made of it.
fn ids_of(namespace: &str, renamed: &DataFrame) -> EngineResult<DataFrame> {
    let before = key(Kind::Id, namespace, "");
    let id_begins = before.chars().count() as i64 + 1;
    renamed
        .clone()
        .filter(starts_with(raw_column(KEY), lit(before)))?
        .select(vec![substr(raw_column(KEY), lit(id_begins)).alias(RENAMED), raw_column("_customer")])
}

/// The customer that the map names, else the row's own; nobody where the map knows the key and names none.
fn coalesce_known() -> Expr {
    let known = raw_column(RENAMED).is_not_null();
    when(known, raw_column("_customer"))
        .otherwise(raw_column("_own"))
        .unwrap_or_else(|_| coalesce(vec![raw_column("_customer"), raw_column("_own")]))
        .alias(CUSTOMER)
}

/// The key of a row's most trusted identifier, and the name of whoever has no other.
fn key_and_own(namespace: &str, plain: &str, identity: &Identity) -> EngineResult<(Expr, Expr)> {
    let id = raw_column(CUSTOMER);
    let mut keys =
        when(id.clone().is_not_null(), joined(vec![lit(key(Kind::Id, namespace, "")), id.clone()]));
    let mut own = vec![own_id(namespace, plain)];
    for identifier in &identity.join_by {
        let value = raw_column(&column(*identifier));
        let text = key(Kind::Other(*identifier), "", "");
        keys = keys.when(value.clone().is_not_null(), joined(vec![lit(text), value.clone()]));
        if *identifier != Identifier::AnonymousId {
            own.push(value);
        }
    }
    Ok((keys.otherwise(null(ColumnKind::Text))?, coalesce(own)))
}

/// A customer id as it is written where several namespaces are.
fn own_id(namespace: &str, plain: &str) -> Expr {
    let id = raw_column(CUSTOMER);
    if namespace == plain { id } else { joined(vec![lit(format!("{namespace}:")), id]) }
}

/// An identifier as one text that no other has.
fn key(kind: Kind, namespace: &str, text: &str) -> String {
    match kind {
        Kind::Id => format!("i\u{1f}{namespace}\u{1f}{text}"),
        Kind::Other(identifier) => format!("{identifier}\u{1f}{text}"),
    }
}
