//! Order lines: who bought and when comes from the order where the line does not say; what was paid is quantity × unit
//! price where the line does not say. Lines of orders that are events are left out, as their orders are.

use strata_lake::datafusion::common::JoinType;
use strata_lake::datafusion::error::Result;
use strata_lake::datafusion::functions::core::expr_fn::coalesce;
use strata_lake::datafusion::logical_expr::{Expr, lit};
use strata_lake::datafusion::prelude::DataFrame;
use strata_spec::definition::Properties;
use strata_spec::table::Table;

use super::currency::Rates;
use super::mapping::raw_column;
use super::plan::{joined, written_columns};
use super::typed::TypedRows;

/// Gives each line its amount.
pub(crate) fn with_amounts(rows: &TypedRows, lines: DataFrame) -> Result<DataFrame> {
    if !(rows.maps("quantity") && rows.maps("unit_price")) {
        return Ok(lines);
    }
    let product = raw_column("quantity") * raw_column("unit_price");
    lines.with_column("amount", coalesce(vec![raw_column("amount"), product]))
}

/// Leaves out the lines of withdrawn orders; gives also those, to be counted.
pub(crate) fn of_placed_orders(lines: DataFrame, decided: &DataFrame) -> Result<(DataFrame, DataFrame)> {
    let withdrawn = decided
        .clone()
        .filter(raw_column("_event").is_not_null())?
        .select(vec![raw_column("order_id").alias("_withdrawn_id")])?;
    let join = |kind| lines.clone().join(withdrawn.clone(), kind, &["order_id"], &["_withdrawn_id"], None);
    Ok((join(JoinType::LeftAnti)?, join(JoinType::LeftSemi)?))
}

/// Completes lines from their orders. `rates` converts a line's money by its order's currency.
pub(crate) fn with_orders(
    lines: DataFrame,
    orders: DataFrame,
    rates: &Rates,
    properties: &Properties,
) -> Result<DataFrame> {
    let taken = ["order_id", "customer_id", "company_id", "ordered_at", "currency"];
    let orders = orders.select(taken.map(|name| raw_column(name).alias(order_name(name))).to_vec())?;
    let both = lines.join(orders, JoinType::Left, &["order_id"], &[&order_name("order_id")], None)?;
    let rate = rates.rate(&raw_column(&order_name("currency")))?;
    let mut columns: Vec<Expr> = Vec::new();
    for (name, _) in written_columns(Table::OrderLines, properties) {
        let value = match (name.as_str(), &rate) {
            ("customer_id" | "company_id" | "ordered_at", _) => {
                coalesce(vec![raw_column(&name), raw_column(&order_name(&name))])
            }
            ("unit_price" | "amount" | "discount_amount", Some(rate)) => raw_column(&name) * rate.clone(),
            _ => raw_column(&name),
        };
        columns.push(value.alias(name));
    }
    columns.extend(["_file", "_batch", "_line"].map(raw_column));
    both.select(columns)
}

/// Lines that no order dates, with the reason.
pub(crate) fn undated(lines: &DataFrame) -> Result<DataFrame> {
    let reason = joined(vec![
        lit("no date: the line names none, and its order "),
        raw_column("order_id"),
        lit(" is not in any source of orders"),
    ]);
    let undated = lines.clone().filter(raw_column("ordered_at").is_null())?;
    undated.with_column("_reason", reason)
}

fn order_name(name: &str) -> String {
    format!("_order_{name}")
}
