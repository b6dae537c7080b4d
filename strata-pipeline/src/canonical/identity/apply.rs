//! Gives rows the id of their customer, and writes down which identifiers every customer has.

use std::sync::Arc;

use strata_lake::arrow::array::{ArrayRef, RecordBatch, StringBuilder};
use strata_lake::datafusion::common::{HashMap, JoinType};
use strata_lake::datafusion::error::Result as EngineResult;
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
use super::collect::{PREFIX, column};
use super::name::{alone, names, plain_namespace};
use super::record::{IDENTITY, Kind, Value};
use super::{IdentityReport, Resolved, namespace_of, refused};

const CUSTOMER: &str = "customer_id";
const KEY: &str = "_identity_key";
const RENAMED: &str = "_renamed_key";

/// What the identifiers say, ready to be written and used.
pub(crate) struct Applied {
    /// A row for each identifier of a customer, in the order of [`IDENTITY`].
    pub(crate) identity: DataFrame,
    /// A row for each join that was not made, in the order of [`super::REFUSED`].
    pub(crate) refused: DataFrame,
    /// Where a key's customer is not called by the key itself: `_identity_key` and `_customer`, null where several fit.
    pub(crate) renamed: DataFrame,
    /// The counts.
    pub(crate) report: IdentityReport,
}

/// Names the customers and lists their identifiers.
pub(crate) fn apply(resolved: &Resolved, manifest: &Manifest) -> EngineResult<Applied> {
    let names = names(resolved, &manifest.sources);
    let plain = plain_namespace(&manifest.sources);
    let records = &resolved.records;
    let mut report = resolved.report(&manifest.identity);
    let (mut keys, mut customers) = (StringBuilder::new(), StringBuilder::new());
    let mut table = Table::of(resolved);
    let mut n_identifiers: HashMap<u32, u64> = HashMap::new();
    for held in holders(resolved).chunk_by(|a, b| a.value == b.value) {
        let Some(value) = held.first().map(|holder| records.value_at(holder.value)) else { continue };
        let named = held.iter().filter_map(|holder| Some((holder, names.get(&holder.customer)?.as_str())));
        let named: Vec<(&Holder, &str)> = named.collect();
        let own = alone(value.kind, records.namespace(value), &value.text, plain);
        let only = if let [(_, only)] = named.as_slice() { Some(*only) } else { None };
        if !named.is_empty() && only != own.as_deref() {
            keys.append_value(key(value.kind, records.namespace(value), &value.text));
            customers.append_option(only);
            report.n_replaced_ids += u64::from(value.kind == Kind::Id && only.is_some());
        }
        for (holder, customer) in named {
            *n_identifiers.entry(holder.customer).or_default() += 1;
            table.push(value, customer, holder.record);
        }
    }
    report.n_joined_customers = n_identifiers.values().filter(|n| **n > 1).count() as u64;
    // In a session of its own, so that the rows are here and not on a cluster.
    let here = SessionContext::new();
    let renamed = RecordBatch::try_from_iter([
        (KEY, Arc::new(keys.finish()) as ArrayRef),
        ("_customer", Arc::new(customers.finish()) as ArrayRef),
    ])?;
    Ok(Applied {
        identity: here.read_batch(table.finish()?)?,
        refused: here.read_batch(refused::table(resolved, &names, &manifest.identity)?)?,
        renamed: here.read_batch(renamed)?,
        report,
    })
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

/// A customer who has an identifier, and the first record through which.
struct Holder {
    value: u32,
    customer: u32,
    record: u32,
}

/// The holders of every identifier, in the order of the identifiers.
fn holders(resolved: &Resolved) -> Vec<Holder> {
    let records = (0_u32..).zip(resolved.records.iter()).zip(&resolved.resolution.customer_of);
    let mut held: Vec<Holder> = records
        .flat_map(|((record, values), customer)| {
            values.values().map(move |value| Holder { value, customer: *customer, record })
        })
        .collect();
    held.sort_unstable_by_key(|holder| (holder.value, holder.customer, holder.record));
    held.dedup_by_key(|holder| (holder.value, holder.customer));
    held
}

/// The table `identity` in the making.
struct Table<'a> {
    resolved: &'a Resolved,
    /// What made a record's customer part of another.
    reasons: HashMap<u32, Evidence>,
    columns: [StringBuilder; IDENTITY.len()],
}

impl<'a> Table<'a> {
    fn of(resolved: &'a Resolved) -> Table<'a> {
        let mut reasons = HashMap::new();
        for join in &resolved.resolution.joins {
            reasons.entry(join.record).or_insert(join.by);
        }
        Table { resolved, reasons, columns: Default::default() }
    }

    fn push(&mut self, value: &Value, customer: &str, record: u32) {
        let records = &self.resolved.records;
        let source = records.source(record);
        let namespace = Some(records.namespace(value)).filter(|namespace| !namespace.is_empty());
        let joined_by = self.reasons.get(&record).map(|evidence| match evidence {
            Evidence::Hand => "decision".to_owned(),
            Evidence::Identifier { value, .. } => records.written(*value),
        });
        let kind = value.kind.as_str();
        let cells = [Some(customer), Some(kind), namespace, Some(&value.text), source, joined_by.as_deref()];
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            column.append_option(cell);
        }
    }

    fn finish(mut self) -> EngineResult<RecordBatch> {
        let columns = self.columns.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef);
        Ok(RecordBatch::try_from_iter(IDENTITY.iter().map(|(name, _)| *name).zip(columns))?)
    }
}
