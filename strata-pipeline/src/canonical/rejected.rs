//! The table `rejected`: every row that was refused and every value that was dropped, with its reason, so that nothing
//! that a source brings is lost without a trace.

use strata_lake::datafusion::common::JoinType;
use strata_lake::datafusion::error::Result;
use strata_lake::datafusion::functions::core::expr_fn::coalesce;
use strata_lake::datafusion::functions::unicode::expr_fn::left;
use strata_lake::datafusion::logical_expr::{Expr, lit};
use strata_lake::datafusion::prelude::DataFrame;
use strata_spec::table::{Kind, Table};

use super::mapping::{META, raw_column};
use super::parse::{Function, call};
use super::plan::{joined, null};
use super::typed::TypedRows;

/// The columns of `rejected`.
pub const REJECTED: [(&str, Kind); 6] = [
    ("source", Kind::Text),
    ("table", Kind::Text),
    ("file", Kind::Text),
    ("line", Kind::Integer),
    ("reason", Kind::Text),
    ("text", Kind::Text),
];

/// How much of a raw row is kept, in characters.
const TEXT_LIMIT: i64 = 2_000;
const PREFIX: &str = "_raw_";

/// Rows that stage 1 could not read.
pub(crate) fn problems(source: &str, raw: &DataFrame) -> Result<DataFrame> {
    let text = row_text(&names(raw), "");
    let bad = raw.clone().filter(raw_column("_problem").is_not_null())?;
    bad.select(columns(lit(source), null(Kind::Text), raw_column("_problem"), text))
}

/// Rows that a mapping refused.
pub(crate) fn refused(rows: &TypedRows, raw: &DataFrame) -> Result<DataFrame> {
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
    of_source(refused, &rows.source, rows.table.as_str(), raw_column("_reason"), raw)
}

/// Values that a mapping dropped from rows that it kept.
pub(crate) fn dropped(rows: &TypedRows, raw: &DataFrame) -> Result<DataFrame> {
    let dropped = rows.good()?.filter(raw_column("_dropped").is_not_null())?;
    let reason = joined(vec![lit("value dropped: "), raw_column("_dropped")]);
    of_source(dropped, &rows.source, rows.table.as_str(), reason, raw)
}

/// Rows of one source with `_file`, `_batch` and `_line`, and a reason. Their text is fetched from the raw table: few rows
/// are refused, so that the others need not carry theirs along.
pub(crate) fn of_source(
    rows: DataFrame,
    source: &str,
    table: &str,
    reason: Expr,
    raw: &DataFrame,
) -> Result<DataFrame> {
    const PLACE: [&str; 3] = ["_file", "_batch", "_line"];
    let mut kept: Vec<Expr> = PLACE.map(raw_column).to_vec();
    kept.push(reason.alias("_reason"));
    let names = names(raw);
    let prefixed = |name: &String| raw_column(name).alias(format!("{PREFIX}{name}"));
    let raw = raw.clone().select(names.iter().map(prefixed).collect::<Vec<_>>())?;
    let keys = PLACE.map(|name| format!("{PREFIX}{name}"));
    let found =
        rows.select(kept)?.join(raw, JoinType::Left, &PLACE, &keys.each_ref().map(String::as_str), None)?;
    let text = row_text(&names, PREFIX);
    found.select(columns(lit(source), lit(table), raw_column("_reason"), text))
}

fn names(raw: &DataFrame) -> Vec<String> {
    raw.schema().fields().iter().map(|field| field.name().clone()).collect()
}

/// The raw row as text: as the file had it, else as JSON.
fn row_text(names: &[String], prefix: &str) -> Expr {
    let own = names.iter().filter(|name| !META.contains(&name.as_str()));
    let cells: Vec<Expr> =
        own.flat_map(|name| [lit(name.as_str()), raw_column(&format!("{prefix}{name}"))]).collect();
    let object = if cells.is_empty() { null(Kind::Json) } else { call(Function::JsonObject, cells) };
    left(coalesce(vec![raw_column(&format!("{prefix}_text")), object]), lit(TEXT_LIMIT))
}

fn columns(source: Expr, table: Expr, reason: Expr, text: Expr) -> Vec<Expr> {
    let values = [source, table, raw_column("_file"), raw_column("_line"), reason, text];
    values.into_iter().zip(REJECTED).map(|(value, (name, _))| value.alias(name)).collect()
}
