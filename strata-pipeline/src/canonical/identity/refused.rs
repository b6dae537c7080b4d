//! The table `identity_refused`: the joins that were not made, each with both customers and what spoke against it, so
//! that somebody can look at them and decide.
//!
//! One row for each pair of customers, identifier, reason and source, however many records say the same. An identifier that
//! too many share has one row in all.

use std::sync::Arc;

use strata_lake::arrow::array::{ArrayRef, RecordBatch, StringBuilder};
use strata_lake::datafusion::common::HashMap;
use strata_lake::datafusion::error::Result as EngineResult;
use strata_models::identity::Evidence;
use strata_spec::manifest::Identity;
use strata_spec::table::Kind as ColumnKind;

use super::{Resolved, evidence_name, reason_name};

/// The columns of `identity_refused`: the customer who would have joined, and the one whom they would have joined.
pub const REFUSED: [(&str, ColumnKind); 8] = [
    ("kind", ColumnKind::Text),
    ("namespace", ColumnKind::Text),
    ("value", ColumnKind::Text),
    ("reason", ColumnKind::Text),
    ("customer_id", ColumnKind::Text),
    ("source", ColumnKind::Text),
    ("other_customer_id", ColumnKind::Text),
    ("other_source", ColumnKind::Text),
];

/// The refusals in the order of their cells. A customer without a name, as a device alone, is left empty; a join by
/// decision has no value.
pub(super) fn table(
    resolved: &Resolved,
    names: &HashMap<u32, String>,
    identity: &Identity,
) -> EngineResult<RecordBatch> {
    let (records, resolution) = (&resolved.records, &resolved.resolution);
    let name = |record: u32| {
        let customer = resolution.customer_of.get(record as usize)?;
        names.get(customer).map(String::as_str)
    };
    let mut rows: Vec<[Option<&str>; REFUSED.len()]> = Vec::with_capacity(resolution.refused.len());
    for refused in &resolution.refused {
        let value = match refused.by {
            Evidence::Hand => None,
            Evidence::Identifier { value, .. } => records.of_hash(value),
        };
        rows.push([
            Some(evidence_name(refused.by, identity)),
            value.map(|value| records.namespace(value)).filter(|namespace| !namespace.is_empty()),
            value.map(|value| &*value.text),
            Some(reason_name(refused.reason)),
            name(refused.record),
            records.source(refused.record),
            name(refused.into),
            records.source(refused.into),
        ]);
    }
    rows.sort_unstable();
    rows.dedup();
    let mut columns: [StringBuilder; REFUSED.len()] = Default::default();
    for row in &rows {
        for (column, cell) in columns.iter_mut().zip(row) {
            column.append_option(*cell);
        }
    }
    let columns = columns.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef);
    Ok(RecordBatch::try_from_iter(REFUSED.iter().map(|(name, _)| *name).zip(columns))?)
}
