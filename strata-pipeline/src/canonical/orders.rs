//! Orders: one row per completed purchase, net of refunds, in the project's currency.
//!
//! An order that was cancelled, failed or wholly refunded is an event instead, so that no sum of orders counts it. An order
//! that two sources bring is the earlier source's.

use strata_lake::datafusion::common::JoinType;
use strata_lake::datafusion::error::Result;
use strata_lake::datafusion::functions::core::expr_fn::coalesce;
use strata_lake::datafusion::functions::math::expr_fn::round;
use strata_lake::datafusion::functions_aggregate::expr_fn::min;
use strata_lake::datafusion::logical_expr::{Expr, lit, when};
use strata_lake::datafusion::prelude::DataFrame;
use strata_spec::definition::Properties;
use strata_spec::table::{Kind, PROPERTIES, SOURCE, Table};

use super::currency::{Rates, code};
use super::mapping::raw_column;
use super::parse::{Function, call};
use super::plan::{joined, null, table_columns, union_all, written_columns};
use super::typed::TypedRows;
use crate::function::number_sum;

/// Orders of one source, each once, with what was decided about it in `_event` (the event that it is instead, or null) and
/// `_gross` (the amount before refunds).
pub(crate) fn decide(
    rows: &TypedRows,
    once: DataFrame,
    rates: &Rates,
    properties: &Properties,
) -> Result<DataFrame> {
    let currency = code(raw_column("currency"));
    let rate = rates.rate(&currency)?;
    let convert = |name: &str| match &rate {
        Some(rate) => raw_column(name) * rate.clone(),
        None => raw_column(name),
    };
    let (gross, refunded) = (convert("amount"), convert("refunded_amount"));
    let net = if rows.maps("refunded_amount") {
        gross.clone() - coalesce(vec![refunded.clone(), lit(0.0)])
    } else {
        gross.clone()
    };
    let mut columns = Vec::new();
    for (name, _) in written_columns(Table::Orders, properties) {
        let value = match name.as_str() {
            "amount" => net.clone(),
            "refunded_amount" | "discount_amount" | "shipping_amount" | "tax_amount" => convert(&name),
            "currency" => match &rates.project {
                // Amounts without a currency are in the project's.
                Some(project) if rows.maps("amount") => {
                    coalesce(vec![currency.clone(), lit(project.as_str())])
                }
                _ => currency.clone(),
            },
            _ => raw_column(&name),
        };
        columns.push(value.alias(&name));
    }
    columns.push(event(rows, &gross, &refunded)?.alias("_event"));
    columns.push(gross.alias("_gross"));
    for name in ["_file", "_batch", "_line"] {
        columns.push(raw_column(name));
    }
    once.select(columns)
}

/// Whether the mapping can turn orders into events at all.
pub(crate) fn can_be_events(rows: &TypedRows) -> bool {
    rows.maps("status") || rows.maps("refunded_amount")
}

fn event(rows: &TypedRows, gross: &Expr, refunded: &Expr) -> Result<Expr> {
    let by_status = || call(Function::OrderEvent, vec![raw_column("status")]);
    let returned = gross.clone().lt(lit(0.0));
    let wholly = gross.clone().gt(lit(0.0)).and(refunded.clone().gt_eq(gross.clone()));
    let by_amount = match rows.maps("refunded_amount") {
        true => returned_if(returned.or(wholly))?,
        false => returned_if(returned)?,
    };
    Ok(match (rows.maps("status"), rows.maps("amount")) {
        (true, true) => coalesce(vec![by_status(), by_amount]),
        (true, false) => by_status(),
        (false, true) => by_amount,
        (false, false) => null(Kind::Text),
    })
}

fn returned_if(condition: Expr) -> Result<Expr> {
    when(condition, lit("Order Refunded")).end()
}

