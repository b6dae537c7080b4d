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

/// What an order can tell its lines. Money is converted by the order's currency.
pub(crate) const TOLD: [&str; 4] = ["customer_id", "company_id", "ordered_at", CURRENCY];
/// Of these, what stands for the rate by which a line's money is converted.
pub(crate) const CURRENCY: &str = "currency";

/// The orders that can tell some line something: those that know any of `told`, and the withdrawn ones, whose lines go; none
/// where there are no such orders.
pub(crate) fn telling(
    placed: &DataFrame,
    withdrawn: &[DataFrame],
    told: &[&str],
) -> Result<Option<DataFrame>> {
    let columns = |is_placed: bool, names: Vec<Expr>| {
        names.into_iter().chain([lit(is_placed).alias(PLACED)]).collect::<Vec<_>>()
    };
    let names = ["order_id"].into_iter().chain(told.iter().copied());
    let named = names.map(|name| raw_column(name).alias(order_name(name)));
    let knows = told.iter().map(|name| raw_column(name).is_not_null()).reduce(Expr::or);
    let mut telling = match knows {
        Some(knows) => Some(placed.clone().filter(knows)?.select(columns(true, named.collect()))?),
        None => None,
    };
    for withdrawn in withdrawn {
        let nothing = told.iter().map(|name| {
            let kind = placed.schema().field_with_unqualified_name(name)?.data_type();
            Ok(lit(ScalarValue::try_from(kind)?).alias(order_name(name)))
        });
        let id = raw_column("order_id").alias(order_name("order_id"));
        let named = [Ok(id)].into_iter().chain(nothing).collect::<Result<Vec<_>>>()?;
        let gone = withdrawn.clone().select(columns(false, named))?;
        telling = Some(match telling {
            Some(telling) => telling.union(gone)?,
            None => gone,
        });
    }
    Ok(telling)
}

/// Completes lines from the orders that can tell them something, and leaves out those of withdrawn ones. `rates` converts a
/// line's money by its order's currency.
pub(crate) fn with_orders(
    lines: DataFrame,
    telling: DataFrame,
    told: &[&str],
    rates: &Rates,
    properties: &Properties,
) -> Result<DataFrame> {
    // The left side is held in memory: orders are fewer and narrower than their lines.
    let both = telling.join(lines, JoinType::Right, &[&order_name("order_id")], &["order_id"], None)?;
    let both = both.filter(raw_column(PLACED).is_not_false())?;
    let rate = match told.contains(&CURRENCY) {
        true => rates.rate(&raw_column(&order_name(CURRENCY)))?,
        false => None,
    };
    let mut columns: Vec<Expr> = Vec::new();
    for (name, _) in written_columns(Table::OrderLines, properties) {
        let value = match (name.as_str(), &rate) {
            (column, _) if told.contains(&column) => {
                coalesce(vec![raw_column(column), raw_column(&order_name(column))])
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
