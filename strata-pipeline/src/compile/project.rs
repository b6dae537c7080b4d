//! Projections over frames whose columns are known by their names alone.

use std::sync::Arc;

use strata_lake::datafusion::common::{Column, DFSchema};
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::error::Result;
use strata_lake::datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan, Projection, col};

/// What [`DataFrame::select`] makes of expressions whose columns are called as those of the frame. `select` walks the whole plan for
/// each column to find out which table's it is, and of eighty columns over a plan of twenty steps that takes longer than to compute
/// them of one subject.
///
/// # Errors
/// When the frame lacks a column of an expression, or two would have one name.
pub(super) fn projected(frame: DataFrame, exprs: Vec<Expr>) -> Result<DataFrame> {
    let (state, input) = frame.into_parts();
    let fields = exprs.iter().map(|expr| expr.to_field(input.schema())).collect::<Result<Vec<_>>>()?;
    let schema = DFSchema::new_with_metadata(fields, input.schema().metadata().clone())?;
    let projection = Projection::try_new_with_schema(exprs, Arc::new(input), Arc::new(schema))?;
    Ok(DataFrame::new(state, LogicalPlan::Projection(projection)))
}

/// The frame with more columns.
///
/// # Errors
/// As those of [`projected`].
pub(super) fn with_columns(frame: DataFrame, more: impl IntoIterator<Item = Expr>) -> Result<DataFrame> {
    let columns = all_columns(&frame).chain(more).collect();
    projected(frame, columns)
}

/// The frame without a column.
///
/// # Errors
/// As those of [`projected`].
pub(super) fn without_column(frame: DataFrame, name: &str) -> Result<DataFrame> {
    let is_kept = |column: &Expr| !matches!(column, Expr::Column(column) if column.name == name);
    let columns = all_columns(&frame).filter(is_kept).collect();
    projected(frame, columns)
}

pub(super) fn all_columns(frame: &DataFrame) -> impl Iterator<Item = Expr> + use<> {
    let columns = frame.schema().iter().map(|(qualifier, field)| col(Column::from((qualifier, field))));
    columns.collect::<Vec<_>>().into_iter()
}