/// All sources' orders, and the rows of later sources that bring an order again.
pub(crate) fn across_sources(decided: Vec<DataFrame>) -> Result<(Option<DataFrame>, Vec<DataFrame>)> {
    let mut accepted: Vec<DataFrame> = Vec::new();
    let mut refused = Vec::new();
    for orders in decided {
        let Some(earlier) = union_all(accepted.clone())? else {
            accepted.push(orders);
            continue;
        };
        let known = earlier.select(vec![
            raw_column("order_id").alias("_known_id"),
            raw_column(SOURCE).alias("_known_source"),
        ])?;
        let again =
            orders.clone().join(known.clone(), JoinType::Inner, &["order_id"], &["_known_id"], None)?;
        let reason = joined(vec![
            lit("order "),
            raw_column("order_id"),
            lit(" already came from source "),
            raw_column("_known_source"),
        ]);
        refused.push(again.with_column("_reason", reason)?);
        accepted.push(orders.join(known, JoinType::LeftAnti, &["order_id"], &["_known_id"], None)?);
    }
    Ok((union_all(accepted)?, refused))
}

/// The lines, dated, of orders that nothing else tells of.
pub(crate) fn unheard_of(lines: DataFrame, known: Option<&DataFrame>) -> Result<DataFrame> {
    let dated = lines.filter(raw_column("ordered_at").is_not_null())?;
    let Some(known) = known else { return Ok(dated) };
    let ids = known.clone().select(vec![raw_column("order_id").alias("_known_id")])?;
    ids.join(dated, JoinType::RightAnti, &["_known_id"], &["order_id"], None)
}

/// Of money no more counts.
const DECIMALS: i64 = 6;

/// Orders that are known only by their lines: their sum, their earliest time, whoever a line names. As with orders that a
/// source gives, `_event` says what an order is instead: a negative sum is a return.
pub(crate) fn from_lines(
    rows: &TypedRows,
    unheard_of: DataFrame,
    properties: &Properties,
) -> Result<DataFrame> {
    let sum_of = |column: &str| number_sum().call(vec![raw_column(column)]);
    let totals = unheard_of.aggregate(
        vec![raw_column("order_id")],
        vec![
            min(raw_column("customer_id")).alias("_customer"),
            min(raw_column("company_id")).alias("_company"),
            min(raw_column("ordered_at")).alias("_first"),
            sum_of("amount").alias("_amount"),
            sum_of("discount_amount").alias("_discount"),
            sum_of("quantity").alias("_items"),
        ],
    )?;
    let columns = table_columns(Table::Orders, properties).into_iter().map(|(name, kind)| {
        let value = match name.as_str() {
            "order_id" => raw_column("order_id"),
            "customer_id" => raw_column("_customer"),
            "company_id" => raw_column("_company"),
            "ordered_at" => raw_column("_first"),
            "amount" => raw_column("_amount"),
            "discount_amount" => raw_column("_discount"),
            "n_items" => raw_column("_items"),
            _ => null(kind),
        };
        value.alias(name)
    });
    // An even exchange comes to nothing but for what its prices lack as binary numbers.
    let amount = round(vec![raw_column("_amount"), lit(DECIMALS)]);
    let about = [
        null(Kind::Json).alias(PROPERTIES),
        lit(rows.source.as_str()).alias(SOURCE),
        returned_if(amount.lt(lit(0.0)))?.alias("_event"),
        raw_column("_amount").alias("_gross"),
    ];
    totals.select(columns.chain(about).collect::<Vec<_>>())
}

/// The ids of orders that are events instead.
pub(crate) fn withdrawn(decided: DataFrame) -> Result<DataFrame> {
    decided.filter(raw_column("_event").is_not_null())?.select(vec![raw_column("order_id")])
}

/// The events that take the place of orders.
pub(crate) fn as_events(decided: DataFrame, properties: &Properties) -> Result<DataFrame> {
    let withdrawn = decided.filter(raw_column("_event").is_not_null())?;
    let columns = written_columns(Table::Events, properties).into_iter().map(|(name, kind)| {
        let value = match name.as_str() {
            // Distinct from whatever ids the sources give their own events.
            "event_id" => joined(vec![lit("order:"), raw_column("order_id")]),
            "occurred_at" => raw_column("ordered_at"),
            "name" => raw_column("_event"),
            "value" => raw_column("_gross"),
            "customer_id" | "company_id" | "channel" | SOURCE | PROPERTIES => raw_column(&name),
            _ => null(kind),
        };
        value.alias(name)
    });
    withdrawn.select(columns.collect::<Vec<_>>())
}
