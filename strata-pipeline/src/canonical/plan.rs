//! Small words for plans: columns of a canonical table, nulls of a type, empty tables, unions.

use std::sync::Arc;

use strata_lake::arrow::datatypes::{Field, Schema};
use strata_lake::datafusion::common::{DFSchema, ScalarValue};
use strata_lake::datafusion::error::Result;
use strata_lake::datafusion::logical_expr::{EmptyRelation, Expr, LogicalPlan, Operator, binary_expr, lit};
use strata_lake::datafusion::prelude::{DataFrame, SessionContext};
use strata_spec::definition::Properties;
use strata_spec::table::{Kind, PROPERTIES, SOURCE, Table};

use super::mapping::raw_column;
use crate::compile::data_type;

/// A canonical table's columns with the properties that the project declares, without `properties` and `source`.
pub(crate) fn table_columns(table: Table, properties: &Properties) -> Vec<(String, Kind)> {
    let fixed = table.columns().iter().map(|column| (column.name.to_owned(), column.kind));
    let declared = properties.get(&table).into_iter().flatten();
    let beyond = declared.filter(|(name, _)| table.column(name).is_none());
    fixed.chain(beyond.map(|(name, kind)| (name.clone(), *kind))).collect()
}

/// Every column of the table as it is written: its own, declared properties, `properties`, `source`.
pub(crate) fn written_columns(table: Table, properties: &Properties) -> Vec<(String, Kind)> {
    let mut columns = table_columns(table, properties);
    columns.push((PROPERTIES.to_owned(), Kind::Json));
    columns.push((SOURCE.to_owned(), Kind::Text));
    columns
}

/// The selection that makes a plan's columns those of `table`.
pub(crate) fn written(table: Table, properties: &Properties) -> Vec<Expr> {
    written_columns(table, properties).into_iter().map(|(name, _)| raw_column(&name)).collect()
}

/// A table of these columns and no rows.
pub(crate) fn empty(ctx: &SessionContext, columns: &[(String, Kind)]) -> Result<DataFrame> {
    let fields: Vec<Field> =
        columns.iter().map(|(name, kind)| Field::new(name, data_type(*kind), true)).collect();
    let schema = DFSchema::try_from(Schema::new(fields))?;
    let plan = LogicalPlan::EmptyRelation(EmptyRelation { produce_one_row: false, schema: Arc::new(schema) });
    Ok(DataFrame::new(ctx.state(), plan))
}

/// The rows of all frames, or `None` of none.
pub(crate) fn union_all(frames: impl IntoIterator<Item = DataFrame>) -> Result<Option<DataFrame>> {
    let mut frames = frames.into_iter();
    let Some(first) = frames.next() else { return Ok(None) };
    frames.try_fold(first, |all, each| all.union(each)).map(Some)
}

/// A null of that kind.
pub(crate) fn null(kind: Kind) -> Expr {
    let value = ScalarValue::try_from(&data_type(kind)).unwrap_or(ScalarValue::Null);
    Expr::Literal(value, None)
}

/// A span of microseconds, to be added to an instant.
pub(crate) fn microseconds(count: i64) -> Expr {
    Expr::Literal(ScalarValue::DurationMicrosecond(Some(count)), None)
}

/// `left || right`
pub(crate) fn joined(parts: Vec<Expr>) -> Expr {
    let mut parts = parts.into_iter();
    let first = parts.next().unwrap_or_else(|| lit(""));
    parts.fold(first, |all, each| binary_expr(all, Operator::StringConcat, each))
}

/// Runs an aggregate or other small result and gives its rows.
pub(crate) async fn count_rows(frame: DataFrame) -> Result<u64> {
    Ok(frame.count().await? as u64)
}
