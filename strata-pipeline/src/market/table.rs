//! The table `market_index`: written by the stage `measure`, a row for each class; and what it says, read back.

use std::sync::Arc;

use serde_json::{Value, json};
use strata_lake::arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use strata_models::market::{Counts, Measures};
use strata_spec::error::ErrorCode;
use strata_spec::table::Subject;

use super::{Class, Division, LeftOut, MarketIndex};
use crate::error::{Error, Result};
use crate::query::ask::{Row, ask};
use crate::query::{Answer, View, quoted};

/// The table of classes held against a market.
pub const MARKET_INDEX: &str = "market_index";

/// The fact of the stage `measure` with what no row says: how large each market is, and what was left out.
const FACT: &str = "markets";

/// The rows of the table, and the fact beside it.
pub(crate) fn batch(markets: &[MarketIndex], run_id: &str) -> Result<(RecordBatch, (&'static str, Value))> {
    let rows: Vec<Line> = markets.iter().flat_map(lines).collect();
    let texts = |of: for<'a> fn(&'a Line<'_>) -> Option<&'a str>| {
        Arc::new(rows.iter().map(of).collect::<StringArray>()) as ArrayRef
    };
    let numbers =
        |of: fn(&Line) -> Option<f64>| Arc::new(rows.iter().map(of).collect::<Float64Array>()) as ArrayRef;
    // Customers are whole.
    let counts = |of: fn(&Line) -> f64| {
        Arc::new(rows.iter().map(|row| Some(of(row) as i64)).collect::<Int64Array>()) as ArrayRef
    };
    let columns = [
        ("market", texts(|row| Some(&row.market.name))),
        ("subject", texts(|row| Some(row.market.subject.as_str()))),
        ("segmentation", texts(|row| (!row.division.is_segment).then_some(row.division.name.as_str()))),
        ("segment", texts(|row| Some(&row.class.name))),
        ("position", counts(|row| row.position as f64)),
        ("title", texts(|row| Some(&row.class.title))),
        ("n_market", numbers(|row| Some(row.class.counts.n_market))),
        ("share_market", numbers(|row| row.measures.share_market)),
        ("n_customers", counts(|row| row.class.counts.n_customers)),
        ("share_customers", numbers(|row| row.measures.share_customers)),
        ("index", numbers(|row| row.measures.index)),
        ("index_low", numbers(|row| row.measures.index_range.map(|range| range.0))),
        ("index_high", numbers(|row| row.measures.index_range.map(|range| range.1))),
        ("penetration", numbers(|row| row.measures.penetration)),
        ("n_potential", numbers(|row| row.measures.n_potential)),
        ("n_not_reached", numbers(|row| Some(row.measures.n_not_reached))),
        ("n_market_assigned", numbers(|row| Some(row.division.assigned.n_market))),
        ("n_customers_assigned", counts(|row| row.division.assigned.n_customers)),
        ("n_market_unassigned", numbers(|row| Some(row.division.unassigned.n_market))),
        ("n_customers_unassigned", counts(|row| row.division.unassigned.n_customers)),
        ("run_id", Arc::new(StringArray::from(vec![run_id; rows.len()])) as ArrayRef),
    ];
    let batch = RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)));
    let batch = batch.map_err(|error| {
        Error::new(ErrorCode::Internal, "cannot describe what the market says").caused_by(error)
    })?;
    Ok((batch, (FACT, Value::Array(markets.iter().map(fact).collect()))))
}

struct Line<'a> {
    market: &'a MarketIndex,
    division: &'a Division,
    class: &'a Class,
    position: usize,
    measures: Measures,
}

fn lines(market: &MarketIndex) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    for division in &market.divisions {
        lines.extend(division.classes.iter().enumerate().map(|(position, class)| Line {
            market,
            division,
            class,
            position,
            measures: division.measures(class),
        }));
    }
    lines
}

fn fact(market: &MarketIndex) -> Value {
    let left_out = market.left_out.iter();
    let left_out =
        left_out.map(|each| json!({ "kind": each.kind, "name": each.name, "reason": each.reason }));
    json!({
        "name": market.name,
        "subject": market.subject.as_str(),
        "n_rows": market.n_rows,
        "n_market": market.n_market,
        "left_out": left_out.collect::<Vec<_>>(),
    })
}

/// The table's rows of segmentations and segments of these names; all where there are none.
///
/// # Errors
/// When the table cannot be read.
pub async fn rows(view: &View, names: &[String]) -> Result<Answer> {
    let wanted = match names {
        [] => String::new(),
        names => {
            let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
            format!("where coalesce(segmentation, segment) in ({})", names.join(", "))
        }
    };
    view.sql(&format!("select * from {MARKET_INDEX} {wanted} {ORDER}")).await
}

const ORDER: &str =
    "order by market, segmentation nulls last, case when segmentation is null then segment end, position";

/// What a complete run says of every market.
pub(super) async fn read(view: &View) -> Result<Vec<MarketIndex>> {
    let facts = view.complete.summaries.get("measure").and_then(|summary| summary.facts.get(FACT));
    let facts = facts.and_then(Value::as_array).into_iter().flatten();
    let mut markets: Vec<MarketIndex> = facts.map(market).collect();
    let query = format!(
        "select market, segmentation, segment, title, n_market, n_customers, n_market_assigned, \
         n_customers_assigned, n_market_unassigned, n_customers_unassigned from {MARKET_INDEX} {ORDER}"
    );
    for row in ask(view, "read what the market says", &query).await? {
        let Some(market) = markets.iter_mut().find(|market| market.name == row.text(0)) else { continue };
        let name = row.maybe(1).unwrap_or_else(|| row.text(2));
        let class =
            Class { name: row.text(2).to_owned(), title: row.text(3).to_owned(), counts: counts(&row, 4) };
        let is_segment = row.maybe(1).is_none();
        let known = |division: &&mut Division| division.name == name && division.is_segment == is_segment;
        match market.divisions.iter_mut().find(known) {
            Some(division) => division.classes.push(class),
            None => market.divisions.push(Division {
                name: name.to_owned(),
                is_segment,
                assigned: counts(&row, 6),
                unassigned: counts(&row, 8),
                classes: vec![class],
            }),
        }
    }
    Ok(markets)
}

fn counts(row: &Row, place: usize) -> Counts {
    let number = |place| row.number(place).unwrap_or(0.0);
    Counts { n_market: number(place), n_customers: number(place + 1) }
}

fn market(fact: &Value) -> MarketIndex {
    let text = |of: &Value, key: &str| of.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let left_out = fact.get("left_out").and_then(Value::as_array).into_iter().flatten();
    let left_out = left_out.map(|each| LeftOut {
        kind: text(each, "kind"),
        name: text(each, "name"),
        reason: text(each, "reason"),
    });
    let is_companies = text(fact, "subject") == Subject::Companies.as_str();
    MarketIndex {
        name: text(fact, "name"),
        subject: if is_companies { Subject::Companies } else { Subject::Customers },
        n_rows: fact.get("n_rows").and_then(Value::as_u64).unwrap_or_default(),
        n_market: fact.get("n_market").and_then(Value::as_f64).unwrap_or_default(),
        divisions: Vec::new(),
        left_out: left_out.collect(),
    }
}
