//! The table `rejected`: every row that was refused and every value that was dropped, with its reason, so that nothing
//! that a source brings is lost without a trace.

use strata_lake::datafusion::common::JoinType;
use strata_lake::datafusion::error::Result;
use strata_lake::datafusion::logical_expr::{Expr, lit};
use strata_lake::datafusion::prelude::DataFrame;
use strata_spec::table::{Kind, SOURCE, Table};

use super::mapping::raw_column;
use super::plan::{joined, null};
use super::typed::{TypedRows, row_text};

/// The columns of `rejected`.
pub const REJECTED: [(&str, Kind); 6] = [
    ("source", Kind::Text),
    ("table", Kind::Text),
    ("file", Kind::Text),
    ("line", Kind::Integer),
    ("reason", Kind::Text),
    ("text", Kind::Text),
];

/// Rows that stage 1 could not read.
pub(crate) fn problems(source: &str, raw: &DataFrame) -> Result<DataFrame> {
    let names: Vec<String> = raw.schema().fields().iter().map(|field| field.name().clone()).collect();
    raw.clone().filter(raw_column("_problem").is_not_null())?.select(columns(
        lit(source),
        null(Kind::Text),
        raw_column("_problem"),
        row_text(&names),
    ))
}

/// Rows that a mapping refused.
pub(crate) fn refused(rows: &TypedRows) -> Result<DataFrame> {
    let mut refused = rows.frame.clone().filter(raw_column("_reason").is_not_null())?;
    if rows.table == Table::Orders {
        // Exports with a row per product give an order's own cells on its first row only.
        let known = rows.good()?.select(vec![raw_column("order_id").alias("_known_id")])?.distinct()?;
        let continued = raw_column("_reason_kind").eq(lit("ordered_at is missing"));
        let others = refused.clone().filter(continued.clone().is_not_true())?;
        let alone = refused.filter(continued)?.join(
            known,
            JoinType::LeftAnti,
            &["order_id"],
            &["_known_id"],
            None,
        )?;
        refused = others.union(alone)?;
    }
    of_table(refused, rows.table, raw_column("_reason"))
}

/// Values that a mapping dropped from rows that it kept.
pub(crate) fn dropped(rows: &TypedRows) -> Result<DataFrame> {
    let dropped = rows.good()?.filter(raw_column("_dropped").is_not_null())?;
    of_table(dropped, rows.table, joined(vec![lit("value dropped: "), raw_column("_dropped")]))
}

/// Rows with `_file`, `_line`, `_text` and a reason.
pub(crate) fn of_table(rows: DataFrame, table: Table, reason: Expr) -> Result<DataFrame> {
    rows.select(columns(raw_column(SOURCE), lit(table.as_str()), reason, raw_column("_text")))
}

fn columns(source: Expr, table: Expr, reason: Expr, text: Expr) -> Vec<Expr> {
    let values = [source, table, raw_column("_file"), raw_column("_line"), reason, text];
    values.into_iter().zip(REJECTED).map(|(value, (name, _))| value.alias(name)).collect()
}
