//! Brings every amount into the project's currency, or says which rate is missing.

use std::collections::BTreeMap;

use serde::Serialize;
use strata_lake::arrow::array::AsArray;
use strata_lake::arrow::datatypes::Int64Type;
use strata_lake::datafusion::error::Result as EngineResult;
use strata_lake::datafusion::functions::string::expr_fn::upper;
use strata_lake::datafusion::functions_aggregate::expr_fn::count;
use strata_lake::datafusion::logical_expr::{Expr, lit, when};
use strata_lake::datafusion::prelude::DataFrame;
use strata_spec::error::SpecError;
use strata_spec::manifest::Manifest;
use strata_spec::table::Table;

use super::error::{Result, While};
use super::mapping::raw_column;
use super::typed::TypedRows;

/// The project's currency and what others are worth in it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Rates {
    /// The project's currency, given or found.
    pub(crate) project: Option<String>,
    /// The rates of the currencies that occur, other than the project's.
    foreign: BTreeMap<String, f64>,
}

/// A currency that orders were paid in.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CurrencyUse {
    /// The source.
    pub source: String,
    /// The currency's code.
    pub currency: String,
    /// How many of the source's rows of orders name it.
    pub n_rows: i64,
    /// What one unit is worth in the project's currency.
    pub rate: f64,
}

impl Rates {
    /// What one unit of `currency` is worth; `None` when everything is in the project's currency already.
    pub(crate) fn rate(&self, currency: &Expr) -> EngineResult<Option<Expr>> {
        let mut rates = self.foreign.iter();
        let Some((code, rate)) = rates.next() else { return Ok(None) };
        let mut chain = when(currency.clone().eq(lit(code.as_str())), lit(*rate));
        for (code, rate) in rates {
            chain = chain.when(currency.clone().eq(lit(code.as_str())), lit(*rate));
        }
        chain.otherwise(lit(1.0)).map(Some)
    }
}

/// A currency's code as it is compared and stored.
pub(crate) fn code(currency: Expr) -> Expr {
    upper(currency)
}

/// Looks at which currencies the orders of all sources name, and finds their rates.
pub(crate) async fn rates(manifest: &Manifest, tables: &[TypedRows]) -> Result<(Rates, Vec<CurrencyUse>)> {
    const MONEY: [&str; 5] =
        ["amount", "refunded_amount", "discount_amount", "shipping_amount", "tax_amount"];
    let mut uses = Vec::new();
    for rows in tables.iter().filter(|rows| rows.table == Table::Orders && rows.maps("currency")) {
        if MONEY.iter().any(|column| rows.maps(column)) {
            let found = currencies(rows)
                .await
                .operation(|| format!("count the currencies of source `{}`", rows.source))?;
            uses.extend(found);
        }
    }
    let project = match &manifest.currency {
        Some(currency) => Some(currency.to_uppercase()),
        None => only_currency(&uses)?,
    };
    let mut foreign = BTreeMap::new();
    for used in &mut uses {
        if project.as_ref().is_none_or(|project| *project == used.currency) {
            continue;
        }
        let known = manifest.currencies.iter().find(|(code, _)| code.eq_ignore_ascii_case(&used.currency));
        let Some((_, rate)) = known else {
            let into = project.unwrap_or_default();
            let message = format!(
                "source `{}` has {} orders in {}, and the project counts in {into}",
                used.source, used.n_rows, used.currency
            );
            let hint = format!(
                "under [currencies] in strata.toml, add `{} = …`: what one {0} is worth in {into}",
                used.currency
            );
            return Err(SpecError::new(message).with_hint(hint).in_place("strata.toml").into());
        };
        used.rate = *rate;
        foreign.insert(used.currency.clone(), *rate);
    }
    Ok((Rates { project, foreign }, uses))
}

/// A project that names no currency has the only one that its data names.
fn only_currency(uses: &[CurrencyUse]) -> Result<Option<String>> {
    let Some(first) = uses.first() else { return Ok(None) };
    if let Some(second) = uses.iter().find(|used| used.currency != first.currency) {
        let message = format!(
            "orders are in {} (source `{}`) and in {} (source `{}`), and the project names no currency",
            first.currency, first.source, second.currency, second.source
        );
        let hint = format!(
            "in strata.toml, set `currency = \"{}\"` for the project, and under [currencies] add `{} = …`: what one {1} is worth in {0}",
            first.currency, second.currency
        );
        return Err(SpecError::new(message).with_hint(hint).in_place("strata.toml").into());
    }
    Ok(Some(first.currency.clone()))
}

async fn currencies(rows: &TypedRows) -> EngineResult<Vec<CurrencyUse>> {
    let named: DataFrame = rows.good()?.filter(raw_column("currency").is_not_null())?;
    let named = named.select(vec![code(raw_column("currency")).alias("code")])?;
    let batches = named
        .aggregate(vec![raw_column("code")], vec![count(lit(1)).alias("n_rows")])?
        .sort_by(vec![raw_column("code")])?
        .collect()
        .await?;
    let mut uses = Vec::new();
    for batch in &batches {
        let codes = strata_lake::arrow::compute::cast(
            batch.column(0),
            &strata_lake::arrow::datatypes::DataType::Utf8,
        )?;
        let counts = batch.column(1).as_primitive::<Int64Type>();
        for (code, n_rows) in codes.as_string::<i32>().iter().zip(counts) {
            uses.push(CurrencyUse {
                source: rows.source.clone(),
                currency: code.unwrap_or_default().to_owned(),
                n_rows: n_rows.unwrap_or_default(),
                rate: 1.0,
            });
        }
    }
    Ok(uses)
}
