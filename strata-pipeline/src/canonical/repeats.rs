//! Rows that say the same twice: exports overlap, are repeated, and are updated.
//!
//! Rows with a key: of those with one key within a source, the one from the latest file counts, and within a file the last
//! line. Rows without: equal rows of two files are one row, and equal rows of one file are as many as that file has, so
//! the key is the row's values with the number of its occurrence within its file.
//!
//! Sorting by key costs far more than looking whether a key occurs twice, so a source whose keys are unique is left as it is.

use serde::{Deserialize, Serialize};
use strata_lake::datafusion::error::Result;
use strata_lake::datafusion::functions_window::expr_fn::row_number;
use strata_lake::datafusion::logical_expr::expr::Sort;
use strata_lake::datafusion::logical_expr::{Expr, ExprFunctionExt, lit};
use strata_lake::datafusion::prelude::DataFrame;
use strata_spec::table::{PROPERTIES, Table};

use super::fingerprint::are_unique;
use super::identity;
use super::mapping::raw_column;
use super::parse::{Function, call};
use super::plan::count_rows;
use super::typed::TypedRows;

/// Rows of a mapping that say again what others say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeats {
    /// Rows equal to one that was kept.
    pub n_identical: u64,
    /// Rows with a key that a later row has too, with other values.
    pub n_superseded: u64,
}

/// The `n_good` good rows of a mapping without repeats.
pub(crate) async fn without_repeats(rows: &TypedRows, n_good: u64) -> Result<(DataFrame, Repeats)> {
    let good = rows.good()?;
    let keys = keys(rows);
    let Some(last) = keys.last() else {
        return without_equal_rows(rows, good, n_good).await;
    };
    // Rows without a key are then different too: equal ones would have one fingerprint.
    if rows.have_unique_keys == Some(true) {
        return Ok((good, Repeats::default()));
    }
    let is_required = rows.table.column(last).is_some_and(|column| column.required);
    let keyless = good.clone().filter(raw_column(last).is_null())?;
    let n_keyless = if is_required { 0 } else { count_rows(keyless.clone()).await? };
    if n_keyless == 0 {
        return without_equal_keys(rows, good, n_good, &keys).await;
    }
    let keyed = good.filter(raw_column(last).is_not_null())?;
    let (keyed, mut repeats) = without_equal_keys(rows, keyed, n_good - n_keyless, &keys).await?;
    let (keyless, equal) = without_equal_rows(rows, keyless, n_keyless).await?;
    repeats.n_identical += equal.n_identical;
    Ok((keyed.union(keyless)?, repeats))
}

/// The columns that identify a row of the table within its source; none where the manifest maps no key.
pub(crate) fn keys(rows: &TypedRows) -> Vec<String> {
    let key = rows.table.key_column();
    if !rows.maps(key) {
        return Vec::new();
    }
    let before: &[&str] = match rows.table {
        // Line numbers often begin again with each order, and a form has one id for all its questions.
        Table::OrderLines => &["order_id"],
        Table::Responses => &["question"],
        _ => &[],
    };
    before.iter().chain([&key]).map(|name| (*name).to_owned()).collect()
}

async fn without_equal_keys(
    rows: &TypedRows,
    good: DataFrame,
    n_rows: u64,
    keys: &[String],
) -> Result<(DataFrame, Repeats)> {
    let columns: Vec<Expr> = keys.iter().map(|key| raw_column(key)).collect();
    // Where it is known that two rows have one key, that need not be asked again.
    if rows.have_unique_keys.is_none() && are_unique(&good, columns.clone()).await? {
        return Ok((good, Repeats::default()));
    }
    let n_keys = count_rows(good.clone().select(columns.clone())?.distinct()?).await?;
    if n_rows == n_keys {
        return Ok((good, Repeats::default()));
    }
    let n_different =
        count_rows(good.clone().select(vec![values_key(rows).alias("_key")])?.distinct()?).await?;
    let mut order = latest_first();
    // An export with a row per product repeats the order and leaves its amount out.
    if rows.table == Table::Orders && rows.maps("amount") {
        order.insert(3, raw_column("amount").is_null().sort(true, false));
    }
    let number = row_number().partition_by(columns).order_by(order).build()?;
    let latest = good.window(vec![number.alias("_number")])?.filter(raw_column("_number").eq(lit(1_u64)))?;
    let repeats = Repeats { n_identical: n_rows - n_different, n_superseded: n_different - n_keys };
    Ok((latest.drop_columns(&["_number"])?, repeats))
}

async fn without_equal_rows(rows: &TypedRows, good: DataFrame, n_rows: u64) -> Result<(DataFrame, Repeats)> {
    let files = rows.frame.clone().select(vec![raw_column("_file"), raw_column("_batch")])?;
    if count_rows(files.distinct()?.limit(0, Some(2))?).await? < 2 {
        return Ok((good, Repeats::default()));
    }
    let keyed = good.with_column("_key", values_key(rows))?;
    let within_file = row_number()
        .partition_by(vec![raw_column("_key"), raw_column("_file"), raw_column("_batch")])
        .order_by(vec![raw_column("_line").sort(true, false)])
        .build()?;
    let counted = keyed.window(vec![within_file.alias("_occurrence")])?;
    let among_files = row_number()
        .partition_by(vec![raw_column("_key"), raw_column("_occurrence")])
        .order_by(latest_first().into_iter().map(|sort| Sort { asc: true, ..sort }).collect())
        .build()?;
    let once = counted
        .window(vec![among_files.alias("_number")])?
        .filter(raw_column("_number").eq(lit(1_u64)))?
        .drop_columns(&["_key", "_occurrence", "_number"])?;
    let n_kept = count_rows(once.clone()).await?;
    Ok((once, Repeats { n_identical: n_rows - n_kept, n_superseded: 0 }))
}

/// The order in which, of several rows with one key, the first counts.
pub(crate) fn latest_first() -> Vec<Sort> {
    ["_modified", "_file", "_batch", "_line"]
        .into_iter()
        .map(|name| raw_column(name).sort(false, false))
        .collect()
}

/// A key of all values that the row brings.
fn values_key(rows: &TypedRows) -> Expr {
    let mapped = rows.mapping.columns.iter().map(|column| column.name.as_str());
    let answers: &[&str] = if rows.mapping.questions.is_empty() { &[] } else { &["question", "answer"] };
    let fields = rows.frame.schema().fields().iter().map(|field| field.name().as_str());
    let identifiers = fields.filter(|name| name.starts_with(identity::PREFIX));
    let mut names: Vec<&str> =
        mapped.chain(answers.iter().copied()).chain(identifiers).chain([PROPERTIES]).collect();
    names.sort_unstable();
    names.dedup();
    call(Function::RowKey, names.into_iter().map(raw_column).collect())
}
