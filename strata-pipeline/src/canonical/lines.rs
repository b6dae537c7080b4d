//! Order lines: who bought and when comes from the order where the line does not say; what was paid is quantity × unit
//! price where the line does not say. Lines of orders that are events are left out, as their orders are.

use strata_lake::datafusion::common::{JoinType, ScalarValue};
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

/// Completes lines from the orders that were placed and leaves out those of withdrawn ones. `rates` converts a line's money
/// by its order's currency.
pub(crate) fn with_orders(
    lines: DataFrame,
    placed: &DataFrame,
    withdrawn: &[DataFrame],
    rates: &Rates,
    properties: &Properties,
) -> Result<DataFrame> {
    let taken = ["order_id", "customer_id", "company_id", "ordered_at", "currency"];
    let told = taken.iter().map(|name| raw_column(name).alias(order_name(name)));
    let mut orders = placed.clone().select(told.chain([lit(true).alias(PLACED)]).collect::<Vec<_>>())?;
    for withdrawn in withdrawn {
        let schema = orders.schema().clone();
        let columns = schema.fields().iter().map(|field| match field.name().as_str() {
            "_order_order_id" => Ok(raw_column("order_id").alias(field.name())),
            PLACED => Ok(lit(false).alias(PLACED)),
            name => Ok(lit(ScalarValue::try_from(field.data_type())?).alias(name)),
        });
        orders = orders.union(withdrawn.clone().select(columns.collect::<Result<Vec<_>>>()?)?)?;
    }
    // The left side is held in memory: orders are fewer and narrower than their lines.
    let mut both = orders.join(lines, JoinType::Right, &[&order_name("order_id")], &["order_id"], None)?;
    if !withdrawn.is_empty() {
        both = both.filter(raw_column(PLACED).is_not_false())?;
    }
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

/// Whether an order was placed, and not withdrawn.
const PLACED: &str = "_is_placed";

fn order_name(name: &str) -> String {
    format!("_order_{name}")
}
