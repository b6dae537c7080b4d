//! The table `identity_refused`: the joins that were not made, each with both customers and what spoke against it, so
//! that somebody can look at them and decide.
//!
//! One row for each pair of customers, identifier, reason and source, however many records say the same. An identifier that
//! too many share has one row in all.

use std::borrow::Cow;
use std::sync::Arc;

use strata_lake::arrow::array::{ArrayRef, RecordBatch, StringBuilder};
use strata_lake::datafusion::error::Result as EngineResult;
use strata_models::identity::Evidence;
use strata_spec::table::Kind as ColumnKind;

use super::name::Named;
use super::{evidence_name, reason_name};

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
pub(super) fn table(named: &Named) -> EngineResult<RecordBatch> {
    let (records, resolution) = (&named.resolved.records, &named.resolved.resolution);
    let name = |record: u32| named.name(*resolution.customer_of.get(record as usize)?);
    let mut from = 0;
    let mut rows: Vec<[Option<Cow<'_, str>>; REFUSED.len()]> = Vec::with_capacity(resolution.refused.len());
    for refused in &resolution.refused {
        let value = match refused.by {
            Evidence::Hand => None,
            Evidence::Identifier { kind, value } => records.place(kind, value, from),
        };
        from = value.unwrap_or(from);
        let value = value.map(|place| records.value_at(place));
        let namespace = value.map(|value| records.namespace(value)).filter(|name| !name.is_empty());
        rows.push([
            Some(evidence_name(refused.by, &named.manifest.identity).into()),
            namespace.map(Cow::from),
            value.map(|value| (*value.text).into()),
            Some(reason_name(refused.reason).into()),
            name(refused.record),
            records.source(refused.record).map(Cow::from),
            name(refused.into),
            records.source(refused.into).map(Cow::from),
        ]);
    }
    rows.sort_unstable();
    rows.dedup();
    let mut columns: [StringBuilder; REFUSED.len()] = Default::default();
    for row in &rows {
        for (column, cell) in columns.iter_mut().zip(row) {
            column.append_option(cell.as_deref());
        }
    }
    let columns = columns.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef);
    Ok(RecordBatch::try_from_iter(REFUSED.iter().map(|(name, _)| *name).zip(columns))?)
}
